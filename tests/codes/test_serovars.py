"""Serovars of Salmonella by name."""

from __future__ import annotations

import pytest

from varde.codes import CodeMap, kinds_of


def means(text: str) -> str | None:
    return CodeMap.load().find("organism", [("", "", text)])


@pytest.mark.parametrize("name", ["Salmonella Infantis", "S. Kentucky", "Salmonella sp. Dublin", "salmonella enterica serovar stanley", "Salmonella Java", "S. Paratyphi B var. Java"])  # fmt: skip
def test_a_serovar_is_not_typhoidal(name: str) -> None:
    assert means(name) == "salmonella-enterica"


@pytest.mark.parametrize("name", ["Salmonella 1,4,[5],12:i:-", "Salmonella monofasisk Typhimurium"])  # fmt: skip
def test_the_monophasic_variant_is_typhimurium(name: str) -> None:
    assert means(name) == "salmonella-typhimurium"


def test_the_typhoidal_ones_stay_their_own() -> None:
    assert means("Salmonella Typhi") == "salmonella-typhi"
    assert means("Salmonella Paratyphi B") == "salmonella-paratyphi-b"
    assert means("Salmonella Flufflensis") is None


def test_java_beside_paratyphi_b_is_for_a_person() -> None:
    own = kinds_of("salmonella-paratyphi-b")
    assert own is not None and own.doubtful.fullmatch("var. Java") and own.doubtful.fullmatch("dT+")


def test_a_misspelt_typhi_is_no_kind_of_salmonella() -> None:
    own = kinds_of("salmonella")
    assert own is not None
    for text in ("serovar Tyfi", "serovar Paratyfi", "serovar Typhi"):
        assert not own.beside.fullmatch(text), text
