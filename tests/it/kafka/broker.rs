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
        let address = start(&dir, true);
        Self { address, dir, _keep: Some(keep) }
    }

    /// Takes it away, as a power cut does.
    pub fn kill(&self) {
        assert!(Command::new(script()).arg("kill").arg(&self.dir).status().unwrap().success());
    }

    /// Brings it back with its data, on its port.
    pub fn restart(&self) {
        start(&self.dir, false);
    }
}

fn start(dir: &std::path::Path, watched: bool) -> String {
    let mut command = Command::new(script());
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
