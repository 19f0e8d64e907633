//! News that speaks of what walls speak of, and walls in many languages.

use super::super::tests::strip;
use crate::record::{Markup, Reason};

/// As lines, and as paragraphs below a headline.
fn outcomes(lines: &[&str]) -> [Result<String, Reason>; 2] {
    let [head, rest @ ..] = lines else { panic!("no lines") };
    let paragraphs: String = rest.iter().map(|line| format!("<p>{line}</p>")).collect();
    let html =
        format!("<title>{head}</title><body><main><h1>{head}</h1>{paragraphs}</main><footer>© 2026</footer>");
    [strip(Markup::Plain, lines.join("\n\n")), strip(Markup::Html, html)]
        .map(|outcome| outcome.map(|got| got.text).map_err(|(reason, _)| reason))
}

#[test]
fn news_on_shares_courts_and_subscriptions_is_no_wall() {
    for story in STORIES {
        let lines: Vec<&str> = story.split('\n').map(str::trim).collect();
        for outcome in outcomes(&lines) {
            let text = outcome.unwrap_or_else(|reason| panic!("{reason:?}: {}", lines[0]));
            assert!(!text.is_empty());
        }
    }
}

#[test]
fn walls_are_walls_in_many_languages() {
    let mut missed = Vec::new();
    for (reason, walls) in [(Reason::ConsentWall, CONSENT), (Reason::Paywall, PAID)] {
        for wall in walls {
            let lines: Vec<&str> = wall.split('\n').map(str::trim).collect();
            for (shape, outcome) in ["plain", "HTML"].into_iter().zip(outcomes(&lines)) {
                if outcome.as_ref().err() != Some(&reason) {
                    missed.push(format!("{shape} {}: {outcome:?}", lines[0]));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A wall that lets one read the beginning is an article, as far as it goes.
#[test]
fn the_beginning_of_a_story_above_an_offer_is_an_article() {
    let lead = "The harbour town of Lindmere voted on Tuesday to rebuild its pier, which the storms of the winter had carried \
                off. Mayor Anna Holt said that work would begin before the summer, at a price of two million crowns.";
    let lines: Vec<&str> = PAID[0].split('\n').map(str::trim).collect();
    let page = [&["Pier to be rebuilt", lead], &lines[..]].concat();
    for outcome in outcomes(&page) {
        assert!(outcome.unwrap().contains("The harbour town"));
    }
}

/// Figures without sentences, with appeals of the site amid them.
#[test]
fn figures_are_text_beside_an_offer() {
    let story = "LINDMERE GRAIN REGISTRATIONS FOR EXPORT\n\
        Export registrations of the Lindmere grain board in the week to Tuesday, in thousands of tonnes, with those of the \
        week before in brackets:\n\
        BREAD WHEAT 113.5 (21.8)\nMAIZE 13.6 (26.5)\nSORGHUM 30.1 (36.7)\nSOYBEAN 30.0 (36.0)\nSUNFLOWER SEED nil (93.1)\n\
        Subscribe now and get unlimited access to every story in the Lindmere Post for just 9 crowns a month.\n\
        LINSEED 1.5 (2.8)\nSUNFLOWER OIL 10.4 (3.2)\nSOYBEAN OIL 9.0 (11.1)";
    let lines: Vec<&str> = story.split('\n').map(str::trim).collect();
    assert!(outcomes(&lines).iter().all(Result::is_ok));
}

/// A notice of two lines amid menus; without it there is nothing but menus.
#[test]
fn a_short_notice_is_an_article() {
    let menu: String = (0..24).map(|n| format!("<li><a href=/{n}>Part {n} of the harbour</a>")).collect();
    let page = |notice: &str| {
        format!(
            "<title>Part 12 is ready - Harbour models</title><body><ul class=menu>{menu}</ul><div id=content>\
             <h1>Harbour models - <a href=/archive>Archive</a></h1><h2>Part 12 is ready</h2>3 March 2026, 19:49 {notice}</div>"
        )
    };
    let notice = "Part 12 of the model harbour is ready. As ever it can be seen by members alone. Part 13 follows on Friday.";
    let got = strip(Markup::Html, page(&format!("<p>{notice}</p>"))).unwrap();
    assert!(got.text.contains(notice), "{}", got.text);
    assert_eq!(strip(Markup::Html, page("")).unwrap_err().0, Reason::NoArticle);
}

/// A headline, then paragraphs.
const STORIES: &[&str] = &[
    "HOLT SHIPPING TO OFFER SHARES\n\
     Holt Shipping said it will offer two million shares of common stock and has filed a registration statement with the regulator.\n\
     The offer was registered on Monday, and it is open for subscription by holders of old shares until May, the company said.",
    "Coffee board may close registrations\n\
     The coffee board of Marrow Bay could close registrations for export in May tonight, after very heavy sales, exporters said.\n\
     They estimated registrations today at more than 1.2 million bags. Yesterday 645,000 bags were registered.",
    "Members put off debate on contributions\n\
     The sugar council discussed its budget contributions but did not agree on the share of each member, delegates said.\n\
     A spokesman said that two members had paid no contributions this year and may lose their membership.",
    "Regulator fines shop over cookies\n\
     The privacy regulator has fined a chain of shops four million crowns for setting cookies without the consent of visitors.\n\
     The chain had shared the browsing history of customers with advertisers, and gave them no way to refuse tracking, it said.\n\
     The company said that it would appeal. \"We value the privacy of our customers,\" a spokesman said.",
    "Paper raises price of subscriptions\n\
     The Lindmere Post will raise the price of a digital subscription to 12 crowns a month in January, its publisher said.\n\
     Subscribers have unlimited access to its stories and can cancel at any time. The paper has 40,000 subscribers.",
    "Voters can register from Monday\n\
     Residents of Lindmere can register to vote from Monday, the town said. Registration ends on 3 May at noon.\n\
     They sign in with the password that the town has sent to every household, and need no account of their own.",
    "Aktien der Werft sind begehrt\n\
     Die Werft Holt hat neue Aktien ausgegeben, für deren Kauf sich bis Freitag 12.000 Anleger registrieren ließen.\n\
     Zeichnen konnte, wer sich bis Mittag mit einem Passwort seiner Bank anmelden konnte, teilte die Werft mit.",
    "Strafe wegen Cookies\n\
     Die Aufsicht für den Datenschutz hat gegen eine Kette von Läden eine Strafe verhängt, weil sie Cookies ohne Einwilligung setzte.\n\
     Das Gericht hatte entschieden, dass Besucher zustimmen müssen, bevor ihr Verhalten verfolgt wird. Die Kette will klagen.",
    "Zeitung verkauft mehr Abonnements\n\
     Die Zeitung von Lindmere hat im vergangenen Jahr 4.000 Abonnenten gewonnen und verlangt nun zwölf Kronen im Monat.\n\
     Ein Abonnement ist monatlich kündbar, den Newsletter erhalten Leser weiter kostenlos, sagte der Verleger.",
    "Le journal augmente ses prix\n\
     Le quotidien de Lindmere augmente le prix de son abonnement numérique à douze couronnes par mois, a annoncé sa direction.\n\
     Les abonnés, au nombre de 40 000, peuvent résilier leur contrat sans engagement, et le journal vise 50 000 abonnements.",
    "Amende pour des cookies\n\
     L'autorité de protection de la vie privée a infligé une amende à une chaîne de magasins pour des cookies déposés sans consentement.\n\
     La chaîne suivait ses clients à l'aide de traceurs sans leur permettre de refuser, selon la décision publiée mardi.",
    "La naviera emite acciones\n\
     La naviera Holt emite dos millones de acciones, que los accionistas podrán suscribir hasta el viernes, según el registro.\n\
     La suscripción superó ya en tres veces la oferta, informó la empresa, que destinará los fondos a pagar su deuda.",
    "Multa por el uso de cookies\n\
     La agencia de protección de datos impuso una multa a una cadena de tiendas por usar cookies sin el consentimiento de los usuarios.\n\
     La cadena vulneró la privacidad de sus clientes, según la agencia, y anunció que recurrirá la multa ante los tribunales.",
    "Завод разместит акции\n\
     Завод в Линдмере разместит два миллиона акций, подписка на которые открыта до пятницы, сообщила компания.\n\
     Регистрация выпуска завершена в понедельник, а подписка уже втрое превысила предложение, сказал директор завода.",
    "Суд отложил дело\n\
     Суд в Линдмере отложил дело об утечке персональных данных жителей города, так как стороны не пришли к согласию.\n\
     Истцы добиваются возмещения, а город ссылается на согласие, которое жители дали при получении карт, сообщил суд.",
    "Mahakama yaahirisha kesi\n\
     Mahakama ya Lindmere imeahirisha kesi ya maafisa watatu walioshtakiwa kwa kurekodi simu ya faragha ya meya wa mji huo.\n\
     Wakili wao alisema kwamba simu hiyo ya faragha ilirekodiwa kabla ya maafisa hao kuanza kazi, na kesi itaendelea Ijumaa.",
    "Koperasi buka pendaftaran\n\
     Koperasi nelayan Lindmere membuka pendaftaran bagi anggota baru, dan sudah 1.200 orang mendaftar hingga hari Senin.\n\
     Jumlah kapal yang masuk ke pelabuhan naik, sehingga ikan yang masuk pasar bertambah, kata ketua koperasi itu.",
    "造船公司发行新股\n\
     林德米尔造船公司周一宣布发行两百万股新股，注册资本将增至四千万克朗，现有股东可以在周五之前按照持股比例认购，公司将用这笔资金偿还短期债务并修建一座新的船坞，预计明年夏天完工，届时将增加三百个就业岗位。\n\
     公司说，注册手续已经完成，监管机构同意这次发行，认购倍数达到三倍，周二收盘时股价上涨了百分之四，交易所表示将在下周公布最终结果，分析人士认为这说明市场对航运业的信心正在恢复，但也提醒投资者注意风险。",
    "Tersane hisse satıyor\n\
     Lindmere tersanesi iki milyon yeni hisse satacağını, kayıt olan yatırımcıların cuma gününe kadar başvurabileceğini bildirdi.\n\
     Satışa katılmak isteyenlerin kayıt olması gerektiğini söyleyen şirket, gelirle kısa vadeli borçlarını ödeyecek.",
];

/// A headline, then paragraphs.
const CONSENT: &[&str] = &[
    "Before you continue to Coastwatch\n\
     We use cookies and data to deliver our services, to track outages and to show you personalised ads.\n\
     If you agree, we and our partners will store and access information on your device. You can withdraw your consent at any time.\n\
     Accept all\nReject all\nMore options",
    "Wir brauchen Ihre Zustimmung\n\
     Wir und unsere 145 Partner verwenden Cookies und ähnliche Techniken, um Informationen auf Ihrem Gerät zu speichern.\n\
     Mit einem Klick auf „Alle akzeptieren“ stimmen Sie dieser Verarbeitung zu. Ihre Einwilligung können Sie jederzeit widerrufen.\n\
     Alle akzeptieren\nEinstellungen",
    "Le respect de votre vie privée\n\
     Avec votre accord, nous et nos 210 partenaires utilisons des cookies pour stocker des informations sur votre appareil.\n\
     Vous pouvez retirer votre consentement à tout moment en cliquant sur « Gérer mes choix » au bas de chaque page.\n\
     Tout accepter\nContinuer sans accepter",
    "Tu privacidad nos importa\n\
     Nosotros y nuestros socios almacenamos información en tu dispositivo, como cookies, para mostrarte anuncios personalizados.\n\
     Puedes retirar tu consentimiento en cualquier momento. Al hacer clic en aceptar, das tu consentimiento a este tratamiento.\n\
     Aceptar y continuar\nMás opciones",
    "A sua privacidade é importante\n\
     Nós e os nossos parceiros guardamos cookies no seu dispositivo para mostrar publicidade personalizada e medir audiências.\n\
     Pode retirar o seu consentimento a qualquer momento. Ao clicar em aceitar, dá o seu consentimento a este tratamento.\n\
     Aceitar tudo",
    "La tua privacy\n\
     Noi e i nostri partner usiamo cookie per conservare informazioni sul tuo dispositivo e mostrarti annunci personalizzati.\n\
     Puoi revocare il tuo consenso in qualsiasi momento. Cliccando su accetta dai il tuo consenso a questo trattamento.\n\
     Accetta tutti\nContinua senza accettare",
    "Wij geven om uw privacy\n\
     Wij en onze partners gebruiken cookies om informatie op uw apparaat op te slaan en gepersonaliseerde advertenties te tonen.\n\
     U kunt uw toestemming op elk moment intrekken. Door te klikken op akkoord geeft u toestemming voor deze verwerking.\n\
     Akkoord",
    "Vi värnar om din integritet\n\
     Vi och våra partner använder cookies för att lagra information på din enhet och visa personligt anpassad reklam för dig.\n\
     Du kan när som helst ta tillbaka ditt samtycke. Genom att klicka på godkänn ger du ditt samtycke till detta.\n\
     Godkänn alla",
    "Cenimy Twoją prywatność\n\
     My i nasi partnerzy przechowujemy na urządzeniu pliki cookie i wyświetlamy spersonalizowane reklamy oraz mierzymy ich skutki.\n\
     W każdej chwili możesz wycofać zgodę. Klikając „Przejdź do serwisu”, wyrażasz zgodę na przetwarzanie Twoich danych.\n\
     Akceptuję",
    "Záleží nám na vašem soukromí\n\
     My a naši partneři ukládáme na vašem zařízení soubory cookie a zobrazujeme vám podle nich personalizovanou reklamu.\n\
     Váš souhlas můžete kdykoli odvolat. Kliknutím na tlačítko Přijmout vše dáváte souhlas se zpracováním vašich údajů.\n\
     Přijmout vše",
    "Мы используем файлы cookie\n\
     Мы и наши партнёры храним файлы cookie на вашем устройстве, чтобы показывать вам персонализированную рекламу.\n\
     Вы можете отозвать ваше согласие в любой момент. Нажимая «Принять все», вы даёте согласие на обработку ваших данных.\n\
     Принять все",
    "Gizliliğiniz bizim için önemli\n\
     Biz ve iş ortaklarımız, size kişiselleştirilmiş reklam göstermek için cihazınızda çerez saklıyor ve bunlara erişiyoruz.\n\
     Kişisel verilerinize ilişkin tercihinizi istediğiniz zaman değiştirebilirsiniz. Kabul et düğmesine tıklayarak onay verirsiniz.\n\
     Tümünü kabul et",
    "Kami menghargai privasi Anda\n\
     Kami dan mitra kami menyimpan cookie di perangkat Anda untuk menampilkan iklan yang dipersonalisasi bagi Anda.\n\
     Anda dapat menarik persetujuan Anda kapan saja lewat kebijakan privasi. Dengan mengklik terima, Anda menyatakan setuju.\n\
     Terima semua",
    "我们重视您的隐私\n\
     我们和我们的合作伙伴在您的设备上存储和访问信息，例如 Cookie，并处理个人数据，例如唯一标识符，用于投放个性化广告和内容、衡量广告和内容的效果、研究受众以及开发服务，您可以随时在页面底部的隐私政策中更改您的选择，也可以撤回您的同意。\n\
     点击同意即表示您允许我们和我们的合作伙伴进行上述处理；您也可以打开更多选项，查看详细信息并在同意之前更改设置。请注意，某些处理可能不需要您的同意，但您有权反对此类处理，您的选择只适用于本网站，不会影响其他网站，您的隐私对我们很重要。\n\
     全部接受",
    "プライバシーについて\n\
     当社および当社のパートナーは、お使いの端末にクッキーなどの情報を保存し、パーソナライズされた広告やコンテンツを表示し、その効果を測定するために個人データを処理します。お客様の同意はいつでも撤回することができ、設定はこのページの下にあるプライバシーポリシーから変更できます。\n\
     「同意する」をクリックすると、当社および当社のパートナーによるこのような処理に同意したことになります。同意しない場合は設定を開いて、詳しい内容を確認してください。お客様のプライバシーの設定はこのサイトだけに適用され、クッキーを削除すると改めて同意をお願いすることがあります。\n\
     同意する",
    "نحن نقدر خصوصيتك\n\
     نحن وشركاؤنا نخزن ملفات تعريف الارتباط على جهازك ونعالج بياناتك لعرض إعلانات مخصصة لك وقياس أدائها، وفق سياسة الخصوصية.\n\
     يمكنك سحب موافقتك في أي وقت من إعدادات الخصوصية. بالنقر على موافق فإنك تسمح لنا ولشركائنا بمعالجة بياناتك.\n\
     قبول الكل",
];

/// A headline, then paragraphs.
const PAID: &[&str] = &[
    "Subscribe to read on\n\
     This article is for subscribers only. Get unlimited access to every story for just 9 crowns a month and cancel at any time.\n\
     Already a subscriber? Sign in to continue reading.",
    "Register to continue\n\
     To keep reading, create a free account with the Lindmere Post. It takes a minute, and you can read three articles a week.\n\
     Already registered? Log in with your password.",
    "Jetzt weiterlesen\n\
     Dieser Artikel ist exklusiv für Abonnenten. Testen Sie unser Digitalabo einen Monat kostenlos, danach ist es monatlich kündbar.\n\
     Sie haben bereits ein Abonnement? Hier anmelden.",
    "Cet article est réservé aux abonnés\n\
     Pour lire la suite, abonnez-vous à partir d'une couronne par mois, sans engagement, et profitez d'un accès illimité.\n\
     Déjà abonné ? Connectez-vous pour poursuivre votre lecture.",
    "Contenido exclusivo para suscriptores\n\
     Suscríbete para seguir leyendo y disfruta de acceso ilimitado a todas las noticias por una corona al mes, sin permanencia.\n\
     ¿Ya eres suscriptor? Inicia sesión con tu cuenta.",
    "Conteúdo exclusivo para assinantes\n\
     Para continuar lendo, assine o Correio de Lindmere com acesso ilimitado por uma coroa por mês e cancele quando quiser.\n\
     Já é assinante? Faça login com a sua senha.",
    "Contenuto riservato agli abbonati\n\
     Per continuare a leggere questo articolo abbonati al Corriere di Lindmere: accesso illimitato a una corona al mese.\n\
     Sei già abbonato? Accedi con la tua password.",
    "Dit artikel is exclusief voor abonnees\n\
     Om verder te lezen heb je een abonnement nodig. Word abonnee voor een kroon per maand, maandelijks opzegbaar.\n\
     Al abonnee? Dan kun je hier inloggen met je wachtwoord.",
    "Den här artikeln är för prenumeranter\n\
     För att läsa vidare behöver du en prenumeration. Prova en månad för en krona och avsluta när du vill.\n\
     Redan prenumerant? Logga in här med ditt lösenord.",
    "Denne saken er for abonnenter\n\
     For å lese videre må du ha et abonnement. Kjøp abonnement for en krone i måneden og si opp når du vil.\n\
     Er du allerede abonnent? Logg inn her med passordet ditt.",
    "Tämä artikkeli on vain tilaajille\n\
     Tilaa nyt ja jatka lukemista: rajaton pääsy kaikkiin artikkeleihin yhdellä kruunulla kuukaudessa, peru milloin tahansa.\n\
     Oletko jo tilaaja? Kirjaudu sisään tunnuksellasi.",
    "Artykuł dostępny tylko dla prenumeratorów\n\
     Aby czytać dalej, wykup dostęp do serwisu za jedną koronę miesięcznie. Z prenumeraty możesz zrezygnować w każdej chwili.\n\
     Masz już prenumeratę? Zaloguj się swoim hasłem.",
    "Tento článek je jen pro předplatitele\n\
     Chcete-li číst dál, předplaťte si Lindmerské noviny za jednu korunu měsíčně. Předplatné můžete zrušit kdykoli.\n\
     Máte již předplatné? Přihlaste se, prosím, heslem.",
    "Ez a cikk csak előfizetőknek szól\n\
     A továbbolvasáshoz fizessen elő a Lindmerei Hírlapra havonta egy koronáért, az előfizetés bármikor lemondható.\n\
     Már előfizető? Lépjen be, kérjük, a jelszavával.",
    "Acest articol este doar pentru abonați\n\
     Pentru a citi mai departe, abonează-te la Curierul de Lindmere cu o coroană pe lună; poți renunța oricând la abonament.\n\
     Ești deja abonat? Autentificare cu parola ta.",
    "Материал доступен только подписчикам\n\
     Чтобы читать дальше, оформите подписку на «Вестник Линдмера» за одну крону в месяц, отменить её можно в любой момент.\n\
     Уже есть подписка? Войдите с вашим паролем.",
    "Матеріал доступний лише для передплатників\n\
     Щоб читати далі, оформіть передплату на «Вісник Ліндмера» за одну крону на місяць, підписку можна скасувати будь-коли.\n\
     Вже маєте передплату? Увійти з вашим паролем можна тут.",
    "Bu haber abonelere özel\n\
     Okumaya devam etmek için abone olun: ayda bir krona sınırsız erişim, istediğiniz zaman iptal edebilirsiniz.\n\
     Zaten abone misiniz? Giriş yapın ve okumaya devam edin.",
    "Konten ini khusus pelanggan\n\
     Untuk melanjutkan membaca, silakan berlangganan Harian Lindmere seharga satu krona per bulan dengan akses penuh.\n\
     Sudah berlangganan? Masuk dengan akun Anda.",
    "本文仅限会员阅读\n\
     成为会员即可继续阅读全文，每月只需一克朗，您可以随时取消。订阅之后，您可以在网站和手机应用上无限阅读林德米尔日报的所有文章、评论和图片报道，还会收到编辑每天早晨写给会员的新闻摘要，以及周末的深度调查和专栏，首月免费。\n\
     已是会员？请登录您的账号，继续阅读本文。",
    "この記事は有料会員限定です\n\
     続きを読むには会員登録が必要です。月額百クローネですべての記事が読み放題となり、いつでも解約することができます。初月は無料です。会員になると、ウェブサイトとアプリで記事や写真、過去の連載をお楽しみいただけるほか、編集部が毎朝お届けするニュースレターもご利用になれます。\n\
     すでに会員の方はログインして続きをお読みください。",
    "구독자 전용 기사입니다\n\
     계속 읽으시려면 린드미어 일보를 구독해 주세요. 한 달에 천 원으로 모든 기사를 무제한 읽을 수 있고 언제든지 해지할 수 있습니다. 구독하시면 매일 아침 편집국이 보내는 뉴스레터와 주말 특집 기사, 지난 연재 기사도 함께 보실 수 있으며, 첫 달은 무료입니다.\n\
     이미 구독 중이신가요? 로그인하시면 기사 전문을 읽을 수 있습니다.",
    "هذا المقال للمشتركين فقط\n\
     لمتابعة القراءة اشترك الآن في صحيفة ليندمير مقابل كرونة واحدة شهريا، مع وصول غير محدود إلى كل المقالات وإلغاء في أي وقت.\n\
     هل أنت مشترك بالفعل؟ تسجيل الدخول من هنا.",
    "הכתבה זמינה למנויים בלבד\n\
     להמשך קריאה הצטרפו למינוי דיגיטלי של עיתון לינדמיר בכתר אחד לחודש, ללא הגבלה של מספר הכתבות ועם אפשרות ביטול בכל עת. הירשמו כאן.\n\
     כבר מנויים? התחברו כאן עם הסיסמה שלכם.",
];
