"""Settings, rules, keys, references and grants of the sign-in through a provider."""

from __future__ import annotations

import json
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from varde.access.keys import KeyProblem, Keys
from varde.access.models import Grant, User
from varde.access.oidc import rules as rules_module
from varde.access.oidc.configuration import is_safe, read_configuration
from varde.access.oidc.flow import make_assertion
from varde.access.oidc.grants import (
    GrantInvalid,
    NewGrant,
    add_grant,
    end_grant,
    grants_of,
    list_grants,
    user_of,
)
from varde.access.oidc.identity import Identity, read_reference, reference_of, show_reference
from varde.access.oidc.keys import make_key, public_set, read_keys, write_keys
from varde.access.oidc.refusals import reasons
from varde.access.oidc.rules import RulesInvalid, read_rules, shipped_rules

ISSUER = "https://provider.example"
GIVEN = {"VARDE_OIDC_ISSUER": ISSUER, "VARDE_OIDC_CLIENT_ID": "varde"}
DAY = date(2026, 11, 26)


def keys(letter: str = "p") -> Keys:
    return Keys(pseudonym=letter.encode() * 32, storage={"k1": b"s" * 32})


def test_without_an_issuer_there_is_no_provider(tmp_path: Path) -> None:
    assert read_configuration({}, tmp_path) is None
    assert read_configuration({"VARDE_OIDC_CLIENT_ID": "varde"}, tmp_path) is None


def test_what_is_not_said_is_helseid(tmp_path: Path) -> None:
    found = read_configuration(GIVEN, tmp_path)
    assert found is not None
    assert (found.name, found.session, found.rules.least_level) == ("HelseID", 28_800, 4)
    assert found.keys == tmp_path / "keys" / "oidc.jwks.json"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"VARDE_OIDC_ISSUER": "http://provider.example"}, "https address"),
        ({"VARDE_OIDC_ISSUER": "provider.example"}, "https address"),
        ({"VARDE_OIDC_ISSUER": "https://provider.example?a=1"}, "https address"),
        ({"VARDE_OIDC_CLIENT_ID": " "}, "VARDE_OIDC_CLIENT_ID"),
        ({"VARDE_OIDC_MAX_AGE": "soon"}, "VARDE_OIDC_MAX_AGE"),
        ({"VARDE_OIDC_MAX_AGE": "60"}, "VARDE_OIDC_MAX_AGE"),
        ({"VARDE_OIDC_MAX_AGE": "9999999"}, "VARDE_OIDC_MAX_AGE"),
        ({"VARDE_OIDC_RULES": "/no/such/file"}, "VARDE_OIDC_RULES"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        read_configuration(GIVEN | changed, tmp_path)


def test_a_site_may_have_rules_of_its_own(tmp_path: Path) -> None:
    told = json.loads(rules_module.DATA.read_bytes())
    told["claims"]["person"] = {"path": ["pid"], "from": "id-token", "pattern": "[0-9]{11}"}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(told))
    found = read_configuration(GIVEN | {"VARDE_OIDC_RULES": str(path)}, tmp_path)
    assert found is not None and found.rules.claims["person"].path == ("pid",)
    path.write_text("{}")
    with pytest.raises(ImproperlyConfigured, match="cannot be used"):
        read_configuration(GIVEN | {"VARDE_OIDC_RULES": str(path)}, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file["claims"].pop("level"), "level"),
        (lambda file: file["claims"]["person"].update({"from": "either"}), "id-token"),
        (lambda file: file["claims"]["level"].update({"from": "either"}), "id-token"),
        (lambda file: file["claims"]["hpr"].update({"path": []}), "hpr"),
        (lambda file: file["claims"]["hpr"].update({"pattern": "("}), "regular expression"),
        (lambda file: file.update({"scopes": ["profile"]}), "openid"),
        (lambda file: file.update({"least_level": 0}), "least_level"),
        (lambda file: file.update({"colour": "blue"}), "colour"),
    ],
)
def test_rules_that_would_let_anybody_in_are_refused(change: Any, said: str) -> None:
    file = json.loads(rules_module.DATA.read_bytes())
    change(file)
    with pytest.raises(RulesInvalid, match=said):
        read_rules(json.dumps(file).encode())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x", True),
        ("http://127.0.0.1:8/", True),
        ("http://localhost/", True),
        ("http://a.example/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("https://user@a.example/", False),
        ("https://a.example:0/", False),
        ("https://a.example:99999/", False),
        ("https://å.example/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_addresses_that_may_be_asked(address: str, expected: bool) -> None:
    assert is_safe(address) is expected


def test_a_reference_follows_the_key_and_says_nothing() -> None:
    found = reference_of(keys(), "FNR", "01815000172")
    assert found == reference_of(keys(), "DNR", "01815000172")  # one national series
    assert found != reference_of(keys("q"), "FNR", "01815000172")
    assert "01815000172" not in found and len(found) == 20
    shown = show_reference(found)
    assert read_reference(shown) == read_reference(f" {shown.upper()} ") == found
    for wrong in ("", "abc", found + "a", found.replace(found[0], "1"), "01815000172"):
        assert read_reference(wrong) == ""


def test_our_keys_are_for_their_owner_and_published_without_secret(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "oidc.jwks.json"
    with pytest.raises(KeyProblem, match="varde oidc keygen"):
        read_keys(path)
    made = make_key()
    write_keys(path, [made])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(path) == (made,)
    [public] = public_set([made])["keys"]
    assert "d" not in public and public["kid"] == made["kid"]
    assert made["d"] not in json.dumps(public)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"keys": []}',
        b'{"keys": [{"kty": "EC"}]}',
        b'{"keys": [{"kty": "oct", "k": "AA"}]}',
    ],
)
def test_a_key_file_that_holds_no_keys_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "oidc.jwks.json"
    path.write_bytes(content)
    with pytest.raises(KeyProblem, match=r"oidc\.jwks\.json"):
        read_keys(path)


