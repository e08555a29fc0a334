"""What a person decides about two descriptions, and takes back: each one transaction that works everything out anew.

A decision takes nothing away. Undoing is a row that says so, and as persons are a function of the decisions in force,
everything is as it was before. Whoever decides is written into the access log about everybody concerned, in the same
transaction: those who were there before, and those who are there after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from itertools import combinations

from varde.register import store
from varde.register.casework.changes import changing
from varde.register.casework.numbers import coming_apart
from varde.register.casework.work import work_out
from varde.register.identities import nodes, rulings
from varde.register.identities.arranging import Arranged, arrange
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.links import Scene
from varde.register.identities.nodes import NodeRow
from varde.register.identities.rulings import Verdict
from varde.register.joining import join
from varde.register.opening import Register
from varde.register.projection import Context

Log = Callable[[Collection[bytes]], None]
"""Writes a line into the access log about each of some persons, by their pseudonyms (`looking.log_decision`). When it
cannot, nothing is decided."""


class CannotDecide(Exception):
    """A question is not asked, or a decision does not stand, any more; the message says which."""


def decide_question(
    register: Register,
    question: int,
    *,
    same: bool,
    by: str,
    purpose: str,
    reason: str,
    at: datetime,
    log: Log,
) -> int:
    """Decide whether two persons are one.

    Whoever calls this has asked `varde.access` whether the user may (right ``decide-linkage``).

    Args:
        question: its number.
        by: who decides.
        log: is told of everybody whom it is about.

    Returns:
        The number of the decision, by which it is undone.

    Raises:
        CannotDecide: the question is not asked any more.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        rows = list(store.select_in("question", "one, other, weight, version", "id", [question]))
        if not rows:
            raise CannotDecide(_why_not_asked(question, knowledge))
        one, other, weight, version = rows[0]
        one, other = bytes(one), bytes(other)
        if one == other and not same:
            raise CannotDecide(
                "this is one description, which cannot be two persons': take a wrong death back with a "
                "row not-died (varde person changes), or take descriptions of the person apart "
                "(varde link apart)"
            )
        number = rulings.add(
            one,
            other,
            "same" if same else "different",
            by,
            purpose,
            reason,
            at,
            weight=weight,
            version=version,
        )
        found = nodes.find({one, other}).values()
        # Of one description alone nothing but its person's death can be asked.
        pairs = set(combinations(sorted(row.id for row in found), 2))
        nodes.remove_links(pairs, ruled=True)
        nodes.insert_links(dict.fromkeys(pairs, nodes.RULED))
        _arrange({row.id for row in found}, knowledge, register.context, at, log, apart=not same)
    return number


def part_person(
    register: Register,
    person: int,
    others: Collection[int],
    *,
    by: str,
    purpose: str,
    reason: str,
    at: datetime,
    log: Log,
    mark: str = "",
) -> int:
    """Decide that some descriptions of a person are somebody else's, whatever joined them: a number, weight or a
    decision. Whoever calls this has asked `varde.access` whether the user may (right ``decide-linkage``).

    Args:
        others: their places, from 1, in the order in which `varde.register.open_person` gives descriptions.
        mark: as it gave it: of a person who is described otherwise by now the places are others. Empty where whoever
            decides has not been shown anything.

    Returns:
        The number of the decision, by which all of it is undone.

    Raises:
        CannotDecide: there is no such person or description, or none would be left.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        rows = sorted(nodes.of_persons([person]), key=lambda row: row.hash)
        if not rows:
            raise CannotDecide(f"there is no person {person}")
        _check_mark(person, rows, mark)
        taken = {place for place in others if 1 <= place <= len(rows)}
        if len(taken) != len(set(others)) or not 0 < len(taken) < len(rows):
            raise CannotDecide(
                f"person {person} is described in {len(rows)} ways: name some of them, and not all"
            )
        sides = (
            [row for place, row in enumerate(rows, 1) if place not in taken],
            [row for place, row in enumerate(rows, 1) if place in taken],
        )
        said = (by, purpose, reason, at)
        return _rule(sides, "different", said, knowledge, register.context, log)


def join_persons(
    register: Register,
    one: int,
    other: int,
    *,
    by: str,
    purpose: str,
    reason: str,
    at: datetime,
    log: Log,
    marks: tuple[str, str] = ("", ""),
) -> int:
    """Decide that two persons are one, whatever speaks against it. As `part_person`.

    Raises:
        CannotDecide: there is no such person, or it is one person already.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        sides = (nodes.of_persons([one]), nodes.of_persons([other]))
        if one == other:
            raise CannotDecide(f"person {one} is one person already")
        for person, rows, mark in zip((one, other), sides, marks, strict=True):
            if not rows:
                raise CannotDecide(f"there is no person {person}")
            _check_mark(person, rows, mark)
        return _rule(sides, "same", (by, purpose, reason, at), knowledge, register.context, log)


