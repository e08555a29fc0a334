"""What each reason code means to the people who must act on it, from `reasons.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

Shows = Literal["text", "sender", "code", "reference", "number"]
"""What kind of value stands beside a reason: free text, the key of a sender, a code of a code system, an address
or number of something in the message, a measurement or an amount. It decides how it is masked (`masking`)."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason in one language.

    Attributes:
        title: a few words, for a list.
        explanation: what was found.
        action: what the laboratory, or whoever runs the intake, should do.
    """

    title: str
    explanation: str
    action: str


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason code in Norwegian bokmål and English, and what kind of value is shown with it."""

    nb: Text
    en: Text
    shows: Shows = "text"


@cache
def reasons() -> Mapping[str, Reason]:
    """Reason code → its texts."""
    data = files("varde.messages").joinpath("reasons.json").read_bytes()
    return MappingProxyType(msgspec.json.decode(data, type=dict[str, Reason]))


class Formats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each door takes, for whoever handed in a file that is none of it (`formats.json`).

    Attributes:
        reason: the reason that such a file is refused for.
        doors: what something is handed in as → what to send there, in bokmål and English.
    """

    version: str
    source: str
    reason: str
    doors: Mapping[str, Mapping[Literal["nb", "en"], str]]


@cache
def formats() -> Formats:
    """What each door takes."""
    data = files("varde.messages").joinpath("formats.json").read_bytes()
    return msgspec.json.decode(data, type=Formats)


def reason_at(code: str, door: str) -> Reason | None:
    """The texts of a reason for whoever hands in at a door; None for a code that is none.

    Args:
        door: what it was handed in as; empty when nobody said.
    """
    reason = reasons().get(code)
    known = formats()
    taken = known.doors.get(door)
    if reason is None or taken is None or code != known.reason:
        return reason
    replace = msgspec.structs.replace
    return replace(
        reason,
        nb=replace(reason.nb, action=taken["nb"]),
        en=replace(reason.en, action=taken["en"]),
    )
