"""Links on the page of a case: stated and taken back by whoever follows it, logged, and silent about another's case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from register.case_messages import ADA, BO, CLEO, notified
from varde.access.keys import load_keys
from varde.access.models import AccessLogEntry
from varde.followup import contacts, events
from varde.followup.contacts import ContactBook, Who
from varde.followup.events import Opening
from varde.register import Link, links_of, list_cases, read_case, state_link
from varde.web.registers import the_register
from web.test_followup_pages import hand_in, opened, page, salmonella

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def cases(empty_home: Path) -> dict[str, int]:
    """Salmonellosis: confirmed in Oslo and in Bergen, and one in Oslo that a doctor suspects."""
    hand_in(
        empty_home,
        salmonella("R1", ADA, "0301"),
        salmonella("R2", BO, "4601"),
        notified("Salmonellose", onset="2025-12-08", home="0301", person=CLEO),
    )
    found = {(one.classification, one.residence): one.number for one in list_cases()}
    return {
        "ill": found["suspected", "0301"],
        "oslo": found["confirmed", "0301"],
        "bergen": found["confirmed", "4601"],
    }


def exposed(number: int) -> str:
    known = next(one for one in list_cases() if one.number == number)
    return f"{known.first_day - timedelta(days=2):%d.%m.%Y}"


def typed(cases: dict[str, int], **said: str) -> dict[str, str]:
    usual = {"gjor": "lenke", "slags": "human", "til-sak": str(cases["oslo"])}
    return (
        usual
        | {"eksponert": exposed(cases["ill"])}
        | {k.replace("_", "-"): v for k, v in said.items()}
    )


def logged() -> list[str]:
    rows = AccessLogEntry.objects.filter(action="change").exclude(about="").order_by("id")
    return [f"{row.object_kind}|{row.purpose}" for row in rows]


def classification(number: int) -> str:
    return {one.number: one.classification for one in list_cases()}[number]


def test_a_link_is_stated_shown_among_the_reasons_and_taken_back(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client, address = sign_in("municipal-doctor", "0301"), f"/sak/{cases['ill']}/"
    assert "Ingen har oppgitt noen epidemiologisk lenke" in opened(client, cases["ill"])
    assert client.post(address, typed(cases)).status_code == 302
    assert classification(cases["ill"]) == "probable"
    shown = page(client, address)
    for said in (
        f"Epidemiologisk lenke: smittekontakt med et bekreftet tilfelle, nummer {cases['oslo']}",
        "municipal-doctor-0301",
        "sannsynlig",
    ):
        assert said in shown, said
    [one] = links_of(the_register(), [cases["ill"]])
    assert (one.link.stated_by, one.link.purpose) == ("municipal-doctor-0301", "infection-control")
    assert client.post(address, {"gjor": "trekk-lenke", "lenke": "999"}).status_code == 404
    taken = client.post(address, {"gjor": "trekk-lenke", "lenke": str(one.link.id)})
    assert taken.status_code == 302 and classification(cases["ill"]) == "suspected"
    assert "Epidemiologisk lenke" not in page(client, address)
    assert logged() == [
        f"link stated of case {cases['ill']}|infection-control",
        f"link stated to case {cases['oslo']}|infection-control",
        f"link withdrawn of case {cases['ill']}|infection-control",
    ]


REFUSED = (
    ({"slags": "laboratory"}, "Velg hva som knytter dem sammen"),
    ({"til_sak": ""}, "ett av de to"),
    ({"til_sak": "bergen"}, "Det finnes ikke noe tilfelle med dette nummeret"),
    ({"til_sak": "99999"}, "Det finnes ikke noe tilfelle med dette nummeret"),
    ({"til_sak": "ill"}, "det samme tilfellet"),
    ({"eksponert": "i går"}, "Oppgi dagen for eksponering"),
    ({"eksponert": "01.01.2020"}, "Oppgi dagen for eksponering"),
)


def test_what_is_no_link_is_told_beside_what_was_typed(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client, address = sign_in("municipal-doctor", "0301"), f"/sak/{cases['ill']}/"
    opened(client, cases["ill"])
    for given, words in REFUSED:
        said = {name: str(cases.get(value, value)) for name, value in given.items()}
        answered = client.post(address, typed(cases, **said))
        body = answered.content.decode()
        assert answered.status_code == 422 and words in body, given
        assert said.get("eksponert", exposed(cases["ill"])) in body
    assert links_of(the_register(), [cases["ill"]]) == []


def test_of_a_case_elsewhere_only_that_it_is_confirmed_is_shown(
    cases: dict[str, int], sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    day = next(one.first_day for one in list_cases() if one.number == cases["ill"])
    said = Link(cases["ill"], "human", day, cases["bergen"])
    state_link(the_register(), said, by="vakt", purpose="outbreak", at=timezone.now())
    oslo = opened(sign_in("municipal-doctor", "0301"), cases["ill"])
    assert "et bekreftet tilfelle i en annen kommune" in oslo
    assert f"/sak/{cases['bergen']}/" not in oslo and "Bergen" not in oslo
    # Whoever may only look states nothing.
    reader = sign_in("epidemiologist")
    reader.post(f"/sak/{cases['ill']}/", {"gjor": "apne", "formal": "surveillance"})
    assert "Oppgi en epidemiologisk lenke" not in page(reader, f"/sak/{cases['ill']}/")
    assert reader.post(f"/sak/{cases['ill']}/", typed(cases)).status_code == 403
    stranger = sign_in("municipal-doctor", "1103")
    assert stranger.post(f"/sak/{cases['ill']}/", typed(cases)).status_code == 404
    assert len(links_of(the_register(), [cases["ill"]])) == 1


def test_a_case_in_an_event_is_linked_by_it_and_not_when_taken_out(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client, address = sign_in("municipal-doctor", "0301"), f"/sak/{cases['ill']}/"
    opening = Opening(
        kind="food",
        disease="salmonellosis",
        unit="municipality:0301",
        place="Fjordkroa",
        first_day=timezone.localdate() - timedelta(days=5),
        description="Flere er syke",
    )
    event = events.open_event(opening, "kari", timezone.now())
    for name in ("ill", "oslo"):
        answered = client.post(f"/hendelser/{event}/", {"gjor": "ta-med", "sak": str(cases[name])})
        assert answered.status_code == 302
    assert classification(cases["ill"]) == "probable"
    shown = opened(client, cases["ill"])
    assert "samme mat eller vann som et bekreftet tilfelle i hendelsen Fjordkroa" in shown
    [joined] = links_of(the_register(), [cases["ill"]])
    taken = client.post(address, {"gjor": "trekk-lenke", "lenke": str(joined.link.id)})
    assert taken.status_code == 404, "what the event says is taken back there"
    client.post(f"/hendelser/{event}/", {"gjor": "ta-ut", "sak": str(cases["oslo"])})
    assert classification(cases["ill"]) == "suspected"
    assert "ingen andre i hendelsen er bekreftet" in page(client, address)


def test_a_contact_that_became_a_case_is_linked_by_that(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['oslo']}/kontakter/"
    client.post(address, {"gjor": "apne", "formal": "infection-control"})
    book = ContactBook(load_keys(the_register().home))
    day = next(one.first_day for one in list_cases() if one.number == cases["ill"])
    contact = book.add(
        Who(name="Syntetisk Gjest"), "gjest", day, "kari", timezone.now(), case=cases["oslo"]
    )
    said = {"gjor": "tilfelle", "kontakt": str(contact), "sak": str(cases["ill"])}
    assert client.post(address, said).status_code == 302
    assert classification(cases["ill"]) == "probable"
    known = read_case(cases["ill"])
    assert known is not None
    shown = opened(client, cases["ill"])
    assert "fra en kontaktliste, municipal-doctor-0301" in shown
    assert "teller på ordet til den som førte det inn" in shown
    client.post(address, {"gjor": "ikke-tilfelle", "kontakt": str(contact)})
    assert classification(cases["ill"]) == "suspected"
    client.post(address, said)
    client.post(address, {"gjor": "fjern", "kontakt": str(contact), "grunn": "wrong"})
    assert contacts.count_contacts(case=cases["oslo"]) == 0
    assert classification(cases["ill"]) == "suspected"


def test_a_case_that_is_none_any_more_is_not_said_to_be_elsewhere(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    day = next(one.first_day for one in list_cases() if one.number == cases["ill"])
    for other in ("oslo", "bergen"):
        said = Link(cases["ill"], "human", day, cases[other])
        state_link(the_register(), said, by="vakt", purpose="outbreak", at=timezone.now())
    hand_in(
        empty_home,
        salmonella("R1", ADA, "0301", message="M1c", made=2, service="C"),
        salmonella("R2", BO, "4601", message="M2c", made=2, service="C"),
    )
    shown = opened(sign_in("municipal-doctor", "0301"), cases["ill"])
    assert f"tilfelle {cases['oslo']}, som ikke er noe tilfelle lenger" in shown
    assert "et tilfelle som ikke er noe tilfelle lenger" in shown
    assert "annen kommune" not in shown and f"tilfelle {cases['bergen']}" not in shown
