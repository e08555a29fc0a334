"""Codes that no map knows, as pages name them: in addresses sealed, in words without what may be a person's.

What a sender wrote in place of a name is free text. An address lands in histories and in the logs of every machine on
its way, so it holds a sealed form that says nothing, the same each time.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.utils.translation import gettext as _

from varde.messages.masking import MASK
from varde.register import Expression

NAME = "uttrykk"
"""How addresses and forms call it."""
LONGEST_SEALED = 4_000


def seal(expression: Expression) -> str:
    """The expression as an address holds it (AES-SIV, RFC 5297, under a key made of the one that signs sessions)."""
    sealed = _cipher().encrypt(msgspec.json.encode(expression), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(text: str) -> Expression | None:
    """What `seal` gave it for; None when it did not."""
    if not text.isascii() or len(text) > LONGEST_SEALED:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(_cipher().decrypt(sealed, None), type=tuple[str, str, str, str])
    except (ValueError, InvalidTag, msgspec.DecodeError):
        return None


def query_of(expression: Expression) -> str:
    """The part of an address that says which expression is meant."""
    return "?" + urlencode({NAME: seal(expression)})


def shown(text: str, is_own: bool) -> str:
    """The words of an expression for a reader. Where digits are hidden it is no name but something about somebody:
    its words may be a person's name, and none but those who wrote them see them.

    Args:
        is_own: whether the reader is of the sender that wrote it.
    """
    if not is_hidden(text, is_own):
        return text
    return _("(free text with numbers, hidden)")


def is_hidden(text: str, is_own: bool) -> bool:
    """Whether the words of an expression are kept from a reader, who can then only ask those who wrote them.

    Args:
        is_own: as `shown` takes it.
    """
    return not is_own and MASK in text


@cache
def _cipher() -> AESSIV:
    key = hashlib.sha512(b"varde/web/expressions|" + settings.SECRET_KEY.encode()).digest()
    return AESSIV(key)
