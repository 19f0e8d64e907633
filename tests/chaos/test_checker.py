"""The checker sees what it is there for: made-up rounds, each with one thing wrong.

    python3 -m unittest discover -s tests/chaos
"""

import json
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import checker  # noqa: E402
import kafka  # noqa: E402
import plan  # noqa: E402
import stories  # noqa: E402

BROKEN = '{"id": "p5", "body": "cut\\off \u00fc'

TRUTH = [
    {"id": "p1", "kind": "first", "set": 1},
    {"id": "p2", "kind": "exact", "set": 1},
    {"id": "p3", "kind": "revision", "set": 1},
    {"id": "p4", "kind": "single"},
    {"id": "p5", "kind": "reject", "reasons": ["malformed"], "value": BROKEN},
    {"id": "p6", "kind": "first", "set": 2},
    {"id": "p7", "kind": "near", "set": 2},
    {"id": "p8", "kind": "fresh"},
]

SETTINGS = {"topic": "news.pages", "session_seconds": 10, "outage_seconds": 5,
            "faults": {"kill": 1, "stop": 1, "pause": 1, "outage": 1}}

FAULTS = [
    {"do": "kill", "at": 1, "worker": "w1", "exit": -9},
    {"do": "stop", "at": 2, "worker": "w1", "exit": 0, "seconds": 0.4},
    {"do": "pause", "at": 3, "worker": "w1", "seconds": 13},
    {"do": "outage", "at": 4, "seconds": 5.1},
    {"do": "late", "at": 9, "seconds": 2},
    {"do": "log", "at": 10, "entries": 16},
]


def article(page, offset, id=None):
    return {"outcome": "article", "id": id or f"a-{page}", "page_id": page, "cluster": id or f"a-{page}",
            "text": "One.\n\nTwo \u00e9.", "source": {"topic": "news.pages", "partition": 0, "offset": offset}}


def duplicate(page, offset, kind, of):
    return {"outcome": "duplicate", "kind": kind, "id": f"a-{page}", "page_id": page, "of": of, "cluster": of,
            "similarity": 1.0, "source": {"topic": "news.pages", "partition": 0, "offset": offset}}


class Made:
    """A round in which all is well, to be spoilt."""

    def __init__(self):
        self.truth = [dict(page) for page in TRUTH]
        self.settings = json.loads(json.dumps(SETTINGS))
        self.faults = [dict(fault) for fault in FAULTS]
        self.pages = [page["id"] for page in TRUTH]
        self.sent_millis = 5000
        self.articles = [(article("p1", 0), {}), (article("p4", 3), {}), (article("p6", 5), {}),
                         (article("p8", 7), {}), (duplicate("p3", 2, "revision", "a-p1"), {"newsmill.copy": "revision"})]
        self.duplicates = [(duplicate("p2", 1, "exact", "a-p1"), {}), (duplicate("p3", 2, "revision", "a-p1"), {}),
                           (duplicate("p7", 6, "near", "a-p6"), {})]
        self.rejected = [("p5", BROKEN.encode(), {"newsmill.reason": "malformed", "newsmill.topic": "news.pages",
                                                  "newsmill.partition": "0", "newsmill.offset": "4"})]
        self.routed = {}  # records by what comes behind "routed."
        self.rebuilt = None  # as the first reading, unless set: (articles, duplicates, rejected)
        self.log = "INFO all is well\n"

    def write(self, folder):
        (folder / "logs").mkdir()
        (folder / "logs" / "w1.log").write_text(self.log)
        (folder / "truth.jsonl").write_text("".join(json.dumps(page) + "\n" for page in self.truth))
        (folder / "round.json").write_text(json.dumps(self.settings))
        (folder / "faults.jsonl").write_text("".join(json.dumps(fault) + "\n" for fault in self.faults))
        (folder / "pages.dump").write_text(
            "".join(kafka.write_record(0, offset, {}, page, b"", self.sent_millis) for offset, page in enumerate(self.pages)))
        read = (self.articles, self.duplicates, self.rejected)
        for prefix, (articles, duplicates, rejected) in (("", read), ("rebuilt-", self.rebuilt or read)):
            routed = {f"routed.{name}": records for name, records in self.routed.items()}
            for name, records in {"articles": articles, "duplicates": duplicates, **routed}.items():
                lines = [kafka.write_record(0, offset, headers, value["id"], json.dumps(value).encode(), 6000)
                         for offset, (value, headers) in enumerate(records)]
                (folder / f"{prefix}{name}.dump").write_text("".join(lines))
            (folder / f"{prefix}rejected.dump").write_text(
                "".join(kafka.write_record(0, n, headers, key, value, 6000) for n, (key, value, headers) in enumerate(rejected)))


