"""What a measurement reads: processes, workers' metrics, and the probe's account of when outcomes could be seen.

The probe (`examples/probe.rs`) feeds pages and watches the outputs as any reader at read_committed does; it shares
no code with the worker. Times are seconds unless a name says otherwise.
"""

import collections
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _name_and_seconds(stat):
    """Of a process or a thread by its `stat` under /proc: its name, and the user and system time that it has taken."""
    head, rest = Path(stat).read_text(encoding="ascii", errors="replace").rsplit(")", 1)
    fields = rest.split()
    return head.split("(", 1)[1], (int(fields[11]) + int(fields[12])) / _TICKS


def cpu_seconds(pid):
    """User and system time that a process has taken; 0 when it is gone."""
    try:
        return _name_and_seconds(f"/proc/{pid}/stat")[1]
    except OSError:
        return 0.0


def thread_seconds(pid, names):
    """The same of those threads of a process whose names begin with one of these."""
    seconds = 0.0
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            name, taken = _name_and_seconds(stat)
        except OSError:
            continue
        seconds += taken if name.startswith(names) else 0.0
    return seconds


def resident_mb(pid):
    """Memory of a process that is resident, in MB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine_seconds():
    """Seconds of all cores since the start of the machine: (busy, in all)."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS, sum(ticks) / _TICKS


def load():
    return os.getloadavg()[0]


def get(port, path):
    """Status and body of a GET on a worker's port; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError:
        return 0, ""


class Metrics:
    """One scrape of a worker."""

    def __init__(self, text):
        self._rows = []
        for line in text.splitlines():
            name, _, value = line.rpartition(" ")
            if name and not line.startswith("#"):
                self._rows.append((name, float(value)))

    @classmethod
    def of(cls, worker):
        return cls(get(worker.port, "/metrics")[1])

    def sum(self, name):
        """A metric summed over its series."""
        return sum(value for row, value in self._rows if row.partition("{")[0] == name)

    def by(self, name, label):
        """A metric by the value of one of its labels."""
        out = collections.Counter()
        for row, value in self._rows:
            head, _, labels = row.partition("{")
            if head == name and f'{label}="' in labels:
                out[labels.split(f'{label}="', 1)[1].split('"', 1)[0]] += value
        return out

    def partitions(self):
        """Partitions that the worker owns."""
        return {int(partition) for partition in self.by("newsmill_lag_records", "partition")}


class Feed:
    """The probe, sending the pages of a file at a rate (0: at once)."""

    def __init__(self, probe, broker, topic, path, rate, log):
        self._process = subprocess.Popen([probe, "feed", broker.address, topic, str(path), str(rate)],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def wait(self, seconds=600):
        if self._process.wait(seconds) != 0:
            raise RuntimeError("the feed failed: see the log")

    def running(self):
        return self._process.poll() is None

    def kill(self):
        self._process.kill()
        self._process.wait()


class Watch:
    """The probe, telling when which outcome could be seen."""

    def __init__(self, probe, broker, pages, outputs, log):
        self._process = subprocess.Popen([probe, "watch", broker.address, pages, *outputs], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        self._lock = threading.Lock()
        self._sent, self._seen = {}, {}  # (partition, offset) → milliseconds
        self._again = 0
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError("the watch did not begin: see the log")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            what, *numbers = line.split()
            numbers = [int(number) for number in numbers]
            with self._lock:
                if what == "in":
                    self._sent[numbers[0], numbers[1]] = numbers[2]
                else:
                    place = numbers[1], numbers[2]
                    self._again += place in self._seen
                    self._seen.setdefault(place, numbers[0])

    def rows(self):
        """Copies of both: when each page was sent and when its outcome was seen, in milliseconds, by place."""
        with self._lock:
            return dict(self._sent), dict(self._seen), self._again

    def kill(self):
        self._process.kill()
        self._process.wait()


def latencies(sent, seen, begin_ms, end_ms):
    """Seconds from each page's timestamp to its outcome, of pages sent in that span, in order of size; and how many
    of them have no outcome."""
    places = [place for place, millis in sent.items() if begin_ms <= millis < end_ms]
    out = sorted((seen[place] - sent[place]) / 1000 for place in places if place in seen)
    return out, len(places) - len(out)


def quantile(ordered, share):
    """The smallest value that at least this share of them does not exceed."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -(-int(share * 1e6) * len(ordered) // 10**6) - 1)]


def went_on(sent, seen, partitions, since_ms):
    """Seconds from `since_ms` until every one of the partitions had shown the outcome of a page sent after that;
    None while one has not."""
    first = {}
    for place, millis in seen.items():
        if place[0] in partitions and sent.get(place, 0) > since_ms:
            first[place[0]] = min(millis, first.get(place[0], millis))
    if set(first) != set(partitions):
        return None
    return (max(first.values()) - since_ms) / 1000 if first else 0.0


def longest_gap(sent, seen, since_ms, until_ms):
    """The longest wait for an outcome among pages sent in that span, in seconds."""
    waits, _ = latencies(sent, seen, since_ms, until_ms)
    return waits[-1] if waits else 0.0


def until(what, seconds, pause=0.05):
    """Waits until `what()` is neither None nor false, and gives it; None when `seconds` are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = what()
        if value is not None and value is not False:
            return value
        time.sleep(pause)
    return None
