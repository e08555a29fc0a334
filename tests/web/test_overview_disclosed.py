"""The overview beside the register MSIS: what one of them hides, the other does not give away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from figures.register_rows import isolate, result, row, write
from varde.web.figures import Question, ask
from varde.web.overview import ask_overview

pytestmark = pytest.mark.django_db
LIVED = {"pertussis": 8, "measles": 2, "mrsa": 2}


@pytest.fixture
def filled(tmp_path: Path, settings: Any) -> Path:
    settings.VARDE_HOME = tmp_path
    every = [disease for disease, number in LIVED.items() for _ in range(number)]
    cases = [
        row("cases", case_id=place, disease=disease, first_day=date(2026, 3, 1))
        for place, disease in enumerate(every, 1)
    ]
    isolates = [isolate(n, organism="staphylococcus-aureus") for n in range(1, 101)]
    results = [result(n, "FOX", "R" if n < 3 else "S") for n in range(1, 101)]
    write(tmp_path / "warehouse", cases=cases, isolates=isolates, susceptibilities=results)
    return tmp_path


def test_what_msis_hides_the_overview_hides(filled: Path) -> None:
    question = Question(view="msis", table="cases", by=("disease",), chosen=(("year", 2026),))
    theirs = {row.key["disease"]: row.figures["n"].status for row in ask(question).rows}
    assert theirs["pertussis"] == "protected", "else the sum would tell the two others"
    ours = {row.key["key"]: row for row in ask_overview(2026).rows}
    for disease, status in theirs.items():
        assert (ours[disease].value("cases") is None) == (status != "ok"), disease
    assert ours["pertussis"].value("of_known") is None, "as many as the cases"


def test_the_share_that_is_the_number_of_cases_is_hidden_with_it(filled: Path) -> None:
    found = {one.key["key"]: one for one in ask_overview(2026).rows}
    assert found["staphylococcus-aureus"].value("tested") == 100
    for key in ("staphylococcus-aureus", "mrsa"):
        assert found[key].key["marker"] == "FOX" and found[key].value("pct_resistant") is None


def test_a_year_that_is_not_there_is_refused(filled: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in("epidemiologist")
    for address in ("/oversikt/", "/oversikt/tabell.csv"):
        answer = client.get(address, {"ar": "1999"})
        assert answer.status_code == 422 and "Dette kan ikke velges her" in answer.content.decode()
    assert client.get("/oversikt/", {"ar": ""}).status_code == 200
    assert client.get("/oversikt/", {"ar": "2026"}).status_code == 200


def test_an_unknown_laboratory_is_refused(filled: Path, sign_in: Callable[..., Client]) -> None:
    client = sign_in("epidemiologist")
    answer = client.get("/datakvalitet/", {"avsender": "HER:0"})
    assert answer.status_code == 422 and "besvares slik det står" in answer.content.decode()
    assert client.get("/datakvalitet/").status_code == 200