class CheckerTest(unittest.TestCase):
    def found(self, spoil):
        """Checks that fail once `spoil` has changed the round."""
        made = Made()
        spoil(made)
        with tempfile.TemporaryDirectory() as folder:
            made.write(pathlib.Path(folder))
            report = checker.check(pathlib.Path(folder))
        verdict = list(report.lines())[-1]
        self.assertEqual("PASSED" in verdict, report.passed, verdict)
        return set(report.problems)

    def test_all_is_well(self):
        self.assertEqual(self.found(lambda made: None), set())

    def test_lost_page(self):
        self.assertEqual(self.found(lambda made: made.articles.pop(1)), {"lost"})

    def test_lost_reject(self):
        self.assertEqual(self.found(lambda made: made.rejected.pop()), {"lost"})

    def test_page_twice(self):
        self.assertEqual(self.found(lambda made: made.articles.append(made.articles[1])), {"repeated", "places"})

    def test_page_twice_in_two_topics(self):
        def spoil(made):
            made.duplicates.append((duplicate("p4", 3, "exact", "a-p1"), {}))
        self.assertEqual(self.found(spoil), {"repeated", "places", "copies"})

    def test_outcome_of_no_page(self):
        self.assertEqual(self.found(lambda made: made.articles.append((article("p99", 99), {}))), {"outcome of no page"})

    def test_two_articles_of_a_set(self):
        def spoil(made):
            made.duplicates.pop()
            made.articles.append((article("p7", 6), {}))
        self.assertEqual(self.found(spoil), {"set"})

    def test_no_article_of_a_set(self):
        def spoil(made):
            made.articles.pop(2)
            made.duplicates.append((duplicate("p6", 5, "near", "a-p7"), {}))
        self.assertEqual(self.found(spoil), {"set", "dangling of", "dangling cluster"})

    def test_dangling_of(self):
        def spoil(made):
            made.duplicates[2][0]["of"] = "a-nobody"
        self.assertEqual(self.found(spoil), {"set", "dangling of"})

    def test_dangling_cluster(self):
        def spoil(made):
            made.duplicates[2][0]["cluster"] = "a-nobody"
        self.assertEqual(self.found(spoil), {"dangling cluster"})

    def test_repeat_of_another_set(self):
        def spoil(made):
            made.duplicates[2] = (duplicate("p7", 6, "near", "a-p4"), {})
        self.assertEqual(self.found(spoil), {"set"})

    def test_a_page_like_no_other_called_a_repeat(self):
        def spoil(made):
            made.articles.pop(1)
            made.duplicates.append((duplicate("p4", 3, "near", "a-p1"), {}))
        self.assertEqual(self.found(spoil), {"not an article"})

    def test_copy_missing(self):
        self.assertEqual(self.found(lambda made: made.articles.pop()), {"places"})

    def test_copy_twice(self):
        self.assertEqual(self.found(lambda made: made.articles.append(made.articles[-1])), {"places"})

    def test_unmarked_copy(self):
        def spoil(made):
            made.articles[-1] = (made.articles[-1][0], {})
        self.assertEqual(self.found(spoil), {"repeated", "places"})

    def test_same_bytes_not_called_exact(self):
        def spoil(made):
            made.duplicates[0][0]["kind"] = "near"
        self.assertEqual(self.found(spoil), {"same bytes"})

    def test_wrong_topic(self):
        self.assertEqual(self.found(lambda made: made.articles.append(made.duplicates.pop(0))), {"places"})

    def test_routes(self):
        """A round with routes passes as it is; a routed record that is missing, twice, unmarked, in the default topic
        besides, or in the topic of a route that it does not fit is found."""
        def routed(made):
            made.settings |= {"routed": ["routed.en", "routed.near"],
                              "routes": [{"topic": "routed.{language}", "languages": ["en"], "min_words": 3},
                                         {"topic": "routed.near", "kinds": ["near", "article"], "max_words": 9}]}
            for records in (made.articles, made.duplicates):
                for value, _ in records:
                    if value.get("kind") != "exact":
                        value |= {"language": {"code": "en"}, "word_count": 2}
            made.articles[1][0]["word_count"] = 5  # p4: both routes
            made.articles[2][0]["word_count"] = 50  # p6: the first
            both, first, short = made.articles[1], made.articles[2], made.articles[0]
            near = made.duplicates.pop()
            made.routed = {"en": [both, first], "near": [(both[0], {"newsmill.copy": "route"}), short, made.articles[3], near]}
            made.articles = [made.articles[4]]

        def of(spoil):
            def both(made):
                routed(made)
                spoil(made)
            return self.found(both)

        self.assertEqual(of(lambda made: None), set())
        self.assertEqual(of(lambda made: made.routed["near"].pop(0)), {"places"})
        self.assertEqual(of(lambda made: made.routed["near"].append(made.routed["near"][0])), {"places"})
        self.assertEqual(of(lambda made: made.articles.append((made.routed["en"][0][0], {"newsmill.copy": "route"}))), {"places"})
        self.assertEqual(of(lambda made: made.routed["en"].append(made.routed["near"].pop(1))), {"places"})
        self.assertEqual(of(lambda made: made.routed["near"].pop()), {"lost"})


    def test_wrong_source(self):
        def spoil(made):
            made.articles[0][0]["source"]["offset"] = 3
        self.assertEqual(self.found(spoil), {"source"})

    def test_rejected_bytes_changed(self):
        def spoil(made):
            key, value, headers = made.rejected[0]
            made.rejected[0] = (key, value[:-1], headers)
        self.assertEqual(self.found(spoil), {"bytes of rejects"})

    def test_wrong_reason(self):
        def spoil(made):
            made.rejected[0][2]["newsmill.reason"] = "empty"
        self.assertEqual(self.found(spoil), {"wrong reason"})

    def test_rejected_by_mistake(self):
        def spoil(made):
            made.articles.pop(1)
            headers = dict(made.rejected[0][2], **{"newsmill.offset": "3", "newsmill.reason": "crashed"})
            made.rejected.append(("p4", b"{}", headers))
        self.assertEqual(self.found(spoil), {"wrongly rejected"})

    def test_page_never_sent(self):
        def spoil(made):
            made.pages[3] = "p0"
        self.assertIn("harness: page never sent", self.found(spoil))

    def test_unreadable_record(self):
        def spoil(made):
            made.articles.append(({"id": "x"}, {}))
        self.assertEqual(self.found(spoil), {"unreadable"})

    def test_rebuild_with_another_verdict(self):
        def spoil(made):
            articles = [made.articles[0], made.articles[1], made.articles[3], made.articles[4], (article("p7", 6), {})]
            duplicates = [*made.duplicates[:2], (duplicate("p6", 5, "near", "a-p7"), {})]
            made.rebuilt = (articles, duplicates, made.rejected)
        self.assertEqual(self.found(spoil), {"rebuild"})

    def test_rebuild_with_other_bytes(self):
        def spoil(made):
            changed = dict(made.articles[1][0], text="One.\n\nThree.")
            made.rebuilt = ([made.articles[0], (changed, {}), *made.articles[2:]], made.duplicates, made.rejected)
        self.assertEqual(self.found(spoil), {"rebuild"})

    def test_rebuild_that_lost_a_page(self):
        def spoil(made):
            made.rebuilt = (made.articles, made.duplicates, [])
        self.assertEqual(self.found(spoil), {"rebuild"})

    def test_faults_that_did_not_happen(self):
        for number in range(len(FAULTS) - 1):
            self.assertEqual(self.found(lambda made, n=number: made.faults.pop(n)), {"faults"}, FAULTS[number])

    def test_kills_that_hit_nobody_at_work(self):
        def spoil(made, entries):
            made.faults += [FAULTS[0]] * 9
            made.faults[5]["entries"] = entries
            made.settings["faults"]["kill"] = 10
        # Seven pages are sighted: 14 entries, and one of the settings.
        self.assertEqual(self.found(lambda made: spoil(made, 15)), {"faults"})
        self.assertEqual(self.found(lambda made: spoil(made, 16)), set())

    def test_faults_too_soft(self):
        for number, key, value in ((0, "exit", 0), (2, "seconds", 9), (3, "seconds", 1)):
            self.assertEqual(self.found(lambda made, n=number, k=key, v=value: made.faults[n].update({k: v})), {"faults"})

    def test_slow_stop(self):
        self.assertEqual(self.found(lambda made: made.faults[1].update(seconds=10.2)), {"slow stop"})

    def test_stop_with_an_error(self):
        self.assertEqual(self.found(lambda made: made.faults[1].update(exit=1)), {"unclean stop"})

    def test_worker_that_died(self):
        died = {"do": "died", "at": 5, "worker": "w1", "exit": 1, "broker_away": True}
        self.assertEqual(self.found(lambda made: made.faults.append(died)), {"worker died"})
        refused = dict(died, exit=3)
        self.assertEqual(self.found(lambda made: made.faults.append(refused)), set())
        self.assertEqual(self.found(lambda made: made.faults.append(dict(refused, broker_away=False))), {"worker died"})

    def test_stuck_group(self):
        self.assertEqual(self.found(lambda made: made.faults.append({"do": "stuck", "at": 8, "why": "lag"})), {"stuck"})

    def test_silent_group(self):
        self.assertEqual(self.found(lambda made: setattr(made, "sent_millis", -60_000)), {"silence"})

    def test_panic(self):
        def spoil(made):
            made.log += "thread 'main' panicked at src/x.rs:1:1:\n"
        self.assertEqual(self.found(spoil), {"panic"})


