"""Links as evidence: which of them count now, and whose cases depend on whom.

Two layers, so that nothing can go round: a link counts so long as its other end is a case that is confirmed *without any
link*, of somebody else. What a link makes of a case is never asked of the case at its other end: of two suspected cases
neither can confirm the other, and a chain ends at its first link.

- To a case: the case at the other end is confirmed, and rests on one of the reports that it rested on when the link was
  stated; where none of those stands, it is a case of the same person in an episode that the day of exposure may lie in.
- To an event: somebody else's case that was joined to it, of the same disease, is confirmed likewise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from varde.cases import Case, Catalogue, Disease, Illness, Linked, classify
from varde.register.casework.evidence import gather
from varde.register.casework.link_rows import (
    End,
    Held,
    StatedLink,
    link_key,
    read_anchors,
    select_links,
    there_are_links,
    touching,
    whose_ends,
)
from varde.register.casework.pieces import Dossier, Whose

AT_ONCE = 50
"""Cases of an event that are looked at together, until two are found that are confirmed."""
FOR_EVER = date.max
"""The register is what all messages say; nothing in them is later than when they arrived."""


class Counting(NamedTuple):
    """Links with what they are worth now.

    Attributes:
        whose: the person that each is evidence about; those of nobody are missing.
        counts: those that are evidence now, where the days fit (`varde.cases.exposure_days`).
        sources: when those were ill who are at the other end, of links that count.
    """

    whose: Mapping[int, Whose]
    counts: frozenset[int]
    sources: Mapping[int, Illness]


def add_links(dossiers: Mapping[Whose, Dossier], definitions: Catalogue) -> None:
    """Put the links that count into the evidence of those whom they are about."""
    if not dossiers or not there_are_links():
        return
    ends = touching(*_split(dossiers))
    links = select_links("id", (link for link, side in ends if side == "of"))
    judged = judge(links, definitions)
    for one in links:
        dossier = dossiers.get(judged.whose.get(one.id, Whose(None, None)))
        if dossier is not None and one.id in judged.counts:
            source = judged.sources.get(one.id)
            linked = Linked(
                key=link_key(one.id),
                day=one.day,
                disease=one.disease,
                kind=one.kind,
                to=f"event {one.to_event}" if one.to_case is None else f"case {one.to_case}",
                source_day=source.first_day if source else None,
                source_onset=source.onset if source else None,
            )
            dossier.evidence.append(linked)
            # A link is no row that a replay makes anew: its number is its name.
            dossier.references[linked.key] = linked.key


def judge(links: Collection[StatedLink], definitions: Catalogue) -> Counting:
    """Which of some links that stand count now."""
    groups = _groups(links)
    fellows = [one for group in groups.values() for one in group]
    ends: dict[End, StatedLink] = {(one.id, "of"): one for one in (*links, *fellows)}
    far: dict[End, StatedLink] = {(one.id, "to"): one for one in links if one.to_case is not None}
    held = whose_ends(read_anchors(ends.keys() | far.keys()))
    confirmed = _confirmed(far, held, definitions)
    others = {key: _in_event(group, held, definitions) for key, group in groups.items()}
    whose = {one.id: held[one.id, "of"].whose for one in links if (one.id, "of") in held}
    counts = set()
    for one in links:
        mine = whose.get(one.id)
        if mine is None:
            continue
        if one.to_event is not None:
            if others[one.to_event, one.disease] - {mine}:
                counts.add(one.id)
        elif (one.id, "to") in confirmed and held[one.id, "to"].whose != mine:
            counts.add(one.id)
    sources = {
        one.id: Illness(confirmed[one.id, "to"].first_day, confirmed[one.id, "to"].onset)
        for one in links
        if one.id in counts and one.to_case is not None
    }
    return Counting(whose, frozenset(counts), sources)


_Group = tuple[int, str]
"""An event and a disease."""


def _groups(links: Iterable[StatedLink]) -> dict[_Group, list[StatedLink]]:
    """All links to the events that some links lead to, those of one disease together."""
    wanted = {(one.to_event, one.disease) for one in links if one.to_event is not None}
    groups: dict[_Group, list[StatedLink]] = defaultdict(list)
    for one in select_links("to_event", {event for event, _ in wanted}):
        if one.to_event is not None and (one.to_event, one.disease) in wanted:
            groups[one.to_event, one.disease].append(one)
    return groups


def _in_event(
    group: Sequence[StatedLink],
    held: Mapping[End, Held],
    definitions: Catalogue,
    without: Collection[Whose] = (),
) -> frozenset[Whose]:
    """Who of an event is confirmed: everybody, or two of them, because then each has another.

    Args:
        without: whoever is not looked at.
    """
    ends: list[tuple[End, StatedLink]] = [((one.id, "of"), one) for one in group]
    ends = [each for each in ends if each[0] in held and held[each[0]].whose not in without]
    found: set[Whose] = set()
    for start in range(0, len(ends), AT_ONCE):
        some = dict(ends[start : start + AT_ONCE])
        found.update(held[end].whose for end in _confirmed(some, held, definitions))
        if len(found) > 1:
            break
    return frozenset(found)


def _confirmed(
    ends: Mapping[End, StatedLink], held: Mapping[End, Held], definitions: Catalogue
) -> dict[End, Case]:
    """The ends that are confirmed cases with nothing but what reports say: of several cases, the one nearest to the exposure."""
    ends = {end: link for end, link in ends.items() if end in held}
    dossiers = gather(*_split({held[end].whose for end in ends}), definitions)
    cases: dict[tuple[Whose, str], tuple[Case, ...]] = {}
    found: dict[End, Case] = {}
    for end, link in ends.items():
        whose, reports = held[end]
        disease = definitions.diseases.get(link.disease)
        dossier = dossiers.get(whose)
        if disease is None or dossier is None:
            continue
        if (whose, link.disease) not in cases:
            cases[whose, link.disease] = classify(disease, dossier.evidence, FOR_EVER)
        fitting = [
            case
            for case in cases[whose, link.disease]
            if _is_confirmed(case)
            and (
                _rests_on(case, dossier, {"|".join(one) for one in reports})
                if reports
                else _is_near(case, link, disease)
            )
        ]
        if fitting:
            day = link.day
            found[end] = min(
                fitting, key=lambda one: (abs((one.first_day - day).days), one.first_day)
            )
    return found


def _is_confirmed(case: Case) -> bool:
    """Confirmed, and not because a clinician's form says that it is linked to another."""
    return case.classification == "confirmed" and "epidemiological" not in case.rule


