"""Resistance beside the choice of a drug: the county's, else the whole country's, and of each drug why it is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from varde.prescribing.reports import Tested as DrugTested
from varde.prescribing.reports import kinds
from varde.publishing import Disclosed
from varde.warehouse import WarehouseError
from varde.web import answers, report_making
from varde.web.report_making import read_nearby

YEAR = 2025
ECOLI, PNEUMOCOCCI = "escherichia-coli", "streptococcus-pneumoniae"


def put(monkeypatch: pytest.MonkeyPatch, rows: dict[tuple[str, str], list[Disclosed]]) -> None:
    """Answers by organism and county."""

    def answer(question: answers.Question) -> Any:
        assert (question.date_from.year, question.date_to.year) == (YEAR, YEAR)
        return answers.Answer(
            question=question,
            rows=tuple(rows.get((question.organism, question.county), ())),
            selected=None,
            counted=None,
            unmapped_isolates=0,
            unmapped_results=0,
            snapshot=1,
            code_map_version="1",
        )

    monkeypatch.setattr(answers, "answer", answer)


def row(key: str, status: Any = "ok", **more: Any) -> Disclosed:
    return Disclosed(key=key, status=status, **more)


CIP = row("CIP", n=314, percent_r=7.3)
COUNTRY = {(ECOLI, ""): [CIP, row("NIT", "few-resistant", n=315, limit=5)]}


def test_a_county_that_may_be_told_of_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = [row("CIP", n=40, percent_r=5.0), row("NIT", "suppressed", limit=5)]
    put(monkeypatch, COUNTRY | {(ECOLI, "46"): mine})
    near = read_nearby("46", YEAR)["cystitis-choice-first-line"]
    assert near.area.nb == "Vestland" and near.instead is None and near.period.nb == "2025"
    told = {one.drug.en: one for one in near.drugs}
    assert (told["ciprofloxacin"].percent, told["ciprofloxacin"].tested) == (5.0, 40)
    assert told["nitrofurantoin"].why == "too-few"
    assert told["trimethoprim"] == DrugTested(drug=told["trimethoprim"].drug)  # was not tested


@pytest.mark.parametrize(
    ("mine", "why"),
    [
        ([row("CIP", "suppressed", limit=5)], "too-few"),
        ([row("CIP", "too-few", n=28)], "too-few"),
        ([], "too-few"),
        ([row("CIP", "too-few", n=28), row("NIT", "protected")], "suppressed"),
    ],
)
def test_else_the_country_and_why(
    monkeypatch: pytest.MonkeyPatch, mine: list[Disclosed], why: str
) -> None:
    put(monkeypatch, COUNTRY | {(ECOLI, "46"): mine})
    near = read_nearby("46", YEAR)["cystitis-choice-first-line"]
    assert near.area.nb == "hele landet" and near.instead is not None
    assert near.instead.nb == "Vestland" and near.why == why
    [cip] = [one for one in near.drugs if one.drug.en == "ciprofloxacin"]
    assert (cip.percent, cip.tested) == (7.3, 314)
    [nit] = [one for one in near.drugs if one.drug.en == "nitrofurantoin"]
    assert (nit.percent, nit.few, nit.below, nit.tested) == (None, "resistant", 5, 315)


def test_where_the_country_may_not_be_told_of_either_the_reasons_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, {(ECOLI, ""): [row("CIP", "too-few", n=12), row("NIT", "protected")]})
    near = read_nearby("46", YEAR)["urinary-fluoroquinolones"]
    assert {one.why for one in near.drugs} == {"too-few", "suppressed", None}
    assert read_nearby("", YEAR)["urinary-fluoroquinolones"].instead is None


def test_what_was_never_tested_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, {(ECOLI, ""): [row("CIP", "not-tested", n=0)]})
    assert read_nearby("46", YEAR) == {}


def test_tetracycline_stands_for_doxycycline_where_that_was_not_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tcy, dox = row("TCY", n=90, percent_r=8.0), row("DOX", n=50, percent_r=6.0)
    put(monkeypatch, {(PNEUMOCOCCI, ""): [tcy]})
    [drug] = [one for one in read_nearby("46", YEAR)["ab4"].drugs if "doksy" in one.drug.nb]
    assert drug.drug.nb == "doksysyklin (målt med tetrasyklin)" and drug.percent == 8.0
    assert drug.drug.en == "doxycycline (tested with tetracycline)"
    put(monkeypatch, {(PNEUMOCOCCI, ""): [tcy, dox]})
    [drug] = [one for one in read_nearby("46", YEAR)["ab4"].drugs if "doksy" in one.drug.nb]
    assert drug.drug.nb == "doksysyklin" and drug.percent == 6.0
    for one in report_making._nearby_file().surrogate:
        assert "EUCAST" in one.source


def test_without_a_warehouse_there_is_none(empty_home: Path) -> None:
    with pytest.raises(WarehouseError):
        answers.read_choices()
    assert read_nearby("46", YEAR) == {}


def test_a_real_warehouse_gives_each_kind_its_resistance(home: Path) -> None:
    choices = answers.read_choices()
    assert choices.first is not None and choices.last is not None
    found: set[str] = set()
    for year in range(choices.first.year, choices.last.year + 1):
        for county in ("", "46", "50"):
            found |= set(read_nearby(county, year))
    assert found
    for kind in kinds().values():
        assert set(kind.first_page) & (found | {"ab4", "cystitis-choice-first-line"}), kind.key
