"""Whether a patient has a condition that the guideline asks about: yes, no or unknown, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from varde.guidelines.advice.allergies import in_group, is_outside
from varde.guidelines.advice.comparing import covers
from varde.guidelines.advice.facts import (
    AllergyRule,
    Codes,
    Degree,
    Rule,
    Weeks,
    facts,
    rules,
)
from varde.guidelines.advice.patients import Allergy, Code, Condition, Patient
from varde.guidelines.matching import Terminology
from varde.guidelines.model import SNOMED, Kode
from varde.guidelines.rendering import write_number


class Answer(Enum):
    """Three values: what is not known is not a no."""

    YES = "ja"
    NO = "nei"
    UNKNOWN = "ukjent"


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer with its reason.

    Attributes:
        reason: a sentence part in bokmål: "eGFR 25 er under 60".
        missing: the fact that would settle it; empty when it is settled.
        suspected: something speaks for it, though it is not certain: a pregnancy whose week is not
            known, a reaction that nobody has described.
    """

    answer: Answer
    reason: str
    missing: str = ""
    suspected: bool = False


def established(
    patient: Patient, tilstand: Kode, terminology: Terminology | None = None
) -> Finding:
    """Whether the patient has a condition.

    What says yes wins over what says no: a record that contradicts itself must not hide a danger.

    Args:
        terminology: finds narrower concepts in records and allergies; None when none is loaded.
    """
    rule = rules().get(tilstand.code) if tilstand.system == SNOMED else None
    if rule is None:
        rule = _own_code(tilstand)
    findings = tuple(_look(patient, rule, terminology))
    for answer in (Answer.YES, Answer.UNKNOWN, Answer.NO):
        found = next((one for one in findings if one.answer is answer), None)
        if found:
            return found
    if rule.absent == "no" and _is_whole(patient, terminology):
        return Finding(Answer.NO, f"{rule.name} står ikke i journalens diagnoser")
    return Finding(Answer.UNKNOWN, f"ikke kjent: {rule.missing}", rule.missing)


def _is_whole(patient: Patient, terminology: Terminology | None) -> bool:
    """Whether what the list of conditions does not hold is not there: one in words may be it."""
    if patient.conditions is None or "conditions" in patient.incomplete:
        return False
    return all(_is_comparable(one, terminology) for one in patient.conditions)


def _is_comparable(condition: Condition, terminology: Terminology | None) -> bool:
    return any(
        code.system in ("ICPC-2", "ICD-10")
        or code.code in _own_codes()
        or (terminology is not None and code.code in terminology)
        for code in condition.codes
    )


@cache
def _own_codes() -> frozenset[str]:
    return frozenset(
        code
        for rule in facts().tilstander
        for codes in (rule.conditions, rule.hints)
        for code in codes.get("SNOMED-CT", ())
    )


def degree_of(tilstand: Kode) -> Degree:
    """How far a contra-indication goes in this condition: to be careful, or to avoid the drug."""
    rule = rules().get(tilstand.code)
    return facts().grader[rule.grad if rule else "unngå"]


def _own_code(tilstand: Kode) -> Rule:
    """For a condition that the file does not hold: established by its own code on record."""
    system = "SNOMED-CT" if tilstand.system == SNOMED else tilstand.system
    return Rule(
        codes=(tilstand.code,),
        name=tilstand.display,
        missing="diagnoser",
        grad="unngå",
        sources=(),
        conditions={system: (tilstand.code,)},
        absent="no",
    )


def _look(patient: Patient, rule: Rule, terminology: Terminology | None) -> Iterator[Finding]:
    held = find_recorded(patient.conditions or (), rule.conditions, rule.days, terminology)
    if held:
        yield Finding(Answer.YES, f"journalen har {_say(held)}")
    if rule.pregnancy:
        yield _from_pregnancy(patient, rule, rule.pregnancy, terminology)
    if rule.breastfeeding:
        yield from _from_breastfeeding(patient)
    if rule.egfrBelow is not None and patient.egfr is not None:
        low = patient.egfr < rule.egfrBelow
        compared = "under" if low else "ikke under"
        yield Finding(
            Answer.YES if low else Answer.NO,
            f"eGFR {write_number(patient.egfr)} er {compared} {write_number(rule.egfrBelow)}",
        )
    if rule.allergy:
        yield from _from_allergies(patient, rule, rule.allergy, terminology)
    hint = find_recorded(patient.conditions or (), rule.hints, rule.days, terminology)
    if hint and not (rule.egfrBelow is not None and patient.egfr is not None):
        yield Finding(
            Answer.UNKNOWN, f"mulig: journalen har {_say(hint)}", rule.missing, suspected=True
        )


# --- codes on record ----------------------------------------------------------------------------


def find_recorded(
    conditions: Iterable[Condition],
    wanted: Codes,
    days: int | None,
    terminology: Terminology | None,
) -> Code | None:
    """The first code on record that is one of the wanted ones, or narrower; None when none is."""
    for condition in conditions:
        if days is not None and condition.days is not None and condition.days > days:
            continue
        for code in condition.codes:
            if any(covers(own, code, terminology) for own in wanted.get(code.system, ())):
                return code
    return None


def _say(code: Code) -> str:
    named = f"{code.system} {code.code}"
    return f"{code.display} ({named})" if code.display else named


