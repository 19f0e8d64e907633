"""Reads the rules file. It keeps to a small part of YAML (block lists and maps, plain scalars, `|` and `>-` blocks), which is
read here, as Python has no reader of its own; promtool reads the same file as Prometheus does."""

import re


def _lines(text):
    for number, line in enumerate(text.splitlines(), 1):
        yield number, len(line) - len(line.lstrip()), line.strip()


def read(text):
    """The rules in order: maps of `record` or `alert`, `expr`, and the rest, `labels` and `annotations` as maps."""
    lines = list(_lines(text))
    rules, rule, section, at = [], None, None, 0
    while at < len(lines):
        number, indent, line = lines[at]
        at += 1
        if not line or line.startswith("#") or line == "groups:" or re.match(r"(- name:|rules:)", line):
            continue
        begins = re.match(r"- (record|alert): (\S+)$", line)
        if begins:
            rule, section = {begins[1]: begins[2], "labels": {}, "annotations": {}}, None
            rules.append(rule)
            continue
        pair = re.match(r"([a-z_]+):(?: (.*))?$", line)
        if rule is None or not pair:
            raise ValueError(f"line {number} of the rules is not understood: {line}")
        key, value = pair[1], pair[2]
        if key in ("labels", "annotations") and value is None:
            section = (rule[key], indent)
            continue
        if value in ("|", ">-"):
            block = []
            while at < len(lines) and (not lines[at][2] or lines[at][1] > indent):
                block.append(lines[at][2])
                at += 1
            value = ("\n" if value == "|" else " ").join(block).strip()
        where = section[0] if section and indent > section[1] else rule
        where[key] = value
    return rules


def with_base(text, base):
    """The rules file with `base` before the path of each runbook."""
    base = base if base.endswith("/") else base + "/"
    return re.sub(r"^(\s*runbook_url: )(?=docs/)", lambda found: found[1] + base, text, flags=re.MULTILINE)
