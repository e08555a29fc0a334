"""The rules of comparison as data: who is similar, how many there must be. Checked when loaded."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from varde.prescribing.data_files import read_data

FILE = Path(__file__).parent / "data" / "peers.toml"

Area = Literal["municipality", "county", "country"]


class Comparator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a sum of several units may be shown; `areas` from the smallest."""

    others: int
    most_of_one: float
    areas: tuple[Area, ...]
    source: str


class BenchmarkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What part of the denominators the best cover, at least how many they are, and at most what part."""

    share: float
    units: int
    most_share: float
    source: str


class Minimum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Below these, nothing is said of a unit."""

    denominator: float
    expected: float
    months: int
    source: str


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one event of a density is taken to be: so many doses."""

    doses: float
    source: str


class Similar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes units of one kind similar: the steps between bands of what they do and of whom they see.

    `activity_without`: billing codes of contacts that are no activity.
    """

    kind: str
    source: str
    role: str = ""
    activity: tuple[float, ...] = ()
    activity_without: tuple[str, ...] = ()
    elderly: tuple[float, ...] = ()
    children: tuple[float, ...] = ()
    short_stay: tuple[float, ...] = ()
    names: tuple[str, ...] = ()


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, and the day somebody looked at them."""

    reviewed: str
    comparator: Comparator
    benchmark: BenchmarkRule
    minimum: Minimum
    package: Package
    similar: tuple[Similar, ...]

    def similar_to(self, kind: str, role: str) -> Similar | None:
        """What makes units of that kind and role similar; None where nothing is said of them."""
        for one in self.similar:
            if (one.kind, one.role) == (kind, role):
                return one
        return None


@cache
def rules() -> Rules:
    """The rules.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    return read_rules(FILE)


def read_rules(path: Path) -> Rules:
    """The rules of a file.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    return read_data(path, Rules, _check)


def _check(found: Rules) -> list[str]:
    problems = []
    if not found.comparator.areas or found.comparator.areas[-1] != "country":
        problems.append("the last area is the country")
    if not 0 < found.comparator.most_of_one <= 0.5:
        problems.append("one unit may have at most a half")
    if not 0 < found.benchmark.share <= found.benchmark.most_share <= 0.5:
        problems.append("the best cover a part, and at most a half")
    if found.package.doses <= 0:
        problems.append("a package has doses")
    if found.benchmark.units <= found.comparator.others:
        problems.append("a benchmark is of more units than there must be beside a reader's own")
    keys = [(one.kind, one.role) for one in found.similar]
    if len(set(keys)) != len(keys):
        problems.append("a kind and role has two rows")
    for one in found.similar:
        for steps in (one.activity, one.elderly, one.children, one.short_stay):
            if any(low >= high for low, high in pairwise(steps)):
                problems.append(f"{one.kind} {one.role}: steps must rise")
        if bool(one.short_stay) != bool(one.names) or (
            one.names and (len(one.short_stay), len(one.names)) != (2, 3)
        ):
            problems.append(
                f"{one.kind} {one.role}: stays have two steps, and each band has a name"
            )
    return problems
