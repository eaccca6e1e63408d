"""Saved "Daily Papers" pages: every footer, and pages that are cut or out of shape."""

from datetime import date
from pathlib import Path

import pytest

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.sources import read

DATA = Path(__file__).parent / "data" / "sources"
HEADER = "new\n\nSubscribe\n\nDaily Papers\n\nbyAK and the research community\n\nMar 11\n\n"


def entries(tmp_path, page, name="page.txt"):
    """(line, title, abstract) of each paper, and the errors."""
    path = tmp_path / name
    path.write_text(page, encoding="utf-8")
    errors = []
    papers = list(read([path], on_error=errors.append))
    found = [(int(p.sources[0].rpartition(":")[2]), p.title, p.abstract) for p in papers]
    return found, [str(e).removeprefix(f"{path}:") for e in errors]


def test_every_footer():
    place = f"{DATA}/footers.txt"
    # the latest year on the page is 2024, so a day without a year is of 2025
    assert list(read([place])) == [
        Paper(
            id="paper:kelp-forests-as-memory-storing-keys-in-tidal-networks",
            title="Kelp Forests as Memory: Storing Keys in Tidal Networks",
            abstract="We store keys in a network that forgets with the tide. "
            "On two invented shores it keeps nine keys in ten.",
            published=date(2023, 11, 15),
            authors_count=2,
            sources=(f"{place}:13",),
        ),
        Paper(
            id="paper:lanternnet",
            title="LanternNet",
            abstract="LanternNet lights the path from a question to its answer. It needs one lamp per hop.",
            published=date(2024, 7, 3),
            authors_count=1,
            sources=(f"{place}:21",),
        ),
        Paper(
            id="paper:pebble-sorting-without-hands",
            title="Pebble Sorting without Hands",
            abstract="Sorting pebbles is hard without hands. We sort them by sound.",
            published=date(2025, 9, 30),
            organizations=("Harbor Lab of Tides",),
            sources=(f"{place}:29",),
        ),
        Paper(
            id="paper:a-year-of-fog",
            title="A Year of Fog",
            abstract="Fog hides the coast for a year at a time. We measure it with one candle.",
            published=date(2025, 4, 21),
            authors_count=12,
            sources=(f"{place}:37",),
        ),
        Paper(
            id="paper:is-the-moon-late-on-clocks-that-drift",
            title="Is the Moon Late? On Clocks that Drift",
            abstract="Clocks on the shore drift with the moon. We bind them to a bell. "
            "The bell is at https://bells.example.org/late",
            published=None,  # no 30th of February
            authors_count=3,
            organizations=("seaside",),
            sources=(f"{place}:45",),
        ),
        Paper(
            id="paper:no-footer-at-all",
            title="No Footer at All",
            abstract="This entry ends where the next title begins. Nothing else marks it.",
            sources=(f"{place}:55",),
        ),
        Paper(
            id="paper:one-line-for-the-whole-footer",
            title="One Line for the Whole Footer",
            abstract="Some pages are saved with the footer on one line. It is read all the same.",
            published=date(2021, 3, 2),
            authors_count=4,
            sources=(f"{place}:59",),
        ),
    ]


