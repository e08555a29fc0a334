"""Who contacts are: sealed, opened, checked and compared.

The key is derived from the pseudonym key for this room alone: it does not change with the storage keys, and opens nothing
else. Who may look, and that it is logged, is the business of whoever asks: what is corrected is gone here, and that it was
is in the access log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from varde.access.keys import Keys
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.sealing import NONCE_BYTES, Seal
from varde.followup.contact_checks import LONGEST, ContactProblem, Who, check_exposures, tidy
from varde.followup.contact_lists import follow_up_days, list_contacts, say_of_day
from varde.followup.free_text import names_somebody
from varde.followup.lineage import heir_of
from varde.followup.models import Contact, ContactDay, Told
from varde.followup.tables import Tables, tables
from varde.followup.threads import alone
from varde.messages import clean_line, holds_identity
from varde.messages.identifiers import identify
from varde.messages.times import norwegian_day
from varde.register import is_of_number

PURPOSE = "followup/contacts"
MOST = 2_000
"""Contacts of one case or event."""
Match = Literal["same", "other", "unknown"]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that was opened.

    Attributes:
        first_exposure: None where the last was the only one.
        days: each day that is followed, with how the contact was; empty where nobody has said.
        case: under which it was added; another than the one that is asked for where that took over.
        unit: who follows it; empty: whoever has the case.
        checked: whether the case that it became is of the person with this national number.
        ended_at: when the follow-up was ended before its last day.
        added: the day it was entered: before that nobody could have said anything.
        pseudonym: of the person in the register; None without a number.
    """

    id: int
    who: Who
    relation: str
    last_exposure: date
    until: date
    days: Mapping[date, str]
    became: int | None
    pseudonym: bytes | None
    first_exposure: date | None = None
    case: int = 0
    unit: str = ""
    checked: bool = False
    ended_at: datetime | None = None
    added: date | None = None


