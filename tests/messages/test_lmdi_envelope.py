"""The envelope: it opens when everything is right, and says what is wrong when something is not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import random
import subprocess
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from messages import lmdi_builder as lmdi
from messages.test_fuzz import damage
from varde.messages.lmdi import (
    FIELDS,
    EnvelopeRefused,
    MalformedEnvelope,
    OwnCertificate,
    Undecryptable,
    UnknownCertificate,
    Unpackable,
    WrongSender,
    WrongSignature,
    looks_sealed,
    open_envelope,
    reasons,
    seal_envelope,
    thumbprint_of,
)
from varde.synthetic.lmdi import make_certificate

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CONTENT = lmdi.write(lmdi.bundle())
COUNT = int(os.environ.get("VARDE_FUZZ", "2000"))


@cache
def certificate(name: str) -> tuple[OwnCertificate, bytes]:
    return make_certificate(lmdi.TOWN, name, NOW - timedelta(days=1))


def own(name: str) -> OwnCertificate:
    return certificate(name)[0]


def sealed(content: bytes = CONTENT, **changes: Any) -> bytes:
    usual: dict[str, Any] = {
        "message_id": "7e5d",
        "sender": lmdi.TOWN,
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "generated_at": NOW,
        "receiver": own("receiver").certificate,
        "signer": own("sender"),
    }
    return seal_envelope(content, **(usual | changes))


def opened(data: bytes, **changes: Any) -> bytes:
    usual: dict[str, Any] = {
        "receivers": [own("receiver")],
        "sender": lmdi.TOWN,
        "signers": [own("sender").certificate],
        "now": NOW,
    }
    return open_envelope(data, **(usual | changes)).content


def test_what_was_sealed_opens() -> None:
    data = sealed()
    assert looks_sealed(data) and not looks_sealed(CONTENT)
    found = open_envelope(
        data,
        receivers=[own("sender"), own("receiver")],
        sender=lmdi.TOWN,
        signers=[own("receiver").certificate, own("sender").certificate],
        now=NOW,
    )
    assert (found.content, found.message_id, found.sender) == (CONTENT, "7e5d", lmdi.TOWN)
    assert (found.since, found.until) == ("2026-11-25T13:00:00+01:00", "2026-11-26T13:00:00+01:00")
    assert CONTENT not in data and sealed() != data


def test_the_fields_are_those_of_the_guide_in_its_order() -> None:
    assert tuple(json.loads(sealed())) == FIELDS
    written = json.loads(sealed())
    assert written["messageFormatVersion"] == "1.0"
    der = own("sender").certificate.public_bytes(Encoding.DER)
    assert written["signatureCertificateThumbprint"] == hashlib.sha1(der).hexdigest().upper()  # noqa: S324
    assert len(base64.b64decode(written["nonce"])) == 12
    assert len(base64.b64decode(written["authenticationTag"])) == 16


def test_it_can_be_made_by_hand_from_the_words_of_the_guide() -> None:
    """Each step with the primitives themselves, in another order of fields, as the guide's own examples have it."""
    key, nonce = os.urandom(32), os.urandom(12)
    both = AESGCM(key).encrypt(nonce, gzip.compress(CONTENT), None)
    body, tag = both[:-16], both[-16:]
    receiver, sender = (
        own("receiver").certificate,
        load_pem_private_key(certificate("sender")[1], None),
    )
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    text = {
        "signature": sender.sign(body, padding.PKCS1v15(), hashes.SHA256()),  # type: ignore[union-attr,call-arg,arg-type]
        "encryptedKey": receiver.public_key().encrypt(key, oaep),  # type: ignore[union-attr]
        "nonce": nonce,
        "authenticationTag": tag,
        "encryptedContent": body,
    }
    fields = {name: base64.b64encode(value).decode() for name, value in text.items()} | {
        "messageId": "1",
        "senderOrganizationIdentifier": lmdi.TOWN,
        "messageFormatVersion": "1.0",
        "rapporteringFra": "2026-11-25T00:00:00",
        "rapporteringTil": "2026-11-26T00:00:00",
        "generatedAt": "2026-11-26T00:00:00.1234567Z",
        "encryptionCertificateThumbprint": thumbprint_of(receiver).lower(),
        "signatureCertificateThumbprint": own("sender").thumbprint,
    }
    assert opened(json.dumps(fields, indent=2).encode()) == CONTENT


