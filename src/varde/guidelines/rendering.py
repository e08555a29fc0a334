"""A dose in one line, as the guideline's pages show it.

"Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn". The model gives mg or mg/kg; a page shows 1000 mg
or more as gram with a decimal comma, and never converts mg/kg (Helsedirektoratet, the antibiotic model,
"Omregning i visningen", 05.11.2021).
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.model import Doseringsregime, DoseringsregimeData, Enhet, Kodet
from varde.guidelines.units import unit_named

NO_BREAK = "\N{NO-BREAK SPACE}"
THOUSAND = Decimal(1000)
FORMS = Path(__file__).with_name("data") / "dose_forms.json"


def write_number(number: Decimal) -> str:
    """With decimal comma, without zeros at the end, thousands apart from five digits on: "12 500"."""
    whole, _, decimals = format(number, "f").partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", NO_BREAK)
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def write_plain(amount: Amount) -> str:
    """A number or interval without unit: "7" or "7–10"."""
    low = write_number(amount.low)
    return low if amount.high is None else f"{low}–{write_number(amount.high)}"


def write_dose(amount: Amount, unit: str) -> str:
    """A dose with its unit: "660 mg", "1,2 g", "10–20 mg/kg", "660 mg–1,3 g", "2 tabletter".

    Each end of an interval is converted by itself, as the source asks of each number; where both
    end up in one unit, it is written once.
    """
    low, low_unit = _end(amount.low, unit)
    if amount.high is None:
        return f"{low} {low_unit}"
    high, high_unit = _end(amount.high, unit)
    if low_unit == high_unit or unit_named(unit).thousand == "":
        return f"{low}–{high} {high_unit}"
    return f"{low} {low_unit}–{high} {high_unit}"


def _end(number: Decimal, term: str) -> tuple[str, str]:
    unit = unit_named(term)
    if unit.thousand and number >= THOUSAND:
        return write_number(number / THOUSAND), unit.thousand
    return write_number(number), unit.name if number == 1 else unit.plural


def write_days(amount: Amount) -> str:
    """ "i 5 døgn" """
    return f"i {write_plain(amount)} døgn"


def write_line(regime: Doseringsregime) -> str:
    """The whole line: drug, route, loading dose, dose, frequency, duration; each where it is given."""
    data = regime.data
    return " ".join(part for part in (write_way(data), write_amounts(data)) if part)


def write_way(data: DoseringsregimeData) -> str:
    """Drug and route: "Fenoksymetylpenicillin peroralt"."""
    route = write_terms(data.administrasjonsvei) if data.administrasjonsvei else ""
    return f"{write_drug(data)} {route}".rstrip()


def write_drug(data: DoseringsregimeData) -> str:
    """The drug's name; without its form where the route says it ("Fenoksymetylpenicillin oral
    peroralt" would say it twice)."""
    name = write_terms(data.legemiddeldoseringsregime)
    first, _, last = name.rpartition(" ")
    return first if first and data.administrasjonsvei and last.casefold() in _forms() else name


@cache
def _forms() -> frozenset[str]:
    return frozenset(msgspec.json.decode(FORMS.read_bytes(), type=_Forms).forms)


class _Forms(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    forms: tuple[str, ...]


def write_amounts(data: DoseringsregimeData) -> str:
    """The line without drug and route; empty when no dose, frequency or duration is given."""
    load = _load(data)
    main = _main(data)
    if load and main:
        return f"{load} ladningsdose etterfulgt av {main}"
    return f"{load} ladningsdose" if load else main


def _load(data: DoseringsregimeData) -> str:
    if not data.dosering or not data.dosering.eventuellLadningsdose:
        return ""
    return _times(
        data.dosering.eventuellLadningsdose,
        data.dosering.styrkeEnhetEventuellLadningsdose,
        data.frekvensEventuellladningsdosePerDogn,
        data.varighetEventuellLadningsdoseAntallDogn,
    )


def _main(data: DoseringsregimeData) -> str:
    return _times(
        data.dosering.dose if data.dosering else None,
        data.dosering.styrkeEnhetDosering if data.dosering else None,
        data.frekvensdoseringsregimePerDogn,
        data.varighetDoseringsregimeAntallDogn,
    )


def _times(
    dose: Amount | UnsetType | None,
    unit: Enhet | UnsetType | None,
    frequency: Amount | UnsetType,
    days: Amount | UnsetType,
) -> str:
    parts = []
    if isinstance(dose, Amount) and isinstance(unit, Enhet):
        parts.append(write_dose(dose, unit.display))
    if isinstance(frequency, Amount):
        parts.append(
            f"x {write_plain(frequency)}" if parts else f"{write_plain(frequency)} ganger daglig"
        )
    if isinstance(days, Amount):
        parts.append(write_days(days))
    return " ".join(parts)


def write_terms(coded: Kodet) -> str:
    """The terms of a coded thing, "og" between the last two."""
    terms = [code.display for code in coded.koder]
    return terms[0] if len(terms) == 1 else f"{', '.join(terms[:-1])} og {terms[-1]}"
