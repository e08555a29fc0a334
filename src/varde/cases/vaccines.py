"""Which vaccines live: after a dose of one, the strain that it is made of may be found in whoever was given it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from varde.cases.disease import Part, Words
from varde.cases.errors import DiseaseFileError
from varde.cases.files import DATA, read_toml
from varde.codes import vaccines

LIVE = DATA / "live_vaccines.toml"


class _File(Part, frozen=True, kw_only=True):
    source: Words
    live: frozenset[str]
    either: frozenset[str] = frozenset()


class _Kinds(NamedTuple):
    live: frozenset[str]
    either: frozenset[str]


def is_live(vaccine: str) -> bool | None:
    """Whether a vaccine holds a virus or bacterium that lives; None where its code is of both kinds, or of no vaccine.

    Args:
        vaccine: a key of `varde.codes.vaccines()`.

    Raises:
        DiseaseFileError: the file of them breaks its schema, or names a vaccine that does not exist.
    """
    kinds = _kinds()
    if vaccine in kinds.either or vaccine not in vaccines():
        return None
    return vaccine in kinds.live


@lru_cache(maxsize=1)
def _kinds() -> _Kinds:
    held = read_toml(LIVE.read_bytes(), LIVE.name, _File)
    for field, named in (("live", held.live), ("either", held.either)):
        for vaccine in sorted(named - vaccines().keys()):
            raise DiseaseFileError(LIVE.name, field, f"there is no vaccine {vaccine!r}")
    for vaccine in sorted(held.live & held.either):
        raise DiseaseFileError(LIVE.name, "either", f"{vaccine!r} is live too")
    return _Kinds(held.live, held.either)
