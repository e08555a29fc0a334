"""Pieces of evidence as the register has them: of whom, stated by which reports, and a person's all together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from varde.cases import Evidence

REPORT = (
    "id, kind, sender, report_ref, person, notifiable, sex, municipality, "
    "CAST(generated_at AS TEXT), status"
)


class Whose(NamedTuple):
    """Of whom evidence is: a person, or else the patient of one report, whom nobody knows."""

    person: int | None
    report: int | None


class Member(NamedTuple):
    """One report that states a piece of evidence.

    Attributes:
        part: number of the finding in it; of what was not found the number of the specimen, below zero; 0 for other kinds.
        reference: the report by kind, sender and the sender's number.
    """

    report: int
    part: int
    reference: str


class Piece(NamedTuple):
    """Where a piece of evidence is from.

    Attributes:
        members: the counted one first.
        residence, infected_in: empty when it does not say.
        stay: municipality where the person stays, as it says itself.
        lies_in: municipality of the hospital where it says that the person lies. The ward of a laboratory's answer
            says no such thing: it may be whoever asked for the test.
    """

    kind: Literal["finding", "not-found", "notified", "vaccinated"]
    day: date
    members: tuple[Member, ...]
    sex: str
    age: int | None
    residence: str
    infected_in: str = ""
    stay: str = ""
    lies_in: str = ""

    @property
    def reference(self) -> str:
        """What it is, without numbers of rows."""
        return "+".join(f"{member.reference}|{member.part}" for member in self.members)


@dataclass
class Dossier:
    """All evidence of one person, and by its keys where each piece is from, and what it is without numbers of rows."""

    evidence: list[Evidence] = field(default_factory=list)
    pieces: dict[str, Piece] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)

    def add(self, evidence: Evidence, piece: Piece) -> None:
        """Put in one piece."""
        self.evidence.append(evidence)
        self.pieces[evidence.key] = piece
        self.references[evidence.key] = piece.reference


class Report(NamedTuple):
    """A report that evidence is read from: its columns, in the order of `REPORT`."""

    id: int
    kind: str
    sender: str
    report_ref: str
    person: int | None
    notifiable: str
    sex: str
    municipality: str
    generated_at: str
    status: str

    @property
    def whose(self) -> Whose:
        """Of whom it is."""
        return Whose(None, self.id) if self.person is None else Whose(self.person, None)

    def member(self, part: int = 0) -> Member:
        """It, as what states a piece of evidence."""
        return Member(self.id, part, f"{self.kind}|{self.sender}|{self.report_ref}")


def key_of(report: int, part: int = 0) -> str:
    """The key of a piece of evidence: its report, and its part as of `Member`."""
    return f"{report}.{part}"


def first_said(said: Iterable[str]) -> str:
    """The first that says something."""
    return next((one for one in said if one), "")
