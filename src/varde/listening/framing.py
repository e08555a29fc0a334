"""MLLP: which bytes of a stream are messages.

A message stands between a start byte (0B) and an end byte with carriage return (1C 0D). Nothing else is
structure: a start byte within a message is content, and so is an end byte without carriage return. Start
bytes that are repeated at the beginning are left out: no message begins with one.

Source: HL7 Version 3 Standard, Transport Specification MLLP, Release 1 (the same bytes as HL7
version 2's minimal lower layer protocol).
"""

from __future__ import annotations

from typing import NamedTuple

START = b"\x0b"
END = b"\x1c"
FINISH = b"\x1c\r"
FILLER = b"\r\n \t\x00"
"""What may stand between frames without meaning anything."""
HEAD = 4096
"""Bytes kept of a frame that is not kept: enough to see whose it is."""


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
        self._halfway = False  # the last byte was an end byte, which may be content
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
        if self._halfway:
            self._halfway = False
            if data[at : at + 1] == b"\r":
                found.append(self._end())
                return at + 1
            self._keep(END)
        end = data.find(FINISH, at)
        if end >= 0:
            self._keep(data[at:end])
            if not self.broken:
                found.append(self._end())
            return end + 2
        self._halfway = data.endswith(END)
        self._keep(data[at : len(data) - self._halfway])
        return len(data)

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
