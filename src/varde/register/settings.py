"""Facts about a register itself: which keys it was made with, which maps and definitions it stands in."""

from __future__ import annotations

from varde.register import store


def read_setting(name: str) -> str:
    """A fact about the register; empty when it is not set."""
    rows = list(store.select_in("setting", "value", "name", [name]))
    return str(rows[0][0]) if rows else ""


def write_setting(name: str, value: str) -> None:
    """Set a fact about the register."""
    store.insert(
        "setting",
        ("name", "value"),
        [(name, value)],
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
