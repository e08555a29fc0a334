"""What is known about one person that bears on whether they are a case: findings, what was looked for and
not found, notifications, vaccinations, links. Typed, immutable, and told apart by their content: a set of them is a set.

`key` names where a piece of evidence is from, so that a reason can point to it. `day` is the day that it
is about, as a Norwegian calendar day, never the day that it was sent.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Method = Literal[
    "culture",
    "nucleic-acid",
    "antigen",
    "antibody",
    "antibody-igm",
    "antibody-igg",
    "antibody-rise",
    "antibody-blot",
    "microscopy",
    "histology",
    "toxin",
    "unknown",
]
"""How an organism was found. ``antibody``: of a class that is not said, or all classes together;
``antibody-rise``: a significant rise between two sera, or what the laboratory calls an acute response;
``antibody-blot``: by a test that confirms another (immunoblot, Western blot, line assay), which is antibody all the same;
``histology``: how the tissue looks; ``unknown``: the answer does not say."""

Notifiable = Literal["MSIS-M", "MSIS-UM", "MSIS-AV", ""]
"""What the laboratory says of the duty (code list 8269): notifiable and the clinician's form wanted;
notifiable without form; not notifiable after all; nothing."""

Known = Literal["met", "unmet", "unknown"]
"""What a clinician says about a criterion."""

Picture = Literal["met", "presumed", "unmet", "unknown"]
"""What a clinician says about the clinical picture; ``presumed``: only that the person fell ill, with nothing of how."""

LinkKind = Literal["human", "animal", "common-source", "food", "environment", "laboratory"]
"""The six links of Implementing Decision (EU) 2018/945, annex II: contact with a confirmed human case,
with an infected animal, the same source as a confirmed case, contaminated food or water, a contaminated
environment, work in a laboratory."""


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", forbid_unknown_fields=True):
    """What all evidence has in common."""

    key: str
    day: date


class LaboratoryFinding(Piece, frozen=True, kw_only=True, tag="finding"):
    """One organism (or an immune answer to it) found in one specimen.

    Attributes:
        day: when the specimen was taken.
        organism: a key of `varde.codes.organisms()`.
        material: a key of `varde.codes.materials()`; empty when not known.
        resistant: keys of `varde.codes.antibiotics()` that it is R to, and of `varde.codes.resistance_markers()` that
            it is said to have.
        susceptible: keys of `varde.codes.antibiotics()` that it is S to.
        infected_in: where the person was infected; empty when not known. ``NO``, ``SJ`` or the number of
            a municipality is at home, anything else is abroad.
        age: whole years of the person on that day; None when not known.
    """

    organism: str
    method: Method = "unknown"
    material: str = ""
    resistant: frozenset[str] = frozenset()
    susceptible: frozenset[str] = frozenset()
    notifiable: Notifiable = ""
    infected_in: str = ""
    age: int | None = None


class NotFound(Piece, frozen=True, kw_only=True, tag="not-found"):
    """One organism (or an immune answer to it) that was looked for in one specimen, and is not there.

    Attributes:
        key: of the specimen: what else was looked for in it has the same.
        day, method, material: as in `LaboratoryFinding`.
        organism: as there; empty where markers were looked for in whatever may bear them (a carbapenemase).
        markers: what alone of the organism was looked for: a resistance (MRSA), or one of the genes that make it what it
            is (stx1). Empty: the organism itself.
    """

    organism: str
    method: Method = "unknown"
    material: str = ""
    markers: frozenset[str] = frozenset()


class Undecided(Piece, frozen=True, kw_only=True, tag="undecided"):
    """One organism (or an immune answer to it) that was looked for in one specimen, and of which the answer is unclear, or
    still to come.

    Attributes:
        key: of the specimen, as in `NotFound`.
        day, organism, method, material, markers: as in `NotFound`. With markers and no organism it may also have been found,
            and nobody say in what.
    """

    organism: str
    method: Method = "unknown"
    material: str = ""
    markers: frozenset[str] = frozenset()


class Notified(Piece, frozen=True, kw_only=True, tag="notified"):
    """One clinician's notification of one disease.

    Attributes:
        day: see `varde.cases.day_of_form`.
        disease: a key of `diseases()`.
        clinical: whether the person has the clinical picture; presumed where a day of onset is all that was said.
        linked: whether there was contact with a confirmed case.
        infected_in: as in `LaboratoryFinding`.
        home_coming: when the person came home from abroad.
        vaccinated: the day of the last dose against the disease, when the clinician says one.
    """

    disease: str
    onset: date | None = None
    clinical: Picture = "unknown"
    linked: Known = "unknown"
    infected_in: str = ""
    home_coming: date | None = None
    vaccinated: date | None = None


class Vaccinated(Piece, frozen=True, kw_only=True, tag="vaccinated"):
    """One dose.

    Attributes:
        diseases: keys of `varde.codes.vaccine_diseases()` that it protects against.
        live: whether the vaccine holds something that lives (`varde.cases.is_live`); None: nobody knows.
    """

    diseases: frozenset[str]
    live: bool | None = None


class Linked(Piece, frozen=True, kw_only=True, tag="linked"):
    """A link to where the infection is from.

    Attributes:
        day: of the exposure, as far as known.
        disease: a key of `diseases()`.
        to: the case or event at the other end.
        source_day, source_onset: of a case at the other end: its first day, and when that person fell ill. None: not
            known, or no case.
    """

    disease: str
    kind: LinkKind
    to: str = ""
    source_day: date | None = None
    source_onset: date | None = None


Evidence = LaboratoryFinding | NotFound | Undecided | Notified | Vaccinated | Linked
