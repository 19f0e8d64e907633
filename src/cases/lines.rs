//! The difference of two texts, line by line.

/// Most lines of each side that are held against each other; of longer texts the rest is compared as one.
const MOST: usize = 2000;
/// Equal lines shown around a difference.
const AROUND: usize = 1;

/// Lines that only `expected` has (`-`), that only `got` has (`+`), and one equal line around them; empty where the texts are
/// the same. Blank lines between paragraphs are left out.
pub fn difference(expected: &str, got: &str) -> Vec<String> {
    if expected == got {
        return Vec::new();
    }
    let split = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    let (mut a, mut b): (Vec<String>, Vec<String>) = (split(expected), split(got));
    for side in [&mut a, &mut b] {
        if side.len() > MOST {
            let rest = side.split_off(MOST - 1).join("\n");
            side.push(rest);
        }
    }
    if a == b {
        return vec!["  the texts differ in blanks between lines alone".to_owned()];
    }
    let marked = mark(&a, &b);
    let is_near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        let to = (at + AROUND + 1).min(marked.len());
        marked[from..to].iter().any(|(mark, _)| *mark != ' ')
    };
    let near = (0..marked.len()).filter(|at| is_near(*at));
    near.map(|at| format!("{} {}", marked[at].0, marked[at].1)).collect()
}

/// All lines with their marks, by a longest common subsequence.
fn mark<'t>(a: &'t [String], b: &'t [String]) -> Vec<(char, &'t str)> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (middle_a, middle_b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let width = middle_b.len() + 1;
    // Lengths of the longest common subsequences of what follows.
    let mut longest = vec![0_u16; (middle_a.len() + 1) * width];
    for i in (0..middle_a.len()).rev() {
        for j in (0..middle_b.len()).rev() {
            longest[i * width + j] = if middle_a[i] == middle_b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut out: Vec<(char, &str)> = a[..head].iter().map(|line| (' ', line.as_str())).collect();
    let (mut i, mut j) = (0, 0);
    while i < middle_a.len() || j < middle_b.len() {
        if i < middle_a.len() && j < middle_b.len() && middle_a[i] == middle_b[j] {
            out.push((' ', &middle_a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == middle_b.len()
            || (i < middle_a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            out.push(('-', &middle_a[i]));
            i += 1;
        } else {
            out.push(('+', &middle_b[j]));
            j += 1;
        }
    }
    out.extend(a[a.len() - tail..].iter().map(|line| (' ', line.as_str())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let a = "one\n\ntwo\n\nthree\n\nfour\n\nfive\n\nsix";
        assert!(difference(a, a).is_empty());
        let b = "one\n\ntwo\n\nthree and a half\n\nfour\n\nfive\n\nsix\n\nseven";
        assert_eq!(
            difference(a, b),
            ["  two", "- three", "+ three and a half", "  four", "  six", "+ seven"]
        );
        assert_eq!(difference("", "x"), ["+ x"]);
        assert_eq!(difference("a\nb", "a\n\nb"), ["  the texts differ in blanks between lines alone"]);
    }

    #[test]
    fn long_texts_are_bounded() {
        let long = |word: &str| (0..5000).map(|n| format!("{word} {n}\n")).collect::<String>();
        assert_eq!(difference(&long("a"), &long("b")).len(), 2 * MOST);
    }
}
