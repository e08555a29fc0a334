"""Purposes as data: the shipped file is sound, and an unsound one is refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from varde.access.purposes import (
    DATA,
    PurposesInvalid,
    PurposeUnknown,
    purpose_of,
    purposes,
    read_purposes,
    say_purpose,
)
from varde.access.roles import roles


@pytest.fixture
def file() -> dict[str, Any]:
    return json.loads(DATA.read_bytes())


def test_what_roles_may_state_is_what_there_is() -> None:
    for role in roles().values():
        assert set(role.purposes) <= set(purposes())


def test_each_has_words_in_both_languages_and_its_source() -> None:
    for purpose in purposes().values():
        assert purpose.nb != purpose.en and purpose.source
        assert purpose.in_language("en") == purpose.en
        assert purpose.in_language("nb") == purpose.in_language("nn") == purpose.nb


def test_what_is_logged_is_said_in_words() -> None:
    assert say_purpose("care", "nb") == "Helsehjelp til personen"
    assert say_purpose("care", "en") == "Care for the person"
    assert say_purpose("Smittevern i egen kommune", "en") == "Smittevern i egen kommune"


def test_there_is_no_other() -> None:
    assert purpose_of("care") is purposes()["care"]
    with pytest.raises(PurposeUnknown, match="give one of care, "):
        purpose_of("curiosity")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda file: file["purposes"].append(file["purposes"][0]), "stands twice"),
        (lambda file: file["purposes"][0].update(key="Å se"), "is no key"),
        (lambda file: file["purposes"][0].update(en=" "), "lacks words or source"),
        (lambda file: file["purposes"][0].update(source=""), "lacks words or source"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    change: Any, complaint: str, file: dict[str, Any]
) -> None:
    change(file)
    with pytest.raises(PurposesInvalid, match=complaint):
        read_purposes(json.dumps(file).encode())


def test_a_file_of_another_shape_is_refused(file: dict[str, Any]) -> None:
    file["purposes"][0]["colour"] = "blue"
    with pytest.raises(msgspec.ValidationError):
        read_purposes(json.dumps(file).encode())
