"""Measures how often each extractor is right on annotated papers, and writes `kg/extract/confidence.toml`.

    python bench/calibrate.py GOLD.jsonl

An entity counts for the extractor of its first mention; it is right when the annotation has it with that type.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import kg
from kg.evaluate import match, read_facts
from kg.extract.confidence import FILE
from kg.sources import merge, read

_PRIOR = 2  # papers' worth of doubt: an extractor that was seen twice is not certain


def main(gold: Path) -> None:
    annotated = {paper["title"]: paper for paper in read_facts(gold)}
    hits: Counter[tuple[str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for facts in kg.extract(merge(read([gold], format="jsonl"))):
        paper, found = annotated[facts.title], facts.to_json()
        pairs = {j: i for i, j in match(paper["entities"], found["entities"])}
        for j, entity in enumerate(facts.entities):
            key = ("extractor", entity.mentions[0].extractor)
            seen[key] += 1
            hits[key] += j in pairs and paper["entities"][pairs[j]]["type"] == entity.type
        index = {e["name"]: i for i, e in enumerate(paper["entities"])}
        stated = {(index.get(s), r, index.get(o)) for s, r, o in paper["relations"]}
        names = {entity.name: j for j, entity in enumerate(facts.entities)}
        for relation in facts.relations:
            key = ("relation", relation.type)
            seen[key] += 1
            ends = pairs.get(names[relation.subject]), pairs.get(names[relation.object])
            hits[key] += None not in ends and (ends[0], relation.type, ends[1]) in stated
    lines = [f"# Share of right facts among {len(annotated)} annotated papers; written by bench/calibrate.py."]
    for section in ("extractor", "relation"):
        lines += ["", f"[{section}]"]
        for kind, name in sorted(seen):
            if kind == section:
                share = (hits[kind, name] + _PRIOR / 2) / (seen[kind, name] + _PRIOR)
                lines.append(f'"{name}" = {share:.2f}  # of {seen[kind, name]}')
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
