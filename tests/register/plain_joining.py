"""Which findings are one, as one would say it: every pair and every set looked at, without windows or indexes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from register.plain_rule import standing_statements
from varde.codes import materials, organisms
from varde.codes.refinement import GROUPS
from varde.messages import LabReport
from varde.register.kinds import laboratory
from varde.register.projection import Context

DAYS, NUMBER_DAYS = 2, 30
PLACES = ("urine", "blood", "csf", "airways", "wound", "stool", "genital")
ALIKE = ({"tissue", "biopsy"}, {"ascites", "peritoneal-fluid"})
REASONS = (
    "same-specimen-number",
    "same-day-and-material",
    "isolate-of-the-same-day",
    "same-days-and-material",
    "isolate-of-the-same-days",
)


class One(NamedTuple):
    """A finding of somebody."""

    key: tuple[str, str, int]
    """sender, number of the report, number in it"""
    person: object
    day: date
    number: bytes | None
    material: str | None
    organism: str
    status: str
    made: str
    results: tuple[tuple[str, str], ...]
    method: str = ""


GROWN = ("", "culture")
SEROLOGY = ("antibody", "antibody-igm", "antibody-igg")


def expected_joined(files: Iterable[bytes], context: Context) -> set[tuple[str, ...]]:
    """What `answers.register_state` says is joined, of everything that stands."""
    found = []
    for (kind, sender, ref), (version, record) in standing_statements(files, context).items():
        if kind != "laboratory" or record.service_type == "C":
            continue
        assert isinstance(record, LabReport)
        projection = laboratory.project(record, context)
        taken = {row[0]: row for row in projection.specimens}
        for number, specimen, organism, _, method, _markers, results in projection.findings:
            if organism is None or projection.pseudonym is None:
                continue
            _, reference, material, day, *_ = taken[specimen]
            said = tuple((a, sir) for a, sir, _ in results if a is not None and sir)
            found.append(
                One(
                    (sender, ref, number),
                    projection.pseudonym,
                    day,
                    reference,
                    material,
                    organism,
                    record.status,
                    version[:21],
                    said,
                    method,
                )
            )
    return {
        tuple(str(part) for part in (*each.key, *counted.key, place, reason, disagrees))
        for each, counted, place, reason, disagrees in plainly_joined(found)
    }


def plainly_joined(found: Iterable[One]) -> list[tuple[One, One, int, str, str]]:
    """(finding, the one that counts, place, reason, disagreement)."""
    joined = []
    for group in plain_sets(list(found)):
        first, *others = sorted(group, key=_rank)
        for place, each in enumerate(others, 1):
            ours, theirs = dict(first.results), dict(each.results)
            differ = [a for a in sorted(ours) if a in theirs and ours[a] != theirs[a]]
            disagrees = ", ".join(f"{a} {ours[a]}/{theirs[a]}" for a in differ)
            reason = says_one(first, each)
            assert reason is not None
            other_way = "" if _way(each) == _way(first) else f":{each.method}"
            joined.append((each, first, place, REASONS[reason] + other_way, disagrees))
    return joined


def _way(each: One) -> str:
    return "isolate" if each.method in GROWN else each.method


def plain_sets(found: list[One]) -> list[list[One]]:
    """What was found in one way is put together first, way by way; then the sets of different ways."""
    groups = []
    for way in {_way(each) for each in found}:
        groups += _united([[each] for each in found if _way(each) == way], False)
    return [group for group in _united(groups, True) if len(group) > 1]


def _united(groups: list[list[One]], across: bool) -> list[list[One]]:
    for strength in range(len(REASONS)):
        sides = [
            [
                h
                for h in range(len(groups))
                if h != g
                and _all_say(groups[g], groups[h], strength)
                and not (across and {_way(a) for a in groups[g]} & {_way(b) for b in groups[h]})
            ]
            for g in range(len(groups))
        ]
        sure = [
            g
            for g in range(len(groups))
            if sides[g] and all(b in sides[a] for a, b in product(sides[g], repeat=2) if a != b)
        ]
        left = set(range(len(groups)))
        united = []
        while left:
            g = left.pop()
            together = [g, *(h for h in sides[g] if g in sure and h in sure)]
            left -= set(together)
            united.append([each for h in together for each in groups[h]])
        groups = united
    return groups


def _all_say(one: list[One], other: list[One], strength: int) -> bool:
    said = [says_one(a, b) for a, b in product(one, other)]
    return all(each is not None and each <= strength for each in said)


def says_one(a: One, b: One) -> int | None:
    if a.person != b.person or a.key[0] == b.key[0]:
        return None
    if (a.method in SEROLOGY) != (b.method in SEROLOGY):
        return None
    if "unknown" in (organisms()[a.organism].kind, organisms()[b.organism].kind):
        return None
    if not (is_a(a.organism, b.organism) or is_a(b.organism, a.organism)):
        return None
    apart = abs((a.day - b.day).days)
    any_of_them = "isolate" in (a.material, b.material)
    alike = not any_of_them and _alike(a.material, b.material)
    contradict = not any_of_them and not alike and None not in (a.material, b.material)
    if a.number and a.number == b.number and apart <= NUMBER_DAYS and not contradict:
        return 0
    if apart <= DAYS and alike:
        return 1 if apart == 0 else 3
    if apart <= DAYS and any_of_them:
        return 2 if apart == 0 else 4
    return None


@cache
def is_a(finer: str, coarse: str) -> bool:
    """Whether everything that is the one is also the other."""
    if finer == coarse:
        return True
    one, other = organisms()[finer], organisms()[coarse]
    if other.name == other.genus == one.genus:
        return True
    if other.species and other.name == f"{one.genus} {one.species}":
        return True
    for row in _GROUPS:
        if row["organism"] != coarse:
            continue
        if row["of"] == "group" and one.group == row["member"]:
            return True
        if row["of"] == "organism" and is_a(finer, row["member"]):
            return True
    above = [row["organism"] for row in _GROUPS if _direct(row, finer)]
    return any(each not in (finer, coarse) and is_a(each, coarse) for each in above)


with GROUPS.open(encoding="utf-8") as _file:
    _GROUPS: list[Mapping[str, str]] = list(csv.DictReader(_file))


def _direct(row: Mapping[str, str], finer: str) -> bool:
    if row["of"] == "group":
        return organisms()[finer].group == row["member"]
    return row["member"] == finer


def _alike(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    groups = {materials()[one].group, materials()[other].group}
    same_place = len(groups) == 1 and groups <= set(PLACES)
    return one == other or same_place or any({one, other} <= alike for alike in ALIKE)


def _rank(each: One) -> tuple[Any, ...]:
    """The first of these counts."""
    precise = sum(is_a(each.organism, other) for other in organisms())
    made = tuple(-ord(character) for character in each.made)
    return (
        each.method not in GROWN,
        -precise,
        -len(each.results),
        "FSP".index(each.status),
        made,
        each.key,
    )
