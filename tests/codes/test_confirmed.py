"""A site's confirmations: whole expressions, asked last, written in one step, noticed by who runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from varde.codes import (
    CodeFileError,
    CodeMap,
    Confirmation,
    SiteMaps,
    read_confirmed,
    write_confirmed,
)

DAY = date(2026, 11, 1)


def row(
    text: str = "Bacillus fabulosus", concept: str = "bacillus-cereus", **more: str
) -> Confirmation:
    return Confirmation(
        more.get("kind", "organism"),
        more.get("system", ""),
        more.get("code", ""),
        text,
        concept,
        "vakt",
        DAY,
    )


def test_a_confirmation_is_of_a_whole_expression(tmp_path: Path) -> None:
    codes = write_confirmed(tmp_path, [row(code="B1", system="NLK")])
    nlk = "2.16.578.1.12.4.1.1.7280"
    assert codes.confirmed("organism", "NLK", "B1", "Bacillus fabulosus") == "bacillus-cereus"
    assert codes.confirmed("organism", nlk, "B1", " bacillus  FABULOSUS") == "bacillus-cereus"
    for other in (
        ("organism", nlk, "", "Bacillus fabulosus"),
        ("organism", nlk, "B1", ""),
        ("organism", nlk, "b1", "Bacillus fabulosus"),
        ("organism", "", "B1", "Bacillus fabulosus"),
        ("material", nlk, "B1", "Bacillus fabulosus"),
    ):
        assert codes.confirmed(*other) is None, other


def test_the_ordinary_map_knows_nothing_of_confirmations(tmp_path: Path) -> None:
    codes = write_confirmed(tmp_path, [row(), row("Escherichia coli", "bacillus-cereus")])
    assert codes.find("organism", [("", "", "Bacillus fabulosus")]) is None
    assert codes.find("organism", [("", "", "Escherichia coli")]) == "escherichia-coli"
    assert CodeMap.load().confirmed("organism", "", "", "Bacillus fabulosus") is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [
        row('Med "hermetegn", komma', code="æ1"),
        row(kind="antibiotic", text="X", concept="CIP"),
    ]
    written = write_confirmed(tmp_path, rows)
    assert read_confirmed(tmp_path) == rows
    assert CodeMap.load(tmp_path).version == written.version != CodeMap.load().version
    assert read_confirmed(tmp_path / "none") == []
    assert [path.name for path in tmp_path.iterdir()] == ["confirmed.csv"]


@pytest.mark.parametrize(
    "bad",
    [
        row(concept="no-such"),
        row(text="", code=""),
        row(text="line\nbreak"),
        row(kind="planet"),
        row(text=" blank at the edge"),
    ],
)
def test_what_the_maps_would_refuse_is_not_written(tmp_path: Path, bad: Confirmation) -> None:
    write_confirmed(tmp_path, [row()])
    before = (tmp_path / "confirmed.csv").read_bytes()
    with pytest.raises(CodeFileError):
        write_confirmed(tmp_path, [row(), bad])
    with pytest.raises(CodeFileError, match="means"):
        write_confirmed(tmp_path, [row(), row(concept="escherichia-coli")])
    assert (tmp_path / "confirmed.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["confirmed.csv"]


def test_whoever_runs_notices_that_the_files_changed(tmp_path: Path) -> None:
    site = SiteMaps(tmp_path / "maps")
    first = site.read()
    assert site.read() is first
    write_confirmed(tmp_path / "maps", [row()])
    second = site.read()
    assert second.confirmed("organism", "", "", "Bacillus fabulosus") == "bacillus-cereus"
    assert site.read() is second
    own = tmp_path / "maps" / "own.csv"
    own.write_text("not,a,map\n")
    with pytest.raises(CodeFileError):
        site.read()
    assert site.read() is second  # told once; until the file is mended, what was read before holds
    own.unlink()
    assert site.read().version == second.version
    (tmp_path / "maps" / "confirmed.csv").unlink()
    assert site.read().version == first.version
