"""The assembled pipeline, wired by `pipeline.cfg`, and the way from papers to facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_config

# Importing a module registers its components.
from kg.extract import abbreviations, entities, gazetteer, links, patterns, relations, roles, tokenizer  # noqa: F401
from kg.extract.document import make_doc, place
from kg.model import Entity, EntityType, Facts, Link, Mention, Paper, Relation, Role

CONFIG = Path(__file__).parent / "pipeline.cfg"


@cache
def load() -> Language:
    """The assembled pipeline.

    One `Language` a process; `nlp.pipe` and `nlp.select_pipes` work on it as on any other.
    """
    return load_model_from_config(load_config(CONFIG), auto_fill=True)


def extract(papers: Iterable[Paper], nlp: Language | None = None) -> Iterator[Facts]:
    """The facts of each paper, in order, one paper at a time in memory batches."""
    pipeline = nlp or load()
    pairs = ((make_doc(pipeline, paper), paper) for paper in papers)
    for doc, paper in pipeline.pipe(pairs, as_tuples=True):
        yield facts(doc, paper)


def facts(doc: Doc, paper: Paper) -> Facts:
    """The results of the components on `doc`, made of `paper`, as one record with offsets into the paper's fields."""
    return Facts(
        id=paper.id,
        title=paper.title,
        entities=tuple(_entity(doc, paper, e) for e in doc._.entities),
        links=tuple(
            Link(k.url, k.kind, k.repo, k.surface, k.official, at.field, at.start, at.end)
            for k in links.distinct_links(doc._.links)
            for at in [place(doc, k.start, k.end)]
        ),
        relations=tuple(
            Relation(
                r.subject.name,
                r.type,
                r.object.name,
                r.confidence,
                place(doc, r.sentence.start_char, r.sentence.end_char),
            )
            for r in doc._.relations
        ),
        sentences=tuple(place(doc, s.start_char, s.end_char) for s in doc.sents),
    )


def _entity(doc: Doc, paper: Paper, entity: entities.DocEntity) -> Entity:
    mentions = []
    for span in entity.mentions:
        at = place(doc, span.start_char, span.end_char)
        text = getattr(paper, at.field)[at.start : at.end]
        mentions.append(Mention(at.field, at.start, at.end, text, span.id_))
    return Entity(
        name=entity.name,
        type=cast(EntityType, entity.type),
        named=entity.named,
        role=cast(Role, entity.role),
        confidence=entity.confidence,
        surfaces=tuple(dict.fromkeys(m.text for m in mentions)),
        mentions=tuple(mentions),
        cue=entity.cue,
    )
