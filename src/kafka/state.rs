//! The state folder: what a worker keeps on the local disk over its own end. Nothing in it is needed to be
//! right: a worker that finds it empty, or cannot have one, comes to the same outcomes.
//!
//! `<state_dir>/<group>/` is shared by the workers of a group on a machine, which may be several, and also by
//! those that come after them; files that belong to one worker bear its name and are locked.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The folder of a group, made with its parents; `None`, and a warning, where there can be none.
///
/// `configured` is `service.state_dir`. Empty: `$STATE_DIRECTORY` as systemd sets it, else
/// `$XDG_STATE_HOME/newsmill`, else `$HOME/.local/state/newsmill`.
pub(super) fn folder(configured: &str, group: &str) -> Option<PathBuf> {
    let Some(base) = base(configured, |name| std::env::var_os(name)) else {
        tracing::warn!(
            "there is no state folder: crashes are not remembered and the log is read anew at each start; set \
             service.state_dir"
        );
        return None;
    };
    let folder = base.join(file_name(group));
    match std::fs::create_dir_all(&folder) {
        Ok(()) => Some(folder),
        Err(error) => {
            let folder = folder.display();
            tracing::warn!(
                %folder, %error,
                "the state folder cannot be made: crashes are not remembered and the log is read anew at each \
                 start; set service.state_dir to a folder that can be written"
            );
            None
        }
    }
}

fn base(configured: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if !configured.is_empty() {
        return Some(configured.into());
    }
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if let Some(list) = set("STATE_DIRECTORY") {
        // A list with colons where a unit has several.
        return list.to_string_lossy().split(':').next().map(PathBuf::from);
    }
    let absolute = |name| set(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME")
        .map(|home| home.join("newsmill"))
        .or_else(|| absolute("HOME").map(|home| home.join(Path::new(".local/state/newsmill"))))
}

/// A name (of a group, of a worker) as the name of a file: one to one, whatever is in it.
pub(super) fn file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        if plain {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _infallible = write!(out, "%{byte:02x}");
        }
    }
    // File systems end at 255 bytes, and names of files have something after this.
    if out.len() > 150 {
        let hash = crate::record::Hash128::of(name.as_bytes());
        out.truncate(100);
        let _infallible = write!(out, "%{hash}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(configured: &str, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(found.1))
        };
        base(configured, variable).map(|path| path.display().to_string())
    }

    #[test]
    fn the_first_place_that_is_set_is_taken() {
        let all =
            [("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"), ("XDG_STATE_HOME", "/x"), ("HOME", "/houses/n")];
        assert_eq!(chosen("/mine", &all).as_deref(), Some("/mine"));
        assert_eq!(chosen("", &all).as_deref(), Some("/var/lib/a"));
        assert_eq!(chosen("", &all[1..]).as_deref(), Some("/x/newsmill"));
        assert_eq!(chosen("", &all[2..]).as_deref(), Some("/houses/n/.local/state/newsmill"));
        assert_eq!(chosen("", &[("XDG_STATE_HOME", "relative"), ("HOME", "")]), None);
    }

    #[test]
    fn names_stay_apart_and_inside_the_folder() {
        let names = ["a", "a/b", "a%2fb", "..", ".", "", "ü", "a b", &"x".repeat(300), &"x".repeat(301)];
        let files: Vec<_> = names.map(file_name).to_vec();
        let distinct: std::collections::BTreeSet<_> = files.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{files:?}");
        assert!(files.iter().all(|file| file.len() < 200 && !file.contains('/') && !file.starts_with('.')));
        assert_eq!(file_name("news.group-1_x"), "news.group-1_x");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_done_without() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(folder(file.to_str().unwrap(), "group"), None);
        let made = folder(home.path().join("a/b").to_str().unwrap(), "group").unwrap();
        assert!(made.is_dir() && made.ends_with("a/b/group"));
    }
}
