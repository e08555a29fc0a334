"""A set of disease files as one thing: whom a word means, what bears on what, and which version it is.

`catalogue()` is that of the room's own files. `read_catalogue` makes one of another folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from varde.cases.classifier import CLASSIFIER_VERSION
from varde.cases.criteria import Seen, assess, decide, fit
from varde.cases.disease import Disease, Laboratory
from varde.cases.evidence import (
    Evidence,
    Known,
    LaboratoryFinding,
    Method,
    NotFound,
    Notifiable,
    Notified,
    Undecided,
    Vaccinated,
)
from varde.cases.files import diseases, read_diseases
from varde.cases.form import NOTIFICATION, read_form
from varde.cases.places import PLACES
from varde.cases.vaccines import is_live
from varde.cases.wording import is_of, plain
from varde.codes import vaccines

MOST_REMEMBERED = 20_000
"""Kinds of findings of which a catalogue remembers which criteria they meet; then all are forgotten."""


class Named(NamedTuple):
    """The disease that a word or code names, and what it says about the clinical picture."""

    disease: str
    clinical: Known


class Profile(NamedTuple):
    """What a finding is resistant and susceptible to, of what some criterion asks about."""

    resistant: frozenset[str] = frozenset()
    susceptible: frozenset[str] = frozenset()


_Finding = tuple[str, Method, str, Profile, Notifiable, int | None]
"""Organism, method, material, resistant and susceptible to, mark, age."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Disease files that hold together.

    Attributes:
        diseases: every disease by key.
    """

    diseases: Mapping[str, Disease]

    def named(self, said: str) -> Named | None:
        """The disease that a sender means by a word (in any case) or by a code of list 80012; None if
        unknown."""
        return self._names.get(" ".join(said.split()).casefold())

    def diagnosed(self, code: str, words: str) -> Named | None:
        """The disease that a diagnosis names by its code with the words beside it; None if nobody can tell.

        A code and words that name two diseases contradict each other, and which of them is the slip nobody can know; so do
        a known code and words that are not of its disease, or that nobody knows (`wording.is_of`). A code that names
        nothing contradicts nothing.
        """
        said = (code, words)
        if said not in self._diagnosed:
            if len(self._diagnosed) >= MOST_REMEMBERED:
                self._diagnosed.clear()
            self._diagnosed[said] = self._diagnose(code, words)
        return self._diagnosed[said]

    def _diagnose(self, code: str, words: str) -> Named | None:
        by_code = self.named(code) if code else None
        by_words = self.named(words) or self.named(plain(words, code)) if words else None
        if by_code and words and not by_words:
            return by_code if self._is_of(by_code.disease, words) else None
        if by_code and by_words and by_code.disease != by_words.disease:
            return None
        return by_code or by_words

    def _is_of(self, disease: str, words: str) -> bool:
        known = self._worded.get((disease, words))
        if known is None:
            if len(self._worded) >= MOST_REMEMBERED:
                self._worded.clear()
            others = (
                name.word
                for key, other in self.diseases.items()
                for name in other.names()
                if key != disease
            )
            known = is_of(self.diseases[disease], words, others, read_form().denials)
            self._worded[disease, words] = known
        return known

    def concerned(self, evidence: Iterable[Evidence]) -> frozenset[str]:
        """Keys of the diseases that some evidence may make a case of. A dose alone makes none."""
        found: set[str] = set()
        for one in evidence:
            if isinstance(one, LaboratoryFinding):
                found |= self.agents.get(one.organism, frozenset())
            elif not isinstance(one, Vaccinated | NotFound | Undecided):
                found.add(one.disease)
        return frozenset(found & self.diseases.keys())

    def begun_by(self, evidence: Iterable[Evidence]) -> frozenset[str]:
        """Keys of the diseases of which some evidence may begin a case: those that a form is of, and those of
        which a finding meets a criterion. Of no other disease is there a case."""
        found: set[str] = set()
        for one in evidence:
            if isinstance(one, LaboratoryFinding):
                if one.organism in self.agents:
                    found |= self.met_by(
                        one.organism,
                        one.method,
                        one.material,
                        Profile(one.resistant, one.susceptible),
                        one.notifiable,
                        one.age,
                    )
            elif isinstance(one, Notified):
                found.add(one.disease)
        return frozenset(found & self.diseases.keys())

    def met_by(
        self,
        organism: str,
        method: Method,
        material: str,
        profile: Profile,
        notifiable: Notifiable,
        age: int | None = None,
    ) -> frozenset[str]:
        """The diseases of which such a finding meets a laboratory criterion, in any of their definitions, as
        long as no dose stands against it, nor anything that was or was not found beside it.

        Args:
            organism, method, material, notifiable: as in `LaboratoryFinding`.
            profile: of `resistances`.
            age: whole years; None: of any age, so that a criterion which asks for one is met by somebody's.
        """
        asked = self._criteria.get(organism)
        if asked is None or notifiable == "MSIS-AV":
            return frozenset()
        finding = (organism, method, material, profile, notifiable, self._told_apart(age))
        known = self._remembered.get(finding)
        if known is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[finding] = _met(asked, finding)
        return known

    def carried_by(
        self,
        organism: str,
        method: Method,
        material: str,
        profile: Profile,
        notifiable: Notifiable,
        age: int | None = None,
    ) -> frozenset[str]:
        """The diseases of which such a finding is a case with nothing beside it, in any of their definitions; some of
        those of `met_by`, whose arguments it takes. A criterion that only counts beside a form or another finding
        carries none.

        Args:
            age: whole years; None: nobody says it, so that a criterion for those under an age is not met.
        """
        finding = (organism, method, material, profile, notifiable, self._told_apart(age))
        known = self._carried.get(finding)
        if known is None:
            if len(self._carried) >= MOST_REMEMBERED:
                self._carried.clear()
            met = self.met_by(*finding)
            known = frozenset(key for key in met if _is_enough(self.diseases[key], finding))
            self._carried[finding] = known
        return known

    def _told_apart(self, age: int | None) -> int | None:
        """The age, or the least that no criterion tells from it: few kinds of findings to remember."""
        return None if age is None else min(age, self._oldest)

    @cached_property
    def agents(self) -> Mapping[str, frozenset[str]]:
        """The organisms that any disease names, and whose they are."""
        found: dict[str, set[str]] = {}
        for disease in self.diseases.values():
            named = [c.organisms for row in disease.definition for c in row.laboratory]
            for organism in disease.organisms.union(*named):
                found.setdefault(organism, set()).add(disease.key)
        return MappingProxyType({key: frozenset(keys) for key, keys in found.items()})

    @cached_property
    def resistances(self) -> frozenset[str]:
        """The antibiotics that some criterion asks about."""
        return frozenset(
            key
            for criteria in self._criteria.values()
            for _, one in criteria
            for key in one.resistant_to | one.unless_susceptible_to
        )

    @cached_property
    def doses(self) -> frozenset[str]:
        """The diseases of vaccines that some disease looks for a dose against."""
        return frozenset(key for disease in self.diseases.values() for key in disease.vaccine)

    @cached_property
    def denied_by(self) -> Mapping[str, frozenset[str]]:
        """The diseases of whose cases something may say more that was looked for and not found, and those organisms."""
        found = {
            disease.key: frozenset().union(
                *(one.organisms for row in disease.definition for one in row.negative),
                *(one.beside_denied for row in disease.definition for one in row.laboratory),
            )
            for disease in self.diseases.values()
        }
        return MappingProxyType({key: organisms for key, organisms in found.items() if organisms})

    @cached_property
    def markers_denied(self) -> Mapping[str, frozenset[str]]:
        """The diseases of whose cases something may say more that was looked for and not found of no organism, and those
        markers."""
        found = {
            disease.key: frozenset().union(
                *(one.every_marker() for row in disease.definition for one in row.negative)
            )
            for disease in self.diseases.values()
        }
        return MappingProxyType({key: markers for key, markers in found.items() if markers})

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The version of each disease: a hash over its file and over all else that its cases depend on."""
        shared = hashlib.sha256(NOTIFICATION.read_bytes() + PLACES.read_bytes()).hexdigest()
        found = {}
        for key, disease in self.diseases.items():
            against = sorted(
                (atc, str(is_live(atc)))
                for atc, one in vaccines().items()
                if not disease.vaccine.isdisjoint(one.diseases)
            )
            found[key] = _hash([CLASSIFIER_VERSION, shared, against, disease])
        return MappingProxyType(found)

    @cached_property
    def criteria_version(self) -> str:
        """A hash over all that `met_by` and `carried_by` depend on."""
        said = {
            organism: sorted(
                (
                    sorted(one.methods),
                    sorted(one.materials),
                    sorted(one.resistant_to),
                    sorted(one.unless_susceptible_to),
                    one.notifiable,
                    one.younger_than or 0,
                    one.not_younger_than or 0,
                    sorted(one.beside_denied),
                    disease,
                )
                for disease, one in criteria
            )
            for organism, criteria in self._criteria.items()
        }
        enough = {
            key: [
                (
                    row.presume,
                    row.rules,
                    [(one.id, one.strength, one.at_least) for one in row.laboratory],
                )
                for row in disease.definition
            ]
            for key, disease in self.diseases.items()
        }
        return _hash([CLASSIFIER_VERSION, said, enough])

    @cached_property
    def _criteria(self) -> Mapping[str, tuple[tuple[str, Laboratory], ...]]:
        """Organism → disease and criterion."""
        found: dict[str, list[tuple[str, Laboratory]]] = {}
        for disease in self.diseases.values():
            for row in disease.definition:
                for criterion in row.laboratory:
                    for organism in criterion.organisms:
                        found.setdefault(organism, []).append((disease.key, criterion))
        return MappingProxyType({key: tuple(ones) for key, ones in found.items()})

    @cached_property
    def _oldest(self) -> int:
        """The highest age that some criterion asks for."""
        every = (one for criteria in self._criteria.values() for _, one in criteria)
        return max(
            (max(one.younger_than or 0, one.not_younger_than or 0) for one in every), default=0
        )

    @cached_property
    def _names(self) -> Mapping[str, Named]:
        found: dict[str, Named] = {}
        for disease in self.diseases.values():
            for name in disease.names():
                found[name.word.casefold()] = Named(disease.key, name.clinical)
            for code in disease.codes.msis:
                found[code] = Named(disease.key, "unknown")
        return MappingProxyType(found)

    @cached_property
    def _remembered(self) -> dict[_Finding, frozenset[str]]:
        return {}

    @cached_property
    def _diagnosed(self) -> dict[tuple[str, str], Named | None]:
        return {}

    @cached_property
    def _worded(self) -> dict[tuple[str, str], bool]:
        return {}

    @cached_property
    def _carried(self) -> dict[_Finding, frozenset[str]]:
        return {}


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The room's own disease files.

    Raises:
        DiseaseFileError: a file breaks a rule.
    """
    return Catalogue(diseases())


def read_catalogue(folder: Path) -> Catalogue:
    """The disease files of a folder.

    Raises:
        DiseaseFileError: a file breaks a rule.
    """
    return Catalogue(read_diseases(folder))


def _met(criteria: Iterable[tuple[str, Laboratory]], finding: _Finding) -> frozenset[str]:
    one = _evidence(finding)
    return frozenset(
        disease
        for disease, criterion in criteria
        if fit(_of_any_age(criterion) if one.age is None else criterion, one, ()) == "met"
    )


def _of_any_age(criterion: Laboratory) -> Laboratory:
    return msgspec.structs.replace(criterion, younger_than=None, not_younger_than=None)


def _is_enough(disease: Disease, finding: _Finding) -> bool:
    """Whether some definition makes a case of it alone."""
    alone = Seen([_evidence(finding)], (), ())
    return any(decide(row, assess(row, alone, ())) for row in disease.definition)


def _evidence(finding: _Finding) -> LaboratoryFinding:
    organism, method, material, profile, notifiable, age = finding
    return LaboratoryFinding(
        key="",
        day=date.min,
        organism=organism,
        method=method,
        material=material,
        resistant=profile.resistant,
        susceptible=profile.susceptible,
        notifiable=notifiable,
        age=age,
    )


def _hash(said: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()[:16]
