"""The outbox of cases: a row for each that became another, and none for what is only made anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, BO, SALMONELLA, STOOL
from register.test_reclassify import FILES, NO_METHOD, again, files, under
from varde.cases import read_catalogue
from varde.register import changes_after, newest_change, reclassify, replay
from varde.register.models import CaseChange

pytestmark = pytest.mark.django_db


def changes(last: int = 0) -> list[tuple[str, int]]:
    return [(one.change.what, one.change.number) for one in changes_after(last)]


def salmonella(report: str = "R1", message: str = "M1", **more: object) -> bytes:
    return answer(report, message, organism=SALMONELLA, person=ADA, **STOOL | more)  # type: ignore[arg-type]


def test_each_change_has_its_row_and_its_time() -> None:
    register = make_register()
    send(register, salmonella())
    [first] = changes_after(0)
    assert (first.change.what, first.change.disease, first.at) == ("new", "salmonellosis", NOW)
    send(register, salmonella(message="M2", made=2, service="M", municipality="0301"))
    send(register, salmonella(message="M3", made=3, service="C"))
    number = first.change.number
    assert changes() == [("new", number), ("changed", number), ("gone", number)]
    assert [one.id for one in changes_after(0)] == [1, 2, 3] and newest_change() == 3
    assert changes(2) == [("gone", number)]
    assert len(changes_after(0, limit=2)) == 2


def test_everyday_answers_and_repetitions_write_nothing() -> None:
    register = make_register()
    send(register, salmonella())
    before = newest_change()
    send(register, salmonella())
    send(register, salmonella(message="M9"))
    send(register, answer("R7", "M7", person=BO))
    assert newest_change() == before


def test_two_that_become_one_say_so_and_which() -> None:
    register = make_register()
    send(register, salmonella(day="2025-05-10"))
    send(register, salmonella("R2", "M2", day="2025-12-20"))
    last = newest_change()
    send(register, salmonella(message="M3", made=2, service="M", day="2025-12-01"))
    merged = [one.change for one in changes_after(last) if one.change.what == "merged"]
    [left] = [one.change.number for one in changes_after(last) if one.change.what == "changed"]
    assert [(one.number != left, one.other) for one in merged] == [(True, left)]
    # And they part again: the one that was merged is new, and was split from the other.
    last = newest_change()
    send(register, salmonella(message="M4", made=3, service="M", day="2025-05-10"))
    new = [one.change for one in changes_after(last) if one.change.what == "new"]
    assert [(one.number, one.other) for one in new] == [(merged[0].number, left)]


def test_a_replay_and_a_reclassification_of_what_is_the_same_write_nothing() -> None:
    register = make_register()
    send(register, salmonella(), salmonella("R2", "M2", day="2025-05-10"))
    before = newest_change()
    replay(register, clock)
    reclassify(register)
    assert newest_change() == before


def test_what_a_replay_changes_is_written_at_the_time_of_the_replay(tmp_path: Path) -> None:
    register = make_register()
    send(register, *FILES)
    last = newest_change()
    files(tmp_path, salmonellosis=NO_METHOD)
    other = under(register, read_catalogue(tmp_path))
    later = NOW + timedelta(days=1)
    result = replay(other, lambda: later)
    found = changes_after(last)
    assert found and {one.at for one in found} == {later}
    gone = {one.change.number for one in found if one.change.what in ("gone", "merged")}
    changed = {one.change.number for one in found if one.change.what == "changed"}
    assert (gone, changed) == (set(result.cases_removed), set(result.cases_changed))


def test_what_a_reclassification_changes_is_written(tmp_path: Path) -> None:
    register = make_register()
    send(register, *FILES)
    last = newest_change()
    files(tmp_path, salmonellosis=NO_METHOD)
    result, told = again(under(register, read_catalogue(tmp_path)))
    assert result.removed + result.changed + result.added > 0
    assert {one.change.number for one in changes_after(last)} == {one.number for one in told}


def test_what_is_rolled_back_is_not_in_the_outbox() -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        send(make_register(), salmonella())
        assert CaseChange.objects.count() == 1
        raise Stop
    assert newest_change() == 0
