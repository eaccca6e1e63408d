"""Scores facts against annotated papers: precision, recall and F1 by kind of fact.

Papers are joined by title. A predicted entity matches an annotated one of the same paper when any of their strings
are equal after normalisation; matching is one to one and prefers equal types, then Dataset for Benchmark. Counts are
summed over papers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from kg.errors import SourceError
from kg.schema import DATA_LABELS, ENTITY_LABELS
from kg.stores import Result

Record = Mapping[str, Any]
_EMPTY: Record = {"entities": [], "links": [], "relations": []}
_ROLES = ("introduces", "evaluates", "compares")


def read_facts(path: Path) -> list[dict[str, Any]]:
    """Annotated papers or extracted facts, one JSON object a line.

    Raises:
        SourceError: the file is missing or a line is not a record with title, entities, links and relations.
    """
    records = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: JSON strings may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise SourceError(f"{path}:{number}: not JSON: {error}") from error
            if not isinstance(record, dict) or not {"title", "entities", "links", "relations"} <= record.keys():
                raise SourceError(f"{path}:{number}: not an annotated paper: needs title, entities, links, relations")
            records.append(record)
    if not records:
        raise SourceError(f"{path}: holds no annotated papers")
    return records


def score(gold: Iterable[Record], predicted: Iterable[Record]) -> Result:
    """The table: row, precision, recall, f1, hits, predicted, gold. A paper without prediction counts as all missed."""
    found = {_title_key(p["title"]): p for p in predicted}
    tally = _Tally()
    for paper in gold:
        tally.paper(paper, found.get(_title_key(paper["title"]), _EMPTY))
    return tally.result()


def _title_key(title: str) -> str:
    return re.sub(r"\W+", " ", title.casefold()).strip()


def _normal(text: str) -> str:
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).split()
    return " ".join(
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith(("ss", "us", "is")) else w for w in words
    )


def strings(entity: Record) -> set[str]:
    """The normalised forms of an entity, any of which may match."""
    return {n for n in map(_normal, [*entity.get("surfaces", []), entity.get("name", "")]) if n}


def _same_type(a: str, b: str) -> bool:
    return a == b or (a in DATA_LABELS and b in DATA_LABELS)


def match(gold: Sequence[Record], predicted: Sequence[Record]) -> list[tuple[int, int]]:
    """Pairs of indices of matching entities, one to one."""
    gold_strings, predicted_strings = [strings(g) for g in gold], [strings(p) for p in predicted]
    tests: tuple[Callable[[str, str], bool], ...] = (str.__eq__, _same_type, lambda a, b: True)
    pairs: dict[int, int] = {}
    for test in tests:
        for i, g in enumerate(gold):
            for j, p in enumerate(predicted):
                if i in pairs or j in pairs.values():
                    continue
                if test(g["type"], p["type"]) and gold_strings[i] & predicted_strings[j]:
                    pairs[i] = j
    return sorted(pairs.items())


def _link_key(link: Record) -> tuple[str, str]:
    if link.get("repo"):
        return "repo", link["repo"].casefold().rstrip("/")
    return "url", re.sub(r"^https?://(www\.)?", "", link["url"].casefold()).rstrip("/.")


class _Tally:
    def __init__(self) -> None:
        self._hits: Counter[str] = Counter()
        self._predicted: Counter[str] = Counter()
        self._gold: Counter[str] = Counter()
        self._rows: dict[str, None] = {}

    def _add(self, row: str, hits: int, predicted: int, gold: int) -> None:
        self._rows[row] = None
        self._hits[row] += hits
        self._predicted[row] += predicted
        self._gold[row] += gold

    def paper(self, gold: Record, predicted: Record) -> None:
        gs, ps = gold["entities"], predicted["entities"]
        matched = match(gs, ps)
        pairs = [(i, j) for i, j in matched if _same_type(gs[i]["type"], ps[j]["type"])]
        strict = [(i, j) for i, j in pairs if gs[i]["type"] == ps[j]["type"]]
        self._add("entities", len(pairs), len(ps), len(gs))
        self._add("entities, Dataset and Benchmark apart", len(strict), len(ps), len(gs))
        for label in ENTITY_LABELS:
            self._add(label, *self._count(strict, ps, gs, lambda e, label=label: e["type"] == label))  # type: ignore[misc]
        self._add("Dataset or Benchmark", *self._count(pairs, ps, gs, lambda e: e["type"] in DATA_LABELS))
        # A prediction that hits a generic term, or that says itself that it is one, neither helps nor hurts here.
        generic = {j for i, j in matched if not gs[i]["named"]}
        generic |= {j for j, p in enumerate(ps) if not p.get("named", True)} - {j for _, j in matched}
        self._add(
            "named entities", sum(gs[i]["named"] for i, _ in pairs), len(ps) - len(generic), sum(g["named"] for g in gs)
        )
        agreeing = [(i, j) for i, j in pairs if gs[i]["role"] == ps[j].get("role")]
        self._add("entity with role", len(agreeing), len(ps), len(gs))
        for role in _ROLES:
            self._add(role, *self._count(agreeing, ps, gs, lambda e, role=role: e.get("role") == role))  # type: ignore[misc]
        gold_links, links = ({_link_key(k) for k in x["links"]} for x in (gold, predicted))
        self._add("links", len(gold_links & links), len(links), len(gold_links))
        gold_repos, repos = ({k for k in x if k[0] == "repo"} for x in (gold_links, links))
        self._add("repositories", len(gold_repos & repos), len(repos), len(gold_repos))
        self._relations(gold, predicted, {j: i for i, j in matched})

    @staticmethod
    def _count(
        pairs: list[tuple[int, int]], ps: list[Record], gs: list[Record], counts: Callable[[Record], bool]
    ) -> tuple[int, int, int]:
        return sum(counts(gs[i]) for i, _ in pairs), sum(map(counts, ps)), sum(map(counts, gs))

    def _relations(self, gold: Record, predicted: Record, gold_of: Mapping[int, int]) -> None:
        gold_index = {g["name"]: i for i, g in enumerate(gold["entities"])}
        index = {p["name"]: j for j, p in enumerate(predicted["entities"])}
        stated = {
            (gold_index[s], r, gold_index[o]) for s, r, o in gold["relations"] if s in gold_index and o in gold_index
        }
        found = set()
        for subject, relation, object_ in predicted["relations"]:
            ends = gold_of.get(index.get(subject, -1)), gold_of.get(index.get(object_, -1))
            found.add((ends[0], relation, ends[1]) if None not in ends else (subject, relation, object_))
        self._add("relations", len(stated & found), len(found), len(stated))

    def result(self) -> Result:
        rows: list[list[Any]] = []
        for row in self._rows:
            hits, predicted, gold = self._hits[row], self._predicted[row], self._gold[row]
            precision, recall = hits / predicted if predicted else 0.0, hits / gold if gold else 0.0
            f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
            rows.append([row, *(round(x, 3) for x in (precision, recall, f1)), hits, predicted, gold])
        return Result(["row", "precision", "recall", "f1", "hits", "predicted", "gold"], rows)


_BINS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def calibration(gold: Iterable[Record], predicted: Iterable[Record]) -> Result:
    """The table: fact, from, to, facts, confidence (their mean), right (the share of them that is annotated)."""
    found = {_title_key(p["title"]): p for p in predicted}
    facts: dict[tuple[str, int], list[tuple[float, bool]]] = defaultdict(list)
    for paper in gold:
        ours = found.get(_title_key(paper["title"]), _EMPTY)
        for kind, confidence, right in _judged(paper, ours):
            facts[kind, min(bisect_right(_BINS, confidence), len(_BINS) - 1) - 1].append((confidence, right))
    return Result(
        ["fact", "from", "to", "facts", "confidence", "right"],
        [
            [kind, _BINS[i], _BINS[i + 1], len(rows), *(round(fmean(column), 3) for column in zip(*rows, strict=True))]
            for (kind, i), rows in sorted(facts.items())
        ],
    )


def _judged(gold: Record, predicted: Record) -> Iterator[tuple[str, float, bool]]:
    """Kind, confidence and rightness of each predicted fact that has a confidence."""
    gs, ps = gold["entities"], predicted["entities"]
    pairs = {j: i for i, j in match(gs, ps)}
    for j, entity in enumerate(ps):
        if "confidence" in entity:
            yield "entity", entity["confidence"], j in pairs and _same_type(gs[pairs[j]]["type"], entity["type"])
    index = {p["name"]: j for j, p in enumerate(ps)}
    names = {j: gs[i]["name"] for j, i in pairs.items()}
    stated = {tuple(relation) for relation in gold["relations"]}
    for (subject, kind, object_), evidence in zip(predicted["relations"], predicted.get("evidence", ()), strict=False):
        ends = [names.get(index.get(name, -1)) for name in (subject, object_)]
        yield "relation", evidence["confidence"], (ends[0], kind, ends[1]) in stated
