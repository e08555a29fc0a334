"""Who a contact is and when they were exposed, as it can be kept; and what is said of what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from varde.messages import clean_line

LONGEST: Mapping[str, int] = {"name": 120, "phone": 40, "relation": 40}
"""Signs of each field."""
LONGEST_AGO = timedelta(days=366)
"""An exposure longer ago is taken for a slip."""


class ContactProblem(ValueError):
    """What was said of a contact cannot be kept.

    Attributes:
        code: ``empty``, ``long``, ``identity``, ``number``, ``twice``, ``own``, ``day``, ``future``, ``after-last``,
            ``state``, ``many``, ``ceased``.
        faults: field (name, phone, number, relation, first_exposure, last_exposure) → its code, where it is a field's.
    """

    def __init__(self, code: str, sentence: str, faults: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.faults = faults or {}
        super().__init__(sentence)


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who a contact is: what is sealed."""

    name: str
    phone: str = ""
    number: str = ""


def tidy(who: Who) -> Who:
    """Who a contact is, without needless and hidden signs."""
    return Who(
        name=clean_line(who.name),
        phone=clean_line(who.phone),
        number="".join(clean_line(who.number).split()),
    )


def check_exposures(
    first: date | str | None, last: date | None, today: date
) -> tuple[date | None, dict[str, str]]:
    """The first exposure, None where the last was the only one; and what is wrong: field → code (`ContactProblem`).

    Args:
        first: None where nothing was said; what was said, where that is no day.
        last: None where what was said is no day.
    """
    faults: dict[str, str] = {}
    if last is None or last < today - LONGEST_AGO:
        faults["last_exposure"] = "day"
    elif last > today:
        faults["last_exposure"] = "future"
    if first is None or first == last:
        return None, faults
    if isinstance(first, str):
        faults["first_exposure"] = "day"
        return None, faults
    if first < today - LONGEST_AGO:
        faults["first_exposure"] = "day"
    elif first > today:
        faults["first_exposure"] = "future"
    elif last is not None and first > last:
        faults["first_exposure"] = "after-last"
    return first, faults
