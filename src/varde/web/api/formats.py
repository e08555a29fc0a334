"""Which format a caller wants: ``format=`` first, else ``Accept`` with its weights (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

FORMATS = {"json": "application/json", "markdown": "text/markdown", "html": "text/html"}
"""Names of formats and their media types, the one that is preferred first."""

_WEIGHT = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)", re.ASCII)


def choose(accept: str, offered: Sequence[str]) -> str | None:
    """The media type that is wanted most; the one offered first among equals. None when none is.

    The most specific range that matches a type gives its weight: ``text/html;q=0, */*`` takes anything
    but HTML. A range that cannot be read is passed over, and so are its parameters other than q.
    """
    ranges = [found for part in accept.split(",") if (found := _read_range(part))]
    if not ranges:
        # No header, or none of it readable: anything will do.
        return offered[0] if not accept.strip() else None
    weighed = [(_weight(media, ranges), -place) for place, media in enumerate(offered)]
    best, place = max(weighed)
    return offered[-place] if best > 0 else None


def _read_range(part: str) -> tuple[str, float] | None:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    kind, slash, subtype = media.partition("/")
    if not slash or not kind or not subtype or (kind == "*" and subtype != "*"):
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return (media, float(value)) if _WEIGHT.fullmatch(value.strip()) else None
    return media, 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    for pattern in (media, f"{media.partition('/')[0]}/*", "*/*"):
        weights = [weight for wanted, weight in ranges if wanted == pattern]
        if weights:
            return max(weights)
    return 0.0
