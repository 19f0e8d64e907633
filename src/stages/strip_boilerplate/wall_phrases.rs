//! What walls say: words of a site to its reader about reading on, and about the reader's data.
//!
//! News speaks of the same things (registrations, agreements, subscribers, cookies), but of others and to nobody. A
//! wall speaks of itself and to the one who reads: what to do to read on, what becomes of one's data here. So phrases
//! are told apart by who could say them, in the languages that [`super::phrases`] knows.

use std::sync::LazyLock;

use super::phrases::Phrases;

/// Number of groups.
const GROUPS: usize = 4;
/// Said by nobody but a site that asks for consent.
pub const ASKS_CONSENT: usize = 0;
/// What goes with such a request, and may stand in news on the matter.
pub const OF_CONSENT: usize = 1;
/// Said by nobody but a site whose text is for those who pay or sign in.
pub const ASKS_SIGN_IN: usize = 2;
/// What goes with such an offer, and may stand in news on the matter.
pub const OF_SIGN_IN: usize = 3;

/// Phrases by group, in small letters, separated by bars, a language or two a line.
#[rustfmt::skip]
const PHRASES: [&str; GROUPS] = [
    // Asks for consent
    "we value your|we respect your privacy|we care about your|your privacy matters|your privacy is important|we and our|us and our partners|we use cookies|\
     we use essential|this site uses cookies|this website uses cookies|our site uses cookies|our website uses cookies|with our partners|our partners|we process your|we store information on|we store and|we need your|\
     click accept|click to consent|before you continue|if you consent|to change your choices|you can change your choices|you may click to consent|\
     uns und unsere|wir und unsere|wir und bis zu|wir verwenden cookies|wir nutzen cookies|wir setzen cookies|diese website verwendet|diese webseite verwendet|diese website nutzt|\
     verarbeiten wir und|verarbeiten wir ihre|wir verarbeiten ihre|wir verarbeiten daten|wir verarbeiten personen|unsere partner|unseren partnern|wir brauchen ihre|wir benötigen ihre|mit werbung lesen|\
     mit werbung weiter|ihre privatsphäre|ihr datenschutz|stimmen sie|willigen sie|\
     nous et nos|avec nos partenaires|nos partenaires|nous utilisons des cookies|ce site utilise|notre site utilise|nous respectons votre|votre vie privée|le respect de votre|\
     en poursuivant votre|continuer sans accepter|nous avons besoin de votre|nous traitons vos|nous traitons des données|nous stockons des|\
     nosotros y nuestros|nuestros socios|utilizamos cookies|usamos cookies|este sitio utiliza|este sitio web utiliza|esta web utiliza|esta página utiliza|nos importa tu|nos importa su|\
     valoramos tu|valoramos su|respetamos tu|respetamos su|tu privacidad|su privacidad es|si sigues navegando|si continúa navegando|\
     nós e os nossos|nós e nossos|nossos parceiros|os nossos parceiros|nossos fornecedores|utilizamos cookies|usamos cookies|este site utiliza|este site usa|a sua privacidade|sua privacidade é|\
     valorizamos a sua|respeitamos a sua|\
     noi e i nostri|i nostri partner|nostri fornitori|utilizziamo cookie|utilizziamo i cookie|usiamo i cookie|questo sito utilizza|questo sito usa|la tua privacy|la vostra privacy|rispettiamo la|\
     continuando a navigare|continua senza accettare|\
     wij en onze|we en onze|onze partners|wij gebruiken cookies|we gebruiken cookies|deze website gebruikt|deze site gebruikt|uw privacy|jouw privacy|je privacy|door op akkoord|door op accepteren|klik op akkoord|\
     vi och våra|våra partner|vi använder cookies|vi använder kakor|webbplatsen använder|din integritet|vi värnar om|\
     vi og våre|våre partnere|vi bruker cookies|vi bruker informasjonskapsler|nettstedet bruker|personvernet ditt|ditt personvern|\
     vi og vores|vores partnere|vi bruger cookies|vi anvender cookies|hjemmesiden bruger|dit privatliv|\
     me ja kumppanimme|kumppanimme|käytämme evästeitä|sivusto käyttää|yksityisyytesi|arvostamme yksityisyyttäsi|\
     my i nasi|nasi partnerzy|naszych partnerów|naszymi partnerami|zaufani partnerzy|używamy plików|korzystamy z plików|ta strona używa|strona korzysta z plików|cenimy twoją|cenimy prywatność|twoja prywatność|\
     dbamy o twoją|\
     my a naši|naši partneři|s našimi partnery|našim partnerům|používáme cookies|používáme soubory|tento web používá|tyto stránky používají|vaše soukromí|na vašem soukromí|\
     my a naši partneri|naši partneri|používame cookies|používame súbory|táto stránka používa|táto webová stránka|vaše súkromie|na vašom súkromí|\
     mi és partnereink|partnereink|sütiket használunk|cookie-kat használunk|az oldal sütiket|ez a weboldal|az ön adatainak|adatainak védelme|\
     noi și partenerii|partenerii noștri|folosim cookie|utilizăm cookie|acest site folosește|acest site utilizează|confidențialitatea ta|confidențialitatea dumneavoastră|\
     ние и нашите|нашите партньори|използваме бисквитки|този сайт използва|вашата поверителност|\
     mi i naši|naši partneri|koristimo kolačiće|ova stranica koristi|ovaj sajt koristi|vaša privatnost|ми и наши|наши партнери|користимо колачиће|ваша приватност|\
     mi in naši|naši partnerji|uporabljamo piškotke|spletno mesto uporablja|vaša zasebnost|\
     мы и наши|наши партнёры|наши партнеры|нашими партнёрами|нашими партнерами|наших партнёров|наших партнеров|мы используем cookie|мы используем файлы|этот сайт использует|наш сайт использует|на сайте используются|\
     ваша конфиденциальность|продолжая пользоваться|продолжая использовать|\
     ми та наші|ми і наші|наші партнери|нашими партнерами|ми використовуємо файли|ми використовуємо cookie|цей сайт використовує|ваша конфіденційність|ваша приватність|\
     biz ve iş ortak|biz ve ortak|iş ortaklarımız|ortaklarımız|çerezler kullanıyoruz|çerez kullanıyoruz|bu site çerez|sitemizde çerez|gizliliğiniz|gizliliğinize|\
     kami dan mitra|mitra kami|kami menggunakan cookie|situs ini menggunakan|privasi anda|\
     sisi na washirika|washirika wetu|tunatumia vidakuzi|tovuti hii inatumia|faragha yako|\
     χρησιμοποιούμε cookies|εμείς και οι|συνεργάτες μας|το απόρρητό σας|η ιδιωτικότητά σας|\
     chúng tôi và các|đối tác của chúng tôi|chúng tôi sử dụng cookie|trang web này sử dụng|quyền riêng tư của bạn|\
     เราใช้คุกกี้|เว็บไซต์นี้ใช้คุกกี้|ความเป็นส่วนตัวของคุณ|พันธมิตรของเรา|\
     我们和我们的|我们及我们的|我们的合作伙伴|我们与合作伙伴|我们使用cookie|我们使用 cookie|本网站使用|本站使用|您的隐私|点击同意|點擊同意|我們和我們的|我們及我們的|我們的合作夥伴|我們使用cookie|我們使用 cookie|本網站使用|您的隱私|\
     当社および当社の|当社と当社の|当サイトでは|本サイトでは|このサイトでは|このウェブサイトでは|クッキーを使用して|クッキーを使用します|cookieを使用して|cookieを使用します|お客様のプライバシー|\
     당사와 당사|당사와 파트너|당사 및 당사|당사 및 파트너|저희와 저희|저희와 파트너|저희는 쿠키|이 사이트는 쿠키|이 웹사이트는 쿠키|쿠키를 사용합니다|귀하의 개인정보|\
     نحن وشركاؤنا|نحن نستخدم ملفات|نستخدم ملفات|شركاؤنا|شركائنا|يستخدم هذا الموقع|خصوصيتك|\
     ما و شرکای|شرکای ما|ما از کوکی|این سایت از کوکی|این وب‌سایت از کوکی|حریم خصوصی شما|\
     אנחנו והשותפים|אנו והשותפים|השותפים שלנו|אנו משתמשים בעוגיות|אנחנו משתמשים בעוגיות|אתר זה משתמש|האתר משתמש בעוגיות|הפרטיות שלך|פרטיותך|\
     हम और हमारे|हमारे साझेदार|हमारे पार्टनर|हम कुकी|यह वेबसाइट कुकी|यह साइट कुकी|आपकी गोपनीयता",
    // Of consent
    "accept all|reject all|refuse all|accept and|agree and|i agree|more options|cookie settings|cookie policy|privacy settings|privacy policy|privacy choices|legitimate interest|\
     unique identifier|personalised ad|personalized ad|personalised content|personalized content|list of partners|vendors|audience research|at any time|store and access|store and/or access|\
     access information on|information on your device|on your device|on a device|your consent|your preferences|your choices|your personal data|manage preferences|manage options|you agree|you consent|necessary cookies|\
     alle akzeptieren|alles akzeptieren|akzeptieren und|zustimmen und|alle ablehnen|datenschutz-einstellungen|datenschutzeinstellungen|cookie-einstellungen|datenschutzerklärung|berechtigtes interesse|\
     berechtigten interesse|auf ihrem gerät|auf einem gerät|auf ihrem endgerät|kennungen|personalisierte anzeigen|personalisierte werbung|jederzeit|ihre einwilligung|ihre zustimmung|ihre daten|werbefrei|pur-abo|\
     tout accepter|tout refuser|accepter et|paramétrer|gérer mes|gérer les|personnaliser mes choix|politique de confidentialité|intérêt légitime|sur votre appareil|sur votre terminal|sur un appareil|\
     identifiants|publicités personnalisées|publicité personnalisée|contenus personnalisés|à tout moment|votre consentement|vos choix|vos données|vos préférences|mesure d'audience|\
     aceptar todo|aceptar y|rechazar todo|rechazar y|configurar|más opciones|gestionar|política de privacidad|política de cookies|interés legítimo|en tu dispositivo|en su dispositivo|en un dispositivo|\
     identificadores|anuncios personalizados|publicidad personalizada|contenido personalizado|en cualquier momento|tu consentimiento|su consentimiento|tus datos|sus datos|tus preferencias|sus preferencias|\
     aceitar tudo|aceitar e|aceitar todos|rejeitar|recusar|gerir|gerenciar|política de cookies|política de privacidade|interesse legítimo|no seu dispositivo|num dispositivo|em um dispositivo|\
     anúncios personalizados|publicidade personalizada|conteúdo personalizado|a qualquer momento|seu consentimento|seus dados|suas preferências|suas escolhas|\
     accetta tutto|accetta tutti|accetta e|rifiuta|gestisci|personalizza|informativa|interesse legittimo|sul tuo dispositivo|sul dispositivo|su un dispositivo|identificatori|\
     annunci personalizzati|pubblicità personalizzata|contenuti personalizzati|in qualsiasi momento|in qualunque momento|tuo consenso|tue preferenze|tue scelte|tuoi dati|\
     alles accepteren|accepteren|akkoord|weigeren|instellingen|cookiebeleid|privacybeleid|gerechtvaardigd belang|op je apparaat|op uw apparaat|op een apparaat|gepersonaliseerde|op elk moment|\
     uw toestemming|je toestemming|jouw toestemming|uw voorkeuren|je voorkeuren|je gegevens|uw gegevens|\
     acceptera alla|godkänn|acceptera|avvisa|inställningar|berättigat intresse|på din enhet|på en enhet|när som helst|ditt samtycke|dina val|dina uppgifter|personligt anpassad|integritetspolicy|\
     godta alle|godta|aksepter|avvis|innstillinger|berettiget interesse|på enheten|når som helst|ditt samtykke|samtykket ditt|dine valg|dine data|personvernerklæring|personlig tilpass|\
     accepter alle|accepter|afvis|indstillinger|legitim interesse|på din enhed|på en enhed|når som helst|dit samtykke|dine valg|dine oplysninger|privatlivspolitik|\
     hyväksy kaikki|hyväksy|hylkää|asetukset|oikeutettu etu|laitteelle|laitteellesi|milloin tahansa|suostumuksesi|valintasi|tietojasi|tietosuoja|\
     akceptuj|zaakceptuj|przejdź do serwisu|odrzuć|ustawienia|uzasadniony interes|uzasadnionego interesu|na urządzeniu|na twoim urządzeniu|identyfikator|spersonalizowan|w dowolnym momencie|w każdej chwili|\
     twoja zgoda|twoją zgodę|twojej zgody|twoich danych|twoje dane|polityka prywatności|polityce prywatności|\
     přijmout vše|přijmout|souhlasím|odmítnout|nastavení|oprávněný zájem|oprávněného zájmu|na vašem zařízení|v zařízení|identifikátor|personalizovan|kdykoli|váš souhlas|vašich údajů|vašimi údaji|zásady|\
     prijať všetko|prijať|súhlasím|odmietnuť|nastavenia|oprávnený záujem|vo vašom zariadení|v zariadení|personalizovan|kedykoľvek|váš súhlas|vašich údajov|\
     elfogadom|összes elfogadása|elutasít|beállítás|jogos érdek|az ön eszközén|eszközön|azonosító|személyre szabott|bármikor|hozzájárulás|adatvédelmi|\
     accept toate|acceptă|refuză|respinge|setări|interes legitim|pe dispozitivul|pe un dispozitiv|identificator|personalizat|în orice moment|oricând|consimțământul|datele tale|datele dumneavoastră|politica de|\
     приемам|приемане|отказ|настройки|законен интерес|на вашето устройство|персонализиран|по всяко време|вашето съгласие|вашите данни|\
     prihvati|prihvaćam|prihvatam|odbij|postavke|podešavanja|legitimni interes|na vašem uređaju|na uređaju|u bilo kojem|u bilo kom|vaš pristanak|vaša privola|vaše podatke|\
     sprejmi|sprejmem|zavrni|nastavitve|zakoniti interes|na vaši napravi|kadar koli|kadarkoli|vaše soglasje|\
     принять все|принять|согласен|согласиться|отклонить|отказаться|настройки|законный интерес|на вашем устройстве|на устройстве|идентификатор|персонализированн|в любое время|в любой момент|ваше согласие|вашего согласия|\
     ваших данных|ваши данные|политика конфиденциальности|политике конфиденциальности|\
     прийняти все|прийняти|погоджуюся|погодитися|відхилити|налаштування|законний інтерес|на вашому пристрої|на пристрої|ідентифікатор|персоналізован|будь-коли|у будь-який час|вашу згоду|ваша згода|ваших даних|ваші дані|політика|\
     tümünü kabul|kabul et|kabul ediyorum|reddet|tercihler|ayarlar|meşru menfaat|cihazınız|cihazda|kişiselleştiril|istediğiniz zaman|dilediğiniz zaman|onayınız|rızanız|kişisel verileriniz|verilerinizi|politikası|\
     terima semua|terima dan|setuju|tolak|pengaturan|kelola|kepentingan yang sah|di perangkat|iklan yang dipersonalisasi|dipersonalisasi|kapan saja|persetujuan anda|preferensi anda|data pribadi anda|kebijakan|\
     kubali|kataa|mipangilio|kwenye kifaa|wakati wowote|idhini yako|data yako|taarifa zako|sera ya|\
     αποδοχή|αποδέχομαι|συμφωνώ|απόρριψη|ρυθμίσεις|έννομο συμφέρον|στη συσκευή|εξατομικευμέν|ανά πάσα στιγμή|συγκατάθεσή σας|προτιμήσεις σας|δεδομένα σας|πολιτική|\
     chấp nhận|đồng ý|từ chối|cài đặt|lợi ích hợp pháp|trên thiết bị|cá nhân hóa|bất cứ lúc nào|bất kỳ lúc nào|dữ liệu của bạn|lựa chọn của bạn|chính sách|\
     ยอมรับทั้งหมด|ยอมรับ|ปฏิเสธ|ตั้งค่า|บนอุปกรณ์|ได้ทุกเมื่อ|ความยินยอม|นโยบาย|\
     全部接受|接受全部|接受所有|全部拒绝|拒绝全部|同意并|更多选项|管理选项|合法利益|您的设备|个性化|随时|您的同意|您的选择|您的个人|隐私政策|全部拒絕|同意並|更多選項|合法權益|您的裝置|個人化|隨時|您的選擇|您的個人|隱私權|隱私政策|\
     すべて許可|すべて受け入れ|同意する|同意して|拒否|設定|正当な利益|お使いの端末|端末|デバイス|パーソナライズ|いつでも|お客様の同意|プライバシーポリシー|\
     모두 동의|모두 수락|동의합니다|동의하고|거부|설정|정당한 이익|기기|맞춤|언제든지|귀하의 동의|개인정보처리방침|개인정보 처리방침|\
     قبول الكل|موافق|أوافق|رفض|إعدادات|المصلحة المشروعة|مصلحة مشروعة|على جهازك|جهازك|مخصصة|في أي وقت|موافقتك|بياناتك|تفضيلاتك|سياسة الخصوصية|\
     پذیرش همه|می‌پذیرم|موافقم|رد کردن|تنظیمات|منافع مشروع|دستگاه شما|شخصی‌سازی|هر زمان|رضایت شما|داده‌های شما|اطلاعات شما|سیاست|\
     אישור הכל|אני מסכים|מסכים|דחייה|הגדרות|אינטרס לגיטימי|במכשיר|מותאמות אישית|מותאם אישית|בכל עת|הסכמתך|ההסכמה שלך|המידע שלך|מדיניות|\
     सभी स्वीकार|स्वीकार करें|सहमत|अस्वीकार|सेटिंग|वैध हित|आपके डिवाइस|डिवाइस पर|वैयक्तिकृत|किसी भी समय|आपकी सहमति|आपके डेटा|आपका डेटा|नीति|\
     by clicking|by continuing|mit klick auf|mit einem klick auf|durch klicken|en cliquant|al hacer clic|al pulsar|si haces clic|ao clicar|ao continuar|cliccando|facendo clic|door te klikken|genom att klicka|ved å klikke|ved at klikke|klikkaamalla|napsauttamalla|klikając|kliknij|kliknutím|prin apăsarea|dând clic|făcând clic|с натискането|klikom na|кликом на|s klikom|нажимая|нажав|натискаючи|натиснувши|tıklayarak|dengan mengklik|dengan mengeklik|kwa kubofya|κάνοντας κλικ|πατώντας|bằng cách nhấp|をクリックすると|클릭하면|클릭하시면|بالنقر|بالضغط على|با کلیک|בלחיצה על|क्लिक करके|a gombra kattintva|kattintva",
    // Asks to subscribe or sign in
    "to continue reading|to keep reading|to read on|continue reading|keep reading|to read the full|to read the rest|to read this|to view this|to access this|read the full article|read the full story|\
     subscribe to read|subscribe to unlock|subscribe to continue|subscribe to keep|subscribe to view|subscribe to access|subscribe now|subscribe today|subscribe for full|already a subscriber|already subscribe?|already subscribed?|\
     already a member?|already have an account|already registered?|not a subscriber?|not yet a subscriber?|you have reached your|you've reached your|you've read your|your free article|free articles|choose your plan|\
     register to read|register to continue|register to keep|unlock this article|unlock this story|unlock this content|unlock the article|unlock the full article|unlock the full story|unlock the story|this article is for subscribers|this article is for paying|this article is for members|this article is for registered|this story is for subscribers|this story is for members|this content is for subscribers|this content is for members|this article is exclusive|this article is reserved|this article is only|\
     this story is only|exclusive for our|become a member to|join to read|does your company subscribe|please log in|please sign in|\
     um weiterzulesen|jetzt weiterlesen|weiterlesen mit|diesen artikel lesen|artikel weiterlesen|den ganzen artikel|den vollständigen artikel|den kompletten artikel|bereits abonnent?|bereits abonnentin|schon abonnent?|schon abonnentin|bereits abonniert?|\
     sie haben bereits|sie sind bereits|noch kein abo?|noch kein abonnent?|noch nicht registriert?|dieser artikel ist exklusiv|dieser artikel ist nur|dieser inhalt ist|dieser text ist|\
     jetzt abonnieren|lesen sie weiter|lesen sie diesen|um diesen artikel|um den artikel|um alle artikel|wählen sie ihr|sie möchten weiterlesen|\
     pour lire la suite|pour continuer votre lecture|poursuivre la lecture|poursuivre votre lecture|poursuivez votre lecture|continuer la lecture|lire la suite|lire cet article|lire l'intégralité|\
     lire l'article en|cet article est réservé|cet article est exclusivement|article réservé|réservé à nos|la suite est réservée|contenu réservé|déjà abonné ?|déjà abonné?|déjà abonnée|déjà abonné(e)|vous êtes déjà|vous avez déjà un|\
     pas encore abonné ?|pas encore abonné?|abonnez-vous pour|je m'abonne|débloquez|il vous reste|\
     para seguir leyendo|para continuar leyendo|sigue leyendo|siga leyendo|continúa leyendo|continúe leyendo|para leer este artículo|para leer este contenido|para leer el artículo|para leer la noticia|leer el artículo completo|lee el artículo completo|este artículo es exclusivo|\
     este artículo es solo|este contenido es|ya eres suscriptor|ya es suscriptor?|ya tienes cuenta|ya tienes una|ya tiene una cuenta|\
     aún no eres|todavía no eres|suscríbete para|suscríbase para|hazte suscriptor|has alcanzado|ha alcanzado el límite de artículos|ha alcanzado su límite|regístrate para|regístrese para|\
     para continuar lendo|para continuar a ler|continue lendo|continuar a ler|continue a ler|para ler este artigo|para ler este conteúdo|para ler este texto|para ler esta notícia|para ler esta reportagem|para ler esta matéria|para ler a reportagem|para ler a notícia|para ler o artigo|para ler o texto|leia a matéria completa|leia o artigo completo|leia a íntegra|\
     este conteúdo é|este artigo é|esta matéria é|já é assinante?|já sou assinante|\
     já tem conta|já tem uma conta|já possui conta|já possui uma conta|já possui cadastro|ainda não é assinante|assine para|assine já|assine agora|torne-se assinante|seja assinante|você atingiu|cadastre-se para|\
     per continuare a leggere|continua a leggere|per leggere questo articolo|per leggere questo contenuto|per leggere l'articolo|per leggere tutti|leggere l'articolo completo|leggi l'articolo completo|questo articolo è|questo contenuto è|\
     riservato ai nostri|sei già abbonato|già abbonato?|hai già un|hai un abbonamento|non sei ancora|abbonati per|abbonati ora|abbonati subito|hai raggiunto|registrati per|sblocca l'articolo|sblocca la lettura|sblocca questo|\
     om verder te lezen|verder lezen|lees verder|om dit artikel|dit artikel lezen|dit artikel is|dit verhaal is|al abonnee?|u al abonnee|je al abonnee|\
     heb je al een|heeft u al een|nog geen abonnee?|word abonnee|kies je abonnement|lees het hele artikel|\
     för att läsa vidare|för att läsa hela|för att läsa artikeln|för att läsa mer|fortsätt läsa|fortsätta läsa|läs vidare|läsa hela artikeln|den här artikeln är|denna artikel är|artikeln är låst|för dig som är|redan prenumerant?|är du redan|har du redan|bli prenumerant|\
     prenumerera för att|lås upp|\
     for å lese videre|for å lese hele|for å lese saken|for å lese artikkelen|les videre|lese videre|lese hele saken|lese hele artikkelen|denne saken er|denne artikkelen er|allerede abonnent?|er du allerede|har du allerede|bli abonnent|kjøp abonnement|\
     for at læse videre|for at læse hele|for at læse artiklen|læs videre|læse videre|læse hele artiklen|denne artikel er|allerede abonnent?|bliv abonnent|lås op|\
     jatka lukemista|jatkaaksesi|lukeaksesi|lue koko juttu|lue koko artikkeli|tämä artikkeli on|tämä juttu on|tämä sisältö on|oletko jo tilaaja|oletko jo|onko sinulla jo|tilaa nyt|aloita tilaus|\
     aby czytać dalej|czytaj dalej|aby przeczytać|przeczytaj cały|przeczytać cały|dostęp do tego artykułu|ten artykuł jest|ten artykuł przeczytasz|artykuł dostępny|dalsza część artykułu|\
     dla naszych prenumeratorów|masz już|jesteś już|wykup dostęp|kup dostęp|wykup prenumeratę|wybierz prenumeratę|odblokuj|\
     chcete-li číst|chcete číst dál|pro čtení celého|číst dál|pokračovat ve čtení|pokračování článku|celý článek si|tento článek je|článek je určen|máte již|už máte|máte předplatné|\
     jste již předplatitel|předplaťte si|odemkněte|dočtěte|\
     ak chcete čítať|chcete čítať|pokračovať v čítaní|celý článok si|tento článok je|už máte|máte už|máte predplatné|predplaťte si|odomknite|\
     a továbbolvasáshoz|a folytatáshoz|olvassa tovább|olvasd tovább|a cikk elolvasásához|a teljes cikk|ez a cikk|már előfizető?|előfizetőnk|már van előfizetése|már van fiókja|fizessen elő|fizess elő|előfizetek|\
     pentru a citi mai departe|pentru a citi articolul|pentru a citi integral|pentru a citi tot|pentru a continua lectura|pentru a continua să|continuă să citești|continuați lectura|continuă lectura|citește articolul|acest articol este|ești deja|sunteți deja|ai deja|aveți deja|abonează-te|abonați-vă|deblochează|\
     за да прочетете|за да продължите|продължете да четете|тази статия е|вече сте|вече имате|абонирайте се|станете абонат|\
     za nastavak čitanja|nastavite čitati|nastavite sa čitanjem|za čitanje članka|za čitanje cijelog|za čitanje celog|ovaj članak je|ovaj tekst je|ovaj sadržaj|već ste|već imate|pretplatite se|postanite pretplatnik|otključajte|\
     за наставак читања|наставите са читањем|овај чланак је|овај текст је|већ сте|већ имате|претплатите се|постаните претплатник|\
     za nadaljevanje branja|nadaljujte z branjem|za branje celotnega|za branje članka|ta članek|članek je na voljo|ste že|že imate|naročite se|\
     чтобы продолжить чтение|чтобы читать дальше|чтобы читать полностью|чтобы читать статью|чтобы читать материал|чтобы дочитать|чтобы прочитать статью|чтобы прочитать материал|чтобы прочитать текст|чтобы прочитать полностью|продолжить чтение|читать дальше|читайте дальше|полный текст доступен|полный текст статьи доступен|эта статья доступна|этот материал доступен|этот текст доступен|материал доступен|доступен только подписчикам|доступен только по подписке|\
     доступна только подписчикам|доступна только по подписке|уже есть подписка?|уже есть аккаунт?|уже подписаны?|уже подписан?|уже подписчик?|оформите подписку|подпишитесь, чтобы|подпишитесь и|\
     щоб продовжити читання|щоб читати далі|щоб читати повністю|щоб читати статтю|щоб читати матеріал|щоб дочитати|щоб прочитати статтю|щоб прочитати матеріал|щоб прочитати текст|щоб прочитати повністю|продовжити читання|читати далі|читайте далі|повний текст доступний|повний текст статті доступний|ця стаття доступна|цей матеріал доступний|цей текст доступний|матеріал доступний|доступний лише передплатникам|доступний лише для передплатників|доступна лише передплатникам|доступна лише для передплатників|\
     доступний тільки передплатникам|доступний тільки для передплатників|доступна тільки передплатникам|доступна тільки для передплатників|вже є передплата|вже маєте|вже передплатник?|вже передплатили?|оформіть передплату|оформіть підписку|передплатіть|\
     okumaya devam|devamını okumak|haberi okumak|yazıyı okumak|tamamını okumak|bu içerik|bu haber abone|bu yazı abone|zaten abone|abone misiniz|aboneliğiniz|hesabınız var|abone olun|hemen abone|\
     untuk melanjutkan membaca|lanjutkan membaca|untuk membaca artikel|untuk membaca berita|untuk membaca selengkapnya|baca artikel|artikel ini khusus|artikel ini hanya|konten ini khusus|konten ini hanya|sudah berlangganan?|sudah menjadi pelanggan?|sudah menjadi anggota?|sudah punya akun|sudah memiliki akun|\
     berlangganan sekarang|berlangganan untuk|mulai berlangganan|pilih paket|\
     ili kuendelea kusoma|endelea kusoma|kuendelea kusoma|kusoma habari hii|kusoma makala hii|makala hii ni|habari hii ni|tayari ni mwanachama?|tayari umejisajili|tayari una|una akaunti|jiandikishe ili|jisajili ili|\
     για να συνεχίσετε|συνεχίστε την ανάγνωση|για να διαβάσετε|διαβάστε ολόκληρο|διαβάστε όλο|αυτό το άρθρο είναι|είστε ήδη|είστε συνδρομητής|έχετε ήδη|γίνετε συνδρομητ|\
     để đọc tiếp|để tiếp tục đọc|để đọc bài|để đọc toàn|đọc toàn bộ|bài viết này dành|bài viết này chỉ|nội dung này dành|nội dung này chỉ|bạn đã có|bạn đã là|đăng ký ngay|mua gói|\
     อ่านต่อ|เพื่ออ่านต่อ|เพื่ออ่านบทความ|บทความนี้สำหรับ|บทความนี้เฉพาะ|เป็นสมาชิกอยู่แล้ว|มีบัญชีอยู่แล้ว|สมัครสมาชิกเพื่อ|\
     继续阅读|阅读全文|阅读本文|查看全文|解锁全文|本文为付费|本文仅|已是会员？|已是会员?|已经是会员？|已经是会员?|已是订阅|已订阅？|已订阅?|已有账号|已有账户|立即订阅|立即开通|\
     繼續閱讀|閱讀全文|閱讀本文|解鎖全文|本文為付費|本文僅|已是會員？|已是會員?|已經是會員？|已經是會員?|已是訂|已訂閱？|已訂閱?|已有帳號|已有帳戶|立即訂閱|立即加入|\
     続きを読む|続きを読み|続きを読め|続きは有料|続きは会員|続きはログイン|続きをお読み|この続き|この記事は有料|この記事は会員|この記事の続き|この記事を読む|この記事を最後|有料会員になると|全文をお読み|全文を読|記事全文|すでに会員|既に会員|すでにアカウント|会員の方|今すぐ登録|\
     계속 읽|이어서 읽|더 읽으시려면|전문을 읽|전문을 보|기사 전문을 읽|기사 전문을 보|이 기사는 유료|이 기사는 구독|이 기사는 회원|이 콘텐츠는 유료|이 콘텐츠는 구독|이 콘텐츠는 회원|이미 구독 중|이미 구독하|이미 회원이신|이미 회원이라면|구독 중이|구독하시면|지금 구독|로그인 후|로그인하시면|로그인이 필요|\
     لمتابعة القراءة|لمواصلة القراءة|لاستكمال القراءة|لقراءة المقال|لقراءة هذا|أكمل القراءة|هذا المقال متاح|هذا المقال مخصص|هذا المحتوى متاح|هذا المحتوى مخصص|هذا المحتوى حصري|هل أنت مشترك|مشترك بالفعل|لديك حساب|\
     لديك اشتراك|اشترك الآن|اشترك لقراءة|اشترك لمتابعة|\
     برای ادامه مطالعه|برای ادامه خواندن|برای ادامهٔ مطالعه|برای خواندن این|برای خواندن کامل|برای مطالعه این|برای مطالعه کامل|ادامه این مطلب|این مطلب ویژه|این مقاله ویژه|این مطلب فقط|مشترک هستید|حساب کاربری دارید|قبلا ثبت|مشترک شوید|اشتراک تهیه|\
     להמשך קריאה|להמשיך לקרוא|לקריאת הכתבה|לקריאה מלאה|הכתבה המלאה|כתבה זו זמינה|כתבה זו מיועדת|הכתבה זמינה|תוכן זה זמין|תוכן זה מיועד|כבר מנוי?|כבר מנויים?|מנויים קיימים|יש לך חשבון|הצטרפו עכשיו|הירשמו כדי|רכשו מינוי|\
     आगे पढ़ने के लिए|पढ़ना जारी|पढ़ते रहने|पूरा लेख पढ़|पूरी खबर पढ़|यह लेख केवल|यह लेख सिर्फ|यह खबर केवल|पहले से सदस्य|पहले से सब्सक्राइबर|पहले से खाता|अभी सब्सक्राइब|सदस्यता लें",
    // Of subscriptions and accounts
    "unlimited|full access|full digital access|free trial|cancel any|cancel at any|per month|a month|a week|digital subscription|subscribers|subscriber-only|sign in|log in|create an account|create a free|register|trial|subscribe|\
     jederzeit kündbar|monatlich kündbar|kündbar|unbegrenzt|pro monat|probemonat|probeabo|digitalabo|kostenlos|anmelden|registrieren|einloggen|zugang zu allen|zugriff auf alle|abonnent|\
     sans engagement|accès illimité|par mois|le premier mois|se connecter|connectez-vous|créer un compte|créez un compte|résiliable|essai gratuit|offre d'abonnement|offres d'abonnement|offre numérique|abonnés|identifiez-vous|\
     acceso ilimitado|cancela cuando|cancele cuando|sin permanencia|al mes|inicia sesión|iniciar sesión|inicie sesión|prueba gratis|suscríbete|suscríbase|suscriptor|regístr|crear cuenta|crea una cuenta|\
     acesso ilimitado|cancele quando|por mês|faça login|inicie sessão|iniciar sessão|sem fidelidade|grátis|cadastre-se|registe-se|assinante|assinatura|\
     accesso illimitato|disdici|al mese|accedi|prova gratuita|senza vincoli|abbonat|abbonamento|crea un account|registrati|\
     onbeperkt|opzegbaar|per maand|inloggen|log in|proefabonnement|abonnee|\
     avsluta när|obegränsad|per månad|kr/mån|logga in|skapa konto|skapa ett konto|prenumerant|alla artiklar|si opp når|avslutt når|ubegrenset|per måned|kr/mnd|logg inn|opprett|abonnent|full tilgang|tilgang til|\
     opsig når|ubegrænset|om måneden|log ind|opret|adgang til|\
     kirjaudu|peru milloin|rajaton|kuukaudessa|€/kk|luo tunnus|ilmainen kokeilu|tilaaj|\
     nieograniczon|zrezygnuj|rezygnujesz|miesięcznie|zaloguj|załóż konto|za darmo|subskryp|subskryb|prenumerat|zarejestruj|\
     neomezen|zrušit kdykoli|zrušit můžete|měsíčně|přihlásit|přihlaste|předplat|registrujte|registrovat|registrovať|neobmedzen|zrušiť|mesačne|prihlás|predplat|\
     korlátlan|bármikor lemond|lemondható|havonta|lépjen be|jelentkezz|bejelentkez|regisztrál|előfizet|\
     nelimitat|anulezi oricând|anulați oricând|pe lună|autentific|cont gratuit|abonament|abonați|conectează-te|\
     неограничен|по всяко време|на месец|влезте|вход|регистр|абонат|абонамент|neograničen|otkazati|otkažite|mjesečno|mesečno|prijavi|registrirajte|registrujte|pretplat|неограничен|месечно|пријави|претплат|neomejen|mesečno|prijavi|naroč|\
     безлимитн|неограниченн|отменить|в месяц|войдите|войти|зарегистрируйтесь|подписк|подписчик|пробный|необмежен|скасувати|на місяць|увійдіть|увійти|зареєструйтеся|передплат|підписк|пробний|\
     sınırsız|iptal edebilirsiniz|istediğiniz zaman|aylık|ayda|giriş yap|üye ol|kayıt ol|ücretsiz|deneme|abone|\
     tanpa batas|batalkan kapan|per bulan|silakan masuk|masuk dengan|masuk ke akun|daftar sekarang|daftar gratis|uji coba|berlangganan|akses penuh|pelanggan|bila kikomo|kwa mwezi|ingia hapa|ingia kwenye akaunti|jisajili|jiandikishe|usajili|wanachama|\
     απεριόριστη|απεριόριστ|ακυρώ|τον μήνα|το μήνα|συνδεθείτε|σύνδεση|εγγραφ|συνδρομ|không giới hạn|hủy bất|mỗi tháng|đăng nhập|đăng ký|dùng thử|tài khoản|thành viên|ไม่จำกัด|ยกเลิกได้|ต่อเดือน|เข้าสู่ระบบ|สมัครสมาชิก|ลงทะเบียน|ทดลอง|\
     无限|不限|随时取消|每月|登录|登入|注册|免费|订阅|会员|無限|隨時取消|登錄|註冊|免費|訂閱|會員|訂戶|読み放題|いつでも解約|解約|月額|ログイン|新規登録|会員登録|無料|初月|お試し|有料会員|有料プラン|購読|\
     무제한|언제든지 해지|언제든 해지|로그인|회원가입|무료|구독|가입|غير محدود|إلغاء|شهريا|شهرياً|تسجيل الدخول|سجل الدخول|سجّل|إنشاء حساب|اشتراك|مجان|المشتركين|نامحدود|لغو|ماهانه|در ماه|وارد شوید|ورود|ثبت نام|ثبت‌نام|اشتراک|رایگان|\
     ללא הגבלה|ביטול בכל|לבטל בכל|לחודש|התחבר|הירשמו|הרשמה|מינוי|מנוי|ניסיון|असीमित|कभी भी रद्द|प्रति माह|हर महीने|लॉग इन|लॉगिन|साइन इन|रजिस्टर|सब्सक्राइब|सदस्यता|मुफ्त|\
     available to subscribers|exclusive to subscribers|exclusively for subscribers|become a subscriber|exklusiv für abonnent|nur für abonnent|réservé aux abonnés|réservée aux abonnés|contenido exclusivo|exclusivo para suscriptores|solo para suscriptores|sólo para suscriptores|conteúdo exclusivo|exclusivo para assinantes|exclusiva para assinantes|só para assinantes|somente para assinantes|apenas para assinantes|reservado a assinantes|riservato agli abbonati|contenuto riservato|contenuto esclusivo|exclusief voor abonnees|alleen voor abonnees|alleen toegankelijk voor|endast för prenumeranter|kun for abonnenter|bare for abonnenter|vain tilaajille|tylko dla subskrybentów|tylko dla prenumeratorów|jen pro předplatitele|pouze pro předplatitele|len pre predplatiteľov|iba pre predplatiteľov|csak előfizető|doar pentru abonați|exclusiv pentru abonați|само за абонати|samo za pretplatnike|само за претплатнике|samo za naročnike|только для подписчиков|лише для передплатників|тільки для передплатників|yalnızca abone|sadece abone|abonelere özel|khusus pelanggan|hanya untuk pelanggan|αποκλειστικά για συνδρομητές|μόνο για συνδρομητές|chỉ dành cho|เฉพาะสมาชิก|สำหรับสมาชิก|仅限会员|仅限订阅|会员专享|会员专属|付费内容|成为会员|僅限會員|僅限訂|會員專享|會員專屬|付費內容|成為會員|有料会員限定|会員限定|購読する|구독자 전용|유료 회원|회원 전용|للمشتركين فقط|حصري للمشتركين|حصريا للمشتركين|ویژه مشترکان|فقط برای مشترکان|למנויים בלבד|בלעדי למנויים|केवल सदस्यों|केवल सब्सक्राइबर|सिर्फ सब्सक्राइबर",
];

