"""arXiv metadata, generic JSON and CSV: whole papers, and what is wrong with broken records."""

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources import paper_id, read
from kg.sources.paper import clean
from kg.sources.values import arxiv_id, day, names, web_address

DATA = Path(__file__).parent / "data" / "sources"


def read_text(tmp_path, text, name="papers", **options):
    """The papers and the errors, with the folder left out of their places."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    errors = []
    papers = list(read([path], on_error=errors.append, **options))
    return papers, [str(e).removeprefix(f"{tmp_path}/") for e in errors]


def test_arxiv_listed():
    place = f"{DATA}/listed.jsonl"
    assert list(read([place])) == [
        Paper(
            id="arxiv:2503.00001",
            title="Gulls, Gates and Graphs",
            abstract="A gull passes a gate once.",
            published=date(2025, 3, 4),
            url="https://arxiv.org/abs/2503.00001",
            arxiv_id="2503.00001",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            sources=(f"{place}:1",),
        ),
        Paper(
            id="arxiv:2503.00002",
            title="Salt as a Prior",
            abstract="Salt is everywhere. So is our prior.",
            published=date(2025, 3, 5),
            url="https://arxiv.org/abs/2503.00002",
            arxiv_id="2503.00002",
            authors=("Cy Plover",),
            authors_count=1,
            comment="9 pages",
            sources=(f"{place}:2",),
        ),
    ]


def test_arxiv_snapshot():
    place = f"{DATA}/snapshot.jsonl"
    assert list(read([place])) == [
        Paper(
            id="arxiv:0704.0001",
            title="Counting Waves by Ear",
            abstract="We count waves by ear.",
            published=date(2007, 4, 2),
            url="https://arxiv.org/abs/0704.0001",
            arxiv_id="0704.0001",
            authors=("Ada Tern", "Bo de Skua Jr."),
            authors_count=2,
            comment="4 pages",
            sources=(f"{place}:1",),
        ),
        Paper(
            id="arxiv:cs/0112017",
            title="An Old Rope",
            abstract="Ropes age.",
            published=date(2007, 5, 23),
            url="https://arxiv.org/abs/cs/0112017",
            arxiv_id="cs/0112017",
            authors=("Cy Plover", "Dee Knot", "Eve Ruff"),
            authors_count=3,
            sources=(f"{place}:2",),
        ),
    ]


def test_csv_with_line_breaks_in_a_field():
    place = f"{DATA}/papers.csv"
    assert list(read([place])) == [
        Paper(
            id="paper:nets-of-nets",
            title="Nets of Nets",
            abstract="A net is made of nets. It ends somewhere; we say where.",
            published=date(2024, 5, 6),
            url="https://nets.example.org/1",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            sources=(f"{place}:2",),
        ),
        Paper(
            id="arxiv:2503.00002",
            title="Salt as a Prior",
            published=date(2025, 1, 1),
            url="https://arxiv.org/abs/2503.00002v1",
            arxiv_id="2503.00002",
            authors=("Plover, Cy", "Knot, Dee"),
            authors_count=2,
            sources=(f"{place}:5",),
        ),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiters(tmp_path, delimiter):
    rows = [["id", "title", "abstract"], ["7", "Fog", "It hides."], ["2503.00009", "Rain", "It shows."]]
    papers, errors = read_text(tmp_path, "\r\n".join(delimiter.join(row) for row in rows))
    assert ([(p.id, p.title, p.abstract) for p in papers], errors) == (
        [("paper:fog", "Fog", "It hides."), ("arxiv:2503.00009", "Rain", "It shows.")],
        [],
    )


def test_csv_broken_rows(tmp_path):
    text = b"""title,abstract
