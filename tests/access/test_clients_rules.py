"""The data behind clients: rules, reasons and scopes say what the standards and the code need."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from varde.access import clients
from varde.access.clients import (
    ClientRefused,
    deliveries,
    grant_scopes,
    kinds,
    known_scopes,
    services,
)
from varde.access.clients.recording import MOST
from varde.access.clients.refusals import DATA as REFUSALS
from varde.access.clients.refusals import Subject, reasons
from varde.access.clients.rules import DATA, RulesInvalid, read_rules, rules
from varde.access.clients.scopes import kinds_within

SOURCES = [
    *Path(clients.__file__).parent.glob("*.py"),
    *(Path(clients.__file__).parents[2] / "web" / "intake").glob("*.py"),
]
ALL = tuple(kinds())


@pytest.fixture
def file() -> dict[str, Any]:
    return json.loads(DATA.read_bytes())


def test_the_kinds_are_the_ones_agreed() -> None:
    assert ALL == (
        "laboratory",
        "notification",
        "vaccination",
        "prevalence",
        "surgery",
        "ravn",
        "norm",
    )


def test_no_algorithm_is_symmetric_and_smarts_two_are_there() -> None:
    names = {one.name for one in rules().algorithms}
    assert {"ES384", "RS384"} <= names
    assert not any(name.startswith("HS") or name == "none" for name in names)


def test_nothing_lives_longer_than_smart_allows() -> None:
    assert rules().seconds.token == rules().seconds.assertion == 300


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file["kinds"].append(file["kinds"][0]), "stands twice"),
        (lambda file: file["resources"].update(Patient=["patient"]), "is no kind"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    file: dict[str, Any], change: Any, said: str
) -> None:
    change(file)
    with pytest.raises(RulesInvalid, match=said):
        read_rules(json.dumps(file).encode())


def test_rules_of_another_shape_are_refused(file: dict[str, Any]) -> None:
    file["algorithms"][0]["key_type"] = "oct"
    with pytest.raises(msgspec.ValidationError):
        read_rules(json.dumps(file).encode())


def test_every_reason_is_used_and_every_used_one_is_there() -> None:
    source = "\n".join(path.read_text() for path in SOURCES)
    used = set(re.findall(r'"([a-z]+(?:-[a-z]+)+|disabled|expired|replayed|unreadable)"', source))
    assert set(reasons()) <= used
    raised = re.findall(r'(?:ClientRefused|OverLimit)\(\s*"([a-z-]+)"', source)
    assert raised and set(raised) <= set(reasons())


@pytest.mark.parametrize("code", sorted(reasons()))
@pytest.mark.parametrize("subject", get_args(Subject))
def test_words_are_there_and_may_stand_in_a_header(code: str, subject: Subject) -> None:
    refused = ClientRefused(code, subject)
    # RFC 6749, section 5.2: error_description has no other signs than these.
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{30,}", refused.text("en"))
    assert re.fullmatch(r"[a-z_]*", refused.error)
    assert refused.text("nb") != refused.text("en") == str(refused)
    assert "{" not in refused.text("nb")
    assert refused.title("nb") != refused.title("en")
    assert refused.status in (400, 401, 403, 413, 429)


def test_no_reason_stands_twice() -> None:
    codes = [one["code"] for one in json.loads(REFUSALS.read_bytes())["refusals"]]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", ("varde:intake/laboratory", "varde:intake/vaccination")),
        ("varde:intake/vaccination", ("varde:intake/vaccination",)),
        ("system/*.c", ("system/*.c",)),
        ("system/*.cruds", ("system/*.c",)),
        ("system/*.cu system/*.c", ("system/*.c",)),
        ("system/*.write", ("system/*.c",)),
        ("system/*.*", ("system/*.c",)),
        ("system/*.rs system/Immunization.c", ("system/Immunization.c",)),
        ("system/Patient.read system/Bundle.c", ("system/Bundle.c",)),
    ],
)
def test_scopes_are_granted_and_never_wider_than_create(
    asked: str, granted: tuple[str, ...]
) -> None:
    assert grant_scopes(asked, ("laboratory", "vaccination")) == granted


@pytest.mark.parametrize(
    "asked",
    [
        "varde:intake/norm",
        "varde:intake/",
        "varde:intake/cheese",
        "varde:intake/laboratory varde:intake/norm",
        "system/*.rs",
        "system/*.read",
        "system/*.",
        "system/Patient.c",
        "system/*.sc",
        "user/*.c",
        "patient/Immunization.c",
        "system/Observation.c?category=laboratory",
        "system/Immunization.c",
        "openid",
        " ",
        "varde:intake/laboratory\n",
        "system/*.c\n",
        " ".join(["varde:intake/laboratory"] * 51),
    ],
)
def test_scopes_that_are_not_the_clients_refuse_the_whole(asked: str) -> None:
    with pytest.raises(ClientRefused) as refused:
        grant_scopes(asked, ("laboratory",))
    assert (refused.value.code, refused.value.error) == ("scope-refused", "invalid_scope")


def test_fhir_scopes_never_let_in_what_is_kept_apart() -> None:
    smart = tuple(scope for scope in known_scopes() if scope.startswith("system/"))
    assert len(smart) > 3
    assert set(kinds_within(smart, ALL)) == set(ALL) - {"ravn", "norm"}
    assert kinds_within(("system/Immunization.c",), ALL) == ("vaccination",)
    assert kinds_within(("varde:intake/norm",), ("laboratory",)) == ()


@pytest.mark.parametrize("scope", known_scopes())
def test_every_known_scope_can_be_granted(scope: str) -> None:
    assert grant_scopes(scope, (*ALL, *services(), *deliveries())) == (scope,)
    assert kinds_within((scope,), (*ALL, *services(), *deliveries()))


def test_the_documentation_has_the_rules_numbers_and_names() -> None:
    page = (Path(clients.__file__).parents[4] / "docs" / "senders.md").read_text(encoding="utf-8")
    limits = rules().limits
    assert f"{limits.requests_per_minute} requests a minute" in page
    assert f"{limits.bytes_per_day:,}".replace(",", " ") + " bytes a day" in page
    assert f"RSA of {rules().rsa_bits.least} to {rules().rsa_bits.most} bits" in page
    assert all(f"`{kind}`" in page for kind in ALL)
    smart = [scope for scope in known_scopes() if scope.startswith("system/")]
    assert all(f"`{scope}`" in page for scope in smart)
    assert f"At most {MOST.amount} refusals a minute" in page
