"""No indicator praises a drug that the guideline beside it does not put first, or blames one that it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from varde.codes import diagnosis_codes
from varde.guidelines import SHIPPED, read_library
from varde.guidelines.model import AnbefalingData
from varde.prescribing.indicators import Definition, catalogue
from varde.prescribing.indicators.guideline import Guideline

LIBRARY = read_library(SHIPPED)
GUIDELINE = Guideline(LIBRARY)
TODAY = date(2026, 11, 26)


def chooses_a_drug(one: Definition) -> bool:
    """Whether it has a link, and is a share of some drugs among more."""
    first, second = one.parts
    return bool(one.guideline and asked_of(one)) and first.table == second.table


def asked_of(one: Definition) -> tuple[str, ...]:
    """The beginnings of codes in the numerator, where they are narrower than all antibiotics."""
    part = one.numerator
    atc = part.contact.where.atc if part.contact and part.contact.where.atc else part.where.atc
    return () if atc == ("J01",) else atc


def persons(one: Definition) -> Iterator[tuple[int, str]]:
    sex = one.numerator.where.sex
    for age in GUIDELINE.age_bands:
        for each in (sex,) if sex else ("F", "M"):
            yield age, each


class Beside(Guideline):
    """The guideline as if it had the recommendations alone that stand beside an indicator."""

    def __init__(self, one: Definition) -> None:
        super().__init__(LIBRARY)
        self.wanted = {LIBRARY.id_of_slug("anbefaling", slug) for slug in one.guideline}

    def _look_up(self, edition: date, system: str, code: str) -> tuple[AnbefalingData, ...]:
        return tuple(
            data
            for entry in LIBRARY.edition(edition).with_code(system, code)
            if entry.innhold.id in self.wanted
            and isinstance(data := entry.innhold.data, AnbefalingData)
        )

    def codes(self) -> list[tuple[str, str]]:
        return [code for code in diagnosis_codes() if self._look_up(TODAY, *code)]


CHOICES = [one for one in catalogue().on(TODAY).values() if chooses_a_drug(one)]


def test_there_are_such_indicators() -> None:
    assert {"ab4", "airways-choice-penicillin-v", "urinary-fluoroquinolones"} <= {
        one.id for one in CHOICES
    }


@pytest.mark.parametrize("one", CHOICES, ids=lambda one: str(one.id))
def test_a_drug_choice_is_as_the_guideline_beside_it_says(one: Definition) -> None:
    guideline = Beside(one)
    codes = guideline.codes()
    assert codes, "none of its recommendations has a diagnosis"
    seen = 0
    for code in codes:
        for age, sex in persons(one):
            said = guideline.advise(GUIDELINE.editions[-1], frozenset([code]), age, sex)  # type: ignore[arg-type]
            if said is None:
                continue
            named = {
                atc: drug.choice for atc, drug in said.items() if atc.startswith(asked_of(one))
            }
            seen += 1
            if not said:
                continue  # the recommendation has no drug
            if one.direction == "higher":
                assert named, (code, age, sex)
                assert set(named.values()) == {"first"}, (code, age, sex, named)
                assert all(any(a.startswith(w) for a in named) for w in asked_of(one))
            elif one.direction == "lower":
                assert "first" not in named.values(), (code, age, sex, named)
    assert seen


def test_the_old_list_for_cystitis_would_not_have_held() -> None:
    """What this file is for: trimethoprim was praised beside a guideline that does not put it first."""
    said = GUIDELINE.advise(GUIDELINE.editions[-1], frozenset([("ICPC-2", "U71")]), 70, "F")
    assert said is not None
    assert "J01EA01" not in said
    [one] = [
        each for each in catalogue().on(TODAY).values() if each.id == "cystitis-choice-first-line"
    ]
    assert one.numerator.where.concordance is not None
    assert one.numerator.where.concordance.chosen == ("first",)
