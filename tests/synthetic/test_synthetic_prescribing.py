"""The invented prescribing: columns as published, the levels of the sources, and things that happen to doctors and homes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.codes import counties, daily_dose, municipalities
from varde.messages.tables.cells import is_organisation_number
from varde.prescribing import Column, layouts
from varde.synthetic import PrescribingCountry, invent_prescribing, invent_surveys
from varde.synthetic.prescribing.columns import decimal_text, decimals, organisation_numbers
from varde.synthetic.prescribing.contacts import diagnose
from varde.synthetic.prescribing.drugs import pack_doses, products
from varde.synthetic.prescribing.places import apportion, numbers_over
from varde.synthetic.prescribing.settings import diagnoses, expit, fit, logit
from varde.synthetic.prescribing.settings import settings as read_settings
from varde.warehouse import TABLES

# SKIL's codes of airway infections, and the billing codes of consultations by day and by night.
AIRWAY = "^(R0[1-57-9]|R1[0-9]|R2[0-9]|R7[124-8]|R8[0-3]|H01|H7[124])$"
CONSULTATION = "('2ad', '2ae', '2ak', '2aek', '11ad', '11ak')"
URINARY = "('J01CA08', 'J01EA01', 'J01XE01', 'J01MA02')"
AIRWAY_DRUGS = "('J01CE02', 'J01CA04', 'J01AA02', 'J01FA01', 'J01FA09', 'J01FA10')"


@cache
def country() -> PrescribingCountry:
    return invent_prescribing("small", 1)


@cache
def tables() -> Mapping[str, pa.Table]:
    return country().tables()


@cache
def database() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute("set threads = 1")
    for key, rows in tables().items():
        found.register(key.replace("-", "_"), rows)
    found.execute(
        f"""create table airway as
        select c.*, exists(select 1 from dispensings d where d.patient = c.patient
            and d.prescriber = c.prescriber and d.dispensed_on = c.held_on
            and d.atc like 'J01%') as treated
        from consultations c
        where regexp_matches(diagnoses, '{AIRWAY}') and billing in {CONSULTATION}"""
    )
    return found


def one(question: str) -> Any:
    row = database().execute(question).fetchone()
    assert row is not None
    return row[0]


def inhabitants(year: int) -> float:
    return float(
        one(
            f"""select sum(persons * ((until - since) + 1)) from list_populations
            where year(since) = {year}"""
        )
    ) / ((date(year + 1, 1, 1) - date(year, 1, 1)).days)


# ── Columns ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", sorted(layouts()))
def test_each_table_has_exactly_the_columns_of_its_layout(key: str) -> None:
    assert set(tables()) == set(layouts())
    assert tables()[key].schema == layouts()[key].schema
    tables()[key].validate(full=True)
    assert tables()[key].num_rows > 0


@pytest.mark.parametrize("key", sorted(layouts()))
def test_no_row_is_twice(key: str) -> None:
    columns = ", ".join(layouts()[key].identified_by)
    name = key.replace("-", "_")
    assert one(f"select count(*) - count(distinct ({columns})) from {name}") == 0


@pytest.mark.parametrize("key", sorted(layouts()))
def test_every_cell_is_what_its_column_asks_for(key: str) -> None:
    for column in layouts()[key].columns:
        values = tables()[key][column.name]
        if column.required:
            assert values.null_count == 0, column.name
        different = pc.unique(values).drop_null().to_pylist()
        wrong = [value for value in different if not fits(column, value)]
        assert wrong == [], (column.name, wrong[:5])


def fits(column: Column, value: Any) -> bool:
    if column.least is not None and not column.least <= value <= (column.most or 0):
        return False
    match column.holds:
        case "code":
            return value in column.codes
        case "codes":
            cell = all(re.fullmatch(column.pattern, part) for part in value.split(" "))
            return cell and len(value) <= column.longest
        case "organisation":
            return len(value) == 9 and value[0] == "1" and is_organisation_number(value)
        case "hpr":
            return re.fullmatch("99[0-9]{7}", value) is not None
        case "pseudonym":
            return re.fullmatch("p[0-9a-f]{16}", value) is not None
        case "municipality":
            return value in municipalities(date(2025, 1, 1))
        case "atc":
            return re.fullmatch("[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", value) is not None
        case "month":
            return value.day == 1
        case "text":
            fitting = not column.pattern or re.fullmatch(column.pattern, value) is not None
            return fitting and len(value) <= column.longest
    return True


def test_pseudonyms_are_of_one_length_and_no_person_has_two() -> None:
    everybody = country()._people.starts[-1]
    assert len(patients()) < everybody
    assert {len(value) for value in patients()} == {17}
    assert not any(value.isdigit() for value in patients())


@cache
def patients() -> tuple[str, ...]:
    return tuple(pc.unique(tables()["dispensings"]["patient"]).to_pylist())


def test_a_person_has_one_sex_and_grows_older_by_three_years_at_most() -> None:
    assert (
        one(
            """select max(sexes) * 10 + max(years) from (
            select count(distinct sex) as sexes, max(age) - min(age) as years from (
                select patient, sex, age from consultations
                union all select patient, sex, age from dispensings)
            group by patient)"""
        )
        == 13
    )


# ── The same arguments, the same bytes; any month alone ───────────────────────────────────────────


def test_a_month_made_alone_is_the_month_of_the_whole() -> None:
    alone = invent_prescribing("small", 1).month(20)
    for key, rows in alone.items():
        ids = rows[layouts()[key].identified_by[0]]
        begin = pc.index(tables()[key][layouts()[key].identified_by[0]], ids[0]).as_py()
        if key in ("consultations", "dispensings", "administrations"):
            assert rows.equals(tables()[key].slice(begin, rows.num_rows)), key
        else:
            day = layouts()[key].dated_by
            same = tables()[key].filter(
                pc.is_in(tables()[key][day], value_set=pc.unique(rows[day]))
            )
            assert rows.equals(same), key


def test_another_seed_is_another_country() -> None:
    other = invent_prescribing("small", 2).month(0, ["dispensings"])
    assert not other["dispensings"].equals(country().month(0, ["dispensings"])["dispensings"])
    assert set(other) == {"dispensings"}


def test_years_can_be_chosen_and_unknown_ones_are_refused() -> None:
    short = invent_prescribing("small", 1, first_year=2024, years=1)
    assert [month.first for month in short.months] == [
        date(2024, month, 1) for month in range(1, 13)
    ]
    with pytest.raises(ValueError, match="2020"):
        invent_prescribing("small", 1, first_year=2019)
    with pytest.raises(ValueError, match="one year"):
        invent_prescribing("small", 1, years=0)


# ── Levels ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_prescriptions_for_a_thousand_inhabitants(year: int) -> None:
    """281 in 2020 (Helsedirektoratet); 16.4 to 21 per cent have at least one."""
    asked = f"""from dispensings where year(dispensed_on) = {year}
        and atc like 'J01%' and atc <> 'J01XX05'"""
    assert 265 <= one(f"select count(*) {asked}") / inhabitants(year) * 1000 <= 295
    assert 0.164 <= one(f"select count(distinct patient) {asked}") / inhabitants(year) <= 0.21


def test_contacts_for_airway_infections() -> None:
    """314–335 for 1,000 inhabitants; 11.6 per cent of all, 10.6 in practices, 21.4 out of hours; 18.9 per cent under five."""
    persons = sum(inhabitants(year) for year in (2023, 2024, 2025))
    assert 305 <= one("select count(*) from airway") / persons * 1000 <= 345
    share = f"""select avg(regexp_matches(diagnoses, '{AIRWAY}')::int) from consultations
        where billing in {CONSULTATION}"""
    assert 0.110 <= one(share) <= 0.123
    assert 0.100 <= one(f"{share} and setting = 'gp'") <= 0.114
    assert 0.20 <= one(f"{share} and setting = 'out-of-hours'") <= 0.23
    assert 0.15 <= one("select avg((setting <> 'gp')::int) from airway") <= 0.19
    assert 0.155 <= one("select avg((age < 5)::int) from airway") <= 0.21


def test_antibiotics_at_contacts_for_airway_infections() -> None:
    """23 per cent of episodes in 2019; a tenth of them wait and are dispensed on a later day, and it falls."""
    later = one(
        "select avg((prescribed_on is not null)::int) from dispensings where wait_and_see is not null"
        f" and wait_and_see and atc in {AIRWAY_DRUGS}"
    )
    assert later == 1
    treated = [
        one(f"select avg(treated::int) from airway where year(held_on) = {year}")
        for year in (2023, 2025)
    ]
    assert 0.185 <= treated[1] < treated[0] <= 0.235


def test_between_doctors() -> None:
    """The middle four fifths of general practitioners differ by more than chance alone would have them."""
    low, high, chance = (
        database()
        .execute(
            """select quantile_cont(share, 0.1), quantile_cont(share, 0.9),
            avg(sqrt(0.2 * 0.8 / contacts)) from (
            select avg(treated::int) as share, count(*) as contacts from airway
            where setting = 'gp' and year(held_on) = 2025 group by prescriber
            having count(*) >= 100)"""
        )
        .fetchone()
    ) or (0, 0, 0)
    assert 0.09 <= low <= 0.15
    assert 0.24 <= high <= 0.34
    assert high - low > 3 * 1.2816 * chance


def test_choice_of_drugs() -> None:
    """Phenoxymethylpenicillin 53 per cent (counties 45–56); quinolones 4.2 per cent; urinary infections a quarter."""
    narrow = f"""select avg((atc = 'J01CE02')::int) from dispensings
        where age between 10 and 79 and atc in {AIRWAY_DRUGS}"""
    assert 0.46 <= one(narrow) <= 0.59
    quinolones = f"""select avg((atc = 'J01MA02')::int) from dispensings
        where sex = 'F' and age between 20 and 79 and atc in {URINARY}"""
    assert 0.034 <= one(quinolones) <= 0.052
    urinary = f"""select avg((atc in {URINARY})::int) from dispensings
        where atc like 'J01%' and atc <> 'J01XX05'"""
    assert 0.22 <= one(urinary) <= 0.29


def test_the_winter_has_more_airway_infections_than_the_summer() -> None:
    months = dict(
        database().execute("select month(held_on), count(*) from airway group by 1").fetchall()
    )
    assert 1.7 <= (months[1] + months[2]) / (months[6] + months[7]) <= 2.8


def test_shifts_by_others_than_general_practitioners() -> None:
    """About 40 per cent (antibiotika.no)."""
    others = """select avg((prescriber not in (select prescriber from prescribers
        where role = 'gp'))::int) from shifts"""
    assert 0.38 <= one(others) <= 0.42


def test_homes() -> None:
    """RASK: 8.7 to 7.3 DDD for 100 bed days, 4.1 to 2.7 against urinary infections; 17 per cent parenteral; 0.6 to 30.9."""
    database().execute(
        f"""create or replace view homes as
        select institution, year, days, sold.* exclude (institution, year) from (
            select institution, year(month) as year, sum(bed_days) / 100 as days
            from bed_days group by all) as beds join (
            select institution, year(month) as year,
                sum(ddd) filter (where atc <> 'J01XX05') as ddd,
                sum(ddd) filter (where atc = 'J01XX05') as methenamine,
                sum(ddd) filter (where atc in {URINARY}) as urinary,
                sum(ddd) filter (where route = 'P') as parenteral
            from sales group by all) as sold using (institution, year)"""
    )
    total = {
        year: one(f"select sum(ddd) / sum(days) from homes where year = {year}")
        for year in (2023, 2025)
    }
    urinary = {
        year: one(f"select sum(urinary) / sum(days) from homes where year = {year}")
        for year in (2023, 2025)
    }
    assert 7.9 <= total[2023] <= 9.5
    assert 6.5 <= total[2025] <= 8.1
    assert 3.6 <= urinary[2023] <= 4.6
    assert 2.3 <= urinary[2025] <= 3.1
    assert 0.15 <= one("select sum(parenteral) / sum(ddd) from homes") <= 0.19
    assert 0.8 <= one("select sum(methenamine) / sum(days) from homes") <= 1.2
    assert one("select min(ddd / days) from homes") >= 0.4
    assert one("select max(ddd / days) from homes") <= 33
    assert 0.012 <= one("select avg((packages < 0)::int) from sales") <= 0.03
    assert one("select count(*) from sales where (packages < 0) <> (ddd < 0)") == 0


def test_what_homes_give_is_about_what_they_buy() -> None:
    given, bought = (
        one(
            f"""select sum(ddd) from {table} where institution in (
            select institution from administrations) and institution in (
            select institution from bed_days)"""
        )
        for table in ("administrations", "sales")
    )
    assert 0.9 <= float(given) / float(bought) <= 1.1


def test_daily_doses_are_those_of_the_packs() -> None:
    on = date(2025, 6, 30)
    for at, product in enumerate(products()):
        dose = daily_dose(product.atc, product.route, on)
        assert dose is not None
        assert pack_doses(on)[at] == pytest.approx(product.grams / float(dose.value))
    odd = one(
        """select count(*) from dispensings d join (
        select product, min(ddd) as least from dispensings group by product) using (product)
        where abs(ddd / least - round(ddd / least)) > 0.001"""
    )
    assert odd == 0
    assert one("select count(distinct ddd_version - year(dispensed_on)) from dispensings") == 1


def test_courses_follow_the_guideline_of_their_day() -> None:
    pneumonia = next(each for each in diagnoses("airway") if each.code == "R81")
    assert pneumonia.course(date(2024, 6, 26), True) == 7
    assert pneumonia.course(date(2024, 6, 27), True) == 5
    cystitis = diagnoses("urinary")[0]
    assert (cystitis.course(date(2024, 1, 1), True), cystitis.course(date(2024, 1, 1), False)) == (
        3,
        5,
    )


# ── What happens ──────────────────────────────────────────────────────────────────────────────────


def rows(question: str) -> list[dict[str, Any]]:
    return database().execute(question).to_arrow_table().to_pylist()


def test_homes_merge_close_and_change_name() -> None:
    institutions = {
        (row["institution"], row["since"]): row for row in tables()["institutions"].to_pylist()
    }
    merged = [row for row in institutions.values() if row["successor"]]
    assert len(merged) == 2
    after = institutions[merged[0]["successor"], merged[0]["until"] + timedelta(days=1)]
    assert {row["successor"] for row in merged} == {after["institution"]}
    assert {row["municipality"] for row in merged} == {after["municipality"]}
    ended = [row for row in institutions.values() if row["until"]]
    closed = [
        row
        for row in ended
        if not row["successor"]
        and (row["institution"], row["until"] + timedelta(days=1)) not in institutions
    ]
    assert len(closed) == 1
    renamed = [row for row in ended if row not in closed and not row["successor"]]
    for row in renamed:
        later = institutions[row["institution"], row["until"] + timedelta(days=1)]
        assert later["name"] != row["name"]
    assert renamed
    for row in [*merged, *closed]:
        last = one(f"select max(month) from bed_days where institution = '{row['institution']}'")
        assert (last.year, last.month) == (row["until"].year, row["until"].month)
        assert (
            one(f"select max(month) from sales where institution = '{row['institution']}'") <= last
        )


def test_every_institution_is_part_of_one_that_is_there() -> None:
    assert (
        one(
            """select count(*) from institutions where part_of is not null
            and part_of not in (select institution from institutions where kind = 'municipality')"""
        )
        == 0
    )
    for table, column in (("shifts", "unit"), ("sales", "institution"), ("consultations", "unit")):
        assert (
            one(
                f"select count(*) from {table} where {column} not in (select institution from institutions)"
            )
            == 0
        )


def test_a_doctor_changes_practice_and_group_in_the_middle_of_a_year() -> None:
    moved = rows(
        """select a.prescriber, b.since from prescribers a join prescribers b
        on a.prescriber = b.prescriber and a.role = 'gp' and b.role = 'gp'
        and b.since = a.until + 1 and a.unit <> b.unit and a.peer_group <> b.peer_group
        and a.municipality = b.municipality where month(b.since) between 5 and 8"""
    )
    assert moved
    for row in moved:
        units = one(
            f"""select count(distinct unit) from consultations
            where prescriber = '{row["prescriber"]}' and setting = 'gp'"""
        )
        assert units == 2


def test_a_locum_has_a_list_for_some_months_and_the_doctor_has_none_then() -> None:
    locums = rows(
        """select prescriber, since, until from prescribers
        where role = 'gp' and peer_group is null"""
    )
    assert locums
    for locum in locums:
        inside = f"between date '{locum['since']}' and date '{locum['until']}'"
        assert 80 <= (locum["until"] - locum["since"]).days <= 190
        who = f"prescriber = '{locum['prescriber']}'"
        assert one(f"select count(*) from consultations where {who} and held_on {inside}") > 100
        assert one(f"select count(*) from consultations where {who} and held_on not {inside}") == 0
        assert one(f"select count(*) from list_populations where {who} and since not {inside}") == 0


def test_every_contact_is_of_a_doctor_who_has_the_role_that_day() -> None:
    assert (
        one(
            """select count(*) from consultations c anti join prescribers p
            on p.prescriber = c.prescriber and p.role = c.setting and p.unit = c.unit
            and c.held_on between p.since and coalesce(p.until, c.held_on)"""
        )
        == 0
    )
    assert (
        one(
            """select count(*) from consultations c where setting = 'out-of-hours' and not exists(
            select 1 from shifts s where s.prescriber = c.prescriber and s.unit = c.unit
            and s.began_on = c.held_on)"""
        )
        == 0
    )


def test_lists_are_of_their_year_and_of_nobody_twice() -> None:
    later = rows(
        """select a.prescriber from list_populations a join list_populations b using (prescriber, age_low, sex)
        where a.since < b.since and a.until >= b.since"""
    )
    assert later == []


def test_peer_groups_and_counties_are_large_enough_to_compare() -> None:
    groups = [
        row["doctors"]
        for row in rows(
            """select count(distinct prescriber) as doctors from prescribers
            where peer_group is not null and until is null group by peer_group"""
        )
    ]
    assert len(groups) == 14
    assert min(groups) >= 5
    assert max(groups) >= 10
    known = municipalities(date(2025, 1, 1))
    found = {
        known[row["municipality"]].county
        for row in rows("select distinct municipality from prescribers")
    }
    assert found == {"11", "34", "50"} <= set(counties(date(2025, 1, 1)))


# ── Truth ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_doctors_do_follows_what_they_are_inclined_to() -> None:
    database().register("truth", country().truth.prescribers)
    found = rows(
        """select avg(truth.airway_antibiotic) as inclined, avg(a.treated::int) as treated
        from airway a join truth on truth.prescriber = a.prescriber
        and truth.month = date_trunc('month', a.held_on)
        group by a.prescriber having count(*) >= 300"""
    )
    inclined, treated = (np.array([row[name] for row in found]) for name in found[0])
    assert np.corrcoef(inclined, treated)[0, 1] > 0.85


def test_some_improve_and_some_worsen_from_a_month_on() -> None:
    truth = country().truth.prescribers
    names = ("airway_antibiotic", "narrow_airway", "quinolone_urinary", "long_course")
    better = {
        "airway_antibiotic": -1,
        "narrow_airway": 1,
        "quinolone_urinary": -1,
        "long_course": -1,
    }
    assert set(pc.unique(truth["pattern"]).to_pylist()) == {
        "steady",
        "drifting",
        "improved",
        "worsened",
    }
    for pattern, sign in (("improved", 1), ("worsened", -1)):
        mine = truth.filter(pc.equal(truth["pattern"], pattern))
        assert mine["changed_on"].null_count == 0
        after = pc.greater_equal(mine["month"], mine["changed_on"]).to_numpy()
        assert after.any()
        assert not after.all()
        for name in names:
            share = mine[name].to_numpy()
            change = np.mean(share[after]) - np.mean(share[~after])
            assert np.sign(change) == sign * better[name], (pattern, name)
    rest = truth.filter(pc.is_in(truth["pattern"], value_set=pa.array(["steady", "drifting"])))
    assert rest["changed_on"].null_count == rest.num_rows


def test_the_truth_of_homes_is_about_open_ones_alone() -> None:
    truth = country().truth.institutions
    database().register("home_truth", truth)
    missing = one(
        "select count(*) from bed_days b anti join home_truth t on b.institution = t.institution and b.month = t.month"
    )
    assert missing == 0


def test_the_homes_of_the_surveys_are_homes_here() -> None:
    surveys = invent_surveys(12, 1, 7, 2025)
    surveyed = {ward.institution for ward in surveys.wards if ward.kind == "nursing-home"}
    here = {row["institution"]: row for row in tables()["institutions"].to_pylist()}
    assert len(surveyed) == 3
    for ward in surveys.wards:
        if ward.kind == "nursing-home":
            assert here[ward.institution]["kind"] == "nursing-home"
            assert here[ward.institution]["municipality"] == ward.municipality
    gave = set(pc.unique(tables()["administrations"]["institution"]).to_pylist())
    assert surveyed <= gave


# ── Parts ─────────────────────────────────────────────────────────────────────────────────────────


def test_organisation_numbers_have_check_digits_and_are_nobody_s() -> None:
    found = [f"{number:09d}" for number in organisation_numbers(3000).tolist()]
    assert len(set(found)) == 3000
    assert all(is_organisation_number(number) and number[0] == "1" for number in found)


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1))
def test_decimals_are_the_numbers_given(scaled: list[int]) -> None:
    found = decimals(np.array(scaled), 3)
    assert [int(value * 1000) for value in found.to_pylist()] == scaled


@given(st.lists(st.integers(0, 10**9 - 1), min_size=1))
def test_digits_are_those_of_the_numbers(numbers: list[int]) -> None:
    found = decimal_text(np.array(numbers), 9, "K").to_pylist()
    assert found == [f"K{number:09d}" for number in numbers]


@settings(max_examples=20, deadline=None)
@given(
    st.floats(0.02, 0.98),
    st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.1, 5)), min_size=1, max_size=6),
    st.floats(0, 1.5),
)
def test_levels_are_met_whatever_the_spread(
    target: float, parts: list[tuple[float, float]], spread: float
) -> None:
    shares, weights = np.array(parts).T
    moved = logit(shares) + fit(target, shares, weights, spread)
    # The plain mean over four thousand doctors at equal steps of the normal distribution.
    from scipy.stats import norm

    doctors = norm.ppf((np.arange(4_000) + 0.5) / 4_000) * spread
    mean = np.average(expit(moved[:, None] + doctors).mean(axis=1), weights=weights)
    assert mean == pytest.approx(target, abs=2e-3)


@given(
    st.sampled_from(["airway", "urinary", "skin", "special", "other"]),
    st.integers(0, 105),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
)
def test_diagnoses_are_drawn_by_their_weights(
    kind: str, age: int, female: bool, chance: float
) -> None:
    found = int(diagnose(kind, np.array([age]), np.array([female]), np.array([chance]))[0])
    group = 0 if age < 12 else 1 if age < 65 else 2
    weights = [
        0.0 if each.only == ("M" if female else "F") else each.weight[group]
        for each in diagnoses(kind)
    ]
    position = list(read_settings().diagnosis).index(diagnoses(kind)[0])
    below = sum(weights[: found - position]) / sum(weights)
    here = weights[found - position] / sum(weights)
    assert here > 0
    assert below - 1e-9 <= chance <= below + here + 1e-9


@given(
    st.lists(st.integers(1, 1000), min_size=1, max_size=20),
    st.integers(0, 300),
    st.integers(0, 3),
)
def test_things_are_shared_out_whole_and_by_weight(
    weights: list[int], more: int, least: int
) -> None:
    count = least * len(weights) + more
    found = apportion(np.array(weights, np.float64), count, least)
    assert found.sum() == count
    for share, weight in zip(found.tolist(), weights, strict=True):
        assert abs(share - least - more * weight / sum(weights)) < 1 + 1e-9


def test_a_municipality_has_its_number_of_the_day() -> None:
    over = list(numbers_over("3301", date(2023, 1, 1), None))
    assert over == [
        ("3005", date(2023, 1, 1), date(2023, 12, 31)),
        ("3301", date(2024, 1, 1), None),
    ]
    assert list(numbers_over("3301", date(2023, 1, 1), date(2023, 5, 31))) == [
        ("3005", date(2023, 1, 1), date(2023, 5, 31))
    ]
    # Ålesund was divided in 2024: both parts were 1507.
    assert [number for number, _, _ in numbers_over("1580", date(2023, 1, 1), None)] == [
        "1507",
        "1580",
    ]


def test_every_level_says_where_it_is_from() -> None:
    known = read_settings()
    sourced = [*known.level.values(), *known.spread.values(), *known.pattern, known.homes]
    assert all(each.source for each in sourced)
    assert sum(pattern.share for pattern in known.pattern) == pytest.approx(1)
    for name, ill in known.ill.items():
        assert len(ill.female) == len(ill.male) == 13, name
        assert np.mean(ill.months) == pytest.approx(1, abs=0.04), name


def test_surveys_of_homes() -> None:
    """5 per cent of residents without methenamine, 1 per cent on it; fewer than half of the homes take part."""
    found = country().prevalence()
    assert {name: rows.schema for name, rows in found.items()} == {
        name: TABLES[name].append(pa.field("period", pa.string()))
        for name in ("wards", "treatments")
    }
    database().register("wards", found["wards"])
    database().register("treatments", found["treatments"])
    present = one("select sum(present) from wards")
    steady = one("select count(*) from treatments where antibiotic = 'MTH'")
    treated = one("select count(*) from treatments where antibiotic is distinct from 'MTH'")
    assert 0.038 <= treated / present <= 0.062
    assert 0.005 <= steady / present <= 0.016
    assert one("select sum(on_antibiotics) from wards") == steady + treated
    assert one("select count(*) from wards where on_antibiotics > present") == 0
    assert one("select count(*) from treatments where antibiotic is null") == 0
    assert one("select count(*) from treatments t anti join wards w using (ward_id)") == 0
    assert one("select count(distinct surveyed) from wards") == 6
    homes = one("select count(distinct institution) from wards where surveyed = '2025-05-06'")
    assert 10 <= homes <= 28
    assert one("select count(*) from wards anti join bed_days using (institution)") == 0
