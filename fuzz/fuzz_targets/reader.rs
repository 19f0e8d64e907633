//! The readers of HTML and plain text on any bytes: no panic, and a document that keeps its promises.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsmill::stages::strip_boilerplate::{html, plain, promises};

fuzz_target!(|bytes: &[u8]| {
    let page = String::from_utf8_lossy(bytes);
    for read in [html::read, plain::read] {
        let doc = read(&page);
        if let Err(broken) = promises::of_document(&doc) {
            panic!("not so any more: {broken}");
        }
        // Nothing is made up: all but character references and white space comes from the page.
        assert!(doc.text.len() <= page.len() * 2 + 2);
    }
});
