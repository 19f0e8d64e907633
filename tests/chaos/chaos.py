"""A chaos round: `newsmill run` workers on a real Kafka, killed and hindered at random, then judged.

The round makes pages and a plan of faults from one seed, runs them, reads everything back with Kafka's console
consumer, and hands the folder to the checker. Its last line is the verdict, its exit status says the same: 0 passed,
1 failed, 2 bad usage, 3 the round itself could not run.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import checker  # noqa: E402
import kafka  # noqa: E402
import plan as plans  # noqa: E402
import stories  # noqa: E402
from workers import Worker  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES, SIGHTINGS = "news.pages", "news.sightings"
STUCK_SECONDS = 120  # a group that has work to do and moves nothing for so long is stuck
TICK = 0.05  # seconds between looks at what is due

# Rules of a round with routes, in a round's own words: `routed` is put before the name. A page may fit none, one or several.
ROUTES = [
    {"topic": "routed.{language}", "languages": ["en"], "min_words": 120},
    {"topic": "routed.short", "max_words": 160, "kinds": ["article", "near", "revision"]},
    {"topic": "routed.sites", "sites": ["example"], "kinds": ["exact"]},
]
ROUTED = ["routed.en", "routed.short", "routed.sites"]

EXAMPLES = """examples:
  script/chaos --pages 2000 --workers 2 --kills 3 --seed 1             a short round
  script/chaos --pages 100000 --workers 3 --kills 20 --seed 7          the long one: about a quarter of an hour
  script/chaos --pages 20000 --kills 0 --outages 0 --pauses 4 --seed 3 pauses only
  python3 tests/chaos/checker.py FOLDER                                judge a folder that was kept once more

