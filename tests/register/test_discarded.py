"""A suspected case that answers speak against: discarded, in any order, taken back by a finding, and counted nowhere."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, MEASLES, notified
from varde.codes import CodeMap
from varde.followup.inbox import (
    changes_in,
    is_overdue,
    list_inbox,
    list_to_call,
    list_unanswered,
    read_entries,
)
from varde.followup.models import Delivery
from varde.followup.reminding import Reminded, remind
from varde.followup.tables import tables
from varde.followup.telling import tell_new
from varde.register import (
    KnownCase,
    current_cases,
    describe_evidence,
    list_cases,
    read_case,
    read_register,
    reclassify,
    replay,
)
from varde.web.pages.followup.case import describe_piece

pytestmark = pytest.mark.django_db

EVERYTHING = msgspec.structs.replace(tables(), history=())
SERUM = {"free": "Serum", "coded_as": None}
FORM = notified("Meslinger", onset="2025-11-25", picture="00", home="4601")
ABSENT = answer(
    organism="", answered=[(MEASLES, "Ikke påvist")], person=ADA, day="2025-12-05", **SERUM
)
FOUND = answer("R2", "M2", organism="", searches=[MEASLES], person=ADA, day="2025-12-08", made=3)


def known() -> KnownCase:
    [one] = list_cases()
    found = read_case(one.number)
    assert isinstance(found, KnownCase)
    return found


def test_in_any_order_it_is_discarded_and_a_finding_takes_that_back() -> None:
    for files in permutations([FORM, ABSENT]):
        register = make_register()
        for data in files:
            send(register, data)
    found = known()
    assert (found.listed.classification, found.case.rule) == ("discarded", ("igm-absent",))
    [reason] = [one for one in found.case.reasons if one.criterion == "igm-absent"]
    [piece] = describe_evidence(reason.evidence).values()
    assert (piece.kind, piece.not_found, piece.material, piece.day) == (
        "laboratory",
        (("measles-virus", "antibody-igm"),),
        "serum",
        date(2025, 12, 5),
    )
    assert sorted(one.part for one in found.sources) == [-1, 0]
    send(register, FOUND)
    assert known().listed.classification == "confirmed"
    send(register, answer("R2", "M3", service="C", made=4, person=ADA))
    assert known().listed.classification == "discarded"
    # Taken back, the answer speaks against nothing.
    send(register, answer("R1", "M4", service="C", made=5, person=ADA))
    assert known().listed.classification == "suspected"


def test_a_preliminary_answer_discards_nothing_and_the_final_one_does() -> None:
    register = make_register()
    said: dict[str, Any] = {"answered": [(MEASLES, "Ikke påvist")], "person": ADA, **SERUM}
    send(register, FORM, answer(organism="", status="P", day="2025-12-05", **said))
    assert known().listed.classification == "suspected"
    send(register, answer("R1", "M2", organism="", made=2, day="2025-12-05", **said))
    assert known().listed.classification == "discarded"


def test_replay_and_reclassification_keep_it() -> None:
    register = make_register()
    send(register, ABSENT, FORM)
    result = replay(register, clock)
    assert (result.cases_added, result.cases_removed, result.cases_changed) == ([], [], [])
    again = reclassify(register)
    assert (again.added, again.removed, again.changed) == (0, 0, 0)
    assert known().listed.classification == "discarded"


def test_it_is_in_no_figure() -> None:
    register = make_register()
    send(register, FORM)
    assert counted() == [1, 1, 1]
    send(register, ABSENT)
    assert counted() == [0, 0, 1]


def counted() -> list[int]:
    """Rows that figures are made of: cases, what they rest on, clinicians' forms."""
    names = ("cases", "evidence", "notifications")
    with read_register(CodeMap.load(), date(2026, 11, 1)) as source:
        months = list(source.partitions())
        return [sum(b.num_rows for m in months for b in source.others(n, m)) for n in names]


