"""Names of diseases as clinicians write them on forms, and organisms with the serotype behind the name."""

from __future__ import annotations

import pytest

from varde.cases import disease_named
from varde.codes import CodeMap


@pytest.mark.parametrize(
    ("said", "disease", "clinical"),
    [
        ("Hemolytisk-uremisk syndrom", "hus", "unknown"),
        ("EHEC-assosiert HUS", "hus", "unknown"),
        ("EHEC", "ehec", "unknown"),
        ("MRSA-bærerskap", "mrsa", "unmet"),
        ("Infeksjon med MRSA", "mrsa", "met"),
        ("Meningokokksykdom, systemisk", "meningococcal-disease", "unknown"),
        ("HIV-infeksjon", "hiv", "unknown"),
        ("Medfødt syfilis", "congenital-syphilis", "unknown"),
        ("Medfødt rubella", "congenital-rubella", "unknown"),
        ("Kongenitt rubellasyndrom", "congenital-rubella", "unknown"),
        ("Tropisk malaria", "malaria", "unknown"),
        ("Influensa A(H5N1)", "zoonotic-influenza", "unknown"),
        ("Medfødt zikainfeksjon", "congenital-zika", "unknown"),
        ("Kongenitt zikasyndrom", "congenital-zika", "unknown"),
        ("Medfødt toksoplasmose", "congenital-toxoplasmosis", "unknown"),
        ("Akutt slapp lammelse", "poliomyelitis", "met"),
        ("Krim-Kongo", "viral-haemorrhagic-fever", "unknown"),
        ("Nerveborreliose", "lyme-borreliosis", "unknown"),
        ("Gonore", "gonorrhoea", "unknown"),
        ("Lungetuberkulose", "tuberculosis", "unknown"),
        ("Systemisk gruppe A streptokokksykdom", "group-a-streptococcal-disease", "unknown"),
        ("Parotitt", "mumps", "unknown"),
        ("Zika", "zika", "unknown"),
        ("West Nile", "west-nile-fever", "unknown"),
        ("Variant CJD", "creutzfeldt-jakob", "unknown"),
        ("Hantavirus", "nephropathia-epidemica", "unknown"),
        ("SARS-CoV-2", "covid-19", "unknown"),
        ("Haemophilus influenzae", "haemophilus-influenzae-disease", "unknown"),
        ("Kampylobakter", "campylobacteriosis", "unknown"),
    ],
)
def test_a_name_on_a_form_is_known(said: str, disease: str, clinical: str) -> None:
    found = disease_named(said)
    assert found is not None and (found.disease, found.clinical) == (disease, clinical)


@pytest.mark.parametrize("said", ["Latent tuberkulose", "Rabieseksponering"])
def test_what_is_another_thing_than_the_disease_waits_for_a_person(said: str) -> None:
    assert disease_named(said) is None


@pytest.mark.parametrize(
    ("said", "organism"),
    [
        ("Haemophilus influenzae type b", "haemophilus-influenzae"),
        ("Neisseria meningitidis serogruppe W", "neisseria-meningitidis"),
        ("Streptococcus pneumoniae serotype 19A", "streptococcus-pneumoniae"),
        ("Listeria monocytogenes serotype 4b", "listeria-monocytogenes"),
        ("Escherichia coli O157 (EHEC)", "escherichia-coli-ehec"),
        ("Chlamydia trachomatis L2 (LGV)", "chlamydia-trachomatis-lgv"),
        ("Yersinia enterocolitica O:3", "yersinia-enterocolitica"),
        ("Escherichia coli O157", None),
    ],
)
def test_a_serotype_behind_a_name_leaves_the_organism_known(
    said: str, organism: str | None
) -> None:
    assert CodeMap.load().find("organism", [("", "", said)]) == organism
