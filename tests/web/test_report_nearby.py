"""Resistance beside the choice of a drug: the county's, else the whole country's, and of each drug why it is not there."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from varde.codes import organisms
from varde.prescribing.reports import Tested as DrugTested
from varde.prescribing.reports import kinds
from varde.publishing import Disclosed
from varde.warehouse import WarehouseError, refresh
from varde.web import answers, report_making
from varde.web.report_making import read_nearby
from web.invented import OWN, Invented

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


class LikeTheDemo(Invented):
    """The year of the demo's urine: 309 in it, 50 in blood, and one whose material no map knows."""

    def __init__(self) -> None:
        self.rows, self.results, self._draw = {}, {}, random.Random(11)
        for number in range(1, 361):
            material = "urine" if number <= 309 else "blood" if number < 360 else ""
            day = date(2025, 1, 1) + timedelta(days=number % 365)
            self.rows.setdefault(f"{day:%Y-%m}", []).append(
                {
                    "isolate_id": number,
                    "person_id": number,
                    "organism": ECOLI,
                    "episode_key": "Escherichia coli",
                    "material": material,
                    "material_group": material,
                    "laboratory": OWN,
                    "collected": day,
                    "year": 2025,
                    "county": self._draw.choice(("03", "46", "50", "32", "15", "18", "56")),
                    "municipality": "0301",
                    "age": 40,
                    "sex": "F",
                    "ward": "",
                    "status": "F",
                    "tie": 0,
                }
            )
            drugs = ("CIP",) if material == "blood" else ("MEC", "NIT", "TMP", "CIP")
            for key in drugs:
                few = number in (40, 200)
                drawn = self._draw.random() < {"MEC": 0.06, "TMP": 0.17, "CIP": 0.08}.get(key, 0)
                sir = "R" if material and (few if key == "NIT" else drawn) else "S"
                self.results.setdefault(f"{day:%Y-%m}", []).append(
                    {"isolate_id": number, "antibiotic": key, "sir": sir, "mic": ""}
                )


@pytest.fixture(scope="module")
def demo_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("like-the-demo")
    refresh(found / "warehouse", LikeTheDemo())
    return found


@pytest.fixture
def demo_isolates(demo_warehouse: Path, settings: Any) -> Path:
    settings.VARDE_HOME = demo_warehouse
    return demo_warehouse


COUNTRY = {(ECOLI, ""): [CIP, row("NIT", "few-resistant", n=315, limit=5)]}


def test_a_county_that_may_be_told_of_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = [row("CIP", n=40, percent_r=5.0), row("NIT", "suppressed", limit=5)]
    put(monkeypatch, COUNTRY | {(ECOLI, "46"): mine})
    near = read_nearby("46", YEAR)["cystitis-choice-first-line"]
    assert near.period.nb == "2025"
    places = {one.drug.en: part for part in (near, *near.wider) for one in part.drugs}
    told = {one.drug.en: one for part in (near, *near.wider) for one in part.drugs}
    assert (told["ciprofloxacin"].percent, told["ciprofloxacin"].tested) == (5.0, 40)
    home = places["ciprofloxacin"]
    assert home.area.nb == "Vestland" and home.instead is None and home.of.nb == "urinprøver"
    assert (told["nitrofurantoin"].few, told["nitrofurantoin"].tested) == ("resistant", 315)
    wide = places["nitrofurantoin"]
    assert wide.area.nb == "hele landet" and wide.why == "too-few"
    assert wide.instead is not None and wide.instead.nb == "Vestland"
    assert told["trimethoprim"] == DrugTested(drug=told["trimethoprim"].drug)  # was not tested


def test_where_urine_is_hidden_all_specimens_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """One isolate of unknown material hides the urine of a whole country; what is of all is no secret."""
    rows = {
        "urine": [row("MEC", "protected"), row("CIP", n=314, percent_r=7.3)],
        "": [row("MEC", n=310, percent_r=5.8), row("CIP", n=364, percent_r=8.2)],
    }
    asked = []

    def answer(question: answers.Question) -> Any:
        asked.append((question.county, question.material_group))
        return SimpleNamespace(rows=() if question.county else rows[question.material_group])

    monkeypatch.setattr(answers, "answer", answer)
    near = read_nearby("46", YEAR)["cystitis-choice-first-line"]
    [first, second] = (near, *near.wider)
    assert first.drugs[0].drug.nb == "mecillinam" and first.of.nb == "alle prøvematerialer"
    assert (first.drugs[0].percent, first.drugs[0].tested) == (5.8, 310)
    [cip] = [one for one in second.drugs if one.told]
    assert (cip.percent, second.of.nb) == (7.3, "urinprøver")
    assert asked[:4] == [("46", "urine"), ("46", ""), ("", "urine"), ("", "")]


@pytest.mark.parametrize("county", ["", "03", "46", "50", "56", "99"])
def test_no_more_is_told_than_where_it_is_asked_for(home: Path, county: str) -> None:
    """Every figure beside a report is one that the page of resistance shows: so no difference tells more."""
    first = answers.read_choices().first
    assert first is not None
    for near in set(map(id, found := list(read_nearby(county, first.year + 1).values()))):
        [one, *_] = [part for part in found if id(part) == near]
        for part in (one, *one.wider):
            [key] = [key for key, organism in organisms().items() if organism.name == part.organism]
            where = county if part.area.nb != "hele landet" else ""
            material = "urine" if part.of.nb == "urinprøver" else ""
            question = answers.Question(
                organism=key,
                material_group=material,
                county=where,
                date_from=date(first.year + 1, 1, 1),
                date_to=date(first.year + 1, 12, 31),
            )
            shown = {(row.percent_r, row.n) for row in answers.answer(question).rows}
            assert {(drug.percent, drug.tested) for drug in part.drugs if drug.percent} <= shown


def test_each_drug_stands_once(home: Path) -> None:
    first = answers.read_choices().first
    assert first is not None
    for near in read_nearby("46", first.year + 1).values():
        drugs = [one.drug.en.split(" (")[0] for part in (near, *near.wider) for one in part.drugs]
        assert len(set(drugs)) == len(drugs) and len(drugs) in (3, 4)


def test_the_first_choices_are_seen_in_the_demo(demo_isolates: Path) -> None:
    """In the demo's data one isolate has no known material; the guideline's first choices are told of all the same."""
    question = answers.Question(
        organism=ECOLI,
        material_group="urine",
        date_from=date(2025, 1, 1),
        date_to=date(2025, 12, 31),
    )
    urine = {row.key: row.status for row in answers.answer(question).rows}
    assert urine["MEC"] == urine["NIT"] == "protected"  # or this test would show nothing
    for county in ("", "03", "46", "50", "56"):
        near = read_nearby(county, 2025)["cystitis-choice-first-line"]
        drugs = {one.drug.en: one for part in (near, *near.wider) for one in part.drugs}
        for key in ("mecillinam", "nitrofurantoin", "trimethoprim", "ciprofloxacin"):
            assert drugs[key].told, (county, key)
        assert near.drugs[0].drug.en == "mecillinam"


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
