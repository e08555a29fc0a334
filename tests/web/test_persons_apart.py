"""The page where somebody takes a person apart or joins two: found by number, logged before anything is shown, a reason
from a list, refused when what is known has changed, undone as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from messages.numbers import make_number
from register.answers import clock
from register.told import groups, linked_state, persons, told
from varde.access.models import AccessLogEntry
from varde.register import Incoming, list_rulings, open_register
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
FNR, OTHER, *_ = (n for serial in range(100, 200, 2) if (n := make_number(date(1980, 5, 17), serial)))  # fmt: skip
FOR = {"formal": "surveillance"}
ELSE = {"family": "Dahl", "given": "Grete", "born": "1980-05-17", "her": "91844"}


@pytest.fixture
def take(home: Path, sign_in: Callable[..., Client]) -> Callable[..., None]:
    def take(*files: bytes) -> None:
        take_in(open_register(home), [Incoming("f.xml", data) for data in files], clock)

    take(
        told("R1", number=FNR),
        told("R2", number=FNR, phone="22334455", her="91844"),
        told("R3", number=OTHER, **ELSE),
    )
    return take


@pytest.fixture
def ida(take: Callable[..., None], sign_in: Callable[..., Client]) -> Client:
    return sign_in("epidemiologist")


def post(client: Client, **sent: Any) -> Any:
    return client.post(reverse("persons-apart"), FOR | sent)


def hidden(page: str) -> dict[str, str]:
    return dict(
        re.findall(r'type="hidden" name="(person[a-z-]*|merke[a-z-]*)" value="(\w+)"', page)
    )


def seen(action: str) -> list[tuple[str, str, bool]]:
    entries = AccessLogEntry.objects.filter(page="persons", action=action).order_by("id")
    return [(one.object_kind, one.purpose, bool(one.about)) for one in entries]


def test_one_person_is_taken_apart_and_put_together_again(ida: Client) -> None:
    assert "Fjellvang" not in ida.get(reverse("persons-apart"), FOR).content.decode()
    page = post(ida, gjor="finn", ene=FNR).content.decode()
    assert page.count("Torhild") == 2 and "Dahl" not in page
    assert FNR not in ida.get(reverse("persons")).content.decode()
    assert seen("view") == [("identity", "surveillance", True)]
    kept = hidden(page)
    assert post(ida, gjor="vurder", **kept).status_code == 422, "nothing is ticked"
    assert post(ida, gjor="vurder", annen=["1", "2"], **kept).status_code == 422, "all is"
    compared = post(ida, gjor="vurder", annen="2", **kept)
    assert compared.status_code == 200 and "<meter" in compared.content.decode()
    assert post(ida, gjor="skill", annen="2", **kept).status_code == 422, "without a reason"
    assert post(ida, gjor="skill", annen="2", grunn="fri tekst", **kept).status_code == 422
    before = linked_state()
    done = post(ida, gjor="skill", annen="2", grunn="apart/wrong-number", **kept)
    assert done.status_code == 302
    assert groups(persons()) == {frozenset(("R1",)), frozenset(("R2",)), frozenset(("R3",))}
    assert seen("change") == [("linkage decision", "surveillance", True)] * 2
    listed = ida.get(done["Location"]).content.decode()
    assert "number stood on the form" in listed or "nummer sto" in listed
    ida.post(reverse("persons"), FOR | {"angre": "1"})
    assert linked_state() == before


def number_in(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace("\u2212", "-").replace(",", "."))


def test_what_is_shown_of_weights_adds_up_for_and_against(
    ida: Client, take: Callable[..., None]
) -> None:
    take(told("R4", number=OTHER, phone="99887766", **ELSE))
    page = post(ida, gjor="finn", ene=FNR, andre=OTHER).content.decode()
    assert page.count("<table") == 2 and ("Minst like" in page or "Least alike" in page)
    for part in page.split("<table")[1:]:
        shown = re.findall(r'class="number" data-label="[^"]+">([^<]+)</td>', part)
        said = re.search(r"(?:Til sammen|Together) (\S+), [^(]*\((\S+)\)", part)
        assert said is not None and len(shown) > 2
        weights = [number_in(text) for text in (*shown, said[2])]
        assert sum(weights) == number_in(said[1]) and any(w % 1 for w in weights)


def test_two_are_joined_and_parted_again(ida: Client) -> None:
    before = linked_state()
    page = post(ida, gjor="finn", ene=FNR, andre=OTHER).content.decode()
    assert "Dahl" in page and "Fjellvang" in page and "<meter" in page
    assert seen("view") == [("identity", "surveillance", True)] * 2
    kept = hidden(page)
    assert post(ida, gjor="samle", **kept).status_code == 422
    assert post(ida, gjor="samle", grunn="apart/namesakes", **kept).status_code == 422
    assert post(ida, gjor="samle", grunn="join/new-number", **kept).status_code == 302
    assert len(groups(persons())) == 1
    assert post(ida, gjor="finn", ene=FNR, andre=OTHER).status_code == 422, "they are one"
    shown = [one for one in list_rulings(20) if one.verdict == "same"]
    assert len(shown) == 1, "an act about two pairs is one decision"
    ida.post(reverse("persons"), FOR | {"angre": str(shown[0].number)})
    assert linked_state() == before


def test_who_is_described_otherwise_by_now_is_not_taken_apart(
    ida: Client, take: Callable[..., None]
) -> None:
    kept = hidden(post(ida, gjor="finn", ene=FNR).content.decode())
    take(told("R4", number=FNR, phone="99887766"))
    before = linked_state()
    answer = post(ida, gjor="skill", annen="1", grunn="apart/confirmed", **kept)
    assert answer.status_code == 409
    without = {"person": kept["person"]}
    assert post(ida, gjor="skill", annen="1", grunn="apart/confirmed", **without).status_code == 409
    assert linked_state() == before
    assert seen("change") == []


def test_nothing_is_shown_of_nobody_and_the_look_is_logged(ida: Client) -> None:
    nobody = make_number(date(1950, 1, 1), 100) or make_number(date(1950, 1, 1), 102)
    assert post(ida, gjor="finn", ene=str(nobody)).status_code == 404
    assert seen("view") == [("identity", "surveillance", True)]
    assert post(ida, gjor="finn", ene="999").status_code == 404
    for text in ("", "x", "1" * 39, "12345678901", "٣٣"):
        assert post(ida, gjor="finn", ene=text).status_code == 422
    for sent in ({"gjor": "x"}, {"gjor": "skill", "person": "x"}, {"gjor": "samle", "person": "1"}):
        assert post(ida, **sent).status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT purpose, object_kind, page FROM access_accesslogentry")
        assert FNR not in str(cursor.fetchall())


def test_a_number_of_two_names_is_told_as_two(ida: Client, take: Callable[..., None]) -> None:
    take(told("R5", number=FNR, **ELSE))
    answer = post(ida, gjor="finn", ene=FNR)
    assert answer.status_code == 422
    assert "Fjellvang" not in answer.content.decode()


def test_others_and_other_purposes_are_refused(ida: Client, sign_in: Callable[..., Client]) -> None:
    for purpose in ("care", "infection-control", "x"):
        answer = ida.post(reverse("persons-apart"), {"formal": purpose, "gjor": "finn", "ene": FNR})
        assert answer.status_code == 403
    assert post(ida, formal="", gjor="finn", ene=FNR).status_code == 422
    doctor = sign_in("municipal-doctor", "0301")
    assert post(doctor, formal="infection-control", gjor="finn", ene=FNR).status_code == 403
    assert doctor.get(reverse("persons-apart")).status_code == 403
    assert seen("change") == [] and {kind for kind, *_ in seen("view")} <= {""}
