"""Every table is what a plain count of the same rows gives, whatever the rows are."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figures import plain_tables as plain
from figures.asking import ask, expect
from figures.random_registers import invent
from figures.register_rows import isolate, result, row, write
from varde import statistics
from varde.cases import catalogue
from varde.warehouse import open_tables


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 30))
def test_every_table_agrees_with_a_plain_count(seed: int, size: int) -> None:
    rows = invent(seed, size)
    with tempfile.TemporaryDirectory() as name, open_tables(write(Path(name), **rows)) as tables:
        answers, expected = ask(tables), expect(rows)
    for question, answer in expected.items():
        assert answers[question] == answer, question


def test_an_empty_register_gives_empty_tables(tmp_path: Path) -> None:
    with open_tables(write(tmp_path)) as tables:
        answers = ask(tables)
        assert statistics.years_of(tables) == ()
    nothing = {"n": 0, "suspected": 0, "imported": 0, "form_missing": 0}
    assert answers.pop("cases ()") == {(): nothing}
    assert not any(answers.values()), answers


def test_a_rate_is_of_those_who_live_there_and_of_no_other_year(tmp_path: Path) -> None:
    rows = [row("cases", case_id=n, first_day=date(2026 - n % 2, 3, 1)) for n in range(1, 9)]
    rows.append(row("cases", case_id=9, county="", age=None))
    by = ("year", "county", "age_group", "sex")
    with open_tables(write(tmp_path, cases=rows)) as tables:
        table = statistics.count_cases(tables, by).to_pylist()
        of_oslo = statistics.count_cases(tables, ("sex",), year=2026, county="03").to_pylist()
        by_month = statistics.count_cases(tables, ("month",), year=2026).to_pylist()
    rates = {row["year"]: row for row in table if row["county"]}
    people = plain.inhabitants(2026, "03", "40-49", "F")
    assert rates[2026]["population"] == people
    assert rates[2026]["rate"] == pytest.approx(100_000 * 4 / people)
    assert rates[2025]["population"] is rates[2025]["rate"] is None
    assert [row["rate"] for row in table if row["county"] is None] == [None]
    assert of_oslo[0]["population"] == plain.inhabitants(2026, "03", None, "F")
    assert {row["rate"] for row in by_month} == {None}


def test_coverage_is_a_percentage_of_inhabitants(tmp_path: Path) -> None:
    rows = [row("vaccinations", vaccination_id=n, person_id=n) for n in range(1, 8)]
    with open_tables(write(tmp_path, vaccinations=rows)) as tables:
        [found] = statistics.count_vaccinated(tables, disease="measles", county="03").to_pylist()
    people = plain.inhabitants(2026, "03", None, None)
    assert (found["n"], found["rate"]) == (7, pytest.approx(100 * 7 / people))


def test_the_overview_follows_one_drug_of_each_organism(tmp_path: Path) -> None:
    isolates = [isolate(n) for n in range(1, 41)]
    results = [result(n, "CTX", "R" if n <= 4 else "S") for n in range(1, 41)]
    results += [result(n, "AMP", "R") for n in range(1, 41)]
    with open_tables(write(tmp_path, isolates=isolates, susceptibilities=results)) as tables:
        [found] = statistics.overview(tables, catalogue(), 2026).to_pylist()
        assert not statistics.overview(tables, catalogue(), 2025).num_rows
    assert (found["kind"], found["key"], found["marker"]) == ("organism", "escherichia-coli", "CTX")
    assert (found["tested"], found["resistant"], found["cases"]) == (40, 4, None)


def test_an_isolate_counts_once_in_a_class_of_drugs(tmp_path: Path) -> None:
    virus = "influenza-a-virus"
    isolates = [
        isolate(n, person_id=None, organism=virus, material_group=None) for n in range(1, 4)
    ]
    results = [
        *(result(1, drug, "S") for drug in ("OSEL", "ZANA")),
        *(result(2, drug, sir) for drug, sir in (("OSEL", "R"), ("ZANA", "I"))),
        *(result(3, drug, sir) for drug, sir in (("OSEL", "I"), ("ZANA", "S"), ("PERA", ""))),
    ]
    with open_tables(write(tmp_path, isolates=isolates, susceptibilities=results)) as tables:
        [found] = statistics.resistance_by_class(tables).to_pylist()
    assert (found["organism"], found["drug_class"]) == (virus, "neuraminidase inhibitors")
    assert (found["n"], found["S"], found["I"], found["R"]) == (3, 1, 1, 1)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with open_tables(write(tmp_path)) as tables:
        for count in (
            statistics.count_cases,
            statistics.count_doses,
            statistics.prevalence,
            statistics.surgical_site_infections,
            statistics.count_missing,
        ):
            with pytest.raises(statistics.InvalidQuestion, match="person_id"):
                count(tables, ("person_id",))
        with pytest.raises(statistics.InvalidQuestion, match="ward"):
            statistics.count_cases(tables, ("disease",), ward="x")
        with pytest.raises(statistics.InvalidQuestion, match="disease"):
            statistics.number_doses(tables, ("dose_number",))


def test_a_change_is_told_only_where_its_interval_leaves_nought_out() -> None:
    assert statistics.change((5, 100), (30, 100)).direction == "up"
    assert statistics.change((30, 100), (5, 100)).direction == "down"
    assert statistics.change((5, 100), (6, 100)).direction == "no-change"
    assert statistics.change((0, 0), (6, 100)).direction == "not-computable"


def test_the_interval_of_a_change_is_newcombes() -> None:
    """The worked example of the method: 56/70 against 48/80, 0.0524 to 0.3339."""
    found = statistics.change((48, 80), (56, 70))
    assert found.points == pytest.approx(20.0)
    assert (found.low, found.high) == (
        pytest.approx(5.24, abs=0.005),
        pytest.approx(33.39, abs=0.005),
    )


def test_suspected_cases_are_beside_the_others_and_in_no_rate(tmp_path: Path) -> None:
    classes = ["confirmed"] * 2 + ["probable"] + ["suspected"] * 32
    rows = [
        row("cases", case_id=n, classification=one, imported="yes", form_missing=True)
        for n, one in enumerate(classes, 1)
    ]
    with open_tables(write(tmp_path, cases=rows)) as tables:
        [found] = statistics.count_cases(tables, ("year",), county="03").to_pylist()
        [place] = statistics.count_by_municipality(tables, "measles", 2026).to_pylist()
        by_class = statistics.count_cases(tables, ("classification",)).to_pylist()
        [all_known] = statistics.overview(tables, catalogue(), 2026).to_pylist()
    people = plain.inhabitants(2026, "03", None, None)
    assert (found["n"], found["suspected"]) == (3, 32)
    assert found["imported"] == found["form_missing"] == 3
    assert found["rate"] == pytest.approx(100_000 * 3 / people)
    assert place["n"] == 3
    assert [(one["n"], one["suspected"]) for one in by_class] == [(2, 0), (1, 0), (0, 32)]
    assert (all_known["cases"], all_known["suspected"], all_known["confirmed"]) == (3, 32, 2)
    assert all_known["cases_without_finding"] == all_known["of_known"] == 3


def test_a_dose_that_two_report_is_one(tmp_path: Path) -> None:
    told = [row("vaccinations", vaccination_id=n, person_id=n) for n in range(1, 23)]
    again = [row("vaccinations", vaccination_id=100 + n, person_id=n) for n in range(1, 7)]
    other = row("vaccinations", vaccination_id=200, person_id=1, vaccine="J07BD01")
    nobody = [row("vaccinations", vaccination_id=300 + n, person_id=None) for n in range(2)]
    unmapped = [row("vaccinations", vaccination_id=400 + n, vaccine=None) for n in range(2)]
    rows = [*told, *again, other, *nobody, *unmapped]
    with open_tables(write(tmp_path, vaccinations=rows)) as tables:
        doses = statistics.count_doses(tables, (), disease="measles").to_pylist()
        of_mumps = statistics.count_doses(tables, (), disease="mumps").to_pylist()
        series = statistics.number_doses(tables, ("disease",), disease="measles").to_pylist()
        by_vaccine = statistics.count_doses(tables, ("vaccine",)).to_pylist()
    assert doses[0]["n"] == of_mumps[0]["n"] == series[0]["n"] == 24
    assert {one["vaccine"]: one["n"] for one in by_vaccine} == {
        "J07BD52": 24, "J07BD01": 1, None: 2,
    }  # fmt: skip


def test_a_disease_that_is_a_resistance_is_followed_by_that_drug(tmp_path: Path) -> None:
    isolates = [isolate(n, organism="enterococcus-faecium") for n in range(1, 41)]
    results = [result(n, "VAN", "S") for n in range(1, 41)]
    results += [result(n, "LNZ", "R" if n <= 4 else "S") for n in range(1, 41)]
    cases = [row("cases", case_id=n, disease=one) for n, one in enumerate(("lre", "vre"))]
    written = write(tmp_path, isolates=isolates, susceptibilities=results, cases=cases)
    with open_tables(written) as tables:
        found = statistics.overview(tables, catalogue(), 2026).to_pylist()
    said = {one["key"]: (one["marker"], one["tested"], one["resistant"]) for one in found}
    assert said == {
        "lre": ("LNZ", 40, 4),
        "vre": ("VAN", 40, 0),
        "enterococcus-faecium": ("VAN", 40, 0),
    }
