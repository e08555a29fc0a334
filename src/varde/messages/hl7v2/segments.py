"""HL7 version 2 as bytes: one or many messages in a file, their segments, fields and escapes.

What is tolerated, because it is sent: line ends of any kind, framing bytes (MLLP), batch envelopes
(FHS, BHS, BTS, FTS), separators of the sender's own choice, a segment broken by line breaks in its
text, NUL and other control characters, a byte order mark, anything after the end of the last
message. A field with two quotation marks (HL7's null) is empty.

Source: HL7 version 2.5.1, chapter 2 (2.3 to 2.8 differ in the truncation character only).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from varde.messages.answers.said import composed
from varde.messages.errors import UnreadableMessage
from varde.messages.hl7v2.words import words
from varde.messages.text import is_disguised_utf8

MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 200_000
MAX_FIELDS = 100
MAX_TEXT = 10_000
"""Characters of a field that are looked at: nothing that a record holds is as long."""

MAX_REPETITIONS = 50
BLANKS = b"\x00\x0b\x1a\x1c \t\r\n\xef\xbb\xbf\xff\xfe"
KEPT = frozenset(("MSH", "PID", "PV1", "ORC", "OBR", "OBX", "SPM", "DSC"))
"""Segments that are read. Others, Z segments among them, still end the one before."""

STARTS = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
NEVER_LAST = frozenset(("MSH", "PID", "PV1", "ORC", "OBR"))
"""Segments that results follow: a line of theirs without line end cannot end a message."""

WHOLE_HEADER = re.compile(rb"MSH([^\w\s])[^\w\s]{3,5}\1")
HEADER = re.compile(r"MSH([^\w\s]|_)((?:(?!\1)(?:[^\w\s]|_)){1,5})\1")
SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
CONTROL_TO_BLANK = dict.fromkeys(CONTROLS, " ")
WIDE = {
    b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be",
    b"M\x00": "utf-16-le", b"F\x00": "utf-16-le", b"B\x00": "utf-16-le",
    b"\x00M": "utf-16-be", b"\x00F": "utf-16-be", b"\x00B": "utf-16-be",
}  # fmt: skip

Segment = list[str]
"""Name and fields as they stand: ``segment[3]`` is field 3 (in MSH field 4, whose first is the sign)."""


class Encoding(NamedTuple):
    """How a message is written: its separators (MSH-1 and MSH-2) and its codec. "" for one it lacks."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    codec: str = "utf-8"


class Transmission(NamedTuple):
    """The messages of one file, not read yet.

    Attributes:
        messages: the bytes of each, from MSH on.
        unfinished: the last one began with a framing byte and has no end.
        promised: how many messages the batch trailers say (BTS-1); None when they do not.
    """

    messages: list[bytes]
    unfinished: bool
    promised: int | None


class Message:
    """One message: its encoding and its segments in order, without those that are not read."""

    __slots__ = ("encoding", "segments")

    def __init__(self, encoding: Encoding, segments: list[Segment]) -> None:
        self.encoding = encoding
        self.segments = segments

    @property
    def header(self) -> Segment:
        """The MSH segment; field n is at n - 1."""
        return self.segments[0]

    def place(self, segment: Segment, number: int = 0) -> str:
        """Where a field is: ``OBX[3]-5`` is field 5 of the third OBX of the message."""
        alike = [other for other in self.segments if other[0] == segment[0]]
        at = next((n for n, other in enumerate(alike, 1) if other is segment), 1)
        return f"{segment[0]}[{at}]" + (f"-{number}" if number else "")


def is_hl7v2(data: bytes) -> bool:
    """Whether bytes begin as HL7 version 2 does: MSH, FHS or BHS and a separator."""
    window = data[:400]
    wide = WIDE.get(window[:2])
    if wide:
        window = window.decode(wide, "ignore").encode("utf-8", "ignore")
    return re.match(rb"(?:MSH|FHS|BHS)[^\sA-Za-z0-9]", window.lstrip(BLANKS)) is not None


def split_messages(data: bytes) -> Transmission:
    """The messages of a file, cut at each MSH that begins a line.

    Raises:
        UnreadableMessage: ``too-large``, ``empty``, ``unknown-format`` or, for an envelope around
            nothing, ``no-report``.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    if not data.strip(BLANKS):
        raise UnreadableMessage("empty")
    if data[:2] in WIDE:
        data = _narrow(data, WIDE[data[:2]])
    starts = find_starts(data)
    if not starts:
        raise UnreadableMessage("unknown-format")
    messages: list[bytes] = []
    promised: int | None = None
    unfinished = False
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        if data.startswith(b"MSH", start):
            framed = start > 0 and data[start - 1] == 0x0B
            unfinished = framed and b"\x1c" not in data[start:end]
            messages.append(data[start:end].partition(b"\x1c")[0])
        elif count := re.match(rb"BTS.\s*(\d{1,6})", data[start : start + 40]):
            promised = (promised or 0) + int(count.group(1))
    if not messages:
        raise UnreadableMessage("no-report")
    return Transmission(messages, unfinished, promised)


def find_starts(data: bytes) -> list[int]:
    """Where a message or a part of an envelope begins: at the start of a line.

    A whole header may stand anywhere: the message before it was cut off, since no value may hold
    separators.
    """
    found: list[int] = []
    for name in STARTS:
        at = data.find(name)
        while at >= 0:
            if _begins_line(data, at) or WHOLE_HEADER.match(data, at) is not None:
                found.append(at)
            at = data.find(name, at + 3)
    return sorted(found)


def _begins_line(data: bytes, at: int) -> bool:
    """Whether a line begins there with a segment's name and a separator; a trailer may be bare."""
    after = data[at + 3 : at + 4]
    if after.isalnum() or ((after.isspace() or not after) and data[at + 1 : at + 3] != b"TS"):
        return False
    before = data[max(0, at - 12) : at].rstrip(b" \t\x00").removesuffix(b"\xef\xbb\xbf")
    return before[-1] in b"\r\n\x0b\x1c" if before else at < 12


