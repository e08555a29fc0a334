"""The fold: from messages in the log to the register as it stands.

The register is a pure function of the *set* of messages. For each report (a sender's report number)
the newest version counts (`versions.py`); what it means for the tables is a pure function of it
(`projection.py`). This module finds what a batch of messages changes, and writes that.

Two rules make repeated and contradictory messages harmless:

- the same answer again (same sender and message id, or same report, and the same content) is a
  duplicate;
- one message id with two different contents is the sender's fault. The newer version counts, the other
  goes to quarantine (``message-id-reused``), whichever came first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec

from varde.access.sealing import Sealer
from varde.messages.marks import says_notifiable
from varde.messages.masking import mask_found
from varde.messages.reading import seems_notifiable
from varde.messages.records import Failure, Statement
from varde.register import ids, log, memory, store, tally, traffic
from varde.register.apart import read
from varde.register.casework.changes import changing
from varde.register.casework.strangers import earlier_versions
from varde.register.chunk import (
    Chunk,
    Version,
    load,
    read_version,
    reference_of,
    take,
)
from varde.register.kinds import project
from varde.register.log import Stored
from varde.register.lost_findings import needs_contents
from varde.register.notices import tell_unchanged
from varde.register.projection import Context
from varde.register.putting_aside import correct_receipts, put_aside, write_put_aside
from varde.register.requisitions import may_be_apart
from varde.register.rows import (
    REUSED,
    Projections,
    settle_corrected,
    write_items,
    write_reports,
)
from varde.register.sender_names import name_of, name_senders
from varde.register.standing import resolve
from varde.register.versions import may_be_several

CHUNK = 2_000
FAULT = "reader-fault"
"""Reason of a message that Varde itself fails on: kept, shown, and to be replayed when it is mended."""
FOREIGN = "foreign-sender"
"""Reason of an item in which somebody speaks for another sender."""
WRONG_KIND = "wrong-kind"
"""Reason of an item that was handed in as something else than it is."""


@dataclass
class Counts:
    """What became of items: every one received is accepted, a duplicate or quarantined.

    `unmapped` counts expressions (organism, antibiotic, material) among the accepted that no code map
    knows; the answers they stand in are accepted all the same. `reasons` says why, of those that were put in
    quarantine; it is for the log, and no part of what commands print.
    """

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    unmapped: int = 0

    def __post_init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def add(self, other: Counts) -> None:
        """Add `other` to this."""
        if other.reasons:
            self.reasons.update(other.reasons)
        self.received += other.received
        self.accepted += other.accepted
        self.duplicate += other.duplicate
        self.quarantined += other.quarantined
        self.unmapped += other.unmapped


def fold(
    batch: Iterable[Stored],
    context: Context,
    sealer: Sealer,
    folded_at: datetime,
    standing: Collection[int] = (),
    refused: Collection[int] = (),
    arrived: Collection[int] | None = None,
    cases: bool = True,
) -> dict[int, Counts]:
    """Fold messages of the log in one transaction; those folded already are passed over.

    Args:
        standing: items that stand already and are left alone (when a message is folded again for the
            sake of its quarantined items).
        refused: messages that the fold itself cannot take: each becomes one item in quarantine.
        arrived: those that are folded for the first time and are counted as come; None for all.
        cases: as of `write_reports`.

    Returns:
        What became of the items of each message that was folded now.
    """
    batch = list(batch)
    counts: dict[int, Counts] = {}
    memory.begin()
    with store.atomic():
        store.lock()
        store.widen_cache()
        context = context.renewed()
        done = {
            row[0]
            for row in store.select_in("receipt", "message", "message", [s.message for s in batch])
        }
        fresh = [stored for stored in batch if stored.message not in done]
        for stored in fresh:
            counts[stored.message] = Counts()
        items = (
            entry for entry in _read_items(fresh, refused, standing) if entry[0] not in standing
        )
        seen: tally.Seen = tally.Seen()
        while chunk := list(islice(items, CHUNK)):
            with changing(folded_at):
                _fold_chunk(chunk, counts, seen, context, sealer, folded_at, cases)
        _write_receipts(counts, folded_at)
        new = counts.keys() if arrived is None else counts.keys() & set(arrived)
        tally.count_items(seen, new)
        traffic.count_items(seen, {s.message: s.received_at for s in fresh if s.message in new})
    if counts:
        memory.settle()
    return counts


def _read_items(
    batch: Sequence[Stored], refused: Collection[int], standing: Collection[int]
) -> Iterator[tuple[int, Statement | Failure]]:
    for stored in batch:
        if stored.message in refused:
            failure = Failure(
                item=0,
                reason=FAULT,
                sender=stored.submitter,
                kind=stored.kind,
                notifiable=seems_notifiable(stored.data),
            )
            item = ids.item_id(stored.message, 0)
            while item in standing:
                item += 1
            yield item, failure
            continue
        for position, record in enumerate(read(stored.data, stored.mapping, stored.received_at)):
            yield (
                ids.item_id(stored.message, position),
                let_in(record, stored.submitter, stored.kind),
            )


def let_in(record: Statement | Failure, submitter: str, kind: str) -> Statement | Failure:
    """The record, unless whoever handed it in may not say it, or said that it was something else.

    Args:
        submitter: the sender it was handed in by; empty when the operator took it in.
        kind: what it was handed in as; empty when nobody said.
    """
    if isinstance(record, Failure):
        sender, seen = submitter or record.sender, record.kind or kind
        if (sender, seen) == (record.sender, record.kind):
            return record
        return msgspec.structs.replace(record, sender=sender, kind=seen)
    # What it is comes first: a table of another kind is handed in elsewhere, whoever stands in it as sender.
    if kind and record.kind != kind:
        reason, place, detail = WRONG_KIND, "kind", str(record.kind)
    elif submitter and record.sender != submitter:
        reason, place, detail = FOREIGN, "sender", record.sender
    else:
        return record
    return Failure(
        item=0,
        reason=reason,
        place=place,
        detail=mask_found(reason, detail),
        sender=submitter or record.sender,
        message_id=record.message_id,
        report_id=record.report_id,
        kind=kind or record.kind,
        notifiable=says_notifiable(record),
    )


def _write_receipts(counts: dict[int, Counts], folded_at: datetime) -> None:
    columns = ("message", "folded_at", "items", "accepted", "duplicate", "quarantined", "unmapped")
    now = store.stamp(folded_at)
    rows = [
        (message, now, c.received, c.accepted, c.duplicate, c.quarantined, c.unmapped)
        for message, c in counts.items()
    ]
    store.insert("receipt", columns, rows)


def _fold_chunk(
    items: Sequence[tuple[int, Statement | Failure]],
    counts: dict[int, Counts],
    seen: tally.Seen,
    context: Context,
    sealer: Sealer,
    folded_at: datetime,
    cases: bool,
) -> None:
    """Fold some items of the transaction and count them under their messages."""
    fresh: list[Version] = []
    failures: list[tuple[int, Failure]] = []
    names: dict[str, tuple[int, str]] = {}
    for item, record in items:
        if isinstance(record, Failure):
            failures.append((item, _keep_names(record, context)))
        else:
            fresh.append(read_version(item, record, context))
            sender = fresh[-1].reference[1]
            if record.sender_name:
                named = name_of(record)
                names[sender] = max(names.get(sender, named), named)
    chunk = load(fresh)
    for version in fresh:
        take(version, chunk)
    projections = _project_changed(chunk, context, sealer)
    aside = put_aside(chunk, projections)
    # Of what goes to quarantine, also what was read long ago, it is kept whether it is notifiable.
    beside = [
        version
        for versions in chunk.versions.values()
        for version in versions
        if version.item in aside
    ]
    open_contents((*chunk.demoted, *beside), sealer)
    if cases:
        open_contents(earlier_versions(chunk, projections), sealer)
    write_reports(
        chunk,
        projections,
        context,
        cases,
        before_cases=lambda: write_items(fresh, failures, chunk, folded_at),
    )
    tell_unchanged(chunk, projections)
    settle_corrected(fresh, folded_at)
    write_put_aside(aside, chunk, {version.item for version in fresh}, folded_at)
    _correct_counts(chunk, {version.item for version in fresh}, counts)
    name_senders(names)
    missing = {
        version.item: len(projection.unmapped)
        for version, projection in projections.values()
        if projection is not None and version is not None
    }
    for version in fresh:
        message = ids.message_of(version.item)[0]
        kind, sender, _ = version.reference
        seen[message, sender, kind, "Q" if version.state == "P" else version.state] += 1
        count = counts[message]
        count.received += 1
        count.accepted += version.state == "A"
        count.duplicate += version.state in "DR"
        if version.state in "QP":
            count.quarantined += 1
            count.reasons[aside[version.item].reason if version.state == "P" else REUSED] += 1
        count.unmapped += missing.get(version.item, 0)
    for item, failure in failures:
        message = ids.message_of(item)[0]
        seen[message, failure.sender, failure.kind, "Q"] += 1
        count = counts[message]
        count.received += 1
        count.quarantined += 1
        count.reasons[failure.reason] += 1


def _correct_counts(chunk: Chunk, fresh: Collection[int], counts: dict[int, Counts]) -> None:
    """Tell of what was there before, and is put aside now or no longer: in the receipts that are written, and in those
    that are being made."""
    written: Counter[int] = Counter()
    for version in chunk.moved:
        if version.item in fresh:
            continue
        message = ids.message_of(version.item)[0]
        more = 1 if version.state == "P" else -1
        if message in counts:
            counts[message].quarantined += more
            counts[message].accepted -= more
        else:
            written[message] += more
    correct_receipts(written)


def _keep_names(failure: Failure, context: Context) -> Failure:
    """The failure with its sender's numbers as the register keeps them."""
    return msgspec.structs.replace(
        failure,
        sender=reference_of(failure.sender, context, 80),
        message_id=reference_of(failure.message_id, context),
        report_id=reference_of(failure.report_id, context),
    )


