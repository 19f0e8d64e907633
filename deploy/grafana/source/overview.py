"""*Overview*: is it well, how fast, how far behind and until when, what comes out, what is refused and why."""

from panels import BLUE, GREEN, RED, YELLOW, bars, dashboard, lines, q, quantiles, stat, steps, timeline

# A partition that changes hands may be told by two workers at one scrape: it counts once.
LAG = "sum(max by (namespace, group, topic, partition) (newsmill_lag_records{@}))"
# Records a second by which the lag grows.
GROWTH = f"deriv({LAG}[10m:15s])"
COMMITS = ("(sum(rate(newsmill_pages_total{@}[$__rate_interval])) "
           "+ (sum(rate(newsmill_tombstones_total{@}[$__rate_interval])) or vector(0)))")
ALL_PAGES = "sum(rate(newsmill_pages_total{@}[$__rate_interval]))"


def share(matchers, title):
    """Share of all pages that match, 0 where none does."""
    return q(title, f"(sum(rate(newsmill_pages_total{{@,{matchers}}}[$__rate_interval])) or vector(0)) / ({ALL_PAGES} > 0)")


WELL = [
    stat("Workers ready", """Workers that can make progress, of those that answer. Good: both numbers are the same. Else the
         timeline below names the component that is not ready; docs/runbooks/not-ready.md.""",
         [q("ready", "sum(min by (namespace, group, instance) (newsmill_ready{@}))"), q("of", "count(newsmill_build_info{@})")],
         name=True),
    stat("Alerts", """Alerts of newsmill that fire now. Good: none. Each has a page under docs/runbooks.""",
         [q("firing", 'count(ALERTS{alertname=~"Newsmill.*",alertstate="firing",namespace=~"$namespace",group=~"$group"}) or vector(0)')],
         thresholds=steps(GREEN, (1, RED))),
    stat("Partitions owned", """Partitions of the topic of pages that the workers own together. Good: as many as the topic
         has. Fewer: the group is in a rebalance, or workers are missing; docs/runbooks/no-partitions.md.""",
         [q("partitions", "sum(newsmill_assigned_partitions{@})")], thresholds=steps(RED, (1, GREEN))),
    stat("Starts in the last hour", """Starts of processes. Good: none but those of a roll-out. More: look at why the last run
         ended; docs/runbooks/crash-loop.md.""",
         [q("starts", "sum(changes(newsmill_start_time_seconds{@}[1h]))")], thresholds=steps(GREEN, (1, YELLOW), (4, RED))),
    stat("Failed transactions", """Share of transactions that were given up; their pages are read and worked on again. Good:
         below 1 %. Else: docs/runbooks/commit-failures.md.""",
         [q("failed", """(sum(rate(newsmill_transactions_total{@,result=~"aborted|refused|lost"}[5m])) or vector(0))
             / (sum(rate(newsmill_transactions_total{@}[5m])) > 0)""")],
         unit="percentunit", decimals=1, thresholds=steps(GREEN, (0.01, YELLOW), (0.1, RED)), empty="no transaction"),
    stat("Memory of its limit", """The fullest worker's memory as a share of its limit. Good: below 80 %. Beyond 100 % the
         system kills it; docs/runbooks/memory-near-limit.md.""",
         [q("used", "max(newsmill_resident_memory_bytes{@} / newsmill_memory_limit_bytes{@})")],
         unit="percentunit", decimals=0, thresholds=steps(GREEN, (0.8, YELLOW), (0.9, RED)), empty="no limit"),
    timeline("Readiness", """What each worker needs to make progress. Good: all green. `sightings` is red while a worker that has
         started reads the log, `broker` while no broker answers, `group` while it is not a member, `loop` when the worker itself is
         stuck; docs/runbooks/not-ready.md.""",
             [q("{{instance}} {{component}}", "min by (instance, component) (newsmill_ready{@})")]),
]

FAST = [
    lines("Pages a second", """Committed pages by outcome, and pages read. Good: read and committed are alike. More read than committed for
          long: pages are given up and read again (see abandoned pages under Internals).""",
          [q("{{outcome}}", "sum by (outcome) (rate(newsmill_pages_total{@}[$__rate_interval]))"),
           q("read", "sum(rate(newsmill_pages_received_total{@}[$__rate_interval]))")], unit="suffix: pages/s"),
    lines("From page to outcome", """Time from the timestamp of a page's record to the commit of its outcome: what a reader of articles
          waits. Good: p99 below a second while nothing lags; with lag it is about the lag in seconds. High without lag: see where the
          loop's time goes under Internals.""",
          quantiles("newsmill_end_to_end_seconds", 0.5, 0.9, 0.99), unit="s", thresholds=steps(GREEN, (1, YELLOW))),
]

