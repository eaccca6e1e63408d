"""What is known of each candidate, as numbers: what the trees of `kg.extract.entities` read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from kg.extract.candidates import SOURCES, Candidate, Place
from kg.extract.contexts import fitting, patterns, type_of_name
from kg.extract.document import title_end, words_of
from kg.extract.gazetteer import NAME
from kg.extract.phrases import Phrase, Phrases
from kg.extract.proposer import COLUMNS, LABELS, ROLE_COLUMNS, ROLES
from kg.extract.text import name_key, singular
from kg.extract.trees import Floats
from kg.schema import ENTITY_LABELS

Integers = NDArray[np.int64]

_TYPES = len(ENTITY_LABELS)
_FITS = (*(f"fit {t}" for t in ENTITY_LABELS), "begin", "inner", "follows", "continues", "least", "mean", "fit")
_SHAPE = ("letters", "characters", "upper", "capitals", "mixed", "digit", "lower", "hyphens")
_JOINTS = ("-", "/")
_PATTERNS = tuple(p.id for p in patterns())
NAMES = (
    *(f"{how} {x}" for how in ("mean", "most", "least") for x in _FITS),
    *(f"share {t}" for t in ENTITY_LABELS),
    *(f"role {r}" for r in ROLES),
    "named",
    *(f"source {bit} {s}" for bit, s in enumerate(SOURCES)),
    *("places", "in title", "first", "last", "density", "tokens", "hyphen before", "hyphen after", "sentence start"),
    *("longer", "shorter", "overlapping", "lexicon inside", "lexicon around"),
    *("surfaces", "weakest surface"),
    *_SHAPE,
    *(f"suggests {t}" for t in ENTITY_LABELS),
    *(f"lexicon {t}" for t in ENTITY_LABELS),
    "lexicon named",
    *("seen", "labelled", "labelled share", "labelled named", *(f"labelled {t}" for t in ENTITY_LABELS)),
    *("head share", "head seen"),
    *(f"pattern {p}" for p in _PATTERNS),
)


def features(doc: Doc, found: Sequence[Candidate], phrases: Phrases) -> Floats:
    """One row a candidate, columns `NAMES`."""
    if not found:
        return np.zeros((0, len(NAMES)), np.float32)
    places = [place for c in found for place in c.places]
    starts, ends = np.array(places).T
    groups = _Groups(np.array([len(c.places) for c in found]))
    fits = place_fits(doc._.proposals, starts, ends)
    fit = fits[:, -1]
    average = groups.mean(fits)
    shares = average[:, :_TYPES] / np.maximum(average[:, :_TYPES].sum(1, keepdims=True), 1e-6)
    rest = np.vstack(
        [doc._.proposals[:, ROLE_COLUMNS.start :], np.zeros((1, COLUMNS - ROLE_COLUMNS.start), np.float32)]
    )
    inside = groups.mean(_reduced(np.add, rest, starts, ends) / (ends - starts)[:, None])
    bits = np.array([sources for c in found for sources in c.sources])[:, None] >> np.arange(len(SOURCES)) & 1
    fit_of = dict(zip(places, fit.tolist(), strict=True))
    lexicon = {(s.start, s.end): (s.label_, s.id_ == NAME) for s in doc.spans["kg_lexicon"]}
    patterns_at = _flags(doc, places, fit)
    none = [[False] * len(_PATTERNS)]
    return np.column_stack(
        [
            average,
            groups.most(fits),
            groups.least(fits),
            shares,
            inside,
            groups.mean(bits),
            _positions(doc, starts, ends, groups),
            _neighbours(doc, starts, ends, groups, fit),
            np.array([_of_name(c, fit_of, lexicon, phrases) for c in found]),
            np.array([np.any([patterns_at[p] for p in c.places if p in patterns_at] or none, axis=0) for c in found]),
        ]
    ).astype(np.float32)


class _Groups:
    """The places of each candidate, as stretches of the list of all places."""

    def __init__(self, sizes: Integers) -> None:
        self.sizes = sizes
        self.lasts = sizes.cumsum() - 1
        self.firsts = self.lasts - sizes + 1
        self.owner = np.repeat(np.arange(len(sizes)), sizes)

    def total(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.add.reduceat(values, self.firsts, dtype=np.float32)

    def mean(self, values: NDArray[Any]) -> NDArray[Any]:
        return self.total(values) / (self.sizes[:, None] if values.ndim > 1 else self.sizes)

    def most(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.maximum.reduceat(values, self.firsts)

    def least(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.minimum.reduceat(values, self.firsts)


def place_fits(rows: Floats, starts: Integers, ends: Integers) -> Floats:
    """How well the proposer's labels fit an entity at just these places: (places, `_FITS`)."""
    begins, insides = rows[:, 1 : len(LABELS) : 2], rows[:, 2 : len(LABELS) : 2]
    # One row more, so that the token behind the last one exists.
    padded = np.vstack([insides, np.zeros((1, insides.shape[1]), np.float32)])
    begin = begins[starts]
    inner = _reduced(np.minimum, padded, starts + 1, ends)
    inner[ends == starts + 1] = 1
    follows, continues = padded[ends].sum(1), insides[starts].sum(1)
    fit = begin * inner * (1 - follows)[:, None]
    labelled = np.append(1 - rows[:, 0], np.float32(0))
    mean = _reduced(np.add, labelled, starts, ends) / (ends - starts)
    least = _reduced(np.minimum, labelled, starts, ends)
    columns = [fit, begin.sum(1), inner.mean(1), follows, continues, least, mean, fit.sum(1)]
    return np.column_stack(columns).astype(np.float32)


