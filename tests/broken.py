"""Writes files that are broken in all the ways there are, in every format, and says which papers they still hold."""

from __future__ import annotations

import gzip
import json
import lzma
import random
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, cycle
from pathlib import Path
from typing import NamedTuple


class Record(NamedTuple):
    number: int
    title: str
    abstract: str


class Broken(NamedTuple):
    """What a file holds, and which of its `RECORDS` must be read all the same."""

    content: bytes
    kept: list[Record]


class Format(NamedTuple):
    """How a file begins, a record is written, two are kept apart, and the file ends."""

    begin: str
    write: Callable[[Record], str]
    between: str
    end: str

    def text(self, records: list[str]) -> str:
        return f"{self.begin}{self.between.join(records)}{self.end}"


WORDS = ["tide", "shell", "lamp", "rope", "gull", "fog", "salt", "moss", "wave", "pebble", "knot", "heron", "reed"]
RECORDS = [
    Record(
        number,
        f"Paper {number} on the {WORDS[number % 13]} and the {WORDS[number % 7]}",
        f"We count every {WORDS[number % 11]} of the shore. A {WORDS[number % 5]} follows each of them. " * 2,
    )
    for number in range(1, 41)
]


def _arxiv(record: Record) -> str:
    number, title, abstract = record
    return json.dumps({"id": f"2503.{number:05}", "categories": "cs.LG", "title": title, "abstract": abstract})


def _plain(record: Record) -> str:
    return json.dumps({"title": record.title, "abstract": record.abstract})


def _daily(record: Record) -> str:
    number, title, abstract = record
    date = "2025-04-01T00:00:00.000Z"
    return json.dumps({"paper": {"id": f"2503.{number:05}", "title": title, "summary": abstract, "publishedAt": date}})


def _index(record: Record) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for position, word in enumerate(record.abstract.split()):
        index.setdefault(word, []).append(position)
    return index


def _work(record: Record) -> str:
    number = f"https://openalex.org/W{record.number}"
    return json.dumps({"id": number, "title": record.title, "abstract_inverted_index": _index(record)})


def _scholar(record: Record) -> str:
    number, title, abstract = record
    return json.dumps({"paperId": f"{number:040x}", "corpusid": number, "title": title, "abstract": abstract})


ATOM = '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<title>papers</title>\n'
PAGE = '<!doctype html>\n<html>\n<meta content="https://huggingface.co/papers">\n<div data-target="DailyPapers" '
FORMATS = {
    "arxiv.jsonl": Format("", _arxiv, "\n", "\n"),
    "records.jsonl": Format("", _plain, "\n", "\n"),
    "records.json": Format("[\n", _plain, ",\n", "\n]\n"),
    "daily.json": Format("[", _daily, ",\n", "]"),
    "works.jsonl": Format("", _work, "\n", "\n"),
    "scholar.jsonl": Format("", _scholar, "\n", "\n"),
    "page.html": Format(
        f'{PAGE}data-props="{{&quot;dailyPapers&quot;:[',
        lambda r: _daily(r).replace('"', "&quot;"),
        ",",
        ']}">\n</html>\n',
    ),
    "records.csv": Format("title,abstract,year\n", lambda r: f'{r.title},"{r.abstract}",2025', "\n", "\n"),
    "records.tsv": Format("title\tabstract\tyear\n", lambda r: f"{r.title}\t{r.abstract}\t2025", "\n", "\n"),
    "listing.txt": Format(
        "Daily Papers\n\n", lambda r: f"{r.title}\n\n{r.abstract}\n\n  • 2 authors\n·\nMay 2, 2025", "\n\n", "\n"
    ),
    "feed.atom": Format(
        ATOM,
        lambda r: f"<entry>\n<title>{r.title}</title>\n<summary>{r.abstract}</summary>\n</entry>",
        "\n",
        "\n</feed>",
    ),
    "references.bib": Format(
        "", lambda r: f"@misc{{key,\n  title = {{{r.title}}},\n  abstract = {{{r.abstract}}}\n}}", "\n\n", "\n"
    ),
}
TABLES = ["records.csv", "records.tsv"]
JSON = [name for name in FORMATS if ".json" in name]
QUOTED = [*JSON, "page.html"]
MARKED = ["feed.atom"]
BIB = ["references.bib"]
LISTING = ["listing.txt"]

