"""Whose a message is, as far as that can be seen when it cannot be read."""

from __future__ import annotations

from typing import NamedTuple


class Names(NamedTuple):
    """What could be seen; each is empty when it could not."""

    sender: str = ""
    message_id: str = ""
    report_id: str = ""


MADE = "#"
"""Begins a number that a reader made of what something says, because its sender gave none. It may be a hash
over an identity number: the register keeps only a keyed hash of it."""
