"""One person's history, as `varde.register.lookup` reads it: earlier findings, answers without one, doses, notifications, cases."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from varde.cases import Classification
from varde.messages.records import Method, Outcome
from varde.register.searches import Sought


class Result(Struct, frozen=True, kw_only=True):
    """One antibiotic.

    Attributes:
        antibiotic: a key of `varde.codes.antibiotics()` or `antivirals()`.
        sir, mic: as `varde.register.models.Susceptibility` has them.
        sender: whose result it is, where it is another laboratory's than the finding; else empty.
    """

    antibiotic: str
    sir: str
    mic: str
    sender: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """One organism in one specimen.

    Attributes:
        key: report, full stop, number of the finding: as cases name their evidence.
        organism: a key of `varde.codes.organisms()`; empty when no code map knows what was sent.
        material: a key of `varde.codes.materials()`; empty when unknown.
        method: of `varde.messages.records.Method`; empty when nothing says.
        markers: resistances that its name says it has, by commas ("mrsa"); empty for none.
        status: P preliminary, S partial, F final.
        notifiable: the answer's mark (MSIS-M, MSIS-UM, MSIS-AV), or empty.
        results: by antibiotic; those that no code map knows are left out.
        also: other laboratories that reported the same finding.
        disagrees: antibiotics with two categories, "CIP S/R", that of this finding first.
    """

    key: str
    day: date
    second: int
    organism: str
    material: str
    method: str
    sender: str
    status: str
    notifiable: str
    markers: str = ""
    results: tuple[Result, ...] = ()
    also: tuple[str, ...] = ()
    disagrees: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """A specimen in which nothing was found that the register keeps.

    Attributes:
        key: report, full stop, number of the specimen.
        negative: the answer says so in so many words; else it may hold what the register does not keep.
        sought: what was looked for, as far as that is known; what nobody can tell stands in it too.
    """

    key: str
    day: date
    second: int
    material: str
    sender: str
    status: str
    negative: bool
    sought: tuple[Sought, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether it has no result yet: it is not final, and says of nothing that it was not found, or waits for some."""
        if self.status == "F":
            return False
        return not self.negative or any(one.answer == "pending" for one in self.sought)


class Looked(Struct, frozen=True, kw_only=True):
    """A search in a specimen that no finding tells of: nothing was found, or nobody knows yet, or how to read it.

    Attributes:
        key: report, full stop, number of the specimen.
        organism: a key of `varde.codes.organisms()`; empty for whatever grows.
        markers: as of `Found`: only these resistances were looked for; empty for the organism itself.
        method: empty when nothing says.
        answer: of one that is not final, what it said so far.
        status: of the report: P preliminary, S partial, F final.
    """

    key: str
    day: date
    second: int
    organism: str
    markers: str
    method: Method
    answer: Outcome
    material: str
    sender: str
    status: str

    @property
    def sought(self) -> Sought:
        """What was looked for, to compare with."""
        return Sought(self.organism, self.markers, self.method, self.answer)


class Dose(Struct, frozen=True, kw_only=True):
    """A vaccination.

    Attributes:
        vaccine: a key of `varde.codes.vaccines()`; empty when unknown.
        sent: the code or words that it came with.
        number: which dose it is, as sent; None when nobody says.
    """

    key: str
    day: date
    vaccine: str
    sent: str
    number: int | None
    sender: str


class Notice(Struct, frozen=True, kw_only=True):
    """A clinician's notification.

    Attributes:
        diagnosis: words where there are any, else the code as sent.
        day: of the specimen, else of onset, else when it was made.
    """

    key: str
    day: date
    diagnosis: str
    sender: str


class PersonCase(Struct, frozen=True, kw_only=True):
    """A case, as `varde.register.models.Case` has it."""

    number: int
    disease: str
    classification: Classification
    presentation: str
    first_day: date
    onset: date | None
    imported: str
    form_missing: bool
    definition: date
    evidence: tuple[str, ...] = ()


class History(Struct, frozen=True, kw_only=True):
    """All of it, each newest first.

    Attributes:
        sex: of the newest statement that says one; F, M or empty.
        municipality: likewise; four digits as sent, or empty.
        more: there is more than `varde.register.lookup.MOST`, and not all was read.
    """

    sex: str
    municipality: str
    findings: tuple[Found, ...] = ()
    answers: tuple[Answer, ...] = ()
    searches: tuple[Looked, ...] = ()
    doses: tuple[Dose, ...] = ()
    notices: tuple[Notice, ...] = ()
    cases: tuple[PersonCase, ...] = ()
    more: bool = False

    @property
    def count(self) -> int:
        """How many things stand in it: for the access log. A search is of a finding or an answer."""
        parts = (self.findings, self.answers, self.doses, self.notices, self.cases)
        return sum(map(len, parts))
