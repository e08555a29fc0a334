"""Reports made of tables say what the tables hold: own figures, comparators, and nothing that tells of others."""

from __future__ import annotations

import itertools
import re
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from prescribing.invented_prescribing import HOMES, invent, on_duckdb
from prescribing.plain_indicators import Plain
from prescribing.small_country import KINDS, YEAR, country, findings, small
from prescribing.small_country import on_duckdb as lay_out
from prescribing.test_counted_cases import gave
from prescribing.test_explaining import institution, tables
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.indicators import catalogue, compute
from varde.prescribing.reports import Known, Missing, PickedGoal, Report, ReportError, kinds
from varde.prescribing.reports.measuring import (
    Counting,
    Findings,
    Found,
    NothingDelivered,
    UnknownUnit,
    count_for,
    make_reports,
    span_of,
)
from varde.prescribing.reports.measuring.gathering import activity_of
from varde.prescribing.reports.measuring.plans import plans_of
from varde.prescribing.reports.measuring.registers import ACTIVITY

pytestmark = pytest.mark.xdist_group("measuring")
LIBRARY = read_library(SHIPPED)
AS_OF = date(2026, 1, 20)
SPAN = span_of(YEAR)


def one(kind: Any, unit: str) -> Found:
    [found] = findings(kind).find([unit])
    return found


EXAMPLES = country().examples
CASES = [
    ("rak", EXAMPLES.doctor, "prescriber", "gp"),
    ("legevakt", EXAMPLES.duty_doctor, "prescriber", "out-of-hours"),
    ("legevakt", EXAMPLES.unit, "out-of-hours-unit", None),
    ("rask", EXAMPLES.home, "institution", None),
    ("home-care", EXAMPLES.home_care, "institution", None),
    ("peer-group", EXAMPLES.group, "peer-group", "gp"),
    ("county", "50", "county", None),
]


@pytest.mark.parametrize(("kind", "unit", "by", "role"), CASES)
def test_own_figures_are_those_counted_for_each_period_alone(
    kind: Any, unit: str, by: Any, role: Any
) -> None:
    """Months that were added up, and doctors to a group, come to what each period comes to when it is asked for."""
    definitions = [catalogue().get(key, SPAN.now.until) for key in kinds()[kind].table]
    periods = (SPAN.now, SPAN.before) if kind == "rak" else (SPAN.now,)
    table = compute(small().tables, definitions, by, periods, role=role)
    counted = {
        (row["indicator"], row["since"]): (row["numerator"], row["denominator"])
        for row in table.filter(pc.equal(table["unit"], unit)).to_pylist()
    }
    found = {each.described.key: each for each in one(kind, unit).measured}
    for definition in definitions:
        measured = found[definition.id]
        for period, value in zip(periods, (measured.own, measured.before), strict=False):
            x, d = counted[definition.id, period.since]
            if isinstance(value, Known):
                assert value.value == pytest.approx(float(x / d), rel=1e-6)
                assert value.numerator is None or (value.numerator, value.denominator) == (x, d)
            else:  # few contacts, or a group of few
                assert value.why == "suppressed" and kind != "rak"
                assert d < 30 or kind == "peer-group"


@pytest.mark.parametrize("unit", [EXAMPLES.home, EXAMPLES.home_care])
def test_a_homes_figures_are_those_of_a_plain_count(unit: str) -> None:
    kind: Any = "rask" if unit == EXAMPLES.home else "home-care"
    rows = {
        key: table.filter(pc.equal(table["institution"], unit)).to_pylist()
        for key, table in small().rows.items()
        if key in ("sales", "bed-days", "institutions")
    }
    definitions = [catalogue().get(key, SPAN.now.until) for key in kinds()[kind].table]
    definitions = [each for each in definitions if each.tables <= set(rows)]
    quarter = SPAN.quarters[-1]
    counted = Plain(rows, LIBRARY).compute(definitions, "institution", (SPAN.now, quarter))
    found = {each.described.key: each for each in one(kind, unit).measured}
    for definition in definitions:
        measured = found[definition.id]
        for period, value in ((SPAN.now, measured.own), (quarter, measured.quarters[-1].value)):
            x, d, _ = counted[definition.id, unit, period, "", ""]
            assert isinstance(value, Known) and value.value == pytest.approx(float(x / d))