def _rests_on(case: Case, dossier: Dossier, names: Collection[str]) -> bool:
    """Whether a case rests on one of some reports, by kind, sender and number."""
    return any(
        member.reference in names
        for key in case.evidence
        if key in dossier.pieces
        for member in dossier.pieces[key].members
    )


def _is_near(case: Case, link: StatedLink, disease: Disease) -> bool:
    """Whether the exposure may have been to this case, where no report is left that says so."""
    definition = disease.definition_on(case.first_day)
    if definition is None or definition.episode_days is None:
        return True
    return abs((case.first_day - link.day).days) < definition.episode_days


class Others(NamedTuple):
    """Persons, and reports about nobody known."""

    persons: frozenset[int]
    reports: frozenset[int]


NOBODY = Others(frozenset(), frozenset())


def depending_on(
    persons: Collection[int],
    reports: Collection[int],
    numbers: Collection[int],
    definitions: Catalogue,
) -> Others:
    """Whose cases may be others when those of some persons are: those whom a link leads from to them, who are in an event
    with them, or whom a link that hung on their reports is about now.

    Args:
        numbers: of the cases that they have, or had until now.
    """
    if not there_are_links():
        return NOBODY
    links = select_links("id", {link for link, _ in touching(persons, reports)})
    links += select_links("of_case", numbers)
    links += select_links("to_case", numbers)
    touched = {*(Whose(one, None) for one in persons), *(Whose(None, one) for one in reports)}
    return about(links, touched, definitions)


def about(
    links: Collection[StatedLink], touched: Collection[Whose], definitions: Catalogue
) -> Others:
    """Whom some links are about, and who else is linked to the same events.

    Of an event in which two others are confirmed nobody else's link depends on those who changed.

    Args:
        touched: those who changed.
    """
    found = {one.id for one in links}
    for group in _groups(links).values():
        held = whose_ends(read_anchors({(one.id, "of") for one in group}))
        if len(_in_event(group, held, definitions, touched)) < 2:
            found.update(one.id for one in group)
    ends = whose_ends(read_anchors({(link, "of") for link in found}))
    return Others(*map(frozenset, _split({one.whose for one in ends.values()})))


def about_stated(links: Collection[StatedLink], definitions: Catalogue) -> Others:
    """Whose cases may be others when links are stated or withdrawn, and no report changes: of those to an event, only
    by a link of somebody who is confirmed are there others."""
    ends: dict[End, StatedLink] = {(one.id, "of"): one for one in links}
    held = whose_ends(read_anchors(ends.keys()))
    confirmed = _confirmed(ends, held, definitions)
    heavy = [one for end, one in ends.items() if end in confirmed]
    touched = {one.whose for one in held.values()}
    others = about(heavy, touched, definitions)
    persons, reports = _split(touched)
    return Others(others.persons.union(persons), others.reports.union(reports))


def _split(ones: Iterable[Whose]) -> tuple[list[int], list[int]]:
    """Persons, and reports about nobody known, in order."""
    ones = list(ones)
    return (
        sorted({one.person for one in ones if one.person is not None}),
        sorted({one.report for one in ones if one.report is not None}),
    )
