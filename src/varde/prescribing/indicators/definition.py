"""What one indicator is: numerator and denominator as data, dated, sourced and checked.

A definition is declarative: it names a table, what of it is counted and which rows, and holds no expression and no
query. `varde.prescribing.indicators.catalogue` reads the files, and `checking` says what is wrong with one.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

import msgspec

from varde.prescribing.indicators.shapes import REGISTERED, SHAPES, UnitKind
from varde.prescribing.layout import Words

TableKey = Literal[
    "dispensings",
    "consultations",
    "list-populations",
    "shifts",
    "sales",
    "bed-days",
    "administrations",
    "wards",
    "treatments",
]
Counts = Literal[
    "rows",
    "patients",
    "contacts",
    "ddd",
    "hours",
    "bed-days",
    "persons",
    "residents",
    "on-antibiotics",
]
Choice = Literal["first", "alternative", "combined", "unnamed", "none"]
Length = Literal["shorter", "within", "longer"]
Told = Literal["yes", "no"]

AGES: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3})|(\+))")
OLDEST: Final = 120
"""No row is of an age above this (`layouts`)."""


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a definition have in common."""


class Concordance(_Data, frozen=True, rename={"chosen": "is"}):
    """What the guideline of the prescription's day says of the drug, for the diagnosis and the person.

    Attributes:
        chosen: first choice, alternative, combined (recommended only together with another drug), unnamed (there is a recommendation, and it does not name the drug), or none
            (no recommendation for that diagnosis and person).
        diagnosis: where it is from: the reimbursement code, or the contact that the prescription was written in.
    """

    chosen: tuple[Choice, ...]
    diagnosis: Literal["reimbursement", "contact"] = "reimbursement"


class Course(_Data, frozen=True, rename={"chosen": "is"}):
    """How the amount dispensed stands to the guideline's dose and days.

    What cannot be computed (no dose, a dose per kilogram, no daily dose of WHO) is none of the three.

    Attributes:
        slack_days: so many days' doses more than the course are within it: packages are whole.
        sums: whether rows of one drug in one contact are one course: their daily doses are added up before the length is
            judged, and they count once. Rows are of one course when prescriber, patient, day of the contact and ATC code
            are the same, and each holds the other conditions, whatever version of daily doses they are counted in and
            whenever they were dispensed (within a year of the period). The row that was dispensed first, then of the
            lowest ``dispensing_id``, is the one that is listed: its period and unit are the course's, its age the person's.
        diagnosis: as of `Concordance`.
    """

    chosen: tuple[Length, ...]
    slack_days: int
    sums: bool = False
    diagnosis: Literal["reimbursement", "contact"] = "reimbursement"


class Where(_Data, frozen=True):
    """Which rows: all conditions that are given must hold. A condition on what a row does not say never holds.

    Attributes:
        atc, atc_not: beginnings of ATC codes that the drug must, and must not, have.
        reimbursement_icpc, reimbursement_icd: codes of reimbursement, either; ICPC-2 also as ranges (R80-R83), ICD-10
            with all below them.
        diagnoses: ICPC-2 codes or ranges of the contact, at least one of them.
        billing: billing codes of the contact, at least one of them. billing_out_of_hours: those of a contact out of hours,
            where they are others.
        ages: bands of whole years, both ends included ("10-79", "66+").
        setting: where the contact was; of a dispensing: in which role it was prescribed.
        wait_and_see: what the prescription says; neither, where it says nothing.
        part: of a shift. stay: of bed days. route: of a sale or administration.
        institution_kinds: of a surveyed ward, as the survey says; of sales, bed days and administrations what the
            institution was that day, as the table of institutions says. What is not in that table has no kind.
        classifications: of a prescription on a surveyed ward.
        delivered: of bed days: the institution told that month of some drug that it gave.
        answered: the ward told how many were given antibiotics.
        told: the institution that day told how many were given antibiotics, and what.
    """

    atc: tuple[str, ...] = ()
    atc_not: tuple[str, ...] = ()
    reimbursement_icpc: tuple[str, ...] = ()
    reimbursement_icd: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    billing: tuple[str, ...] = ()
    billing_out_of_hours: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()
    sex: Literal["", "F", "M"] = ""
    setting: Literal["", "gp", "out-of-hours"] = ""
    wait_and_see: tuple[Told, ...] = ()
    part: tuple[Literal["day", "evening", "night"], ...] = ()
    stay: tuple[Literal["short", "long"], ...] = ()
    route: tuple[Literal["O", "P", "R", "T", "I", "U"], ...] = ()
    institution_kinds: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()
    delivered: bool = False
    answered: bool = False
    told: bool = False
    concordance: Concordance | None = None
    course: Course | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the conditions that are given."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name))