# What becomes of the title, with all that is around it: in which formats, and what stands there then.
TITLES = [
    (list(FORMATS), "Pap\udcffer"),  # a byte that is not UTF-8
    (list(FORMATS), "\udce9" * 20),
    (list(FORMATS), "a" + "\u0315\u0316" * 99),
    ([*QUOTED, *TABLES, *MARKED], "word " * 10_000),
    ([*QUOTED, *TABLES, *MARKED, *BIB], " "),
    (QUOTED, r"Paper \ud800"),
    (QUOTED, r"Paper \udfff on"),
    (JSON, "Pa\0per"),
    (JSON, r"Pa\xper"),
    (JSON, 'Pa"per'),
    (["records.csv"], '"Paper" 7'),
    (["records.tsv"], '"Paper" 7'),
    (["records.csv"], "Paper, 7"),
    (["records.tsv"], "Paper\t7"),
    *((MARKED, f"Paper {mark}") for mark in ("&", "<", "&nbsp;", "<a>", "</b>", "<a b>", "<?xml?>", "]]>")),
    *((MARKED, f"Paper {mark}") for mark in ("\1", "\0", "&#0;", "&#55296;")),
    (BIB, "word " * 11_000),
    (BIB, r"\href"),
    (BIB, "{" * 3000 + "}" * 3000),
    (BIB, "{"),
]  # fmt: skip
DIGITS, NESTED = "9" * 10_000, "[" * 100_000
VALUES = ["null", "7", "[]", "{}", "true", "-1e999", '["a"]', '{"a": "b"}', DIGITS, NESTED, '{"a":' * 9999, "nan", ""]
INDICES = ["7", "[1]", '{"a": 7}', "true", "Infinity", '{"a": ["0"], "b": [1]}', "[null]", DIGITS, NESTED]


def damages() -> Iterator[tuple[str, Callable[[random.Random], Broken]]]:
    """The names of formats, each with something that gives a broken file of it."""
    for names, title in TITLES:
        for name in names:
            yield name, lambda r, n=name, t=title: _spoilt(r, n, lambda text, record: text.replace(record.title, t))
    for name in QUOTED:
        for value in VALUES:
            yield name, lambda r, n=name, v=value: _spoilt(r, n, lambda text, record: _set(text, record.title, v))
        for value in INDICES:
            yield name, lambda r, n=name, v=value: _spoilt(r, n, lambda text, record: _set_abstract(text, record, v))
    for name in [*QUOTED, *MARKED, *BIB]:
        yield name, lambda r, n=name: _spoilt(r, n, lambda text, _: text.replace("title", "headline"))
    for name in [*JSON, *TABLES, *BIB]:
        yield name, lambda r, n=name: _spoilt(r, n, lambda text, record: text[: text.index(record.title) + 9])
    yield "records.csv", lambda r: _spoilt(r, "records.csv", lambda text, _: text.replace('",', ","))
    yield "records.csv", lambda r: _spoilt(r, "records.csv", lambda text, _: f"{text},{text}")
    yield "listing.txt", lambda r: _spoilt(r, "listing.txt", lambda text, record: text.replace(record.abstract, ""))
    yield "listing.txt", lambda r: _spoilt(r, "listing.txt", lambda text, record: text.replace(record.title, ""))
    yield "feed.atom", lambda r: _spoilt(r, "feed.atom", lambda text, _: text.replace("</entry>", ""))
    yield "references.bib", lambda r: _spoilt(r, "references.bib", lambda text, _: text.replace(" = ", " ", 1))
    for name in FORMATS:
        yield name, lambda r, n=name: _cut(r, n)
        yield f"{name}.utf16", lambda r, n=name: Broken(_whole(r, n)[0].encode("utf-16"), [])
        yield f"{name}.utf16", lambda r, n=name: Broken(_whole(r, n)[0].encode("utf-16-be"), [])
        for end, compress, decompress in COMPRESSED:
            for _ in range(4):
                yield f"{name}.{end}", lambda r, n=name, c=compress, d=decompress: _cut_compressed(r, n, c, d)
                yield f"{name}.{end}", lambda r, n=name, c=compress: _corrupted(r, n, c)
    for name, content in ODD.items():
        yield name, lambda _, c=content: Broken(c, [])


