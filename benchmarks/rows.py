"""Rows written past the readers and the fold, for registers too large to be made of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def whole_row(table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A row of one of the register's tables: what is given, and for each other column what its model has it be.

    Raises:
        AssertionError: the table has no such column, or one that must be given is not.
    """
    from django.apps import apps

    fields = {field.column: field for field in apps.get_model("register", table)._meta.fields}
    assert given.keys() <= fields.keys(), given.keys() - fields.keys()
    left = {column: field for column, field in fields.items() if column not in given}
    missing = [c for c, field in left.items() if not field.has_default() and not field.null]
    assert not missing, f"{table}: {missing}"
    return dict(given) | {column: field.get_default() for column, field in left.items()}