/// Words that address a reader; and such words that mean others where they have no capital inside a sentence.
#[rustfmt::skip]
const READERS: [&str; 2] = [
    "you |your |you're |you've |vous |votre |vos |usted|tus |tu |você|tuo |tua |tuoi |tue |puoi |uw |je |jouw |ditt |dina |deg |dine |\
     sinu|twoje|twoją|twojej|twoich|twój|możesz|masz |vaše|vám |váš|vašich|můžete|môžete|máte |ön |önnek|önt |dumneavoastră|dvs|poți |puteți |ești |sunteți |вие |вашите|вашето|вашата|можете|vaš|možete|imate |ваш|ви |вас |\
     вы |вам |siz|olun |olabilirsiniz|edebilirsiniz|verileriniz|tercihiniz|cihazınız|hesabınız|aboneliğiniz|gizliliğiniz|dilediğiniz|istediğiniz|anda |anda.|anda,|kamu |wako|yako|zako|lako|unaweza|σας |σας.|σας,|μπορείτε|είστε|bạn|quý vị|quý độc giả|คุณ|ท่าน|\
     您|你|あなた|お客様|ください|いただ|ご利用|ご登録|귀하|하세요|하십시오|주십시오|주세요|으시려면|하시면|님의|يمكنك|لديك|بياناتك|جهازك|موافقتك|اشتراكك|تفضيلاتك|خصوصيتك|خياراتك|أنت |شما|کنید|شوید|\
     שלך|שלכם|אתם |אתה |באפשרותך|תוכלו|הסכמתך|פרטיותך|आप|करें",
    "sie |ihre|ihnen |ihr ",
];

