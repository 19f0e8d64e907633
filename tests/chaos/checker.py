"""Judges a round: what the console consumer read, against what the generator planted.

Reads a round's folder, and nothing of the workers but their logs:

    truth.jsonl             one page a line: id, kind, set, and for rejects the reasons allowed and the bytes sent
    round.json              what was asked for: counts of faults, bounds
    faults.jsonl            what really happened
    pages.dump              the topic of pages: where each page stands
    articles.dump, duplicates.dump, rejected.dump        the outcomes, read at read_committed
    routed.….dump           the same of the routes' topics, in rounds that have routes
    articles-uncommitted.dump                            the articles, with what was never committed
    rebuilt-….dump          the same by a worker that rebuilt everything from the log; may be missing
    logs/*.log              the workers' logs

    python3 tests/chaos/checker.py FOLDER     judges a folder that was kept
"""

import collections
import hashlib
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import kafka  # noqa: E402

SHOWN = 20  # page ids that a problem names
STOP_SECONDS = 10.0  # a graceful stop takes no longer
SILENCE_SECONDS = 60.0  # with a broker there, somebody works again after no longer than this, whoever was killed
OUTPUTS = ("articles", "duplicates", "rejected")


class Outcome:
    """One record of an output topic, less its text."""

    __slots__ = ("page", "outcome", "copy", "kind", "id", "of", "cluster", "similarity", "source", "digest", "reason",
                 "topic", "millis", "language", "words", "site")

    def __init__(self, topic, record):
        self.topic, self.millis = topic, record.millis
        self.digest = hashlib.blake2b(record.value, digest_size=16).digest()
        self.kind = self.id = self.of = self.cluster = self.similarity = self.reason = None
        self.copy = record.header("newsmill.copy")
        if topic == "rejected":
            # The untouched record: its key is the page's, and headers say the rest.
            self.page, self.outcome = record.key, "rejected"
            self.reason = record.header("newsmill.reason")
            self.source = tuple(record.header(f"newsmill.{name}") for name in ("topic", "partition", "offset"))
            return
        value = json.loads(record.value)
        self.page, self.outcome = value["page_id"], value["outcome"]
        self.id, self.cluster, self.of = value["id"], value["cluster"], value.get("of")
        self.kind, self.similarity = value.get("kind"), value.get("similarity")
        # What routes look at; an exact repeat has its address alone.
        self.language, self.words = value.get("language", {}).get("code"), value.get("word_count")
        self.site = value.get("site") or urllib.parse.urlsplit(value.get("url") or "").hostname
        source = value["source"]
        self.source = (source["topic"], str(source["partition"]), str(source["offset"]))


class Report:
    """Problems by the check that found them, and counts."""

    def __init__(self):
        self.problems = collections.defaultdict(list)
        self.counts = {}
        self.skipped = []

    def add(self, check, page, why):
        self.problems[check].append((page, why))

    @property
    def passed(self):
        return not self.problems

    def lines(self):
        """The report: each problem with the pages it names, then one line that is the verdict."""
        for check, found in sorted(self.problems.items()):
            yield f"FAILED {check}: {len(found)}"
            for page, why in found[:SHOWN]:
                yield f"    {page}: {why}"
            if len(found) > SHOWN:
                yield f"    … and {len(found) - SHOWN} more"
        for what in self.skipped:
            yield f"skipped: {what}"
        counts = ", ".join(f"{value} {name}" for name, value in self.counts.items())
        failed = "" if self.passed else f": {', '.join(sorted(self.problems))}"
        yield f"chaos: {'PASSED' if self.passed else 'FAILED'}{failed} ({counts})"


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def outputs(settings):
    """The topics of outcomes, those of routes included."""
    return OUTPUTS + tuple(settings.get("routed", ()))


