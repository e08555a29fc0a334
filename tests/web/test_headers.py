"""What goes with every answer, and what a page must not hold for the policy to stand."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import varde.web
from varde.access.roles import roles
from varde.web.menu import PAGES
from varde.web.middleware import CONTENT_SECURITY_POLICY

STATIC = Path(varde.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
)


def check(answer) -> None:  # type: ignore[no-untyped-def]
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_policy_lets_nothing_inline_or_foreign_in() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "data:" not in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("role", sorted(roles()))
@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_page_keeps_the_policy(
    role: str, language: str, register: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(role)
    client.cookies["django_language"] = language
    for address in (*(page.address for page in PAGES), "/", "/om/", "/logg-inn/", "/no-such-page/"):
        answer = client.get(address)
        check(answer)
        assert answer["Cache-Control"] == "no-store" or "no-cache" in answer["Cache-Control"]
        body = answer.content.decode()
        assert not INLINE.search(body), address
        if answer.status_code != 302:
            assert f'<html lang="{language}"' in body


@pytest.mark.django_db
def test_open_pages_and_health_carry_the_headers(client: Client) -> None:
    for name in ("start", "sign-in", "about", "health"):
        answer = client.get(reverse(name))
        check(answer)
    assert client.get(reverse("health")).json() == {"status": "ok"}


@pytest.mark.django_db
def test_static_files_are_served_with_the_headers(client: Client) -> None:
    from django.core.handlers.wsgi import WSGIHandler
    from django.test.client import RequestFactory

    request = RequestFactory().get("/static/varde.css")
    handler = WSGIHandler()
    answer = handler.get_response(request)
    check(answer)
    assert answer.status_code == 200
    answer.close()


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_in_plain_words(client: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("varde.web.pages.about.vendored", fail)
    client.raise_request_exception = False
    answer = client.get(reverse("about"))
    assert answer.status_code == 500
    check(answer)
    body = answer.content.decode()
    assert "Noe gikk galt hos oss" in body and "secret detail" not in body
    assert not INLINE.search(body)


def test_vendored_files_are_the_ones_that_were_taken_in() -> None:
    parts = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
    listed = {
        f"{part['folder']}/{name}": digest
        for part in parts
        for name, digest in part["files"].items()
    }
    present = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendored.json"
    }
    assert present == listed
    assert all("LICENSE" in part["files"] and part["licence"] for part in parts)


def test_our_own_styles_and_pictures_fetch_nothing_from_elsewhere() -> None:
    for path in (*STATIC.glob("*.css"), *STATIC.rglob("*.svg")):
        source = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http" not in source and "//" not in source.replace("/* ", ""), path.name
        assert "data:" not in source and "<style" not in source and "style=" not in source


@pytest.mark.django_db
def test_the_language_is_changed_by_post_and_kept(client: Client) -> None:
    assert "Logg inn" in client.get("/").content.decode()
    assert client.get(reverse("language")).status_code == 405
    client.post(reverse("language"), {"language": "en", "next": "/"})
    assert "Sign in" in client.get("/").content.decode()


@pytest.mark.django_db
def test_an_english_browser_still_gets_norwegian_first(client: Client) -> None:
    body = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="nb"' in body
