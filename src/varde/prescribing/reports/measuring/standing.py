"""Who the readers are in a period: where they belong, what makes them alike, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from varde.codes import counties, municipalities, successor
from varde.prescribing.comparison import Profile, name_stay
from varde.prescribing.indicators import Period, Role, UnitKind, Who
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.reports.forms import kinds
from varde.prescribing.reports.measuring.counting import Counted
from varde.prescribing.reports.measuring.plans import Plan, Span
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.report import Role as Shown

if TYPE_CHECKING:
    import ibis

ELDERLY, CHILDREN = 70, 10
ACTIVITY: Final = "activity"
"""What activity is counted as, beside the indicators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One reader.

    Attributes:
        variant: of the report.
        name, place: what it is called, and where it is.
        county: where it is, for resistance nearby; blank where that is not known.
        profile: what makes it alike to others.
    """

    unit: str
    variant: str
    name: str
    place: str
    county: str
    profile: Profile


@dataclass(frozen=True, eq=False)
class Standing:
    """Who is what.

    Attributes:
        readers: those who get a report, by number, in order.
        profiles: of all who may be compared, readers or not.
        base: the units of `Plan.base` that each unit of `Plan.by` is made of.
        earlier: those of the year before, where they are not the same.
        circles: the units of `Plan.base` in each comparator's place.
        belongs: the place of each reader in each of those.
    """

    readers: Mapping[str, Person]
    profiles: tuple[Profile, ...]
    base: Mapping[str, frozenset[str]]
    earlier: Mapping[str, frozenset[str]]
    circles: Mapping[tuple[Shown, str], frozenset[str]]
    belongs: Mapping[str, Mapping[Shown, str]]


Row = Mapping[str, Any]


class Registers:
    """The tables of who is what, read once."""

    def __init__(self, tables: Mapping[str, ibis.Table], span: Span) -> None:
        self.tables = tables
        self.day = span.now.until
        self.span = span
        self.who = Who(tables)
        # A site may have homes alone.
        self.memberships = self.who.memberships(self.day) if "prescribers" in tables else {}
        rows = fetch(tables["institutions"]).to_pylist() if "institutions" in tables else []
        self.institutions = sorted({row["institution"] for row in rows})

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

    def belongs(self, by: UnitKind, role: Role) -> dict[str, str]:
        """The group or county that each prescriber of a role belongs to; those of none are left out."""
        found = {}
        for (prescriber, held), row in self.memberships.items():
            unit = row["peer_group"] if by == "peer-group" else _place(self, row["municipality"])[1]
            if held == role and unit:
                found[prescriber] = unit
        return found

    def on_duty(self, period: Period) -> dict[str, frozenset[str]]:
        """Of each out-of-hours unit those who worked there in a period: who have contacts, shifts or prescriptions."""
        found: dict[str, set[str]] = defaultdict(set)
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
            for pair in pairs:
                if pair["unit"]:
                    found[self.who.became(pair["unit"], self.day)[0]].add(pair["prescriber"])
        return {unit: frozenset(some) for unit, some in found.items()}

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


def stand_up(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    """Who is what, for one plan.

    Args:
        counted: the indicators by `Plan.by`. Whoever has contacts may be compared, a reader or not.
    """
    makers = {
        "prescriber": _prescribers,
        "out-of-hours-unit": _units,
        "institution": _institutions,
        "peer-group": _groups,
        "county": _counties,
    }
    return makers[plan.by](registers, plan, counted)


def _activity(counted: Mapping[str, Counted]) -> dict[str, float]:
    """Consultations in the period, as the rule of who is similar counts them."""
    one = counted[ACTIVITY]
    return dict(zip(one.units, one.years.d[:, 1].tolist(), strict=True))


def _place(registers: Registers, municipality: str | None) -> tuple[str, str, str]:
    """The number of a municipality as it is on the day, its county's, and its name; blank where they are not known."""
    number = successor(municipality, registers.day) if municipality else None
    if number is None:
        return "", "", ""
    found = municipalities(registers.day)[number]
    return number, found.county, found.name


