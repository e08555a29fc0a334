"""`varde user` and `varde oidc` as those call them who let people in."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from cli.test_guideline_commands import as_json, varde
from varde.access.models import AccessLogEntry, User
from varde.cli import users

pytestmark = pytest.mark.django_db
REFERENCE = "abcd-efgh-ijkl-mnop-qrst"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users.typer, "prompt", lambda *_, **__: "a-long-enough-secret")


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize("word", [("add",), ()])
def test_a_user_is_made_with_and_without_the_word(tmp_path: Path, word: tuple[str, ...]) -> None:
    done = varde(tmp_path, "user", *word, "ola", "--role", "municipal-doctor", "--area", "0301")
    assert done.returncode == 0, done.stderr
    user = authenticate(username="ola", password="a-long-enough-secret")
    assert isinstance(user, User) and (user.role, user.area) == ("municipal-doctor", "0301")


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ola", "--role", "nope"), "there is no role"),
        (("ola", "--role", "municipal-doctor"), "say which with --area"),
        (("ola", "--role", "municipal-doctor", "--area", "9999"), "there is no municipality"),
        (("ola", "--role", "duty-officer", "--area", "0301"), "has no area"),
        ((f"{'a' * 20}.1", "--role", "duty-officer"), "give another name"),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = varde(tmp_path, "user", "add", *arguments)
    assert done.returncode == 1 and said in done.stderr
    assert not User.objects.exists()


def test_a_role_is_granted_listed_and_taken_back(tmp_path: Path) -> None:
    given = ("municipal-doctor", "--area", "0301", "--name", "Oslo", "--person", REFERENCE)
    number = varde(tmp_path, "user", "grant", *given).stdout.strip()
    more = ("clinician", "--area", "993467049", "--organisation", "993467049")
    dated = ("--entitlement", "LE", "--from", "2020-01-01", "--to", "2020-12-31", "--json")
    old = as_json(varde(tmp_path, "user", "grant", *more, *dated))
    assert (old["from"], old["to"]) == ("2020-01-01", "2020-12-31")
    [listed] = as_json(varde(tmp_path, "user", "grants", "--json"))
    assert (str(listed["grant"]), listed["person"], listed["role"]) == (
        number,
        REFERENCE,
        "municipal-doctor",
    )
    assert "Oslo" in varde(tmp_path, "user", "grants").stdout
    assert len(as_json(varde(tmp_path, "user", "grants", "--all", "--json"))) == 2
    assert varde(tmp_path, "user", "revoke", number).returncode == 0
    assert as_json(varde(tmp_path, "user", "grants", "--json")) == []
    assert varde(tmp_path, "user", "revoke", number).returncode == 1
    logged = AccessLogEntry.objects.order_by("id").values_list("action", "object_kind")
    assert list(logged) == [
        ("access-granted", f"grant {number}"),
        ("access-granted", f"grant {old['grant']}"),
        ("access-ended", f"grant {number}"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clinician", "--area", "1"), "say to whom"),
        (("clinician", "--area", "1", "--person", "01815000172"), "a reference is"),
        (("clinician", "--area", "1", "--hpr", "7", "--from", "soon"), "--from is no day"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = varde(tmp_path, "user", "grant", *arguments)
    assert done.returncode == 1 and said in done.stderr


def test_the_key_is_made_published_and_changed(tmp_path: Path) -> None:
    assert "keygen" in varde(tmp_path, "oidc", "jwks").stderr
    first = varde(tmp_path, "oidc", "keygen").stdout.strip()
    assert varde(tmp_path, "oidc", "keygen").returncode == 1
    assert varde(tmp_path, "oidc", "rotate").returncode == 1
    second = varde(tmp_path, "oidc", "keygen", "--next").stdout.strip()
    assert varde(tmp_path, "oidc", "keygen", "--next").returncode == 1
    published = as_json(varde(tmp_path, "oidc", "jwks"))["keys"]
    assert [key["kid"] for key in published] == [first, second]
    assert not any("d" in key for key in published)
    assert varde(tmp_path, "oidc", "rotate").stdout.strip() == second
    assert [key["kid"] for key in as_json(varde(tmp_path, "oidc", "jwks"))["keys"]] == [second]


def test_the_provider_is_asked_what_it_has(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    from access.oidc_hostile import hostile_provider
    from access.oidc_world import configure

    settings.SIGN_IN_PROVIDER = None
    assert "no provider is set" in varde(tmp_path, "oidc", "check").stderr
    with hostile_provider() as provider:
        settings.SIGN_IN_PROVIDER = configure(provider.address, tmp_path)
        found = as_json(varde(tmp_path, "oidc", "check", "--json"))
        assert found["keys"] == [provider.key.kid] and not found["dpop"]
        provider.metadata = {"issuer": "https://evil.example"}
        settings.SIGN_IN_PROVIDER = configure(provider.address, tmp_path)
        done = varde(tmp_path, "oidc", "check")
        assert done.returncode == 1 and "metadata-of-another-issuer" in done.stderr
