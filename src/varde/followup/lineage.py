"""Cases that ceased, and the cases that took over what was done about them.

A case that ceased has an *heir*: the case that it is one with, or a new one of the same person, disease and episode.
What was done about it (contacts, notes, events) stays where it is and is read with its heir: a link can be taken back when
the case comes back, and setting it twice changes nothing. A case that stands has no heir, so that links never go round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from varde.cases import Disease
from varde.followup.models import Told
from varde.followup.routing import Facts
from varde.register import Trace


class Succession(NamedTuple):
    """A case that ceased, and the one that took over."""

    old: int
    heir: int


def family(case: int) -> tuple[int, ...]:
    """A case and those whose heir it is, however far back; the case itself first."""
    found = {case: None}
    latest = [case]
    while latest:
        rows = Told.objects.filter(heir__in=latest).order_by("case").values_list("case", flat=True)
        latest = [number for number in rows if number not in found]
        found.update(dict.fromkeys(latest))
    return tuple(found)


def heir_of(case: int) -> int:
    """The case that has what was done about a case: itself, so long as none has taken over."""
    seen = {case}
    while True:
        found = Told.objects.filter(case=case).values_list("heir", flat=True).first()
        if found is None or found in seen:
            return case
        case = found
        seen.add(case)


def heirs_of(cases: Collection[int]) -> dict[int, int]:
    """The case that has what was done about each of some cases, in a statement for each generation."""
    links: dict[int, int] = {}
    asked: set[int] = set()
    wanted = set(cases)
    while wanted:
        asked |= wanted
        rows = Told.objects.filter(case__in=wanted, heir__isnull=False).values_list("case", "heir")
        links |= dict(rows)
        wanted = set(links.values()) - asked
    return {case: _end(case, links) for case in cases}


def _end(case: int, links: Mapping[int, int]) -> int:
    seen = {case}
    while (found := links.get(case)) is not None and found not in seen:
        case = found
        seen.add(case)
    return case


def succeed(
    standing: Mapping[int, Trace], ceased: Collection[int], files: Mapping[str, Disease]
) -> list[Succession]:
    """Give every case that ceased an heir, where there is one. Inside the caller's transaction, after cases were told.

    Args:
        standing: cases that were told now, with whose they are.
        ceased: cases of which it was told now that there are none any more.

    Returns:
        The links that are new.
    """
    of_persons = {name for trace in standing.values() for name in trace.about}
    orphans = Told.objects.filter(standing=False, heir=None)
    old = {one.case: one for one in orphans.filter(case__in=list(ceased))}
    old |= {one.case: one for one in orphans.filter(about__in=sorted(of_persons))}
    old = {number: one for number, one in old.items() if one.about is not None}
    if not old:
        return []
    found = []
    candidates = _candidates(old.values(), standing)
    for number, one in sorted(old.items()):
        heir = _choose(one, candidates[bytes(one.about), one.disease], files)
        if heir is not None:
            Told.objects.filter(case=number).update(heir=heir)
            found.append(Succession(number, heir))
    return found


def _candidates(
    old: Collection[Told], standing: Mapping[int, Trace]
) -> Mapping[tuple[bytes, str], dict[int, date]]:
    """The cases that stand, with their first days, by person and disease."""
    found: dict[tuple[bytes, str], dict[int, date]] = defaultdict(dict)
    same = {bytes(one.about) for one in old}
    there = Told.objects.filter(standing=True)
    for one in there.filter(about__in=sorted(same)) | there.filter(case__in=list(standing)):
        first_day = msgspec.json.decode(one.facts, type=Facts).first_day
        names = set(standing[one.case].about) if one.case in standing else set()
        if one.about is not None:
            names.add(bytes(one.about))
        for name in names & same:
            found[name, one.disease][one.case] = first_day
    return found


def _choose(old: Told, standing: Mapping[int, date], files: Mapping[str, Disease]) -> int | None:
    """The case whose episode overlaps that of an old one: of several the nearest in time, then the lowest number."""
    day = msgspec.json.decode(old.facts, type=Facts).first_day
    near = [
        (abs((first - day).days), number)
        for number, first in standing.items()
        if overlap(old.disease, day, first, files)
    ]
    return min(near)[1] if near else None


def overlap(disease: str, one: date, other: date, files: Mapping[str, Disease]) -> bool:
    """Whether two cases of one person and disease, by their first days, may be of one episode."""
    known = files.get(disease)
    definition = known.definition_on(min(one, other)) if known else None
    if definition is None:
        return False
    days = definition.episode_days
    return days is None or abs((one - other).days) < days