BEHIND = [
    stat("Pages waiting", """Records of all partitions that are not committed yet. Good: near zero, or shrinking. A producer that uses
         transactions leaves up to one marker a partition, which counts here.""",
         [q("pages", LAG)], decimals=0),
    stat("Oldest page waiting", """Age of the oldest page that was read and is not committed, in the partition that is furthest behind. Good: below
         your promise to readers; above 5 minutes and growing it is an alert; docs/runbooks/lag-growing.md.""",
         [q("age", "max(newsmill_lag_seconds{@})")], unit="s", thresholds=steps(GREEN, (60, YELLOW), (300, RED))),
    stat("Caught up in", """Lag divided by the speed at which it has shrunk in the last 10 minutes: commits less arrivals. Good: minutes.
         "not shrinking": more pages come than are worked on; add workers, up to the number of partitions;
         docs/runbooks/lag-growing.md.""",
         [q("time", f"({LAG} == 0) or {LAG} / (0 - {GROWTH} > 0)")], unit="s",
         thresholds=steps(GREEN, (900, YELLOW), (7200, RED)), empty="not shrinking"),
    stat("Workers busy", """Share of the loops' time that is not idle. Good: below 80 %, as the rest is what a burst can take. Near
         100 % with lag: more workers, or more cores for each.""",
         [q("busy", """1 - sum(rate(newsmill_loop_seconds_total{@,state="idle"}[5m])) / sum(rate(newsmill_loop_seconds_total{@}[5m]))""")],
         unit="percentunit", decimals=0, thresholds=steps(GREEN, (0.8, YELLOW), (0.95, RED))),
    stat("Commits less arrivals", """Records a second by which the lag shrinks (above zero) or grows (below), over 10 minutes. Good: zero
         without lag, above zero with it.""",
         [q("difference", f"0 - {GROWTH}")], unit="suffix: pages/s", decimals=1, thresholds=steps(YELLOW, (-0.1, GREEN))),
    stat("Fullest partition", """The most records that wait in one partition. Good: about the mean of all; much more means that the
         producer's keys fill the partitions unevenly, or that one page holds its partition up; docs/runbooks/stalled.md.""",
         [q("pages", "max(newsmill_lag_records{@})")], decimals=0),
    lines("Arrivals and commits", """Records a second that come and that are committed (pages and records without a value). Arrivals are
          commits plus the growth of the lag. Good: commits follow arrivals, and exceed them while there is lag.""",
          [q("committed", COMMITS), q("arrived", f"clamp_min({COMMITS} + {GROWTH}, 0)")], unit="suffix: pages/s", width=8),
    lines("Lag", """Records that wait, by group. Good: near zero, or falling. A saw-tooth is a producer that sends in bursts.""",
          [q("{{group}}", "sum by (group) (max by (namespace, group, topic, partition) (newsmill_lag_records{@}))")], width=8),
    lines("Lag in time, fullest partitions", """Age of the oldest page that waits, of the ten partitions that are furthest behind. Good: they lie
          close together. One that grows by a second each second while the others fall: a page or a transaction holds it up; docs/runbooks/stalled.md.""",
          [q("{{topic}}/{{partition}}", "topk(10, max by (topic, partition) (newsmill_lag_seconds{@}))")], unit="s", width=8),
]

OUT = [
    lines("What comes of pages", """Outcomes and their reasons as shares of all pages: new articles, kinds of duplicates, reasons of rejection.
          Good: the mix is stable. A jump of one reason: see the row below.""",
          [q("{{outcome}} {{reason}}", "sum by (outcome, reason) (rate(newsmill_pages_total{@}[$__rate_interval]))")],
          unit="suffix: pages/s", stack="percent"),
    lines("Duplicates", """Share of pages that repeat an earlier one: the same bytes or text, nearly the same text, or the same URL with a
          changed text. Good: stable for your sources. A fall to zero: the index was lost, or its window is too short (Internals,
          index). A jump: a source sends everything again.""",
          [share('outcome="duplicate",reason="exact"', "exact"), share('outcome="duplicate",reason="near"', "near"),
           share('outcome="duplicate",reason="revision"', "revision")], unit="percentunit", stack="normal"),
    bars("Languages", """New articles by language in the time that is shown, the 12 most frequent. Good: what your sources write. `und` is a text
         whose language is not sure, or that is in none of those asked for; docs/runbooks/language-mix-shift.md.""",
         [q("{{language}}", "sort_desc(topk(12, sum by (language) (increase(newsmill_languages_total{@}[$__range]))))")], decimals=0),
    bars("Topics", """New articles by first topic in the time that is shown, the 12 most frequent. `none`: the model knows no topic for the
         article. Good: stable from day to day but for the news itself.""",
         [q("{{topic}}", "sort_desc(topk(12, sum by (topic) (increase(newsmill_topics_total{@}[$__range]))))")], decimals=0),
    lines("Shift of languages", """How far the mix of languages of the last 3 hours is from that of the same hours a day before: 0 alike, 1 nothing in
          common. Good: below 0.2. Needs the recording rules, a day of data, and 500 articles in 3 hours; docs/runbooks/language-mix-shift.md.""",
          [q("{{namespace}}/{{group}}", 'namespace_group:newsmill_languages:shift1d{namespace=~"$namespace",group=~"$group"}')],
          unit="percentunit", width=8, thresholds=steps(GREEN, (0.2, RED)), most=1),
]

