"""How builds grow: with processes, with Spark, and with what is already known; Markdown on standard output.

    python bench/scale.py [PAPERS.jsonl.xz [COUNT]]      (or: make bench)

Takes COUNT papers (2,000) of a file of arXiv records, without arguments that of ../shared/corpora. Each build is a
process of its own; its memory is that of all its processes together, pages that they share counted once.
"""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from report import print_table

CORPUS = Path(__file__).parent.parent.parent / "shared/corpora/arxiv_cs_2025_2026.jsonl.xz"
NEW = 200


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    with tempfile.TemporaryDirectory() as folder, lzma.open(corpus, "rt", encoding="utf-8") as file:
        place = Path(folder)
        papers, more = place / "papers.jsonl", place / "more.jsonl"
        papers.write_text("".join(islice(file, count)), encoding="utf-8")
        more.write_text("".join(islice(file, NEW)), encoding="utf-8")
        runs = [
            ("1 process", build(place / "one", "-j1", papers)),
            ("2 processes", build(place / "two", "-j2", papers)),
            ("Spark, 2 cores", build(place / "spark", "-j2", "--engine=spark", papers)),
            ("2 processes, nothing new", build(place / "two", "-j2", papers)),
            (f"2 processes, {NEW} papers new", build(place / "two", "-j2", papers, more)),
        ]
        one, spark = ([p.read_bytes() for p in sorted((place / at).rglob("*.parquet"))] for at in ("one", "spark"))
        first = runs[0][1]["extract"]
        print_table(
            ("build", "extracted", "seconds", "of them extracting", "times as fast", "peak MB"),
            [
                (
                    name,
                    f"{run['extracted']:,.0f}",
                    f"{run['seconds']:.1f}",
                    f"{run['extract']:.1f}",
                    f"{first / run['extract']:.2f}" if run["extracted"] == count else "",
                    f"{run['memory']:,.0f}",
                )
                for name, run in runs
            ],
        )
        print(f"\nTables of Spark and of one process: {'equal' if one == spark else 'DIFFERENT'}\n")


def build(output: Path, *arguments: str | Path) -> dict[str, float]:
    """Run `kg build`: its seconds by the clock, those of the extraction, how many papers it read, its peak memory."""
    before = (output / "run.json").read_bytes() if output.exists() else b""
    start, peak = time.perf_counter(), 0
    command = [Path(sys.executable).with_name("kg"), "build", *arguments, "-o", output]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(memory, family(process.pid))))
            time.sleep(0.2)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"kg build ended with {process.returncode}")
    after = (output / "run.json").read_bytes()
    run = json.loads(after)
    unchanged = before == after  # the manifest is that of the run before
    return {
        "seconds": seconds,
        "memory": peak / 1000,
        "extracted": 0 if unchanged else run["extracted"],
        "extract": run["seconds"]["extract"],
    }


def family(process: int) -> Iterator[int]:
    """The process and all that it started, and those started."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def memory(process: int) -> int:
    """Its share of the memory in kB; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