The same seed gives the same pages and the same plan; which batch a fault hits is up to the machine."""


def arguments():
    parser = argparse.ArgumentParser(prog="script/chaos", epilog=EXAMPLES, description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    whole = {"type": int, "metavar": "N"}
    parser.add_argument("--pages", default=2000, help="pages to send (2000)", **whole)
    parser.add_argument("--workers", default=3, help="workers at the start (3)", **whole)
    parser.add_argument("--kills", default=3, help="times a worker is killed with SIGKILL (3)", **whole)
    parser.add_argument("--stops", default=-1, help="times a worker is stopped with SIGTERM (half of the kills)", **whole)
    parser.add_argument("--pauses", default=-1, help="times a worker is paused for longer than its session timeout (2)",
                        **whole)
    parser.add_argument("--outages", default=2, help="times the broker is away; every second time it is killed (2)", **whole)
    parser.add_argument("--outage-seconds", default=60.0, type=float, metavar="S", help="for how long (60)")
    parser.add_argument("--adds", default=1, help="times one more worker comes and later goes (1)", **whole)
    parser.add_argument("--session-seconds", default=10.0, type=float, metavar="S", help="the workers' session timeout (10)")
    parser.add_argument("--seed", default=1, help="decides the pages and the plan (1)", **whole)
    parser.add_argument("--seconds", default=0.0, type=float, metavar="S",
                        help="how long pages are sent and faults happen (as the faults need)")
    parser.add_argument("--partitions", default=12, help="partitions of the pages topic (12)", **whole)
    parser.add_argument("--binary", default="", metavar="FILE", help="newsmill (target/release, else target/debug)")
    parser.add_argument("--delivery", default="exactly_once", choices=["exactly_once", "at_least_once"],
                        help="the workers' kafka.delivery; at_least_once repeats pages, so a round of it ought to fail")
    parser.add_argument("--routes", action="store_true", help="the workers route records to further topics")
    parser.add_argument("--no-rebuild", action="store_true", help="leave out the rebuild from the log")
    parser.add_argument("--keep", action="store_true", help="keep the folder even when the round passes")
    parser.add_argument("--log-filter", default="info", metavar="FILTER", help="the workers' telemetry.log_filter (info)")
    asked = parser.parse_args()
    asked.stops = asked.kills // 2 if asked.stops < 0 else asked.stops
    asked.pauses = 2 if asked.pauses < 0 else asked.pauses
    if asked.pages < 100 or asked.workers < 1:
        parser.error("a round takes at least 100 pages and 1 worker")
    if not asked.binary:
        built = [ROOT / "target" / profile / "newsmill" for profile in ("release", "debug")]
        asked.binary = next((str(path) for path in built if path.exists()), "")
        if not asked.binary:
            parser.error("there is no newsmill in target/: run cargo build --release, or name it with --binary")
    return asked


class Interrupted(Exception):
    """A signal asked the round to end."""


def _interrupt(number, _frame):
    raise Interrupted(signal.Signals(number).name)


class Round:
    """One round, from the pages to the dumps."""

    def __init__(self, asked, folder):
        self._asked, self.folder = asked, folder
        self._rng = random.Random(asked.seed)
        self._began = time.monotonic()
        self._started = None  # when the feed began
        (folder / "logs").mkdir()
        self._log = open(folder / "logs" / "tools.log", "ab")
        self._about = {}  # what round.json says
        self._faults = open(folder / "faults.jsonl", "a", encoding="utf-8")
        self.broker = kafka.Broker(folder / "broker", self._log)
        self._feed = None
        self._workers = []
        self._timers = []  # (when, what to do), monotonic
        self._away = None  # the broker's outage under way
        self._done = self._kills = 0
        self._dumps = []

    def say(self, text):
        print(f"chaos: {time.monotonic() - self._began:6.1f} s  {text}", flush=True)

    # The parts of a round.

    def run(self):
        asked = self._asked
        pages, late, faults, due = self._prepare()
        self.say(f"starting Kafka; {asked.pages} pages, {len(faults)} faults, seed {asked.seed}, {asked.binary}")
        self.broker.start(os.getpid())
        self.broker.create_topic(PAGES, asked.partitions)
        self._feed = kafka.Feed(self.broker, PAGES, self._log)
        for number in range(asked.workers):
            self._add_worker(f"worker-{number + 1}")
        self._disturb(pages, faults, due)
        self._drain(len(pages))
        self._late(late, len(pages))
        self._stop_workers("end")
        self._feed.close()
        self._settle()
        self.log_fault("log", time.monotonic(), entries=self.broker.end(SIGHTINGS))
        if not asked.no_rebuild:
            self._begin_rebuild()
        self._read("")
        if not asked.no_rebuild:
            self._await("rebuild", len(pages) + len(late), 120)
            self._stop_workers("end")
            self._read("rebuilt-")
        self._faults.flush()

    def _prepare(self):
        asked = self._asked
        generator = stories.Generator(self._rng, f"c{asked.seed}")
        pages = generator.pages(asked.pages)
        late = generator.late(pages)
        pause = asked.session_seconds + 3
        counts = (asked.kills, asked.stops, asked.pauses, pause, asked.outages, asked.outage_seconds, asked.adds)
        seconds = asked.seconds or max(plans.least_seconds(*counts), asked.pages / 400)
        faults = plans.draw(self._rng, seconds, *counts)
        due = plans.feed(self._rng, len(pages), seconds, faults)
        with open(self.folder / "truth.jsonl", "w", encoding="utf-8") as truth:
            truth.writelines(json.dumps(page.truth()) + "\n" for page in pages + late)
        settings = {
            "topic": PAGES, "session_seconds": asked.session_seconds, "outage_seconds": asked.outage_seconds,
            "seed": asked.seed, "pages": asked.pages, "workers": asked.workers, "plan": faults,
            "faults": {"kill": asked.kills, "stop": asked.stops, "pause": asked.pauses, "add": asked.adds,
                       "remove": asked.adds, "outage": (asked.outages + 1) // 2, "crash": asked.outages // 2,
                       # Every second kill; a worker that has seen nothing has no snapshot yet.
                       "spoil": asked.kills // 4},
        }
        if asked.routes:
            settings |= {"routes": ROUTES, "routed": ROUTED}
        self._about = settings
        (self.folder / "round.json").write_text(json.dumps(settings, indent=1))
        return pages, late, faults, due

    def _settings(self, group, topics=None, prefix="news"):
        session = int(self._asked.session_seconds * 1000)
        routes = ROUTES if self._asked.routes else []
        return {
            "route": [{**rule, "topic": f"{prefix}.{rule['topic']}"} for rule in routes],
            "kafka": {"brokers": self.broker.address, "group": group, "create_topics": True, "routes": "all",
                      "delivery": self._asked.delivery,
                      "partitions": self._asked.partitions, "session_timeout_ms": session},
            "kafka.topics": topics or {},
            "telemetry": {"log_filter": self._asked.log_filter},
        }

    def _add_worker(self, name):
        worker = Worker(self._asked.binary, name, self.folder / "logs", self._settings("newsmill"))
        self._workers.append(worker)
        return worker, worker.start()

    def _disturb(self, pages, faults, due):
        """Sends the pages and lets the faults happen, until both are over."""
        self._started = time.monotonic()
        self.log_fault("begin", self._started, millis=int(time.time() * 1000))
        faults, sent, said = list(faults), 0, 0.0
        while faults or due or self._timers or self._away:
            now = time.monotonic() - self._started
            count = 0
            while due and due[0][0] <= now:
                count += due.pop(0)[1]
            if count:
                self._feed.send(pages[sent:sent + count])
                sent += count
            while faults and faults[0]["at"] <= now and self._happen(faults[0]):
                faults.pop(0)
            self._look()
            if now - said >= 5:
                said = now
                alive = sum(worker.running() for worker in self._workers)
                self.say(f"{sent} of {len(pages)} pages sent, {alive} workers, {self._done} faults done, "
                         f"{len(faults)} to come{', broker away' if self._away else ''}")
            time.sleep(TICK)

    def _look(self):
        """Timers that are due, workers that ended, an outage that goes on."""
        now = time.monotonic()
        for timer in [timer for timer in self._timers if timer[0] <= now]:
            self._timers.remove(timer)
            timer[1]()
        if self._feed and self._feed.broken:
            raise kafka.Failed(self._feed.broken)
        for worker in list(self._workers):
            if worker.process is not None and not worker.running():
                self._ended(worker)
        if self._away:
            self._away.look()

    def log_fault(self, do, at, **details):
        event = {"do": do, "at": round(at - self._started, 1), **details}
        self._faults.write(json.dumps(event) + "\n")
        self._faults.flush()

    def later(self, seconds, what):
        self._timers.append((time.monotonic() + seconds, what))

    # Faults.

    def _happen(self, fault):
        """Lets a fault happen; false when there is nobody whom it could hit yet."""
        do, hold, now = fault["do"], fault["hold"], time.monotonic()
        if do in (plans.OUTAGE, plans.CRASH):
            if self._away:
                return False
            self._away = Outage(self, do, hold)
            return True
        if do == plans.ADD:
            worker, pid = self._add_worker(f"extra-{sum(w.name.startswith('extra') for w in self._workers) + 1}")
            self.log_fault(do, now, worker=worker.name, pid=pid)
            self._remove_later(worker, hold)
            self._done += 1
            return True
        free = [worker for worker in self._workers if worker.free() and now - worker.since > 1.5]
        if not free:
            return False
        worker = self._rng.choice(free)
        pid = worker.process.pid
        if do == plans.KILL:
            worker.kill()
            self.log_fault(do, now, worker=worker.name, pid=pid, exit=worker.process.returncode,
                           uptime=round(now - worker.since, 1))
            self._kills += 1
            if self._kills % 2 == 0:
                self._spoil(worker)
            self._again(worker, hold)
        elif do == plans.STOP:
            worker.stop()
            worker.after_stop = ("stop", hold)
        elif do == plans.PAUSE:
            worker.pause()
            self.later(hold, lambda: self._resume(worker, pid, now))
        self._done += 1
        return True

    def _spoil(self, worker):
        """Damages a snapshot before the worker comes back: the log has to make up for it."""
        done = worker.spoil_snapshot(self._rng)
        if done:
            self.log_fault("spoil", time.monotonic(), worker=worker.name, what=done)

    def _again(self, worker, hold):
        worker.process = None
        self.later(hold, worker.start)

    def _resume(self, worker, pid, since):
        worker.resume()
        self.log_fault("pause", since, worker=worker.name, pid=pid, seconds=round(time.monotonic() - since, 1))

    def _remove_later(self, worker, hold):
        def remove():
            if not worker.free():  # killed, paused or stopped just now
                self.later(1.0, remove)
                return
            worker.stop()
            worker.after_stop = ("remove", None)
        self.later(hold, remove)

    def _ended(self, worker):
        """A worker's process has ended: asked to, or by itself."""
        code, now, process = worker.process.returncode, time.monotonic(), worker.process
        if worker.stopping is not None:
            do, hold = worker.after_stop
            self.log_fault(do, worker.stopping, worker=worker.name, pid=process.pid, exit=code,
                           seconds=round(now - worker.stopping, 1))
            if hold is None:
                worker.process = None
                self._workers.remove(worker)
            else:
                self._again(worker, hold)
            return
        away = self._away is not None or (self._last_away and now - self._last_away < 40)
        self.log_fault("died", now, worker=worker.name, pid=process.pid, exit=code, broker_away=bool(away))
        self.say(f"{worker.name} ended by itself: exit {code}; started again (see logs/{worker.log.name})")
        self._again(worker, 1.0)

    _last_away = None

    def outage_over(self):
        self._away, self._last_away = None, time.monotonic()
        self._done += 1

    # The end.

    def _await(self, group, records, seconds):
        """Waits until the group has committed everything of the pages topic."""
        deadline, last = time.monotonic() + seconds, None
        while True:
            began = time.monotonic()
            try:
                ends, lag = self.broker.lag(group, PAGES)
            except kafka.Failed as error:
                ends, lag = 0, None
                self._log.write(f"{error}\n".encode())
            if ends >= records and lag == 0:
                return True
            # The tool itself may take a minute on a busy machine: patience counts from its answer on.
            now = time.monotonic()
            if lag is not None and (ends, lag) != last:
                last, deadline = (ends, lag), max(deadline, now + STUCK_SECONDS)
                self.say(f"{group}: {lag} of {ends} pages to go")
            elif now > deadline:
                self.log_fault("stuck", began, why=f"{group}: {last} (pages, to go), nothing moved for {STUCK_SECONDS} s")
                self.say(f"{group} is stuck at {last} (pages, to go)")
                return False
            while time.monotonic() < began + 2:
                self._look()
                time.sleep(TICK)

    def _drain(self, records):
        self.say("all pages sent, all faults done: waiting until nothing is left to do")
        self._await("newsmill", records, 120)

    def _late(self, late, before):
        began = time.monotonic()
        self._feed.send(late)
        self._await("newsmill", before + len(late), 60)
        self.log_fault("late", began, seconds=round(time.monotonic() - began, 1))

    def _stop_workers(self, do):
        while any(worker.process is None for worker in self._workers):  # about to start again
            self._look()
            time.sleep(TICK)
        for worker in self._workers:
            if worker.running() and worker.stopping is None:
                worker.stop()
                worker.after_stop = (do, None)
        deadline = time.monotonic() + 60
        while self._workers and time.monotonic() < deadline:
            self._look()
            time.sleep(TICK)
        for worker in list(self._workers):
            self.log_fault(do, worker.stopping, worker=worker.name, pid=worker.process.pid, exit="none in 60 s",
                           seconds=round(time.monotonic() - worker.stopping, 1))
            worker.kill()
            self._workers.remove(worker)

    def _settle(self):
        """Waits until the broker has ended what dead workers left open: it hides all that comes after."""
        deadline = time.monotonic() + 60
        while self.broker.open_transactions() and time.monotonic() < deadline:
            self.say("waiting for the broker to abort what dead workers left open")
            time.sleep(2)

    def _read(self, prefix):
        """Reads the outputs; when something is missing again, with more patience: on a busy machine the console
        consumer may find nothing for seconds, and ends."""
        source = "rebuilt" if prefix else "news"
        self.say(f"reading the outputs{' of the rebuild' if prefix else ''} with the console consumer")
        wanted = len(checker.read_lines(self.folder / "truth.jsonl"))
        for idle_ms in (5_000, 30_000, 90_000):
            self._dumps = [kafka.Dump(self.broker, f"{source}.{name}", self.folder / f"{prefix}{name}.dump", self._log,
                                      idle_ms=idle_ms) for name in checker.outputs(self._about)]
            if not prefix:
                pages = kafka.Dump(self.broker, PAGES, self.folder / "pages.dump", self._log, values=False,
                                   idle_ms=idle_ms)
                # What dead workers wrote and never committed shows here alone: proof that they were at work.
                every = kafka.Dump(self.broker, f"{source}.articles", self.folder / "articles-uncommitted.dump",
                                   self._log, values=False, isolation="read_uncommitted", idle_ms=idle_ms)
                self._dumps += [pages, every]
            for dump in self._dumps:
                dump.wait()
            found = {outcome.page for outcome in checker.read_outcomes(self.folder, prefix, checker.Report())}
            missing = wanted - len(found)
            if not prefix:
                missing = max(missing, wanted - self._records("pages"))
                missing = max(missing, self._records("articles") - self._records("articles-uncommitted"))
            if missing <= 0:
                break
            self.say(f"{missing} records are missing: reading once more, more patiently")

    def _records(self, name):
        return sum(1 for _ in kafka.read_dump(self.folder / f"{name}.dump"))

    def _begin_rebuild(self):
        """A new group with an empty index reads everything again: the log has to give it the same verdicts."""
        self.say("rebuilding: a new worker with an empty index, the same log, and output topics of its own")
        topics = {"pages": PAGES, "sightings": SIGHTINGS, **{name: f"rebuilt.{name}" for name in checker.OUTPUTS}}
        worker = Worker(self._asked.binary, "rebuilder", self.folder / "logs", self._settings("rebuild", topics, "rebuilt"))
        self._workers.append(worker)
        worker.start()

    def close(self):
        """Stops everything that the round started."""
        for worker in self._workers:
            worker.kill()
        for process in [self._feed, *self._dumps]:
            if process is not None:
                process.kill()
        log = self.folder / "broker" / "kafka.log"
        if log.exists():
            shutil.copy(log, self.folder / "logs" / "kafka-broker.txt")
        self.broker.begin_stop("kill").wait()
        # Its data would fill the disk; what was read of them is in the dumps.
        shutil.rmtree(self.folder / "broker", ignore_errors=True)
        self._faults.close()
        self._log.close()


