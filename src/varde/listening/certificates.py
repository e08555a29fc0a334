"""TLS for a listener: whoever connects shows a certificate that a registered client has."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path


class CertificateProblem(Exception):
    """A certificate, key or authority cannot be used; the message says which, and why."""


def make_context(certificate: Path, key: Path, authority: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later, with a certificate demanded of whoever connects.

    Args:
        certificate, key: the listener's own (PEM); the key without a password.
        authority: certificates (PEM) of those who vouch for clients; None where the certificates
            themselves are trusted, see `trust`.

    Raises:
        CertificateProblem: one of the files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        # Without an answer to give, a key with a password would stop and ask at a terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise CertificateProblem(f"{certificate} with {key}: {_said(error)}") from None
    if authority is None:
        # A client's own certificate is trusted, whoever has signed it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context
    try:
        context.load_verify_locations(authority)
    except (OSError, ValueError) as error:
        raise CertificateProblem(f"{authority}: {_said(error)}") from None
    return context


def trust(context: ssl.SSLContext, certificates: Iterable[bytes]) -> None:
    """Let the holders of these certificates (DER) in, beside those who are let in already."""
    together = b"".join(certificates)
    if together:
        context.load_verify_locations(cadata=together)


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "not a certificate with its key (PEM)"
    return getattr(error, "strerror", None) or str(error)
