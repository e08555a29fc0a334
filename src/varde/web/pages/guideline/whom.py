"""Whom a regimen is for, in words: made from the limits in the content, so that they cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from msgspec import UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.model import Behandlingsregime, Gjelder, Grense, Kode
from varde.guidelines.rendering import write_number

ADULT = Decimal(18)
"""Years from which one is an adult by Norwegian law."""
NEAR = Decimal("0.05")
"""Of a month: how far a number of years may be from a whole month that is meant."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a regimen is for.

    Attributes:
        words: sex, age and weight, in the reader's language; empty for everybody.
        having: names of conditions of which the person has one, as the guideline writes them.
        without: names of conditions of which the person has none.
    """

    words: str = ""
    having: str = ""
    without: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.having or self.without)

    def __str__(self) -> str:
        """In one line."""
        without = _("not %(conditions)s") % {"conditions": self.without} if self.without else ""
        return ", ".join(part for part in (self.words, self.having, without) if part)


def say_whom(regimen: Behandlingsregime) -> Whom:
    """Whom the regimen is for; empty where the content does not limit it."""
    limits = regimen.varde.gjelderFor if regimen.varde else None
    if not isinstance(limits, Gjelder):
        return Whom()
    age, weight = _ends(limits.alderAar), _ends(limits.vektKg)
    parts = []
    if limits.kjonn:
        parts.append(_("women") if limits.kjonn == "kvinne" else _("men"))
    parts += [part for part in (_say_age(*age), _say_weight(*weight, alone=not any(age))) if part]
    return Whom(
        words=_capital(", ".join(parts)),
        having=_list(limits.tilstander),
        without=_list(limits.ikkeTilstander),
    )


def _ends(limit: Grense | UnsetType) -> tuple[Decimal | None, Decimal | None]:
    if not isinstance(limit, Grense):
        return None, None
    first, last = limit.fra, limit.til
    return (
        first.low if isinstance(first, Amount) else None,
        last.low if isinstance(last, Amount) else None,
    )


def _say_age(first: Decimal | None, end: Decimal | None) -> str:
    if end is None:
        if first is None:
            return ""
        return _("adults") if first == ADULT else _("from %(age)s") % {"age": _age(first)}
    if first is None:
        return _("children under %(age)s") % {"age": _age(end)}
    if _whole(first) and _whole(end) and first > 0:
        last = end - 1
        if last == first:
            return _("%(years)s years") % {"years": write_number(first)}
        years = f"{write_number(first)}–{write_number(last)}"
        return _("%(years)s years") % {"years": years}
    return _("from %(first)s to under %(end)s") % {"first": _age(first), "end": _age(end)}


def _age(years: Decimal) -> str:
    """In years; in whole months where the number is one, to a day or two (0.08 is a month)."""
    months = round(years * 12)
    if not _whole(years) and months and abs(years * 12 - months) < NEAR:
        if months == 1:
            return _("1 month")
        return _("%(months)s months") % {"months": months}
    if years == 1:
        return _("1 year")
    return _("%(years)s years") % {"years": write_number(years)}


def _say_weight(first: Decimal | None, end: Decimal | None, *, alone: bool) -> str:
    if end is None:
        if first is None:
            return ""
        kg = {"kg": write_number(first)}
        return _("adults and children from %(kg)s kg") % kg if alone else _("from %(kg)s kg") % kg
    if first is None:
        return _("under %(kg)s kg") % {"kg": write_number(end)}
    return _("from %(first)s to under %(end)s kg") % {
        "first": write_number(first),
        "end": write_number(end),
    }


def _whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _list(concepts: tuple[Kode, ...] | UnsetType) -> str:
    """In Norwegian, as the names themselves are."""
    names = [one.display[:1].lower() + one.display[1:] for one in concepts or ()]
    return " eller ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
