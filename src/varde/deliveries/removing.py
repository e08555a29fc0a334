"""Removing deliveries, dropping old years, and sealing what is kept with a newer key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from varde.access.keys import KeyProblem
from varde.deliveries.folder import folder_of, hold
from varde.deliveries.manifest import Delivery, Manifest, read_manifest
from varde.deliveries.replacing import connect, replace_rows
from varde.prescribing import layouts


def list_deliveries(home: Path) -> list[Delivery]:
    """All that was delivered, in the order of delivery.

    Raises:
        ManifestUnreadable: see there.
    """
    return sorted(read_manifest(folder_of(home)).deliveries, key=lambda each: each.rank)


def remove(home: Path, delivery: str) -> Delivery:
    """Remove one delivery as if it had never been: what it replaced holds again. Its bytes are gone at once.

    Raises:
        NoDelivery: there is none of that id.
        KeyProblem, DeliveriesError: see `varde.deliveries.take`.
    """
    with hold(home) as store:
        old = store.manifest()
        gone = old.find(delivery)
        rest = [each for each in old.of_table(gone.table) if each.id != delivery]
        changed: list[Delivery] = []
        if gone.state == "read":
            with connect(store.staging / "scratch") as connection:
                changed = replace_rows(connection, store.folder, layouts()[gone.table], rest)
        # Nothing is kept for those who still read: whoever removes wants it gone.
        store.put(
            Manifest(number=old.number + 1, deliveries=old.replacing(changed, without={delivery}))
        )
    return gone


def drop_years(home: Path, before: int) -> tuple[Delivery, ...]:
    """Remove the deliveries all of whose accepted rows are of years before a year.

    A delivery with later rows too is left whole: what is kept sealed of it cannot be cut. So is one that took the
    place of rows of a delivery that stays: those would hold again.

    Returns:
        What was removed.

    Raises:
        KeyProblem, DeliveriesError: see `varde.deliveries.take`.
    """
    gone: list[Delivery] = []
    with hold(home) as store:
        old = store.manifest()
        for layout in layouts().values():
            every = old.of_table(layout.key)
            drop = [e for e in every if e.rows and all(file.year < before for file in e.rows)]
            while drop:
                rest = [each for each in every if each not in drop]
                with connect(store.staging / "scratch") as connection:
                    changed = replace_rows(connection, store.folder, layout, rest)
                if not changed:
                    break
                first = min(each.rank for each in changed)
                drop = [each for each in drop if each.rank < first]
            gone += drop
        names = {each.id for each in gone}
        if names:
            store.put(Manifest(number=old.number + 1, deliveries=old.replacing((), names)))
        else:
            store.sweep(old)
    return tuple(gone)


def storage_keys_used(home: Path) -> Counter[str]:
    """Storage key id → deliveries whose data key it sealed."""
    return Counter(each.key_id for each in read_manifest(folder_of(home)).deliveries)


def seal_anew(home: Path, progress: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Seal the data keys of all deliveries with the newest storage key; the files stay as they are.

    Returns:
        How many were sealed anew, and how many did not open and were left alone.
    """
    if not read_manifest(folder_of(home)).deliveries:
        return 0, 0
    with hold(home) as store:
        old = store.manifest()
        newest = store.sealer.current().key_id
        fresh, unreadable = [], 0
        for each in old.deliveries:
            if each.key_id == newest:
                continue
            try:
                key_id, key = store.key_of(each).seal(store.sealer)
            except KeyProblem:
                unreadable += 1
                continue
            fresh.append(replace(each, key_id=key_id, key=key))
            progress(1)
        if fresh:
            store.put(replace(old, deliveries=old.replacing(fresh)))
    return len(fresh), unreadable
