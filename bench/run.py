"""Speed and memory of a build on one core, as Markdown tables on standard output.

    python bench/run.py [LISTING...]      (or: make bench)

Without arguments it takes the listings of ../shared/seeds, or else those of examples/ many times over. Two peers read
the same texts beside it: spaCy's own English tokenizer with its `ner` component, and a token classifier of the size of
BERT base in `transformers`; both untrained, which does not change their speed. Extraction is in seconds of the
processor, so that other work on the machine does not count; the stages of a build are in seconds of the clock.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import spacy
import torch
from report import print_table
from spacy.language import Language
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

import kg
from kg.extract.document import make_doc
from kg.extract.pipeline import facts
from kg.extract.proposer import VOCABULARY
from kg.extract.trained import FOLDER
from kg.schema import ENTITY_LABELS
from kg.sources import merge, read

ROOT = Path(__file__).parent.parent
T = TypeVar("T")
ROUNDS = 5
PAPERS = 300  # at least so many a round
BERT_PAPERS = 20
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
    texts = [f"{paper.title}\n{paper.abstract}" for paper in papers]
    ner, bert = untrained_ner(), untrained_bert()
    # What reads the papers, and of how many it takes part in a round.
    readers: dict[str, tuple[Callable[[int], object], int]] = {
        "kg, the whole pipeline": (lambda count: list(kg.extract(papers[:count])), len(papers)),
        "spaCy tokenizer and `ner`": (lambda count: list(ner.pipe(texts[:count])), len(papers)),
        "BERT-base token classifier": (lambda count: [bert(text) for text in texts[:count]], BERT_PAPERS),
    }
    rates: dict[str, list[float]] = defaultdict(list)
    for number in range(1 + ROUNDS):  # in turns, because the machine's speed may drift; the first one warms up
        for name, (reader, count) in readers.items():
            took = seconds(lambda reader=reader, count=count: reader(count), time.process_time)[0]  # type: ignore[misc]
            if number:
                rates[name].append(count / took)
    median = {name: statistics.median(found) for name, found in rates.items()}
    own = rates["kg, the whole pipeline"]
    rate = statistics.median(own)

    print(f"{len(papers):,} papers ({distinct:,} distinct) of {sum(map(len, texts)) / len(texts):,.0f} characters on")
    print(f"average; core {core} alone; spaCy {version('spacy')}; median of {ROUNDS} rounds")
    print(f"(spread {(max(own) - min(own)) / rate:.0%})\n")
    print_table(
        ("extraction", "papers a second", "kg is so many times as fast"),
        [(name, f"{found:,.1f}", f"{rate / found:.2f}") for name, found in median.items()],
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


def untrained_bert() -> Callable[[str], object]:
    """Reads one text with a network of 110 M parameters, on one core in full precision."""
    torch.set_num_threads(1)
    model = BertForTokenClassification(BertConfig(num_labels=2 * len(ENTITY_LABELS) + 1)).eval()
    tokenizer = Tokenizer.from_file(str(FOLDER / VOCABULARY))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)

    def read_one(text: str) -> object:
        with torch.inference_mode():
            return model(torch.tensor([tokenizer.encode(text).ids])).logits.argmax(-1)

    return read_one


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


if __name__ == "__main__":
    main(sys.argv[1:])
