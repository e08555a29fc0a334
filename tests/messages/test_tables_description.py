"""The columns in words: on the page of the documentation, and for other pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.messages.tables.definition import tables
from varde.messages.tables.description import describe_columns, rewrite

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def test_the_page_says_what_the_files_say() -> None:
    page = PAGE.read_text("utf-8")
    assert rewrite(page) == page, "run the command at the end of docs/tables.md"


@pytest.mark.parametrize("key", ["envelope", *sorted(tables())])
def test_every_table_stands_on_the_page(key: str) -> None:
    page = PAGE.read_text("utf-8")
    start = page.index(f"<!-- table:{key} -->")
    assert page.index("| column |", start) < page.index("<!-- /table -->", start)


def test_a_changed_file_is_noticed() -> None:
    page = PAGE.read_text("utf-8")
    assert rewrite(page.replace("`AntallPasienterKl8`", "`Antall`", 1)) == page


@pytest.mark.parametrize("key", sorted(tables()))
def test_columns_are_explained_in_two_languages(key: str) -> None:
    table = tables()[key]
    nb, en = describe_columns(table.columns, "nb"), describe_columns(table.columns, "en")
    assert [c.heading for c in nb] == [c.heading for c in en] == [c.heading for c in table.columns]
    for one, other in zip(nb, en, strict=True):
        assert one.text.endswith(".") and other.text.endswith(".")
        assert one.text != other.text
        assert [code for code, _ in one.codes] == [code for code, _ in other.codes]
    assert {c.content for c in nb if c.heading == "Avsender"} == {"avsender"}


def test_bounds_and_codes_are_said() -> None:
    by_heading = {c.heading: c for c in describe_columns(tables()["nois-posi"].columns, "nb")}
    assert by_heading["ASA"].content == "heltall, 1–5"
    assert ("deep", "dyp") in by_heading["InfeksjonUtskrivning"].codes
    assert by_heading["Operasjonsdato"].required and not by_heading["ASA"].required
