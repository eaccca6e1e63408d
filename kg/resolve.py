"""Names to entities across papers: which entities of which papers are one, what it is called, and its id.

Two entities of two papers are one when their types agree (Dataset and Benchmark count as one type here) and

1. their longest forms are spelled alike (case, hyphens, spaces, plurals, British or American spelling do not count), or
the gazetteer has both, or
2. one has an abbreviation only, and all papers that spell this abbreviation out agree on its long form.

An abbreviation that two papers spell out differently joins nothing and names nothing: each long form is an entity, and
a paper that gives the abbreviation alone goes to the gazetteer's reading if there is one, else to an entity of its own.
A name that is a method in one paper and a task or metric in another is two entities.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

from kg.extract.gazetteer import Entry, entries
from kg.extract.text import name_key, singular
from kg.model import Entity, Facts
from kg.schema import DATA_LABELS

Key = tuple[str, str]  # kind and spelling
_MAX_SLUG = 80
_COMMON = 4  # letters of an abbreviation that many things share

_PLAIN_WORD = re.compile(r"[^\W\d_]+")
# British endings and their American equals: -ise and -isation, -yse, -our, a doubled l.
_BRITISH = (
    (re.compile(r"(?<=\w{3})is(?=(?:e|ed|er|ing|ation|able)$)"), "iz"),
    (re.compile(r"(?<=ly)s(?=(?:e|ed|er|ing)$)"), "z"),
    (re.compile(r"(?<=\w{3})our(?=(?:ed|ing|al)?$)"), "or"),
    (re.compile(r"(?<=[aeu]l)l(?=(?:ed|er|ing)$)"), ""),
)
_LETTER = re.compile(r"(?:LATIN|GREEK) .*LETTER (?:SCRIPT |DOTLESS )?(\w+)")


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
    """`entities` by id, in order; `of` maps a paper's id to the ids of its entities, in the order of its facts."""

    entities: Mapping[str, Resolved]
    of: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an entity of one paper says about names.

    It is the thing `key`; but if `alone`, this is one short form, which other papers may spell out. `meanings` are
    spellings of abbreviations and of what they stand for, all of the key's kind.
    """

    key: Key
    alone: bool
    name: str
    type: str
    named: bool
    forms: tuple[str, ...]
    meanings: tuple[tuple[str, str], ...] = ()


def kind(label: str) -> str:
    """Types that name the same things: a benchmark in one paper is a dataset in another."""
    return "Data" if label in DATA_LABELS else label


Known = Mapping[Key, Entry]


@cache
def _gazetteer() -> Known:
    return _by_spelling(entries())


def _by_spelling(known: Iterable[Entry]) -> Known:
    found: dict[Key, Entry] = {}
    for entry in known:
        for form in entry.forms:
            found.setdefault((kind(entry.type), spelling(form)), entry)
    return found


def known_names(folder: Path | None = None) -> Known:
    """The entries of the gazetteer by kind and spelling; those of a lexicon of one's own in `folder` come first."""
    if folder is None:
        return _gazetteer()
    own = entries.__wrapped__(folder)  # its files may have changed since they were last read
    return {**_gazetteer(), **_by_spelling(own)}


@lru_cache(maxsize=2**17)
def spelling(form: str) -> str:
    """The key under which the spellings of one name are equal in all papers.

    It is `name_key` of the form with plurals and British spellings undone in every word, not in the last one only:
    `mixtures-of-experts` = `Mixture of Experts`, `neighbour modelling` = `neighbor modeling`.
    """
    return name_key(_PLAIN_WORD.sub(_plain_word, form))


def _plain_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.endswith("s") and len(word) > 2 and word[:-1].isupper():
        return word[:-1]
    if word.islower() or word.istitle():
        word = singular(word.lower())
        for british, american in _BRITISH:
            word = british.sub(american, word)
    return word


def _is_short(form: str, long: str) -> bool:
    """Whether `form` abbreviates `long`: one word that is none of `long`, its letters in order those of `long`."""
    short = form.casefold().removesuffix("s")
    letters = [c for c in short if c.isalnum()]
    words = re.findall(r"[^\W_]+", long.casefold())
    if len(words) < 2 or not letters or " " in form or len(form) >= len(long) or short in map(singular, words):
        return False
    joined = iter("".join(words))
    return letters[0] == words[0][0] and all(c in joined for c in letters)


def _forms(entity: Entity) -> tuple[list[str], list[str]]:
    """The entity's forms apart: the long ones (or all, when none abbreviates another), and the abbreviations.

    A form that adds words to the end of another one (`InfoNCE loss` to `InfoNCE`) is left out.
    """
    forms = list(dict.fromkeys([entity.name, *entity.surfaces]))
    short = [f for f in forms if any(_is_short(f, g) for g in forms)]
    long = [f for f in forms if f not in short]
    return [f for f in long if not any(f.casefold().startswith(f"{g.casefold()} ") for g in forms)] or long, short


def _coined(role: str, group: str, short: Iterable[str], known: Known) -> Entry | None:
    """The gazetteer's entry that an entity means by its abbreviation, though the gazetteer lacks its long form.

    `CatBoost` spelled out is CatBoost, unless a paper introduces a thing of its own by that name or the gazetteer
    spells it out in another way. A few capitals (`RPO`) are too common to tell.
    """
    for form in short if role != "introduces" else ():
        entry = known.get((group, spelling(form)))
        distinctive = len(form) > _COMMON or not form.rstrip("s").isupper()
        if entry and entry.named and distinctive and not any(_is_short(form, other) for other in entry.forms):
            return entry
    return None


