"""Cases are chosen for an event from a list of the own ones, and joined or taken out all at once or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from followup.test_events import OSLO, open_one
from followup.test_linking import classes, two
from followup.test_telling import DAY, LATER, salmonella
from register.answers import make_register, send
from register.case_messages import ADA, BO
from varde.followup import choosing, events
from varde.followup.event_disease import say_disease
from varde.followup.events import EventProblem
from varde.followup.models import Contact, Delivery, Entry, Event, EventCase, EventStep
from varde.followup.telling import tell_new
from varde.register import list_cases

pytestmark = pytest.mark.django_db


def two_cities() -> tuple[int, int]:
    """Salmonellosis in Oslo and in Bergen."""
    send(make_register(), salmonella())
    send(make_register(), salmonella(report="R2", message="M2", person=BO, municipality="4601"))
    tell_new(LATER)
    by_home = {one.residence: one.number for one in list_cases()}
    return by_home["0301"], by_home["4601"]


def test_the_list_has_the_own_cases_of_the_disease_in_the_days_of_the_event() -> None:
    oslo, bergen = two_cities()
    first = date(2025, 12, 1)
    event = Event.objects.get(id=open_one(first_day=first))
    own = [one.number for one in choosing.list_candidates(event, OSLO, DAY)]
    assert own == [oslo]
    everybody = choosing.list_candidates(event, "national", DAY)
    assert {one.number for one in everybody} == {oslo, bergen}
    late = Event.objects.get(id=open_one(first_day=first + timedelta(days=60)))
    assert choosing.list_candidates(late, OSLO, DAY) == []
    assert [one.number for one in choosing.list_candidates(late, OSLO, DAY, whole=True)] == [oslo]
    other = Event.objects.get(id=open_one(first_day=first, disease="measles"))
    assert choosing.list_candidates(other, OSLO, DAY) == []
    unknown = Event.objects.get(id=open_one(first_day=first, disease="", kind="institution"))
    assert [one.number for one in choosing.list_candidates(unknown, OSLO, DAY)] == [oslo]
    events.join(event.id, oslo, "kari", LATER, register=make_register())
    assert choosing.list_candidates(event, OSLO, DAY) == []


def test_several_are_joined_and_taken_out_with_a_reason_or_none_of_them() -> None:
    oslo, bergen = two_cities()
    event, register = open_one(), make_register()

    def join(cases: list[int], why: str) -> list[int]:
        return choosing.join_all(event, cases, "kari", LATER, register=register, why=why)

    for cases, why, code in (
        ([oslo], " ", "why"),
        ([oslo], f"Kjenner {ADA}", "identity"),
        ([], "Samme middag", "none"),
        ([oslo, 987_654], "Samme middag", "no-case"),
    ):
        with pytest.raises(EventProblem) as caught:
            join(cases, why)
        assert caught.value.code == code and not EventCase.objects.exists()
    assert join([bergen, oslo], "Samme middag") == sorted([oslo, bergen])
    assert join([oslo], "Igjen") == []
    assert {one.joined_why for one in events.steps_of(event)} == {"Samme middag"}
    gone = choosing.leave_all(
        event, [oslo], "ola", LATER, register=register, why="Var ikke der likevel"
    )
    assert gone == [oslo] and [one.number for one in events.cases_in(event)] == [bergen]
    assert choosing.taken_out_of(event, [oslo, bergen]) == {oslo}
    assert EventCase.objects.get(case=oslo).left_why == "Var ikke der likevel"


def test_a_disease_that_is_said_later_makes_links_count_and_another_takes_them_back() -> None:
    register = make_register()
    confirmed, ill = two(register)
    event = events.open_event(
        events.Opening(
            kind="food",
            unit=OSLO,
            place="Fjordkroa",
            first_day=date(2025, 11, 1),
            description="Flere er syke",
        ),
        "kari",
        LATER,
    )
    choosing.join_all(event, [confirmed, ill], "kari", LATER, register=register, why="Middag")
    Contact.objects.create(
        event=event, sealed=b"", relation="", last_exposure=DAY, days=14, added_at=LATER
    )
    assert classes()[ill] == "suspected"

    def say(disease: str) -> bool:
        return say_disease(event, disease, "kari", LATER, register=register, purpose="outbreak")

    with pytest.raises(EventProblem):
        say("no-such-disease")
    assert say("salmonellosis") and not say("salmonellosis")
    assert classes() == {confirmed: "confirmed", ill: "probable"}
    assert Contact.objects.get().days == 7
    assert {one.disease for one in Delivery.objects.filter(event=event)} == {"salmonellosis"}
    assert '"disease":["","salmonellosis"]' in Entry.objects.filter(what="changed")[0].detail
    assert say("campylobacteriosis") and classes()[ill] == "suspected"
    assert [one.text for one in EventStep.objects.all()] == ["salmonellosis", "campylobacteriosis"]
    events.close_event(event, "Kyllingen var rå.", "kari", LATER)
    with pytest.raises(EventProblem, match="closed"):
        say("salmonellosis")
