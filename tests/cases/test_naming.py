"""Which disease a sender means, what a form says of the picture, and what reasons are called."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from cases.invented import invented
from varde.cases import (
    CLASSES,
    LaboratoryFinding,
    Linked,
    Method,
    Named,
    Notified,
    Receiver,
    Vaccinated,
    clinical_state,
    concerned,
    disease_named,
    diseases,
    vocabulary,
    words_of,
)
from varde.cases.files import GENERAL
from varde.cases.negatives import UNDECIDED
from varde.cases.results import Imported, State, Why

DAY = date(2020, 1, 20)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Meslinger", Named("measles", "unknown")),
        ("  whooping   COUGH ", Named("pertussis", "unknown")),
        ("MRSA-infeksjon", Named("mrsa", "met")),
        ("mrsa-bærertilstand", Named("mrsa", "unmet")),
        ("Ullfeber", None),
        ("", None),
    ],
)
def test_a_disease_is_known_by_its_names(said: str, named: Named | None) -> None:
    assert disease_named(said) == named


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "unknown"),
        ({"named": "unmet", "onset": DAY}, "unmet"),
        ({"picture": "77"}, "met"),
        ({"picture": "00", "onset": DAY, "indication": "10"}, "unmet"),
        ({"picture": "21"}, "unknown"),
        ({"onset": DAY}, "presumed"),
        ({"picture": "21", "onset": DAY}, "presumed"),
        ({"named": "met", "onset": DAY}, "met"),
        ({"indication": "10"}, "met"),
        ({"indication": "20"}, "unknown"),
    ],
)
def test_what_a_form_says_of_the_clinical_picture(said: dict[str, object], state: str) -> None:
    assert clinical_state(invented(), DAY, **said) == state


def test_evidence_leads_to_the_diseases_that_it_may_be_of() -> None:
    finding = LaboratoryFinding(key="f", day=DAY, organism="staphylococcus-aureus")
    dose = Vaccinated(key="v", day=DAY, diseases=frozenset({"measles"}))
    form = Notified(key="n", day=DAY, disease="hiv")
    link = Linked(key="l", day=DAY, disease="pertussis", kind="human")
    assert concerned([finding, dose]) == {"mrsa", "bacterial-meningitis"}
    assert concerned([form, link, dose]) == {"hiv", "pertussis"}
    assert concerned([Notified(key="n", day=DAY, disease="wool-fever")]) == set()


def test_every_word_that_an_answer_uses_is_there_in_both_languages() -> None:
    words = vocabulary()
    assert set(words.criteria) == GENERAL | {UNDECIDED}
    assert set(words.classes) == {*CLASSES, "discarded"}
    assert set(words.states) == set(get_args(State))
    assert set(words.set_aside) == set(get_args(Why))
    assert set(words.imported) == set(get_args(Imported))
    assert set(words.receivers) == set(get_args(Receiver))
    assert set(words.methods) == set(get_args(Method))


def test_criteria_have_the_words_of_their_definition() -> None:
    definition = invented().definition[0]
    assert words_of(definition, "grown").en == "grown from a sterile site"
    assert words_of(definition, "clinical").nb == "feber"
    assert words_of(definition, "epidemiological").en == "sheep"
    assert words_of(definition, "notified").nb == "meldt av kliniker"
    assert words_of(diseases()["hiv"].definition[0], "clinical").en == "clinical picture"
    with pytest.raises(KeyError):
        words_of(definition, "antigen")
