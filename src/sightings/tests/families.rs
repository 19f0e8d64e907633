//! Stories made from templates, driven by numbers and not: no cluster may swallow a family.

use std::collections::BTreeMap;

use super::*;

/// Deterministic choices.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0) * sides as u128) >> 64) as usize
    }

    fn name(&mut self) -> String {
        const A: [&str; 16] = [
            "Bar", "Hol", "Tar", "Wes", "Kin", "Mor", "Sel", "Dun", "Fair", "Glen", "Ash", "Rock", "Penn",
            "Mill", "Cal", "Thorn",
        ];
        const B: [&str; 10] = ["ford", "ton", "wick", "by", "ham", "dale", "mouth", "field", "bridge", "ley"];
        format!("{}{}", A[self.roll(A.len())], B[self.roll(B.len())])
    }

    /// Fills in `#` (a number), `@` (a name) and `{a|b|c}` (one of them); a sentence that begins with `?`
    /// is left out now and then.
    fn fill(&mut self, template: &str) -> String {
        let mut out = String::new();
        for sentence in template.split('\n') {
            let (optional, sentence) = match sentence.strip_prefix('?') {
                Some(rest) => (true, rest),
                None => (false, sentence),
            };
            if optional && self.roll(4) == 0 {
                continue;
            }
            let mut rest = sentence;
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                match c {
                    '#' => out.push_str(&self.roll(900).to_string()),
                    '@' => out.push_str(&self.name()),
                    '{' => {
                        let (choices, after) = rest.split_once('}').unwrap();
                        let choices: Vec<&str> = choices.split('|').collect();
                        out.push_str(choices[self.roll(choices.len())]);
                        rest = after;
                    }
                    _ => out.push(c),
                }
            }
            out.push(' ');
        }
        out
    }
}

const FAMILIES: [(&str, &str); 7] = [
    (
        "shares",
        "Shares of @ @ {rose|fell|slipped|jumped} #.# percent to #.# crowns in {early|late|midday} trading on {Monday|Tuesday|Friday}.\n\
         The stock opened at #.# and traded as high as #.#, with # shares changing hands against a daily average of #.\n\
         The company has a market value of #.# million crowns and a price-earnings ratio of #.#.\n\
         ?Analysts at @ Securities raised their target from # to # crowns and kept the rating at {buy|hold|sell}.\n\
         This report was made by a program from data of the exchange and is sent to readers every hour.",
    ),
    (
        "quake",
        "A magnitude #.# earthquake struck # kilometres {north|south|east|west} of @ at #:# local time, the institute said.\n\
         The epicentre was at a depth of # kilometres, according to stations of the national network.\n\
         ?There were no reports of damage or casualties, and no warning was issued for the coast.\n\
         ?Residents of @ said that they felt the shaking for about # seconds.\n\
         ?In the past ten days there have been # quakes of strength # or more nearby.\n\
         The institute asks everybody who felt it to fill in the form on its website, which helps to draw maps.",
    ),
    (
        "match",
        "@ United beat @ Rovers #-# at @ Park on {Saturday|Sunday} in front of a crowd of #.\n\
         @ opened the scoring in minute # with a {header|volley|penalty|free kick} after a pass from @, before @ saw the yellow card.\n\
         The home side had # percent of possession and # shots, of which # were on target, while the visitors won # corners.\n\
         The result leaves the hosts in place # with # points and # games of the season left to play.\n\
         Both teams are back in action next weekend. Report made from official data of the league. Referee: @.",
    ),
    (
        "weather",
        "@ will see {sunny spells|showers|fog|strong winds|snow} on {Monday|Tuesday|Friday}, with a high of # degrees and a low of # at night.\n\
         Winds blow from the {north|south|east|west} at up to # kilometres an hour, and the chance of rain is # percent.\n\
         The outlook for the rest of the week remains {changeable|dry|wet|cold}, and forecasters expect a new front by {Thursday|the weekend}.\n\
         Drivers are advised to check the state of the roads before setting off, and to leave more time than usual.",
    ),
    (
        "obituary",
        "@ @, a {teacher|painter|farmer|judge|singer|nurse|builder|priest} from @, has died after a {short|long|brief} illness, the family said.\n\
         ?Born in @ as the {first|second|third|last} of {two|three|four|five|six} children, the deceased moved to @ early in life.\n\
         ?Friends in @ remember a person who never raised a voice and was there when help was needed.\n\
         ?The funeral will be held at the church of Saint @ in @, and the family asks that no flowers be sent.\n\
         ?Gifts may be made to the society for the care of old {animals|houses|books|orchards} in @ instead.\n\
         The deceased is survived by @ @ and by @ @, and by {several|many|two|three} grandchildren.",
    ),
    (
        "blotter",
        "Police in @ are looking for a {man|woman|youth} who {took|stole|grabbed} a {bicycle|handbag|lawn mower|cash box|necklace} from a {garage|shop|cellar|garden} in @ Street.\n\
         ?By first findings the thief came in through a {window|back door|gate|side entrance} and left towards @ on {foot|a bicycle|a scooter}.\n\
         ?A search with {two|three|several} cars around @ did not lead to an arrest, a speaker said on {Monday|Tuesday|Friday}.\n\
         ?The person is {tall|short|slight|heavy}, with {dark|fair|red|grey|no} hair, and wore a {blue|black|green|brown} jacket and {blue|black|green|white} shoes.\n\
         Whoever saw anything out of the ordinary near @ is asked to call the station in @.",
    ),
    (
        "horoscope",
        "Your stars for {Monday|Tuesday|Wednesday|Thursday|Friday}, {Ram|Bull|Twins|Crab|Lion|Scales|Archer|Fishes}.\n\
         {A good day to settle an old matter you have put off for too long|A message brings a question which only you can answer|Money comes and goes, and this week it mostly goes|Somebody at work watches what you do and likes what they see}.\n\
         {Take an hour for yourself in the evening and leave the telephone in another room|An invitation you did not expect turns out better than you think|Do not sign anything before you have read the small letters twice|The stars favour journeys, even short ones, and a walk counts too}.\n\
         {Your patience is tried by a person who is close to you|Listen more than you speak and you learn something of use|Love asks for courage now, and courage is what you have|An old habit returns, and it is up to you whether it stays}.\n\
         {A small gift opens a door that has been closed for years|Trust your first thought, for the second one is only fear|Plans for the summer take shape around the family table|Somebody owes you an apology and will offer it soon}.\n\
         Our astrologer writes for readers of the @ Courier every morning.",
    ),
];

