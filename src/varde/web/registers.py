"""The registers as the pages use them: that of persons, and the de-identified ones.

A page is about one of them at a time, which its address names. Nothing of two registers is shown together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from varde import register
from varde.operation import exists
from varde.register import APART, REGISTERS, Register, open_register, using

REGISTER_NAMES: Mapping[str, object] = {
    "persons": _("Persons"),
    "ravn": _("RAVN"),
    "norm": _("NORM"),
}
_lock = Lock()


def the_register(database: str = "default") -> Register:
    """The register in the service's home that has this database, opened once in a process."""
    with _lock:  # two first requests must not make the tables twice
        return _open(Path(settings.VARDE_HOME), database)


@lru_cache(maxsize=4 * len(REGISTERS))
def _open(home: Path, database: str) -> Register:
    return open_register(home, database)


def asked_register(request: HttpRequest) -> str:
    """Name of the database of the register that an address asks for (``?register=norm``).

    Raises:
        Http404: there is no such register.
    """
    name = request.GET.get("register") or "persons"
    if name not in REGISTERS:
        raise Http404
    return REGISTERS[name]


def has_come(database: str) -> bool:
    """Whether anything can have come for a register; asking does not make its database."""
    return database not in APART or exists(database)


def register_choices(database: str, **kept: str) -> list[dict[str, Any]]:
    """Links to the same page about each register.

    Args:
        kept: what else the addresses say.
    """
    return [
        {
            "name": REGISTER_NAMES[name],
            "address": "?" + urlencode({"register": name} | kept),
            "chosen": alias == database,
        }
        for name, alias in REGISTERS.items()
    ]


def laboratory_names() -> dict[str, str]:
    """What laboratories call themselves, by their keys. Only what is sent to the register of persons says
    so; the keys are the same in all, and say nothing of a person."""
    with using("default"):
        return register.sender_names()


def named(what: str, database: str) -> str:
    """What was seen, as the access log says it: with the register, where it is not that of persons."""
    return f"{what} {database}" if database in APART else what