def _check_mark(person: int, rows: Sequence[NodeRow], mark: str) -> None:
    if mark and mark != nodes.mark_of(rows):
        raise CannotDecide(f"person {person} is described otherwise by now: look again")


MOST_PAIRS = 2_500
"""Of more pairs of descriptions than this nobody decides at once."""


def _rule(
    sides: tuple[Sequence[NodeRow], Sequence[NodeRow]],
    verdict: Verdict,
    said: tuple[str, str, str, datetime],
    knowledge: Knowledge,
    context: Context,
    log: Log,
) -> int:
    """Rule about each pair of two sides, as one act."""
    pairs = [(one, other) for one in sides[0] for other in sides[1]]
    if len(pairs) > MOST_PAIRS:
        raise CannotDecide("there are too many descriptions to decide about at once")
    act = rulings.name_act()
    found = [rulings.add(one.hash, other.hash, verdict, *said, version=act) for one, other in pairs]
    ids = {(one.id, other.id) for one, other in pairs}
    nodes.remove_links(ids, ruled=True)
    nodes.insert_links(dict.fromkeys(ids, nodes.RULED))
    touched = {node for pair in ids for node in pair}
    _arrange(touched, knowledge, context, said[3], log, apart=verdict == "different")
    return found[0]


def _why_not_asked(question: int, knowledge: Knowledge) -> str:
    for one in rulings.all_in_force():
        if knowledge.question_id(one.one, one.other) == question:
            return f"question {question} was answered by decision {one.id}: take that back first"
    return f"question {question} is not asked, or not any more"


def undo_decision(
    register: Register,
    ruling: int,
    *,
    by: str,
    purpose: str,
    reason: str,
    at: datetime,
    log: Log,
) -> int:
    """Take a decision back, with all that was decided in the same act: everything is as if it had not been made. An
    earlier one about the same two holds again.

    Returns:
        The number of the row that says so.

    Raises:
        CannotDecide: there is no such decision, or it is undone already.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        if not rulings.is_in_force(ruling):
            raise CannotDecide(f"decision {ruling} is not there, or undone already")
        touched: set[int] = set()
        written: list[int] = []
        for number, one, other, _, _ in rulings.same_act(ruling):
            written.append(
                rulings.add(one, other, "undone", by, purpose, reason, at, undoes=number)
            )
            found = {row.id for row in nodes.find({one, other}).values()}
            if len(found) == 2 and not rulings.standing({one, other}):
                first, second = found
                nodes.remove_links({(first, second)}, ruled=True)
            touched |= found
        _arrange(touched, knowledge, register.context, at, log, apart=True)
    return written[0]


def _knowledge(register: Register) -> Knowledge:
    if register.context.knowledge is None:
        raise CannotDecide("this register is about nobody")
    return register.context.knowledge


def _arrange(
    found: set[int], knowledge: Knowledge, context: Context, at: datetime, log: Log, *, apart: bool
) -> None:
    before = {row.person for row in nodes.read(found).values()}
    arranged = arrange(found, Scene(knowledge, {}, knowledge.changes()))
    after = {arranged.persons[node] for node in found if node in arranged.persons}
    moved = {person for one in arranged.moved for person in (one.earlier, one.person)}
    about = store.select_in("person", "pseudonym", "id", sorted(before | after | moved))
    log(sorted(bytes(row[0]) for row in about))
    with changing(at):
        redo(arranged, context.renewed(), apart=apart)


def redo(arranged: Arranged, context: Context, *, apart: bool) -> None:
    """Work out anew what hangs on the persons whose reports moved: joined findings, cases, months. Inside the caller's
    transaction.

    Rows of persons whom nobody is described as any more stay: they are given back when this is taken back, with the
    number that they had. A replay is without them.

    Args:
        apart: whether what was one may come apart by it, so that cases get the numbers back that were theirs.
    """
    moved = arranged.moved
    both = {person for one in moved for person in (one.earlier, one.person)}
    join(both, set())
    with coming_apart() if apart else nullcontext():
        work_out(both, (), context)
    store.touch_periods({month for one in moved for month in one.periods.split(",") if month})
