"""Roles as data: the shipped file is sound, and an unsound one is refused with a reason."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from varde.access.roles import (
    DATA,
    AreaMissing,
    RolesInvalid,
    may_open,
    read_roles,
    role_of,
    roles,
    sender_scope,
    stated_for,
)

EXPECTED = {
    "epidemiologist",
    "duty-officer",
    "laboratory-contact",
    "sender-contact",
    "municipal-doctor",
    "hospital-infection-control",
    "clinician",
    "general-practitioner",
    "out-of-hours-doctor",
    "peer-group-leader",
    "nursing-home-leader",
    "nursing-home-nurse",
    "home-care-staff",
    "county-coordinator",
    "stewardship-editor",
    "researcher",
    "administrator",
}


def user(role: str, area: str = "", signed_in: bool = True) -> Any:
    return SimpleNamespace(role=role, area=area, is_authenticated=signed_in)


@pytest.fixture
def file() -> dict[str, Any]:
    return json.loads(DATA.read_bytes())


def test_the_shipped_roles_are_the_ones_agreed() -> None:
    assert set(roles()) == EXPECTED


def test_the_administrator_sees_no_health_data() -> None:
    assert roles()["administrator"].area_kind == "none"
    assert set(roles()["administrator"].pages) == {"access-log", "access-request"}


def test_only_the_administrator_reads_the_access_log() -> None:
    assert [key for key, role in roles().items() if "access-log" in role.pages] == ["administrator"]


def test_every_role_has_words_in_both_languages() -> None:
    for role in roles().values():
        assert role.name.nb and role.name.en and role.purpose.nb and role.purpose.en
        assert role.name.in_language("en") == role.name.en
        assert role.name.in_language("nb") == role.name.in_language("nn") == role.name.nb


def test_a_role_that_stands_twice_is_refused(file: dict[str, Any]) -> None:
    file["roles"].append(file["roles"][0])
    with pytest.raises(RolesInvalid, match="stands twice"):
        read_roles(json.dumps(file).encode())


def test_a_landing_that_the_role_may_not_open_is_refused(file: dict[str, Any]) -> None:
    file["roles"][0]["landing"] = "access-log"
    with pytest.raises(RolesInvalid, match="lands on 'access-log'"):
        read_roles(json.dumps(file).encode())


@pytest.mark.parametrize(
    ("field", "value"), [("area_kind", "planet"), ("pages", "resistance"), ("colour", "blue")]
)
def test_a_file_of_another_shape_is_refused(file: dict[str, Any], field: str, value: str) -> None:
    file["roles"][0][field] = value
    with pytest.raises(msgspec.ValidationError):
        read_roles(json.dumps(file).encode())


def test_an_area_kind_needs_words(file: dict[str, Any]) -> None:
    del file["area_kinds"]["country"]
    with pytest.raises(RolesInvalid, match="area kind 'country'"):
        read_roles(json.dumps(file).encode())


def test_nobody_has_a_role_before_signing_in() -> None:
    assert role_of(None) is None
    assert role_of(user("epidemiologist", signed_in=False)) is None
    assert not may_open(user("epidemiologist", signed_in=False), "resistance")
    assert may_open(user("epidemiologist"), "resistance")
    assert not may_open(user("no-such-role"), "resistance")


def test_scope_of_messages_follows_role_and_area() -> None:
    assert sender_scope(user("duty-officer")) is None
    assert sender_scope(user("laboratory-contact", "HER:1")) == "HER:1"
    assert sender_scope(user("sender-contact", "ENH:985626154")) == "ENH:985626154"


@pytest.mark.parametrize(
    ("role", "area"),
    [
        ("laboratory-contact", ""),
        ("sender-contact", ""),
        ("municipal-doctor", "0301"),
        ("administrator", ""),
        ("gone", "HER:1"),
    ],
)
def test_no_scope_means_nothing_and_never_everything(role: str, area: str) -> None:
    with pytest.raises(AreaMissing):
        sender_scope(user(role, area))


def test_a_role_may_be_narrowed_only_to_what_it_has(file: dict[str, Any]) -> None:
    doctor = next(role for role in file["roles"] if role["key"] == "general-practitioner")
    assert stated_for(roles()["general-practitioner"], "see-person") == ("care",)
    assert "quality" in roles()["general-practitioner"].purposes
    for wrong in ({"see-person": ["outbreak"]}, {"correct": ["care"]}):
        doctor["only_for"] = wrong
        with pytest.raises(RolesInvalid, match="narrowed"):
            read_roles(json.dumps(file).encode())
