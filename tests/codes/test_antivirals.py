"""Antivirals and countries: unique, well formed, and antivirals apart from antibiotics."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from varde.codes import CodeFileError, CodeMap, antibiotics, antivirals, countries, organisms

MAP = CodeMap.load()
MODULE = importlib.import_module("varde.codes.antivirals")
ATC = "http://www.whocc.no/atc"


def test_no_antiviral_is_an_antibiotic() -> None:
    assert len(antivirals()) >= 80
    assert not antivirals().keys() & antibiotics().keys()
    assert not {a.atc for a in antivirals().values() if a.atc} & {
        a.atc for a in antibiotics().values()
    }
    assert all(len(code) >= 4 for code in antivirals())
    assert all(len(code) <= 8 for code in antivirals()), "the register keeps eight signs"


def test_names_and_codes_are_unique_and_classes_have_one_name() -> None:
    for values in (
        [drug.name_nb for drug in antivirals().values()],
        [drug.name_en for drug in antivirals().values()],
        [drug.atc for drug in antivirals().values() if drug.atc],
    ):
        assert len(values) == len(set(values))
    pairs = {(drug.drug_class, drug.class_nb) for drug in antivirals().values()}
    assert len({english for english, _ in pairs}) == len(pairs) == len({nb for _, nb in pairs})


@pytest.mark.parametrize(
    ("atc", "name"),
    [
        ("J05AH02", "oseltamivir"), ("J05AH01", "zanamivir"), ("J05AX25", "baloxavir"), ("J05AB01", "aciclovir"),
        ("J05AB06", "ganciclovir"), ("J05AD01", "foscarnet"), ("J05AB12", "cidofovir"), ("J05AF05", "lamivudine"),
        ("J05AF07", "tenofovir"), ("J05AF10", "entecavir"), ("J05AX18", "letermovir"), ("J05AJ03", "dolutegravir"),
        ("J05AG01", "nevirapine"), ("J05AE10", "darunavir"), ("J05AP08", "sofosbuvir"),
    ],
)  # fmt: skip
def test_the_code_map_knows_them_by_atc_and_name(atc: str, name: str) -> None:
    by_atc = MAP.find("antibiotic", [(ATC, atc, "")])
    assert by_atc == MAP.find("antibiotic", [("", "", name.upper())])
    assert by_atc is not None and antivirals()[by_atc].name_en == name


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("NNRTI", "NNRTI"), ("aciklovir", "ACIC"), ("acyclovir", "ACIC"), ("baloxavir marboxil", "BALO"),
        ("nevraminidasehemmere", "NEURINH"), ("tenofovirdisoproksil", "TENO"),
        ("pcV", "PNV"), ("DOR", "DOR"), ("FLU", "FLU"),
    ],
)  # fmt: skip
def test_words_in_use_and_those_that_stay_antibiotics(word: str, code: str) -> None:
    assert MAP.find("antibiotic", [("", word, "")]) == code


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("ABCD,a,b,J01CA01,c,d", "is the antibiotic AMP"),
        ("ABC,a,b,,c,d", "must match"),
        ("ABCD,a,b,J05AH02,c,d\nABCE,e,f,J05AH02,c,d", "already on line 2"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(
    row: str, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "antivirals.csv"
    file.write_text(f"code,name_nb,name_en,atc,drug_class,class_nb\n{row}\n", "utf-8")
    monkeypatch.setattr(MODULE, "ANTIVIRALS", file)
    with pytest.raises(CodeFileError, match=rule):
        MODULE.antivirals.__wrapped__()


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("Influenza A", "influenza-a-virus"), ("influensavirus A(H3N2)", "influenza-a-virus"),
        ("influensavirus B", "influenza-b-virus"), ("HIV", "human-immunodeficiency-virus"),
        ("hiv-1", "human-immunodeficiency-virus-1"), ("HIV2", "human-immunodeficiency-virus-2"),
        ("HBV", "hepatitis-b-virus"), ("HCV", "hepatitis-c-virus"), ("CMV", "cytomegalovirus"),
        ("HSV", "herpes-simplex-virus"), ("HSV-1", "herpes-simplex-virus-type-1"),
        ("HSV 2", "herpes-simplex-virus-type-2"),
    ],
)  # fmt: skip
def test_viruses_whose_resistance_is_monitored(word: str, key: str) -> None:
    assert MAP.find("organism", [("", "", word)]) == key
    assert organisms()[key].kind == "virus"


def test_countries() -> None:
    assert len(countries()) == 250
    assert all(code == country.code for code, country in countries().items())
    assert countries()["NO"].name_nb == "Norge" and countries()["ZA"].name_en == "South Africa"
    assert all(re.fullmatch(r"[^\W\d_].+", country.name_nb) for country in countries().values())
