"""A LegemiddelregisterBundle read: what was given, what is deleted, who gave it, and what becomes of each entry.

FHI's guide has all sent as one FHIR transaction and answered resource by resource. Here too a bad entry takes none with
it but those that refer to it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from varde.messages.errors import MessageError
from varde.messages.fhir.documents import parse_bundle
from varde.messages.fhir.resources import NOTHING, Bundle
from varde.messages.json_documents import as_utf8
from varde.messages.lmdi.drugs import check_drug, check_slices, find_atc, read_amount, read_route
from varde.messages.lmdi.entries import Entries, Held, read_outer
from varde.messages.lmdi.errors import BundleRefused, EntryRefused
from varde.messages.lmdi.organisations import Institution, Organisations, Place
from varde.messages.lmdi.patients import read_person
from varde.messages.lmdi.resources import (
    Condition,
    Medication,
    MedicationAdministration,
    Organization,
)
from varde.messages.lmdi.vocabulary import Route, Sex, vocabulary
from varde.messages.times import EARLIEST, TOLERANCE, norwegian_day, parse_time

KEY_DIGITS: Final = 32
LONGEST_CODE: Final = 18
_TIMED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}.*", re.ASCII)
_OWNED = re.compile(r"(?:ENH|RSH|HER):[0-9]{1,10}", re.ASCII)
_RESOURCE = re.compile(r"[A-Z][A-Za-z]{1,39}", re.ASCII)

State = Literal["accepted", "deleted", "refused"]


class Administration(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table ``administrations``, but for the patient's pseudonym.

    Attributes:
        entry: of the bundle, from 0.
        key: tells the administration apart from every other: see `_key`.
        patient: what tells the patient apart; not to be kept as it is.
        age, ddd, ddd_version: None when unknown.
    """

    entry: int
    key: str
    institution: str
    given_on: date
    patient: str
    age: int | None
    sex: Sex
    atc: str
    route: Route
    ddd: Decimal | None
    ddd_version: int | None
    reason_system: str
    reason_code: str


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """An administration that was recorded in error: nothing of that key is to be left."""

    entry: int
    key: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one entry.

    Attributes:
        kind: its resource type; empty when it has none, or what stands there cannot be one (it may be anything).
        reason: why it is refused, a key of `varde.messages.lmdi.reasons`; else empty.
        place, detail: where, and the offending value, masked.
        key: of an administration, as far as it could be told.
    """

    entry: int
    kind: str
    state: State
    reason: str = ""
    place: str = ""
    detail: str = ""
    key: str = ""


class BundleRead(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a bundle.

    Attributes:
        made_at: when it was put together (UTC): of two bundles the later one holds.
        outcomes: one for each entry, in order.
    """

    identifier: str
    made_at: datetime
    administrations: tuple[Administration, ...]
    deletions: tuple[Deletion, ...]
    institutions: tuple[Institution, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """The entries that cannot be used."""
        return tuple(each for each in self.outcomes if each.state == "refused")


def read_bundle(data: bytes, *, owner: str = "") -> BundleRead:
    """Read a bundle. The same bytes and owner give the same, whenever and wherever.

    Args:
        owner: who sends it. A key such as ``ENH:942110464`` may speak only for organisations that have that number, or
            are part of one that has; what has no such form (an operator's own words, or nothing) for all.

    Raises:
        BundleRefused: nothing of it can be used.
    """
    try:
        document = parse_bundle(data)
        text = as_utf8(data)
    except MessageError as error:
        raise BundleRefused(error.reason, error.place, error.detail) from None
    identifier, made_at = _check_bundle(document.bundle)
    outer = read_outer(document, text)
    for name in ("total", "link"):
        if getattr(outer, name) != NOTHING:
            raise BundleRefused("lmdi-bundle", f"Bundle.{name}", name)
    entries = Entries(document)
    entries.check_requests(outer)
    return _Reader(entries, owner, made_at).read(identifier)


def _check_bundle(bundle: Bundle) -> tuple[str, datetime]:
    """The bundle's number and time.

    Raises:
        BundleRefused: ``lmdi-bundle`` or ``lmdi-timestamp``.
    """
    if bundle.type != vocabulary().bundle.type:
        raise BundleRefused("lmdi-bundle", "Bundle.type", bundle.type[:40])
    identifier = bundle.identifier.value.strip() if bundle.identifier is not None else ""
    if not identifier:
        raise BundleRefused("lmdi-bundle", "Bundle.identifier")
    if not bundle.entry:
        raise BundleRefused("lmdi-bundle", "Bundle.entry")
    written = bundle.timestamp.strip()
    made_at = parse_time(written) if _TIMED.fullmatch(written) else None
    if made_at is None or norwegian_day(made_at) < EARLIEST:
        raise BundleRefused("lmdi-timestamp", "Bundle.timestamp", written[:40])
    return identifier, made_at


class _Reader:
    """Reads the entries of one bundle."""

    def __init__(self, entries: Entries, owner: str, made_at: datetime) -> None:
        self.entries = entries
        self.organisations = Organisations(entries)
        self.owner = owner
        self.speaks_for = owner if _OWNED.fullmatch(owner) else ""
        self.made_at = made_at
        self.keys: dict[int, str] = {}
        self.chains: dict[int, tuple[Place, ...]] = {}

    def read(self, identifier: str) -> BundleRead:
        """All of it."""
        self._check_others()
        found: dict[int, Administration | Deletion] = {}
        for held in self.entries.all:
            if held.fault is not None or not isinstance(held.resource, MedicationAdministration):
                continue
            try:
                found[held.number] = self._read_one(held)
            except EntryRefused as error:
                held.fault = error
            except Exception as error:
                held.fault = EntryRefused("reader-fault", held.place, type(error).__name__)
        self._refuse_contradictions(found)
        given = [each for each in found.values() if isinstance(each, Administration)]
        gone = [each for each in found.values() if isinstance(each, Deletion)]
        return BundleRead(
            identifier=identifier,
            made_at=self.made_at,
            administrations=tuple(given),
            deletions=tuple(gone),
            institutions=self.organisations.institutions(self.chains),
            outcomes=tuple(self._outcome(held, found) for held in self.entries.all),
        )

    def _check_others(self) -> None:
        """What is wrong with drugs, diagnoses and organisations by themselves."""
        for held in self.entries.all:
            if held.fault is not None:
                continue
            try:
                match held.resource:
                    case Medication():
                        check_drug(held)
                    case Condition():
                        self._read_reason(held)
                    case Organization():
                        self.organisations.place(held)
            except EntryRefused as error:
                held.fault = error
        self._check_owners()

    def _check_owners(self) -> None:
        """See whom the sender speaks of: its own organisation, what is part of that, and what that is part of."""
        chains: list[tuple[Held, tuple[Place, ...]]] = []
        may: set[tuple[str, ...]] = set()
        for held in self.entries.of_kind(Organization):
            try:
                chain = self.organisations.chain(held)
            except EntryRefused as error:
                held.fault = error
                continue
            chains.append((held, chain))
            if self.speaks_for and any(self.speaks_for in place.keys for place in chain):
                may.update(place.keys for place in chain)
        for held, chain in chains:
            if self.speaks_for and chain[0].keys not in may:
                held.fault = EntryRefused("foreign-sender", held.at("identifier"), chain[0].keys[0])
            else:
                self.chains[held.number] = chain

    def _read_one(self, held: Held) -> Administration | Deletion:
        resource: MedicationAdministration = held.resource
        fate = vocabulary().statuses.get(resource.status)
        if fate is None:
            raise EntryRefused("lmdi-status", held.at("status"), resource.status[:40])
        chain = self.organisations.of_stay(resource.context, held)
        if self.speaks_for and all(self.speaks_for not in place.keys for place in chain):
            raise EntryRefused("foreign-sender", held.at("context"), chain[0].keys[0])
        institution = next(place.number for place in chain if place.number)
        named = next((each for each in resource.identifier if each.value.strip()), None)
        if named is not None:
            key = self._key(institution, named.system, named.value)
            self.keys[held.number] = key
            if fate == "deleted":
                return Deletion(entry=held.number, key=key)
        moment = self._moment(held)
        given_on = norwegian_day(moment)
        drug = self.entries.read(
            Medication, resource.medication_reference, held, "medicationReference"
        )
        if drug is None:
            raise EntryRefused("lmdi-no-drug", held.at("medicationReference"))
        substance = drug[0]
        atc = self.entries.once("atc", substance, lambda: find_atc(substance, self.entries))
        scope = f"{self.owner}|{institution}"
        person = read_person(held, self.entries, scope, given_on)
        if named is None:
            parts = ("", resource.id, person.key, atc, moment.isoformat())
            key = self.keys[held.number] = self._key(institution, *parts)
            if fate == "deleted":
                return Deletion(entry=held.number, key=key)
        route = read_route(resource.dosage, held)
        amount = read_amount(resource.dosage, held, atc, route, given_on)
        reason = self._reason(held)
        return Administration(
            entry=held.number,
            key=key,
            institution=institution,
            given_on=given_on,
            patient=person.key or f"{scope}|nobody|{key}",
            age=person.age,
            sex=person.sex,
            atc=atc,
            route=route,
            ddd=amount.ddd,
            ddd_version=amount.version,
            reason_system=reason[0],
            reason_code=reason[1],
        )

    def _key(self, institution: str, *parts: str) -> str:
        """What tells an administration apart: who sends it, the institution, and the source's number.

        A number that the source gives (``identifier``) stands for itself. Without one the resource's id, the patient,
        the drug and the moment do together: ids alone may begin anew in every bundle. A hash, because they may tell
        who the patient is.
        """
        told = msgspec.json.encode((self.owner, institution, *(part.strip() for part in parts)))
        return hashlib.sha256(told).hexdigest()[:KEY_DIGITS]

    def _moment(self, held: Held) -> datetime:
        """When it was given, or when that began.

        Raises:
            EntryRefused: ``lmdi-time``, ``absurd-date`` or ``lmdi-future``.
        """
        resource: MedicationAdministration = held.resource
        period = resource.effective_period
        if (period is None) == (not resource.effective_date_time):
            raise EntryRefused("lmdi-time", held.at("effective"))
        if period is None:
            return self._parse(resource.effective_date_time, held, "effectiveDateTime")
        start = self._parse(period.start, held, "effectivePeriod.start")
        end = self._parse(period.end, held, "effectivePeriod.end")
        if end < start:
            raise EntryRefused("lmdi-time", held.at("effectivePeriod.end"), period.end[:40])
        return start

    def _parse(self, written: str, held: Held, path: str) -> datetime:
        moment = parse_time(written.strip()) if _TIMED.fullmatch(written.strip()) else None
        if moment is None:
            raise EntryRefused("lmdi-time", held.at(path), written[:40])
        if norwegian_day(moment) < EARLIEST:
            raise EntryRefused("absurd-date", held.at(path), written[:40])
        if moment > self.made_at and moment - self.made_at > TOLERANCE:
            raise EntryRefused("lmdi-future", held.at(path), written[:40])
        return moment

    def _reason(self, held: Held) -> tuple[str, str]:
        """Code system and code of the first diagnosis that is coded; empty without."""
        resource: MedicationAdministration = held.resource
        for number, reference in enumerate(resource.reason_reference):
            found = self.entries.read(Condition, reference, held, f"reasonReference[{number}]")
            if found is not None:
                reason = self._read_reason(found[0])
                if reason[1]:
                    return reason
        return "", ""

    def _read_reason(self, held: Held) -> tuple[str, str]:
        return self.entries.once("reason", held, lambda: _read_reason(held))

    def _refuse_contradictions(self, found: dict[int, Administration | Deletion]) -> None:
        """The same administration several times, and not alike: none of them is used."""
        by_key: dict[str, list[int]] = defaultdict(list)
        for number, each in found.items():
            by_key[each.key].append(number)
        for numbers in by_key.values():
            if len({msgspec.structs.replace(found[number], entry=0) for number in numbers}) > 1:
                for number in numbers:
                    held = self.entries.all[number]
                    held.fault = EntryRefused("lmdi-contradiction", held.at("identifier"))
                    del found[number]

    def _outcome(self, held: Held, found: dict[int, Administration | Deletion]) -> Outcome:
        fault = held.fault
        deleted = isinstance(found.get(held.number), Deletion)
        state: State = "refused" if fault is not None else "deleted" if deleted else "accepted"
        return Outcome(
            entry=held.number,
            kind=held.kind if _RESOURCE.fullmatch(held.kind) else "",
            state=state,
            reason=fault.reason if fault is not None else "",
            place=fault.place if fault is not None else "",
            detail=fault.detail if fault is not None else "",
            key=self.keys.get(held.number, ""),
        )


def _read_reason(held: Held) -> tuple[str, str]:
    """Code system and code of a diagnosis, of the system that comes first in the order of choice.

    Raises:
        EntryRefused: ``lmdi-code-system`` or ``lmdi-code-twice``.
    """
    condition: Condition = held.resource
    names = vocabulary().reasons
    if condition.code is None:
        raise EntryRefused("lmdi-code-system", held.at("code"))
    codings = {each.system: each.code.strip() for each in condition.code.coding}
    check_slices(condition.code.coding, names, held.at("code.coding"))
    for system, name in names.items():
        if system in codings:
            if len(codings[system]) > LONGEST_CODE:
                raise EntryRefused("bad-field", held.at("code.coding"), codings[system][:40])
            return name, codings[system]
    return "", ""