/// Stories of each family, mixed with prose; gives of each family how many were called repeats, and the
/// largest cluster.
fn run(seed: u64, each: usize) -> BTreeMap<&'static str, (usize, usize)> {
    let mut dice = Dice(seed);
    let mut log = log();
    let mut clusters: BTreeMap<&str, BTreeMap<Hash128, usize>> = BTreeMap::new();
    let mut repeats: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left: Vec<_> = FAMILIES.iter().map(|(name, template)| (*name, *template, each)).collect();
    while !left.is_empty() {
        let at = dice.roll(left.len());
        let (name, template, more) = &mut left[at];
        let text = dice.fill(template);
        let cluster = match log.see(None, &text) {
            Verdict::New { id } => id,
            Verdict::Repeat { cluster, .. } => {
                *repeats.entry(name).or_default() += 1;
                cluster
            }
            Verdict::Unknown => unreachable!(),
        };
        *clusters.entry(name).or_default().entry(cluster).or_default() += 1;
        *more -= 1;
        if *more == 0 {
            left.swap_remove(at);
        }
    }
    clusters
        .into_iter()
        .map(|(name, sizes)| {
            let largest = sizes.values().max().copied().unwrap_or(0);
            (name, (repeats.get(name).copied().unwrap_or(0), largest))
        })
        .collect()
}

#[test]
fn no_template_family_melts_into_one_cluster() {
    for seed in [1, 2, 3] {
        let each = 200;
        for (name, (repeats, largest)) in run(seed, each) {
            println!("seed {seed}: {name}: {repeats} of {each} called repeats, largest cluster {largest}");
            // A few are nearly the same word for word; what must not be is a cluster that goes on growing.
            assert!(largest <= each / 5, "seed {seed}: {name}: a cluster of {largest}");
            assert!(repeats <= each / 2, "seed {seed}: {name}: {repeats} of {each} called repeats");
        }
    }
}
