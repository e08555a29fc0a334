"""Choosing one of many senders by typing a part of its name, without scripts: a field with a list beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_KEY = re.compile(r".*\((?P<key>[^()]+)\)\s*", re.DOTALL)
LONGEST = 200
"""Characters of what is asked that are looked at."""


def label_of(key: str, names: Mapping[str, str]) -> str:
    """What stands in the field and in the list for a sender: its name with its key."""
    name = names.get(key, key)
    return name if name == key else f"{name} ({key})"


def labels_of(keys: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The list, in the order of the keys."""
    return [label_of(key, names) for key in keys if key]


def find_sender(said: str, keys: Iterable[str], names: Mapping[str, str]) -> str | None:
    """The sender that somebody means by its key, by what stands in the list, or by its name or a part of it that no other
    has; None for none, and for several."""
    said = " ".join(said[:LONGEST].split())
    known = [key for key in keys if key]
    if not said:
        return None
    found = _KEY.fullmatch(said)
    for exact in (said, found["key"] if found else ""):
        if exact in known:
            return exact
    low = said.casefold()
    for fits in (
        [key for key in known if names.get(key, key).casefold() == low],
        [key for key in known if low in label_of(key, names).casefold()],
    ):
        if len(fits) == 1:
            return fits[0]
    return None
