//! The token of SASL's OAUTHBEARER, from a file that whoever gives out tokens keeps fresh (such as a pod's service account).
//!
//! The client asks for one when it has none, and again when most of its life is over.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::Deserialize;

/// What is needed of a token's claims.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// End of its life, in seconds since 1970.
    exp: f64,
}

/// Reads the token; `config` is the property `sasl.oauthbearer.config`, `token_file=PATH`. Errors do not show the token.
pub(super) fn read(config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
    let path = config.and_then(|config| config.trim().strip_prefix("token_file="));
    let path = path.ok_or("set kafka.properties \"sasl.oauthbearer.config\" = \"token_file=PATH\"")?;
    let token =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read the token {path}: {error}"))?;
    let token = token.trim().to_owned();
    let claims =
        claims(&token).ok_or_else(|| format!("{path} holds no token (a JWT with `sub` and `exp`)"))?;
    Ok(OAuthToken { token, principal_name: claims.sub, lifetime_ms: (claims.exp * 1000.0) as i64 })
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let claims = URL_SAFE_NO_PAD.decode(parts.nth(1)?.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_subject_and_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let config = format!("token_file={}", path.display());
        let said = |config: Option<&str>| match read(config) {
            Ok(token) => token.principal_name,
            Err(error) => error.to_string(),
        };
        assert!(said(None).contains("token_file=PATH"));
        assert!(said(Some(&config)).contains("cannot read the token"));
        std::fs::write(&path, "canary.canary.canary").unwrap();
        let text = said(Some(&config));
        assert!(text.contains("holds no token") && !text.contains("canary"), "{text}");
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let token =
            format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"sub":"newsmill","exp":2000000000.5}"#));
        std::fs::write(&path, format!("{token}\n")).unwrap();
        let read = read(Some(&config)).unwrap();
        assert_eq!((read.token, read.principal_name.as_str()), (token, "newsmill"));
        assert_eq!(read.lifetime_ms, 2_000_000_000_500);
    }
}
