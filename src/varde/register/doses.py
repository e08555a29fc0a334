"""Vaccinations by the disease that they are against, and the gaps.

A gap is what the register does not know of: it holds the doses that were sent to it, and no register of vaccinations is
complete (those given abroad, or before there was one).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from varde.codes import vaccine_diseases, vaccines
from varde.register.history import Dose

DATA = Path(__file__).with_name("data") / "programme.json"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    diseases: tuple[str, ...]


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """Doses against one disease.

    Attributes:
        disease: a key of `varde.codes.vaccine_diseases()`; empty for doses of which nobody knows what they are against.
        doses: newest first; none is a gap.
    """

    disease: str
    doses: tuple[Dose, ...]


@cache
def programme() -> tuple[str, ...]:
    """The diseases that everybody is offered a vaccine against (``data/programme.json``)."""
    return msgspec.json.decode(DATA.read_bytes(), type=_File).diseases


def by_disease(doses: Iterable[Dose]) -> tuple[Protection, ...]:
    """Doses by disease, in the order of `vaccine_diseases`; a dose against several stands under each. Diseases of
    the programme without any dose are there too."""
    found: dict[str, list[Dose]] = defaultdict(list)
    for dose in doses:
        vaccine = vaccines().get(dose.vaccine)
        for disease in vaccine.diseases if vaccine else ("",):
            found[disease].append(dose)
    wanted = [key for key in vaccine_diseases() if key in found or key in programme()]
    return tuple(
        Protection(disease=key, doses=tuple(found.get(key, ())))
        for key in (*wanted, *([""] if "" in found else ()))
    )
