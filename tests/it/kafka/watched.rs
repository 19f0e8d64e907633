//! What a worker says of itself agrees with what Kafka says of it, and with itself.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::broker::Broker;
use super::world::{Pages, Worker, World, get};

/// Longer than the client's statistics take to tell of a change.
const TOLD: Duration = Duration::from_millis(2500);

/// The numbers of a metric's series: what stands in braces, and the value.
pub fn series(metrics: &str, name: &str) -> BTreeMap<String, f64> {
    let rows = metrics.lines().filter_map(|line| line.strip_prefix(name)?.split_once(' '));
    rows.filter(|(labels, _)| labels.is_empty() || labels.starts_with('{'))
        .map(|(labels, value)| (labels.to_owned(), value.parse().unwrap()))
        .collect()
}

pub fn sum(metrics: &str, name: &str) -> f64 {
    series(metrics, name).values().sum()
}

/// Lag by partition, as the workers say.
fn lag(workers: &[&Worker]) -> BTreeMap<String, f64> {
    let mut out = BTreeMap::new();
    for worker in workers {
        for (labels, value) in series(&worker.get("/metrics").1, "newsmill_lag_records") {
            let partition = labels.split("partition=\"").nth(1).and_then(|rest| rest.split('"').next());
            out.insert(partition.unwrap().to_owned(), value);
        }
    }
    out
}

/// Lag by partition, as Kafka's own tool says.
fn described(world: &World) -> BTreeMap<String, f64> {
    let class = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    let said = world.tool(class, &["--describe", "--group", &world.name]);
    let rows = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 5 && row[0] == world.name)
        .filter_map(|row| Some((row[2].to_owned(), row[5].parse().ok()?)))
        .collect()
}

/// Nothing is sent meanwhile, so lag only shrinks: what Kafka says in between lies between what the workers say before and
/// after. Gives the number of partitions with lag that were looked at.
fn compare(world: &World, workers: &[&Worker], when: &str) -> usize {
    let (before, kafka, after) = (lag(workers), described(world), lag(workers));
    let mut looked = 0;
    for (partition, said) in &kafka {
        let bounds = (before.get(partition), after.get(partition));
        if let (Some(before), Some(after)) = bounds {
            assert!(
                after <= said && said <= before,
                "{when}: partition {partition} lags by {said}, the workers say {before} before and {after} after"
            );
            looked += usize::from(*said > 0.0);
        }
    }
    println!("{when}: {before:?} >= {kafka:?} >= {after:?}");
    looked
}

#[test]
fn lag_is_what_kafka_says_while_workers_come_and_go() {
    let world = World::new(Broker::shared());
    // Slow enough that it lasts.
    let slow = "kafka.batch_pages = 10\nkafka.in_flight_pages = 20\nkafka.batch_wait_ms = 5";
    let mut one = world.worker("one", slow);
    one.await_log("assigned", 60);
    let pages = Pages::generate(12_000, 11);
    world.send(&pages.messages);
    // Once the worker knows where its partitions end, which a busy machine is late to tell, they end there for good.
    let deadline = Instant::now() + Duration::from_secs(60);
    let known = |metrics: &str| sum(metrics, "newsmill_lag_records") + sum(metrics, "newsmill_pages_total");
    while known(&one.get("/metrics").1) < pages.messages.len() as f64 {
        assert!(Instant::now() < deadline, "not all pages are known: {}", one.get("/metrics").1);
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut looked = compare(&world, &[&one], "one alone");
    let mut two = world.worker("two", slow);
    two.await_log("joined the group", 60);
    looked += compare(&world, &[&one, &two], "two comes");
    two.await_log("assigned partitions=[", 60);
    // What went to the other is gone after two scrapes.
    let mut overlap = Vec::new();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(500));
        let theirs = lag(&[&two]);
        overlap = lag(&[&one]).into_keys().filter(|partition| theirs.contains_key(partition)).collect();
    }
    assert!(overlap.is_empty(), "{overlap:?} are of both: {}\n{}", one.log(), two.log());
    std::thread::sleep(TOLD);
    looked += compare(&world, &[&one, &two], "both");
    assert!(one.terminate().0.success());
    looked += compare(&world, &[&two], "one has gone");
    std::thread::sleep(TOLD);
    looked += compare(&world, &[&two], "two alone");
    assert_eq!(lag(&[&two]).len(), 4, "{}", two.log());
    assert!(looked >= 8, "lag of {looked} partitions was compared: too few to show anything");
    // From one scrape: a partition may have been read to its end by now.
    let metrics = two.get("/metrics").1;
    let (records, seconds) =
        (series(&metrics, "newsmill_lag_records"), series(&metrics, "newsmill_lag_seconds"));
    assert_eq!(records.len(), seconds.len(), "{records:?} {seconds:?}");
    for (partition, records) in records {
        let told = if records > 0.0 { 1.0..600.0 } else { 0.0..0.001 };
        assert!(told.contains(&seconds[&partition]), "{partition}: {records} records, {seconds:?}");
    }
}

