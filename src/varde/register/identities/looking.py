"""The vault opened for people: one person at a time, for a purpose, logged before anything is shown.

`open_person` and `open_question` are the only ways. What a user may not see is refused, and that is logged too; of
somebody who is not there the same is said as of somebody who may not be seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from varde.access.areas import COUNTRY, Area
from varde.access.decisions import AccessRefused, Refused, allows
from varde.access.purposes import purpose_of
from varde.access.roles import Right
from varde.linkage import Decision, Description, decide
from varde.register import store
from varde.register.identities import nodes
from varde.register.identities.deciding import Log
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.nodes import NodeRow
from varde.register.opening import Register
from varde.register.persons import read_places


class OpenedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, opened from the vault.

    Attributes:
        person: of `varde.register.models.Person`.
        descriptions: all that current reports say, each once, always in the same order.
        mark: what a decision about the person is made with: it does not hold for another one (`deciding`).
    """

    person: int
    descriptions: tuple[Description, ...]
    mark: str = ""

    def __repr__(self) -> str:
        return f"OpenedPerson({self.person}, •)"


class OpenedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question with both descriptions, opened from the vault.

    Attributes:
        decision: how they compare, field by field.
        reports: how many current reports say the one, and the other.
    """

    question: int
    cause: str
    one: Description
    other: Description
    decision: Decision
    reports: tuple[int, int]

    def __repr__(self) -> str:
        return f"OpenedQuestion({self.question}, •)"


def open_person(
    register: Register, user: Any, person: int, purpose: str, page: str
) -> OpenedPerson | None:
    """What is said of one person.

    Args:
        page: key of the page it is shown on, or "command-line".

    Returns:
        None where there is nobody: only somebody who may look at anybody is told that.

    Raises:
        AccessRefused: no; logged.
        KeyProblem: the vault's keys, or the log's, are not at hand.
    """
    with store.using(register.alias):
        rows = nodes.of_persons([person])
        residence = read_places([person]).residence
        area = Area("municipality", residence) if residence else COUNTRY
        _ask(user, "see-person", area, purpose, page)
        if not rows:
            return None
        _log(user, [_pseudonym(person)], purpose, page)
        found = _read(register).descriptions(sorted(row.hash for row in rows), {})
    in_order = tuple(found[hash_] for hash_ in sorted(found))
    return OpenedPerson(person=person, descriptions=in_order, mark=nodes.mark_of(rows))


def open_question(
    register: Register, user: Any, question: int, purpose: str, page: str
) -> OpenedQuestion | None:
    """Both descriptions of a question; a look at each of the two persons is logged.

    Returns:
        None where the question is not asked, or not any more.

    Raises:
        AccessRefused, KeyProblem: as `open_person`.
    """
    with store.using(register.alias):
        _ask(user, "decide-linkage", None, purpose, page)
        asked = list(store.select_in("question", "one, other, cause", "id", [question]))
        if not asked:
            return None
        hashes = [bytes(hash_) for hash_ in asked[0][:2]]
        rows = nodes.find(hashes)
        persons = [rows[hash_].person for hash_ in hashes]
        _log(user, [_pseudonym(person) for person in persons], purpose, page)
        knowledge = _read(register)
        found = knowledge.descriptions(hashes, {})
        if len(found) < 2:
            return None
        one, other = (found[hash_] for hash_ in hashes)
        return OpenedQuestion(
            question=question,
            cause=asked[0][2],
            one=one,
            other=other,
            decision=decide(one, other, changes=knowledge.changes()),
            reports=(_count_reports(rows[hashes[0]]), _count_reports(rows[hashes[1]])),
        )


def log_decision(user: Any, what: str, purpose: str, page: str) -> Log:
    """What notes in the access log that somebody decides who some persons are, about each of them.

    Args:
        what: "linkage decision" or "linkage decision undone".
        page: key of the page it is done on, or "command-line".

    Raises:
        KeyProblem: when it is called, and the log's key of persons is not at hand.
    """
    from varde.access import audit

    known = purpose_of(purpose)

    def log(about: Iterable[bytes]) -> None:
        audit.record_looks(user, "change", page, what, known, about)

    return log


def _ask(user: Any, right: Right, area: Area | None, purpose: str, page: str) -> None:
    from varde.access import audit  # its tables are there only when all apps are

    decision = allows(user, right, area, purpose)
    if isinstance(decision, Refused):
        audit.record(user, "denied", page)
        raise AccessRefused(decision)


def _log(user: Any, about: Iterable[bytes], purpose: str, page: str) -> None:
    """Before anything is opened: a look that cannot be logged is none."""
    from varde.access import audit

    audit.record_looks(user, "view", page, "identity", purpose_of(purpose), about)


def _pseudonym(person: int) -> bytes:
    [(pseudonym,)] = store.select_in("person", "pseudonym", "id", [person])
    return bytes(pseudonym)


def _read(register: Register) -> Knowledge:
    if register.context.knowledge is None:
        raise LookupError("this register is about nobody")
    return register.context.knowledge


def _count_reports(row: NodeRow) -> int:
    reports = store.select_in("report", "node", "person", [row.person])
    return sum(node == row.id for (node,) in reports)
