"""What stands beside an identified organism and says another one is never lost: it is found, or it waits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.test_beside import both
from varde.codes import refines
from varde.messages import Code
from varde.messages.answers.known_names import concept_of

GROWN = [
    "Mycobacterium avium", "Salmonella species", "Salmonella Typhimurium", "Escherichia coli", "Candida albicans",
    "Staphylococcus epidermidis", "Streptococcus mitis", "Shigella species", "Shigella sonnei", "Brucella species",
    "Corynebacterium striatum", "Yersinia enterocolitica", "Neisseria gonorrhoeae", "Clostridium perfringens", "Vibrio parahaemolyticus",
]  # fmt: skip
NOTIFIABLE = [
    "Mycobacterium tuberculosis", "Salmonella Typhi", "Salmonella Paratyphi A", "Escherichia coli EHEC", "Candida auris",
    "Staphylococcus aureus", "Streptococcus pneumoniae", "Shigella dysenteriae", "Brucella melitensis", "Corynebacterium diphtheriae",
    "Yersinia pestis", "Neisseria meningitidis", "Clostridium botulinum", "Vibrio cholerae", "Legionella pneumophila",
]  # fmt: skip
FORMS = [
    ("{}", "Positiv"), ("{} hurtigtest", "Positiv"), ("{} PCR", "Påvist"), ("{} PCR", "Svakt positiv, usikker"),
    ("Artsbestemmelse", "{}"), ("Serotype", "{}"), ("{} antigen", "Positiv"), ("Identifikasjon", "{}"),
]  # fmt: skip


def _is_at_least(found: str | None, grown: str | None) -> bool:
    return found == grown or (found is not None and grown is not None and refines(found, grown))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(GROWN), st.sampled_from(NOTIFIABLE), st.sampled_from(FORMS), st.booleans())
def test_a_positive_answer_never_vanishes_beside_a_culture(
    grown: str, other: str, form: tuple[str, str], first: bool
) -> None:
    answer = (form[0].format(other), form[1].format(other))
    pair = [("Dyrkning", grown), answer]
    for report in both(*(pair if first else pair[::-1])):
        told = [finding.organisms[0].text for finding in report.findings]
        meant = {concept_of(finding.organisms) for finding in report.findings}
        assert concept_of((Code(text=other),)) in meant or any(
            each.startswith(f"{answer[0]}: ") for each in told
        ), told
        assert any(_is_at_least(each, concept_of((Code(text=grown),))) for each in meant), told


@pytest.mark.parametrize(
    ("grown", "other"),
    [
        ("Salmonella Typhimurium", ("Salmonella", "Positiv")),
        ("Escherichia coli", ("E. coli", "Positiv")),
        ("Campylobacter jejuni", ("Campylobacter dyrkning", "Påvist")),
        ("Mycobacterium tuberculosis-kompleks", ("Mycobacterium tuberculosis", "Positiv")),
        ("Pseudomonas aeruginosa", ("Pseudomonas", "Positiv")),
        ("Salmonella species", ("Salmonella dyrkning", "Påvist")),
    ],
)
def test_what_says_the_same_is_one_finding(grown: str, other: tuple[str, str]) -> None:
    for order in (1, -1):
        for report in both(*[("Dyrkning", grown), other][::order]):
            assert [finding.organisms[0].text for finding in report.findings] == [grown]


@pytest.mark.parametrize(
    ("grown", "other"),
    [
        ("Mycobacterium avium", ("Mykobakterier identifikasjon", "Mycobacterium tuberculosis")),
        ("Mycobacterium avium", ("Mycobacterium tuberculosis GeneXpert", "MTB DETECTED LOW")),
        ("Shigella species", ("Shigella dysenteriae type 1", "Positiv")),
        ("Corynebacterium diphtheriae", ("Corynebacterium diphtheriae toksinproduksjon", "Positiv")),
    ],
)  # fmt: skip
def test_what_says_more_waits(grown: str, other: tuple[str, str]) -> None:
    for order in (1, -1):
        for report in both(*[("Dyrkning", grown), other][::order]):
            told = [finding.organisms[0].text for finding in report.findings]
            assert len(told) == 2 and any(each.startswith(f"{other[0]}: ") for each in told), told
