"""Questions about the registers' figures, put to their snapshots; answers are disclosed and remembered.

As `varde.web.answers` for resistance: a snapshot never changes, so an answer is worked out once for each snapshot and
question, and only what disclosure control let through is kept. Each register's snapshot lies in a folder of its own:
no question is put to two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.conf import settings
from django.utils import timezone

from varde import statistics
from varde.publishing import Measures, Row, conceal, disclose_counts, disclose_resistance
from varde.web.answers import snapshot_name
from varde.web.case_figures import case_tables, count_cases

Kind = Literal["counts", "shares", "resistance"]


class TableOf(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a register.

    Attributes:
        by: the columns that it can be broken down by, the one it opens with first.
        kind: what its numbers are: what they are drawn as.
        count: makes it of a register's tables.
        measures: what its numbers are.
        needs: columns that are always broken down by: what they tell apart must not be put together.
        filters: columns that can be chosen by.
        only: label of a stacked table → the rows of it that are meant (`measure`, `depth`).
        has_total: whether its rows add up to a total that may be shown.
    """

    by: tuple[str, ...]
    kind: Kind = "counts"
    count: Callable[..., Any]
    measures: Measures = Measures()
    needs: tuple[str, ...] = ()
    filters: tuple[str, ...]
    only: tuple[str, str] | None = None
    has_total: bool = True