def test_a_groups_figures_are_those_of_its_doctors() -> None:
    """Against a query written by hand; and in the report of so few they are not told."""
    members = [
        row["prescriber"]
        for row in small().rows["prescribers"].to_pylist()
        if row["peer_group"] == EXAMPLES.group
        and row["role"] == "gp"
        and (row["until"] is None or row["until"] >= SPAN.now.until)
    ]
    definition = catalogue().get("ab3", SPAN.now.until)
    rows = compute(small().tables, [definition], "peer-group", [SPAN.now], role="gp").to_pylist()
    [counted] = [row for row in rows if row["unit"] == EXAMPLES.group]
    assert (counted["numerator"], counted["denominator"]) == by_hand(members)
    assert len(members) < 11
    [found] = findings("peer-group").find([EXAMPLES.group])
    [measured] = [each for each in found.measured if each.described.key == "ab3"]
    assert measured.own == Missing(why="suppressed")


def by_hand(prescribers: list[str]) -> tuple[int, int]:
    """AB3 of general practitioners: airway contacts, and those with an antibiotic of the same day."""
    definition = catalogue().get("ab3", SPAN.now.until)
    where, drugs = definition.denominator.where, definition.numerator.contact
    assert drugs is not None and not (where.ages or where.sex)
    connection = small().tables["consultations"].get_backend()
    codes = [code for text in where.diagnoses for code in spread(text)]
    names = ", ".join(f"'{each}'" for each in prescribers)
    wanted = ", ".join(f"'{each}'" for each in codes)
    setting = f"AND setting = '{where.setting}'" if where.setting else "AND setting = 'gp'"
    billed = ", ".join(f"'{each}'" for each in where.billing)
    starts = " OR ".join(f"atc LIKE '{each}%'" for each in drugs.where.atc)
    less = " AND ".join(f"atc NOT LIKE '{each}%'" for each in drugs.where.atc_not) or "true"
    contacts = f"""SELECT * FROM t_consultations WHERE prescriber IN ({names}) {setting}
        AND year(held_on) = {YEAR} AND list_has_any(string_split(diagnoses, ' '), [{wanted}])
        AND list_has_any(string_split(billing, ' '), [{billed}])"""
    given = f"""SELECT DISTINCT prescriber, patient, coalesce(prescribed_on, dispensed_on) AS day
        FROM t_dispensings WHERE ({starts}) AND {less}"""
    [(x, d)] = connection.raw_sql(
        f"""SELECT count(g.day), count(*) FROM ({contacts}) c LEFT JOIN ({given}) g
        ON c.prescriber = g.prescriber AND c.patient = g.patient AND c.held_on = g.day"""
    ).fetchall()
    return int(x), int(d)


CONSULTATIONS = {"2ad", "2ak", "2ae", "2aek", "11ad", "11ak"}


@pytest.mark.parametrize(
    ("kind", "variant", "setting", "unit"),
    [
        ("rak", "year", "gp", "prescriber"),
        ("legevakt", "doctor", "out-of-hours", "prescriber"),
        ("legevakt", "unit", "out-of-hours", "unit"),
    ],
)
def test_who_has_as_many_consultations_is_asked_without_simple_contacts_and_advice(
    kind: Any, variant: str, setting: str, unit: str
) -> None:
    """Neither the day's codes nor those of evenings and nights of what is no consultation count."""
    expected: dict[str, int] = {}
    simple = 0
    for row in small().rows["consultations"].to_pylist():
        if row["setting"] == setting and row["held_on"].year == YEAR and row[unit]:
            counts = bool(CONSULTATIONS & set(row["billing"].split()))
            expected[row[unit]] = expected.get(row[unit], 0) + counts
            simple += not counts
    [plan] = plans_of(kind, variant)
    [(key, counted)] = activity_of(small().counting, plan).items()
    assert key == ACTIVITY and simple > 1000
    found = dict(zip(counted.units, counted.years.d[:, 1].tolist(), strict=True))
    assert {one: found.get(one, 0) for one in expected} == expected


