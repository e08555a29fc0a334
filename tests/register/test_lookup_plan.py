"""How SQLite reads one person's history: never a table from end to end."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from register.answers import PERSONS, answer, make_register, send
from register.case_messages import dose, notified
from varde.register import find_person, known_as, read_history, read_places

pytestmark = pytest.mark.django_db

ADA, _BO, CLEO = PERSONS


def test_no_table_is_read_from_end_to_end() -> None:
    """On SQLite, which says so: each step looks into an index or a range of ids."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own words are read")
    register = make_register()
    send(register, answer(person=ADA), notified(), dose(given="2025-02-01"))
    asked: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        person = find_person(ADA, register.context.pseudonym)
        assert person is not None
        read_places(person.ids)
        read_history(person.ids)
        known_as(person)
        assert find_person(CLEO, register.context.pseudonym) is None
    assert len(asked) >= 12
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            steps = [row[3] for row in cursor.fetchall()]
            assert not [step for step in steps if step.startswith("SCAN")], (sql, steps)
