"""What services and reference managers give out: Hugging Face, arXiv's Atom, OpenAlex, Semantic Scholar, BibTeX."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.model import Paper
from kg.sources import read
from kg.sources.bibtex import _plain
from kg.sources.openalex import _words

DATA = Path(__file__).parent / "data" / "sources"


def papers(name):
    """The papers of a sample, with the folder left out of their places."""
    return list(read([DATA / name]))


def at(name, line):
    return (f"{DATA / name}:{line}",)


def read_text(tmp_path, name, text):
    """(line, title, abstract) of each paper, and the errors."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    errors = []
    found = [(int(p.sources[0].rpartition(":")[2]), p.title, p.abstract) for p in read([path], on_error=errors.append)]
    return found, [str(e).removeprefix(f"{tmp_path}/") for e in errors]


def refused(tmp_path, name, text):
    with pytest.raises(SourceError) as error:
        read_text(tmp_path, name, text)
    return str(error.value).replace(f"{tmp_path}/", "")


def test_huggingface_api():
    assert papers("daily_papers.json") == [
        Paper(
            id="arxiv:2503.00011",
            title="TideBench: Can Crabs Plan?",
            abstract='Crabs walk sideways. We ask "why?" of 40 crabs & one prawn.',
            published=date(2025, 3, 4),
            url="https://arxiv.org/abs/2503.00011",
            arxiv_id="2503.00011",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            organizations=("Harbor Lab",),
            comment="githubRepo: https://github.com/tern/tidebench; projectPage: https://tidebench.example.org",
            sources=at("daily_papers.json", 1),
        ),
        Paper(
            id="arxiv:2503.00012",
            title="Barnacles Hold",
            abstract="Barnacles hold.",
            published=date(2025, 3, 5),
            url="https://arxiv.org/abs/2503.00012",
            arxiv_id="2503.00012",
            sources=at("daily_papers.json", 2),
        ),
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_huggingface_single_paper(tmp_path, indent):
    record = {"id": "2503.00020", "title": "Fog", "summary": "It hides.", "publishedAt": "2025-03-11T00:00:00.000Z"}
    assert read_text(tmp_path, "paper.json", json.dumps(record, indent=indent)) == ([(1, "Fog", "It hides.")], [])


def test_huggingface_broken_records(tmp_path):
    text = """[{"paper": {"title": "Fog", "summary": "It hides.", "publishedAt": "soon"}},
{"paper": {"summary": "No name."}}, {"paper": {"title": "Rain", "summary": ["It shows."]}}, 7,
{"paper": {"title": "Hail", "summary":
"""
    assert read_text(tmp_path, "daily.json", text) == (
        [(1, "Fog", "It hides.")],
        [
            "daily.json:2: no title",
            "daily.json:2: the abstract is no text",
            "daily.json:2: not a JSON object",
            "daily.json:3: not a JSON object (Expecting value); the array is not read further",
        ],
    )


def test_huggingface_page():
    assert papers("papers_page.html") == [
        Paper(
            id="arxiv:2503.00013",
            title="Foam & Form",
            abstract="Foam has a form if p < 0.05.",
            published=date(2025, 3, 6),
            url="https://arxiv.org/abs/2503.00013",
            arxiv_id="2503.00013",
            authors=("Cy Plover",),
            authors_count=1,
            sources=at("papers_page.html", 12),
        )
    ]


def test_huggingface_page_of_one_paper(tmp_path):
    page = """<html><link rel="canonical" href="https://huggingface.co/papers/2503.00021">
<div data-target="PaperContent" data-props='{"paper":{"id":"2503.00021","title":"Rain","summary":"It shows."}}'>
<div data-target="Likes" data-props="{">
"""
    assert read_text(tmp_path, "paper.html", page) == (
        [(2, "Rain", "It shows.")],
        ["paper.html:3: the element's data-props are not JSON, maybe cut off; save the page again"],
    )


def test_huggingface_page_without_data(tmp_path):
    page = "<html><title>Daily Papers</title><a href='https://huggingface.co/papers'>Fog</a></html>"
    assert refused(tmp_path, "page.html", page) == (
        "page.html: no data-props with papers in the page; save it as the server sends it"
    )


def test_atom():
    assert papers("feed.atom") == [
        Paper(
            id="arxiv:2503.00014",
            title="Shells as Caches: A Study of Whelks",
            abstract="Whelks keep what they hear & forget the rest. We listen to a shell with $n < 9$ turns.",
            published=date(2025, 3, 7),
            url="https://arxiv.org/abs/2503.00014",
            arxiv_id="2503.00014",
            authors=("Dee Knot", "Zoë Eider"),
            authors_count=2,
            organizations=("Shore School",),
            comment="9 pages, code at https://github.com/knot/whelk",
            sources=at("feed.atom", 8),
        ),
        Paper(
            id="arxiv:cs/0112018",
            title="Ropes, Again",
            abstract="Ropes age again.",
            published=date(2025, 3, 7),
            url="https://arxiv.org/abs/cs/0112018",
            arxiv_id="cs/0112018",
            authors=("Cy Plover", "Eve Ruff"),
            authors_count=2,
            sources=at("feed.atom", 30),
        ),
    ]


FEED = '<feed xmlns="http://www.w3.org/2005/Atom">\n'


def entry(title, summary="It is."):
    return f"<entry><title>{title}</title>\n<summary>{summary}</summary></entry>\n"


def test_atom_broken_entries(tmp_path):
    text = (
        FEED
        + entry("Fog")
        + entry("")
        + entry("Rain", "It sh\udcffows.")
        + "<entry><id>http://arxiv.org/api/errors#start</id><title>Error</title>"
        + "<summary>start must be a number</summary></entry>\n"
        + entry("Hail")
        + "<entry><title>Snow & ice</title></entry></feed>"
    )
    assert read_text(tmp_path, "feed.xml", text.encode("utf-8", "surrogateescape")) == (
        [(2, "Fog", "It is."), (9, "Hail", "It is.")],
        [
            "feed.xml:4: no title",
            "feed.xml:6: invalid UTF-8",
            "feed.xml:8: arXiv's answer is an error: start must be a number",
            "feed.xml:11: not XML (not well-formed (invalid token))",
        ],
    )


def test_atom_cut_off(tmp_path):
    assert read_text(tmp_path, "feed.xml", FEED + entry("Fog") + "<entry><title>Ra") == (
        [(2, "Fog", "It is.")],
        ["feed.xml:5: not XML (no element found)"],
    )


@pytest.mark.parametrize(
    ("broken", "errors"),
    [
        ("<entry><title>Rain & ice</title></entry>\n", ["feed.xml:4: not XML (not well-formed (invalid token))"]),
        ("<entry>\n<title>Rain&nbsp;</title></entry>\n", ["feed.xml:5: not XML (undefined entity)"]),
        ("<entry><title>Rain</entry>\n", ["feed.xml:4: not XML (mismatched tag)"]),
        (
            "<entry><title>Rain</title>\n",
            ["feed.xml:4: an entry that is not closed", "feed.xml:7: not XML (mismatched tag)"],
        ),
    ],
)
def test_atom_goes_on_after_a_broken_entry(tmp_path, broken, errors):
    found, said = read_text(tmp_path, "feed.xml", FEED + entry("Fog") + broken + entry("Hail") + "</feed>")
    assert ([title for _, title, _ in found], said) == (["Fog", "Hail"], errors)


def test_atom_without_a_feed(tmp_path):
    assert refused(tmp_path, "feed.xml", FEED.replace(">", " x>") + entry("Fog")) == (
        "feed.xml: no papers in it "
        "(feed.xml:1: not XML (not well-formed (invalid token)); the feed is not read further)"
    )


def test_atom_with_entities_is_refused(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>\n' + FEED + entry("&b;") + "</feed>"
    assert refused(tmp_path, "bomb.xml", bomb) == (
        "bomb.xml: no papers in it (bomb.xml:1: a document type declaration, which no feed needs; it is not read)"
    )


def test_bibtex():
    assert papers("references.bib") == [
        Paper(
            id="paper:foam-why-9-of-bubbles-uberlive-and-o-n-do-not-a9096d60",
            title="FOAM: Why 9% of Bubbles Überlive, and $O(n)$ Do Not",
            abstract="We count bubbles; 91% burst. “Foam” is at https://github.com/eider/foam_count.",
            published=date(2024, 8, 1),
            url="https://tides.example.org/2024.foam-1",
            authors=("Zoë Eider", "Dee van der Knot", "Harbor Lab"),
            authors_count=3,
            sources=at("references.bib", 4),
        ),
        Paper(
            id="arxiv:2503.00015",
            title="Salt & Sand",
            published=date(2025, 1, 1),
            url="https://arxiv.org/abs/2503.00015",
            arxiv_id="2503.00015",
            authors=("Cy Plover", "Ada Tern Jr."),
            authors_count=2,
            sources=at("references.bib", 19),
        ),
        Paper(
            id="arxiv:2503.00016",
            title="A Knot is a Rope",
            abstract="A knot is a rope that met itself.",
            published=date(2025, 3, 8),
            url="https://arxiv.org/abs/2503.00016",
            arxiv_id="2503.00016",
            authors=("Eve Ruff",),
            authors_count=1,
            comment="Code: https://github.com/ruff/rope",
            sources=at("references.bib", 26),
        ),
    ]


def test_bibtex_broken_entries(tmp_path):
    text = (
        "@misc{a, title = {Fog}}\n@misc{a, title = {Rain}, doi = {10.9/r}}\n@misc{b, year = 2024}\n"
        "@misc{c, title {Hail}}\n@misc{d, title = {" + "{" * 2000 + "}" * 2000 + "}}\n"
        "@misc{e, title = {T}, abstract = {" + "long " * 20_000 + "}}\n@misc{f, title = {Sun}, abstract = {It \n"
    )
    assert read_text(tmp_path, "refs.bib", text) == (
        [(1, "Fog", ""), (2, "Rain", "")],
        [
            "refs.bib:3: no title",
            "refs.bib:4: not a BibTeX entry (Expected a `=` after entry key, but found `{`.)",
            "refs.bib:5: LaTeX that cannot be read, maybe cut off or nested too deeply",
            "refs.bib:6: a field of 100,000 characters; at most 50,000 are read",
            "refs.bib:7: not a BibTeX entry (Unexpectedly reached end of file.)",
        ],
    )


@pytest.mark.parametrize("title", [r"Fog \href", r"Fog \verb", r"Fog \input", r"Fog \frac"])
def test_bibtex_macros_without_their_arguments_spoil_one_entry(tmp_path, title):
    text = f"@misc{{a, title = {{{title}}}}}\n@misc{{b, title = {{Rain}}}}\n"
    found, errors = read_text(tmp_path, "refs.bib", text)
    assert found[-1] == (2, "Rain", "")
    assert set(errors) <= {"refs.bib:1: LaTeX that cannot be read, maybe cut off or nested too deeply"}


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\'E}t{\'e} \& {\O}re, na\"ive", "Été & Øre, naïve"),
        (r"100\% of 50% in $x_{1}$", "100% of 50% in $x_{1}$"),
        (r"\emph{Very} \textbf{bold}. {Two. Sentences} in a brace.", "Very bold. Two. Sentences in a brace."),
        ("a snake_case name", "a snake_case name"),
    ],
)
def test_latex(latex, text):
    assert _plain(latex) == text


