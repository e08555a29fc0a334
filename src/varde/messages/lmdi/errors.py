"""What can be wrong with an LMDI bundle, one of its entries, or the envelope it came in.

The whole tree::

    varde.messages.errors.MessageError
    └── LmdiError            something cannot be used; the reason is explained in `reasons`
        ├── BundleRefused    nothing of the bundle
        ├── EntryRefused     one entry
        └── EnvelopeRefused  the envelope: nothing of what is in it was looked at
            ├── MalformedEnvelope    a field, the version
            ├── WrongSender          it names another organisation than who hands it in
            ├── UnknownCertificate   encrypted for, or signed by, a certificate that is not known
            ├── WrongSignature       not the sender's signature over the ciphertext
            ├── Undecryptable        the key or the content does not open
            └── Unpackable           not gzip, or too large when unpacked
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from varde.messages.errors import MessageError
from varde.messages.masking import mask_digits, mask_identities
from varde.messages.reasons import Reason
from varde.messages.reasons import reasons as shared_reasons

_WORD = re.compile(r"\S*")


@cache
def reasons() -> Mapping[str, Reason]:
    """Reason → its texts in bokmål and English: those of this guide, and those that hold for all messages where the guide
    has none of its own."""
    data = files("varde.messages.lmdi").joinpath("reasons.json").read_bytes()
    own = msgspec.json.decode(data, type=dict[str, Reason])
    return MappingProxyType({**shared_reasons(), **own})


class LmdiError(MessageError):
    """Something cannot be used.

    Args:
        reason: a key of `reasons`.
        place: where, as ``Bundle.entry[3].resource.subject``.
        detail: the offending value; what may be a number of a person is masked.
    """

    def __init__(self, reason: str, place: str = "", detail: str = "") -> None:
        super().__init__(reason, place)
        shown = mask_identities(detail)
        known = reasons().get(reason)
        if known is None or known.shows == "text" or not _WORD.fullmatch(shown):
            shown = mask_digits(shown)
        self.detail = shown[:200]


class BundleRefused(LmdiError):
    """Nothing of a bundle can be used."""


class EntryRefused(LmdiError):
    """One entry cannot be used."""


class EnvelopeRefused(LmdiError):
    """An envelope does not open."""


class MalformedEnvelope(EnvelopeRefused):
    """``envelope-form`` or ``envelope-version``."""


class WrongSender(EnvelopeRefused):
    """``envelope-sender``."""


class UnknownCertificate(EnvelopeRefused):
    """``envelope-receiver`` or ``envelope-signer``."""


class WrongSignature(EnvelopeRefused):
    """``envelope-signature``."""


class Undecryptable(EnvelopeRefused):
    """``envelope-key`` or ``envelope-content``."""


class Unpackable(EnvelopeRefused):
    """``envelope-packing`` or ``envelope-too-large``."""
