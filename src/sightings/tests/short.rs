//! Texts of one to three sentences, and scripts without spaces: copies with small differences are found, others are not.

use super::*;

/// Items of different matters, and of each a copy with a small difference.
const ITEMS: [(&str, &str); 12] = [
    (
        "The night ferry between Marrow Bay and Tern will run all winter, the council decided on Tuesday.",
        "The night ferry between Marrow Bay and Tern will run all winter, the council decided late on Tuesday.",
    ),
    (
        "A goods train left the rails near Ostrava Point early on Sunday. Nobody was hurt, but the line to the coast stays \
         closed until a crane has lifted the wagons.",
        "OSTRAVA POINT — A goods train left the rails near Ostrava Point early on Sunday. Nobody was hurt, but the line to the \
         coast stays shut until a crane has lifted the wagons.",
    ),
    (
        "Police have found the violin that was stolen from the concert hall of Kinwick in March. It lay in a locker at the bus \
         station. Its owner, who is eighty, said that it needs new strings.",
        "Police have found the violin that was stolen from the concert hall of Kinwick in March. It lay in a locker at the bus \
         station. Its owner, eighty, said that it needs new strings. (dpx)",
    ),
    (
        "Der Stadtrat von Lindenau hat beschlossen, die alte Badeanstalt am Fluss zu erhalten. Im Frühjahr soll sie wieder öffnen, \
         wenn das Dach dicht ist.",
        "Der Stadtrat von Lindenau hat beschlossen, die alte Badeanstalt am Fluss zu erhalten. Schon im Frühjahr soll sie wieder \
         öffnen, wenn das Dach dicht ist.",
    ),
    (
        "В посёлке Верхнее Озеро открыли новую школу. В ней будут учиться двести детей из трёх деревень, для которых пустят автобус.",
        "В посёлке Верхнее Озеро открыли новую школу. В ней будут учиться двести детей из трёх деревень, для которых скоро пустят автобус.",
    ),
    (
        "أعلنت بلدية وادي الزيتون أن السوق القديم سيفتح أبوابه من جديد في الربيع بعد إصلاح السقف والأرصفة.",
        "أعلنت بلدية وادي الزيتون أن السوق القديم سيفتح أبوابه من جديد في الربيع بعد إصلاح السقف والأرصفة، وفق بيان.",
    ),
    (
        "市は来春、川沿いの古い水泳場を再開すると発表した。屋根の修理が終わり次第、子ども向けの教室も始める予定だ。",
        "市は来春、川沿いの古い水泳場を再開すると発表した。屋根の修理が終わりしだい、子ども向けの教室も始める予定だ。",
    ),
    (
        "北沢村の郵便局で保管されていた百年前の手紙が、差出人の孫に届けられた。",
        "北沢村の郵便局で保管されていた百年前の手紙が、差出人の孫に届けられた（共信）",
    ),
    (
        "县图书馆昨日宣布，从下月起延长开放时间，周末将开放到晚上十点，并增设儿童阅览室。",
        "县图书馆昨日宣布，从下月起延长开放时间，周末将开放至晚上十点，并增设儿童阅览室。",
    ),
    (
        "一列货运列车周日清晨在白河大桥附近脱轨，没有人员受伤，铁路部门预计两天后恢复通车。",
        "一列货运列车周日清晨在白河大桥附近脱轨，没有人员受伤。铁路部门预计两天后恢复通车。（记者 林山）",
    ),
    (
        "โรงเรียนบ้านหนองไผ่เปิดห้องสมุดใหม่เมื่อวันจันทร์ เด็กกว่าร้อยคนมาร่วมงานและช่วยกันจัดหนังสือขึ้นชั้น",
        "โรงเรียนบ้านหนองไผ่เปิดห้องสมุดใหม่เมื่อวันจันทร์ เด็กกว่าร้อยคนมาร่วมงานและช่วยกันจัดหนังสือเข้าชั้น",
    ),
    (
        "เรือข้ามฟากกลางคืนจะหยุดเดินสองวันเพื่อซ่อมเครื่องยนต์ ผู้โดยสารควรใช้สะพานแทน เจ้าหน้าที่ท่าเรือกล่าว",
        "เรือข้ามฟากกลางคืนจะหยุดเดินสองวันเพื่อซ่อมเครื่องยนต์ ผู้โดยสารควรใช้สะพานแทน",
    ),
];

#[test]
fn copies_of_short_texts_are_found_and_others_are_kept_apart() {
    let mut log = log();
    let first: Vec<Hash128> = ITEMS.iter().map(|(item, _)| new(&log.see(None, item))).collect();
    for ((_, copy), first) in ITEMS.iter().zip(&first) {
        let verdict = log.see(None, copy);
        assert!(
            matches!(&verdict, Verdict::Repeat(repeat) if repeat.cluster == *first),
            "{copy}: {verdict:?}"
        );
    }
    // The same with the copy first: which of the two is longer does not matter.
    let mut log = self::log();
    for (item, copy) in ITEMS {
        let first = new(&log.see(None, copy));
        let verdict = log.see(None, item);
        assert!(
            matches!(&verdict, Verdict::Repeat(repeat) if repeat.cluster == first),
            "{item}: {verdict:?}"
        );
    }
}

/// The same matter in other words, the next day's item of the same kind, and what begins or ends the same way.
#[test]
fn short_texts_that_are_only_alike_are_kept_apart() {
    let pairs = [
        (
            "The night ferry between Marrow Bay and Tern will run all winter, the council decided on Tuesday.",
            "Marrow Bay's council wants the ferry to Tern to go on sailing at night, also when it is cold, it said on Tuesday.",
        ),
        (
            "Two men were hurt when a lorry hit a wall in Mill Street, Kinwick, on Monday. The road was closed for an hour.",
            "A woman was hurt when a tram hit a taxi in Castle Square, Kinwick, on Friday. The road was closed for an hour.",
        ),
        (
            "Bank notes of the old series can be changed until the end of the year, the central bank said in a statement on Monday.",
            "Rates on loans will stay where they are for now, the central bank said in a statement on Monday.",
        ),
        (
            "周二上午，北沢县发生四级地震，没有人员伤亡的报告，列车正常运行。",
            "周五凌晨，长桥市遭遇大雾，高速公路封闭三小时，没有人员伤亡的报告。",
        ),
        (
            "市は来春、川沿いの古い水泳場を再開すると発表した。",
            "市は来年、駅前の新しい図書館を開くと発表した。",
        ),
        (
            "โรงเรียนบ้านหนองไผ่เปิดห้องสมุดใหม่เมื่อวันจันทร์ เด็กกว่าร้อยคนมาร่วมงาน",
            "วัดเขาสูงจัดงานประจำปีเมื่อวันเสาร์ ชาวบ้านกว่าร้อยคนมาร่วมงาน",
        ),
    ];
    for (a, b) in pairs {
        let mut log = log();
        new(&log.see(None, a));
        let verdict = log.see(None, b);
        assert!(matches!(verdict, Verdict::New { .. }), "{b}: {verdict:?}");
    }
}

/// Under eleven words or so nothing but the same words is a repeat: one word is too much of the text.
#[test]
fn of_a_few_words_only_the_same_are_a_repeat() {
    for text in ["Fire destroys mill in Tern, nobody hurt.", "河で橋が閉鎖、修理へ。", "ไฟไหม้โรงสี"]
    {
        let mut log = log();
        let first = new(&log.see(None, text));
        assert_eq!(repeat(&log.see(None, &text.to_uppercase())).1, first);
        new(&log.see(None, &format!("{text} Now")));
    }
}
