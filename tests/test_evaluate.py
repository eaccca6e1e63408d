"""Scores of extracted facts against annotated papers, on hand-made ones."""

from __future__ import annotations

import json

import pytest

from kg.errors import SourceError
from kg.evaluate import match, read_facts, score


def entity(type, *surfaces, role="uses", named=True):
    return {"name": surfaces[0], "type": type, "named": named, "role": role, "surfaces": list(surfaces)}


def paper(title, entities=(), links=(), relations=()):
    return {"title": title, "entities": list(entities), "links": list(links), "relations": list(relations)}


GOLD = [
    paper(
        "Otter: Gated Filters",
        [
            entity("Method", "Otter", role="introduces"),
            entity("Method", "Beaver", role="compares"),
            entity("Benchmark", "PondSet", role="evaluates"),
            entity("Task", "reed counting", "counting reeds", named=False),
        ],
        [
            {"url": "https://github.com/River/Otter", "kind": "code", "repo": "github.com/River/Otter"},
            {"url": "https://otter.example/", "kind": "page"},
        ],
        [["Otter", "OUTPERFORMS", "Beaver"], ["Otter", "EVALUATED_ON", "PondSet"]],
    ),
    paper("Herons", [entity("Method", "Heron", role="introduces")]),
]
PREDICTED = [
    paper(
        "OTTER -- gated filters",  # papers are joined by title, case and punctuation aside
        [
            entity("Method", "otters", role="introduces"),
            entity("Method", "Beaver", role="uses"),
            entity("Dataset", "Pond-Set", "PondSet", role="evaluates"),  # another type of data
            entity("Metric", "ripple score", named=False),
        ],
        [{"url": "https://github.com/river/otter/tree/main", "kind": "code", "repo": "github.com/river/otter"}],
        [["otters", "OUTPERFORMS", "Beaver"], ["otters", "BUILDS_ON", "Beaver"]],
    ),
    paper("A paper that nobody annotated", [entity("Method", "Stray")]),
]


def test_all_rows():
    result = score(GOLD, PREDICTED)
    assert result.columns == ["row", "precision", "recall", "f1", "hits", "predicted", "gold"]
    assert result.rows == [
        ["entities", 0.75, 0.6, 0.667, 3, 4, 5],
        ["entities, Dataset and Benchmark apart", 0.5, 0.4, 0.444, 2, 4, 5],
        ["Method", 1.0, 0.667, 0.8, 2, 2, 3],
        ["Dataset", 0.0, 0.0, 0.0, 0, 1, 0],
        ["Benchmark", 0.0, 0.0, 0.0, 0, 0, 1],
        ["Task", 0.0, 0.0, 0.0, 0, 0, 1],
        ["Metric", 0.0, 0.0, 0.0, 0, 1, 0],
        ["Dataset or Benchmark", 1.0, 1.0, 1.0, 1, 1, 1],
        ["named entities", 1.0, 0.75, 0.857, 3, 3, 4],
        ["entity with role", 0.5, 0.4, 0.444, 2, 4, 5],
        ["introduces", 1.0, 0.5, 0.667, 1, 1, 2],
        ["evaluates", 1.0, 1.0, 1.0, 1, 1, 1],
        ["compares", 0.0, 0.0, 0.0, 0, 0, 1],
        ["links", 1.0, 0.5, 0.667, 1, 1, 2],
        ["repositories", 1.0, 1.0, 1.0, 1, 1, 1],
        ["relations", 0.5, 0.5, 0.5, 1, 2, 2],
    ]


def test_against_itself_everything_is_right():
    assert {tuple(row[1:4]) for row in score(GOLD, GOLD).rows if row[6]} == {(1.0, 1.0, 1.0)}


def test_nothing_predicted():
    assert {tuple(row[1:6]) for row in score(GOLD, []).rows} == {(0.0, 0.0, 0.0, 0, 0)}


@pytest.mark.parametrize(
    ("gold", "predicted", "pairs"),
    [
        ([entity("Method", "state-space model")], [entity("Method", "State Space Models")], [(0, 0)]),
        ([entity("Method", "Otter", "OTR")], [entity("Method", "OTR")], [(0, 0)]),  # any string of each
        ([entity("Method", "Otter-2")], [entity("Method", "Otter-3")], []),
        ([entity("Method", "Otter")], [entity("Method", "Otter"), entity("Method", "otter")], [(0, 0)]),  # one to one
        (
            [entity("Task", "Otter")],
            [entity("Method", "Otter"), entity("Task", "Otter")],
            [(0, 1)],
        ),  # equal types first
        ([entity("Benchmark", "Pond")], [entity("Method", "Pond"), entity("Dataset", "Pond")], [(0, 1)]),  # then data
        ([entity("Task", "Otter")], [entity("Method", "Otter")], [(0, 0)]),  # then any
    ],
)
def test_match(gold, predicted, pairs):
    assert match(gold, predicted) == pairs


def test_read_facts(tmp_path):
    path = tmp_path / "gold.jsonl"
    lines = [json.dumps(paper("Line\u2028separators \x85 stay"), ensure_ascii=False), "", json.dumps(GOLD[0])]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [record["title"] for record in read_facts(path)] == [
        "Line\u2028separators \x85 stay",
        "Otter: Gated Filters",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "gold.jsonl: holds no annotated papers"),
        ('{"title": "A"', "gold.jsonl:1: not JSON: "),
        ("[]", "gold.jsonl:1: not an annotated paper: needs title, entities, links, relations"),
        (
            '{"title": "A", "entities": []}',
            "gold.jsonl:1: not an annotated paper: needs title, entities, links, relations",
        ),
    ],
)
def test_what_is_no_annotated_paper(tmp_path, text, message):
    path = tmp_path / "gold.jsonl"
    path.write_text(text)
    with pytest.raises(SourceError) as error:
        read_facts(path)
    assert str(error.value).startswith(f"{tmp_path}/{message}")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere.jsonl: cannot be read: .*No such file or directory"):
        read_facts(tmp_path / "nowhere.jsonl")
