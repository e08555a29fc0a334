"""Bytes to single notifications: one object, an array of them, or one on each line.

An array is read as a whole, so broken JSON anywhere in it is its end. Lines are read each for itself,
and a broken one takes no other with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from varde.messages.errors import MessageError, UnreadableMessage
from varde.messages.json_documents import (
    as_utf8,
    check_characters,
    check_depth,
    find_duplicates,
    syntax_error,
)
from varde.messages.klinikermelding.values import decode_value, wrong_kind
from varde.messages.xml_documents import MAX_BYTES

MAX_ITEMS = 100_000
"""Most notifications of one file; so many useful ones are larger than `MAX_BYTES`."""

MAX_VALUES = 2_000_000
"""Most values of an array. A file of single digits would fill the memory before it is refused."""

BLANK = b" \t\r\n"
SECTIONS = frozenset(
    ("melding", "pasient", "diagnoseforhold", "antattSmittemate", "smitteforhold", "rekvirent")
)
KEYS = re.compile(rf'"(?:{"|".join(sorted(SECTIONS))})"\s{{0,100}}:')
FHIR_KEY = re.compile(r'"resourceType"\s{0,100}:')
IN_LINE = re.compile(r"line \d+, ")

Form = dict[str, dict[str, msgspec.Raw]]
"""The sections of a notification: key → value as bytes, known to be well-formed."""

_decode_form = msgspec.json.Decoder(Form).decode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_check_whole = msgspec.json.Decoder(msgspec.Raw).decode


class Item(NamedTuple):
    """The JSON of one notification, which nobody has looked at yet.

    Attributes:
        place: where it stands in its file, as ``[3]`` or ``line 4``; empty when it is all of it.
        checked: whether encoding and depth are known to be right.
    """

    place: str
    text: bytes
    checked: bool = True


def is_klinikermelding(beginning: str) -> bool:
    """Whether the beginning of a text (without blanks before it) is that of notifications in JSON."""
    return (
        beginning.startswith(("{", "["))
        and KEYS.search(beginning) is not None
        and FHIR_KEY.search(beginning) is None
    )


def split_items(data: bytes) -> Iterator[Item]:
    """The notifications of a file, in its order.

    Raises:
        UnreadableMessage: ``too-large``, ``empty``, ``unsupported-encoding``, ``wrong-encoding``,
            ``too-deep``, ``truncated``, ``malformed-json``, ``several-documents`` or ``no-report``.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    try:
        text = as_utf8(data)
        check_depth(text)
    except MessageError:
        lines = _find_lines(data)
        if not lines:
            raise
        yield from _each_line(lines, checked=False)
        return
    start = text.lstrip(BLANK)[:1]
    if not start:
        raise UnreadableMessage("empty")
    if start == b"[":
        yield from _each_element(text)
    elif lines := _find_lines(text):
        yield from _each_line(lines, checked=True)
    else:
        yield Item("", text)


def parse_item(item: Item) -> Form:
    """The sections of a notification, their values still as bytes.

    Raises:
        UnreadableMessage: ``wrong-encoding``, ``too-deep``, ``truncated``, ``malformed-json``,
            ``several-documents`` or ``duplicate-key``; places are those in the file.
        InvalidContent: ``bad-field`` for what is no object.
    """
    try:
        return _parse(item)
    except MessageError as error:
        error.place = join_place(item.place, error.place)
        raise


def join_place(outer: str, inner: str) -> str:
    """A place inside an item as a place in its file."""
    if outer.startswith("line"):
        inner = IN_LINE.sub("", inner, count=1)  # an item on a line has no other line in it
        return f"{outer}, {inner}" if inner else outer
    if not outer or not inner:
        return outer or inner
    return f"{outer} {inner}" if inner.startswith("line") else f"{outer}.{inner}"


def _parse(item: Item) -> Form:
    text = item.text
    if not item.checked:
        text = as_utf8(text)
        check_depth(text)
    check_characters(text)
    try:
        form = _decode_form(text)
    except msgspec.ValidationError:
        return _parse_loosely(text)
    except msgspec.DecodeError as error:
        raise syntax_error(error, text) from None
    # What is left of a text when the keys of two levels are taken out are the values. A key that was lost,
    # because it stood there twice, makes the colons too few.
    inner = b"".join([raw for section in form.values() for raw in section.values()]).count(b":")
    if text.count(b":") != inner + len(form) + sum(map(len, form.values())):
        _refuse_duplicates(text)
    return form


def _parse_loosely(text: bytes) -> Form:
    """The sections, when something stands beside them or in their place."""
    try:
        whole = _decode_object(text)
    except msgspec.ValidationError:
        raise wrong_kind("", decode_value(text, ""), "object") from None
    except msgspec.DecodeError as error:  # after the place where something else stood
        raise syntax_error(error, text) from None
    form: Form = {}
    for key in SECTIONS & whole.keys():
        try:
            form[key] = _decode_object(whole[key])
        except msgspec.ValidationError:
            value = decode_value(whole[key], key)
            if value is not None:
                raise wrong_kind(key, value, "object") from None
    _refuse_duplicates(text)
    return form


def _refuse_duplicates(text: bytes) -> None:
    twice = find_duplicates(text)
    if twice:
        raise UnreadableMessage("duplicate-key", detail=", ".join(sorted(twice)))


def _each_element(text: bytes) -> Iterator[Item]:
    if text.count(b",") > MAX_VALUES:
        raise UnreadableMessage("too-large", detail="> 2·10^6")
    try:
        elements = _decode_array(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise syntax_error(error, text) from None
    if not elements:
        raise UnreadableMessage("no-report")
    if len(elements) > MAX_ITEMS:
        raise UnreadableMessage("too-large", detail="> 10^5")
    for number, element in enumerate(elements):
        yield Item(f"[{number}]", bytes(element))


def _each_line(lines: list[tuple[int, bytes]], checked: bool) -> Iterator[Item]:
    if len(lines) > MAX_ITEMS:
        raise UnreadableMessage("too-large", detail="> 10^5")
    for number, line in lines:
        yield Item(f"line {number}", line, checked)


def _find_lines(text: bytes) -> list[tuple[int, bytes]]:
    """The lines of a file that has an object on each, with their numbers; none of any other file.

    Most lines begin an object, though not all need be whole: else broken objects would look like the
    lines of a single one that is laid out for the eye.
    """
    if b"\n" not in text and b"\r" not in text:
        return []
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip(BLANK)]
    begun = sum(line.lstrip(BLANK + b"\xef\xbb\xbf").startswith(b"{") for _, line in lines)
    if begun < 2 or 2 * begun <= len(lines) or _is_whole(text):
        return []
    return lines


def _is_whole(text: bytes) -> bool:
    try:
        _check_whole(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True