@given(st.text(st.characters(exclude_characters="\\{}$~`'-", exclude_categories=["Cs"])))
def test_text_without_latex_stays(text):
    assert _plain(text) == text


def test_openalex():
    assert papers("works.json") == [
        Paper(
            id="paper:gulls-at-dusk",
            title="Gulls at Dusk",
            abstract="At dusk gulls count dusk twice.",
            published=date(2024, 7, 9),
            url="https://doi.org/10.99999/gulls.7",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            organizations=("Harbor Lab", "Shore School"),
            sources=at("works.json", 4),
        ),
        Paper(
            id="arxiv:2503.00017",
            title="Moss on Mirrors",
            published=date(2025, 3, 9),
            url="https://arxiv.org/abs/2503.00017",
            arxiv_id="2503.00017",
            sources=at("works.json", 21),
        ),
    ]


WORK = {"id": "https://openalex.org/W1", "title": "Fog", "abstract_inverted_index": {"hides.": [1], "It": [0]}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WORK),
        json.dumps([WORK]),
        json.dumps({"meta": {"count": 1}, "results": [WORK]}),
        json.dumps({"meta": {"count": 1}, "results": [WORK]}) + "\n" + json.dumps({"meta": {}, "results": []}),
        json.dumps(WORK, indent=1),
    ],
    ids=["line", "array", "answer", "answers", "laid out"],
)
def test_openalex_shapes(tmp_path, text):
    assert read_text(tmp_path, "works", text) == ([(1, "Fog", "It hides.")], [])