class Contact(_Data, frozen=True):
    """What there must be in the same contact: a row of the other table of the same prescriber, patient and day."""

    table: Literal["dispensings", "consultations"]
    where: Where = Where()


class Part(_Data, frozen=True):
    """A numerator or a denominator."""

    table: TableKey
    counts: Counts
    where: Where = Where()
    contact: Contact | None = None

    @property
    def kinds(self) -> frozenset[UnitKind]:
        """The units that it can be counted for."""
        return SHAPES[self.table].kinds


class Revision(_Data, frozen=True):
    """A mistake in a definition that was mended: the mended one holds for all days, earlier ones too.

    Attributes:
        on: the day it was mended.
        text: what was wrong, and what is counted now.
    """

    on: date
    text: str


class Definition(_Data, frozen=True):
    """One indicator as it holds from a day on.

    Attributes:
        id: its name ("ab3").
        version: the first day that this version of it holds. Where what is meant changes, a new version begins.
        title, text: what it is called and what it says; text for a reader without statistics.
        kind: proportion (the numerator is part of the denominator), rate (events over an amount), or density (an amount
            such as daily doses over an amount: no events, so no Poisson interval).
        per: what the quotient is multiplied by when it is shown: 100 for per cent.
        direction: whether a lower or higher value is better, or neither.
        topic: what it stands with on a page.
        guideline: recommendations of the guideline, by the names of their folders.
        ddd_version: the year of the daily doses it is counted in, where it counts them.
        sources: where the definition is from, and what was decided here.
        uncertain: what in it could not be looked up; empty when nothing.
        revisions: what was mended in this version, the oldest first.
        reviewed, next_review: when it was last looked over, and when it is to be.
    """

    id: str
    version: date
    title: Words
    text: Words
    kind: Literal["proportion", "rate", "density"]
    per: int
    direction: Literal["lower", "higher", "none"]
    topic: Literal[
        "volume",
        "airways",
        "urinary",
        "choice",
        "broad-spectrum",
        "guideline",
        "nursing-home",
        "hospital",
    ]
    sources: tuple[str, ...]
    reviewed: date
    next_review: date
    numerator: Part
    denominator: Part
    guideline: tuple[str, ...] = ()
    ddd_version: int | None = None
    uncertain: str = ""
    revisions: tuple[Revision, ...] = ()

    @property
    def parts(self) -> tuple[Part, Part]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)

    @property
    def kinds(self) -> frozenset[UnitKind]:
        """The units that it can be computed for."""
        return self.numerator.kinds & self.denominator.kinds

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it counts, and those that say who is what."""
        found: set[str] = {part.table for part in self.parts}
        found |= {part.contact.table for part in self.parts if part.contact}
        if "treatments" in found:
            found.add("wards")
        if any(part.where.told for part in self.parts):
            found |= {"wards", "treatments"}
        if any(part.where.institution_kinds and part.table in REGISTERED for part in self.parts):
            found.add("institutions")
        if any(part.where.delivered for part in self.parts):
            found.add("administrations")
        return frozenset(found)


def read_ages(text: str) -> tuple[int, int | None]:
    """The two ends of a band, both included; None for none.

    Raises:
        ValueError: it is no band.
    """
    found = AGES.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no band of ages: write 10-79 or 66+")
    low, high = int(found[1]), None if found[3] else int(found[2])
    if high is not None and high < low:
        raise ValueError(f"the band {text} ends before it begins")
    if max(low, high or 0) > OLDEST:
        raise ValueError(f"nobody is older than {OLDEST} years, as the band {text} has it")
    return low, high


def in_icpc(code: str, ranges: tuple[str, ...]) -> bool:
    """Whether a code of ICPC-2 is one of these, or within one of these ranges."""
    for text in ranges:
        first, _, last = text.partition("-")
        if first <= code <= (last or first) and len(code) == 3:
            return True
    return False
