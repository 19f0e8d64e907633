//! Pages whose bytes are not what they are said to be, and bytes that are nothing.

use super::shapes::{Expect, PARAGRAPH};
use Expect::{Anything, Article};

/// One page: its name, its content type, its bytes, and what has to become of it.
pub type Encoded = (&'static str, &'static str, Vec<u8>, Expect);

fn utf_16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Without its last `bytes`.
fn cut(mut page: Vec<u8>, bytes: usize) -> Vec<u8> {
    page.truncate(page.len() - bytes);
    page
}

/// `seed` decides what comes: bytes that look like chance.
fn noise(mut seed: u64, count: usize) -> Vec<u8> {
    let mut next = || {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (seed >> 56) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// All of them.
pub fn pages() -> Vec<Encoded> {
    let text = PARAGRAPH.repeat(4);
    let after = |tail: &[u8]| [text.as_bytes(), tail].concat();
    let meta = |charset: &str| format!("<meta charset='{charset}'>{text}").into_bytes();
    let russian =
        "<p>Гавань закрыли в пятницу после шторма, сообщили власти: ships were told to wait. </p>".repeat(20);
    let windows_1251: Vec<u8> = russian
        .chars()
        .map(|c| if ('А'..='я').contains(&c) { (c as u32 - 0x410 + 0xc0) as u8 } else { c as u8 })
        .collect();
    let html = "text/html";
    vec![
        (
            "UTF-8 that ends inside of a letter",
            "text/html; charset=utf-8",
            cut(after("漢".as_bytes()), 1),
            Article,
        ),
        (
            "UTF-8 with a broken letter in each paragraph",
            html,
            text.replace("storm", "st\u{1}rm")
                .into_bytes()
                .into_iter()
                .map(|b| if b == 1 { 0xff } else { b })
                .collect(),
            Article,
        ),
        (
            "UTF-16 that ends inside of a letter",
            html,
            cut([&b"\xff\xfe"[..], &utf_16(&text, false)].concat(), 1),
            Article,
        ),
        (
            "UTF-16 that ends inside of a pair",
            html,
            cut([&b"\xfe\xff"[..], &utf_16(&format!("{text}𝔸"), true)].concat(), 2),
            Article,
        ),
        ("UTF-16 without a mark that ends inside of a letter", html, cut(utf_16(&text, true), 1), Article),
        (
            "UTF-16 of half pairs",
            html,
            [&b"\xff\xfe"[..], &utf_16(&text, false), &[0x00, 0xd8].repeat(3_000_000)].concat(),
            Anything,
        ),
        ("UTF-8 that is called UTF-16", "text/html; charset=utf-16", text.clone().into_bytes(), Article),
        ("UTF-8 that is called Shift_JIS", html, meta("shift_jis"), Article),
        ("UTF-8 under a charset that is none", html, meta("x-none"), Article),
        ("windows-1251 that is called UTF-8", "text/html; charset=utf-8", windows_1251.clone(), Article),
        (
            "windows-1251 that is called UTF-16 by its own markup",
            html,
            [&meta("utf-16")[..], &windows_1251].concat(),
            Article,
        ),
        ("the name of a charset of a megabyte", html, meta(&"utf".repeat(300_000)), Article),
        (
            "a thousand charsets",
            html,
            [&b"<meta charset=x>".repeat(1_000)[..], text.as_bytes()].concat(),
            Article,
        ),
        (
            "escapes of ISO-2022-JP",
            "text/html; charset=iso-2022-jp",
            after(&b"\x1b$B\x1b(B".repeat(1_000_000)),
            Anything,
        ),
        (
            "half letters of GB18030",
            "text/html; charset=gb18030",
            after(&b"\x810".repeat(3_000_000)),
            Anything,
        ),
        ("bytes that are no UTF-8", "text/html; charset=utf-8", after(&[0xff].repeat(8_000_000)), Anything),
        (
            "letters that grow in UTF-8",
            "text/html; charset=windows-1252",
            after(&[0x80].repeat(8_000_000)),
            Anything,
        ),
        ("letters of UTF-8 longer than they need be", html, after(&[0xc0, 0xaf].repeat(3_000_000)), Anything),
        ("noise", html, noise(1, 4_000_000), Anything),
        ("noise behind text", html, after(&noise(2, 4_000_000)), Anything),
        (
            "a stream of gzip that never ends",
            html,
            [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &noise(3, 1_000_000)].concat(),
            Anything,
        ),
    ]
}
