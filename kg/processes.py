"""Extraction in several processes: batches go out, and come back as they are done."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from multiprocessing.connection import wait as wait_for
from multiprocessing.synchronize import Event
from pathlib import Path

from spacy.language import Language

from kg.errors import ExtractionError, RecordError
from kg.extract.pipeline import extract, load
from kg.extract.trained import FOLDER, thresholds
from kg.model import Facts, Paper

WORTH = 100  # papers for which a process more is worth its start, which takes some seconds
BATCH = 100  # papers: a few seconds of work, and what a run that dies loses at the most


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers with the facts of those that could be read; the others are among `errors`."""

    papers: Sequence[Paper]
    facts: Sequence[Facts]
    errors: Sequence[RecordError]


def in_batches(
    papers: Iterable[Paper],
    count: int,
    *,
    nlp: Language | None = None,
    model: Path | None = None,
    processes: int = 1,
) -> Iterator[Batch]:
    """Extract the facts of `count` papers, in up to so many processes, each with the pipeline of `model` (see `load`).

    Papers are taken as there is room for them; batches come in the order in which they are done. With one process, or
    a pipeline `nlp` of one's own, the work is done in this one.

    Raises:
        ExtractionError: the folder holds no model, or a process was ended from outside, for want of memory, say.
    """
    if not count:
        return
    processes = max(1, min(processes, count // WORTH))
    batches = _batched(papers, max(1, min(BATCH, -(-count // (4 * processes)))))
    if nlp is not None or processes == 1:
        pipeline = nlp or load(model)
        yield from (_read(batch, pipeline) for batch in batches)
        return
    thresholds(model or FOLDER)  # no model there: said here, for a process that cannot begin does not say why
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
    stop = context.Event()
    pool = ProcessPoolExecutor(processes, context, _begin, (model, stop))
    running: set[Future[Batch]] = set()
    try:
        while True:
            while len(running) < 2 * processes and (batch := next(batches, None)):
                with _held_back(signal.SIGINT):
                    running.add(pool.submit(_work, batch))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    except BrokenProcessPool as error:
        raise ExtractionError(
            "a process of the extraction was ended from outside, perhaps for want of memory; run again with fewer"
            " processes: what is done is kept"
        ) from error
    finally:
        stop.set()  # of an interrupted run nobody takes the batches that are under way
        pool.shutdown(wait=True, cancel_futures=True)


def _batched(papers: Iterable[Paper], size: int) -> Iterator[list[Paper]]:
    waiting = iter(papers)
    while batch := list(islice(waiting, size)):
        yield batch


def _read(papers: Sequence[Paper], pipeline: Language, stop: Event | None = None) -> Batch:
    errors: list[RecordError] = []
    wanted = takewhile(lambda _: stop is None or not stop.is_set(), papers)
    return Batch(papers, list(extract(wanted, pipeline, on_error=errors.append)), errors)


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Hold a signal back, here for a moment, and in processes that begin meanwhile for as long as they run."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_pipeline: Language | None = None  # of this process
_stop: Event | None = None


def _begin(model: Path | None, stop: Event) -> None:
    """Make a new process ready."""
    global _pipeline, _stop  # noqa: PLW0603, a pool has no other place for what its processes keep
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends the pool
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _pipeline = load(model)


def _end_with_parent() -> None:
    """A parent that is killed cannot end its pool."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


def _work(papers: Sequence[Paper]) -> Batch:
    assert _pipeline is not None
    return _read(papers, _pipeline, _stop)