/// Received = outcomes + abandoned + in flight, in one scrape.
fn adds_up(metrics: &str) -> bool {
    let received = sum(metrics, "newsmill_pages_received_total");
    let others = ["newsmill_pages_total", "newsmill_pages_abandoned_total", "newsmill_pages_in_flight"];
    let all: f64 = others.iter().map(|name| sum(metrics, name)).sum();
    received.to_bits() == all.to_bits()
}

#[test]
fn what_is_counted_adds_up_at_every_scrape_while_workers_die() {
    let world = World::new(Broker::shared());
    let mut workers = [world.worker("one", ""), world.worker("two", "")];
    workers.iter_mut().for_each(|worker| worker.await_log("assigned", 60));
    let pages = Pages::generate(6000, 12);
    let (addresses, done) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let note = |workers: &[Worker; 2]| {
        *addresses.lock().unwrap() = workers.iter().filter_map(Worker::address).collect::<Vec<_>>();
    };
    note(&workers);
    let (scrapes, busy) = std::thread::scope(|scope| {
        let scraper = scope.spawn(|| {
            let (mut scrapes, mut busy) = (0, 0);
            while !done.load(Ordering::Acquire) {
                for address in addresses.lock().unwrap().clone() {
                    // One that was killed does not answer, or not to the end.
                    let Ok((200, metrics)) = get(&address, "/metrics") else { continue };
                    assert!(adds_up(&metrics), "{metrics}");
                    scrapes += 1;
                    busy += u32::from(sum(&metrics, "newsmill_pages_in_flight") > 0.0);
                }
                std::thread::sleep(Duration::from_millis(60));
            }
            (scrapes, busy)
        });
        // Ends the scraper whatever happens here, so that the test fails and does not hang.
        struct Ends<'a>(&'a AtomicBool);
        impl Drop for Ends<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        let _ends = Ends(&done);
        world.send(&pages.messages);
        for (round, name) in ["one", "two", "one", "two"].into_iter().enumerate() {
            std::thread::sleep(Duration::from_millis(500 + 310 * round as u64));
            let victim = round % 2;
            // Killed, and asked to stop: both give up what is in flight.
            if round < 2 {
                workers[victim].kill();
            } else {
                workers[victim].terminate();
            }
            workers[victim] = world.worker(name, "");
            workers[victim].await_log("joined the group", 60);
            note(&workers);
        }
        let [one, two] = &mut workers;
        world.await_lag(0, 120, &mut [one, two]);
        drop(_ends);
        scraper.join().unwrap()
    });
    println!("{scrapes} scrapes, {busy} of them with pages in flight");
    assert!(scrapes >= 50 && busy >= 10, "{scrapes} scrapes, {busy} with pages in flight: too few");
    assert!(world.hold(&pages).is_empty());
}

