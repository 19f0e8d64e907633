"""Grafana dashboards from short descriptions: panels with a title, a text that says what is good and what to do,
and expressions. `script/deploy render` writes the JSON that Grafana reads.

In an expression `@` stands for the matchers of the dashboard's variables: `newsmill_lag_records{@}`.
"""

SELECTOR = 'namespace=~"$namespace",group=~"$group",instance=~"$instance"'
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24

GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"


def q(legend, expr):
    """One line of a panel: its name in the legend (`{{label}}` is filled in) and its expression."""
    return {"legend": legend, "expr": " ".join(expr.split()).replace("@", SELECTOR)}


def quantiles(metric, *shares, by=""):
    """Quantiles of a histogram, one line each; `by` names a label to tell apart."""
    labels = f"le, {by}" if by else "le"
    legend = "{{%s}} " % by if by else ""
    return [
        q(
            f"{legend}p{round(share * 100)}",
            f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{@}}[$__rate_interval])))",
        )
        for share in shares
    ]


def steps(*pairs):
    """Thresholds: a colour, then pairs of a value and the colour from there on."""
    first, rest = pairs[0], pairs[1:]
    return {
        "mode": "absolute",
        "steps": [{"color": first, "value": None}] + [{"color": color, "value": value} for value, color in rest],
    }


def _targets(queries, instant, table):
    return [
        {
            "refId": chr(ord("A") + at),
            "datasource": DATA_SOURCE,
            "expr": query["expr"],
            "legendFormat": query["legend"],
            "instant": instant,
            "range": not instant,
            "format": "table" if table else "time_series",
        }
        for at, query in enumerate(queries)
    ]


def _panel(kind, title, text, queries, *, unit, width, height, instant=False, table=False, thresholds=None,
           decimals=None, least=0, most=None, empty=None, custom=None, options=None, overrides=None):
    defaults = {"unit": unit, "color": {"mode": "thresholds" if thresholds and kind != "timeseries" else "palette-classic"}}
    defaults["thresholds"] = thresholds or steps(GREEN)
    for name, value in (("decimals", decimals), ("min", least), ("max", most), ("noValue", empty), ("custom", custom)):
        if value is not None:
            defaults[name] = value
    return {
        "type": kind,
        "title": title,
        "description": " ".join(text.split()),
        "datasource": DATA_SOURCE,
        "targets": _targets(queries, instant, table),
        "fieldConfig": {"defaults": defaults, "overrides": overrides or []},
        "options": options or {},
        "gridPos": {"w": width, "h": height},
    }


def stat(title, text, queries, *, unit="short", width=4, thresholds=None, decimals=None, empty=None, name=False):
    """One number, as it is now; `name` shows the legend beside it."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value" if thresholds else "none",
        "graphMode": "none",
        "textMode": "value_and_name" if name else "value",
        "justifyMode": "auto",
        "orientation": "auto",
    }
    return _panel("stat", title, text, queries, unit=unit, width=width, height=4, instant=True, thresholds=thresholds,
                  decimals=decimals, least=None, empty=empty, options=options)


def lines(title, text, queries, *, unit="short", width=12, height=8, stack=None, thresholds=None, least=0, most=None,
          table=True, empty=None, logarithmic=False):
    """Lines over time. `stack`: "normal" piles them up, "percent" as shares of the whole."""
    custom = {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": 30 if stack else 8,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": stack or "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if thresholds else "off"},
    }
    if logarithmic:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
        least = None
    options = {
        "legend": {
            "displayMode": "table" if table else "list",
            "placement": "right" if table and width > 12 else "bottom",
            "showLegend": True,
            "calcs": ["lastNotNull", "mean", "max"] if table else [],
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return _panel("timeseries", title, text, queries, unit=unit, width=width, height=height, thresholds=thresholds,
                  least=least, most=most, empty=empty, custom=custom, options=options)


def bars(title, text, queries, *, unit="short", width=8, height=8, decimals=None, most=None, thresholds=None, empty=None):
    """Bars of the values now, the longest first where the expression sorts."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "namePlacement": "left",
    }
    return _panel("bargauge", title, text, queries, unit=unit, width=width, height=height, instant=True,
                  decimals=decimals, most=most, thresholds=thresholds or steps(BLUE), empty=empty, options=options)


def timeline(title, text, queries, *, width=24, height=6):
    """Good (1) or not (0) over time, a bar for each series."""
    panel = _panel("state-timeline", title, text, queries, unit="short", width=width, height=height,
                   thresholds=steps(RED, (1, GREEN)), least=None, custom={"fillOpacity": 70, "lineWidth": 0},
                   options={"showValue": "never", "mergeValues": True, "rowHeight": 0.9,
                            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
                            "tooltip": {"mode": "single", "sort": "none"}})
    panel["fieldConfig"]["defaults"]["mappings"] = [
        {"type": "value", "options": {"0": {"text": "not ready", "color": RED, "index": 0},
                                      "1": {"text": "ready", "color": GREEN, "index": 1}}}]
    return panel


def _variable(name, label, query):
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATA_SOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _annotation(name, expr, title, color, enable, value_is_time=False):
    out = {
        "name": name,
        "datasource": DATA_SOURCE,
        "enable": enable,
        "iconColor": color,
        "expr": expr.replace("@", SELECTOR),
        "titleFormat": title,
        "step": "15s",
    }
    if value_is_time:
        out["useValueForTime"] = True
    return out


def _place(rows):
    """Gives every panel its number and its place: panels of a row flow from left to right."""
    panels, top = [], 0
    for title, row in rows:
        panels.append({"type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}})
        top, left, tallest = top + 1, 0, 0
        for panel in row:
            place = panel["gridPos"]
            if left + place["w"] > COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            panels.append({**panel, "gridPos": {"x": left, "y": top, **place}})
            left, tallest = left + place["w"], max(tallest, place["h"])
        top += tallest
    return [{"id": at, **panel} for at, panel in enumerate(panels, 1)]


def dashboard(uid, title, text, rows):
    """The dashboard as Grafana (11 and later) reads it. `rows`: pairs of a title and panels."""
    known = "newsmill_build_info"
    chosen = 'namespace=~"$namespace"'
    return {
        "uid": uid,
        "title": title,
        "description": " ".join(text.split()),
        "tags": ["newsmill"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "weekStart": "",
        "time": {"from": "now-3h", "to": "now"},
        "timepicker": {},
        "refresh": "30s",
        "liveNow": False,
        "fiscalYearStartMonth": 0,
        "links": [{"type": "dashboards", "title": "newsmill", "tags": ["newsmill"], "asDropdown": False, "icon": "dashboard",
                   "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "", "url": ""}],
        "annotations": {"list": [
            _annotation("Starts", "newsmill_start_time_seconds{@} * 1000", "{{instance}} started", BLUE, True, True),
            _annotation("Rebalances", "sum by (kind) (increase(newsmill_rebalances_total{@}[$__rate_interval])) > 0",
                        "partitions {{kind}}", YELLOW, False),
        ]},
        "templating": {"list": [
            {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1,
             "regex": "", "multi": False, "includeAll": False, "current": {}},
            _variable("namespace", "Namespace", f"label_values({known}, namespace)"),
            _variable("group", "Group", f"label_values({known}{{{chosen}}}, group)"),
            _variable("instance", "Worker", f'label_values({known}{{{chosen},group=~"$group"}}, instance)'),
        ]},
        "panels": _place(rows),
    }
