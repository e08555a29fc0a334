"""Writes heads of the access log into their file, signed with the newest key, which takes over from the one before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from varde.access.audit import heads, rows
from varde.access.audit.encoding import START
from varde.access.audit.errors import NoSigningKey
from varde.access.audit.heads import Head, Kind
from varde.access.audit.keys import SIGNING, AuditKeys, key_id_of, private_key, publish, raw_public


class Writer:
    """Adds heads to the file, which nobody else writes to meanwhile.

    Args:
        home: the folder of all state.
        path, handle: the file, as `heads.alone_with` gives it.
        end: of the file.
        lost_key: where the key that signed is not at hand, another may begin by its own word.
    """

    def __init__(
        self,
        home: Path,
        path: Path,
        handle: int,
        end: heads.End,
        now: datetime,
        lost_key: bool = False,
    ) -> None:
        self._path, self._handle, self._now = path, handle, now
        self._last, self._link = end.head, end.link
        self._content = b"\n" if end.torn else b""
        self._new: list[tuple[int, bytes]] = []
        self._source = AuditKeys(home, SIGNING)
        if not self._source.at_hand and self._last is not None and not lost_key:
            raise NoSigningKey(_say_key_missing(self._source, self._last.signs_next))
        self._seeds = self._source.read(make=self._last is None or lost_key)
        self._lost_key = lost_key
        self._seed = next(iter(self._seeds.values()))

    @property
    def _sequence(self) -> int:
        return self._last.sequence if self._last else 0

    def add_entries(self) -> Head | None:
        """A head of the log as it is, unless there is one."""
        self._take_over()
        sequence, digest = rows.last_entry()
        # A new key signs at once: from then on its public key alone is enough to verify with.
        if sequence > self._sequence or (self._last is not None and self._last.kind == "key"):
            self._add("entries", sequence, digest, sequence - self._sequence)
        return self._write()

    def add_restored(self, sequence: int, digest: str, since: int) -> Head:
        """A head that says that a backup was put back."""
        self._take_over()
        self._add("restored", sequence, digest, sequence - since, since=since)
        head = self._write()
        assert head is not None  # noqa: S101 - it was just added
        return head

    def _take_over(self) -> None:
        """Let the newest key begin, signed by the one before."""
        newest = _public(self._seed)
        by = key_id_of(newest) if self._last is None else self._last.signs_next
        if self._last is not None and by == key_id_of(newest):
            return
        signer = self._seed
        for seed in self._seeds.values():
            if id_of(seed) == by:
                signer = seed
                break
        else:
            if self._last is not None and not self._lost_key:
                raise NoSigningKey(_say_key_missing(self._source, by))
        digest = self._last.hash if self._last else START
        self._add("key", self._sequence, digest, 0, seed=signer, public_key=newest.hex())

    def _add(
        self,
        kind: Kind,
        sequence: int,
        digest: str,
        count: int,
        since: int = 0,
        seed: bytes | None = None,
        public_key: str = "",
    ) -> None:
        head = heads.make_head(
            seed=seed or self._seed,
            number=self._last.number + 1 if self._last else 1,
            kind=kind,
            sequence=sequence,
            digest=digest,
            at=self._now,
            count=count,
            previous=self._link,
            since=since,
            public_key=public_key,
        )
        line = head.line()
        self._content += line
        self._new.append((head.number, line))
        self._last, self._link = head, hashlib.sha256(line).hexdigest()

    def _write(self) -> Head | None:
        if self._new:
            heads.add_lines(self._handle, self._path, self._content)
            rows.remember_heads(self._new)
        publish(self._source, _public(self._seed))
        if len(self._seeds) > 1:
            self._source.remove_older(next(iter(self._seeds)))
        return self._last


def _say_key_missing(source: AuditKeys, key_id: str) -> str:
    place = SIGNING if source.from_environment else str(source.file)
    return (
        f"the key {key_id} that signs the access log is not in {place}: put it back. When it is lost, "
        "varde audit sign --restored goes on with a new one"
    )


def _public(seed: bytes) -> bytes:
    return raw_public(private_key(seed).public_key())


def id_of(seed: bytes) -> str:
    """Id of the signing key whose private part is `seed`."""
    return key_id_of(_public(seed))
