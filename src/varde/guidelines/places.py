"""Where in an object something stands, as a reader says it: by names, by numbers where there are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from varde.guidelines.files import read_special
from varde.guidelines.model import REGIMEN_KINDS, DoseringsregimeData, Gjelder, Kodet
from varde.guidelines.rendering import write_drug
from varde.guidelines.whom import say_whom

LABELS = Path(__file__).with_name("data") / "labels.json"
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
TREATMENTS, DOSES = "behandlinger", "doseringregimer"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an object.

    Attributes:
        words: what is said of it, from the outside in.
        key: the field it is, for lists.
        regimen: the regimen around it, as it is said behind a drug.
    """

    words: tuple[str, ...] = ()
    key: str = ""
    regimen: str = ""

    @property
    def label(self) -> str:
        """All of it: "Doksysyklin (Voksne), varighet i døgn"."""
        text = ", ".join(self.words) or "objektet"
        return text[0].upper() + text[1:]

    def field(self, key: str) -> Place:
        """A field of what is here."""
        words = self.words if key in _labels().silent else (*self.words, _name(key))
        return Place(words, key, self.regimen)

    def element(self, number: int, old: Any, new: Any) -> Place:
        """An element of the list that is here; named by what it is now, else by what it was.

        Args:
            number: its position, from 0.
        """
        numbered = f"{_name(self.key)} {number + 1}"
        around = self.words[:-1]
        name = name_part(self.key, new) or name_part(self.key, old)
        if self.key == TREATMENTS:
            return Place((*around, name or numbered), self.key)
        if self.key in REGIMEN_KINDS:
            # The heading says enough for the one who reads, without the treatment around it.
            words = (f"{_name(self.key)}: {name}",) if name else (*around, numbered)
            return Place(words, self.key, name or numbered)
        if self.key == DOSES:
            if not name:
                return Place((*around, numbered), self.key, self.regimen)
            return Place((f"{name} ({self.regimen})" if self.regimen else name,), self.key)
        return Place((*around, numbered), self.key, self.regimen)


def name_part(key: str, part: Any) -> str:
    """The name of an element of a list of treatments, regimens or doses; empty where it has none."""
    if not isinstance(part, dict):
        return ""
    try:
        if key == TREATMENTS:
            return str(part.get("overskrift", ""))
        if key in REGIMEN_KINDS:
            return str(part.get("overskrift", "")) or _name_whom(part)
        if key == DOSES:
            return _name_drug(part["data"])
    except (KeyError, TypeError, msgspec.ValidationError):
        pass
    return ""


def _name_whom(regimen: Any) -> str:
    limits = regimen.get("varde", {}).get("gjelderFor")
    if not limits:
        return ""
    return str(say_whom(msgspec.convert(limits, type=Gjelder, dec_hook=read_special)))


def _name_drug(dose: Any) -> str:
    drug = msgspec.convert(dose["legemiddeldoseringsregime"], type=Kodet)
    way = dose.get("administrasjonsvei")
    data = DoseringsregimeData(legemiddeldoseringsregime=drug)
    if way:
        data = msgspec.structs.replace(data, administrasjonsvei=msgspec.convert(way, type=Kodet))
    return write_drug(data)


def number_place(path: str) -> str:
    """A JSON path by fields and numbers: "behandling 1, alternativ 2, legemiddel 1"."""
    words: list[str] = []
    for key, number in _STEP.findall(path):
        if number and words:
            words[-1] = f"{words[-1]} {int(number) + 1}"
        elif key not in _labels().silent:
            words.append(_name(key))
    numbered = [position for position, word in enumerate(words) if word[-1].isdigit()]
    return ", ".join(words[: numbered[-1] + 1] if numbered else words)


class _Labels(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    silent: tuple[str, ...]
    fields: dict[str, str]


@cache
def _labels() -> _Labels:
    return msgspec.json.decode(LABELS.read_bytes(), type=_Labels)


def _name(key: str) -> str:
    return _labels().fields.get(key, key)
