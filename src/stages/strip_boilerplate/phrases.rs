//! Phrases that sites say in their own voice, in many languages: consent, newsletters, sharing, comments, further
//! reading, rights, credits, accounts.
//!
//! How often a block holds one of each group is a feature of the model: it learns on some languages what such
//! phrases mean, and knows it in all of them. All phrases are looked for in one pass.

use std::sync::LazyLock;

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
     حریم خصوصی|עוגיות|פרטיות|שותפינו|कुकी|गोपनीयता|απόρρητο|quyền riêng tư",
    // Newsletters and subscriptions
    "newsletter|subscribe|your help|paywall|ad blocker|subscription|subscriber|sign up|your inbox|free trial|cancel any|donate|support our|become a member|supporter|contribution|\
     membership|abonnier|abonnement|abonnent|s'abonner|abonnez|inscrivez|votre boîte|suscrib|suscrip|boletín|apúntese|inscríb|su correo|\
     assine|assinatura|assinante|boletim|inscreva|iscriviti|abbona|casella di posta|nieuwsbrief|aanmelden|nyhetsbrev|nyhedsbrev|prenumer|\
     uutiskirje|tilaa|zapisz się|prenumerat|předplat|odběr|hírlevél|abonați|подпис|подпиш|рассылк|розсилк|підпис|підпиш|abone|bülten|berlangganan|buletin|jiandikishe|\
     订阅|訂閱|简报|电子报|メルマガ|ニュースレター|購読|会員登録|뉴스레터|구독|اشترك|نشرتنا|النشرة البريدية|خبرنامه|عضویت|הירשמו|ניוזלטר|न्यूज़लेटर|सदस्यता|सब्सक्राइब|\
     ενημερωτικό δελτίο|đăng ký",
    // Sharing
    "share this|copy link|copier le lien|link kopieren|copiar enlace|copiar link|copia link|kopiuj link|скопировать|share on|share via|share article|facebook|twitter|whatsapp|linkedin|pinterest|instagram|telegram|follow us|copy link|print this|\
     email this|teilen|folgen sie|drucken|partager|suivez|imprimer|compart|síguenos|imprimir|siga-nos|condivid|seguici|stampa|delen|dela |del på|\
     jaa |udostępnij|sdílet|megosztás|distribuie|поделиться|печать|поділитися|paylaş|yazdır|bagikan|shiriki|分享|复制链接|リンクをコピー|링크 복사|打印|微信|微博|シェア|ツイート|印刷|\
     공유|인쇄|شارك|مشاركة|فيسبوك|واتساب|نسخ الرابط|طباعة|هم‌رسانی|چاپ|שתפו|הדפס|העתקת|וואטסאפ|פייסבוק|साझा|शेयर|κοινοποίηση|chia sẻ",
    // Comments
    "comment|reply|log in to post|leave a reply|kommentar|commentaire|coment|commenti|reacties|reageer|kommentti|komentar|hozzászólás|коммент|\
     комента|yorum|maoni|评论|評論|留言|コメント|댓글|تعليق|نظرات|دیدگاه|תגובות|टिप्पणी|σχόλι|bình luận",
    // Further reading
    "read more|read also|more from|related|recommended|most read|most popular|trending|you may also|more stories|latest news|up next|continue reading|\
     see also|don't miss|mehr zum|lesen sie auch|mehr lesen|weiterlesen|meistgelesen|das könnte|weitere artikel|empfohlen|ähnliche|lire aussi|\
     à lire|lire la suite|les plus lus|sur le même|leer más|lea también|más leíd|relacionad|te puede interesar|leia mais|leia também|mais lidas|veja também|\
     leggi anche|leggi tutto|più letti|potrebbe interessarti|lees ook|lees meer|meest gelezen|läs också|läs mer|les også|les mer|læs også|mest lest|\
     lue myös|luetuimmat|czytaj także|czytaj też|zobacz także|polecamy|čtěte také|související|olvassa|citește|читайте также|читайте також|\
     по теме|популярн|похожие|за темою|ayrıca oku|ilgili haber|çok okunan|baca juga|terpopuler|soma pia|zinazohusiana|相关新闻|相关阅读|推荐阅读|延伸阅读|\
     热门|排行|関連記事|関連ニュース|ランキング|あわせて読|관련기사|많이 본|추천|اقرأ أيضا|اقرأ أيضاً|ذات صلة|الأكثر قراءة|مطالب مرتبط|پربازدید|עוד בנושא|כתבות נוספות|הנקראות|\
     यह भी पढ़|संबंधित|सबसे ज्यादा पढ़|διαβάστε|xem thêm|tin liên quan",
    // Rights and terms
    "copyright|all rights reserved|©|terms of|terms and conditions|disclaimer|without permission|reproduction|licensed under|imprint|impressum|nutzungsbedingungen|\
     alle rechte|agb|nachdruck|mentions légales|tous droits|conditions générales|reproduction interdite|aviso legal|todos los derechos|prohibida la|\
     reproducción|todos os direitos|reprodução|termos de uso|tutti i diritti|riproduzione riservata|alle rechten|algemene voorwaarden|rettigheter|\
     upphovsrätt|kaikki oikeudet|wszelkie prawa|regulamin|všechna práva|minden jog|toate drepturile|все права|перепечатк|всі права|передрук|\
     tüm hakları|hak cipta|haki zote|版权所有|版權所有|转载|未经授权|備案|备案|無断転載|著作権|禁じます|무단전재|재배포|저작권|جميع الحقوق|محفوظة|حقوق|זכויות|כל הזכויות|\
     सर्वाधिकार|कॉपीराइट|πνευματικά|bản quyền",
    // Credits and advertising
    "photo:|photo by|image:|getty|shutterstock|file photo|photograph|courtesy of|advertisement|advertising|sponsored|affiliate|promoted|ad choices|foto:|\
     bild:|quelle:|anzeige|werbung|crédit|photo d'|publicité|foto de|publicidad|fuente:|imagen:|publicidade|foto di|pubblicità|advertentie|bron:|annons|\
     reklam|annonse|mainos|fot.|źródło|reklama|hirdetés|publicitate|фото:|реклам|iklan|sumber:|picha:|图片来源|图源|广告|責任編集|责任编辑|写真|広告|사진=|광고|إعلان|الصورة|\
     عکس:|تبلیغ|צילום|פרסומת|विज्ञापन|φωτό|ảnh:",
    // Accounts
    "sign in|log in|login|log out|register|password|username|your account|forgot|my account|anmelden|registrieren|passwort|einloggen|se connecter|connexion|\
     mot de passe|créer un compte|inicia sesión|iniciar sesión|contraseña|regístr|crear cuenta|entrar|senha|cadastre|accedi|registrati|inloggen|wachtwoord|\
     logga in|logg inn|log ind|kirjaudu|zaloguj|zarejestruj|přihlásit|heslo|bejelentkezés|autentificare|войти|регистрац|пароль|увійти|giriş yap|\
     üye ol|şifre|masuk|daftar|ingia|登录|登入|注册|密码|ログイン|パスワード|로그인|회원가입|تسجيل الدخول|كلمة المرور|ورود|ثبت نام|התחבר|הרשמה|लॉगिन|लॉग इन|σύνδεση|đăng nhập",
];

