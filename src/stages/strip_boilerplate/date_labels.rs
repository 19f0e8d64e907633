//! Words before a date that say what it is the date of.

use std::sync::LazyLock;

/// What a date is said to be the date of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Of publication.
    Published,
    /// Of a change.
    Modified,
    /// Of something else: an event, a picture, a birth, an offer.
    Other,
}

/// Beginnings of words that say so, in small letters.
const PUBLISHED: &str = "pressemitteilung|pressemeldung|press release|communiqué de presse|nota de prensa|comunicato stampa|persbericht|meldung vom|news vom|beitrag vom|artikel vom|publish|posted|post|post date|pub date|first aired|created|submitted|dated|issued|date:|on air|\
    veröffentlich|erschien|erstellt|publiziert|geschrieben|eingestellt|gespeichert|gepostet|datum|stand:|online seit|\
    publié|publie le|parution|mis en ligne|posté|rédigé le|écrit le|date de|paru le|\
    publicad|publicación|publicação|fecha|creado|escrito el|postado|criado|data:|\
    pubblicat|inserito|postato|scritto il|notizia del|gepubliceerd|geplaatst|verschenen|aangemaakt|\
    opublikowan|utworzon|dodano|data publikacji|publikacja|publikován|zveřejněn|vydáno|vytvořen|vloženo|zverejnen|publikovan|vydané|\
    опубликован|опубліковано|дата публик|размещен|создан|публикация|дата:|публікац|апублікава|публикуван|објављен|објавено|\
    δημοσιε|δημοσίευσ|ημερομηνία|ανάρτηση|yayın|eklen|giriş|oluşturma|tarih:|\
    发布|發布|发表|發表|時間：|时间：|时间:|时间|時間|日期|来源|公開|掲載|投稿|配信|作成|登録|입력|등록|게재|승인|작성|기사입력|송고|\
    نشر|منتشر|انتشار|تاریخ|تاريخ|شائع|پبلش|פורסם|תאריך|פרסום|प्रकाशित|পাবলিশ|প্রকাশ|posted on|வெளியிட|ప్రచురణ|\
    diterbit|dipublikasi|dimuat|tayang|diposting|diterbitkan|đăng|xuất bản|publicerad|publicerat|skapad|publisert|udgivet|publiceret|\
    offentliggjort|oprettet|lagt ud|julkaistu|luotu|megjelen|közzét|létrehozva|publicat|postat|objavlj|postavlj|objavil|objavljeno|avaldat|\
    loodud|publicēt|paskelbt|įkelta|argitaratu|birt|imechapish|เผยแพร่|โพสต์|วันที่|គេហទំព័រ|გამოქვეყნ|հրապարակ|dərc|жарияланған|e'lon|botuar|shkruar";
const MODIFIED: &str = "update|akt.|upd.|agg.|modified|edited|changed|last change|last mod|revised|review|amended|corrected|\
    aktualisier|geändert|änderung|bearbeit|überarbeit|update|mis à jour|mise à jour|modifié|actualis|màj|\
    actualizad|actualización|modificad|editado|atualizad|atualização|aggiornat|aggiornamento|modificat|bijgewerkt|gewijzigd|\
    aktualizac|zaktualizowan|aktualizova|aktualizovan|upraveno|обновлен|оновлен|изменен|редакт|абноўлен|обновен|ажуриран|\
    ενημέρωση|ενημερώ|τροποπο|güncelle|更新|修改|修正|최종수정|수정|تحديث|تعديل|به‌روز|بروزرسانی|עודכן|עדכון|अपडेट|আপডেট|\
    diperbarui|diupdate|cập nhật|uppdaterad|uppdaterat|ändrad|oppdatert|endret|opdateret|ændret|päivitetty|muokattu|frissít|módosít|\
    ažurira|izmijenj|spremenj|posodoblj|uuendat|muudetud|atjaunin|atjaunot|atnaujin|eguneratu|uppfært|imesasish|อัปเดต|แก้ไข|განახლ|թարմաց";
const OTHER: &str = "verfügbar bis|gültig|läuft bis|bis zum|available until|expires|valid|deadline|event|termin:|begin|start|\
    release|vö:|veröffentlichungsdatum|kinostart|geboren|born|birth|died|gestorben|nacido|né le|née le|joined|member since|registr|anmelde|beigetreten|\
    copyright|©|foto|photo|picture|image|bild|imagen|fotografía|getty|reuters|afp|accessed|abgerufen|retrieved|archived|capture|\
    aufgenommen|taken|ende|end|fin|anmeldung|registration|mit wirkung|zum|bis|ab|credit|reise|datiert|issue|ausgabe vom|edition|nr.|no.|since|seit|until|depuis|desde|dal|from|ab dem|gegründet|founded|established|\
    kommentar|comment|reply|antwort|said|says|wrote|schrieb";

/// Bytes between two parts of a compound: `Aktualisierungsdatum`.
const MAX_JOINT: usize = 5;

