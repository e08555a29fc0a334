"""Organisms, antibiotics, daily doses, materials: uniqueness, formats, and facts to hold on to."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from varde.codes import antibiotics, daily_dose, daily_doses, materials, organisms

ATC = re.compile(r"[A-Z]\d\d[A-Z][A-Z]\d\d")


def test_there_are_enough_of_each() -> None:
    assert len(organisms()) >= 300
    assert len(antibiotics()) >= 110
    assert len(materials()) >= 40


def test_keys_name_their_rows() -> None:
    assert all(key == organism.key for key, organism in organisms().items())
    assert all(code == antibiotic.code for code, antibiotic in antibiotics().items())
    assert all(key == material.key for key, material in materials().items())


def test_names_and_codes_are_unique() -> None:
    for values in (
        [organism.name for organism in organisms().values()],
        [organism.snomed for organism in organisms().values() if organism.snomed],
        [antibiotic.name_nb for antibiotic in antibiotics().values()],
        [antibiotic.name_en for antibiotic in antibiotics().values()],
        [antibiotic.atc for antibiotic in antibiotics().values() if antibiotic.atc],
        [material.name_nb for material in materials().values()],
        [material.kith_code for material in materials().values() if material.kith_code],
    ):
        assert len(values) == len(set(values))


def test_one_class_has_one_norwegian_name() -> None:
    pairs = {(antibiotic.drug_class, antibiotic.class_nb) for antibiotic in antibiotics().values()}
    assert len({english for english, _ in pairs}) == len(pairs) == len({nb for _, nb in pairs})


def test_atc_codes_are_well_formed_and_missing_only_where_who_has_none() -> None:
    without = {a.code for a in antibiotics().values() if not a.atc}
    assert without == {"CTC", "CCV", "GEH", "STH", "SSS"}
    assert all(ATC.fullmatch(a.atc) for a in antibiotics().values() if a.atc)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("escherichia-coli", "Escherichia coli"),
        ("lactobacillus-delbrueckii-lactis", "Lactobacillus delbrueckii"),
        ("salmonella-typhi", "Salmonella enterica"),
        ("staphylococcus", "Staphylococcus"),
        ("streptococcus-group-b", "Streptococcus Group B"),
        ("streptococcus-agalactiae", "Streptococcus agalactiae"),
        ("coagulase-negative-staphylococcus", "Coagulase-negative Staphylococcus (CoNS)"),
        ("enterobacter-cloacae-complex", "Enterobacter cloacae complex"),
        ("unknown-organism", ""),
    ],
)
def test_episode_keys(key: str, expected: str) -> None:
    assert organisms()[key].episode_key == expected


def test_only_the_unknown_organism_has_no_episode_key() -> None:
    assert [key for key, o in organisms().items() if not o.episode_key] == ["unknown-organism"]


def test_a_named_group_is_not_its_species() -> None:
    assert not organisms()["streptococcus-group-b"].species
    assert organisms()["streptococcus-group-b"].name == "Streptococcus Group B"


def test_genus_and_species_are_the_words_of_the_name() -> None:
    for organism in organisms().values():
        if (
            organism.species
            and organism.genus != "Salmonella"
            and "Candidatus" not in organism.name
        ):
            assert organism.name.startswith(f"{organism.genus} {organism.species}")


@pytest.mark.parametrize(
    ("atc", "route", "before", "since"),
    [
        ("J01CA04", "O", "1", "1.5"),
        ("J01CA04", "P", "1", "3"),
        ("J01CR02", "O", "1", "1.5"),
        ("J01CA01", "P", "2", "6"),
        ("J01CA17", "P", "2", "4"),
        ("J01DE01", "P", "2", "4"),
        ("J01DH02", "P", "2", "3"),
        ("J01MA02", "P", "0.5", "0.8"),
        ("J01XB01", "P", "3", "9"),
        ("J01CA08", "O", "0.6", "0.6"),
    ],
)
def test_daily_doses_around_the_change_of_2019(
    atc: str, route: str, before: str, since: str
) -> None:
    old = daily_dose(atc, route, date(2018, 12, 31))
    new = daily_dose(atc, route, date(2019, 1, 1))
    assert old and new
    assert (old.value, new.value) == (Decimal(before), Decimal(since))


def test_a_dose_that_is_not_in_the_file_is_none() -> None:
    assert daily_dose("J01CA04", "R", date(2026, 1, 1)) is None
    assert daily_dose("X99XX99", "O", date(2026, 1, 1)) is None


def test_exactly_one_dose_is_valid_on_a_day() -> None:
    for on in (date(2000, 1, 1), date(2018, 12, 31), date(2019, 1, 1), date(2026, 11, 22)):
        valid = [
            (dose.atc, dose.route)
            for dose in daily_doses()
            if dose.valid_from <= on and (dose.valid_to is None or on <= dose.valid_to)
        ]
        assert len(valid) == len(set(valid)) == len({(d.atc, d.route) for d in daily_doses()})


def test_material_groups_used_by_the_tables() -> None:
    assert materials()["urine"].group == "urine"
    assert materials()["blood-culture"].group == "blood"
    assert materials()["csf"].group == "csf"
    assert {m.kith_code for m in materials().values()} >= {"U", "B", "S", "P", "HNX"}