Fog,It hides.
Rain
,No name.
"Hail" stones,They bounce.
Snow,It \xe9falls.
"Sun
shine","It
warms."
Wind,"It never
"""
    papers, errors = read_text(tmp_path, text)
    assert [(p.title, p.abstract, p.sources) for p in papers] == [
        ("Fog", "It hides.", (f"{tmp_path}/papers:2",)),
        ("Sun shine", "It warms.", (f"{tmp_path}/papers:7",)),
    ]
    assert errors == [
        "papers:3: 1 fields where the header has 2",
        "papers:4: no title",
        "papers:5: not a CSV row (',' expected after '\"')",
        "papers:6: invalid UTF-8",
        "papers:10: not a CSV row (unexpected end of data)",
    ]


@pytest.mark.parametrize(
    ("rows", "titles", "errors"),
    [
        pytest.param(
            'Fog,"It hides.\nRain,It shows.\nHail,"It\nbounces."\nSnow,It falls.\n',
            ["Rain", "Hail", "Snow"],
            ["papers:2: not a CSV row (',' expected after '\"'); maybe a quote that is not closed"],
            id="not closed, and a quote later",
        ),
        pytest.param(
            'Fog,"It hides.\nRain,It shows.\nSnow,It falls.\n',
            ["Rain", "Snow"],
            ["papers:2: not a CSV row (unexpected end of data); maybe a quote that is not closed"],
            id="not closed, and no quote later",
        ),
        pytest.param(
            'Fog,"It hides, they\nsay, and the "whole" coast\nwaits."\nRain,It shows.\n',
            ["Rain"],
            [
                "papers:2: not a CSV row (',' expected after '\"'); left out up to line 3",
                "papers:4: 1 fields where the header has 2",
            ],
            id="a quote within a field of several lines",
        ),
        pytest.param(
            'Fog,It hides.\nRain,"It shows, on\nmost days, what',
            ["Fog"],
            ["papers:3: not a CSV row (unexpected end of data); left out up to line 4"],
            id="cut off in a field of several lines",
        ),
    ],
)
def test_csv_quotes(tmp_path, rows, titles, errors):
    papers, found = read_text(tmp_path, f"title,abstract\n{rows}")
    assert ([p.title for p in papers], found) == (titles, errors)


def test_csv_without_a_column(tmp_path):
    with pytest.raises(SourceError) as error:
        read_text(tmp_path, "title,year\nFog,2024\n")
    assert str(error.value) == f"{tmp_path}/papers:1: CSV without a column abstract, only ['title', 'year']"


def test_jsonl_broken_lines(tmp_path):
    text = b"""{"id": "p1", "title": "Fog", "abstract": "It hides.", "entities": []}

