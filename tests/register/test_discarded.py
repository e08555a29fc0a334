"""A suspected case that answers speak against: discarded, in any order, taken back by a finding, and counted nowhere."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import msgspec
import pytest

from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, MEASLES, notified
from varde.codes import CodeMap
from varde.followup.inbox import changes_in, read_entries
from varde.followup.models import Delivery
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
