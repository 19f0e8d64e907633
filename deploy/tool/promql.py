"""As much of PromQL as is needed to see which metrics and labels an expression names. That it can be parsed is promtool's to say."""

import re

KEYWORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool", "atan2",
            "inf", "nan"}
TOKEN = re.compile(r"""
    (?P<string>"(?:\\.|[^"\\])*")
  | (?P<name>[a-zA-Z_][a-zA-Z0-9_:]*)
  | (?P<number>[0-9.]+(?:e[+-]?[0-9]+)?[smhdwy]*)
  | (?P<sign>=~|!~|!=|==|>=|<=|[^\s])
""", re.VERBOSE)


class Selector:
    """A metric with its matchers: `[(label, operator, value)]`."""

    def __init__(self, metric, function):
        self.metric, self.matchers, self.function = metric, [], function

    def __str__(self):
        inner = ",".join(f'{label}{sign}"{value}"' for label, sign, value in self.matchers)
        return f"{self.metric}{{{inner}}}" if inner else self.metric


def read(expr):
    """The selectors of an expression, and the labels that its groupings name."""
    tokens = [(found.lastgroup, found.group()) for found in TOKEN.finditer(expr)]
    selectors, labels, at, function = [], set(), 0, None
    while at < len(tokens):
        kind, text = tokens[at]
        after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        at += 1
        if kind != "name" or text.lower() in ("inf", "nan"):
            continue
        if text in KEYWORDS:
            if text in ("by", "without", "on", "ignoring", "group_left", "group_right") and after == "(":
                at += 1
                while tokens[at][1] != ")":
                    if tokens[at][0] == "name":
                        labels.add(tokens[at][1])
                    at += 1
            continue
        if after == "(" or after in ("by", "without"):
            function = text
            continue
        selector = Selector(text, function if at > 1 and tokens[at - 2][1] == "(" else None)
        if after == "{":
            at += 1
            while tokens[at][1] != "}":
                if tokens[at][0] == "name":
                    value = tokens[at + 2][1][1:-1]
                    selector.matchers.append((tokens[at][1], tokens[at + 1][1], value))
                    at += 2
                at += 1
        selectors.append(selector)
    return selectors, labels


def substitute(expr, values):
    """Fills in a dashboard's variables, the longest name first."""
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace("${" + name + "}", values[name]).replace("$" + name, values[name])
    return re.sub(r"\s+", " ", expr).strip()
