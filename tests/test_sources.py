"""What can be given as an input, how it is opened, and one clear line for what cannot be read."""

import gzip
import io
import lzma
from datetime import date
from pathlib import Path

import pytest

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources import READERS, Source, merge, read, reader

DATA = Path(__file__).parent / "data" / "sources"
BINARY = "a binary file; papers are read from UTF-8 text, plain, .gz or .xz"
FORMATS = "arxiv, atom, bibtex, csv, huggingface, huggingface-html, jsonl, listing, openalex, pdf, semanticscholar"
UNKNOWN = f"unknown format; known are {FORMATS} (to force one, name its reader)"
CUT = "cut off or damaged from here on (Compressed file ended before the end-of-stream marker was reached)"
TITLES = ("Pebble Sorting Without Hands", "Gulls, Gates and Graphs")
PAGE = (DATA / "plain.txt").read_bytes()
LINES = b"".join(
    b'{"title": "Wave %d", "abstract": "It came to shore as number %d."}\n' % (i, i * i) for i in range(5000)
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(*inputs, **options):
    return [(p.title, *p.sources) for p in read(inputs, **options)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.txt", PAGE),
        ("page.gz", gzip.compress(PAGE)),
        ("page.xz", lzma.compress(PAGE)),
        ("misnamed.txt", gzip.compress(PAGE)),
        ("bom.txt", b"\xef\xbb\xbf" + PAGE),
        ("crlf.txt", PAGE.replace(b"\n", b"\r\n")),
        ("two-members.gz", gzip.compress(PAGE[:200]) + gzip.compress(PAGE[200:])),
    ],
)
def test_files(here, name, content):
    (here / name).write_bytes(content)
    assert places(name) == [(TITLES[0], f"{name}:11"), (TITLES[1], f"{name}:15")]


@pytest.mark.parametrize("content", [PAGE, gzip.compress(PAGE), lzma.compress(PAGE)], ids=["plain", "gzip", "xz"])
def test_standard_input(monkeypatch, content):
    stdin = io.TextIOWrapper(io.BytesIO(content))
    monkeypatch.setattr("sys.stdin", stdin)
    assert places("-") == [(TITLES[0], "stdin:11"), (TITLES[1], "stdin:15")]
    assert not stdin.buffer.closed


def test_folder_is_searched_through_in_order_without_hidden_files(here):
    for name in ("in/b.txt", "in/a/z.txt", "in/.hidden.txt", "in/.git/x.txt"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(PAGE)
    assert [source for _, source in places("in")] == ["in/a/z.txt:11", "in/a/z.txt:15", "in/b.txt:11", "in/b.txt:15"]


def test_file_of_a_folder_that_holds_no_papers_is_reported(here):
    (here / "in").mkdir()
    (here / "in/README.md").write_text("# Shore\n\nPages from the shore.\n", encoding="utf-8")
    (here / "in/page.txt").write_bytes(PAGE)
    errors = []
    assert len(places("in", on_error=errors.append)) == 2
    assert [str(e) for e in errors] == [f"in/README.md: {UNKNOWN}"]
    with pytest.raises(RecordError):
        places("in")


def test_glob(here):
    for name in ("b.txt", "a.txt", "c.md", "deep/d.txt"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(PAGE)
    assert [source for _, source in places("*.txt")] == ["a.txt:11", "a.txt:15", "b.txt:11", "b.txt:15"]
    assert [source for _, source in places("**/d.*")] == ["deep/d.txt:11", "deep/d.txt:15"]


def test_file_whose_name_is_a_glob(here):
    (here / "page[1].txt").write_bytes(PAGE)
    assert [source for _, source in places("page[1].txt")] == ["page[1].txt:11", "page[1].txt:15"]


DATED = """title,abstract,published
Mud,It is there at low tide.,2026-01-01
Sand,It is there at low tide.,2026-01-02
Silt,It is there at low tide.,2026-01-03
Foam,It is there at high tide.,
"""


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        ({}, ["Mud", "Sand", "Silt", "Foam"]),
        ({"since": date(2026, 1, 2)}, ["Sand", "Silt"]),
        ({"until": date(2026, 1, 2)}, ["Mud", "Sand"]),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 2)}, ["Sand"]),
        ({"limit": 3}, ["Mud", "Sand", "Silt"]),
        ({"since": date(2026, 1, 2), "limit": 1}, ["Sand"]),
        ({"since": date(2027, 1, 1)}, []),
    ],
)
def test_a_source_takes_some_papers_only(here, options, titles):
    (here / "tide.csv").write_text(DATED)
    assert [paper.title for paper in read([Source(("tide.csv",), **options)])] == titles


