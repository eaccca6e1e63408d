"""The component `kg_roles`: what the paper does with each entity, from the words around it and its place."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.contexts import fitting, patterns
from kg.extract.document import title_end
from kg.extract.entities import DocEntity
from kg.extract.gazetteer import NAME, TERM
from kg.schema import DATA_LABELS

_BACKGROUND = 0.2  # what is named only in this first part of an abstract is mostly background
_STRENGTH = ("introduces", "evaluates", "compares", "uses", "mentions")


class Roles:
    """Sets `role` and `cue` of every entity of ``doc._.entities``."""

    def __call__(self, doc: Doc) -> Doc:
        entities: list[DocEntity] = doc._.entities
        mentions = sorted(
            ((m, e, i) for e in entities for i, m in enumerate(e.mentions)), key=lambda item: item[0].start
        )
        among = [p for p in patterns() if p.role]
        stated: dict[int, dict[str, tuple[int, str]]] = {}
        for (_, entity, i), fits in zip(mentions, fitting(doc, [m for m, _, _ in mentions], among), strict=True):
            for pattern in fits:
                if not pattern.types or entity.type in pattern.types:
                    stated.setdefault(id(entity), {}).setdefault(pattern.role or "", (i, pattern.id))
        split = title_end(doc)
        length = max(len(doc.text) - split, 1)
        for entity in entities:
            self._decide(entity, stated.get(id(entity), {}), split, length)
        doc._.entities = entities
        return doc

    @staticmethod
    def _decide(entity: DocEntity, stated: dict[str, tuple[int, str]], split: int, length: int) -> None:
        in_title = entity.mentions[0].start_char < split
        last = (entity.mentions[-1].start_char - split) / length
        known = any(m.id_ in (NAME, TERM) for m in entity.mentions)
        if not entity.named or (known and not in_title):
            # What everybody knows is not introduced by a phrase such as "we propose a diffusion model".
            stated = {role: cue for role, cue in stated.items() if role != "introduces"}
        role = next((r for r in _STRENGTH if r in stated), None)
        if role is None:
            background = not in_title and last < _BACKGROUND
            if entity.type == "Method":
                new = entity.named and not known and (in_title or len(entity.mentions) > 2)
                role = "introduces" if new else "mentions" if background else "uses"
            elif entity.type == "Task":
                role = "mentions" if background else "evaluates"
            elif entity.type in DATA_LABELS:
                role = "uses" if background else "evaluates"
            else:
                role = "mentions" if background else "evaluates"
        entity.role = role
        entity.cue, entity.pattern = stated.get(role, (len(entity.mentions) - 1 if role == "evaluates" else 0, ""))


@Language.factory("kg_roles", requires=["doc._.entities"], assigns=["doc._.entities"])
def make_roles(nlp: Language, name: str) -> Roles:
    """Comes after `kg_entities`."""
    return Roles()
