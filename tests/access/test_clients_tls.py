"""A listener that speaks TLS itself: which certificates it trusts, and whom it then meets."""

from __future__ import annotations

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access.a_sender import certificate, register
from varde.access.clients import Client, identify_certificate, trusted_certificates

pytestmark = pytest.mark.django_db


def context_of(purpose: ssl.Purpose, der: bytes, key: bytes, folder: Path) -> ssl.SSLContext:
    """A context that shows this certificate, and trusts nobody yet."""
    path = folder / "own.pem"
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) + key)
    made = ssl.SSLContext(
        ssl.PROTOCOL_TLS_SERVER if purpose is ssl.Purpose.CLIENT_AUTH else ssl.PROTOCOL_TLS_CLIENT
    )
    made.load_cert_chain(path)
    return made


def shake(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """The DER of the client's certificate, as the server sees it after the handshake."""
    near, far = socket.socketpair()

    def connect() -> None:
        with client.wrap_socket(far) as there:
            there.recv(1)  # with TLS 1.3 only now does a client learn that it was refused

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(connect)
        try:
            with server.wrap_socket(near, server_side=True) as here:
                seen = here.getpeercert(binary_form=True)
                here.sendall(b"x")
        finally:
            near.close()
            far.close() if done.done() else None
        done.result(10)
    assert seen is not None
    return seen


@pytest.fixture
def server(tmp_path: Path) -> ssl.SSLContext:
    """A listener that trusts the certificates of the registered clients, each for itself."""
    made = context_of(ssl.Purpose.CLIENT_AUTH, *certificate(name="listener"), tmp_path)
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for der in trusted_certificates():
        made.load_verify_locations(cadata=der)
    return made


@pytest.fixture
def known() -> tuple[Client, bytes, bytes]:
    """A registered client, its certificate and its private key."""
    der, key = certificate()
    return register(keys=(), certificates=(der,)), der, key


def test_a_registered_certificate_is_trusted_and_says_who_it_is(
    known: tuple[Client, bytes, bytes], server: ssl.SSLContext, tmp_path: Path
) -> None:
    client, der, key = known
    there = context_of(ssl.Purpose.SERVER_AUTH, der, key, tmp_path)
    there.check_hostname, there.verify_mode = False, ssl.CERT_NONE
    assert identify_certificate(shake(server, there)) == client


def test_a_certificate_nobody_registered_ends_the_handshake(
    known: tuple[Client, bytes, bytes], server: ssl.SSLContext, tmp_path: Path
) -> None:
    there = context_of(ssl.Purpose.SERVER_AUTH, *certificate(), tmp_path)
    there.check_hostname, there.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake(server, there)
