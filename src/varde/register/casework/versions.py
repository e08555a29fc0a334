"""Which disease files the cases of a register are made by, and whether those of today are others."""

from __future__ import annotations

from collections.abc import Collection

from varde.cases import Catalogue
from varde.register import store
from varde.register.settings import read_setting
from varde.register.store import connection

CRITERIA = "cases_criteria"
"""The setting that says by which criteria reports are told that may begin a case."""
_DISEASE = "cases/"
_LONGEST = 40


def note_definitions(definitions: Catalogue, only: Collection[str] | None = None) -> None:
    """Remember that all cases are made by these files.

    Args:
        only: the diseases of which that is so; None for all.
    """
    rows = [
        (_name(key), version)
        for key, version in definitions.versions.items()
        if only is None or key in only
    ]
    if only is None:
        _forget(
            {name for name in _known() if name.startswith(_DISEASE)} - {name for name, _ in rows}
        )
    rows.append((CRITERIA, definitions.criteria_version))
    store.insert(
        "setting",
        ("name", "value"),
        rows,
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )


def due(definitions: Catalogue) -> list[str]:
    """The diseases whose cases may be others under these files, also those that have no file any more."""
    known = _known()
    today = {_name(key): version for key, version in definitions.versions.items()}
    changed = {name for name in known | today if known.get(name) != today.get(name)}
    return sorted(name.removeprefix(_DISEASE) for name in changed)


def were_others(definitions: Catalogue) -> bool:
    """Whether the register has cases that were made by other files."""
    return read_setting(CRITERIA) != "" and bool(due(definitions))


def has_other_criteria(definitions: Catalogue) -> bool:
    """Whether other reports may begin a case now."""
    return read_setting(CRITERIA) != definitions.criteria_version


def _name(disease: str) -> str:
    return f"{_DISEASE}{disease}"[:_LONGEST]


def _known() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, value FROM register_setting WHERE name LIKE %s", [f"{_DISEASE}%"]
        )
        return dict(cursor.fetchall())


def _forget(names: Collection[str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_setting WHERE name = %s", [(name,) for name in sorted(names)]
        )
