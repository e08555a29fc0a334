"""The command `report`: reports of a kind and year made of what was delivered, kept for the pages, written as documents.

Documents are written from an iterator, in as many processes as are given, with flat memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from varde.cli.frame import fail, home, open_home
from varde.cli.guideline import folders
from varde.terminal import console, number_of, progress_bar

if TYPE_CHECKING:
    from varde.prescribing.reports import Report
    from varde.publishing.documents import Language, Press
    from varde.web.report_making import Made, Making

AT_A_TIME = 32
"""Reports that each process is given before the next are made: what is in memory at once."""

_press: Press | None = None


class KindName(StrEnum):
    """The kinds of report."""

    rak = "rak"
    legevakt = "legevakt"
    rask = "rask"
    home_care = "home-care"
    peer_group = "peer-group"
    county = "county"


class Languages(StrEnum):
    """Which languages documents are written in."""

    nb = "nb"
    en = "en"
    both = "both"


def report(
    kind: Annotated[KindName, typer.Argument(help="Which kind of report.", metavar="KIND")],
    year: Annotated[
        int,
        typer.Option(
            min=2000,
            max=2200,
            help="The year that it is of; of a follow-up, the one in which the course began.",
        ),
    ],
    unit: Annotated[
        list[str] | None,
        typer.Option(
            help="Only of this reader: an HPR or organisation number, a peer group's name, a county's number."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, help="A folder to write documents (PDF) into; none are written else."
        ),
    ] = None,
    language: Annotated[Languages, typer.Option(help="Of the documents.")] = Languages.both,
    variant: Annotated[
        str, typer.Option(help="Only this variant: follow-up, doctor, unit, short-stay …")
    ] = "",
    since: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=12,
            metavar="MONTH",
            help="Of a follow-up: the month the course began; July when not given.",
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep them for their readers' pages.")
    ] = True,
    register_anew: Annotated[
        bool,
        typer.Option(
            "--register-anew",
            help="Who belongs where is as the register has it now, and not as in the period's first reports: "
            "whoever has both may work out what those who were moved have done.",
        ),
    ] = False,
    processes: Annotated[int, typer.Option(min=1, max=64, help="That write documents.")] = 1,
) -> None:
    """Make the reports of a kind and year of all its readers: for their pages, and as documents.

    The same deliveries give the same reports, and the same bytes. Exit status 1 when one could not be written.
    """
    open_home(make=False)
    from varde import learning
    from varde.guidelines import read_library
    from varde.prescribing.reports import ReportError
    from varde.web.report_making import Making, delivered_as_of, open_sources

    if register_anew and unit:
        fail(
            "--register-anew is for all readers: what one group is made by, its county is made by too"
        )
    if since is not None and variant != "follow-up":
        fail("--since belongs to --variant follow-up")
    as_of = delivered_as_of(home())
    if as_of is None:
        fail("nothing of prescribing was delivered: hand files in with `varde ingest FILE`")
    # An institution's number may have its kind before it, as in a user's area.
    units = None if unit is None else [one.removeprefix("ENH:") for one in unit]
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            fail(f"nothing can be written to {out}: {error.strerror or error}")
    failed: list[Unwritten] = []
    try:
        with open_sources(home()) as tables:
            with console.status("Counting"):
                making = Making(
                    tables, as_of, read_library(*folders()), register_anew=register_anew
                )
                made = making.make(kind.value, year, variant, since, units)
            _tell_of_moved(making, made)
            if made.until > as_of:
                console.print(
                    f"The period is not over: it ends on {made.until}, and nothing was delivered after {as_of}. "
                    "The reports say which months they lack.",
                    soft_wrap=True,
                )
            if keep or out is not None:
                making.settle(made)
            if keep:
                with progress_bar("Making", made.expected) as advance:
                    changed = learning.keep_reports(_watched(made.reports, advance))
                console.print(
                    f"{number_of(made.expected, 'report')} kept, {changed} of them changed."
                )
            if out is not None:
                again = making.make(kind.value, year, variant, since, units)
                languages: Sequence[Language] = (
                    ("nb", "en") if language is Languages.both else (language.value,)  # type: ignore[assignment]
                )
                shown = (
                    map(learning.show_agreed, again.reports) if _has_dots(kind) else again.reports
                )
                with progress_bar("Writing", again.expected) as advance:
                    failed = write_reports(
                        shown, out, languages, processes=processes, advance=advance
                    )
                console.print(
                    f"{number_of(again.expected - len(failed), 'report')} written to {out}."
                )
    except ReportError as error:
        fail(str(error))
    for one in failed:
        console.print(f"{one.unit}: {one.reason}", markup=False, style="red", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _tell_of_moved(making: Making, made: Made) -> None:
    if not made.settles or not (moved := making.moved_since(made.until)):
        return
    told = (
        "new register is used. Whoever has a group's or county's report of before, and this one, can work out what those "
        "who were moved have done. Make all kinds anew, so that all are of the same doctors"
        if making.register_anew
        else "first reports are kept to, and who is new gets none; `--register-anew` takes the register as it is now"
    )
    console.print(
        f"{number_of(moved, 'doctor')} elsewhere in the register now than in the first reports "
        f"of {made.until:%Y-%m-%d}: the {told}.",
        soft_wrap=True,
    )


def _has_dots(kind: KindName) -> bool:
    """Whether members of a group are shown as dots, when they have agreed."""
    return kind is KindName.peer_group


def _watched(reports: Iterable[Report], advance: Callable[[int], None]) -> Iterator[Report]:
    for one in reports:
        yield one
        advance(1)


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
    from varde.publishing.documents import Press

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
