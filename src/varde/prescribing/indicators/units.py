"""Who is what in a period: a prescriber's group and place, what became of an institution, whom a home is like.

All holds as of the period's last day. A merged institution is the one that took over. The tables here are small (a row
for each prescriber or institution), so they are read whole and joined to rows as small tables of keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.codes import municipalities, successor
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.errors import InvalidQuestion
from varde.prescribing.indicators.periods import Period
from varde.prescribing.indicators.shapes import COUNTRY, UnitKind

if TYPE_CHECKING:
    import ibis

Row = Mapping[str, Any]
Numbered = Sequence[tuple[int, Period]]
AREAS: Final[frozenset[UnitKind]] = frozenset(("municipality", "county"))


class Who:
    """Prescribers and institutions as the tables say they are.

    Args:
        tables: with ``prescribers`` and ``institutions``, as far as the question needs them.
    """

    def __init__(self, tables: Mapping[str, ibis.Table]) -> None:
        self._tables = tables

    def _rows(self, key: str) -> list[Row]:
        if key not in self._tables:
            raise InvalidQuestion(f"the table {key} is missing: it says who is what")
        rows: list[Row] = fetch(self._tables[key]).to_pylist()
        return rows

    @cached_property
    def _institutions(self) -> Mapping[str, list[Row]]:
        found = defaultdict(list)
        for row in sorted(self._rows("institutions"), key=lambda row: row["since"]):
            found[row["institution"]].append(row)
        return dict(found)

    @cached_property
    def _prescribers(self) -> list[Row]:
        return self._rows("prescribers")

    def became(self, number: str, day: date) -> tuple[str, Row | None]:
        """What an institution is on a day: its number, or that of the one that took over, and the latest that is known
        of it; None where nothing is."""
        seen: set[str] = set()
        known: Row | None = None
        while number not in seen:
            seen.add(number)
            begun = [row for row in self._institutions.get(number, ()) if row["since"] <= day]
            if not begun:
                break
            known = begun[-1]
            ended = known["until"] is not None and known["until"] < day
            if not (ended and known["successor"]):
                break
            number = known["successor"]
        return number, known

    def memberships(self, day: date) -> Mapping[tuple[str, str], Row]:
        """What each prescriber is on a day, by number and role. Of several in one role the one that began last counts,
        then the unit of the lowest number."""
        found: dict[tuple[str, str], Row] = {}
        for row in sorted(self._prescribers, key=lambda row: row["unit"], reverse=True):
            if row["since"] <= day and (row["until"] is None or day <= row["until"]):
                key = (row["prescriber"], row["role"])
                if key not in found or found[key]["since"] <= row["since"]:
                    found[key] = row
        return found

    def kinds(self) -> pa.Table:
        """What each institution was, and from which day until which: numbers of days as `ymd` writes them. The last
        that is known holds on."""
        rows: list[tuple[str, int, int, str]] = []
        for number, known in self._institutions.items():
            ends = [ymd(row["since"]) - 1 for row in known[1:]] + [ymd(date.max)]
            rows += [
                (number, ymd(row["since"]), end, row["kind"])
                for row, end in zip(known, ends, strict=True)
            ]
        names = ("k_institution", "k_from", "k_until", "_kind")
        types = (pa.string(), pa.int32(), pa.int32(), pa.string())
        return pa.table(
            {
                name: pa.array([row[place] for row in rows], type_)
                for place, (name, type_) in enumerate(zip(names, types, strict=True))
            }
        )

    def out_of_hours(self, periods: Numbered) -> pa.Table:
        """Every out-of-hours unit: its number in a row, the period, and what it is then."""
        rows = []
        for number, period in periods:
            day = period.until
            named = {
                row["unit"]
                for (_, role), row in self.memberships(day).items()
                if role == "out-of-hours"
            }
            for unit in sorted(named | set(self._institutions)):
                resolved, known = self.became(unit, day)
                if unit in named or (known and known["kind"] == "out-of-hours"):
                    rows.append((unit, number, resolved))
        return _table(rows, "o_unit", "o_period", "o_resolved")

    def only_out_of_hours(self, periods: Numbered) -> pa.Table:
        """Every prescriber who has that role alone, and the unit."""
        rows = []
        for number, period in periods:
            held = self.memberships(period.until)
            rows += [
                (prescriber, number, "out-of-hours", row["unit"])
                for (prescriber, role), row in held.items()
                if role == "out-of-hours" and (prescriber, "gp") not in held
            ]
        return _table(rows, "n_prescriber", "n_period", "n_role", "n_unit")

    def members(self, by: UnitKind, periods: Numbered) -> pa.Table:
        """The unit that each prescriber's rows belong to, by role and period; those of none are left out.

        What a general practitioner prescribes on duty, without being registered out of hours, is of the practice's
        municipality and county, and the other way round: the parts of the country are the whole of it. Of a peer group it is
        not.
        """
        rows = [
            (prescriber, number, role, unit)
            for number, period in periods
            for (prescriber, role), row in self._placed(by, period.until)
            if (unit := _unit_of(by, row, period.until))
        ]
        return _table(rows, "m_prescriber", "m_period", "m_role", "m_unit")

    def _placed(self, by: UnitKind, day: date) -> Iterator[tuple[tuple[str, str], Row]]:
        held = self.memberships(day)
        yield from held.items()
        if by in AREAS:
            for (prescriber, role), row in held.items():
                other = "gp" if role == "out-of-hours" else "out-of-hours"
                if (prescriber, other) not in held:
                    yield (prescriber, other), row

    def institutions(self, by: UnitKind, numbers: Iterable[str], periods: Numbered) -> pa.Table:
        """The unit that the rows of each institution belong to, by period; those of none are left out."""
        rows = []
        asked = sorted(set(numbers) - {""})
        for number, period in periods:
            for institution in asked:
                resolved, known = self.became(institution, period.until)
                unit = resolved if by == "institution" else _unit_of(by, known, period.until)
                if unit:
                    rows.append((institution, number, unit))
        return _table(rows, "i_institution", "i_period", "i_unit")


def ymd(day: date) -> int:
    """A day as a whole number in the order of days: engines compare these alike."""
    return day.year * 10_000 + day.month * 100 + day.day


def _unit_of(by: UnitKind, row: Row | None, day: date) -> str | None:
    if by == "country":
        return COUNTRY
    if row is None:
        return None
    if by == "peer-group":
        return row["peer_group"] or None
    return place_on(by, row["municipality"], day)


def place_on(by: UnitKind, number: str, day: date) -> str | None:
    """The municipality, or its county, as they are numbered on a day; None where the number is not known, or was
    divided."""
    municipality = successor(number, day)
    if municipality is None or by == "municipality":
        return municipality
    return municipalities(day)[municipality].county


def _table(rows: Sequence[tuple[Any, ...]], *names: str) -> pa.Table:
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            name: pa.array(column, pa.int32() if name.endswith("_period") else pa.string())
            for name, column in zip(names, columns, strict=True)
        }
    )