def test_openalex_broken_works(tmp_path):
    works = [WORK | {"abstract_inverted_index": index} for index in (["It"], {"It": 0}, {"It": "0", "is": [1]})]
    lines = [*map(json.dumps, works), '{"id": "https://openalex.org/W1", "title": null}', '{"id": ', json.dumps(WORK)]
    assert read_text(tmp_path, "works", "\n".join(lines)) == (
        [(6, "Fog", "It hides.")],
        [
            "works:1: abstract_inverted_index is not words with their positions",
            "works:2: abstract_inverted_index is not words with their positions",
            "works:3: abstract_inverted_index is not words with their positions",
            "works:4: no title",
            "works:5: not a JSON object (Expecting value)",
        ],
    )


@given(st.lists(st.text(st.characters(categories=["L", "P"]), min_size=1)))
def test_inverted_index_gives_back_the_words(words):
    index: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        index.setdefault(word, []).append(position)
    assert _words(index) == words


def test_semantic_scholar():
    name = "semantic_scholar.jsonl"
    assert papers(name) == [
        Paper(
            id="arxiv:2503.00018",
            title="Lamps for Moths",
            abstract="Moths need lamps.",
            published=date(2025, 3, 10),
            url="https://arxiv.org/abs/2503.00018",
            arxiv_id="2503.00018",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            sources=at(name, 1),
        ),
        Paper(
            id="paper:moths-without-lamps",
            title="Moths without Lamps",
            published=date(2023, 1, 1),
            url="https://www.semanticscholar.org/paper/fedcba",
            authors=("Ada Tern",),
            authors_count=1,
            sources=at(name, 2),
        ),
        Paper(
            id="arxiv:2503.00019",
            title="Lamps at Sea",
            abstract="A lamp at sea is late. It is a star.",
            url="https://arxiv.org/abs/2503.00019",
            arxiv_id="2503.00019",
            sources=at(name, 3),
        ),
        Paper(
            id="arxiv:1903.00001",
            title="Wicks",
            abstract="Wicks burn down.",
            published=date(2019, 1, 1),
            url="https://arxiv.org/abs/1903.00001",
            arxiv_id="1903.00001",
            authors=("Dee van der Knot",),
            authors_count=1,
            sources=at(name, 4),
        ),
    ]


def test_semantic_scholar_answer_and_broken_records(tmp_path):
    answer = """{"total": 4, "offset": 0, "data": [
{"paperId": "0123456789abcdef0123456789abcdef01234567", "title": "Fog", "abstract": null},
{"paperId": "1123456789abcdef0123456789abcdef01234567", "title": null},
{"corpusid": 3, "content": {"text": "Rain", "annotations": {"title": "[{"}}},
{"corpusid": 4, "title": "Hail", "abstract": 7, "authors": [{"last": 7}, 7]}
]}"""
    assert read_text(tmp_path, "search.json", answer.replace("{", "{\n", 1)) == (
        [(3, "Fog", "")],
        ["search.json:4: no title", "search.json:5: no title", "search.json:6: the abstract is no text"],
    )
