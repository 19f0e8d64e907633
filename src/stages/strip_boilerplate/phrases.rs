//! Phrases that sites say in their own voice, in many languages: consent, newsletters, sharing, comments, further
//! reading, rights, credits, accounts.
//!
//! How often a block holds one of each group is a feature of the model: it learns on some languages what such
//! phrases mean, and knows it in all of them. All phrases are looked for in one pass.

use std::sync::LazyLock;

use aho_corasick::Match;

use super::finder::Finder;

/// Number of groups.
pub const GROUPS: usize = 8;
/// Consent to cookies and tracking.
pub const CONSENT: usize = 0;
/// Newsletters and subscriptions.
pub const SUBSCRIBE: usize = 1;
/// Sharing.
pub const SHARE: usize = 2;
/// Comments.
pub const COMMENTS: usize = 3;
/// Further reading.
pub const FURTHER: usize = 4;
/// Rights and terms.
pub const RIGHTS: usize = 5;
/// Credits and advertising.
pub const CREDITS: usize = 6;
/// Accounts and logging in.
pub const ACCOUNT: usize = 7;

/// Beginnings of words or whole phrases, by group, in small letters; separated by bars.
#[rustfmt::skip]
const PHRASES: [&str; GROUPS] = [
    // Consent
    "cookie|consent to|your consent|privacy|gdpr|legitimate interest|personalised|personalized|tracking|our partners|einwilligung|zustimmen|\
     datenschutz|personalisierte|unsere partner|confidentialité|consentement|traceurs|nos partenaires|privacidad|consentimiento|nuestros socios|\
     privacidade|consentimento|nossos parceiros|consenso|privacybeleid|toestemming|samtykke|samtycke|personvern|integritet|evästeit|prywatno|\
     zgod|ciastecz|soubory cookie|souhlas|confidențialitate|adatvédel|конфиденциальн|файлы cookie|персональных данных|согласи|конфіденційн|\
     gizlilik|çerez|kişisel veri|privasi|kebijakan|faragha|vidakuzi|同意|隐私|隱私|プライバシー|クッキー|쿠키|개인정보|ملفات تعريف|الخصوصية|شركاؤنا|کوکی|\
     حریم خصوصی|עוגיות|פרטיות|שותפינו|कुकी|गोपनीयता|απόρρητο|quyền riêng tư|\
     opt-out|opt out|do not sell|personal information|third-party content|externen inhalt|externe inhalte|drittplattformen|contenu externe|\
     contenido externo|contenuto esterno|externe inhoud|fournisseurs|proveedores|fornitori|zásady|súhlas|suhlas|kolačić|piškotk|slapuk|sīkdat|küpsis|\
     бисквитк|колачић|コンテンツを表示|クッキ",
    // Newsletters and subscriptions
    "newsletter|subscribe|your help|paywall|ad blocker|subscription|subscriber|sign up|your inbox|free trial|cancel any|donate|support our|become a member|supporter|contribution|\
     membership|abonnier|abonnement|abonnent|s'abonner|abonnez|inscrivez|votre boîte|suscrib|suscrip|boletín|apúntese|inscríb|su correo|\
     assine|assinatura|assinante|boletim|inscreva|iscriviti|abbona|casella di posta|nieuwsbrief|aanmelden|nyhetsbrev|nyhedsbrev|prenumer|\
     uutiskirje|tilaa|zapisz się|prenumerat|předplat|odběr|hírlevél|abonați|подпис|подпиш|рассылк|розсилк|підпис|підпиш|abone|bülten|berlangganan|buletin|jiandikishe|\
     订阅|訂閱|简报|电子报|メルマガ|ニュースレター|購読|会員登録|뉴스레터|구독|اشترك|نشرتنا|النشرة البريدية|خبرنامه|عضویت|הירשמו|ניוזלטר|न्यूज़लेटर|सदस्यता|सब्सक्राइब|\
     ενημερωτικό δελτίο|đăng ký|\
     get the app|download our app|download the app|unlimited access|unlimited digital|already a subscriber|support us|your e-mail|your email|\
     jetzt testen|probeabo|digitalabo|kostenlos testen|unterstützen sie|app herunter|accès illimité|réservé aux abonnés|je m'abonne|\
     faire un don|acceso ilimitado|suscriptores|descarga la app|exclusivo para|apoie|baixe o app|abbonati|sostienici|word abonnee|\
     doneer|bli medlem|støtt oss|stötta oss|abonner|tue meitä|wesprzyj|subskryp|wykup dostęp|předplatné|podpořte|predplatné|podporte|előfizet|támogass|\
     susțin|abonament|pretplat|naročn|prenumerata|telli |абонира|претплат|абонуй|підтримайте|поддержите|destek ol|dukung kami|\
     会员|會員|訂戶|下载客户端|下载app|有料会員|会員限定|無料会員|구독하기|앱 다운|حمل التطبيق|اشتراک|ดาวน์โหลด|สมัครสมาชิก|\
     εγγραφ|συνδρομ|ủng hộ",
    // Sharing
    "share this|copy link|copier le lien|link kopieren|copiar enlace|copiar link|copia link|kopiuj link|скопировать|share on|share via|share article|facebook|twitter|whatsapp|linkedin|pinterest|instagram|telegram|follow us|copy link|print this|\
     email this|teilen|folgen sie|drucken|partager|suivez|imprimer|compart|síguenos|imprimir|siga-nos|condivid|seguici|stampa|delen|dela |del på|\
     jaa |udostępnij|sdílet|megosztás|distribuie|поделиться|печать|поділитися|paylaş|yazdır|bagikan|shiriki|分享|复制链接|リンクをコピー|링크 복사|打印|微信|微博|シェア|ツイート|印刷|\
     공유|인쇄|شارك|مشاركة|فيسبوك|واتساب|نسخ الرابط|طباعة|هم‌رسانی|چاپ|שתפו|הדפס|העתקת|וואטסאפ|פייסבוק|साझा|शेयर|κοινοποίηση|chia sẻ|\
     share on x|tiktok|youtube|google news|add us as|preferred source|auf google|sur google|en google|vorlesen|artikel hören|écouter|escuchar|\
     ascolta|beluister|lyssna|kuuntele|posłuchaj|obserwuj nas|sledujte nás|kövess|urmăriți|pratite|следвайте|подписывайтесь|слушать|telegramda|ikuti kami|\
     朗读|收藏|点赞|关注我们|朗讀|ブックマーク|保存する|フォロー|팔로우|글자크기|스크랩|تابعنا|تابعونا|استمع|دنبال کنید|עקבו|फॉलो|ติดตาม|แชร์|theo dõi|ακολουθήστε",
    // Comments
    "comment|reply|log in to post|leave a reply|kommentar|commentaire|coment|commenti|reacties|reageer|kommentti|komentar|hozzászólás|коммент|\
     комента|yorum|maoni|评论|評論|留言|コメント|댓글|تعليق|نظرات|دیدگاه|תגובות|टिप्पणी|σχόλι|bình luận|\
     replies|join the conversation|have your say|what do you think|diskutieren|diskussion|leserbrief|meinung schreiben|réagir|opiniones de|participa en la|\
     deja tu|deixe seu|lascia un|praat mee|skriv et|diskuter|keskustel|skomentuj|komentář|diskuze|diskusia|obsudi|обсудить|обсуждени|yorumlar|跟帖|发表评论|\
     コメントを|의견|مشاركات|แสดงความคิดเห็น",
    // Further reading
    "read more|read also|more from|related|recommended|most read|most popular|trending|you may also|more stories|latest news|up next|continue reading|\
     see also|don't miss|mehr zum|lesen sie auch|mehr lesen|weiterlesen|meistgelesen|das könnte|weitere artikel|empfohlen|ähnliche|lire aussi|\
     à lire|lire la suite|les plus lus|sur le même|leer más|lea también|más leíd|relacionad|te puede interesar|leia mais|leia também|mais lidas|veja também|\
     leggi anche|leggi tutto|più letti|potrebbe interessarti|lees ook|lees meer|meest gelezen|läs också|läs mer|les også|les mer|læs også|mest lest|\
     lue myös|luetuimmat|czytaj także|czytaj też|zobacz także|polecamy|čtěte také|související|olvassa|citește|читайте также|читайте також|\
     по теме|популярн|похожие|за темою|ayrıca oku|ilgili haber|çok okunan|baca juga|terpopuler|soma pia|zinazohusiana|相关新闻|相关阅读|推荐阅读|延伸阅读|\
     热门|排行|関連記事|関連ニュース|ランキング|あわせて読|관련기사|많이 본|추천|اقرأ أيضا|اقرأ أيضاً|ذات صلة|الأكثر قراءة|مطالب مرتبط|پربازدید|עוד בנושא|כתבות נוספות|הנקראות|\
     यह भी पढ़|संबंधित|सबसे ज्यादा पढ़|διαβάστε|xem thêm|tin liên quan|\
     read next|more on|keep reading|in case you missed|you might|top stories|more news|what to read next|watch next|watch:|watch now|click here|find out more|\
     learn more|full coverage|also read|full story|explore more|must read|editor's pick|from our partners|the latest|zum thema|auch interessant|\
     mehr dazu|lesen sie mehr|lesen sie hier|mehr aus|mehr von|auch lesen|passend dazu|zur startseite|schlagwort|mehr erfahren|mehr lesen|lies auch|lesetipp|\
     leseempfehlung|im video|neueste|lire également|lire plus|voir aussi|pour aller plus loin|articles liés|à découvrir|en savoir plus|vous aimerez|notre dossier|\
     sur le sujet|à voir|lee también|lee más|lea más|ver más|más información|más noticias|otras noticias|últimas noticias|te recomendamos|\
     sigue leyendo|más sobre|mira también|también te|veja mais|saiba mais|mais sobre|continue lendo|últimas notícias|ver mais|leggi di più|\
     approfond|articoli correlati|altre notizie|i più letti|vedi anche|scopri di più|guarda anche|meer over|ook interessant|gerelateerd|lees verder|bekijk ook|\
     meer nieuws|läs vidare|mer om|senaste nytt|mest läst|relaterat|läs mer|se också|se også|siste nytt|les flere|les hele|læs mere|seneste nyt|mest læste|\
     lue lisää|katso myös|uusimmat|czytaj więcej|przeczytaj|więcej na|najpopularniejsze|najczęściej|polecane|powiązane|zobacz też|zobacz więcej|\
     przečtěte|přečtěte|čtěte|více k|nejčtenější|doporučujeme|mohlo by vás|prečítajte|čítajte|súvisiace|najčítanejšie|podobné|kapcsolódó|legolvasottabb|ajánló|\
     ezt is|tovább a|articole similare|cele mai citite|recomand|vezi și|pročitajte|čitajte|povezan|najčitanije|vezane vijesti|vezane vesti|preberite|\
     skaitykite|taip pat skaitykite|lasi arī|lasiet|loe ka|loe lisaks|llegeix també|le més|смотрите также|читайте ещё|читайте еще|материалы по теме|подробнее|\
     самое читаемое|ещё по теме|еще по теме|читайте ще|дивіться також|детальніше|прочетете|вижте още|най-четени|още по|прочитајте|повезан|bunları da|\
     ilginizi çek|devamını oku|haberin devamı|son dakika|daha fazla|baca selengkapnya|berita terkait|artikel terkait|simak juga|lihat juga|selanjutnya|阅读更多|\
     更多阅读|更多新闻|相关文章|相关链接|相關新聞|相關文章|推薦閱讀|延伸閱讀|点击查看|點擊|猜你喜欢|编辑推荐|更多内容|查看更多|看更多|熱門|您可能|另見|另见|上一篇|下一篇|もっと見る|続きを読む|\
     関連リンク|関連キーワード|おすすめ|人気記事|こちらも|【関連|新着|一覧を見る|詳しくは|特集|연관기사|관련 기사|관련뉴스|인기 기사|인기기사|더보기|함께 볼|주요뉴스|이 기사|바로가기|핫클릭|اقرأ المزيد|المزيد من|\
     مواضيع|شاهد أيضا|قد يعجبك|إقرأ|بیشتر بخوانید|همچنین بخوانید|اخبار مرتبط|مزید پڑھیں|یہ بھی پڑھیں|קראו גם|קראו עוד|לכתבה|אולי יעניין|ये भी पढ़|और पढ़ें|यह भी|আরও পড়ুন|আরো পড়ুন|மேலும் படிக்க|\
     ఇవి చదవండి|อ่านเพิ่มเติม|ข่าวที่เกี่ยวข้อง|อ่านข่าว|แนะนำ|đọc thêm|có thể bạn|bài liên quan|tin cùng|διαβάστε ακόμα|σχετικά|δείτε επίσης|δημοφιλή",
    // Rights and terms
    "copyright|all rights reserved|©|terms of|terms and conditions|disclaimer|without permission|reproduction|licensed under|imprint|impressum|nutzungsbedingungen|\
     alle rechte|agb|nachdruck|mentions légales|tous droits|conditions générales|reproduction interdite|aviso legal|todos los derechos|prohibida la|\
     reproducción|todos os direitos|reprodução|termos de uso|tutti i diritti|riproduzione riservata|alle rechten|algemene voorwaarden|rettigheter|\
     upphovsrätt|kaikki oikeudet|wszelkie prawa|regulamin|všechna práva|minden jog|toate drepturile|все права|перепечатк|всі права|передрук|\
     tüm hakları|hak cipta|haki zote|版权所有|版權所有|转载|未经授权|備案|备案|無断転載|著作権|禁じます|무단전재|재배포|저작권|جميع الحقوق|محفوظة|حقوق|זכויות|כל הזכויות|\
     सर्वाधिकार|कॉपीराइट|πνευματικά|bản quyền|\
     all content|may not be|este contenido|contenuto riservato|redistribut|zabezpečené|vyhrazena|pridržana|pravice|autorių teis|autortiesības|autoriõigus|\
     всички права|забрањено|hakkı saklıdır|dilarang|版權|不得转载|禁止转载|轉載|無断|ⓒ|저작권자|무단 전재|حقوق النشر|ลิขสิทธิ์",
    // Credits and advertising
    "photo:|photo by|image:|getty|shutterstock|file photo|photograph|courtesy of|advertisement|advertising|sponsored|affiliate|promoted|ad choices|foto:|\
     bild:|quelle:|anzeige|werbung|crédit|photo d'|publicité|foto de|publicidad|fuente:|imagen:|publicidade|foto di|pubblicità|advertentie|bron:|annons|\
     reklam|annonse|mainos|fot.|źródło|reklama|hirdetés|publicitate|фото:|реклам|iklan|sumber:|picha:|图片来源|图源|广告|責任編集|责任编辑|写真|広告|사진=|광고|إعلان|الصورة|\
     عکس:|تبلیغ|צילום|פרסומת|विज्ञापन|φωτό|ảnh:|\
     image credit|picture:|pictured:|photos:|credit:|via getty|getty images|afp via|handout|imago|picture alliance|dpa |archivbild|symbolbild|symbolfoto|\
     bildquelle|foto ap|© |photo afp|photo d’archives|fotografía|foto: ansa|foto anp|foto: ritzau|foto: tt|foto: ntb|kuva:|zdjęcie|fot |zdroj:|\
     fotó:|sursa foto|sursa:|foto: hina|фото |снимка|източник|fotoğraf|foto ilustrasi|资料图|图为|新华社发|攝影|攝|圖為|圖／|圖片|記者攝|撮影|資料写真|提供=|＝共同|사진 |연합뉴스|뉴시스|뉴스1|\
     자료사진|أ ف ب|رويترز|تصویر|फोटो|तस्वीर|ภาพ|ภาพจาก|nguồn ảnh|φωτογραφία",
    // Accounts
    "sign in|log in|login|log out|register|password|username|your account|forgot|my account|anmelden|registrieren|passwort|einloggen|se connecter|connexion|\
     mot de passe|créer un compte|inicia sesión|iniciar sesión|contraseña|regístr|crear cuenta|entrar|senha|cadastre|accedi|registrati|inloggen|wachtwoord|\
     logga in|logg inn|log ind|kirjaudu|zaloguj|zarejestruj|přihlásit|heslo|bejelentkezés|autentificare|войти|регистрац|пароль|увійти|giriş yap|\
     üye ol|şifre|masuk|daftar|ingia|登录|登入|注册|密码|ログイン|パスワード|로그인|회원가입|تسجيل الدخول|كلمة المرور|ورود|ثبت نام|התחבר|הרשמה|लॉगिन|लॉग इन|σύνδεση|đăng nhập|\
     create an account|create account|free account|access articles|manage your|jetzt anmelden|konto erstellen|s'identifier|s'inscrire|\
     faça login|já é assinante|crea un account|maak een account|skapa konto|opprett|opret|luo tunnus|załóż konto|vytvořit účet|registruj|prijava|\
     вхід|зарегистр|вход |kayıt ol|buat akun|立即登录|註冊|登錄|会員|アカウント|계정|회원|הרשמו|เข้าสู่ระบบ",
];

