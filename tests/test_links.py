"""Web addresses in texts: which are found, where they end, what they become."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from kg.extract.links import FoundLink, distinct_links, find_links

FOUND = [
    # text, surface, canonical address
    ("Code: https://github.com/ada/Loom.", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("Code: http://www.github.com/ada/Loom.git .", "http://www.github.com/ada/Loom.git", "https://github.com/ada/Loom"),
    ("(see github.com/ada/Loom/).", "github.com/ada/Loom/", "https://github.com/ada/Loom"),
    ("Demo at <https://ada.github.io/loom/>", "https://ada.github.io/loom/", "https://ada.github.io/loom"),
    ("Website: loom-page.github.io", "loom-page.github.io", "https://loom-page.github.io"),
    ("See https://Loom-Lab.github.io/Web now", "https://Loom-Lab.github.io/Web", "https://loom-lab.github.io/Web"),
    ("our site, www.loom.org, has more", "www.loom.org", "https://www.loom.org"),
    ("The arena (loomarena.ai) is open", "loomarena.ai", "https://loomarena.ai"),
    ("data at ftp.loom.edu/~ada/set_1", "ftp.loom.edu/~ada/set_1", "https://ftp.loom.edu/~ada/set_1"),
    ("hosted on http://192.0.2.7:8080/loom", "http://192.0.2.7:8080/loom", "https://192.0.2.7:8080/loom"),
    ("wiki: https://en.wikipedia.org/wiki/Loom_(tool)).", "https://en.wikipedia.org/wiki/Loom_(tool)",
     "https://en.wikipedia.org/wiki/Loom_(tool)"),
    ("[the code](https://github.com/ada/Loom), and", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    ('said "https://loom.dev/x?y=1&z=2".', "https://loom.dev/x?y=1&z=2", "https://loom.dev/x?y=1&z=2"),
    # LaTeX
    (r"Code: \url{https://github.com/ada/Loom}.", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    (r"is \href{https://github.com/ada/Loom}{here}", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    (r"at https://github.com/ada/my\_loom\_2.", r"https://github.com/ada/my\_loom\_2", "https://github.com/ada/my_loom_2"),
    (r"at https://loom.edu/$\sim$ada/x", r"https://loom.edu/$\sim$ada/x", "https://loom.edu/~ada/x"),
    # glued to their neighbours
    ("available atgithub.com/ada/Loom", "github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("released here.github.com/ada/Loom", "github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("code:https://github.com/ada/Loom.Our code", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("page ishttps://loom.io/p.We show", "https://loom.io/p", "https://loom.io/p"),
    ("https://github.com/ada/Loom,which is new", "https://github.com/ada/Loom", "https://github.com/ada/Loom"),
    # with spaces inside
    ("Code: https: //github.com/ada/Loom", "https: //github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("at https:/github.com/ada/Loom.", "https:/github.com/ada/Loom", "https://github.com/ada/Loom"),
    ("at https:// github. com/ ada/ Loom-2 .", "https:// github. com/ ada/ Loom-2", "https://github.com/ada/Loom-2"),
    ("at github.com / ada / Loom today", "github.com / ada / Loom", "https://github.com/ada/Loom"),
    ("at https://github.com/ada/ and elsewhere", "https://github.com/ada/", "https://github.com/ada"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "surface", "url"), FOUND)
def test_an_address_is_found_and_repaired(text: str, surface: str, url: str) -> None:
    assert [(link.surface, link.url) for link in find_links(text)] == [(surface, url)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as in Ada et al.The loom, e.g., i.e., vs. others, v1.2.3",
        "runs on Node.js, ASP.NET and model.eval() in train.py",
        "we asked Loom.ai, and the loom.ai system, and shops such as Amazon.com for prices",
        "the model.in/out layers and weights.to/from the device",
        "write to ada@loom.org or {ada,bob}@cs.loom.edu",
        "over HTTP/TCP, see https:// and http:",
        "sampling.It is fast.We show",
    ],
)
def test_what_is_no_address_is_left_alone(text: str) -> None:
    assert list(find_links(text)) == []


@pytest.mark.parametrize(
    ("address", "kind", "repo"),
    [
        ("https://github.com/Ada/Loom", "code", "github.com/Ada/Loom"),
        ("https://GitHub.com/Ada/Loom/tree/main/src#usage", "code", "github.com/Ada/Loom"),
        ("https://github.com/Ada", "page", None),
        ("https://github.com/topics/weaving", "page", None),
        ("https://gitlab.com/group/sub/loom/-/tree/main", "code", "gitlab.com/group/sub/loom"),
        ("https://git.uni-loom.de/group/loom.git", "code", "git.uni-loom.de/group/loom"),
        ("https://anonymous.4open.science/r/Loom-1A2B/", "code", "anonymous.4open.science/r/Loom-1A2B"),
        ("https://gist.github.com/ada/0123abcd", "code", None),
        ("https://huggingface.co/datasets/ada/threads", "data", None),
        ("https://doi.org/10.5281/zenodo.1234", "data", None),
        ("https://www.kaggle.com/datasets/ada/threads", "data", None),
        ("https://huggingface.co/ada/loom-7b", "model", None),
        ("Code and weights: https://huggingface.co/ada/loom-7b", "model", None),
        ("Our code is at https://huggingface.co/ada/loom", "code", "huggingface.co/ada/loom"),
        ("\\href{https://huggingface.co/ada/loom}{Official code}", "code", "huggingface.co/ada/loom"),
        ("The code is \\href{https://huggingface.co/ada/loom}{here}", "code", "huggingface.co/ada/loom"),
        ("The model runs the code: \\href{https://huggingface.co/ada/loom}{here}", "model", None),
        ("https://huggingface.co/spaces/ada/loom", "page", None),
        ("https://huggingface.co/ada", "page", None),
        ("https://ada.github.io/loom", "page", None),
        ("https://arxiv.org/abs/2501.00001", "page", None),
    ],
)
def test_the_host_tells_the_kind(address: str, kind: str, repo: str | None) -> None:
    assert [(link.kind, link.repo) for link in find_links(f"It is at {address}.")] == [(kind, repo)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("All weights are at https://huggingface.co/ada.", "model"),
        ("The dataset is at https://huggingface.co/ada.", "data"),
        ("We train a model. More on https://huggingface.co/collections/ada/loom-1", "page"),
        ("The annotations are at https://bit.ly/loom-set", "data"),
    ],
)
def test_where_the_host_does_not_the_sentence_does(text: str, kind: str) -> None:
    assert [link.kind for link in find_links(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "official"),
    [
        ("Our code is available at https://github.com/ada/Loom", True),
        ("The data can be downloaded from https://threads.org/set", True),
        ("https://ada.github.io/loom", True),
        ("We study posts crawled from https://threads.org/forum", False),
        ("Images were collected from the site https://threads.org/", False),
        ("on forums such as https://threads.org/forum", False),
        ("Code will be at https://github.com/", False),
    ],
)
def test_others_resources_are_not_official(text: str, official: bool) -> None:
    assert [link.official for link in find_links(text)] == [official]


def test_all_addresses_of_a_text_with_their_places() -> None:
    text = r"Code (\href{https://github.com/ada/Loom}{https://github.com/ada/Loom}) and page: loom.github.io."
    code = ("https://github.com/ada/Loom", "https://github.com/ada/Loom", "code", "github.com/ada/Loom", True)
    found = [
        FoundLink(12, 39, *code),
        FoundLink(41, 68, *code),
        FoundLink(81, 95, "loom.github.io", "https://loom.github.io", "page", None, True),
    ]
    assert list(find_links(text)) == found
    assert distinct_links(found) == [found[0], found[2]]


def test_the_component_works_in_any_pipeline_and_survives_serialisation() -> None:
    nlp = spacy.blank("de")
    nlp.add_pipe("kg_links")
    doc = nlp("Quelltext: github.com/ada/Loom.")
    expected = [
        FoundLink(11, 30, "github.com/ada/Loom", "https://github.com/ada/Loom", "code", "github.com/ada/Loom", True)
    ]
    assert doc._.links == expected
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.links == expected


PIECES = st.sampled_from(
    [
        "https://",
        "http:/",
        "github.com",
        "/ada",
        "/",
        " ",
        ".",
        "\\_",
        "{",
        "}",
        "(",
        ")",
        "x.io",
        "www.",
        "é",
        "@",
        "\n",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_offsets_hold_in_any_text(text: str) -> None:
    end = 0
    for link in find_links(text):
        assert end <= link.start < link.end <= len(text)
        assert text[link.start : link.end] == link.surface
        assert link.url.startswith("https://")
        assert not link.url.endswith(("/", ".", ","))
        end = link.end
