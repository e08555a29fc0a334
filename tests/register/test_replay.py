"""Replays: the register made anew, what that changed, and what came out of quarantine."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from register.answers import (
    KEYS,
    MAPPING,
    answer,
    clock,
    count,
    make_register,
    register_state,
    send,
)
from varde.codes import CodeMap
from varde.register import (
    quarantine_counts,
    quarantine_items,
    replay,
    replay_quarantined,
    unmapped_codes,
)
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.register.opening import Register
from varde.register.projection import Context

pytestmark = pytest.mark.django_db

LOCAL = """kind,system,code,text,concept,source,valid_from
organism,*,,Bacillus fabulosus,bacillus-cereus,confirmed by the laboratory,2026-01-01
"""


def with_maps(register: Register, folder: Path) -> Register:
    codes = CodeMap.load(folder)
    return Register(register.home, register.sealer, Context.make(codes, KEYS))


def test_a_new_code_map_applies_to_everything_that_came_before(tmp_path: Path) -> None:
    register = make_register()
    send(register, answer(organism="Bacillus fabulosus"), answer(report="R2", message="M2"))
    assert [(code.text, code.count) for code in unmapped_codes()] == [("Bacillus fabulosus", 1)]
    (tmp_path / "local.csv").write_text(LOCAL)

    result = replay(with_maps(register, tmp_path), clock)

    assert result.changed == [("HER:91843", "R1")]
    assert not result.added
    assert not result.removed
    assert unmapped_codes() == []
    assert {row[4] for row in register_state()["findings"]} == {
        "bacillus-cereus",
        "escherichia-coli",
    }


def test_a_replay_gives_findings_of_before_their_method() -> None:
    """As after an update from a version that did not know methods."""
    register = make_register()
    send(register, answer(searches=["P-Meslingvirus IgM"]))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_finding SET method = ''")
        cursor.execute("UPDATE register_report SET digest = %s", [b"older"])
    replay(register, clock)
    assert sorted(row[6] for row in register_state()["findings"]) == ["antibody-igm", "culture"]


def test_a_replay_keeps_the_quarantine(tmp_path: Path) -> None:
    register = make_register()
    send(register, b"<broken", answer())
    before = quarantine_items()
    replay(register, clock)
    assert quarantine_items() == before
    assert replay_quarantined(register, clock).settled == 0
    assert quarantine_items() == before
    assert count("receipt") == 2


def test_a_list_sent_again_with_the_right_mapping_settles_its_quarantine() -> None:
    register = make_register()
    rows = b"id,patient,date,organism,AMP\n1,P1,2026-01-05,Escherichia coli,R\n"
    first = take_in(register, [Incoming("list.csv", rows)], clock)
    assert first.quarantined == first.received == 1
    assert len(quarantine_counts()) == 1
    second = take_in(register, [Incoming("list.csv", rows, MAPPING)], clock)
    assert second.accepted == 1
    assert quarantine_counts() == []
    assert [item.state for item in quarantine_items(state=None)] == ["resolved"]
