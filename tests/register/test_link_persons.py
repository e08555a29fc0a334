"""A link goes with the case that it was stated of, whoever that is found to be."""

from __future__ import annotations

from datetime import date

import pytest

from register.answers import NOW, answer, clock, send
from register.case_messages import ADA, BO, SALMONELLA, STOOL, notified
from register.test_identities import BY, question
from register.told import linked_register
from varde.register import (
    Link,
    Register,
    decide_question,
    links_of,
    list_cases,
    pseudonym_of,
    replay,
    state_link,
    undo_decision,
)

pytestmark = pytest.mark.django_db
DAY = date(2025, 12, 5)


def state(register: Register, case: int, to: int) -> int:
    said = Link(case, "human", DAY, to)
    return state_link(register, said, by="kari", purpose="outbreak", at=NOW)


def test_two_that_are_found_to_be_one_are_no_link_and_are_again_when_parted() -> None:
    register = linked_register()
    asked = question(register)
    source, other = sorted(one.number for one in list_cases())
    send(register, notified("Salmonellose", person=BO, onset="2025-12-08"))
    [ill] = [one.number for one in list_cases() if one.classification == "suspected"]
    state(register, ill, source)
    state(register, other, source)  # itself, as will be found
    assert [one.counts for one in links_of(register, [ill, other])] == [True, True]
    ruling = decide_question(register, asked, same=True, **BY)
    joined = {one.number: one.classification for one in list_cases()}
    assert joined == {source: "confirmed", ill: "probable"}
    assert [one.counts for one in links_of(register, [ill, other])] == [True, False]
    replay(register, clock)
    assert {one.number: one.classification for one in list_cases()} == joined
    undo_decision(register, ruling, **BY)
    assert [one.counts for one in links_of(register, [ill, other])] == [True, True]
    assert len(list_cases()) == 3


CLEO = "03815000276"


def test_it_stays_with_the_person_when_the_report_is_written_over_with_another() -> None:
    """Who was near whom was said of somebody, not of whoever a form is about later."""
    register = linked_register()
    found = {"organism": SALMONELLA, **STOOL}
    send(register, answer("R1", "M1", person=ADA, **found))  # type: ignore[arg-type]
    send(register, notified("Salmonellose", person=BO, onset="2025-12-08"))
    by_class = {one.classification: one.number for one in list_cases()}
    ill, source = by_class["suspected"], by_class["confirmed"]
    link = state(register, ill, source)
    send(register, notified("Salmonellose", person=CLEO, onset="2025-12-08", made=8))
    after = {one.number: one.classification for one in list_cases()}
    assert after.pop(source) == "confirmed"
    assert ill not in after and list(after.values()) == ["suspected"]
    assert links_of(register, list(after)) == []
    replay(register, clock)
    assert {one.number: one.classification for one in list_cases()} == after | {source: "confirmed"}
    # The first person's form under another number: the link was about that person.
    send(register, notified("Salmonellose", "N9", person=BO, onset="2025-12-08"))
    [probable] = [one for one in list_cases() if one.classification == "probable"]
    assert probable.number not in after
    assert [(one.link.id, one.counts) for one in links_of(register, [ill])] == [(link, True)]


def test_it_follows_a_report_about_a_person_who_got_a_number() -> None:
    register = linked_register()
    found = {"organism": SALMONELLA, **STOOL}
    send(register, answer("R1", "M1", person=ADA, **found))  # type: ignore[arg-type]
    send(register, notified("Salmonellose", person=None, onset="2025-12-08"))
    by_class = {one.classification: one.number for one in list_cases()}
    state(register, by_class["suspected"], by_class["confirmed"])
    before = pseudonym_of(by_class["suspected"])
    send(register, notified("Salmonellose", person="01818000282", onset="2025-12-08", made=8))
    [probable] = [one.number for one in list_cases() if one.classification == "probable"]
    assert probable == by_class["suspected"] and pseudonym_of(probable) != before
    assert [one.counts for one in links_of(register, [probable])] == [True]


def test_when_every_report_of_a_case_is_gone_the_person_is_still_at_that_end() -> None:
    register = linked_register()
    found = {"organism": SALMONELLA, **STOOL}
    send(register, answer("R1", "M1", person=ADA, **found))  # type: ignore[arg-type]
    send(register, notified("Salmonellose", person=BO, onset="2025-12-08"))
    by_class = {one.classification: one.number for one in list_cases()}
    ill = by_class["suspected"]
    state(register, ill, by_class["confirmed"])
    send(register, answer("R1", "M2", service="C", made=2, person=ADA))
    assert [one.counts for one in links_of(register, [ill])] == [False]
    # The same answer under another number, as some systems correct it.
    send(register, answer("R9", "M3", person=ADA, **found))  # type: ignore[arg-type]
    assert [one.counts for one in links_of(register, [ill])] == [True]
    send(register, answer("R9", "M4", service="C", made=2, person=ADA))
    send(register, answer("R8", "M5", person=ADA, **found | {"day": "2023-12-05"}))  # type: ignore[arg-type]
    assert [one.counts for one in links_of(register, [ill])] == [False]
