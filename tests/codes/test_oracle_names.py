"""Every organism and antibiotic of the resistance oracle has a concept under exactly that name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from varde.codes import CodeMap, antibiotics, organisms

ORACLE = Path(__file__).resolve().parents[2].parent / "shared/oracles/amr/example_isolates.csv"
pytestmark = pytest.mark.skipif(not ORACLE.exists(), reason="the oracle files are not here")


@pytest.fixture(scope="module")
def isolates() -> list[dict[str, str]]:
    with ORACLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_organism_is_a_scientific_name(isolates: list[dict[str, str]]) -> None:
    names = {organism.name: organism.key for organism in organisms().values()}
    code_map = CodeMap.load()
    for name in {row["organism"] for row in isolates}:
        assert code_map.find("organism", [("", "", name)]) == names[name]


def test_every_antibiotic_column_is_a_code(isolates: list[dict[str, str]]) -> None:
    columns = [column for column in isolates[0] if len(column) == 3 and column.isupper()]
    code_map = CodeMap.load()
    assert len(columns) == 40
    for column in columns:
        assert column in antibiotics()
        assert code_map.find("antibiotic", [("", column, "")]) == column


def test_every_category_maps_to_itself(isolates: list[dict[str, str]]) -> None:
    columns = [column for column in isolates[0] if len(column) == 3 and column.isupper()]
    categories = {row[column] for row in isolates for column in columns} - {""}
    code_map = CodeMap.load()
    assert {code_map.find("sir", [("", category, "")]) for category in categories} == categories
