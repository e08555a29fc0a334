"""A notifiable answer that no code knows is on the duty officer's desk at once, and on the page of the laboratory."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from followup.recent import recently
from register.answers import answer
from register.case_messages import ADA, BLOOD, BO, MEASLES
from varde.access.models import AccessLogEntry
from varde.register import (
    Incoming,
    confirm,
    list_cases,
    list_unknown_positives,
    open_register,
    replay,
    say,
    unmapped_codes,
)
from varde.register.intake import take_in
from varde.web.expressions import seal
from web.invented import OTHER, OWN

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
FABLE = "Fabelfeber virus"
HEADING = "Meldepliktige svar som ingen kode kjenner"


@pytest.fixture
def home(empty_home: Path) -> Path:
    return empty_home


def send(home: Path, *files: bytes) -> None:
    now = timezone.now()
    take_in(open_register(home), [Incoming("f.xml", recently(data)) for data in files], lambda: now)


def fable(report: str = "R1", **more: object) -> bytes:
    told = {
        "organism": "",
        "searches": [f"{FABLE} RNA"],
        "person": ADA,
        "day": "2025-12-28",
        "mark": "MSIS-M",
        **BLOOD,
    }
    return answer(report, f"M{report}", **(told | more))  # type: ignore[arg-type]


def waiting() -> list[tuple[str, int, tuple[str, ...]]]:
    return [
        (one.expression[3], one.answers, one.marks)
        for one in list_unknown_positives(timezone.now())
    ]


def page(client: Client, address: str) -> str:
    answered = client.get(address)
    assert answered.status_code == 200
    return html.unescape(answered.content.decode())


def test_it_is_on_the_desk_from_the_moment_it_is_taken_in(home: Path, sign_in: SignIn) -> None:
    send(home, fable())
    assert list_cases() == []
    body = page(sign_in("duty-officer"), "/vakt/")
    assert body.index(HEADING) < body.index("Til smittevernvakten")
    tile = re.search(r'<div class="todo urgent"><dt>([^<]+)</dt><dd>(\d+)', body)
    assert tile and tile.groups() == (HEADING, "1")
    row = body[body.index('id="unknown-heading"') :]
    for words in (FABLE, "MSIS-M", "/laboratorium/kode/?uttrykk="):
        assert words in row, words
    assert ADA not in body


def test_what_is_not_marked_or_begins_a_case_or_is_of_last_year_is_not_there(home: Path) -> None:
    send(
        home,
        fable("R1", mark=""),
        fable("R2", mark="MSIS-AV", person=BO),
        fable("R3", searches=[f"{FABLE} RNA", MEASLES]),
        fable("R4", day="2025-11-05", mark=""),
    )
    assert [one.disease for one in list_cases()] == ["measles"]
    assert waiting() == []
    later = timezone.now() + timedelta(days=500)
    send(home, fable("R5", person=BO))
    assert len(waiting()) == 1 and list_unknown_positives(later) == []


def test_answers_with_the_same_words_stand_together_and_a_correction_takes_one_away(
    home: Path,
) -> None:
    send(home, fable("R1"), fable("R2", mark="MSIS-UM", person=BO), fable("R3", her="99999"))
    assert sorted(number for _words, number, _marks in waiting()) == [1, 2]
    assert ("MSIS-M", "MSIS-UM") in [marks for _words, _number, marks in waiting()]
    send(home, fable("R1", service="C", made=3))
    assert sorted(number for _words, number, _marks in waiting()) == [1, 1]
    told = waiting()
    replay(open_register(home), timezone.now)
    assert waiting() == told


def test_a_code_makes_it_a_case_and_takes_it_off(home: Path, sign_in: SignIn) -> None:
    send(home, fable())
    [code] = unmapped_codes()
    expression = (code.kind, code.system, code.code, code.text)
    confirm(open_register(home), expression, "measles-virus", "duty-officer-", timezone.now())
    assert waiting() == []
    assert [one.disease for one in list_cases()] == ["measles"]
    assert HEADING in page(sign_in("duty-officer"), "/vakt/")  # the tile, with none
    assert 'class="todo urgent"' not in page(sign_in("duty-officer", "x"), "/vakt/")


def test_an_expression_that_means_nothing_is_taken_off(home: Path) -> None:
    send(home, fable())
    [one] = list_unknown_positives(timezone.now())
    say(one.expression, "unmappable", "", "", "duty-officer-", timezone.now())
    assert waiting() == []


def test_the_laboratory_sees_its_own_and_nobody_elses(home: Path, sign_in: SignIn) -> None:
    send(home, fable(), fable("R9", her="99999", searches=["Trollpest virus RNA"], person=BO))
    own = page(sign_in("laboratory-contact", OWN), "/laboratorium/")
    section = own[own.index('id="unknown-heading"') :].split("</section>")[0]
    assert FABLE in section and "Trollpest" not in own and "Si hva den betyr" in section
    assert "Ta bort" not in section
    assert 'id="unknown-heading"' not in page(
        sign_in("laboratory-contact", OTHER), "/laboratorium/"
    )


def test_free_text_with_numbers_is_hidden_from_all_but_its_sender(
    home: Path, sign_in: SignIn
) -> None:
    send(home, fable(searches=["Fabelfeber hos Kari 998877665 RNA"]))
    assert "Kari" not in page(sign_in("duty-officer"), "/vakt/")
    assert "998877665" not in page(sign_in("laboratory-contact", OWN), "/laboratorium/")


def test_the_duty_officer_says_what_was_done_and_the_laboratory_still_sees_it(
    home: Path, sign_in: SignIn
) -> None:
    send(home, fable())
    [one] = list_unknown_positives(timezone.now())
    client, address = sign_in("duty-officer"), reverse("desk-unknown")
    sent = {"uttrykk": seal(one.expression), "avsender": one.sender, "grunn": "asked"}
    for wrong in ({"grunn": "x"}, {"uttrykk": "x"}):
        assert client.post(address, sent | wrong).status_code == 404
    assert len(waiting()) == 1
    assert client.post(address, sent).status_code == 302
    assert waiting() == [] and FABLE not in page(client, "/vakt/")
    assert FABLE in page(sign_in("laboratory-contact", OWN), "/laboratorium/")
    logged = AccessLogEntry.objects.get(action="change", page="desk")
    assert (logged.object_kind, logged.object_count) == ("notifiable answer dealt with", 1)
    # Only the desk's own may: neither the laboratory nor an epidemiologist.
    for role in ("laboratory-contact", "epidemiologist"):
        assert sign_in(role, "z").post(address, sent).status_code == 403
    # A newer version of the answer is a new thing to look at.
    send(home, fable(service="M", made=3, mark="MSIS-UM"))
    assert len(waiting()) == 1


def test_what_is_urgent_comes_first_and_the_rest_is_folded(home: Path, sign_in: SignIn) -> None:
    from varde.web.pages.followup.desk import GROUPS, split

    class Thread:
        def __init__(self, kind: str, at_once: bool) -> None:
            self.kind, self.at_once, self.receiver = kind, at_once, "municipality-of-residence"

    def row(
        kind: str, at_once: bool = False, waits: bool = True, is_open: bool = True
    ) -> dict[str, object]:
        return {"thread": Thread(kind, at_once), "waits": waits, "open": is_open}

    rows = [row("form"), row("case", True), row("case"), row("form"), row("case", waits=False), row("case", False, False, False), row("new-kind")]  # fmt: skip
    urgent, rest = split(rows)
    assert urgent == [rows[1]]
    assert [(name, len(some)) for name, some in rest] == [
        (str(GROUPS["case"]), 2),
        (str(GROUPS["form"]), 2),
        (str(GROUPS["answered"]), 1),
        (str(GROUPS["over"]), 1),
    ]
    assert sum(len(some) for _name, some in rest) + len(urgent) == len(rows)
