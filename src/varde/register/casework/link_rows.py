"""Links that people stated, as they are kept, and whose their two ends are now.

An end hangs on the reports of the case that it was stated of, and at last on the person: it is whose the first of those
reports is that stands. So it follows what joins persons and what parts them, and is a function of what stands. A report
that is written over with another person is none of its reports any more (`varde.register.casework.strangers`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from varde.cases import LinkKind
from varde.register import store
from varde.register.casework.drafts import LINK
from varde.register.casework.pieces import Whose
from varde.register.casework.traces import Origin, Trace
from varde.register.store import connection

Side = Literal["of", "to"]
Basis = Literal["hand", "event", "contact"]
End = tuple[int, Side]
"""One end of a link: its number, and which."""
_PERSON = "person"
_KINDS = ("notification", "laboratory")
"""Forms come first: who was near whom is known of whoever the clinician saw."""
_COLUMNS = (
    "id, of_case, disease, kind, CAST(day AS TEXT), to_case, to_event, basis, contact, stated_by, "
    "CAST(stated_at AS TEXT), purpose, withdrawn_by, CAST(withdrawn_at AS TEXT)"
)


class StatedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is kept; fields as those of `varde.register.models.Link`."""

    id: int
    of_case: int
    disease: str
    kind: LinkKind
    day: date
    to_case: int | None
    to_event: int | None
    basis: Basis
    contact: int | None
    stated_by: str
    stated_at: datetime
    purpose: str
    withdrawn_by: str
    withdrawn_at: datetime | None


class Anchors(NamedTuple):
    """What an end hangs on: reports, and after them pseudonyms of the person."""

    reports: tuple[Origin, ...]
    persons: tuple[bytes, ...]


def link_key(link: int) -> str:
    """The key of a link as a piece of evidence."""
    return f"{LINK}{link}"


def is_link(key: str) -> bool:
    """Whether a piece of evidence is a link that somebody stated, and stands in no report."""
    return key.startswith(LINK)


def link_number(key: str) -> int:
    """The number of the link that a key names."""
    return int(key.removeprefix(LINK))


def there_are_links() -> bool:
    """Whether anybody ever stated one: else nothing need be asked."""
    if not store.has_persons():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM register_link LIMIT 1")
        return cursor.fetchone() is not None


# --- rows -----------------------------------------------------------------------------------------


def select_links(column: str, values: Iterable[int], standing: bool = True) -> list[StatedLink]:
    """Links whose column is one of some values, by number.

    Args:
        column: ``id``, ``of_case``, ``to_case``, ``to_event`` or ``contact``.
        standing: only those that are not withdrawn.
    """
    where = "AND withdrawn_at IS NULL" if standing else ""
    rows = store.select_in("link", _COLUMNS, column, sorted(set(values)), where)
    return sorted(map(_link, rows), key=lambda one: one.id)


def _link(row: Sequence[object]) -> StatedLink:
    number, of_case, disease, kind, day, to_case, to_event, basis, contact, by, at, *rest = row
    purpose, withdrawn_by, withdrawn_at = rest
    return msgspec.convert(
        {
            "id": number,
            "of_case": of_case,
            "disease": disease,
            "kind": kind,
            "day": day,
            "to_case": to_case,
            "to_event": to_event,
            "basis": basis,
            "contact": contact,
            "stated_by": by,
            "stated_at": store.moment(str(at)),
            "purpose": purpose,
            "withdrawn_by": withdrawn_by,
            "withdrawn_at": store.moment(str(withdrawn_at)) if withdrawn_at else None,
        },
        StatedLink,
    )


def insert_link(link: StatedLink, ends: Mapping[Side, Trace]) -> None:
    """Keep a link. Inside the caller's transaction, which has `store.lock`.

    Args:
        ends: whose the cases at its ends are, and what they rest on.
    """
    said = msgspec.structs.asdict(link)
    said |= {"day": store.day(link.day), "stated_at": store.stamp(link.stated_at)}
    columns = store.columns_of("link")
    store.insert("link", columns, [tuple(said[name] for name in columns)])
    first = store.next_id("linkanchor")
    anchors = [
        (link.id, side, place, *anchor)
        for side, trace in ends.items()
        for place, anchor in enumerate(
            [
                *(one for kind in _KINDS for one in trace.evidence if one.kind == kind),
                *((_PERSON, "", about.hex()) for about in trace.about),
            ]
        )
    ]
    rows = [(row, *anchor) for row, anchor in enumerate(anchors, first)]
    store.insert("linkanchor", store.columns_of("linkanchor"), rows)