static FINDER: LazyLock<Option<Phrases>> = LazyLock::new(|| ready(PHRASES));
static READER_FINDER: LazyLock<Option<Phrases>> = LazyLock::new(|| ready(READERS));

fn ready<const N: usize>(groups: [&str; N]) -> Option<Phrases> {
    // Of apostrophes there are two.
    Phrases::new(&groups.map(|group| format!("{group}|{}", group.replace('\'', "’"))))
}

/// The phrases of a text: their number and their group.
pub fn find(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let found = (*FINDER).as_ref().map(|phrases| phrases.find_words(text));
    found.into_iter().flatten().map(|found| (found.phrase, found.group))
}

/// Whether a text addresses its reader.
pub fn addresses_reader(text: &str) -> bool {
    let found = (*READER_FINDER).as_ref().map(|phrases| phrases.find_iter(text));
    found.into_iter().flatten().any(|found| {
        let first = text[found.start..].chars().next().unwrap_or(' ');
        if found.group == 1 {
            return found.begins_word && first.is_uppercase() && is_inside(&text[..found.start]);
        }
        // Korean puts what it says to the reader behind its verbs.
        found.begins_word || matches!(first, '가'..='힣')
    })
}

/// Whether a sentence goes on behind a text.
fn is_inside(before: &str) -> bool {
    let last = before.trim_end().chars().next_back();
    last.is_some_and(|c| c.is_alphanumeric() || matches!(c, ',' | '“' | '”' | '‘' | '«' | '»' | '-' | '–'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(text: &str) -> Vec<usize> {
        find(text).map(|(_, group)| group).collect()
    }

    #[test]
    fn sites_and_news_say_other_things_of_one_matter() {
        assert_eq!(groups("Subscribe to read on"), [ASKS_SIGN_IN]);
        assert_eq!(groups("The clerks signed for shares of the company").len(), 0);
        assert_eq!(groups("Pour lire la suite, connectez-vous"), [ASKS_SIGN_IN, OF_SIGN_IN]);
        assert_eq!(groups("Pour lire la suite : je m’abonne"), [ASKS_SIGN_IN, ASKS_SIGN_IN]);
    }

    #[test]
    fn readers_are_addressed_in_many_ways() {
        for text in [
            "Change your choices",
            "Hier können Sie alles lesen",
            "계속 읽으려면 등록하세요",
            "Aquí puedes cambiar tus datos",
        ] {
            assert!(addresses_reader(text), "{text}");
        }
        for text in ["The young clerk", "Sie lesen viel. Sie sagten, dass sie lesen", "읽었다고 말했다"]
        {
            assert!(!addresses_reader(text), "{text}");
        }
    }
}
