"""Why somebody is not signed in through the provider, with words from ``data/sign_in_refusals.json``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.json import decode

from varde.access.roles import Words

DATA = Path(__file__).parents[1] / "data" / "sign_in_refusals.json"


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """One reason, with the HTTP status of its page."""

    code: str
    status: int
    title: Words
    text: Words


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    refusals: tuple[Reason, ...]


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by its code."""
    file = decode(DATA.read_bytes(), type=_File)
    return MappingProxyType({one.code: one for one in file.refusals})


class SignInRefused(Exception):
    """Somebody is not signed in.

    Args:
        code: one of `reasons`.
        detail: what was wrong, for the log: one of Varde's own short words, never the provider's.
        reference: of the person, where the provider has said who it is.
    """

    def __init__(self, code: str, detail: str = "", reference: str = "") -> None:
        self.reason = reasons()[code]
        self.code = code
        self.detail = detail
        self.reference = reference
        super().__init__(f"{code} {detail}".strip())
