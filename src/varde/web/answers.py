"""Questions about resistance, put to the warehouse; answers are disclosed and remembered.

A snapshot never changes, so an answer is computed once for each snapshot and question. Only what
disclosure control let through is kept, and of a few organisms the counts that it decides by (`web.protected`).
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from varde.codes import antibiotics
from varde.publishing import Disclosed, disclose
from varde.web.protected import ISOLATES, Protected


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: one organism, and which isolates of it. Empty: no restriction.

    The period is of whole quarters, and of whole years where both a county and a material are chosen: numbers of any
    days would tell the hidden ones of those between.
    """

    organism: str
    material_group: str = ""
    county: str = ""
    date_from: date
    date_to: date
    method: str = "episode:365"

    def __post_init__(self) -> None:
        both = self.county and self.material_group
        whole = (whole_years if both else whole_quarters)(self.date_from, self.date_to)
        if whole != (self.date_from, self.date_to):
            raise ValueError("the period is not of whole quarters, or whole years")

    def selection(self) -> dict[str, Any]:
        """As the keywords that `varde.resistance` takes."""
        return {"organism": self.organism, **self.selection_of_all_organisms()}

    def selection_of_all_organisms(self) -> dict[str, Any]:
        """The same isolates whichever organism they are."""
        return {
            "material_group": self.material_group or None,
            "county": self.county or None,
            "date_from": self.date_from,
            "date_to": self.date_to,
        }


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked of a snapshot.

    Attributes:
        organisms: keys, most frequent first.
        material_groups: keys that occur.
        counties: numbers that occur.
        first: the first day of collection; None in a register without isolates.
        last: the last day of collection.
    """

    snapshot: int
    organisms: tuple[str, ...]
    material_groups: tuple[str, ...]
    counties: tuple[str, ...]
    first: date | None
    last: date | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The antibiogram of one organism, with how it came about.

    Attributes:
        rows: by antibiotic, disclosed.
        selected: isolates of the organism in the selection, before first isolates were chosen; None where that must
            not be known; likewise `counted`.
        counted: isolates that count.
        unmapped_isolates: isolates of the same selection whose organism code is not mapped: some
            of them may be this organism.
        unmapped_results: the organism's results whose antibiotic code is not mapped.
        snapshot: the number of the snapshot that was asked.
        code_map_version: of the codes in it.
    """

    question: Question
    rows: tuple[Disclosed, ...]
    selected: int | None
    counted: int | None
    unmapped_isolates: int
    unmapped_results: int
    snapshot: int
    code_map_version: str


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One organism against one antibiotic over time, disclosed; `step` is "year" or "quarter"."""

    rows: tuple[Disclosed, ...]
    step: str


def whole_quarters(first: date, last: date) -> tuple[date, date]:
    """The period from the beginning of the first day's quarter to the end of the last day's."""
    month = (last.month - 1) // 3 * 3 + 3
    end = date(last.year, month, 31 if month in (3, 12) else 30)
    return date(first.year, (first.month - 1) // 3 * 3 + 1, 1), end


def whole_years(first: date, last: date) -> tuple[date, date]:
    """The period from the beginning of the first day's year to the end of the last day's."""
    return date(first.year, 1, 1), date(last.year, 12, 31)


def warehouse() -> Path:
    """Where the columns are."""
    return Path(settings.VARDE_HOME) / "warehouse"


def read_choices() -> Choices:
    """What can be asked now.

    Raises:
        varde.warehouse.NoSnapshot: nothing has been refreshed into the warehouse yet.
    """
    return _choices(warehouse(), snapshot_name(warehouse()))


def answer(question: Question) -> Answer:
    """The antibiogram now; raises as `read_choices` does."""
    return _answer(warehouse(), snapshot_name(warehouse()), question)


def follow(question: Question, antibiotic: str, step: str) -> Trend:
    """The trend of one antibiotic now; raises as `read_choices` does."""
    return _trend(warehouse(), snapshot_name(warehouse()), question, antibiotic, step)


def snapshot_name(folder: Path) -> str:
    """Names the snapshot; by its content too, since one made anew counts from 1 again."""
    from varde.warehouse import read_manifest

    manifest = read_manifest(folder)
    paths = sorted(manifest.paths())
    return f"{manifest.snapshot}-{hashlib.sha256(repr(paths).encode()).hexdigest()}"


@lru_cache(maxsize=8)
def _choices(folder: Path, snapshot: str) -> Choices:
    from varde.warehouse import open_tables

    with open_tables(folder) as tables:
        isolates = tables.isolates
        days = tables.connection.to_pyarrow(
            isolates.aggregate(first=isolates.collected.min(), last=isolates.collected.max())
        ).to_pylist()[0]
        return Choices(
            snapshot=tables.snapshot,
            organisms=_values(tables, "organism"),
            material_groups=_values(tables, "material_group"),
            counties=_values(tables, "county"),
            first=days["first"],
            last=days["last"],
        )


def _values(tables: Any, column: str) -> tuple[str, ...]:
    """The column's values, most frequent first, without the unknown."""
    isolates = tables.isolates.filter(tables.isolates[column].fill_null("") != "")
    counted = isolates.group_by(column).aggregate(times=isolates.count())
    rows = tables.connection.to_pyarrow(counted).to_pylist()
    return tuple(row[column] for row in sorted(rows, key=lambda row: (-row["times"], row[column])))


@lru_cache(maxsize=8)
def _protected(folder: Path, snapshot: str, organism: str) -> Protected:
    return Protected(folder, organism)


@lru_cache(maxsize=256)
def _answer(folder: Path, snapshot: str, question: Question) -> Answer:
    from varde.resistance import antibiogram, first_isolates, select_isolates, unmapped
    from varde.warehouse import open_tables

    selection: Any = question.selection()
    everything: Any = question.selection_of_all_organisms()
    with open_tables(folder) as tables:
        isolates = select_isolates(tables.isolates, selection)
        first = first_isolates(tables, isolates, question.method)
        table = antibiogram(tables, ("antibiotic",), question.method, **selection)
        protected = _protected(folder, snapshot, question.organism)
        counts = {
            method: int(tables.connection.to_pyarrow(found.count()).as_py())
            for method, found in (("none", isolates), (question.method, first))
        }
        told = {
            method: None if "n" in protected.of(ISOLATES, question, method) else count
            for method, count in counts.items()
        }
        return Answer(
            question=question,
            # One code map knows antivirals too; these are answers about antibiotics.
            rows=tuple(
                protected.conceal(row, row.key, question)
                for row in disclose(table, "antibiotic")
                if row.key in antibiotics()
            ),
            selected=told["none"],
            counted=told[question.method],
            unmapped_isolates=unmapped(tables, **everything).isolates,
            unmapped_results=unmapped(tables, **selection).results,
            snapshot=tables.snapshot,
            code_map_version=tables.code_map_version,
        )


@lru_cache(maxsize=256)
def _trend(folder: Path, snapshot: str, question: Question, antibiotic: str, step: str) -> Trend:
    from varde.resistance import trend
    from varde.warehouse import open_tables

    selection: Any = question.selection_of_all_organisms()
    by: Any = step
    protected = _protected(folder, snapshot, question.organism)
    with open_tables(folder) as tables:
        table = trend(tables, question.organism, antibiotic, by, question.method, **selection)
    rows = [
        protected.conceal(row, antibiotic, question, period=row.key)
        for row in disclose(table, "step", adds_up=True)
    ]
    return Trend(rows=tuple(rows), step=step)
