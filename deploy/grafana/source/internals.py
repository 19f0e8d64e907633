"""*Internals*: where the time goes, the stages, Kafka, the index of what was seen."""

from panels import BLUE, GREEN, RED, YELLOW, dashboard, lines, q, quantiles, stat, steps

BOOKS = ("sum(newsmill_pages_received_total{@}) - (sum(newsmill_pages_total{@}) or vector(0)) "
         "- sum(newsmill_pages_abandoned_total{@}) - sum(newsmill_pages_in_flight{@})")

LOOP = [
    lines("Where the loop's time goes", """Time of the workers' loops by state, as shares: `idle` without pages, `prepare` waits for the threads that work on
          them, `sightings` for their verdicts, `judged` for the log to take these, `encode`, `produce` and `commit` write a batch. Good: prepare
          leads under load, idle without. sightings, judged, produce or commit lead: the broker's disk or round trip is the bottleneck.""",
          [q("{{state}}", """sum by (state) (rate(newsmill_loop_seconds_total{@}[$__rate_interval]))
              / ignoring (state) group_left () sum(rate(newsmill_loop_seconds_total{@}[$__rate_interval]))""")],
          unit="percentunit", stack="normal", most=1, width=16, height=9),
    lines("Busy, by worker", """Share of each loop's time that is not idle. Good: alike for all workers, below 80 %. One far above the others owns fuller
          partitions than they do.""",
          [q("{{instance}}", """1 - sum by (instance) (rate(newsmill_loop_seconds_total{@,state="idle"}[$__rate_interval]))
              / sum by (instance) (rate(newsmill_loop_seconds_total{@}[$__rate_interval]))""")],
          unit="percentunit", most=1, width=8, height=9, table=False),
]

STAGES = [
    lines("Share of each stage", """Time of the threads by stage, as shares. Good: classify_topics and strip_boilerplate lead. A stage that takes a larger
          share than before: other pages (longer, other languages), or an upgrade.""",
          [q("{{stage}}", """sum by (stage) (rate(newsmill_stage_seconds_sum{@}[$__rate_interval]))
              / ignoring (stage) group_left () sum(rate(newsmill_stage_seconds_sum{@}[$__rate_interval]))""")],
          unit="percentunit", stack="normal", most=1, width=8),
    lines("Stages, median", """Time of one page in each stage: half of the pages take no longer. Good: single milliseconds.""",
          quantiles("newsmill_stage_seconds", 0.5, by="stage"), unit="s", width=8, logarithmic=True),
    lines("Stages, p99", """Time of one page in each stage: 99 of 100 take no longer. Good: below 0.1 s. Far above with a median as before: some pages
          are very large, or the threads lack CPU time.""",
          quantiles("newsmill_stage_seconds", 0.99, by="stage"), unit="s", width=8, logarithmic=True),
    lines("A page before the log", """Time of one page through all stages. Good: p99 below 0.25 s.""",
          quantiles("newsmill_prepare_seconds", 0.5, 0.9, 0.99), unit="s", width=8, logarithmic=True),
    lines("Cores at work in stages", """Seconds of threads a second, by worker: how many cores the stages keep busy. Good: below `service.threads`. At it:
          the CPU is the bottleneck; add workers, or cores.""",
          [q("{{instance}}", "sum by (instance) (rate(newsmill_stage_seconds_sum{@}[$__rate_interval]))")], width=8, table=False),
    lines("Mean time of a page, by stage", """Seconds of threads for one page, piled up: what a page costs in all; its inverse is pages a
          CPU-second. Good: level. A rise: longer pages, or less CPU time for the threads than they ask for.""",
          [q("{{stage}}", """sum by (stage) (rate(newsmill_stage_seconds_sum{@}[$__rate_interval]))
              / ignoring (stage) group_left () (sum(rate(newsmill_pages_total{@}[$__rate_interval])) > 0)""")],
          unit="s", stack="normal", width=8),
]

