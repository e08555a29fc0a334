"""A reader's own figures: why there is none, and what is hidden together."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import numpy as np
import pytest

from prescribing.invented_prescribing import HOMES
from prescribing.test_counted_cases import sold, stayed
from prescribing.test_explaining import institution
from prescribing.test_explaining import tables as lay_out_rows
from prescribing.test_report_disclosure import country, lay_out, measured, rows, some
from varde.prescribing.comparison import Estimate, NotComputable, estimate_density
from varde.prescribing.indicators import catalogue
from varde.prescribing.reports import Known, Missing, kinds
from varde.prescribing.reports.measuring import Counting, Findings, span_of
from varde.prescribing.reports.measuring.choosing import Told
from varde.prescribing.reports.measuring.counting import Columns, Counted
from varde.prescribing.reports.measuring.own_values import OwnValues
from varde.prescribing.reports.measuring.presence import Presence
from varde.prescribing.reports.measuring.standing import Person

SPAN = span_of(2025)
EVERYTHING = Told((True, True), (True,) * 8)


HOME = HOMES[0]


@pytest.mark.parametrize("broad", ["9", "10"])
def test_a_share_of_doses_is_at_most_the_whole_and_doses_over_bed_days_are_not(broad: str) -> None:
    """A dozen packages, all but some of one kind: chance alone would let the share be more than all that was bought."""
    months = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
    bought = (("J01MA02", broad), ("J01CE02", "1"))
    made = lay_out_rows(
        ibis.duckdb.connect(),
        sales=[sold(HOME, atc, ddd, month=month) for month in months for atc, ddd in bought],
        bed_days=[stayed(HOME, "5", month) for month in months],
        institutions=[institution(HOME, "nursing-home")],
    )
    [found] = Findings(Counting(made, SPAN), "rask").find([HOME])
    one = {each.described.key: each for each in found.measured}
    share, density = one["home-broad-spectrum-share"].own, one["home-ddd"].own
    assert isinstance(share, Known) and share.value == int(broad) / (int(broad) + 1)
    alone = estimate_density([float(broad)] * 12, [int(broad) + 1.0] * 12)
    assert isinstance(alone, Estimate) and alone.high > 1
    assert share.high == 1 and share.low is not None and share.low < share.value
    assert isinstance(density, Known) and density.value == (int(broad) + 1) / 5
    assert density.high is not None and density.high > density.value > 1


def why(value: Any) -> str:
    assert isinstance(value, Missing), value
    return value.why


def test_not_delivered_not_there_and_nobody_are_three() -> None:
    """Doctors all of 2025 and not before; none of them saw a child."""
    tables = country(some(12))
    one = measured(tables, "rak", "1000")
    assert isinstance(one["ab3"].own, Known)
    assert why(one["ab3-0-9"].own) == "not-computable"  # delivered: there were no children
    assert why(one["ab3"].before) == "unknown"  # nothing was delivered of 2024
    posts = [
        row | ({"since": date(2025, 2, 1)} if row["prescriber"] == "1001" else {})
        for row in tables["prescribers"].to_pylist()
    ]
    tables["prescribers"] = rows("prescribers", posts)
    early = [
        row | {"held_on": row["held_on"].replace(year=2024), "consultation_id": f"e{at}"}
        for at, row in enumerate(tables["consultations"].to_pylist())
        if row["prescriber"] == "1000"
    ]
    given = [
        row
        | {name: row[name].replace(year=2024) for name in ("dispensed_on", "prescribed_on")}
        | {"dispensing_id": f"d{at}"}
        for at, row in enumerate(tables["dispensings"].to_pylist())
        if row["prescriber"] == "1000"
    ]
    tables["consultations"] = rows("consultations", [*tables["consultations"].to_pylist(), *early])
    tables["dispensings"] = rows("dispensings", [*tables["dispensings"].to_pylist(), *given])
    assert isinstance(measured(tables, "rak", "1000")["ab3"].before, Known)
    assert why(measured(tables, "rak", "1001")["ab3"].before) == "absent"  # came in February
    assert why(measured(tables, "rak", "1002")["ab3"].before) == "not-computable"  # was there


def test_what_has_no_dispensings_at_all_is_not_nought() -> None:
    tables = country(some(12))
    tables["dispensings"] = rows(
        "dispensings",
        [one for one in tables["dispensings"].to_pylist() if one["dispensed_on"].month < 10],
    )
    one = measured(tables, "rak", "1000")["ab3"]
    assert [why(each.value) for each in one.quarters[-1:]] == ["unknown"]
    assert isinstance(one.quarters[-2].value, Known)


def test_delivery_is_of_the_tables() -> None:
    counting = Counting(lay_out(country(some(2))), SPAN)
    for key, there in (("ab3", True), ("ab3-0-9", True), ("home-ddd", False)):
        definition = catalogue().get(key, SPAN.now.until)
        assert counting.deliveries.is_delivered(definition, SPAN.now) is there
        assert not counting.deliveries.is_delivered(definition, SPAN.before)


def own(
    key: str, counts: list[tuple[float, float]], *, stands: bool = True, delivered: bool = True
) -> OwnValues:
    """One unit: (numerator, denominator) of each of eight quarters."""
    x, d = (np.array([[one[at] for one in counts]], float) for at in (0, 1))
    quarters = Columns(x, d, d > 0)
    years = Columns(
        *(np.add.reduceat(one, [0, 4], axis=1) for one in (x, d)), np.array([[True] * 2])
    )
    years = Columns(years.x, years.d, years.d > 0)
    definition = catalogue().get(key, SPAN.now.until)
    counted = Counted(definition, ("u",), years, quarters, quarters)

    def estimate(columns: Columns) -> list[list[Estimate | NotComputable]]:
        return [
            [
                Estimate(a / b, 0.0, 1.0, a, b) if b else NotComputable("zero-denominator")
                for a, b in zip(columns.x[0], columns.d[0], strict=True)
            ]
        ]

    few: list[list[Estimate | NotComputable]] = [[NotComputable("too-few-months")] * 2]
    return OwnValues(
        kinds()["rask" if definition.kind == "density" else "legevakt"],
        SPAN,
        counted,
        few if definition.kind == "density" else estimate(years),
        estimate(quarters),
        Presence(definition, lambda *_: delivered, lambda *_: stands),
    )


def person(variant: str) -> Person:
    return Person(unit="u", variant=variant, name="", place="", county="", profile=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "hidden"), [((0, 8), True), ((3, 8), True), ((8, 40), False), ((3, 40), False)]
)
def test_a_quarter_that_is_hidden_hides_its_year_of_quarters(
    last: tuple[float, float], hidden: bool
) -> None:
    """A quarter that is the year less the others; and, in a hidden year, every quarter."""
    low = last == (0, 8)
    counts = [(8.0, 40.0)] * 4 + [(1.0 if low else 8.0, 5.0 if low else 40.0)] * 3 + [last]
    found = own("ab3", counts)
    values = [one.value for one in found.by_quarter(person("unit"), 0, EVERYTHING, None)]
    assert all(isinstance(one, Known) for one in values[:4])
    assert all((one == Missing(why="suppressed")) is hidden for one in values[4:])
    # Whose figures are the reader's alone sees them all.
    alone = [one.value for one in found.by_quarter(person("doctor"), 0, EVERYTHING, None)]
    assert all(isinstance(one, Known) for one in alone)


def test_a_hidden_year_has_no_quarter() -> None:
    found = own("ab3", [(8.0, 40.0)] * 4 + [(1.0, 5.0), (0.0, 6.0), (0.0, 5.0), (0.0, 7.0)])
    assert found.of_year(person("unit"), 0, 1, EVERYTHING) == Missing(why="suppressed")
    quarters = found.by_quarter(person("unit"), 0, EVERYTHING, [(0.1, 0.2)] * 8)
    assert all(one.value == Missing(why="suppressed") for one in quarters[4:])
    assert all(one.low is None for one in quarters[4:]) and quarters[0].low == 0.1


def test_what_can_be_added_is_not_said_to_be_too_few() -> None:
    """Two quarters of a home's days: no interval, but the sum of what is shown."""
    found = own("home-ddd", [(0.0, 0.0)] * 4 + [(30.0, 900.0), (50.0, 950.0)] + [(0.0, 0.0)] * 2)
    year = found.of_year(person("mixed"), 0, 1, EVERYTHING)
    assert isinstance(year, Known) and year.value == pytest.approx(80 / 1850)
    assert year.low is None and year.high is None
    quarters = [one.value for one in found.by_quarter(person("mixed"), 0, EVERYTHING, None)]
    assert isinstance(quarters[4], Known) and isinstance(quarters[5], Known)
    # A home that is there has days: those of the other quarters were not delivered.
    assert why(quarters[6]) == "unknown" == why(found.of_year(person("mixed"), 0, 0, EVERYTHING))


@pytest.mark.parametrize(
    ("stands", "delivered", "expected"),
    [(True, True, "not-computable"), (False, True, "absent"), (True, False, "unknown")],
)
def test_why_there_is_none(stands: bool, delivered: bool, expected: str) -> None:
    found = own("ab3", [(0.0, 0.0)] * 8, stands=stands, delivered=delivered)
    for row in (0, None):
        assert why(found.of_year(person("doctor"), row, 1, EVERYTHING)) == expected
        told = found.by_quarter(person("doctor"), row, EVERYTHING, None)
        assert {why(one.value) for one in told} == {expected}
    nothing = Told((False, False), (False,) * 8)
    assert why(found.of_year(person("doctor"), 0, 1, nothing)) == "suppressed"
