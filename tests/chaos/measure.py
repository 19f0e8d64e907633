"""The figures of `newsmill run` about time, measured on a real Kafka with the defaults of the release.

  latency     a steady rate to one worker: from a page's timestamp to its outcome at a read_committed reader
  throughput  a backlog: pages per CPU-second of `run` against `process` on the same pages; two workers against one
  handover    until a worker's partitions go on at the others: stopped, killed, killed in quick succession
  outage      the broker away: alive, not ready, memory; going on after its return; a stop meanwhile

Pages are made up by rule (stories.py) and have about 10 kB. The last lines are a table of figures, each with what is
promised and the load of the machine when it was taken. Exit status: 0 all is kept, 1 a promise is missed, 2 bad
usage, 3 it could not be measured.
"""

import argparse
import collections
import html
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import gauges  # noqa: E402
import kafka  # noqa: E402
import stories  # noqa: E402
from gauges import Metrics, until  # noqa: E402
from workers import Worker  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTPUTS = ("articles", "duplicates", "rejected")
SECTIONS = ("latency", "throughput", "handover", "outage")

EXAMPLES = """examples:
  script/measure                                       everything: about twelve minutes
  script/measure --only latency --rate 200             latency alone
  script/measure --only throughput --pages 40000       a longer backlog
  script/measure --only handover --repeat 5            stops and kills, five times each
  script/measure --set kafka.session_timeout_ms=10000  with a setting of your own
  script/measure --json figures.json                   the figures as JSON besides

For quiet figures let nothing else run; on a busy machine repeat, and look at the column `load`."""


def arguments():
    parser = argparse.ArgumentParser(prog="script/measure", epilog=EXAMPLES, description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SECTIONS), metavar="LIST", help="sections, with commas between (all)")
    parser.add_argument("--rate", default=200.0, type=float, metavar="N", help="pages a second of the latency (200)")
    parser.add_argument("--seconds", default=60.0, type=float, metavar="S", help="how long the latency is taken (60)")
    parser.add_argument("--pages", default=20000, type=int, metavar="N", help="pages of the backlog (20000)")
    parser.add_argument("--repeat", default=3, type=int, metavar="N", help="stops and kills of the hand-over (3)")
    parser.add_argument("--outage-seconds", default=130.0, type=float, metavar="S", help="how long the broker is away (130)")
    parser.add_argument("--partitions", default=12, type=int, metavar="N", help="partitions of the pages topic (12)")
    parser.add_argument("--set", default=[], action="append", metavar="KEY=VALUE", dest="settings",
                        help="a key of the workers' configuration; the value as in TOML")
    parser.add_argument("--seed", default=1, type=int, metavar="N", help="decides the pages (1)")
    parser.add_argument("--binary", default=str(ROOT / "target/release/newsmill"), metavar="FILE",
                        help="newsmill (target/release/newsmill)")
    parser.add_argument("--probe", default="", metavar="FILE", help="the probe (examples/probe beside newsmill)")
    parser.add_argument("--json", default="", metavar="FILE", help="write the figures there")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and configurations")
    asked = parser.parse_args()
    asked.only = asked.only.split(",")
    if unknown := set(asked.only) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    asked.probe = asked.probe or str(pathlib.Path(asked.binary).parent / "examples" / "probe")
    for path in (asked.binary, asked.probe):
        if not os.access(path, os.X_OK):
            parser.error(f"{path} is missing: run cargo build --release --bin newsmill --example probe")
    if not all("=" in setting and "." in setting.split("=")[0] for setting in asked.settings):
        parser.error("--set takes section.key=value, such as kafka.batch_pages=100")
    return asked


class Failed(Exception):
    """Something could not be measured."""


def now_ms():
    return int(time.time() * 1000)


def loop_shares(after, before=()):
    """Where the loops' time went, in words."""
    seconds = collections.Counter()
    for metrics in after:
        seconds.update(metrics.by("newsmill_loop_seconds_total", "state"))
    for metrics in before:
        seconds.subtract(metrics.by("newsmill_loop_seconds_total", "state"))
    whole = sum(seconds.values()) or 1
    return "the loop: " + ", ".join(f"{state} {100 * share / whole:.0f} %" for state, share in seconds.most_common(9))


