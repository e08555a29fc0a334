"""Events: opened and told of, joined and left, closed; identity numbers refused; the curve."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from followup.test_telling import DAY, LATER, salmonella
from register.answers import make_register, send
from register.case_messages import ADA, BO
from varde.followup import events
from varde.followup.events import EventProblem, Opening
from varde.followup.models import Delivery, EventCase
from varde.followup.telling import tell_new
from varde.register import ListedCase, list_cases

pytestmark = pytest.mark.django_db
OSLO = "municipality:0301"


def opening(**said: Any) -> Opening:
    usual = {
        "kind": "food",
        "disease": "salmonellosis",
        "unit": OSLO,
        "place": "Fjordkroa",
        "first_day": date(2026, 10, 30),
        "description": "Flere er syke",
    }
    return Opening(**usual | said)


def open_one(**said: Any) -> int:
    return events.open_event(opening(**said), "kari", LATER)


def two_cases() -> list[int]:
    send(make_register(), salmonella())
    send(make_register(), salmonella(report="R2", message="M2", person=BO, day="2025-12-07"))
    tell_new(LATER)
    return [case.number for case in list_cases()]


def test_an_outbreak_from_food_is_told_at_once_to_both_authorities() -> None:
    event = open_one()
    told = {one.unit: (one.at_once, one.due_at, one.kind) for one in Delivery.objects.all()}
    assert told == {
        "national": (True, LATER, "event"),
        "food-safety": (True, LATER, "event"),
    }
    other = open_one(kind="institution", disease="")
    assert [one.unit for one in Delivery.objects.filter(event=other)] == ["national"]
    assert [one.id for one in events.list_events(OSLO, DAY)] == [other, event]
    assert events.list_events("municipality:4601", DAY) == []
    assert len(events.list_events("national", DAY)) == 2  # it was told of both


def test_whoever_opened_an_event_is_not_told_of_it() -> None:
    open_one(unit="national")
    assert [one.unit for one in Delivery.objects.all()] == ["food-safety"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "war"}, "kind"),
        ({"disease": "no-such-disease"}, "disease"),
        ({"first_day": date(2026, 11, 2)}, "day"),
        ({"first_day": date(1990, 1, 1)}, "day"),
        ({"place": " "}, "empty"),
        ({"description": ""}, "empty"),
        ({"description": f"Han heter {ADA}"}, "identity"),
        ({"place": f"{ADA[:6]} {ADA[6:]}"}, "identity"),
    ],
)
def test_what_cannot_be_kept_is_refused(said: dict[str, Any], code: str) -> None:
    with pytest.raises(EventProblem) as caught:
        open_one(**said)
    assert caught.value.code == code
    assert Delivery.objects.count() == 0 and events.list_events(None, DAY) == []


def test_cases_join_and_leave_and_that_they_did_stays_known() -> None:
    first, second = two_cases()
    event = open_one()
    assert events.join(event, first, "kari", LATER, register=make_register()) and events.join(
        event, second, "kari", LATER, register=make_register()
    )
    assert not events.join(event, first, "kari", LATER, register=make_register())
    assert events.leave(event, second, "ola", LATER + timedelta(hours=1), register=make_register())
    assert not events.leave(event, second, "ola", LATER, register=make_register())
    assert [case.number for case in events.cases_in(event)] == [first]
    steps = [(one.case, one.joined_by, one.left_by) for one in events.steps_of(event)]
    assert steps == [(first, "kari", ""), (second, "kari", "ola")]
    assert events.join(event, second, "kari", LATER, register=make_register())
    assert EventCase.objects.count() == 3
    assert [one.id for one in events.events_of(first)] == [event]
    with pytest.raises(EventProblem, match="no case"):
        events.join(event, 999, "kari", LATER, register=make_register())


def test_a_closed_event_takes_nobody_in_and_its_threads_are_settled() -> None:
    first, _ = two_cases()
    event = open_one()
    for words, code in ((" ", "empty"), (f"Det var {ADA}", "identity")):
        with pytest.raises(EventProblem) as caught:
            events.close_event(event, words, "kari", LATER)
        assert caught.value.code == code
    assert events.close_event(event, "Kyllingen var rå.", "kari", LATER)
    assert not events.close_event(event, "Igjen", "kari", LATER)
    assert {one.state for one in Delivery.objects.filter(event=event)} == {"settled"}
    with pytest.raises(EventProblem, match="closed"):
        events.join(event, first, "kari", LATER, register=make_register())
    assert events.list_events(None, DAY, closed=False) == []


def case(day: date, classification: str = "confirmed") -> ListedCase:
    return ListedCase(
        number=1, disease="salmonellosis", classification=classification, presentation="",
        first_day=day, onset=None, imported="no", form_missing=False, residence="0301", stay="",
        infected_in="", sex="", age=None,
    )  # type: ignore[arg-type]  # fmt: skip


def test_the_curve_has_every_day_and_over_a_long_time_every_week() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 4)]
    counted = events.curve([case(day) for day in days] + [case(days[0], "suspected")])
    assert [(day.day, dict(values)) for day, values in counted.items()] == [
        (1, {"confirmed": 2, "suspected": 1}),
        (2, {}),
        (3, {}),
        (4, {"confirmed": 1}),
    ]
    weeks = events.curve([case(date(2026, 1, 1)), case(date(2026, 6, 3))])
    assert all(day.weekday() == 0 for day in weeks) and len(weeks) == 23
    assert sum(sum(values.values()) for values in weeks.values()) == 2
    assert events.curve([]) == {}


def test_an_event_is_opened_again_and_a_case_is_taken_out_of_a_closed_one() -> None:
    first, _ = two_cases()
    event = open_one()
    events.join(event, first, "kari", LATER, register=make_register())
    events.close_event(event, "Kyllingen var rå.", "kari", LATER, "outbreak")
    assert (
        events.leave(event, first, "kari", LATER, register=make_register())
        and events.cases_in(event) == []
    )
    assert events.reopen_event(event, "vakt", LATER, "outbreak")
    assert not events.reopen_event(event, "vakt", LATER, "outbreak")
    assert {one.state for one in Delivery.objects.filter(event=event)} == {"standing"}
    turns = [(one.what, one.by, one.purpose, one.text) for one in events.turns_of(event)]
    assert turns == [
        ("closed", "kari", "outbreak", "Kyllingen var rå."),
        ("reopened", "vakt", "outbreak", ""),
    ]


def test_another_disease_is_joined_only_when_somebody_means_it() -> None:
    first, _ = two_cases()
    event = open_one(disease="measles")
    with pytest.raises(EventProblem) as caught:
        events.join(event, first, "kari", LATER, register=make_register())
    assert caught.value.code == "other-disease"
    assert events.join(event, first, "kari", LATER, other_disease=True, register=make_register())


def test_what_is_too_long_is_told_and_not_cut() -> None:
    for said in ({"place": "a" * 121}, {"description": "a" * 4001}):
        with pytest.raises(EventProblem) as caught:
            open_one(**said)
        assert caught.value.code == "long"
