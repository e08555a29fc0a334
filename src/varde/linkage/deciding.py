"""Are two descriptions of one person? The single decision, with everything it was made of."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from varde.linkage.comparing import Compared, Prepared, compare, is_contrary, prepare
from varde.linkage.deaths import contradict_by_death
from varde.linkage.description import Description
from varde.linkage.fields import MISSING, Text, fields
from varde.linkage.numbers import NO_CHANGES, Changes
from varde.linkage.weights import Weights, shipped_weights

Outcome = Literal["same", "different", "ask"]
Reason = Literal[
    "same-number",
    "contradicted-number",
    "contradicted-change",
    "two-numbers",
    "twins",
    "weight",
    "too-little",
    "seen-after-death",
    "two-deaths",
]

REASONS = {
    "same-number": Text(nb="Samme gyldige nummer", en="The same valid number"),
    "contradicted-number": Text(
        nb="Samme gyldige nummer, men det øvrige sier imot: nummeret kan være feil",
        en="The same valid number, but the rest contradicts it: the number may be wrong",
    ),
    "contradicted-change": Text(
        nb="Meldinger om endret nummer motsier hverandre: nummeret skal ha blitt flere personers",
        en="Changes of number contradict each other: the number is said to have become several persons'",
    ),
    "two-numbers": Text(
        nb="To forskjellige gyldige nummer av samme slag", en="Two different valid numbers of one kind"
    ),
    "twins": Text(nb="To barn av samme fødsel", en="Two children of one birth"),
    "weight": Text(
        nb="Ingen enkelt opplysning avgjør; feltene under er vektet sammen",
        en="No single fact decides; the fields below are weighed together",
    ),
    "too-little": Text(
        nb="Vekten er nok, men fornavn eller fødselsdato er ikke likt nok til å slå sammen uten å spørre",
        en="The weight is enough, but given name or birth date is not alike enough to join without asking",
    ),
    "seen-after-death": Text(
        nb="Det er tatt eller gitt noe lenge etter at personen skal ha dødd: nummeret eller dødsfallet kan være en annens",
        en="Something was taken or given long after the person is said to have died: number or death may be another's",
    ),
    "two-deaths": Text(
        nb="Det er sagt to forskjellige dager for dødsfallet", en="Two different days of death were said"
    ),
}  # fmt: skip


class FieldWeight(msgspec.Struct, frozen=True):
    """What one field says.

    Attributes:
        field: its key in ``data/fields.toml``.
        level: how alike, or ``missing``.
        weight: in bits: each doubles the odds that it is one person, a negative one halves them.
        words: what was found, without what stands in the field.
    """

    field: str
    level: str
    weight: float
    words: Text


class Decision(msgspec.Struct, frozen=True):
    """What comes out of a comparison, and why.

    Attributes:
        outcome: the same person, different persons, or a person must be asked.
        weight: in bits; the prior and all fields taken together.
        reason: what decided; `REASONS` has the words.
        fields: what each field says, in the order of ``data/fields.toml``.
        version: of the weights.
    """

    outcome: Outcome
    weight: float
    reason: Reason
    fields: tuple[FieldWeight, ...]
    version: str


class Weighed(NamedTuple):
    """A decision without words, for many pairs at once."""

    outcome: Outcome
    weight: float
    reason: Reason
    levels: Compared


def decide(
    one: Description,
    other: Description,
    weights: Weights | None = None,
    changes: Changes = NO_CHANGES,
) -> Decision:
    """Whether two descriptions are of one person.

    The order of the two does not count. A field that is more alike never makes it less sure that
    it is one person.

    Args:
        one, other: the descriptions.
        weights: `shipped_weights()` when not given.
        changes: which numbers are known to have become which.
    """
    weights = weights or shipped_weights()
    first, second = prepare(one, changes), prepare(other, changes)
    weighed = weigh(first, second, weights)
    found = weigh_fields(first, second, weighed.levels, weights)
    return Decision(
        weighed.outcome,
        weighed.weight,
        weighed.reason,
        tuple(
            FieldWeight(name, level, weight, fields()[name].levels[level])
            for (name, level), weight in zip(weighed.levels._asdict().items(), found, strict=True)
        ),
        weights.version,
    )


def weigh_fields(
    one: Prepared, other: Prepared, levels: Compared, weights: Weights
) -> tuple[float, ...]:
    """What each field weighs, in bits; a name or birth date that is the same by how common it is."""
    found = [
        weights.levels[name][level] for name, level in zip(Compared._fields, levels, strict=True)
    ]
    if levels.family == "exact":
        found[1] = weights.exact("family", one.family)
    if levels.given == "exact":
        found[2] = weights.exact("given", one.given)
    if levels.born == "exact":
        found[3] = weights.exact("born", one.born)
    return tuple(found)


def weigh(one: Prepared, other: Prepared, weights: Weights) -> Weighed:
    """`decide` for descriptions that are prepared, without words."""
    levels = compare(one, other)
    total = weights.prior + sum(weigh_fields(one, other, levels, weights))
    outcome, reason = _conclude(one, other, levels, total, weights)
    return Weighed(outcome, total, reason, levels)


def _conclude(
    one: Prepared, other: Prepared, levels: Compared, total: float, weights: Weights
) -> tuple[Outcome, Reason]:
    if levels.number == "certain":
        outweighed = total <= weights.different_to
        contradicted = _contradictions(levels) >= weights.contradictions
        # A change of number that somebody vouches for may come with another name; a number itself is one person's.
        stranger = _is_stranger(levels) and not one.said.isdisjoint(other.said)
        sibling = _is_sibling(one, other, levels, weights)
        if outweighed or contradicted or stranger or sibling or is_contrary(one, other):
            return "ask", "contradicted-number"
        return "same", "same-number"
    if levels.number == "contrary":
        return "different", "two-numbers"
    if not (one.certain.isdisjoint(other.doubted) and other.certain.isdisjoint(one.doubted)):
        return "ask", "contradicted-change"
    if one.order and other.order and one.order != other.order and levels.born != "different":
        return "different", "twins"
    if levels.born == levels.sex == "exact" and _changed_places(one, other):
        return "ask", "too-little"
    if total <= weights.different_to:
        return "different", "weight"
    if total < weights.same_from:
        return "ask", "weight"
    for level, (_, asks) in zip(levels, weights.asks, strict=True):
        if level in asks:
            return "ask", "too-little"
    if _may_be_two(one, other, levels, weights):
        return "ask", "too-little"
    if against := contradict_by_death(one, other):
        return "ask", against
    return "same", "weight"


GENERATION = 10
"""Birth dates that differ by one digit, and by so many years, are of a parent and a child sooner than a slip."""


def _may_be_two(one: Prepared, other: Prepared, levels: Compared, weights: Weights) -> bool:
    """Whether what is hardly different is what tells two of one family apart: twins by their names, parent and child of
    one name by the decade."""
    if levels.born == "near" and abs(one.year - other.year) >= GENERATION:
        return True
    return levels.given == "near" and weights.are_two_names(one.given, other.given)


def _is_stranger(levels: Compared) -> bool:
    """Whether family name and given name both are plainly another: no marriage, no slip, no exchange of the two."""
    return levels.family == levels.given == "different"


def _is_sibling(one: Prepared, other: Prepared, levels: Compared, weights: Weights) -> bool:
    """Whether a number may stand on a sister's or a brother's form: plainly another given name and a birth date that is
    not known to be the same, or a name that may be another, be it as like as Kari and Mari, and plainly another birth
    date or sex."""
    if levels.given == "different" and levels.born in ("near", "swapped", "year"):
        return True
    may_be = levels.given in ("different", "initial", "alike") or (
        levels.given == "near" and weights.are_two_names(one.given, other.given)
    )
    return may_be and "different" in (levels.born, levels.sex)


def _changed_places(one: Prepared, other: Prepared) -> bool:
    """Whether one has an initial where the other has a name, and the two names have changed places: K. Sivakumar and
    Sivakumar Kandiah, where a father's name is no family name."""
    short, long = (one, other) if one.initial else (other, one)
    return (
        short.initial
        and not long.initial
        and any(name.startswith(short.first) for name in long.family_parts)
        and bool(short.family_parts & long.given_parts)
    )


def _contradictions(levels: Compared) -> int:
    """How many of birth date, sex and name contradict each other.

    A name does by its given name, since wrong numbers are mostly of somebody in the same family; by the
    family name where there is no given name.
    """
    name = levels.family if levels.given == MISSING else levels.given
    return sum(level == "different" for level in (levels.born, levels.sex, name))
