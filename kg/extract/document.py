"""A paper as one spaCy document: the title, a line break, the abstract."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from kg.model import Paper, Span

if not Doc.has_extension("title_end"):
    Doc.set_extension("title_end", default=0)


def make_doc(nlp: Language, paper: Paper) -> Doc:
    """The tokenized document of a paper; offset ``title_end(doc) + 1`` is where its abstract starts."""
    doc = nlp.make_doc(f"{paper.title}\n{paper.abstract}")
    doc._.title_end = len(paper.title)
    return doc


def title_end(doc: Doc) -> int:
    """Where the title ends, in characters; 0 for a text that is no paper's."""
    end: int = doc._.title_end
    return end


def place(doc: Doc, start: int, end: int) -> Span:
    """A stretch of the document's text as one of the paper's field."""
    split = title_end(doc)
    if split and start < split:
        return Span("title", start, min(end, split))
    shift = split + 1 if split else 0
    return Span("abstract", start - shift, end - shift)
