"""The map: who sees which part, the own number as it is, and of the others nothing that is hidden can be worked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from figures.register_rows import row, write
from varde.access.models import AccessLogEntry
from varde.codes import municipalities
from varde.publishing import Figure
from varde.web.figures import Question, ask
from varde.web.map_figures import ask_map, ask_open_map

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
ASKED = {"sykdom": "pertussis", "ar": "2026"}
LIVED = {"0301": 8, "3201": 3, "3205": 9, "3207": 2, "4601": 40, "4627": 6, "1103": 2, "1804": 7}
"""How many cases are in which municipality."""


@pytest.fixture
def filled(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    settings.VARDE_HOME = tmp_path
    known = municipalities(date(2026, 6, 1))
    lived = [number for number, count in LIVED.items() for _ in range(count)]
    cases = [
        row(
            "cases",
            case_id=place,
            disease="pertussis",
            first_day=date(2026, 3, 1),
            municipality=number,
            county=known[number].county,
        )
        for place, number in enumerate(lived, 1)
    ]
    write(tmp_path / "warehouse", cases=cases)
    return tmp_path


def body(client: Client, address: str = "/kart/") -> str:
    answer = client.get(address, ASKED)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_own_number_is_as_it_is_and_few_of_another_are_hidden(
    filled: Path, sign_in: SignIn
) -> None:
    oslo = body(sign_in("municipal-doctor", "0301"))
    assert "Oslo: 8" in oslo and "Bærum: 3" not in oslo and "Bærum" in oslo
    stavanger = body(sign_in("municipal-doctor", "1103"))
    assert "Stavanger: 2" in stavanger and "Oslo: 8" not in stavanger
    assert AccessLogEntry.objects.filter(page="map", object_kind="case on map").count() == 2


def test_a_trust_has_the_map_of_whom_it_serves_and_the_country_is_for_the_national_roles(
    filled: Path, sign_in: SignIn
) -> None:
    trust = sign_in("hospital-infection-control", "983974724")
    for address in ("/kart/", "/innboks/omrade/"):
        bergen = body(trust, address)
        assert "Bergen: 40" in bergen and "Oslo:" not in bergen
    country = body(sign_in("epidemiologist"))
    assert "Bergen: 40" in country and "Oslo: 8" in country and "Stavanger: 2" not in country


def test_who_follows_up_each_case_of_the_country_sees_all_numbers(
    filled: Path, sign_in: SignIn
) -> None:
    page = body(sign_in("duty-officer"))
    for shown in ("Bergen: 40", "Stavanger: 2", "Bærum: 3"):
        assert shown in page
    assert "Ikke til offentliggjøring" in page
    told = ask_open_map("pertussis", 2026)
    assert {place: told.municipalities[place].value for place in LIVED} == LIVED
    assert told.total.value == sum(LIVED.values())
    hidden = body(sign_in("epidemiologist"))
    assert "Stavanger" not in hidden and "Ikke til offentliggjøring" not in hidden
    assert AccessLogEntry.objects.filter(page="map", object_kind="case on map").count() == 2


@pytest.mark.parametrize("asked", [{"sykdom": "'"}, {"ar": "x"}, {"ar": "1999"}])
def test_what_cannot_be_asked_is_not_answered_with_something_else(
    filled: Path, sign_in: SignIn, asked: dict[str, str]
) -> None:
    answer = sign_in("epidemiologist").get("/kart/", asked)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Dette kan ikke velges her" in page
    assert "Bergen" not in page and not AccessLogEntry.objects.filter(page="map").exists()


def test_of_a_disease_without_cases_there_are_none(filled: Path, sign_in: SignIn) -> None:
    answer = sign_in("epidemiologist").get("/kart/", {"sykdom": "cholera", "ar": "2026"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Ingen tilfeller." in page
    assert 'value="cholera" selected' in page and "Bergen: 40" not in page


def test_the_table_says_what_the_map_says(filled: Path, sign_in: SignIn) -> None:
    page = body(sign_in("municipal-doctor", "4601"))
    drawn, table = page.split("<table", 1)
    assert "Bergen: 40" in drawn and "Askøy: 6" in drawn
    assert "Askøy</th>" in table.replace(" ", "") and ">40<" in table and ">6<" in table


def test_of_a_disease_for_the_country_alone_nothing_smaller_is_there(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask_map("pertussis", 2026)
    assert answer.level == "municipality" and answer.total.value == sum(LIVED.values())
    monkeypatch.setattr("varde.web.map_figures._level", lambda *_: "country")
    told = ask_map("pertussis", 2026, "1103")
    shown = dict(told.municipalities)
    assert shown.pop("1103") == Figure(status="ok", value=2)
    smaller = [*shown.values(), *told.counties.values()]
    assert {figure.status for figure in smaller} == {"not-published"}


def beside(folder: Path, lived: dict[str, int]) -> Path:
    """A register with the same cases, and others that live where the numbers say."""
    known = municipalities(date(2026, 6, 1))
    every = [number for one in (LIVED, lived) for number, n in one.items() for _ in range(n)]
    cases = [
        row(
            "cases",
            case_id=place,
            disease="pertussis",
            first_day=date(2026, 3, 1),
            municipality=number,
            county=known[number].county if number in known else "",
        )
        for place, number in enumerate(every, 1)
    ]
    write(folder / "warehouse", cases=cases)
    return folder


def test_of_a_county_whose_number_is_hidden_nothing_smaller_is_told(
    filled: Path, sign_in: SignIn
) -> None:
    told = ask_map("pertussis", 2026)
    known = municipalities(date(2026, 6, 1))
    assert told.counties["11"].status == "suppressed" and "11" in told.closed
    for county in told.closed:
        inside = [told.municipalities[n] for n, one in known.items() if one.county == county]
        assert {figure.status for figure in inside} == {"protected"}
    page = body(sign_in("epidemiologist"))
    assert "Rogaland, hele fylket" in page and "Sandnes" not in page and "Stavanger" not in page


def test_svalbard_and_jan_mayen_have_rows_of_their_own(
    tmp_path: Path, settings: Any, sign_in: SignIn
) -> None:
    settings.VARDE_HOME = beside(tmp_path / "one", {"2100": 5, "2111": 4, "9999": 7})
    told = ask_map("pertussis", 2026)
    assert told.elsewhere["2100"].value == 9 and told.elsewhere["2211"].value == 0
    assert told.unknown == Figure(status="ok", value=7)
    page = body(sign_in("duty-officer"))
    assert "Svalbard</th><td></td>" in page and "Jan Mayen" not in page
    settings.VARDE_HOME = beside(tmp_path / "other", {"2111": 2, "2211": 1, "9999": 15})
    told = ask_map("pertussis", 2026)
    assert {told.elsewhere[n].status for n in ("2100", "2211")} == {"suppressed"}
    assert told.unknown is not None and told.unknown.value is None  # else the rest were known


def test_a_county_that_is_protected_is_not_told_when_it_is_chosen_alone(filled: Path) -> None:
    """Two counties beside each other, one of them with few: the other's number would give it away."""
    chosen = (("disease", "pertussis"), ("year", 2026))
    by_county = ask(Question(view="msis", table="cases", by=("county",), chosen=chosen))
    hidden = [row.key["county"] for row in by_county.rows if row.figures["n"].status == "protected"]
    assert hidden
    for county in hidden:
        alone = ask(
            Question(view="msis", table="cases", by=("sex",), chosen=(*chosen, ("county", county)))
        )
        assert alone.total is not None and alone.total.figures["n"].status == "protected"
        assert {row.figures["n"].status for row in alone.rows} == {"protected"}
