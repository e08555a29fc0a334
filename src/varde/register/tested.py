"""What a person was tested for around a case: what was found, and what was looked for and not found."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from varde.register import store
from varde.register.history import History
from varde.register.lookup import read_history


def tested_around(number: int, first: date, last: date) -> History:
    """What was found and looked for in the specimens of some days of the person whose case this is, whatever the disease;
    of somebody whom nobody knows, in the answer that the case rests on.

    Args:
        first, last: both included.
    """
    whose = list(store.select_in("case", "person, report", "id", [number]))
    persons = [person for person, _ in whose if person is not None]
    found = read_history(persons, [report for person, report in whose if person is None])
    return replace(
        found,
        findings=tuple(one for one in found.findings if first <= one.day <= last),
        searches=tuple(one for one in found.searches if first <= one.day <= last),
    )
