"""Curves as SVG: axes with units, linear or logarithmic, and a legend. Sized for a phone held upright."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 470
LEFT, RIGHT, TOP, BOTTOM = 92, 26, 58, 66
# Told apart by those who see few colours too, and by their marks (Okabe and Ito 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#666666")
MARKS = ("circle", "square", "up", "diamond", "down", "cross")


def short(value):
    """A number in few characters: 2k, 1.5M."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.3g}"


def in_bytes(value):
    """Bytes in few characters."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if abs(value) >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:.0f} B"


class Axis:
    """One direction: values to places. `ticks` are chosen where none are given."""

    def __init__(self, label, log=False, ticks=None, form=short, least=None, most=None):
        self.label, self.log, self.form, self.given, self.least, self.most = label, log, form, ticks, least, most

    def fit(self, values, begin, end):
        values = [*values, *(self.given or ())]
        low = min(values) if self.least is None else self.least
        high = max(values) if self.most is None else self.most
        if self.log:
            self.ticks = self.given or self._log_ticks(low, high)
        else:
            low = min(low, 0) if self.least is None else low
            step = self._step((high - low) or 1)
            high = math.ceil(high / step - 1e-9) * step if self.given is None else high
            self.ticks = self.given or [low + step * n for n in range(int(round((high - low) / step)) + 1)]
        if self.log:
            low, high = min(low, *self.ticks), max(high, *self.ticks)
        self._low, self._high = self._scaled(low), self._scaled(high)
        if self._low == self._high:
            self._high += 1
        self._begin, self._end = begin, end

    @staticmethod
    def _step(span):
        raw = span / 5
        power = 10 ** math.floor(math.log10(raw))
        return next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= raw - 1e-12)

    @staticmethod
    def _log_ticks(low, high):
        """1, 2 and 5 of each decade where they are few, else 1 alone; one at either end at least."""
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        marks = (1, 2, 5) if math.log10(high / low) < 3 else (1,)
        ticks = [mark * 10.0**decade for decade in decades for mark in marks]
        below = [tick for tick in ticks if tick <= low * 1.001]
        above = [tick for tick in ticks if tick >= high * 0.999]
        first, last = (below or ticks)[-1 if below else 0], (above or ticks[-1:])[0]
        return [tick for tick in ticks if first <= tick <= last]

    def _scaled(self, value):
        return math.log10(value) if self.log else value

    def at(self, value):
        share = (self._scaled(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)


def _mark(kind, x, y, colour):
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'
    shapes = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)), "up": ((0, -5.5), (5, 4), (-5, 4)),
        "diamond": ((0, -6), (5, 0), (0, 6), (-5, 0)), "down": ((0, 5.5), (5, -4), (-5, -4)),
        "cross": ((-5, -1.5), (5, -1.5), (5, 1.5), (-5, 1.5)),
    }
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in shapes[kind])
    return f'<polygon points="{points}" fill="{colour}"/>'


def chart(title, x, y, series, notes=()):
    """`series` are (name, [(x, y)…]) or (name, points, "dashed"); `notes` are (x, text): a line up with a word at it."""
    points = [point for one in series for point in one[1]]
    columns = 2 if len(series) > 3 else max(1, len(series))
    rows = -(-len(series) // columns) if len(series) > 1 else 0
    top, bottom = TOP + 24 * rows, HEIGHT + 24 * rows - BOTTOM
    x.fit([px for px, _ in points], LEFT, WIDTH - RIGHT)
    y.fit([py for _, py in points], bottom, top)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 24 * rows}" font-family="sans-serif" '
        f'font-size="16" role="img"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT + 24 * rows}" fill="#fff"/>',
        f'<text x="{WIDTH / 2}" y="28" text-anchor="middle" font-size="18" font-weight="bold">{escape(title)}</text>',
    ]
    for tick in x.ticks:
        at = x.at(tick)
        out.append(f'<path d="M{at:.1f} {top}V{bottom}" stroke="#ddd"/><text x="{at:.1f}" y="{bottom + 22}" '
                   f'text-anchor="middle">{escape(x.form(tick))}</text>')
    for tick in y.ticks:
        at = y.at(tick)
        out.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/><text x="{LEFT - 8}" y="{at + 5:.1f}" '
                   f'text-anchor="end">{escape(y.form(tick))}</text>')
    out.append(f'<path d="M{LEFT} {top}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="#555"/>')
    for place, text in notes:
        at = x.at(place)
        anchor, shift = ("end", -6) if at > WIDTH * 0.6 else ("start", 6)
        out.append(f'<path d="M{at:.1f} {top}V{bottom}" stroke="#888" stroke-dasharray="4 4"/><text x="{at + shift:.1f}" '
                   f'y="{bottom - 10}" text-anchor="{anchor}" font-size="14" fill="#444">{escape(text)}</text>')
    for number, (name, line, *style) in enumerate(series):
        colour, kind = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
        path = "L".join(f"{x.at(px):.1f} {y.at(py):.1f}" for px, py in line)
        dash = ' stroke-dasharray="7 5"' if style else ""
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>')
        if not style:
            out += [_mark(kind, x.at(px), y.at(py), colour) for px, py in line]
        if rows:
            at = LEFT + (number % columns) * (WIDTH - LEFT - RIGHT) / columns
            height = TOP - 8 + 24 * (number // columns)
            mark = "" if style else _mark(kind, at + 13, height, colour)
            out.append(f'<path d="M{at:.0f} {height}h26" stroke="{colour}" stroke-width="2.5"{dash}/>{mark}'
                       f'<text x="{at + 34:.0f}" y="{height + 5}">{escape(name)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{bottom + 50}" text-anchor="middle">{escape(x.label)}</text>')
    middle = (top + bottom) / 2
    out.append(f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">{escape(y.label)}</text>')
    return "\n".join([*out, "</svg>", ""])
