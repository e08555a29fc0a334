"""Who the readers are in a period: where they belong, what makes them alike, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from varde.codes import counties
from varde.prescribing.comparison import Profile, name_stay
from varde.prescribing.reports.forms import kinds
from varde.prescribing.reports.measuring.counting import Counted
from varde.prescribing.reports.measuring.plans import Plan
from varde.prescribing.reports.measuring.registers import ACTIVITY, Registers, Row, place_of
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.report import Role as Shown

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One reader.

    Attributes:
        variant: of the report.
        name, place: what it is called, and where it is.
        county: where it is, for resistance nearby; blank where that is not known.
        profile: what makes it alike to others.
        stay_before: its variant is by the bed days of the year before, as it told none in the report's own.
    """

    unit: str
    variant: str
    name: str
    place: str
    county: str
    profile: Profile
    stay_before: bool = False


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
        municipality, county, place = place_of(registers, post["municipality"] if post else None)
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
    now: dict[str, dict[str, float]] = {}
    before: dict[str, dict[str, float]] = {}
    if plan.kind == "rask":  # a home without bed days in the year is what it was the year before
        before, now = (
            {unit: days for unit, days in registers.stays(period).items() if sum(days.values()) > 0}
            for period in (registers.span.before, registers.span.now)
        )
    rows = registers.open_ones(plan.alike[1])
    return _of_institutions(registers, plan, rows, {}, before | now, before.keys() - now.keys())


def _of_institutions(
    registers: Registers,
    plan: Plan,
    rows: Iterable[Row],
    activity: Mapping[str, float],
    stays: Mapping[str, Mapping[str, float]],
    stays_before: Set[str] = frozenset(),
) -> Standing:
    """Institutions as readers.

    Args:
        stays_before: those whose stays are of the year before.
    """
    kind, role = plan.alike
    readers, profiles = {}, []
    belongs: dict[str, dict[Shown, str]] = {}
    variant = plan.variant or next(iter(kinds()[plan.kind].variants))
    for row in rows:
        unit = row["institution"]
        municipality, county, place = place_of(registers, row["municipality"])
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
            stay_before=unit in stays_before,
        )
    return _finish(readers, profiles, belongs, _same(profiles), belongs)


def _groups(registers: Registers, plan: Plan, counted: Mapping[str, Counted]) -> Standing:
    members: dict[str, list[str]] = defaultdict(list)
    counties_of: dict[str, list[str]] = defaultdict(list)
    base: dict[str, dict[Shown, str]] = {}
    for (prescriber, held), row in sorted(registers.memberships.items()):
        if held != plan.role:
            continue
        _, county, _ = place_of(registers, row["municipality"])
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
        _, county, _ = place_of(registers, row["municipality"])
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
