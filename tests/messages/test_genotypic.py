"""Resistance to a drug in a row of its own is a result of the drug, alike in every format and order."""

from __future__ import annotations

import pytest

from messages.test_beside import both
from varde.messages.answers.genotypic import drug_of
from varde.messages.records import Code

FOUND = [
    ("Mycobacterium tuberculosis PCR", "Påvist"),
    ("Mykobakterier dyrkning", "Mycobacterium tuberculosis"),
]


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("name", ["Genotypisk resistens rifampicin", "Rifampicinresistens"])
@pytest.mark.parametrize(("said", "sir"), [("Resistent", "R"), ("Sensitiv", "S")])
def test_it_is_of_what_was_found(found: tuple[str, str], name: str, said: str, sir: str) -> None:
    for order in (1, -1):
        for report in both(*[found, (name, said)][::order]):
            (finding,) = report.findings
            (test,) = finding.susceptibilities
            assert test.sir == sir
            assert test.antibiotics[-1].text.casefold() == "rifampicin"


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("Genotypisk resistens rifampicin", "rifampicin"),
        ("Genotypisk resistensbestemmelse, isoniazid", "isoniazid"),
        ("Rifampicinresistens genotypisk", "Rifampicin"),
        ("Rifampicin", None),
        ("HIV genotypisk resistens", None),
        ("Genotypisk resistens", None),
    ],
)
def test_the_drug_is_named_beside_words_of_resistance(name: str, drug: str | None) -> None:
    found = drug_of((Code(text=name),))
    assert (found.text if found else None) == drug
