"""Administered drugs from institutions, as FHI's guide LMDI has them sent.

Input: the bytes of a LegemiddelregisterBundle (FHIR R4 transaction), or of the envelope around it; who sends it.
Output: rows of the tables ``administrations`` and ``institutions`` of `varde.prescribing`, deletions, and what becomes
of each entry, with reasons. `BundleRefused` or `EnvelopeRefused` when nothing can be used. No clock, and nothing is kept.
"""

from varde.messages.lmdi.envelope import (
    FIELDS,
    Opened,
    OwnCertificate,
    looks_sealed,
    open_envelope,
    seal_envelope,
    thumbprint_of,
)
from varde.messages.lmdi.errors import (
    BundleRefused,
    EntryRefused,
    EnvelopeRefused,
    LmdiError,
    MalformedEnvelope,
    Undecryptable,
    UnknownCertificate,
    Unpackable,
    WrongSender,
    WrongSignature,
    reasons,
)
from varde.messages.lmdi.organisations import Institution
from varde.messages.lmdi.reading import (
    Administration,
    BundleRead,
    Deletion,
    Outcome,
    read_bundle,
)
from varde.messages.lmdi.vocabulary import vocabulary

MARK = b"http://hl7.no/fhir/ig/lmdi/"
"""What the addresses of the guide's profiles begin with."""


def looks_like_bundle(beginning: bytes) -> bool:
    """Whether a file begins as a bundle of this guide: JSON that names one of its profiles."""
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"{") and MARK in text


__all__ = [
    "FIELDS",
    "Administration",
    "BundleRead",
    "BundleRefused",
    "Deletion",
    "EntryRefused",
    "EnvelopeRefused",
    "Institution",
    "LmdiError",
    "MalformedEnvelope",
    "Opened",
    "Outcome",
    "OwnCertificate",
    "Undecryptable",
    "UnknownCertificate",
    "Unpackable",
    "WrongSender",
    "WrongSignature",
    "looks_like_bundle",
    "looks_sealed",
    "open_envelope",
    "read_bundle",
    "reasons",
    "seal_envelope",
    "thumbprint_of",
    "vocabulary",
]
