"""The file that says how conditions are established from facts about a patient, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec import Struct, field

from varde.guidelines.model import Kilde

DATA = Path(__file__).with_name("data") / "patient_facts.json"
Codes = dict[str, tuple[str, ...]]
Observed = Literal["weight", "egfr", "gestation", "pregnancy"]
Grade = Literal["forsiktighet", "unngå"]


class System(Struct, frozen=True, forbid_unknown_fields=True):
    """A code system: the guideline's name for it, and the addresses that records know it by."""

    name: str
    uris: tuple[str, ...]
    source: str


class ShorterFor(Struct, frozen=True, forbid_unknown_fields=True):
    """How long an observation holds for the young, who grow."""

    ageBelow: Decimal
    days: int


class MostAtAge(Struct, frozen=True, forbid_unknown_fields=True):
    """The most that a value can be below an age in years."""

    ageBelow: Decimal
    to: Decimal


class Possible(Struct, frozen=True, forbid_unknown_fields=True):
    """What a measured value can be, both ends included; generous, to catch slips of the pen.

    Attributes:
        name: the fact, for a reader.
        mostAtAge: less for patients below an age; the first that fits counts.
    """

    name: str
    low: Decimal = field(name="from")
    high: Decimal = field(name="to")
    sources: tuple[Kilde, ...]
    mostAtAge: tuple[MostAtAge, ...] = ()

    def most(self, age: Decimal | None) -> Decimal:
        """The most it can be at an age; at an unknown one, at any."""
        for one in self.mostAtAge:
            if age is not None and age < one.ageBelow:
                return one.to
        return self.high


class Measured(Struct, frozen=True, forbid_unknown_fields=True):
    """A fact that is read from observations.

    Attributes:
        codes: LOINC.
        days: an older observation says nothing any more.
        units: UCUM codes or units as written, with the factor to the fact's own unit.
        possible: what a value can be; None for any.
        shorter: fewer days for patients below an age; the first that fits counts.
    """

    codes: tuple[str, ...]
    days: int
    units: dict[str, Decimal]
    source: str
    possible: Possible | None = None
    shorter: tuple[ShorterFor, ...] = ()

    def days_at(self, age: Decimal | None) -> int:
        """How many days an observation holds at this age in years; for an unknown one the fewest."""
        for one in self.shorter:
            if age is None or age < one.ageBelow:
                return one.days
        return self.days


class PregnancyFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """Who can be pregnant, what says so, and where the trimesters begin and end (completed weeks)."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    sex: Literal["kvinne"]
    ageFrom: Decimal
    ageTo: Decimal
    weeks: int
    trimesters: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    sources: tuple[Kilde, ...]


class CodeList(Struct, frozen=True, forbid_unknown_fields=True):
    """SNOMED CT codes that mean one thing here."""

    codes: tuple[str, ...]
    sources: tuple[Kilde, ...]


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """A class of drugs that people are allergic to as a whole.

    Attributes:
        classes: SNOMED CT substances; with a terminology, whatever corresponds to one belongs to it.
        substances: SNOMED CT codes that belong to it without a terminology.
        atc: beginnings of ATC codes.
    """

    classes: tuple[str, ...]
    substances: tuple[str, ...]
    atc: tuple[str, ...]
    sources: tuple[Kilde, ...]


class Weeks(Struct, frozen=True, forbid_unknown_fields=True):
    """Completed weeks of pregnancy, from and including, up to but not including."""

    begins: int = field(name="from")
    ends: int = field(name="to")


class AllergyRule(Struct, frozen=True, forbid_unknown_fields=True):
    """An allergy that establishes a condition.

    Attributes:
        reaction: "immediate" alone, "allergy" of any kind, or "any" reaction, also intolerance.
    """

    group: str
    reaction: Literal["immediate", "allergy", "any"]


class Degree(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a contra-indication goes: what a card calls it, and how serious the card is."""

    indicator: Literal["warning", "critical"]
    name: str


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one condition of the guideline is established.

    Attributes:
        codes: the condition in SNOMED CT.
        missing: the fact that would settle it, in words for a reader.
        grad: whether a drug that speaks against it is to be given with care, or avoided.
        conditions: codes on record that establish it, by system.
        hints: codes on record that make it possible.
        days: an older record says nothing any more.
        absent: what it means that a known list of conditions does not hold it.
    """

    codes: tuple[str, ...]
    name: str
    missing: str
    grad: Grade
    sources: tuple[Kilde, ...]
    conditions: Codes = {}
    hints: Codes = {}
    days: int | None = None
    pregnancy: Weeks | None = None
    breastfeeding: bool = False
    egfrBelow: Decimal | None = None
    allergy: AllergyRule | None = None
    absent: Literal["no", "unknown"] = "unknown"


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        immediate: signs of an immediate reaction.
        drugReactions: reactions to drugs that do not say which drug.
        noAllergies: statements that there are none.
        grader: what each degree means for a card.
    """

    version: str
    date: str
    about: str
    systems: tuple[System, ...]
    observations: dict[Observed, Measured]
    pregnancy: PregnancyFacts
    immediate: CodeList
    drugReactions: CodeList
    noAllergies: CodeList
    grader: dict[Grade, Degree]
    groups: dict[str, Group]
    tilstander: tuple[Rule, ...]

    def __post_init__(self) -> None:
        for rule in self.tilstander:
            if rule.allergy and rule.allergy.group not in self.groups:
                raise ValueError(f"{rule.name}: there is no group {rule.allergy.group}")
            if rule.grad not in self.grader:
                raise ValueError(f"{rule.name}: grader does not hold {rule.grad}")


@cache
def facts() -> Facts:
    """What the file says.

    Raises:
        msgspec.ValidationError: it breaks its schema; the message names the place.
    """
    return msgspec.json.decode(DATA.read_bytes(), type=Facts)


@cache
def rules() -> Mapping[str, Rule]:
    """How each condition is established, by its SNOMED CT code."""
    return MappingProxyType({code: rule for rule in facts().tilstander for code in rule.codes})


@cache
def system_names() -> Mapping[str, str]:
    """The guideline's name of each code system, by every address of it."""
    return MappingProxyType({uri: one.name for one in facts().systems for uri in one.uris})


def uri_of(system: str) -> str:
    """The address that Varde itself writes for a code system; the name itself for one not known."""
    return next((one.uris[0] for one in facts().systems if one.name == system), system)