def _prescribers(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    kind, role = plan.alike
    activity, lists = _activity(counted), registers.lists()
    posts = {
        prescriber: row
        for (prescriber, held), row in registers.memberships.items()
        if held == plan.role
    }
    readers, profiles = {}, []
    belongs: dict[str, dict[Shown, str]] = {}
    for unit in sorted(set(posts) | {unit for unit, size in activity.items() if size > 0}):
        post = posts.get(unit)
        municipality, county, place = _place(registers, post["municipality"] if post else None)
        elderly, children = lists.get(unit, (None, None))
        profile = Profile(
            unit=unit,
            kind=kind,
            role=role,
            municipality=municipality,
            county=county,
            activity=activity.get(unit, 0.0),
            elderly=elderly,
            children=children,
        )
        profiles.append(profile)
        if post is None:
            continue
        group = post["peer_group"] if plan.role == "gp" else post["unit"]
        belongs[unit] = _filled({"group": group, "county": county, "municipality": municipality})
        known = registers.institution(post["unit"])
        readers[unit] = Person(
            unit=unit,
            variant=plan.variant or "year",
            name=measuring_words().names.prescriber.format(unit=unit),
            place=", ".join(one for one in (known["name"] if known else "", place) if one),
            county=county,
            profile=profile,
        )
    found = _finish(readers, profiles, belongs, _same(profiles), belongs)
    if plan.role != "out-of-hours":
        return found
    # Whose a unit's figures are: those who worked there, wherever they have their post.
    there = registers.on_duty(registers.span.now)
    places: dict[tuple[Shown, str], frozenset[str]] = {
        ("group", unit): some for unit, some in there.items()
    }
    return replace(found, circles={**found.circles, **places})


def _units(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    found = _of_institutions(
        registers, plan, registers.open_ones("out-of-hours"), _activity(counted), {}
    )
    now, before = (
        registers.on_duty(period) for period in (registers.span.now, registers.span.before)
    )
    units = [one.unit for one in found.profiles]
    return replace(
        found,
        base={unit: now.get(unit, frozenset()) for unit in units},
        earlier={unit: before.get(unit, frozenset()) for unit in units},
    )


def _institutions(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    stays = registers.stays(registers.span.now) if plan.kind == "rask" else {}
    if plan.kind == "rask":  # a home without bed days in the year is what it was the year before
        stays = registers.stays(registers.span.before) | stays
    return _of_institutions(registers, plan, registers.open_ones(plan.alike[1]), {}, stays)


def _of_institutions(
    registers: Registers,
    plan: Plan,
    rows: Iterable[Row],
    activity: Mapping[str, float],
    stays: Mapping[str, Mapping[str, float]],
) -> Standing:
    kind, role = plan.alike
    readers, profiles = {}, []
    belongs: dict[str, dict[Shown, str]] = {}
    variant = plan.variant or next(iter(kinds()[plan.kind].variants))
    for row in rows:
        unit = row["institution"]
        municipality, county, place = _place(registers, row["municipality"])
        stay = stays.get(unit, {"short": 0.0, "long": 0.0})
        days = stay["short"] + stay["long"]
        profile = Profile(
            unit=unit,
            kind=kind,
            role=role,
            municipality=municipality,
            county=county,
            activity=activity.get(unit, 0.0) if kind != "institution" else None,
            short_stay=stay["short"] / days if days > 0 else None,
        )
        profiles.append(profile)
        belongs[unit] = _filled({"county": county, "municipality": municipality})
        readers[unit] = Person(
            unit=unit,
            variant=name_stay(stay["short"], stay["long"]) or "unknown"
            if plan.kind == "rask"
            else variant,
            name=row["name"],
            place=place if place not in row["name"] else "",
            county=county,
            profile=profile,
        )
    return _finish(readers, profiles, belongs, _same(profiles), belongs)


def _groups(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    members: dict[str, list[str]] = defaultdict(list)
    counties_of: dict[str, list[str]] = defaultdict(list)
    base: dict[str, dict[Shown, str]] = {}
    for (prescriber, held), row in sorted(registers.memberships.items()):
        if held != plan.role:
            continue
        _, county, _ = _place(registers, row["municipality"])
        base[prescriber] = _filled({"county": county})
        if row["peer_group"]:
            members[row["peer_group"]].append(prescriber)
            counties_of[row["peer_group"]].append(county)
    readers, profiles = {}, []
    belongs: dict[str, dict[Shown, str]] = {}
    for group in sorted(members):
        county = max(sorted(set(counties_of[group])), key=counties_of[group].count)
        profile = Profile(unit=group, kind=plan.alike[0], county=county)
        profiles.append(profile)
        belongs[group] = _filled({"county": county})
        readers[group] = Person(
            unit=group,
            variant="meeting",
            name=group,
            place=_county_name(registers.day, county),
            county=county,
            profile=profile,
        )
    made_of = {group: frozenset(some) for group, some in members.items()}
    return _finish(readers, profiles, belongs, made_of, base)


def _counties(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    base: dict[str, dict[Shown, str]] = {}
    made_of: dict[str, set[str]] = defaultdict(set)
    for (prescriber, _), row in sorted(registers.memberships.items()):
        _, county, _ = _place(registers, row["municipality"])
        base[prescriber] = {}
        if county:
            made_of[county].add(prescriber)
    readers, profiles = {}, []
    for number in sorted(made_of):
        profile = Profile(unit=number, kind=plan.alike[0], county=number)
        profiles.append(profile)
        readers[number] = Person(
            unit=number,
            variant="year",
            name=_county_name(registers.day, number),
            place="",
            county=number,
            profile=profile,
        )
    belongs: dict[str, dict[Shown, str]] = {number: {} for number in readers}
    frozen = {number: frozenset(some) for number, some in made_of.items()}
    return _finish(readers, profiles, belongs, frozen, base)


def _county_name(day: date, number: str) -> str:
    found = counties(day).get(number)
    return found.name if found else ""


def _filled(places: Mapping[Shown, str | None]) -> dict[Shown, str]:
    return {role: place for role, place in places.items() if place}


def _same(profiles: Iterable[Profile]) -> dict[str, frozenset[str]]:
    return {one.unit: frozenset((one.unit,)) for one in profiles}


def _finish(
    readers: Mapping[str, Person],
    profiles: Iterable[Profile],
    belongs: Mapping[str, Mapping[Shown, str]],
    made_of: Mapping[str, frozenset[str]],
    base: Mapping[str, Mapping[Shown, str]],
) -> Standing:
    circles: dict[tuple[Shown, str], set[str]] = defaultdict(set)
    everybody = set(base)
    for some in made_of.values():
        everybody |= some
    for unit, places in base.items():
        for role, place in places.items():
            circles[role, place].add(unit)
    circles["country", ""] = everybody
    return Standing(
        readers,
        tuple(profiles),
        made_of,
        {},
        {key: frozenset(some) for key, some in circles.items()},
        {unit: {**places, "country": ""} for unit, places in belongs.items()},
    )
