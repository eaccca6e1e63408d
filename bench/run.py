"""Speed and memory of a build on one core, as Markdown tables on standard output.

    python bench/run.py [LISTING...]      (or: make bench)

Without arguments it takes the listings of ../shared/seeds, or else those of examples/ many times over. The peer beside
it is spaCy's own English tokenizer with its `ner` component, untrained, on the same texts. Extraction is in seconds of
the processor, so that other work on the machine does not count; the stages of a build are in seconds of the clock.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import spacy
from spacy.language import Language

import kg
from kg.extract.document import make_doc
from kg.extract.pipeline import facts
from kg.schema import ENTITY_LABELS
from kg.sources import merge, read

ROOT = Path(__file__).parent.parent
T = TypeVar("T")
ROUNDS = 5
PAPERS = 300  # at least so many a round
QUERY = "MATCH (p:Paper)-[r]->(m:Method) RETURN m.name, count(*) AS papers ORDER BY papers DESC LIMIT 10"
_BUILD = r"""
import re, sys, kg
kg.build(sys.argv[2:], sys.argv[1])
# Not getrusage: its peak includes that of the process which started this one.
print(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1])
"""


def main(arguments: Sequence[str]) -> None:
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    inputs = (
        list(arguments) or sorted(map(str, (ROOT.parent / "shared/seeds").glob("*.txt"))) or [str(ROOT / "examples")]
    )
    papers = merge(read(inputs))
    distinct = len(papers)
    papers *= -(-PAPERS // distinct)

    load_seconds, nlp = seconds(kg.load)
    first_seconds, _ = seconds(lambda: list(kg.extract(papers[:1])))
    list(kg.extract(papers[: PAPERS // 10]))
    peer = untrained_ner()
    texts = [f"{paper.title}\n{paper.abstract}" for paper in papers]
    list(peer.pipe(texts[: PAPERS // 10]))
    ours, theirs = [], []
    for _ in range(ROUNDS):  # in turns, because the machine's speed may drift
        ours.append(seconds(lambda: list(kg.extract(papers)), time.process_time)[0])
        theirs.append(seconds(lambda: list(peer.pipe(texts)), time.process_time)[0])
    rate, peer_rate = (len(papers) / statistics.median(times) for times in (ours, theirs))
    spread = (max(ours) - min(ours)) / statistics.median(ours)

    print(f"{len(papers):,} papers ({distinct:,} distinct) of {sum(map(len, texts)) / len(texts):,.0f} characters on")
    print(f"average; core {core} alone; spaCy {version('spacy')}; median of {ROUNDS} rounds (spread {spread:.0%})\n")
    print_table(
        ("extraction", "papers a second", "ratio to the peer"),
        [
            ("kg, the whole pipeline", f"{rate:,.0f}", f"{rate / peer_rate:.2f}"),
            ("spaCy tokenizer and `ner`", f"{peer_rate:,.0f}", "1.00"),
        ],
    )

    shares = component_seconds(nlp, papers)
    whole = sum(shares.values())
    print_table(
        ("component", "ms a paper", "share"),
        [(name, f"{1000 * took / len(papers):.2f}", f"{took / whole:.0%}") for name, took in shares.items()],
    )

    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        memory = peak_memory(inputs, folder)
        with kg.Graph(folder) as graph:
            open_seconds, _ = seconds(lambda: graph.query(QUERY))
            stages = graph.manifest()["seconds"]
    beside = sum(took for stage, took in stages.items() if stage != "extract")
    print_table(
        ("building the graph", "seconds"),
        [
            ("load the pipeline", f"{load_seconds:.2f}"),
            ("load the lexicons, first paper", f"{first_seconds:.2f}"),
            *((stage, f"{took:.2f}") for stage, took in stages.items()),
            ("all but extract", f"{beside:.2f}"),
            ("open it and answer a first query", f"{open_seconds:.2f}"),
        ],
    )
    print_table(("memory", "MB"), [("peak of `kg.build` in a process of its own", f"{memory:,.0f}")])


def seconds(work: Callable[[], T], clock: Callable[[], float] = time.perf_counter) -> tuple[float, T]:
    start = clock()
    result = work()
    return clock() - start, result


def untrained_ner() -> Language:
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    for label in ENTITY_LABELS:
        ner.add_label(label)  # type: ignore[attr-defined]
    nlp.initialize()
    return nlp


def component_seconds(nlp: Language, papers: Sequence[kg.Paper]) -> dict[str, float]:
    """Seconds of each step for all papers."""
    took: dict[str, float] = defaultdict(float)
    for paper in papers:
        start = time.process_time()
        doc = make_doc(nlp, paper)
        took["tokenizer"] += time.process_time() - start
        for name, component in nlp.pipeline:
            start = time.process_time()
            doc = component(doc)
            took[f"`{name}`"] += time.process_time() - start
        start = time.process_time()
        facts(doc, paper)
        took["to `Facts`"] += time.process_time() - start
    return took


def peak_memory(inputs: Sequence[str], folder: str) -> float:
    """Builds the graph in `folder`, in a fresh process; its peak of resident memory in MB."""
    done = subprocess.run([sys.executable, "-c", _BUILD, folder, *inputs], capture_output=True, text=True, check=True)
    return int(done.stdout) * 1024 / 1e6


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for row in (head, ["---"] + ["---:"] * (len(head) - 1), *rows):
        print(f"| {' | '.join(row)} |")
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
