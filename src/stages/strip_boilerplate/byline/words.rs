//! Words of bylines: what introduces names, what makes a name an organization's, and what is no name at all. All in
//! small letters.

/// Words that introduce a byline, with a space where one follows.
#[rustfmt::skip]
pub const INTRODUCTIONS: &[&str] = &[
    "by ", "by: ", "author: ", "authors: ", "author(s): ", "author(s) :", "author ", "authors ", "from ", "post author by ", "post author: ",
    "written by ", "written by: ", "posted by ", "posted by: ", "published by ", "reported by ", "reporting by ", "(reporting by ", "story by ", "words by ",
    "text by ", "article by ", "words: ", "report by ", "compiled by ", "submitted by ", "guest post by ", "a guest post by ", "analysis by ", "opinion by ", "review by ",
    "reporter: ", "writer: ", "story: ",
    "von ", "von: ", "ein artikel von ", "ein gastbeitrag von ", "gastbeitrag von ", "eine analyse von ", "ein kommentar von ", "kommentar von ", "kolumne von ", "eine kolumne von ", "essay von ", "author of the article: ", "recommended by ", "interview by ",
    "ein interview von ", "eine reportage von ", "autor: ", "autor/in: ", "autor:in: ", "autorin: ", "autoren: ", "text: ", "text von ", "text und fotos: ", "geschrieben von ",
    "verfasst von ", "veröffentlicht von ", "erstellt von ", "eingestellt von ", "gepostet von ", "gespeichert von ", "beitrag von ", "blog beitrag von ",
    "artikel von ", "redaktion: ", "interview: ", "bericht: ", "verfasser: ",
    "par ", "par : ", "propos recueillis par ", "publié par ", "écrit par ", "rédigé par ", "posté par ", "auteur : ", "auteur: ", "auteur(s) : ", "auteur(s) :", "texte : ", "un article de ",
    "por: ", "por ", "escrito por ", "publicado por ", "postado por ", "texto: ", "autor/a: ", "redacción: ", "redactado por ", "reportagem de ", "texto de ", "una crónica de ",
    "di ", "di: ", "a cura di ", "scritto da ", "pubblicato da ", "postato da ", "articolo di ", "autore: ", "testo di ",
    "door ", "door: ", "geschreven door ", "geplaatst door ", "gepubliceerd door ", "auteur ", "redactie: ", "tekst: ", "tekst ",
    "av ", "av: ", "skriven av ", "skrevet av ", "publicerad av ", "publisert av ", "text och foto: ", "journalist: ", "tekst og foto: ",
    "af ", "af: ", "skrevet af ", "udgivet af ", "kirjoittaja: ", "kirjoittanut ", "teksti: ", "toimittaja: ", "höfundur: ", "skrifað af ",
    "autor ", "autorka: ", "autorzy: ", "opracowanie: ", "oprac. ", "oprac.: ", "napisał ", "napisała ", "przez ", "dodane przez ", "napsal ", "napsala ", "autoři: ", "píše ",
    "autori: ", "piše ", "piše: ", "pise: ", "napisao ", "objavio ", "autor teksta: ", "szerző: ", "írta: ", "írta ", "szöveg: ", "de: ", "scris de ", "publicat de ", "articol de ",
    "autorius: ", "autors: ", "teksts: ", "autor(id): ", "toimetaja: ", "nga ", "nga: ", "shkruan: ", "autor teksti: ",
    "yazan: ", "yazan ", "yazar: ", "haber: ", "müəllif: ", "muallif: ", "автор: ", "автор ", "авторы: ", "автор(ы): ", "автори: ", "текст: ", "текст ", "корреспондент: ", "написал ", "опубликовал ",
    "кореспондент: ", "аўтар: ", "аутор: ", "пише: ", "пише ", "публикувано от ", "от ", "автор на статията: ",
    "του ", "της ", "του/της ", "των ", "γράφει ο ", "γράφει η ", "γράφει: ", "συντάκτης: ", "από ", "ρεπορτάζ: ", "հեղինակ՝ ", "ავტორი: ",
    "بقلم ", "بقلم: ", "بقلم/ ", "كتب ", "كتب: ", "كتبت ", "كتبت: ", "كتب/ ", "إعداد: ", "إعداد ", "المصدر: ", "تحرير: ", "نویسنده: ", "نویسنده : ", "خبرنگار: ", "گزارش از ", "تحریر: ", "از ", "لیکوال: ",
    "מאת ", "מאת: ", "כתב: ", "כתבה: ", "מערכת: ",
    "लेखक: ", "लेखक : ", "द्वारा ", "बाय ", "द्वारा: ", "रिपोर्ट: ", "रिपोर्टर: ", "written by : ", "लेखन: ", "লেখক: ", "প্রতিবেদক: ", "எழுதியவர்: ", "రచయిత: ", "ਲੇਖਕ: ",
    "oleh ", "oleh: ", "oleh : ", "penulis: ", "penulis : ", "reporter : ", "pewarta: ", "pewarta : ", "editor: ", "ditulis oleh ", "laporan: ", "ni ", "mwandishi: ", "na ", "na: ", "tác giả: ", "bài: ", "theo ", "bài và ảnh: ", "phóng viên: ",
    "โดย ", "โดย: ", "โดย : ", "ผู้เขียน: ", "ผู้สื่อข่าว: ", "เรื่อง: ",
    "作者：", "作者:", "作者 ", "作者/", "作者｜", "记者：", "记者:", "记者 ", "记者丨", "记者|", "記者：", "記者:", "記者 ", "記者／", "記者/", "文／", "文/", "文|", "文｜", "文丨", "撰文：", "撰文:", "撰稿：", "撰稿人：", "责任编辑：", "责任编辑:", "责编：", "编辑：", "编辑:", "責任編輯：", "編輯：",
    "本报记者 ", "本報記者 ", "本报记者：", "来源：", "采写：", "采写/", "报道：", "文・", "文＝", "執筆：", "執筆:", "執筆・", "著者：", "著者:", "筆者：", "取材・文：", "取材・文＝", "ライター：", "投稿者：", "投稿者:", "記事：", "글 ", "글: ", "글쓴이: ", "기자: ", "취재: ", "작성자: ", "작성자 : ",
];

