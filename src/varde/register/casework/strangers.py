"""Reports whose newer version is about another person: what cases they were known under is forgotten.

A sender's number says that it is the same report, and not that it is the same person: a form may be written over with
another patient's. A case's number must not come to that person (`varde.register.casework.numbers`). Who is the same is
asked as everywhere: persons first, then a decision, then what the two descriptions weigh. Where that leaves it open, as of
somebody who had no number and has one now, the sender's word holds that it is the same report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from varde.linkage import Prepared, shipped_weights, weigh
from varde.register import store
from varde.register.casework.beginning import KINDS
from varde.register.casework.link_rows import let_go_of_reports
from varde.register.casework.traces import Origin
from varde.register.chunk import Chunk, Key, Version
from varde.register.identities import nodes, rulings
from varde.register.identities.knowledge import Knowledge
from varde.register.kinds import project
from varde.register.projection import Context, Projection
from varde.register.store import connection

TWO = frozenset({"contradicted-number"})
"""Reasons to ask for which two are two persons until somebody decides: plainly another name under the same number."""


class Replaced(NamedTuple):
    """A report that is about to be written anew, and whom it was about.

    Attributes:
        node: hash of the description; None where it was about nobody known.
        person: whom it was about.
        said: what the version says that is written now.
    """

    key: Key
    node: bytes | None
    person: int | None
    said: Projection


def earlier_versions(
    chunk: Chunk, projections: Mapping[Key, tuple[Version | None, Projection | None]]
) -> list[Version]:
    """The versions whose contents `find_strangers` needs: of reports that were about nobody, or that versions tell of by
    different numbers or birth dates."""
    found: list[Version] = []
    for key, (current, projection) in projections.items():
        row = chunk.rows.get(key)
        if row is None or current is None or key[0] not in KINDS or not _tells_of(projection):
            continue
        earlier = _described(chunk.known(key), current)
        if row.person is None or any(one.patient != current.patient for one in earlier):
            found += earlier
    return found


def _tells_of(projection: Projection | None) -> bool:
    """Whether a version says whom it is about: by a description, or where nobody is linked by a number."""
    return projection is not None and (
        projection.who is not None or projection.pseudonym is not None
    )


def _described(versions: Iterable[Version], current: Version) -> list[Version]:
    """The other versions that may describe somebody, the newest first."""
    others = [
        one
        for one in versions
        if one.key != current.key and one.patient and one.service_type not in ("A", "C")
    ]
    return sorted(others, key=lambda one: one.key, reverse=True)


def read_replaced(
    chunk: Chunk, projections: Mapping[Key, tuple[Version | None, Projection | None]]
) -> list[Replaced]:
    """Reports that are described otherwise than before, as they stand: before they are given their persons."""
    rows = {
        key: (chunk.rows[key], projection)
        for key, (_, projection) in projections.items()
        if key in chunk.rows
        and key[0] in KINDS
        and projection is not None
        and _tells_of(projection)
    }
    if not rows:
        return []
    held = nodes.read({row.node for row, _ in rows.values() if row.node is not None})
    return [
        Replaced(key, held[row.node].hash if row.node in held else None, row.person, said)
        for key, (row, said) in rows.items()
    ]


def find_strangers(
    replaced: Iterable[Replaced],
    persons: Mapping[Key, int],
    chunk: Chunk,
    projections: Mapping[Key, tuple[Version | None, Projection | None]],
    context: Context,
) -> set[Key]:
    """Those of some reports that are about another person than they were.

    Args:
        persons: whom each is about now.
    """
    found = set()
    for one in replaced:
        if one.person is not None and one.person == persons.get(one.key):
            continue
        earlier = _earlier(chunk, one.key, projections[one.key][0], context)
        if context.knowledge is None:
            another = one.person is not None or _has_other_number(one.said, earlier)
        else:
            another = _is_another(one, earlier, context.knowledge)
        if another:
            found.add(one.key)
    return found


def _earlier(
    chunk: Chunk, key: Key, current: Version | None, context: Context
) -> Iterator[Projection]:
    """What earlier versions say of whom, the newest first, as far as their contents are in memory."""
    if current is not None:
        for version in _described(chunk.known(key), current):
            if version.content is not None:
                yield project(version.content, context)


def _has_other_number(said: Projection, earlier: Iterable[Projection]) -> bool:
    """Where nobody is linked: whether the last number that was said is another."""
    number = next((one.pseudonym for one in earlier if one.pseudonym is not None), None)
    return number is not None and said.pseudonym is not None and number != said.pseudonym


def _is_another(one: Replaced, earlier: Iterable[Projection], knowledge: Knowledge) -> bool:
    """Whether the first of the descriptions before by which that can be told is another person's than the present one."""
    who = one.said.who
    if who is None:
        return False
    hash_ = knowledge.hash_of(who)
    now = knowledge.prepared(hash_, who.description)
    described = [said.who for said in earlier if said.who is not None]
    before: list[tuple[bytes, Mapping[bytes, bytes]]] = [] if one.node is None else [(one.node, {})]
    before += [(knowledge.hash_of(who), {knowledge.hash_of(who): who.content}) for who in described]
    for named, contents in before:
        if named == hash_:
            return False
        if decided := rulings.standing({named, hash_}):
            return not decided[-1].same
        held = knowledge.prepared_of([named], contents)
        answer = _compare(held[named], now) if named in held else None
        if answer is not None:
            return answer
    return False


