"""The graph's folder: a new graph takes the place of the old one in whole, whatever happens to the writer."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from errno import ENOSPC
from itertools import count
from signal import SIGKILL

import pytest
from graphs import tables

from kg.errors import GraphError
from kg.folder import DATABASE, MANIFEST, check_free, locate, replacing
from kg.stores.ladybug import LadybugStore, write

FILES = ("edges/USES.parquet", DATABASE, "nodes/Task.parquet", MANIFEST)


def fill(folder, text):
    """Replace the graph in `folder` by one whose files all hold `text`."""
    with replacing(folder) as place:
        for name in FILES:
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(text)


def seen(folder):
    """What a reader finds in the graph's files."""
    return {locate(folder, name).read_text() for name in FILES}


def names(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def in_child(action, *, killed_at=None):
    """Run `action` in a child process, which SIGKILL ends before its n-th change of the file system.

    Returns whether the child was killed.
    """
    if pid := os.fork():
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    steps = count(1)

    def hook(event, args):
        changes = event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir") or (
            event == "open" and args[2] & os.O_CREAT
        )
        if changes and next(steps) == killed_at:
            os.kill(os.getpid(), SIGKILL)

    try:
        sys.addaudithook(hook)
        action()
    finally:
        os._exit(0)


def test_replaced_in_whole(tmp_path):
    folder = tmp_path / "new" / "graph"
    fill(folder, "old")
    assert seen(folder) == {"old"}
    fill(folder, "new")
    assert seen(folder) == {"new"}
    assert names(folder) == sorted([".lock", *FILES])


def test_a_writer_that_fails_leaves_the_old_graph(tmp_path):
    fill(tmp_path, "old")
    for failure in (ValueError, KeyboardInterrupt):
        with pytest.raises(failure), replacing(tmp_path) as place:
            (place / MANIFEST).write_text("half")
            raise failure
    full = "cannot be written: No space left on device; the graph before it is untouched"
    with pytest.raises(GraphError, match=full), replacing(tmp_path):
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    assert seen(tmp_path) == {"old"}
    assert names(tmp_path) == sorted([".lock", *FILES])


def test_a_writer_killed_at_any_step_leaves_a_whole_graph_and_the_next_one_finishes(tmp_path):
    after_kill = []
    for step in count(1):
        folder = tmp_path / str(step)
        fill(folder, "old")
        if not in_child(lambda folder=folder: fill(folder, "new"), killed_at=step):
            break
        after_kill += seen(folder)  # one of the two, never a mixture
        fill(folder, "next")
        assert seen(folder) == {"next"}
        assert names(folder) == sorted([".lock", *FILES])
    change = after_kill.index("new")
    assert after_kill == ["old"] * change + ["new"] * (len(after_kill) - change)
    assert change > 5
    assert len(after_kill) - change > len(FILES)


def test_a_first_writer_killed_at_any_step_leaves_no_graph_or_a_whole_one(tmp_path):
    for step in count(1):
        folder = tmp_path / str(step)
        if not in_child(lambda folder=folder: fill(folder, "first"), killed_at=step):
            break
        if folder.exists():
            check_free(folder)
        with suppress(GraphError):
            assert seen(folder) == {"first"}
        fill(folder, "next")
        assert seen(folder) == {"next"}


def test_two_writers_at_once(tmp_path):
    with replacing(tmp_path) as place:
        with pytest.raises(GraphError, match="another run is writing this graph; wait for it or choose another folder"):
            fill(tmp_path, "second")
        for name in FILES:
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text("first")
    assert seen(tmp_path) == {"first"}


def test_a_log_of_the_old_database_is_not_replayed_on_the_new_one(tmp_path):
    def build():
        with replacing(tmp_path) as place:
            write(*tables(), place / DATABASE)
            (place / MANIFEST).write_text("{}")

    def crash():
        store = LadybugStore(tmp_path / DATABASE, write=True)
        store.query("CREATE (:Author {id: 'author:ghost', name: 'Ghost', papers: 1})")
        os.kill(os.getpid(), SIGKILL)

    build()
    assert in_child(crash)
    assert f"{DATABASE}.wal" in names(tmp_path)
    build()
    assert names(tmp_path) == [".lock", DATABASE, MANIFEST]
    with LadybugStore(tmp_path / DATABASE) as store:
        assert store.query("MATCH (a:Author) RETURN a.name").rows == []


def test_a_folder_that_holds_something_else(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(GraphError, match="holds something other than a graph; choose an empty or a new folder"):
        fill(tmp_path, "new")
    assert names(tmp_path) == ["thesis.tex"]


def test_a_file_in_the_place_of_the_folder(tmp_path):
    file = tmp_path / "graph"
    file.write_text("a file")
    with pytest.raises(GraphError, match="graph: is a file; choose a folder"):
        fill(file, "new")
    with pytest.raises(GraphError, match="cannot be written: Not a directory"):
        fill(file / "below", "new")


def test_a_graph_may_have_other_files_beside_it(tmp_path):
    fill(tmp_path, "old")
    (tmp_path / "notes.txt").write_text("mine")
    fill(tmp_path, "new")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_locate_without_a_graph(tmp_path):
    with pytest.raises(
        GraphError, match=r"not a graph \(it has no run.json\); build one with: kg build INPUT -o FOLDER"
    ):
        locate(tmp_path, MANIFEST)
    with pytest.raises(GraphError, match="nowhere: no such folder; build a graph with: kg build INPUT -o "):
        locate(tmp_path / "nowhere", MANIFEST)
