//! Words that stand where a place would, and are none.

/// Words in capitals that head a paragraph and are no place.
#[rustfmt::skip]
pub const NO_PLACES: &[&str] = &[
    "UPDATE", "UPDATED", "BREAKING", "BREAKING NEWS", "EXCLUSIVE", "ANALYSIS", "OPINION", "COMMENT", "WATCH", "LIVE", "VIDEO", "VIDEOS", "PHOTO",
    "PHOTOS", "CORRECTION", "CORRECTED", "EDITORIAL", "REVIEW", "INTERVIEW", "EXPLAINER", "FACTBOX", "NEWS", "SPORT", "SPORTS", "NOTE", "WARNING",
    "PUBLISHED", "POSTED", "LAST UPDATED", "LAST UPDATE", "DEVELOPING", "JUST IN", "SPOILERS", "SPOILER ALERT", "READ MORE", "ALERT", "FILE", "FILE PHOTO",
    "NATO", "OTAN", "UNESCO", "UNICEF", "FIFA", "UEFA", "NASA", "OPEC", "COVID", "AIDS", "IKEA", "ASEAN", "BRICS", "DAESH", "CNBC", "ESPN", "НАТО", "ООН",
    "EXKLUSIV", "KOMMENTAR", "ANALYSE", "MEINUNG", "AKTUALISIERT", "EXCLUSIF", "EXCLUSIVO", "EXCLUSIVA", "OPINIÓN", "OPINIÃO", "ANÁLISIS", "ANÁLISE",
    "ENTREVISTA", "ESCLUSIVA", "VIDÉO", "VÍDEO", "MISE À JOUR", "AGGIORNAMENTO", "ACTUALIZACIÓN", "ATUALIZAÇÃO", "ОБНОВЛЕНО", "ВИДЕО", "ФОТО", "МНЕНИЕ",
    "ОНОВЛЕНО", "ВІДЕО", "SON DAKIKA", "SON DAKİKA", "VİDEO",
];

/// Names of weekdays, in small letters, and their abbreviations.
#[rustfmt::skip]
pub const WEEKDAYS: &str = " monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun montag dienstag mittwoch \
    donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo \
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag \
    vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag maanantai tiistai keskiviikko torstai perjantai \
    lauantai sunnuntai poniedziałek wtorek środa czwartek piątek sobota niedziela pondělí úterý středa čtvrtek pátek neděle pondelok utorok streda štvrtok \
    piatok nedeľa hétfő kedd szerda csütörtök péntek szombat vasárnap luni marți miercuri joi vineri sâmbătă duminică понедельник вторник среда четверг пятница \
    суббота воскресенье понеділок вівторок середа четвер п'ятниця субота неділя понеделник сряда четвъртък петък събота неделя ponedjeljak utorak srijeda \
    četvrtak petak subota nedjelja pazartesi salı çarşamba perşembe cuma cumartesi pazar senin selasa rabu kamis jumat sabtu minggu isnin khamis jumaat ahad \
    الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت شنبه یکشنبه دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार ";
