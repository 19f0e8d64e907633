//! Names of months, as datelines and bylines write them, in small letters and without a full stop at the end.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest name, in characters.
const MAX_CHARS: usize = 20;

/// The names, and which beginnings they have.
struct Names {
    /// A few names stand for two months in two languages: the earlier one counts.
    months: HashMap<&'static str, u32>,
    /// Beginnings of the names by [`beginning`]: most words of a text are told by theirs to be none.
    beginnings: [u64; 64],
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { months: HashMap::new(), beginnings: [0; 64] };
    for (number, line) in (1..).zip(MONTHS) {
        for name in line.split(' ') {
            names.months.entry(name).or_insert(number);
            let mut chars = name.chars();
            let place = beginning(chars.next().unwrap_or(' '), chars.next().unwrap_or(' '));
            names.beginnings[place / 64] |= 1 << (place % 64);
        }
    }
    names
});

/// A number under 4096 for the first two letters of a name.
fn beginning(first: char, second: char) -> usize {
    (first as usize).wrapping_mul(61).wrapping_add(second as usize) & 4095
}

/// The month that a word names, 1 to 12. Words may be abbreviated.
pub fn month(word: &str) -> Option<u32> {
    let names = &*NAMES;
    let is_left_out = |c: &char| matches!(c, ' ' | '.' | '\u{200c}' | '\u{200d}');
    let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let mut chars = word.chars().flat_map(char::to_lowercase).filter(|c| !is_left_out(c));
    let (first, second) = (chars.next()?, chars.next().unwrap_or(' '));
    let place = beginning(first, second);
    if names.beginnings[place / 64] >> (place % 64) & 1 == 0 {
        return None;
    }
    let mut word = word.to_lowercase();
    word.retain(|c| !is_left_out(&c));
    if word.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    names.months.get(word.as_str()).copied()
}