def test_a_public_key_cannot_sign(tmp_path: Path) -> None:
    path = tmp_path / "oidc.jwks.json"
    write_keys(path, public_set([make_key()])["keys"])
    with pytest.raises(KeyProblem):
        read_keys(path)


def test_we_say_who_we_are_to_the_provider_alone(tmp_path: Path) -> None:
    found = read_configuration(GIVEN, tmp_path)
    assert found is not None
    write_keys(found.keys, [make_key()])
    from varde.access.clients.encoding import from_base64url

    head, body, _ = make_assertion(found, timezone.now()).split(".")
    header, claims = (json.loads(from_base64url(part)) for part in (head, body))
    assert (header["alg"], header["typ"]) == ("ES256", "client-authentication+jwt")
    assert claims["aud"] == ISSUER and claims["exp"] - claims["iat"] == 60


def test_every_refusal_says_what_to_do_in_both_languages() -> None:
    for reason in reasons().values():
        for words in (reason.title, reason.text):
            said = (
                words.nb.format(provider="P", contact="K"),
                words.en.format(provider="P", contact="K"),
            )
            assert all(said) and not any("{" in one for one in said)
    assert shipped_rules().version == "2026.11"


def somebody(**known: Any) -> Identity:
    told = {
        "person": "a" * 20,
        "hpr": "",
        "organisations": (),
        "entitlements": (),
        "subject": "",
        "session": "",
    }
    return Identity(**told | known)


