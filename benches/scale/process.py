"""`newsmill process` by threads, by size of page, and by number of pages: its CPU time, wall time and memory."""

import json
import math
import os
import re
import statistics
import subprocess
import threading

import pages as made
from common import Failed, Run, pages, write

SIZES = (2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000)
THREADS = (1, 2, 4)
# Pages of each size, so that all take some seconds; bytes in all.
MOST_BYTES, MOST_PAGES, FEWEST_PAGES = 60_000_000, 4000, 30
FEWEST_OF_SET = 20
# What an article takes in the index: see docs/duplicates.md.
INDEX_BYTES = 148


def effort(name):
    return {"NEWSMILL_CLASSIFY_TOPICS_EFFORT": name}


def command(binary, threads):
    return [binary, "process", "--threads", str(threads), "--quiet", "-"]


def copies(path, limit, least):
    """The pages of a set, as often as it takes to be `least`: each copy has a word of its own in each paragraph, so that none
    is passed over for its bytes or its words."""
    every = list(pages(path, limit))
    if not every:
        raise Failed(f"{path} holds no pages: it is to be JSONL of {{url, html}}")
    return again(every, least)


def again(every, least):
    """The pages, and copies of them until there are enough."""
    for copy in range(max(1, -(-least // len(every)))):
        for page in every:
            if copy == 0:
                yield page
                continue
            body = re.sub(r"</p\s*>", f" Copy{copy}</p>", page["body"], flags=re.I)
            url = page["url"] and f"{page['url']}{'&' if '?' in page['url'] else '?'}copy={copy}"
            yield {**page, "id": f"{page['id']}-{copy}", "url": url, "body": body}


def real(world, least):
    """Messages of the set, or made up where there is none: path, how many, bytes, and what they are."""
    path = world.folder / f"pages-{least}.jsonl"
    if not path.exists():
        if world.set:
            messages = copies(world.set, world.limit, least)
        else:
            sizes = [SIZES[2 + number % 6] for number in range(least)]
            messages = made.html(1, sizes)
        world.messages[path] = write(path, messages)
    count, size = world.messages[path]
    what = "pages of the set" if world.set else "made-up pages"
    return path, count, size, f"{count:,} {what}, {size / count / 1000:.0f} kB each"


def first_of(path):
    """A file with the first message alone."""
    first = path.with_suffix(".first")
    with open(path, encoding="utf-8") as lines:
        first.write_text(lines.readline(), encoding="utf-8")
    return first


def rounds(world, path, contestants):
    """Each contestant's (CPU, wall) seconds of all messages less those of the first, in each round; they take turns."""
    first, took = first_of(path), {name: [] for name in contestants}
    for number in range(world.rounds):
        for name, (argv, environment) in contestants.items():
            world.say(f"round {number + 1} of {world.rounds}: {name}")
            start, whole = (Run(str(name), argv, given, environment) for given in (first, path))
            took[name].append((max(whole.cpu - start.cpu, 1e-6), max(whole.wall - start.wall, 1e-6)))
    return took


def threads(world):
    path, count, size, what = real(world, world.scaled(2400))
    took = rounds(world, path, {f"{n} threads": (command(world.binary, n), None) for n in THREADS})
    rows = []
    for number in THREADS:
        cpu, wall = (statistics.median(column) for column in zip(*took[f"{number} threads"]))
        rows.append({"threads": number, "pages_per_second": (count - 1) / wall, "pages_per_cpu_second": (count - 1) / cpu})
    # Of each round the ratio, and of those the median: a busy minute falls on both.
    for row in rows:
        ratios = [one[1] / many[1] for one, many in zip(took["1 threads"], took[f"{row['threads']} threads"])]
        row["times_one"] = statistics.median(ratios)
    return {"pages": what, "bytes": size, "rows": rows}


def sizes(world):
    kinds = {
        "HTML, balanced": (made.html, "balanced"),
        "HTML, fast": (made.html, "fast"),
        "HTML, a tenth text, fast": (made.marked_up, "fast"),
        "plain text, balanced": (made.plain, "balanced"),
        "plain text, fast": (made.plain, "fast"),
    }
    rows = []

    def row(kind, size, count, of_bytes, took):
        rate = (count - 1) / statistics.median(cpu for cpu, _ in took)
        rows.append({"kind": kind, "size": size, "pages": count, "pages_per_cpu_second": rate,
                     "mb_per_cpu_second": rate * of_bytes / count / 1e6})

    for size in SIZES:
        number = world.scaled(max(FEWEST_PAGES, min(MOST_PAGES, MOST_BYTES // size)), FEWEST_PAGES)
        for make in dict.fromkeys(make for make, _ in kinds.values()):
            path = world.folder / "size.jsonl"
            count, of_bytes = write(path, make(2, [size] * number))
            contestants = {f"{kind}, {size:,} bytes": (command(world.binary, 1), effort(how))
                           for kind, (by, how) in kinds.items() if by is make}
            for name, took in rounds(world, path, contestants).items():
                row(name.removesuffix(f", {size:,} bytes"), size, count, of_bytes, took)
    if world.set:
        every = list(copies(world.set, world.limit, 1))
        # Each size stands for what is nearer to it than to the next ones, by ratio.
        near = {size: [] for size in SIZES}
        for page in every:
            length = len(page["body"].encode())
            near[min(SIZES, key=lambda size: abs(math.log(size / length)))].append(page)
        for size, some in near.items():
            if len(some) < FEWEST_OF_SET:
                continue
            path = world.folder / "size.jsonl"
            count, of_bytes = write(path, again(some, world.scaled(600)))
            took = rounds(world, path, {f"the set, {size:,} bytes": (command(world.binary, 1), effort("balanced"))})
            row("the set's, balanced", size, count, of_bytes, *took.values())
    return {"rows": rows}


def resident(pid):
    """Bytes that are in memory: now, and the most so far."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmRSS"].split()[0]) * 1024, int(lines["VmHWM"].split()[0]) * 1024


def memory(world):
    """Pages like no other through a pipe, and what is resident on the way."""
    total = world.scaled(1_000_000)
    step = total // 20
    child = subprocess.Popen(command(world.binary, 1), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=os.environ | effort("fast"))
    outcomes, rows, peak = {}, [], 0

    def feed():
        draw = made.random.Random(5)
        for page in made.plain(6, (draw.randrange(1000, 2001) for _ in range(total))):
            child.stdin.write(json.dumps(page).encode() + b"\n")
        child.stdin.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    for number, line in enumerate(child.stdout, 1):
        outcome = line.split(b'"', 4)[3].decode()
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        # Sampled by what has come out: those are in the index.
        if number % step == 0 and number < total:
            now, peak = resident(child.pid)
            rows.append({"pages": number, "resident": now})
            world.say(f"{number:,} pages, {rows[-1]['resident'] / 1e6:.0f} MB")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if status != 0:
        raise Failed(f"newsmill failed: {child.stderr.read().decode(errors='replace')[-2000:]}")
    # The first samples are before every table and model is there.
    late = [row for row in rows if row["pages"] > total // 10]
    slope, intercept = statistics.linear_regression([row["pages"] for row in late], [row["resident"] for row in late])
    index = [row["resident"] - INDEX_BYTES * row["pages"] for row in late]
    return {"pages": total, "outcomes": outcomes, "rows": rows, "slope": slope, "intercept": intercept,
            "beside_index_least": min(index), "beside_index_most": max(index), "peak": peak,
            "cpu_seconds": usage.ru_utime + usage.ru_stime}
