"""The registers' pages say what their snapshots say, hide what must be hidden, and give the same as files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from figures.register_rows import isolate, result, row, write
from varde.access.models import AccessLogEntry
from varde.cases import diseases
from varde.web import case_figures, figures
from varde.web.figures import VIEWS, Question
from varde.web.pages.registers import about, definition_changes
from varde.web.register_words import first_up

pytestmark = pytest.mark.django_db
COUNTIES = {"03": 40, "46": 12, "50": 3, "": 9}
OLD, NEW = date(2012, 8, 8), date(2018, 7, 26)


def invented_cases() -> list[dict[str, Any]]:
    """Pertussis in four places, three of them abroad; one case of measles in another year."""
    made = []
    for county, count in COUNTIES.items():
        for number in range(count):
            made.append(
                row(
                    "cases",
                    case_id=len(made) + 1,
                    disease="pertussis",
                    county=county,
                    first_day=date(2026, 1 + number % 3, 5),
                    imported="yes" if county == "03" and number < 6 else "unknown",
                )
            )
    made += [
        row(
            "cases",
            case_id=300 + number,
            disease="pertussis",
            classification="suspected",
            first_day=date(2026, 2, 5),
        )
        for number in range(6)
    ]
    made.append(row("cases", case_id=100, first_day=date(2024, 5, 5)))
    made += [
        row(
            "cases",
            case_id=200 + number,
            disease="pertussis",
            first_day=date(2017, 5, 5),
            definition=OLD,
        )
        for number in range(7)
    ]
    return made


@pytest.fixture(scope="session")
def figures_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with snapshots of all registers."""
    home = tmp_path_factory.mktemp("figures")
    cases = invented_cases()
    write(
        home / "warehouse",
        cases=cases,
        evidence=[
            {"case_id": number, "kind": "finding", "evidence_id": number} for number in range(1, 6)
        ],
        findings=[
            row("findings", finding_id=number, organism="bordetella-pertussis", meets="pertussis")
            for number in range(1, 13)
        ],
        notifications=[row("notifications", notification_id=1, disease="pertussis")],
        vaccinations=[
            row("vaccinations", vaccination_id=number, person_id=number // 2)
            for number in range(2, 60)
        ],
        wards=[
            row(
                "wards",
                ward_id=number,
                institution_kind=("hospital", "nursing-home")[number % 2],
                present=30,
                with_infection=3,
            )
            for number in range(1, 9)
        ],
        infections=[
            {"ward_id": number, "infection": "uti", "origin": "own", "count": 2}
            for number in range(1, 9)
        ],
        operations=[
            row(
                "operations",
                operation_id=number,
                at_follow_up=("none", "none", "none", "deep", "")[number % 5],
                operated=date(2026, 2, 1) + timedelta(days=number % 20),
            )
            for number in range(100)
        ],
    )
    for register, organism, drug in (
        ("norm", "escherichia-coli", "CIP"),
        ("ravn", "influenza-a-virus", "OSEL"),
    ):
        isolates = [isolate(number, person_id=None, organism=organism) for number in range(1, 41)]
        results = [result(number, drug, "R" if number < 9 else "S") for number in range(1, 41)]
        write(home / register / "warehouse", isolates=isolates, susceptibilities=results)
    return home


@pytest.fixture
def client(figures_home: Path, settings: Any, sign_in: Callable[..., Client]) -> Client:
    settings.VARDE_HOME = figures_home
    return sign_in("epidemiologist")


def cells(body: str) -> dict[str, list[str]]:
    """Rows of the page's first table: name → the other cells' texts."""
    table = body[body.index('<table class="ds-table antibiogram') : body.index("</table>")]
    rows = {}
    for each in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)[1:]:
        name = re.search(r'<th scope="row"[^>]*>(.*?)</th>', each, re.S)
        assert name
        said = re.findall(r"<td[^>]*>(.*?)</td>", each, re.S)
        rows[plain(name[1])] = [plain(cell) for cell in said]
    return rows


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text).replace("&nbsp;", " ").replace("&lt;", "<").strip()


