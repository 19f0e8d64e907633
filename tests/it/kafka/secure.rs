//! A broker with TLS and SASL: right credentials work, wrong ones and missing rights are said, and no secret is shown.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::broker::Broker;
use super::world::{Pages, World};

/// The password of the users. Nothing that newsmill says may hold it.
const CANARY: &str = "canary-4711";

/// The lines of the configuration for a mechanism. The password stands in a file.
fn secure(address: &str, broker: &Broker, mechanism: &str, user: &str, password: &Path) -> String {
    let mut out = format!("kafka.brokers = \"{address}\"\n");
    for (key, value) in [
        ("security.protocol", "SASL_SSL"),
        ("ssl.ca.location", broker.certificate().to_str().unwrap()),
        ("sasl.mechanisms", mechanism),
        ("sasl.username", user),
    ] {
        let _infallible = writeln!(out, "kafka.properties.\"{key}\" = \"{value}\"");
    }
    let _infallible = writeln!(out, "kafka.properties_files.\"sasl.password\" = {password:?}");
    out
}

/// Gives a user the rights that `newsmill check` names.
fn allow(world: &World, user: &str) {
    let principal = format!("User:{user}");
    let topic = |which: &str| world.topic(which);
    let (pages, sightings, articles) = (topic("pages"), topic("sightings"), topic("articles"));
    let (duplicates, rejected, prefix) = (topic("duplicates"), topic("rejected"), format!("{}-", world.name));
    let add = |operation: &str, resource: &[&str]| {
        let mut arguments = vec!["--add", "--allow-principal", &principal, "--operation", operation];
        arguments.extend(["--operation", "Describe"]);
        arguments.extend(resource);
        world.tool("org.apache.kafka.tools.AclCommand", &arguments);
    };
    add("Read", &["--topic", &pages, "--topic", &sightings]);
    add(
        "Write",
        &["--topic", &articles, "--topic", &duplicates, "--topic", &rejected, "--topic", &sightings],
    );
    add("Read", &["--group", &world.name]);
    add("Write", &["--transactional-id", &prefix, "--resource-pattern-type", "prefixed"]);
}

#[test]
fn tls_and_sasl_by_configuration_and_no_secret_is_shown() {
    let (broker, address) = Broker::secure(CANARY);
    let world = World::new(&broker);
    let dir = tempfile::tempdir().unwrap();
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    std::fs::write(&right, format!("{CANARY}\n")).unwrap();
    std::fs::write(&wrong, format!("{CANARY}-not\n")).unwrap();
    let said = RefCell::new(Vec::new());
    let check = |config: &Path, more: &[&str]| {
        let started = Instant::now();
        let (code, text) = world.newsmill(&[&["check"], more].concat(), config);
        assert!(started.elapsed() < Duration::from_secs(11), "{:?}: {text}", started.elapsed());
        said.borrow_mut().push(text.clone());
        (code, text)
    };

    // Wrong credentials, and a certificate that nobody here trusts: said at once, by both commands.
    let bad = world.config("one", &secure(&address, &broker, "SCRAM-SHA-256", "newsmill", &wrong));
    let (code, text) = check(&bad, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("does not accept the credentials"), "{text}");
    let untrusted = secure(&address, &broker, "PLAIN", "newsmill", &right)
        .lines()
        .filter(|line| !line.contains("ssl.ca.location"))
        .fold(String::new(), |text, line| text + line + "\n");
    let (code, text) = check(&world.config("one", &untrusted), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("ssl.ca.location"), "{text}");

    // The topics are made by one who may, over the plain listener; the user has no rights yet.
    let mut maker = world.worker("maker", "");
    maker.await_log("assigned", 60);
    assert!(maker.terminate().0.success());
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let config = world.config(
            "one",
            &(secure(&address, &broker, mechanism, "newsmill", &right) + "kafka.create_topics = false"),
        );
        let (code, text) = check(&config, &[]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(&world.topic("pages")) && text.contains("may not see it"), "{text}");
        assert!(text.contains("kafka-acls.sh") && text.contains("--allow-principal User:newsmill"), "{text}");
    }
    allow(&world, "newsmill");
    // Rights to look, and none to write.
    let topic = world.topic("articles");
    let deny = ["--add", "--deny-principal", "User:newsmill", "--operation", "Write", "--topic", &topic];
    world.tool("org.apache.kafka.tools.AclCommand", &deny);
    let more =
        secure(&address, &broker, "SCRAM-SHA-256", "newsmill", &right) + "kafka.create_topics = false\n";
    let config = world.config("one", &more);
    let (code, text) = check(&config, &["--write"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("may not write to {topic}")), "{text}");
    let remove = [&["--remove", "--force"], &deny[1..]].concat();
    world.tool("org.apache.kafka.tools.AclCommand", &remove);

    // All is well, by each mechanism.
    let token = dir.path().join("token");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let claims = format!(r#"{{"sub":"newsmill","iat":{now},"exp":{}}}"#, now + 3600);
    std::fs::write(&token, format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims))).unwrap();
    let bearer = secure(&address, &broker, "OAUTHBEARER", "newsmill", &right).lines().fold(
        String::new(),
        |text, line| {
            let unused = line.contains("sasl.username") || line.contains("sasl.password");
            if unused { text } else { text + line + "\n" }
        },
    );
    let bearer = format!(
        "{bearer}kafka.properties.\"sasl.oauthbearer.config\" = \"token_file={}\"\nkafka.create_topics = false\n",
        token.display()
    );
    let plain = secure(&address, &broker, "PLAIN", "newsmill", &right) + "kafka.create_topics = false\n";
    let mut pages = Pages::generate(0, 20);
    for (seed, (name, more)) in
        [("scram", &more), ("plain", &plain), ("bearer", &bearer)].into_iter().enumerate()
    {
        let (code, text) = check(&world.config(name, more), &["--write"]);
        assert_eq!(code, 0, "{name}: {text}");
        assert!(text.contains("may write to"), "{name}: {text}");
        let mut worker = world.worker(name, more);
        worker.await_log("assigned", 60);
        let some = Pages::generate(40, 21 + seed as u64);
        world.send(&some.messages);
        pages.sets.extend(some.sets);
        world.await_lag(0, 60, &mut [&mut worker]);
        said.borrow_mut().push(worker.get("/config").1 + &worker.get("/metrics").1);
        assert!(worker.terminate().0.success());
        said.borrow_mut().push(worker.log());
    }
    world.hold(&pages);
    let said = said.into_inner();
    let shown = said.iter().find(|text| text.contains(CANARY) || text.contains(&part(&claims)));
    assert!(shown.is_none(), "a secret is shown: {}", shown.unwrap());
}
