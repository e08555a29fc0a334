"""Short ways to describe invented people in tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from messages.numbers import some_number
from varde.linkage import Description
from varde.messages import PersonId

BORN = date(1984, 3, 17)


def fnr(serial_from: int = 0, born: date = BORN, *, male: bool = False) -> PersonId:
    """A valid synthetic national number; another `serial_from`, another number."""
    found = _numbers(born, male, 0)
    return PersonId(kind="FNR", value=found[serial_from])


def dnr(serial_from: int = 0, born: date = BORN) -> PersonId:
    return PersonId(kind="DNR", value=_numbers(born, False, 40)[serial_from])


def _numbers(born: date, male: bool, day: int) -> list[str]:
    from messages.numbers import make_number

    first = some_number(born, male=male, day=day)
    more = (make_number(born, serial, day=day) for serial in range(1 if male else 0, 60, 2))
    return list(dict.fromkeys([first, *(number for number in more if number)]))


def local(value: str, issuer: str = "HER:9900101") -> PersonId:
    return PersonId(kind="LOCAL", value=value, issuer=issuer)


def kari(**changed: Any) -> Description:
    """Somebody with a name that is neither common nor rare; no number unless one is given."""
    known: dict[str, Any] = {
        "family": "Nordvik",
        "given": "Kari",
        "born": BORN,
        "sex": "F",
        "municipality": "0301",
        "postal_code": "0450",
        "phone": "11223344",
    }
    return Description(**{**known, **changed})
