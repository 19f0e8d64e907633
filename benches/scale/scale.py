"""How newsmill scales, measured part by part: `script/bench scale --help`.

Each part gives a dictionary of figures, which is kept in figures.json beside those of the other parts, with when and on what
it was taken. Curves and tables are made of that file alone, so they can be made again without measuring.
"""

import argparse
import copy
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import built  # noqa: E402
import common  # noqa: E402
import onkafka  # noqa: E402
import process  # noqa: E402
import report  # noqa: E402

PARTS = {
    "threads": process.threads,
    "sizes": process.sizes,
    "workers": onkafka.workers,
    "batches": onkafka.batches,
    "index": built.index,
    "split": built.split,
    "binary": built.binary,
    "memory": process.memory,
}
# What needs the binary, and what the probe.
WITH_BINARY = {"threads", "sizes", "workers", "batches", "binary", "memory"}
WITH_PROBE = {"workers", "batches"}


class World:
    """What the parts share."""

    def __init__(self, asked, folder):
        self.set, self.limit, self.rounds, self.folder = asked.set, asked.limit, asked.rounds, folder
        self.binary, self.small, self.probe = asked.binary, asked.small, None
        self.messages, self._quick, self._began = {}, asked.quick, time.monotonic()

    def scaled(self, count, least=1):
        """A number of pages, or a fiftieth of it for a first look."""
        return max(count // 50, min(least, count)) if self._quick else count

    def once(self):
        """The same with one round."""
        one = copy.copy(self)
        one.rounds = 1
        return one

    def say(self, text):
        print(f"scale: {time.monotonic() - self._began:6.1f} s  {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench scale", add_help=False)
    parser.add_argument("set", nargs="?", type=Path)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--binary", default="")
    parser.add_argument("--small", default="")
    parser.add_argument("--output", type=Path, default=built.ROOT / "docs" / "scaling")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--docs", action="store_true")
    asked = parser.parse_args()
    asked.only = asked.only.split(",")
    if unknown := set(asked.only) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    if asked.rounds < 1:
        parser.error("--rounds takes 1 or more")
    for path in filter(None, (asked.binary, asked.small)):
        if not os.access(path, os.X_OK):
            parser.error(f"{path} cannot be run")
    if asked.set and not asked.set.is_file():
        parser.error(f"there is no set {asked.set}")
    return asked


def measure(asked, figures):
    with tempfile.TemporaryDirectory(prefix="newsmill-scale-") as name:
        world = World(asked, Path(name))
        if WITH_BINARY & set(asked.only) and not world.binary:
            world.binary = built.newsmill()
        if WITH_PROBE & set(asked.only):
            world.probe = built.probe()
        for part in PARTS:
            if part not in asked.only:
                continue
            world.say(f"== {part} (load {os.getloadavg()[0]:.1f})")
            taken = {"on": common.machine(), "version": common.version(world.binary) if world.binary else ""}
            part_of = PARTS[part](world)
            taken["load_after"] = os.getloadavg()[0]
            figures[part] = report.rounded({"taken": taken} | part_of)
            report.save(asked.output, figures)
            print(f"\n{report.table(part, figures[part])}\n", flush=True)


def main():
    asked = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    figures = report.load(asked.output)
    if asked.docs:
        report.write_docs(built.ROOT / "docs", figures)
        report.draw(asked.output, figures)
        return
    try:
        measure(asked, figures)
    except (common.Failed, onkafka.measure.Failed, onkafka.measure.kafka.Failed, OSError, subprocess.SubprocessError) as error:
        print(f"script/bench: could not go on: {error}", file=sys.stderr)
        sys.exit(3)
    report.draw(asked.output, figures)


if __name__ == "__main__":
    main()
