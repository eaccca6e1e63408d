"""Known names in a text: case, spellings, longest match, own lexicons, and that the shipped ones are sound."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
import spacy

import kg.extract.tokenizer  # noqa: F401  registers kg.tokenizer.v1
from kg.errors import ExtractionError
from kg.extract.gazetteer import FOLDER, NAME, TERM, Entry, Lexicon, entries
from kg.extract.text import fold, pieces

NLP = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "kg.tokenizer.v1"}}})
LEXICON = Lexicon(
    [
        Entry("Loom", "Method", True, ("Loom", "LOOM")),
        Entry("Loom-2", "Method", True, ("Loom-2",)),
        Entry("ToWe", "Method", True, ("ToWe",)),
        Entry("k-weft", "Method", True, ("k-weft",)),
        Entry("weaving network", "Method", False, ("weaving network", "WN")),
        Entry("deep weaving network", "Method", False, ("deep weaving network",)),
        Entry("Weft-10", "Dataset", True, ("Weft-10", "Weft'10")),
        Entry("Web of Looms", "Benchmark", True, ("Web of Looms",)),
        Entry("Knots++", "Dataset", True, ("Knots++",)),
        Entry("thread tracking", "Task", False, ("thread tracking",)),
    ]
)


def found(text: str, lexicon: Lexicon = LEXICON) -> list[str]:
    doc = lexicon(NLP.make_doc(text))
    return [f"{span.text} {span.label_}" for span in doc.spans["kg_lexicon"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # coined names and acronyms count in their own case, generic terms in any
        ("Loom and LOOM, but no loom", ["Loom Method", "LOOM Method"]),
        ("Thread Tracking is thread tracking", ["Thread Tracking Task", "thread tracking Task"]),
        ("WN, WNs, but no wn", ["WN Method", "WNs Method"]),
        ("K-weft begins a sentence, k-weft goes on, K-WEFT shouts", ["K-weft Method", "k-weft Method"]),
        # spellings
        (
            "Weft-10, Weft 10, Weft10, Weft‑10, Weft'10",
            [f"Weft{joint}10 Dataset" for joint in ("-", " ", "", "-", "'")],
        ),
        ("thread-tracking", ["thread-tracking Task"]),
        ("weaving networks", ["weaving networks Method"]),
        ("ToWe, but not To We", ["ToWe Method"]),
        # the longest, at token boundaries
        ("a deep weaving network", ["deep weaving network Method"]),
        ("Loom-2 is not Loom", ["Loom-2 Method", "Loom Method"]),
        ("Loom-3B", ["Loom Method"]),
        ("Weft-100, Heirloom, Looming, Loom2x", []),
        ("the Web of Looms", ["Web of Looms Benchmark"]),
        ("the Web of nothing", []),
        ("Knots++, (Knots++).", ["Knots++ Dataset", "Knots++ Dataset"]),
        # stops at other marks
        ("weaving, network; weaving. Network", []),
        ("", []),
    ],
)
def test_what_is_found(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_whether_a_name_was_coined_stands_with_the_span() -> None:
    doc = LEXICON(NLP.make_doc("Loom for thread tracking"))
    assert [span.id_ for span in doc.spans["kg_lexicon"]] == [NAME, TERM]


def test_an_own_folder_replaces_the_shipped_lexicons(tmp_path: Path) -> None:
    (tmp_path / "tasks.tsv").write_text("name\tnamed\taliases\nsock darning\tfalse\tdarning|darning of socks\n")
    nlp = spacy.blank("en")
    nlp.add_pipe("kg_lexicon", config={"folder": str(tmp_path)})
    doc = nlp("Sock darning, or the darning of socks, by ImageNet")
    assert [(s.text, s.label_) for s in doc.spans["kg_lexicon"]] == [
        ("Sock darning", "Task"),
        ("darning of socks", "Task"),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (None, "no lexicon in it"),
        ("Loom\ttrue\n", r"tasks.tsv:2: give a name, `true` or `false`, and aliases"),
        ("Loom\tyes\t\n", r"tasks.tsv:2: give a name, `true` or `false`, and aliases"),
        ("Loom\ttrue\tWeft|--\n", r"tasks.tsv:2: a name needs a letter or a digit: '--'"),
    ],
)
def test_a_broken_lexicon_is_named(tmp_path: Path, rows: str | None, message: str) -> None:
    if rows is not None:
        (tmp_path / "tasks.tsv").write_text("name\tnamed\taliases\n" + rows)
    with pytest.raises(ExtractionError, match=message):
        entries(tmp_path)


# ---- the shipped files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.stem)
def test_a_shipped_file_is_well_formed(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert head == ["name", "named", "aliases"]
    assert [
        row for row in rows if len(row) != 3 or row[1] not in ("true", "false") or row != [c.strip() for c in row]
    ] == []
    names = [row[0] for row in rows]
    assert names == sorted(names, key=str.casefold)


def test_no_form_stands_in_two_rows_of_the_shipped_files() -> None:
    forms = Counter(form for entry in entries() for form in entry.forms)
    assert [form for form, count in forms.items() if count > 1] == []


def test_every_shipped_form_is_found() -> None:
    """But for those with a mark inside at which a name ends: `ViT-B/16`, `Who&When`, `Fleiss' kappa`."""
    lexicon = Lexicon(entries())
    forms = [
        form for entry in entries() for form in entry.forms if not re.search(r"[^\w\s\-~'’.@+×]|[.'] ", fold(form))
    ]
    assert len(forms) > 20_000
    missed = [form for form in forms if (doc := lexicon(NLP.make_doc(form))) and not _whole(doc)]
    assert missed == []
    assert all(pieces(form) for form in forms)


def _whole(doc: spacy.tokens.Doc) -> bool:
    return [(span.start, span.end) for span in doc.spans["kg_lexicon"]] == [(0, len(doc))]
