//! The broker of the tests: started through `script/kafka`, stopped when the test process ends.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// Path of the script.
pub fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("script/kafka")
}

/// A running broker.
pub struct Broker {
    /// `host:port`.
    pub address: String,
    dir: PathBuf,
    /// Removed by the script when this process ends, as statics are not dropped.
    _keep: Option<TempDir>,
}

impl Broker {
    /// The one that all tests share.
    pub fn shared() -> &'static Self {
        static BROKER: OnceLock<Broker> = OnceLock::new();
        BROKER.get_or_init(Self::own)
    }

    /// One for a test that stops it.
    pub fn own() -> Self {
        let keep = TempDir::with_prefix("newsmill-kafka-").unwrap();
        let dir = keep.path().to_owned();
        let address = start(&dir, true, None);
        Self { address, dir, _keep: Some(keep) }
    }

    /// One with a listener of TLS and SASL besides: gives its address too. See `script/kafka` for its users.
    pub fn secure(password: &str) -> (Self, String) {
        let keep = TempDir::with_prefix("newsmill-kafka-").unwrap();
        let dir = keep.path().to_owned();
        let address = start(&dir, true, Some(password));
        let properties = std::fs::read_to_string(dir.join("server.properties")).unwrap();
        let secure = properties
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("advertised.listeners=")?.split("SASL_SSL://").nth(1));
        let secure = secure.unwrap().to_owned();
        (Self { address, dir, _keep: Some(keep) }, secure)
    }

    /// The certificate that clients of the secure listener trust.
    pub fn certificate(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// Takes it away, as a power cut does.
    pub fn kill(&self) {
        assert!(Command::new(script()).arg("kill").arg(&self.dir).status().unwrap().success());
    }

    /// Brings it back with its data, on its port.
    pub fn restart(&self) {
        start(&self.dir, false, None);
    }
}

fn start(dir: &std::path::Path, watched: bool, password: Option<&str>) -> String {
    let mut command = Command::new(script());
    if let Some(password) = password {
        command.env("KAFKA_TEST_PASSWORD", password);
    }
    command.arg("start").arg(dir);
    if watched {
        command.arg(std::process::id().to_string());
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "no test broker ({said}): run script/bootstrap, which installs Java and Maven"
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
