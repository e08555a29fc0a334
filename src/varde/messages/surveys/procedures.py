"""Which operations NOIS-POSI follows up, and for how long: `procedures.json`."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from varde.codes import CodeFileError
from varde.messages.tables.definition import Words

FILE = Path(__file__).with_name("procedures.json")


class Prefix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The beginning of NCSP codes of one group, and how sure it is that all of them belong there."""

    prefix: str
    certainty: Literal["certain", "likely"]
    note: str


class ProcedureGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group of operations that is counted together."""

    key: str
    text: Words
    prefixes: tuple[Prefix, ...]


class Procedures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is under surveillance.

    Attributes:
        source: where groups and codes are from.
        valid_from: since when all groups are followed the whole year.
        follow_up_days: how many days after the operation an infection counts.
    """

    source: str
    valid_from: date
    follow_up_days: int
    groups: tuple[ProcedureGroup, ...]


@cache
def procedures() -> Procedures:
    """The checked file.

    Raises:
        CodeFileError: it breaks its schema, or a code can be in two groups.
    """
    try:
        found = msgspec.json.decode(FILE.read_bytes(), type=Procedures)
    except msgspec.DecodeError as error:
        raise CodeFileError(FILE, 0, str(error)) from None
    prefixes = [each.prefix for group in found.groups for each in group.prefixes]
    for prefix in prefixes:
        if sum(other.startswith(prefix) for other in prefixes) > 1:
            raise CodeFileError(FILE, 0, f"two prefixes begin with {prefix!r}")
    return found


@cache
def _groups() -> dict[str, str]:
    return {each.prefix: group.key for group in procedures().groups for each in group.prefixes}


def group_of(code: str) -> str:
    """The group of an NCSP code (five signs, no blanks); empty when it is not under surveillance."""
    known = _groups()
    return known.get(code[:4]) or known.get(code[:3], "")
