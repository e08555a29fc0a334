"""The envelope that a bundle comes in: compressed, encrypted for the receiver, signed by the sender.

FHIR JSON → gzip → AES-256-GCM with a fresh key and a nonce of 12 bytes → the key by RSA-OAEP with SHA-256 for the
receiver's certificate → RSA PKCS #1 v1.5 with SHA-256 over the ciphertext by the sender's certificate.
Source: FHI, LMDI 1.1.2, SignertKryptertBundle. Certificates are named by their thumbprint, which the guide takes from
.NET: SHA-1 of the certificate, in hexadecimal digits. It finds a certificate, and proves nothing.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from varde.messages.errors import MessageError
from varde.messages.json_documents import check_depth
from varde.messages.lmdi.errors import (
    MalformedEnvelope,
    Undecryptable,
    UnknownCertificate,
    Unpackable,
    WrongSender,
    WrongSignature,
)
from varde.messages.times import OSLO, parse_time

VERSION: Final = "1.0"
FIELDS: Final = (
    "messageId",
    "senderOrganizationIdentifier",
    "messageFormatVersion",
    "rapporteringFra",
    "rapporteringTil",
    "encryptedContent",
    "encryptionCertificateThumbprint",
    "encryptedKey",
    "nonce",
    "authenticationTag",
    "signatureCertificateThumbprint",
    "signature",
    "generatedAt",
)
"""The fields of an envelope, in the order that the guide prescribes."""

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
LEAST_BITS: Final = 2048
"""Of a key whose signature proves anything (NIST SP 800-131A)."""

PIECE: Final = 1 << 16
MOST: Final = 64 << 20
"""Bytes of a bundle, unpacked, when nobody says another limit."""

_OAEP = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None)
_SHAPE = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate with its private key: a receiver's, to open with, or a sender's, to sign with."""

    certificate: x509.Certificate
    _key: RSAPrivateKey = field(repr=False)

    @classmethod
    def of(cls, pem: bytes) -> OwnCertificate:
        """From a PEM file with both.

        Raises:
            ValueError: one of them is missing, is no RSA, or they do not belong together.
        """
        certificate = x509.load_pem_x509_certificate(pem)
        key = load_pem_private_key(pem, None)
        if not isinstance(key, RSAPrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("the private key is not the certificate's, or is no RSA key")
        return cls(certificate, key)

    @property
    def thumbprint(self) -> str:
        """What senders name it by."""
        return thumbprint_of(self.certificate)

    def open_key(self, sealed: bytes) -> bytes:
        """The content's key.

        Raises:
            Undecryptable: ``envelope-key``.
        """
        try:
            key = self._key.decrypt(sealed, _OAEP)
        except ValueError:
            raise Undecryptable("envelope-key", "encryptedKey") from None
        if len(key) != KEY_BYTES:
            raise Undecryptable("envelope-key", "encryptedKey")
        return key

    def sign(self, content: bytes) -> bytes:
        """A signature over some content."""
        return self._key.sign(content, PKCS1v15(), hashes.SHA256())


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What was in an envelope.

    Attributes:
        message_id: the sender's number of the message.
        sender: the organisation that signed it.
        since, until: the period that the data were fetched from, as written.
        content: the FHIR JSON.
    """

    message_id: str
    sender: str
    since: str
    until: str
    content: bytes


def thumbprint_of(certificate: x509.Certificate) -> str:
    """The thumbprint of a certificate, in capital letters."""
    der = certificate.public_bytes(Encoding.DER)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def looks_sealed(data: bytes) -> bool:
    """Whether some JSON is meant as an envelope, by its fields."""
    return b'"encryptedContent"' in data and b'"encryptedKey"' in data


def open_envelope(
    data: bytes,
    *,
    receivers: Iterable[OwnCertificate],
    sender: str,
    signers: Iterable[x509.Certificate],
    now: datetime,
    most: int = MOST,
) -> Opened:
    """Verify an envelope and open it. The signature is looked at before anything is decrypted.

    Args:
        receivers: the certificates that content may be encrypted for.
        sender: the organisation number of whoever hands it in.
        signers: the certificates that this sender may sign with.
        now: at which the signer's certificate must be valid.
        most: bytes that the content may be when it is unpacked; more is never unpacked.

    Raises:
        EnvelopeRefused: see the tree in `varde.messages.lmdi.errors`.
    """
    fields = _read_fields(data)
    written = fields["senderOrganizationIdentifier"]
    if written.rpartition("#")[2].removeprefix("ENH:") != sender:
        raise WrongSender("envelope-sender", "senderOrganizationIdentifier", written)
    content = _bytes(fields, "encryptedContent")
    sealed_key = _bytes(fields, "encryptedKey")
    nonce = _bytes(fields, "nonce", NONCE_BYTES)
    tag = _bytes(fields, "authenticationTag", TAG_BYTES)
    signature = _bytes(fields, "signature")
    receiver = next(
        (
            each
            for each in receivers
            if each.thumbprint == _name(fields, "encryptionCertificateThumbprint")
        ),
        None,
    )
    if receiver is None:
        place = "encryptionCertificateThumbprint"
        raise UnknownCertificate("envelope-receiver", place, fields[place])
    _verify(signature, content, _signer(fields, signers, now))
    key = receiver.open_key(sealed_key)
    try:
        packed = AESGCM(key).decrypt(nonce, content + tag, None)
    except InvalidTag:
        raise Undecryptable("envelope-content", "encryptedContent") from None
    return Opened(
        message_id=fields["messageId"],
        sender=sender,
        since=fields["rapporteringFra"],
        until=fields["rapporteringTil"],
        content=_unpack(packed, most),
    )


def seal_envelope(
    content: bytes,
    *,
    message_id: str,
    sender: str,
    since: datetime,
    until: datetime,
    generated_at: datetime,
    receiver: x509.Certificate,
    signer: OwnCertificate,
) -> bytes:
    """An envelope around a bundle, as a sender makes it. No two are alike: key and nonce are random.

    Args:
        sender: the organisation number.
        since, until: the period that the data are of; with a zone, as `generated_at`.
        receiver: the certificate of who is to read it.
        signer: the sender's own certificate, with its key.

    Raises:
        ValueError: the receiver's certificate has no RSA key.
    """
    public = receiver.public_key()
    if not isinstance(public, RSAPublicKey):
        raise ValueError("the receiver's certificate has no RSA key")
    key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, gzip.compress(content, mtime=0), None)
    body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    values = (
        message_id,
        sender,
        VERSION,
        _local(since),
        _local(until),
        _base64(body),
        thumbprint_of(receiver),
        _base64(public.encrypt(key, _OAEP)),
        _base64(nonce),
        _base64(tag),
        signer.thumbprint,
        _base64(signer.sign(body)),
        _local(generated_at),
    )
    return msgspec.json.encode(dict(zip(FIELDS, values, strict=True)))


def _local(moment: datetime) -> str:
    return moment.astimezone(OSLO).isoformat(timespec="seconds")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _read_fields(data: bytes) -> dict[str, str]:
    """The fields, each once, and text. Their order is the writer's duty: nothing hangs on it here.

    Raises:
        MalformedEnvelope: see there.
    """
    text = data.removeprefix(b"\xef\xbb\xbf")
    try:
        check_depth(text)
        found = _SHAPE.decode(text)
    except (msgspec.DecodeError, MessageError, RecursionError, UnicodeDecodeError):
        raise MalformedEnvelope("envelope-form") from None
    for name in FIELDS:
        if not isinstance(found.get(name), str) or not found[name]:
            raise MalformedEnvelope("envelope-form", name)
        if text.count(b'"%s"' % name.encode()) != 1:  # values are Base64, numbers and times
            raise MalformedEnvelope("envelope-form", name)
    if found["messageFormatVersion"] != VERSION:
        raise MalformedEnvelope(
            "envelope-version", "messageFormatVersion", found["messageFormatVersion"]
        )
    for name in ("rapporteringFra", "rapporteringTil", "generatedAt"):
        if parse_time(found[name]) is None:
            raise MalformedEnvelope("envelope-form", name)
    return found


def _bytes(fields: dict[str, str], name: str, length: int = 0) -> bytes:
    try:
        found = base64.b64decode(fields[name], validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEnvelope("envelope-form", name) from None
    if not found or (length and len(found) != length):
        raise MalformedEnvelope("envelope-form", name)
    return found


def _name(fields: dict[str, str], name: str) -> str:
    return fields[name].replace(" ", "").replace(":", "").upper()


def _signer(
    fields: dict[str, str], signers: Iterable[x509.Certificate], now: datetime
) -> RSAPublicKey:
    place = "signatureCertificateThumbprint"
    wanted = _name(fields, place)
    for certificate in signers:
        if thumbprint_of(certificate) != wanted:
            continue
        key = certificate.public_key()
        valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        if valid and isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS:
            return key
    raise UnknownCertificate("envelope-signer", place, fields[place])


def _verify(signature: bytes, content: bytes, key: RSAPublicKey) -> None:
    try:
        key.verify(signature, content, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise WrongSignature("envelope-signature", "signature") from None


def _unpack(packed: bytes, most: int) -> bytes:
    """What gzip packed, never more than `most` and a piece in memory.

    Raises:
        Unpackable: see there.
    """
    out = bytearray()
    rest = packed
    try:
        while rest:
            stream = zlib.decompressobj(wbits=31)
            while rest and not stream.eof:
                out += stream.decompress(rest, PIECE)
                rest = stream.unconsumed_tail
                if len(out) > most:
                    raise Unpackable("envelope-too-large", "encryptedContent", f"> {most}")
            if not stream.eof:
                raise Unpackable("envelope-packing", "encryptedContent")
            rest = stream.unused_data
    except zlib.error:
        raise Unpackable("envelope-packing", "encryptedContent") from None
    if not out:
        raise Unpackable("envelope-packing", "encryptedContent")
    return bytes(out)
