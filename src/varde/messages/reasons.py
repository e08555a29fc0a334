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
