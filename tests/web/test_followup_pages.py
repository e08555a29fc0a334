"""The pages of the follow-up: what each role sees, that a purpose comes first, and that every look is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from followup.recent import recently
from register.answers import answer
from register.case_messages import ADA, BLOOD, BO, CLEO, MEASLES, SALMONELLA, STOOL, notified
from varde.access.models import AccessLogEntry
from varde.followup.models import Delivery, Event
from varde.followup.reminding import remind
from varde.followup.telling import tell_new
from varde.register import Incoming, list_cases, open_register
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
PURPOSE = {"gjor": "apne", "formal": "infection-control"}
DAY = timezone.localdate() - timedelta(days=3)
HOURS = timedelta(hours=5)


def hand_in(home: Path, *files: bytes) -> None:
    register = open_register(home)
    at = timezone.now() - HOURS
    take_in(register, [Incoming("f.xml", recently(data)) for data in files], lambda: at)
    tell_new(at)


def salmonella(report: str, person: str, municipality: str, **more: Any) -> bytes:
    fields = {"organism": SALMONELLA, "day": "2025-12-05", "message": f"M{report}", **STOOL}
    return answer(report, person=person, municipality=municipality, **fields | more)


@pytest.fixture
def cases(empty_home: Path) -> dict[str, int]:
    """Measles in Oslo with form and finding, salmonellosis in Bergen, one whose residence nobody knows."""
    hand_in(
        empty_home,
        notified("Meslinger", onset="2025-12-05", home="0301", person=ADA),
        answer(
            organism="", searches=[MEASLES], person=ADA, day="2025-12-06", mark="MSIS-M", **BLOOD
        ),
        salmonella("R2", BO, "4601"),
        notified("Botulisme", "N2", onset="2025-12-05", person=CLEO),
    )
    return {one.disease: one.number for one in list_cases()}


def page(client: Client, address: str, **headers: str) -> str:
    answered = client.get(address, headers=headers)
    assert answered.status_code == 200, (address, answered.status_code)
    return str(answered.content.decode())


def opened(client: Client, number: int) -> str:
    assert client.post(f"/sak/{number}/", PURPOSE).status_code == 302
    return page(client, f"/sak/{number}/")


def about_somebody() -> list[tuple[str, str, str]]:
    rows = AccessLogEntry.objects.exclude(about="").order_by("id")
    return [(row.page, row.object_kind, row.purpose) for row in rows]


def test_a_unit_sees_its_own_inbox_and_nobody_elses(cases: dict[str, int], sign_in: SignIn) -> None:
    oslo = page(sign_in("municipal-doctor", "0301"), "/innboks/")
    assert "Meslinger" in oslo and "Salmonellose" not in oslo and "Botulisme" not in oslo
    bergen = page(sign_in("municipal-doctor", "4601"), "/innboks/")
    assert "Salmonellose" in bergen and "Meslinger" not in bergen
    assert "Ingenting her" in page(sign_in("municipal-doctor", "1103"), "/innboks/")


def test_a_receipt_is_one_button_and_another_units_thread_is_not_there(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    thread = Delivery.objects.get(unit="municipality:0301").id
    stranger = sign_in("municipal-doctor", "4601")
    for number in (thread, 10**9):
        assert stranger.post(f"/innboks/{number}/", {"gjor": "kvitter"}).status_code == 404
    client = sign_in("municipal-doctor", "0301")
    assert client.post(f"/innboks/{thread}/", {"gjor": "sprett"}).status_code == 404
    answered = client.post(
        f"/innboks/{thread}/", {"gjor": "kvitter", "neste": "https://elsewhere.example/"}
    )
    assert (answered.status_code, answered.url) == (302, "/innboks/")
    assert Delivery.objects.get(id=thread).receipted_by == "municipal-doctor-0301"
    assert AccessLogEntry.objects.filter(object_kind=f"receipt given {thread}").count() == 1
    client.post(f"/innboks/{thread}/", {"gjor": "ferdig"})
    assert "Meslinger" not in page(client, "/innboks/")
    assert "Meslinger" in page(client, "/innboks/?vis=ferdige")


def test_nothing_of_a_person_is_shown_before_it_is_said_what_for(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    number = cases["measles"]
    before = page(client, f"/sak/{number}/")
    assert "Meslinger" not in before and "Oslo" not in before.split("<main")[1]
    assert about_somebody() == []
    refused = client.post(f"/sak/{number}/", {"gjor": "apne", "formal": "care"})
    assert refused.status_code == 422
    shown = opened(client, number)
    for said in ("Meslinger", "bekreftet", "Hvorfor det er bekreftet", "IgM", "Bor i"):
        assert said in shown, said
    assert about_somebody() == [("case", f"case {number}", "infection-control")]
    page(client, f"/sak/{number}/")
    assert len(about_somebody()) == 2  # each look
    assert Delivery.objects.get(unit="municipality:0301").seen_by == "municipal-doctor-0301"


def test_a_case_of_another_area_looks_as_one_that_there_is_not(
    cases: dict[str, int], sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    client = sign_in("municipal-doctor", "4601")
    answers = set()
    for number in (cases["measles"], cases["botulism"], 987_654):
        for answered in (
            client.get(f"/sak/{number}/"),
            client.post(f"/sak/{number}/", PURPOSE),
            client.get(f"/sak/{number}/kontakter/"),
        ):
            assert answered.status_code == 404
            body = answered.content.decode().split("<main")[1]
            answers.add(body.split("</main")[0])
    assert len(answers) == 1
    assert about_somebody() == []
    assert AccessLogEntry.objects.filter(action="denied", page="case").count() == 9


def test_who_moved_is_not_the_old_units_any_more(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    hand_in(empty_home, salmonella("R2", BO, "0301", message="M2b", made=2, service="M"))
    client = sign_in("municipal-doctor", "4601")
    body = page(client, "/innboks/")
    assert "Flyttet, ikke lenger deres" in body and f"/sak/{cases['salmonellosis']}/" not in body
    assert "Oslo" not in body.split("<main")[1] and "0301" not in body.split("<main")[1]
    assert client.get(f"/sak/{cases['salmonellosis']}/").status_code == 404
    assert "Salmonellose" in opened(sign_in("municipal-doctor", "0301"), cases["salmonellosis"])


def test_a_note_is_the_own_units_and_is_masked(cases: dict[str, int], sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "0301")
    number, thread = cases["measles"], Delivery.objects.get(unit="municipality:0301").id
    opened(client, number)
    client.post(f"/sak/{number}/", {"gjor": "notat", "trad": thread, "notat": f"Ringte {ADA}"})
    body = page(client, f"/sak/{number}/")
    assert "Ringte" in body and ADA not in body
    duty = opened(sign_in("duty-officer"), number)
    assert "Ringte" not in duty and "municipal-doctor-0301" not in duty
    other = Delivery.objects.get(case=number, unit="national").id
    refused = client.post(f"/sak/{number}/", {"gjor": "notat", "trad": other, "notat": "x"})
    assert refused.status_code == 404


def test_the_desk_has_what_nobody_answered_and_answers_for_others(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    remind(timezone.now())
    client = sign_in("duty-officer")
    body = page(client, "/vakt/")
    for said in ("Meslinger", "Botulisme", "Besvart på telefon", "bostedet er ukjent", "Oslo"):
        assert said in body, said
    thread = Delivery.objects.get(unit="municipality:0301").id
    assert client.post(f"/vakt/{thread}/", {"gjor": "kvitter"}).status_code == 302
    assert Delivery.objects.get(id=thread).receipted_by == "duty-officer-"
    assert sign_in("municipal-doctor", "0301").get("/vakt/").status_code == 403


def open_event(client: Client, **more: str) -> Any:
    said = {
        "formal": "outbreak",
        "type": "food",
        "sykdom": "salmonellosis",
        "sted": "Fjordkroa",
        "dag": DAY.isoformat(),
        "beskrivelse": "Flere er syke",
    }
    return client.post("/hendelser/", said | more)


def test_an_event_is_opened_joined_and_closed(cases: dict[str, int], sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "4601")
    for more, said in (
        ({"beskrivelse": f"Det er {ADA}"}, "fødselsnummer"),
        ({"formal": ""}, "hva du trenger"),
        ({"dag": "i går"}, "første dag"),
    ):
        refused = open_event(client, **more)
        assert refused.status_code == 422 and not Event.objects.exists()
        assert said in refused.content.decode(), said
    answered = open_event(client)
    event = Event.objects.get()
    assert answered.url == f"/hendelser/{event.id}/"
    own, other = cases["salmonellosis"], cases["measles"]
    for number in (other, 987_654):
        refused = client.post(answered.url, {"gjor": "ta-med", "sak": number})
        assert refused.status_code == 422
        assert "ikke noe tilfelle med dette nummeret" in refused.content.decode()
    assert client.post(answered.url, {"gjor": "ta-med", "sak": own}).status_code == 302
    assert about_somebody() == [("events", f"case {own} joined to event {event.id}", "outbreak")]
    body = page(client, answered.url)
    assert f"/sak/{own}/" in body and "<svg" in body and "Bergen" in body
    # Others who were told see that there is a case, and not where it is from.
    duty = page(sign_in("duty-officer"), answered.url)
    assert "Bergen" in duty
    assert sign_in("municipal-doctor", "0301").get(answered.url).status_code == 404
    client.post(answered.url, {"gjor": "ta-ut", "sak": own})
    client.post(answered.url, {"gjor": "avslutt", "konklusjon": "Kyllingen var rå."})
    assert "Kyllingen var rå." in page(client, answered.url)
    assert Event.objects.get().closed_by == "municipal-doctor-4601"


def test_contacts_are_opened_for_a_purpose_and_each_look_is_logged(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    assert "Prøvesen" not in page(client, address)
    client.post(address, PURPOSE)
    contact = {
        "gjor": "ny",
        "navn": "Åse Prøvesen",
        "telefon": "12345678",
        "nummer": BO,
        "relasjon": "husstand",
        "eksponert": DAY.isoformat(),
    }
    refused = client.post(address, contact | {"nummer": "12345678901"})
    assert refused.status_code == 422 and "ikke et fødselsnummer" in refused.content.decode()
    assert client.post(address, contact).status_code == 302
    before = len(about_somebody())
    body = page(client, address)
    assert "Åse Prøvesen" in body and BO in body
    assert len(about_somebody()) == before + 1
    day = {"gjor": "dag", "kontakt": "1", "dag": DAY.isoformat(), "status": "symptoms"}
    number = body.split('name="kontakt" value="')[1].split('"')[0]
    assert client.post(address, day | {"kontakt": number}).status_code == 302
    assert client.post(address, day | {"kontakt": "987654"}).status_code == 404
    assert "symptomer" in page(client, address)
    other = sign_in("municipal-doctor", "4601")
    assert other.get(address).status_code == 404


def test_the_contacts_of_an_event_are_for_whoever_opened_it(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "4601")
    open_event(client)
    address = f"/hendelser/{Event.objects.get().id}/kontakter/"
    client.post(address, PURPOSE)
    assert "Legg til en nærkontakt" in page(client, address)
    assert sign_in("municipal-doctor", "0301").get(address).status_code == 404
    duty = sign_in("duty-officer")
    duty.post(address, PURPOSE)
    assert duty.get(address).status_code == 200


def addresses(cases: dict[str, int], event: int) -> dict[str, list[str]]:
    measles = cases["measles"]
    both = ["/tider/", "/tider/?etter=month", "/hendelser/", f"/hendelser/{event}/"]
    both += [f"/sak/{measles}/", f"/sak/{measles}/kontakter/"]
    return {
        "municipal-doctor": ["/innboks/", "/innboks/?vis=alle", "/innboks/omrade/", *both],
        "duty-officer": ["/vakt/", *both, f"/hendelser/{event}/kontakter/"],
        "epidemiologist": ["/tider/", "/hendelser/"],
        "hospital-infection-control": ["/innboks/", "/innboks/omrade/", "/tider/", "/hendelser/"],
    }


def test_every_page_is_there_in_both_languages_and_shows_no_identity_number(
    cases: dict[str, int], sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    opener = sign_in("municipal-doctor", "0301")
    open_event(opener, sykdom="measles")
    event = Event.objects.get().id
    opener.post(f"/hendelser/{event}/", {"gjor": "ta-med", "sak": cases["measles"]})
    for role, pages in addresses(cases, event).items():
        client = opener if role == "municipal-doctor" else sign_in(role)
        for address in pages:
            client.post(address, PURPOSE)
            bodies = {}
            for language in ("nb", "en"):
                client.cookies["django_language"] = language
                bodies[language] = page(client, address)
                assert f'lang="{language}"' in bodies[language]
                for number in (ADA, BO, CLEO):
                    assert number not in bodies[language], address
            assert bodies["nb"].split("<main")[1] != bodies["en"].split("<main")[1], address
            assert "Inbox" not in bodies["nb"] and "Innboks" not in bodies["en"], address
    for number in (ADA, BO, CLEO):
        assert number not in caplog.text
