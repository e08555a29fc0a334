"""Codes of a record held against codes that are asked for, through the terminology where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from varde.guidelines.advice.patients import Code
from varde.guidelines.matching import Terminology

_ATC = re.compile(r"[ABCDGHJLMNPRSV](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", re.ASCII)


@runtime_checkable
class Hierarchy(Protocol):
    """A terminology that also knows what is below what."""

    def subsumes(self, ancestor: str, descendant: str) -> bool:
        """Whether the first concept is the second or anywhere above it."""
        ...


def covers(own: str, code: Code, terminology: Terminology | None) -> bool:
    """Whether a code on record is the one asked for, or narrower."""
    if code.system == "ICD-10":
        return code.code.upper().replace(".", "").startswith(own.replace(".", ""))
    if code.code.upper() == own.upper():
        return True
    return code.system == "SNOMED-CT" and is_below(own, code.code, terminology)


def is_below(ancestor: str, code: str, terminology: Terminology | None) -> bool:
    """Whether the terminology has a concept at, or anywhere below, another; False without one."""
    if terminology is None or not isinstance(terminology, Hierarchy):
        return False
    return ancestor in terminology and code in terminology and terminology.subsumes(ancestor, code)


def is_atc(code: str) -> bool:
    """Whether a code has the form of one of ATC's levels."""
    return _ATC.fullmatch(code.upper()) is not None


def corresponds(code: str, classes: Iterable[str], terminology: Terminology | None) -> bool:
    """Whether an active ingredient of a concept is, or is a kind of, one of these substances."""
    if terminology is None or code not in terminology:
        return False
    return any(
        wanted in terminology and terminology.correspondence(code, wanted) is not None
        for wanted in classes
    )
