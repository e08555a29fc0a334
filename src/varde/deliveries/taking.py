"""Taking a file in: kept first, sealed and durable; then read; then the tables change in one step.

A crash before the file is kept leaves nothing of it. One after that leaves a delivery that was received and not
read: the next `take`, or `resume`, reads it. The tables are as before or as after, never between.
"""

from __future__ import annotations

import hashlib
import io
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
from msgspec.structs import replace

from varde.access.sealed_files import PIECE, SealedWriter, new_data_key
from varde.deliveries.bundles import FORMAT, SERIES, OpenBundle, open_bundle
from varde.deliveries.folder import Store, hold
from varde.deliveries.manifest import Count, Delivery, Manifest, Refusal, YearFile
from varde.deliveries.rejections import count_closed
from varde.deliveries.replacing import connect, replace_rows
from varde.deliveries.staging import RejectedWriter, Renamer, YearWriter, adopt, stage
from varde.messages import mask_identities
from varde.prescribing import layouts
from varde.prescribing.reading import FileRefused, OpenFile, find_duplicates, open_file
from varde.warehouse import sync_folder, write_file

_logger = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Called with the number of rows that were read since the last call."""
Content = bytes | Path | BinaryIO


def _open_table(file: BinaryIO, *, source: str, **said: Any) -> OpenFile:
    """Rows say the same, whoever delivers them."""
    return open_file(file, **said)


FORMATS: Final[Mapping[str, Callable[..., OpenFile | OpenBundle]]] = {
    "table": _open_table,
    FORMAT: open_bundle,
}
"""How a file may be written → what opens it."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file.

    Attributes:
        delivery: its id.
        table: empty when nobody knows which it is of.
        state: "read" or "refused".
        duplicate: it was handed in before; nothing was read again.
        accepted, rejected, repeated, reasons, told, refusal: see `Delivery`.
        replaced: rows of earlier deliveries that it took the place of.
        replaced_of: the other sources that some of these were of, where a row is known by its source's own number alone.
        outdated: its own rows that a later delivery has the place of.
        closed: rejected rows of other deliveries that it put right.
    """

    delivery: str
    table: str
    name: str
    state: str
    duplicate: bool = False
    accepted: int = 0
    rejected: int = 0
    repeated: int = 0
    replaced: int = 0
    replaced_of: tuple[str, ...] = ()
    outdated: int = 0
    closed: int = 0
    refusal: Refusal | None = None
    reasons: tuple[Count, ...] = ()
    told: tuple[Count, ...] = ()


def take(
    home: Path,
    table: str,
    content: Content,
    *,
    source: str,
    delivered_at: datetime,
    clock: Callable[[], datetime],
    name: str = "",
    series: str = "",
    format: str = "table",
    progress: Progress = lambda _: None,
) -> Receipt:
    """Take one file in. When this returns, it survives a power cut.

    Any order and any repetition of deliveries gives the same tables: see `Delivery.rank`. The same bytes again are
    one delivery, at the first of its times.

    Args:
        home: the folder of all state.
        table: the key of a layout; empty: the file says itself.
        content: its bytes, or a file, of which no more than a part is in memory at a time.
        source: who delivers it.
        delivered_at: when; with a zone.
        clock: the time now.
        name: the file's name.
        series: whose pseudonyms are in it. Files that are to be joined by patient have the same.
        format: a key of `FORMATS`.

    Raises:
        KeyProblem: the keys cannot be read.
        DeliveriesError: the folder is damaged.
        OSError: the file cannot be read, or the disk is full; nothing of it is kept then.
    """
    if format not in FORMATS:
        raise KeyError(format)
    if delivered_at.tzinfo is None:
        raise ValueError("delivered_at needs a zone")
    with hold(home) as store:
        _try_to_resume(store)
        said = _Said(table, name or _name_of(content), source, series, format)
        delivery = _keep(store, content, said, delivered_at.astimezone(UTC), clock())
        known = {each.id: each for each in store.manifest().deliveries}.get(delivery.id)
        if known is not None and known.state == "read":
            if delivery.rank >= known.rank:
                store.sweep(store.manifest())  # the copy that was just sealed
                return replace(_receipt(known), duplicate=True)
            # What a row may be dated depends on the time too. Until it is read, the one that was read holds.
            return replace(_read(store, delivery, progress), duplicate=True)
        if known is not None:  # refused then: perhaps it is said now what it is
            delivery = replace(
                delivery, delivered_at=min(known.delivered_at, delivery.delivered_at)
            )
        _put(store, [delivery])
        return _read(store, delivery, progress)


def resume(home: Path, progress: Progress = lambda _: None) -> list[Receipt]:
    """Read what was received when an earlier intake was interrupted."""
    with hold(home) as store:
        return _resume(store, progress)


def _try_to_resume(store: Store) -> None:
    """What cannot be read although it should must not keep others out: it waits for `resume`, and is logged."""
    try:
        _resume(store, lambda _: None)
    except Exception as error:
        # Not what it says: it may quote the file.
        about = {"error": type(error).__name__}
        _logger.error("an interrupted delivery cannot be read; it waits", extra=about)
        store.sweep(store.manifest())


def _resume(store: Store, progress: Progress) -> list[Receipt]:
    store.sweep(store.manifest())
    waiting = [each for each in store.manifest().deliveries if each.state == "received"]
    return [_read(store, each, progress) for each in waiting]


class _Said(msgspec.Struct, frozen=True):
    """What whoever hands a file in says of it."""

    table: str
    name: str
    source: str
    series: str
    format: str


def _name_of(content: Content) -> str:
    return content.name if isinstance(content, Path) else ""


@contextmanager
def _opened(content: Content) -> Iterator[BinaryIO]:
    if isinstance(content, Path):
        with content.open("rb") as file:
            yield file
    elif isinstance(content, bytes):
        yield io.BytesIO(content)
    else:
        yield content


def _keep(
    store: Store, content: Content, said: _Said, delivered_at: datetime, now: datetime
) -> Delivery:
    """Seal a file, durably."""
    file = secrets.token_hex(16)
    key = new_data_key(file)
    digest, size = hashlib.sha256(), 0
    path = store.sealed / f"{file}.raw"
    try:
        with _opened(content) as opened, SealedWriter(path, key, "raw") as writer:
            while data := opened.read(PIECE):
                digest.update(data)
                size += len(data)
                writer.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_folder(store.sealed)
    key_id, sealed_key = key.seal(store.sealer)
    sha256 = digest.hexdigest()
    return Delivery(
        id=hashlib.sha256(f"{sha256}|{said.series}".encode()).hexdigest()[:16],
        said=said.table,
        name=mask_identities(said.name),
        source=said.source,
        series=said.series,
        format=said.format,
        delivered_at=delivered_at,
        taken_at=now.astimezone(UTC),
        size=size,
        sha256=sha256,
        file=file,
        key_id=key_id,
        key=sealed_key,
    )


def _put(store: Store, changed: list[Delivery]) -> Manifest:
    """The next state; those who read the state before it may go on for a while."""
    old = store.manifest()
    return store.put(
        Manifest(
            number=old.number + 1,
            deliveries=old.replacing(changed),
            previous=tuple(sorted(old.paths())),
        )
    )


def _read(store: Store, delivery: Delivery, progress: Progress) -> Receipt:
    """Read a delivery that was received, and let the tables change."""
    folder = store.staging / delivery.file
    folder.mkdir(parents=True)
    store.rejected(delivery).unlink(missing_ok=True)  # half written by somebody who died
    try:
        with store.open_raw(delivery) as raw:
            file = FORMATS[delivery.format](
                raw,
                table=delivery.said,
                name=delivery.name,
                latest=delivery.delivered_at.date() + timedelta(1),  # it may be a day more there
                source=delivery.source,
            )
            delivery = replace(delivery, table=file.layout.key, layout=file.layout.version)
            read = _stage(store, delivery, file, folder, progress)
    except FileRefused as error:
        refusal = Refusal(error.reason, error.place, error.shown)
        table = delivery.table or error.table
        refused = replace(delivery, table=table, state="refused", refusal=refusal)
        store.rejected(delivery).unlink(missing_ok=True)
        _put(store, [refused])
        return _receipt(refused)
    earlier = store.manifest().of_table(read.table)
    others = [each for each in earlier if each.id != read.id]
    every = sorted([*others, read], key=lambda each: each.rank)
    closed = count_closed(store, read, others)
    with connect(store.staging / "scratch") as connection:
        # One that was there before, at a later time, may give others back what it had taken the place of.
        only = read if len(others) == len(earlier) else None
        changed = replace_rows(connection, store.folder, layouts()[read.table], every, only)
    read = {each.id: each for each in [read, *changed]}[read.id]
    were = {each.id: each for each in others}
    new = _put(store, [read, *(each for each in changed if each.id != read.id)])
    now = {each.id: each.replaced for each in new.of_table(read.table)}
    lost = {key: now[key] - each.replaced for key, each in were.items()}
    own = len(layouts()[read.table].identified_by) == 1  # by its source's own number alone
    others_of = {each.source for key, each in were.items() if lost[key] > 0} - {read.source}
    return replace(
        _receipt(read),
        replaced=sum(max(0, count) for count in lost.values()),
        replaced_of=tuple(sorted(others_of)) if own else (),
        closed=closed,
    )


def _stage(
    store: Store,
    delivery: Delivery,
    file: OpenFile | OpenBundle,
    folder: Path,
    progress: Progress,
) -> Delivery:
    """Write what a file holds; nothing names it yet."""
    layout = file.layout
    years = YearWriter(folder, layout)
    rejected = RejectedWriter(store.rejected(delivery), store.key_of(delivery))
    patient = next((c.name for c in layout.columns if c.holds == "pseudonym"), "")
    series = SERIES if isinstance(file, OpenBundle) else delivery.series
    rename = Renamer(patient, store.renamer(series)) if patient else lambda batch: batch
    try:
        staged = stage(file.batches(), years, rejected, rename, progress)
        with connect(folder / "scratch") as connection:
            paths = [years.path(year) for year in years.years]
            duplicates = find_duplicates(connection, layout, paths)
        wrong = duplicates.contradictory
        if len(wrong):  # what was written in them is in the file alone: it is read once more
            for batch in file.batches():
                rejected.add(batch.reject(wrong, "duplicate-key"))
    except BaseException:
        years.abandon()
        rejected.abandon()
        raise
    rejected.close()
    sync_folder(store.sealed)
    left_out = np.union1d(wrong, duplicates.repeated)
    files = adopt(store.folder, years, left_out)
    again = staged.again | (staged.answers.keys() & set(wrong.tolist()))
    answers = {pair for row, pair in staged.answers.items() if row not in again}
    return replace(
        delivery,
        state="read",
        refusal=None,
        headings=file.headings,
        accepted=sum(each.file.rows for each in files),
        rejected=rejected.rows,
        repeated=len(duplicates.repeated),
        reasons=_counts(rejected.reasons),
        told=_counts(staged.told),
        rows=files,
        current=files,
        answers=tuple(sorted(answers)),
        again=tuple((row, *staged.answers[row]) for row in sorted(again)),
        deleted=_write_deleted(store, file, delivery),
    )


def _write_deleted(
    store: Store, file: OpenFile | OpenBundle, delivery: Delivery
) -> tuple[YearFile, ...]:
    """The keys that a bundle deletes, filed under the year in which it was made. Tables delete nothing."""
    if not isinstance(file, OpenBundle):
        return ()
    gone, year = file.deleted(), delivery.delivered_at.year
    below = f"rows/{file.layout.key}/year={year}"
    entry = write_file(store.folder, below, gone.schema, iter(gone.to_batches()))
    return () if entry is None else (YearFile(year=year, file=entry),)


def _counts(found: Mapping[tuple[str, str], int]) -> tuple[Count, ...]:
    """The most frequent first."""
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(reason, of, count) for (reason, of), count in ordered[:1000])


def _receipt(delivery: Delivery) -> Receipt:
    return Receipt(
        delivery=delivery.id,
        table=delivery.table,
        name=delivery.name,
        state=delivery.state,
        accepted=delivery.accepted,
        rejected=delivery.rejected,
        repeated=delivery.repeated,
        outdated=delivery.replaced,
        refusal=delivery.refusal,
        reasons=delivery.reasons,
        told=delivery.told,
    )
