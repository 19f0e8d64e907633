"""newsmill's whole pipeline beside one in Python, in one run on the same pages. See `script/bench pipeline --help`.

Each contestant reads page messages on stdin and writes records on stdout, in a process of its own and on one thread. Its
CPU time is that of all pages less that of one page (what it takes to start), the median of the rounds; the
contestants take turns, so that a busy minute of the machine falls on all of them.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from common import Failed, Run, machine, pages, version, write  # noqa: E402


def plain(articles, size):
    """Plain-text pages of so many bytes: the set's articles, cut anew, so that none repeats another."""
    number = 0
    with open(articles, encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            text = (record.get("text") or "").encode() if record["outcome"] == "article" else b""
            for start in range(0, len(text) - size + 1, size):
                cut = text[start : start + size].decode(errors="ignore")
                body = f"{record.get('title', '')}\n\n{cut}"
                yield {"id": f"plain-{number}", "content_type": "text/plain", "body": body}
                number += 1


class Contestant:
    def __init__(self, name, command, environment=None):
        self.name, self.command = name, command
        self.environment = {"OMP_NUM_THREADS": "1"} | (environment or {})
        self.seconds, self.start, self.wall_start, self.peak, self.outcomes = [], [], [], 0, {}

    def round(self, first, every):
        start = Run(self.name, self.command, first, self.environment)
        whole = Run(self.name, self.command, every, self.environment)
        self.start.append(start.cpu)
        self.wall_start.append(start.wall)
        self.seconds.append(max(whole.cpu - start.cpu, 1e-6))
        self.peak, self.outcomes = max(self.peak, whole.peak), whole.outcomes

    def rate(self, count):
        return (count - 1) / statistics.median(self.seconds)


def newsmill(binary, effort):
    effort_set = {"NEWSMILL_CLASSIFY_TOPICS_EFFORT": effort}
    return Contestant(f"newsmill, `{effort}`", [binary, "process", "--threads", "1", "--quiet", "-"], effort_set)


def measure(contestants, folder, messages, rounds):
    every, first = folder / "every.jsonl", folder / "first.jsonl"
    count, size = write(every, messages)
    if count < 2:
        sys.exit("the set holds no two pages: it is to be JSONL of {url, html}")
    with open(every, encoding="utf-8") as file:
        first.write_text(file.readline(), encoding="utf-8")
    for number in range(rounds):
        for contestant in contestants:
            print(f"round {number + 1} of {rounds}: {contestant.name}", file=sys.stderr)
            contestant.round(first, every)
    return count, size


def table(contestants, count, base):
    rows = ["| | pages per CPU-second | × " + base.name + " | peak memory | start to first article | outcomes |", "|---|---|---|---|---|---|"]
    for one in contestants:
        outcomes = ", ".join(f"{number} {name}" for name, number in sorted(one.outcomes.items()))
        rows.append(
            f"| {one.name} | {one.rate(count):.1f} | {one.rate(count) / base.rate(count):.1f} | {one.peak / 2**20:.0f} MB "
            f"| {statistics.median(one.wall_start):.2f} s | {outcomes} |"
        )
    return "\n".join(rows)


def goals(checks):
    """Prints each goal with what was reached; whether all are."""
    good = True
    for what, reached, wanted in checks:
        good &= reached >= wanted
        print(f"{'reached' if reached >= wanted else 'MISSED '}  {what}: {reached:.1f} (goal {wanted:g})")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("peers")
    parser.add_argument("set", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0)
    arguments = parser.parse_args()
    efforts = ["fast", "balanced", "best"]
    ours = [newsmill(arguments.binary, effort) for effort in efforts]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "topics.pickle"
        with open(folder / "articles.jsonl", "wb") as articles:
            write(folder / "fit.jsonl", pages(arguments.set, arguments.limit))
            with open(folder / "fit.jsonl", "rb") as given:
                subprocess.run(ours[0].command, stdin=given, stdout=articles, stderr=subprocess.DEVNULL, env=os.environ | ours[0].environment, check=True)
        script = str(HERE / "python_pipeline.py")
        subprocess.run([sys.executable, script, "fit", str(folder / "articles.jsonl"), str(model)], check=True)
        python = Contestant("Python", [sys.executable, script, "run", str(model)])
        crate = Contestant("the `trafilatura` crate, extraction alone", [arguments.peers, "pipe", "trafilatura"])
        beside = [*ours, python, crate]
        count, size = measure(beside, folder, pages(arguments.set, arguments.limit), arguments.rounds)
        print(f"\n{version(arguments.binary)}; Python {platform.python_version()}, {packages()}; {machine()}\n")
        print(f"{count} pages of {size // count // 1000} kB, one thread\n\n{table(beside, count, python)}\n")
        texts = [newsmill(arguments.binary, effort) for effort in efforts[:2]]
        number, _ = measure(texts, folder, plain(folder / "articles.jsonl", 5000), arguments.rounds)
        print(f"\n{number} plain-text pages of 5 kB\n\n{table(texts, number, texts[1])}\n")
    fast, balanced, _ = ours
    good = goals(
        [
            ("pages per CPU-second, fast", fast.rate(count), 400),
            ("pages per CPU-second, balanced", balanced.rate(count), 300),
            ("times the Python pipeline, fast", fast.rate(count) / python.rate(count), 25),
            ("times the `trafilatura` crate's extraction alone, fast", fast.rate(count) / crate.rate(count), 4),
            ("plain-text pages per CPU-second, fast", texts[0].rate(number), 4000),
            ("seconds to the first article below 1.5, fast", 1.5 - statistics.median(fast.wall_start), 0),
        ]
    )
    sys.exit(0 if good else 1)


def packages():
    from importlib.metadata import version

    names = ["trafilatura", "py3langid", "datasketch", "scikit-learn"]
    return ", ".join(f"{name} {version(name)}" for name in names)


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        print(f"script/bench: {error}", file=sys.stderr)
        sys.exit(3)