def mark_withdrawn(links: Collection[int], by: str, at: datetime) -> None:
    """Links do not stand any more. Inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_link SET withdrawn_by = %s, withdrawn_at = %s "
            "WHERE id = %s AND withdrawn_at IS NULL",
            [(by, store.stamp(at), link) for link in sorted(links)],
        )


# --- ends -----------------------------------------------------------------------------------------


def read_anchors(ends: Collection[End]) -> dict[End, Anchors]:
    """What some ends hang on, in the order in which it counts."""
    reports: dict[End, list[Origin]] = defaultdict(list)
    persons: dict[End, list[bytes]] = defaultdict(list)
    rows = store.select_in(
        "linkanchor",
        "link, side, place, kind, sender, report_ref",
        "link",
        sorted({link for link, _ in ends}),
    )
    for link, side, _, kind, sender, number in sorted(rows):
        if (link, side) not in ends:
            continue
        if kind == _PERSON:
            persons[link, side].append(bytes.fromhex(number))
        else:
            reports[link, side].append(Origin(kind, sender, number))
    return {end: Anchors(tuple(reports[end]), tuple(persons[end])) for end in ends}


class Held(NamedTuple):
    """Whose an end is now, and by which of its reports, of those that stand, it is; by none when it is by the person."""

    whose: Whose
    reports: frozenset[Origin]


def whose_ends(anchors: Mapping[End, Anchors]) -> dict[End, Held]:
    """Whose some ends are now; those of whom nothing is left are missing."""
    wanted = {one for each in anchors.values() for one in each.reports}
    standing = {
        Origin(*row[:3]): Whose(None, row[3]) if row[4] is None else Whose(row[4], None)
        for row in store.select_in(
            "report",
            "kind, sender, report_ref, id, person",
            "report_ref",
            sorted({one.number for one in wanted}),
            "AND NOT cancelled",
        )
    }
    named = _named({one for each in anchors.values() for one in each.persons})
    found = {}
    for end, (reports, persons) in anchors.items():
        there = [one for one in reports if one in standing]
        if there:
            found[end] = Held(standing[there[0]], frozenset(there))
            continue
        person = next((named[one] for one in persons if one in named), None)
        if person is not None:
            found[end] = Held(Whose(person, None), frozenset())
    return found


def _named(pseudonyms: Collection[bytes]) -> dict[bytes, int]:
    """The persons that some pseudonyms are of."""
    wanted = sorted(pseudonyms)
    found = {
        bytes(number): person
        for number, person in store.select_in("node", "number, person", "number", wanted)
    }
    for pseudonym, person in store.select_in("person", "pseudonym, id", "pseudonym", wanted):
        found.setdefault(bytes(pseudonym), person)
    return found


def touching(persons: Collection[int], reports: Collection[int]) -> set[End]:
    """The ends that hang on a report of some persons, or on some reports, or on the persons."""
    found: set[End] = set()
    # SQLite follows the order of a CROSS JOIN, and would otherwise look at all there are.
    joined = "AND a.report_ref = r.report_ref AND a.sender = r.sender AND a.kind = r.kind"  # its natural key
    for column, values in (("r.person", persons), ("r.id", reports)):
        found.update(
            store.select_in(
                "report r CROSS JOIN register_linkanchor a",
                "a.link, a.side",
                column,
                sorted(values),
                joined,
            )
        )
    ones = sorted(persons)
    names = {bytes(row[0]) for row in store.select_in("person", "pseudonym", "id", ones)}
    names.update(
        bytes(row[0])
        for row in store.select_in("node", "number", "person", ones, "AND number IS NOT NULL")
    )
    found.update(
        store.select_in(
            "linkanchor",
            "link, side",
            "report_ref",
            sorted(name.hex() for name in names),
            f"AND kind = '{_PERSON}'",
        )
    )
    return found


def forget_reports(origins: Collection[Origin]) -> None:
    """Remove what hangs on reports that are removed by an order: of an end that nothing else is left of, the person too;
    and the links that were stated of such a case. Inside the caller's transaction."""
    gone = set(origins)
    numbers = sorted({one.number for one in gone})
    rows = store.select_in(
        "linkanchor", "id, link, side, kind, sender, report_ref", "report_ref", numbers
    )
    mine = [row for row in rows if Origin(*row[3:]) in gone]
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_linkanchor WHERE id = %s", [(row[0],) for row in mine]
        )
        touched: set[End] = {(row[1], row[2]) for row in mine}
        left = read_anchors(touched)
        _remove_ends([end for end in touched if not left[end].reports])


def let_go_of_reports(origins: Collection[Origin]) -> None:
    """Let no end hang on some reports any more, which are about another person than when it was stated: it is the person's
    that was meant. Inside the caller's transaction."""
    if not origins or not there_are_links():
        return
    gone = set(origins)
    rows = store.select_in(
        "linkanchor",
        "id, kind, sender, report_ref",
        "report_ref",
        sorted({one.number for one in gone}),
    )
    mine = [(row,) for row, *origin in rows if Origin(*origin) in gone]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_linkanchor WHERE id = %s", mine)


def forget_links(cases: Collection[int]) -> None:
    """Remove what links keep of cases that there are none of any more, by the numbers that they had: of an end whose
    person has no case of the disease now. Nobody's case is another by it."""
    ends: dict[End, str] = {
        (one.id, "of"): one.disease for one in select_links("of_case", cases, standing=False)
    }
    ends |= {(one.id, "to"): one.disease for one in select_links("to_case", cases, standing=False)}
    with store.alone():
        held = whose_ends(read_anchors(ends.keys()))
        persons = sorted({one.whose.person or 0 for one in held.values()})
        reports = sorted({one.whose.report or 0 for one in held.values()})
        having = {
            (Whose(person, report), disease)
            for column, values in (("person", persons), ("report", reports))
            for person, report, disease in store.select_in(
                "case", "person, report, disease", column, values
            )
        }
        _remove_ends(
            [
                end
                for end, disease in ends.items()
                if end not in held or (held[end].whose, disease) not in having
            ]
        )


def _remove_ends(ends: Collection[End]) -> None:
    """Remove some ends, and the links that were stated of what was there."""
    removed = [(link,) for link, side in sorted(ends) if side == "of"]
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_linkanchor WHERE link = %s AND side = %s", sorted(ends)
        )
        cursor.executemany("DELETE FROM register_linkanchor WHERE link = %s", removed)
        cursor.executemany("DELETE FROM register_link WHERE id = %s", removed)
