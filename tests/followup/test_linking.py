"""What is done about cases is evidence: events and contacts state links, and take them back; killed, nothing is half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from followup.test_events import opening
from followup.test_telling import LATER
from register.answers import KEYS, answer, make_register, register_state, send
from register.case_messages import ADA, BO, MEASLES, SALMONELLA, STOOL, notified
from varde.followup import contacts, events
from varde.followup.contacts import ContactBook, Who
from varde.followup.linking import find_contacts, find_unlikely, find_unlinked
from varde.followup.models import Contact, EventCase
from varde.followup.running import run
from varde.followup.telling import tell_new
from varde.register import Link, Register, links_by_contacts, list_cases, state_link, withdraw_links

TESTS = Path(__file__).parents[1]
DAY = date(2025, 12, 4)


def classes() -> dict[int, str]:
    return {one.number: one.classification for one in list_cases()}


def two(register: Register, disease: str = "Salmonellose", **found: object) -> tuple[int, int]:
    """A confirmed case and a suspected one."""
    given = {"organism": SALMONELLA, **STOOL} | found
    send(
        register,
        answer("R1", "M1", person=ADA, day="2025-12-05", **given),  # type: ignore[arg-type]
        notified(disease, person=BO, onset="2025-12-08"),
    )
    tell_new(LATER)
    by_class = {one.classification: one.number for one in list_cases()}
    return by_class["confirmed"], by_class["suspected"]


@pytest.mark.django_db
def test_a_case_in_an_event_of_its_disease_is_linked_and_one_taken_out_is_not() -> None:
    register = make_register()
    confirmed, ill = two(register)
    event = events.open_event(opening(first_day=date(2025, 11, 1)), "kari", LATER)
    for case in (confirmed, ill):
        assert events.join(event, case, "kari", LATER, register=register, purpose="outbreak")
    assert classes() == {confirmed: "confirmed", ill: "probable"}
    assert events.leave(event, ill, "kari", LATER, register=register)
    assert classes()[ill] == "suspected"
    events.join(event, ill, "kari", LATER, register=register)
    events.close_event(event, "Kyllingen var rå.", "kari", LATER)
    events.reopen_event(event, "kari", LATER)
    assert classes()[ill] == "probable", "closed or open again, they were there"
    send(register, answer("R1", "M2", service="C", made=2, person=ADA))
    assert classes() == {ill: "suspected"}


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{"disease": ""}, {"disease": "measles"}])
def test_an_event_of_no_disease_or_another_links_nobody(said: dict[str, str]) -> None:
    register = make_register()
    confirmed, ill = two(register)
    event = events.open_event(opening(**said), "kari", LATER)
    for case in (confirmed, ill):
        events.join(event, case, "kari", LATER, register=register, other_disease=True)
    assert classes()[ill] == "suspected"


@pytest.mark.django_db
def test_a_disease_that_goes_from_person_to_person_asks_who_not_where() -> None:
    register = make_register()
    confirmed, ill = two(register, "Meslinger", organism="", searches=[MEASLES])
    event = events.open_event(opening(kind="institution", disease="measles"), "kari", LATER)
    for case in (confirmed, ill):
        events.join(event, case, "kari", LATER, register=register)
    assert classes()[ill] == "suspected"


def add(source: int, number: str = BO, day: date = DAY) -> int:
    who = Who(name="Syntetisk Kontakt", number=number)
    at = LATER - timedelta(days=250)
    return ContactBook(KEYS).add(who, "husstand", day, "kari", at, case=source, disease="measles")


@pytest.mark.django_db
def test_a_contact_whose_number_has_a_case_is_linked_by_a_round_and_not_again_when_taken_back() -> (
    None
):
    register = make_register()
    confirmed, ill = two(register, "Meslinger", organism="", searches=[MEASLES])
    contact = add(confirmed, day=date(2025, 12, 10))  # still near when already ill
    assert find_contacts(register, LATER - timedelta(days=200)) == 1
    assert classes()[ill] == "probable"
    [link] = links_by_contacts([contact])
    assert (link.stated_by, link.day, link.to_case) == ("", date(2025, 12, 8), confirmed)
    withdraw_links(register, [link.id], by="ola", at=LATER)
    assert find_contacts(register, LATER - timedelta(days=200)) == 0
    assert classes()[ill] == "suspected"
    said = {"register": register, "by": "kari", "purpose": "outbreak", "now": LATER}
    contacts.became_case(contact, ill, **said)  # type: ignore[arg-type]
    assert classes()[ill] == "probable"


@pytest.mark.django_db
def test_a_round_links_before_it_ends_and_tells_what_became_of_the_case() -> None:
    register = make_register()
    form = notified("Meslinger", person=BO, onset="2025-12-08")
    found = answer("R1", "M1", person=ADA, day="2025-12-05", organism="", searches=[MEASLES])
    send(register, found)
    at = LATER - timedelta(days=200)
    run(at, register)
    [source] = classes()
    add(source)
    send(register, form)
    run(at, register)
    assert sorted(classes().values()) == ["confirmed", "probable"]
    assert run(at, register).cases == 0


@pytest.mark.django_db
def test_an_exposure_long_before_or_after_is_no_link() -> None:
    register = make_register()
    confirmed, ill = two(register, "Meslinger", organism="", searches=[MEASLES])
    for day in (date(2025, 11, 1), date(2026, 1, 20)):
        contact = add(confirmed, day=day)
        assert find_contacts(register, LATER - timedelta(days=200)) == 0
        said = {"register": register, "by": "kari", "now": LATER}
        assert contacts.remove(contact, **said)  # type: ignore[arg-type]
    assert classes()[ill] == "suspected"


KILLED = """
import sys
from varde.cli import start_django
start_django()
from followup.test_telling import LATER
from register.answers import make_register
from varde.followup import events
from varde.register.casework import linking
event, case = map(int, sys.argv[1:])
def stop(*given, **more):
    work_out_only(*given, **more)
    print("in the middle", flush=True)
    sys.stdin.read()
