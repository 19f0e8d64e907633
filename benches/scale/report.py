"""figures.json, and what is made of it: tables in Markdown, curves, and the tables that stand in the documentation."""

import json
import math
import re

import svg
from svg import Axis, chart, in_bytes

FILE = "figures.json"
# A table in a page of the documentation stands between these.
PLACE = re.compile(r"(<!-- scale: (\w+) -->\n).*?(<!-- /scale -->)", re.S)


def load(folder):
    path = folder / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def rounded(value):
    """Four significant digits are more than is known."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def save(folder, figures):
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(rounded(figures), indent=1, ensure_ascii=False)
    # A row of figures is a line.
    text = re.sub(r"\{[^{}\[\]]*\}", lambda row: re.sub(r"\n\s*", " ", row[0]), text)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def grouped(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def rows(head, cells):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells)])


def _threads(part):
    cells = [[str(row["threads"]), grouped(row["pages_per_second"]), f"{row['times_one']:.2f}", grouped(row["pages_per_cpu_second"])]
             for row in part["rows"]]
    return rows(["threads", "pages a second", "times one thread", "pages a CPU-second"], cells)


def by_kind(part):
    kinds = {}
    for row in part["rows"]:
        kinds.setdefault(row["kind"], []).append(row)
    return kinds


def _sizes(part):
    kinds = by_kind(part)
    # Of a set there are not pages of every size.
    found = {(row["kind"], row["size"]): f"{grouped(row['pages_per_cpu_second'])} ({grouped(row['mb_per_cpu_second'])})" for row in part["rows"]}
    cells = [[in_bytes(size), *(found.get((kind, size), "") for kind in kinds)] for size in sorted({row["size"] for row in part["rows"]})]
    return rows(["page", *kinds], cells)


def _workers(part):
    first = [["`newsmill process`, one thread", "", grouped(part["process_pages_per_cpu_second"]), "", "", "", ""]]
    cells = [[f"{row['workers']} × {row['threads']}", grouped(row["pages_per_second"]), grouped(row["pages_per_cpu_second"]),
              f"{100 * row['of_process']:.0f} %", f"{100 * row['client_share']:.0f} %", f"{row['worker_cores']:.2f}, {row['broker_cores']:.2f}, {row['busy_cores']:.2f}",
              f"{row['resident_mb']:.0f} MB"] for row in part["rows"]]
    return rows(["workers × threads", "pages a second", "pages a CPU-second of all workers", "of `process`", "in the Kafka client",
                 "cores busy: workers, broker, all", "most memory of a worker"], first + cells)


def milliseconds(seconds):
    return f"{1000 * seconds:.0f} ms"


def _batches(part):
    backlog = [[str(row["batch_pages"]), grouped(row["pages_per_cpu_second"]), grouped(row["pages_per_second"]),
                grouped(row["pages_a_transaction"]), f"{row['broker_cores']:.2f}"] for row in part["rows"]]
    most = [[str(row["batch_pages"]), grouped(row["pages_a_transaction"]), milliseconds(row["p50"]), milliseconds(row["p99"]),
             grouped(row["pages_per_cpu_second"])] for row in part["steady"]]
    waits = [[str(row["batch_wait_ms"]), grouped(row["pages_a_transaction"]), milliseconds(row["p50"]), milliseconds(row["p99"]),
              grouped(row["pages_per_cpu_second"])] for row in part["waits"]]
    steady = ["pages a transaction", "p50", "p99", "pages a CPU-second"]
    return "\n\n".join([
        rows(["`kafka.batch_pages`, a backlog", "pages a CPU-second", "pages a second", "pages a transaction", "cores of the broker"], backlog),
        rows([f"`kafka.batch_pages`, {part['rate']:.0f} pages a second", *steady], most),
        rows([f"`kafka.batch_wait_ms`, {part['rate']:.0f} pages a second", *steady], waits)])


def _index(part):
    def within(row, what):
        return f"{row[what]['p50_us']:.0f}, {row[what]['p99_us']:.0f}"
    cells = [[f"{row['documents']:,}", in_bytes(row["bytes"]), f"{row['bytes'] / row['documents']:.0f}", within(row, "look_up"),
              within(row, "look_up_and_insert"), grouped(row["per_cpu_second"])] for row in part["rows"]]
    return rows(["articles", "memory", "bytes an article", "look-up, µs: half within, 99 of 100 within", "with insert, µs",
                 "pages a CPU-second"], cells)


def _split(part):
    cells = []
    for row in part["rows"]:
        one = row["bytes_of_one"]
        busiest = row["looked_up_by_busiest"] * row["shards"] / row["looked_up"]
        largest = row["bytes_of_largest"] * row["shards"] / row["bytes"]
        cells.append([row["cut"], str(row["shards"]), f"{row['differ']} ({row['differ_in_kind']})",
                      f"{100 * row['found'] / row['near']:.2f} % ({100 * row['found_by_one'] / row['near']:.2f} %)",
                      f"{row['bytes_of_largest'] / row['documents']:.0f}", f"{100 * row['bytes_of_largest'] / one:.0f} %",
                      f"{row['asked']:.1f}", f"{row['answers']:.1f}", f"{row['answer_bytes']:.0f}", f"{row['written']:.2f}",
                      f"{largest:.2f}, {busiest:.2f}"])
    return rows(["cut", "shards", "verdicts that differ (in kind or cluster)", "near and revisions found (by one index)",
                 "largest shard: bytes a page of the stream", "of one index", "shards asked a page", "that answer", "bytes of answers",
                 "shards written to", "largest over mean: memory, look-ups"], cells)


def _binary(part):
    def size(value):
        return f"{value / 1e6:.0f} MB"
    def image(found):
        return f"{size(found['bytes'])}, {size(found['packed'])}" if found else ""
    cells = [[row["name"], *(size(row[what]) for what in ("file", "stripped", "code", "data", "language_models")),
              image(row["image_unstripped"]), image(row["image"])] for row in part["rows"]]
    table = rows(["build", "binary", "stripped", "code", "data", "of which lingua's models", "image: unpacked, packed",
                  "image with the binary stripped"], cells)
    models = ", ".join(f"`{name}` {size / 1e6:.1f} MB" for name, size in sorted(part["models"].items(), key=lambda pair: -pair[1]))
    return f"{table}\n\nModels of newsmill's own in the data: {models}. The sentence encoder is a file beside it, {size(part['encoder'])}."


def _memory(part):
    cells = [[f"{row['pages']:,}", f"{row['resident'] / 1e6:.0f} MB"] for row in part["rows"] if row["pages"] % (part["pages"] // 10) == 0]
    table = rows(["pages", "resident"], cells)
    spread = (part["beside_index_most"] - part["beside_index_least"]) / 1e6
    return (f"{table}\n\nA line through it: {part['slope']:.0f} bytes a page, and {part['intercept'] / 1e6:.0f} MB beside. With 148 bytes a page "
            f"taken off, the samples lie between {part['beside_index_least'] / 1e6:.0f} and {part['beside_index_most'] / 1e6:.0f} MB "
            f"(a spread of {spread:.0f} MB); the most at any time was {part['peak'] / 1e6:.0f} MB. {part['pages']:,} pages took "
            f"{part['cpu_seconds']:.0f} CPU-seconds.")


TABLES = {"threads": _threads, "sizes": _sizes, "workers": _workers, "batches": _batches, "index": _index, "split": _split,
          "binary": _binary, "memory": _memory}


# Worked examples: pages a day, days of the window, shards of the index (1: each worker holds all of it).
EXAMPLES = ((1e6, 30, 1), (10e6, 7, 1), (10e6, 30, 1), (100e6, 1, 1), (100e6, 30, 16))
# The busiest hour over the mean; of cores so much may be busy; days that pages are kept; partitions for each core.
BUSIEST, BUSY, KEPT_DAYS, PARTITIONS = 3, 0.7, 3, 3


def examples(figures):
    """The formulas of docs/sizing.md with the measured figures."""
    one = next(row for row in figures["workers"]["rows"] if (row["workers"], row["threads"]) == (1, 1))
    of_index = figures["index"]["rows"][-1]
    an_article = of_index["bytes"] / of_index["documents"]
    cells = []
    for pages, days, shards in EXAMPLES:
        mean = pages / 86_400
        cores = math.ceil(BUSIEST * mean / one["pages_per_cpu_second"] / BUSY)
        partitions = math.ceil(max(12, PARTITIONS * cores) / 12) * 12
        index = an_article * pages * days / shards
        cells.append([f"{pages:,.0f}", f"{grouped(mean)}/s, {grouped(BUSIEST * mean)}/s", str(cores), str(partitions), f"{days} day{'s' if days > 1 else ''}",
                      f"{in_bytes(index)}" + (f" in each of {shards} shards, simulated" if shards > 1 else ""),
                      in_bytes(one["disk_sighting"] * pages * (days + 2)), in_bytes(one["disk_page"] * pages * KEPT_DAYS),
                      in_bytes(one["disk_outcome"] * pages)])
    return rows(["pages a day", "mean, busiest hour", "cores", "partitions", "window", "index of a worker", "log of sightings",
                 f"`news.pages`, {KEPT_DAYS} days", "outcomes, a day"], cells)


def measured(figures):
    """What the formulas take."""
    one = next(row for row in figures["workers"]["rows"] if (row["workers"], row["threads"]) == (1, 1))
    of_index = figures["index"]["rows"][-1]
    cells = [
        ["R: pages a CPU-second of a worker, Kafka and all", grouped(one["pages_per_cpu_second"])],
        ["of `newsmill process` on the same pages", f"{100 * one['of_process']:.0f} %"],
        ["I: bytes of an article in the index", grouped(of_index["bytes"] / of_index["documents"])],
        ["M: memory of a worker with next to nothing in its index", f"{one['resident_mb']:.0f} MB"],
        ["P: bytes of a page in `news.pages` (the producer's compression: lz4)", in_bytes(one["disk_page"])],
        ["O: bytes of an outcome (lz4)", in_bytes(one["disk_outcome"])],
        ["S: bytes of a page in the log of sightings (lz4)", in_bytes(one["disk_sighting"])],
    ]
    return rows(["figure", "on the machine below"], cells) + f"\n\n{figures['workers']['pages']}, on: {figures['workers']['taken']['on']}."


MADE_OF = {"examples": (examples, {"workers", "index"}), "measured": (measured, {"workers", "index"})}


def table(name, part):
    of = f"{part['pages']}. " if isinstance(part.get("pages"), str) else ""
    return f"{TABLES[name](part)}\n\n{of}Taken on: {part['taken']['on']}. {part['taken']['version']}".rstrip(" .") + "."


def curve(found, x, y):
    return [(row[x], row[y]) for row in found]


def curves(figures):
    """Pictures by their names."""
    out = {}
    if part := figures.get("threads"):
        line = curve(part["rows"], "threads", "pages_per_second")
        ideal = [(n, n * line[0][1]) for n, _ in line]
        x = Axis("threads", ticks=[n for n, _ in line])
        out["threads"] = chart("Pages a second by threads", x, Axis("pages a second"),
                               [("measured", line), ("a core for each", ideal, "dashed")])
    if part := figures.get("sizes"):
        kinds = by_kind(part)
        for name, figure, unit in (("sizes", "pages_per_cpu_second", "pages a CPU-second"), ("sizes-mb", "mb_per_cpu_second", "MB a CPU-second")):
            ticks = [2e3, 1e4, 1e5, 1e6]
            out[name] = chart(f"{unit[0].upper()}{unit[1:]} by size of page", Axis("bytes of a page", log=True, ticks=ticks, form=in_bytes),
                              Axis(unit, log=True), [(kind, curve(found, "size", figure)) for kind, found in kinds.items()])
    if part := figures.get("workers"):
        single = [row for row in part["rows"] if row["threads"] == 1]
        x = Axis("workers of one thread each", ticks=[row["workers"] for row in single])
        out["workers"] = chart("A backlog by workers", x, Axis("pages", least=0), [
            ("a second", curve(single, "workers", "pages_per_second")),
            ("a CPU-second of the workers", curve(single, "workers", "pages_per_cpu_second"))])
    if part := figures.get("batches"):
        x = {"log": True, "ticks": [1, 10, 100, 1000], "form": lambda value: f"{value:g}"}
        out["batches"] = chart("A backlog by pages of a transaction", Axis("kafka.batch_pages", **x), Axis("pages", least=0), [
            ("a second", curve(part["rows"], "batch_pages", "pages_per_second")),
            ("a CPU-second", curve(part["rows"], "batch_pages", "pages_per_cpu_second"))])
        def waits(found, key):
            return [(f"half of the pages within", [(row[key], 1000 * row["p50"]) for row in found]),
                    (f"99 of 100 within", [(row[key], 1000 * row["p99"]) for row in found])]
        out["batch-wait"] = chart(f"Latency at {part['rate']:.0f} pages a second", Axis("kafka.batch_wait_ms"),
                                  Axis("page to outcome, ms"), waits(part["waits"], "batch_wait_ms"), [(20, "default")])
        out["batch-latency"] = chart(f"Latency at {part['rate']:.0f} pages a second", Axis("kafka.batch_pages", **x),
                                     Axis("page to outcome, ms", log=True), waits(part["steady"], "batch_pages"), [(250, "default")])
    if part := figures.get("index"):
        x = {"form": svg.short}
        found = [(what, within, f"{name}, {share}") for what, name in (("look_up", "look-up"), ("look_up_and_insert", "with insert"))
                 for within, share in (("p50_us", "half within"), ("p99_us", "99 of 100"))]
        out["index"] = chart("A page in the index, by its articles", Axis("articles", log=True, **x), Axis("microseconds", log=True), [
            (name, [(row["documents"], row[what][within]) for row in part["rows"]]) for what, within, name in found])
        promised = [(row["documents"], 148 * row["documents"]) for row in part["rows"]]
        out["index-memory"] = chart("Memory of the index", Axis("articles", **x), Axis("bytes", form=in_bytes), [
            ("measured", curve(part["rows"], "documents", "bytes")), ("148 bytes an article", promised, "dashed")])
    if part := figures.get("memory"):
        promised = [(row["pages"], part["intercept"] + 148 * row["pages"]) for row in part["rows"]]
        out["memory"] = chart("Memory of newsmill process by pages", Axis("pages"), Axis("resident", form=in_bytes, least=0), [
            ("measured", curve(part["rows"], "pages", "resident")), ("148 bytes a page", promised, "dashed")])
    if part := figures.get("split"):
        lines = []
        for cut in ("by key", "by article"):
            lines.append((cut, [(row["shards"], 100 * row["bytes_of_largest"] / row["bytes_of_one"]) for row in part["rows"] if row["cut"] == cut]))
        ticks = [shards for shards, _ in lines[0][1]]
        lines.append(("one over shards", [(shards, 100 / shards) for shards in ticks], "dashed"))
        plain = {"log": True, "form": lambda value: f"{value:g}"}
        out["split"] = chart("Memory of the largest shard", Axis("shards", ticks=ticks, **plain), Axis("% of one index", **plain), lines)
    return out


def draw(folder, figures):
    for name, picture in curves(figures).items():
        (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


def write_docs(docs, figures):
    """Puts the tables into the pages that have a place for them."""
    for page in sorted(docs.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        def filled(found):
            name = found[2]
            if name in MADE_OF:
                make, parts = MADE_OF[name]
                return f"{found[1]}{make(figures)}\n{found[3]}" if parts <= set(figures) else found[0]
            return f"{found[1]}{table(name, figures[name])}\n{found[3]}" if name in figures else found[0]
        new = PLACE.sub(filled, text)
        if new != text:
            page.write_text(new, encoding="utf-8")