def spread(text: str) -> list[str]:
    first, _, last = text.partition("-")
    return [f"{first[0]}{n:02d}" for n in range(int(first[1:]), int((last or first)[1:]) + 1)]


def test_a_county_comparator_is_the_sum_of_the_countys_doctors() -> None:
    person = one("rak", EXAMPLES.doctor).person
    places = {
        row["prescriber"]
        for row in small().rows["prescribers"].to_pylist()
        if row["role"] == "gp"
        and row["municipality"][:2] == person.county
        and (row["until"] is None or row["until"] >= SPAN.now.until)
        and row["since"] <= SPAN.now.until
    }
    x, d = by_hand(sorted(places))
    [measured] = [
        each for each in one("rak", EXAMPLES.doctor).measured if each.described.key == "ab3"
    ]
    [county] = [each.value for each in measured.comparators if each.role == "county"]
    assert isinstance(county, Known) and county.value == pytest.approx(x / d)


@pytest.fixture(scope="module")
def every() -> dict[str, list[Report]]:
    return {
        kind: list(make_reports(findings(kind), as_of=AS_OF, library=LIBRARY)) for kind in KINDS
    }


def test_headline_chart_and_table_have_the_same_figures(every: dict[str, list[Report]]) -> None:
    for reports in every.values():
        for report in reports:
            rows = {row.indicator: row for row in report.table.rows}
            for panel in report.panels:
                own = panel.marks[0].figure
                assert own.missing is not None or own.shown.nb in panel.headline.nb
                cells = rows[panel.indicator].cells
                assert cells[0].value == own.value and cells[1].value == panel.marks[1].figure.value
                values = {cell.value for cell in cells}
                for mark in panel.marks:
                    if mark.role in ("benchmark", "county", "group") and len(cells) > 2:
                        assert mark.figure.value in values
                allowed = {"95"}
                for mark in panel.marks:
                    allowed |= numbers(mark.figure.shown.nb) | numbers(mark.figure.interval.nb)
                assert numbers(panel.message.nb) <= allowed


def numbers(text: str) -> set[str]:
    return {each.strip(".,\u00a0") for each in re.findall(r"\d[\d\u00a0,.]*", text)}


def test_who_has_too_little_is_told_so(every: dict[str, list[Report]]) -> None:
    silent = [
        (report, panel)
        for report in every["rak"]
        for panel in report.panels
        if panel.verdict == "too-few"
    ]
    assert silent
    for report, panel in silent:
        assert "For få" in panel.message.nb and panel.place.nb == ""
        assert "For lite til å si noe" in report.lead.nb


def test_the_same_tables_give_the_same_reports(every: dict[str, list[Report]]) -> None:
    again = Findings(Counting(lay_out(shuffled()), SPAN), "rask")
    reports = make_reports(again, as_of=AS_OF, library=LIBRARY)
    assert [msgspec.json.encode(each) for each in reports] == [
        msgspec.json.encode(each) for each in every["rask"]
    ]


def shuffled() -> dict[str, Any]:
    """The tables of homes, their rows in another order."""
    found = {}
    for key in ("institutions", "sales", "bed-days", "wards", "treatments"):
        table = small().rows[key]
        order = list(range(table.num_rows))
        Random(3).shuffle(order)
        found[key] = table.take(order)
    return found


def test_a_goal_of_what_the_report_does_not_have_is_left_out() -> None:
    def goal(indicator: str) -> PickedGoal:
        return PickedGoal(indicator=indicator, target=0.1, picked=date(2025, 2, 1))

    for indicator, there in (("home-ddd", True), ("ab3", False), ("home-uti-prophylaxis", False)):
        [report] = make_reports(
            findings("rask"),
            as_of=AS_OF,
            units=[EXAMPLES.home],
            goal_for=lambda _, indicator=indicator: goal(indicator),  # type: ignore[misc]
        )
        assert (report.goal is not None) == there


