"""The manifest: what was delivered, what became of it, and which files hold the tables now.

One JSON file, replaced in one step. Files that it names never change. Unlike the warehouse's it cannot be made
again: it holds the sealed keys of what is kept, and who delivered it when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from varde.deliveries.errors import FilesMissing, ManifestUnreadable, NoDelivery
from varde.warehouse import FileEntry, replace_file

MANIFEST: Final = "manifest.json"
FORMAT: Final = 2
"""In the first, tables had pseudonyms as text: what was delivered then is read again (`read_manifest`)."""

State = Literal["received", "read", "refused"]
"""``received``: kept, and not read yet: a reading was interrupted. ``refused``: nothing of it can be used."""


class YearFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows of one year of one delivery."""

    year: int
    file: FileEntry


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many rows there is one thing to say of: the reason, and its column or value."""

    reason: str
    of: str
    count: int


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing of a file can be used: see `varde.prescribing.reading.FileRefused`."""

    reason: str
    place: str = ""
    shown: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that was handed in.

    Attributes:
        id: of its content and `series`: the same file twice is one delivery.
        said: the table that somebody said it is of; empty: it says itself.
        table: the key of its table; of what is refused, of the one that it is most like; empty as long as nobody knows.
        layout: the version of the layout that it was read with.
        name: its name, long numbers masked.
        source: who delivered it.
        series: whose pseudonyms it has: pseudonyms of two series are never of one person.
        format: how it is written: a key of `varde.deliveries.FORMATS`.
        delivered_at: when, at first; decides which of two deliveries is later.
        taken_at: when Varde took it in.
        size, sha256: of its bytes.
        file: the name of its sealed files.
        key_id, key: the storage key, and the data key that it sealed.
        headings: of the cells of its rejected rows.
        accepted, rejected, repeated: rows. ``repeated`` are those that say what an earlier row of the file says.
        reasons: reason and column → errors. One row may have several.
        told: reason and value → accepted rows.
        rows: the accepted rows.
        current: those of them that no later delivery replaces; all of `rows` as long as none is replaced.
        answers: the rejected rows that it corrects: delivery and row.
        again: its own rejected rows that were to correct one, and which: own row, delivery and row.
        deleted: keys of rows that it deletes from deliveries of lower rank.
    """

    id: str
    said: str
    table: str = ""
    layout: str = ""
    name: str
    source: str
    series: str
    format: str
    delivered_at: datetime
    taken_at: datetime
    size: int
    sha256: str
    file: str
    key_id: str
    key: bytes
    state: State = "received"
    refusal: Refusal | None = None
    headings: tuple[str, ...] = ()
    accepted: int = 0
    rejected: int = 0
    repeated: int = 0
    reasons: tuple[Count, ...] = ()
    told: tuple[Count, ...] = ()
    rows: tuple[YearFile, ...] = ()
    current: tuple[YearFile, ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    again: tuple[tuple[int, str, int], ...] = ()
    deleted: tuple[YearFile, ...] = ()

    @property
    def keys(self) -> tuple[YearFile, ...]:
        """The files with all keys of rows that deliveries of lower rank lose to it."""
        return (*self.rows, *self.deleted)

    @property
    def rank(self) -> tuple[datetime, str]:
        """Of two rows of one key, that of the delivery of the higher rank holds: the later, and of two at the same
        moment the one whose content has the higher hash. No rank depends on the order in which files were taken."""
        return (self.delivered_at, self.sha256 + self.series)

    @property
    def replaced(self) -> int:
        """How many of its accepted rows later deliveries have replaced."""
        return self.accepted - sum(each.file.rows for each in self.current)


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One state of all deliveries.

    Attributes:
        number: counts the states from 1; 0: nothing was delivered yet.
        key_check: which pseudonym key its pseudonyms are made with (`Keys.check_value`).
        deliveries: by id.
        previous: paths of the state before this one, kept for those who still read it.
    """

    format: int = FORMAT
    number: int = 0
    key_check: str = ""
    deliveries: tuple[Delivery, ...] = ()
    previous: tuple[str, ...] = ()

    def find(self, delivery: str) -> Delivery:
        """The delivery of an id.

        Raises:
            NoDelivery: there is none.
        """
        for each in self.deliveries:
            if each.id == delivery:
                return each
        raise NoDelivery(f"there is no delivery {delivery!r}: varde deliveries list shows them")

    def of_table(self, table: str) -> list[Delivery]:
        """The deliveries of one table that were read, the lowest rank first."""
        found = [each for each in self.deliveries if each.table == table and each.state == "read"]
        return sorted(found, key=lambda each: each.rank)

    def current(self, table: str) -> list[str]:
        """The files that hold the table, relative to the folder, by year."""
        files = [each for delivery in self.of_table(table) for each in delivery.current]
        return [each.file.path for each in sorted(files, key=lambda e: (e.year, e.file.path))]

    def paths(self) -> frozenset[str]:
        """Every file of rows of this state."""
        return frozenset(
            each.file.path
            for delivery in self.deliveries
            for files in (delivery.rows, delivery.current, delivery.deleted)
            for each in files
        )

    def replacing(
        self, changed: Iterable[Delivery], without: Collection[str] = ()
    ) -> tuple[Delivery, ...]:
        """The deliveries with some of them replaced or added, and some left out."""
        every = {each.id: each for each in (*self.deliveries, *changed)}
        return tuple(every[key] for key in sorted(every) if key not in without)


def read_manifest(folder: Path) -> Manifest:
    """The current state; number 0 where nothing was delivered.

    Raises:
        ManifestUnreadable: it is damaged, or of a newer Varde. One of an earlier Varde is given as it is: see `reopen`.
    """
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest()
    except msgspec.MsgspecError as error:
        raise ManifestUnreadable(
            f"{path} is damaged or of a newer Varde ({error}): restore it from a backup"
        ) from None
    if manifest.format > FORMAT:
        raise ManifestUnreadable(f"{path} is of a newer Varde: install that")
    return manifest


def reopen(manifest: Manifest) -> Manifest:
    """The state of an earlier format as one of today: all that was read is to be read again, from its sealed bytes."""
    if manifest.format == FORMAT:
        return manifest
    again = [
        msgspec.structs.replace(
            each,
            state="received",
            rows=(),
            current=(),
            answers=(),
            again=(),
            deleted=(),
            told=(),
            reasons=(),
        )
        for each in manifest.deliveries
        if each.state == "read"
    ]
    return msgspec.structs.replace(
        manifest, format=FORMAT, deliveries=manifest.replacing(again), previous=()
    )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the state: whoever reads sees the old or the new, also after a power cut."""
    replace_file(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def whole_manifest(folder: Path, tries: int = 3) -> Manifest:
    """The current state with all its files in place: two states may pass between two looks.

    Raises:
        ManifestUnreadable: see `read_manifest`; or it is of an earlier Varde.
        FilesMissing: files that it names are not there.
    """
    missing: list[str] = []
    for _ in range(tries):
        manifest = read_manifest(folder)
        if manifest.format != FORMAT:
            raise ManifestUnreadable(
                f"{folder / MANIFEST} is of an earlier Varde: run varde deliveries resume once"
            )
        missing = [path for path in sorted(manifest.paths()) if not (folder / path).is_file()]
        if not missing:
            return manifest
    raise FilesMissing(
        f"{len(missing)} files of deliveries are missing in {folder}, among them {missing[0]}: "
        "restore the folder from a backup"
    )