/// The month of the Iranian calendar that a word names, 1 to 12, in Persian, Dari or Pashto.
pub fn iranian(word: &str) -> Option<u32> {
    let names = [
        ["فروردین", "حمل", "وری"],
        ["اردیبهشت", "ثور", "غویی"],
        ["خرداد", "جوزا", "غبرګولی"],
        ["تیر", "سرطان", "چنګاښ"],
        ["مرداد", "اسد", "زمری"],
        ["شهریور", "سنبله", "وږی"],
        ["مهر", "میزان", "تله"],
        ["آبان", "عقرب", "لړم"],
        ["آذر", "قوس", "لیندۍ"],
        ["دی", "جدی", "مرغومی"],
        ["بهمن", "دلو", "سلواغه"],
        ["اسفند", "حوت", "کب"],
    ];
    (1..).zip(names).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// One string a month. Numerals say the month where names do not: Chinese, Japanese, Korean, Vietnamese.
#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "january jan januar jänner jän janvier janv enero ene janeiro gennaio gen januari tammikuu tammikuuta \
     jaanuar stycznia styczeń sty ledna leden januára siječnja január ianuarie ian ocak oca janar sausio \
     janvāris janvāri janvārī января январь янв січня січень січ януари јануар јануара ιανουαρίου \
     ιανουάριος ιαν يناير كانونالثاني ژانویه جنوری ינואר בינואר जनवरी জানুয়ারি जानेवारी januarius gener \
     urtarrila urtarrilaren xaneiro janúar eanáir yanvar yanvarya студзеня студзень јануари қаңтар qaňtar \
     январе яну մունվար հունվար հունվարի იანვარი იანვარს იანვ ජනවාරි જાન્યુઆરી ਜਨਵਰੀ ஜனவரி జనవరి ಜನವರಿ \
     ജനുവരി มกราคม มค ມັງກອນ មករា ဇန်နဝါရီ ያንዋሪ ጃንዩወሪ جانفي ינו januarie januwari janayari janairu ژانوېه \
     janúara rêbendan januarja januara",
    "february feb februar février févr fév febrero fevereiro fev febbraio febr februari helmikuu \
     helmikuuta veebruar lutego luty lut února únor februára veljače február februarie şubat şub shkurt \
     vasario februāris februārī pebruari февраля февраль фев лютого лютий лют февруари фебруар фебруара \
     φεβρουαρίου φεβρουάριος φεβ فبراير شباط فوریه فروری פברואר בפברואר फरवरी फ़रवरी ফেব্রুয়ারি \
     फेब्रुवारी febrer otsaila otsailaren febreiro febrúar chwefror feabhra pebrero fevral лютага люты \
     ақпан փետրվար փետրվարի თებერვალი თებერვალს თებ පෙබරවාරි ફેબ્રુઆરી ਫ਼ਰਵਰੀ ਫਰਵਰੀ பிப்ரவரி ఫిబ్రవరి \
     ಫೆಬ್ರವರಿ ഫെബ്രുവരി กุมภาพันธ์ กพ ກຸມພາ កុម្ភៈ ဖေဖော်ဝါရီ ፌብሩወሪ فيفري פבר febuwari fabrairu reşemî \
     sibat februarja februara",
    "march mar märz mär mrz mars marzo março maart mrt marts maaliskuu maaliskuuta märts marca marzec \
     března březen ožujka március márc martie mart kovo martā maret machi марта март мар березня березень \
     бер μαρτίου μάρτιος μαρ مارس آذار مارچ מרץ במרץ मार्च মার্চ març martxoa martxoaren mawrth márta \
     marso marti сакавіка сакавік наурыз մարտ մարտի მარტი მარტს මාර්තු માર્ચ ਮਾਰਚ மார்ச் మార్చి ಮಾರ್ಚ್ \
     മാർച്ച് มีนาคม มีค ມີນາ មីនា မတ် ማርች matshi maris marzu marta",
    "april apr avril avr abril abr aprile huhtikuu huhtikuuta aprill kwietnia kwiecień kwi dubna duben \
     apríla travnja április ápr aprilie nisan nis prill balandžio aprīlis aprīlī aprili апреля апрель апр \
     квітня квітень кві април априла απριλίου απρίλιος απρ أبريل ابريل نيسان آوریل اپریل אפריל באפריל \
     अप्रैल এপ্রিল एप्रिल apirila apirilaren apríl ebrill aibreán aprel красавіка красавік сәуір ապրիլ \
     ապրիլի აპრილი აპრილს აპრ අප්රේල් એપ્રિલ ਅਪ੍ਰੈਲ ஏப்ரல் ఏప్రిల్ ಏಪ್ರಿಲ್ ഏപ്രിൽ เมษายน เมย ເມສາ មេសា \
     ဧပြီ ኤፕሪል افريل أفريل אפר aphreli afirilu nîsan aprila",
    "may mai mayo maio maggio mag mei maj toukokuu toukokuuta maja května květen mája svibnja május máj \
     mayıs gegužės maijs maijā мая май травня травень тра мај маја μαΐου μάιος μαϊ مايو أيار ایار مه مئی \
     מאי במאי मई মে मे maig maiatza maiatzaren maí bealtaine траўня мамыр մայիս մայիսի მაისი მაისს මැයි \
     મે ਮਈ மே మే ಮೇ മേയ് മെയ് พฤษภาคม พค ພຶດສະພາ ឧសភា မေ ሜይ ماي meyi mayu mejju gulan",
    "june jun juni juin junio junho giugno giu kesäkuu kesäkuuta juuni czerwca czerwiec cze června červen \
     júna lipnja június jún iunie iun haziran haz qershor birželio jūnijs jūnijā июня июнь июн червня \
     червень чер юни јун јуна ιουνίου ιούνιος ιουν يونيو حزيران ژوئن جون יוני ביוני जून জুন juny ekaina \
     ekainaren xuño júní mehefin meitheamh hunyo iyun чэрвеня чэрвень маусым հունիս հունիսի ივნისი ივნისს \
     ივნ ජූනි જૂન ਜੂਨ ஜூன் జూన్ ಜೂನ್ ജൂൺ มิถุนายน มิย ມິຖຸນາ មិថុនា ဇွန် ጁን جوان יונ junie yuni ġunju \
     hezîran junij junija juna јуни",
    "july jul juli juillet juil julio julho luglio lug heinäkuu heinäkuuta juuli lipca lipiec lip \
     července červenec júla srpnja július júl iulie iul temmuz tem korrik liepos jūlijs jūlijā julai июля \
     июль июл липня липень лип юли јул јула ιουλίου ιούλιος ιουλ يوليو تموز ژوئیه جولائی יולי ביולי जुलाई \
     জুলাই जुलै juliol uztaila uztailaren xullo júlí gorffennaf iúil hulyo iyul ліпеня ліпень шілде \
     հուլիս հուլիսի ივლისი ივლისს ივლ ජූලි જુલાઈ ਜੁਲਾਈ ஜூலை జూలై జులై ಜುಲೈ ജൂലൈ กรกฎาคม กค ກໍລະກົດ កក្កដា \
     ဇူလိုင် ጁላይ جويلية יול julie julayi yuli lulju tîrmeh julij julija jula јули",
    "august aug août agosto ago augustus augusti elokuu elokuuta sierpnia sierpień sie srpna srpen \
     augusta kolovoza augusztus ağustos ağu gusht rugpjūčio augusts augustā agustus ogos agosti августа \
     август авг серпня серпень сер αυγούστου αύγουστος αυγ أغسطس اغسطس آب اوت اگست אוגוסט באוגוסט अगस्त \
     আগস্ট ऑगस्ट agost abuztua abuztuaren ágúst awst lúnasa avqust жніўня жнівень тамыз օգոստոս օգոստոսի \
     აგვისტო აგვისტოს აგვ අගෝස්තු ઓગસ્ટ ਅਗਸਤ ஆகஸ்ட் ఆగస్టు ಆಗಸ್ಟ್ ഓഗസ്റ്റ് สิงหาคม สค ສິງຫາ សីហា သြဂုတ် \
     ኦገስት أوت אוג avgust avgusta agasta agusta awwissu tebax",
    "september sept sep septembre septiembre setiembre setembro set settembre syyskuu syyskuuta września \
     wrzesień wrz září septembra rujna szeptember szept septembrie eylül eyl shtator rugsėjo septembris \
     septembrī septemba сентября сентябрь сен сент вересня вересень вер септември септембар септембра \
     σεπτεμβρίου σεπτέμβριος σεπ سبتمبر أيلول ایلول سپتامبر ستمبر ספטמבר בספטמבר सितंबर सितम्बर \
     সেপ্টেম্বর सप्टेंबर setembre iraila irailaren medi setyembre sentyabr верасня верасень қыркүйек \
     սեպտեմբեր սեպտեմբերի სექტემბერი სექტემბერს სექ සැප්තැම්බර් સપ્ટેમ્બર ਸਤੰਬਰ செப்டம்பர் సెప్టెంబర్ \
     ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റംബർ กันยายน กย ກັນຍາ កញ្ញា စက်တင်ဘာ ሴፕቴምበር ספט septhemba satumba settembru îlon \
     sektemberi sentabr sentyabrya septembar",
    "october oct oktober okt octobre octubre outubro out ottobre ott lokakuu lokakuuta oktoober \
     października październik paź října říjen októbra október octombrie ekim eki tetor spalio oktobris \
     oktobrī oktoba октября октябрь окт жовтня жовтень жов октомври октобар октобра οκτωβρίου οκτώβριος \
     οκτ أكتوبر اكتوبر تشرينالأول اکتبر اکتوبر אוקטובר באוקטובר अक्टूबर অক্টোবর ऑक्टोबर urria urriaren \
     hydref oktubre oktyabr кастрычніка кастрычнік қазан հոկտեմբեր հոկտեմբերի ოქტომბერი ოქტომბერს ოქტ \
     ඔක්තෝබර් ઓક્ટોબર ਅਕਤੂਬਰ அக்டோபர் అక్టోబర్ ಅಕ್ಟೋಬರ್ ഒക്ടോബർ ตุลาคม ตค ຕຸລາ តុលា အောက်တိုဘာ ኦክቶበር אוק \
     okthoba ottubru cotmeh oktobar oktobra",
    "november nov novembre noviembre novembro marraskuu marraskuuta listopada listopadu listopad novembra \
     studenoga noiembrie kasım kas nëntor lapkričio novembris novembrī novemba ноября ноябрь ноя \
     листопада листопад лис ноември новембар новембра νοεμβρίου νοέμβριος νοε نوفمبر تشرينالثاني نوامبر \
     نومبر נובמבר בנובמבר नवंबर नवम्बर নভেম্বর नोव्हेंबर azaroa azaroaren nóvember tachwedd samhain \
     nobyembre noyabr лістапада лістапад қараша նոյեմբեր նոյեմբերի ნოემბერი ნოემბერს ნოე නොවැම්බර් \
     નવેમ્બર ਨਵੰਬਰ நவம்பர் నవంబర్ ನವೆಂಬರ್ നവംബർ พฤศจิกายน พย ພະຈິກ វិច្ឆិកា နိုဝင်ဘာ ኖቬምበር נוב nuwamba \
     novembru mijdar novembar studeni",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre joulukuu joulukuuta detsember \
     grudnia grudzień gru prosince prosinec decembra prosinca decembrie aralık dhjetor gruodžio decembris \
     decembrī desember disemba декабря декабрь дек грудня грудень гру декември децембар децембра \
     δεκεμβρίου δεκέμβριος δεκ ديسمبر كانونالأول دسامبر دسمبر דצמבר בדצמבר दिसंबर दिसम्बर ডিসেম্বর \
     डिसेंबर des desembre abendua abenduaren decembro rhagfyr nollaig disyembre dekabr снежня снежань \
     желтоқсан դեկտեմբեր դեկտեմբերի დეკემბერი დეკემბერს დეკ දෙසැම්බර් ડિસેમ્બર ਦਸੰਬਰ டிசம்பர் డిసెంబర్ \
     ಡಿಸೆಂಬರ್ ഡിസംബർ ธันวาคม ธค ທັນວາ ធ្នូ ဒီဇင်ဘာ ዲሴምበር דצמ disamba diċembru kanûn decembar",
];