/// Readiness tells the components apart, and what it waits for.
#[test]
fn readiness_by_component_and_versions_of_models() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "kafka.properties = { \"sasl.password\" = \"canary\" }");
    one.await_log("assigned", 60);
    let ready = one.await_ready(20);
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    for component in ["loop", "broker", "sightings", "group", "breaker"] {
        assert_eq!(ready[component]["ok"], true, "{ready}");
    }
    assert_eq!(ready["group"]["state"], "steady", "{ready}");
    let version: serde_json::Value = serde_json::from_str(&one.get("/version").1).unwrap();
    let metrics = one.get("/metrics").1;
    for model in ["main_text", "language", "topics", "encoder"] {
        let label = format!("{model}=\"{}\"", version["models"][model].as_str().unwrap());
        assert!(metrics.contains(&label), "{label}: {metrics}");
    }
    for series in [
        "newsmill_start_time_seconds ",
        "newsmill_heartbeat_age_seconds ",
        "newsmill_ready{component=\"group\"} 1",
        "newsmill_stage_seconds_bucket{stage=\"decode\",le=\"+Inf\"} ",
    ] {
        assert!(metrics.contains(series), "{series}: {metrics}");
    }
    assert!(!metrics.contains("newsmill_index_oldest_timestamp_seconds "), "the index is empty: {metrics}");
    world.send(&Pages::generate(20, 13).messages);
    world.await_lag(0, 30, &mut [&mut one]);
    let oldest = sum(&one.get("/metrics").1, "newsmill_index_oldest_timestamp_seconds");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(oldest % 86_400.0 == 0.0 && (now - 2.0 * 86_400.0..now).contains(&oldest), "{oldest}");
    let said = [one.get("/config").1, one.log(), metrics, version.to_string()].concat();
    assert!(!said.contains("canary") && said.contains("sasl.password"), "{said}");
}

/// What the status page shows is what the metrics count.
#[test]
fn the_status_page_says_what_the_metrics_say() {
    let world = World::new(Broker::shared());
    let mut one = world.worker("one", "");
    one.await_log("assigned", 60);
    let mut pages = Pages::generate(120, 17);
    pages.messages.push(("broken".to_owned(), b"{\"url\": 3}".to_vec()));
    world.send(&pages.messages);
    world.await_lag(0, 60, &mut [&mut one]);
    one.await_ready(20);
    let (code, html) = one.get("/");
    assert!(code == 200 && html.starts_with("<!DOCTYPE html>"), "{code}: {html}");
    let metrics = one.get("/metrics").1;
    let state: serde_json::Value = serde_json::from_str(&one.get("/status.json").1).unwrap();
    let (now, count) =
        (&state["now"], |labels: &str| series(&metrics, "newsmill_pages_total")[labels] as u64);
    assert_eq!((&state["kind"], &now["phase"]), (&"worker".into(), &"ready".into()), "{state}");
    assert_eq!(now["articles"], count("{outcome=\"article\",reason=\"new\"}"));
    for kind in ["exact", "near", "revision"] {
        let labels = format!("{{outcome=\"duplicate\",reason=\"{kind}\"}}");
        assert_eq!(now["duplicates"][kind], count(&labels), "{kind}");
    }
    assert_eq!(now["rejected"], serde_json::json!({"malformed": 1}));
    assert_eq!((&now["in_flight"], &now["backlog"]["records"]), (&0.into(), &0.into()));
    assert_eq!(now["backlog"]["partitions"], sum(&metrics, "newsmill_assigned_partitions") as u64);
    let of =
        |name: &str| now[name].as_array().unwrap().iter().map(|row| row[1].as_u64().unwrap()).sum::<u64>();
    assert_eq!(
        (of("languages"), of("topics")),
        (sum(&metrics, "newsmill_languages_total") as u64, now["articles"].as_u64().unwrap())
    );
    assert!(!now["topics"].to_string().contains("medtop"), "topics have names: {}", now["topics"]);
    let (articles, rejects) = (state["articles"].as_array().unwrap(), state["rejects"].as_array().unwrap());
    assert!(articles.len() == 50 && rejects.len() == 1, "{} {}", articles.len(), rejects.len());
    // Probes and scrapes come by any name, nothing else does.
    let address = one.address().unwrap();
    for (path, wanted) in [("/livez", 200), ("/readyz", 200), ("/metrics", 200), ("/", 403), ("/config", 403)]
    {
        assert_eq!(super::world::get_as(&address, path, "worker.example").unwrap().0, wanted, "{path}");
    }
}
