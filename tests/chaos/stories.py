"""Fictional news, made from a seed: the pages of a chaos round, and the truth about them.

Every text comes from a grammar of sentences whose slots are drawn anew, so that two unrelated stories share no
long runs of words. Part of the pages are repeats in planted sets: copies under other addresses, syndicated
copies with another headline and a cut end, later versions under the same address. Part are no pages at all.
What is a repeat of what stands in the truth alone, which only the checker reads.
"""

import base64
import html
import json

REPEATS = 0.30  # share of the pages that repeat another one
REJECTS = 0.03  # share of the pages that have to be rejected

_SYLLABLES = (
    "ba be bri cal cor da del dor el en fa fen gar gol ha hel il in jor ka kel la len lin lo mar mel mi mon na "
    "nor o or pa per pol qua ra ren ri ro sal sel sha sol ta tel tor tri u ul va vel vin wal wen yar zel zo"
).split()
_FIRST = (
    "Ada Bruno Carla Dario Edith Felix Greta Hugo Irma Jonas Klara Leon Mira Nils Olga Pavel Rosa Stefan Tilda "
    "Ugo Vera Wim Yara Zoran Amira Boris Celia Dunja Emil Fatima Goran Helga Ivo Jasna Karim Lotte Marek Nadia"
).split()
_NOUNS = (
    "harbour bridge library reservoir orchard tramway museum bakery quarry lighthouse market hospital school "
    "stadium railway forest canal theatre prison airport vineyard archive brewery cemetery clinic college court "
    "dam embassy factory ferry field garage garden glacier hangar hostel island kiln laboratory lake mill mine "
    "monastery nursery observatory office opera palace park pier pipeline plaza port printworks refinery ruin "
    "sawmill shelter shipyard shrine silo spring square station studio subway tannery temple tower tunnel "
    "university valley viaduct village warehouse well wharf workshop zoo"
).split()
_ADJECTIVES = (
    "abandoned ambitious ancient bitter brittle careful cheap clumsy costly crowded curious damp distant dusty "
    "early empty expensive faded famous fragile frozen gentle glossy green hasty hidden hollow humble icy idle "
    "lengthy local lonely loud lucky modern muddy narrow neglected noisy northern odd ornate patient polished "
    "private public quiet rapid remote restored rural rusty secret shallow shared silent southern stubborn sudden "
    "temporary tiny unfinished urgent vast wooden worn"
).split()
_VERBS = (
    "repainted inspected closed reopened flooded auctioned mapped rebuilt measured guarded photographed cleaned "
    "leased abandoned renamed insured evacuated expanded divided merged lifted drained heated lit repaired "
    "replaced sealed searched shifted sold strengthened surveyed widened blocked blessed borrowed praised"
).split()
_THINGS = (
    "lanterns turbines violins barrels contracts beehives timetables portraits saddles telescopes ledgers pumps "
    "kites carpets anchors engines recipes ballots bicycles blankets cranes curtains diaries drums flags gliders "
    "hinges ladders magnets maps medals mirrors nets orchids parcels pianos ploughs puppets ropes sails scales "
    "seedlings shutters sledges stamps statues tiles tickets trumpets wagons windows wires"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SAYS = "said told explained insisted recalled warned argued noted added admitted claimed suggested".split()

# P person, S surname, T town, N noun, A adjective, V verb, G things, D day, Y said, 1 small number, 9 large one.
_SENTENCES = [
    "{P} {Y} on {D} that the {A} {N} near {T} had been {V} with {9} {G}.",
    "At least {1} {A} {G} were {V} behind the {N} before {S} reached {T}.",
    "Residents of {T} {V} a {A} {N}, and {P} paid {9} crowns for the {G}.",
    "\u201cNobody {V} our {N} over {A} {G},\u201d {P} {Y} in {T}.",
    "The {A} {N} of {T}, {V} by {S} {1} years ago, holds {9} {G} today.",
    "{S} and {S} {V} the {N} while {A} {G} arrived from {T} by night.",
    "Since {D} a {A} committee under {P} has {V} {1} {G} and one {N}.",
    "Engineers from {T} found {9} {G} where the {N} met the {A} {N}.",
    "In {T} a court fined {P} {9} crowns because {G} had {V} the {A} {N}.",
    "{P}, who once {V} a {N} in {T}, {Y} the {A} {G} would follow.",
    "Only {1} of the {9} {G} were {V}; the {A} {N} kept the others, {S} {Y}.",
    "Farmers outside {T} exchanged {A} {G} for a {N} that {P} had {V}.",
    "Neither {S} nor the {N} at {T} could explain how {9} {A} {G} vanished.",
    "The plan, {V} on {D}, moves every {A} {N} to {T} together with {1} {G}.",
    "Visitors counted {9} {G} along the {N}; {P} {Y} {T} deserved {A} ones.",
    "A {A} storm {V} the {N} of {T}, so {S} carried {1} {G} uphill.",
    "According to {P} the {G} cost {9} crowns, twice what {T} gave its {A} {N}.",
    "Musicians {V} {A} {G} inside the {N} until {S} closed {T} on {D}.",
    "After {1} hours {P} left the {N} with {A} {G} and a letter from {T}.",
    "{T} wants its {A} {N} {V} within {1} months, {S} {Y}, or the {G} go.",
]


class Writer:
    """Writes stories; `rng` decides everything."""

    def __init__(self, rng):
        self._rng = rng

    def _one(self, words):
        return words[int(self._rng.random() * len(words))]

    def name(self, least=2):
        """A made-up surname or town."""
        count = least + int(self._rng.random() * 2)
        return "".join(self._one(_SYLLABLES) for _ in range(count)).capitalize()

    def _fill(self, pattern):
        draw = {
            "P": lambda: f"{self._one(_FIRST)} {self.name()}",
            "S": self.name,
            "T": lambda: self.name(3),
            "N": lambda: self._one(_NOUNS),
            "A": lambda: self._one(_ADJECTIVES),
            "V": lambda: self._one(_VERBS),
            "G": lambda: self._one(_THINGS),
            "D": lambda: self._one(_DAYS),
            "Y": lambda: self._one(_SAYS),
            "1": lambda: str(2 + int(self._rng.random() * 97)),
            "9": lambda: str(1000 + int(self._rng.random() * 98999)),
        }
        pieces = []
        for piece in pattern.split("{"):
            if len(piece) > 1 and piece[1] == "}":
                pieces += [draw[piece[0]](), piece[2:]]
            else:
                pieces.append(piece)
        return "".join(pieces)

    def sentence(self):
        return self._fill(self._one(_SENTENCES))

    def paragraph(self):
        return " ".join(self.sentence() for _ in range(2 + int(self._rng.random() * 3)))

    def headline(self):
        return self._fill(self._one(["{T} {N} {V} after {A} {G} vanish", "{S} sends {1} {A} {G} to {T}",
                                     "{A} {N} in {T} divides {S} and {S}", "How {P} {V} the {N} of {T}"])).capitalize()

    def story(self):
        """Headline and paragraphs."""
        return self.headline(), [self.paragraph() for _ in range(5 + int(self._rng.random() * 6))]


def plain(headline, paragraphs):
    """The body of a plain-text page."""
    return "\n\n".join([headline, *paragraphs])


def marked_up(headline, paragraphs, site):
    """The body of an HTML page, with what stands around a story."""
    text = "\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
    links = "".join(f'<li><a href="/{word}">{word.title()}</a></li>' for word in ("news", "sport", "weather"))
    title = html.escape(headline, quote=False)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | {site}</title></head><body>'
        f'<header><nav><ul>{links}</ul></nav></header><main><article><h1>{title}</h1>\n{text}\n</article></main>'
        f'<footer><p>Copyright {site}</p><a href="/imprint">Imprint</a></footer></body></html>'
    )