class PartsTest(unittest.TestCase):
    def test_the_longest_silence_leaves_outages_out(self):
        def silence(times, faults):
            primary = {f"p{number}": Done(millis) for number, (_, millis) in enumerate(times)}
            return checker.longest_silence(primary, {f"p{n}": sent for n, (sent, _) in enumerate(times)}, faults)
        class Done:
            def __init__(self, millis):
                self.millis = millis
        begin = {"do": "begin", "at": 0, "millis": 1000}
        # Nobody waits between the second and the third page.
        times = [(1000, 2000), (1500, 5000), (20_000, 21_000)]
        self.assertEqual(silence(times, [begin]), (3.0, 1.0))
        away = {"do": "outage", "at": 1.5, "seconds": 1.0, "until_serving": 1.0}
        self.assertEqual(silence(times, [begin, away]), (1.0, 0.0))
        self.assertEqual(silence([], [begin]), (0, 0))

    def test_the_same_seed_gives_the_same_pages(self):
        made = [[(page.id, page.value) for page in stories.Generator(random.Random(5), "x").pages(300)] for _ in "ab"]
        self.assertEqual(made[0], made[1])
        other = [(page.id, page.value) for page in stories.Generator(random.Random(6), "x").pages(300)]
        self.assertNotEqual(made[0], other)

    def test_pages_are_as_planted(self):
        pages = stories.Generator(random.Random(5), "x").pages(1000)
        self.assertEqual(len(pages), 1000)
        self.assertEqual(len({page.id for page in pages}), 1000)
        kinds = [page.kind for page in pages]
        repeats = sum(kind in ("exact", "near", "revision") for kind in kinds)
        self.assertEqual(repeats, 300)
        self.assertEqual(kinds.count("reject"), 30)
        self.assertTrue(all("\n" not in page.value and "\t" not in page.id for page in pages))

    def test_unrelated_stories_share_no_long_runs(self):
        writer = stories.Writer(random.Random(5))
        def runs(text, words=10):
            split = text.split()
            return {tuple(split[i:i + words]) for i in range(len(split) - words)}
        seen = set()
        for _ in range(300):
            new = runs(" ".join(writer.story()[1]))
            self.assertFalse(new & seen)
            seen |= new

    def test_the_plan_has_all_faults_and_all_pages(self):
        counts = (20, 10, 2, 13.0, 2, 60.0, 2)
        seconds = plan.least_seconds(*counts)
        faults = plan.draw(random.Random(5), seconds, *counts)
        done = [fault["do"] for fault in faults]
        self.assertEqual([done.count(do) for do in (plan.KILL, plan.STOP, plan.PAUSE, plan.OUTAGE, plan.CRASH, plan.ADD)],
                         [20, 10, 2, 1, 1, 2])
        self.assertLess(max(fault["at"] for fault in faults), seconds)
        away = [fault for fault in faults if fault["do"] in (plan.OUTAGE, plan.CRASH)]
        self.assertGreater(away[1]["at"], away[0]["at"] + away[0]["hold"])
        for count in (100, 9999):
            self.assertEqual(sum(pages for _, pages in plan.feed(random.Random(5), count, seconds, faults)), count)
            self.assertEqual(sum(pages for _, pages in plan.feed(random.Random(5), count, seconds, [])), count)

    def test_lag_is_read(self):
        printed = ("\nGROUP    TOPIC      PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID\n"
                   "newsmill news.pages 0         10             12             2   -  -  -\n"
                   "newsmill news.pages 1         -              5              -   -  -  -\n"
                   "newsmill other      0         0              7              7   -  -  -\n")
        self.assertEqual(kafka.read_lag(printed, "news.pages"), (17, 7))

    def test_bytes_survive_the_dump(self):
        value = bytes(range(256)) + b"\\x41"
        line = kafka.write_record(3, 17, {"a": "1,\t2\n"}, "k\u00e9", value).rstrip("\n").encode()
        record = kafka.read_record(line)
        self.assertEqual((record.partition, record.offset, record.key, record.value), (3, 17, "k\u00e9", value))
        self.assertEqual(record.headers, {"a": "1,\t2\n"})


if __name__ == "__main__":
    unittest.main()
