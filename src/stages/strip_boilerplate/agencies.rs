//! News agencies by the names they sign with.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// One agency a line: the name that stands in the record, then how it is written otherwise. Names that are short or
/// written with small letters here are matched as they are; the others whatever their case.
#[rustfmt::skip]
const AGENCIES: &[&str] = &[
    "AFP|Agence France-Presse|afp|Afp|AFPTV|法新社|АФП|أ ف ب|ا ف ب|أ.ف.ب|ا.ف.ب|أف ب|فرانس برس|خبرگزاری فرانسه|אי־אף־פי|एएफपी|এএফপি|اے ایف پی",
    "Reuters|REUTERS|Thomson Reuters|路透社|路透|رويترز|رویترز|Рейтер|Ройтерс|ロイター|ロイター通信|로이터|רויטרס|रॉयटर्स|রয়টার্স|روئٹرز",
    "AP|The Associated Press|Associated Press|美联社|美聯社|أ ب|أسوشيتد برس|АП|AP通信|एपी|এপি|اے پی",
    "dpa|DPA|Deutsche Presse-Agentur|د ب أ|د.ب.أ|德新社|ДПА", "dpa-AFX", "APA|apa", "epd|EPD", "KNA", "SID|sid",
    "Keystone-SDA|sda|SDA|SDA-ATS", "Keystone-ATS|ATS|ats",
    "EFE|Efe|efe|Agencia EFE|EFECOM|埃菲社|إفي", "Europa Press", "Notimex", "Télam|Telam", "Prensa Latina", "Colpisa", "Servimedia", "Andina",
    "ACN|Agència Catalana de Notícies", "Lusa|Agência Lusa", "Agência Brasil|Agencia Brasil", "Estadão Conteúdo", "Folhapress",
    "ANSA|Ansa", "Adnkronos", "AGI", "LaPresse", "askanews", "Italpress",
    "ANP|Novum|ANP/Novum", "Belga", "TT|TT Nyhetsbyrån", "NTB", "Ritzau|ritzau", "STT|STT-Lehtikuva", "FNB",
    "BNS", "LETA", "ELTA", "PAP", "ČTK|CTK", "TASR", "SITA", "MTI", "Agerpres", "Mediafax", "BTA|БТА", "HINA|Hina", "STA",
    "Tanjug|Танјуг", "FoNet|Фонет", "Beta|Бета", "SRNA|Srna|СРНА|Срна", "Fena|FENA", "МИА|MIA", "ATSH|ATA",
    "ANA-MPA|ΑΠΕ-ΜΠΕ|ΑΠΕ|AMNA", "KYPE|ΚΥΠΕ", "AA|Anadolu|Anadolu Agency|Anadolu Ajansı|الأناضول|АА", "DHA", "İHA|IHA", "ANKA",
    "AZƏRTAC|AZERTAC|АЗЕРТАДЖ", "Armenpress|АРМЕНПРЕСС|ԱՐՄԵՆՊՐԵՍ", "Interpressnews",
    "РИА Новости|РИАН", "RIA Novosti", "ТАСС|ИТАР-ТАСС", "TASS|ITAR-TASS|塔斯社|تاس", "Интерфакс|ИНТЕРФАКС", "Interfax|INTERFAX.RU|Interfax-Ukraine|Interfax.ru|国际文传",
    "Sputnik|Спутник", "Росбалт", "REGNUM|ИА REGNUM", "Regnum",
    "Укрінформ|Укринформ", "Ukrinform", "УНІАН|УНИАН", "UNIAN", "УНН", "Інтерфакс-Україна|Интерфакс-Украина", "БелТА|Белта|BelTA",
    "Казинформ|KAZINFORM|Qazinform|ҚазАқпарат", "Кабар|Kabar", "МОНЦАМЭ|MONTSAME", "УзА|UzA", "Moldpres",
    "新华社|新華社|新华网|新華網", "Xinhua|شينخوا|Синьхуа|शिन्हुआ", "中新社|中国新闻社", "中新网", "人民网", "中央社", "CNA",
    "共同通信|共同社|共同", "Kyodo|Kyodo News", "時事通信|時事通信社|時事|时事社", "Jiji|Jiji Press",
    "연합뉴스|聯合通信", "Yonhap|Yonhap News|韩联社|韓聯社|聯合ニュース", "뉴시스", "뉴스1", "KCNA|朝中社|조선중앙통신",
    "PTI|Press Trust of India|पीटीआई", "ANI|एएनआई", "IANS|आईएएनएस", "UNI|यूनीवार्ता", "भाषा|पीटीआई-भाषा|पीटीआई भाषा", "वार्ता", "UNB|ইউএনবি", "BSS|বাসস",
    "APP|اے پی پی", "RSS|राससे|रासस", "Bernama", "ANTARA|Antara", "VNA", "TTXVN", "PNA|Philippine News Agency", "TNA",
    "AAP", "NZPA", "UPI|United Press International", "PA|PA Media|Press Association",
    "The Canadian Press|Canadian Press|La Presse Canadienne|CP|PC", "Bloomberg", "TNS|Tribune News Service", "CNS",
    "ISNA|ایسنا", "IRNA|ایرنا|إرنا", "Fars|FNA|فارس|خبرگزاری فارس|Fars News Agency", "Tasnim|تسنیم", "Mehr|مهر|MNA",
    "SPA|واس", "MENA|أ ش أ|أ.ش.أ", "KUNA|كونا", "WAM|وام", "SANA|سانا", "Petra|بترا", "WAFA|وفا", "QNA|قنا", "BNA|بنا", "ONA", "NNA|الوكالة الوطنية", "INA|واع", "LANA|وال",
    "GNA", "NAN|Nan", "MAP|و م ع|ومع", "APS|وأج", "TAP|وات", "PANA", "SAnews", "ENA", "AMI|ANGOP|Angop", "ZIANA", "AIP", "ACI", "ABP",
];

