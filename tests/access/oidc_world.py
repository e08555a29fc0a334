"""A provider of others for the tests (``tests/npm/provider.mjs``), the browser between it and the service, and what
the service is set up with."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from django.test import Client

from foreign_node import FOLDER, require_node
from varde.access.oidc.configuration import Configuration
from varde.access.oidc.keys import make_key, public_set, write_keys
from varde.access.oidc.rules import shipped_rules

CLIENT_ID = "varde-test"
SERVICE = "http://testserver"
RETURN = f"{SERVICE}/logg-inn/ekstern/retur/"
PID = "helseid://claims/identity/pid"
LEVEL = "helseid://claims/identity/security_level"
HPR = "helseid://claims/hpr/hpr_number"
PARENT = "helseid://claims/client/claims/orgnr_parent"
CHILD = "helseid://claims/client/claims/orgnr_child"
DETAILS = "helseid://claims/hpr/hpr_details"
# Invented persons: month + 80.
ACCOUNTS = {
    "doctor": {
        PID: "01815000172",
        LEVEL: "4",
        HPR: "7000001",
        PARENT: "993467049",
        CHILD: "974589095",
        DETAILS: {"approvals": [{"profession": "LE"}, {"profession": "TL"}]},
    },
    "nurse": {
        PID: "02815000180",
        LEVEL: "4",
        HPR: "7000002",
        PARENT: "993467049",
        DETAILS: {"approvals": [{"profession": "SP"}]},
    },
    "at-level-three": {PID: "03815000199", LEVEL: "3", HPR: "7000003"},
    "nameless": {LEVEL: "4", HPR: "7000004"},
}


def configure(issuer: str, folder: Path, **other: Any) -> Configuration:
    """The service's settings for a provider, with a key of its own in the folder."""
    path = folder / "keys" / "oidc.jwks.json"
    if not path.exists():
        write_keys(path, [make_key()])
    told: dict[str, Any] = {
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "name": "HelseID",
        "contact": "tilgang@fjordby.example",
        "keys": path,
        "session": 28_800,
        "rules": shipped_rules(),
    }
    return Configuration(**told | other)


class ForeignProvider:
    """The provider's process."""

    def __init__(self, process: subprocess.Popen[str], issuer: str) -> None:
        self.issuer = issuer
        self._process = process

    def rotate(self) -> None:
        """From now on it signs with another key."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write('{"rotate": true}\n')
        self._process.stdin.flush()
        assert json.loads(self._process.stdout.readline()) == {"rotated": True}


@contextmanager
def foreign_provider(
    keys: list[dict[str, Any]], *, nonces: bool = True, logout: str = ""
) -> Iterator[ForeignProvider]:
    """A provider that knows the service by its public keys.

    Args:
        logout: address that it tells when somebody signs out.
    """
    client = {
        "client_id": CLIENT_ID,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": public_set(keys),
        "redirect_uris": [RETURN],
        "post_logout_redirect_uris": [f"{SERVICE}/"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "ES256",
        "dpop_bound_access_tokens": True,
        "scope": " ".join(shipped_rules().scopes),
    }
    if logout:
        client |= {"backchannel_logout_uri": logout, "backchannel_logout_session_required": True}
    process = subprocess.Popen(
        [require_node(), FOLDER / "provider.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        told = {"clients": [client], "accounts": ACCOUNTS, "nonces": nonces}
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        yield ForeignProvider(process, json.loads(process.stdout.readline())["issuer"])
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody with a browser: pages of the provider over HTTP, those of the service through Django's client."""

    def __init__(self) -> None:
        self.service = Client()
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), _NoRedirect)

    def begin(self, wanted: str = "") -> str:
        """Click on sign-in; the address at the provider that one is sent to."""
        answer = self.service.get("/logg-inn/ekstern/", {"next": wanted} if wanted else {})
        assert answer.status_code == 302, answer.content.decode()
        return str(answer.url)

    def prove(self, address: str, login: str, cancel: bool = False) -> str:
        """Do at the provider what it asks for; the address that it sends one back to."""
        for _ in range(12):
            if address.startswith(SERVICE):
                return address
            body, onward = self._open(address)
            if onward:
                address = urljoin(address, onward)
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', body)
            assert prompt, body
            form = {"prompt": prompt[1], "login": login, "password": "any"}
            target = f"{address}/abort" if cancel else address
            _, onward = self._open(target, None if cancel else form)
            address = urljoin(address, onward)
        raise AssertionError("the provider never sent the browser back")

    def sign_in(self, login: str, wanted: str = "", cancel: bool = False) -> Any:
        """All of it; the service's answer to the way back."""
        return self.come_back(self.prove(self.begin(wanted), login, cancel))

    def come_back(self, address: str) -> Any:
        """Open the address that the provider sends one back to."""
        parts = urlsplit(address)
        return self.service.get(f"{parts.path}?{parts.query}")

    def sign_out_there(self, address: str) -> str:
        """End the session at the provider; where it sends one afterwards."""
        body, _ = self._open(address)
        csrf = re.search(r'name="xsrf" value="([^"]+)"', body)
        action = re.search(r'action="([^"]+)"', body)
        assert csrf and action, body
        _, onward = self._open(action[1], {"xsrf": csrf[1], "logout": "yes"})
        return onward

    def _open(self, address: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """A page's body, and where it leads on to."""
        assert address.startswith("http://127.0.0.1:")
        request = Request(address, urlencode(form).encode() if form else None)  # noqa: S310
        try:
            with self._opener.open(request, timeout=20) as answer:
                return answer.read().decode(), ""
        except HTTPError as error:
            with error:
                onward = error.headers.get("Location", "")
                body = error.read().decode()
            assert onward, f"{error.code}: {body}"
            return body, onward


@contextmanager
def heard_logouts() -> Iterator[tuple[str, list[str]]]:
    """An address that the provider tells of logouts, and the tokens that came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            came.append(parse_qs(body)["logout_token"][0])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with served(Handler) as address:
        yield f"{address}/logout", came


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server of this process; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