def test_day_without_year_on_a_page_that_names_none(tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("Fog\n\nFog hides the coast. We wait.\n\n  • 2 authors\n·\nApr 21 2\n", encoding="utf-8")
    assert [(p.title, p.published, p.authors_count) for p in read([page])] == [("Fog", None, 2)]


def test_pages_after_each_other(tmp_path):
    # as `cat` gives them: the first page has no line break at its end
    first = HEADER + "Fog\n\nFog hides the coast.\n\n  • 2 authors\n·\nApr 21, 2022"
    second = HEADER.replace("Subscribe", "Get trending papers in your email inbox!\n\nSubscribe")
    page = tmp_path / "page.txt"
    page.write_text(first + second + "Rain\n\nRain shows it.\n\n  • 1 authors\n·\nMay 2", encoding="utf-8")
    assert [(p.title, p.abstract, p.published) for p in read([page])] == [
        ("Fog", "Fog hides the coast.", date(2022, 4, 21)),
        ("Rain", "Rain shows it.", None),
    ]


LONG = "Tides come and go along this shore, and every shell that they leave is counted by us. " * 4


@pytest.mark.parametrize(
    ("page", "found", "errors"),
    [
        pytest.param(
            f"Fog\n\n{LONG}\n\nWe share all candles at https://candles.example.org.\n\nRain\n\n{LONG}",
            [(11, "Fog", f"{LONG}We share all candles at https://candles.example.org."), (17, "Rain", LONG.strip())],
            [],
            id="abstract of two paragraphs",
        ),
        pytest.param(
            "Fog\n\nFog hides.\n\nMore fog hides more.\n\n  • 2 authors\n·\nMay 2, 2020\n\nRain\n\nRain falls.",
            [(11, "Fog", "Fog hides. More fog hides more."), (21, "Rain", "Rain falls.")],
            [],
            id="abstract of two short paragraphs before a footer",
        ),
        pytest.param(
            f"Fog over the Harbor\n\nRain\n\n{LONG}\n\nHail",
            [(13, "Rain", LONG.strip())],
            ["11: a title without an abstract", "17: a title without an abstract"],
            id="titles without abstract, one at the cut end",
        ),
        pytest.param(
            f"{LONG}\n\n  • 2 authors\n·\nMay 2, 2020\n\nRain\n\nRain falls.",
            [(17, "Rain", "Rain falls.")],
            ["11: an abstract without a title"],
            id="cut at the beginning",
        ),
        pytest.param(f"Fog\n\n{LONG}\n\nharbor Harbor Lab\n·", [(11, "Fog", LONG.strip())], [], id="cut in a footer"),
        pytest.param(
            f"Fog\n\n{LONG}and then the tide", [(11, "Fog", f"{LONG}and then the tide")], [], id="cut in an abstract"
        ),
        pytest.param(
            "A Title that Someone Wrapped\nby Hand\n\nAnd an abstract that is\nwrapped as well.",
            [(11, "A Title that Someone Wrapped by Hand", "And an abstract that is wrapped as well.")],
            [],
            id="wrapped lines",
        ),
        pytest.param(
            f"Fog\n{LONG}\nRain\n{LONG}",
            [(11, "Fog", LONG.strip()), (13, "Rain", LONG.strip())],
            [],
            id="no blank lines",
        ),
        pytest.param(
            "Fog\r\n\r\nFog \x07hides\xa0it.\r\n",
            [(11, "Fog", "Fog hides\xa0it.")],
            [],
            id="CRLF and a control character",
        ),
    ],
)
def test_out_of_shape(tmp_path, page, found, errors):
    assert entries(tmp_path, HEADER + page) == (found, errors)


def test_page_without_header_or_footer(tmp_path):
    page = f"Fog\n\n{LONG}\n\nRain\n\n{LONG}\n"
    assert entries(tmp_path, page)[0] == [(1, "Fog", LONG.strip()), (5, "Rain", LONG.strip())]


def test_without_on_error_the_first_error_is_raised(tmp_path):
    page = tmp_path / "page.txt"
    page.write_text(f"{HEADER}Fog over the Harbor\n\nRain\n\n{LONG}", encoding="utf-8")
    with pytest.raises(RecordError) as error:
        list(read([page]))
    assert str(error.value) == f"{page}:11: a title without an abstract"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", ""),
        ("Fog over the Harbor", " ({page}:11: a title without an abstract)"),
        ("Fog over the Harbor\n\nRain in Spring", " ({page}:11: a title without an abstract)"),
    ],
)
def test_page_with_nothing_to_extract_from(tmp_path, body, why):
    page = tmp_path / "page.txt"
    page.write_text(HEADER + body, encoding="utf-8")
    with pytest.raises(SourceError) as error:
        list(read([page]))
    assert str(error.value) == f"{page}: no papers in it" + why.format(page=page)
