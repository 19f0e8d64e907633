"""Dashboards, rules and their tests: what they name has to be there."""

import importlib
import json
import re
import sys
import tempfile
from pathlib import Path

import promql
import rules
from common import DEPLOY, ROOT, RULES, differences, run, tool

SOURCE, DASHBOARDS = DEPLOY / "grafana" / "source", DEPLOY / "grafana" / "dashboards"
TESTS, EXPECTED = DEPLOY / "prometheus" / "tests", DEPLOY / "prometheus" / "expected-empty.txt"
# Labels that the scrape sets on every series.
SCRAPED = {"namespace", "group", "instance", "job"}


def dashboards():
    """Name of the file and the dashboard, as made of its source."""
    sys.path.insert(0, str(SOURCE))
    names = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem != "panels")
    return {f"{name}.json": importlib.import_module(name).DASHBOARD for name in names}


def rendered():
    """The text of each dashboard's file."""
    return {name: json.dumps(board, indent=2, ensure_ascii=False) + "\n" for name, board in dashboards().items()}


def all_rules():
    """Every rule of the rules file."""
    return rules.read(RULES.read_text())


def expressions(values):
    """Every expression with where it stands, variables filled in: panels, annotations, rules; of alerts, which give nothing
    while all is well, also the series that they look at."""
    values = {"__interval": "15s", **values}
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"{name[:-5]}/{panel['title']}/{target['refId']}", promql.substitute(target["expr"], values)
        for annotation in board["annotations"]["list"]:
            yield f"{name[:-5]}/annotation/{annotation['name']}", promql.substitute(annotation["expr"], values)
    for rule in all_rules():
        kind = "alert" if "alert" in rule else "record"
        where = f"{kind}/{rule[kind]}"
        yield where, promql.substitute(rule["expr"], {})
        seen = set()
        for selector in promql.read(rule["expr"])[0]:
            if kind == "alert" and str(selector) not in seen:
                seen.add(str(selector))
                yield f"{where}/{selector}", str(selector)


def table():
    """The metrics of docs/metrics.md: name to kind and labels."""
    text = (ROOT / "docs" / "metrics.md").read_text()
    rows = re.findall(r"^\| `(newsmill_\w+)` \| (\w+) \| [^|]* \| ([^|]*) \|", text, re.MULTILINE)
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}


def labels_of(metric, known, recorded):
    """Labels of a metric as scraped, or `None` where there is no such metric."""
    if metric == "up":
        return SCRAPED
    if metric == "ALERTS":
        return SCRAPED | {"alertname", "alertstate", "severity"}
    if metric in recorded:
        return set(metric.split(":")[0].split("_"))
    kind, labels = known.get(metric, (None, set()))
    if kind and kind != "histogram":
        return labels | SCRAPED
    base, _, part = metric.rpartition("_")
    kind, labels = known.get(base, (None, set()))
    if kind == "histogram" and part in ("bucket", "sum", "count"):
        return labels | SCRAPED | ({"le"} if part == "bucket" else set())
    return None


def check_names():
    """Metrics, labels and reasons that expressions name."""
    known = table()
    recorded = {rule["record"] for rule in all_rules() if "record" in rule}
    reasons = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "records.md").read_text(), re.MULTILINE))
    reasons |= {"new", "exact", "near", "revision"}
    for where, expr in expressions({"namespace": ".*", "group": ".*", "instance": ".*", "__rate_interval": "1m", "__range": "1h"}):
        selectors, grouped = promql.read(expr)
        here = set()
        for selector in selectors:
            labels = labels_of(selector.metric, known, recorded)
            if labels is None:
                yield f"{where}: {selector.metric} is not in docs/metrics.md, nor recorded"
                continue
            here |= labels
            for label, _, value in selector.matchers:
                if label not in labels:
                    yield f"{where}: {selector.metric} has no label {label}"
                if label == "reason":
                    yield from (f"{where}: docs/records.md has no reason {one}" for one in value.split("|") if one not in reasons)
            counts = known.get(selector.metric, ("histogram",))[0] in ("counter", "histogram")
            if selector.metric in recorded:
                continue
            if selector.function in ("rate", "increase", "irate") and not counts:
                yield f"{where}: {selector.function} of {selector.metric}, which is no counter"
            if selector.function in ("deriv", "delta", "predict_linear") and counts:
                yield f"{where}: {selector.function} of {selector.metric}, which is a counter"
        # Where a metric is unknown its labels are, too.
        if all(labels_of(selector.metric, known, recorded) for selector in selectors):
            yield from (f"{where}: no metric of the expression has the label {label}" for label in sorted(grouped - here))
    used = {re.sub(r"_(bucket|sum|count)$", "", selector.metric)
            for _, expr in expressions({}) for selector in promql.read(expr)[0]}
    yield from (f"no panel and no alert shows {name}" for name in known if name not in used)