def read_message(data: bytes) -> Message:
    """The segments of one message that begins with MSH.

    Raises:
        UnreadableMessage: ``bad-header``, ``unsupported-encoding``, ``wrong-encoding``,
            ``too-large`` or ``truncated``.
    """
    text, codec = _decode(data)
    encoding = _read_encoding(text, codec)
    if len(data.translate(None, CONTROLS)) != len(data):
        text = text.replace("\x0b", "\r").translate(CONTROL_TO_BLANK)
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    lines = text.split("\r", MAX_LINES)
    if len(lines) > MAX_LINES:
        raise UnreadableMessage("too-large", detail=f"> {MAX_LINES}")
    ended = not lines[-1].strip()
    segments = _split_lines(lines, encoding.field)
    message = Message(encoding, segments)
    _refuse_cut_off(message, lines[-1] if not ended else "")
    return message


def field(segment: Segment, number: int) -> str:
    """A field as it stands; empty when it is missing or HL7's null. Not for MSH."""
    value = segment[number] if len(segment) > number else ""
    return "" if value == '""' else value


def text_of(value: str, encoding: Encoding) -> str:
    """A value as text: escapes resolved, blanks collapsed, at most `MAX_TEXT` characters."""
    if value.isalnum() and len(value) < MAX_TEXT:
        return value
    if len(value) > MAX_TEXT:
        value = value[:MAX_TEXT]
    if encoding.escape and encoding.escape in value:
        value = unescape(value, encoding)
    value = composed(" ".join(value.split()))
    return "" if value == '""' else value


def text_lines_of(value: str, encoding: Encoding) -> str:
    """A text with the ends of its lines: breaks within it, and its repetitions, are such."""
    if encoding.repetition:
        value = value[:MAX_TEXT].replace(encoding.repetition, "\n")
    if encoding.escape and encoding.escape in value:
        value = unescape(value, encoding)
    lines = (" ".join(line.split()) for line in value.splitlines())
    return composed("\n".join(line for line in lines if line and line != '""'))


def component(value: str, number: int, encoding: Encoding) -> str:
    """The text of one component of a field, from 1; of a component with subcomponents the first."""
    if not value:
        return ""
    if encoding.component in value:
        parts = value[:MAX_TEXT].split(encoding.component, number)
        if len(parts) < number:
            return ""
        value = parts[number - 1]
    elif number > 1:
        return ""
    if encoding.subcomponent and encoding.subcomponent in value:
        value = value[:MAX_TEXT].partition(encoding.subcomponent)[0]
    return text_of(value, encoding)


def repetitions(value: str, encoding: Encoding) -> list[str]:
    """The repetitions of a field that say something, as they stand."""
    if not encoding.repetition or encoding.repetition not in value:
        return [value] if value else []
    return [part for part in value.split(encoding.repetition, MAX_REPETITIONS) if part]


def unescape(value: str, encoding: Encoding) -> str:
    """A text with its escapes resolved; what is no escape stays as it is.

    Separators and the escape character, characters in hexadecimal and line breaks are put in;
    highlighting, other formatting and changes of character set say nothing and are left out.
    """
    return _escapes(encoding.escape).sub(lambda match: _resolve(match.group(1), encoding), value)


def escape(text: str, encoding: Encoding) -> str:
    """A text as a value: separators and line ends cannot be mistaken for structure."""
    names = dict(zip(encoding[:5], "FSRET", strict=True))
    sign = encoding.escape
    made = (
        f"{sign}{names[c]}{sign}" if c in names else f"{sign}.br{sign}" if c in "\r\n" else c
        for c in text
    )
    return "".join(made) if sign else re.sub("[" + re.escape("".join(names)) + "\r\n]", " ", text)


@lru_cache(maxsize=64)
def _escapes(sign: str) -> re.Pattern[str]:
    mark = re.escape(sign)
    names = (
        r"[FSTREPHN]|X(?:[0-9A-Fa-f]{2}){1,500}|Z\w{0,20}|C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6}"
        r"|\.[a-z]{2}[+-]?\d{0,4}"
    )
    return re.compile(f"{mark}({names}){mark}")


