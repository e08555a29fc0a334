"""What decides when findings of several laboratories are one: the rules of ``data/joining.json``."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec

from varde.codes import materials
from varde.codes.refinement import GROUPS
from varde.messages.records import Method

DATA = Path(__file__).with_name("data") / "joining.json"


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes specimens the same: ``data/joining.json``.

    Attributes:
        version: the day the rules are of.
        days: how far apart specimens of the same days are at most.
        number_days: how far apart specimens with the same number are at most.
        least_digits: a number of a specimen with fewer digits is not compared.
        most_findings: of a person with more, nothing is joined: it is no person but what laboratories test
            their systems with.
        grown: methods of an isolate, which are one; empty: none said.
        families: the methods that may be of one finding, each method in one of them.
        any_specimen: materials that may be of any specimen.
        alike_groups: groups of materials whose materials are names of one place.
        alike_materials: sets of other materials that are.
    """

    version: date
    source: str
    rationale: str
    days: int
    number_days: int
    least_digits: int
    most_findings: int
    grown: tuple[Method, ...]
    families: tuple[tuple[Method, ...], ...]
    any_specimen: tuple[str, ...]
    alike_groups: tuple[str, ...]
    alike_materials: tuple[tuple[str, ...], ...]


@cache
def joining_rules() -> Rules:
    """The rules of ``data/joining.json``; errors as of `read_rules`."""
    return read_rules(DATA)


def read_rules(path: Path) -> Rules:
    """The rules of a file.

    Raises:
        ValueError: the file breaks its schema, names a material or group that is not there, or leaves out a method.
    """
    rules = msgspec.json.decode(path.read_bytes(), type=Rules)
    known = materials()
    named = {*rules.any_specimen, *(each for alike in rules.alike_materials for each in alike)}
    if named - known.keys():
        raise ValueError(f"{path}: there is no material {sorted(named - known.keys())}")
    if unknown := set(rules.alike_groups) - {material.group for material in known.values()}:
        raise ValueError(f"{path}: there is no group of materials {sorted(unknown)}")
    if not 0 <= rules.days <= rules.number_days or rules.least_digits < 1:
        raise ValueError(f"{path}: days, number_days and least_digits do not go together")
    methods = [method for family in rules.families for method in family]
    if sorted(methods) != sorted(get_args(Method)):
        raise ValueError(f"{path}: every method stands in one family")
    if not any(set(rules.grown) <= set(family) for family in rules.families):
        raise ValueError(f"{path}: the methods of an isolate are of one family")
    return rules


@cache
def rules_version() -> str:
    """Version of all that the rule is made of beside the code map: the day, and a hash of the files."""
    hashed = hashlib.sha256(DATA.read_bytes() + GROUPS.read_bytes()).hexdigest()
    return f"{joining_rules().version}-{hashed[:12]}"


@cache
def way_of(method: str) -> str:
    """A method, the methods of an isolate as one."""
    return joining_rules().grown[0] if method in joining_rules().grown else method


@cache
def family_of(way: str) -> int:
    """The place of the family that a way of finding something belongs to."""
    families = joining_rules().families
    return next((n for n, family in enumerate(families) if way in family), len(families))
