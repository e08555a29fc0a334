"""The words of reports are whole, dated and set as people write them in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from varde.codes import CodeFileError
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.comparison.verdict import verdicts
from varde.prescribing.layout import Words
from varde.prescribing.reports import indicator_words, kinds, read_advice
from varde.prescribing.reports.forms import FOLDER, common, fill, places_of
from varde.prescribing.reports.measuring.comparing import CELLS
from varde.prescribing.reports.measuring.words import measuring_words

KINDS = ("county", "home-care", "legevakt", "peer-group", "rak", "rask")


def words_in(value: Any) -> Iterator[Words]:
    """All words below a value."""
    if isinstance(value, Words):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from words_in(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from words_in(one)
    elif hasattr(value, "values"):
        for one in value.values():
            yield from words_in(one)


def all_words() -> list[Words]:
    return list(words_in([common(), indicator_words(), kinds(), measuring_words()]))


def test_every_kind_of_report_is_there_with_its_variants() -> None:
    assert tuple(kinds()) == KINDS
    assert set(kinds()["rak"].variants) == {"year", "follow-up"}
    assert set(kinds()["legevakt"].variants) == {"doctor", "unit"}
    assert set(kinds()["rask"].variants) == {"short-stay", "mixed", "long-stay", "unknown"}
    assert kinds()["rak"].variants["follow-up"].months == 6


def test_a_follow_up_says_of_which_months_of_the_year_before() -> None:
    """Wherever that figure has a name: row, column and half of the trend."""
    form = kinds()["rak"]
    for words in (form.name("before", "follow-up"), form.variants["follow-up"].stretches["before"]):
        assert "samme måneder året før" in words.nb.lower()
        assert "same months the year before" in words.en.lower()
        assert form.earlier("follow-up").nb.endswith(
            words.nb[words.nb.lower().index("samme") :].lower()
        )
    assert form.name("before", "year") == Words("Du, året før", "You, the year before")
    assert form.earlier("year") == Words("året før", "the year before")


def test_both_languages_say_something_with_the_same_places() -> None:
    found = all_words()
    assert len(found) > 150
    for words in found:
        assert words.nb.strip() and words.en.strip()
        assert places_of(Words(words.nb, "")) == places_of(Words("", words.en)), words


def test_norwegian_typography() -> None:
    for words in all_words():
        assert not re.search(r"\d[ ]?%", words.nb.replace("\u00a0%", "")), words.nb
        assert '"' not in words.nb + words.en and "“" not in words.nb, words.nb
        assert not re.search(r"\d%", words.nb) and not re.search(r"\d\u00a0%", words.en)
        assert words.nb.count("«") == words.nb.count("»")
        assert "  " not in words.nb and "  " not in words.en
        assert not re.search(r"\d\.\d", words.nb), words.nb


def test_no_two_headings_of_a_report_are_alike() -> None:
    for key, form in kinds().items():
        for language in ("nb", "en"):
            headings = [getattr(indicator_words()[one].title, language) for one in form.first_page]
            headings += [
                getattr(one.title, language) for one in measuring_words().choice if key in one.kinds
            ]
            texts = (form.method, form.not_shown, common().uncertainty, common().errors)
            headings += [getattr(one.title, language) for one in texts]
            headings += [getattr(common().sentences.table, language)]
            headings += [getattr(common().sentences.definitions, language)]
            assert len(headings) == len(set(headings)), headings


def test_numbers_keep_to_their_percent_signs_in_verdicts_too() -> None:
    for one in (*verdicts().levels, *verdicts().unjudged_levels, *verdicts().silent_levels):
        assert "95 %" not in one.nb and "95 %" not in one.en and "95\u00a0%" not in one.en
        assert "som ligner" not in one.nb and "similar" not in one.en


def test_advice_is_that_of_a_recommendation_which_holds() -> None:
    edition = read_library(SHIPPED).edition(date(2025, 12, 31))
    for key, kind in kinds().items():
        advice = read_advice(edition, key)
        named = [one for one in kind.first_page if indicator_words()[one].advice is not None]
        assert list(advice) == named and named
        for one in advice.values():
            assert one.link.startswith("https://") and one.version <= date(2025, 12, 31)
            assert one.title in one.source.nb and str(one.version.year) in one.source.en


def test_before_the_guideline_there_is_no_advice() -> None:
    assert read_advice(read_library(SHIPPED).edition(date(1990, 1, 1)), "rak") == {}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"ab3", "ab4", "cystitis', '"ab3", "cystitis', "3 to 5 indicators"),
        ('"ab4", "cystitis-choice-first-line"]', '"ab4", "nonsense"]', "says nothing of nonsense"),
        ('key = "rak"', 'key = "rask"', "not the file's name"),
        ('columns = ["own", "before"', 'columns = ["own"', "first two columns"),
        ("months = 12", "months = 12\nrank = true", "rank"),
        ("personal = true", "own_dot = true", "owner alone"),
        ("months = 6", "months = 12", "two stretches"),
        ("earlier = { nb", "short = { nb", "when the figure before was"),
    ],
)
def test_a_kind_that_is_not_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, says: str
) -> None:
    source = (FOLDER / "rak.toml").read_text("utf-8")
    assert before in source
    (tmp_path / "rak.toml").write_text(source.replace(before, after, 1), "utf-8")
    indicator_words()
    module = import_module("varde.prescribing.reports.forms")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(CodeFileError, match=says):
        module.kinds.__wrapped__()


def test_every_reason_for_a_missing_comparator_has_a_word_for_its_cell() -> None:
    assert set(CELLS) == set(measuring_words().why_not)
    assert {common().missing[why].nb for why in CELLS.values()} == {
        "for få",
        "skjult",
        "ikke vist",
        "ikke beregnbar",
    }


def test_a_place_without_a_figure_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill(Words("{own}", "{own}"), before="1")