def get(client: Client, name: str, **asked: str) -> str:
    answer = client.get(reverse(name), asked, headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


@pytest.fixture
def english(client: Client, settings: Any) -> Client:
    client.cookies.load({settings.LANGUAGE_COOKIE_NAME: "en"})
    return client


def test_cases_by_county_hide_small_numbers_and_what_would_tell_them(english: Client) -> None:
    body = get(english, "register-msis", sykdom="pertussis", etter="county", ar="2026")
    rows = cells(body)
    assert rows["Oslo"][0] == "40" and rows["unknown"][0] in ("9", "hidden")
    assert rows["Trøndelag"][0] == "< 5"
    hidden = [name for name, cell in rows.items() if cell[0] == "hidden"]
    assert len(hidden) == 1, "the total would give the small number away"
    assert rows["Total"][:2] == ["64", "6"], "suspected ones are in a column of their own"
    assert "Confirmed and probable cases are counted" in body
    assert body.count('role="img"') == 2


def test_the_file_is_the_page(english: Client) -> None:
    asked = {"sykdom": "pertussis", "etter": "county", "ar": "2026"}
    page = cells(get(english, "register-msis", **asked))
    text = english.get(reverse("register-msis-csv"), asked).content.decode("utf-8-sig")
    rows = {row["county"]: row for row in csv.DictReader(io.StringIO(text))}
    parquet = english.get(reverse("register-msis-parquet"), asked).content
    table = pq.read_table(io.BytesIO(parquet))
    assert len(rows) == len(page) - 1 == table.num_rows
    assert (rows["03"]["n"], rows["50"]["n"], rows["50"]["n_status"]) == ("40", "", "suppressed")
    assert rows["50"]["rate"] == rows["50"]["imported"] == ""
    assert {row["county"]: row["n"] for row in table.to_pylist()}["50"] is None
    said = json.loads(table.schema.metadata[b"varde"])
    assert (said["register"], said["snapshot"]) == ("msis", "1")
    assert (said["selected_disease"], said["selected_year"]) == ("pertussis", "2026")
    assert said["case_definitions"] == f"{OLD} {NEW}"
    logged = AccessLogEntry.objects.filter(action="download").order_by("id").last()
    assert logged is not None and logged.page == "register-msis"


def test_a_year_of_which_there_is_nothing_is_an_answer_of_none(english: Client) -> None:
    body = get(english, "register-msis", ar="2019", sykdom="pertussis", etter="county")
    assert "Nothing in this selection" in body
    assert english.get(reverse("register-msis-csv"), {"ar": "2019"}).status_code == 200
    for wrong in ("1990", "2999", "²⁰¹⁹", "last"):
        assert english.get(reverse("register-msis"), {"ar": wrong}).status_code == 422


def test_years_have_no_holes_and_say_where_the_definition_changed(english: Client) -> None:
    body = get(english, "register-msis", sykdom="pertussis", etter="year")
    rows = cells(body)
    assert rows["2017"][0] == "7" and rows["2020"][0] == "0"
    assert "Another case definition, of 26 Jul 2018" in body
    question = Question(
        view="msis", table="cases", by=("year",), chosen=(("disease", "pertussis"),)
    )
    answer = figures.ask(question)
    assert definition_changes(answer) == [(2026, NEW)]
    assert about(answer)["disclosure_rules"]


def test_a_rate_is_there_for_the_year_whose_inhabitants_are_known(english: Client) -> None:
    known = get(english, "register-msis", sykdom="pertussis", etter="county", ar="2026")
    older = get(english, "register-msis", sykdom="pertussis", etter="county", ar="2017")
    assert '<th scope="col" class="number">Per 100,000</th>' in known
    assert '<th scope="col" class="number">Per 100,000</th>' not in older


def test_vaccinations(english: Client) -> None:
    rows = cells(get(english, "register-sysvak", tabell="doses", sykdom="measles"))
    [given] = [cell for name, cell in rows.items() if name.startswith("2026")]
    assert given == rows["Total"] == ["29"], "two reports of one day are one dose"
    rows = cells(get(english, "register-sysvak", tabell="numbers", sykdom="measles"))
    assert rows["1"] == ["29"], "two reports of one day are one dose"
    body = get(english, "register-sysvak", tabell="coverage", sykdom="measles", etter="county")
    assert cells(body)["Oslo"][1] == "29"
    assert "Snapshot 1" in body


def test_prevalence_keeps_kinds_of_institution_apart(english: Client) -> None:
    body = get(english, "register-nois")
    assert "Hospitals" in body and "Nursing homes" in body
    assert body.count('role="img"') == 2
    rows = cells(get(english, "register-nois", institusjon="hospital"))
    assert rows["6 May 2026"][:2] == ["120", "12"]


def test_infections_after_operations(english: Client) -> None:
    rows = cells(get(english, "register-nois", tabell="deep", etter="procedure_group"))
    assert rows["Hip prosthesis, total"][:3] == ["100", "80", "20"]
    rows = cells(get(english, "register-nois", tabell="organ", etter="procedure_group"))
    assert rows["Hip prosthesis, total"][2].startswith("0")


@pytest.mark.parametrize(("name", "drug"), [("norm", "Ciprofloxacin"), ("ravn", "Oseltamivir")])
def test_de_identified_registers_have_snapshots_of_their_own(
    english: Client, name: str, drug: str
) -> None:
    rows = cells(get(english, f"register-{name}"))
    assert rows[drug] == ["40", "32", "0", "8", "20.0 (10.5–34.8)"]
    assert VIEWS[name].database == name


def test_classes_of_antivirals(english: Client) -> None:
    rows = cells(get(english, "register-ravn", tabell="classes"))
    assert rows["Neuraminidase inhibitors"][0] == "40"


def test_the_overview_has_all_on_one_row(english: Client) -> None:
    body = get(english, "overview", ar="2026")
    row = cells(body)[first_up(diseases()["pertussis"].en)]
    assert (row[0], row[1], row[3]) == ("64", "6", "12"), "cases, suspected, findings"
    assert row[4] == "7", "findings that are in no case"
    assert row[5] == "59", "cases without a finding"
    assert "Hospitals" in body and "Hip prosthesis, total" in body
    text = english.get(reverse("overview-csv"), {"ar": "2026"}).content.decode("utf-8-sig")
    [found] = [r for r in csv.DictReader(io.StringIO(text)) if r["key"] == "pertussis"]
    assert (found["cases"], found["forms"], found["forms_status"]) == ("64", "", "suppressed")
    assert english.get(reverse("overview-parquet")).status_code == 200


def test_what_cannot_be_chosen_is_said(english: Client) -> None:
    answer = english.get(reverse("register-msis"), {"sykdom": "no-such-disease"})
    assert answer.status_code == 422
    assert "This cannot be chosen here" in answer.content.decode()
    assert english.get(reverse("register-msis-csv"), {"ar": "1066"}).status_code == 422


def test_without_a_snapshot_pages_say_what_is_missing(
    empty_home: Path, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("epidemiologist")
    for name in ("overview", "register-msis", "register-norm", "registers"):
        assert client.get(reverse(name)).status_code == 200
    assert "Ingen tall ennå" in client.get(reverse("overview")).content.decode()
    for name in ("overview-csv", "register-msis-csv", "register-ravn-parquet"):
        assert client.get(reverse(name)).status_code == 404


def test_of_a_disease_for_the_country_alone_no_county_is_shown(
    english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    disease = SimpleNamespace(geography_on=lambda day: SimpleNamespace(minimum="country"))
    closed = SimpleNamespace(diseases={"pertussis": disease})
    monkeypatch.setattr(case_figures, "catalogue", lambda: closed)
    figures._answer.cache_clear()
    case_figures.case_tables.cache_clear()
    try:
        question = Question(
            view="msis", table="cases", by=("county",), chosen=(("disease", "pertussis"),)
        )
        rows = figures.ask(question).rows
        assert {row.figures["n"].status for row in rows} == {"not-published"}
        by_year = Question(
            view="msis", table="cases", by=("year",), chosen=(("disease", "pertussis"),)
        )
        assert "ok" in {row.figures["n"].status for row in figures.ask(by_year).rows}
    finally:
        figures._answer.cache_clear()
        case_figures.case_tables.cache_clear()


def test_data_quality_shows_own_laboratory_alone(
    register: None, own: Client, other: Client
) -> None:
    mine = own.get(reverse("data-quality")).content.decode()
    assert (
        own.get(reverse("data-quality"), {"avsender": "HER:70001"})
        .content.decode()
        .count('<form class="question')
        == 0
    )
    assert mine.count('<th scope="row">') >= 1
    assert "HER:70001" not in mine
    theirs = other.get(reverse("data-quality")).content.decode()
    assert "HER:91843" not in theirs
