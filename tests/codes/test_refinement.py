"""Which names of organisms are less precise ones of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.codes import CodeFileError, organisms, precision, refinement, refines


@pytest.mark.parametrize(
    ("finer", "coarser"),
    [
        ("klebsiella-pneumoniae", "klebsiella"),
        ("salmonella-enteritidis", "salmonella"),
        ("salmonella-enteritidis", "salmonella-enterica"),
        ("klebsiella-pneumoniae", "enterobacterales"),
        ("klebsiella", "gram-negative-rods"),
        ("staphylococcus-epidermidis", "coagulase-negative-staphylococcus"),
        ("coagulase-negative-staphylococcus", "staphylococcus"),
        ("streptococcus-pyogenes", "beta-haemolytic-streptococcus"),
        ("streptococcus-oralis", "viridans-group-streptococcus"),
        ("mycobacterium-bovis", "mycobacterium-tuberculosis-complex"),
        ("candida-albicans", "yeast"),
        ("human-immunodeficiency-virus-1", "human-immunodeficiency-virus"),
    ],
)
def test_a_more_precise_name_refines_a_less_precise_one(finer: str, coarser: str) -> None:
    assert refines(finer, coarser) and not refines(coarser, finer)
    assert precision(finer) > precision(coarser)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("klebsiella-pneumoniae", "klebsiella-oxytoca"),
        ("salmonella-enteritidis", "salmonella-typhi"),
        ("staphylococcus-aureus", "coagulase-negative-staphylococcus"),
        ("streptococcus-pneumoniae", "viridans-group-streptococcus"),
        ("escherichia-coli", "escherichia-coli"),
        ("escherichia-coli", "unknown-organism"),
        ("escherichia-coli", "not-there"),
    ],
)
def test_two_species_or_serovars_are_two_organisms(one: str, other: str) -> None:
    assert not refines(one, other) and not refines(other, one)


def test_refinement_is_an_order() -> None:
    coarser = refinement.coarser_names()
    assert coarser.keys() == organisms().keys()
    for finer, names in coarser.items():
        assert finer not in names
        for name in names:
            assert coarser[name] < names


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("klebsiella,organism,no-such-thing,here,2026-01-01", "there is no no-such-thing"),
        ("klebsiella,group,no-such-group,here,2026-01-01", "there is no no-such-group"),
        ("klebsiella,kind,bacterium,here,2026-01-01", "of 'kind' must match"),
        ("klebsiella,organism,escherichia-coli,here,2026-13-01", "not a day of the calendar"),
        ("klebsiella-pneumoniae,organism,klebsiella,here,2026-01-01", "of itself"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(
    row: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "organism_groups.csv"
    path.write_text(f"organism,of,member,source,valid_from\n{row}\n")
    monkeypatch.setattr(refinement, "GROUPS", path)
    with pytest.raises(CodeFileError, match=why):
        refinement.coarser_names.__wrapped__()
