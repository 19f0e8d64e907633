//! `newsmill process`: one outcome a page in input order, whatever the threads, and a summary that counts them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn run(arguments: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_newsmill")).args(arguments).current_dir(dir).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A page about a subject of its own: no two numbers share sentences.
fn story(number: u64) -> String {
    const WHO: [&str; 7] = [
        "The harbour council",
        "A night ferry",
        "The glass museum",
        "Farmers",
        "Two pilots",
        "The orchestra",
        "A judge",
    ];
    const DID: [&str; 8] = [
        "voted on the new bridge",
        "left the northern pier early",
        "opened a hall of blue lamps",
        "asked for rain money",
        "landed on the frozen lake",
        "played without a conductor",
        "sent the case back",
        "counted the empty boats",
    ];
    const THEN: [&str; 5] = [
        "and nobody in the old town had expected it",
        "while the mayor was still on holiday in the hills",
        "which the local paper called a quiet surprise",
        "after a week of rumours in the market hall",
        "although the weather had turned by then",
    ];
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
    let mut pick = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    (0..6)
        .map(|paragraph| {
            let sentences: Vec<String> = (0..3)
                .map(|_| {
                    let (who, did, then) = (WHO[pick(7)], DID[pick(8)], THEN[pick(5)]);
                    let (a, b) = (pick(9000), pick(9000));
                    format!("{who} {did} on street {a} of quarter {b}, {then}.")
                })
                .collect();
            format!("{} ({paragraph})", sentences.join(" "))
        })
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A page message about it.
pub fn page(number: u64) -> Value {
    let body = format!("Headline number {number} of the day\n\n{}", story(number));
    json!({"id": format!("p{number}"), "url": format!("https://site{}.example/{number}", number % 7),
           "content_type": "text/plain", "body": body, "fetched_at": "2026-03-01T10:00:00Z"})
}

fn write_pages(path: &Path, pages: impl IntoIterator<Item = Value>) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for page in pages {
        writeln!(file, "{page}").unwrap();
    }
}

#[test]
fn one_line_an_outcome_in_input_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut pages: Vec<Value> = (0..200).map(page).collect();
    pages[50]["body"] = json!("");
    pages[60] = json!({"id": "p60", "url": "https://x.example/"});
    pages[70]["body"] = pages[10]["body"].clone();
    write_pages(&dir.path().join("pages.jsonl"), pages);
    let out = lines(&run(&["process", "pages.jsonl"], dir.path()));
    let ids: Vec<String> = out.iter().map(|o| o["page_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (0..200).map(|n| format!("p{n}")).collect::<Vec<_>>());
    assert_eq!((&out[50]["outcome"], &out[50]["reason"]), (&json!("rejected"), &json!("empty")));
    assert_eq!((&out[60]["outcome"], &out[60]["reason"]), (&json!("rejected"), &json!("malformed")));
    assert_eq!(out[60]["source"], json!({"input": "pages.jsonl", "line": 61}));
    assert_eq!((&out[70]["outcome"], &out[70]["kind"]), (&json!("duplicate"), &json!("exact")));
    assert_eq!(out[70]["of"], out[10]["id"]);
    let articles = out.iter().filter(|o| o["outcome"] == "article").count();
    assert_eq!(articles, 197);
}

#[test]
fn each_story_of_a_page_has_a_line_behind_it_where_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let body = include_str!("../stories/en-box-before-body.html");
    let (url, fetched_at) = ("https://paper.example/box", "2026-03-01T10:00:00Z");
    let with_story = json!({"body": body, "url": url, "content_type": "text/html", "fetched_at": fetched_at});
    // The third has the bytes of the first: nothing of it is written anew.
    write_pages(&dir.path().join("pages.jsonl"), [with_story.clone(), page(1), with_story]);
    let outcomes = |lines: &[Value]| -> Vec<String> {
        lines.iter().map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
    };
    let inside = lines(&run(&["process", "pages.jsonl"], dir.path()));
    assert_eq!(outcomes(&inside), ["article", "article", "duplicate"]);

    let output = run(&["process", "--emit-stories", "pages.jsonl"], dir.path());
    let beside = lines(&output);
    assert_eq!(outcomes(&beside), ["article", "story", "article", "duplicate"]);
    // The pages' own lines are the same.
    assert_eq!([&beside[0], &beside[2], &beside[3]], [&inside[0], &inside[1], &inside[2]]);
    let (article, story) = (&beside[0], &beside[1]);
    let inner = &article["stories"][0];
    assert!(inner["text"].as_str().is_some_and(|text| text.len() > 60), "{article}");
    assert_eq!(story["parent"], article["id"]);
    assert_ne!(story["id"], article["id"]);
    assert_eq!(
        (&story["text"], &story["title"], &story["agency"]),
        (&inner["text"], &inner["title"], &inner["agency"])
    );
    assert_eq!(
        (&story["url"], &story["page_id"], &story["source"]),
        (&article["url"], &article["page_id"], &article["source"])
    );
    let summary = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(summary.contains("stories           1") && summary.contains("articles          2"), "{summary}");

    // The same by the configuration.
    std::fs::write(dir.path().join("newsmill.toml"), "output.stories = \"records\"\n").unwrap();
    let configured = lines(&run(&["process", "--config", "newsmill.toml", "pages.jsonl"], dir.path()));
    assert_eq!(configured, beside);
}

