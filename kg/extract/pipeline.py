"""The assembled pipeline, wired by `pipeline.cfg`, and the way from papers to facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_config

from kg.errors import ExtractionError, RecordError

# Importing a module registers its components.
from kg.extract import abbreviations, coreference, entities, gazetteer, links, proposer, relations, tokenizer  # noqa: F401
from kg.extract.document import make_doc, place
from kg.model import Entity, EntityType, Facts, Link, Mention, Paper, Relation, Role, Span

CONFIG = Path(__file__).parent / "pipeline.cfg"
TRAINED = ("kg_proposer", "kg_entities", "kg_coreference", "kg_relations")


@cache
def load(model: Path | None = None, *, until: str | None = None) -> Language:
    """The assembled pipeline, with the model in that folder (default: the one that ships); only as far as `until`.

    One `Language` a process and model; `nlp.pipe` and `nlp.select_pipes` work on it as on any other.
    """
    config = load_config(CONFIG)
    names = config["nlp"]["pipeline"]
    if until is not None:
        del names[names.index(until) :]
        config["components"] = {name: config["components"][name] for name in names}
    if model is not None:
        for name in TRAINED:
            config["components"][name]["folder"] = str(model)
    return load_model_from_config(config, auto_fill=True)


def extract(
    papers: Iterable[Paper], nlp: Language | None = None, *, on_error: Callable[[RecordError], None] | None = None
) -> Iterator[Facts]:
    """The facts of each paper, in order, as they are read.

    A paper that is too long for the pipeline (`nlp.max_length` characters) or on which a component fails has none; it
    goes to `on_error`, or is raised as `ExtractionError` where there is none, and the others are still read.
    """
    pipeline = nlp or load()
    for paper in papers:
        try:
            length = len(paper.title) + 1 + len(paper.abstract)
            if length > pipeline.max_length:
                raise ExtractionError(f"{length:,} characters; at most {pipeline.max_length:,} are read")
            found = facts(pipeline(make_doc(pipeline, paper)), paper)
        except Exception as error:  # whatever it is, one bad paper never stops a run
            reason = str(error) if isinstance(error, ExtractionError) else f"the extraction failed: {error!r}"
            failure = RecordError(paper.sources[0] if paper.sources else paper.id, reason)
            if on_error is None:
                raise ExtractionError(str(failure)) from error
            on_error(failure)
        else:
            yield found


def facts(doc: Doc, paper: Paper) -> Facts:
    """The results of the components on `doc`, made of `paper`, as one record with offsets into the paper's fields."""
    return Facts(
        id=paper.id,
        title=paper.title,
        entities=tuple(_entity(doc, paper, e) for e in doc._.entities),
        links=tuple(_links(doc, paper)),
        relations=tuple(
            Relation(
                r.subject,
                r.type,
                r.object,
                r.confidence,
                place(doc, r.sentence.start_char, r.sentence.end_char),
            )
            for r in doc._.relations
        ),
        sentences=tuple(place(doc, s.start_char, s.end_char) for s in doc.sents),
    )


def _links(doc: Doc, paper: Paper) -> Iterator[Link]:
    """The addresses of the text and then those that only the comment has, which is no part of the document."""
    found = [(k, place(doc, k.start, k.end)) for k in doc._.links]
    found += [(k, Span("comment", k.start, k.end)) for k in links.find_links(paper.comment)]
    at_of = {id(k): at for k, at in found}
    for k in links.distinct_links(k for k, _ in found):
        at = at_of[id(k)]
        yield Link(k.url, k.kind, k.repo, _text(paper, at), k.official, at.field, at.start, at.end)


def _text(paper: Paper, at: Span) -> str:
    """The paper's own characters there, which the document has folded."""
    text: str = getattr(paper, at.field)[at.start : at.end]
    return text


def _entity(doc: Doc, paper: Paper, entity: entities.DocEntity) -> Entity:
    mentions = []
    for span in entity.mentions:
        at = place(doc, span.start_char, span.end_char)
        mentions.append(Mention(at.field, at.start, at.end, _text(paper, at), span.id_))
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