def _resolve(name: str, encoding: Encoding) -> str:
    signs = {
        "F": encoding.field, "S": encoding.component, "T": encoding.subcomponent,
        "R": encoding.repetition, "E": encoding.escape, "P": "#",
    }  # fmt: skip
    if name in signs:
        return signs[name]
    if name[0] == "X":
        data = bytes.fromhex(name[1:])
        try:
            text = data.decode(encoding.codec)
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
        return text.translate(CONTROL_TO_BLANK)
    return "\n" if name.startswith((".br", ".sp")) else " " if name[0] == "." else ""


def _read_encoding(text: str, codec: str) -> Encoding:
    header = HEADER.match(text)
    signs = header.group(2) if header else ""
    if header is None or len(set(signs)) != len(signs):
        raise UnreadableMessage("bad-header", "MSH[1]-2", text[3:10].partition("\r")[0])
    missing = [""] * 4
    first = [*signs, *missing][:4]
    return Encoding(header.group(1), first[0], first[1], first[2], first[3], codec)


def _decode(data: bytes) -> tuple[str, str]:
    """The text of a message, and the codec that its hexadecimal escapes are in.

    What is valid UTF-8 beyond ASCII is nothing else, whatever MSH-18 says. Without a declaration,
    or under ASCII, other letters are taken for Windows-1252: they stand in names and remarks more
    often than in what is kept, and an organism that is spelt wrongly shows as unmapped. A message
    that says UTF-8 and is not, or names a set with other letters, is refused or read as it says.
    """
    if data.isascii():
        hexadecimal = data[6:7] + b"X" in data
        return data.decode("ascii"), (hexadecimal and _codec(_declared(data))) or "utf-8"
    declared = _declared(data)
    codec = _codec(declared)
    if is_disguised_utf8(data):
        return data.decode("utf-8"), "utf-8"
    if codec is None:
        raise UnreadableMessage("unsupported-encoding", "MSH[1]-18", declared)
    codec = codec or "cp1252"
    try:
        return data.decode(codec), codec
    except UnicodeDecodeError as error:
        wrong = f"{declared or 'ASCII'}: 0x{data[error.start]:02X}"
        raise UnreadableMessage("wrong-encoding", "MSH[1]-18", wrong) from None


def _declared(data: bytes) -> str:
    """The character set that MSH-18 names first, in upper case."""
    line = re.split(rb"[\r\n]", data[:2000], maxsplit=1)[0]
    fields = line.split(line[3:4], 18)
    if len(fields) < 18:
        return ""
    first = re.split(rb"[^\w /.-]", fields[17], maxsplit=1)[0]
    return first.decode("ascii", "replace").strip().upper()


@lru_cache(maxsize=256)
def _codec(declared: str) -> str | None:
    return words().character_sets.get(declared)


def _narrow(data: bytes, wide: str) -> bytes:
    try:
        return data.decode(wide).encode("utf-8")
    except UnicodeError:
        raise UnreadableMessage("wrong-encoding", detail=wide) from None


def _split_lines(lines: list[str], sign: str) -> list[Segment]:
    """The segments that are read; a line that begins none belongs to the one before it."""
    found: list[Segment] = []
    held: list[str] = []
    for line in lines:
        if line[:3] not in KEPT or line[3:4] != sign:
            line = line.lstrip(" \t")
            if line[3:4] not in (sign, "") or SEGMENT.match(line) is None:
                if line and held and _continues(held, line, sign):
                    held.append(line)
                continue
            if line[:3] == "ADD" and held:
                held[-1] += line[4:]
                continue
        if held and held[0][:3] in KEPT:
            found.append("\n".join(held).split(sign, MAX_FIELDS))
        held = [line]
    if held and held[0][:3] in KEPT:
        found.append("\n".join(held).split(sign, MAX_FIELDS))
    return found


def _continues(held: list[str], line: str, sign: str) -> bool:
    """Whether a line is text of the segment before it, and not rubbish after the message's end."""
    if held[0].startswith("OBX"):
        return sum(part.count(sign) for part in held) < 11 if len(held) < 100 else True
    return held[0].startswith("NTE") or sign in line


def _refuse_cut_off(message: Message, last: str) -> None:
    """A message that does not end with a line end, and whose last line is not whole, was cut off.

    A cancelled order (OBR-25 is X) has no results.
    """
    if not last:
        return
    name, sign = last[:3], message.encoding.field
    fields = last.split(sign, MAX_FIELDS)
    if last[3:4] != sign:
        cut = len(last) < 4 and SEGMENT.match(last.ljust(3, "X")) is not None
    elif name == "OBX":
        cut = not fields[11:12] or not fields[11]
    else:
        cut = name in NEVER_LAST and not (name == "OBR" and fields[25:26] == ["X"])
    if cut:
        raise UnreadableMessage("truncated", message.place(message.segments[-1]), name)


def lines_of(message: Message, name: str) -> Iterator[Segment]:
    """The segments of one name, in order."""
    return (segment for segment in message.segments if segment[0] == name)
