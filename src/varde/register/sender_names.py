"""What senders are called: the names that they give themselves, and whose word for them counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from varde.messages.masking import mask_digits
from varde.messages.records import Statement
from varde.register import store

NAME_RANK = {"laboratory": 3, "notification": 1}
"""Whose word for what a sender is called counts, by the kind of what it is said in; of all others 2. A notification has
the name of the office that a doctor sits in, which may have its number from a hospital."""


def name_of(record: Statement) -> tuple[int, str]:
    """Rank and name of what a statement calls its sender, digits masked."""
    return NAME_RANK.get(record.kind, 2), _shown(record.sender_name)


@lru_cache(maxsize=1024)
def _shown(name: str) -> str:
    return store.fit(mask_digits(name), 200)


def name_senders(names: Mapping[str, tuple[int, str]]) -> None:
    """Note what senders call themselves, so that the order of arrival does not matter: of several names one of the
    highest rank, and of those the last in the alphabet.

    Args:
        names: sender → rank and name.
    """
    greatest = "GREATEST" if store.is_postgres() else "MAX"
    store.insert(
        "sender",
        ("key", "rank", "name"),
        [(key, rank, name) for key, (rank, name) in sorted(names.items())],
        "ON CONFLICT (key) DO UPDATE SET name = CASE "
        "WHEN excluded.rank > register_sender.rank THEN excluded.name "
        "WHEN excluded.rank < register_sender.rank THEN register_sender.name "
        f"ELSE {greatest}(register_sender.name, excluded.name) END, "
        f"rank = {greatest}(register_sender.rank, excluded.rank)",
    )
