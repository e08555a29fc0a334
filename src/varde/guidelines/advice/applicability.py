"""Whether a regimen is for this patient: what the content says under ``gjelderFor``, against the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from msgspec import UnsetType

from varde.guidelines.advice.conditions import Answer, Finding, established
from varde.guidelines.advice.patients import Patient
from varde.guidelines.amounts import Amount
from varde.guidelines.matching import Terminology
from varde.guidelines.model import Behandlingsregime, Gjelder, Grense, Kode
from varde.guidelines.rendering import write_number


@dataclass(frozen=True, slots=True)
class Applicability:
    """Whether a regimen is for the patient.

    Attributes:
        answer: NO when one part is known not to hold, YES when all are known to, else UNKNOWN.
        findings: one for each part of ``gjelderFor``; none for a regimen that is for everybody.
    """

    answer: Answer
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that would settle it, each once; none when it is settled."""
        if self.answer is not Answer.UNKNOWN:
            return ()
        open_ = (one.missing for one in self.findings if one.answer is Answer.UNKNOWN)
        return tuple(dict.fromkeys(missing for missing in open_ if missing))


def judge(
    regimen: Behandlingsregime, patient: Patient, terminology: Terminology | None
) -> Applicability:
    """Whether a regimen is for this patient; every part that the content gives must hold."""
    varde = regimen.varde
    if not varde or not varde.gjelderFor:
        return Applicability(Answer.YES, ())
    findings = tuple(_judge_parts(varde.gjelderFor, patient, terminology))
    for answer in (Answer.NO, Answer.UNKNOWN):
        if any(one.answer is answer for one in findings):
            return Applicability(answer, findings)
    return Applicability(Answer.YES, findings)


def _judge_parts(
    wanted: Gjelder, patient: Patient, terminology: Terminology | None
) -> Iterator[Finding]:
    if wanted.alderAar:
        yield _judge_limits(wanted.alderAar, patient.age, patient.age_at_most, "alder", "år")
    if wanted.vektKg:
        yield _judge_limits(wanted.vektKg, patient.weight, None, "vekt", "kg")
    if wanted.kjonn:
        yield _judge_sex(wanted.kjonn, patient)
    if wanted.tilstander:
        yield judge_any(wanted.tilstander, patient, terminology)
    for tilstand in wanted.ikkeTilstander or ():
        found = established(patient, tilstand, terminology)
        opposite = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(found.answer, Answer.UNKNOWN)
        yield Finding(opposite, f"ikke {tilstand.display.lower()}: {found.reason}", found.missing)


def judge_any(
    tilstander: tuple[Kode, ...], patient: Patient, terminology: Terminology | None
) -> Finding:
    """Whether the patient has at least one of the conditions."""
    findings = [established(patient, one, terminology) for one in tilstander]
    for answer in (Answer.YES, Answer.UNKNOWN):
        for found in findings:
            if found.answer is answer:
                return found
    return findings[0]


def _judge_sex(wanted: str, patient: Patient) -> Finding:
    if patient.sex is None:
        return Finding(Answer.UNKNOWN, "kjønn er ikke kjent", "kjønn")
    answer = Answer.YES if patient.sex == wanted else Answer.NO
    return Finding(answer, f"registrert kjønn er {patient.sex}")


def _judge_limits(
    limits: Grense, low: Decimal | None, high: Decimal | None, name: str, unit: str
) -> Finding:
    """Whether a number, or all that it can be, lies within the limits."""
    if low is None:
        return Finding(Answer.UNKNOWN, f"{name} mangler", name)
    most = low if high is None else high
    begins = _end(limits.fra)
    ends = _end(limits.til)
    said = f"{name} {write_number(low.quantize(Decimal('0.01')))} {unit}"
    if (ends is not None and low >= ends) or (begins is not None and most < begins):
        return Finding(Answer.NO, said)
    if (begins is None or low >= begins) and (ends is None or most < ends):
        return Finding(Answer.YES, said)
    return Finding(Answer.UNKNOWN, f"{name} er ikke kjent nøyaktig nok", f"nøyaktig {name}")


def _end(amount: Amount | UnsetType) -> Decimal | None:
    return amount.low if isinstance(amount, Amount) else None