class ContactBook:
    """Contacts under the keys of a register.

    Args:
        keys: of the register of persons.
    """

    def __init__(self, keys: Keys) -> None:
        key = keys.derive(PURPOSE)
        self._cipher = AESGCM(key)
        self._seal = Seal("followup", self._cipher)
        self._pseudonymise = make_pseudonymiser(keys, "register")

    def add(
        self,
        who: Who,
        relation: str,
        last_exposure: date | None,
        by: str,
        now: datetime,
        *,
        first_exposure: date | str | None = None,
        case: int = 0,
        event: int = 0,
        disease: str = "",
        unit: str = "",
        known: Tables | None = None,
    ) -> int:
        """Add a contact; its number.

        Args:
            last_exposure: None where what was said is no day.
            first_exposure: None where it is the last day, which is the only one; what was said, where that is no day.
            unit: that follows it.

        Raises:
            ContactProblem: something that was said cannot be kept, all of it named; or the list takes no more.
        """
        said = tidy(who)
        with alone():
            if case and Told.objects.filter(case=case, standing=False).exists():
                raise ContactProblem("ceased", "there is no such case any more")
            others = list_contacts(case, event)
            first, day = self._check(
                said, relation, (first_exposure, last_exposure), now, others, case
            )
            if len(others) >= MOST:
                raise ContactProblem("many", f"there are {MOST} contacts already")
            made = Contact.objects.create(
                case=case,
                event=event,
                sealed=b"",
                relation=clean_line(relation),
                first_exposure=first,
                last_exposure=day,
                days=follow_up_days(disease, day, known or tables()),
                added_at=now,
                added_by=by,
                unit=unit,
            )
            made.sealed = self._seal.close(msgspec.json.encode(said), _bound(made.id))
            made.about = self.pseudonym(said.number) if said.number else None
            made.save()
            return int(made.id)

    def correct(
        self,
        contact: int,
        who: Who,
        relation: str,
        last_exposure: date | None,
        now: datetime,
        *,
        first_exposure: date | str | None = None,
    ) -> list[str]:
        """Put right what was said of a contact; the names of the fields that are others now.

        Raises:
            ContactProblem: as of `add`.
        """
        said = tidy(who)
        with alone():
            one = Contact.objects.get(id=contact)
            others = [each for each in list_contacts(one.case, one.event) if each.id != one.id]
            first, day = self._check(
                said, relation, (first_exposure, last_exposure), now, others, one.case
            )
            before = self._open(one)
            changed = [
                name
                for name in Who.__struct_fields__
                if getattr(before, name) != getattr(said, name)
            ]
            changed += ["relation"] if one.relation != clean_line(relation) else []
            changed += ["last_exposure"] if one.last_exposure != day else []
            changed += ["first_exposure"] if one.first_exposure != first else []
            one.sealed = self._seal.close(msgspec.json.encode(said), _bound(one.id))
            one.relation, one.first_exposure, one.last_exposure = clean_line(relation), first, day
            one.about = self.pseudonym(said.number) if said.number else None
            if "number" in changed:
                one.checked = False
            one.save()
            return changed

    def _check(
        self,
        who: Who,
        relation: str,
        exposures: tuple[date | str | None, date | None],
        now: datetime,
        others: Sequence[Contact],
        case: int,
    ) -> tuple[date | None, date]:
        """The first exposure, None where the last was the only one, and the last, where all that was said can be kept."""
        first_exposure, last_exposure = exposures
        faults: dict[str, str] = {}
        for field, text in (("name", who.name), ("phone", who.phone), ("relation", relation)):
            refused = names_somebody if field == "phone" else holds_identity
            if refused(clean_line(text)):
                faults[field] = "identity"
            if len(clean_line(text)) > LONGEST[field]:
                faults[field] = "long"
        if not who.name:
            faults["name"] = "empty"
        if who.number and self.pseudonym(who.number) is None:
            faults["number"] = "number"
        elif who.number and any(self._open(one).number == who.number for one in others):
            faults["number"] = "twice"
        elif who.number and case and self._is_own(who, case):
            faults["number"] = "own"
        first, exposure_faults = check_exposures(first_exposure, last_exposure, norwegian_day(now))
        faults |= exposure_faults
        if faults or last_exposure is None:
            code = next(iter(faults.values()))
            raise ContactProblem(code, "what was said of the contact cannot be kept", faults)
        return first, last_exposure

    def _is_own(self, who: Who, case: int) -> bool:
        """Whether a number is that of the person whose contacts these are, by the register's hashes."""
        pseudonym = self.pseudonym(who.number)
        earlier = identify("FNR", who.number).kind != "FNR"
        return pseudonym is not None and is_of_number(heir_of(case), pseudonym, earlier) is True

    def match(self, contact: Known, case: int) -> Match:
        """Whether a case is of the person with a contact's national number, by the register's hashes of numbers: nobody
        is opened. Not known where the contact has no number, or the register does not know the case's person by one."""
        if contact.pseudonym is None:
            return "unknown"
        earlier = identify("FNR", contact.who.number).kind != "FNR"
        found = is_of_number(case, contact.pseudonym, earlier)
        return "unknown" if found is None else "same" if found else "other"

    def open(self, contacts: Sequence[Contact]) -> list[Known]:
        """Contacts with who they are, and how they were on each day that is followed."""
        said: dict[int, dict[date, str]] = {one.id: {} for one in contacts}
        for day in ContactDay.objects.filter(contact__in=list(said)).order_by("id"):
            say_of_day(said[day.contact], day.day, day.status)
        found = []
        for one in contacts:
            who = self._open(one)
            days = {
                one.last_exposure + timedelta(days=number): "" for number in range(one.days + 1)
            }
            found.append(
                Known(
                    id=one.id,
                    who=who,
                    relation=one.relation,
                    first_exposure=one.first_exposure,
                    last_exposure=one.last_exposure,
                    until=one.last_exposure + timedelta(days=one.days),
                    days=days | said[one.id],
                    became=one.became,
                    case=one.case,
                    unit=one.unit,
                    checked=one.checked,
                    ended_at=one.ended_at,
                    added=norwegian_day(one.added_at),
                    pseudonym=self.pseudonym(who.number) if who.number else None,
                )
            )
        return found

    def _open(self, contact: Contact) -> Who:
        sealed = bytes(contact.sealed)
        opened = self._cipher.decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(contact.id)
        )
        return msgspec.json.decode(opened, type=Who)

    def pseudonym(self, number: str) -> bytes | None:
        """The register's pseudonym of whoever has a national number; None when it is none."""
        digits = "".join(number.split())
        found = identify("FNR", digits, datetime.now(UTC).date())
        return self._pseudonymise(found.kind, "", digits) if found.valid else None


def _bound(contact: int) -> bytes:
    return f"contact|{contact}".encode()
