"""Facts that are kept between runs: whole batches, found again by the text alone, and only those of one extractor."""

from __future__ import annotations

import pytest

from kg.extracted import Extracted
from kg.model import Entity, Facts, Link, Mention, Paper, Relation, Span

OTTER = Paper("paper:otter", "Otter", "We present Otter.")
HERON = Paper("paper:heron", "Heron", "Heron waits.")
FACTS = Facts(
    "paper:otter",
    "Otter",
    entities=(
        Entity("Otter", "Method", True, "introduces", 0.9, ("Otter",), (Mention("title", 0, 5, "Otter", "model"),)),
    ),
    links=(Link("https://github.com/a/b", "code", "github.com/a/b", "github.com/a/b", True, "abstract", 0, 14),),
    relations=(Relation("Otter", "BUILDS_ON", "Heron", 0.5, Span("abstract", 0, 17)),),
    sentences=(Span("title", 0, 5), Span("abstract", 0, 17)),
)


def test_a_committed_batch_is_found_by_the_next_run(tmp_path):
    Extracted(tmp_path, "one").commit([OTTER, HERON], [FACTS])
    kept = Extracted(tmp_path, "one")
    assert (OTTER in kept, HERON in kept) == (True, False)
    assert (kept.of(OTTER), kept.of(HERON)) == (FACTS, Facts("paper:heron", "Heron"))


def test_the_text_counts_not_the_id(tmp_path):
    Extracted(tmp_path, "one").commit([OTTER], [FACTS])
    kept = Extracted(tmp_path, "one")
    found = kept.of(Paper("arxiv:2501.00001", "Otter", "We present Otter.", url="https://example.org"))
    assert found.id == "arxiv:2501.00001"
    assert found.entities == FACTS.entities
    assert Paper("paper:otter", "Otter", "We present Otter!") not in kept


def test_what_another_extractor_found_does_not_count(tmp_path):
    Extracted(tmp_path, "one").commit([OTTER], [FACTS])
    other = Extracted(tmp_path, "two")
    assert (OTTER in other, other.outdated) == (False, True)
    other.forget_others()
    assert [path.name for path in (tmp_path / ".facts").iterdir()] == ["two"]
    assert not Extracted(tmp_path, "two").outdated


@pytest.mark.parametrize("damage", [b"", b"not gzip", None])
def test_a_damaged_batch_is_read_again(tmp_path, damage):
    kept = Extracted(tmp_path, "one")
    kept.commit([OTTER], [FACTS])
    kept.commit([HERON], [Facts("paper:heron", "Heron")])
    first = tmp_path / ".facts/one/00000000.msgpack.gz"
    first.write_bytes(first.read_bytes()[:-9] if damage is None else damage)
    after = Extracted(tmp_path, "one")
    assert (OTTER in after, HERON in after) == (False, True)
    after.commit([OTTER], [FACTS])
    assert OTTER in Extracted(tmp_path, "one")


def test_a_draft_of_a_killed_run_is_no_batch(tmp_path):
    Extracted(tmp_path, "one")
    (tmp_path / ".facts/one/00000000.msgpack.draft").write_bytes(b"half")
    assert OTTER not in Extracted(tmp_path, "one")
