"""How isolates are chosen before they are counted.

One patient's copies of the same strain would weigh more the more often the patient is sampled, so
surveillance counts the first isolate of each person and species: of all time (``patient``) or of
each episode (``episode:365``). Clinical and Laboratory Standards Institute M39; Hindler and
Stelling, Clin Infect Dis 2007;44:867; Berends and others, J Stat Softw 2022;104(3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from varde.resistance.errors import InvalidMethod


@dataclass(frozen=True)
class Method:
    """A way to choose isolates.

    Attributes:
        kind: ``none`` counts every isolate that is mapped, ``patient`` one for each person and
            species, ``episode`` one for each episode of `days`.
        days: an isolate this many days or more after the start of the running episode begins a
            new one; 0 for the other kinds.
    """

    kind: Literal["none", "patient", "episode"]
    days: int = 0

    def __str__(self) -> str:
        return f"episode:{self.days}" if self.kind == "episode" else self.kind


def parse_method(text: str | Method) -> Method:
    """``none``, ``patient`` or ``episode:N`` as a `Method`.

    Raises:
        InvalidMethod: anything else, also zero days.
    """
    if isinstance(text, Method):
        return text
    if text == "none":
        return Method("none")
    if text == "patient":
        return Method("patient")
    found = re.fullmatch(r"episode:([1-9][0-9]{0,5})", text)
    if not found:
        raise InvalidMethod(
            f"first isolates by {text!r} is unknown: use 'none', 'patient' or 'episode:365' "
            "(any number of days from 1)"
        )
    return Method("episode", int(found[1]))
