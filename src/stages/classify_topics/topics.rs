//! The 17 top-level IPTC Media Topics.

/// Code and English label of a topic, as the vocabulary has them (IPTC, CC BY 4.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopTopic {
    /// `medtop:` and eight digits.
    pub code: &'static str,
    /// English label.
    pub name: &'static str,
}

/// How many there are.
pub const TOPICS: usize = 17;

/// In order of their codes: the topic of index i is `medtop:` i + 1 and six zeros.
pub const TOP_TOPICS: [TopTopic; TOPICS] = [
    TopTopic { code: "medtop:01000000", name: "arts, culture, entertainment and media" },
    TopTopic { code: "medtop:02000000", name: "crime, law and justice" },
    TopTopic { code: "medtop:03000000", name: "disaster, accident and emergency incident" },
    TopTopic { code: "medtop:04000000", name: "economy, business and finance" },
    TopTopic { code: "medtop:05000000", name: "education" },
    TopTopic { code: "medtop:06000000", name: "environment" },
    TopTopic { code: "medtop:07000000", name: "health" },
    TopTopic { code: "medtop:08000000", name: "human interest" },
    TopTopic { code: "medtop:09000000", name: "labour" },
    TopTopic { code: "medtop:10000000", name: "lifestyle and leisure" },
    TopTopic { code: "medtop:11000000", name: "politics" },
    TopTopic { code: "medtop:12000000", name: "religion" },
    TopTopic { code: "medtop:13000000", name: "science and technology" },
    TopTopic { code: "medtop:14000000", name: "society" },
    TopTopic { code: "medtop:15000000", name: "sport" },
    TopTopic { code: "medtop:16000000", name: "conflict, war and peace" },
    TopTopic { code: "medtop:17000000", name: "weather" },
];

/// Index of a code, which may be a sub-topic's only if it is a top topic itself.
pub fn index_of(code: &str) -> Option<usize> {
    TOP_TOPICS.iter().position(|topic| topic.code == code)
}