def test_what_cannot_be_made_says_why() -> None:
    with pytest.raises(UnknownUnit, match="12 has no such report"):
        findings("rask").find(["12"])
    with pytest.raises(UnknownUnit, match=r"registers then \(give an organisation number\)"):
        findings("rask").find(["12"])
    with pytest.raises(UnknownUnit, match=r"give the name of a peer group"):
        findings("peer-group").find([EXAMPLES.doctor])
    with pytest.raises(ReportError, match=r"'member' cannot be made yet: give one of meeting$"):
        count_for(small().tables, "peer-group", YEAR, "member")
    with pytest.raises(ReportError, match=r"no variant 'x': give one of meeting$"):
        count_for(small().tables, "peer-group", YEAR, "x")
    with pytest.raises(NothingDelivered, match="hand the files in"):
        Findings(count_for(small().tables, "rask", 2021), "rask")
    with pytest.raises(ReportError, match="no such report as of 2019-12-31"):
        Findings(count_for(small().tables, "rask", 2019), "rask")


def test_a_home_that_is_asked_for_as_another_kind_is_said_to_be_its_own() -> None:
    home = EXAMPLES.home
    kind = one("rask", home).variant
    other = next(each for each in kinds()["rask"].variants if each != kind)
    made = Findings(small().counting, "rask", other)
    with pytest.raises(UnknownUnit, match=f"{home} has no such report .* the variant {kind}$"):
        made.find([home])


@pytest.mark.parametrize("seed", range(2))
def test_any_tables_give_reports(seed: int) -> None:
    """Few rows, mergers, doctors of two roles, returns: every reader gets a report, or the whole says why not."""
    tables = on_duckdb(ibis.duckdb.connect(), invent(Random(seed), 40))
    counting = Counting(tables, span_of(2025))
    for kind in (("rak", "rask"), ("legevakt", "county"))[seed]:
        try:
            made = Findings(counting, kind)
        except NothingDelivered:
            continue
        reports = list(make_reports(made, as_of=AS_OF, library=LIBRARY))
        assert [report.unit for report in reports] == made.units
        for report in reports:
            assert all(
                mark.role in ("own", "before") for panel in report.panels for mark in panel.marks
            )


def test_months_without_bed_days_are_left_out_of_sales_too() -> None:
    """Half a year of days and a whole year of sales are no doubled use; and a home without any is of no known kind."""
    home = EXAMPLES.home
    gone = next(unit for unit in findings("rask").units if unit != home)
    tables = dict(small().rows)
    days = tables["bed-days"]
    late = pc.greater(days["month"], date(YEAR, 6, 30))
    drop = pc.or_(
        pc.and_(pc.equal(days["institution"], home), late), pc.equal(days["institution"], gone)
    )
    tables["bed-days"] = days.filter(pc.invert(drop))
    made = Findings(Counting(lay_out(tables), SPAN), "rask")
    found = {each.person.unit: each for each in made.find([home, gone])}
    [use] = [each for each in found[home].measured if each.described.key == "home-ddd"]
    [first] = [each for each in one("rask", home).measured if each.described.key == "home-ddd"]
    assert isinstance(use.own, Known) and isinstance(first.own, Known)
    halves = [each.value for each in first.quarters[-4:-2]]
    values = [each.value for each in halves if isinstance(each, Known)]
    assert min(values) <= use.own.value <= max(values)
    assert use.left_out == tuple(date(YEAR, month, 1) for month in range(7, 13))
    assert not first.left_out and not first.undelivered
    assert found[gone].variant == "unknown"
    [none] = [each for each in found[gone].measured if each.described.key == "home-ddd"]
    assert not isinstance(none.own, Known)


def test_a_home_without_bed_days_says_of_which_year_its_kind_is() -> None:
    """One that told none in the year but in the one before is of the kind that it was then, and the report says so."""
    home = EXAMPLES.home
    tables = dict(small().rows)
    days = tables["bed-days"]
    told = [
        row | {"month": row["month"].replace(year=YEAR - 1)} if row["institution"] == home else row
        for row in days.to_pylist()
    ]
    tables["bed-days"] = pa.Table.from_pylist(told, days.schema)
    made = Findings(Counting(lay_out(tables), SPAN), "rask")
    kind = one("rask", home).variant
    assert kind != "unknown"
    [report] = make_reports(made, as_of=AS_OF, units=[home])
    assert report.variant == kind
    assert report.subtitle.nb.endswith(
        f"er etter liggedøgnene i {YEAR - 1}: for {YEAR} er ingen oppgitt"
    )
    assert report.subtitle.en.endswith(
        f"is by the bed days of {YEAR - 1}: none were reported for {YEAR}"
    )
    [whole] = make_reports(findings("rask"), as_of=AS_OF, units=[home])
    assert "liggedøgnene" not in whole.subtitle.nb