static FINDER: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::new(&PHRASES));

/// Groups of phrases ready to be found.
pub struct Phrases {
    finder: Finder,
    /// The group of each phrase.
    groups: Vec<u8>,
}

/// Where a phrase stands in a text.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// Its number.
    pub phrase: usize,
    /// Its group.
    pub group: usize,
    /// Its first byte.
    pub start: usize,
    /// Its end.
    pub end: usize,
    /// Whether it begins where a word does.
    pub begins_word: bool,
}

impl Phrases {
    /// Makes groups of phrases in small letters, separated by bars, ready.
    pub fn new(phrases: &[impl AsRef<str>]) -> Option<Self> {
        let mut patterns: Vec<String> = Vec::new();
        let mut groups = Vec::new();
        for (group, phrases) in phrases.iter().enumerate() {
            for phrase in phrases.as_ref().split('|') {
                patterns.push(phrase.to_owned());
                groups.push(group as u8);
                // Letters beyond ASCII are matched as they stand: also with a capital first.
                let mut chars = phrase.chars();
                if let Some(first) = chars.next().filter(|c| !phrase.is_ascii() && c.is_lowercase()) {
                    patterns.push(first.to_uppercase().chain(chars).collect());
                    groups.push(group as u8);
                }
            }
        }
        Finder::new(&patterns).map(|finder| Self { finder, groups })
    }

