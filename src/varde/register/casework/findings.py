"""Findings as evidence.

Findings that are one (`varde.register.joining`) are one piece for each way in which they were found, because a criterion
asks for the way: what grew at one laboratory and was found by its genome at another is two pieces, as it is when one
laboratory did both. A piece is of the organism and results of the one that ranks first; what it does not say (place of the
specimen, how it was found, further results) is taken from the others, in their order. It was taken on the earliest of
their days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from varde.cases import Catalogue, Evidence, LaboratoryFinding
from varde.cases.evidence import Notifiable
from varde.codes import refines
from varde.register import ids, store
from varde.register.casework.beginning import mark_of, method_of, profile_of
from varde.register.casework.pieces import Piece, Report, Whose, first_said, key_of
from varde.register.joining import read_categories
from varde.register.joining_rules import joining_rules, way_of


class Found(NamedTuple):
    """A finding as the register has it."""

    id: int
    organism: str
    method: str
    day: date
    material: str
    age: int | None
    markers: str = ""


Categories = Mapping[int, Mapping[str, str]]
"""Finding → antibiotic → S, I or R."""


def findings_in(
    reports: Mapping[int, Report],
    answers: Collection[int],
    persons: Collection[int],
    definitions: Catalogue,
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    """The findings of some persons that bear on a disease.

    Args:
        reports: all of theirs, by their ids.
        answers: the laboratories' among them.
    """
    found = {one.id: one for one in read_findings(answers)}
    sets = _one_each(found, persons)
    wanted = [
        each
        for each in sets
        if any(found[finding].organism in definitions.agents for finding in each)
    ]
    categories = read_asked([f for each in wanted for f in each], definitions)
    for each in wanted:
        ones = [found[finding] for finding in each]
        first = reports[ones[0].id // ids.PARTS]
        evidence = _put_together(ones, reports, categories, definitions)
        members = tuple(reports[one.id // ids.PARTS].member(one.id % ids.PARTS) for one in ones)
        said = [reports[member.report] for member in members]
        yield (
            first.whose,
            evidence,
            Piece(
                "finding",
                evidence.day,
                members,
                first_said(one.sex for one in said),
                next((one.age for one in ones if one.age is not None), None),
                first_said(one.municipality for one in said),
            ),
        )


def read_findings(answers: Collection[int]) -> Iterator[Found]:
    """The findings of some answers that a code map knows, by the ids of their reports."""
    # SQLite follows the order of a CROSS JOIN, and would otherwise look at all findings there are.
    tables = "report r CROSS JOIN register_specimen s CROSS JOIN register_finding f"
    columns = (
        "f.id, f.organism, f.method, CAST(s.collected_on AS TEXT), s.material, s.age, f.markers"
    )
    where = (
        f"AND s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS} "
        f"AND f.id >= r.id * {ids.PARTS} AND f.id < (r.id + 1) * {ids.PARTS} "
        "AND +f.specimen = s.id AND f.organism IS NOT NULL"
    )
    for finding, organism, method, day, material, age, markers in store.select_in(
        tables, columns, "r.id", answers, where
    ):
        yield Found(
            finding, organism, method, date.fromisoformat(day), material or "", age, markers
        )


def _one_each(found: Mapping[int, Found], persons: Collection[int]) -> list[list[int]]:
    """The findings, those that are one and were found in one way together; the first by rank first."""
    joined: dict[int, list[int]] = defaultdict(list)
    for finding, counted in store.select_in(
        "joined", "id, counted", "person", persons, "ORDER BY counted, place"
    ):
        joined[counted].append(finding)
    others = {finding for ones in joined.values() for finding in ones}
    pieces: list[list[int]] = []
    for one in sorted(found):
        if one in others:
            continue
        by_way: dict[str, list[int]] = defaultdict(list)
        for finding in (one, *joined.get(one, ())):
            by_way[way_of(found[finding].method)].append(finding)
        pieces += by_way.values()
    return pieces


def read_asked(findings: Sequence[int], definitions: Catalogue) -> Categories:
    """The categories of findings, of the antibiotics that some criterion asks about."""
    asked = sorted(definitions.resistances)
    return read_categories(findings, asked) if asked else {}


def _put_together(
    ones: Sequence[Found],
    reports: Mapping[int, Report],
    categories: Categories,
    definitions: Catalogue,
) -> LaboratoryFinding:
    """One finding of all that laboratories say of it."""
    counted = ones[0]
    if len(ones) == 1:
        alone = profile_of(categories.get(counted.id, {}).items(), definitions, counted.markers)
        return LaboratoryFinding(
            key=key_of(*divmod(counted.id, ids.PARTS)),
            day=counted.day,
            organism=counted.organism,
            method=method_of(counted.method),
            material=counted.material,
            resistant=alone.resistant,
            susceptible=alone.susceptible,
            notifiable=mark_of(reports[counted.id // ids.PARTS].notifiable),
            age=counted.age,
        )
    rules = joining_rules()
    said: dict[str, str] = {}
    for one in ones:
        for antibiotic, sir in categories.get(one.id, {}).items():
            said.setdefault(antibiotic, sir)
    unsaid = {"", "other", *rules.any_specimen}
    together = profile_of(
        said.items(), definitions, ",".join(one.markers for one in ones if one.markers)
    )
    return LaboratoryFinding(
        key=key_of(*divmod(counted.id, ids.PARTS)),
        day=min(one.day for one in ones),
        organism=_agent(ones, definitions),
        method=method_of(first_said(one.method for one in ones)),
        material=first_said(one.material for one in ones if one.material not in unsaid)
        or counted.material,
        resistant=together.resistant,
        susceptible=together.susceptible,
        notifiable=_mark({reports[one.id // ids.PARTS].notifiable for one in ones}),
        age=next((one.age for one in ones if one.age is not None), None),
    )


def _agent(ones: Sequence[Found], definitions: Catalogue) -> str:
    """The first organism that a disease names; or a more precise name of it, where one is said and a disease names that
    too: the strain of a vaccine is no wild virus."""
    named = [one.organism for one in ones if one.organism in definitions.agents]
    if not named:
        return ones[0].organism
    return next((one for one in named if refines(one, named[0])), named[0])


def _mark(marks: set[str]) -> Notifiable:
    """What several laboratories say of the duty: it is notifiable when one says so, and is not only when all
    take it back."""
    for mark in ("MSIS-M", "MSIS-UM", ""):
        if mark in marks:
            return mark_of(mark)
    return mark_of(next(iter(marks)))
