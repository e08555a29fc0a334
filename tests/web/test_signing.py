"""Signing in and out: by form, throttled, logged, and never away from the service."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse
from django.utils import timezone

from varde.access import throttle
from varde.access.models import AccessLogEntry, FailedSignIn, User
from varde.web.onward import BELONGS
from varde.web.urls import urlpatterns

PASSWORD = "a-long-enough-password"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user() -> User:
    return User.objects.create_user("kari", PASSWORD, display_name="Kari", role="epidemiologist")


def attempt(client: Client, password: str, username: str = "kari", **more: str):  # type: ignore[no-untyped-def]
    return client.post(reverse("sign-in"), {"username": username, "password": password, **more})


def test_the_right_password_leads_to_the_roles_page(client: Client, user: User) -> None:
    answer = attempt(client, PASSWORD)
    assert (answer.status_code, answer.url) == (302, reverse("overview"))
    assert AccessLogEntry.objects.get().action == "sign-in"


def test_one_goes_on_to_the_page_that_was_asked_for(client: Client, user: User) -> None:
    assert attempt(client, PASSWORD, next="/karantene/?state=open").url == "/karantene/?state=open"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"]
)
def test_one_is_never_sent_elsewhere(client: Client, user: User, elsewhere: str) -> None:
    assert attempt(client, PASSWORD, next=elsewhere).url == reverse("overview")


def test_wrong_name_and_wrong_password_look_the_same(client: Client, user: User) -> None:
    wrong_password = attempt(client, "wrong")
    wrong_name = attempt(client, "wrong", username="nobody")
    assert wrong_password.status_code == wrong_name.status_code == 422
    said = "Brukernavnet eller passordet er feil."
    assert said in wrong_password.content.decode() and said in wrong_name.content.decode()


def test_a_failure_is_logged_without_what_was_typed(client: Client, user: User) -> None:
    attempt(client, "wrong", username="hemmelig")
    entry = AccessLogEntry.objects.get()
    assert (entry.action, entry.actor) == ("sign-in-failed", "")
    assert "hemmelig" not in FailedSignIn.objects.get().key


def test_after_five_failures_even_the_right_password_must_wait(client: Client, user: User) -> None:
    for _ in range(throttle.LIMIT):
        attempt(client, "wrong")
    blocked = attempt(client, PASSWORD)
    assert blocked.status_code == 422
    assert "For mange forsøk" in blocked.content.decode()
    FailedSignIn.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert attempt(client, PASSWORD).status_code == 302
    assert not FailedSignIn.objects.exists()


def test_failures_of_one_name_do_not_block_another(client: Client, user: User) -> None:
    for _ in range(throttle.LIMIT):
        attempt(client, "wrong", username="ola")
    assert attempt(client, PASSWORD).status_code == 302


def test_a_closed_user_cannot_sign_in(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert attempt(client, PASSWORD).status_code == 422


def test_signing_out_ends_the_session(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.post(reverse("sign-out")).status_code == 302
    assert client.get(reverse("resistance")).status_code == 302


def test_a_form_from_elsewhere_is_refused_in_plain_words(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = attempt(client, PASSWORD)
    assert answer.status_code == 403
    assert "Skjemaet var for gammelt" in answer.content.decode()


def test_empty_fields_say_what_is_missing(client: Client) -> None:
    body = attempt(client, "", username="").content.decode()
    assert "Skriv brukernavnet." in body and "Skriv passordet." in body


def test_what_was_sent_after_the_session_had_ended_is_said_not_to_be_kept(client: Client) -> None:
    User.objects.create_user("ola", PASSWORD, role="municipal-doctor", area="0301")
    sent = client.post("/innboks/17/", {"gjor": "kvitter"})
    assert sent.status_code == 302
    wanted = parse_qs(urlsplit(sent.url).query)["next"][0]
    answer = attempt(client, PASSWORD, "ola", next=wanted)
    assert answer.url == "/innboks/#trad-17"
    assert "ble ikke lagret" in client.get(answer.url).content.decode()
    assert "ble ikke lagret" not in client.get(answer.url).content.decode()


def test_who_only_asked_for_a_page_is_not_told_so(client: Client, user: User) -> None:
    wanted = client.get("/oversikt/").url
    attempt(client, PASSWORD)
    assert "next=/oversikt/" in wanted
    assert "ble ikke lagret" not in client.get("/om/").content.decode()


def test_every_address_that_only_takes_forms_belongs_to_a_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    asked = RequestFactory().generic("PROPFIND", "/")
    asked.user, asked.session = AnonymousUser(), {}
    found = {
        one.name
        for one in urlpatterns
        if isinstance(one, URLPattern)
        and one.callback.__module__.startswith(("varde.web.pages", "django.views.i18n"))
        and hasattr(one.callback, "__wrapped__")
        and one.callback(asked).get("Allow") == "POST"
    }
    assert found - {"sign-out-provider"} <= BELONGS.keys()
    assert {"inbox-act", "desk-unknown", "surgery-file"} <= found
    for name in BELONGS.values():
        assert reverse(name)


@pytest.mark.parametrize(
    ("address", "onwards"),
    [("/innboks/17/", "/innboks/#trad-17"), ("/vakt/ukjente/", "/vakt/"), ("/logg-ut/", "/")],
)
def test_an_address_that_shows_nothing_says_so(
    client: Client, address: str, onwards: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    answer = client.get(address, headers={"accept": "text/html,*/*"})
    body = answer.content.decode()
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert "Her vises ingenting" in body and f'href="{onwards}">Gå til siden' in body