def test_a_limit_counts_the_papers_of_one_source_and_the_rest_is_not_read(here):
    (here / "tide.csv").write_text(DATED)
    (here / "letter.txt").write_text("Dear Ada,\n\nthe tide is late.\n")
    first = Source(("tide.csv", "letter.txt"), limit=2)
    assert places(first, Path("tide.csv"), Source(("tide.csv",), limit=1)) == [
        ("Mud", "tide.csv:2"),
        ("Sand", "tide.csv:3"),
        ("Mud", "tide.csv:2"),
        ("Sand", "tide.csv:3"),
        ("Silt", "tide.csv:4"),
        ("Foam", "tide.csv:5"),
        ("Mud", "tide.csv:2"),
    ]


def test_the_reader_of_a_source_wins(here):
    (here / "page").write_text('{"title": "Mud", "abstract": "It is there at low tide."}\n')
    assert places(Source(("page",), reader="jsonl"), format="listing") == [("Mud", "page:1")]
    with pytest.raises(SourceError, match="no reader is called 'ris'"):
        read([Source(("page",), reader="ris")])


def test_paths_of_all_sources_are_looked_up_before_the_first_paper_is_read(here):
    (here / "page.txt").write_bytes(PAGE)
    with pytest.raises(SourceError) as error:
        read(["page.txt", Source(("gone.txt",))])
    assert str(error.value) == "gone.txt: no such file or folder"


