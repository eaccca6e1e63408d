"""The spaCy component `kg_links`: every web address of a text, repaired, in canonical form and with its kind.

    nlp = spacy.blank("en"); nlp.add_pipe("kg_links"); nlp("Code: github.com/a/b.")._.links

It reads only `doc.text`, so any tokenizer will do. Which host means what is data: `forges.toml`. The canonical form is
RFC 3986's as far as it goes without network: https, lower-case host, no trailing slash or punctuation, no LaTeX.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.document import text_of
from kg.model import LinkKind


@dataclass(frozen=True, slots=True)
class FoundLink:
    """An address at ``doc.text[start:end] == surface``.

    `url` is its canonical form, `repo` is ``host/owner/name`` if it lies in a repository of a forge; `official`
    tells whether it is the paper's own rather than someone else's resource.
    """

    start: int
    end: int
    surface: str
    url: str
    kind: LinkKind
    repo: str | None
    official: bool


class _Rule(NamedTuple):
    host: re.Pattern[str]
    path: re.Pattern[str] | None
    kind: str


def _globs(hosts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, hosts)))


_DATA = tomllib.loads(Path(__file__).with_name("forges.toml").read_text(encoding="utf-8"))
_RULES = [
    _Rule(_globs(r["hosts"]), re.compile(r["path"], re.ASCII) if "path" in r else None, r["kind"])
    for r in _DATA["rule"]
]
_BARE_HOSTS = _globs(_DATA["bare"]["hosts"])
_TLDS, _WORD_TLDS, _TLDS_ALONE = (frozenset(_DATA["bare"][key]) for key in ("tlds", "word_tlds", "tlds_alone"))

# Hosts that are recognised with a word glued before them ("atgithub.com") or a space in them ("github. com/a/b").
_GLUED_HOST = re.compile(r"(?:github\.com|gitlab\.com|huggingface\.co|bitbucket\.org)$", re.IGNORECASE)
_SUBDOMAINS = ("www.", "gist.", "docs.", "about.", "pages.", "raw.")
_SPACED_HOST = r"(?:[Gg]it[Hh]ub|[Gg]it[Ll]ab)\s?\.\s?com(?=\s?/)"
_LABEL = "[A-Za-z0-9_-]+"
_HOST = re.compile(
    rf"(?P<scheme>[Hh][Tt]{{2}}[Pp][Ss]?\s?:\s?/\s?/?\s?)(?P<host>{_SPACED_HOST}|{_LABEL}\.\sgithub\.io(?=/)|(?:{_LABEL}\.)+(?:[A-Za-z]{{2,24}}|\d+)(?![A-Za-z0-9_-]))"
    rf"|(?<![\w.@/-])(?P<bare>{_SPACED_HOST}|www\.(?:{_LABEL}\.)+[a-z]{{2,24}}(?![\w-])"
    rf"|(?:{_LABEL}\.)+(?:{'|'.join(sorted(_TLDS | _WORD_TLDS))})(?![\w-]|\.[a-z0-9]))"
)
_HINT = re.compile(r":\s?/|www\.|\.\s?(?:" + "|".join(sorted(_TLDS | _WORD_TLDS)) + r")(?![\w-])")
_ESCAPED = r"\\[_%#&~]|\{\\_\}|\$\\sim\$|\\textasciitilde(?:\{\})?"
_PATH = re.compile(rf"(?::\d{{2,5}}(?=/))?(?:[/?#](?:[A-Za-z0-9\-._~:/?#@!&()+,;=%]|{_ESCAPED}){{0,2000}})?")
_FORGE_PATH = re.compile(
    rf"(?:/(?:[A-Za-z0-9\-._~/?#&+=%]|{_ESCAPED}){{0,2000}})?"
)  # no punctuation in a repository's name
_LATEX = re.compile(r"\{?\\([_%#&~])\}?|(\$\\sim\$|\\textasciitilde(?:\{\})?)|\s+")
_SPACED_REPO = re.compile(r"(\s?/\s?)([A-Za-z0-9-]+)(\s?/)(\s?)([A-Za-z0-9_.-]*[A-Za-z0-9_-])")
_NAME_LIKE = re.compile(r"[^-_]+[-_0-9]|[a-z]+[A-Z]|[A-Z]{2}")
_NEXT_URL = re.compile(r"(?<=[^/=?&])https?:/")
_NEXT_SENTENCE = re.compile(
    r"\.(?:A|All|Also|An|And|Code|Codes|Data|Dataset|Demo|For|In|It|Index|Keywords?|Model|Models|Note|Our|Page|Project|The|These|This|To"
    r"|Video|Videos|We|Website)$"
)
_SENTENCE_END = re.compile(r"[.!?]\s")

_HREF_LABEL = re.compile(r"\}\s?\{([^{}]{1,200})\}")  # the text of \href{URL}{TEXT}
_SAYS_CODE = re.compile(r"^(?!.*\b(?:models?|weights|checkpoints?)\b).*\b(?:codes?|implementation)\b", re.IGNORECASE)
_SAYS_MODEL = re.compile(r"\b(?:models?|weights|checkpoints?)\b", re.IGNORECASE)
_SAYS_DATA = re.compile(r"\b(?:data|datasets?|corpus|corpora|benchmarks?|annotations?)\b", re.IGNORECASE)
_PLACE = re.compile(r"(?:\b(?:at|on|via|from|visit|see|website|page|in|under|link|is|url)|[:(])[\s{]*$", re.IGNORECASE)
# "collected from X" is someone else's; "can be downloaded from X" is one's own.
_FOREIGN = re.compile(
    r"\b(?:crawled|scraped|collected|sourced|taken|gathered|mined|drawn|adapted|borrowed|forked|extracted|curated"
    r"|(?<!be )(?<!be freely )(?<!be publicly )(?:downloaded|obtained|retrieved))"
    r"\s(?:\w+\s){0,2}?from\s(?:the\s\w+\s|the\s)?\W*$"
    r"|\b(?:e\.g\.,?|such as|like)\s\W*$",
    re.IGNORECASE,
)


def find_links(text: str) -> Iterator[FoundLink]:
    """Every occurrence of a web address, in the order of the text, without overlaps. Time is linear in its length."""
    if not _HINT.search(text):
        return
    position = said_from = 0
    while match := _HOST.search(text, position):
        link = _link(text, match, said_from)
        position = match.end() if link is None else link.end
        if link is not None:
            said_from = link.end
            yield link


def distinct_links(links: Iterable[FoundLink]) -> list[FoundLink]:
    """The first occurrence of each address: ``\\href{URL}{URL}`` has one."""
    first: dict[str, FoundLink] = {}
    for link in links:
        first.setdefault(link.url.casefold().removeprefix("https://").removeprefix("www."), link)
    return list(first.values())


def in_links(links: Sequence[FoundLink]) -> Callable[[int, int], bool]:
    """Tells whether the characters from `start` to `end` share any with a link. The links are those of `find_links`."""
    starts, ends = [link.start for link in links], [link.end for link in links]

    def shared(start: int, end: int) -> bool:
        return bisect_right(ends, start) < bisect_left(starts, end)

    return shared


def _link(text: str, match: re.Match[str], said_from: int) -> FoundLink | None:
    host_start, host_end = match.span("host" if match["scheme"] else "bare")
    start = match.start()
    if not match["scheme"]:
        start = host_start = _unglued(text, host_start, host_end)
    host = re.sub(r"\s", "", text[host_start:host_end]).lower()
    end = _path_end(text, host, host_end)
    if not match["scheme"] and not _is_address(text, host, start, host_end, end):
        return None
    if host == "www.github.com":
        host = "github.com"
    path = _LATEX.sub(lambda m: "~" if m[2] else m[1] or "", text[host_end:end]).rstrip("/")
    kind, repo = _kind(host, path.removeprefix("/"))
    said = _clause(text, max(said_from, start - 200), start)
    if kind == "model or code":
        label = _HREF_LABEL.match(text, end)
        kind = "code" if _SAYS_CODE.search(f"{said} {label[1]}" if label else said) else "model"
        repo = repo if kind == "code" else None
    if repo is not None:
        if path == f"/{repo}":
            path = path.removesuffix(".git")
        repo = f"{host}/{repo.removesuffix('.git')}"
    if kind == "context":
        kind = "model" if _SAYS_MODEL.search(said) else "data" if _SAYS_DATA.search(said) else "page"
    official = not (
        _FOREIGN.search(said) or (not path and _rules(host))
    )  # a forge's own front page is nobody's repository
    return FoundLink(start, end, text[start:end], f"https://{host}{path}", cast(LinkKind, kind), repo, official)


def _unglued(text: str, start: int, end: int) -> int:
    """Where the host begins once words glued before it are off: "atgithub.com", "here.github.com"."""
    known = _GLUED_HOST.search(text, start, end)
    if known and not text[start : known.start()].lower().endswith(_SUBDOMAINS):
        return known.start()
    return start


def _is_address(text: str, host: str, start: int, host_end: int, end: int) -> bool:
    """Whether a host without a scheme is meant as an address, not as a name such as "Amazon.com" or "model.in"."""
    if host.startswith("www.") or _BARE_HOSTS.match(host) or _rules(host):
        return True
    tld = host.rpartition(".")[2]
    if text[start:host_end] != host or (tld in _WORD_TLDS and host.count(".") < 2):
        return False
    if end > host_end + 1:
        return True
    return tld in _TLDS_ALONE and bool(_PLACE.search(text, max(0, start - 12), start))


def _path_end(text: str, host: str, host_end: int) -> int:
    """Where the address that has its host before `host_end` ends."""
    if host in ("github.com", "gitlab.com") and (spaced := _SPACED_REPO.match(text, host_end)) and _is_clear(spaced):
        host_end = spaced.end()
    pattern = _FORGE_PATH if any(rule.path and "repo" in rule.path.groupindex for rule in _rules(host)) else _PATH
    match = pattern.match(text, host_end)
    end = match.end() if match else host_end
    if again := _NEXT_URL.search(text, host_end, end):
        end = again.start()
    depth = 0
    for bracket in re.finditer(r"[()]", text[host_end:end]):
        depth += 1 if bracket[0] == "(" else -1
        if depth < 0:
            end = host_end + bracket.start()
            break
    while True:
        while end > host_end and (text[end - 1] in ".,;:!?#&~(" and text[end - 2] != "\\"):
            end -= 1
        glued = _NEXT_SENTENCE.search(text, max(host_end, end - 12), end)
        if not glued:
            return end
        end = glued.start()


def _is_clear(spaced: re.Match[str]) -> bool:
    """Whether spaces inside "github.com/ owner / name" are slips. Before the name they may as well end the address."""
    before, _, middle, after, name = spaced.groups()
    if not any(" " in part for part in (before, middle, after)):
        return False
    return not after or before != "/" or middle != "/" or bool(_NAME_LIKE.search(name))


def _clause(text: str, start: int, end: int) -> str:
    """What the sentence says of a link before it, from `start` on."""
    for stop in reversed(list(_SENTENCE_END.finditer(text, start, end))):
        if not text.endswith((" e.g.", "i.e.", "al."), start, stop.start() + 1):
            return text[stop.end() : end]
    return text[start:end]


@lru_cache(maxsize=4096)
def _rules(host: str) -> tuple[_Rule, ...]:
    return tuple(rule for rule in _RULES if rule.host.match(host))


def _kind(host: str, path: str) -> tuple[str, str | None]:
    """The kind of an address and the part of its path that names a repository, if it does."""
    for rule in _rules(host):
        if rule.path is None:
            return rule.kind, None
        if match := rule.path.match(path):
            return rule.kind, match.groupdict().get("repo")
    return "page", None


class LinkFinder:
    """The component. `doc._.links` lists every occurrence; `distinct_links` keeps one for each address."""

    def __call__(self, doc: Doc) -> Doc:
        doc._.links = list(find_links(text_of(doc)))
        return doc


def _get(doc: Doc) -> list[FoundLink]:
    return [FoundLink(*row) for row in doc.user_data.get("kg_links", ())]


def _put(doc: Doc, links: Iterable[FoundLink]) -> None:
    # Plain lists, because spaCy packs user data when it sends documents between processes or to disk.
    doc.user_data["kg_links"] = [list(astuple(link)) for link in links]


if not Doc.has_extension("links"):
    Doc.set_extension("links", getter=_get, setter=_put)


@Language.factory("kg_links", assigns=["doc._.links"])
def make_links(nlp: Language, name: str) -> LinkFinder:
    """Factory of `kg_links`. It has no settings and needs no other component."""
    return LinkFinder()
