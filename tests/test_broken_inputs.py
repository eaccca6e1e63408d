"""A thousand broken inputs beside good ones: each is listed with its place and a reason, and all else is built."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from broken import FORMATS, RECORDS, damages, write

import kg
from kg import folder as graph_folder

ROOT = Path(__file__).parent.parent
COUNT = 1000


def build(*arguments):
    """`kg build` in a process of its own: the exit code, the lines of standard error, seconds, and peak MB."""
    command = [sys.executable, "-c", "from kg.cli import main; main()", "build", *map(str, arguments)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, done.stderr.splitlines(), seconds, after.ru_maxrss / 1024


def errors(output):
    return [json.loads(line) for line in (output / graph_folder.ERRORS).read_text("utf-8").splitlines()]


def papers(output):
    """Title and place of all that was read."""
    with kg.Graph(output) as graph:
        rows = graph.table("nodes", "Paper").to_pylist()
    return {(row["title"], place.rpartition(":")[0]) for row in rows for place in row["sources"]}


def write_links(folder):
    """What is in a folder beside files, with the places it has in the list of errors."""
    (folder / "dangling.jsonl").symlink_to("nowhere")
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    (folder / os.fsdecode(b"caf\xe9.jsonl")).write_text("[", "utf-8")
    (folder / "two\nlines.jsonl").write_text("[", "utf-8")
    names = ["dangling.jsonl", "loop.jsonl", "up", "pipe.jsonl", "caf\\udce9.jsonl", "two\\nlines.jsonl"]
    if os.geteuid() != 0:  # whom nothing is forbidden
        for name in ("closed.jsonl", "closed"):
            (folder / name).mkdir() if name == "closed" else (folder / name).write_text("[", "utf-8")
            (folder / name).chmod(0)
            names.append(name)
    return [str(folder / name) for name in names]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("input")
    kept = write(folder, COUNT, seed=7)
    links = write_links(folder)
    for name, format in FORMATS.items():
        path = folder / "folder.jsonl" / name
        path.write_text(format.text([format.write(record) for record in RECORDS[:5]]), "utf-8")
        kept[str(path)] = RECORDS[:5]
    output = tmp_path_factory.mktemp("output") / "graph"
    return folder, kept, links, output, *build(folder, "-o", output, "-j", "1")


def test_there_are_a_thousand_and_each_kind_is_among_them(run):
    _, kept, links, *_ = run
    assert len(kept) == COUNT + len(FORMATS)
    assert len(list(damages())) < COUNT
    assert len(links) >= 6


def test_the_build_ends_well(run):
    *_, code, stderr, seconds, memory = run
    assert (code, [line for line in stderr if "Traceback" in line or 'File "' in line]) == (1, [])
    assert all(len(line) < 600 for line in stderr)
    print(f"{seconds:.0f} s of processor, {memory:,.0f} MB")
    assert memory < 2000


def test_each_broken_input_is_listed_with_its_place_and_a_reason(run):
    _, kept, links, output, *_ = run
    listed = errors(output)
    places = {place for e in listed for place in (e["place"], e["place"].rpartition(":")[0])}
    good = {path for path in kept if "/folder.jsonl/" in path}
    assert (set(kept) | set(links)) - good - places == set()
    assert good & places == set()
    for error in listed:
        reason = error["reason"]
        assert 5 < len(reason) <= 300, error
        assert "\n" not in reason, error
        assert "the reader" not in reason, error


def test_all_else_is_in_the_graph(run):
    _, kept, _, output, *_ = run
    read = papers(output)
    assert {(record.title, path) for path, records in kept.items() for record in records} - read == set()


def test_nothing_is_made_up(run):
    *_, output, _, _, _, _ = run
    titles = {record.title for record in RECORDS} | {"Paper of 10 MB"}
    compressed = (".gz", ".xz")  # a wrong byte may read as another letter
    assert {
        (title, path) for title, path in papers(output) if title not in titles and path[-3:] not in compressed
    } == set()
