"""Signing in through a provider of others (oidc-provider, run by Node): the whole way, and what goes wrong on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.oidc_world import (
    ACCOUNTS,
    CLIENT_ID,
    PID,
    ForeignProvider,
    Visitor,
    configure,
    foreign_provider,
    heard_logouts,
)
from varde.access.keys import load_keys
from varde.access.models import AccessLogEntry, Grant, UsedId, User
from varde.access.oidc import sessions
from varde.access.oidc.grants import NewGrant, add_grant, end_grant
from varde.access.oidc.identity import reference_of, show_reference
from varde.access.oidc.keys import read_keys
from varde.access.oidc.provider import current_provider

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("provider")]
TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oidc")
    configure("https://nobody.example", folder)  # makes the key
    load_keys(folder)
    return folder


@pytest.fixture(scope="module")
def heard() -> Iterator[tuple[str, list[str]]]:
    with heard_logouts() as found:
        yield found


@pytest.fixture(scope="module")
def provider(key_folder: Path, heard: tuple[str, list[str]]) -> Iterator[ForeignProvider]:
    keys = list(read_keys(key_folder / "keys" / "oidc.jwks.json"))
    with foreign_provider(keys, logout=heard[0]) as found:
        yield found


@pytest.fixture(autouse=True)
def _settings(key_folder: Path, provider: ForeignProvider, settings) -> None:  # type: ignore[no-untyped-def]
    settings.VARDE_HOME = key_folder
    settings.SIGN_IN_PROVIDER = configure(provider.issuer, key_folder)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def grant(role: str = "municipal-doctor", area: str = "0301", **whom: Any) -> Grant:
    whom = whom or {"hpr": "7000001"}
    new = NewGrant(role=role, area=area, shown="Oslo", **whom)
    return add_grant(new, TODAY, None, timezone.now())


def reference(login: str, folder: Path) -> str:
    return reference_of(load_keys(folder), "FNR", ACCOUNTS[login][PID])


def _has_role(client: Client) -> bool:
    return "role_name" in client.get(reverse("start")).context


def test_somebody_with_a_grant_lands_on_the_page_of_the_role(
    visitor: Visitor, key_folder: Path
) -> None:
    given = grant()
    answer = visitor.sign_in("doctor")
    assert (answer.status_code, answer.url) == (302, reverse("inbox"))
    page = visitor.service.get(reverse("start")).content.decode()
    assert "Kommuneoverlege, Oslo" in page
    user = User.objects.get()
    assert user.username == f"{reference('doctor', key_folder)}.{given.pk}"
    assert (user.role, user.area, user.has_usable_password()) == ("municipal-doctor", "0301", False)
    entry = AccessLogEntry.objects.get()
    assert (entry.action, entry.actor, entry.area) == ("sign-in", user.username, "0301")


def test_one_goes_on_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    grant()
    assert visitor.sign_in("doctor", "/meld/?a=1").url == "/meld/?a=1"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)", "/\\example.org"]
)
def test_one_is_never_sent_elsewhere(visitor: Visitor, elsewhere: str) -> None:
    grant()
    assert visitor.sign_in("doctor", elsewhere).url == reverse("inbox")


def test_what_is_sent_to_the_provider_says_nothing_in_the_address(visitor: Visitor) -> None:
    # The request was pushed: neither state nor nonce nor scopes stand in the browser's address.
    asked = parse_qs(urlsplit(visitor.begin()).query)
    assert set(asked) == {"client_id", "request_uri"}
    assert asked["client_id"] == [CLIENT_ID]


def test_the_number_is_written_nowhere(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, key_folder: Path
) -> None:
    grant()
    visitor.sign_in("doctor")
    Visitor().sign_in("nurse")  # refused, with a reference
    number, other = ACCOUNTS["doctor"][PID], ACCOUNTS["nurse"][PID]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            held = str([tuple(map(_plain, row)) for row in cursor.fetchall()])
            assert number not in held and other not in held, table
    for session in Session.objects.all():
        assert number not in str(session.get_decoded())
    assert number not in caplog.text and other not in caplog.text


def _plain(value: object) -> object:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else value


def test_somebody_unknown_is_let_in_nowhere_and_told_whom_to_ask(
    visitor: Visitor, key_folder: Path
) -> None:
    grant()
    answer = visitor.sign_in("nurse")
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "Du har ikke tilgang til Varde ennå" in body and "tilgang@fjordby.example" in body
    assert show_reference(reference("nurse", key_folder)) in body
    assert not User.objects.exists() and not _has_role(visitor.service)
    assert AccessLogEntry.objects.get().action == "sign-in-failed"
    visitor.service.cookies["django_language"] = "en"
    assert "You do not have access to Varde yet" in visitor.sign_in("nurse").content.decode()


def test_a_reference_is_what_access_is_given_by(visitor: Visitor, key_folder: Path) -> None:
    grant(person=reference("nurse", key_folder))
    assert visitor.sign_in("nurse").status_code == 302
    assert Visitor().sign_in("doctor").status_code == 403


def test_organisation_and_entitlement_give_a_role_together(visitor: Visitor) -> None:
    # The profession stands at the userinfo address alone, which takes the bound token and a proof.
    grant("clinician", "993467049", organisation="993467049", entitlement="LE")
    assert visitor.sign_in("doctor").status_code == 302
    assert (
        Visitor().sign_in("nurse").status_code == 403
    )  # the same organisation, another profession


def test_who_has_several_roles_chooses(visitor: Visitor) -> None:
    first, second = grant(), grant("clinician", "993467049", hpr="7000001")
    answer = visitor.sign_in("doctor", "/meld/")
    assert answer.url == reverse("sign-in-role")
    assert not _has_role(visitor.service)
    page = visitor.service.get(answer.url).content.decode()
    assert "Kommuneoverlege" in page and "Sykehuslege" in page
    stranger = Grant.objects.create(
        hpr="1", role="duty-officer", valid_from=TODAY, created=timezone.now()
    )
    for wrong in ("", "x", str(stranger.pk)):
        assert visitor.service.post(answer.url, {"rolle": wrong}).status_code == 422
    onward = visitor.service.post(answer.url, {"rolle": str(second.pk)})
    assert (onward.status_code, onward.url) == (302, "/meld/")
    assert User.objects.get().role == "clinician"
    # The choice was made: it cannot be made again.
    assert visitor.service.get(answer.url).url == reverse("sign-in")
    assert first.pk != second.pk


def test_a_level_that_is_too_low_is_told(visitor: Visitor) -> None:
    grant(hpr="7000003")
    answer = visitor.sign_in("at-level-three")
    assert answer.status_code == 403
    assert "sikkerhetsnivå 4" in answer.content.decode()
    assert not _has_role(visitor.service)


def test_without_a_number_nobody_is_signed_in(visitor: Visitor) -> None:
    grant(hpr="7000004")
    answer = visitor.sign_in("nameless")
    assert answer.status_code == 403 and "sa ikke hvem du er" in answer.content.decode()


def test_who_cancels_is_told_and_may_try_again(visitor: Visitor) -> None:
    grant()
    answer = visitor.sign_in("doctor", cancel=True)
    assert answer.status_code == 403 and "avbrutt" in answer.content.decode()
    assert reverse("sign-in") in answer.content.decode()
    assert visitor.sign_in("doctor").status_code == 302


def test_an_answer_is_good_once_and_in_the_browser_that_asked(visitor: Visitor) -> None:
    grant()
    back = visitor.prove(visitor.begin(), "doctor")
    thief = Visitor()
    assert thief.come_back(back).status_code == 400  # another browser
    thief.begin()
    assert thief.come_back(back).status_code == 400  # that has an attempt of its own
    assert visitor.come_back(back).status_code == 302
    visitor.service.post(reverse("sign-out"))
    assert visitor.come_back(back).status_code == 400  # replayed


def test_a_code_put_into_another_attempt_is_refused_by_pkce(visitor: Visitor) -> None:
    grant()
    stolen = parse_qs(urlsplit(visitor.prove(visitor.begin(), "doctor")).query)
    thief = Visitor()
    own = parse_qs(urlsplit(thief.prove(thief.begin(), "nurse")).query)
    mixed = {name: values[0] for name, values in own.items()} | {"code": stolen["code"][0]}
    answer = thief.service.get(f"{reverse('sign-in-return')}?{urlencode(mixed)}")
    assert answer.status_code == 502 and not _has_role(thief.service)


def test_a_code_that_was_redeemed_is_redeemed_no_more(visitor: Visitor) -> None:
    grant()
    back = parse_qs(urlsplit(visitor.prove(visitor.begin(), "doctor")).query)
    came = {name: values[0] for name, values in back.items()}
    attempts = dict(visitor.service.session["varde-oidc-attempts"])
    assert visitor.service.get(f"{reverse('sign-in-return')}?{urlencode(came)}").status_code == 302
    # Even where the session is put back and our own memory is lost, the provider refuses.
    UsedId.objects.all().delete()
    again = Client()
    session = again.session
    session["varde-oidc-attempts"] = attempts
    session.save()
    again.cookies["varde_session"] = session.session_key
    answer = again.get(f"{reverse('sign-in-return')}?{urlencode(came)}")
    assert answer.status_code == 502 and not _has_role(again)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"state": "x"}, 400),
        ({"state": None}, 400),
        ({"iss": "https://evil.example"}, 502),
        ({"iss": None}, 502),  # the provider says that it always stands there (RFC 9207)
        ({"code": None}, 502),
        ({"code": "x" * 5000}, 502),
        ({"code": "wrong"}, 502),
    ],
)
def test_an_answer_that_was_changed_lets_nobody_in(
    visitor: Visitor, changed: dict[str, str | None], status: int
) -> None:
    grant()
    back = parse_qs(urlsplit(visitor.prove(visitor.begin(), "doctor")).query)
    came = {name: values[0] for name, values in back.items()} | changed
    kept = {name: value for name, value in came.items() if value is not None}
    answer = visitor.service.get(f"{reverse('sign-in-return')}?{urlencode(kept)}")
    assert answer.status_code == status and not _has_role(visitor.service)


def test_a_parameter_that_stands_twice_is_refused(visitor: Visitor) -> None:
    back = visitor.prove(visitor.begin(), "doctor")
    assert visitor.come_back(f"{back}&code=other").status_code == 502


def test_an_attempt_that_took_too_long_is_refused(visitor: Visitor) -> None:
    back = visitor.prove(visitor.begin(), "doctor")
    session = visitor.service.session
    for attempt in session["varde-oidc-attempts"].values():
        attempt["at"] -= 601
    session.save()
    assert visitor.come_back(back).status_code == 400


def test_the_session_gets_another_key_when_somebody_signs_in(visitor: Visitor) -> None:
    grant()
    back = visitor.prove(visitor.begin(), "doctor")
    before = visitor.service.session.session_key
    visitor.come_back(back)
    after = visitor.service.session.session_key
    assert before != after and not Session.objects.filter(session_key=before).exists()


def test_the_provider_changes_its_key_in_the_middle(
    visitor: Visitor, provider: ForeignProvider
) -> None:
    grant()
    assert visitor.sign_in("doctor").status_code == 302
    provider.rotate()
    other = Visitor()
    assert other.sign_in("doctor").status_code == 302
    provider.rotate()
    # Its keys are not fetched again at once, whoever asks: this one has to try again a little later.
    third = Visitor()
    assert third.sign_in("doctor").status_code == 502
    found = current_provider()
    assert found is not None
    found._asked_again = float("-inf")
    assert third.sign_in("doctor").status_code == 302


def test_a_password_after_an_attempt_begins_an_ordinary_session(visitor: Visitor, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("kari", "long-enough-secret", display_name="K", role="clinician")
    back = visitor.prove(visitor.begin(), "doctor")
    given = {"username": "kari", "password": "long-enough-secret"}
    assert visitor.service.post(reverse("sign-in"), given).status_code == 302
    session = visitor.service.session
    assert not {"_session_expiry", "varde-oidc-attempts", sessions.KEY} & set(session.keys())
    grant()
    assert visitor.come_back(back).status_code == 400
    assert User.objects.get(pk=session["_auth_user_id"]).username == "kari"


def test_what_anybody_can_ask_for_leaves_nothing_behind() -> None:
    for query in ("", "?state=x&code=y", "?error=access_denied"):
        assert Client().get(f"{reverse('sign-in-return')}{query}").status_code == 400
    assert not AccessLogEntry.objects.exists() and not Session.objects.exists()


def test_a_session_ends_at_its_greatest_age(visitor: Visitor) -> None:
    grant()
    visitor.sign_in("doctor")
    session = visitor.service.session
    held = session[sessions.KEY]
    assert held["until"] - held["since"] == 28_800
    session[sessions.KEY] = held | {
        "since": held["since"] - 28_801,
        "until": held["until"] - 28_801,
    }
    session.save()
    answer = visitor.service.get(reverse("notification"))
    assert answer.status_code == 302 and answer.url.startswith(reverse("sign-in"))
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_who_loses_the_grant_is_out_at_once(visitor: Visitor) -> None:
    given = grant()
    visitor.sign_in("doctor")
    assert visitor.service.get(reverse("notification")).status_code == 200
    end_grant(given.pk, TODAY)
    assert visitor.service.get(reverse("notification")).status_code == 302
    assert visitor.sign_in("doctor").status_code == 403


def test_grants_hold_on_their_days_only(visitor: Visitor) -> None:
    whom = {"hpr": "7000001"}
    new = NewGrant(role="municipal-doctor", area="0301", **whom)
    add_grant(new, TODAY + timedelta(days=1), None, timezone.now())
    add_grant(new, date(2020, 1, 1), TODAY - timedelta(days=1), timezone.now())
    assert visitor.sign_in("doctor").status_code == 403


def test_a_closed_user_is_told(visitor: Visitor) -> None:
    grant()
    visitor.sign_in("doctor")
    User.objects.update(is_active=False)
    assert visitor.service.get(reverse("notification")).status_code == 302
    answer = Visitor().sign_in("doctor")
    assert answer.status_code == 403 and "stengt" in answer.content.decode()


def test_signing_out_here_leads_to_signing_out_there(
    visitor: Visitor, heard: tuple[str, list[str]]
) -> None:
    grant()
    visitor.sign_in("doctor")
    elsewhere = Visitor()
    elsewhere.sign_in("doctor")  # another browser, another session at the provider
    kept = dict(visitor.service.session)
    answer = visitor.service.post(reverse("sign-out"))
    body = answer.content.decode()
    assert answer.status_code == 200 and "Du er logget ut" in body
    assert not _has_role(visitor.service)
    address = answer.context["address"]
    assert "id_token_hint" not in address  # it would hold the number
    heard[1].clear()
    assert visitor.sign_out_there(address).startswith("http://testserver/")

    # The provider has told us of it: a session of that browser that was left would be over too.
    [token] = heard[1]
    client = Client()
    assert client.post(reverse("sign-out-provider"), {"logout_token": token}).status_code == 200
    session = client.session
    session.update(kept)
    session.save()
    client.cookies["varde_session"] = session.session_key
    assert not _has_role(client)
    assert _has_role(elsewhere.service)
    # And the token is good once.
    assert client.post(reverse("sign-out-provider"), {"logout_token": token}).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 20_000])
def test_a_logout_that_nobody_signed_is_refused(token: str) -> None:
    answer = Client().post(reverse("sign-out-provider"), {"logout_token": token})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_the_page_offers_both_ways(settings) -> None:  # type: ignore[no-untyped-def]
    body = Client().get(reverse("sign-in"), {"next": "/meld/?a=1&b=2"}).content.decode()
    assert "Logg inn med HelseID" in body and 'name="password"' in body
    assert f'href="{reverse("sign-in-provider")}?next=%2Fmeld%2F%3Fa%3D1%26b%3D2"' in body
    assert body.count("<h1") == 1
    settings.VARDE_PASSWORD_SIGN_IN = False
    body = Client().get(reverse("sign-in")).content.decode()
    assert "Logg inn med HelseID" in body and 'name="password"' not in body
    assert Client().post(reverse("sign-in"), {"username": "a", "password": "b"}).status_code == 405


def test_a_provider_that_is_down_is_told_and_others_sign_in_as_before(
    key_folder: Path,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_IN_PROVIDER = configure("http://127.0.0.1:9", key_folder, name="Prøve-ID")
    client = Client()
    answer = client.get(reverse("sign-in-provider"))
    body = answer.content.decode()
    assert answer.status_code == 503
    assert "Prøve-ID svarer ikke" in body and "Vent noen minutter" in body
    User.objects.create_user("kari", "long-enough-secret", display_name="K", role="clinician")
    given = {"username": "kari", "password": "long-enough-secret"}
    assert client.post(reverse("sign-in"), given).status_code == 302


def test_without_a_key_of_our_own_those_who_run_it_are_named(
    tmp_path: Path,
    provider: ForeignProvider,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    configured = configure(provider.issuer, tmp_path)
    configured.keys.unlink()
    settings.SIGN_IN_PROVIDER = configured
    answer = Client().get(reverse("sign-in-provider"))
    assert answer.status_code == 502 and "tilgang@fjordby.example" in answer.content.decode()


def test_without_a_provider_there_is_only_the_form(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SIGN_IN_PROVIDER = None
    body = Client().get(reverse("sign-in")).content.decode()
    assert "HelseID" not in body and 'name="password"' in body


def test_somebody_signed_in_with_a_password_is_not_touched() -> None:
    client = Client()
    client.force_login(
        User.objects.create_user("kari", display_name="K", role="clinician", area="1")
    )
    assert _has_role(client)
    assert client.post(reverse("sign-out")).url == reverse("start")