class Pages:
    """Pages of about 10 kB, most of them like no other, made as they are asked for."""

    def __init__(self, seed, folder):
        self._rng, self._folder, self._files = random.Random(seed), folder, 0
        self._writer = stories.Writer(self._rng)
        self._made, self._texts = 0, []

    def _around(self):
        """What stands around a story: menus, teasers, a script."""
        menu = "".join(f'<li class="menu__item"><a href="/{word}/{self._rng.randrange(10**6)}">{word.title()}</a></li>'
                       for word in self._rng.sample(stories._NOUNS, 24))
        teasers = "".join(f'<div class="teaser"><a href="/story/{self._rng.randrange(10**6)}"><h3>{self._writer.headline()}'
                          '</h3></a></div>' for _ in range(8))
        script = "window.page={" + ",".join(f'"k{n}":{self._rng.randrange(10**9)}' for n in range(90)) + "};"
        return menu, teasers, script

    def message(self):
        """One page message; every fifth repeats the text of an earlier one elsewhere."""
        self._made += 1
        site = f"{self._writer.name(3).lower()}.example"
        if self._texts and self._rng.random() < 0.2:
            paragraphs, headline = self._rng.choice(self._texts), self._writer.headline()
        else:
            headline, paragraphs = self._writer.headline(), [self._writer.paragraph() for _ in range(14)]
            self._texts = self._texts[-500:] + [paragraphs]
        menu, teasers, script = self._around()
        body = "\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
        page = (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{headline} | {site}</title>'
                f'<script>{script}</script></head><body><header><nav><ul>{menu}</ul></nav></header><main><article>'
                f'<h1>{headline}</h1><p class="byline">By {self._writer._fill("{P}")}</p>\n{body}\n</article>'
                f'<aside>{teasers}</aside></main><footer><p>Copyright {site}</p></footer></body></html>')
        identity = f"m-{self._made:07}"
        return identity, json.dumps({"id": identity, "url": f"https://{site}/news/{self._made}", "body": page,
                                     "content_type": "text/html; charset=utf-8", "fetched_at": "2026-03-01T12:00:00Z"})

    def files(self, count):
        """`count` fresh pages: as the feed takes them, and as `process` does."""
        self._files += 1
        feed, lines = (self._folder / f"pages-{self._files}.{end}" for end in ("tsv", "jsonl"))
        with open(feed, "w", encoding="utf-8") as keyed, open(lines, "w", encoding="utf-8") as bare:
            for _ in range(count):
                key, message = self.message()
                keyed.write(f"{key}\t{message}\n")
                bare.write(f"{message}\n")
        return feed, lines


class World:
    """Topics and a group of one measurement, and all that runs on them."""

    def __init__(self, measure, name):
        self.measure, self.name, self.workers, self._running = measure, name, [], []
        asked = measure.asked
        measure.broker.create_topic(f"{name}.pages", asked.partitions)
        self._settings = {
            "kafka": {"brokers": measure.broker.address, "group": name, "create_topics": True,
                      "partitions": asked.partitions},
            "kafka.topics": {which: f"{name}.{which}" for which in ("pages", "sightings", *OUTPUTS)},
        }
        for setting in asked.settings:
            key, _, value = setting.partition("=")
            section, _, key = key.rpartition(".")
            self._settings.setdefault(section, {})[key] = json.loads(value)

    def worker(self, name):
        """Starts a worker that was never there."""
        worker = Worker(self.measure.asked.binary, f"{self.name}-{name}", self.measure.folder / "logs", self._settings)
        self.workers.append(worker)
        worker.start()
        return worker

    def settle(self):
        """Waits until the workers that run share all partitions."""
        def shared():
            owned = [Metrics.of(worker).partitions() for worker in self.workers if worker.running()]
            return all(owned) and sum(map(len, owned)) == self.measure.asked.partitions
        if until(shared, 120, pause=0.2) is None:
            raise Failed(f"{self.name}: the workers do not share the partitions after 120 s")

    def feed(self, path, rate):
        feed = gauges.Feed(self.measure.asked.probe, self.measure.broker, f"{self.name}.pages", path, rate, self.measure.log)
        self._running.append(feed)
        return feed

    def watch(self):
        outputs = [f"{self.name}.{which}" for which in OUTPUTS]
        watch = gauges.Watch(self.measure.asked.probe, self.measure.broker, f"{self.name}.pages", outputs, self.measure.log)
        self._running.append(watch)
        return watch

    def done(self):
        """Pages that the workers have committed an outcome of."""
        return sum(Metrics.of(worker).sum("newsmill_pages_total") for worker in self.workers if worker.running())

    def close(self):
        for worker in self.workers:
            if worker.running():
                worker.stop()
        for worker in self.workers:
            until(lambda w=worker: not w.running(), 15)
            worker.kill()
        for process in self._running:
            process.kill()


