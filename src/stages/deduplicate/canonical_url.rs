//! The canonical URL: one form for all addresses of one page.
//!
//! It is an identity, made to be compared and not to be fetched. Policy, in order:
//!
//! 1. Only `http` and `https`; both become `https`. `//host/…` is taken as https. Spaces around and
//!    `&amp;` between parameters are repaired; what has no scheme or no dotted host is no page.
//! 2. Wrappers are opened: `google.*/amp/s/HOST/…`, `*.cdn.ampproject.org/{c,v}/s/HOST/…`.
//! 3. User and password, default ports, and the fragment go (a `#!…` names a page and stays).
//! 4. Host: lower case, punycode, no trailing dot, no `www.`; the labels `m`, `mobile`, `amp`,
//!    `touch`, `wap` go from the first or second place where two labels remain.
//! 5. Path: dot segments resolved, repeated slashes made one, percent-escapes in one form (letters,
//!    digits and `-._~'` plain, hexadecimal digits upper case); default documents (`index.html` …),
//!    AMP marks (`/amp`, `/amp/…`, `.amp`, `.amp.html`), session ids (`;jsessionid=…`, `/(S(…))/`)
//!    and the trailing slash go. Case stays: `/A` and `/a` may be two pages.
//! 6. Query: parameters that track a visit ([`TRACKING`], [`TRACKING_PREFIXES`]) or hold a session
//!    go, the rest is sorted by name; several of one name keep their order.
//!
//! Kept on purpose: `ref`, `source`, `session`, `uid`, `sid`, `cid`, `id`, `p`, `page`, `lang` and
//! whatever is not on the list. On many sites they choose the page, and two addresses of one page
//! still meet by their text, while two pages under one address would be taken for a revision.

use url::Url;

/// Names of parameters that say where a visitor came from, in lower case, sorted.
const TRACKING: &[&str] = &[
    "__amp_source_origin",
    "__s",
    "__tn__",
    "__twitter_impression",
    "_branch_match_id",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_openstat",
    "action_object_map",
    "action_ref_map",
    "action_type_map",
    "aftr_source",
    "amp",
    "amp_gsa",
    "amp_js_v",
    "asgtbndr",
    "awc",
    "campaign_id",
    "clickid",
    "cmpid",
    "cvid",
    "dclid",
    "dicbo",
    "dm_i",
    "echobox",
    "ef_id",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_comment_id",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "gs_l",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "icid",
    "igsh",
    "igshid",
    "intcid",
    "intcmp",
    "ito",
    "li_fat_id",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "mkwid",
    "msclkid",
    "ncid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "partnerid",
    "rb_clickid",
    "ref_src",
    "ref_url",
    "s_cid",
    "s_kwcid",
    "sc_cid",
    "sc_campaign",
    "sfnsn",
    "smid",
    "smtyp",
    "soc_src",
    "soc_trk",
    "sr_share",
    "srnd",
    "srsltid",
    "tblci",
    "taboola_campaign_id",
    "this_affiliate",
    "trk_contact",
    "trk_msg",
    "ttclid",
    "twclid",
    "usqp",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt.mc_id",
    "wt_mc",
    "wt_zmc",
    "xtor",
    "yclid",
    "ysclid",
    "zanpid",
];

/// Beginnings of such names.
const TRACKING_PREFIXES: &[&str] = &[
    "at_bbc_",
    "at_campaign",
    "at_custom",
    "at_format",
    "at_link_",
    "at_medium",
    "at_ptr_",
    "hsa_",
    "itm_",
    "matomo_",
    "mtm_",
    "piwik_",
    "pk_campaign",
    "pk_kwd",
    "pk_medium",
    "pk_source",
    "stm_",
    "trk_",
    "utm_",
];

/// Parameters that hold a session. `session`, `uid` and `sid` are not among them: see above.
const SESSIONS: &[&str] = &["cfid", "cftoken", "jsessionid", "phpsessid", "session_id", "sessionid", "zenid"];

/// Documents that a server gives for the folder itself.
const DEFAULT_DOCUMENTS: &[&str] = &[
    "index.html",
    "index.htm",
    "index.php",
    "index.shtml",
    "index.asp",
    "index.aspx",
    "index.jsp",
    "index.xhtml",
    "default.html",
    "default.htm",
    "default.asp",
    "default.aspx",
];

const MOBILE_LABELS: &[&str] = &["m", "mobile", "amp", "touch", "wap"];

/// Canonical form of a URL by the policy of this module; `None` where it is no http(s) URL.
pub fn canonical_url(url: &str) -> Option<String> {
    let mut parsed = parse(url)?;
    // A wrapper may hold a wrapper; two are seen, more are not worth the loop.
    for _ in 0..2 {
        match unwrapped(&parsed) {
            Some(inner) => parsed = inner,
            None => break,
        }
    }
    let host = host(parsed.host_str()?)?;
    let mut out = String::with_capacity(url.len() + 8);
    out.push_str("https://");
    out.push_str(&host);
    if let Some(port) = parsed.port() {
        out.push_str(&format!(":{port}"));
    }
    out.push_str(&path(parsed.path()));
    if let Some(query) = parsed.query().and_then(query) {
        out.push('?');
        out.push_str(&query);
    }
    if let Some(bang) = parsed.fragment().filter(|f| f.len() > 1 && f.starts_with('!')) {
        out.push('#');
        push_normal_escapes(bang, &mut out);
    }
    Some(out)
}