static FINDER: LazyLock<Option<(Finder, Vec<u8>)>> = LazyLock::new(|| {
    let mut patterns: Vec<String> = Vec::new();
    let mut groups = Vec::new();
    for (group, phrases) in PHRASES.iter().enumerate() {
        for phrase in phrases.split('|') {
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
    Finder::new(&patterns).map(|finder| (finder, groups))
});

/// How many phrases of each group a text holds, up to 255.
pub fn count(text: &str) -> [u8; GROUPS] {
    let mut counts = [0u8; GROUPS];
    if let Some((finder, groups)) = &*FINDER {
        for found in finder.find_iter(text) {
            // A phrase begins where a word does.
            let before = text[..found.start()].chars().next_back();
            let inside = before.is_some_and(|c| {
                // Hebrew and Arabic set small words before others without a space.
                let prefixes = matches!(c, '\u{590}'..='\u{6ff}');
                c.is_alphabetic() && !prefixes && !super::words::is_unspaced(c)
            });
            if !inside {
                let count = &mut counts[groups[found.pattern().as_usize()] as usize];
                *count = count.saturating_add(1);
            }
        }
    }
    counts
}

/// The group of the phrase that a text ends with.
pub fn at_end(text: &str) -> Option<usize> {
    let (finder, groups) = (*FINDER).as_ref()?;
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut start = text.len().saturating_sub(40);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let tail = &text[start..];
    let last = finder.find_iter(tail).last()?;
    (tail.len() - last.end() <= 6).then(|| groups[last.pattern().as_usize()] as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_known_in_many_languages() {
        assert_eq!(count("Wir verwenden Cookies. Datenschutz")[CONSENT], 2);
        assert_eq!(count("Подпишитесь на нашу рассылку")[SUBSCRIBE], 2);
        assert_eq!(count("请先登录")[ACCOUNT], 1);
        assert_eq!(count("The council met on Tuesday and voted for the pier"), [0; GROUPS]);
    }
}
