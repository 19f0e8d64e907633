//! "Did you mean": the known word closest to a mistyped one.

/// The closest of the known words, if it is close enough to be meant: at most a third of the letters
/// differ, or the word is a part or the beginning of it.
pub fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (distance(word, name), name))
        .filter(|(d, name)| {
            let close = d * 3 <= name.len().max(word.len());
            let part = name.split('_').any(|part| part == word) || (word.len() > 2 && name.starts_with(word));
            close || part
        })
        .min()
        .map(|(_, name)| name)
}

/// What an error says of a mistyped word at its end: `; did you mean …?`, or nothing where no known word is close.
pub fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    closest(word, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// Edit distance with transpositions of neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + swap);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_close() {
        let known = ["max_body_bytes", "window_days", "brokers"];
        let of = |word| closest(word, known.into_iter());
        assert_eq!(of("max_body_byte"), Some("max_body_bytes"));
        assert_eq!(of("borkers"), Some("brokers"));
        assert_eq!(of("window"), Some("window_days"));
        assert_eq!(of("colour"), None);
        assert_eq!(distance("ab", "ba"), 1);
    }
}