def read_outcomes(folder, prefix, report):
    """All records of the output topics."""
    outcomes = []
    for topic in outputs(json.loads((folder / "round.json").read_text())):
        for record in kafka.read_dump(folder / f"{prefix}{topic}.dump"):
            try:
                outcomes.append(Outcome(topic, record))
            except (ValueError, KeyError, TypeError) as error:
                where = f"{topic} partition {record.partition} offset {record.offset}"
                report.add("unreadable", where, f"{type(error).__name__}: {error}")
    return outcomes


def check(folder):
    """Every check on a round's folder."""
    report = Report()
    truth = {page["id"]: page for page in read_lines(folder / "truth.jsonl")}
    settings = json.loads((folder / "round.json").read_text())
    places, sent = check_input(folder, truth, settings, report)
    outcomes = read_outcomes(folder, "", report)
    primary = check_once(truth, outcomes, report)
    check_places(primary, outcomes, settings, report)
    check_sources(primary, places, settings, report)
    check_kinds_of_pages(truth, primary, report)
    check_sets(truth, primary, report)
    check_references(primary, report)
    check_bytes(folder, truth, report)
    if (folder / "rebuilt-articles.dump").exists():
        check_rebuilt(read_outcomes(folder, "rebuilt-", report), outcomes, report)
    else:
        report.skipped.append("the rebuild from the log (there is no dump of it)")
    faults = read_lines(folder / "faults.jsonl")
    check_faults(faults, settings, report)
    restored = check_logs(folder, report)
    hidden, again = hit_at_work(folder, truth, faults)
    if settings["faults"].get("kill", 0) >= 5 and hidden == 0 and again == 0:
        report.add("faults", "kills", "none hit a worker at work: nothing was aborted, no page was sighted twice")
    count(report, truth, primary, faults)
    waits = sorted(outcome.millis - sent[page] for page, outcome in primary.items() if page in sent)
    silence, at = longest_silence(primary, sent, faults)
    if silence > SILENCE_SECONDS:
        report.add("silence", f"{silence:.1f} s", f"no outcome of any page from {at:.1f} s on, though pages waited")
    report.counts |= {f"s p{part} to outcome": round(waits[len(waits) * part // 100] / 1000, 1) for part in (50, 99) if waits}
    report.counts |= {f"s longest silence (at {at:.0f} s)": round(silence, 1)}
    report.counts |= {"starts from a snapshot": restored}
    if settings.get("routes"):
        report.counts |= {"routed records": sum(outcome.topic.startswith("routed.") for outcome in outcomes)}
    report.counts |= {"records of aborted transactions": hidden, "log entries made again": again}
    return report


def count(report, truth, primary, faults):
    by_outcome = collections.Counter(outcome.outcome for outcome in primary.values())
    by_kind = collections.Counter(outcome.kind for outcome in primary.values() if outcome.kind)
    happened = collections.Counter(fault["do"] for fault in faults)
    stops = [fault["seconds"] for fault in faults if fault["do"] in ("stop", "remove", "end")]
    report.counts = {
        "pages": len(truth), "articles": by_outcome["article"], "duplicates": by_outcome["duplicate"],
        **{kind: by_kind[kind] for kind in ("exact", "near", "revision")}, "rejected": by_outcome["rejected"],
        "sets": len({page["set"] for page in truth.values() if "set" in page}), "kills": happened["kill"],
        "stops": len(stops), "s slowest stop": round(max(stops, default=0), 1), "pauses": happened["pause"],
        "broker outages": happened["outage"] + happened["crash"], "workers added": happened["add"], "snapshots damaged": happened["spoil"],
    }


def check_input(folder, truth, settings, report):
    """The harness's own duty: every page stands once in the topic. Gives where, and since when."""
    places, sent = {}, {}
    for record in kafka.read_dump(folder / "pages.dump"):
        if record.key in places:
            report.add("harness: page sent twice", record.key, f"again at {record.partition}/{record.offset}")
        if record.key not in truth:
            report.add("harness: page not in the truth", record.key, "who sent it?")
        places[record.key] = (settings["topic"], str(record.partition), str(record.offset))
        sent[record.key] = record.millis
    for page in truth:
        if page not in places:
            report.add("harness: page never sent", page, "not in the topic of pages")
    return places, sent


def check_once(truth, outcomes, report):
    """Each page has exactly one primary outcome. Gives it."""
    primary = {}
    for outcome in outcomes:
        if outcome.copy is not None:
            continue
        if outcome.page not in truth:
            report.add("outcome of no page", outcome.page, f"{outcome.outcome} from {outcome.source}")
        elif outcome.page in primary:
            first = primary[outcome.page]
            report.add("repeated", outcome.page,
                       f"{first.outcome} {first.id or first.reason} and {outcome.outcome} {outcome.id or outcome.reason}")
        else:
            primary[outcome.page] = outcome
    for page in truth:
        if page not in primary:
            report.add("lost", page, f"no outcome; it is of kind {truth[page]['kind']}")
    return primary


def places_of(outcome, routes):
    """Where the records of an outcome belong: `[(topic, mark as a copy)]`, the primary one first."""
    if outcome.outcome == "rejected":
        return [("rejected", None)]
    if outcome.kind in ("exact", "near"):
        places, default = [], "duplicates"
    elif outcome.kind == "revision":
        places, default = [("duplicates", None)], "articles"
    else:
        places, default = [], "articles"
    # Rules of a round take every condition from the record: its kind, language, length and site.
    named = []
    for rule in routes:
        kinds = rule.get("kinds", ("article", "revision"))
        if (outcome.kind or "article") in kinds \
                and ("languages" not in rule or outcome.language in rule["languages"]) \
                and ("min_words" not in rule or (outcome.words or 0) >= rule["min_words"]) \
                and ("max_words" not in rule or outcome.words is not None and outcome.words <= rule["max_words"]) \
                and ("sites" not in rule or any(f".{outcome.site}".endswith(f".{site}") for site in rule["sites"])):
            named.append(rule["topic"].replace("{language}", outcome.language or ""))
    for topic in dict.fromkeys(named or [default]):
        copy = "revision" if outcome.kind == "revision" else "route" if places else None
        places.append((topic, copy))
    return places


def check_places(primary, outcomes, settings, report):
    """Each record is where its kind and the routes say, once and nowhere else, and copies have the same bytes."""
    found = collections.defaultdict(list)
    for outcome in outcomes:
        found[outcome.page].append(outcome)
    for page, outcome in primary.items():
        records = found.pop(page)
        wanted = collections.Counter(places_of(outcome, settings.get("routes", ())))
        there = collections.Counter((record.topic, record.copy) for record in records)
        if there != wanted:
            less, more = sorted((wanted - there).elements(), key=repr), sorted((there - wanted).elements(), key=repr)
            report.add("places", page, f"{outcome.kind or outcome.outcome}: missing in {less}, too many in {more}")
        if any(record.digest != outcome.digest for record in records):
            report.add("copies", page, "a copy differs from the outcome")
    for page, records in found.items():
        if any(record.copy for record in records):
            report.add("copies", page, "a copy of no outcome")


def check_sources(primary, places, settings, report):
    """Each outcome names the place where its page stands."""
    for page, outcome in primary.items():
        if page in places and outcome.source != places[page]:
            report.add("source", page, f"says {outcome.source}, but the page stands at {places[page]}")


def check_kinds_of_pages(truth, primary, report):
    """Rejects are rejected for a reason that fits; a page like no other, and the fresh one, is an article."""
    for page, outcome in primary.items():
        planted = truth[page]
        if planted["kind"] == "reject":
            if outcome.outcome != "rejected":
                report.add("not rejected", page, f"became {outcome.outcome}; expected {planted['reasons']}")
            elif outcome.reason not in planted["reasons"]:
                report.add("wrong reason", page, f"{outcome.reason}; expected one of {planted['reasons']}")
        elif outcome.outcome == "rejected":
            report.add("wrongly rejected", page, f"a page of kind {planted['kind']}: {outcome.reason}")
        elif "set" not in planted and outcome.outcome != "article":
            report.add("not an article", page, f"a page like no other: {outcome.kind} of {outcome.of}")


def check_sets(truth, primary, report):
    """Of each planted set one page became the article, and the others name it."""
    sets = collections.defaultdict(list)
    for page, planted in truth.items():
        if "set" in planted and page in primary:
            sets[planted["set"]].append((planted["kind"], primary[page]))
    for number, members in sorted(sets.items()):
        outcomes = [outcome for _, outcome in members]
        articles = [outcome for outcome in outcomes if outcome.outcome == "article"]
        pages = " ".join(f"{outcome.page}:{outcome.kind or outcome.outcome}" for outcome in outcomes)
        if len(articles) != 1:
            report.add("set", f"set {number}", f"{len(articles)} articles, not 1, of {pages}")
            continue
        for outcome in outcomes:
            if outcome.outcome == "duplicate" and outcome.of != articles[0].id:
                report.add("set", outcome.page, f"repeats {outcome.of}, not {articles[0].id} of its set {number}: {pages}")
        # Pages with the same bytes: all but the one seen first are called exact.
        same = [outcome for kind, outcome in members if kind in ("first", "exact")]
        if sum(outcome.kind != "exact" for outcome in same) > 1:
            report.add("same bytes", f"set {number}", f"more than one is not called exact: {pages}")


def check_references(primary, report):
    """Every `of` and every `cluster` names an article that was committed; an article is its own cluster's first."""
    articles = {outcome.id for outcome in primary.values() if outcome.outcome == "article"}
    for page, outcome in primary.items():
        if outcome.outcome == "duplicate" and outcome.of not in articles:
            report.add("dangling of", page, f"{outcome.kind} of {outcome.of}, which no committed article has as id")
        if outcome.outcome != "rejected" and outcome.cluster not in articles:
            report.add("dangling cluster", page, f"{outcome.cluster} is the id of no committed article")
        if outcome.outcome == "article" and outcome.cluster != outcome.id:
            report.add("article in another's cluster", page, f"id {outcome.id}, cluster {outcome.cluster}")


def check_bytes(folder, truth, report):
    """A rejected record carries the bytes that were sent."""
    for record in kafka.read_dump(folder / "rejected.dump"):
        sent = truth.get(record.key, {}).get("value")
        if sent is not None and sent.encode() != record.value:
            report.add("bytes of rejects", record.key, f"{len(record.value)} bytes that differ from the {len(sent.encode())} sent")


def check_rebuilt(rebuilt, outcomes, report):
    """A worker that built its index anew from the log comes to the same records, byte for byte."""
    def by_page(records):
        found = collections.defaultdict(list)
        for outcome in records:
            found[outcome.page].append((outcome.topic, outcome.copy, outcome.outcome, outcome.kind, outcome.of,
                                        outcome.digest))
        return {page: sorted(records, key=repr) for page, records in found.items()}
    before, after = by_page(outcomes), by_page(rebuilt)
    for page in sorted(before.keys() | after.keys()):
        if before.get(page) != after.get(page):
            show = lambda records: [f"{o} {k} of {of}" if k else o for _, _, o, k, of, _ in records or []]
            first, second = show(before.get(page)), show(after.get(page))
            why = f"was {first}, rebuilt {second}" if first != second else f"{first}, with other bytes"
            report.add("rebuild", page, why)


def check_faults(faults, settings, report):
    """The faults that were asked for did happen, as hard as asked for."""
    happened = collections.Counter(fault["do"] for fault in faults)
    for do, wanted in settings["faults"].items():
        if happened[do] < wanted:
            report.add("faults", do, f"happened {happened[do]} times, not {wanted}")
    for fault in faults:
        name = f"{fault['do']} of {fault.get('worker', 'the broker')} at {fault['at']} s"
        do = fault["do"]
        if do == "kill" and fault["exit"] != -9:
            report.add("faults", name, f"ended with {fault['exit']}, not by SIGKILL")
        if do in ("stop", "remove", "end"):
            if fault["seconds"] > STOP_SECONDS:
                report.add("slow stop", name, f"took {fault['seconds']} s: see logs/{fault['worker']}.log")
            if fault["exit"] != 0:
                report.add("unclean stop", name, f"exit {fault['exit']}: see logs/{fault['worker']}.log")
        if do == "pause" and fault["seconds"] <= settings["session_seconds"]:
            report.add("faults", name, f"paused {fault['seconds']} s, within the session timeout")
        if do in ("outage", "crash") and fault["seconds"] < settings["outage_seconds"]:
            report.add("faults", name, f"the broker was away {fault['seconds']} s, not {settings['outage_seconds']}")
        # A worker may find no broker at its start, and say so; nothing else ends it.
        if do == "died" and not (fault["exit"] == 3 and fault["broker_away"]):
            report.add("worker died", name, f"exit {fault['exit']}, nobody stopped it: see logs/{fault['worker']}.log")
        if do == "stuck":
            report.add("stuck", "the group", fault["why"])
    if happened["late"] == 0:
        report.add("faults", "late pages", "none was sent at the end")


def hit_at_work(folder, truth, faults):
    """How many records were written and never committed, and how many entries the sightings log has beyond a
    sighting and a verdict for each page that is sighted: what shows that faults came in the middle of work."""
    def lines(name):
        path = folder / name
        return sum(1 for _ in kafka.read_dump(path)) if path.exists() else 0
    hidden = lines("articles-uncommitted.dump") - lines("articles.dump")
    sighted = sum(page["kind"] != "reject" for page in truth.values())
    entries = sum(fault["entries"] for fault in faults if fault["do"] == "log")
    return max(0, hidden), max(0, entries - 2 * sighted - 1)


def longest_silence(primary, sent, faults):
    """The longest time, in seconds, for which pages waited and no outcome came, with a broker there all the time;
    and when in the round it began."""
    began = next((fault["millis"] for fault in faults if fault["do"] == "begin"), 0)
    away = [(began + 1000 * fault["at"], began + 1000 * (fault["at"] + fault["seconds"] + fault["until_serving"]))
            for fault in faults if fault["do"] in ("outage", "crash") and "until_serving" in fault]
    done = sorted((outcome.millis, sent[page]) for page, outcome in primary.items() if page in sent)
    longest, at, waiting_since = 0, 0, float("inf")
    # From the end: who waits before an outcome are the pages whose outcome is that one or comes after it.
    for number in range(len(done) - 1, -1, -1):
        until, waiting_since = done[number][0], min(waiting_since, done[number][1])
        since = max(done[number - 1][0], waiting_since) if number else waiting_since
        pieces = [(since, until)]
        for start, end in away:
            pieces = [piece for a, b in pieces for piece in ((a, min(b, start)), (max(a, end), b)) if piece[1] > piece[0]]
        for start, end in pieces:
            if end - start >= longest:
                longest, at = end - start, (start - began) / 1000
    return longest / 1000, at


def check_logs(folder, report):
    """No worker panicked. Gives how many starts read a snapshot."""
    restored = 0
    for log in sorted((folder / "logs").glob("*.log")):
        with open(log, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if "panicked at" in line:
                    report.add("panic", f"logs/{log.name}:{number}", line.strip()[:300])
                restored += "the snapshot is read" in line
    return restored


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 0 if sys.argv[1:] == ["--help"] else 2
    try:
        report = check(pathlib.Path(sys.argv[1]))
    except FileNotFoundError as error:
        print(f"chaos: cannot judge: {error.filename} is missing; did the round end before it was read?")
        return 3
    print("\n".join(report.lines()))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