def _compare(before: Prepared, now: Prepared) -> bool | None:
    """Whether two descriptions are of two persons; None where only a person could tell.

    That two descriptions taken anywhere are mostly of two persons (the prior of the weights) is no reason here, where the
    sender says that it is the same report: what they say must speak against it.
    """
    weights = shipped_weights()
    weighed = weigh(before, now, weights)
    if weighed.outcome == "same":
        return False
    if weighed.outcome == "ask":
        return True if weighed.reason in TWO else None
    if weighed.reason != "weight":
        return True
    return True if weighed.weight < weights.prior else None


class Handed(NamedTuple):
    """Whom a report was about, and is about now: marks of versions (`varde.register.versions.patient_mark`)."""

    before: int
    now: int


def handed_over(
    chunk: Chunk, projections: Mapping[Key, tuple[Version | None, Projection | None]]
) -> dict[Key, Handed]:
    """Whom reports that are about to be written anew were about, and are about now: before they are."""
    found = {}
    for key, (current, _) in projections.items():
        row = chunk.rows.get(key)
        if row is None or current is None or key[0] not in KINDS:
            continue
        before = next((v.patient for v in chunk.known(key) if v.key == row.version_key), 0)
        found[key] = Handed(before, current.patient)
    return found


def let_go(
    reports: Collection[Key],
    handed: Mapping[Key, Handed],
    diseases: Iterable[str],
    reference: Callable[[bytes], bytes],
) -> None:
    """Forget under which numbers some reports were known as evidence of cases, and let no link hang on them that was stated
    of those cases. A report that comes back to whom it was about before, by a number that the country gives, is known by
    what it was known by then. Inside the caller's transaction, before the cases of those concerned are worked out.

    Args:
        diseases: all that evidence may be of.
        reference: the register's keyed hash.
    """
    if not reports:
        return
    let_go_of_reports([Origin(*key) for key in reports])
    keys = list(diseases)
    left: dict[bytes, bytes | None] = {}
    back: dict[bytes, bytes] = {}
    for key in reports:
        marks = handed.get(key, Handed(0, 0))
        for disease in keys:
            name = f"case|{disease}|{'|'.join(key)}"
            own = reference(name.encode())
            left[own] = _hash_of(name, marks.before, reference)
            of_then = _hash_of(name, marks.now, reference)
            if of_then is not None and marks.now != marks.before:
                back[of_then] = own
    rows = list(store.select_in("casenumber", "id, evidence", "evidence", sorted(left)))
    returning = list(store.select_in("casenumber", "id, evidence", "evidence", sorted(back)))
    # The row stays, under a hash that no evidence has: its number was given out, and is not new. Of somebody with no number
    # a hash of its own: a report may be written over again and again.
    renamed = [
        (left[bytes(held)] or reference(b"case|forgotten|%d|%b" % (row, bytes(held))), row)
        for row, held in rows
    ]
    renamed += [(back[bytes(held)], row) for row, held in returning]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_casenumber SET evidence = %s, current = %s WHERE id = %s",
            [(held, False, row) for held, row in renamed],
        )


def _hash_of(name: str, mark: int, reference: Callable[[bytes], bytes]) -> bytes | None:
    """What a report is remembered by while it is about somebody else; None of a patient whom only a birth date or a
    laboratory's own number tells from others."""
    if mark <= 0 or mark % 2 == 0:
        return None
    return reference(f"{name}|of|{mark}".encode())
