"""MLLP: which bytes of a stream are messages.

A message stands between a start byte (0B) and an end byte with carriage return (1C 0D). A start byte with
the beginning of HL7 version 2 after it begins anew: whoever sent the half before it has given that up. Nothing
else is structure: any other start byte within a message is content, and so is an end byte without carriage
return. Start bytes that are repeated at the beginning are left out: no message begins with one.

Source: HL7 Version 3 Standard, Transport Specification MLLP, Release 1 (the same bytes as HL7
version 2's minimal lower layer protocol).
"""

from __future__ import annotations

import re
from typing import NamedTuple

START = b"\x0b"
END = b"\x1c"
FINISH = b"\x1c\r"
FILLER = b"\r\n \t\x00"
"""What may stand between frames without meaning anything."""
HEAD = 4096
"""Bytes kept of a frame that is not kept: enough to see whose it is."""
ANEW = "begun-anew"
"""The fault of a half frame after which another begins."""

_NAMES = ("MSH", "FHS", "BHS")
_MARK = "\ufeff"
_BEGINNINGS = [
    (mark + name).encode(codec)
    for codec in ("utf-8", "utf-16-le", "utf-16-be")
    for name in _NAMES
    for mark in ("", _MARK)
]
"""How HL7 version 2 begins, in the encodings that the reader knows it by."""

_SIGNS = re.compile(
    rb"\x1c\r|\x0b(?=(?:%s)\x00?[!-/:-@\[-`{-~])" % b"|".join(map(re.escape, _BEGINNINGS))
)
"""What ends a frame, or begins it anew."""

PARTS = frozenset(
    {END}
    | {START + name[:n] for name in _BEGINNINGS for n in range(len(name) + 1)}
    | {START + name + b"\x00" for name in _BEGINNINGS}
)
"""What may be the beginning of such a sign, when the bytes so far end with it."""

_LONGEST = max(map(len, PARTS))


class Frame(NamedTuple):
    """What stood in one frame.

    Attributes:
        data: without framing; of a frame that is refused its beginning only.
        fault: why it is refused; empty when `data` is all of it.
    """

    data: bytes
    fault: str = ""


def frame(data: bytes) -> bytes:
    """A message in its frame."""
    return START + data + FINISH


class Frames:
    """Takes frames out of one connection's bytes as they come.

    Args:
        most: bytes that a frame may hold; of a larger one only the beginning is kept.
        noise: bytes that may stand outside frames, one after the other, fillers not counted.

    Attributes:
        broken: too much stood outside frames, or a frame that is too large does not end: nothing that
            comes after can be believed.
        noisy: something stood outside frames since the last one.
    """

    def __init__(self, most: int, noise: int) -> None:
        self.broken = False
        self._most = most
        self._most_noise = noise
        self._noise = 0
        self._inside = False
        self._pending = b""  # the last bytes, which may be the beginning of a sign, or content
        self._fault = ""
        self._held = bytearray()
        self._passed = 0

    @property
    def held(self) -> int:
        """Bytes of the frame that has not ended yet."""
        return len(self._held)

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    @property
    def noisy(self) -> bool:
        """Whether something stood outside frames since the last one."""
        return self._noise > 0

    @property
    def head(self) -> bytes:
        """The beginning of the frame that has not ended yet."""
        return bytes(self._held[:HEAD])

    def refuse(self, fault: str) -> None:
        """Keep no more of the frame that has not ended; it will come out with this fault."""
        if self._inside and not self._fault:
            self._fault = fault
            del self._held[HEAD:]

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that end in these bytes, the next of the stream."""
        found: list[Frame] = []
        at = 0
        data, self._pending = self._pending + data, b""
        while at < len(data) and not self.broken:
            at = self._collect(data, at, found) if self._inside else self._skip(data, at)
        return found

    def _skip(self, data: bytes, at: int) -> int:
        """Pass over what stands before the next frame."""
        start = data.find(START, at)
        between = data[at : start if start >= 0 else len(data)]
        self._noise += len(between.translate(None, FILLER))
        if self._noise > self._most_noise:
            self.broken = True
        elif start >= 0:
            self._inside, self._noise, self._passed = True, 0, 0
            return start + 1
        return len(data)

    def _collect(self, data: bytes, at: int, found: list[Frame]) -> int:
        """Take in what belongs to the frame, and end it where it ends."""
        sign = _SIGNS.search(data, at)
        if sign is None:
            sizes = range(min(_LONGEST, len(data) - at), 0, -1)
            size = next((n for n in sizes if data[-n:] in PARTS), 0)
            self._pending = data[len(data) - size :]
            self._keep(data[at : len(data) - size])
            return len(data)
        self._keep(data[at : sign.start()])
        if self.broken:
            return len(data)
        ended = self._end()
        if sign.group() == FINISH:
            found.append(ended)
        else:
            self._inside, self._passed = True, 0
            if ended.data:
                found.append(Frame(ended.data[:HEAD], ANEW))
        return sign.end()

    def _keep(self, piece: bytes) -> None:
        self._passed += len(piece)
        if not self._fault:
            self._held += piece
            if len(self._held) > self._most:
                self.refuse("too-large")
        elif len(self._held) < HEAD:
            self._held += piece[: HEAD - len(self._held)]
        self.broken = self._passed > 4 * self._most

    def _end(self) -> Frame:
        ended = Frame(bytes(self._held).lstrip(START), self._fault)
        self._inside, self._fault = False, ""
        self._held = bytearray()
        return ended
