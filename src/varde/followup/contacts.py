"""Contact lists: whoever was near a case or at an event, followed day by day. Who they are is sealed.

The key is derived from the pseudonym key for this room alone: it does not change with the storage keys, and opens nothing
else. Who may look, and that it is logged, is the business of whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Q

from varde.access.keys import Keys
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.sealing import NONCE_BYTES, Seal
from varde.cases import diseases
from varde.followup.models import Contact, ContactDay
from varde.followup.tables import Tables, tables
from varde.followup.telling import alone
from varde.messages.identifiers import identify

DayState = Literal["well", "symptoms", "tested", "not-reached"]
DAY_STATES: tuple[DayState, ...] = ("well", "symptoms", "tested", "not-reached")
PURPOSE = "followup/contacts"
MOST = 2_000
"""Contacts of one case or event."""


class ContactProblem(ValueError):
    """What was said of a contact cannot be kept.

    Attributes:
        code: ``empty``, ``day``, ``number``, ``state``, ``many``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who a contact is: what is sealed."""

    name: str
    phone: str = ""
    number: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that was opened.

    Attributes:
        days: each day that is followed, with how the contact was; empty where nobody has said.
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
        last_exposure: date,
        by: str,
        now: datetime,
        *,
        case: int = 0,
        event: int = 0,
        disease: str = "",
        known: Tables | None = None,
    ) -> int:
        """Add a contact; its number.

        Raises:
            ContactProblem: there is no name, the number is none, or the day lies in the future.
        """
        if not who.name.strip():
            raise ContactProblem("empty", "say what the contact is called")
        if who.number and self.pseudonym(who.number) is None:
            raise ContactProblem("number", "this is no national identity number")
        if not now.date() - timedelta(days=366) <= last_exposure <= now.date() + timedelta(days=1):
            raise ContactProblem("day", "the last exposure lies in the future, or long ago")
        with alone():
            if Contact.objects.filter(case=case, event=event).count() >= MOST:
                raise ContactProblem("many", f"there are {MOST} contacts already")
            made = Contact.objects.create(
                case=case,
                event=event,
                sealed=b"",
                relation=relation.strip()[:40],
                last_exposure=last_exposure,
                days=follow_up_days(disease, last_exposure, known or tables()),
                added_at=now,
                added_by=by,
            )
            made.sealed = self._seal.close(msgspec.json.encode(who), _bound(made.id))
            made.save()
            return int(made.id)

    def open(self, contacts: Sequence[Contact]) -> list[Known]:
        """Contacts with who they are, and how they were on each day that is followed."""
        said: dict[int, dict[date, str]] = {one.id: {} for one in contacts}
        for day in ContactDay.objects.filter(contact__in=list(said)).order_by("id"):
            said[day.contact][day.day] = day.status
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
                    last_exposure=one.last_exposure,
                    until=one.last_exposure + timedelta(days=one.days),
                    days=days | said[one.id],
                    became=one.became,
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
        found = identify("FNR", digits)
        return self._pseudonymise(found.kind, "", digits) if found.valid else None


def _bound(contact: int) -> bytes:
    return f"contact|{contact}".encode()


def follow_up_days(disease: str, day: date, known: Tables) -> int:
    """How many days after the last exposure a contact is followed: by the table, else for the longest incubation of the
    disease file, else as the table says of all others."""
    if disease and (days := known.follow_up_days(disease, day)) is not None:
        return days
    found = diseases().get(disease)
    definition = found.definition_on(day) if found else None
    if definition is not None and definition.imported_days is not None:
        return definition.imported_days
    return known.follow_up_days("", day) or 14


def list_contacts(case: int = 0, event: int = 0) -> list[Contact]:
    """The contacts of a case or an event, sealed, in the order in which they were added."""
    found: Sequence[Contact] = Contact.objects.filter(case=case, event=event).order_by("id")
    return list(found)


def count_contacts(case: int = 0, event: int = 0) -> int:
    """How many contacts a case or an event has."""
    return int(Contact.objects.filter(Q(case=case, event=event)).count())


def set_day(contact: int, day: date, state: str, by: str, now: datetime) -> None:
    """Say how a contact was on a day; what was said before stays known.

    Raises:
        ContactProblem: there is no such state, or the contact is not followed on that day.
    """
    if state not in DAY_STATES:
        raise ContactProblem("state", f"there is no state {state!r}")
    with alone():
        one = Contact.objects.get(id=contact)
        if not one.last_exposure <= day <= one.last_exposure + timedelta(days=one.days):
            raise ContactProblem("day", "the contact is not followed on this day")
        ContactDay.objects.create(contact=contact, day=day, status=state, at=now, by=by)


def became_case(contact: int, case: int | None) -> None:
    """A contact became a case, or (None) did not after all."""
    with alone():
        Contact.objects.filter(id=contact).update(became=case)