{"title": "Rain", "abstract":
["Hail"]
{"title": "  ", "abstract": "No name."}
{"title": "Snow \xff", "abstract": "It falls."}
{"title": "Sleet \\ud800", "abstract": "It slips."}
{"title": "Sun", "abstract": ["It warms."]}
{"TITLE": "Wind", "Abstract": null, "url": "javascript:alert(1)", "authors": [{"name": "Ada Tern"}, "Bo Skua"]}
"""
    papers, errors = read_text(tmp_path, text)
    assert papers == [
        Paper(id="paper:fog", title="Fog", abstract="It hides.", sources=(f"{tmp_path}/papers:1",)),
        Paper(
            id="paper:wind",
            title="Wind",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            sources=(f"{tmp_path}/papers:9",),
        ),
    ]
    assert errors == [
        "papers:3: not a JSON object (Expecting value)",
        "papers:4: not a JSON object",
        "papers:5: no title",
        "papers:6: invalid UTF-8",
        "papers:7: invalid UTF-8",
        "papers:8: the abstract is no text",
    ]


def test_json_array(tmp_path):
    papers, errors = read_text(
        tmp_path,
        """
[
  {"title": "Fog", "abstract": "It hides."}, 7,
  {
    "title": "Rain", "abstract": "It shows."
  },
  {"title": "Hail" "abstract": "It bounces."},
  {"title": "Snow", "abstract": "It falls."}
]
""",
    )
    assert [(p.title, p.sources) for p in papers] == [
        ("Fog", (f"{tmp_path}/papers:3",)),
        ("Rain", (f"{tmp_path}/papers:4",)),
        ("Snow", (f"{tmp_path}/papers:8",)),
    ]
    assert errors == ["papers:3: not a JSON object", "papers:7: not a JSON object (Expecting ',' delimiter)"]


def test_json_array_on_one_line_ends_at_its_first_error(tmp_path):
    papers, errors = read_text(tmp_path, '[{"title": "Fog"}, {"title" "Rain"}, {"title": "Hail"}]')
    assert ([p.title for p in papers], errors) == (
        ["Fog"],
        ["papers:1: not a JSON object (Expecting ':' delimiter); the array is not read further"],
    )


def test_texts_that_are_no_texts(tmp_path):
    lines = [
        {"title": "Fog " * 2000},
        {"title": "Rain", "abstract": "a" + "\u0315" * 60 + "\u0316" * 60},
        {"title": "Hail", "date": "1 Jan " + "9" * 20 + " 00:00:00", "authors": "Ada Tern"},
    ]
    papers, errors = read_text(tmp_path, "\n".join(map(json.dumps, lines)))
    assert ([(p.title, p.published) for p in papers], errors) == (
        [("Hail", None)],
        [
            "papers:1: a title of 8,000 characters; at most 5,000 are read",
            "papers:2: a hundred combining marks on one letter",
        ],
    )


def test_json_nested_too_deeply(tmp_path):
    papers, errors = read_text(tmp_path, '{"title": "Fog"}\n{"title": ' + "[" * 100_000 + "\n")
    assert ([p.title for p in papers], errors) == (
        ["Fog"],
        ["papers:2: not a JSON object (nested too deeply or with a number too long)"],
    )


def test_format_is_forced(tmp_path):
    text = (
        '{"id": "2503.00001", "title": "Fog", "abstract": "It hides.", "listed": "2025-03-04", "date": "2024-01-02"}\n'
    )
    sniffed, _ = read_text(tmp_path, text)
    forced, _ = read_text(tmp_path, text, format="jsonl")
    assert [p.published for p in sniffed + forced] == [date(2025, 3, 4), date(2024, 1, 2)]


def test_all_records_broken(tmp_path):
    with pytest.raises(SourceError) as error:
        read_text(tmp_path, '{"name": "Fog"}\n{"name": "Rain"}\n')
    assert str(error.value) == f"{tmp_path}/papers: no papers in it ({tmp_path}/papers:1: no title)"


def test_strict_reading_raises_the_broken_record(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text('{"title": "Fog"}\n{"title": ""}\n', encoding="utf-8")
    papers = read([path])
    assert next(papers).title == "Fog"
    with pytest.raises(RecordError) as error:
        next(papers)
    assert (error.value.place, error.value.reason) == (f"{path}:2", "no title")


@given(title=st.text().filter(clean), abstract=st.text())
def test_text_survives_a_round_trip(tmp_path_factory, title, abstract):
    path = tmp_path_factory.mktemp("round") / "papers.jsonl"
    path.write_text(json.dumps({"title": title, "abstract": abstract}, ensure_ascii=False) + "\n", encoding="utf-8")
    (paper,) = read([path])
    assert (paper.title, paper.abstract) == (clean(title), clean(abstract))
    for text in (paper.title, paper.abstract):
        assert clean(text) == text
        assert unicodedata.is_normalized("NFC", text)
        assert len(text.splitlines()) <= 1
    # nothing but control characters and white space is lost
    kept = "".join(c for c in abstract if unicodedata.category(c) != "Cc" or c in "\t\n\v\f\r\x85")
    assert paper.abstract.split() == unicodedata.normalize("NFC", kept).split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two  spaces\tstay ", "two  spaces\tstay"),
        ("a line \r\n\n break", "a line break"),
        ("bell\x07 and\x00 null\x9f", "bell and null"),
        ("next\x85line\u2028separator", "next line separator"),
        ("cafe\u0301", "caf\xe9"),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("title", "arxiv", "expected"),
    [
        ("Salt as a Prior", "2503.00002", "arxiv:2503.00002"),
        ("Salt, as a PRIOR!", None, "paper:salt-as-a-prior"),
        # letters that ASCII lacks, so that the hash tells the two apart
        ("α-Nets", None, "paper:nets-a402a2ae"),
        ("β-Nets", None, "paper:nets-eac9e0b5"),
        ("岸", None, "paper:9dfd3fa5"),
        ("tide " * 30, None, "paper:" + "tide-" * 16 + "4a475258"),
    ],
)
def test_paper_id(title, arxiv, expected):
    assert paper_id(title, arxiv) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2503.11731", "2503.11731"),
        ("arXiv:2503.11731v3", "2503.11731"),
        ("https://arxiv.org/pdf/2503.11731v1.pdf", "2503.11731"),
        ("https://huggingface.co/papers/2503.11731", "2503.11731"),
        ("cs/0112017v1", "cs/0112017"),
        ("https://doi.org/10.48550/arXiv.2503.11731", "2503.11731"),
        ("oai:arXiv.org:2503.11731v1", "2503.11731"),
        ("math.GT/0309136", "math/0309136"),
        ("2513.11731", None),
        ("10.1000/182", None),
        ("p198", None),
        (2503.11731, None),
    ],
)
def test_arxiv_id(value, expected):
    assert arxiv_id(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-18", date(2025, 3, 18)),
        ("2025-03-18T09:00:00Z", date(2025, 3, 18)),
        ("2025/3/8", date(2025, 3, 8)),
        ("2025-03", date(2025, 3, 1)),
        (2025, date(2025, 1, 1)),
        ("Mon, 2 Apr 2007 19:18:42 GMT", date(2007, 4, 2)),
        ("2025-02-30", None),
        ("soon", None),
        (None, None),
    ],
)
def test_day(value, expected):
    assert day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Ada Tern", None, {"name": "Bo Skua"}], ("Ada Tern", "Bo Skua")),
        ("Tern, Ada; Skua, Bo", ("Tern, Ada", "Skua, Bo")),
        ("Tern, Ada and Skua, Bo", ("Tern, Ada", "Skua, Bo")),
        ("Ada Tern, Bo Skua, and Cy Plover", ("Ada Tern", "Bo Skua", "Cy Plover")),
        ("Alexandra Sand", ("Alexandra Sand",)),
        (None, ()),
    ],
)
def test_names(value, expected):
    assert names(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" https://nets.example.org/1 ", "https://nets.example.org/1"),
        ("javascript:alert(1)", None),
        ("nets.example.org", None),
        (7, None),
    ],
)
def test_web_address(value, expected):
    assert web_address(value) == expected
