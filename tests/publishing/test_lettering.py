"""Words are as wide as Typst sets them; the typefaces are those that were taken in."""

from __future__ import annotations

import hashlib
import json

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from varde.prescribing.reports import kinds
from varde.publishing.lettering import FONTS, shorten, width_of, wrap

WORDS = (
    "Fenoksymetylpenicillin",
    "Du, siste 12\u00a0md.",
    "Æresord på Ås: «Øl» – 31,4\u00a0% (27–35)",
    "AVATAR To. Wy",
    "← Lavere er bedre → …",
)
LETTERS = st.text("abcdefghijklmnoprstuvyæøåABCDÆØÅ0123456789 ,.%–«»", max_size=60)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_typst(words: str, bold: bool) -> None:
    source = (
        f'#set text(font: "Inter", size: 10pt, weight: {600 if bold else 400}, kerning: false, ligatures: false)\n'
        f"#context [#metadata(measure(text({json.dumps(words, ensure_ascii=False)})).width.pt()) <w>]"
    )
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS / "inter")]
    )
    found = typst.query(source.encode(), "<w>", field="value", one=True, font_paths=fonts)
    assert width_of(words, 10, bold=bold) == pytest.approx(float(found), abs=0.02)


@given(LETTERS, st.floats(5, 200), st.integers(1, 3))
def test_lines_are_no_wider_than_the_room(words: str, room: float, most: int) -> None:
    lines = wrap(words, 8, room, most=most)
    assert len(lines) <= most
    narrowest = width_of("…", 8)
    assert all(width_of(line, 8) <= max(room, narrowest) for line in lines)
    if not any(line.endswith("…") for line in lines):
        assert " ".join(lines) == words


@given(LETTERS, st.floats(5, 300))
def test_what_fits_is_not_shortened(words: str, room: float) -> None:
    short = shorten(words, 8, room)
    assert (short == words) == (width_of(words, 8) <= room) or short == f"{words}…"


def test_typefaces_are_the_files_that_were_taken_in() -> None:
    parts = json.loads((FONTS / "vendored.json").read_text(encoding="utf-8"))
    listed = {
        f"{part['folder']}/{name}": digest
        for part in parts
        for name, digest in part["files"].items()
    }
    present = {
        str(path.relative_to(FONTS)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FONTS.rglob("*")
        if path.is_file() and path.name != "vendored.json"
    }
    assert present == listed
    assert all("LICENSE" in part["files"] and part["licence"] for part in parts)


COLUMN = 59.0
"""The room in a column of a report's table, in points; its headings are of 8.5 points."""


def test_no_word_of_a_column_is_wider_than_the_column() -> None:
    for kind, form in kinds().items():
        for variant in form.variants:
            for role in form.columns:
                name = form.name(role, variant)
                for word in f"{name.nb} {name.en}".split(" "):
                    assert width_of(word, 8.5, bold=True) <= COLUMN, (kind, variant, word)