COMPRESSED: list[tuple[str, Callable[[bytes], bytes], Callable[[bytes], bytes]]] = [
    ("gz", lambda data: gzip.compress(data, mtime=0), lambda data: zlib.decompressobj(31).decompress(data)),
    ("xz", lzma.compress, lambda data: lzma.LZMADecompressor().decompress(data)),
]
GZIPPED = gzip.compress(FORMATS["arxiv.jsonl"].text([_arxiv(RECORDS[0])]).encode(), mtime=0)
DOCTYPE = '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;">%s]>\n'
LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
FEED = FORMATS["feed.atom"].text([FORMATS["feed.atom"].write(RECORDS[0])])
ODD = {
    "empty": b"",
    "bom": b"\xef\xbb\xbf",
    "blank": b" \n\t\r\n" * 99,
    "empty.gz": gzip.compress(b"", mtime=0),
    "empty.xz": lzma.compress(b""),
    "twice.gz": gzip.compress(GZIPPED, mtime=0),
    "magic.gz": b"\x1f\x8b",
    "magic.xz": b"\xfd7zXZ\0",
    "header.gz": GZIPPED[:10],
    "name.gz": b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"name" * 99,
    "bomb.gz": gzip.compress(bytes(1 << 26), mtime=0),
    "rest.gz": GZIPPED + b"and so on",
    "zeros": bytes(9999),
    "ones": b"\xff" * 9999,
    "image.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
    "archive.zip": b"PK\3\4" + bytes(range(256)) * 9,
    "program": b"\x7fELF" + bytes(range(256)) * 9,
    "notes.md": b"# Shore\n\nPages of the shore.\n",
    "program.py": b"import json\n\nprint(json)\n",
    "[": b"[" * 100_000,
    "{": b'{"title":' * 100_000,
    **{f"value{i}.json": value for i, value in enumerate(b"[] {} null 7 'Fog' [7] [[]] [{}] [ { ]".split())},
    "columns.csv": b"title,year\nFog,2025\n",
    "header.csv": b"title,abstract\n",
    "head.txt": b"Daily Papers\n",
    "bare.html": PAGE.encode() + b"></div>",
    "others.html": PAGE.encode() + b'data-props="{}"></div>',
    "reference.html": PAGE.encode() + b'data-props="&#%s;"></div>' % (b"9" * 5000),
    "open.html": PAGE.encode() + b"<!--" * 9999,
    "laughs.atom": (DOCTYPE % LAUGHS + FEED.replace("Paper", "&l9;")).encode(),
    "entity.atom": (DOCTYPE % "" + FEED.replace("Paper", "&b;")).encode(),
    "file.atom": (DOCTYPE % '<!ENTITY f SYSTEM "file:///etc/hostname">' + FEED.replace("Paper", "&f;")).encode(),
    "network.atom": FEED.replace("<feed", '<!DOCTYPE f SYSTEM "http://127.0.0.1:9/f.dtd"><feed').encode(),
    "error.atom": FEED.replace("<entry>", "<entry><id>http://arxiv.org/api/errors#1</id>").encode(),
    "head.atom": ATOM.encode(),
    "deep.atom": f"{ATOM}<entry><title>{'<a>' * 50_000}".encode(),
    "comment.bib": b"@comment{only}",
    "open.bib": b"@misc{" * 999,
    "page.pdf": b"%PDF-1.7\n",
    "bytes.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 9,
    "end.pdf": b"%PDF-1.4\ntrailer << /Root 1 0 R >>\n%%EOF",
    "loop.pdf": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R /Kids [1 0 R] /Count 1 >>\nendobj\n"
    b"trailer << /Root 1 0 R >>\n",
    "encrypted.pdf": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R /ID [(1) (1)] /Encrypt"
    b" << /Filter /Standard /V 1 /R 2 /P -4 /O (12345678901234567890123456789012)"
    b" /U (12345678901234567890123456789012) >> >>\n",
    "line.jsonl": b"x" * 10_000_000,
    "line.json": b"[" + b'{"title": ' * 1_000_000,
    "long.jsonl": b'{"title": "Paper of 10 MB", "abstract": "%s"}' % (b"tide and shell " * 666_666),
    "long.bib": b"@misc{key, title = {Paper}, abstract = {%s}}" % (b"tide and shell " * 666_666),
    "long.csv": b"title,abstract\nPaper,%s\n" % (b"tide and shell " * 666_666),
}  # fmt: skip