KAFKA = [
    lines("Transactions", """Transactions a second by how they ended. Good: committed, and now and then `again` while the group changes. `aborted`, `lost`
          and `refused` cost work twice; docs/runbooks/commit-failures.md.""",
          [q("{{result}}", "sum by (result) (rate(newsmill_transactions_total{@}[$__rate_interval]))")], unit="ops", width=8),
    lines("Recoveries", """Times that workers gave up what was in flight and went back to the committed offsets, by cause: in 5 minutes. Good: none. The
          log's line "going back to the committed offsets" says why; docs/runbooks/commit-failures.md.""",
          [q("{{cause}}", "sum by (cause) (increase(newsmill_recoveries_total{@}[5m])) or vector(0)")], width=8),
    lines("Rebalances", """Changes of partitions in 5 minutes: assigned, revoked, or lost (given to others without asking, as the worker was away). Good: only
          when workers start and stop. Steady ones: pauses longer than `kafka.session_timeout_ms`, or workers that crash.""",
          [q("{{kind}}", "sum by (kind) (increase(newsmill_rebalances_total{@}[5m]))")], width=8),
    lines("Round trip to the brokers", """Mean time of a request, by client: `outcomes` writes batches, `sightings` the log, `pages` reads; the broker holds back the
          answer to a read for up to half a second while nothing comes. Good: outcomes and sightings below 10 ms. High: a distant or an
          overloaded broker; every page waits for several.""",
          [q("{{client}}", "max by (client) (newsmill_broker_round_trip_seconds{@})")], unit="s", width=8),
    lines("Queues of the clients", """Messages that wait in the Kafka client to be sent, by client. Good: below one batch (`kafka.batch_pages`). Growing: the
          broker takes less than the workers make.""",
          [q("{{client}}", "sum by (client) (newsmill_client_queue_messages{@})")], width=8),
    lines("Partitions by worker", """Partitions that each worker owns. Good: alike, within one. Zero: more workers than partitions;
          docs/runbooks/no-partitions.md.""",
          [q("{{instance}}", "sum by (instance) (newsmill_assigned_partitions{@})")], width=8, table=False),
    lines("Pages of a batch", """Pages that one transaction commits. Good: few at low load, up to `kafka.batch_pages` with lag. Few with lag: pages are slow, so
          that half a second of work is a small batch.""",
          quantiles("newsmill_batch_pages", 0.5, 0.99), width=8),
    lines("Bytes of a batch", """Bytes of the records that one transaction writes. Good: below `kafka.batch_bytes`. At it with few pages: pages are large.""",
          quantiles("newsmill_batch_bytes", 0.5, 0.99), unit="bytes", width=8),
    lines("Pages in flight", """Pages read and not yet committed, by worker. Good: below `kafka.in_flight_pages`, and level. At it: the workers hold back from
          reading; the loop's states say what they wait for.""",
          [q("{{instance}}", "sum by (instance) (newsmill_pages_in_flight{@})")], width=8, table=False),
    lines("Abandoned pages", """Pages a second that were read and given up before their commit; whoever owns the partition reads them again. Good: zero but
          in rebalances.""",
          [q("abandoned", "sum(rate(newsmill_pages_abandoned_total{@}[$__rate_interval]))")], unit="suffix: pages/s", width=8, table=False),
    lines("Lag by partition", """Records that wait in each of the 20 fullest partitions. Good: alike. Steps up in one alone: uneven keys, or a partition that
          stands still; docs/runbooks/stalled.md.""",
          [q("{{topic}}/{{partition}}", "topk(20, max by (topic, partition) (newsmill_lag_records{@}))")], width=8, table=False),
    lines("Books", """Pages read, less those with an outcome, abandoned, and in flight. Good: zero at every moment. Anything else is a bug: report it with
          the log.""",
          [q("unaccounted for", BOOKS)], width=8, table=False, least=None),
]

