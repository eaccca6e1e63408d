"""The same paper from several places becomes one."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kg.model import Paper
from kg.sources import merge, paper_id


def paper(title, source, arxiv_id=None, **fields):
    return Paper(id=paper_id(title, arxiv_id), title=title, arxiv_id=arxiv_id, sources=(source,), **fields)


def ids_and_sources(papers):
    return [(p.id, p.sources) for p in merge(papers)]


def test_fields():
    listed = paper(
        "Fog: A Survey",
        "a.txt:11",
        abstract="It hides.",
        published=date(2025, 4, 21),
        authors_count=2,
        organizations=("Harbor Lab",),
    )
    submitted = paper(
        "FOG - a survey.",
        "b.jsonl:1",
        "2504.00001",
        abstract="It hides the coast.",
        published=date(2025, 4, 1),
        url="https://arxiv.org/abs/2504.00001",
        authors=("Ada Tern", "Bo Skua"),
        authors_count=2,
    )
    assert list(merge([listed, submitted])) == [
        Paper(
            id="arxiv:2504.00001",
            title="Fog: A Survey",
            abstract="It hides the coast.",
            published=date(2025, 4, 1),
            url="https://arxiv.org/abs/2504.00001",
            arxiv_id="2504.00001",
            authors=("Ada Tern", "Bo Skua"),
            authors_count=2,
            organizations=("Harbor Lab",),
            sources=("a.txt:11", "b.jsonl:1"),
        )
    ]


def test_day_of_a_record_without_arxiv_id_where_no_other_has_one():
    first = paper("Fog", "a:1", "2504.00001")
    second = paper("Fog", "b:1", published=date(2025, 4, 21))
    assert merge([first, second])[0].published == date(2025, 4, 21)


def test_order_of_first_appearance_and_sources_once():
    papers = [paper("Fog", "a:1"), paper("Rain", "a:5"), paper("fog", "b:1"), paper("Fog", "a:1")]
    assert ids_and_sources(papers) == [("paper:fog", ("a:1", "b:1")), ("paper:rain", ("a:5",))]


def test_one_title_with_two_arxiv_ids_is_two_papers():
    papers = [paper("Fog", "a:1", "2504.00001"), paper("Fog", "a:2", "2504.00002"), paper("Fog", "b:1")]
    assert ids_and_sources(papers) == [("arxiv:2504.00001", ("a:1", "b:1")), ("arxiv:2504.00002", ("a:2",))]


def test_one_arxiv_id_with_two_titles_is_one_paper():
    papers = [paper("Fog", "a:1", "2504.00001"), paper("Mist", "a:2", "2504.00001"), paper("Mist", "b:1")]
    assert ids_and_sources(papers) == [("arxiv:2504.00001", ("a:1", "a:2", "b:1"))]


def test_a_record_joins_two():
    papers = [
        paper("Mist", "a:1"),
        paper("Rain", "a:2"),
        paper("Fog", "b:1", "2504.00001"),
        paper("Mist", "c:1", "2504.00001"),
        paper("mist", "d:1"),
    ]
    assert ids_and_sources(papers) == [
        ("arxiv:2504.00001", ("a:1", "b:1", "c:1", "d:1")),
        ("paper:rain", ("a:2",)),
    ]


RECORDS = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from([None, "2504.00001", "2504.00002"])), max_size=8)


@given(RECORDS)
def test_no_record_is_lost_and_merging_again_changes_nothing(records):
    papers = [paper(title, f"a:{line}", arxiv_id) for line, (title, arxiv_id) in enumerate(records, 1)]
    merged = merge(papers)
    assert sorted(s for p in merged for s in p.sources) == sorted(s for p in papers for s in p.sources)
    assert list(merge(merged)) == list(merged)
    assert len({p.id for p in merged}) == len(merged)
    with_id = [p.arxiv_id for p in papers if p.arxiv_id]
    assert sorted(p.arxiv_id for p in merged if p.arxiv_id) == sorted(set(with_id))