def _reduced(how: np.ufunc, values: Floats, starts: Integers, ends: Integers) -> Floats:
    """`how` over ``values[start:end]`` for each pair, or ``values[start]`` if it is empty. The last row is padding."""
    edges = np.column_stack([starts, np.minimum(ends, len(values) - 1)]).ravel()
    found: Floats = how.reduceat(values, edges)[::2]
    return found


def _positions(doc: Doc, starts: Integers, ends: Integers, groups: _Groups) -> Floats:
    """Where the places are, and what stands at their edges."""
    joint = np.array([*(word in _JOINTS for word in words_of(doc)), False])
    glued = np.append(doc.to_array("SPACY") == 0, False)
    offsets = np.append(doc.to_array("IDX").astype(np.int64), 0)
    size = offsets[-2] + len(doc[-1])
    sentence = np.zeros(len(doc), bool)
    sentence[[s.start for s in doc.sents]] = True
    return np.column_stack(
        [
            groups.sizes,
            groups.total(offsets[starts] < title_end(doc)),
            offsets[starts[groups.firsts]] / size,
            offsets[starts[groups.lasts]] / size,
            groups.sizes / math.log(size + 2),
            groups.most(ends - starts),
            groups.mean((joint & glued)[starts - 1] & (starts > 0)),
            groups.mean(joint[ends] & glued[ends - 1]),
            groups.most(sentence[starts]),
        ]
    )


def _neighbours(doc: Doc, starts: Integers, ends: Integers, groups: _Groups, fit: Floats) -> Floats:
    """How the places lie to those of other candidates and to names of the lexicon."""
    longer, shorter, overlaps = np.zeros_like(fit), np.zeros_like(fit), np.zeros_like(fit)
    order = np.lexsort((-ends, starts))  # no two candidates share a place
    for step in range(1, len(order)):
        # Only near neighbours overlap, so this takes time in proportion to the text.
        a, b = order[:-step], order[step:]
        touching = starts[b] < ends[a]
        if not touching.any():
            break
        touching &= groups.owner[a] != groups.owner[b]
        a, b = a[touching], b[touching]
        np.add.at(overlaps, a, 1)
        np.add.at(overlaps, b, 1)
        around = ends[b] <= ends[a]
        np.maximum.at(longer, b[around], fit[a[around]])
        np.maximum.at(shorter, a[around], fit[b[around]])
    low, high = np.array([(s.start, s.end) for s in doc.spans["kg_lexicon"]] or [(-1, -1)], np.int64).T
    last = np.maximum(np.searchsorted(low, starts, "right") - 1, 0)
    same = (low[last] == starts) & (high[last] == ends)
    within = np.searchsorted(high, ends, "right") - np.searchsorted(low, starts, "left") - same
    around = (low[last] <= starts) & (ends <= high[last]) & ~same
    return np.column_stack(
        [
            groups.most(longer),
            groups.most(shorter),
            groups.total(overlaps),
            groups.most(within > 0),
            groups.most(around),
        ]
    )


def _of_name(
    candidate: Candidate, fit_of: Mapping[Place, float], lexicon: Mapping[Place, tuple[str, bool]], phrases: Phrases
) -> list[float]:
    """What its surfaces are and what is known of them."""
    surfaces: dict[str, float] = {}
    for place, text in zip(candidate.places, candidate.texts, strict=True):
        surfaces[text] = max(surfaces.get(text, 0.0), fit_of[place])
    longest = max(surfaces, key=lambda s: (len(s), s))
    label, coined = next((lexicon[place] for place in candidate.places if place in lexicon), ("", False))
    phrase = max(filter(None, (phrases.get(name_key(s)) for s in surfaces)), key=lambda p: p.seen, default=_UNSEEN)
    labelled, seen = phrases.heads.get(singular(longest.lower().replace("-", " ").split()[-1]), (0, 0))
    return [
        len(surfaces),
        min(surfaces.values()),
        *_shape(longest),
        *(label == t for t in ENTITY_LABELS),
        coined,
        math.log1p(phrase.seen),
        math.log1p(phrase.labelled),
        (phrase.labelled + 0.3) / (phrase.seen + 1),
        phrase.named / max(phrase.labelled, 1),
        *(count / max(phrase.labelled, 1) for count in phrase.types),
        (labelled + 0.3) / (seen + 1),
        math.log1p(seen),
    ]


_UNSEEN = Phrase("")


@lru_cache(maxsize=1 << 16)
def _shape(name: str) -> tuple[float, ...]:
    suggested = type_of_name(name)
    return (
        sum(map(str.isalpha, name)),
        len(name),
        any(map(str.isupper, name)),
        name.isupper(),
        any(map(str.isupper, name[1:])) and not name.isupper(),
        any(map(str.isdigit, name)),
        name.islower(),
        name.count("-"),
        *(suggested == t for t in ENTITY_LABELS),
    )


def _flags(doc: Doc, places: Sequence[Place], fit: Floats) -> dict[Place, list[bool]]:
    """Which patterns fit each place; where places overlap, the more likely and longer one stands for them."""
    taken: set[int] = set()
    chosen = []
    for _, _, place in sorted((-f, i - j, (i, j)) for f, (i, j) in zip(fit.tolist(), places, strict=True)):
        if taken.isdisjoint(range(*place)):
            taken.update(range(*place))
            chosen.append(place)
    chosen.sort()
    found = fitting(doc, [doc[i:j] for i, j in chosen], patterns())
    return {place: [p in fits for p in patterns()] for place, fits in zip(chosen, found, strict=True)}
