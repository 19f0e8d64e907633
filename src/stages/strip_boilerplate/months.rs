//! Names of months, as datelines and bylines write them, in small letters and without a full stop at the end.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest name, in characters.
const MAX_CHARS: usize = 14;

/// The month that a word names, 1 to 12. Words may be abbreviated.
pub fn month(word: &str) -> Option<u32> {
    // A few names stand for two months in two languages: the earlier one counts.
    static NAMES: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let mut names = HashMap::new();
        for (number, line) in (1..).zip(MONTHS) {
            for name in line.split(' ') {
                names.entry(name).or_insert(number);
            }
        }
        names
    });
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() || word.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    NAMES.get(word.to_lowercase().as_str()).copied()
}

/// One string a month. Numerals say the month where names do not: Chinese, Japanese, Korean, Vietnamese.
#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "january jan januar jänner jän janvier janv enero ene janeiro gennaio gen januari tammikuu \
     tammikuuta jaanuar stycznia styczeń sty ledna leden januára siječnja január ianuarie ian ocak oca \
     janar sausio janvāris janvāri janvārī января январь янв січня січень січ януари јануар јануара \
     ιανουαρίου ιανουάριος ιαν يناير كانون‌الثاني ژانویه جنوری ינואר בינואר जनवरी জানুয়ারি जानेवारी \
     januarius \
     januarja januara јануари yanvar",
    "february feb februar février févr fév febrero fevereiro fev febbraio febr februari helmikuu \
     helmikuuta veebruar lutego luty lut února únor februára veljače február februarie şubat şub \
     shkurt vasario februāris februārī pebruari февраля февраль фев лютого лютий лют февруари фебруар \
     фебруара φεβρουαρίου φεβρουάριος φεβ فبراير شباط فوریه فروری פברואר בפברואר फरवरी फ़रवरी \
     ফেব্রুয়ারি फेब्रुवारी \
     februarja februara fevral",
    "march mar märz mär mrz mars marzo março maart mrt marts maaliskuu maaliskuuta märts marca marzec \
     března březen ožujka március márc martie mart kovo martā maret machi марта март мар березня \
     березень бер μαρτίου μάρτιος μαρ مارس آذار مارچ מרץ במרץ मार्च মার্চ \
     marta",
    "april apr avril avr abril abr aprile huhtikuu huhtikuuta aprill kwietnia kwiecień kwi dubna duben \
     apríla travnja április ápr aprilie nisan nis prill balandžio aprīlis aprīlī aprili апреля апрель \
     апр квітня квітень кві април априла απριλίου απρίλιος απρ أبريل ابريل نيسان آوریل اپریل אפריל \
     באפריל अप्रैल এপ্রিল एप्रिल \
     aprila aprel",
    "may mai mayo maio maggio mag mei maj toukokuu toukokuuta maja května květen mája svibnja május \
     máj mayıs gegužės maijs maijā мая май травня травень тра мај маја μαΐου μάιος μαϊ مايو أيار ایار \
     مه مئی מאי במאי मई মে मे",
    "june jun juni juin junio junho giugno giu kesäkuu kesäkuuta juuni czerwca czerwiec cze června \
     červen júna lipnja június jún iunie iun haziran haz qershor birželio jūnijs jūnijā июня июнь июн \
     червня червень чер юни јун јуна ιουνίου ιούνιος ιουν يونيو حزيران ژوئن جون יוני ביוני जून জুন \
     junija juna јуни iyun",
    "july jul juli juillet juil julio julho luglio lug heinäkuu heinäkuuta juuli lipca lipiec lip \
     července červenec júla srpnja július júl iulie iul temmuz tem korrik liepos jūlijs jūlijā julai \
     июля июль июл липня липень лип юли јул јула ιουλίου ιούλιος ιουλ يوليو تموز ژوئیه جولائی יולי \
     ביולי जुलाई জুলাই जुलै \
     julija jula јули iyul",
    "august aug août agosto ago augustus augusti elokuu elokuuta sierpnia sierpień sie srpna srpen \
     augusta kolovoza augusztus ağustos ağu gusht rugpjūčio augusts augustā agustus ogos agosti \
     августа август авг серпня серпень сер αυγούστου αύγουστος αυγ أغسطس اغسطس آب اوت اگست אוגוסט \
     באוגוסט अगस्त আগস্ট ऑगस्ट \
     avgusta avgust avqust",
    "september sept sep septembre septiembre setiembre setembro set settembre syyskuu syyskuuta \
     września wrzesień wrz září septembra rujna szeptember szept septembrie eylül eyl shtator rugsėjo \
     septembris septembrī septemba сентября сентябрь сен сент вересня вересень вер септември септембар \
     септембра σεπτεμβρίου σεπτέμβριος σεπ سبتمبر أيلول ایلول سپتامبر ستمبر ספטמבר בספטמבר सितंबर \
     सितम्बर সেপ্টেম্বর सप्टेंबर \
     sentyabr",
    "october oct oktober okt octobre octubre outubro out ottobre ott lokakuu lokakuuta oktoober \
     października październik paź října říjen októbra október octombrie ekim eki tetor spalio oktobris \
     oktobrī oktoba октября октябрь окт жовтня жовтень жов октомври октобар октобра οκτωβρίου \
     οκτώβριος οκτ أكتوبر اكتوبر تشرين‌الأول اکتبر اکتوبر אוקטובר באוקטובר अक्टूबर অক্টোবর ऑक्टोबर \
     oktyabr",
    "november nov novembre noviembre novembro marraskuu marraskuuta listopada listopadu listopad \
     novembra studenoga noiembrie kasım kas nëntor lapkričio novembris novembrī novemba ноября ноябрь \
     ноя листопада листопад лис ноември новембар новембра νοεμβρίου νοέμβριος νοε نوفمبر تشرين‌الثاني \
     نوامبر نومبر נובמבר בנובמבר नवंबर नवम्बर নভেম্বর नोव्हेंबर \
     novembar noyabr",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre joulukuu joulukuuta \
     detsember grudnia grudzień gru prosince prosinec decembra prosinca decembrie aralık dhjetor \
     gruodžio decembris decembrī desember disemba декабря декабрь дек грудня грудень гру декември \
     децембар децембра δεκεμβρίου δεκέμβριος δεκ ديسمبر كانون‌الأول دسامبر دسمبر דצמבר בדצמבר दिसंबर \
     दिसम्बर ডিসেম্বর डिसेंबर des \
     decembar dekabr",
];
