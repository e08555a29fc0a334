"""An event's page: cases chosen from a list, its disease said later, what it may be from; its line list and file."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from messages.numbers import make_number
from register.case_messages import ADA, BO
from varde.access.models import AccessLogEntry
from varde.followup.models import Event, EventCase, EventExposure, EventSample
from varde.register import list_cases
from web.test_followup_pages import (
    DAY,
    PURPOSE,
    SignIn,
    about_somebody,
    cases,
    hand_in,
    open_event,
    page,
    salmonella,
)

pytestmark = pytest.mark.django_db
__all__ = ["cases"]


@pytest.fixture
def outbreak(empty_home: Path, sign_in: SignIn) -> tuple[Client, str, dict[str, int]]:
    """Two cases in Bergen and one in Oslo; Bergen has opened an event of an unknown agent."""
    hand_in(
        empty_home,
        salmonella("R2", BO, "4601"),
        salmonella("R3", ADA, "0301"),
    )
    client = sign_in("municipal-doctor", "4601")
    address = open_event(client, sykdom="", dag=(DAY.replace(day=1)).isoformat()).url
    return client, address, {one.residence: one.number for one in list_cases()}


def test_own_cases_are_ticked_and_joined_at_once_and_the_disease_is_said_later(
    outbreak: tuple[Client, str, dict[str, int]], sign_in: SignIn
) -> None:
    client, address, found = outbreak
    own, other = found["4601"], found["0301"]
    body = page(client, f"{address}?saker=alle")
    assert "Utbrudd, ukjent agens" in body
    assert f'value="{own}"' in body and f'value="{other}"' not in body
    join = {"gjor": "ta-med-valgte", "saker": [own], "grunn": "Samme middag"}
    for wrong, said in (
        (join | {"grunn": ""}, "Oppgi hvorfor"),
        (join | {"saker": []}, "minst ett tilfelle"),
        (join | {"saker": [own, other]}, "ikke noe tilfelle med dette nummeret"),
    ):
        refused = client.post(address, wrong)
        assert refused.status_code == 422 and not EventCase.objects.exists()
        assert said in refused.content.decode(), said
    assert client.post(address, join).status_code == 302
    event = Event.objects.get().id
    assert about_somebody() == [("events", f"case {own} joined to event {event}", "outbreak")]
    assert "Samme middag" in page(client, address)
    said = {"gjor": "sykdom", "sykdom": "salmonellosis"}
    assert client.post(address, said).status_code == 422
    assert client.post(address, said | {"formal": "outbreak"}).status_code == 302
    assert Event.objects.get().disease == "salmonellosis"
    assert "Sykdom satt" in page(client, address)
    stranger = sign_in("municipal-doctor", "0301")
    assert stranger.post(address, said | {"formal": "outbreak"}).status_code == 404
    officer = sign_in("epidemiologist")
    assert officer.post(address, said | {"formal": "outbreak"}).status_code == 403
    out = {"gjor": "ta-ut-valgte", "saker": [own], "grunn": "Var ikke der"}
    assert client.post(address, out).status_code == 302
    assert "ble tatt ut" in page(client, f"{address}?saker=alle")


def test_a_reason_that_cannot_be_kept_stands_as_it_was_typed(
    outbreak: tuple[Client, str, dict[str, int]],
) -> None:
    client, address, found = outbreak
    own = found["4601"]
    client.post(address, {"gjor": "ta-med", "sak": own})
    out = {"gjor": "ta-ut-valgte", "saker": [own], "grunn": f"Var {ADA}"}
    refused = client.post(address, out).content.decode()
    assert f'value="Var {ADA}"' in refused.split('id="grunn-ut"')[1].split(">")[0]
    assert refused.count(f"Var {ADA}") == 1


def test_an_event_of_another_disease_than_its_cases_is_a_question_and_they_are_not_counted(
    outbreak: tuple[Client, str, dict[str, int]],
) -> None:
    client, address, found = outbreak
    client.post(address, {"gjor": "ta-med", "sak": found["4601"]})
    assert "annen sykdom" not in page(client, address) and "<svg" in page(client, address)
    said = {"gjor": "sykdom", "sykdom": "measles", "formal": "outbreak"}
    asked = client.post(address, said)
    body = " ".join(asked.content.decode().split())
    assert asked.status_code == 422 and Event.objects.get().disease == ""
    assert "1 av 1 tilfeller i hendelsen er av en annen sykdom (Salmonellose)" in body
    assert 'name="andre-sykdommer" value="ja"' in body
    assert client.post(address, said | {"andre-sykdommer": "ja"}).status_code == 302
    assert client.post(address, said).status_code == 302  # nothing new is asked
    body = page(client, address)
    curve = body.split('id="curve-heading"')[1].split("</section>")[0]
    assert "<svg" not in curve and "1 tilfelle av en annen sykdom" in curve
    assert body.count("annen sykdom</span>") == 1
    assert 'class="number" data-label="Tilfeller">0<' in page(client, "/hendelser/")
    client.post(f"{address}linjeliste/", PURPOSE)
    lines = page(client, f"{address}linjeliste/")
    assert "Debut, eller første prøve eller melding" in body and "Debut, eller" in lines
    dates = [one.split("prøve eller melding</span>")[0][-60:] for one in (body, lines)]
    assert len({one.split("<span>")[1][:10] for one in dates}) == 1
    assert "Salmonellose" in lines and lines.count("annen sykdom</span>") == 1
    client.post(address, said | {"sykdom": "salmonellosis"})
    assert "annen sykdom</span>" not in page(client, address)


def test_exposures_have_attack_rates_and_what_was_typed_stands_when_it_cannot_be_kept(
    outbreak: tuple[Client, str, dict[str, int]], sign_in: SignIn
) -> None:
    client, address, _ = outbreak
    counts = {"spist-syk": "8", "spist-frisk": "2", "ikke-syk": "1", "ikke-frisk": "9"}
    salad = {"gjor": "eksponering", "hva": "Kyllingsalat", "hvor": "Fjordkroa", "dag": ""}
    refused = client.post(address, salad | counts | {"ikke-syk": "en"})
    assert refused.status_code == 422 and 'value="Kyllingsalat"' in refused.content.decode()
    assert client.post(address, salad | counts).status_code == 302
    nobody = {"hva": "Kake", "ikke-syk": "0"}
    assert client.post(address, salad | counts | nobody).status_code == 302
    sample = {"gjor": "prove", "hva": "Salatrest", "dag": f"{DAY:%d.%m.%Y}"}
    assert client.post(address, sample | {"svar": "Salmonella"}).status_code == 422
    assert client.post(address, sample).status_code == 302
    number = EventSample.objects.get().id
    answered = {"prove": number, "svar": "Salmonella påvist", "svardag": f"{DAY:%d.%m.%Y}"}
    assert client.post(address, sample | answered).status_code == 302
    body = " ".join(page(client, address).split())
    table = body.split("<table")[1:]
    counted = next(one for one in table if "Kyllingsalat" in one)
    assert counted.index("Kake") < counted.index("Kyllingsalat")  # the least likely by chance
    for shown in ("+70 prosentpoeng", "0,005", "< 0,001"):
        assert shown in counted.replace("&lt;", "<"), shown
    for shown in ("80 % (8 av 10)", "10 % (1 av 10)", "95 % intervall", "kan ikke regnes ut"):
        assert shown in body, shown
    assert "Salmonella påvist" in body
    epidemiologist = sign_in("epidemiologist")
    assert "Kyllingsalat" in page(epidemiologist, address)
    assert epidemiologist.post(address, salad | counts).status_code == 403
    cake = EventExposure.objects.get(what="Kake").id
    assert client.post(address, salad | {"hva": "kake"}).status_code == 422
    remove = {"gjor": "fjern", "eksponering": cake}
    asked = client.post(address, remove)
    assert asked.status_code == 422 and "Fjerne Kake" in asked.content.decode()
    assert 'name="sikker" value="ja"' in asked.content.decode()
    assert epidemiologist.post(address, remove).status_code == 403
    assert EventExposure.objects.filter(what="Kake").exists()
    asked = client.post(address, {"gjor": "fjern", "prove": number})
    assert "Fjerne prøven Salatrest" in asked.content.decode() and EventSample.objects.exists()
    assert client.post(address, remove | {"sikker": "ja"}).status_code == 302
    assert not EventExposure.objects.filter(what="Kake").exists()


def test_a_child_is_called_the_same_in_the_line_list_and_its_file(
    empty_home: Path, sign_in: SignIn
) -> None:
    born = date(2019, 3, 17)
    child = next(each for serial in range(501, 999, 2) if (each := make_number(born, serial)))
    hand_in(empty_home, salmonella("R2", child, "4601"))
    client = sign_in("municipal-doctor", "4601")
    address = open_event(client).url
    client.post(address, {"gjor": "ta-med", "sak": list_cases()[0].number})
    client.post(f"{address}linjeliste/", PURPOSE)
    assert 'data-label="Kjønn">gutt<' in page(client, f"{address}linjeliste/")
    rows = client.get(f"{address}linjeliste.csv").content.decode("utf-8-sig").splitlines()
    assert rows[1].split(",")[6] == "gutt"


def test_the_line_list_has_nobodys_number_and_each_line_is_a_look(
    outbreak: tuple[Client, str, dict[str, int]], sign_in: SignIn
) -> None:
    client, address, found = outbreak
    own, other = found["4601"], found["0301"]
    lines, file = f"{address}linjeliste/", f"{address}linjeliste.csv"
    client.post(address, {"gjor": "ta-med", "sak": own})
    sign_in("duty-officer").post(address, {"gjor": "ta-med", "sak": other})
    client.post(address, {"gjor": "eksponering", "hva": "=Salat"})
    client.post(address, {"gjor": "prove", "hva": "Salatrest", "dag": f"{DAY:%d.%m.%Y}"})
    salad = EventExposure.objects.get().id
    assert "Bergen" not in page(client, lines).split("<main")[1]
    assert client.get(file).url == lines  # type: ignore[attr-defined]
    assert client.post(lines, PURPOSE).status_code == 302
    before = len(about_somebody())
    body = page(client, lines)
    event = Event.objects.get().id
    assert about_somebody()[before:] == [
        ("contacts", f"line of event {event}", "infection-control")
    ]
    assert "Bergen" in body and "Oslo" not in body.split("<main")[1]
    assert "Salatrest" in body and "ikke noe svar ennå" in body
    refused = client.post(lines, {"gjor": "svar", f"svar-{other}-{salad}": "yes"})
    assert refused.status_code == 422
    assert client.post(lines, {f"svar-{own}-{salad}": "yes"}).status_code == 302
    assert about_somebody()[-1][1] == f"exposures of case {own} in event {event}"
    answered = client.get(file)
    assert AccessLogEntry.objects.filter(action="download", page="contacts").count() == 2
    text = answered.content.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert header[-2:] == ["'=Salat", "Merknad"] and len(rows) == 2
    by_case = {row[0]: row for row in rows}
    assert by_case[str(own)][7:] == [
        "Bergen",
        "ja",
        f"Ikke til offentliggjøring: for enheten som følger opp hendelse {event}",
    ]
    assert by_case[str(other)][5:9] == ["", "", "et annet område", ""]
    assert ADA not in text and BO not in text
    for role, area, status in (
        ("municipal-doctor", "0301", 404),
        ("epidemiologist", "", 403),
    ):
        stranger = sign_in(role, area)
        assert [stranger.get(each).status_code for each in (lines, file)] == [status, status]