/// Introductions that are everyday words besides: they count only where nothing but names follows in a short line.
#[rustfmt::skip]
pub const WEAK: &[&str] = &[
    "from ", "na ", "na: ", "di ", "di: ", "av ", "af ", "de: ", "par ", "por ", "text: ", "autor ", "del ", "ni ", "nga ", "theo ", "от ", "από ", "του ", "της ",
    "των ", "از ", "كتب ", "text ", "tekst ", "текст ", "story: ", "interview: ", "bericht: ", "words: ", "analysis by ", "journalist: ", "author ", "authors ", "auteur ", "píše ",
    "来源：", "المصدر: ", "laporan: ", "редактор: ", "editor: ", "redaktion: ",
];

/// Introductions of those who edit: of them only where nobody else is named.
pub const EDITORS: &[&str] = &[
    "editor: ",
    "redaktion: ",
    "责任编辑：",
    "责任编辑:",
    "责编：",
    "编辑：",
    "编辑:",
    "責任編輯：",
    "編輯：",
    "来源：",
    "المصدر: ",
];

/// Words that make a name that of an organization.
#[rustfmt::skip]
pub const ORGANIZATIONS: &[&str] = &[
    "redaktion", "redaktionsnetzwerk", "onlineredaktion", "newsroom", "news", "newsdesk", "desk", "team", "webteam", "press", "presse", "pressestelle", "media", "agency", "agencies", "agentur",
    "agenturen", "agencia", "agencias", "agence", "agenzia", "redacción", "redaccion", "redação", "redacao", "redazione", "rédaction", "redactie", "redakcja", "redakce", "redakcija", "редакция", "редакція",
    "redaktionen", "redaksjonen", "toimitus", "szerkesztőség", "redakcia", "redacția", "σύνταξη", "staff", "editors", "editorial", "bureau", "times", "post", "magazine", "magazin", "gazette", "herald", "tribune", "zeitung", "online", "tv", "radio",
    "network", "institute", "institut", "foundation", "stiftung", "company", "gmbh", "inc", "ltd", "llc", "plc", "ag", "kg", "e.v", "ev", "group", "university", "universität", "society", "association", "council",
    "center", "centre", "services", "service", "office", "ministry", "ministerium", "bundesministerium", "department", "correspondents", "journal", "daily", "today", "wire", "blog", "verlag", "verband", "partei", "fraktion", "feuerwehr",
    "yönetim", "haber", "merkezi", "berita", "redaksi", "reporters", "kitchen", "kitchens", "newswire", "nachrichten", "noticias", "notizie", "actualités", "digital", "community", "studio", "studios", "club", "projekt", "project", "projects", "committee",
    "تحرير", "التحرير", "وكالات", "编辑部", "編集部", "新闻", "日报", "晚报", "网", "ニュース", "新聞", "뉴스", "일보", "신문",
];

/// Endings of such names in scripts without spaces.
pub const ORGANIZATION_ENDS: &[&str] = &[
    "编辑部",
    "編集部",
    "取材班",
    "新闻",
    "新聞",
    "新聞社",
    "新闻社",
    "日报",
    "日報",
    "晚报",
    "网",
    "ニュース",
    "通信",
    "通訊社",
    "通讯社",
    "日刊",
    "電視",
    "电视台",
    "報社",
    "报社",
];

