"""The diseases that the notification form offers, and the disease files: each leads to the other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import varde
from varde.cases import Named, disease_named, diseases

FORM = Path(varde.__file__).parent / "web" / "forms" / "diseases.json"
OFFERED = [tuple(pair) for pair in json.loads(FORM.read_bytes())["diseases"]]
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(("nb", "en"), OFFERED)
def test_each_name_on_the_form_leads_to_a_disease(nb: str, en: str) -> None:
    named = disease_named(nb)
    assert named is not None
    assert disease_named(en) == named


def test_each_disease_that_clinicians_notify_is_on_the_form() -> None:
    offered = {named.disease for nb, _ in OFFERED if (named := disease_named(nb))}
    notified = {
        key
        for key, disease in diseases().items()
        if (duty := disease.duty_on(TODAY)) and duty.clinician_form
    }
    # A form that is offered and no longer due may still come: covid-19.
    assert notified - offered == set()
    assert offered - notified == {"covid-19"}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("VRE-infeksjon", Named("vre", "met")),
        ("VRE-bærertilstand", Named("vre", "unmet")),
        ("E. coli-enteritt", Named("e-coli-enteritis", "unknown")),
        ("Systemisk gonokokksykdom", Named("systemic-gonococcal-disease", "unknown")),
        ("713", Named("covid-19", "unknown")),
    ],
)
def test_names_that_could_be_of_two_diseases(said: str, named: Named) -> None:
    assert disease_named(said) == named
