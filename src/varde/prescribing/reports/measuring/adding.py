"""Which figures add up: months to a year, doctors to a group; and how an indicator is counted so that they do."""

from __future__ import annotations

from typing import Final

import msgspec

from varde.prescribing.indicators import Definition, Part, is_by_month

ADDS_UP: Final = frozenset({"rows", "ddd", "hours", "bed-days", "residents", "on-antibiotics"})
ALWAYS_KNOWN: Final = {
    "dispensings": {"rows"},
    "consultations": {"rows"},
    "shifts": {"rows", "hours"},
    "sales": {"rows", "ddd"},
    "bed-days": {"bed-days"},
}
"""What of which table every row has, as its layout requires. Of others a row may not say what it comes to, and then nobody
can say what its unit has."""


def adds_up(definition: Definition) -> bool:
    """Whether months add up to a year: nothing is counted twice, and nobody has a numerator without a denominator,
    which would be left out of the parts and not of the whole."""
    first, second = definition.parts
    nested = definition.kind == "proportion" or first.table == second.table
    return nested and {first.counts, second.counts} <= ADDS_UP


def is_in_months(definition: Definition) -> bool:
    """Whether months say all: they add up, or a period is by its definition the sum of those that can be divided."""
    return adds_up(definition) or is_by_month(definition)


def may_be_spoiled(definition: Definition) -> bool:
    """Whether one row may make a whole period not computable, which its months do not know: what nobody can say the amount
    of is left out of them alone."""
    parts = definition.parts
    return not is_by_month(definition) and any(
        one.counts not in ALWAYS_KNOWN.get(one.table, ()) for one in parts
    )


def is_a_sum(definition: Definition) -> bool:
    """Whether doctors add up to a group: no patient is counted once for several of them."""
    return "patients" not in (definition.numerator.counts, definition.denominator.counts)


def is_over_persons(definition: Definition) -> bool:
    """Whether it is of persons of lists or inhabitants, who are those of a whole period."""
    return definition.denominator.counts == "persons"


def counts_persons_once(definition: Definition) -> bool:
    """Whether its numerator is not of events: a part of a period has not a part of it."""
    return definition.numerator.counts != "rows"


def pieces_of(definition: Definition) -> tuple[Definition, ...]:
    """The indicator as it is counted: numerator and denominator apart where only so the numerator adds up, and where
    nothing is left out because a row does not say what it comes to. What is over bed days is whole: of each home the months
    that can be divided are picked as it is counted."""
    first = definition.numerator
    if is_in_months(definition) or first.counts not in ALWAYS_KNOWN.get(first.table, ()):
        return (definition,)
    return (
        _alone(definition, first, "numerator"),
        _alone(definition, definition.denominator, "denominator"),
    )


def _alone(definition: Definition, part: Part, name: str) -> Definition:
    return msgspec.structs.replace(
        definition, id=f"{definition.id}:{name}", numerator=part, denominator=part
    )
