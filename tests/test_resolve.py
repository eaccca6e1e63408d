"""Names to entities across papers: what is one thing, what is not, what it is called, and its id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Entity, Facts
from kg.resolve import Resolved, resolve


def entity(*surfaces, type="Method", named=True, role="uses"):
    """An entity without mentions, which resolution does not read; its name is the shortest of its surfaces."""
    return Entity(min(surfaces, key=len), type, named, role, 0.9, surfaces, ())


def papers(*entities):
    """One paper for each entity: p0, p1, …"""
    return [Facts(f"p{i}", f"Paper {i}", (e,)) for i, e in enumerate(entities)]


def ids(*entities):
    of = resolve(papers(*entities)).of
    return [of[f"p{i}"][0] for i in range(len(entities))]


SAME = [
    # a, b: the surfaces of one paper each
    (["Otter Attention"], ["otter attention"]),  # case
    (["river-flow network"], ["river flow network"]),  # hyphen
    (["reed sampler"], ["reed samplers"]),  # plural
    (["mixture of otters"], ["mixtures of otters"]),  # plural of an inner word
    (["POND models"], ["PONDs model"]),  # plural of an inner acronym
    (["stream optimisation"], ["stream optimization"]),  # British and American
    (["neighbour modelling"], ["neighbor modeling"]),
    (["signal analysers"], ["signal analyzer"]),
    (["Otter-3.5"], ["Otter 3.5"]),  # before a version
    (["Otter3.5"], ["otter-3.5"]),
    (["PondSet-10"], ["PondSet10"]),
    (["na\u0131ve\u2010otter"], ["na\u0131ve-otter"]),  # a typographic hyphen
    (["\uff2ftter \uff2eet"], ["Otter Net"]),  # full-width letters
    (["gated river filter", "GRF"], ["gated river filters"]),  # long form with and without its abbreviation
    (["gated river filter", "GRF"], ["Gated River Filter", "GRF-s"]),
    (["gated river filter", "GRF"], ["GRF"]),  # an abbreviation alone joins its only long form
    (["gated river filters", "GRFs"], ["GRF"]),
    (["otter", "otter architecture"], ["otter"]),  # more words for the same
    (["large language models"], ["LLM"]),  # the gazetteer's reading
    (["categorical boosting", "CatBoost"], ["CatBoost"]),  # the gazetteer knows the name, the paper its long form
]
DIFFERENT = [
    (["Otter-2"], ["Otter-3"]),  # versions
    (["Otter-2"], ["Otter"]),
    (["Otter-3.5"], ["Otter-35"]),
    (["PondSet-10"], ["PondSet-100"]),
    (["river filter"], ["gated river filter"]),  # a part of a name
    (["reed sampling"], ["reed sampler"]),  # derived, not inflected
    (["Otter"], ["Other"]),  # one letter
    (["pond tax filing"], ["pond tax filling"]),  # not every double l is British
    (["gated river filter", "GRF"], ["graded reed forest", "GRF"]),  # one abbreviation, two meanings
    (["bring your own lynx", "BYOL"], ["BYOL"]),  # a few capitals that the gazetteer knows for another thing
]


@pytest.mark.parametrize(("a", "b"), SAME, ids=str)
def test_must_merge(a, b):
    assert len(set(ids(entity(*a), entity(*b)))) == 1


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=str)
def test_must_not_merge(a, b):
    assert len(set(ids(entity(*a), entity(*b)))) == 2


def test_one_name_of_two_types_is_two_entities_but_a_benchmark_may_be_called_a_dataset():
    assert ids(entity("PondTrack"), entity("PondTrack", type="Task")) == ["method:pondtrack", "task:pondtrack"]
    assert (
        ids(entity("PondTrack", type="Benchmark"), entity("PondTrack", type="Dataset")) == ["benchmark:pondtrack"] * 2
    )
    two_to_one = [entity("PondTrack", type=t) for t in ("Benchmark", "Dataset", "Dataset")]
    assert ids(*two_to_one) == ["dataset:pondtrack"] * 3


def test_an_abbreviation_with_two_meanings_merges_and_names_nothing():
    assert ids(
        entity("gated river filter", "GRF", named=False),
        entity("graded reed forest", "GRF", named=False),
        entity("GRF"),
    ) == ["method:gated-river-filter", "method:graded-reed-forest", "method:grf"]


def test_a_name_that_a_paper_introduces_is_not_the_known_one():
    known, own = entity("CatBoost"), entity("category boosting otters", "CatBoost", role="introduces")
    assert ids(known, own) == ["method:catboost", "method:category-boosting-otters"]


def test_what_an_entity_is_called():
    assert resolve(
        papers(
            entity("Reed Sampling", named=False),
            entity("Reed Sampling", named=False),
            entity("reed sampling", named=False),
            entity("OtterNet"),
            entity("OtterNet"),
            entity("otternet"),
        )
    ).entities == {
        # a generic term in lower case if it ever is, a coined name as most write it
        "method:otternet": Resolved("method:otternet", "OtterNet", "Method", ("otternet",), True, 3),
        "method:reed-sampling": Resolved(
            "method:reed-sampling", "reed sampling", "Method", ("Reed Sampling",), False, 3
        ),
    }


def test_an_entity_twice_in_one_paper_counts_once():
    twice = Facts("p0", "Otters", (entity("Otter Net"), entity("OtterNets")))
    assert resolve([twice]).entities["method:otter-net"].papers == 1


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Otter-3.5 (large)", "method:otter-3.5-large"),
        ("Otter++", "method:otter++"),
        ("Élan Früh", "method:elan-fruh"),
        ("Straßenøtter", "method:strassenotter"),
        ("β-Otter", "method:beta-otter"),
        ("水獺", "method:01a4f268"),  # nothing to spell out: a hash
        ("∇", "method:639ef5b7"),
        ("otter " * 40, "method:" + "-".join(["otter"] * 13)),
    ],
)
def test_readable_ids(name, id):
    assert ids(entity(name)) == [id]


def test_names_with_one_slug_have_two_ids():
    assert ids(entity("Otter Δ"), entity("Otter delta")) == ["method:otter-delta-025b0ae6", "method:otter-delta"]
    assert ids(entity("Otter delta"), entity("Otter Δ")) == ["method:otter-delta", "method:otter-delta-025b0ae6"]


def test_no_papers():
    assert resolve([]).entities == {}


WORDS = st.sampled_from(["otter", "Otter", "otters", "river", "net", "Net-2", "GRF", "gated", "filter", "ON", "LLM"])
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
ENTITIES = st.builds(
    lambda surfaces, type, named: entity(*surfaces, type=type, named=named),
    st.lists(NAMES, min_size=1, max_size=3, unique=True),
    st.sampled_from(["Method", "Dataset", "Benchmark"]),
    st.booleans(),
)
CORPORA = st.lists(st.lists(ENTITIES, max_size=3), max_size=8).map(
    lambda corpus: [Facts(f"p{i}", "", tuple(entities)) for i, entities in enumerate(corpus)]
)


@given(CORPORA, st.randoms())
def test_the_order_of_papers_does_not_matter(corpus, random):
    shuffled = random.sample(corpus, len(corpus))
    assert resolve(shuffled) == resolve(corpus)


@given(CORPORA)
def test_every_entity_of_a_paper_is_in_one_node_of_its_kind(corpus):
    resolution = resolve(corpus)
    assert {id for of in resolution.of.values() for id in of} == set(resolution.entities)
    for paper in corpus:
        for e, id in zip(paper.entities, resolution.of[paper.id], strict=True):
            node = resolution.entities[id]
            assert (node.type == "Method") == (e.type == "Method")
            assert {e.name, *e.surfaces} <= {node.name, *node.aliases}
