"""`newsmill run` on a real Kafka: by number of workers and threads, by pages of a transaction, by how long one waits."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "chaos"))
import gauges  # noqa: E402
import measure  # noqa: E402
from gauges import Metrics, until  # noqa: E402

import process  # noqa: E402

# Workers, and threads of each.
CREWS = ((1, 1), (1, 2), (2, 1), (3, 1), (4, 1))
BATCH_PAGES = (1, 5, 10, 25, 50, 100, 250, 500, 1000)
BATCH_WAITS_MS = (0, 5, 20, 50, 100, 250, 500)
RATE = 200.0
# How often the worker is asked how far it is; answering takes its time, too.
ASK_SECONDS = 0.25
# Threads of the Kafka client: librdkafka's own, and the ones that fetch its reports.
CLIENT_THREADS = ("rdk:", "producer pollin")
WARM_SECONDS, STEADY_SECONDS = 5, 12
# Of a backlog the part between is measured: before it workers start and find each other, behind it some are done.
FROM, TO = 0.15, 0.85
MOST_SECONDS = 25


class Kafka(measure.Measure):
    """A broker, and what `script/measure` has for it."""

    def __init__(self, world):
        folder = Path(tempfile.mkdtemp(prefix="kafka-", dir=world.folder))
        asked = SimpleNamespace(binary=world.binary, probe=world.probe, partitions=12, settings=[], seed=1, pages=0)
        super().__init__(asked, folder)
        self._number = 0
        os.environ.setdefault("KAFKA_TEST_JAVA_OPTS", "-Xms512m -Xmx512m")
        self.broker.start(os.getpid())

    def fresh(self, name, settings):
        self._number += 1
        self.asked.settings = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
        return self.world(f"{name}-{self._number}")

    def backlog(self, feed, count, workers=1, **settings):
        """Pages that are all there before the workers come: pages a second, pages a CPU-second, and whose CPU time."""
        world = self.fresh("backlog", {key.replace("__", "."): value for key, value in settings.items()})
        world.feed(feed, 0).wait()
        for number in range(workers):
            world.worker(f"{number + 1}")
        first = None
        deadline = time.monotonic() + 300
        while True:
            done, now = world.done(), time.monotonic()
            client = sum(gauges.thread_seconds(worker.process.pid, CLIENT_THREADS) for worker in world.workers)
            sample = (done, now, *self._cpu(world), client, *gauges.machine_seconds())
            if first is None and done >= FROM * count:
                first = sample
            is_long = first is not None and now - first[1] > MOST_SECONDS
            if first is not None and done > first[0] and (done >= TO * count or is_long):
                break
            if now > deadline:
                raise measure.Failed(f"the backlog was not done after 300 s: {done:.0f} of {count} pages")
            time.sleep(ASK_SECONDS)
        batches = [Metrics.of(worker) for worker in world.workers]
        transactions = sum(metrics.sum("newsmill_batch_pages_count") for metrics in batches)
        in_batches = sum(metrics.sum("newsmill_batch_pages_sum") for metrics in batches)
        world_done = sum(metrics.sum("newsmill_pages_total") for metrics in batches)
        resident = [gauges.resident_mb(worker.process.pid) for worker in world.workers]
        for worker in world.workers:
            worker.kill()
        world.close()
        disk = self.disk(world.name, count, world_done)
        pages, wall, workers_cpu, broker_cpu, client, busy, _ = (b - a for a, b in zip(first, sample))
        return {"pages_per_second": pages / wall, "pages_per_cpu_second": pages / max(workers_cpu, 1e-6),
                "client_share": client / max(workers_cpu, 1e-6),
                "worker_cores": workers_cpu / wall, "broker_cores": broker_cpu / wall, "busy_cores": busy / wall,
                "pages_a_transaction": in_batches / max(1, transactions), "resident_mb": max(resident), **disk}

    def disk(self, name, fed, done):
        """Bytes that a page takes in the broker's logs: as it came in, its outcome, and its sighting."""
        def taken(*topics):
            logs = (log for topic in topics for log in (self.folder / "broker").glob(f"**/{name}.{topic}-*/*.log"))
            return sum(log.stat().st_size for log in logs)
        return {"disk_page": taken("pages") / fed, "disk_outcome": taken(*measure.OUTPUTS) / max(1, done),
                "disk_sighting": taken("sightings") / max(1, done)}

    def steady(self, feed_of, **settings):
        """A steady rate: how long pages take, of how many a transaction is, and pages a CPU-second."""
        world = self.fresh("steady", {key.replace("__", "."): value for key, value in settings.items()})
        worker = world.worker("1")
        world.settle()
        watch = world.watch()
        world.feed(feed_of, RATE)
        time.sleep(WARM_SECONDS)
        begin, before, cpu = measure.now_ms(), Metrics.of(worker), self._cpu(world)
        time.sleep(STEADY_SECONDS)
        end, after, cpu2 = measure.now_ms(), Metrics.of(worker), self._cpu(world)
        until(lambda: gauges.latencies(*watch.rows()[:2], begin, end)[1] == 0, 20, pause=0.2)
        waits, missing = gauges.latencies(*watch.rows()[:2], begin, end)
        def grown(name):
            return after.sum(name) - before.sum(name)
        pages, batches = grown("newsmill_batch_pages_sum"), grown("newsmill_batch_pages_count")
        world.close()
        if missing or not waits:
            raise measure.Failed(f"{missing} pages without an outcome")
        return {"p50": gauges.quantile(waits, 0.5), "p99": gauges.quantile(waits, 0.99),
                "pages_a_transaction": pages / max(1, batches),
                "pages_per_cpu_second": pages / max(cpu2[0] - cpu[0], 1e-6), "broker_cores": (cpu2[1] - cpu[1]) / STEADY_SECONDS}