/// Names that are as often a party, a word or a thing. Alone they say little.
const AMBIGUOUS: &[&str] = &[
    "PAP",
    "TT",
    "MAP",
    "TAP",
    "APS",
    "The Canadian Press",
    "SITA",
    "UNI",
    "APP",
    "SID",
    "STA",
    "PA",
    "AA",
    "Beta",
    "ACN",
    "ANI",
    "RSS",
    "CNS",
    "ENA",
    "AMI",
    "AIP",
    "ACI",
    "ABP",
    "BNA",
    "INA",
    "PNA",
    "TNA",
    "GNA",
    "ANKA",
    "Andina",
    "Sputnik",
    "Mehr",
    "TNS",
    "CNA",
    "भाषा",
    "वार्ता",
];

/// How agencies are written, with the names in the record.
struct Names {
    exact: HashMap<&'static str, &'static str>,
    /// Long names, in small letters.
    any_case: HashMap<String, &'static str>,
    /// Those of scripts without spaces between words.
    unspaced: Vec<(&'static str, &'static str)>,
    /// First words of names, in small letters.
    first_words: HashSet<String>,
}

/// Letters from which on the case of a name does not count.
const MIN_ANY_CASE: usize = 5;

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names {
        exact: HashMap::new(),
        any_case: HashMap::new(),
        unspaced: Vec::new(),
        first_words: HashSet::new(),
    };
    for line in AGENCIES {
        let mut written = line.split('|');
        let Some(agency) = written.next() else { continue };
        for name in std::iter::once(agency).chain(written) {
            names.exact.entry(name).or_insert(agency);
            if name.chars().count() >= MIN_ANY_CASE {
                names.any_case.entry(name.to_lowercase()).or_insert(agency);
            }
            names.first_words.extend(name.split(' ').next().map(str::to_lowercase));
            if name.starts_with(super::words::is_unspaced) {
                names.unspaced.push((name, agency));
            }
        }
    }
    // Longest first, so that the whole of a name is found before a part of it.
    names.unspaced.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names
});

/// Longest text that may name an agency, in characters.
const MAX_NAME: usize = 60;

/// The agency that a short text names: all of it, or one of its parts between signs.
pub fn named(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() || text.chars().count() > MAX_NAME {
        return None;
    }
    exact(text).or_else(|| {
        text.split(['/', ',', '·', '=', '＝', '|', '、', '，', '+', '&', ';', '–', '—'])
            .find_map(|part| exact(part.trim()))
    })
}

/// The agency of exactly this name.
pub fn exact(text: &str) -> Option<&'static str> {
    if text.is_empty() || text.len() > 4 * MAX_NAME {
        return None;
    }
    let names = &*NAMES;
    names.exact.get(text).copied().or_else(|| {
        let long = text.chars().nth(MIN_ANY_CASE - 1).is_some() && text.starts_with(char::is_uppercase);
        long.then(|| names.any_case.get(&text.to_lowercase()).copied()).flatten()
    })
}

/// Whether a word is the first of an agency's name, in any case.
pub fn begins_with(word: &str) -> bool {
    NAMES.first_words.contains(&word.to_lowercase())
}

/// Whether a name in the record is as often another thing.
pub fn is_ambiguous(agency: &str) -> bool {
    AMBIGUOUS.contains(&agency)
}

/// The agency whose name a text in an unspaced script begins with, and the length of that name.
pub fn at_start(text: &str) -> Option<(&'static str, usize)> {
    let found = NAMES.unspaced.iter().find(|(name, _)| text.starts_with(name));
    found.map(|(name, agency)| (*agency, name.len()))
}

/// The agency whose name a text in an unspaced script ends with, and the length of that name.
pub fn at_end(text: &str) -> Option<(&'static str, usize)> {
    let found = NAMES.unspaced.iter().find(|(name, _)| text.ends_with(name));
    found.map(|(name, agency)| (*agency, name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_they_are_written() {
        assert_eq!(named("dpa/lno"), Some("dpa"));
        assert_eq!(named("Agence france-presse"), Some("AFP"));
        assert_eq!(named("APA/dpa"), Some("APA"));
        assert_eq!(exact("Ap"), None);
        assert_eq!(exact("ap"), None);
        assert_eq!(at_start("新華網雲城"), Some(("新华社", "新華網".len())));
        assert_eq!(at_end("北浜共同"), Some(("共同通信", "共同".len())));
    }

    #[test]
    fn every_name_stands_once() {
        let mut seen = std::collections::HashMap::new();
        for line in AGENCIES {
            for name in line.split('|') {
                assert_eq!(seen.insert(name, line), None, "{name}");
            }
        }
        assert!(AMBIGUOUS.iter().all(|name| exact(name) == Some(name)));
    }
}
