"""Whom a regimen is for is said in words made from its limits, in both languages."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from varde.guidelines.amounts import read_amount
from varde.guidelines.model import Gjelder, Grense, Kode
from varde.guidelines.whom import say_whom


def limits(fra: str = "", til: str = "") -> Grense:
    ends = {name: read_amount(value) for name, value in (("fra", fra), ("til", til)) if value}
    return Grense(**ends)


PREGNANT = Kode("http://snomed.info/sct", "77386006", "Gravid")
ALLERGY = Kode("http://snomed.info/sct", "1", "Penicillinallergi")


@pytest.mark.parametrize(
    ("whom", "nb", "en"),
    [
        (Gjelder(vektKg=limits(fra="40")), "Voksne og barn fra 40 kg", "Adults and children from 40 kg"),
        (Gjelder(vektKg=limits(til="40")), "Under 40 kg", "Under 40 kg"),
        (Gjelder(vektKg=limits("25", "35")), "Fra 25 til under 35 kg", "From 25 to under 35 kg"),
        (Gjelder(alderAar=limits(fra="18")), "Voksne", "Adults"),
        (Gjelder(alderAar=limits(fra="12")), "Fra 12 år", "From 12 years"),
        (Gjelder(alderAar=limits(til="12")), "Barn under 12 år", "Children under 12 years"),
        (Gjelder(alderAar=limits(til="0.5")), "Barn under 6 måneder", "Children under 6 months"),
        (Gjelder(alderAar=limits("0.08", "1")), "Fra 1 måned til under 1 år", "From 1 month to under 1 year"),
        (Gjelder(alderAar=limits("2", "3")), "2 år", "2 years"),
        (
            Gjelder(kjonn="kvinne", alderAar=limits("15", "66"), vektKg=limits(fra="40")),
            "Kvinner, 15–65 år, fra 40 kg",
            "Women, 15–65 years, from 40 kg",
        ),
        (Gjelder(kjonn="mann"), "Menn", "Men"),
        (Gjelder(tilstander=(PREGNANT,)), "gravid", "gravid"),
        (
            Gjelder(tilstander=(PREGNANT, ALLERGY), ikkeTilstander=(ALLERGY,)),
            "gravid eller penicillinallergi, ikke penicillinallergi",
            "gravid eller penicillinallergi, not penicillinallergi",
        ),
    ],
)  # fmt: skip
def test_limits_are_said_in_words(whom: Gjelder, nb: str, en: str) -> None:
    for language, words in (("nb", nb), ("en", en), ("nn", nb)):
        assert str(say_whom(whom, language)) == words


def test_without_limits_nothing_is_said() -> None:
    assert not say_whom(UNSET) and str(say_whom(UNSET)) == ""
    assert not say_whom(Gjelder())
