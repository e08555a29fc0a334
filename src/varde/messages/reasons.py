"""What each reason code means to the people who must act on it, from `reasons.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec


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
    """A reason code in Norwegian bokmål and English."""

    nb: Text
    en: Text


@cache
def reasons() -> Mapping[str, Reason]:
    """Reason code → its texts."""
    data = files("varde.messages").joinpath("reasons.json").read_bytes()
    return MappingProxyType(msgspec.json.decode(data, type=dict[str, Reason]))