REFUSED = [
    lines("Rejected", """Share of pages that became neither article nor duplicate. Good: stable, below 30 % where sources are crawled. A jump:
          find the reason beside this, and look at records of `news.rejected`; docs/runbooks/rejected-ratio.md.""",
          [share('outcome="rejected"', "rejected")], unit="percentunit", width=8, thresholds=steps(GREEN, (0.3, RED))),
    lines("Why", """Rejected pages a second by reason; docs/records.md says what each means. Good: the mix is stable. `malformed` comes from the producer, `no_article` and
          `empty` from the pages, `refused` from the broker.""",
          [q("{{reason}}", 'sum by (reason) (rate(newsmill_pages_total{@,outcome="rejected"}[$__rate_interval])) or vector(0)')],
          unit="suffix: pages/s", width=8, stack="normal"),
    lines("No main text found", """Share of pages with no text in them (`empty`) or none that is an article (`no_article`). Good: stable. A rise for all:
          an upgrade, or a crawler that gets other pages than a reader; for some: a site changed its make;
          docs/runbooks/empty-text-ratio.md.""",
          [share('outcome="rejected",reason="empty"', "empty"), share('outcome="rejected",reason="no_article"', "no_article")],
          unit="percentunit", width=8, stack="normal"),
    stat("Pages that broke a stage", """Pages rejected in the time that is shown as `crashed`, `timeout` or `stage_failed`. Good: none, ever. Each is a
         bug or a lack of memory or time; docs/runbooks/pages-break-stages.md.""",
         [q("pages", 'sum(increase(newsmill_pages_total{@,outcome="rejected",reason=~"crashed|timeout|stage_failed"}[$__range])) or vector(0)')],
         width=6, decimals=0, thresholds=steps(GREEN, (1, RED))),
    stat("Refused by the broker", """Pages rejected in the time that is shown because the broker did not take their record. Good: none. Else a topic's
         `max.message.bytes` is below `kafka.max_message_bytes`: `newsmill check` says which.""",
         [q("pages", 'sum(increase(newsmill_pages_total{@,outcome="rejected",reason="refused"}[$__range])) or vector(0)')],
         width=6, decimals=0, thresholds=steps(GREEN, (1, YELLOW))),
    stat("Records without a value", """Tombstones skipped in the time that is shown. Good: none, unless your producer sends them on purpose.""",
         [q("records", "sum(increase(newsmill_tombstones_total{@}[$__range])) or vector(0)")],
         width=6, decimals=0, thresholds=steps(BLUE)),
    stat("Pages forgotten early", """Pages that left the index in the time that is shown before their window was over. Good: none. Else repeats of them
         count as new; docs/runbooks/index-forgets-early.md.""",
         [q("pages", "max(increase(newsmill_index_forgotten_early_total{@}[$__range]))")],
         width=6, decimals=0, thresholds=steps(GREEN, (1, YELLOW)), empty="0"),
]

MEMORY = [
    lines("Memory", """Resident memory of each worker, and the limit of its control group where there is one. Good: a level line below the limit; it
          grows with the index until the window is full. docs/duplicates.md says what a page takes; docs/runbooks/memory-near-limit.md.""",
          [q("{{instance}}", "max by (instance) (newsmill_resident_memory_bytes{@})"),
           q("limit {{instance}}", "min by (instance) (newsmill_memory_limit_bytes{@})")], unit="bytes"),
    lines("Memory of the index", """What the index takes of each worker's memory; every worker holds the whole index. Good: a level line, about 150 bytes a page of
          the window. The rest of the memory is pages at work, models and the Kafka client's buffers.""",
          [q("{{instance}}", "max by (instance) (newsmill_index_bytes{@})")], unit="bytes"),
]

DASHBOARD = dashboard(
    "newsmill-overview", "newsmill / Overview",
    "Is it well, how fast, how far behind and until when, what comes out, what is refused and why.",
    [("Is it well?", WELL), ("How fast?", FAST), ("How far behind, and until when?", BEHIND), ("What comes out?", OUT),
     ("What is refused, and why?", REFUSED), ("Memory", MEMORY)])
