"""Which of two diseases a finding is of: the congenital form of an infection or the infection, or that of a more precise name of
what was found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from varde.cases.disease import Definition, Laboratory
from varde.cases.evidence import LaboratoryFinding, Notified
from varde.codes import refines

NEAR = timedelta(366)
"""So far from a form of the other disease a finding is of that one."""


def tells_of_illness(form: Notified) -> bool:
    """Whether a form says that the person has the picture of the disease, or a link to its source. Without either, EU's
    definition of congenital rubella leaves a finding with rubella."""
    return form.clinical in ("met", "presumed") or form.linked == "met"


def is_of_another(
    criterion: Laboratory, finding: LaboratoryFinding, forms: Iterable[Notified]
) -> bool:
    """Whether a finding is taken by a form of a disease that the criterion names.

    Args:
        forms: that tell of illness, of any diseases.
    """
    if not criterion.unless_notified:
        return False
    return any(
        form.disease in criterion.unless_notified and abs(form.day - finding.day) <= NEAR
        for form in forms
    )


def is_named_finer(
    definition: Definition,
    criterion: Laboratory,
    finding: LaboratoryFinding,
    finer: Iterable[LaboratoryFinding],
) -> bool:
    """Whether an organism of another disease, of which a finding has a less precise name, was found near it in time.

    Args:
        finer: what was found of such organisms.
    """
    if not criterion.unless_finer:
        return False
    near = timedelta(definition.window_days)
    return any(
        one.organism in criterion.unless_finer
        and refines(one.organism, finding.organism)
        and abs(one.day - finding.day) <= near
        for one in finer
    )
