"""What a case leaves behind when there is no such case any more: whose it was, what it rested on, and what became of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

from varde.register import ids, store
from varde.register.casework.drafts import read_trail

Fate = Literal["withdrawn", "another-person", "no-finding", "missing", "stands"]
"""Of a report: taken back by its sender; about another person than it was; an answer without finding; not in the register
any more; none of these, so that it means something else now or is judged otherwise."""


class Origin(NamedTuple):
    """A report by what its sender calls it: the same through a replay."""

    kind: str
    sender: str
    number: str


class Trace(NamedTuple):
    """Whose a case is, and what it rests on.

    Attributes:
        about: the pseudonyms that the person is described by, first the one that the register knows them by; none
            where nobody knows who it is.
        numbered: whether the first of them is of a number, and not only of how the person is described.
    """

    about: tuple[bytes, ...]
    evidence: tuple[Origin, ...]
    numbered: bool = False


class Became(NamedTuple):
    """A report, and what became of it."""

    origin: Origin
    fate: Fate


def traces_of(numbers: Collection[int]) -> dict[int, Trace]:
    """The traces of the cases there are of some numbers, in five statements whatever their number."""
    persons: dict[int, int | None] = {}
    reports: dict[int, set[int]] = {}
    for number, person, trail in store.select_in(
        "case", "id, person, trail", "id", sorted(numbers)
    ):
        keys = read_trail(trail).keys()
        persons[number] = person
        reports[number] = {int(key.partition(".")[0]) for key in keys}
    known = {person for person in persons.values() if person is not None}
    about, numbered = _pseudonyms(known), _numbered(known)
    wanted = sorted({report for ones in reports.values() for report in ones})
    origins = {
        row[0]: Origin(*row[1:])
        for row in store.select_in("report", "id, kind, sender, report_ref", "id", wanted)
    }
    return {
        number: Trace(
            about.get(persons[number] or 0, ()),
            tuple(sorted(origins[report] for report in ones if report in origins)),
            persons[number] in numbered,
        )
        for number, ones in reports.items()
    }


def _pseudonyms(persons: Collection[int]) -> dict[int, tuple[bytes, ...]]:
    wanted = sorted(persons)
    found: dict[int, dict[bytes, None]] = defaultdict(dict)
    for person, pseudonym in store.select_in("person", "id, pseudonym", "id", wanted):
        found[person][bytes(pseudonym)] = None
    described = store.select_in(
        "node", "person, number", "person", wanted, "AND number IS NOT NULL ORDER BY id"
    )
    for person, number in described:
        found[person][bytes(number)] = None
    return {person: tuple(ones) for person, ones in found.items()}


def _numbered(persons: Collection[int]) -> set[int]:
    """Those of some persons whom a number names."""
    return {
        row[0]
        for row in store.select_in(
            "node n JOIN register_person p ON p.id = n.person",
            "DISTINCT n.person",
            "n.person",
            sorted(persons),
            "AND n.number = p.pseudonym",
        )
    }


def what_became(origins: Sequence[Origin], about: bytes | None) -> list[Became]:
    """What became of the reports that a case rested on.

    Args:
        about: a pseudonym of whose case it was; None when nobody knew.
    """
    rows = {
        Origin(*row[:3]): row[3:]
        for row in store.select_in(
            "report",
            "kind, sender, report_ref, id, cancelled, person",
            "report_ref",
            sorted({one.number for one in origins}),
        )
    }
    known = [rows[one] for one in origins if one in rows]
    found = _with_findings([report for report, *_ in known])
    names = _pseudonyms({person for *_, person in known if person is not None})
    fates = []
    for one in origins:
        report, cancelled, person = rows.get(one, (0, False, None))
        fate: Fate = "stands"
        if not report:
            fate = "missing"
        elif cancelled:
            fate = "withdrawn"
        elif about is not None and person is not None and about not in names.get(person, ()):
            fate = "another-person"
        elif one.kind == "laboratory" and report not in found:
            fate = "no-finding"
        fates.append(Became(one, fate))
    return fates


def _with_findings(reports: Sequence[int]) -> set[int]:
    """Those of some reports that have a finding."""
    # Findings are found by their ids, which are their reports'; SQLite follows the order of a CROSS JOIN.
    return {
        row[0]
        for row in store.select_in(
            "report r CROSS JOIN register_finding f",
            "DISTINCT r.id",
            "r.id",
            sorted(reports),
            f"AND f.id >= r.id * {ids.PARTS} AND f.id < (r.id + 1) * {ids.PARTS}",
        )
    }


def is_of_number(number: int, pseudonym: bytes, earlier: bool = False) -> bool | None:
    """Whether a case is of the person with a national number, by hashes alone.

    Args:
        pseudonym: of the number.
        earlier: it is a number that somebody may have had before their national one.

    Returns:
        None where nobody can tell: there is no such case, or the person is not known by a national number.
    """
    persons = [row[0] for row in store.select_in("case", "person", "id", [number]) if row[0]]
    ranks: dict[bytes, int] = {}
    for hashed, rank in store.select_in(
        "node", "number, rank", "person", persons, "AND number IS NOT NULL"
    ):
        ranks[bytes(hashed)] = rank
    named = {bytes(row[0]) for row in store.select_in("person", "pseudonym", "id", persons)}
    if pseudonym in ranks or pseudonym in named:
        return True
    return False if 0 in ranks.values() and not earlier else None