def test_formats_side_by_side():
    papers = merge(read([DATA]))
    assert [(p.id, [Path(s).name for s in p.sources]) for p in papers] == [
        ("arxiv:2503.00011", ["daily_papers.json:1"]),
        ("arxiv:2503.00012", ["daily_papers.json:2"]),
        ("arxiv:2503.00014", ["feed.atom:8"]),
        ("arxiv:cs/0112018", ["feed.atom:30"]),
        ("paper:kelp-forests-as-memory-storing-keys-in-tidal-networks", ["footers.txt:13"]),
        ("paper:lanternnet", ["footers.txt:21"]),
        ("paper:pebble-sorting-without-hands", ["footers.txt:29", "plain.txt:11"]),
        ("paper:a-year-of-fog", ["footers.txt:37"]),
        ("paper:is-the-moon-late-on-clocks-that-drift", ["footers.txt:45"]),
        ("paper:no-footer-at-all", ["footers.txt:55"]),
        ("paper:one-line-for-the-whole-footer", ["footers.txt:59"]),
        ("arxiv:2503.00001", ["listed.jsonl:1", "plain.txt:15"]),
        ("arxiv:2503.00002", ["listed.jsonl:2", "papers.csv:5"]),
        ("paper:nets-of-nets", ["papers.csv:2"]),
        ("arxiv:2503.00013", ["papers_page.html:12"]),
        ("paper:foam-why-9-of-bubbles-uberlive-and-o-n-do-not-a9096d60", ["references.bib:4"]),
        ("arxiv:2503.00015", ["references.bib:19"]),
        ("arxiv:2503.00016", ["references.bib:26"]),
        ("arxiv:2503.00018", ["semantic_scholar.jsonl:1"]),
        ("paper:moths-without-lamps", ["semantic_scholar.jsonl:2"]),
        ("arxiv:2503.00019", ["semantic_scholar.jsonl:3"]),
        ("arxiv:1903.00001", ["semantic_scholar.jsonl:4"]),
        ("arxiv:0704.0001", ["snapshot.jsonl:1"]),
        ("arxiv:cs/0112017", ["snapshot.jsonl:2"]),
        ("paper:gulls-at-dusk", ["works.json:4"]),
        ("arxiv:2503.00017", ["works.json:21"]),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "empty.txt: an empty file"),
        ("blank.txt", b"\xef\xbb\xbf \n\n", "blank.txt: an empty file"),
        ("empty.gz", gzip.compress(b""), "empty.gz: an empty file"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n\0\0", f"photo.txt: {BINARY}"),
        ("noise.txt", bytes(range(128, 256)), f"noise.txt: {BINARY}"),
        ("wide.txt", PAGE.decode().encode("utf-16"), "wide.txt: UTF-16 text; save it as UTF-8"),
        ("letter.txt", b"Dear Ada,\n\nthe tide is late.\n", f"letter.txt: {UNKNOWN}"),
        ("array.json", b"[]", "array.json: no papers in it"),
        ("head.xz", lzma.compress(PAGE)[:20], f"head.xz: {CUT}"),
    ],
)
def test_unreadable_files(here, name, content, message):
    (here / name).write_bytes(content)
    with pytest.raises(SourceError) as error:
        places(name)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.txt", "nowhere.txt: no such file or folder"),
        ("", "'': no such file or folder"),
        ("x" * 5000, "x" * 5000 + ": no such file or folder"),
        ("*.nothing", "*.nothing: no file matches"),
        ("folder", "folder: a folder without papers"),
        ("notes", f"notes: a folder without papers (notes/a.md: {UNKNOWN})"),
    ],
)
def test_inputs_that_are_not_there(here, name, message):
    (here / "folder").mkdir()
    (here / "notes").mkdir()
    (here / "notes/a.md").write_text("# Notes\n", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        places(name)
    assert str(error.value) == message


def test_missing_path_is_raised_before_anything_is_read():
    with pytest.raises(SourceError):
        read([DATA / "plain.txt", "nowhere.txt"])


def test_unknown_format_name():
    with pytest.raises(SourceError) as error:
        read([DATA / "plain.txt"], format="ris")
    assert str(error.value) == f"no reader is called 'ris'; there are {FORMATS}"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_what_stands_before_the_cut_is_read(here, compress):
    whole = compress(LINES)
    (here / "cut").write_bytes(whole[: len(whole) * 3 // 4])
    errors = []
    papers = list(read(["cut"], on_error=errors.append))
    count = len(papers)
    assert 0 < count < 5000
    assert [p.title for p in papers] == [f"Wave {i}" for i in range(count)]
    assert [str(e) for e in errors] == [f"cut:{count + 1}: {CUT}"]


def test_invalid_line_of_a_page_spoils_one_entry(here):
    (here / "page.txt").write_bytes(PAGE.replace(b"by sound", b"by s\xf6und"))
    errors = []
    assert places("page.txt", on_error=errors.append) == [(TITLES[1], "page.txt:15")]
    assert [str(e) for e in errors] == ["page.txt:11: invalid UTF-8"]


def test_a_new_format_is_one_function(here):
    @reader("shells", sniff=lambda head: float(head.startswith("@shell")))
    def read_shells(text):
        for number, line in text:
            title = line.removeprefix("@shell ")
            yield Paper(id=f"paper:{title}", title=title, sources=(text.place(number),))

    (here / "shells.txt").write_text("@shell whelk\n@shell cowrie\n", encoding="utf-8")
    try:
        assert places("shells.txt") == [("whelk", "shells.txt:1"), ("cowrie", "shells.txt:2")]
    finally:
        del READERS["shells"]
