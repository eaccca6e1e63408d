"""A paper as one spaCy document: the title, a line break, the abstract."""

from __future__ import annotations

from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from kg.model import Paper, Span

if not Doc.has_extension("title_end"):
    Doc.set_extension("title_end", default=-1)


def make_doc(nlp: Language, paper: Paper) -> Doc:
    """The tokenized document of a paper; offset ``title_end(doc) + 1`` is where its abstract starts."""
    doc = nlp.make_doc(f"{paper.title}\n{paper.abstract}")
    doc._.title_end = len(paper.title)
    for token in doc:  # The title is one sentence, whatever marks are in it or at its end.
        if token.idx > len(paper.title):
            token.is_sent_start = True
            break
        token.is_sent_start = token.i == 0
    return doc


def title_end(doc: Doc) -> int:
    """Where the title ends, in characters; -1 for a text that is no paper's."""
    end: int = doc._.title_end
    return end


@lru_cache(maxsize=1)
def text_of(doc: Doc) -> str:
    """``doc.text``, which spaCy puts together anew each time; all components want that of the same document."""
    return doc.text


@lru_cache(maxsize=1)
def words_of(doc: Doc) -> tuple[str, ...]:
    """The text of each token."""
    return tuple(token.text for token in doc)


def place(doc: Doc, start: int, end: int) -> Span:
    """A stretch of the document's text as one of the paper's field."""
    split = title_end(doc)
    if start <= split:
        return Span("title", start, min(end, split))
    return Span("abstract", start - split - 1, end - split - 1)
