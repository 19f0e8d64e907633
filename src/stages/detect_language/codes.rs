//! Language codes: what the detectors and pages say → ISO 639-1, or 639-3 where there is none.

/// The code in the form that records use; `None` where it names no language (unknown, a script
/// without a language, a toy language of CLD2's).
///
/// Region and script subtags are dropped, retired codes are replaced, and Norwegian without more is
/// Bokmål.
pub(super) fn normalise(code: &str) -> Option<&'static str> {
    let base = code.split(['-', '_']).next().unwrap_or_default();
    let mut lower = [0_u8; 3];
    if !(2..=3).contains(&base.len()) || !base.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    for (to, from) in lower.iter_mut().zip(base.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let base = std::str::from_utf8(&lower[..base.len()]).ok()?;
    let base = RENAMED.iter().find(|(from, _)| *from == base).map_or(base, |(_, to)| to);
    CODES.split(' ').find(|known| *known == base)
}

/// Retired codes, macro-languages, and three-letter codes of languages that have two letters.
const RENAMED: &[(&str, &str)] = &[
    ("bh", "bho"),
    ("blu", "hmn"),
    ("cmn", "zh"),
    ("fil", "tl"),
    ("in", "id"),
    ("iw", "he"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("mo", "ro"),
    ("no", "nb"),
    ("sh", "sr"),
    ("tgl", "tl"),
    ("yue", "zh"),
];

/// Every code that is ever given: ISO 639-1, and the 639-3 codes that CLD2 knows beside them.
const CODES: &str = "aa ab af ak am ar as ay az ba be bg bi bn bo br bs ca co cs cy da de dv dz ee el en eo \
    es et eu fa fi fj fo fr fy ga gd gl gn gu gv ha he hi hr ht hu hy ia id ie ig ik is it iu ja jv ka kk \
    kl km kn ko ks ku kv ky la lb lg ln lo lt lv mg mi mk ml mn mr ms mt my na nb ne nl nn nr nv ny oc om \
    or os pa pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th \
    ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu \
    bho ceb chr ckb crs gaa haw hmn kha kri lif loz lua luo mfe new nso pam pcm raj sco syr tum war";

/// How many bytes UTF-8 needs in a language for what takes one in the Latin alphabet.
///
/// Shares of a page that is in two languages are shares of content, not of bytes: without this, the
/// language with the costlier script wins. Two bytes a letter (less the spaces) for the alphabets of
/// Europe and the Near East; three for India, South-East Asia and Ethiopia; Han and kana are as dense as they are long,
/// Hangul nearly so.
pub(super) fn bytes_per_content(code: &str) -> f64 {
    match code {
        "ar" | "ba" | "be" | "bg" | "ckb" | "el" | "fa" | "he" | "hy" | "kk" | "ky" | "mk" | "mn" | "os"
        | "ps" | "ru" | "sd" | "sr" | "syr" | "tg" | "tt" | "ug" | "uk" | "ur" | "yi" => 1.85,
        "am" | "as" | "bho" | "bn" | "bo" | "chr" | "dv" | "dz" | "gu" | "hi" | "iu" | "ka" | "km" | "kn"
        | "lo" | "ml" | "mr" | "my" | "ne" | "new" | "or" | "pa" | "raj" | "sa" | "si" | "ta" | "te"
        | "th" | "ti" => 2.6,
        "ko" => 1.25,
        _ => 1.0,
    }
}

/// Languages that are written so much alike that detectors take one for another, and the share of right
/// answers of a sure CLD2 among them on labelled news.
const CLOSE: &[(&[&str], f64)] = &[
    (&["bs", "hr", "sr"], 0.75),
    (&["id", "ms"], 0.9),
    (&["nr", "ss", "xh", "zu"], 0.85),
    (&["rn", "rw"], 0.45),
    (&["bho", "hi", "mr", "ne"], 0.99),
];

/// The close relatives of a language, itself among them, and how often CLD2 is right about which it is.
pub(super) fn close(code: &str) -> Option<(&'static [&'static str], f64)> {
    CLOSE.iter().find(|(group, _)| group.contains(&code)).copied()
}

/// Whether lingua has a model of the language.
pub(super) fn is_known_to_lingua(code: &str) -> bool {
    LINGUA.split(' ').any(|known| known == code)
}

const LINGUA: &str = "af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gu he hi hr hu hy id is \
    it ja ka kk ko la lg lt lv mi mk mn mr ms nb nl nn pa pl pt ro ru sk sl sn so sq sr st sv sw ta te th tl tn \
    tr ts uk ur vi xh yo zh zu";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_normalised() {
        for (from, to) in [
            ("en", Some("en")),
            ("zh-Hant", Some("zh")),
            ("pt_BR", Some("pt")),
            ("iw", Some("he")),
            ("IN", Some("id")),
            ("fil", Some("tl")),
            ("no", Some("nb")),
            ("nn", Some("nn")),
            ("sr-ME", Some("sr")),
            ("haw", Some("haw")),
            ("xx-Goth", None),
            ("un", None),
            ("tlh", None),
            ("", None),
            ("english", None),
            ("é1", None),
        ] {
            assert_eq!(normalise(from), to, "{from}");
        }
    }
}
