"""Whether there is such a thing as what somebody chooses by: nothing is counted of a disease that does not exist, and nought
would be a wrong answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final

from varde.cases import catalogue
from varde.codes import counties, municipalities, organisms, vaccine_diseases
from varde.messages.surveys.procedures import procedures
from varde.statistics.dimensions import Where, values_of
from varde.statistics.errors import UnknownValue

_KNOWN: Final[Mapping[str, Callable[[str, date], Collection[Any]]]] = {
    "disease": lambda register, _on: (
        vaccine_diseases() if register == "sysvak" else catalogue().diseases
    ),
    "area": lambda _register, on: {**counties(on), **municipalities(on)},
    "county": lambda _register, on: counties(on),
    "organism": lambda _register, _on: organisms(),
    "institution_kind": lambda _register, _on: ("hospital", "nursing-home"),
    "procedure_group": lambda _register, _on: {group.key for group in procedures().groups},
}
_CALLED: Final = {"area": "municipality or county"}
_MOST_NAMED: Final = 20


def check_chosen(where: Where, register: str, on: date) -> None:
    """Refuse values that there are none of; columns with values of every kind are let through.

    Args:
        register: "msis", "sysvak" and so on: the diseases of a vaccine are others than the notifiable ones.
        on: whose counties (`county`), and municipalities beside them (`area`), are meant.

    Raises:
        UnknownValue: there is no such disease, county, organism, kind of institution or group of operations.
    """
    for column, wanted in where.items():
        if wanted is None or column not in _KNOWN:
            continue
        known = _KNOWN[column](register, on)
        for value in values_of(wanted):
            if value not in known:
                called = _CALLED.get(column, column.replace("_", " "))
                raise UnknownValue(f"there is no {called} {value!r}{_instead(known)}")


def _instead(known: Collection[Any]) -> str:
    return f": give one of {', '.join(sorted(known))}" if len(known) <= _MOST_NAMED else ""
