//! News agencies by the names they sign with.

/// Names as they are written, and the name that stands in the record. Latin names are matched whole and, where
/// they are all capitals or all small here, in that case alone.
#[rustfmt::skip]
const AGENCIES: &[(&str, &str)] = &[
    ("AFP", "AFP"), ("Agence France-Presse", "AFP"), ("afp", "AFP"), ("法新社", "AFP"), ("АФП", "AFP"), ("أ ف ب", "AFP"),
    ("فرانس برس", "AFP"), ("ا ف ب", "AFP"),
    ("Reuters", "Reuters"), ("REUTERS", "Reuters"), ("路透社", "Reuters"), ("路透", "Reuters"), ("رويترز", "Reuters"),
    ("Рейтер", "Reuters"), ("ロイター", "Reuters"), ("로이터", "Reuters"),
    ("AP", "AP"), ("The Associated Press", "AP"), ("Associated Press", "AP"), ("美联社", "AP"), ("美聯社", "AP"),
    ("أ ب", "AP"), ("أسوشيتد برس", "AP"),
    ("dpa", "dpa"), ("DPA", "dpa"), ("Deutsche Presse-Agentur", "dpa"), ("dpa-AFX", "dpa-AFX"), ("د ب أ", "dpa"),
    ("APA", "APA"), ("sda", "Keystone-SDA"), ("SDA", "Keystone-SDA"), ("Keystone-SDA", "Keystone-SDA"),
    ("ATS", "Keystone-ATS"), ("Keystone-ATS", "Keystone-ATS"), ("epd", "epd"), ("KNA", "KNA"), ("SID", "SID"), ("sid", "SID"),
    ("EFE", "EFE"), ("Efe", "EFE"), ("Europa Press", "Europa Press"), ("EUROPA PRESS", "Europa Press"),
    ("Notimex", "Notimex"), ("Télam", "Télam"), ("Lusa", "Lusa"), ("LUSA", "Lusa"), ("Agência Brasil", "Agência Brasil"),
    ("Prensa Latina", "Prensa Latina"), ("ACN", "ACN"),
    ("ANSA", "ANSA"), ("Ansa", "ANSA"), ("Adnkronos", "Adnkronos"), ("AGI", "AGI"), ("LaPresse", "LaPresse"), ("AskaNews", "askanews"), ("askanews", "askanews"),
    ("ANP", "ANP"), ("Belga", "Belga"), ("BELGA", "Belga"), ("TT", "TT"), ("NTB", "NTB"), ("Ritzau", "Ritzau"), ("ritzau", "Ritzau"), ("STT", "STT"), ("BNS", "BNS"),
    ("LETA", "LETA"), ("PAP", "PAP"), ("ČTK", "ČTK"), ("CTK", "ČTK"), ("TASR", "TASR"), ("SITA", "SITA"), ("MTI", "MTI"), ("Agerpres", "Agerpres"), ("AGERPRES", "Agerpres"),
    ("BTA", "BTA"), ("БТА", "BTA"), ("HINA", "HINA"), ("Hina", "HINA"), ("STA", "STA"), ("Tanjug", "Tanjug"), ("Танјуг", "Tanjug"), ("FoNet", "FoNet"), ("Beta", "Beta"),
    ("ANA-MPA", "ANA-MPA"), ("ΑΠΕ-ΜΠΕ", "ANA-MPA"), ("AA", "AA"), ("Anadolu", "AA"), ("Anadolu Agency", "AA"), ("DHA", "DHA"), ("İHA", "İHA"), ("IHA", "İHA"),
    ("РИА Новости", "РИА Новости"), ("RIA Novosti", "RIA Novosti"), ("ТАСС", "ТАСС"), ("TASS", "TASS"), ("Интерфакс", "Интерфакс"), ("Interfax", "Interfax"), ("INTERFAX.RU", "Interfax"),
    ("Sputnik", "Sputnik"), ("Укринформ", "Укрінформ"), ("Укрінформ", "Укрінформ"), ("УНІАН", "УНІАН"), ("УНИАН", "УНІАН"), ("БелТА", "БелТА"), ("BelTA", "БелТА"),
    ("新华社", "新华社"), ("新華社", "新华社"), ("Xinhua", "Xinhua"), ("中新社", "中新社"), ("中新网", "中新网"), ("中央社", "中央社"), ("CNA", "CNA"),
    ("共同社", "共同通信"), ("共同通信", "共同通信"), ("共同", "共同通信"), ("Kyodo", "Kyodo"), ("KYODO", "Kyodo"), ("時事", "時事通信"), ("時事通信", "時事通信"), ("Jiji", "Jiji"),
    ("연합뉴스", "연합뉴스"), ("Yonhap", "Yonhap"), ("뉴시스", "뉴시스"), ("뉴스1", "뉴스1"), ("KCNA", "KCNA"),
    ("PTI", "PTI"), ("ANI", "ANI"), ("IANS", "IANS"), ("UNI", "UNI"), ("भाषा", "भाषा"), ("एएनआई", "ANI"), ("पीटीआई", "PTI"), ("APP", "APP"), ("BSS", "BSS"), ("UNB", "UNB"), ("BERNAMA", "Bernama"), ("Bernama", "Bernama"),
    ("ANTARA", "ANTARA"), ("Antara", "ANTARA"), ("VNA", "VNA"), ("TTXVN", "TTXVN"), ("AAP", "AAP"), ("NZPA", "NZPA"), ("UPI", "UPI"), ("ISNA", "ISNA"), ("IRNA", "IRNA"), ("ایسنا", "ISNA"), ("ایرنا", "IRNA"), ("مهر", "Mehr"),
    ("SPA", "SPA"), ("واس", "SPA"), ("MENA", "MENA"), ("أ ش أ", "MENA"), ("KUNA", "KUNA"), ("كونا", "KUNA"), ("WAM", "WAM"), ("وام", "WAM"), ("SANA", "SANA"), ("سانا", "SANA"), ("Petra", "Petra"), ("بترا", "Petra"), ("PA", "PA"), ("PA Media", "PA"), ("Press Association", "PA"),
    ("Canadian Press", "The Canadian Press"), ("The Canadian Press", "The Canadian Press"), ("CP", "The Canadian Press"), ("Bloomberg", "Bloomberg"), ("TNS", "TNS"), ("GNA", "GNA"), ("NAN", "NAN"), ("MAP", "MAP"), ("APS", "APS"), ("TAP", "TAP"), ("PANA", "PANA"),
];

/// The agency that a short text names: all of it, or one of its parts between signs.
pub fn named(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() || text.chars().count() > 60 {
        return None;
    }
    exact(text).or_else(|| {
        text.split(['/', ',', '·', '=', '|', '、', '，', '+', '&']).find_map(|part| exact(part.trim()))
    })
}

/// The agency of exactly this name.
pub fn exact(text: &str) -> Option<&'static str> {
    AGENCIES.iter().find(|(name, _)| *name == text).map(|(_, agency)| *agency)
}

/// The agency whose name a text in an unspaced script begins with, and the length of that name.
pub fn at_start(text: &str) -> Option<(&'static str, usize)> {
    let unspaced = |name: &str| name.chars().next().is_some_and(super::words::is_unspaced);
    let found = AGENCIES.iter().filter(|(name, _)| unspaced(name) && text.starts_with(name));
    found.max_by_key(|(name, _)| name.len()).map(|(name, agency)| (*agency, name.len()))
}