INDEX = [
    stat("Pages remembered", """Pages in the index. Good: level once the window (`deduplicate.window_days`) is full, below `deduplicate.max_pages`.""",
         [q("pages", "max(newsmill_index_pages{@})")], decimals=1, thresholds=steps(BLUE)),
    stat("Bytes a page", """Memory of the index for each page. Good: about 150; more while the index is small.""",
         [q("bytes", "max(newsmill_index_bytes{@} / (newsmill_index_pages{@} > 0))")], unit="bytes", decimals=0, thresholds=steps(BLUE)),
    stat("Oldest day", """Age of the oldest day in the index. Good: `deduplicate.window_days` once the stream is older than that. Less: the index forgets
         early, or the log was cut short; docs/runbooks/index-forgets-early.md.""",
         [q("age", "time() - min(newsmill_index_oldest_timestamp_seconds{@})")], unit="s", decimals=1, thresholds=steps(BLUE),
         empty="empty"),
    stat("Forgotten early, in the last day", """Pages that left the index before their window was over. Good: none; docs/runbooks/index-forgets-early.md.""",
         [q("pages", "max(increase(newsmill_index_forgotten_early_total{@}[1d]))")], decimals=0, thresholds=steps(GREEN, (1, YELLOW)), empty="0"),
    stat("Furthest behind the first", """Entries of the sightings log that the slowest worker has yet to apply, measured against the first of its group. Good:
         below some hundreds; docs/runbooks/sightings-behind.md.""",
         [q("entries", """max(max by (namespace, group) (newsmill_sightings_position{@})
             - on (namespace, group) group_right () max by (namespace, group, instance) (newsmill_sightings_position{@}))""")],
         decimals=0, thresholds=steps(GREEN, (1000, YELLOW), (10000, RED))),
    stat("Oldest snapshot", """Entries that a worker with the oldest snapshot would have to read at its next start. Good: below a million, read in 15 s. Growing
         without end: no snapshot can be written; the log says why.""",
         [q("entries", "max(newsmill_sightings_position{@} - newsmill_snapshot_position{@})")], decimals=0,
         thresholds=steps(GREEN, (1e6, YELLOW), (1e7, RED)), empty="none"),
    lines("Entries applied", """Entries of the sightings log that the workers apply, by kind: sightings, verdicts, voids, settings. Every worker applies all of
          them: the sum is the log's rate times the workers. Good: two for each new page.""",
          [q("{{kind}}", "sum by (kind) (rate(newsmill_sightings_applied_total{@}[$__rate_interval]))")], unit="ops", width=8),
    lines("From sighting to verdict", """Time from the append of a sighting to its verdict. Good: p99 below 0.1 s. High: the broker is slow to take or to give the
          log, or this worker is behind in it; docs/runbooks/sightings-behind.md.""",
          quantiles("newsmill_sightings_wait_seconds", 0.5, 0.99), unit="s", width=8, logarithmic=True),
    lines("Position in the log", """Position up to which each worker's index is built, and its snapshot. Good: the lines of all workers are one line; the snapshots'
          follow in steps.""",
          [q("{{instance}}", "max by (instance) (newsmill_sightings_position{@})"),
           q("snapshot {{instance}}", "max by (instance) (newsmill_snapshot_position{@})")], width=8, least=None, table=False),
    lines("Pages in the index", """Pages that each worker remembers. Good: the same for all workers, and level once the window is full. It falls in daily
          steps.""",
          [q("{{instance}}", "max by (instance) (newsmill_index_pages{@})")], width=12, table=False),
    lines("Memory of the index", """Bytes that the index takes in each worker. Good: level once the window is full.""",
          [q("{{instance}}", "max by (instance) (newsmill_index_bytes{@})")], unit="bytes", width=12, table=False),
]

PROCESS = [
    lines("Last sign of life", """Time since each loop's last sign of life. Good: below a second; 60 s (`service.stuck_after_ms`) make /livez 503;
          docs/runbooks/loop-silent.md.""",
          [q("{{instance}}", "max by (instance) (newsmill_heartbeat_age_seconds{@})")], unit="s", width=8, table=False,
          thresholds=steps(GREEN, (60, RED))),
    lines("Age of the process", """Time since each worker's start. Good: it grows. A saw-tooth: it is killed or crashes; docs/runbooks/crash-loop.md.""",
          [q("{{instance}}", "time() - max by (instance) (newsmill_start_time_seconds{@})")], unit="s", width=8, table=False),
    lines("Versions", """Workers by the versions of the program and of its models. Good: one line, but in a roll-out. Two for long: the roll-out
          hangs, or workers lack the sentence encoder (`none`).""",
          [q("{{version}} (main text {{main_text}}, language {{language}}, topics {{topics}}, encoder {{encoder}})",
             "count by (version, main_text, language, topics, encoder) (newsmill_build_info{@})")], width=8, table=False),
    lines("Routed records", """Records that routes send to topics of their own, by topic. Good: each has its share. Empty where
          nothing is routed.""",
          [q("{{topic}}", "sum by (topic) (rate(newsmill_routed_records_total{@}[$__rate_interval]))")], unit="ops", width=8),
    lines("Spans of traced pages", """Spans that go to the collector of `telemetry.otlp_endpoint`, and those that are dropped. Good: none dropped. Empty where nothing is
          traced.""",
          [q("{{result}}", "sum by (result) (rate(newsmill_trace_spans_total{@}[$__rate_interval]))")], unit="ops", width=8),
]

DASHBOARD = dashboard(
    "newsmill-internals", "newsmill / Internals",
    "Where the loop's time goes, what the stages take, how Kafka answers, and how the index of what was seen does.",
    [("Where time goes", LOOP), ("Stages", STAGES), ("Kafka", KAFKA), ("Index of what was seen", INDEX), ("Process", PROCESS)])
