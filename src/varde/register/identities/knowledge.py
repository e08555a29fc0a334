"""What linking needs beside the register's tables: the vault, the keyed hashes, and what is in memory of both.

Descriptions are in memory only for as long as somebody who may be the same person is being worked out, and the last few
thousand of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b

from varde.access.keys import Keys
from varde.access.pseudonyms import make_fingerprinter, make_pseudonymiser
from varde.identity.vault import Vault
from varde.linkage import (
    NO_CHANGES,
    Changes,
    Description,
    Known,
    Prepared,
    common_names,
    number_rules,
    prepare,
    shipped_weights,
)
from varde.messages.records import PersonId
from varde.register.identities.describing import Who, read
from varde.register.identities.stored_changes import (
    any_death,
    newest_change,
    read_changes,
    read_deaths,
    series,
)

RULES = 4
"""Raised when the same descriptions are linked otherwise than before by anything but weights."""
REMEMBERED = 4_096
"""Descriptions in memory at most."""


def linking_version() -> str:
    """What the persons of a register depend on besides descriptions: weights, and rules of numbers."""
    names = common_names().version
    return f"{shipped_weights().version}/{names}/{number_rules().version}/{RULES}"


class Knowledge:
    """The vault of a register, and the keyed hashes that the register knows its entries by.

    Args:
        keys: the register's.
    """

    def __init__(self, vault: Vault, keys: Keys) -> None:
        self.vault = vault
        self._node = make_fingerprinter(keys, "identity/node")
        self._block = blake2b(key=keys.derive("identity/key"), digest_size=8)
        self._number = make_fingerprinter(keys, "identity/number")
        self._question = make_fingerprinter(keys, "identity/question")
        self._change = make_fingerprinter(keys, "identity/change")
        self._person = make_pseudonymiser(keys, "identity/person")
        self._changes: Changes = NO_CHANGES
        self._version: object = None
        self._prepared: OrderedDict[bytes, Prepared] = OrderedDict()
        self._deaths: dict[str, frozenset[date]] | None = None

    def hash_of(self, who: Who, report: tuple[str, ...] = ()) -> bytes:
        """Hash of a description and of the number that it counts by; of one that is of its report alone, with the
        report's natural key."""
        counted = series(who.number) if who.number is not None else ""
        return self._node(who.content + "\0".join(("", counted, *report)).encode())

    def key_of(self, key: str) -> int:
        """A blocking key as the register keeps it."""
        # BLAKE2b with a key (RFC 7693): a description has about ten, and HMAC takes longer.
        keyed = self._block.copy()
        keyed.update(key.encode())
        return int.from_bytes(keyed.digest(), "big", signed=True)

    def number_hash(self, number: PersonId) -> bytes:
        """Hash of a number, as `NumberChange` has it. National and D numbers are of one series."""
        return self._number(series(number).encode())

    def change_hash(self, content: bytes) -> bytes:
        """Hash of everything that a change of number says."""
        return self._change(content)

    def pseudonym_of(self, hash_: bytes) -> bytes:
        """The pseudonym of somebody without number, by the least of the hashes of what is said of them."""
        return self._person("NODE", "", hash_.hex())

    def question_id(self, one: bytes, other: bytes) -> int:
        """Number of the question about two nodes."""
        first, second = sorted((one, other))
        return int.from_bytes(self._question(first + second)[:6], "big")

    def changes(self) -> Changes:
        """The changes of number that are known now, read as they are asked for."""
        version = newest_change()
        if version != self._version:
            # Another form of the same description is compared now.
            self.forget()
            self._version = version
            self._changes = StoredChanges(self) if version else NO_CHANGES
            self._deaths = {} if version and any_death() else None
        return self._changes

    def deaths_by_number(self, numbers: Iterable[str]) -> frozenset[date]:
        """The days on which whoever has some numbers, as ``"KIND:value"``, is said to have died by rows about numbers
        that `changes` knew of last."""
        if self._deaths is None:
            return frozenset()
        found: frozenset[date] = frozenset()
        for number in numbers:
            if number not in self._deaths:
                kind, _, value = number.partition(":")
                self._deaths[number] = read_deaths(self, PersonId(kind=kind, value=value))
            found |= self._deaths[number]
        return found

    def tells_of_death(self, prepared: Prepared) -> bool:
        """Whether a death was said of somebody, in the description or of one of the numbers."""
        return prepared.dead or bool(self.deaths_by_number(prepared.certain))

    def prepared(self, hash_: bytes, said: bytes | Description) -> Prepared:
        """A description in the form that is compared, under the changes of number that `changes` gave last.

        Args:
            said: the description, or what is kept of it.
        """
        known = self._prepared.get(hash_)
        if known is not None:
            self._prepared.move_to_end(hash_)
            return known
        description = read(said) if isinstance(said, bytes) else said
        made = self._prepared[hash_] = prepare(description, self._changes)
        if len(self._prepared) > REMEMBERED:
            self._prepared.popitem(last=False)
        return made

    def prepared_of(
        self, hashes: Iterable[bytes], contents: Mapping[bytes, bytes]
    ) -> dict[bytes, Prepared]:
        """Those of several; what is neither in memory nor among `contents` is read from the vault, and what is
        not there either is left out."""
        found: dict[bytes, Prepared] = {}
        missing: list[bytes] = []
        for hash_ in hashes:
            known = self._prepared.get(hash_)
            if known is not None:
                found[hash_] = known
            elif hash_ in contents:
                found[hash_] = self.prepared(hash_, contents[hash_])
            else:
                missing.append(hash_)
        for hash_, content in self.vault.get(missing).items():
            found[hash_] = self.prepared(hash_, content)
        return found

    def descriptions(
        self, hashes: Iterable[bytes], contents: Mapping[bytes, bytes]
    ) -> dict[bytes, Description]:
        """Descriptions by hash, from `contents` or the vault; those that are in neither are left out."""
        wanted = list(hashes)
        found = {hash_: contents[hash_] for hash_ in wanted if hash_ in contents}
        found |= self.vault.get(hash_ for hash_ in wanted if hash_ not in found)
        return {hash_: read(content) for hash_, content in found.items()}

    def forget(self) -> None:
        """Forget what is in memory."""
        self._prepared.clear()


class StoredChanges(Changes):
    """The changes of number that the register keeps, read when somebody has such a number."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__()
        self._knowledge = knowledge
        self._read: dict[str, Known] = {}

    def known(self, number: str) -> Known:
        """As of `Changes`."""
        if number not in self._read:
            self._read |= read_changes(self._knowledge, number)
        return self._read[number]
