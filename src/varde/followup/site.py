"""What a site says of its own units: telephones, deputies, nursing homes; in ``VARDE_HOME/followup.json``.

    {"telephones": [{"valid_from": "2026-01-01", "unit": "municipality:0301", "number": "…", "source": "…"}],
     "deputies": [{"valid_from": "2026-01-01", "unit": "municipality:0301", "deputy": "municipality:3201", "source": "…"}],
     "institutions": [{"valid_from": "2026-01-01", "name": "…", "number": "…", "municipality": "0301", "source": "…"}]}

Varde ships none of these: nobody has said what they are. A file that cannot be followed is told of in the log and by
`varde followup tables`, and the shipped tables hold meanwhile: that somebody is told must not hang on it.
"""

from __future__ import annotations

import logging
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
from django.conf import settings

from varde.codes import municipalities, normal_name
from varde.followup.tables import (
    DeputyRow,
    InstitutionRow,
    Row,
    Tables,
    TablesInvalid,
    TelephoneRow,
    tables,
)
from varde.followup.units import is_unit
from varde.register import hospital_words

SITE = "followup.json"
"""The file's name in a site's home folder."""
_logger = logging.getLogger(__name__)
_Row = TypeVar("_Row", bound=Row)


class SiteFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    deputies: tuple[DeputyRow, ...] = ()
    telephones: tuple[TelephoneRow, ...] = ()
    institutions: tuple[InstitutionRow, ...] = ()


def read_site_file(path: Path) -> SiteFile:
    """Decode and check a site's file; of one that is not there, nothing.

    Raises:
        TablesInvalid: it has not the shape, or names what there is not; the message says which row.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return SiteFile()
    except OSError as error:
        raise TablesInvalid(f"{path}: {error.strerror}") from None
    try:
        found = msgspec.json.decode(content, type=SiteFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise TablesInvalid(f"{path}: {error}") from None
    for telephone in found.telephones:
        _need_unit(path, telephone.unit, telephone.valid_from)
    for deputy in found.deputies:
        _need_unit(path, deputy.unit, deputy.valid_from)
        _need_unit(path, deputy.deputy, deputy.valid_from)
        if deputy.deputy == deputy.unit:
            raise TablesInvalid(f"{path}: {deputy.unit} cannot be its own deputy")
    for one in found.institutions:
        if one.municipality not in municipalities(one.valid_from):
            raise TablesInvalid(
                f"{path}: there is no municipality {one.municipality} on {one.valid_from}"
            )
        if not normal_name(one.name):
            raise TablesInvalid(f"{path}: an institution in {one.municipality} has no name")
    return found


def _need_unit(path: Path, unit: str, on: date) -> None:
    if not is_unit(unit, on):
        raise TablesInvalid(f"{path}: there is no unit {unit!r} on {on}")


def local_tables() -> Tables:
    """The tables that are shipped, with what this site says of its units."""
    path = Path(settings.VARDE_HOME) / SITE
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return tables()
    return _with_file(path, stamp)


def site_tables() -> Tables:
    """The same, with what this site has said of senders' words that name a hospital."""
    return msgspec.structs.replace(local_tables(), hospital_words=hospital_words())


@lru_cache(maxsize=8)
def _with_file(path: Path, _stamp: int) -> Tables:
    shipped = tables()
    try:
        said = read_site_file(path)
    except TablesInvalid as problem:
        _logger.error(
            "the site's tables of follow-up cannot be followed", extra={"why": str(problem)}
        )
        return shipped
    return msgspec.structs.replace(
        shipped,
        deputies=_merged(shipped.deputies, said.deputies),
        telephones=_merged(shipped.telephones, said.telephones),
        institutions=_merged(shipped.institutions, said.institutions),
    )


def _merged(shipped: tuple[_Row, ...], said: tuple[_Row, ...]) -> tuple[_Row, ...]:
    """By day; what the site says of the same day comes after, and holds."""
    return tuple(sorted((*shipped, *said), key=lambda row: row.valid_from))
