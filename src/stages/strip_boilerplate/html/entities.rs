//! Character references: `&amp;`, `&#8217;`, `&eacute` …
//!
//! The names are those of HTML 4 with the ones seen on news pages besides; names of Latin-1 letters also
//! work without their semicolon, as browsers take them.

/// Decodes the reference that follows an `&`; the character and the bytes it took (without the `&`).
/// In an attribute a name without its semicolon is left alone before a letter, digit or `=`.
pub fn decode(rest: &[u8], in_attribute: bool) -> Option<(char, usize)> {
    if rest.first() == Some(&b'#') {
        return decode_number(&rest[1..]).map(|(c, n)| (c, n + 1));
    }
    let len = rest.iter().take(MAX_NAME + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    if rest.get(len) == Some(&b';')
        && let Some(c) = lookup(&rest[..len])
    {
        return Some((c, len + 1));
    }
    (2..=len.min(MAX_LEGACY)).rev().find_map(|n| {
        let name = &rest[..n];
        LEGACY.binary_search_by(|probe| probe.as_bytes().cmp(name)).ok()?;
        let next = rest.get(n);
        if in_attribute && next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'=') {
            return None;
        }
        lookup(name).map(|c| (c, n))
    })
}

fn lookup(name: &[u8]) -> Option<char> {
    let at = NAMES.binary_search_by(|(probe, _)| probe.as_bytes().cmp(name)).ok()?;
    char::from_u32(NAMES[at].1)
}

