"""A laboratory answer: specimens, what was found in them, and what it was tested against."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from varde.messages.records.base import Code, Kind, Patient, Record, Statement

Sir = Literal["S", "I", "R", ""]
"""EUCAST categories; empty when the laboratory gave no category (an MIC alone, say)."""

Method = Literal[
    "culture", "nucleic-acid", "antigen", "antibody-igm", "antibody-igg", "antibody-blot", "antibody-rise", "antibody",
    "microscopy", "histology", "toxin", "",
]  # fmt: skip
"""How an organism was found; empty when nothing says. ``antibody-blot``: antibodies by a blot or another test that confirms
them; ``antibody-rise``: a significant rise between two samples; ``histology``: how the tissue looks."""

Scope = Literal["", "part", "number"]
"""What of its number a version states: the whole of it; its own specimens alone, so that others may stand under the
same number; or, of a withdrawal, all that stands under the number, whatever the test."""

Outcome = Literal["found", "not-found", "inconclusive", "pending"]
"""What a search came to. Inconclusive: it was answered, and in no way that says either. Pending: its answer is on its way."""


class Susceptibility(Record, frozen=True, kw_only=True):
    """One isolate against one antibiotic, as reported.

    Attributes:
        antibiotics: the alternatives that name the antibiotic (a national and a local code of the
            same test); the first one that maps is used.
        sir: S, I, R; empty when the laboratory gave only a measurement.
        mic: minimum inhibitory concentration in mg/L as sent but with a decimal point
            ("0.125", "<=0.5", ">256"); empty when not given.
        zone: zone diameter in millimetres, 0 when not given.
        method: how it was found, as a code of the table it was sent in ("disk-diffusion"); empty when
            not given.
    """

    antibiotics: tuple[Code, ...]
    sir: Sir = ""
    mic: str = ""
    zone: int = 0
    method: str = ""


class Finding(Record, frozen=True, kw_only=True):
    """One organism found in one specimen, grown or otherwise, with its susceptibilities.

    Attributes:
        number: position among the report's findings, from 1; stable within the report.
        specimen: the `Specimen.number` it was found in.
        organisms: the alternatives that name the organism; the first one that maps is used.
        quantity: amount of growth as free text, or empty.
        order: tie-breaker between findings of one patient on one day, from the content itself
            (the isolate number of a line list); 0 when the message gives none.
        mutations: of the organism that bear on resistance, each as gene, colon, amino acid, position
            and amino acid ("RT:M184V"), the gene left out when it was not given.
        method: how it was found. An antibody says that the person has met the organism, not that it is
            there now.
    """

    number: int
    specimen: int
    organisms: tuple[Code, ...]
    quantity: str = ""
    order: int = 0
    susceptibilities: tuple[Susceptibility, ...] = ()
    mutations: tuple[str, ...] = ()
    method: Method = ""


class LookedFor(Record, frozen=True, kw_only=True):
    """One search in one specimen: what was looked for, whatever came of it.

    Attributes:
        specimen: the `Specimen.number` it was looked for in.
        organisms: the alternatives that name what was looked for; the first one that maps is used. Empty for a culture
            of whatever grows. Of a panel, and of a name without an organism, the name itself, which no map knows.
        method: how; empty when nothing says.
    """

    specimen: int
    organisms: tuple[Code, ...] = ()
    method: Method = ""
    answer: Outcome


class Specimen(Record, frozen=True, kw_only=True):
    """One specimen of the report.

    Attributes:
        number: position in the report, from 1.
        specimen_id: the laboratory's own number for it, or empty.
        materials: the alternatives that name the material (code list 8351, free text).
        collected: when it was taken. A day without hour is that day's Norwegian midnight.
        ward: the kind of ward or unit as sent (free text or code), or empty.
    """

    number: int
    specimen_id: str = ""
    materials: tuple[Code, ...] = ()
    collected: datetime
    ward: str = ""


class LabReport(Statement, frozen=True, kw_only=True):
    """One version of one laboratory answer.

    Attributes:
        notifiable: code of list 8269 (``MSIS-M``, ``MSIS-UM``, ``MSIS-AV``) or empty.
        negative: True when the report says explicitly that nothing was found.
        looked_for: the searches whose names and answers could be read, each once, in the order of the message. What a
            panel or an identification found is among the findings alone.
        infected_in: where the patient was infected: a country (ISO 3166-1 alpha-2), a municipality
            (four digits), a continent or ``abroad``; empty when not given.
        protocol: the surveillance protocol it was sent under, as a year; empty for an ordinary answer.
        scope: what of its number it states.
        withdraws: of a withdrawal in part, the laboratory's numbers of the specimens that it names; with the scope
            ``number`` under every test.
        by_order: of a withdrawal, that it has no number of the laboratory's, only that of the one who ordered.
    """

    kind: ClassVar[Kind] = "laboratory"

    discipline: str = ""
    notifiable: str = ""
    negative: bool = False
    patient: Patient = Patient()
    specimens: tuple[Specimen, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_for: tuple[LookedFor, ...] = ()
    infected_in: str = ""
    protocol: str = ""
    scope: Scope = ""
    withdraws: tuple[str, ...] = ()
    by_order: bool = False
