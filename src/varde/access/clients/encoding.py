"""base64url without padding (RFC 7515, appendix C), strictly."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode


def from_base64url(text: str) -> bytes:
    """The bytes.

    Raises:
        ValueError: a sign that does not belong there, padding, or bits left over.
    """
    if "+" in text or "/" in text or "=" in text:
        raise ValueError("not base64url")
    data = b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    if to_base64url(data) != text:
        raise ValueError("not base64url")
    return data


def to_base64url(data: bytes) -> str:
    """The text."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
