"""Dashboards drawn as pictures (SVG) from the data of a running Prometheus: what a panel shows, without a Grafana."""

import json
import math
import re
import time
import urllib.parse
import urllib.request
from html import escape

import promql
from watch import dashboards

# Pixels: a column and a row of the dashboard's grid, the space between panels, and the room around a plot.
COLUMN, ROW, GAP = 50, 30, 8
LEFT, RIGHT, TOP, LINE = 84, 12, 34, 14
COLOURS = ["#1f77b4", "#e07b00", "#2a8f3c", "#c43131", "#7a52b3", "#8c564b", "#c956a5", "#5f6b7a", "#a3a11f", "#129aa8"]
# Points of a graph, and series that its legend names.
POINTS, NAMED = 120, 6


def ask(base, path, **parameters):
    """The result of one question to Prometheus' HTTP interface."""
    url = f"{base}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)["data"]["result"]


def name_of(legend, labels):
    """A series' name: its labels put into the panel's legend."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found.group(1), ""), legend or "").strip() or "value"


def written(value, unit):
    """A value with its unit, as short as it can be told."""
    if not math.isfinite(value):
        return "–"
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "s" and 0 < abs(value) < 1:
        return f"{1e3 * value:.3g} ms" if abs(value) >= 1e-3 else f"{1e6 * value:.3g} µs"
    if unit == "s" and abs(value) >= 120:
        return f"{value / 60:.3g} min" if abs(value) < 7200 else f"{value / 3600:.3g} h"
    suffix = {"s": " s", "bytes": "B", "ops": "/s"}.get(unit, unit.removeprefix("suffix:") if unit.startswith("suffix:") else "")
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {letter}{suffix.strip() if unit == 'bytes' else suffix}"
    return f"{value:.3g}" + (" B" if unit == "bytes" else suffix)


def text(x, y, words, size=12, colour="#222", anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def graph(rows, unit, mode, width, height, span):
    """Lines over time, or areas upon each other. `rows`: (name, [(time, value)])."""
    begin, end = span
    # What has most comes first, and is named.
    rows = sorted(rows, key=lambda row: -max((value for _, value in row[1] if math.isfinite(value)), default=0))
    legend = rows[:NAMED]
    plot = height - TOP - LINE * (len(legend) + 1) - 6
    inner = width - LEFT - RIGHT
    stacked = mode in ("normal", "percent")
    lines, below = [], {}
    totals = {}
    if mode == "percent":
        unit = "percentunit"
        for _, points in rows:
            for at, value in points:
                totals[at] = totals.get(at, 0) + value
    for name, points in rows:
        line = []
        for at, value in points:
            value = value / totals[at] if totals.get(at) else value
            base = below.get(at, 0) if stacked else 0
            line.append((at, base, base + value))
            if stacked:
                below[at] = base + value
        lines.append((name, line))
    values = [top for _, line in lines for _, _, top in line if math.isfinite(top)] or [0]
    most = max(max(values), 0) or 1
    least = min(min(values), 0)
    across = lambda at: LEFT + inner * (at - begin) / (end - begin)  # noqa: E731
    up = lambda value: TOP + plot * (1 - (value - least) / (most - least))  # noqa: E731
    out = []
    for part in range(5):
        value = least + (most - least) * part / 4
        out.append(f'<line x1="{LEFT}" x2="{width - RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#e4e6ea"/>')
        out.append(text(LEFT - 5, up(value) + 4, written(value, unit), 10, "#667", "end"))
    for minute in range(math.ceil(begin / 120), int(end / 120) + 1):
        out.append(text(across(minute * 120), TOP + plot + 12, time.strftime("%H:%M", time.gmtime(minute * 120)), 10, "#667", "middle"))
    for number, (_, line) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        line = [point for point in line if math.isfinite(point[2])]
        if not line:
            continue
        tops = " ".join(f"{across(at):.1f},{up(top):.1f}" for at, _, top in line)
        if stacked:
            bottoms = " ".join(f"{across(at):.1f},{up(base):.1f}" for at, base, _ in reversed(line))
            out.append(f'<polygon points="{tops} {bottoms}" fill="{colour}" fill-opacity="0.55"/>')
        else:
            out.append(f'<polyline points="{tops}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    for number, (name, points) in enumerate(legend):
        y = TOP + plot + LINE * (number + 2)
        out.append(f'<rect x="{LEFT}" y="{y - 8:.1f}" width="9" height="9" fill="{COLOURS[number % len(COLOURS)]}"/>')
        last = points[-1][1] if points else math.nan
        more = f" and {len(rows) - NAMED} more" if number == NAMED - 1 and len(rows) > NAMED else ""
        out.append(text(LEFT + 14, y, f"{name[:52]}  {written(last, unit if mode != 'percent' else 'short')}{more}", 10.5, "#444"))
    return out


def bars(rows, unit, width, height):
    """The latest values as bars, the largest first."""
    rows = sorted(rows, key=lambda row: -row[1])[: max(1, (height - TOP) // 16)]
    most = max((value for _, value in rows), default=1) or 1
    out = []
    for number, (name, value) in enumerate(rows):
        y = TOP + 16 * number
        out.append(text(120, y + 10, name[:20], 10.5, "#444", "end"))
        length = (width - 200) * max(value, 0) / most
        out.append(f'<rect x="126" y="{y:.1f}" width="{length:.1f}" height="12" fill="{COLOURS[0]}" fill-opacity="0.75"/>')
        out.append(text(130 + length, y + 10, written(value, unit), 10.5, "#444"))
    return out


def states(rows, width, height, span):
    """A row for each series: green where it is 1, red where it is 0."""
    begin, end = span
    tall = max(6, min(18, (height - TOP - 4) / max(1, len(rows))))
    out = []
    for number, (name, points) in enumerate(rows):
        y = TOP + tall * number
        out.append(text(190, y + tall - 3, name[:30], 10, "#444", "end"))
        step = (end - begin) / POINTS
        runs = []
        for at, value in points:
            if runs and runs[-1][2] == value and at - runs[-1][1] < 1.5 * step:
                runs[-1][1] = at
            else:
                runs.append([at, at, value])
        for first, last, value in runs:
            x, long = 195 + (width - 205) * (first - begin) / (end - begin), (width - 205) * (last - first + step) / (end - begin)
            colour = "#2a8f3c" if value >= 1 else "#c43131"
            out.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{min(long, width - 6 - x):.1f}" height="{tall - 2:.1f}" fill="{colour}" fill-opacity="0.75"/>')
    return out


def panel(base, board_panel, values, span):
    """One panel at its place."""
    grid = board_panel["gridPos"]
    x, y = grid["x"] * COLUMN + GAP / 2, grid["y"] * ROW + GAP / 2
    width, height = grid["w"] * COLUMN - GAP, grid["h"] * ROW - GAP
    out = [f'<g transform="translate({x:.1f},{y:.1f})">']
    if board_panel["type"] == "row":
        return out + [text(2, height - 4, board_panel["title"], 15, weight="bold"), "</g>"]
    out.append(f'<rect width="{width}" height="{height}" rx="4" fill="#fff" stroke="#d4d8de"/>')
    out.append(text(10, 20, board_panel["title"], 12.5, weight="bold"))
    defaults = board_panel["fieldConfig"]["defaults"]
    unit = defaults.get("unit", "short")
    begin, end = span
    now, lines = [], []
    is_graph = board_panel["type"] in ("timeseries", "state-timeline")
    for target in board_panel["targets"]:
        expr = promql.substitute(target["expr"], values)
        if is_graph:
            for row in ask(base, "query_range", query=expr, start=begin, end=end, step=(end - begin) / POINTS):
                lines.append((name_of(target.get("legendFormat"), row["metric"]), [(at, float(value)) for at, value in row["values"]]))
        else:
            for row in ask(base, "query", query=expr, time=end):
                now.append((name_of(target.get("legendFormat"), row["metric"]), float(row["value"][1])))
    if not now and not lines:
        out.append(text(width / 2, height / 2 + 8, defaults.get("noValue", "no data"), 13, "#889", "middle"))
    elif board_panel["type"] == "state-timeline":
        out += states(lines, width, height, span)
    elif is_graph:
        mode = defaults.get("custom", {}).get("stacking", {}).get("mode", "none")
        out += graph(lines, unit, mode, width, height, span)
    elif board_panel["type"] == "bargauge":
        out += bars(now, unit, width, height)
    else:
        words = "  ".join(f"{name} {written(value, unit)}" if len(now) > 1 else written(value, unit) for name, value in now)
        out.append(text(width / 2, height / 2 + 20, words, 26 if len(words) < 12 else 17, COLOURS[0], "middle"))
    return out + ["</g>"]


def draw(base, minutes, note):
    """Pictures of all dashboards: file's name to SVG. `note` is written below each."""
    end = math.floor(time.time())
    span = (end - 60 * minutes, end)
    values = {"namespace": ".*", "group": ".*", "instance": ".*", "__rate_interval": "30s", "__interval": "15s",
              "__range": f"{minutes}m"}
    for name, board in dashboards().items():
        bottom = max(part["gridPos"]["y"] + part["gridPos"]["h"] for part in board["panels"])
        height = bottom * ROW + 30
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{24 * COLUMN}" height="{height}" '
               f'viewBox="0 0 {24 * COLUMN} {height}" font-family="sans-serif">',
               f'<title>{escape(board["title"])}</title>', '<rect width="100%" height="100%" fill="#f4f5f7"/>']
        for part in board["panels"]:
            out += panel(base, part, values, span)
        out += [text(8, height - 10, note, 12, "#667"), "</svg>\n"]
        yield f"{name.removesuffix('.json')}.svg", "\n".join(out)
