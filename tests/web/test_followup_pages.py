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
from varde.followup.models import Contact, Delivery, Event
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
    assert AccessLogEntry.objects.filter(action="denied", page="case").count() == 6
    assert AccessLogEntry.objects.filter(action="denied", page="contacts").count() == 3


def test_who_moved_is_not_the_old_units_any_more(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    hand_in(empty_home, salmonella("R2", BO, "0301", message="M2b", made=2, service="M"))
    client = sign_in("municipal-doctor", "4601")
    body = page(client, "/innboks/")
    assert "Flyttet, ikke lenger deres" in body and "Frist" not in body
    assert "Oslo" not in body.split("<main")[1] and "0301" not in body.split("<main")[1]
    # Behind a purpose it says where and why, for whoever has contacts under way; and nothing that came later.
    kept = opened(client, cases["salmonellosis"])
    for told in ("Flyttet til Oslo", "bostedet er endret", "Ring dem", "bare til å lese"):
        assert told in kept, told
    assert "Hvorfor det er" not in kept
    assert about_somebody()[-1] == (
        "case",
        f"case {cases['salmonellosis']}",
        "infection-control",
    )
    assert client.get(f"/sak/{cases['salmonellosis']}/hvem/").status_code == 404
    assert "Salmonellose" in opened(sign_in("municipal-doctor", "0301"), cases["salmonellosis"])


def test_a_note_is_the_own_units_and_takes_telephone_numbers_and_no_national_ones(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    number, thread = cases["measles"], Delivery.objects.get(unit="municipality:0301").id
    opened(client, number)
    note = {"gjor": "notat", "trad": thread, "notat": f"Ringte {ADA}"}
    refused = client.post(f"/sak/{number}/", note)
    assert refused.status_code == 422
    assert "hører hjemme i nærkontaktlisten" in refused.content.decode()
    assert f"Ringte {ADA}" in refused.content.decode()  # what was typed stands
    client.post(f"/sak/{number}/", note | {"notat": "Ringte 998 87 766"})
    assert "Ringte 998 87 766" in page(client, f"/sak/{number}/")
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
    officer = sign_in("duty-officer")
    duty = page(officer, answered.url)
    assert "Bergen" in duty
    assert f", hendelse {event.id}</span></button>" in page(officer, "/vakt/")
    assert sign_in("municipal-doctor", "0301").get(answered.url).status_code == 404
    client.post(answered.url, {"gjor": "ta-ut", "sak": own})
    conclusion = {"gjor": "avslutt", "konklusjon": "Kyllingen var rå."}
    refused = client.post(answered.url, conclusion)
    assert refused.status_code == 422 and "Kyllingen var rå." in refused.content.decode()
    conclusion["formal"] = "outbreak"
    epidemiologist = sign_in("epidemiologist")
    assert epidemiologist.post(answered.url, conclusion).status_code == 403
    client.post(answered.url, conclusion)
    assert "Kyllingen var rå." in page(client, answered.url)
    assert Event.objects.get().closed_by == "municipal-doctor-4601"
    closed = AccessLogEntry.objects.get(object_kind=f"event closed {event.id}")
    assert closed.purpose == "outbreak"
    again = {"gjor": "gjenapne", "formal": "infection-control"}
    assert officer.post(answered.url, again).status_code == 302
    assert "Gjenåpnet" in page(client, answered.url)


def test_contacts_are_opened_for_a_purpose_and_each_look_is_logged(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    asked = page(client, address)
    assert "Prøvesen" not in asked and 'value="apne">Åpne</button>' in asked
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
    # Exposed three days ago, and entered now: nobody could have said anything before.
    assert "Dager uten melding" not in body
    Contact.objects.update(added_at=timezone.now() - timedelta(days=2))
    assert "Dager uten melding</dt><dd>2<" in page(client, address)
    assert len(about_somebody()) == before + 2
    day = {"gjor": "dag", "kontakt": "1", "dag": DAY.isoformat(), "status": "symptoms"}
    number = body.split('name="kontakt" value="')[1].split('"')[0]
    assert client.post(address, day | {"kontakt": number}).status_code == 302
    assert client.post(address, day | {"kontakt": "987654"}).status_code == 404
    assert "symptomer" in page(client, address)
    other = sign_in("municipal-doctor", "4601")
    assert other.get(address).status_code == 404


def test_a_contact_without_number_is_logged_as_a_look_at_one_without_person(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    for name in ("Åse Prøvesen", "Ola Prøvesen"):
        contact = {
            "gjor": "ny",
            "navn": name,
            "telefon": "12345678",
            "relasjon": "husstand",
            "eksponert": DAY.isoformat(),
        }
        assert client.post(address, contact).status_code == 302
    before = len(about_somebody())
    page(client, address)
    logged = AccessLogEntry.objects.filter(
        object_kind=f"contact without number of case {cases['measles']}"
    ).latest("id")
    assert (logged.object_count, logged.about, logged.purpose) == (2, "", "infection-control")
    assert len(about_somebody()) == before


def test_a_contact_near_the_case_when_it_can_have_infected_nobody_is_kept_and_told(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    ill = next(one.onset for one in list_cases() if one.number == cases["measles"])
    assert ill is not None
    for before, told in ((3, 0), (50, 2)):
        contact = {
            "gjor": "ny",
            "navn": f"Prøve Nummer{'ABCDE'[before % 5]}",
            "relasjon": "husstand",
            "eksponert": (ill - timedelta(days=before)).isoformat(),
        }
        answered = client.post(address, contact)
        assert answered.status_code == 302
        shown = page(client, answered["Location"])
        # Beside the contact, and at the top when it has just been kept.
        assert shown.count("Siste eksponering ligger utenfor dagene") == told


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


def test_another_disease_is_a_question_and_other_units_events_are_not_named(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    duty, client = sign_in("duty-officer"), sign_in("municipal-doctor", "0301")
    address = open_event(duty, type="other", sted="Fløibanen").url
    measles = {"gjor": "ta-med", "sak": cases["measles"]}
    asked = duty.post(address, measles)
    assert asked.status_code == 422 and "Hører den med i hendelsen?" in asked.content.decode()
    assert duty.post(address, measles | {"annen-sykdom": "ja"}).status_code == 302
    shown = opened(client, cases["measles"])
    assert "Fløibanen" not in shown and "hendelse hos en annen enhet" in shown


def test_contact_lists_are_for_those_who_follow_up(
    cases: dict[str, int], sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    address = f"/sak/{cases['measles']}/kontakter/"
    epidemiologist = sign_in("epidemiologist")
    assert epidemiologist.get(address).status_code == 403
    epidemiologist.post(f"/sak/{cases['measles']}/", {"gjor": "apne", "formal": "quality"})
    shown = page(epidemiologist, f"/sak/{cases['measles']}/")
    assert "Nærkontakter: 0" in " ".join(shown.split()) and address not in shown
    duty = sign_in("duty-officer")
    assert duty.post(address, {"gjor": "apne", "formal": "quality"}).status_code == 422
    assert duty.post(address, {"gjor": "apne", "formal": "outbreak"}).status_code == 302
    assert "Legg til en nærkontakt" in page(duty, address)


def test_a_contact_is_corrected_removed_and_handed_over_and_faults_keep_what_was_typed(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    client, number = sign_in("municipal-doctor", "4601"), cases["salmonellosis"]
    address = f"/sak/{number}/kontakter/"
    client.post(address, PURPOSE)
    contact = {
        "gjor": "ny",
        "navn": "Åse Prøvesen",
        "telefon": "998 87 766",
        "nummer": ADA,
        "relasjon": f"mor {CLEO}",
        "eksponert": f"{DAY:%d.%m.%Y}",
    }
    refused = client.post(address, contact)
    body = refused.content.decode()
    assert refused.status_code == 422 and "ingen andre steder" in body
    for typed in ("Åse Prøvesen", "998 87 766", f"{DAY:%d.%m.%Y}"):
        assert f'value="{typed}"' in body, typed
    assert client.post(address, contact | {"relasjon": "mor"}).status_code == 302
    twice = client.post(address, contact | {"relasjon": ""})
    assert "står alt på listen. Åse Prøvesen" in twice.content.decode()
    known = Contact.objects.get()
    one = {"kontakt": known.id}
    tomorrow = f"{timezone.localdate() + timedelta(days=1):%d.%m.%Y}"
    future = client.post(address, one | {"gjor": "dag", "dag": tomorrow, "status": "well"})
    assert future.status_code == 422 and "ikke har vært" in future.content.decode()
    wrong = client.post(address, one | {"gjor": "tilfelle", "sak": number})
    assert wrong.status_code == 422
    assert "tilfellet denne er kontakt til" in wrong.content.decode()
    hand_in(empty_home, salmonella("R7", CLEO, "4601"))
    [third] = {c.number for c in list_cases() if c.disease == "salmonellosis"} - {number}
    wrong = client.post(address, one | {"gjor": "tilfelle", "sak": third})
    assert wrong.status_code == 422 and "gjelder en annen" in wrong.content.decode()
    assert Contact.objects.get().became is None
    correct = {"navn": "Åse Rettet", "nummer": ADA, "eksponert": DAY.isoformat()}
    fields = {f"{name}-{known.id}": value for name, value in correct.items()}
    assert client.post(address, one | {"gjor": "rett"} | fields).status_code == 302
    said = AccessLogEntry.objects.filter(action="change", page="contacts").exclude(about="")
    assert said.order_by("-id")[0].object_kind.endswith("corrected: name phone relation")
    # The case moves: who met the contact keeps it until it is taken over.
    hand_in(empty_home, salmonella("R2", BO, "0301", message="M2b", made=2, service="M"))
    other = sign_in("municipal-doctor", "0301")
    other.post(address, PURPOSE)
    assert "Åse Rettet" in page(client, address) and "Åse Rettet" not in page(other, address)
    assert client.post(address, {"gjor": "be-om"}).status_code == 302
    asked = page(other, address)
    assert "Bergen ber dere ta over" in asked and "Åse Rettet" not in asked
    handover = asked.split('name="overlevering" value="')[1].split('"')[0]
    take = {"gjor": "ta-over", "overlevering": handover}
    assert other.post(address, take).status_code == 302
    assert "Åse Rettet" in page(other, address) and "Åse Rettet" not in page(client, address)
    assert other.post(address, one | {"gjor": "fjern"}).status_code == 422
    assert other.post(address, one | {"gjor": "fjern", "grunn": "double"}).status_code == 302
    assert not Contact.objects.exists()


def test_a_withdrawn_answer_leaves_a_page_that_says_so(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    client, number = sign_in("municipal-doctor", "4601"), cases["salmonellosis"]
    hand_in(empty_home, salmonella("R2", BO, "4601", message="M2c", made=2, service="C"))
    shown = opened(client, number)
    assert "svaret ble trukket av laboratoriet" in shown and "Kvitter" not in shown
    assert "kontakter" in page(client, f"/sak/{number}/kontakter/")
    assert "trukket" in opened(sign_in("duty-officer"), number)
    assert sign_in("municipal-doctor", "0301").get(f"/sak/{number}/").status_code == 404


def test_two_forms_that_disagree_on_where_somebody_lives_are_told_to_whoever_has_the_case(
    cases: dict[str, int], sign_in: SignIn, empty_home: Path
) -> None:
    number = cases["measles"]
    oslo, bergen = sign_in("municipal-doctor", "0301"), sign_in("municipal-doctor", "4601")
    assert "ulike bosteder" not in opened(oslo, number).lower()
    form = notified("Meslinger", "N9", onset="2025-12-05", home="4601", person=ADA, made=9)
    hand_in(empty_home, form)
    assert {one.disease: one.residence for one in list_cases()}["measles"] == "0301"
    assert "Ulike bosteder" in page(oslo, "/innboks/")
    body = opened(oslo, number)
    assert "meldingene er uenige" in body and "Andre meldinger sier: Bergen." in body
    assert "meldingene oppgir ulike bosteder: se saken" in body
    # Whoever has the case may look the person up, though the newest form says another place.
    look = {"nummer": ADA, "formal": "infection-control"}
    for client in (oslo, bergen):
        assert client.post("/oppslag/", look).status_code == 200
    assert bergen.get(f"/sak/{number}/").status_code == 404
    assert sign_in("municipal-doctor", "1103").post("/oppslag/", look).status_code == 404
    # Corrected, the case is another's, and so is the person.
    form = notified("Meslinger", home="4601", onset="2025-12-05", person=ADA, made=10, type="M")
    hand_in(empty_home, form)
    assert "Andre meldinger sier" not in opened(bergen, number)
    assert oslo.post("/oppslag/", look).status_code == 404


def test_the_number_of_reminders_is_that_of_those_that_were_given(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    """A round that comes late gives one for all that were due, and the next goes on from there."""
    client = sign_in("municipal-doctor", "0301")
    remind(timezone.now() - HOURS + timedelta(hours=4))
    body = page(client, "/innboks/")
    assert "<dt>Påminnelser</dt><dd>1</dd>" in body
    assert opened(client, cases["measles"]).count("Påminnet") >= 1
    assert Delivery.objects.get(case=cases["measles"], unit="municipality:0301").reminders > 1
    remind(timezone.now() + timedelta(days=2))
    assert "<dt>Påminnelser</dt><dd>2</dd>" in page(client, "/innboks/")
