"""What each reason means to the people who must act on it, from `reasons.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from varde.messages import Reason


@cache
def reasons() -> Mapping[str, Reason]:
    """Reason → its texts in bokmål and English: what is wrong, what was found, what to do."""
    data = files("varde.prescribing.reading").joinpath("reasons.json").read_bytes()
    return MappingProxyType(msgspec.json.decode(data, type=dict[str, Reason]))
