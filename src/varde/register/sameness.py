"""When findings of several laboratories are one: the rule, as a pure function of the set of findings.

A local laboratory sends its isolate on to a reference laboratory, and both report. What says that they speak of
one specimen, strongest first (`REASONS`):

1. both give the same number of the specimen, one that is long enough to mean something;
2. the same material, taken on the same day;
3. the same day, where one of them says that it has an isolate: that may be of any specimen;
4., 5. as 2 and 3, on days not further apart than the window.

Always besides: the same person, two senders, organisms of which one is the other, or a less precise name of it
(`varde.codes.refines`), and methods of one family: an antibody tells that somebody has met the organism, and is never
one with what tells that it is there. The days, the numbers, the materials and the methods that go together are data
(``data/joining.json``).

**What was found in the same way comes first.** Isolates are put together with isolates, pieces of genome with pieces
of genome, each as if the others were not there: so isolates are counted as they would be without them. Then what was
found in different ways: a set of isolates with one of pieces of genome, say. Two sets with something of one way are
never put together by that: they were looked at, and were in doubt.

**In doubt, nothing is joined.** The kinds of evidence are gone through from the strongest. At each, sets of
findings that are one so far are candidates for each other when *every* finding of the one has evidence of that
strength, or stronger, with every finding of the other; two of one sender never have, so no set ever holds two findings of
one sender, nor of one report. A set whose candidates are not all candidates of each other could go with two that may
not go together: it goes with neither at this strength, whatever weaker evidence says. The others go together. Nothing in this
looks at an order, so that the outcome is the same for each order in which the findings came.

**Which one counts:** what grew, before all else; then the more precise organism; then more antibiotics with a category; then final before partial
before preliminary; then what was made later; then the one that comes first by sender, number of the report and
number in the report.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

from varde.codes import materials, precision, refines
from varde.messages.records import Method
from varde.register.joining_rules import family_of, joining_rules, way_of

REASONS = (
    "same-specimen-number",
    "same-day-and-material",
    "isolate-of-the-same-day",
    "same-days-and-material",
    "isolate-of-the-same-days",
)
"""What can make findings one, the strongest first."""

_SEPARATORS = re.compile(r"[\W_]+")
_STATUS_RANK = {"P": 0, "S": 1, "F": 2}


def comparable_number(number: str) -> str:
    """The specimen's number as it is compared between laboratories: letters and digits alone, in
    capitals; empty when it has too few digits to mean anything outside the laboratory."""
    kept = _SEPARATORS.sub("", number).upper()
    digits = sum(map(str.isdigit, kept))
    return kept if digits >= joining_rules().least_digits else ""


class Found(NamedTuple):
    """A finding of a person, and what decides whether it is one with another.

    Attributes:
        finding: its id, which the rule never compares.
        day: ordinal of the Norwegian day the specimen was taken on.
        number: keyed hash of the specimen's number; None without one.
        made: when the answer was made, as text that sorts.
        method: how it was found; empty when nothing says.
        position: number of the finding in its report.
    """

    finding: int
    person: int
    sender: str
    report_ref: str
    position: int
    day: int
    number: bytes | None
    material: str | None
    organism: str
    status: str
    made: str
    method: Method = ""

    @property
    def way(self) -> str:
        """How it was found, as far as it matters here: as an isolate, whether or not anybody says so, or otherwise."""
        return way_of(self.method)


Results = Mapping[int, Mapping[str, str]]
"""Finding → antibiotic → category, of those with a category."""


class Joined(NamedTuple):
    """A finding that is not counted by itself.

    Attributes:
        counted: the finding that is counted in its place.
        place: 1 for the one that would count if `counted` were not there, and so on.
        reason: one of `REASONS`; when it was found in another way than `counted`, a colon and its method.
        disagrees: the antibiotics with two different categories: "CIP S/R, MEM S/I", that of `counted` first.
    """

    finding: int
    counted: int
    person: int
    place: int
    reason: str
    disagrees: str


def alike(one: str | None, other: str | None) -> bool:
    """Whether two materials may be names of the same. What is not known is like nothing."""
    if one is None or other is None:
        return False
    return one == other or not _places(one).isdisjoint(_places(other))


@cache
def _places(material: str) -> frozenset[str]:
    rules = joining_rules()
    places = {f"set {n}" for n, alike in enumerate(rules.alike_materials) if material in alike}
    if material in materials() and materials()[material].group in rules.alike_groups:
        places.add(materials()[material].group)
    return frozenset(places)


def evidence(one: Found, other: Found) -> int | None:
    """Position in `REASONS` of the strongest that says that two findings are one; None when nothing does."""
    if one.person != other.person or one.sender == other.sender:
        return None
    if family_of(one.way) != family_of(other.way):
        return None
    names = (one.organism, other.organism)
    if one.organism != other.organism and not (refines(*names) or refines(*names[::-1])):
        return None
    rules = joining_rules()
    apart = abs(one.day - other.day)
    isolate = not {one.material, other.material}.isdisjoint(rules.any_specimen)
    same_material = not isolate and alike(one.material, other.material)
    said = one.material is not None and other.material is not None
    if (
        one.number is not None
        and one.number == other.number
        and apart <= rules.number_days
        and (isolate or same_material or not said)
    ):
        return 0
    if apart > rules.days or not (isolate or same_material):
        return None
    return (1 if same_material else 2) + (2 if apart else 0)


def find_joined(found: Iterable[Found]) -> list[frozenset[Found]]:
    """The sets of two findings and more that are one; `found` may be in any order, and has all findings
    of each person that is in it."""
    by_person: dict[int, list[Found]] = defaultdict(list)
    for each in found:
        by_person[each.person].append(each)
    most = joining_rules().most_findings
    sets: list[frozenset[Found]] = []
    for own in by_person.values():
        grown = [each for each in own if each.method in joining_rules().grown]
        if len(grown) > most:
            continue
        # Whatever else was found, isolates are joined as if it were not there.
        looked_at = own if len(own) <= most else grown
        if len({each.sender for each in looked_at}) > 1:
            sets.extend(_unite(looked_at))
    return sets


def choose(one: Iterable[Found], results: Results) -> list[Joined]:
    """Which finding of a set that is one counts, and what is kept of the others."""
    ranked = sorted(one, key=lambda each: (each.sender, each.report_ref, each.position))
    ranked.sort(key=lambda each: _weight(each, results), reverse=True)
    counted = ranked[0]
    own = results.get(counted.finding, {})
    joined = []
    for place, each in enumerate(ranked[1:], 1):
        strength = evidence(counted, each)
        if strength is None:
            raise AssertionError("findings that are one have evidence for it, each with each")
        others = results.get(each.finding, {})
        disagrees = ", ".join(
            f"{antibiotic} {own[antibiotic]}/{others[antibiotic]}"
            for antibiotic in sorted(own.keys() & others.keys())
            if own[antibiotic] != others[antibiotic]
        )
        reason = REASONS[strength]
        if each.way != counted.way:
            reason = f"{reason}:{each.method}"
        joined.append(Joined(each.finding, counted.finding, each.person, place, reason, disagrees))
    return joined


def _weight(each: Found, results: Results) -> tuple[bool, int, int, int, str]:
    return (
        each.method in joining_rules().grown,
        precision(each.organism),
        len(results.get(each.finding, ())),
        _STATUS_RANK[each.status],
        each.made,
    )


_Set = frozenset[Found]


def _unite(own: Sequence[Found]) -> list[_Set]:
    """The sets of one person's findings that are one."""
    alone, crowd = _tell_apart(own)
    same: dict[frozenset[int], int] = {}
    different: dict[frozenset[int], int] = {}
    for one, other in _near(alone):
        strength = evidence(one, other)
        if strength is not None:
            strengths = same if one.way == other.way else different
            strengths[frozenset((one.finding, other.finding))] = strength
    if not same and not different:
        return []
    concerned = frozenset[int]().union(*same, *different)
    sets: list[_Set] = [frozenset((each,)) for each in alone if each.finding in concerned]
    for strengths in (same, different):
        # Where there is no evidence of a strength, looking again changes nothing.
        for strength in sorted(set(strengths.values())):
            sets = _unite_at(strength, sets, strengths, crowd)
    return [each for each in sets if len(each) > 1]