work_out_only, linking.work_out_only = linking.work_out_only, stop
events.join(event, case, "kari", LATER, register=make_register())
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nobody_is_in_the_event_or_linked(
    register: Register, tmp_path: Path
) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("another process does not see the database of the tests")
    confirmed, ill = two(make_register())
    event = events.open_event(opening(), "kari", LATER)
    events.join(event, confirmed, "kari", LATER, register=make_register())
    before = register_state()
    connection.close()
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environment = os.environ | {"VARDE_HOME": str(tmp_path), "DATABASE_URL": "", "PYTHONPATH": path}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(event), str(ill)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert register_state() == before
    assert list(EventCase.objects.values_list("case", flat=True)) == [confirmed]
    assert events.join(event, ill, "kari", LATER, register=make_register())
    assert classes()[ill] == "probable"
    # A link by hand to the same event is the event's only in part: leaving takes back what joining stated.
    said = Link(ill, "human", DAY, confirmed)
    state_link(make_register(), said, by="kari", purpose="outbreak", at=LATER)
    assert events.leave(event, ill, "kari", LATER, register=make_register())
    assert classes()[ill] == "probable"


@pytest.mark.django_db
def test_a_contact_who_fell_ill_before_the_case_or_past_the_incubation_is_no_evidence() -> None:
    register = make_register()
    confirmed, ill = two(register, "Meslinger", organism="", searches=[MEASLES])
    said = {"register": register, "by": "kari", "purpose": "outbreak", "now": LATER}
    early = add(confirmed, number="", day=date(2025, 11, 10))  # 28 days before falling ill
    contacts.became_case(early, ill, **said)  # type: ignore[arg-type]
    [why] = find_unlinked(register, [Contact.objects.get(id=early)]).values()
    assert why == ("window", date(2025, 11, 17), date(2025, 12, 29))
    near = add(confirmed, number="", day=date(2025, 12, 7))
    contacts.became_case(near, ill, **said)  # type: ignore[arg-type]
    assert classes()[ill] == "probable"
    send(register, notified("Meslinger", "N2", person=ADA, onset="2025-12-09"))
    assert classes()[ill] == "suspected"
    contacts.follow_correction(near, **said)  # type: ignore[arg-type]
    [why] = find_unlinked(register, [Contact.objects.get(id=near)]).values()
    assert why.why == "later"
    assert find_unlikely(register, [Contact.objects.get(id=near)]) == {}
    absurd = Contact.objects.get(id=add(confirmed, number="", day=date(2025, 10, 1)))
    assert find_unlikely(register, [absurd]) == {
        absurd.id: (confirmed, date(2025, 12, 5), date(2025, 12, 17))
    }
