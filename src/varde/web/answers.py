"""Questions about resistance, put to the warehouse; answers are disclosed and remembered.

A snapshot never changes, so an answer is computed once for each snapshot and question. Only what
disclosure control let through is kept.
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
from varde.publishing import Disclosed, cover, disclose


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: one organism, and which isolates of it. Empty: no restriction."""

    organism: str
    material_group: str = ""
    county: str = ""
    date_from: date
    date_to: date
    method: str = "episode:365"

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
        selected: isolates of the organism in the selection, before first isolates were chosen.
        counted: isolates that count.
        unmapped_isolates: isolates of the same selection whose organism code is not mapped: some
            of them may be this organism.
        unmapped_results: the organism's results whose antibiotic code is not mapped.
        snapshot: the number of the snapshot that was asked.
        code_map_version: of the codes in it.
    """

    question: Question
    rows: tuple[Disclosed, ...]
    selected: int
    counted: int
    unmapped_isolates: int
    unmapped_results: int
    snapshot: int
    code_map_version: str


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One organism against one antibiotic over time, disclosed; `step` is "year" or "quarter"."""

    rows: tuple[Disclosed, ...]
    step: str


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
        return Answer(
            question=question,
            # One code map knows antivirals too; these are answers about antibiotics.
            rows=tuple(
                row
                for row in _conceal(disclose(table, "antibiotic"), tables, question)
                if row.key in antibiotics()
            ),
            selected=int(tables.connection.to_pyarrow(isolates.count()).as_py()),
            counted=int(tables.connection.to_pyarrow(first.count()).as_py()),
            unmapped_isolates=unmapped(tables, **everything).isolates,
            unmapped_results=unmapped(tables, **selection).results,
            snapshot=tables.snapshot,
            code_map_version=tables.code_map_version,
        )


def _conceal(rows: list[Disclosed], tables: Any, question: Question) -> list[Disclosed]:
    """Rows of a county or a material without what would give away another one, whose number is hidden: all of them
    together are shown too."""
    for column in ("county", "material_group"):
        if getattr(question, column):
            hidden = _protected_of(tables, question, column)
            rows = [
                cover(row, n=hidden[row.key].n is None) if row.key in hidden else row
                for row in rows
            ]
    return rows


def _protected_of(tables: Any, question: Question, column: str) -> dict[str, Disclosed]:
    """Antibiotic → the row of what is chosen, where the table by `column`, of the same question, protects it."""
    import pyarrow.compute as pc

    from varde.resistance import antibiogram

    everywhere: Any = {**question.selection(), column: None}
    table = antibiogram(tables, ("antibiotic", column), question.method, **everywhere)
    chosen, found = getattr(question, column), {}
    for antibiotic in set(table["antibiotic"].to_pylist()):
        of_one = table.filter(pc.field("antibiotic") == antibiotic)
        for row in disclose(of_one, column, adds_up=True):
            if row.key == chosen and row.status == "protected":
                found[antibiotic] = row
    return found


@lru_cache(maxsize=256)
def _trend(folder: Path, snapshot: str, question: Question, antibiotic: str, step: str) -> Trend:
    from varde.resistance import trend
    from varde.warehouse import open_tables

    selection: Any = question.selection_of_all_organisms()
    by: Any = step
    with open_tables(folder) as tables:
        table = trend(tables, question.organism, antibiotic, by, question.method, **selection)
    return Trend(rows=tuple(disclose(table, "step", adds_up=True)), step=step)