fn parse(url: &str) -> Option<Url> {
    let url = url.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    // Markup that a careless harvester took along: neither sign can stand in a URL.
    let url = url.split(['<', '"']).next().unwrap_or_default();
    let parsed =
        if url.starts_with("//") { Url::parse(&format!("https:{url}")) } else { Url::parse(url) }.ok()?;
    matches!(parsed.scheme(), "http" | "https").then_some(parsed)
}

/// The page that an AMP cache serves.
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let rest = if bare.starts_with("google.") {
        url.path().strip_prefix("/amp/")?
    } else if bare.ends_with(".cdn.ampproject.org") || bare == "cdn.ampproject.org" {
        url.path().strip_prefix("/c/").or_else(|| url.path().strip_prefix("/v/"))?
    } else {
        return None;
    };
    let rest = rest.strip_prefix("s/").unwrap_or(rest);
    let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
    let inner = Url::parse(&format!("https://{rest}{query}")).ok()?;
    inner.host_str().is_some_and(|h| h.contains('.')).then_some(inner)
}

fn host(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.');
    if host.starts_with('[') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Some(host.to_owned());
    }
    let mut labels: Vec<&str> = host.split('.').filter(|l| !l.is_empty()).collect();
    if labels.len() < 2 {
        return None;
    }
    if labels[0] == "www" && labels.len() > 2 {
        labels.remove(0);
    }
    for place in [0, 1] {
        if labels.len() > place + 2 && MOBILE_LABELS.contains(&labels[place]) {
            labels.remove(place);
            break;
        }
    }
    if labels[0] == "www" && labels.len() > 2 {
        labels.remove(0);
    }
    Some(labels.join("."))
}

fn path(path: &str) -> String {
    let mut segments: Vec<String> = Vec::new();
    for raw in path.split('/').filter(|s| !s.is_empty()) {
        let mut segment = String::with_capacity(raw.len());
        push_normal_escapes(raw, &mut segment);
        if let Some(at) = find_ignoring_case(&segment, ";jsessionid=") {
            segment.truncate(at);
        }
        let cookieless = segment.starts_with("(S(") && segment.ends_with("))");
        if !segment.is_empty() && !cookieless {
            segments.push(segment);
        }
    }
    strip_amp(&mut segments);
    while segments.last().is_some_and(|last| DEFAULT_DOCUMENTS.iter().any(|d| last.eq_ignore_ascii_case(d))) {
        segments.pop();
    }
    format!("/{}", segments.join("/"))
}

fn strip_amp(segments: &mut Vec<String>) {
    while segments.len() > 1 && segments[0] == "amp" {
        segments.remove(0);
    }
    while segments.len() > 1 && segments.last().is_some_and(|s| s == "amp" || s == "amp.html") {
        segments.pop();
    }
    if let Some(last) = segments.last_mut() {
        if let Some(stem) = last.strip_suffix(".amp.html").filter(|s| !s.is_empty()) {
            *last = format!("{stem}.html");
        } else if let Some(stem) = last.strip_suffix(".amp").filter(|s| !s.is_empty()) {
            *last = stem.to_owned();
        }
    }
}

fn query(query: &str) -> Option<String> {
    let repaired = query.replace("&amp;", "&").replace("&#038;", "&").replace("&#38;", "&");
    let mut kept: Vec<String> = Vec::new();
    for raw in repaired.split('&').map(str::trim).filter(|p| !p.is_empty() && *p != "=") {
        let mut parameter = String::with_capacity(raw.len());
        push_normal_escapes(raw, &mut parameter);
        let (name, value) = parameter.split_once('=').unwrap_or((&parameter, ""));
        if !is_dropped(&name.to_ascii_lowercase(), value) {
            kept.push(parameter);
        }
    }
    kept.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    (!kept.is_empty()).then(|| kept.join("&"))
}

fn name_of(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

fn is_dropped(name: &str, value: &str) -> bool {
    TRACKING.contains(&name)
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || SESSIONS.contains(&name)
        || name.starts_with("aspsessionid")
        || (name == "outputtype" && value.eq_ignore_ascii_case("amp"))
}

/// Writes `raw` with its percent-escapes in one form.
fn push_normal_escapes(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~'".contains(&byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            Some(byte) => {
                out.push_str(&format!("%{byte:02X}"));
                rest = &rest[at + 3..];
            }
            None => {
                out.push_str("%25");
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
}

fn find_ignoring_case(text: &str, pattern: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(pattern)
}

#[cfg(test)]
mod tests;
