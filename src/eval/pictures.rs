//! Pictures (SVG) of how a stage does, for the documentation.

use std::fmt::Write as _;

use super::score::Reliability;

/// Share of right answers over what the stage said of them, a dot a bin, its area by the number of answers; on the diagonal,
/// .9 means nine of ten. `x` and `y` name the axes, `unit` what is counted.
pub fn reliability(reliability: &Reliability, x: &str, y: &str, unit: &str) -> String {
    const SIDE: f64 = 400.0;
    const EDGE: f64 = 50.0;
    let (across, up) = (|share: f64| EDGE + share * SIDE, |share: f64| EDGE + (1.0 - share) * SIDE);
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 500 500\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"500\" height=\"500\" fill=\"#fff\"/>\n",
    );
    for i in 0..=5 {
        let at = f64::from(i) / 5.0;
        let _ = writeln!(
            svg,
            "<path d=\"M{0} {2}V{3}M{2} {1}H{3}\" stroke=\"#ddd\"/>\n\
             <text x=\"{0}\" y=\"470\" text-anchor=\"middle\">{at:.1}</text>\n\
             <text x=\"42\" y=\"{4}\" text-anchor=\"end\">{at:.1}</text>",
            across(at),
            up(at),
            EDGE,
            EDGE + SIDE,
            up(at) + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{} {}L{} {}\" stroke=\"#888\" stroke-dasharray=\"5 4\"/>",
        across(0.0),
        up(0.0),
        across(1.0),
        up(1.0)
    );
    for (said, right, n) in reliability.points() {
        let radius = 3.0 + f64::from(n).sqrt() / 12.0;
        let (cx, cy) = (across(said), up(right));
        let _ = writeln!(
            svg,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{radius:.1}\" fill=\"#1769aa\" fill-opacity=\".75\">\
             <title>{said:.2}: {right:.3} of {n}</title></circle>"
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"250\" y=\"492\" text-anchor=\"middle\">{x}</text>\n\
         <text x=\"14\" y=\"250\" text-anchor=\"middle\" transform=\"rotate(-90 14 250)\">{y}</text>\n\
         <text x=\"250\" y=\"30\" text-anchor=\"middle\">{} {unit}, mean gap {:.3}</text>\n</svg>",
        reliability.count(),
        reliability.gap()
    );
    svg
}

/// A confusion matrix: a row a wanted class, a column a given one, shaded by the share of its row. `counts` is
/// row after row, `names` are the rows' and the columns'.
pub fn confusion(names: &[&str], counts: &[u32]) -> String {
    const CELL: usize = 34;
    const LEFT: usize = 280;
    const TOP: usize = 250;
    let n = names.len();
    let (width, height) = (LEFT + n * CELL + 20, TOP + n * CELL + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"{}\" text-anchor=\"end\" fill=\"#666\">wanted ↓ given →</text>\n",
        TOP - 12
    );
    for (i, name) in names.iter().enumerate() {
        let at = i * CELL + CELL / 2;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>\n\
             <text transform=\"translate({} {}) rotate(-60)\">{name}</text>",
            LEFT - 6,
            TOP + at + 4,
            LEFT + at + 4,
            TOP - 6
        );
    }
    for (row, cells) in counts.chunks_exact(n.max(1)).enumerate() {
        let total: u32 = cells.iter().sum();
        for (column, count) in cells.iter().enumerate() {
            let share = f64::from(*count) / f64::from(total.max(1));
            let (x, y) = (LEFT + column * CELL, TOP + row * CELL);
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"#1769aa\" fill-opacity=\"{share:.2}\" stroke=\"#ddd\"/>"
            );
            if *count > 0 {
                let ink = if share > 0.5 { "#fff" } else { "#000" };
                let _ = writeln!(
                    svg,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{ink}\">{count}</text>",
                    x + CELL / 2,
                    y + CELL / 2 + 4
                );
            }
        }
    }
    svg += "</svg>\n";
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_for_each_bin_that_has_answers() {
        let mut scores = Reliability::default();
        for (said, right) in [(0.95, true), (0.95, true), (0.55, false)] {
            scores.add(said, right);
        }
        let svg = reliability(&scores, "score", "share right", "topics");
        assert_eq!(svg.matches("<circle").count(), scores.points().count());
        assert!(svg.contains("3 topics, mean gap"));
    }

    #[test]
    fn a_cell_for_each_pair_and_a_number_where_there_are_any() {
        let svg = confusion(&["sport", "none"], &[7, 0, 2, 1]);
        assert_eq!(svg.matches("stroke=\"#ddd\"").count(), 4);
        assert_eq!((svg.matches(">7<").count(), svg.matches(">0<").count()), (1, 0));
    }
}
