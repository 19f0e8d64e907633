//! Templates in other languages, as those in English. Names are spelt in the script of the language.

/// Syllables of made-up names: beginnings and endings.
pub type Names = (&'static [&'static str], &'static [&'static str]);

pub const LATIN: Names = (
    &[
        "Bar", "Hol", "Tar", "Wes", "Kin", "Mor", "Sel", "Dun", "Fair", "Glen", "Ash", "Rock", "Penn",
        "Mill", "Cal", "Thorn",
    ],
    &["ford", "ton", "wick", "by", "ham", "dale", "mouth", "field", "bridge", "ley"],
);
const CYRILLIC: Names = (
    &[
        "Бело",
        "Ново",
        "Красно",
        "Верхне",
        "Мало",
        "Старо",
        "Камено",
        "Озеро",
        "Дубо",
        "Сосно",
        "Реко",
        "Лисо",
    ],
    &["горск", "зёрск", "славль", "поль", "камск", "дольск", "бережск", "лесье"],
);
const KANJI: Names = (
    &["北", "南", "東", "西", "上", "下", "大", "小", "高", "長", "白", "青"],
    &["山", "川", "島", "原", "沢", "浜", "野", "崎", "森", "橋"],
);
const THAI: Names = (
    &["บ้าน", "หนอง", "บาง", "เขา", "ท่า", "ห้วย", "นา", "โคก"],
    &["ใหญ่", "น้อย", "สูง", "แดง", "ขาว", "ไผ่", "ทราย", "เหนือ", "กลาง"],
);
const ARABIC: Names = (
    &["وادي ", "تل ", "عين ", "برج ", "دير ", "قصر ", "رأس ", "باب "],
    &["الزيتون", "الحمام", "النخيل", "السلام", "الورد", "الغراب", "الرمان", "القمر", "الصخر"],
);

