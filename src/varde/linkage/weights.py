"""What each degree of likeness weighs: ``data/weights.json``, versioned, checked when it is loaded.

A weight is log2(m/u): m how often one person's two descriptions are so alike in a field, u how often
two persons' are (Fellegi and Sunter 1969). For a name that is the same, u is how common that name is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from varde.linkage.commonness import common_names
from varde.linkage.errors import LinkageFileError
from varde.linkage.fields import LEVELS, MISSING, fields

FILE = Path(__file__).parent / "data" / "weights.json"
TERM_FIELDS = ("family", "given")
"""Fields whose commonness counts."""

REMEMBERED = 1 << 16
"""Names and days of which the weight is in memory."""

ROUNDING = 1e-4
"""Levels that were trained as one differ by less: numbers in the file are rounded."""

Share = Annotated[float, Meta(gt=0, le=1)]


class Odds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a level is seen.

    Attributes:
        m: among pairs of descriptions of one person.
        u: among pairs of two persons.
    """

    m: Share
    u: Share


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How common names are, as written for the comparison.

    Attributes:
        rare: the share of a name that is not in the list.
        values: the share of each common one.
    """

    rare: Share
    values: dict[str, Share]


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Everything that a decision is worked out from; see `docs/linkage.md`.

    Attributes:
        version: of this file; a decision that is kept says it.
        day: when it was trained.
        trained_on: what it was trained on.
        one_in: one in so many pairs of descriptions is of one person, before anything is compared.
        same_from: from this weight on two descriptions are of one person.
        different_to: up to this weight they are of two.
        margin: bits by which evidence must be better than evidence it contradicts.
        contradictions: of birth date, sex and name, so many must contradict the same valid number before a person is asked.
        fields: m and u for each level of each field.
        terms: how common names are.
        days: month and day ("0101") → how often two persons have that very birth date, of days that are written where
            nobody knows the right one.
    """

    version: str
    day: date
    trained_on: str
    one_in: Annotated[int, Meta(ge=2)]
    same_from: float
    different_to: float
    margin: Annotated[float, Meta(ge=0)]
    contradictions: Annotated[int, Meta(ge=1, le=3)]
    fields: dict[str, dict[str, Odds]]
    terms: dict[str, Terms]
    days: dict[str, Share] = {}

    @cached_property
    def prior(self) -> float:
        """What two descriptions weigh before they are compared: log2 of the odds."""
        return -log2(self.one_in - 1)

    @cached_property
    def levels(self) -> Mapping[str, Mapping[str, float]]:
        """The weight of each level of each field; `MISSING` weighs nothing."""
        return {
            name: {MISSING: 0.0, **{level: log2(o.m / o.u) for level, o in odds.items()}}
            for name, odds in self.fields.items()
        }

    @cached_property
    def _most(self) -> Mapping[str, float]:
        """The share at which a name or day that is the same weighs as much as the next level does."""
        found = {}
        for name in (*TERM_FIELDS, "born"):
            known = LEVELS[name]
            second = max(self.levels[name][level] for level in known if level != "exact")
            found[name] = self.fields[name]["exact"].m / 2**second
        return found

    @cached_property
    def _weighed(self) -> dict[tuple[str, str], float]:
        return {}

    def share(self, field: str, value: str) -> float:
        """How common something that is the same is: a family or given name, or a birth date.

        Spellings of one name share what they have together. Of several names it is the least common one that counts, and
        somewhat less: they come together more often than by chance.

        Args:
            field: family, given or born.
            value: as `varde.linkage.comparing.Prepared` has it.
        """
        if field == "born":
            known = self.days.get(value[4:])
            found = self.fields["born"]["exact"].u if known is None else known
        else:
            found = self._share_of_name(field, value)
        return min(found, self._most[field])

    def _share_of_name(self, field: str, value: str) -> float:
        terms, names = self.terms[field], common_names()
        found = terms.values.get(value, 0.0)
        words = value.split()
        if words:
            together = min(
                max(
                    sum(terms.values.get(each, 0.0) for each in names.groups.get(word, (word,))),
                    names.shares[field].get(word, 0.0),
                )
                for word in words
            )
            found = max(found, together * names.second ** (len(words) - 1))
        return max(found, terms.rare)

    def are_two_names(self, one: str, other: str) -> bool:
        """Whether two given names that are hardly different are both names that many have, and not spellings of one:
        Anna and Hanna are sisters sooner than a slip.

        Args:
            one, other: as `varde.linkage.comparing.Prepared` has them.
        """
        names = common_names()
        if other in names.groups.get(one, ()):
            return False
        known = self.terms["given"].values, names.shares["given"]
        return all(any(each in held for held in known) for each in (one, other))

    def exact(self, field: str, value: str) -> float:
        """What a name or birth date weighs that is the same, in bits."""
        key = (field, value)
        known = self._weighed.get(key)
        if known is None:
            known = log2(self.fields[field]["exact"].m / self.share(field, value))
            if len(self._weighed) < REMEMBERED:
                self._weighed[key] = known
        return known

    @cached_property
    def asks(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each field, and the levels at which nothing is joined without asking."""
        return tuple((name, field.asks(name)) for name, field in fields().items())


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights that come with the program.

    Raises:
        LinkageFileError: the file breaks a rule.
    """
    return read_weights(FILE.read_bytes(), FILE.name)


def read_weights(data: bytes, file: str) -> Weights:
    """Weights of a file, checked.

    Raises:
        LinkageFileError: a field or level is missing or unknown, a more alike level weighs less than a less alike
            one, or the thresholds are in the wrong order.
    """
    try:
        found = msgspec.json.decode(data, type=Weights)
    except msgspec.DecodeError as error:
        raise LinkageFileError(file, str(error)) from error
    for name, levels in LEVELS.items():
        if set(found.fields.get(name, ())) != set(levels):
            raise LinkageFileError(file, f"{name}: the levels are {', '.join(levels)}")
        _check_order(found, name, file)
    if set(found.fields) != set(LEVELS) or set(found.terms) != set(TERM_FIELDS):
        raise LinkageFileError(file, "there are fields that are not compared")
    if found.different_to >= found.same_from:
        raise LinkageFileError(file, "different_to must lie below same_from")
    return found


def _check_order(weights: Weights, name: str, file: str) -> None:
    for better, worse in pairwise(LEVELS[name]):
        least = weights.levels[name][better]
        if better == "exact" and name in weights.terms:
            shares = (*weights.terms[name].values.values(), weights.terms[name].rare)
            least = min(least, log2(weights.fields[name]["exact"].m / max(shares)))
        if least < weights.levels[name][worse] - ROUNDING:
            raise LinkageFileError(file, f"{name}: {better} weighs less than {worse}")