    /// The phrases in a text, from left to right, without overlaps.
    pub fn find_iter<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Occurrence> + 't {
        self.finder.find_iter(text).map(|found| self.occurrence(text, &found))
    }

    /// Those that begin where a word does.
    pub fn find_words<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Occurrence> + 't {
        let found = self.finder.find_words(text).map(|found| self.occurrence(text, &found));
        found.filter(|found| found.begins_word)
    }

    fn occurrence(&self, text: &str, found: &Match) -> Occurrence {
        let phrase = found.pattern().as_usize();
        let before = text[..found.start()].chars().next_back();
        let inside = before.is_some_and(|c| {
            // Hebrew and Arabic set small words before others without a space.
            let prefixes = matches!(c, '\u{590}'..='\u{6ff}');
            c.is_alphabetic() && !prefixes && !super::words::is_unspaced(c)
        });
        Occurrence {
            phrase,
            group: usize::from(self.groups[phrase]),
            start: found.start(),
            end: found.end(),
            begins_word: !inside,
        }
    }
}

/// The phrases that a text holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// How many of each group, up to 255.
    pub counts: [u8; GROUPS],
    /// One more than the group of the phrase that the text begins with; 0 where it begins with none.
    pub start: u8,
    /// The same for its end.
    pub end: u8,
}

