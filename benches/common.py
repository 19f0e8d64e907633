"""What the benches in Python share: sets of pages, runs of newsmill on the clock, and what machine they ran on."""

import datetime
import gzip
import json
import lzma
import os
import platform
import subprocess
import tempfile


class Failed(Exception):
    """Something could not be measured."""


def pages(path, limit=0):
    """Page messages of a set: JSONL of {url, html} or {url, body}, as it is or as .xz or .gz."""
    opened = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            body = row.get("html") or row.get("body")
            if body:
                yield {"id": str(number), "url": row.get("url"), "content_type": "text/html", "body": body}
            if number + 1 == limit:
                return


def write(path, messages):
    """Writes messages as JSONL: how many, and bytes."""
    count = size = 0
    with open(path, "w", encoding="utf-8") as file:
        for message in messages:
            line = json.dumps(message, ensure_ascii=False) + "\n"
            size += len(line.encode())
            count += 1
            file.write(line)
    return count, size


class Run:
    """A command that was run on a file of messages: CPU and wall seconds, peak memory in bytes, records by outcome."""

    def __init__(self, name, command, messages, environment=None):
        with tempfile.TemporaryFile() as out, open(messages, "rb") as given:
            began = datetime.datetime.now()
            child = subprocess.Popen(command, stdin=given, stdout=out, stderr=subprocess.PIPE,
                                     env=os.environ | (environment or {}))
            said = child.stderr.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.wall = (datetime.datetime.now() - began).total_seconds()
            if status != 0:
                raise Failed(f"{name} failed: {said.decode(errors='replace')[-2000:]}")
            self.cpu, self.peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
            out.seek(0)
            self.outcomes = {}
            for line in out:
                outcome = json.loads(line)["outcome"]
                self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def version(binary):
    """The first line of what it says of itself."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split("\n")[0]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def machine():
    return f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {datetime.date.today()}"
