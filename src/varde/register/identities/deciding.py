"""What a person decides about two descriptions, and takes back: each one transaction that works everything out anew.

A decision takes nothing away. Undoing is a row that says so, and as persons are a function of the decisions in force,
everything is as it was before.
"""

from __future__ import annotations

from datetime import datetime

from varde.register import store
from varde.register.casework.changes import changing
from varde.register.casework.work import work_out
from varde.register.identities import nodes, rulings
from varde.register.identities.arranging import Arranged, arrange
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.links import Scene
from varde.register.joining import join
from varde.register.opening import Register
from varde.register.projection import Context


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
) -> int:
    """Decide whether two persons are one.

    Whoever calls this has asked `varde.access` whether the user may (right ``decide-linkage``).

    Args:
        question: its number.
        by: who decides.

    Returns:
        The number of the decision, by which it is undone.

    Raises:
        CannotDecide: the question is not asked any more.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        rows = list(store.select_in("question", "one, other, weight, version", "id", [question]))
        if not rows:
            raise CannotDecide(f"question {question} is not asked, or not any more")
        one, other, weight, version = rows[0]
        one, other = bytes(one), bytes(other)
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
        first, second = (row.id for row in nodes.find({one, other}).values())
        nodes.remove_links({(first, second)}, ruled=True)
        nodes.insert_links({(first, second): nodes.RULED})
        _arrange({first, second}, knowledge, register.context, at)
    return number


def undo_decision(
    register: Register, ruling: int, *, by: str, purpose: str, reason: str, at: datetime
) -> int:
    """Take a decision back: everything is as if it had not been made. An earlier one about the same two holds again.

    Returns:
        The number of the row that says so.

    Raises:
        CannotDecide: there is no such decision, or it is undone already.
    """
    knowledge = _knowledge(register)
    with store.using(register.alias), store.alone():
        if not rulings.is_in_force(ruling):
            raise CannotDecide(f"decision {ruling} is not there, or undone already")
        [(one, other)] = store.select_in("ruling", "one, other", "id", [ruling])
        one, other = bytes(one), bytes(other)
        number = rulings.add(one, other, "undone", by, purpose, reason, at, undoes=ruling)
        found = {row.id for row in nodes.find({one, other}).values()}
        if len(found) == 2 and not rulings.standing({one, other}):
            first, second = found
            nodes.remove_links({(first, second)}, ruled=True)
        _arrange(found, knowledge, register.context, at)
    return number


def _knowledge(register: Register) -> Knowledge:
    if register.context.knowledge is None:
        raise CannotDecide("this register is about nobody")
    return register.context.knowledge


def _arrange(found: set[int], knowledge: Knowledge, context: Context, at: datetime) -> None:
    arranged = arrange(found, Scene(knowledge, {}, knowledge.changes()))
    with changing(at):
        redo(arranged, context.renewed())


def redo(arranged: Arranged, context: Context) -> None:
    """Work out anew what hangs on the persons whose reports moved: joined findings, cases, months. Inside the caller's
    transaction."""
    moved = arranged.moved
    both = {person for one in moved for person in (one.earlier, one.person)}
    join(both, set())
    work_out(both, (), context)
    store.remove_orphans(arranged.left)
    store.touch_periods({month for one in moved for month in one.periods.split(",") if month})