fn decode_number(rest: &[u8]) -> Option<(char, usize)> {
    let (radix, skip) = if matches!(rest.first(), Some(b'x' | b'X')) { (16, 1) } else { (10, 0) };
    let digits = rest[skip..].iter().take_while(|b| (**b as char).is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let mut code = 0u32;
    for b in &rest[skip..skip + digits] {
        code = code.saturating_mul(radix).saturating_add((*b as char).to_digit(radix)?);
    }
    let used = skip + digits + usize::from(rest.get(skip + digits) == Some(&b';'));
    let c = match code {
        0x80..=0x9f => WINDOWS_1252[code as usize - 0x80],
        0 => '\u{fffd}',
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    };
    Some((c, used))
}

/// Decodes all references of an attribute's value.
pub fn decode_all(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match decode(rest.as_bytes(), true) {
            Some((c, used)) => {
                out.push(c);
                rest = &rest[used..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

/// What the numbers 128 to 159 stand for on pages that mean windows-1252.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{fffd}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{fffd}', '\u{17d}', '\u{fffd}', '\u{fffd}', '\u{2018}',
    '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}',
    '\u{203a}', '\u{153}', '\u{fffd}', '\u{17e}', '\u{178}',
];

/// Longest name.
const MAX_NAME: usize = 14;

/// Longest name that works without a semicolon.
const MAX_LEGACY: usize = 6;

/// Names that work without a semicolon, sorted.
#[rustfmt::skip]
const LEGACY: [&str; 106] = [
    "AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring", "Atilde", "Auml", "COPY", "Ccedil", "ETH",
    "Eacute", "Ecirc", "Egrave", "Euml", "GT", "Iacute", "Icirc", "Igrave", "Iuml", "LT", "Ntilde",
    "Oacute", "Ocirc", "Ograve", "Oslash", "Otilde", "Ouml", "QUOT", "REG", "THORN", "Uacute", "Ucirc",
    "Ugrave", "Uuml", "Yacute", "aacute", "acirc", "acute", "aelig", "agrave", "amp", "aring", "atilde",
    "auml", "brvbar", "ccedil", "cedil", "cent", "copy", "curren", "deg", "divide", "eacute", "ecirc",
    "egrave", "eth", "euml", "frac12", "frac14", "frac34", "gt", "iacute", "icirc", "iexcl", "igrave",
    "iquest", "iuml", "laquo", "lt", "macr", "micro", "middot", "nbsp", "not", "ntilde", "oacute",
    "ocirc", "ograve", "ordf", "ordm", "oslash", "otilde", "ouml", "para", "plusmn", "pound", "quot",
    "raquo", "reg", "sect", "shy", "sup1", "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc",
    "ugrave", "uml", "uuml", "yacute", "yen", "yuml",
];

/// Names and the characters they stand for, sorted.
#[rustfmt::skip]
const NAMES: [(&str, u32); 399] = [
    ("AElig", 198), ("AMP", 38), ("Aacute", 193), ("Abreve", 258), ("Acirc", 194), ("Agrave", 192),
    ("Alpha", 913), ("Aogon", 260), ("Aring", 197), ("Atilde", 195), ("Auml", 196), ("Beta", 914),
    ("COPY", 169), ("Cacute", 262), ("Ccaron", 268), ("Ccedil", 199), ("Chi", 935), ("Dagger", 8225),
    ("Dcaron", 270), ("Delta", 916), ("Dstrok", 272), ("ETH", 208), ("Eacute", 201), ("Ecaron", 282),
    ("Ecirc", 202), ("Egrave", 200), ("Eogon", 280), ("Epsilon", 917), ("Eta", 919), ("Euml", 203),
    ("GT", 62), ("Gamma", 915), ("Gbreve", 286), ("Iacute", 205), ("Icirc", 206), ("Idot", 304),
    ("Igrave", 204), ("Iota", 921), ("Iuml", 207), ("Kappa", 922), ("LT", 60), ("Lambda", 923),
    ("Lstrok", 321), ("Mu", 924), ("Nacute", 323), ("Ncaron", 327), ("NewLine", 10), ("NoBreak", 8288),
    ("Ntilde", 209), ("Nu", 925), ("OElig", 338), ("Oacute", 211), ("Ocirc", 212), ("Odblac", 336),
    ("Ograve", 210), ("Omega", 937), ("Omicron", 927), ("Oslash", 216), ("Otilde", 213), ("Ouml", 214),
    ("Phi", 934), ("Pi", 928), ("Prime", 8243), ("Psi", 936), ("QUOT", 34), ("REG", 174),
    ("Rcaron", 344), ("Rho", 929), ("Sacute", 346), ("Scaron", 352), ("Scedil", 350), ("Sigma", 931),
    ("THORN", 222), ("TRADE", 8482), ("Tab", 9), ("Tau", 932), ("Tcaron", 356), ("Theta", 920),
    ("Uacute", 218), ("Ucirc", 219), ("Udblac", 368), ("Ugrave", 217), ("Upsilon", 933), ("Uring", 366),
    ("Uuml", 220), ("Xi", 926), ("Yacute", 221), ("Yuml", 376), ("Zacute", 377), ("Zdot", 379),
    ("ZeroWidthSpace", 8203), ("Zeta", 918), ("aacute", 225), ("abreve", 259), ("acirc", 226),
    ("acute", 180), ("aelig", 230), ("agrave", 224), ("alefsym", 8501), ("alpha", 945), ("amacr", 257),
    ("amp", 38), ("and", 8743), ("ang", 8736), ("angle", 8736), ("aogon", 261), ("ape", 8778),
    ("apos", 39), ("approx", 8776), ("aring", 229), ("ast", 42), ("asymp", 8776), ("atilde", 227),
    ("auml", 228), ("bdquo", 8222), ("beta", 946), ("blacksquare", 9642), ("brvbar", 166), ("bsol", 92),
    ("bull", 8226), ("bullet", 8226), ("cacute", 263), ("cap", 8745), ("ccaron", 269), ("ccedil", 231),
    ("cedil", 184), ("cent", 162), ("check", 10003), ("chi", 967), ("cir", 9675), ("circ", 710),
    ("clubs", 9827), ("colon", 58), ("comma", 44), ("commat", 64), ("cong", 8773), ("copy", 169),
    ("copysr", 8471), ("crarr", 8629), ("cross", 10007), ("cup", 8746), ("curren", 164), ("dArr", 8659),
    ("dagger", 8224), ("darr", 8595), ("dash", 8208), ("dcaron", 271), ("deg", 176), ("delta", 948),
    ("diams", 9830), ("divide", 247), ("dollar", 36), ("dstrok", 273), ("eacute", 233), ("ecaron", 283),
    ("ecirc", 234), ("egrave", 232), ("emacr", 275), ("empty", 8709), ("emsp", 8195), ("ensp", 8194),
    ("eogon", 281), ("epsilon", 949), ("equals", 61), ("equiv", 8801), ("eta", 951), ("eth", 240),
    ("euml", 235), ("euro", 8364), ("excl", 33), ("exist", 8707), ("female", 9792), ("flat", 9837),
    ("fnof", 402), ("forall", 8704), ("frac12", 189), ("frac13", 8531), ("frac14", 188),
    ("frac18", 8539), ("frac23", 8532), ("frac34", 190), ("frasl", 8260), ("gamma", 947),
    ("gbreve", 287), ("ge", 8805), ("geq", 8805), ("grave", 96), ("gt", 62), ("hArr", 8660),
    ("hairsp", 8202), ("half", 189), ("harr", 8596), ("hearts", 9829), ("hellip", 8230),
    ("horbar", 8213), ("hyphen", 8208), ("iacute", 237), ("icirc", 238), ("iexcl", 161),
    ("igrave", 236), ("imacr", 299), ("image", 8465), ("imath", 305), ("incare", 8453), ("infin", 8734),
    ("inodot", 305), ("int", 8747), ("iota", 953), ("iquest", 191), ("isin", 8712), ("itilde", 297),
    ("iuml", 239), ("kappa", 954), ("kcedil", 311), ("lArr", 8656), ("lambda", 955), ("lang", 9001),
    ("laquo", 171), ("larr", 8592), ("larrow", 8592), ("lbrace", 123), ("lbrack", 91), ("lcaron", 318),
    ("lcedil", 316), ("lceil", 8968), ("lcub", 123), ("ldquo", 8220), ("ldquor", 8222), ("le", 8804),
    ("leftarrow", 8592), ("leq", 8804), ("lfloor", 8970), ("lowast", 8727), ("lowbar", 95),
    ("loz", 9674), ("lpar", 40), ("lrm", 8206), ("lsaquo", 8249), ("lsqb", 91), ("lsquo", 8216),
    ("lsquor", 8218), ("lstrok", 322), ("lt", 60), ("ltrif", 9666), ("macr", 175), ("male", 9794),
    ("mdash", 8212), ("micro", 181), ("middot", 183), ("minus", 8722), ("mldr", 8230), ("mu", 956),
    ("nabla", 8711), ("nacute", 324), ("natural", 9838), ("nbsp", 160), ("ncaron", 328),
    ("ncedil", 326), ("ndash", 8211), ("ne", 8800), ("newline", 10), ("ni", 8715), ("nldr", 8229),
    ("not", 172), ("notin", 8713), ("nsub", 8836), ("ntilde", 241), ("nu", 957), ("num", 35),
    ("numero", 8470), ("numsp", 8199), ("oacute", 243), ("ocirc", 244), ("odblac", 337), ("oelig", 339),
    ("ograve", 242), ("ohm", 937), ("oline", 8254), ("omacr", 333), ("omega", 969), ("omicron", 959),
    ("oplus", 8853), ("or", 8744), ("ordf", 170), ("ordm", 186), ("oslash", 248), ("otilde", 245),
    ("otimes", 8855), ("ouml", 246), ("para", 182), ("part", 8706), ("percnt", 37), ("period", 46),
    ("permil", 8240), ("perp", 8869), ("phi", 966), ("phone", 9742), ("pi", 960), ("piv", 982),
    ("plus", 43), ("plusmn", 177), ("pound", 163), ("prime", 8242), ("prod", 8719), ("prop", 8733),
    ("psi", 968), ("puncsp", 8200), ("quest", 63), ("quot", 34), ("rArr", 8658), ("racute", 341),
    ("radic", 8730), ("rang", 9002), ("raquo", 187), ("rarr", 8594), ("rarrow", 8594), ("rbrace", 125),
    ("rbrack", 93), ("rcaron", 345), ("rceil", 8969), ("rcub", 125), ("rdquo", 8221), ("rdquor", 8221),
    ("real", 8476), ("reg", 174), ("rfloor", 8971), ("rho", 961), ("rightarrow", 8594), ("rlm", 8207),
    ("rpar", 41), ("rsaquo", 8250), ("rsqb", 93), ("rsquo", 8217), ("rsquor", 8217), ("rtrif", 9656),
    ("sacute", 347), ("sbquo", 8218), ("scaron", 353), ("scedil", 351), ("sdot", 8901), ("sect", 167),
    ("semi", 59), ("shy", 173), ("sigma", 963), ("sigmaf", 962), ("sim", 8764), ("sol", 47),
    ("spades", 9824), ("squf", 9642), ("star", 9734), ("starf", 9733), ("sub", 8834), ("sube", 8838),
    ("sum", 8721), ("sup", 8835), ("sup1", 185), ("sup2", 178), ("sup3", 179), ("supe", 8839),
    ("szlig", 223), ("tab", 9), ("tau", 964), ("tcaron", 357), ("tcedil", 355), ("there4", 8756),
    ("theta", 952), ("thetasym", 977), ("thinsp", 8201), ("thorn", 254), ("tilde", 732), ("times", 215),
    ("trade", 8482), ("uArr", 8657), ("uacute", 250), ("uarr", 8593), ("ubreve", 365), ("ucirc", 251),
    ("udblac", 369), ("ugrave", 249), ("umacr", 363), ("uml", 168), ("uogon", 371), ("upsih", 978),
    ("upsilon", 965), ("uring", 367), ("utilde", 361), ("uuml", 252), ("verbar", 124), ("vert", 124),
    ("weierp", 8472), ("xi", 958), ("yacute", 253), ("yen", 165), ("yuml", 255), ("zacute", 378),
    ("zdot", 380), ("zeta", 950), ("zwj", 8205), ("zwnj", 8204),
];
