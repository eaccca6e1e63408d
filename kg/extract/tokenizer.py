"""The tokenizer: spaCy's, with English exceptions, and words split at every mark so that a mention can start or end
there.

Numbers keep their units (`VTTS-80K`), and dots, @ and + inside a name stay (`Qwen2.5`, `pass@1`, `C++`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from spacy.lang.en import English
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, registry

from kg.extract.text import fold

_MARKS = r"[-/()\[\]{},;:|=<>&~*\"^$\\!?%…•。、「」『』《》【】،؛؟]"
_PREFIXES = (_MARKS, r"['#@+.]", r"\.\.+")
_SUFFIXES = (_MARKS, r"'s", r"'", r"(?<=[^.])\.", r"\.\.+", r"(?<=[^\w+])[+]")
_INFIXES = (
    _MARKS,
    r"\.\.+",
    # "… and GPT-4.The next sentence", where a space is missing.
    r"(?<=[A-Za-z0-9\])])[.](?=[A-Z][a-z]+)",
)
# A full stop behind these does not end a sentence.
_ABBREVIATED = (
    "al.",
    "Fig.",
    "fig.",
    "Eq.",
    "Sec.",
    "cf.",
    "resp.",
    "approx.",
    "w.r.t.",
    "i.i.d.",
    "No.",
    "vs.",
    "e.g.",
    "i.e.",
    "etc.",
)


# spaCy's search for affixes and addresses takes time quadratic in a word's length: overlong ones are cut first.
_OVERLONG = re.compile(r"\S{150,300}\b(?=\S)|\S{300}(?=\S)")


class FoldingTokenizer:
    """Folds the text (see `kg.extract.text.fold`), then tokenizes. `doc.text` has the length of the text given."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def __call__(self, text: str) -> Doc:
        text = fold(text)
        cuts = [0, *(part.end() for part in _OVERLONG.finditer(text)), len(text)]
        docs = [self._tokenizer(text[start:end]) for start, end in pairwise(cuts)]
        return docs[0] if len(docs) == 1 else Doc.from_docs(docs, ensure_whitespace=False)

    def to_bytes(self, **kwargs: object) -> bytes:
        data: bytes = self._tokenizer.to_bytes(**kwargs)
        return data

    def from_bytes(self, data: bytes, **kwargs: object) -> FoldingTokenizer:
        self._tokenizer.from_bytes(data, **kwargs)
        return self

    def to_disk(self, path: str, **kwargs: object) -> None:
        self._tokenizer.to_disk(path, **kwargs)

    def from_disk(self, path: str, **kwargs: object) -> FoldingTokenizer:
        self._tokenizer.from_disk(path, **kwargs)
        return self


@registry.tokenizers("kg.tokenizer.v1")  # type: ignore[untyped-decorator]
def make_tokenizer() -> Callable[[Language], FoldingTokenizer]:
    """spaCy registers factories that are called with the `Language`."""

    def create(nlp: Language) -> FoldingTokenizer:
        defaults = English.Defaults
        tokenizer = Tokenizer(
            nlp.vocab,
            rules=defaults.tokenizer_exceptions,
            prefix_search=compile_prefix_regex(_PREFIXES).search,
            suffix_search=compile_suffix_regex(_SUFFIXES).search,
            infix_finditer=compile_infix_regex(_INFIXES).finditer,
            url_match=defaults.url_match,
        )
        for text in _ABBREVIATED:
            tokenizer.add_special_case(text, [{"ORTH": text}])
        return FoldingTokenizer(tokenizer)

    return create