def _slug(name: str) -> str:
    """The name in ASCII lower case: accents are dropped, Greek letters spelled out (`β-VAE`: `beta-vae`)."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c if c.isascii() else _spelled_out(c) for c in decomposed if not unicodedata.combining(c))
    slug = re.sub(r"[^a-z0-9.+]+", "-", plain).strip("-.")
    return slug if len(slug) <= _MAX_SLUG else slug[: _MAX_SLUG + 1].rpartition("-")[0] or slug[:_MAX_SLUG]


def _spelled_out(char: str) -> str:
    found = _LETTER.search(unicodedata.name(char, ""))
    return found[1].lower() if found else "-"


def claims(facts: Facts, known: Known) -> list[Claim]:
    """One for each entity of a paper."""
    return [_claim(entity, known) for entity in facts.entities]


def _claim(entity: Entity, known: Known) -> Claim:
    group = kind(entity.type)
    long, short = _forms(entity)
    keys = [(group, spelling(form)) for form in long]
    entry = next((known[k] for k in keys if k in known), None) or _coined(entity.role, group, short, known)
    key = (group, spelling(entry.name)) if entry else min(keys, key=lambda k: (-len(k[1]), k[1]))
    meanings = []
    for form in short:
        abbreviation = spelling(form)
        meanings.append((abbreviation, key[1]))
        if other := known.get((group, abbreviation)):
            meanings.append((abbreviation, spelling(other.name)))
    alone = not (short or entry or any(" " in form.strip() for form in long))
    forms = tuple(dict.fromkeys([entity.name, *entity.surfaces]))
    return Claim(key, alone, entity.name, entity.type, entity.named, forms, tuple(meanings))


def named(key: Key, members: Sequence[Claim], papers: int, known: Known, ambiguous: Collection[Key]) -> Resolved:
    """The entity that so many papers make these claims of; `ambiguous` are abbreviations of several things.

    Its id may be that of another entity, too: see `distinct`.
    """
    entry = known.get(key)
    forms = Counter(form for claim in members for form in claim.forms)
    coined = entry.named if entry else sum(claim.named for claim in members) * 2 >= len(members)
    name = entry.name if entry else _name(key, Counter(c.name for c in members), forms, coined, ambiguous)
    types = Counter(claim.type for claim in members)
    label = min(types, key=lambda t: (-types[t], entry is None or t != entry.type, t))
    return Resolved(
        id=f"{label.lower()}:{_slug(name)}",
        name=name,
        type=label,
        aliases=tuple(sorted(forms.keys() - {name})),
        named=coined,
        papers=papers,
    )


def distinct(id_: str, key: Key, taken: bool) -> str:
    """The id, with a hash of the key if another entity has `taken` it or if it has no letters."""
    nameless = id_.endswith(":")
    if not (taken or nameless):
        return id_
    return id_ + ("" if nameless else "-") + blake2b(repr(key).encode(), digest_size=4).hexdigest()


def resolve(facts: Iterable[Facts], names: Path | None = None) -> Resolution:
    """Resolve all entities of all papers, each of which has one record. Their order does not matter.

    `names` is the folder of a lexicon of one's own, which counts before the gazetteer.
    """
    known = known_names(names)
    made: list[tuple[str, list[Claim]]] = [(paper.id, claims(paper, known)) for paper in facts]
    readings: dict[Key, set[str]] = defaultdict(set)
    for _, of_paper in made:
        for claim in of_paper:
            for short, long in claim.meanings:
                readings[claim.key[0], short].add(long)

    def meant(claim: Claim) -> Key:
        joined = readings.get(claim.key, ()) if claim.alone else ()
        return (claim.key[0], next(iter(joined))) if len(joined) == 1 else claim.key

    members: dict[Key, list[Claim]] = defaultdict(list)
    papers: Counter[Key] = Counter()
    keys: dict[str, list[Key]] = {}
    for id_, of_paper in made:
        keys[id_] = [meant(claim) for claim in of_paper]
        papers.update(set(keys[id_]))
        for key, claim in zip(keys[id_], of_paper, strict=True):
            members[key].append(claim)

    ambiguous = {key for key, joined in readings.items() if len(joined) > 1}
    entities: dict[str, Resolved] = {}
    ids: dict[Key, str] = {}
    for key in sorted(members):
        entity = named(key, members[key], papers[key], known, ambiguous)
        ids[key] = distinct(entity.id, key, entity.id in entities)
        entities[ids[key]] = replace(entity, id=ids[key])
    return Resolution(dict(sorted(entities.items())), {id_: [ids[key] for key in of] for id_, of in keys.items()})


def _name(key: Key, names: Counter[str], forms: Counter[str], named: bool, ambiguous: Collection[Key]) -> str:
    """The most frequent of `names`, or of `forms` where those are abbreviations of other things, too.

    A generic term is in lower case if it ever is; a coined name is as its authors write it.
    """

    def clear(form: str) -> bool:
        own = (key[0], spelling(form))
        return own == key or own not in ambiguous

    choice = names if any(map(clear, names)) else forms
    return min(
        filter(clear, choice) if any(map(clear, choice)) else choice,
        key=lambda n: (not named and not n.islower(), -choice[n], len(n), n),
    )
