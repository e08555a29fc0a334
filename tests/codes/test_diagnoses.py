"""Diagnosis codes: unique, well formed, and some facts to hold on to; a broken file is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from varde.codes import CodeFileError, diagnoses, diagnosis_codes

HEADER = "system,code,name_nb,name_en,source\n"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "diagnosis_codes.csv"
    monkeypatch.setattr(diagnoses, "DIAGNOSES", path)
    diagnosis_codes.cache_clear()
    yield path
    diagnosis_codes.cache_clear()


def test_keys_name_their_rows() -> None:
    assert all(key == (d.system, d.code) for key, d in diagnosis_codes().items())
    assert len({code for system, code in diagnosis_codes() if system == "ICPC-2"}) >= 27
    assert len({code for system, code in diagnosis_codes() if system == "ICD-10"}) >= 40


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        ("ICPC-2", "F70", "Infeksiøs konjunktivitt"),
        ("ICPC-2", "R81", "Lungebetennelse"),
        ("ICPC-2", "A85", "Bivirkning legemiddel"),
        ("ICD-10", "N30.0", "Akutt cystitt"),
        ("ICD-10", "Y40.0", "Penicilliner"),
    ],
)
def test_known_names(system: str, code: str, name: str) -> None:
    assert diagnosis_codes()[system, code].name_nb == name


def test_a_code_below_another_has_it_in_front() -> None:
    """A category is there for the sake of the codes below it."""
    codes = {code for system, code in diagnosis_codes() if system == "ICD-10"}
    for (system, code), diagnosis in diagnosis_codes().items():
        if diagnosis.source == "category":
            assert system == "ICD-10"
            assert any(other.startswith(f"{code}.") for other in codes), code


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("ICPC-2,J18,a,b,edition-2026\n", "ICPC-2 code 'J18' must match"),
        ("ICD-10,J189,a,b,edition-2026\n", "ICD-10 code 'J189' must match"),
        ("ICD-11,J18,a,b,edition-2026\n", "system 'ICD-11' must match"),
        ("ICD-10,J18,a,b,category\nICD-10,J18,c,d,category\n", "is already on line 2"),
    ],
)
def test_a_broken_file_is_refused(written: Path, rows: str, problem: str) -> None:
    written.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(CodeFileError, match=problem):
        diagnosis_codes()


def test_a_code_may_be_in_both_systems(written: Path) -> None:
    row = "{},A78,a,b,edition-2026\n"
    written.write_text(HEADER + row.format("ICPC-2") + row.format("ICD-10"), encoding="utf-8")
    assert list(diagnosis_codes()) == [("ICPC-2", "A78"), ("ICD-10", "A78")]