def keyed(path):
    """The same messages as the probe feeds them: a key, a tab, the message."""
    feed = path.with_suffix(".tsv")
    with open(path, encoding="utf-8") as lines, open(feed, "w", encoding="utf-8") as out:
        for number, line in enumerate(lines):
            out.write(f"{number}\t{line}")
    return feed


def middle(runs):
    """Of each figure the median of the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def workers(world):
    path, count, _, what = process.real(world, world.scaled(4800))
    feed, kafka = keyed(path), Kafka(world)
    try:
        rates, crews = [], {crew: [] for crew in CREWS}
        for number in range(world.rounds):
            took = process.rounds(world.once(), path, {"process": (process.command(world.binary, 1), None)})
            rates += [(count - 1) / cpu for cpu, _ in took["process"]]
            for many, threads in CREWS:
                world.say(f"round {number + 1} of {world.rounds}: {many} workers with {threads} threads")
                crews[many, threads].append(kafka.backlog(feed, count, many, service__threads=threads))
    finally:
        kafka.close()
    rows = []
    for (many, threads), runs in crews.items():
        of_process = [run["pages_per_cpu_second"] / rate for run, rate in zip(runs, rates)]
        rows.append({"workers": many, "threads": threads, **middle(runs), "of_process": statistics.median(of_process)})
    return {"pages": what, "process_pages_per_cpu_second": statistics.median(rates), "rows": rows}


def batches(world):
    kafka = Kafka(world)
    try:
        count = world.scaled(12_000, 2000)
        feed, _ = kafka.pages.files(count)
        by_pages = {pages: [] for pages in BATCH_PAGES}
        for number in range(world.rounds):
            for pages in BATCH_PAGES:
                world.say(f"round {number + 1} of {world.rounds}: batch_pages = {pages}")
                by_pages[pages].append(kafka.backlog(feed, count, kafka__batch_pages=pages, service__threads=1))
        steady, _ = kafka.pages.files(int(RATE * (WARM_SECONDS + STEADY_SECONDS + 30)))
        by_wait = []
        for wait in BATCH_WAITS_MS:
            world.say(f"batch_wait_ms = {wait}")
            by_wait.append({"batch_wait_ms": wait, **kafka.steady(steady, kafka__batch_wait_ms=wait)})
        by_most = []
        for pages in BATCH_PAGES[:-1]:
            world.say(f"{RATE:.0f} pages a second, batch_pages = {pages}")
            by_most.append({"batch_pages": pages, **kafka.steady(steady, kafka__batch_pages=pages)})
    finally:
        kafka.close()
    rows = [{"batch_pages": pages, **middle(runs)} for pages, runs in by_pages.items()]
    return {"pages": f"{count:,} made-up pages of 10 kB", "rate": RATE, "rows": rows, "waits": by_wait, "steady": by_most}