@pytest.mark.skipif(which("openssl") is None, reason="openssl is not installed")
def test_the_signature_is_what_openssl_says_it_is(tmp_path: Path) -> None:
    fields = json.loads(sealed())
    public = own("sender").certificate.public_key()
    files = {
        "key": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "signature": base64.b64decode(fields["signature"]),
        "body": base64.b64decode(fields["encryptedContent"]),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    asked = ["openssl", "dgst", "-sha256", "-verify", "key", "-signature", "signature", "body"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "Verified OK"


def with_fields(**changes: Any) -> bytes:
    fields = json.loads(sealed()) | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def flipped(name: str) -> Callable[[], bytes]:
    def make() -> bytes:
        value = bytearray(base64.b64decode(json.loads(sealed())[name]))
        value[0] ^= 1
        return with_fields(**{name: base64.b64encode(value).decode()})

    return make


def resealed(content: bytes, packed: bool = True) -> bytes:
    """Signed and encrypted rightly, around content that is not packed."""
    key, nonce = os.urandom(32), os.urandom(12)
    both = AESGCM(key).encrypt(nonce, gzip.compress(content) if packed else content, None)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    public: Any = own("receiver").certificate.public_key()

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    return with_fields(
        encryptedContent=text(both[:-16]),
        authenticationTag=text(both[-16:]),
        nonce=text(nonce),
        encryptedKey=text(public.encrypt(key, oaep)),
        signature=text(own("sender").sign(both[:-16])),
    )


def short_key() -> bytes:
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    public: Any = own("receiver").certificate.public_key()
    return with_fields(encryptedKey=base64.b64encode(public.encrypt(b"x" * 16, oaep)).decode())


WRONG: list[tuple[str, type[EnvelopeRefused], Callable[[], bytes]]] = [
    ("envelope-form", MalformedEnvelope, lambda: b""),
    ("envelope-form", MalformedEnvelope, lambda: b"[1]"),
    ("envelope-form", MalformedEnvelope, lambda: b"[" * 100_000),
    ("envelope-form", MalformedEnvelope, lambda: sealed()[:-5]),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(nonce=None)),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(nonce=7)),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(nonce="AAAA")),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(authenticationTag="AAAA")),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(signature="ø")),
    ("envelope-form", MalformedEnvelope, lambda: with_fields(rapporteringFra="yesterday")),
    ("envelope-form", MalformedEnvelope, lambda: sealed()[:-1] + b',"nonce":"AAAAAAAAAAAAAAAA"}'),
    ("envelope-version", MalformedEnvelope, lambda: with_fields(messageFormatVersion="2.0")),
    (
        "envelope-sender",
        WrongSender,
        lambda: with_fields(senderOrganizationIdentifier=lmdi.OTHER),
    ),
    (
        "envelope-receiver",
        UnknownCertificate,
        lambda: sealed(receiver=own("sender").certificate),
    ),
    ("envelope-signer", UnknownCertificate, lambda: sealed(signer=own("receiver"))),
    (
        "envelope-signature",
        WrongSignature,
        lambda: with_fields(signature=base64.b64encode(own("receiver").sign(b"x")).decode()),
    ),
    ("envelope-signature", WrongSignature, flipped("signature")),
    ("envelope-signature", WrongSignature, flipped("encryptedContent")),
    ("envelope-key", Undecryptable, flipped("encryptedKey")),
    ("envelope-key", Undecryptable, short_key),
    ("envelope-content", Undecryptable, flipped("nonce")),
    ("envelope-content", Undecryptable, flipped("authenticationTag")),
    ("envelope-packing", Unpackable, lambda: resealed(CONTENT, packed=False)),
    ("envelope-packing", Unpackable, lambda: resealed(gzip.compress(CONTENT)[:-9], packed=False)),
    ("envelope-packing", Unpackable, lambda: resealed(b"")),
]


@pytest.mark.parametrize(("reason", "kind", "make"), WRONG)
def test_everything_that_can_be_wrong_has_its_error(
    reason: str, kind: type[EnvelopeRefused], make: Callable[[], bytes]
) -> None:
    with pytest.raises(EnvelopeRefused) as error:
        opened(make())
    assert type(error.value) is kind and error.value.reason == reason


def test_every_reason_of_an_envelope_is_among_them() -> None:
    own_reasons = {key for key in reasons() if key.startswith("envelope-")}
    assert own_reasons == {reason for reason, *_ in WRONG} | {"envelope-too-large"}


def test_a_certificate_counts_while_it_is_valid() -> None:
    for now in (NOW - timedelta(days=2), NOW + timedelta(days=800)):
        with pytest.raises(UnknownCertificate):
            opened(sealed(), now=now)


def test_a_bomb_is_never_unpacked() -> None:
    data = sealed(b"\0" * (64 << 20))
    assert len(data) < 1 << 18
    tracemalloc.start()
    with pytest.raises(Unpackable) as error:
        opened(data, most=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.value.reason == "envelope-too-large" and peak < 16 << 20


def test_a_receivers_file_has_both_and_they_belong_together() -> None:
    _, first = certificate("sender")
    _, second = certificate("receiver")
    end = first.index(b"-----BEGIN PRIVATE")
    for wrong in (first[:end], first[end:], first[:end] + second[second.index(b"-----BEGIN PR") :]):
        with pytest.raises(ValueError):
            OwnCertificate.of(wrong)
    assert "PrivateKey" not in repr(OwnCertificate.of(first))


def test_fuzz_damaged_envelopes() -> None:
    """Whatever is changed: it opens to what was signed, or is refused."""
    dice = random.Random(7)
    whole = sealed()
    for _ in range(COUNT // 4):
        try:
            assert opened(damage(whole, dice)) == CONTENT
        except EnvelopeRefused as error:
            assert error.reason in reasons()