def _spoilt(chance: random.Random, name: str, damage: Callable[[str, Record], str]) -> Broken:
    """A file in which one record is damaged; without line breaks between the records those behind it may be lost."""
    format, records = FORMATS[name], chance.sample(RECORDS, 3)
    at = chance.randrange(3)
    texts = [format.write(record) for record in records]
    texts[at] = damage(texts[at], records[at])
    kept = records[:at] + ([] if name == "page.html" else records[at + 1 :])
    return Broken(format.text(texts).encode("utf-8", "surrogateescape"), kept)


def _set(text: str, old: str, value: str) -> str:
    """The JSON text with another value for the string `old`."""
    quote = "&quot;" if "&quot;" in text else '"'
    return text.replace(f"{quote}{old}{quote}", value.replace('"', quote))


def _set_abstract(text: str, record: Record, value: str) -> str:
    index = json.dumps(_index(record))
    return text.replace(index, value) if index in text else _set(text, record.abstract, value)


def _whole(chance: random.Random, name: str) -> tuple[str, list[Record]]:
    format, records = FORMATS[name], chance.sample(RECORDS, 3)
    return format.text([format.write(record) for record in records]), records


def _cut(chance: random.Random, name: str) -> Broken:
    """A file that ends in the title of one of its records."""
    text, records = _whole(chance, name)
    at = chance.randrange(3)
    return Broken(text[: text.index(records[at].title) + 9].encode(), records[:at])


def _cut_compressed(
    chance: random.Random, name: str, compress: Callable[[bytes], bytes], decompress: Callable[[bytes], bytes]
) -> Broken:
    """A compressed file without its end; its whole lines can be read."""
    text, records = _whole(chance, name)
    content = compress(text.encode())
    content = content[: chance.randrange(8, len(content))]
    left = decompress(content).decode("utf-8", "ignore").rpartition("\n")[0]
    return Broken(content, [record for record in records if FORMATS[name].write(record) in left])


def _corrupted(chance: random.Random, name: str, compress: Callable[[bytes], bytes]) -> Broken:
    """A compressed file with a wrong byte, of which nothing is sure."""
    content = bytearray(compress(_whole(chance, name)[0].encode()))
    content[chance.randrange(24, len(content) - 16)] ^= chance.randrange(1, 256)
    return Broken(bytes(content), [])


def write(folder: Path, count: int, seed: int) -> dict[str, list[Record]]:
    """Write so many broken files; the names of all, with the records that must be read from each."""
    chance = random.Random(seed)
    found: dict[str, list[Record]] = {}
    odd = len(ODD)
    all_damages = list(damages())
    repeated = chain(all_damages, cycle(all_damages[:-odd]))
    for number, (name, damage) in zip(range(count), repeated, strict=False):
        broken = damage(chance)
        path = folder / f"{number // 100:02}" / f"{number:04}-{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(broken.content)
        found[str(path)] = broken.kept
    return found