/// Signatures of nobody.
#[rustfmt::skip]
pub const NOBODY: &[&str] = &[
    "staff writers", "staff writer", "staff", "staff report", "staff reports", "staff reporter", "staff reporters", "admin", "administrator", "editor", "author", "authors", "autor", "autorin", "autoren", "auteur", "autore",
    "guest", "guest author", "guest post", "contributor", "contributors", "user", "webmaster", "unknown", "anonymous", "anónimo", "anonimo", "anonyme", "anonym", "n/a", "none", "null", "undefined", "root", "wpadmin", "redactor", "redakteur",
    "web", "super user", "wp_admin", "author name", "the author", "see author page", "view all posts", "posts", "more", "publisher", "no author", "developer", "agencies", "agenturen", "agencias", "unbekannt", "gast", "gastautor", "gastbeitrag",
    "print", "email", "e-mail", "facebook", "twitter", "whatsapp", "instagram", "home", "blog", "news", "written by", "by", "von", "mehr", "post author", "article author", "webmaster", "test", "default", "system", "bot", "archive", "archiv", "team",
    "correspondent", "our correspondent", "special correspondent", "special to", "wire reports", "wire services", "from staff reports", "автор", "админ", "редактор", "作者", "编辑", "編輯", "记者", "記者", "本报记者", "佚名", "管理员", "小编", "기자", "관리자", "ポスト", "管理者", "公開日", "更新日", "掲載日", "公開", "更新", "投稿", "投稿日", "著者", "関連", "関連記事", "記事", "保存", "印刷", "シェア", "分享", "评论", "讨论", "锁定", "时间", "日期", "来源", "來源", "发布", "打印", "收藏", "字号", "首页", "点击", "阅读", "입력", "수정", "등록", "공유", "댓글", "인쇄", "投稿者",
];

/// Words of a person's office, and of what is no name: a part that holds one is none.
#[rustfmt::skip]
pub const OFFICES: &[&str] = &[
    "writer", "reporter", "correspondent", "editor", "columnist", "journalist", "producer", "contributor", "director", "chief", "manager",
    "photographer", "analyst", "professor", "lecturer", "fellow", "author", "freelance", "freelancer", "redakteur", "redakteurin", "redakteure",
    "korrespondent", "korrespondentin", "journalistin", "autor", "autorin", "autoren", "redactor", "redactora", "corresponsal", "periodista", "volontär", "volontärin", "ressortleiter", "chefreporter", "reporterin",
    "correspondant", "journaliste", "giornalista", "redattore", "verslaggever", "redacteur", "published", "updated", "posted", "reviewed", "min", "minutes", "read", "comments", "veröffentlicht", "aktualisiert",
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december", "follow",
    "consultant", "expert", "former", "founder", "cofounder", "ceo", "cto", "dietitian", "specialist", "strategist", "certified",
    "attorney", "share", "mail", "email", "e-mail", "twitter", "facebook", "senior", "associate", "special", "chefredakteur", "leiter", "md", "phd", "rd", "rdn", "copyright",
    "tweet", "this", "view", "show", "all", "alle", "alles", "about", "über", "kommentare", "kommentar", "comment", "reply", "antworten", "teilen", "drucken", "weiterlesen", "mehr", "gesponserte", "sponsored", "anzeige", "werbung",
    "datum", "date", "heute", "today", "gestern", "uhr", "profil", "profile", "kontakt", "contact", "website", "says", "sagt", "schreibt", "beiträge", "artikel", "articles", "posts", "css", "is", "was", "has", "ist", "hat", "wir", "we", "you", "our", "your",
    "ihr", "nicht", "not", "wie", "how", "why", "warum", "what", "quelle", "source", "last", "modified", "next", "contents", "toc", "toggle", "read", "watch", "listen", "live", "latest", "trending", "key", "points", "topics", "moderator", "forum", "ort", "stand", "autorenseite", "foto", "photo", "fotos", "bild", "image",
];

/// Small words inside names.
#[rustfmt::skip]
pub const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "v", "der", "den", "dem", "ten", "ter", "zu", "zur", "af", "av", "al",
    "el", "bin", "ibn", "bint", "ben", "y", "e", "st", "san", "mac", "'t", "op", "of", "the", "für", "and", "und", "lo", "dalla", "dal", "vom", "os", "abu", "ul", "ur",
];

/// What follows or precedes a name in the languages that set offices beside it.
pub const SUFFIXES: &[&str] = &[
    " 선임기자",
    " 인턴기자",
    " 객원기자",
    " 논설위원",
    " 특파원",
    " 통신원",
    " 앵커",
    " 기자",
    "선임기자",
    "특파원",
    "기자",
    "記者",
    "编辑",
    "特派員",
    " 電",
];

/// Articles: a name with one before it is that of a paper.
pub const ARTICLES: &[&str] = &["the", "der", "die", "das", "les", "los", "het"];

/// Last words of the names of desks that sign alone on a line.
pub const DESKS: &[&str] =
    &["team", "staff", "desk", "redaktion", "editors", "newsroom", "bureau", "press", "reporters"];