class Page:
    """One record for the pages topic, and the truth about it."""

    def __init__(self, kind, value, of_set=None, reasons=()):
        self.kind, self.value, self.of_set, self.reasons = kind, value, of_set, list(reasons)
        self.id = None
        self.place = 0.0

    def truth(self):
        truth = {"id": self.id, "kind": self.kind}
        if self.of_set is not None:
            truth["set"] = self.of_set
        if self.reasons:
            truth |= {"reasons": self.reasons, "value": self.value}
        return truth


class Generator:
    """Makes the pages of a round."""

    def __init__(self, rng, prefix):
        self._rng, self._prefix = rng, prefix
        self._writer = Writer(rng)
        self._addresses = 0
        self._sets = 0

    def _address(self):
        self._addresses += 1
        site = f"{self._writer.name(3).lower()}.example"
        return site, f"https://{site}/news/{self._prefix}-{self._addresses}"

    def _message(self, url, body, markup):
        minute = int(self._rng.random() * 1440)
        return {"url": url, "content_type": f"text/{markup}; charset=utf-8", "body": body,
                "fetched_at": f"2026-03-01T{minute // 60:02}:{minute % 60:02}:00Z"}

    def _page(self, story, address=None):
        headline, paragraphs = story
        site, url = address or self._address()
        if self._rng.random() < 0.5:
            return self._message(url, marked_up(headline, paragraphs, site), "html")
        return self._message(url, plain(headline, paragraphs), "plain")

    def single(self, kind="single"):
        """A page like no other."""
        return Page(kind, self._page(self._writer.story()))

    def planted(self, repeats):
        """A story and `repeats` repeats of it; whichever is seen first has to become the article."""
        self._sets += 1
        headline, paragraphs = self._writer.story()
        address = self._address()
        first = self._page((headline, paragraphs), address)
        pages = [Page("first", first, self._sets)]
        for _ in range(repeats):
            draw = self._rng.random()
            if draw < 0.4:  # the same bytes under another address
                message = dict(first, url=self._address()[1])
                pages.append(Page("exact", message, self._sets))
            elif draw < 0.75:  # syndicated: another headline, the end cut, perhaps in other markup
                keep = max(3, int(len(paragraphs) * (0.7 + 0.3 * self._rng.random())))
                message = self._page((self._writer.headline(), paragraphs[:keep]))
                pages.append(Page("near", message, self._sets))
            else:  # a later version under the same address: a sentence more here and there
                changed = [*paragraphs, self._writer.sentence()]
                changed[0] = f"{self._writer.sentence()} {changed[0]}"
                pages.append(Page("revision", self._page((headline, changed), address), self._sets))
        return pages

    def reject(self):
        """Something that is no page, and the reasons that may be given for it."""
        site, url = self._address()
        kind = int(self._rng.random() * 6)
        if kind == 0:
            return Page("reject", self._message(url, "", "html"), reasons=["empty"])
        if kind == 1:
            return Page("reject", self._message(url, " \n\n \t ", "plain"), reasons=["empty"])
        if kind == 2:
            noise = b"\x89PNG\r\n\x1a\n\x00\x00" + bytes(int(self._rng.random() * 256) for _ in range(300))
            message = {"url": url, "content_type": "image/png", "body_base64": base64.b64encode(noise).decode()}
            return Page("reject", message, reasons=["not_text"])
        if kind == 3:  # cut in the middle
            whole = json.dumps(self._page(self._writer.story()), ensure_ascii=False)
            return Page("reject", whole[: len(whole) // 2], reasons=["malformed"])
        if kind == 4:
            return Page("reject", {"url": url, "content_type": "text/html"}, reasons=["malformed"])
        message = {"url": url, "content_type": "text/html", "body_base64": "%% no base64 %%"}
        return Page("reject", message, reasons=["malformed"])

    def pages(self, count):
        """`count` pages in the order in which they are to be sent."""
        rejects = max(6, int(count * REJECTS))
        repeats = int(count * REPEATS)
        pages = [self.reject() for _ in range(rejects)]
        while repeats > 0:
            some = min(repeats, 1 + int(self._rng.random() * 3))
            repeats -= some
            planted = self.planted(some)
            # Half of the repeats come close behind, so that two workers have a set in hand at once.
            start = self._rng.random()
            for page in planted:
                near = self._rng.random() < 0.5
                page.place = start + self._rng.random() * 20 / count if near else self._rng.random()
            pages += planted
        while len(pages) < count:
            pages.append(self.single())
        for page in pages:
            page.place = page.place or self._rng.random()
        pages.sort(key=lambda page: page.place)
        for number, page in enumerate(pages):
            self.name(page, number)
        return pages

    def name(self, page, number):
        """Gives a page its id: the key of its record, and its `id` where it is a message."""
        page.id = f"{self._prefix}-{number:06}"
        if isinstance(page.value, dict):
            page.value = json.dumps({"id": page.id, **page.value}, ensure_ascii=False)

    def late(self, pages):
        """What is sent at the end, when all is drained: a fresh page, and one more copy out of an early set."""
        fresh = self.single("fresh")
        early = next(page for page in pages if page.kind == "first")
        message = json.loads(early.value) | {"url": self._address()[1]}
        del message["id"]
        copy = Page("exact", message, early.of_set)
        late = [fresh, copy]
        for number, page in enumerate(late):
            self.name(page, len(pages) + number)
        return late