def give(**new: Any) -> Grant:
    told = {"role": "municipal-doctor", "area": "0301"} | new
    return add_grant(NewGrant(**told), DAY, None, timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("whom", "fits", "does_not"),
    [
        ({"person": "a" * 20}, {}, {"person": "b" * 20}),
        ({"hpr": "7"}, {"hpr": "7"}, {"hpr": "77"}),
        ({"hpr": "7"}, {"hpr": "7"}, {"hpr": ""}),
        (
            {"organisation": "993467049", "entitlement": "LE"},
            {"organisations": ("1", "993467049"), "entitlements": ("SP", "LE")},
            {"organisations": ("993467049",), "entitlements": ("SP",)},
        ),
        (
            {"organisation": "993467049", "entitlement": "LE"},
            {"organisations": ("993467049",), "entitlements": ("LE",)},
            {"organisations": (), "entitlements": ("LE",)},
        ),
        (
            {"hpr": "7", "organisation": "993467049"},
            {"hpr": "7", "organisations": ("993467049",)},
            {"hpr": "7", "organisations": ("983974832",)},
        ),
    ],
)
def test_all_that_a_grant_says_must_fit(
    whom: dict[str, str], fits: dict[str, Any], does_not: dict[str, Any]
) -> None:
    made = give(**whom)
    assert grants_of(somebody(**fits), DAY) == [made]
    assert grants_of(somebody(**does_not), DAY) == []


@pytest.mark.django_db
def test_a_grant_to_nobody_fits_nobody() -> None:
    Grant.objects.create(role="duty-officer", valid_from=DAY, created=timezone.now())
    Grant.objects.create(
        role="duty-officer", valid_from=DAY, created=timezone.now(), entitlement="LE"
    )
    assert grants_of(somebody(entitlements=("LE",)), DAY) == []


@pytest.mark.django_db
def test_a_grant_holds_from_its_first_day_to_its_last() -> None:
    new = NewGrant(role="municipal-doctor", area="0301", hpr="7")
    made = add_grant(new, DAY, DAY + timedelta(days=2), timezone.now())
    for days, expected in ((-1, []), (0, [made]), (2, [made]), (3, [])):
        day = DAY + timedelta(days=days)
        assert grants_of(somebody(hpr="7"), day) == list_grants(day) == expected
    end_grant(made.pk, DAY + timedelta(days=1))
    assert grants_of(somebody(hpr="7"), DAY) == [made]
    assert grants_of(somebody(hpr="7"), DAY + timedelta(days=1)) == []
    with pytest.raises(GrantInvalid, match="has ended"):
        end_grant(made.pk, DAY + timedelta(days=1))
    with pytest.raises(GrantInvalid, match="there is no grant"):
        end_grant(10**6, DAY)
    assert list_grants() == [made]


@pytest.mark.django_db
def test_a_grant_of_a_role_that_is_gone_holds_no_more() -> None:
    made = give(hpr="7")
    Grant.objects.filter(pk=made.pk).update(role="gone")
    assert grants_of(somebody(hpr="7"), DAY) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"role": "nope"}, "no role"),
        ({"area": ""}, "limited to a municipality"),
        ({"area": "9999"}, "no municipality"),
        ({}, "say to whom"),
        ({"organisation": "993467049"}, "say to whom"),
        ({"entitlement": "LE"}, "say to whom"),
        ({"hpr": "7a"}, "HPR"),
        ({"organisation": "99", "entitlement": "LE"}, "nine digits"),
        ({"hpr": "7", "entitlement": "æ"}, "entitlement"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(new: dict[str, str], said: str) -> None:
    with pytest.raises(GrantInvalid, match=said):
        give(**new)
    assert not Grant.objects.exists()
    with pytest.raises(GrantInvalid, match="before its first"):
        add_grant(
            NewGrant(role="duty-officer", hpr="7"), DAY, DAY - timedelta(days=1), timezone.now()
        )


@pytest.mark.django_db
def test_a_user_of_the_provider_follows_the_grant_and_has_no_password() -> None:
    made = give(hpr="7", shown="Oslo")
    user = user_of("a" * 20, made)
    assert (user.username, user.display_name) == (f"{'a' * 20}.{made.pk}", "Oslo")
    user.set_password("somebody set one")
    user.save()
    made.area = "4601"
    made.save()
    again = user_of("a" * 20, made)
    assert (again.pk, again.area, again.has_usable_password()) == (user.pk, "4601", False)
    assert User.objects.count() == 1
