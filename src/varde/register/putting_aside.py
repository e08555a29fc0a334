"""Additions that are no part of their report, because it would hold more than a report can, or because they are about
another patient.

Which they are follows from all versions of the report (`kinds.additions.complete`), so it may change with each that
comes, and with the code maps. They stay versions of their report, and wait in quarantine as long as they are put
aside: another version may make room for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from varde.messages.masking import mask_found
from varde.register import ids, store
from varde.register.chunk import Chunk, Version, is_notifiable
from varde.register.projection import PutAside
from varde.register.rows import Projections
from varde.register.store import connection


def put_aside(chunk: Chunk, projections: Projections) -> dict[int, PutAside]:
    """Give the versions of reports that were looked at their states: "P" for those that are put aside, by what is said
    of their reports, and "A" for those that are not any more.

    A version that came twice is put aside once.

    Returns:
        Item → why, of those that are put aside; `chunk.moved` has those that were not before, or are not any more.
    """
    aside: dict[int, PutAside] = {}
    for key, (_, projection) in projections.items():
        said = {each.key: each for each in projection.put_aside} if projection else {}
        versions = chunk.versions.get(key, ())
        if not said and all(version.state != "P" for version in versions):
            continue
        chosen: dict[str, Version] = {}
        for version in sorted(versions, key=lambda each: (each.state == "R", each.item)):
            if version.key in said:
                chosen.setdefault(version.key, version)
        for version in versions:
            state = version.state
            if chosen.get(version.key) is version:
                version.state = "P"
                aside[version.item] = said[version.key]
            elif version.state == "P":
                version.state = "A"
            if version.state != state:
                chunk.moved.append(version)
    return aside


def write_put_aside(
    aside: Mapping[int, PutAside], chunk: Chunk, fresh: Collection[int], at: datetime
) -> None:
    """Write it: the states of items that were there before, and the quarantine.

    Args:
        aside: as of `put_aside`.
        fresh: items that are new, which are written with their states.
    """
    if not aside and not chunk.moved:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_item SET state = %s WHERE id = %s",
            [(version.state, version.item) for version in chunk.moved if version.item not in fresh],
        )
    back = [version.item for version in chunk.moved if version.state != "P"]
    store.close_quarantine([item for item in back if item not in fresh], at)
    entries = []
    for version in (v for versions in chunk.versions.values() for v in versions):
        if version.item in aside:
            why = aside[version.item]
            kind, sender, reference = version.reference
            place = f"answer {ids.message_of(version.item)[1] + 1}"
            found = mask_found(why.reason, str(why.number) if why.number else "")
            number = version.report[2]
            row = (version.item, kind, sender, why.reason, place, found, reference, number)
            entries.append((*row, store.stamp(at), is_notifiable(version)))
    store.open_quarantine(entries)


def correct_receipts(moved: Mapping[int, int]) -> None:
    """Tell senders of items that are put aside now, or no longer.

    Args:
        moved: message → how many more of its items are put aside.
    """
    rows = [(more, more, message) for message, more in sorted(moved.items()) if more]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE register_receipt SET quarantined = quarantined + %s, accepted = accepted - %s "
                "WHERE message = %s",
                rows,
            )
