"""Who is what in a period: a prescriber's group and place, what became of an institution, whom a home is like.

All holds as of the period's last day, but posts (`Who.posts`) as of each day. A merged institution is the one that took over. The tables here are small (a row
for each prescriber or institution), so they are read whole and joined to rows as small tables of keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.codes import municipalities, successor
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.errors import InvalidQuestion
from varde.prescribing.indicators.periods import Period
from varde.prescribing.indicators.shapes import COUNTRY, UnitKind
from varde.prescribing.institutions import InstitutionCycle

if TYPE_CHECKING:
    import ibis

Row = Mapping[str, Any]
Numbered = Sequence[tuple[int, Period]]
LAST: Final = date(9999, 12, 31)
AREAS: Final[frozenset[UnitKind]] = frozenset(("municipality", "county"))


class Who:
    """Prescribers and institutions as the tables say they are.

    Args:
        tables: with ``prescribers`` and ``institutions``, as far as the question needs them; and ``premises``: the
            institutions day by day, where ``institutions`` has them as of one day.
    """

    def __init__(self, tables: Mapping[str, ibis.Table]) -> None:
        self._tables = tables
        # Tables that are frozen as of one day still have what institutions were, day by day.
        own_days = {"institutions": tables["premises"]} if "premises" in tables else None
        self._days = Who(own_days) if own_days else None

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
        of it; None where nothing is.

        Raises:
            InvalidQuestion: it took over from itself: nobody can say what it is.
        """
        seen: list[str] = []
        known: Row | None = None
        while True:
            if number in seen:
                circle = (*seen[seen.index(number) :], number)
                raise InvalidQuestion(str(InstitutionCycle(circle)))
            seen.append(number)
            begun = [row for row in self._institutions.get(number, ()) if row["since"] <= day]
            if not begun:
                break
            known = begun[-1]
            ended = known["until"] is not None and known["until"] < day
            if not (ended and known["successor"]):
                break
            number = known["successor"]
        return number, known

    def premises(self, numbers: Iterable[str], months: Numbered) -> pa.Table:
        """What each institution is in each month: its own number, or that of the one that had taken over by the month's
        end, whatever it becomes later."""
        days = self._days or self
        asked = sorted(set(numbers) - {""})
        rows = [
            (institution, number, days.became(institution, month.until)[0])
            for number, month in months
            for institution in asked
        ]
        return _table(rows, "i_institution", "i_period", "i_unit")

    def place(self, by: UnitKind, institution: str, day: date) -> str | None:
        """The unit that an institution belongs to on a day; None where it is of none. A country has those too that no
        register has."""
        if by == "country":
            return COUNTRY
        resolved, known = self.became(institution, day)
        unit = resolved if by == "institution" else _unit_of(by, known, day)
        return unit or None

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
            day = period.as_of
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

    def on_duty(self, by: UnitKind, periods: Numbered) -> pa.Table:
        """The municipality or county in which every out-of-hours unit is, by period: as the register of institutions has
        it, else as all posts at it do; those of which nobody can say it are left out."""
        rows = []
        for number, period in periods:
            day = period.as_of
            posts: dict[str, set[str | None]] = defaultdict(set)
            for (_, role), row in self.memberships(day).items():
                if role == "out-of-hours":
                    posts[row["unit"]].add(_unit_of(by, row, day))
            for unit in sorted(posts.keys() | self._institutions.keys()):
                _, known = self.became(unit, day)
                if known and (unit in posts or known["kind"] == "out-of-hours"):
                    place = _unit_of(by, known, day)
                else:
                    place = _only(posts.get(unit, ()))
                if place:
                    rows.append((unit, number, place))
        return _table(rows, "t_duty", "t_period", "t_unit")

    def posts(self) -> pa.Table:
        """What each prescriber is from one day until another, where that is one thing: the only role, the only unit, and
        the only unit in each role; null where there are none or several. All posts count, not the newest alone."""
        by_prescriber: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("posts" if "posts" in self._tables else "prescribers"):
            by_prescriber[row["prescriber"]].append(row)
        rows: list[tuple[Any, ...]] = []
        for prescriber, held in by_prescriber.items():
            for first, last in _spans(held):
                now = [row for row in held if _holds(row, first)]
                units = [
                    _only(row["unit"] for row in now if row["role"] in roles)
                    for roles in (("gp", "out-of-hours"), ("gp",), ("out-of-hours",))
                ]
                if now:
                    rows.append((prescriber, first, last, _only(r["role"] for r in now), *units))
        names = ("p_prescriber", "p_from", "p_until", "p_role", "p_unit", "p_gp", "p_out")
        types = (pa.string(), pa.date32(), pa.date32(), *[pa.string()] * 4)
        return pa.table(
            {
                name: pa.array([row[place] for row in rows], type_)
                for place, (name, type_) in enumerate(zip(names, types, strict=True))
            }
        )

    def members(self, by: UnitKind, periods: Numbered) -> pa.Table:
        """The unit that each prescriber's rows belong to, by role and period; those of none are left out.

        What a general practitioner prescribes on duty, without being registered out of hours, is of the practice's
        municipality and county, and the other way round: the parts of the country are the whole of it. Of a peer group it is
        not.
        """
        rows = [
            (prescriber, number, role, unit)
            for number, period in periods
            for (prescriber, role), row in self._placed(by, period.as_of)
            if (unit := _unit_of(by, row, period.as_of))
        ]
        if by in AREAS:
            # In whichever role it was: it was there, where all that the prescriber is is there.
            places: dict[tuple[str, int], set[str | None]] = defaultdict(set)
            for number, period in periods:
                for (prescriber, _), row in self.memberships(period.as_of).items():
                    places[prescriber, number].add(_unit_of(by, row, period.as_of))
            rows += [
                (prescriber, number, "", unit)
                for (prescriber, number), units in places.items()
                if (unit := _only(units))
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
                if unit := self.place(by, institution, period.as_of):
                    rows.append((institution, number, unit))
        return _table(rows, "i_institution", "i_period", "i_unit")


def _holds(row: Row, day: date) -> bool:
    return bool(row["since"] <= day and (row["until"] is None or day <= row["until"]))


def _only(names: Iterable[str | None]) -> str | None:
    """The one name that there is; None where there are none or several."""
    found = set(names)
    return found.pop() if len(found) == 1 else None


def _spans(held: Sequence[Row]) -> Iterator[tuple[date, date]]:
    """The spans of days in which posts neither begin nor end, both ends included."""
    begins = {row["since"] for row in held}
    begins |= {row["until"] + timedelta(1) for row in held if row["until"] and row["until"] < LAST}
    days = sorted(begins)
    for first, after in zip(days, [*days[1:], None], strict=True):
        yield first, (after - timedelta(1) if after else LAST)


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
