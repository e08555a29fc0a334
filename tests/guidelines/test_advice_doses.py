"""Doses worked out for a patient, against a plain reference; and how they are shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.guidelines import Amount
from varde.guidelines.advice.doses import work_out
from varde.guidelines.model import (
    SNOMED,
    Dosering,
    Doseringsregime,
    DoseringsregimeData,
    DoseringsregimeVarde,
    Enhet,
    Kode,
    Kodet,
)

DRUG = Kodet(koder=(Kode(SNOMED, "1", "Pivmecillinam"),))
ORAL = Kodet(koder=(Kode(SNOMED, "26643006", "peroralt"),))


def regime(
    dose: Amount,
    unit: str = "mg/kg",
    times: Amount | None = None,
    most: str = "",
    load: Amount | None = None,
) -> Doseringsregime:
    code = Enhet(system=SNOMED, code="2", display=unit)
    data = {
        "legemiddeldoseringsregime": DRUG,
        "administrasjonsvei": ORAL,
        "dosering": Dosering(
            dose=dose,
            styrkeEnhetDosering=code,
            **(
                {"eventuellLadningsdose": load, "styrkeEnhetEventuellLadningsdose": code}
                if load
                else {}
            ),
        ),
        "frekvensdoseringsregimePerDogn": times or Amount(Decimal(3)),
        "varighetDoseringsregimeAntallDogn": Amount(Decimal(5)),
    }
    if load:
        data["frekvensEventuellladningsdosePerDogn"] = Amount(Decimal(1))
        data["varighetEventuellLadningsdoseAntallDogn"] = Amount(Decimal(1))
    if most:
        data["varde"] = DoseringsregimeVarde(maksEnkeltdose=Amount(Decimal(most)))
    return Doseringsregime(data=DoseringsregimeData(**data))  # type: ignore[arg-type]


def one(text: str) -> Amount:
    return Amount(*(Decimal(end) for end in text.split("-")))


@pytest.mark.parametrize(
    ("dose", "unit", "weight", "most", "line"),
    [
        ("7.5", "mg/kg", "18", "", "Pivmecillinam peroralt 135 mg x 3 (7,5 mg/kg × 18 kg) i 5 døgn"),
        ("7.5", "mg/kg", "17.3", "", "Pivmecillinam peroralt 130 mg x 3 (7,5 mg/kg × 17,3 kg) i 5 døgn"),
        ("10-20", "mg/kg", "18", "", "Pivmecillinam peroralt 180–360 mg x 3 (10–20 mg/kg × 18 kg) i 5 døgn"),
        ("10-20", "mg/kg", "18", "300", "Pivmecillinam peroralt 180–300 mg x 3 (10–20 mg/kg × 18 kg, høyst 300 mg per dose) i 5 døgn"),
        ("20", "mg/kg", "40", "650", "Pivmecillinam peroralt 650 mg x 3 (20 mg/kg × 40 kg, høyst 650 mg per dose) i 5 døgn"),
        ("10-20", "mg/kg", "70", "650", "Pivmecillinam peroralt 650 mg x 3 (10–20 mg/kg × 70 kg, høyst 650 mg per dose) i 5 døgn"),
        ("30", "mg/kg", "50", "", "Pivmecillinam peroralt 1,5 g x 3 (30 mg/kg × 50 kg) i 5 døgn"),
        ("0.25", "mg/kg", "18.5", "", "Pivmecillinam peroralt 4,625 mg x 3 (0,25 mg/kg × 18,5 kg) i 5 døgn"),
        ("200", "mg", "18", "100", "Pivmecillinam peroralt 200 mg x 3 i 5 døgn"),
        ("2", "tablett", "18", "", "Pivmecillinam peroralt 2 tabletter x 3 i 5 døgn"),
        ("7.5", "mg/kg", "", "", "Pivmecillinam peroralt 7,5 mg/kg x 3 i 5 døgn"),
    ],
)  # fmt: skip
def test_lines(dose: str, unit: str, weight: str, most: str, line: str) -> None:
    found = work_out(regime(one(dose), unit, most=most), Decimal(weight) if weight else None)
    assert found.line == line
    assert found.missing == ("" if weight else "vekt")


def test_the_detail_has_exact_numbers_what_was_cut_and_the_sum_of_a_day() -> None:
    rounded = work_out(regime(one("7.5")), Decimal("17.3"))
    assert rounded.detail == (
        "7,5 mg/kg × 17,3 kg = 129,75 mg, vist som 130 mg.",
        "Per døgn: 389,25 mg.",
    )
    cut = work_out(regime(one("20"), most="650", times=one("4")), Decimal(40))
    assert cut.detail == (
        "20 mg/kg × 40 kg = 800 mg, begrenset til høyeste enkeltdose 650 mg.",
        "Per døgn: 2,6 g.",
    )
    assert work_out(regime(one("200"), "mg"), Decimal(18)).detail == ()


def test_a_loading_dose_is_worked_out_and_cut_too() -> None:
    found = work_out(regime(one("2"), load=one("4"), most="200"), Decimal(60))
    assert found.line == (
        "Pivmecillinam peroralt 200 mg x 1 (4 mg/kg × 60 kg, høyst 200 mg per dose) i 1 døgn "
        "ladningsdose etterfulgt av 120 mg x 3 (2 mg/kg × 60 kg) i 5 døgn"
    )


numbers = st.decimals(Decimal("0.1"), Decimal(100), places=2)


@given(
    low=numbers,
    step=st.none() | numbers,
    weight=st.decimals(Decimal("0.5"), Decimal(150), places=3),
    times=st.integers(1, 6),
    most=st.none() | st.integers(1, 2000),
)
def test_any_dose_is_exact_and_never_above_the_highest(
    low: Decimal, step: Decimal | None, weight: Decimal, times: int, most: int | None
) -> None:
    dose = Amount(low, low + step if step else None)
    text = "" if most is None else str(most)
    found = work_out(regime(dose, times=Amount(Decimal(times)), most=text), weight)
    assert found.dose is not None
    assert found.per_day is not None

    def expect(end: Decimal) -> Fraction:
        full = Fraction(end) * Fraction(weight)
        return full if most is None else min(full, Fraction(most))

    assert Fraction(found.dose.amount.low) == expect(dose.low)
    assert Fraction(found.dose.amount.most) == expect(dose.most)
    assert Fraction(found.per_day.most) == expect(dose.most) * times
    assert found.dose.capped == (most is not None and dose.most * weight > most)
    if found.dose.amount.low >= 10:
        assert abs(found.dose.shown.low - found.dose.amount.low) <= Decimal("0.5")
        assert found.dose.shown.low == int(found.dose.shown.low)


@pytest.mark.parametrize(
    ("load", "own", "whole", "days", "course"),
    [
        # 100 mg x 1: with 200 mg the first day; days of its own are those after the loading dose.
        (None, "6", "", "6", "600"),
        ("200", "6", "", "7", "800"),
        ("200", "4-6", "", "5-7", "600-800"),
        # Without days of its own: the treatment's, and the loading dose is in them.
        ("200", "", "7", None, "800"),
        (None, "", "7", None, "700"),
        ("200", "", "", None, None),
        (None, "", "", None, None),
    ],
)
def test_a_course_holds_its_loading_dose(
    load: str | None, own: str, whole: str, days: str | None, course: str | None
) -> None:
    def amount(text: str | None) -> Amount | None:
        return Amount(*(Decimal(end) for end in text.split("-"))) if text else None

    made = regime(amount("100"), "mg", amount("1"), load=amount(load))  # type: ignore[arg-type]
    data = msgspec.structs.replace(
        made.data, varighetDoseringsregimeAntallDogn=amount(own) or msgspec.UNSET
    )
    found = work_out(Doseringsregime(data=data), None)
    assert found.days == amount(days)
    assert found.course(amount(whole)) == amount(course)
