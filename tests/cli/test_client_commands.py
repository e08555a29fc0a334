"""`varde client` as those call it who let a laboratory in."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from access.a_sender import ENDPOINT, certificate, key_set, private_key
from cli.test_guideline_commands import Done, as_json, varde
from varde.access.clients import check_assertion, find_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    """A file with a public key."""
    path = tmp_path / "public.json"
    path.write_bytes(key_set(private_key()))
    return path


def add(home: Path, *options: object) -> Done:
    command = ("client", "add", "Fjordby", "--sender", "HER:91843", "--kind", "laboratory")
    return varde(home, *command, *map(str, options))


def test_a_sender_is_let_in_from_its_first_key_to_its_first_token(tmp_path: Path) -> None:
    private, public = tmp_path / "private.json", tmp_path / "public.json"
    made = varde(tmp_path, "client", "keygen", "--private", str(private), "--public", str(public))
    kid = made.stdout.strip()
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "d" not in json.loads(public.read_text())["keys"][0]
    added = add(tmp_path, "--jwks", public, "--id", "fjordby", "--kind", "norm")
    assert (added.returncode, added.stdout) == (0, "fjordby\n")
    assert "may send laboratory, norm for HER:91843" in added.stderr
    said = varde(
        tmp_path, "client", "assertion", "fjordby", "--key", str(private), "--audience", ENDPOINT
    )
    client = check_assertion(said.stdout.strip(), ENDPOINT, timezone.now())
    assert [key["kid"] for key in client.keys] == [kid]


def test_keygen_writes_over_nothing(tmp_path: Path) -> None:
    private, public = tmp_path / "private.json", tmp_path / "public.json"
    for there in (private, public):
        there.write_text("mine")
        done = varde(
            tmp_path, "client", "keygen", "--private", str(private), "--public", str(public)
        )
        assert done.returncode == 1 and "choose another name" in done.stderr
        assert there.read_text() == "mine"
        there.unlink()
        assert not private.exists() and not public.exists()


def test_the_list_says_all_but_secrets(tmp_path: Path, jwks: Path) -> None:
    der, _ = certificate()
    pem = tmp_path / "cert.pem"
    pem.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    limits = ("--requests-per-minute", 5, "--bytes-per-day", 6)
    shown = as_json(add(tmp_path, "--jwks", jwks, "--cert", pem, "--json", *limits))
    [listed] = as_json(varde(tmp_path, "client", "list", "--json"))
    assert listed == shown
    assert shown["keys"] == [private_key().kid]
    assert (shown["requests_per_minute"], shown["bytes_per_day"]) == (5, 6)
    assert len(shown["certificates"][0]) == 64
    table = varde(tmp_path, "client", "list").stdout
    assert "HER:91843" in table and shown["client_id"] in table and "yes" in table


def test_disable_enable_and_renew(tmp_path: Path, jwks: Path) -> None:
    assert add(tmp_path, "--jwks", jwks, "--id", "lab").returncode == 0
    assert varde(tmp_path, "client", "disable", "lab").returncode == 0
    assert not find_client("lab").active
    assert varde(tmp_path, "client", "enable", "lab").returncode == 0
    assert find_client("lab").active
    der = tmp_path / "cert.der"
    der.write_bytes(certificate()[0])
    done = varde(tmp_path, "client", "renew", "lab", "--cert", str(der))
    assert "0 keys and 1 certificate." in done.stderr
    assert find_client("lab").keys == () and len(find_client("lab").fingerprints) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "a key set, a certificate or both"),
        (("--jwks", "nowhere.json"), "there is no nowhere.json"),
        (("--jwks", "{jwks}", "--kind", "cheese"), "one or more of laboratory"),
        (("--jwks", "{jwks}", "--sender", "HER:x"), "not of the form"),
        (("--cert", "{jwks}"), "neither PEM nor DER"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    tmp_path: Path, jwks: Path, options: tuple[str, ...], said: str
) -> None:
    done = add(tmp_path, *(option.format(jwks=jwks) for option in options))
    assert done.returncode == 1 and said in done.stderr
    assert done.stderr.startswith("varde: ") and done.stderr.count("\n") == 1
    assert as_json(varde(tmp_path, "client", "list", "--json")) == []


@pytest.mark.parametrize("command", ["disable", "enable", "renew"])
def test_nobody_is_no_client(tmp_path: Path, jwks: Path, command: str) -> None:
    more = ("--jwks", str(jwks)) if command == "renew" else ()
    done = varde(tmp_path, "client", command, "nobody", *more)
    assert done.returncode == 1 and "varde client list shows all" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff", "is no JWK"), (b"{}", "cannot be read"), (b"[]", "is no JWK")],
)
def test_an_assertion_needs_a_key(tmp_path: Path, content: bytes, said: str) -> None:
    key = tmp_path / "key"
    key.write_bytes(content)
    done = varde(tmp_path, "client", "assertion", "a", "--key", str(key), "--audience", ENDPOINT)
    assert done.returncode == 1 and said in done.stderr
