"""The tables of who is what, read once: posts, institutions, lists, stays, and who worked where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from varde.codes import municipalities, successor
from varde.prescribing.indicators import Period, Role, UnitKind, Who
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.reports.measuring.plans import Span

if TYPE_CHECKING:
    import ibis

ELDERLY, CHILDREN = 70, 10
ACTIVITY: Final = "activity"
"""What activity is counted as, beside the indicators."""


Row = Mapping[str, Any]


class Registers:
    """The tables of who is what, read once."""

    def __init__(
        self,
        tables: Mapping[str, ibis.Table],
        span: Span,
        tables_before: Mapping[str, ibis.Table] | None = None,
    ) -> None:
        self.tables = tables
        self._tables_before = tables_before or tables
        self._who_before = Who(self._tables_before)
        self.day = span.now.until
        self.span = span
        self.who = Who(tables)
        # A site may have homes alone.
        self.memberships = self.who.memberships(self.day) if "prescribers" in tables else {}
        self._worked: dict[Period, frozenset[tuple[str, str]]] = {}
        rows = fetch(tables["institutions"]).to_pylist() if "institutions" in tables else []
        self.institutions = sorted({row["institution"] for row in rows})

    def memberships_before(self) -> Mapping[tuple[str, str], Row]:
        """What each prescriber was in each role at the end of the year before, as that year's reports had it."""
        if "prescribers" not in self._tables_before:
            return {}
        return self._who_before.memberships(self.span.before.until)

    def institution(self, number: str) -> Row | None:
        """What is known of an institution on the day; None where nothing is."""
        return self.who.became(number, self.day)[1]

    def open_ones(self, kind: str) -> Iterator[Row]:
        """Institutions of a kind that are there on the day."""
        for number in self.institutions:
            now, known = self.who.became(number, self.day)
            if now != number or known is None or known["kind"] != kind:
                continue
            if known["until"] is None or known["until"] >= self.day:
                yield known

    def stands(self, by: UnitKind, role: Role | None, unit: str, period: Period) -> bool:
        """Whether a reader was there in some of a period, as far as the register knows; groups and counties always are:
        they are those who are in them on the day."""
        if by == "prescriber":
            spans = self._posts.get((unit, role or ""), ())
        elif by in ("institution", "out-of-hours-unit"):
            spans = self._begun.get(unit, ())
        else:
            return True
        return not spans or any(
            since <= period.until and period.since <= until for since, until in spans
        )

    @cached_property
    def _posts(self) -> Mapping[tuple[str, str], Sequence[tuple[date, date]]]:
        """When each prescriber had a post, in each role and, under a blank, in any."""
        found: dict[tuple[str, str], list[tuple[date, date]]] = defaultdict(list)
        rows = fetch(self.tables["prescribers"]).to_pylist() if "prescribers" in self.tables else []
        for row in rows:
            for role in ("", row["role"]):
                until = row["until"] or date.max
                found[row["prescriber"], role].append((row["since"], until))
        return dict(found)

    @cached_property
    def _begun(self) -> Mapping[str, Sequence[tuple[date, date]]]:
        """From when each institution was there, or one that it took over."""
        rows = (
            fetch(self.tables["institutions"]).to_pylist() if "institutions" in self.tables else []
        )
        found: dict[str, list[tuple[date, date]]] = defaultdict(list)
        for row in rows:
            now, _ = self.who.became(row["institution"], self.day)
            found[now].append((row["since"], date.max))
        return dict(found)

    def belongs(self, by: UnitKind, role: Role) -> dict[str, str]:
        """The group or county that each prescriber of a role belongs to; those of none are left out."""
        found = {}
        for (prescriber, held), row in self.memberships.items():
            unit = (
                row["peer_group"] if by == "peer-group" else place_of(self, row["municipality"])[1]
            )
            if held == role and unit:
                found[prescriber] = unit
        return found

    def on_duty(self, period: Period) -> dict[str, frozenset[str]]:
        """Of each out-of-hours unit those who worked there in a period: who have contacts, shifts or prescriptions."""
        found: dict[str, set[str]] = defaultdict(set)
        for prescriber, unit in self._work(period):
            found[self.who.became(unit, self.day)[0]].add(prescriber)
        return {unit: frozenset(some) for unit, some in found.items()}

    def units_then(self) -> dict[str, frozenset[str]]:
        """Of each out-of-hours unit those that were units by the end of the year before, of what was done in it: more than
        one where they have merged since."""
        before = self.span.before
        found: dict[str, set[str]] = defaultdict(set)
        for unit in {unit for _, unit in self._work(before)}:
            then, _ = self._who_before.became(unit, before.until)
            found[self.who.became(unit, self.day)[0]].add(then)
        return {unit: frozenset(some) for unit, some in found.items()}

    def _work(self, period: Period) -> frozenset[tuple[str, str]]:
        """Prescribers, and the units where they did something in a period, by the numbers that these had then."""
        if period in self._worked:
            return self._worked[period]
        found: set[tuple[str, str]] = set()
        for key, day in (
            ("consultations", "held_on"),
            ("shifts", "began_on"),
            ("dispensings", "dispensed_on"),
        ):
            if key not in self.tables:
                continue
            rows = self.tables[key]
            first, last = period.since, period.until
            kept = rows.filter((rows[day] >= first) & (rows[day] <= last))
            pairs = fetch(kept.select("prescriber", "unit").distinct()).to_pylist()
            found |= {(pair["prescriber"], pair["unit"]) for pair in pairs if pair["unit"]}
        self._worked[period] = frozenset(found)
        return self._worked[period]

    def lists(self) -> dict[str, tuple[float, float]]:
        """Of each prescriber's list the parts that are elderly, and children, as the newest numbers of the period say;
        those of whom that is not known are left out."""
        if "list-populations" not in self.tables:
            return {}
        rows = self.tables["list-populations"]
        newest: dict[str, tuple[date, list[Row]]] = {}
        since, until = self.span.now.since, self.span.now.until
        kept = rows.filter((rows.since <= until) & (rows.until >= since))
        for row in fetch(kept).to_pylist():
            known = newest.get(row["prescriber"])
            if known is None or row["since"] > known[0]:
                newest[row["prescriber"]] = (row["since"], [row])
            elif row["since"] == known[0]:
                known[1].append(row)
        found = {}
        for prescriber, (_, some) in newest.items():
            parts = _parts(some)
            if parts is not None:
                found[prescriber] = parts
        return found

    def stays(self, period: Period) -> dict[str, dict[str, float]]:
        """Bed days of each institution by type of stay."""
        if "bed-days" not in self.tables:
            return {}
        rows = self.tables["bed-days"]
        kept = rows.filter((rows.month >= period.since) & (rows.month <= period.until))
        summed = kept.group_by(["institution", "stay"]).aggregate(total=kept.bed_days.sum())
        found: dict[str, dict[str, float]] = defaultdict(lambda: {"short": 0.0, "long": 0.0})
        for row in fetch(summed).to_pylist():
            home, _ = self.who.became(row["institution"], self.day)
            found[home][row["stay"]] += float(row["total"])
        return dict(found)


def _parts(rows: Iterable[Row]) -> tuple[float, float] | None:
    whole = elderly = children = 0.0
    for row in rows:
        low, high, persons = row["age_low"], row["age_high"], float(row["persons"])
        if any(low < edge and (high is None or high >= edge) for edge in (ELDERLY, CHILDREN)):
            return None  # nobody can say how many of the band are on either side
        whole += persons
        elderly += persons if low >= ELDERLY else 0.0
        children += persons if low < CHILDREN else 0.0
    return (elderly / whole, children / whole) if whole > 0 else None


def place_of(
    registers: Registers, municipality: str | None, day: date | None = None
) -> tuple[str, str, str]:
    """The number of a municipality as it is on the day, its county's, and its name; blank where they are not known.

    Args:
        day: another than the registers'.
    """
    day = day or registers.day
    number = successor(municipality, day) if municipality else None
    if number is None:
        return "", "", ""
    found = municipalities(day)[number]
    return number, found.county, found.name