class RegisterView(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five registers.

    Attributes:
        key: "msis", and so on: of its address.
        database: whose snapshot it is of.
        choices: column that can be chosen by → the table, and its columns, that tell which values there are.
    """

    key: str
    database: str = "default"
    tables: Mapping[str, TableOf]
    choices: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]]


_SHARES = dict.fromkeys(("pct", "low", "high"), ("count", "n"))
_CASES = Measures(
    counts=("n", "suspected"),
    parts={"imported": "n", "form_missing": "n"},
    rates={"rate": "n"},
    open=("population",),
)
_DOSES = Measures(counts=("n",))
_COVERAGE = Measures(counts=("n",), rates={"rate": "n"}, open=("population",))
_WARDS = Measures(counts=("n",), parts={"count": "n"}, shares=_SHARES, open=("wards",))
_KINDS = Measures(counts=("n",), parts={"count": "n"}, shares=_SHARES)
_POSI = Measures(counts=("operations", "n"), parts={"count": "n"}, shares=_SHARES)
_WARD_COLUMNS = ("surveyed", "year", "county", "ward_type", "specialty")
_OPERATION_COLUMNS = ("procedure_group", "risk", "year", "county", "age_group", "sex", "urgent")
_PLAIN = ("disease", "year", "county")


def _posi(depth: str) -> TableOf:
    return TableOf(
        by=_OPERATION_COLUMNS,
        needs=("procedure_group",),
        filters=("procedure_group", "year", "county"),
        kind="shares",
        count=statistics.surgical_site_infections,
        measures=_POSI,
        only=("depth", depth),
        has_total=False,
    )


def _piah(measure: str) -> TableOf:
    return TableOf(
        by=_WARD_COLUMNS,
        needs=("institution_kind",),
        filters=("institution_kind", "year", "county"),
        kind="shares",
        count=statistics.prevalence,
        measures=_WARDS,
        only=("measure", measure),
        has_total=False,
    )


VIEWS: Mapping[str, RegisterView] = {
    view.key: view
    for view in (
        RegisterView(
            key="msis",
            tables={
                "cases": TableOf(
                    by=(
                        *("disease", "year", "month", "county", "age_group", "sex"),
                        *("infected", "classification"),
                    ),
                    count=statistics.count_cases,
                    measures=_CASES,
                    filters=_PLAIN,
                )
            },
            choices={name: (statistics.count_cases, (name,)) for name in _PLAIN},
        ),
        RegisterView(
            key="sysvak",
            tables={
                "doses": TableOf(
                    by=("year", "month", "vaccine", "county", "age_group", "sex"),
                    count=statistics.count_doses,
                    measures=_DOSES,
                    filters=_PLAIN,
                ),
                "numbers": TableOf(
                    by=("dose_number", "interval"),
                    count=statistics.number_doses,
                    measures=_DOSES,
                    filters=_PLAIN,
                    needs=("disease",),
                ),
                "coverage": TableOf(
                    by=("year", "county", "age_group", "sex"),
                    count=statistics.count_vaccinated,
                    filters=_PLAIN,
                    measures=_COVERAGE,
                    needs=("disease", "year"),
                    has_total=False,
                ),
            },
            choices={name: (statistics.count_doses, (name,)) for name in _PLAIN},
        ),
        RegisterView(
            key="nois",
            tables={
                "infection": _piah("infection"),
                "antibiotics": _piah("antibiotics"),
                "kinds": TableOf(
                    by=("infection", "surveyed"),
                    needs=("institution_kind", "infection"),
                    filters=("institution_kind", "year", "county"),
                    kind="shares",
                    count=statistics.count_infections,
                    measures=_KINDS,
                    has_total=False,
                ),
                "any": _posi("any"),
                "superficial": _posi("superficial"),
                "deep": _posi("deep"),
                "organ": _posi("organ"),
            },
            choices={
                "institution_kind": (statistics.prevalence, ("institution_kind",)),
                "procedure_group": (statistics.surgical_site_infections, ("procedure_group",)),
                "year": (statistics.prevalence, ("year",)),
                "county": (statistics.prevalence, ("county",)),
            },
        ),
        RegisterView(
            key="ravn",
            database="ravn",
            tables={
                "drugs": TableOf(
                    by=("antibiotic", "year"),
                    kind="resistance",
                    count=statistics.resistance,
                    needs=("organism", "antibiotic"),
                    filters=("organism", "year"),
                    has_total=False,
                ),
                "classes": TableOf(
                    by=("drug_class", "year"),
                    kind="resistance",
                    count=statistics.resistance_by_class,
                    needs=("organism", "drug_class"),
                    filters=("organism", "year"),
                    has_total=False,
                ),
            },
            choices={
                name: (statistics.resistance, (name, "antibiotic")) for name in ("organism", "year")
            },
        ),
        RegisterView(
            key="norm",
            database="norm",
            tables={
                "drugs": TableOf(
                    by=("antibiotic", "year"),
                    kind="resistance",
                    count=statistics.resistance,
                    needs=("organism", "antibiotic"),
                    filters=("organism", "material_group", "year"),
                    has_total=False,
                )
            },
            choices={
                name: (statistics.resistance, (name, "antibiotic"))
                for name in ("organism", "material_group", "year")
            },
        ),
    )
}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of one table of one register.

    Attributes:
        by: columns to break down by.
        chosen: (column, value) of what is chosen.
    """

    view: str
    table: str
    by: tuple[str, ...]
    chosen: tuple[tuple[str, str | int], ...] = ()

    @property
    def where(self) -> dict[str, str | int]:
        """What is chosen, by column."""
        return dict(self.chosen)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The table that was asked for, disclosed.

    Attributes:
        total: the same without breaking down; None where rows do not add up.
        definitions: case definitions that the cases were made by: disease, year, first day.
        snapshot: the number of the snapshot that was asked.
        code_map_version: of the codes in it.
    """

    question: Question
    rows: tuple[Row, ...]
    total: Row | None
    definitions: tuple[tuple[str, int, date], ...]
    snapshot: int
    code_map_version: str


def warehouse(database: str = "default") -> Path:
    """Where the columns of a register are."""
    home = Path(settings.VARDE_HOME)
    return (home if database == "default" else home / database) / "warehouse"


def read_choices(view: RegisterView) -> Mapping[str, tuple[Any, ...]]:
    """What there is to choose in a register's snapshot: column → values, the most frequent first, the unknown left
    out.

    Raises:
        varde.warehouse.NoSnapshot: nothing has been refreshed into it yet.
    """
    folder = warehouse(view.database)
    return _choices(folder, snapshot_name(folder), view.key)


def ask(question: Question) -> Answer:
    """The answer now; raises as `read_choices` does, and `varde.statistics.StatisticsError`."""
    folder = warehouse(VIEWS[question.view].database)
    return _answer(folder, snapshot_name(folder), question, timezone.localdate())


@lru_cache(maxsize=32)
def _choices(folder: Path, snapshot: str, key: str) -> Mapping[str, tuple[Any, ...]]:
    from varde.warehouse import open_tables

    found = {}
    with open_tables(folder) as tables:
        for name, (count, by) in VIEWS[key].choices.items():
            counted: Counter[Any] = Counter()
            for row in count(tables, by).to_pylist():
                counted[row[name]] += row["n"]
            known = sorted(value for value in counted if value not in (None, ""))
            found[name] = tuple(sorted(known, key=lambda value: -counted[value]))
    return found


@lru_cache(maxsize=512)
def _answer(folder: Path, snapshot: str, question: Question, today: date) -> Answer:
    from varde.warehouse import open_tables

    table = VIEWS[question.view].tables[question.table]
    if question.view == "msis":
        return _of_cases(folder, snapshot, question, today)
    with open_tables(folder) as tables:
        rows = _rows(table, question, tables, question.by)
        total = _rows(table, question, tables, ()) if table.has_total else []
        if table.has_total and "county" in question.where and "county" in table.by:
            hidden = _protected_of_county(table, question, tables)
            rows, total = (
                [conceal(row, hidden, table.measures) for row in some] for some in (rows, total)
            )
        return Answer(
            question=question,
            rows=tuple(rows),
            total=total[0] if len(total) == 1 else None,
            definitions=(),
            snapshot=tables.snapshot,
            code_map_version=tables.code_map_version,
        )


def _of_cases(folder: Path, snapshot: str, question: Question, today: date) -> Answer:
    """Cases, whose tables are protected together."""
    from varde.warehouse import open_tables

    cases = case_tables(folder, snapshot, today)
    [total] = count_cases(cases, (), question.where)
    definitions: tuple[tuple[str, int, date], ...] = ()
    with open_tables(folder) as tables:
        if "disease" in question.where:
            used = statistics.definitions_used(tables, disease=question.where["disease"])
            definitions = tuple(
                (row["disease"], row["year"], row["definition"]) for row in used.to_pylist()
            )
        return Answer(
            question=question,
            rows=tuple(count_cases(cases, question.by, question.where)),
            total=total,
            definitions=definitions,
            snapshot=tables.snapshot,
            code_map_version=tables.code_map_version,
        )


def _protected_of_county(table: TableOf, question: Question, tables: Any) -> frozenset[str]:
    """Counts of the county that is chosen which the table by county, of the same choice, protects: chosen alone they
    would stand there, and give away the county that they are hidden for."""
    others = tuple(pair for pair in question.chosen if pair[0] != "county")
    asked = msgspec.structs.replace(question, by=("county",), chosen=others)
    chosen = question.where["county"]
    for row in _rows(table, asked, tables, ("county",)):
        if row.key["county"] == chosen:
            counted = (*table.measures.counts, *table.measures.parts)
            return frozenset(name for name in counted if row.figures[name].status == "protected")
    return frozenset()


def columns_of(table: TableOf, by: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that rows are for: what the table always tells apart, then what was asked for."""
    return (*(name for name in table.needs if name not in by), *by)


def _rows(table: TableOf, question: Question, tables: Any, by: tuple[str, ...]) -> list[Row]:
    where = question.where
    asked = columns_of(table, by)
    counted = table.count(tables, asked, **where)
    if table.only:
        counted = statistics.pick(counted, *table.only)
    if table.kind == "resistance":
        return disclose_resistance(counted, asked)
    adds_up = [name for name in by if table.has_total]
    return disclose_counts(counted, asked, table.measures, adds_up=adds_up)