def check_dashboards():
    """What a reader needs of every panel."""
    for name, board in dashboards().items():
        titles = set()
        for panel in board["panels"]:
            title = f"{name}: {panel['title']}"
            if panel["type"] == "row":
                continue
            if panel["title"] in titles:
                yield f"{title} stands twice"
            titles.add(panel["title"])
            if "Good: " not in panel["description"]:
                yield f"{title}: the description does not say what is good (Good: ...)"
            for path in re.findall(r"docs/[\w/-]+\.md|docs/[\w-]+$", panel["description"]):
                if not (ROOT / path).exists():
                    yield f"{title} names {path}, which is not there"
            if not panel["fieldConfig"]["defaults"].get("unit"):
                yield f"{title} has no unit"
            for target in panel["targets"]:
                legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                grouped = set().union(*[set(re.split(r"\W+", found)) for found in re.findall(r"by \(([^)]*)\)", target["expr"])])
                for recorded in re.findall(r"(\w+):newsmill_", target["expr"]):
                    grouped |= set(recorded.split("_"))
                yield from (f"{title}: the legend names {label}, by which nothing is grouped" for label in sorted(legend - grouped))
                if re.search(r"\[\d+[smhd]\]", target["expr"]) and "rate_interval" in target["expr"]:
                    yield f"{title}: one expression mixes $__rate_interval and a fixed range"
        places = [(p["gridPos"], p["title"]) for p in board["panels"]]
        for at, (a, one) in enumerate(places):
            for b, other in places[at + 1:]:
                if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]:
                    yield f"{name}: {one} and {other} lie on each other"
    yield from differences(rendered(), DASHBOARDS, ".json")


def check_alerts():
    """What whoever is woken needs: a page to read, numbers, and an alert that fires when it should and else does not."""
    texts = "\n".join(path.read_text() for path in sorted(TESTS.glob("*.yml")))
    pages = set()
    for rule in all_rules():
        if "alert" not in rule:
            continue
        name, notes = rule["alert"], rule["annotations"]
        for key in ("summary", "description", "runbook_url"):
            if not notes.get(key):
                yield f"{name} has no {key}"
        page = notes.get("runbook_url", "")
        pages.add(page)
        if not re.fullmatch(r"docs/runbooks/[a-z-]+\.md", page) or not (ROOT / page).exists():
            yield f"{name}: there is no page {page}"
        elif f"`{name}`" not in (ROOT / page).read_text():
            yield f"{page} does not name {name}"
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            yield f"{name}: severity is none of critical, warning, info"
        tests = re.findall(rf"- alertname: {name}\n.*\n +exp_alerts:(.*)", texts)
        if not any(end.strip() == "" for end in tests):
            yield f"{name} fires in no test of deploy/prometheus/tests"
        if not any(end.strip() == "[]" for end in tests):
            yield f"{name} stays silent in no test of deploy/prometheus/tests"
    folder = ROOT / "docs" / "runbooks"
    index = (folder / "README.md").read_text() if (folder / "README.md").exists() else ""
    for path in sorted(folder.glob("*.md")):
        relative = f"docs/runbooks/{path.name}"
        if path.name != "README.md" and relative not in pages:
            yield f"{relative} belongs to no alert"
        if path.name != "README.md" and f"({path.name})" not in index:
            yield f"docs/runbooks/README.md does not name {path.name}"


def check_expected_empty():
    """`where | reason`, each of an expression that is there."""
    known = {where for where, _ in expressions({})}
    for line in EXPECTED.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        where, bar, reason = line.partition(" | ")
        if not bar or not reason.strip():
            yield f"{EXPECTED.relative_to(ROOT)}: `{line}` gives no reason: write `where | reason`"
        elif where not in known:
            yield f"{EXPECTED.relative_to(ROOT)}: there is no expression {where}"


def check_promtool():
    """Prometheus' own word on all of it; dashboards' expressions are given to it as rules."""
    promtool = tool("promtool")
    for command in (["check", "rules", RULES], ["check", "config", DEPLOY / "prometheus" / "prometheus.yml"],
                    ["test", "rules", *sorted(TESTS.glob("*.yml"))]):
        code, said = run(promtool, *command)
        if code:
            yield f"promtool {command[0]} {command[1]}:\n{said}"
    values = {"namespace": ".*", "group": ".*", "instance": ".*", "__rate_interval": "1m", "__range": "1h"}
    asked = [{"record": f"r{at}", "expr": expr} for at, (_, expr) in enumerate(expressions(values))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expressions.yml"
        path.write_text(json.dumps({"groups": [{"name": "expressions", "rules": asked}]}))
        code, said = run(promtool, "check", "rules", path)
        if code:
            yield f"expressions of the dashboards (rN is line N + 1 of script/deploy expressions):\n{said}"
