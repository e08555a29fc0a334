"""Who does an operator's work, for the access log."""

from __future__ import annotations

import getpass
from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    """Whoever works at the command line, under the name that the machine knows."""

    username: str
    area: str = ""
    is_authenticated: bool = False


def this_operator() -> Operator:
    """Whoever runs this process."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "?"
    return Operator(f"cli:{name}"[:64])


def record(action: str, object_kind: str, count: int) -> None:
    """Add an entry to the access log for something that was done at the command line.

    Args:
        action: "erased", "backup", "restore", "keys-rotated" or "keys-retired".
    """
    from varde.access import audit

    audit.record(this_operator(), action, "command-line", object_kind[:64], count)
