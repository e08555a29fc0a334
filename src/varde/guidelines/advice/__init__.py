"""What the guideline advises for one patient, and what it says of an order.

In: what is known of a patient (each fact possibly unknown), diagnosis codes, an order. Out: regimens that
apply, may apply or do not, with doses worked out, contra-indications that hold, and why. Nothing is kept.

The way through the modules: `patients` (facts) → `allergies` (to what?) and `conditions` (established?) →
`applicability` (is a regimen for this patient?) → `doses` (how much) → `advising` (all of it, in order) and
`orders` (what speaks against an order).
"""

from varde.guidelines.advice.advising import Advice, advise
from varde.guidelines.advice.applicability import judge
from varde.guidelines.advice.conditions import Answer, established
from varde.guidelines.advice.doses import work_out
from varde.guidelines.advice.drugs import ingredients_by_atc
from varde.guidelines.advice.orders import check_order
from varde.guidelines.advice.patients import Patient

__all__ = [
    "Advice",
    "Answer",
    "Patient",
    "advise",
    "check_order",
    "established",
    "ingredients_by_atc",
    "judge",
    "work_out",
]
