use super::*;

#[test]
fn counters_begin_at_zero_and_labels_are_escaped() {
    let recorder = recorder().unwrap();
    metrics::with_local_recorder(&recorder, || {
        describe();
        add(Metric::Topics, 1, &["a \"quoted\"\nname\\"]);
    });
    let text = recorder.handle().render();
    for reason in Reason::ALL {
        let line = format!("newsmill_pages_total{{outcome=\"rejected\",reason=\"{}\"}} 0", reason.as_str());
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let line = r#"newsmill_topics_total{topic="a \"quoted\"\nname\\"} 1"#;
    assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
}
