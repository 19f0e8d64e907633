"""Made-up news pages of any size and number, the same for the same seed. No text repeats another.

Words come from stems and endings by Zipf's law, as often as words of a language do, in sentences of English function
words: so four words in a row are seldom those of another page, and each page is news in English to a reader of n-grams.
"""

import itertools
import random

_STEMS = (
    "harbour bridge library reservoir orchard tram museum baker quarry light market hospital school stadium rail forest "
    "canal theatre prison airport vine archive brew clinic college court dam embassy factory ferry field garage garden "
    "glacier hangar island kiln labour lake mill mine monastery nursery observer office opera palace park pier pipe plaza "
    "port print refine saw shelter ship shrine silo spring station studio tower tunnel village ware workshop budget "
    "minister council elect parliament police fire storm flood rain drought winter summer season club coach player trainer "
    "border region county city capital river mountain valley coast ocean climate energy power water gas oil price market "
    "bank loan invest trade tax income pension union strike worker wage contract company owner bidder profit loss share"
).split()
_HEADS = "pre re over under inter out sub super co non anti mid".split()
_TAILS = "s er ers ing ed ment ments ship al ally ist ists ism able less ness y ry wide side house land man yard gate works".split()
_SYLLABLES = (
    "ba be bri cal cor da del dor el en fa fen gar gol ha hel il in jor ka kel la len lin lo mar mel mi mon na nor o or pa "
    "per pol qua ra ren ri ro sal sel sha sol ta tel tor tri u ul va vel vin wal wen yar zel zo"
).split()
_FUNCTION = (
    "the of and in to a that was for on with as by at from had were said after which this be have not but they an are who "
    "been its would will more about when than there she he their one all into some could its new over before through two"
).split()
_CONTENT = 6000  # words that stand for something
_SKELETONS = 400  # sentences with places left open