class Outage:
    """The broker goes away, and comes back after a while; looked at from the round's loop, which never waits."""

    def __init__(self, round_, do, hold):
        self._round, self._do, self._hold = round_, do, hold
        self._pid = round_.broker.pid()
        self._began = time.monotonic()
        self._gone = None
        self._process = round_.broker.begin_stop("stop" if do == plans.OUTAGE else "kill")
        self._starting = False

    def look(self):
        now = time.monotonic()
        if self._gone is None:
            if self._process.poll() is not None:
                self._gone = now
        elif not self._starting:
            if now - self._gone >= self._hold:
                self._starting = True
                self._process = self._round.broker.begin_start()
                self._back = now
        elif self._process.poll() is not None:
            self._round.broker.started(self._process)
            self._round.log_fault(self._do, self._began, pid=self._pid, seconds=round(self._back - self._gone, 1),
                                  until_serving=round(now - self._gone, 1))
            self._round.outage_over()


def main():
    asked = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="newsmill-chaos-"))
    round_ = Round(asked, folder)
    code = 3
    try:
        try:
            round_.run()
        finally:
            round_.close()
        round_.say("judging")
        report = checker.check(folder)
        code = 0 if report.passed else 1
        *lines, verdict = report.lines()
        print("\n".join(lines) + ("\n" if lines else ""), end="")
    except kafka.Failed as error:
        verdict = f"chaos: could not run: {error}"
    except Interrupted as signalled:
        code, verdict = 130, f"chaos: interrupted by {signalled}"
    except Exception as error:  # whatever it was: the last line says that nothing was judged
        traceback.print_exc()
        verdict = f"chaos: could not run: {type(error).__name__}: {error}"
    finally:
        if code == 0 and not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"chaos: dumps, faults and logs are kept in {folder} (seed {asked.seed})")
    print(verdict, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
