"""The results of one report in HL7 version 2 to findings: which organism, and what works against it.

A susceptibility belongs to the organism that its order was made for (OBR-26), or that has its sub-id
(OBX-4), or that stands alone in its order, in the order above, or in the report. Where none of these
points at exactly one organism, the report is refused: a result on the wrong organism would be worse.

A positive search for an organism (`varde.messages.answers.searches`) is a finding too, after those that grew. A
susceptibility is of it when its order was made for it, or, where nothing grew, when it stands under the same
sub-id in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from varde.messages.answers.found import names_known_agent
from varde.messages.answers.genotypic import bearer_of
from varde.messages.answers.identified import join_identified
from varde.messages.answers.known_names import is_known
from varde.messages.answers.notes import Vague, is_control
from varde.messages.answers.searches import method_of
from varde.messages.errors import InvalidContent
from varde.messages.hl7v2 import resistances
from varde.messages.hl7v2.items import (
    Item,
    Panel,
    alike_detection,
    find_detection,
    is_grown,
    is_named,
    is_noted,
    leave_identified,
    leave_repeated,
    leave_vague,
    leave_worded,
    says_something,
)
from varde.messages.hl7v2.observations import is_culture, observe
from varde.messages.hl7v2.orders import MAX_GENERATIONS, Order, parent_result, sub_id
from varde.messages.hl7v2.searched import read_searches
from varde.messages.hl7v2.segments import Message, field
from varde.messages.hl7v2.values import codes_of
from varde.messages.hl7v2.words import words
from varde.messages.kith.results import MAX_FINDINGS, MAX_SUSCEPTIBILITIES, contradiction
from varde.messages.records import Code, Finding, LookedFor, Method, Susceptibility

BEFORE_DOT = re.compile(r"[^.\-]+")


class Results(NamedTuple):
    """What the results of a report say together.

    Attributes:
        findings: in the order of the message; what grew comes first.
        microbiology: a culture or a named susceptibility test was among them; where the section is doubted
            also a search for an agent that is known.
        negative: nothing was found, and a result says so.
        looked_for: the searches that could be read, whatever came of them.
    """

    findings: tuple[Finding, ...] = ()
    microbiology: bool = False
    negative: bool = False
    looked_for: tuple[LookedFor, ...] = ()


def read_results(
    group: Sequence[Order],
    message: Message,
    cancelled: set[int],
    specimens: Mapping[int, int],
    doubted: bool = False,
) -> Results:
    """Findings of the orders of one report.

    Args:
        group: its orders, parents first.
        message: the message they are in.
        cancelled: ids of the orders that are cancelled within the report.
        specimens: id of an order → `Specimen.number` of what was found under it; 0 when it has
            several, none when it has none.
        doubted: their section (OBR-24) does not say that they are microbiology.

    Raises:
        InvalidContent: ``unattached-susceptibility``, ``contradictory-susceptibility``,
            ``contradictory-result``, ``bad-susceptibility``, ``bad-quantity``, ``missing-antibiotic``,
            ``missing-specimen``, ``unknown-specimen``,
            ``too-many-searches``, ``too-many-findings`` or ``too-many-susceptibilities``.
    """
    panels: dict[int, Panel] = {}
    targets: dict[int, Item | None] = {}
    for order in group:
        panel = _read_panel(order, message, id(order) in cancelled)
        panels[id(order)] = panel
        target = _find_target(order, panels, message)
        targets[id(order)] = target
        if target is not None:
            repeated = [item for item in panel.organisms if item.organism == target.organism]
            for item in repeated:
                panel.organisms.remove(item)
    for panel in panels.values():
        leave_worded(panel, [p.organisms for p in panels.values() if p.order.parent is panel.order])
    found = [item for p in panels.values() for item in p.organisms if not item.cancelled]
    traits = resistances.read_traits(panels, found, message)
    detected = [
        item for p in panels.values() for item in p.others if item.detected and not item.cancelled
    ]
    # Grown where the name of the culture says what: isolates too, for want of an identification.
    grown = leave_identified([item for item in detected if is_grown(item)], panels, message)
    noted = leave_identified([item for item in detected if is_noted(item)], panels, message)
    named = any(item.detected and not isinstance(item.detected, Vague) for item in detected)
    grew = [
        *(item.organism for item in found),
        *(item.detected.organisms for item in grown if item.detected),
    ]
    leave_vague(noted, bool(found) or named, grew)
    resistances.settle(
        traits, found or grown, specimens, lambda i, panel: _owner(i.sub, panel, panels, targets)[0]
    )
    every = [item for p in panels.values() for item in p.others if not item.cancelled]
    detected = [item for item in every if item.detected and not is_grown(item)]
    if len(detected) + len(found) + len(grown) > 1:
        detected = leave_repeated(detected, (*found, *grown), specimens)
    every = [*found, *grown, *detected]
    if len(every) > MAX_FINDINGS:
        place = message.place(every[-1].segment)
        raise InvalidContent("too-many-findings", place, str(len(every)))
    for panel in panels.values():
        owners: dict[str, tuple[Item | None, bool]] = {}
        searched = None
        if targets[id(panel.order)] is None and not panel.organisms:
            searched = find_detection(panel.order, panels, message)
        for item in panel.others:
            if item.cancelled or not says_something(item.said):
                continue
            if item.sub not in owners:
                owners[item.sub] = _owner(item.sub, panel, panels, targets)
            owner, linked = owners[item.sub]
            if item.said.role != "measurement":
                owner = searched or owner or alike_detection(item, panel, found)
            bearers = found or grown or bearer_of(item.said.names, detected)
            _attach(item, owner, linked, bearers, message)
    findings = join_identified(
        [_finding(number, item, specimens, message) for number, item in enumerate(every, 1)],
        [item.said.names for item in every],
        contradiction,
    )
    microbiology = bool(found) or any(_is_microbiology(panel) for panel in panels.values())
    if doubted and not microbiology:
        microbiology = any(is_known(each.organisms) for each in findings) or any(
            _looks_for_known(panel, message) for panel in panels.values()
        )
    looked_for = read_searches(panels.values(), message, cancelled, specimens)
    return Results(findings, microbiology, not every and _says_negative(panels), looked_for)


def _read_panel(order: Order, message: Message, off: bool) -> Panel:
    panel = Panel(order, [], [])
    known = words()
    tests = _is_for_tests(order, message)
    for segment in order.results:
        said = observe(segment, message, tests)
        status = segment[11]
        if is_control(said.names, (code for each in said.organisms for code in each)):
            continue  # of the run
        void = off or (status != "F" and status.strip().upper() in known.void_results)
        sub = sub_id(segment, message) if segment[4] else ""
        if said.role == "susceptibility":
            panel.others.append(Item(segment, order, said, sub, void))
            continue
        if said.contradiction and not void:
            raise InvalidContent(
                "contradictory-result", message.place(segment, 5), said.contradiction
            )
        if said.role != "organism" or not said.organisms:
            panel.others.extend(_apart(Item(segment, order, said, sub, void)))
            continue
        for organism in said.organisms:
            item = Item(segment, order, said, sub, void)
            item.organism = organism
            panel.organisms.append(item)
    return panel


def _apart(item: Item) -> list[Item]:
    """An item, or one for each organism that its value names."""
    said = item.said
    if len(said.detected) < 2:
        return [item]
    apart = [said._replace(organisms=(each.organisms,), detected=(each,)) for each in said.detected]
    return [Item(item.segment, item.order, one, item.sub, item.cancelled) for one in apart]


def _is_for_tests(order: Order, message: Message) -> bool:
    """Whether an order is for susceptibility tests, as what was ordered (OBR-4) says."""
    return _name_tests(codes_of(field(order.segment, 4), message.encoding))


@lru_cache(maxsize=4096)
def _name_tests(names: tuple[Code, ...]) -> bool:
    known = words()
    doubtful = not any(is_culture(code) for code in names)
    return any(
        code.code in known.susceptibility_never
        or known.susceptibility.search(f"{code.code} {code.text}".casefold())
        or (
            doubtful and known.susceptibility_doubtful.search(f"{code.code} {code.text}".casefold())
        )
        for code in names
    )


def _find_target(order: Order, panels: dict[int, Panel], message: Message) -> Item | None:
    """The organism that an order's OBR-26 names; None when it names none, or not exactly one.

    A result that is pointed at and holds words for no other purpose is an organism by that alone.
    """
    above = panels.get(id(order.parent)) if order.parent is not None else None
    code, sub, said = parent_result(order, message)
    if above is None or not (code or sub or said):
        return None
    pool = above.organisms + [item for item in above.others if item.said.role == "other"]
    if code or sub:
        pool = [item for item in pool if is_named(item, code, sub, message)]
    if len(pool) > 1 and said:
        named = [item for item in pool if _is_called(item, said)]
        pool = named or pool
    if len(pool) != 1:
        return None
    target = pool[0]
    if target.said.role == "other":
        if len(target.said.organisms) != 1:
            return None
        target.organism = target.said.organisms[0]
        above.others.remove(target)
        above.organisms.append(target)
        target.said = target.said._replace(role="organism")
        target.detected = None
    return target


def _is_called(item: Item, said: str) -> bool:
    expressions = item.organism or tuple(c for o in item.said.organisms for c in o)
    return any(said in (code.text, code.code) for code in expressions)


def _attach(
    item: Item, owner: Item | None, linked: bool, found: Sequence[Item], message: Message
) -> None:
    """Give an amount or a susceptibility to its organism."""
    if owner is None and len(found) == 1:
        owner = found[0]
    if item.said.role == "quantity":
        if owner is not None and not owner.quantity:
            owner.quantity = item.said.text
    elif item.said.role == "susceptibility" or linked:
        _add(item, owner, len(found), message)


def _owner(
    sub: str, panel: Panel, panels: dict[int, Panel], targets: dict[int, Item | None]
) -> tuple[Item | None, bool]:
    """The organism of a sub-id in an order, and whether a link or a parent order says so.

    Where OBR-26 names something that is no organism, only one that stands alone is left to be it.
    """
    linked = missed = False
    for _ in range(MAX_GENERATIONS):
        if sub:
            alike = _with_sub_id(sub, panel.organisms)
            if len(alike) == 1:
                return alike[0], True
        alone = [other for other in panel.organisms if not other.cancelled]
        if not alone and not missed:
            alone = panel.organisms
        if alone:
            return (alone[0] if len(alone) == 1 else None), linked
        target = targets[id(panel.order)]
        if target is not None:
            return target, True
        above = panels.get(id(panel.order.parent))
        if above is None:
            break
        missed = missed or bool(field(panel.order.segment, 26))
        if missed or not _share_sub_id(panel):
            sub = ""
        panel, linked = above, True
    return None, linked


def _share_sub_id(panel: Panel) -> bool:
    """Whether the tests of a child order have one sub-id: it may then be an organism's above.

    Otherwise it counts the tests, and number 2 is not organism 2.
    """
    return (
        len({_before_dot(i.sub) for i in panel.others if i.said.susceptibility or i.said.fault})
        == 1
    )


def _with_sub_id(sub: str, organisms: Sequence[Item]) -> list[Item]:
    """The organisms with a sub-id, or with the part of it before a dot (1.2 is of organism 1)."""
    alike = [other for other in organisms if other.sub == sub]
    return alike or [other for other in organisms if other.sub == _before_dot(sub)]


def _before_dot(sub: str) -> str:
    start = BEFORE_DOT.match(sub)
    return start.group() if start is not None else sub


def _add(item: Item, owner: Item | None, found: int, message: Message) -> None:
    said = item.said
    if owner is None:
        raise InvalidContent("unattached-susceptibility", message.place(item.segment), str(found))
    if owner.cancelled:
        return
    if said.fault is not None:
        reason, detail, number = said.fault
        raise InvalidContent(reason, message.place(item.segment, number), detail)
    test = said.susceptibility
    assert test is not None  # noqa: S101 - the caller has looked
    if not test.antibiotics:
        raise InvalidContent("missing-antibiotic", message.place(item.segment, 3))
    if (both_said := contradiction(owner.tests, test)) != "":
        place = message.place(item.segment, 5)
        raise InvalidContent("contradictory-susceptibility", place, both_said)
    whole = test.sir and (test.mic or test.zone)
    for at, other in enumerate(() if whole else owner.tests):
        if other.antibiotics == test.antibiotics and (both := _join(other, test)) is not None:
            owner.tests[at] = both
            return
    owner.tests.append(test)
    if len(owner.tests) > MAX_SUSCEPTIBILITIES:
        raise InvalidContent("too-many-susceptibilities", message.place(item.segment))


def _join(one: Susceptibility, two: Susceptibility) -> Susceptibility | None:
    """A category and a measurement of one test that were sent apart; None when they overlap."""
    if (one.sir and two.sir) or (one.mic and two.mic) or (one.zone and two.zone):
        return None
    return Susceptibility(
        antibiotics=one.antibiotics,
        sir=one.sir or two.sir,
        mic=one.mic or two.mic,
        zone=one.zone or two.zone,
    )


def _finding(number: int, item: Item, specimens: Mapping[int, int], message: Message) -> Finding:
    specimen = specimens.get(id(item.order))
    if not specimen:
        reason = "missing-specimen" if specimen is None else "unknown-specimen"
        raise InvalidContent(reason, message.place(item.order.segment))
    searched = item.detected
    return Finding(
        number=number,
        specimen=specimen,
        organisms=searched.organisms if searched is not None else item.organism,
        quantity=item.quantity,
        susceptibilities=tuple(item.tests),
        method=searched.method if searched is not None else _method(item, message),
    )


def _method(item: Item, message: Message) -> Method:
    """How an organism was found: as its result or its order is called. Grown, when neither says otherwise."""
    ordered = codes_of(field(item.order.segment, 4), message.encoding)
    return method_of(item.said.names, item.said.method) or method_of(ordered) or "culture"


def _is_microbiology(panel: Panel) -> bool:
    return bool(panel.organisms) or any(
        item.said.role == "organism" or (item.said.role == "susceptibility" and item.said.certain)
        for item in panel.others
    )


def _looks_for_known(panel: Panel, message: Message) -> bool:
    """Whether an order, or a result in it, is of a search for an agent that is known."""
    ordered = codes_of(field(panel.order.segment, 4), message.encoding)
    return names_known_agent(ordered) or any(
        names_known_agent(item.said.names, item.said.method) for item in panel.others
    )


def _says_negative(panels: dict[int, Panel]) -> bool:
    said = {
        kind
        for panel in panels.values()
        for item in panel.others
        if not item.cancelled and item.said.role in ("organism", "other")
        for kind in item.said.kinds
    }
    return "no_growth" in said and "growth" not in said