/// Bytes that may stand before the first phrase, or after the last one, of a text.
const MARGIN: usize = 6;

/// Looks for phrases in a text.
pub fn find(text: &str) -> Found {
    let mut out = Found::default();
    let found = (*FINDER).as_ref().map(|phrases| phrases.find_words(text));
    for found in found.into_iter().flatten() {
        let count = &mut out.counts[found.group];
        *count = count.saturating_add(1);
        let code = found.group as u8 + 1;
        if found.start <= MARGIN && out.start == 0 {
            out.start = code;
        }
        out.end = if text.len() - found.end <= MARGIN { code } else { 0 };
    }
    out
}

/// Words that stand above or below an advertisement, alone on their line, in small letters.
#[rustfmt::skip]
const ADVERTISEMENT: [&str; 53] = [
    "ad", "ads", "advert", "advertisement", "advertisements", "advertising", "sponsored", "paid content", "paid post", "promoted content",
    "anzeige", "werbung", "werbeanzeige", "publicité", "annonce", "publicidad", "anuncio", "anuncios", "publicidade", "anúncio", "publicitat",
    "pubblicità", "advertentie", "reclame", "annons", "annonse", "reklame", "reklam", "mainos", "reklama", "reklamı", "inzerce", "inzercia",
    "hirdetés", "publicitate", "oglas", "reklāma", "реклама", "оглас", "διαφήμιση", "iklan", "tangazo", "quảng cáo", "โฆษณา", "广告", "廣告",
    "広告", "광고", "إعلان", "تبلیغات", "آگهی", "פרסומת", "विज्ञापन",
];

/// Whether a text is a word for advertising and nothing else.
pub fn is_advertisement(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    // None is as long as this.
    word.len() <= 32 && ADVERTISEMENT.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_known_in_many_languages() {
        assert_eq!(find("Wir verwenden Cookies. Datenschutz").counts[CONSENT], 2);
        assert_eq!(find("Подпишитесь на нашу рассылку").counts[SUBSCRIBE], 2);
        assert_eq!(find("请先登录").counts[ACCOUNT], 1);
        assert_eq!(find("The council met on Tuesday and voted for the pier"), Found::default());
    }

    #[test]
    fn words_for_advertising_are_known_alone() {
        for text in ["Publicité", "- Werbung -", "ANUNCIO", "РЕКЛАМА", "広告", "विज्ञापन", "Advertisement:"]
        {
            assert!(is_advertisement(text), "{text}");
        }
        for text in ["", "Werbung im Fernsehen", "Reklam verbudet", "広告費"] {
            assert!(!is_advertisement(text), "{text}");
        }
    }
}
