"""No reader of any reports learns a figure of fewer than ten others: not by adding, subtracting or weighting what is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from prescribing.small_country import YEAR, findings, small
from prescribing.small_country import on_duckdb as lay_out
from varde.prescribing import layouts
from varde.prescribing.indicators import catalogue, compute
from varde.prescribing.reports import Known, Measured
from varde.prescribing.reports.measuring import Counting, Findings, span_of
from varde.web.pages.report.readers import READS

pytestmark = pytest.mark.xdist_group("measuring")
SPAN = span_of(YEAR)
FEWEST = 10
PRACTICE, UNIT = "974760673", "889640782"


def follows(sets: list[frozenset[str]], known: frozenset[str]) -> frozenset[str]:
    """The others of some weighted sum of these sums that is of fewer than ten of them; empty where there is none.

    Plain: parts that are in the same sums stand together; a sum is of some parts alone just when the sums lose rank
    without the columns of those parts.
    """
    others = sorted(frozenset().union(*sets) - known)
    parts: dict[tuple[bool, ...], list[str]] = {}
    for unit in others:
        parts.setdefault(tuple(unit in one for one in sets), []).append(unit)
    columns = list(parts)
    if not columns:
        return frozenset()
    matrix = np.array(columns, float).T
    rank = np.linalg.matrix_rank(matrix)

    def grow(at: int, chosen: list[int], left: int) -> Iterator[list[int]]:
        yield chosen
        for place in range(at, len(columns)):
            size = len(parts[columns[place]])
            if size <= left:
                yield from grow(place + 1, [*chosen, place], left - size)

    for few in grow(0, [], FEWEST - 1):
        rest = [place for place in range(len(columns)) if place not in few]
        if few and (not rest or np.linalg.matrix_rank(matrix[:, rest]) < rank):
            return frozenset(unit for place in few for unit in parts[columns[place]])
    return frozenset()


def test_the_plain_check_finds_what_there_is() -> None:
    a, b = frozenset(map(str, range(30))), frozenset(map(str, range(25)))
    assert follows([a, b], frozenset()) == a - b
    assert not follows([a, frozenset(map(str, range(15)))], frozenset({"0"}))
    assert len(follows([frozenset(map(str, range(11)))], frozenset({"0", "1"}))) == 9


Shown = Mapping[str, list[frozenset[str]]]


def shown_in(found: Findings, unit: str) -> Shown:
    """By indicator the units of every sum that the report of one reader shows: as what it says shows, not what was
    meant to be shown."""
    sets: dict[str, list[frozenset[str]]] = {}
    for part in found._parts:
        if unit not in part.standing.readers:
            continue
        person = part.standing.readers[unit]
        for key, comparison in part._comparisons.items():
            measured = comparison.measure(person)
            besides = {
                one.role: one.units
                for one in comparison._besides(unit, comparison._look_around(unit))
            }
            some = [
                besides[one.role] for one in measured.comparators if isinstance(one.value, Known)
            ]
            if part.plan.rules.of_several and tells(measured):
                some.append(part.standing.base[unit])
            if measured.verdict.place.nb or any(one.low is not None for one in measured.quarters):
                some.append(besides["peers"])
            everybody = comparison._choosing.everybody
            sets[key] = [one & everybody for one in some]
    return sets


def tells(measured: Measured) -> bool:
    """Whether anything of the own figures of the year is there."""
    return isinstance(measured.own, Known) or any(
        isinstance(one.value, Known) for one in measured.quarters[-4:]
    )


def check(unit: str, known: frozenset[str], *reports: Shown) -> int:
    seen = 0
    for key in reports[0]:
        sets = [one for report in reports for one in report.get(key, ()) if one]
        sets = list(dict.fromkeys(sets))
        if sets:
            assert not follows(sets, known), (unit, key)
            seen += len(sets)
    return seen


def test_a_doctor_who_also_leads_the_group_learns_of_nobody() -> None:
    """A leader is one of the group, and sees its report, the dots of all who agree, and the own report."""
    assert READS["peer-group-leader"].kind == "peer-group"
    gp, group = findings("rak"), findings("peer-group")
    [part] = group._parts
    seen = 0
    for number, members in part.standing.base.items():
        report = shown_in(group, number)
        for doctor in sorted(members)[::3]:
            own = shown_in(gp, doctor)
            seen += check(doctor, frozenset({doctor}), own, report)
            seen += check(doctor, members, own, report)
    assert seen


def test_an_out_of_hours_doctor_who_reads_the_units_report_too_learns_of_nobody() -> None:
    assert READS["out-of-hours-doctor"].unit == ("unit",)
    found = findings("legevakt")
    doctors, units = found._parts
    reports = {unit: shown_in(found, unit) for unit in units.standing.readers}
    seen = 0
    for doctor in doctors.standing.readers:
        unit = doctors.standing.belongs[doctor]["group"]
        seen += check(doctor, frozenset({doctor}), shown_in(found, doctor), reports[unit])
    assert seen


@pytest.mark.parametrize("kind", ["rask", "home-care", "county"])
def test_who_reads_one_report_learns_of_nobody(kind: Any) -> None:
    found = findings(kind)
    seen = 0
    for part in found._parts:
        for unit in part.standing.readers:
            known = frozenset() if kind == "county" else part.standing.base[unit]
            report = shown_in(found, unit)
            seen += check(unit, known, report)
            if kind == "county":  # any doctor may be told what it says
                for doctor in sorted(part.standing.base[unit])[::15]:
                    check(unit, frozenset({doctor}), report)
    assert seen or kind == "home-care"  # four districts are too few for any comparator


# A country of few, by hand.


def rows(key: str, found: list[dict[str, Any]]) -> pa.Table:
    names = layouts()[key].schema.names
    full = [{name: one.get(name) for name in names} for one in found]
    return pa.Table.from_pylist(full, layouts()[key].schema)


def country(
    doctors: Mapping[str, tuple[str, int, int]], role: str = "gp", group: str = "g1"
) -> dict[str, pa.Table]:
    """Doctors in one place: municipality ("" for one who has left), airway contacts, and those with penicillin."""
    from datetime import date
    from decimal import Decimal

    unit = PRACTICE if role == "gp" else UNIT
    since = date(2020, 1, 1)
    contacts, given, posts, lists = [], [], [], []
    for doctor, (place, whole, treated) in doctors.items():
        posts.append(
            {
                "prescriber": doctor,
                "since": since,
                "until": None if place else date(YEAR, 6, 30),
                "role": role,
                "unit": unit,
                "municipality": place or "4601",
                "peer_group": group if role == "gp" else "",
            }
        )
        if role == "gp" and doctor[-1] != "9":  # one in ten has no list
            lists += [
                {
                    "prescriber": doctor,
                    "since": date(YEAR, 1, 1),
                    "until": date(YEAR, 12, 31),
                    "age_low": low,
                    "age_high": high,
                    "sex": sex,
                    "persons": 250,
                }
                for low, high in ((0, 9), (10, 69), (70, None))
                for sex in ("F", "M")
            ]
        for at in range(whole):
            day, patient = date(YEAR, at % 12 + 1, at % 28 + 1), f"{doctor}-{at}"
            who = {"prescriber": doctor, "unit": unit, "patient": patient, "age": 40, "sex": "F"}
            contacts.append(
                who
                | {
                    "consultation_id": patient,
                    "held_on": day,
                    "setting": role,
                    "billing": "2ad 2ak",
                    "diagnoses": "R74",
                }
            )
            if at < treated:
                given.append(
                    who
                    | {
                        "dispensing_id": patient,
                        "dispensed_on": day,
                        "prescribed_on": day,
                        "atc": "J01CE02",
                        "ddd": Decimal(10),
                        "ddd_version": YEAR,
                    }
                )
    places = [
        {
            "institution": unit,
            "since": since,
            "name": "Stedet",
            "kind": "practice" if role == "gp" else "out-of-hours",
            "municipality": "4601",
        }
    ]
    found = {
        "institutions": rows("institutions", places),
        "prescribers": rows("prescribers", posts),
        "consultations": rows("consultations", contacts),
        "dispensings": rows("dispensings", given),
    }
    return found | ({"list-populations": rows("list-populations", lists)} if lists else {})


def some(count: int, **more: tuple[str, int, int]) -> dict[str, tuple[str, int, int]]:
    return {f"{1000 + at}": ("4601", 100, 20 + at) for at in range(count)} | more


def measured(tables: dict[str, pa.Table], kind: Any, unit: str, **more: Any) -> dict[str, Measured]:
    made = Findings(Counting(lay_out(tables), SPAN), kind, **more)
    [found] = made.find([unit])
    return {one.described.key: one for one in found.measured}


@pytest.mark.parametrize(("count", "told"), [(2, False), (10, False), (11, True), (14, True)])
def test_a_units_figures_are_not_those_of_a_colleague(count: int, told: bool) -> None:
    """Two doctors: the unit has 41 of 200, the reader 20 of 100. Ten must be left beside the reader."""
    tables = country(some(count), "out-of-hours")
    one = measured(tables, "legevakt", UNIT)["ab3"]
    assert isinstance(one.own, Known) == told
    assert tells(one) == told
    if not told:
        assert "vises ikke" in one.verdict.sentence.nb and one.verdict.place.nb == ""
    mine = measured(tables, "legevakt", "1000")["ab3"]
    assert isinstance(mine.own, Known) and mine.own.numerator == 20
    group = {each.role: each.value for each in mine.comparators}["group"]
    assert isinstance(group, Known) == told
    if told:  # one figure, wherever it stands
        assert isinstance(one.own, Known) and isinstance(group, Known)
        assert one.own.value == pytest.approx(group.value)


def test_a_unit_where_one_does_most_is_not_shown() -> None:
    tables = country(some(12) | {"1000": ("4601", 1200, 100)}, "out-of-hours")
    assert not tells(measured(tables, "legevakt", UNIT)["ab3"])


@pytest.mark.parametrize(("count", "told"), [(2, False), (10, False), (11, True), (14, True)])
def test_a_groups_figures_are_of_ten_beside_the_reader(count: int, told: bool) -> None:
    """Whoever reads the group's report, or one's own, is one of the group: less the own, ten must be left."""
    tables = country(some(count))
    one = measured(tables, "peer-group", "g1")["ab3"]
    assert isinstance(one.own, Known) == told == tells(one)
    if isinstance(one.own, Known):
        x, d = one.own.numerator, one.own.denominator
        assert (x, d) == (sum(20 + at for at in range(count)), 100 * count)
    else:
        assert "vises ikke" in one.verdict.sentence.nb
    group = {each.role: each.value for each in measured(tables, "rak", "1000")["ab3"].comparators}
    assert isinstance(group["group"], Known) == told


def test_a_quarter_of_few_hides_all_quarters_of_its_year() -> None:
    """The year less the other quarters is that quarter."""
    tables = country(some(11))
    # 1000 to 1003 had no contacts from October on, so that the last quarter is of seven.
    contacts = [
        one
        for one in tables["consultations"].to_pylist()
        if not (one["prescriber"] < "1004" and one["held_on"].month > 9)
    ]
    tables["consultations"] = rows("consultations", contacts)
    one = measured(tables, "peer-group", "g1")["ab3"]
    assert isinstance(one.own, Known)
    assert not any(isinstance(each.value, Known) for each in one.quarters)


@pytest.mark.parametrize("key", ["j01-per-1000", "ab3", "ab1", "children-airways"])
def test_levels_are_what_compute_has_for_them(key: str) -> None:
    """One county that is the country, doctors without a list, and one who left in June: the parts are the whole, without
    what those in no register prescribed."""
    doctors = some(40, **{f"{2000 + at}": ("", 60, 30) for at in range(12)})
    tables = country(doctors)
    counting = Counting(lay_out(tables), SPAN)
    definition = catalogue().get(key, SPAN.now.until)

    def ask(by: Any, role: Any = None) -> dict[str, tuple[float, float]]:
        table = compute(counting.tables, [definition], by, (SPAN.now,), role=role)
        return {
            row["unit"]: (float(row["numerator"]), float(row["denominator"]))
            for row in table.to_pylist()
        }

    found = Findings(counting, "county")
    [part] = found._parts
    comparison = part._comparisons.get(key)
    if comparison is not None:
        x, d = ask("county")["46"]
        own = comparison.measure(part.standing.readers["46"]).own
        assert isinstance(own, Known)
        assert (float(own.numerator or 0), float(own.denominator or 0)) == (x, d)
        [area] = [
            one
            for one in comparison._besides("46", comparison._look_around("46"))
            if one.role == "country"
        ]
        parts = ask("county").values()
        assert area.value == pytest.approx(sum(x for x, _ in parts) / sum(d for _, d in parts))
    gp = Findings(counting, "rak")._parts[0]._comparisons.get(key)
    if gp is not None:
        for role, by, place in (("county", "county", "46"), ("group", "peer-group", "g1")):
            area = gp._area(role, "1000")  # type: ignore[arg-type]
            x, d = ask(by, "gp")[place]
            assert area.value == pytest.approx(x / d)


def test_a_few_who_left_are_not_the_difference_between_county_and_country() -> None:
    for gone, told in ((3, False), (12, True)):
        doctors = some(40, **{f"{2000 + at}": ("", 60, 30) for at in range(gone)})
        one = measured(country(doctors), "county", "46")["ab3"]
        beside = {each.role: each for each in one.comparators}["country"]
        assert isinstance(beside.value, Known) == told


def test_the_small_country_adds_up() -> None:
    """Sums over the doctors, in a register or not, are the whole."""
    for key in ("ab1", "ab3", "j01-per-1000"):
        definition = catalogue().get(key, SPAN.now.until)
        parts, whole = (
            compute(small().tables, [definition], by, (SPAN.now,), role="gp").to_pylist()
            for by in ("prescriber", "country")
        )
        assert sum(row["denominator"] for row in parts) == whole[0]["denominator"]
        above = sum(row["numerator"] for row in parts)
        # Prescriptions of doctors without contacts, or without a list, are the country's and no doctor's figure.
        assert above == whole[0]["numerator"] if key == "ab3" else above <= whole[0]["numerator"]
