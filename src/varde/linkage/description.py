"""How somebody describes a person: what a message says of who it is about, and nothing of why."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from varde.messages import PersonId, Sex


class Description(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One description of one person, as sent. What is not known is None or empty.

    Shown as ``Description(•)`` in every representation, so that nobody is logged.

    Attributes:
        numbers: every number that was given. Kinds are those of `PersonId` (FNR, DNR, HNR, FHN, DUF,
            LOCAL), and PASSPORT for a travel document, whose issuer is a country.
        family: family names as written, middle names that stand among them included.
        given: given names as written, in their order; a name of waiting ("Nyfødt") stays as it is.
        born: birth date, None when unknown or when only the year is.
        birth_year: when only the year is known; an age makes it uncertain by one.
        sex: empty when unknown.
        municipality: four-digit number of residence, of any structure of municipalities.
        postal_code: of residence.
        phone: as written.
        born_multiple: whether one of twins or more (HL7 PID-24, FHIR ``multipleBirthBoolean``);
            no other format says so.
        birth_order: which of them (HL7 PID-25, FHIR ``multipleBirthInteger``), from 1.
        stated: the day it was said; a number cannot be given out by a rule that came later.
        died: the day of death, where one was said. What is unset is no part of what is written of a description, so that
            one of the living is written as it was before deaths counted.
        dead: that the person is dead, where no day was said.
        seen: the last day on which something was taken of, or given to, whoever is described so; never written.
    """

    numbers: tuple[PersonId, ...] = ()
    family: str = ""
    given: str = ""
    born: date | None = None
    birth_year: int | None = None
    sex: Sex = ""
    municipality: str = ""
    postal_code: str = ""
    phone: str = ""
    born_multiple: bool | None = None
    birth_order: int | None = None
    stated: date | None = None
    died: date | UnsetType = UNSET
    dead: bool | UnsetType = UNSET
    seen: date | UnsetType = UNSET

    def __repr__(self) -> str:
        return "Description(•)"

    __str__ = __repr__
