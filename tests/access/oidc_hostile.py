"""A provider that says whatever a test wants: what no honest one would, or what one does whose machine was taken."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws
from joserfc.jwk import ECKey, Key

from access.oidc_world import CLIENT_ID, LEVEL, PID, served
from varde.access.oidc.id_token import half_hash

ACCESS_TOKEN = "an-access-token"


class Hostile:
    """What is answered, and what was asked. All may be changed by a test.

    Attributes:
        claims: of the identity token, beside what an honest one says; None leaves one out.
        header: of it, likewise.
        sign: makes the text of a token from header and claims.
        answers: path → (status, headers, body) in place of the honest answer; a callable is called with the handler.
        asked: path and form or headers of each request.
    """

    def __init__(self) -> None:
        self.address = ""
        self.key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
        self.metadata: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.nonce = ""
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self.honest
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def honest(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return sign_with(self.key, header, claims)

    def say_metadata(self) -> dict[str, Any]:
        told = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "userinfo_endpoint": f"{self.address}/userinfo",
        }
        return {name: v for name, v in (told | self.metadata).items() if v is not None}

    def say_keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def make_token(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": "somebody",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": self.nonce,
            "at_hash": half_hash("ES256", ACCESS_TOKEN),
            "sid": "a-session",
            PID: "01815000172",
            LEVEL: "4",
        }
        said = {k: v for k, v in (claims | self.claims | changed).items() if v is not None}
        header = {"alg": "ES256", "typ": "JWT", "kid": self.key.kid}
        return self.sign({k: v for k, v in (header | self.header).items() if v is not None}, said)

    def say_tokens(self) -> dict[str, Any]:
        bound = "dpop_signing_alg_values_supported" in self.metadata
        return {
            "access_token": ACCESS_TOKEN,
            "token_type": "DPoP" if bound else "Bearer",
            "id_token": self.make_token(),
        }


def sign_with(key: Key, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A signed text of any algorithm that the library has, allowed or not."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    registry.max_payload_length = 10**7
    return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


@contextmanager
def hostile_provider() -> Iterator[Hostile]:
    """One that listens."""
    hostile = Hostile()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({name.lower(): value for name, value in self.headers.items()})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(form | {f"header:{n.lower()}": v for n, v in self.headers.items()})

        def _answer(self, told: dict[str, str]) -> None:
            path = self.path.partition("?")[0]
            hostile.asked.append((path, told))
            status, headers, body = 200, {}, b""
            special = hostile.answers.get(path)
            if callable(special):
                special(self)
                return
            if special is not None:
                status, headers, body = special
            else:
                said = {
                    "/.well-known/openid-configuration": hostile.say_metadata,
                    "/jwks": hostile.say_keys,
                    "/token": hostile.say_tokens,
                    "/userinfo": lambda: {"sub": "somebody"},
                }.get(path)
                status = 200 if said else 404
                body = json.dumps(said()).encode() if said else b"{}"
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with served(Handler) as address:
        hostile.address = address
        yield hostile