class Writer:
    """Writes texts; the seed decides everything."""

    def __init__(self, seed):
        fixed = random.Random(7)  # the language is one, whatever is written in it
        words = {stem + tail for stem in _STEMS for tail in [""] + _TAILS}
        words |= {head + stem for stem in _STEMS for head in _HEADS}
        self._words = fixed.sample(sorted(words), min(_CONTENT // 2, len(words)))
        names = ("".join(fixed.choice(_SYLLABLES) for _ in range(fixed.randrange(2, 5))).capitalize() for _ in itertools.count())
        self._words += itertools.islice(names, _CONTENT - len(self._words))
        fixed.shuffle(self._words)
        # Zipf's law, from rank 20 on: the words before it are the function words.
        self._cumulated = list(itertools.accumulate(1 / (rank + 20) for rank in range(len(self._words))))
        common = [1 / (rank + 1) for rank in range(len(_FUNCTION))]
        self._skeletons = []
        for _ in range(_SKELETONS):
            count = fixed.randrange(9, 26)
            places = ["%s" if fixed.random() < 0.55 else fixed.choices(_FUNCTION, common)[0] for _ in range(count)]
            self._skeletons.append((" ".join(places) + ".", places.count("%s")))
        self.random = random.Random(seed)

    def text(self, size):
        """Paragraphs of `size` bytes together, without a headline."""
        # As many words as there may be, in one draw: drawing is what takes the time.
        drawn = iter(self.random.choices(self._words, cum_weights=self._cumulated, k=size // 8 + 60))
        paragraphs, length = [], 0
        while length < size:
            sentences = []
            for skeleton, count in self.random.choices(self._skeletons, k=3):
                words = tuple(itertools.islice(drawn, count))
                if len(words) < count:
                    words += tuple(self.random.choices(self._words, cum_weights=self._cumulated, k=count - len(words)))
                sentence = skeleton % words
                sentences.append(sentence[0].upper() + sentence[1:])
            paragraphs.append(" ".join(sentences))
            length += len(paragraphs[-1]) + 2
        return paragraphs

    def headline(self):
        return " ".join(self.random.choices(self._words, cum_weights=self._cumulated, k=6)).capitalize()

    def name(self):
        return "".join(self.random.choice(_SYLLABLES) for _ in range(3)).capitalize()


def plain(seed, sizes):
    """Plain-text page messages, one for each of the sizes in bytes."""
    writer = Writer(seed)
    for number, size in enumerate(sizes):
        headline = writer.headline()
        body = "\n\n".join([headline, *writer.text(size - len(headline))])[:size]
        yield {"id": f"plain-{number}", "url": f"https://{writer.name().lower()}.example/news/{number}",
               "content_type": "text/plain; charset=utf-8", "body": body}


def text_bytes(size):
    """Bytes of main text of an HTML page of so many bytes, as measured on 793 news pages (medians): a quarter of small pages,
    a tenth of those of 75 kB, 2 % of those of 700 kB."""
    return int(min(0.3 * size, 5000 * (size / 20_000) ** 0.35))


def script_share(size):
    """Share of scripts and styles, measured likewise: next to none below 100 kB, three quarters of the largest."""
    return min(0.75, max(0.02, (size - 60_000) / 850_000))


def marked_up(seed, sizes):
    """HTML page messages of which a tenth is main text at any size, and the rest menus and teasers."""
    return html(seed, sizes, even=True)


def html(seed, sizes, even=False):
    """HTML page messages: a story among menus, teasers, scripts and styles, as in real pages of the size."""
    writer = Writer(seed)
    for number, size in enumerate(sizes):
        text = int(size * (0.3 if size < 6000 else 0.1)) if even else text_bytes(size)
        page = _page(writer, size, text, 0.0 if even else script_share(size))
        yield {"id": f"html-{number}", "url": f"https://{writer.name().lower()}.example/news/{number}",
               "content_type": "text/html; charset=utf-8", "body": page}


def _page(writer, size, text, scripts):
    draw, headline = writer.random, writer.headline()
    site = writer.name()
    story = "\n".join(f'<p class="article__paragraph">{paragraph}</p>' for paragraph in writer.text(text))
    head = (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{headline} | {site}</title>\n'
            f'<meta property="og:title" content="{headline}"><meta property="article:published_time" '
            f'content="2026-03-0{draw.randrange(1, 10)}T12:00:00Z">')
    article = (f'</head><body>\n<main><article class="article"><h1 class="article__headline">{headline}</h1>'
               f'<p class="byline">By {writer.name()} {writer.name()}</p>\n{story}\n</article></main>\n')
    foot = f'<footer><p>Copyright {site}</p><a href="/imprint">Imprint</a></footer></body></html>\n'
    left = size - len(head) - len(article) - len(foot)
    inert, left = _inert(draw, int(left * scripts)), left - int(left * scripts)
    menu = _fill(lambda: f'<li class="nav__item nav__item--level-{draw.randrange(3)}"><a class="nav__link" href="/{writer.name().lower()}/'
                         f'{draw.randrange(10**6)}" data-track="nav-{draw.randrange(10**4)}">{writer.name()}</a></li>\n', left // 3)
    teasers = _fill(lambda: f'<div class="teaser teaser--{draw.randrange(9)}"><a href="/story/{draw.randrange(10**7)}"><picture><source '
                            f'srcset="/img/{draw.randrange(10**8)}.webp 640w, /img/{draw.randrange(10**8)}.webp 1280w" type="image/webp">'
                            f'<img loading="lazy" width="640" height="360" alt="" src="/img/{draw.randrange(10**8)}.jpg"></picture>'
                            f'<h3 class="teaser__title">{writer.headline()}</h3></a></div>\n', left - left // 3)
    return f"{head}{inert}{article.replace('<main>', f'<header><nav><ul>{menu}</ul></nav></header><main>')}<aside>{teasers}</aside>{foot}"


def _fill(make, size):
    parts, length = [], 0
    while length < size:
        parts.append(make())
        length += len(parts[-1])
    return "".join(parts)


def _inert(draw, size):
    """Half of it a script with data, half styles."""
    if size < 200:
        return ""
    data = _fill(lambda: f'"k{draw.randrange(10**5)}":{{"id":{draw.randrange(10**9)},"u":"/a/{draw.randrange(10**7)}","w":{draw.randrange(2000)}}},', size // 2)
    rules = _fill(lambda: f".c{draw.randrange(10**5)}{{margin:{draw.randrange(40)}px 0;color:#{draw.randrange(16**6):06x}}}\n", size // 2)
    return f"<script>window.state={{{data}}};</script><style>{rules}</style>"