@pytest.mark.parametrize("first", [5, 7])
def test_a_follow_ups_trend_is_of_the_months_that_its_figures_are_of(first: int) -> None:
    """Three months at a time from the course on: none of the six is left out, and none of another month is in."""
    counting = count_for(small().tables, "rak", YEAR, "follow-up", first)
    assert [(each.since.year, each.since.month) for each in counting.span.quarters] == [
        (year, month) for year in (YEAR - 1, YEAR) for month in (first, first + 3)
    ]
    definition = catalogue().get("ab3", counting.span.now.until)
    counted = counting.count([definition], "prescriber", "gp")["ab3"]
    for parts, whole in (
        (counted.quarters.x, counted.years.x),
        (counted.quarters.d, counted.years.d),
    ):
        assert (parts[:, :2].sum(axis=1) == whole[:, 0]).all()
        assert (parts[:, 2:].sum(axis=1) == whole[:, 1]).all()
    assert counted.years.d.sum() > 0


HOME = HOMES[0]
GIVEN = ("given-home-ddd", "given-home-broad-spectrum-share")
EVERY_MONTH = [date(year, month, 1) for year in (YEAR - 1, YEAR) for month in range(1, 13)]


def what_was_given(unknown: dict[date, int]) -> dict[str, Any]:
    """Two daily doses a month, of which one is broad, over 100 bed days; in some months rows without daily doses too."""
    number = itertools.count()
    rows = [
        gave(next(number), HOME, atc, ddd, given_on=month)
        for month in EVERY_MONTH
        for atc, ddd in (
            ("J01CE02", "1"),
            ("J01MA02", "1"),
            *[("J01CE02", None)] * unknown.get(month, 0),
        )
    ]
    days = [
        {"institution": HOME, "month": month, "stay": "long", "bed_days": Decimal(100)}
        for month in EVERY_MONTH
    ]
    given = {
        "administrations": rows,
        "bed_days": days,
        "institutions": [institution(HOME, "nursing-home", since=date(2020, 1, 1))],
    }
    return tables(ibis.duckdb.connect(), **given)


def test_what_was_given_has_months() -> None:
    """Administered drugs are counted by month as what was sold is; a month with a row of no known amount is left out of
    what is over bed days, and makes the whole year's share not computable."""
    asked = [catalogue().get(key, SPAN.now.until) for key in GIVEN]
    found = Counting(what_was_given({}), SPAN).count(asked, "institution", None)
    density, share = (found[key] for key in GIVEN)
    assert density.months.x.tolist() == [[2.0] * 24] and density.months.d.tolist() == [[100.0] * 24]
    assert density.years.x.tolist() == [[24.0, 24.0]] and density.years.d.tolist() == [[1200.0] * 2]
    assert share.months.x.tolist() == [[1.0] * 24] and share.years.d.tolist() == [[24.0, 24.0]]

    spoiled = what_was_given({date(YEAR, 5, 1): 1})
    found = Counting(spoiled, SPAN).count(asked, "institution", None)
    density, share = (found[key] for key in GIVEN)
    assert density.years.x.tolist() == [[24.0, 22.0]] and density.years.d.tolist() == [
        [1200.0, 1100.0]
    ]
    assert share.years.there.tolist() == [[True, False]]
    assert share.quarters.there.tolist() == [[True] * 5 + [False] + [True] * 2]
    for period, at in ((SPAN.before, 0), (SPAN.now, 1)):
        rows = compute(spoiled, asked, "institution", [period]).to_pylist()
        counted = {row["indicator"]: (row["numerator"], row["denominator"]) for row in rows}
        for key in GIVEN:
            years = found[key].years
            plain = (years.x[0, at], years.d[0, at]) if years.there[0, at] else None
            assert counted.get(key) == plain
