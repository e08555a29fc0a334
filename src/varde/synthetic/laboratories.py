"""Invented laboratories: where their patients live, which format they send, and their habits."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

Style = Literal["code", "text", "both"]


@dataclass(frozen=True, eq=False)
class Laboratory:
    """One invented laboratory; the meaning of each field stands in ``data/laboratories.toml``.

    Compared by identity: there is one of each, and the writer looks it up millions of times.

    Attributes:
        counties: county number → weight of this laboratory among those that serve the county.
        decimal: the decimal sign in measurements.
        nightly: sends what was answered in a day the next morning, and not at once.
        slow: an answer waits up to so many days before it is sent.
        mic, preliminary, changed, cancelled: shares between 0 and 1.
    """

    key: str
    name: str
    her: int
    code: str
    format: Literal["kith", "list"]
    version: Literal["1.3", "1.4"]
    encoding: str
    linkage: Literal["nested", "reference"]
    antibiotics: Literal["nlk", "local", "both"]
    organisms: Style
    materials: Literal["coded", "text", "both"]
    municipality: bool
    day_only: bool
    decimal: str
    nightly: bool
    slow: float
    mic: float
    preliminary: float
    changed: float
    cancelled: float
    counties: Mapping[str, float]

    @property
    def sender(self) -> str:
        """The laboratory as the reader of its messages names it."""
        return f"HER:{self.her}"


@cache
def laboratories() -> tuple[Laboratory, ...]:
    """All invented laboratories, in the order of the file."""
    text = files("varde.synthetic").joinpath("data/laboratories.toml").read_text("utf-8")
    return tuple(Laboratory(**entry) for entry in tomllib.loads(text)["laboratory"])


@cache
def reference_laboratory() -> Laboratory:
    """Where the others send isolates on to be looked at again; it serves no county."""
    text = files("varde.synthetic").joinpath("data/laboratories.toml").read_text("utf-8")
    return Laboratory(**tomllib.loads(text)["reference"])


@cache
def as_xml(laboratory: Laboratory) -> Laboratory:
    """The laboratory as it would be if it sent messages and not lists."""
    return laboratory if laboratory.format == "kith" else replace(laboratory, format="kith")
