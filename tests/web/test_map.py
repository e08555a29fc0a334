"""The map: who sees which part, the own number as it is, and of the others nothing that is hidden can be worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from figures.register_rows import row, write
from varde.access.models import AccessLogEntry
from varde.codes import municipalities
from varde.publishing import Figure, rules
from varde.web.map_figures import _disclose, ask_map, is_open

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
LIMIT = rules().small_cell.below
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
    country = body(sign_in("duty-officer"))
    assert "Bergen: 40" in country and "Oslo: 8" in country and "Stavanger: 2" not in country


def test_what_is_asked_for_and_not_there_is_the_first_that_is(
    filled: Path, sign_in: SignIn
) -> None:
    answer = sign_in("epidemiologist").get("/kart/", {"sykdom": "'", "ar": "x"})
    assert "2026" in answer.content.decode()


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


def possible(figures: list[Figure], total: int | None) -> Iterator[tuple[int, ...]]:
    """Everything that the shown numbers may be, one after the other: slow, and obvious."""
    high = 16

    def values(figure: Figure) -> list[int]:
        if figure.status == "suppressed":
            return list(range(1, LIMIT))
        if figure.status == "protected":
            return list(range(high))
        return [int(figure.value or 0)]

    for found in product(*map(values, figures)):
        if total is None or sum(found) == total:
            yield found


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4), st.booleans())
def test_no_hidden_number_can_be_worked_out_from_the_rest(counts: list[int], shown: bool) -> None:
    numbers = [f"99{place:02}" for place in range(len(counts))]
    total = sum(counts)
    if shown and 0 < total < LIMIT:
        shown = False  # such a county is never shown
    county = (
        Figure(status="ok", value=total)
        if shown
        else Figure(status="suppressed", limit=LIMIT)
        if 0 < total < LIMIT
        else Figure(status="protected")
    )
    found = _disclose(numbers, dict(zip(numbers, counts, strict=True)), county)
    told = [found[number] for number in numbers]
    for figure, count in zip(told, counts, strict=True):
        assert figure.value in (None, count) and (figure.value is not None or figure.status != "ok")
        assert not (0 < count < LIMIT and figure.value is not None)
    if not shown:
        sums = range(1, LIMIT) if county.status == "suppressed" else None
    for place, figure in enumerate(told):
        if figure.value is not None:
            continue
        answers = {
            one[place]
            for one in possible(told, total if shown else None)
            if shown or sums is None or sum(one) in sums
        }
        assert len(answers) > 1, (counts, told)


def test_five_that_are_few_and_add_up_to_five_are_all_one() -> None:
    assert not is_open(5, 0, [5])
    assert is_open(4, 0, [5])
    assert not is_open(1, 1, [6])  # what is beside it would be five
    assert not is_open(4, 0, range(1, LIMIT))
    assert is_open(2, 0, range(1, LIMIT))
