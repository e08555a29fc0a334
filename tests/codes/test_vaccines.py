"""Vaccines, the diseases they protect against, and the codes that name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from varde.codes import CodeFileError, CodeMap, vaccine_diseases, vaccines
from varde.codes.map_rows import MAPS, read_map, read_systems
from varde.codes.vaccines import ATC, SYSVAK

CVX = "http://hl7.org/fhir/sid/cvx"
MAP = CodeMap.load()
MODULE = import_module("varde.codes.vaccines")


def test_keys_are_atc_codes_and_names_are_unique() -> None:
    assert len(vaccines()) >= 100
    assert all(key == v.atc and re.fullmatch(ATC, key) for key, v in vaccines().items())
    for names in (
        [v.name_nb for v in vaccines().values()],
        [v.name_en for v in vaccines().values()],
    ):
        assert len(names) == len(set(names))


def test_every_disease_is_protected_against_by_some_vaccine() -> None:
    against = {disease for vaccine in vaccines().values() for disease in vaccine.diseases}
    assert against == vaccine_diseases().keys()


@pytest.mark.parametrize(
    ("atc", "diseases"),
    [
        ("J07AN01", {"tuberculosis"}),
        ("J07BB02", {"influenza"}),
        ("J07BD52", {"measles", "mumps", "rubella"}),
        ("J07AM51", {"diphtheria", "tetanus"}),
        (
            "J07CA09",
            {"diphtheria", "tetanus", "pertussis", "poliomyelitis", "hib", "hepatitis-b"},
        ),
        ("J07BC20", {"hepatitis-a", "hepatitis-b"}),
    ],
)
def test_target_diseases(atc: str, diseases: set[str]) -> None:
    assert set(vaccines()[atc].diseases) == diseases


def test_the_covid_code_that_was_split_is_kept_with_its_last_day() -> None:
    assert vaccines()["J07BX03"].valid_to == date(2022, 12, 31)
    assert vaccines()["J07BN01"].valid_from == date(2023, 1, 1)
    assert {k for k, v in vaccines().items() if v.valid_to is not None} == {"J07BX03"}


@pytest.mark.parametrize(
    ("system", "code", "text", "atc"),
    [
        # the Institute's own table
        ("SYSVAK", "AII02", "", "J07BB02"),
        ("SYSVAK", "ANX01", "", "J07AC01"),
        ("SYSVAK", "BCG01", "", "J07AN01"),
        ("SYSVAK", "DIF01", "", "J07AF01"),
        ("SYSVAK", "DT51", "", "J07AM51"),
        # covid-19: the digits are of the code until 2022
        ("SYSVAK", "BNT03", "", "J07BN01"),
        ("SYSVAK", "MOD03", "Covid-19", "J07BN01"),
        ("SYSVAK", "ASZ03", "", "J07BN02"),
        ("SYSVAK", "JAN03", "", "J07BN02"),
        ("SYSVAK", "SIN03", "", "J07BX03"),
        ("urn:some:list", "MMR52", "", "J07BD52"),
        ("SYSVAK", "HPV09", "", "J07BM03"),
        ("SYSVAK", "HPV99", "", None),
        ("SYSVAK", "Ukjent", "", None),
        # ATC
        ("http://www.whocc.no/atc", "J07BM03", "", "J07BM03"),
        ("2.16.578.1.12.4.1.1.7180", "J07CA09", "", "J07CA09"),
        ("", "J07AL02", "", "J07AL02"),
        ("http://www.whocc.no/atc", "J07BN", "", None),
        ("http://www.whocc.no/atc", "J01CA04", "", None),
        # CVX
        (CVX, "03", "", "J07BD52"),
        ("2.16.840.1.113883.12.292", "115", "", "J07AJ52"),
        (CVX, "208", "", "J07BN01"),
        (CVX, "212", "", "J07BN02"),
        (CVX, "213", "SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED", None),
        (CVX, "88", "", None),
        ("", "03", "", None),
        # names
        ("", "", "M-M-RVAXPRO", "J07BD52"),
        ("", "", "gardasil  9", "J07BM03"),
        ("", "", "Gardasil", "J07BM01"),
        ("", "", "BCG-vaksine", "J07AN01"),
        ("", "", "Infanrix hexa", "J07CA09"),
        ("", "", "influensavaksine, inaktivert", "J07BB02"),
        ("", "", "vaksine", None),
        ("local", "HPV01", "Gardasil 9", "J07BM03"),
    ],
)
def test_what_codes_and_names_mean(system: str, code: str, text: str, atc: str | None) -> None:
    assert MAP.find("vaccine", [(system, code, text)]) == atc


def test_the_first_alternative_that_maps_counts() -> None:
    found = MAP.find("vaccine", [("SYSVAK", "XYZ01", ""), ("", "", "Priorix"), (CVX, "208", "")])
    assert found == "J07BD52"
    assert MAP.find("vaccine", []) is None


def rows_of(name: str) -> Iterator[tuple[str, str, str]]:
    """(code, concept, source) of a map file."""
    lines = (MAPS / name).read_text("utf-8").splitlines()[1:]
    for row, line in zip(read_map(MAPS / name, read_systems()), lines, strict=True):
        yield row.code, row.concept, line


def test_sysvak_codes_have_their_form_and_say_how_sure_they_are() -> None:
    rows = list(rows_of("sysvak_vaccines.csv"))
    assert len(rows) > 50
    for code, _, line in rows:
        assert re.fullmatch(SYSVAK, code), code
        assert re.search(r',"?(certain|likely): ', line), line


def test_digits_of_a_sysvak_code_are_those_of_its_atc_code_where_the_row_says_so() -> None:
    digits = [
        (c, atc) for c, atc, line in rows_of("sysvak_vaccines.csv") if "digits are those" in line
    ]
    assert len(digits) > 30
    assert all(code[-2:] == atc[-2:] for code, atc in digits)


def test_cvx_codes_are_numbers_of_two_or_three_digits_used_once() -> None:
    codes = [code for code, _, _ in rows_of("cvx_vaccines.csv")]
    assert len(codes) == len(set(codes)) > 100
    assert all(re.fullmatch(r"\d{2,3}", code) for code in codes)


BAD = [
    ("J07AN01,a,b,tuberculosis,,,x\nJ07AN01,c,d,tuberculosis,,,x", "atc 'J07AN01' is already"),
    ("J07AN01,a,b,tuberculosis,,,x\nJ07AN02,A,d,tuberculosis,,,x", "name_nb 'a' is already"),
    ("J01CA04,a,b,tuberculosis,,,x", "must match J07"),
    ("J07AN01,a,b,consumption,,,x", "there is no disease 'consumption'"),
    ("J07AN01,a,b,measles measles,,,x", "stands twice"),
    ("J07AN01,a,b,,,,x", "diseases '' must match"),
    ("J07AN01,a,b,tuberculosis,2024-01-02,2024-01-01,x", "before valid_from"),
]


@pytest.mark.parametrize(("rows", "said"), BAD)
def test_a_file_that_breaks_a_rule_is_refused(
    rows: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "vaccines.csv"
    header = "atc,name_nb,name_en,diseases,valid_from,valid_to,source\n"
    file.write_text(header + rows + "\n", "utf-8")
    monkeypatch.setattr(MODULE, "VACCINES", file)
    with pytest.raises(CodeFileError, match=said):
        MODULE.vaccines.__wrapped__()