def _project_changed(chunk: Chunk, context: Context, sealer: Sealer) -> Projections:
    """For each report that may have changed: its current version and what that means.

    (None, None): no version is left. Reports whose newest version is the one they stand in already
    are left out.
    """
    projections: Projections = {}
    for key, special in chunk.changed.items():
        versions = chunk.known(key)
        if not versions:
            projections[key] = (None, None)
            continue
        newest = max(versions, key=lambda version: version.key)
        row = chunk.rows.get(key)
        if special or (
            len(versions) > 1
            and (
                may_be_several(v.key for v in versions if v.service_type != "A")
                or may_be_apart(versions)
                or needs_contents(versions)
            )
        ):
            open_contents(versions, sealer)
            standing = resolve((v.key, v.content) for v in versions if v.content is not None)
            if standing is None:
                raise AssertionError("a report with versions resolves to one of them")
            current = next(v for v in versions if v.key == standing[0])
            current.content = standing[1]
            projections[key] = (current, project(standing[1], context))
        elif row is None or newest.key > row.version_key:
            # A withdrawal of everything under the number may have come before.
            open_contents([newest], sealer)
            if newest.content is None:
                raise AssertionError("a version that counts can be read")
            projections[key] = (newest, project(newest.content, context))
    return projections


def open_contents(versions: Iterable[Version], sealer: Sealer) -> None:
    """Read versions back from the log that are not in memory, each of their messages once."""
    wanted: dict[int, dict[int, list[Version]]] = defaultdict(lambda: defaultdict(list))
    for version in versions:
        if version.content is None:
            message, position = ids.message_of(version.item)
            wanted[message][position].append(version)
    for message, data, mapping, received, _, _ in log.read(sorted(wanted), sealer):
        places = wanted[message]
        last = max(places)
        for position, record in enumerate(read(data, mapping, received)):
            if isinstance(record, Statement):
                for version in places.get(position, ()):
                    version.content = record
            if position == last:
                break
