"""Names to entities across papers: which entities of which papers are one, what it is called, and its id.

Two entities of two papers are one when their types agree (Dataset and Benchmark count as one type here) and

1. they share a form after normalisation (`kg.extract.text.name_key`: case, hyphens, spaces, plurals), or the
gazetteer lists both, or
2. one has an abbreviation only, and all papers that spell this abbreviation out agree on its long form.

An abbreviation that two papers spell out differently joins nothing: each long form is an entity, and a paper that
gives the abbreviation alone goes to the gazetteer's reading if there is one, else to an entity of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

from kg.extract.gazetteer import Entry, entries
from kg.extract.text import name_key
from kg.model import Entity, Facts
from kg.schema import DATA_LABELS

Key = tuple[str, str]  # kind and normalised name
_MAX_SLUG = 80


@dataclass(frozen=True, slots=True)
class Resolved:
    """An entity of the graph. `papers`: how many papers have it."""

    id: str
    name: str
    type: str
    aliases: tuple[str, ...]
    named: bool
    papers: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """`entities` by id, in order; `of` maps a paper's id and the index of an entity in its facts to the entity's id."""

    entities: Mapping[str, Resolved]
    of: Mapping[tuple[str, int], str]


def kind(label: str) -> str:
    """Types that name the same things: a benchmark in one paper is a dataset in another."""
    return "Data" if label in DATA_LABELS else label


@cache
def _gazetteer() -> dict[Key, Entry]:
    found: dict[Key, Entry] = {}
    for entry in entries():
        for form in entry.forms:
            found.setdefault((kind(entry.type), name_key(form)), entry)
    return found


def _is_short(form: str, long: str) -> bool:
    """Whether `form` abbreviates `long`: one word, and its letters open words of `long`, in order."""
    letters = [c for c in form.casefold().removesuffix("s") if c.isalnum()]
    words = re.findall(r"[^\W_]+", long.casefold())
    if len(words) < 2 or not letters or " " in form or len(form) >= len(long):
        return False
    joined = iter("".join(words))
    return letters[0] == words[0][0] and all(c in joined for c in letters)


def _forms(entity: Entity) -> tuple[list[str], list[str]]:
    """The entity's forms apart: the long ones (or all, when none abbreviates another), and the abbreviations."""
    forms = list(dict.fromkeys([entity.name, *entity.surfaces]))
    short = [f for f in forms if any(_is_short(f, g) for g in forms)]
    return [f for f in forms if f not in short], short


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.+]+", "-", plain).strip("-.")[:_MAX_SLUG]


def resolve(facts: Iterable[Facts]) -> Resolution:
    """Resolve all entities of all papers. The result does not depend on the order of the papers."""
    known = _gazetteer()
    members: dict[Key, list[tuple[str, int, Entity]]] = defaultdict(list)
    alone: list[tuple[Key, tuple[str, int, Entity]]] = []
    meanings: dict[Key, set[Key]] = defaultdict(set)

    for paper in facts:
        for i, entity in enumerate(paper.entities):
            group = kind(entity.type)
            long, short = _forms(entity)
            keys = [(group, name_key(form)) for form in long]
            entry = next((known[k] for k in keys if k in known), None)
            key = (group, name_key(entry.name)) if entry else min(keys, key=lambda k: (-len(k[1]), k[1]))
            item = (paper.id, i, entity)
            if short or entry or any(" " in form.strip() for form in long):
                members[key].append(item)
            else:
                alone.append((key, item))
            for form in short:
                meanings[group, name_key(form)].add(key)

    for key, item in alone:
        readings = meanings.get(key, set())
        members[next(iter(readings)) if len(readings) == 1 else key].append(item)

    return _named(members, known)


def _named(members: Mapping[Key, list[tuple[str, int, Entity]]], known: Mapping[Key, Entry]) -> Resolution:
    """Give every group its name, type, aliases and id."""
    entities: dict[str, Resolved] = {}
    of: dict[tuple[str, int], str] = {}
    for key in sorted(members):
        group = members[key]
        entry = known.get(key)
        forms = Counter(form for _, _, e in group for form in dict.fromkeys([e.name, *e.surfaces]))
        named = sum(e.named for _, _, e in group) * 2 >= len(group)
        # The most frequent name; a generic term is written in lower case when it ever is, a coined name as its
        # authors do.
        names = Counter(e.name for _, _, e in group)
        name = entry.name if entry else min(names, key=lambda n: (-names[n], not named and not n.islower(), len(n), n))
        types = Counter(e.type for _, _, e in group)
        label = min(types, key=lambda t: (-types[t], entry is None or t != entry.type, t))
        slug = _slug(name)
        id_ = f"{label.lower()}:{slug}"
        if not slug or id_ in entities:
            id_ += ("-" if slug else "") + blake2b(repr(key).encode(), digest_size=4).hexdigest()
        entities[id_] = Resolved(
            id=id_,
            name=name,
            type=label,
            aliases=tuple(sorted(forms.keys() - {name})),
            named=entry.named if entry else named,
            papers=len({paper for paper, _, _ in group}),
        )
        for paper, i, _ in group:
            of[paper, i] = id_
    return Resolution(dict(sorted(entities.items())), of)
