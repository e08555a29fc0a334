"""A link is stated, and withdrawn: each one transaction with all cases that are others by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal, NamedTuple

from varde.cases import (
    Catalogue,
    Definition,
    Illness,
    LinkKind,
    exposure_days,
    infectious_days,
    is_later,
)
from varde.cases.exposure import Reach
from varde.messages.times import norwegian_day
from varde.register import store
from varde.register.casework import link_evidence
from varde.register.casework.changes import changing
from varde.register.casework.link_rows import (
    Basis,
    Side,
    StatedLink,
    insert_link,
    mark_withdrawn,
    select_links,
)
from varde.register.casework.questions import ListedCase, read_listed
from varde.register.casework.traces import Trace, traces_of
from varde.register.casework.work import work_out_only
from varde.register.opening import Register

Why = Literal["no-case", "same-case", "other-disease", "kind", "future", "day", "later"]


class CannotLink(ValueError):
    """A link cannot be stated.

    Attributes:
        code: ``no-case``: there is no case at one of its ends; ``same-case``: both are one case, or cases of one person;
            ``other-disease``: they are of two diseases; ``kind``: no link of this kind counts for the disease; ``future``,
            ``day``: the day of exposure is yet to come, or is none on which the disease can have passed; ``later``: whoever
            they are said to have it from fell ill after them.
        days: of ``day``, the first and the last that would do.
    """

    def __init__(self, code: Why, days: Reach | None = None) -> None:
        self.code: Why = code
        self.days = days
        super().__init__(f"this link cannot be stated: {code}")


class Link(NamedTuple):
    """What is said: where a case's infection is from.

    Attributes:
        case: the number of the case.
        day: of the exposure, as far as known.
        to_case, to_event: the other end: the number of a case, or else of an event.
        contact: of one that a contact became a case by: its number.
    """

    case: int
    kind: LinkKind
    day: date
    to_case: int | None = None
    to_event: int | None = None
    basis: Basis = "hand"
    contact: int | None = None


class LinkState(NamedTuple):
    """A link that stands, and whether it counts as evidence now: whether somebody else's case at its other end, or in its
    event, is confirmed without links."""

    link: StatedLink
    counts: bool


def link_kinds(definitions: Catalogue, disease: str, day: date) -> frozenset[LinkKind]:
    """The kinds of links that count for a disease under the definition of a day."""
    known = definitions.diseases.get(disease)
    definition = known.definition_on(day) if known else None
    asked = definition.epidemiological if definition else None
    return frozenset(asked.links) if asked else frozenset()


def link_days(
    definitions: Catalogue, case: ListedCase, kind: LinkKind, source: ListedCase | None = None
) -> Reach:
    """The first and the last day on which the case may have been exposed by a link of a kind, as the classifier has it.

    Args:
        source: the case that it may be from; None: no case, or any.
    """
    definition = _definition(definitions, case)
    if definition is None:
        return case.first_day, case.first_day
    return exposure_days(definition, kind, _illness(case), _illness(source) if source else None)


def fell_ill_later(definitions: Catalogue, case: ListedCase, source: ListedCase) -> bool:
    """Whether a case cannot have it from another person because that one fell ill after it."""
    definition = _definition(definitions, case)
    return definition is not None and is_later(definition, _illness(case), _illness(source))


def days_of_infecting(definitions: Catalogue, source: ListedCase) -> Reach | None:
    """The first and the last day on which a case may have infected others; None where the definition does not say."""
    definition = _definition(definitions, source)
    return infectious_days(definition, _illness(source)) if definition else None


def _definition(definitions: Catalogue, case: ListedCase) -> Definition | None:
    known = definitions.diseases.get(case.disease)
    return known.definition_on(case.first_day) if known else None


def _illness(case: ListedCase) -> Illness:
    return Illness(case.first_day, case.onset)


def state_link(register: Register, said: Link, *, by: str, purpose: str, at: datetime) -> int:
    """State a link, and work out anew all cases that it bears on. Whoever calls this has asked whether the user may.

    Args:
        by: who states it; empty for a round of the follow-up.

    Returns:
        Its number; that of the one that stands already where the same has been stated.

    Raises:
        CannotLink: it cannot be stated.
    """
    definitions = register.context.definitions()
    with store.using(register.alias), store.alone():
        listed = read_listed([one for one in (said.case, said.to_case) if one is not None])
        case = listed.get(said.case)
        if case is None:
            raise CannotLink("no-case")
        traces = traces_of(list(listed))
        _check(said, case, listed, traces, definitions, norwegian_day(at))
        for one in select_links("of_case", [said.case]):
            if said == Link(
                one.of_case, one.kind, one.day, one.to_case, one.to_event, one.basis, one.contact
            ):
                return one.id
        link = StatedLink(
            id=store.next_id("link"),
            of_case=said.case,
            disease=case.disease,
            kind=said.kind,
            day=said.day,
            to_case=said.to_case,
            to_event=said.to_event,
            basis=said.basis,
            contact=said.contact,
            stated_by=by,
            stated_at=at,
            purpose=purpose,
            withdrawn_by="",
            withdrawn_at=None,
        )
        sides: dict[Side, Trace] = {"of": traces[said.case]}
        if said.to_case is not None:
            sides["to"] = traces[said.to_case]
        insert_link(link, sides)
        _work_out([link], register, at)
    return link.id


def _check(
    said: Link,
    case: ListedCase,
    listed: dict[int, ListedCase],
    traces: dict[int, Trace],
    definitions: Catalogue,
    today: date,
) -> None:
    other = None
    if said.to_case is not None:
        other = listed.get(said.to_case)
        if other is None:
            raise CannotLink("no-case")
        mine, theirs = traces[said.case], traces[said.to_case]
        if said.to_case == said.case or set(mine.about) & set(theirs.about):
            raise CannotLink("same-case")
        if other.disease != case.disease:
            raise CannotLink("other-disease")
    if said.kind not in link_kinds(definitions, case.disease, case.first_day):
        raise CannotLink("kind")
    if said.day > today:
        raise CannotLink("future")
    if said.kind == "human" and other is not None and fell_ill_later(definitions, case, other):
        raise CannotLink("later")
    days = link_days(definitions, case, said.kind, other)
    if not days[0] <= said.day <= days[1]:
        raise CannotLink("day", days)


def withdraw_links(
    register: Register, links: Collection[int], *, by: str, at: datetime
) -> list[int]:
    """Take links back, and work out anew all cases that they bore on; the numbers of those that stood."""
    with store.using(register.alias), store.alone():
        standing = select_links("id", links)
        if standing:
            mark_withdrawn([one.id for one in standing], by, at)
            _work_out(standing, register, at)
    return [one.id for one in standing]


def _work_out(links: Collection[StatedLink], register: Register, at: datetime) -> None:
    context = register.context.renewed()
    others = link_evidence.about_stated(links, context.definitions())
    with changing(at):
        work_out_only(others.persons, others.reports, context)


def links_of(
    register: Register, numbers: Collection[int], also: Collection[int] = ()
) -> list[LinkState]:
    """The links that stand of cases, by any of the numbers that they have or had, and whether each counts.

    Args:
        also: links by their own numbers.
    """
    with store.using(register.alias):
        found = [*select_links("of_case", numbers), *select_links("id", also)]
        links = sorted({one.id: one for one in found}.values(), key=lambda one: one.id)
        counting = (
            link_evidence.judge(links, register.context.definitions()).counts if links else ()
        )
        return [LinkState(one, one.id in counting) for one in links]


def links_to_event(event: int) -> list[StatedLink]:
    """The links that stand to an event."""
    return select_links("to_event", [event])


def links_by_contacts(contacts: Collection[int], standing: bool = True) -> list[StatedLink]:
    """The links that were stated because contacts became cases.

    Args:
        standing: only those that are not withdrawn.
    """
    return select_links("contact", contacts, standing)