def test_those_who_were_told_hear_that_it_is_discarded_and_by_which_answer() -> None:
    register = make_register()
    send(register, FORM)
    [number] = [one.number for one in list_cases()]
    tell_new(NOW, EVERYTHING)
    send(register, ABSENT)
    assert current_cases([number])[number].discarded_on == date(2026, 1, 1)
    tell_new(NOW, EVERYTHING)
    threads = Delivery.objects.filter(case=number, kind="case")
    assert threads and all(one.state == "standing" for one in threads)
    changed = [changes_in(one) for one in read_entries([threads[0].id]) if one.what == "changed"]
    assert [(one["classification"], one["discarded_on"]) for one in changed] == [
        (["suspected", "discarded"], [None, "2026-01-01"])
    ]


LATER = date(2026, 1, 20)


def test_a_discarded_case_is_nobodys_to_answer() -> None:
    register = make_register()
    send(register, FORM)
    tell_new(NOW, EVERYTHING)
    assert remind(NOW + timedelta(hours=1), EVERYTHING).reminders
    send(register, ABSENT)
    tell_new(NOW + timedelta(hours=1), EVERYTHING)
    late = NOW + timedelta(days=9)
    assert remind(late, EVERYTHING) == Reminded()
    assert list_unanswered(late) == list_to_call(late) == []
    shown = list_inbox("municipality:4601", late, LATER)
    assert [(one.classification, one.overdue, one.waits, one.at_once) for one in shown] == [
        ("discarded", False, False, False)
    ]
    assert not any(is_overdue(one, late) for one in Delivery.objects.all())
    # The answer is withdrawn: the case is suspected, and an answer is waited for anew.
    send(register, answer("R1", "M4", service="C", made=5, person=ADA))
    tell_new(late, EVERYTHING)
    [waiting] = list_inbox("municipality:4601", late, LATER)
    assert (waiting.classification, waiting.waits, waiting.at_once) == ("suspected", True, True)
    assert waiting.latest == "changed" and waiting.reminders == 0
    assert remind(late + timedelta(days=9), EVERYTHING).reminders


def test_what_is_first_told_as_discarded_is_to_be_read() -> None:
    register = make_register()
    send(register, ABSENT, FORM)
    tell_new(NOW, EVERYTHING)
    assert not Delivery.objects.filter(at_once=True).exists()
    assert remind(NOW + timedelta(days=9), EVERYTHING) == Reminded()
    assert all(one.news for one in list_inbox("municipality:4601", NOW, LATER))


@pytest.mark.parametrize(("said", "status"), [("Gråsone", "F"), ("Svar følger", "P")])
def test_an_open_answer_of_another_laboratory_holds_it_back(said: str, status: str) -> None:
    unclear = answer(
        *("R9", "M9"),
        her="91844",
        organism="",
        answered=[(MEASLES, said)],
        status=status,
        person=ADA,
        day="2025-12-04",
        **SERUM,
    )
    for files in permutations([FORM, ABSENT, unclear]):
        register = make_register()
        send(register, *files)
    found = known()
    assert found.listed.classification == "suspected"
    [held] = [one for one in found.case.reasons if one.criterion == "undecided"]
    [piece] = describe_evidence(held.evidence).values()
    assert (piece.day, piece.material) == (date(2025, 12, 4), "serum")
    assert piece.undecided == (("measles-virus", "antibody-igm"),)
    line = describe_piece(piece, {}, undecided=True)
    assert line.startswith("Uavklart, eller svar ventes: Mes") and "IgM" in line
    assert set(held.evidence) <= {one.key for one in found.sources}


def test_a_form_of_a_later_illness_makes_it_suspected_again_and_is_told() -> None:
    register = make_register()
    send(register, FORM, ABSENT)
    tell_new(NOW, EVERYTHING)
    assert known().listed.classification == "discarded"
    again = notified("Meslinger", onset="2025-12-28", picture="00", home="4601", number="N2")
    send(register, again)
    assert known().listed.classification == "suspected"
    tell_new(NOW, EVERYTHING)
    [waiting] = list_inbox("municipality:4601", NOW, LATER)
    assert (waiting.latest, waiting.waits, waiting.at_once) == ("changed", True, True)
    said = [one.onset for one in known().sources if one.kind == "notification"]
    assert said == [date(2025, 11, 25), date(2025, 12, 28)]