/// Name, template and names of each family.
pub const FAMILIES: [(&str, &str, Names); 9] = [
    (
        "de lottery",
        "Bei der Ziehung der Lotterie am {Mittwoch|Samstag} wurden die Zahlen #, #, #, #, # und # gezogen. Die Zusatzzahl lautet #.\n\
         Im Spiel der Sieben fiel der Gewinn auf die Losnummer ####, in der Sonderziehung auf die Nummer ####.\n\
         ?Der Hauptgewinn von #,# Millionen Kronen ging an einen Spielschein aus @, abgegeben in der Annahmestelle von @.\n\
         ?Da niemand alle Zahlen richtig hatte, liegen beim nächsten Mal #,# Millionen Kronen im Topf.\n\
         Alle Angaben sind ohne Gewähr, und Glücksspiel kann süchtig machen; Rat gibt es bei der Beratungsstelle des Landes.",
        LATIN,
    ),
    (
        "de police",
        "In {der Nacht|den frühen Morgenstunden|den Abendstunden} zum {Montag|Dienstag|Mittwoch|Freitag|Sonntag} ist in @ ein {Fahrrad|Wohnmobil|Anhänger|Traktor|Geldautomat} gestohlen worden.\n\
         ?Nach ersten Erkenntnissen kamen die Täter durch {ein Fenster|die Hintertür|das Gartentor|den Keller} und flüchteten in Richtung @.\n\
         ?Der Schaden wird auf {mehrere hundert|einige tausend|rund fünfzigtausend} Kronen geschätzt, teilte {ein Sprecher|eine Sprecherin} in @ mit.\n\
         ?Ein Anwohner aus @ hatte {Stimmen|einen Motor|splitterndes Glas|Hunde} gehört, sich aber nichts dabei gedacht.\n\
         ?Eine Fahndung mit {zwei|drei|fünf} Streifenwagen und einem Hund blieb {erfolglos|ohne Ergebnis|bis zum Morgen erfolglos}.\n\
         Hinweise nimmt die Wache in @ entgegen; wer etwas gesehen hat, wird gebeten, sich dort zu melden.",
        LATIN,
    ),
    (
        "fr air",
        "La qualité de l'air sera {bonne|moyenne|médiocre|mauvaise} {lundi|mardi|jeudi|vendredi} à @, avec un indice de # sur cent, annonce l'observatoire.\n\
         Le taux d'ozone atteindra # microgrammes par mètre cube vers # heures, celui des particules fines #.\n\
         ?À @, l'indice devrait {monter|descendre} à #, puis revenir à # en fin de semaine.\n\
         ?La vitesse est abaissée de # kilomètres à l'heure sur les voies rapides entre @ et @.\n\
         Les personnes fragiles sont invitées à éviter les efforts prolongés et à aérer leur logement tôt le matin ou tard le soir.",
        LATIN,
    ),
    (
        "es bolsa",
        "La bolsa de @ {subió|bajó|cedió|ganó} un #,# por ciento este {lunes|martes|miércoles|jueves|viernes} y cerró en #.# puntos, tras moverse entre #.# y #.#.\n\
         Entre los valores mayores, @ {avanzó|perdió} un #,# por ciento, @ un #,# y @ un #,#.\n\
         ?El volumen fue de #,# millones de coronas, frente a los #,# de la sesión anterior.\n\
         ?La prima de riesgo quedó en # puntos y el interés del bono a diez años en el #,# por ciento.\n\
         El barril de crudo se pagaba a #,# dólares y el euro se cambiaba a #,#, según los datos de las entidades del mercado.",
        LATIN,
    ),
    (
        "ru weather",
        "В городе @ в {понедельник|вторник|среду|четверг|пятницу} ожидается {облачная погода|небольшой дождь|сильный снег|туман|ясная погода}, температура воздуха днём # градусов, ночью # градусов.\n\
         Ветер {северный|южный|западный|восточный}, до # метров в секунду, влажность # процентов, давление # миллиметров.\n\
         ?В районе @ уровень воды в реке за сутки {вырос|снизился} на # сантиметров и составляет #.\n\
         ?На дорогах между @ и @ возможна гололедица, вечером там столбик опустится до #.\n\
         Спасатели просят водителей соблюдать дистанцию, а пешеходов быть внимательными; телефон дежурной службы работает круглосуточно.",
        CYRILLIC,
    ),
    (
        "ar market",
        "أغلق مؤشر بورصة @ {مرتفعا|منخفضا|متراجعا} يوم {الأحد|الاثنين|الثلاثاء|الأربعاء} عند # نقطة، بتغير قدره #.# في المئة عن إغلاق الجلسة السابقة عند #.\n\
         وبلغت قيمة التداول # مليون دينار بعد تنفيذ # صفقة على أسهم # شركة.\n\
         ?وارتفع سهم مصرف @ إلى #.# دينار، بينما تراجع سهم شركة @ إلى #.# دينار.\n\
         ?وسجل سعر أونصة الذهب # دولارا، والفضة #.# دولارا.\n\
         وتنشر هذه النشرة كل يوم عمل بعد نهاية التداول استنادا إلى بيانات البورصة، ولا تعد نصيحة بالبيع أو الشراء.",
        ARABIC,
    ),
    (
        "ja quake",
        "{月曜|火曜|水曜|木曜|金曜}日の午前#時#分ごろ、@@県の@地方で地震があり、@町で震度#、@市と@村で震度#を観測した。\n\
         震源の深さは約#キロ、地震の規模は#.#と推定される。\n\
         ?この地震で@線は@駅と@駅の間で運転を見合わせ、約#分後に再開した。\n\
         ?@市の消防によると、けが人の情報は#件入っている。\n\
         この地震による津波の心配はないという。今後一週間ほどは同じ程度の揺れに注意してほしいと担当者は話している。",
        KANJI,
    ),
    (
        "zh results",
        "{周一|周二|周三|周四|周五}晚，@山队在主场以#比#{战胜|负于|战平}@河队，现场有#名观众。\n\
         上半场第#分钟，@@接队友传球后射门得分；第#分钟，@@头球将比分扳平。\n\
         ?下半场@@被红牌罚下，主队只剩十人应战。\n\
         ?全场比赛主队控球率为百分之#，射门#次，角球#个。\n\
         这场比赛之后，主队积#分，排在第#位，下一轮将在客场挑战@城队。以上数据由联赛官方提供。",
        KANJI,
    ),
    (
        "th prices",
        "ราคาทองคำที่ตลาด@วันที่ # ปรับ{ขึ้น|ลง} # บาท โดยทองแท่งรับซื้อบาทละ # บาท ขายออกบาทละ # บาท\n\
         ทองรูปพรรณรับซื้อบาทละ # บาท ขายออกบาทละ # บาท\n\
         ?ร้านค้าใน@กล่าวว่ามีลูกค้าประมาณ # คนต่อวัน\n\
         ?ค่าเงินบาทเช้านี้อยู่ที่ # บาทต่อดอลลาร์\n\
         ราคานี้ประกาศโดยสมาคมผู้ค้าทองทุกเช้าและอาจเปลี่ยนแปลงได้หลายครั้งในหนึ่งวัน ผู้ซื้อควรตรวจสอบก่อนตัดสินใจ",
        THAI,
    ),
];
