"""Writes reports as documents: many, from an iterator, in as many processes as are given, with flat memory.

The command `varde report` is this function and an iterator over all units of a kind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from varde.prescribing.reports import Report
from varde.publishing.documents import Language, Press

AT_A_TIME = 32
"""Reports that each process is given before the next are made: what is in memory at once."""

_press: Press | None = None


class Unwritten(NamedTuple):
    """A report that could not be written: of which unit, and why."""

    unit: str
    reason: str


def write_reports(
    reports: Iterable[Report],
    folder: Path,
    languages: Sequence[Language] = ("nb", "en"),
    *,
    processes: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Unwritten]:
    """Write each report in each language to a file of its own; one that fails never stops the others.

    A file is whole or not there. The same reports give the same bytes, however many processes.

    Args:
        reports: taken a few at a time.
        folder: is made; for its owner alone, because reports are personal.
        processes: 1: in this one.
        advance: is told how many reports were written.

    Returns:
        The reports that could not be written.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    failed: list[Unwritten] = []
    waiting = iter(reports)
    jobs = ((report, str(folder), tuple(languages)) for report in waiting)
    if processes == 1:
        for job in jobs:
            failed.extend(_write(job))
            advance(1)
        return failed
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for some in _in_batches(jobs, AT_A_TIME * processes):
            for found in pool.map(_write, some, chunksize=4):
                failed.extend(found)
                advance(1)
    return failed


def name_file(report: Report, language: Language) -> str:
    """ "rak-1234567-2025-nb.pdf"; of a follow-up "rak-follow-up-…". Signs that no unit's number has become hyphens."""
    unit = re.sub(r"[^A-Za-z0-9]+", "-", report.unit).strip("-")
    if report.variant == "follow-up":
        return f"{report.kind}-follow-up-{unit}-{report.until:%Y-%m}-{language}.pdf"
    return f"{report.kind}-{unit}-{report.until.year}-{language}.pdf"


def _in_batches(
    jobs: Iterator[tuple[Report, str, tuple[Language, ...]]], size: int
) -> Iterator[list[tuple[Report, str, tuple[Language, ...]]]]:
    while some := list(islice(jobs, size)):
        yield some


def _write(job: tuple[Report, str, tuple[Language, ...]]) -> list[Unwritten]:
    """Write one report; Typst is started once for each process."""
    global _press
    report, folder, languages = job
    _press = _press or Press()
    try:
        made = [
            (name_file(report, language), _press.set(report, language)) for language in languages
        ]
    except Exception as error:  # whatever is wrong with one report, the others are written
        return [Unwritten(report.unit, f"{type(error).__name__}: {error}")]
    for name, document in made:
        path = Path(folder, name)
        part = path.with_name(f".{name}.{os.getpid()}.part")
        part.write_bytes(document)
        part.replace(path)
    return []
