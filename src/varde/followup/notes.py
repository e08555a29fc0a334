"""A unit's own words about a case, sealed as contacts are: whoever may see the case on its page can read them, and a
stolen database holds none of them.

Telephone numbers stay as they were written; what may be a national number is refused, for it belongs with a contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from varde.access.keys import Keys
from varde.access.sealing import NONCE_BYTES, Seal
from varde.followup.free_text import names_somebody
from varde.followup.lineage import family
from varde.followup.models import Delivery, Entry
from varde.followup.threads import alone
from varde.messages import tidy_lines

PURPOSE = "followup/notes"
LONGEST = 2_000


class NoteProblem(ValueError):
    """What was written cannot be kept.

    Attributes:
        code: ``empty``, ``long``, ``identity``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class NoteBook:
    """Notes under the keys of a register; the key is this room's alone.

    Args:
        keys: of the register of persons.
    """

    def __init__(self, keys: Keys) -> None:
        self._cipher = AESGCM(keys.derive(PURPOSE))
        self._seal = Seal("followup", self._cipher)

    def add(self, thread: int, text: str, by: str, now: datetime) -> int:
        """Keep a note in a thread; the number of its entry.

        Raises:
            NoteProblem: there is nothing, too much, or what may be a national number.
        """
        words = tidy_lines(text).strip()
        if not words:
            raise NoteProblem("empty", "there is no note")
        if len(words) > LONGEST:
            raise NoteProblem("long", f"{len(words)} signs are more than {LONGEST}")
        if names_somebody(words):
            raise NoteProblem("identity", "this may hold a national number")
        with alone():
            Delivery.objects.get(id=thread)
            made = Entry.objects.create(delivery=thread, at=now, what="note", by=by)
            made.sealed = self._seal.close(words.encode(), _bound(made.id))
            made.save()
            return int(made.id)

    def read(self, entries: Iterable[Entry]) -> dict[int, str]:
        """The words of the notes among some entries, by the entry."""
        found = {}
        for one in entries:
            if one.what != "note":
                continue
            found[int(one.id)] = one.text
            if one.sealed is not None:
                sealed = bytes(one.sealed)
                found[int(one.id)] = self._cipher.decrypt(
                    sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(one.id)
                ).decode()
        return found


def earlier_notes(case: int, units: Sequence[str]) -> list[Entry]:
    """The notes of a unit about the cases that a case took over from, the oldest first.

    Args:
        units: all names of the unit.
    """
    before = [number for number in family(case) if number != case]
    threads = Delivery.objects.filter(case__in=before, event=0, unit__in=units).values("id")
    return list(Entry.objects.filter(delivery__in=threads, what="note").order_by("at", "id"))


def _bound(entry: int) -> bytes:
    return f"note|{entry}".encode()
