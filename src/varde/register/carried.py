"""Resistant bacteria that the next who treats should know of: which findings say so, by data (``data/carried.json``).

A finding says that somebody had it then, never that they have it now: the register keeps no answer that looked for it and
did not find it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from varde.codes import antibiotics, organisms
from varde.register.history import Found

DATA = Path(__file__).with_name("data") / "carried.json"


class CarriedInvalid(ValueError):
    """The file names an organism, a group or an antibiotic that there is not; the message says which."""


class CarriedState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of resistant bacterium.

    Attributes:
        says_nb, says_en: what a finding that counts is, in words.
        organisms: keys of `varde.codes.organisms()`; besides those of `groups`.
        resistant_to: R to any of these.
    """

    key: str
    nb: str
    en: str
    says_nb: str
    says_en: str
    organisms: frozenset[str]
    groups: frozenset[str]
    resistant_to: frozenset[str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    states: tuple[CarriedState, ...]


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of resistant bacterium that somebody has had.

    Attributes:
        findings: that say so, newest first.
    """

    state: CarriedState
    findings: tuple[Found, ...]


def read_states(content: bytes) -> tuple[CarriedState, ...]:
    """Decode and check a file.

    Raises:
        msgspec.ValidationError: it does not have the shape.
        CarriedInvalid: a name in it is nobody's.
    """
    states = msgspec.json.decode(content, type=_File).states
    groups = {one.group for one in organisms().values()}
    for state in states:
        unknown = [
            *(state.organisms - organisms().keys()),
            *(state.groups - groups),
            *(state.resistant_to - antibiotics().keys()),
        ]
        if unknown:
            raise CarriedInvalid(f"{state.key} names {unknown[0]!r}, which there is not")
    return states


@cache
def carried_states() -> Mapping[str, CarriedState]:
    """Every kind by its key, as shipped."""
    return MappingProxyType({state.key: state for state in read_states(DATA.read_bytes())})


def find_carried(findings: Iterable[Found]) -> tuple[Carried, ...]:
    """Which kinds of resistant bacteria some findings tell of; in the order of the file."""
    told = tuple(findings)
    found = (
        Carried(state=state, findings=tuple(one for one in told if says(state, one)))
        for state in carried_states().values()
    )
    return tuple(each for each in found if each.findings)


def says(state: CarriedState, finding: Found) -> bool:
    """Whether a finding tells of it."""
    organism = organisms().get(finding.organism)
    if organism is None or not (organism.key in state.organisms or organism.group in state.groups):
        return False
    return any(
        result.sir == "R" and result.antibiotic in state.resistant_to for result in finding.results
    )
