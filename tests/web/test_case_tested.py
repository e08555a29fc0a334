"""On the page of a case: what else its person was tested for, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from register.answers import answer
from register.case_messages import ADA, BO, MEASLES, notified
from varde.register import list_cases
from web.test_followup_pages import hand_in, opened, salmonella

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
SERUM = {"free": "Serum", "coded_as": None}
RUBELLA = "P-Rubellavirus IgM"


def looked_for(name: str, report: str, day: str, person: str = ADA) -> bytes:
    return answer(
        report,
        f"M{report}",
        organism="",
        answered=[(name, "Ikke påvist")],
        person=person,
        day=day,
        **SERUM,
    )


def test_a_case_shows_what_was_looked_for_in_its_time_and_what_discards_it(
    empty_home: Path, sign_in: SignIn
) -> None:
    form = notified("Meslinger", onset="2025-11-25", picture="00", home="0301", person=ADA)
    hand_in(empty_home, form)
    hand_in(
        empty_home,
        looked_for(RUBELLA, "R1", "2025-12-04"),
        looked_for("U-Chlamydia trachomatis DNA", "R2", "2024-12-04"),
        looked_for(MEASLES, "R3", "2025-12-05"),
        looked_for("P-Hepatitt A IgM", "R4", "2025-12-05", BO),
    )
    client = sign_in("municipal-doctor", "0301")
    [case] = list_cases()
    shown = opened(client, case.number)
    for said in (
        "avkreftet",
        "Undersøkt, ikke påvist: Meslingvirus (antistoff, IgM), prøve tatt",
        "Hva det er undersøkt for",
        "Rubellavirus",
        "klasse: mistenkt → avkreftet",
        "avkreftet av svar: – → ",
    ):
        assert said in shown, said
    assert "Chlamydia" not in shown and "Hepatitt" not in shown
    assert "avkreftet" in client.get("/innboks/").content.decode()


def test_a_case_of_nobody_known_shows_its_own_answer(empty_home: Path, sign_in: SignIn) -> None:
    hand_in(empty_home, salmonella("R1", None, "0301"))  # type: ignore[arg-type]
    [case] = list_cases()
    shown = opened(sign_in("municipal-doctor", "0301"), case.number)
    assert "Hva det er undersøkt for" in shown and "<i>Salmonella" in shown