# --- pregnancy and breastfeeding ----------------------------------------------------------------


def _from_pregnancy(
    patient: Patient, rule: Rule, wanted: Weeks, terminology: Terminology | None
) -> Finding:
    """Pregnant at all, then whether the weeks that it can be lie inside, outside or both."""
    known = facts().pregnancy
    base = next(one for one in facts().tilstander if one.pregnancy and one.pregnancy.begins == 0)
    recorded = find_recorded(patient.conditions or (), base.conditions, base.days, terminology)
    told = patient.pregnant or patient.week is not None or patient.trimester is not None
    if not told and recorded is None:
        return _not_told(patient, base)
    begins, ends = _weeks(patient, terminology)
    said = _say(recorded) if recorded else "oppgitt gravid"
    weeks = f"{said}, uke {begins}" if ends == begins + 1 else said
    if wanted.begins <= begins and ends <= wanted.ends:
        return Finding(Answer.YES, weeks)
    if ends <= wanted.begins or wanted.ends <= begins:
        return Finding(Answer.NO, f"{weeks} er ikke «{rule.name.lower()}»")
    if ends - begins < known.weeks:
        weeks = f"{weeks}, uke {begins}–{ends - 1}"
    reason = f"{weeks}; uken er ikke kjent"
    return Finding(Answer.UNKNOWN, reason, "svangerskapsuke", suspected=True)


def _not_told(patient: Patient, base: Rule) -> Finding:
    known = facts().pregnancy
    if patient.pregnant is False:
        return Finding(Answer.NO, "oppgitt ikke gravid")
    if patient.sex is not None and patient.sex != known.sex:
        return Finding(Answer.NO, f"registrert kjønn er {patient.sex}")
    if not _fertile(patient):
        return Finding(Answer.NO, "ikke aktuelt ved pasientens alder")
    return Finding(Answer.UNKNOWN, f"ikke kjent: {base.missing}", base.missing)


def _fertile(patient: Patient) -> bool:
    known = facts().pregnancy
    if patient.age is None:
        return True
    most = patient.age_at_most if patient.age_at_most is not None else patient.age
    return most >= known.ageFrom and patient.age < known.ageTo


def _weeks(patient: Patient, terminology: Terminology | None) -> tuple[int, int]:
    """The weeks that the pregnancy can be in, from and including, up to but not including."""
    known = facts().pregnancy
    if patient.week is not None:
        return patient.week, patient.week + 1
    begins, ends = 0, known.weeks
    if patient.trimester is not None:
        begins, ends = known.trimesters[patient.trimester - 1]
    for rule in facts().tilstander:
        if (
            rule.pregnancy
            and rule.pregnancy.ends - rule.pregnancy.begins < known.weeks
            and find_recorded(patient.conditions or (), rule.conditions, rule.days, terminology)
        ):
            narrowed = max(begins, rule.pregnancy.begins), min(ends, rule.pregnancy.ends)
            if narrowed[0] < narrowed[1]:
                begins, ends = narrowed
    return begins, ends


def _from_breastfeeding(patient: Patient) -> Iterator[Finding]:
    if patient.breastfeeding is True:
        yield Finding(Answer.YES, "oppgitt ammende")
    elif patient.breastfeeding is False:
        yield Finding(Answer.NO, "oppgitt ikke ammende")
    elif patient.sex == "mann":
        yield Finding(Answer.NO, "registrert kjønn er mann")
    elif not _fertile(patient):
        yield Finding(Answer.NO, "ikke aktuelt ved pasientens alder")


# --- allergies ----------------------------------------------------------------------------------


def _from_allergies(
    patient: Patient, rule: Rule, wanted: AllergyRule, terminology: Terminology | None
) -> Iterator[Finding]:
    if patient.allergies is None:
        return
    group = facts().groups[wanted.group]
    unsure: Finding | None = None
    for allergy in patient.allergies:
        code = in_group(allergy, group, terminology)
        if code is None:
            if unsure is None and not is_outside(allergy, group, terminology):
                unsure = _unread(allergy)
            continue
        answer = _reaction_answer(allergy, wanted)
        if answer is Answer.YES:
            yield Finding(Answer.YES, f"journalen har reaksjon på {_say(code)}")
            return
        if answer is Answer.UNKNOWN:
            reason = f"reaksjonen på {_say(code)} er ikke beskrevet"
            missing = "hvordan reaksjonen var"
            unsure = Finding(Answer.UNKNOWN, reason, missing, suspected=True)
    if unsure:
        yield unsure
    elif "allergies" not in patient.incomplete:
        yield Finding(Answer.NO, f"{rule.name} står ikke blant allergiene")


def _unread(allergy: Allergy) -> Finding:
    reason = f"allergien «{allergy.name}» kan ikke tolkes"
    return Finding(Answer.UNKNOWN, reason, "hva allergien gjelder", suspected=True)


def _reaction_answer(allergy: Allergy, wanted: AllergyRule) -> Answer:
    if wanted.reaction == "any":
        return Answer.YES
    if wanted.reaction == "allergy":
        return Answer.YES if allergy.is_allergy else Answer.NO
    if allergy.reaction == "unknown":
        return Answer.UNKNOWN if allergy.is_allergy else Answer.NO
    return Answer.YES if allergy.reaction == "immediate" else Answer.NO