def _tell_apart(own: Sequence[Found]) -> tuple[list[Found], frozenset[int]]:
    """The findings without the doubles of each, and which of them have doubles.

    Findings of one sender that nothing tells apart have the same evidence with all others, and none with each
    other. So each that could go with one of them could go with two that may not go together: it goes with neither,
    and they stay alone. One of them stands for all. What laboratories test their systems with is made of
    hundreds, and would take seconds otherwise.
    """
    senders: dict[bytes, set[str]] = defaultdict(set)
    for each in own:
        if each.number is not None:
            senders[each.number].add(each.sender)
    kept: dict[tuple[object, ...], Found] = {}
    crowd: set[int] = set()
    for each in own:
        # A number that only its own sender has says nothing.
        shared = each.number is not None and len(senders[each.number]) > 1
        number = each.number if shared else None
        key = (each.sender, each.day, number, each.material, each.organism, each.way)
        if key in kept:
            crowd.add(kept[key].finding)
        else:
            kept[key] = each
    return list(kept.values()), frozenset(crowd)


def _near(own: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    """Pairs that can have evidence for being one: near in time, or with one number."""
    days = joining_rules().days
    ordered = sorted(own, key=lambda each: each.day)
    starts = [each.day for each in ordered]
    for place, each in enumerate(ordered):
        for other in ordered[place + 1 : bisect_right(starts, each.day + days)]:
            yield each, other
    numbered: dict[bytes, list[Found]] = defaultdict(list)
    for each in own:
        if each.number is not None:
            numbered[each.number].append(each)
    for same in numbered.values():
        yield from combinations(same, 2)


def _unite_at(
    strength: int,
    sets: list[_Set],
    strengths: Mapping[frozenset[int], int],
    crowd: frozenset[int],
) -> list[_Set]:
    """The sets after evidence of this strength has been looked at; `crowd`: findings that stand for several."""
    home = {each.finding: group for group in sets for each in group}
    candidates: dict[_Set, set[_Set]] = defaultdict(set)
    for pair, least in strengths.items():
        one, other = (home[finding] for finding in pair)
        if least > strength or one is other or other in candidates[one]:
            continue
        if _go_together(one, other, strength, strengths):
            candidates[one].add(other)
            candidates[other].add(one)
    sure = {
        group
        for group, others in candidates.items()
        if others
        and not any(each.finding in crowd for other in (group, *others) for each in other)
        and all(b in candidates[a] for a, b in combinations(others, 2))
    }
    united: set[_Set] = set()
    for group in sets:
        if group in sure:
            united.add(group.union(*(other for other in candidates[group] if other in sure)))
        else:
            united.add(group)
    return list(united)


def _go_together(
    one: _Set, other: _Set, strength: int, strengths: Mapping[frozenset[int], int]
) -> bool:
    nothing = len(REASONS)
    return all(
        strengths.get(frozenset((a.finding, b.finding)), nothing) <= strength
        for a in one
        for b in other
    )
