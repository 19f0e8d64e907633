//! Language codes: what the detectors and pages say → ISO 639-1, or 639-3 where there is none.

/// The code in the form that records use; `None` where it names no language (unknown, a script
/// without a language).
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

/// Every code that is ever given: ISO 639-1, and the 639-3 codes that the models know beside them.
const CODES: &str = "aa ab af ak am ar as ay az ba be bg bi bm bn bo br bs ca co cs cy da de dv dz ee el en eo \
    es et eu fa fi fj fo fr fy ga gd gl gn gu gv ha he hi hr ht hu hy ia id ie ig ik is it iu ja jv ka kg ki kk \
    kl km kn ko ks ku kv ky la lb lg li ln lo lt lv mg mi mk ml mn mr ms mt my na nb ne nl nn nr nv ny oc om \
    or os pa pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th \
    ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu \
    ace ast awa ban bem bho bjn bug ceb chr cjk ckb crh crs dik dyu fon fur fuv gaa haw hmn hne ilo kab kac kam \
    kbp kea kha kmb knc kri lif lij lmo loz ltg lua luo lus mag mai mfe min mni mos new nqo nso nus pag pam pap \
    pcm raj sat scn sco shn syr szl taq tpi tum tzm umb vec war";

/// Every code that is ever given, in the order of [`CODES`].
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    CODES.split(' ')
}

/// How many bytes UTF-8 needs in a language for what takes one in English.
///
/// Shares of a page that is in two languages are shares of content, not of bytes: without this, the
/// language with the costlier script wins. Measured on some 700 sentences that are the same in all the
/// languages (the training part of SIB-200), rounded.
pub(super) fn bytes_per_content(code: &str, script: &str) -> f64 {
    match (code, script) {
        ("sr", "Latn") => return 1.0,
        ("az", "Arab") => return 1.6,
        _ => {}
    }
    BYTES_PER_CONTENT
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|known| known == code))
        .map_or(USUAL_BYTES_PER_CONTENT, |(bytes, _)| *bytes)
}

const USUAL_BYTES_PER_CONTENT: f64 = 1.1;
const BYTES_PER_CONTENT: &[(f64, &str)] = &[
    (0.9, "zh"),
    (1.0, "bs da dik en eo et fuv hr ht jv kam kea lg luo mos nb nn pag sl sv taq umb wo"),
    (1.2, "bem ceb de es fj fr ga hu ig ilo it ko lb lij lmo mi mt nso oc om ro sc sm sq st tk tn ts war"),
    (1.3, "az fon gd ja kac ki mg nus tl tpi tum yo"),
    (1.4, "he kbp vi"),
    (1.6, "ar fa ps sd"),
    (1.8, "am ba ckb sr ti tt uk ur"),
    (2.0, "be bg hy kk ks ky mk mn ru tg ug yi"),
    (2.2, "el"),
    (2.4, "bho hne mag nqo tzm"),
    (2.6, "as awa bn gu hi mai ne pa sa si"),
    (2.8, "kn lo mni mr or sat te th"),
    (3.0, "ka"),
    (3.2, "ml ta"),
    (3.4, "bo km"),
    (3.6, "dz my"),
    (4.0, "shn"),
];

/// Languages that are written so much alike that a text may not say which it is, and the share of right
/// answers among them.
const CLOSE: &[(&[&str], f64)] = &[(&["bs", "hr", "sr"], 0.7), (&["id", "ms"], 0.85)];

/// The close relatives of a language, itself among them, and how often the answer is the right one of them.
pub(super) fn close(code: &str) -> Option<(&'static [&'static str], f64)> {
    CLOSE.iter().find(|(group, _)| group.contains(&code)).copied()
}

/// Of which a longer sample is needed to say which it is.
pub(super) fn needs_a_closer_look(code: &str) -> bool {
    close(code).is_none() && family(code).is_some()
}

/// The languages that are never two in one text, being too near, `code` among them.
pub(super) fn family(code: &str) -> Option<&'static [&'static str]> {
    const HINDI: &[&str] = &["awa", "bho", "hi", "hne", "mag", "mai"];
    close(code).map(|(group, _)| group).or_else(|| HINDI.contains(&code).then_some(HINDI))
}

/// Whether a language is mostly spoken, beside a near relative that its speakers write news in.
pub(super) fn is_regional(code: &str) -> bool {
    const CODES: &str =
        "ace awa ban bho bjn bug crh fur hne kea li lij lmo ltg mag mai min pag pap scn szl vec";
    CODES.split(' ').any(|regional| regional == code)
}

/// Whether records say the script: languages of which news is written in more than one.
pub(super) fn has_scripts(code: &str) -> bool {
    matches!(
        code,
        "az" | "bs" | "kk" | "ks" | "ku" | "ms" | "pa" | "sd" | "sr" | "tg" | "tk" | "ug" | "uz" | "zh"
    )
}

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