class Measure:
    """All sections, and the table that they fill."""

    def __init__(self, asked, folder):
        self.asked, self.folder, self.rows = asked, folder, []
        (folder / "logs").mkdir()
        self.log = open(folder / "logs" / "tools.log", "ab")
        self.broker = kafka.Broker(folder / "broker", self.log)
        self.pages = Pages(asked.seed, folder)
        self._began, self._worlds = time.monotonic(), []

    def say(self, text):
        print(f"measure: {time.monotonic() - self._began:6.1f} s  {text}", flush=True)

    def row(self, figure, value, unit, at_most=None, at_least=None, note=""):
        """Adds a figure; a bound is a promise."""
        kept = None
        if at_most is not None or at_least is not None:
            kept = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        promise = f"≤ {at_most:g}" if at_most is not None else f"≥ {at_least:g}" if at_least is not None else ""
        self.rows.append({"figure": figure, "value": round(value, 3), "unit": unit, "promised": promise, "kept": kept,
                          "load": round(gauges.load(), 1), "note": note})
        self.say(f"{figure}: {value:.3g} {unit}{f' ({promise})' if promise else ''}{f'; {note}' if note else ''}")

    def world(self, name):
        world = World(self, name)
        self._worlds.append(world)
        return world

    def run(self):
        self.say("starting Kafka")
        self.broker.start(os.getpid())
        for section in SECTIONS:
            if section in self.asked.only:
                self.say(f"== {section} (load {gauges.load():.1f})")
                getattr(self, f"_{section}")()

    def close(self):
        for world in self._worlds:
            world.close()
        self.broker.begin_stop("kill").wait()
        self.log.close()

    def table(self):
        width = max(len(row["figure"]) for row in self.rows)
        lines = []
        for row in self.rows:
            verdict = {True: "kept", False: "MISSED", None: ""}[row["kept"]]
            lines.append(f"{row['figure']:<{width}}  {row['value']:>10.3f} {row['unit']:<12} {row['promised']:<9} "
                         f"{verdict:<7} load {row['load']:<5} {row['note']}".rstrip())
        return lines

    # Sections.

    def _latency(self):
        asked, warm = self.asked, 15
        world = self.world("latency")
        worker = world.worker("one")
        world.settle()
        watch = world.watch()
        path, _ = self.pages.files(int(asked.rate * (warm + asked.seconds)))
        feed, begin = world.feed(path, asked.rate), now_ms()
        time.sleep(warm)
        before, cpu, machine = Metrics.of(worker), self._cpu(world), gauges.machine_seconds()
        time.sleep(asked.seconds)
        after, cpu2, machine2 = Metrics.of(worker), self._cpu(world), gauges.machine_seconds()
        feed.wait()
        span = begin + warm * 1000, begin + (warm + asked.seconds) * 1000 + 60_000
        until(lambda: gauges.latencies(*watch.rows()[:2], *span)[1] == 0, 30, pause=0.5)
        sent, seen, again = watch.rows()
        waits, missing = gauges.latencies(sent, seen, *span)
        batches = after.sum("newsmill_batch_pages_count") - before.sum("newsmill_batch_pages_count")
        pages = after.sum("newsmill_batch_pages_sum") - before.sum("newsmill_batch_pages_sum")
        self.row(f"latency p50 at {asked.rate:g} pages/s", gauges.quantile(waits, 0.5), "s",
                 note=f"{len(waits)} pages, {pages / max(1, batches):.1f} a transaction")
        self.row(f"latency p99 at {asked.rate:g} pages/s", gauges.quantile(waits, 0.99), "s", at_most=1.0)
        self.row("latency, largest", gauges.quantile(waits, 1.0), "s")
        self.row("pages without an outcome, or with two", missing + again, "pages", at_most=0)
        self.say(loop_shares([after], [before]))
        self.say(self._shares(cpu, cpu2, machine, machine2, asked.seconds))
        world.close()

    def _cpu(self, world):
        return (sum(gauges.cpu_seconds(worker.process.pid) for worker in world.workers),
                gauges.cpu_seconds(self.broker.pid()))

    @staticmethod
    def _shares(cpu, cpu2, machine, machine2, seconds):
        busy = (machine2[0] - machine[0]) / (machine2[1] - machine[1])
        return (f"cores: workers {(cpu2[0] - cpu[0]) / seconds:.2f}, broker {(cpu2[1] - cpu[1]) / seconds:.2f}, all "
                f"processes {busy * os.cpu_count():.2f} of {os.cpu_count()}")

    def _throughput(self):
        path, lines = self.pages.files(self.asked.pages)
        # By turns, so that both meet the same machine.
        process, ones = [], []
        for number in range(2):
            process.append(self._process(lines))
            ones.append(self._backlog(f"one-{number + 1}", path, 1))
        process.append(self._process(lines))
        one = sum(run[0] for run in ones) / len(ones), sum(run[1] for run in ones) / len(ones), ones[-1][2]
        two = self._backlog("two", path, 2)
        rate = self.asked.pages / (sum(seconds for _, seconds in process) / len(process))
        self.row("process: pages per CPU-second", rate, "pages/cpu-s",
                 note="runs: " + ", ".join(f"{self.asked.pages / cpu:.0f} ({wall:.1f} s)" for wall, cpu in process))
        for name, (wall, cpu, shares) in (("one worker", one), ("two workers", two)):
            self.row(f"run, {name}: pages per CPU-second", self.asked.pages / cpu, "pages/cpu-s")
            self.row(f"run, {name}: pages per second", self.asked.pages / wall, "pages/s", note=shares)
        self.row("run, one worker, of process", 100 * self.asked.pages / one[1] / rate, "%", at_least=80)
        self.row("two workers against one", one[0] / two[0], "times")

    def _process(self, lines):
        """Wall and CPU seconds of `newsmill process`, less those of its start."""
        def once(*more):
            began = time.monotonic()
            process = subprocess.Popen([self.asked.binary, "process", "--quiet", "--output", str(self.folder / "out.jsonl"),
                                        *more, str(lines)], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise Failed("newsmill process failed: see logs/tools.log")
            return time.monotonic() - began, usage.ru_utime + usage.ru_stime
        start, whole = once("--at-most", "1"), once()
        return whole[0] - start[0], whole[1] - start[1]

    def _backlog(self, name, path, workers):
        """Wall and CPU seconds of workers that find all pages there, from when they own them to the last commit."""
        world = self.world(f"backlog-{name}")
        # The workers come first, and the pages at once: so none of them has begun alone.
        for number in range(workers):
            world.worker(f"{number + 1}")
        world.settle()
        cpu, machine, began = self._cpu(world), gauges.machine_seconds(), time.monotonic()
        world.feed(path, 0)
        if until(lambda: world.done() >= self.asked.pages, 900, pause=0.25) is None:
            raise Failed(f"the backlog was not done after 900 s: {world.done():.0f} pages")
        wall, cpu2, machine2 = time.monotonic() - began, self._cpu(world), gauges.machine_seconds()
        shares = self._shares(cpu, cpu2, machine, machine2, wall)
        self.say(loop_shares([Metrics.of(worker) for worker in world.workers]))
        world.close()
        return wall, cpu2[0] - cpu[0], shares

    def _handover(self):
        ends = self._stopped_under_load()
        rate, world = 60, self.world("handover")
        one, two = world.worker("one"), world.worker("two")
        world.settle()
        settings = json.loads(gauges.get(one.port, "/config")[1])["kafka"]
        bound = (settings["session_timeout_ms"] + settings["transaction_timeout_ms"]) / 1000 + 10
        watch = world.watch()
        path, _ = self.pages.files(rate * (300 + int(self.asked.repeat * (60 + 3 * bound))))
        feed = world.feed(path, rate)
        time.sleep(5)
        stops, joins, kills, returns = [], [], [], []
        for number in range(self.asked.repeat):
            victim = (one, two)[number % 2]
            stops.append(self._gone(world, watch, victim, victim.stop, 30))
            ends.append(until(lambda v=victim: not v.running() and v.ended - v.stopping, 20))
            joins.append(self._joined(world, watch, victim))
        for number in range(self.asked.repeat):
            victim = (one, two)[number % 2]
            kills.append(self._gone(world, watch, victim, victim.kill, 3 * bound))
            self._joined(world, watch, victim)
        for number in range(self.asked.repeat):
            victim = (one, two)[number % 2]
            def again(victim=victim):
                victim.kill()
                victim.start()
            returns.append(self._gone(world, watch, victim, again, 3 * bound))
            world.settle()
            time.sleep(3)
        three = world.worker("three")
        world.settle()
        time.sleep(3)
        succession = self._succession(world, watch, (one, two, three), 3 * bound)
        self.row("stopped: its partitions go on", max(stops), "s", at_most=3, note=self._all(stops))
        self.row("stopped: it has ended", max(ends), "s", at_most=10, note=self._all(ends))
        self.row("started: longest wait of a page", max(joins), "s", note=self._all(joins))
        self.row("killed: its partitions go on", max(kills), "s", at_most=bound, note=self._all(kills))
        self.row("killed and started again: they go on", max(returns), "s", at_most=bound, note=self._all(returns))
        self.row("six killed in 12 s: all partitions go on", succession, "s", at_most=bound, note="from the last kill")
        missing = self._missing(watch, feed)
        self.row("pages without an outcome, or with two", missing, "pages", at_most=0)
        world.close()

    @staticmethod
    def _all(values):
        return "each: " + ", ".join(f"{value:.1f}" for value in values)

    def _stopped_under_load(self):
        """Seconds until a worker has ended that was stopped in the middle of a backlog."""
        world = self.world("stop")
        worker = world.worker("one")
        world.settle()
        path, _ = self.pages.files(20_000)
        world.feed(path, 0)
        ends = []
        for _ in range(self.asked.repeat):
            done = world.done()
            if until(lambda: world.done() > done + 500, 60) is None:
                raise Failed("the backlog was done before the stop")
            worker.stop()
            ends.append(until(lambda: not worker.running() and worker.ended - worker.stopping, 60) or 60.0)
            worker.start()
            world.settle()
        world.close()
        return ends
    def _gone(self, world, watch, victim, what, wait):
        """Makes a worker go, and waits until its partitions have shown the outcome of a page sent after that."""
        partitions = Metrics.of(victim).partitions()
        if not partitions:
            raise Failed(f"{victim.name} owned no partition")
        since = now_ms()
        what()
        # Looked at besides, so that its end is noticed when it comes.
        took = until(lambda: victim.running() is not None and gauges.went_on(*watch.rows()[:2], partitions, since), wait)
        if took is None:
            raise Failed(f"{victim.name}: partitions {sorted(partitions)} did not go on within {wait:.0f} s")
        self.say(f"{victim.name} gone: its {len(partitions)} partitions went on after {took:.2f} s")
        return took

    def _joined(self, world, watch, worker):
        """Starts a worker that was there, and gives the longest wait of a page while the group makes room."""
        until(lambda: not worker.running(), 20)
        time.sleep(3)
        since = now_ms()
        worker.start()
        world.settle()
        time.sleep(4)
        return gauges.longest_gap(*watch.rows()[:2], since, now_ms() - 3000)

    def _succession(self, world, watch, workers, wait):
        for number in range(6):
            victim = workers[number % len(workers)]
            victim.kill()
            since = now_ms()
            time.sleep(0.3)
            victim.start()
            time.sleep(1.7)
        everything = set(range(self.asked.partitions))
        took = until(lambda: gauges.went_on(*watch.rows()[:2], everything, since), wait)
        if took is None:
            raise Failed(f"six kills: not all partitions went on within {wait:.0f} s")
        return took

    def _missing(self, watch, feed):
        """Ends the feed, and counts pages without an outcome, or with two."""
        feed.kill()
        time.sleep(1)
        def missing():
            sent, seen, again = watch.rows()
            return sum(place not in seen for place in sent) + again
        until(lambda: missing() == 0, 60, pause=0.5)
        return missing()

    def _outage(self):
        asked, rate, world = self.asked, 50, self.world("outage")
        one = world.worker("one")
        world.settle()
        watch = world.watch()
        path, _ = self.pages.files(int(rate * (asked.outage_seconds + 300)))
        feed = world.feed(path, rate)
        time.sleep(20)
        memory, health = [], []
        self.broker.begin_stop("kill").wait()
        gone = time.monotonic()
        while time.monotonic() - gone < asked.outage_seconds:
            memory.append((time.monotonic() - gone, gauges.resident_mb(one.process.pid) if one.running() else float("nan")))
            health.append((time.monotonic() - gone, gauges.get(one.port, "/livez")[0], gauges.get(one.port, "/readyz")[0]))
            time.sleep(1)
        self.broker.started(self.broker.begin_start())
        back = now_ms()
        took = until(lambda: gauges.went_on(*watch.rows()[:2], {p for p, _ in watch.rows()[0]}, back), 120)
        settled = [row for row in health if row[0] >= 5]
        early = max(mb for at, mb in memory if at <= 20)
        late = max(mb for at, mb in memory if at > 20)
        self.row("outage: seconds not alive", sum(live != 200 for _, live, _ in health), "s", at_most=0,
                 note=f"of {asked.outage_seconds:.0f} s")
        self.row("outage: seconds ready, after the first 5", sum(ready == 200 for _, _, ready in settled), "s", at_most=0)
        self.row("outage: memory grows after the first 20 s", late - early, "MB", at_most=10,
                 note=f"{early:.0f} MB then, {memory[-1][1]:.0f} MB at the end")
        self.row("outage: going on after the return", took if took is not None else 1e9, "s", at_most=30)
        missing = self._missing(watch, feed)
        self.row("pages without an outcome, or with two", missing, "pages", at_most=0)
        feed = world.feed(path, rate)
        time.sleep(5)
        self.broker.begin_stop("kill").wait()
        time.sleep(6)
        one.stop()
        ended = until(lambda: not one.running() and one.ended - one.stopping, 60)
        self.row("stopped in an outage: it has ended", ended or 60.0, "s", at_most=10)
        self.broker.started(self.broker.begin_start())
        world.close()


def main():
    asked = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    # The broker of a measurement runs at full speed; that of the tests starts fast.
    os.environ.setdefault("KAFKA_TEST_JAVA_OPTS", "-Xms512m -Xmx512m")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="newsmill-measure-"))
    measure, code, last = Measure(asked, folder), 3, ""
    try:
        try:
            measure.run()
        finally:
            measure.close()
        missed = sum(row["kept"] is False for row in measure.rows)
        code, last = (1, f"measure: {missed} figures miss what is promised") if missed else (0, "measure: all promises kept")
    except (Failed, kafka.Failed) as error:
        last = f"measure: could not go on: {error}"
    except Exception as error:  # whatever it was: the last line says that it is not all
        traceback.print_exc()
        last = f"measure: could not go on: {type(error).__name__}: {error}"
    if measure.rows:
        print("\n".join(["", *measure.table()]))
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(measure.rows, indent=1, ensure_ascii=False) + "\n")
    if code == 3 or asked.keep:
        shutil.rmtree(folder / "broker", ignore_errors=True)
        print(f"measure: logs are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(last)
    return code


if __name__ == "__main__":
    sys.exit(main())