/// The label that stands nearest before a date: in the text before it, back to the date before that.
pub fn before(text: &str) -> Option<Label> {
    let from = text.len().saturating_sub(60);
    let text = text[text.ceil_char_boundary(from)..].to_lowercase();
    let [mut published, modified, other] = last(&text);
    // "Time of the change": the word for time follows at once.
    if let (Some((said, _)), Some((changed, length))) = (published, modified)
        && said > changed
        && said <= changed + length + MAX_JOINT
    {
        published = None;
    }
    let labels = [(published, Label::Published), (modified, Label::Modified), (other, Label::Other)];
    // Of two that end at one place, the longer one counts.
    let found =
        labels.into_iter().filter_map(|(at, label)| at.map(|(at, length)| (at + length, length, label)));
    found.max_by_key(|(end, length, _)| (*end, *length)).map(|(.., label)| label)
}

/// The label that a line of its own is, above the date.
pub fn alone(line: &str) -> Option<Label> {
    let name = line.trim().trim_end_matches([':', '：']).trim_end().to_lowercase();
    if ["ende", "end", "termin", "start", "beginn", "release", "deadline", "event date"]
        .contains(&name.as_str())
    {
        return Some(Label::Other);
    }
    before(line).filter(|label| *label != Label::Other)
}

/// The label at the beginning of what follows a date, `2020年6月11日 更新`, where little else follows.
pub fn after(text: &str) -> Option<Label> {
    // Three words: `Uhr zuletzt geändert`.
    let text = text[..text.floor_char_boundary(40)].trim_start();
    let text = text.match_indices(char::is_whitespace).nth(2).map_or(text, |(at, _)| &text[..at]);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters > 24 || text.chars().any(char::is_numeric) {
        return None;
    }
    before(text).filter(|label| *label != Label::Other)
}

/// The words of the lists with the list that each is of, in the order of their first two bytes.
static WORDS: LazyLock<Vec<(u16, &str, usize)>> = LazyLock::new(|| {
    let lists = [PUBLISHED, MODIFIED, OTHER].into_iter().enumerate();
    let mut words: Vec<_> = lists
        .flat_map(|(list, words)| words.split('|').map(move |word| (pair(word.as_bytes()), word, list)))
        .collect();
    words.sort_unstable();
    words
});

/// The first two bytes.
fn pair(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes.get(1).copied().unwrap_or(0)])
}

/// Where a word of each list begins for the last time, and the length of the longest that begins there.
fn last(text: &str) -> [Option<(usize, usize)>; 3] {
    let words = &*WORDS;
    let mut found = [None; 3];
    for (at, _) in text.char_indices().rev() {
        let begins = pair(&text.as_bytes()[at..]);
        let from = words.partition_point(|(pair, ..)| *pair < begins);
        for (_, word, list) in words[from..].iter().take_while(|(pair, ..)| *pair == begins) {
            let best = &mut found[*list];
            let longer = best.is_none_or(|(there, length)| there == at && length < word.len());
            if longer && text[at..].starts_with(word) && is_word(text, at, word) {
                *best = Some((at, word.len()));
            }
        }
        if found.iter().all(Option::is_some) {
            break;
        }
    }
    found
}

/// Whether a word that is found in a text begins there as a word, where words are told apart.
fn is_word(text: &str, at: usize, word: &str) -> bool {
    let spaced = word.chars().next().is_some_and(|c| c.is_alphabetic() && c < '\u{e00}');
    let within = text[..at].chars().next_back().is_some_and(char::is_alphabetic);
    // Short words are whole ones: `seit` is not the beginning of `Seite`.
    let short = word.chars().nth(5).is_none();
    let goes_on = short && text[at + word.len()..].starts_with(char::is_alphabetic);
    !spaced || !within && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_before_and_after_dates() {
        for text in [
            "Published ",
            "Veröffentlicht am ",
            "Press release of ",
            "Publié le ",
            "Опубликовано: ",
            "입력 ",
            "发布时间：",
            "نشر في ",
        ] {
            assert_eq!(before(text), Some(Label::Published), "{text}");
        }
        for text in [
            "Updated ",
            "Letzte Änderung: ",
            "Last modified date: ",
            "Aktualisierungsdatum: ",
            "Mis à jour le ",
            "Обновлено ",
            "수정 ",
            "更新时间：",
            "Güncelleme: ",
        ] {
            assert_eq!(before(text), Some(Label::Modified), "{text}");
        }
        for text in ["Verfügbar bis ", "Born ", "(AFP Photo) ", "Release: ", "© "] {
            assert_eq!(before(text), Some(Label::Other), "{text}");
        }
        assert_eq!(before("By Ada Ruiz, "), None);
        assert_eq!(before("unpublished "), None);
        assert_eq!(after(" 公開"), Some(Label::Published));
        assert_eq!(after(" Uhr gepostet und unter Kunst abgelegt"), Some(Label::Published));
        assert_eq!(after(" Uhr geändert."), Some(Label::Modified));
        assert_eq!(after(" Updated 3 hours ago"), None);
    }
}
