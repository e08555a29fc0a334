"""What an allergy on record is an allergy to: a class of drugs, something else, or nobody can tell.

An entry that cannot be read is never "no allergy": free text may say anything.
"""

from __future__ import annotations

from functools import cache

from varde.guidelines.advice.comparing import corresponds, is_atc, is_below
from varde.guidelines.advice.drugs import ingredients_by_atc
from varde.guidelines.advice.facts import Group, facts
from varde.guidelines.advice.patients import Allergy, Code, Patient
from varde.guidelines.matching import Terminology


def in_group(allergy: Allergy, group: Group, terminology: Terminology | None) -> Code | None:
    """The code that puts an allergy into a class of drugs; None when none does."""
    for code in allergy.codes:
        if code.system == "ATC" and code.code.upper().startswith(group.atc):
            return code
        if code.system != "SNOMED-CT":
            continue
        if code.code in group.substances or corresponds(code.code, group.classes, terminology):
            return code
        if any(is_below(own, code.code, terminology) for own in group.substances):
            return code
    return None


def is_outside(allergy: Allergy, group: Group, terminology: Terminology | None) -> bool:
    """Whether an allergy that is not in the class certainly is to something else."""
    if not is_readable(allergy, terminology):
        return False
    return not any(_is_wider(code, group, terminology) for code in allergy.codes)


def _is_wider(code: Code, group: Group, terminology: Terminology | None) -> bool:
    """An allergy to antibiotics may be one to penicillins."""
    if code.system == "ATC":
        return any(own.startswith(code.code.upper()) for own in group.atc)
    return any(is_below(code.code, own, terminology) for own in group.classes)


def is_readable(allergy: Allergy, terminology: Terminology | None) -> bool:
    """Whether at least one of its codes says what it is an allergy to."""
    return any(_is_known(code, terminology) for code in allergy.codes)


def unread_allergies(patient: Patient, terminology: Terminology | None) -> tuple[str, ...]:
    """What the record calls the allergies that cannot be read, each once."""
    names = (one.name for one in patient.allergies or () if not is_readable(one, terminology))
    return tuple(dict.fromkeys(names))


def _is_known(code: Code, terminology: Terminology | None) -> bool:
    if code.system == "ATC":
        return is_atc(code.code)
    if code.system != "SNOMED-CT":
        return False
    if code.code in _known():
        return True
    if terminology is None or code.code not in terminology:
        return False
    # A reaction to "a drug" leaves open which drug it was.
    vague = facts().drugReactions.codes
    return code.code not in vague and not any(
        is_below(one, code.code, terminology) for one in vague
    )


@cache
def _known() -> frozenset[str]:
    groups = facts().groups.values()
    ingredients = (code.code for codes in ingredients_by_atc().values() for code in codes)
    return frozenset(
        (
            *ingredients,
            *facts().noAllergies.codes,
            *(code for group in groups for code in (*group.classes, *group.substances)),
        )
    )