/// A story told whole as an article, carried by two pages of their own, and told whole once more elsewhere.
#[test]
fn a_story_says_what_it_repeats_and_its_page_repeats_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let wire = "<p>OSKAR BAY, March 2 (Reuters) - A wall of stone would outlast three piers of wood, an engineer who advises the \
        ports of the coast said on Monday.</p><p>Ports that rebuilt in stone after the storms of the last decade have not lost \
        a day of work since, she told a meeting of harbour masters in the town hall.</p>";
    let html = |body: String, url: &str| json!({"body": body, "url": url, "content_type": "text/html"});
    let whole = format!("<h1>Engineer calls a stone wall cheaper</h1>{wire}");
    let inset = format!("<div><h3>Engineer calls a stone wall cheaper in the end</h3>{wire}</div>");
    let carrying = |number: u64| {
        let own = story(number);
        let paragraphs: Vec<String> = own.split("\n\n").map(|text| format!("<p>{text}</p>")).collect();
        let (first, rest) = paragraphs.split_at(2);
        format!(
            "<h1>What the council of the harbour did in week {number}</h1>{}{inset}{}",
            first.concat(),
            rest.concat()
        )
    };
    let pages = [
        html(carrying(1), "https://a.example/1"),
        html(carrying(2), "https://b.example/2"),
        html(whole.clone(), "https://wire.example/wall"),
        html(carrying(3), "https://c.example/3"),
        html(whole.replace("Monday", "Sunday"), "https://d.example/wall"),
    ];
    write_pages(&dir.path().join("pages.jsonl"), pages);
    let arguments = ["process", "--emit-stories", "--state", "seen", "pages.jsonl"];
    let all = lines(&run(&arguments, dir.path()));
    let said: Vec<&str> = all.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(said, ["article", "story", "article", "story", "article", "article", "story", "duplicate"]);
    let [first, second, third] = [&all[1], &all[3], &all[6]];
    assert_eq!((&first["repeats"], &first["cluster"]), (&Value::Null, &first["id"]));
    // Where nobody has told it whole, of the story that was first; then of the article.
    for (story, of) in [(second, first), (third, &all[4])] {
        assert_eq!(story["repeats"], json!({"kind": "exact", "of": of["id"], "similarity": 1.0}));
        assert_eq!(story["cluster"], of["id"]);
    }
    assert_eq!(all[5]["stories"][0]["repeats"], third["repeats"]);
    assert_eq!(all[7]["of"], all[4]["id"]);

    // The log is replayed: pages from the same places have what was said of them.
    assert_eq!(lines(&run(&arguments, dir.path())), all);
    write_pages(&dir.path().join("more.jsonl"), [html(carrying(4), "https://e.example/4")]);
    let more = lines(&run(&["process", "--state", "seen", "more.jsonl"], dir.path()));
    assert_eq!(more[0]["stories"][0]["repeats"]["of"], all[4]["id"]);
}

#[test]
fn the_output_does_not_depend_on_threads() {
    let dir = tempfile::tempdir().unwrap();
    // Every third page comes again, some of them with a changed end: verdicts depend on order.
    let pages = (0..300).map(|n| {
        let mut p = page(if n % 3 == 2 { n / 3 } else { n });
        if n % 6 == 5 {
            p["body"] = json!(format!("{}\n\nOne more line {n}.", p["body"].as_str().unwrap()));
        }
        p
    });
    write_pages(&dir.path().join("pages.jsonl"), pages);
    let one = run(&["process", "pages.jsonl", "--threads", "1"], dir.path());
    let four = run(&["process", "pages.jsonl", "--threads", "4"], dir.path());
    assert!(one.status.success() && !one.stdout.is_empty());
    assert!(one.stdout == four.stdout, "1 and 4 threads differ");
}

#[test]
fn the_summary_counts_every_page() {
    let dir = tempfile::tempdir().unwrap();
    write_pages(&dir.path().join("pages.jsonl"), (0..20).map(page).chain([page(3), json!({"id": "x"})]));
    let output = run(&["process", "pages.jsonl", "--output", "out.jsonl"], dir.path());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in
        ["22 pages", "articles         20", "duplicates        1", "(exact 1)", "(malformed 1)", "out.jsonl"]
    {
        assert!(stderr.contains(part), "{part:?} is not in:\n{stderr}");
    }
    assert!(output.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(dir.path().join("out.jsonl")).unwrap().lines().count(), 22);
}
