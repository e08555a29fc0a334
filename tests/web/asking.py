"""How the tests ask for tokens, and come to the intake with them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from access.a_sender import (
    assertion,
)
from varde.access.clients import (
    Client,
    ClientRefused,
    authenticate,
)
from varde.web.intake.token import ASSERTION_TYPE, FORM

INTAKE = "http://testserver/intake/laboratory"


def post(
    machine: Browser, text: str, headers: dict[str, str] | None = None, **fields: Any
) -> HttpResponse:
    """Ask for a token; a field that is None is left out."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": text,
        "scope": "varde:intake/laboratory",
    }
    form = {name: value for name, value in (form | fields).items() if value is not None}
    return machine.post("/oauth/token", urlencode(form), content_type=FORM, headers=headers or {})


def token_for(machine: Browser, sender: Client, **fields: Any) -> str:
    """A token for a client."""
    answer = post(machine, assertion(sender.client_id), **fields)
    assert answer.status_code == 200, answer.content
    return str(json.loads(answer.content)["access_token"])


def handed_in(**headers: str) -> HttpRequest:
    """A request to the intake."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().post("/intake/laboratory", b"", "text/plain", headers=names)


def with_token(token: str, scheme: str = "Bearer", **headers: str) -> HttpRequest:
    """A request to the intake with a token."""
    return handed_in(Authorization=f"{scheme} {token}", **headers)


def refused(request: HttpRequest) -> ClientRefused:
    """Why a request is not let in."""
    with pytest.raises(ClientRefused) as caught:
        authenticate(request)
    return caught.value


def said(answer: HttpResponse) -> tuple[int, str, str]:
    """Status, OAuth's error and our code; whatever is refused is refused in OAuth's form."""
    body = json.loads(answer.content)
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store" and answer["Pragma"] == "no-cache"
    assert body["error_description"].isascii() and len(body["beskrivelse"]) > 30
    assert "access_token" not in body
    return answer.status_code, body["error"], body["code"]
