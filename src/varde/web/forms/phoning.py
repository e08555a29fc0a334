"""Diseases that are told of by telephone at once, on suspicion, besides the form; and whom to call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import get_language

from varde.cases import Disease, disease_named, diseases
from varde.followup.site import local_tables
from varde.followup.units import NATIONAL


def at_once_names(on: date) -> list[str]:
    """What the diseases are called of which notice is given at once on a day, in the reader's language."""
    return sorted(_name(one) for one in diseases().values() if _is_at_once(one, on))


def named_at_once(names: Iterable[str], on: date) -> list[str]:
    """Those of some diagnoses, as forms name them, of which notice is given at once."""
    found = []
    for name in names:
        known = disease_named(name)
        disease = diseases().get(known.disease) if known else None
        if disease is not None and _is_at_once(disease, on):
            found.append(_name(disease))
    return list(dict.fromkeys(found))


def say_at_once(name: str, on: date) -> tuple[str, bool] | None:
    """What a diagnosis, as forms name it, is called, and whether notice is given of it at once; None where it is not known."""
    known = disease_named(name) if name else None
    disease = diseases().get(known.disease) if known else None
    return (_name(disease), _is_at_once(disease, on)) if disease else None


def duty_phone(on: date) -> str:
    """The national duty officer's number; empty where the tables have none."""
    return local_tables().telephone(NATIONAL, on)


def _is_at_once(disease: Disease, on: date) -> bool:
    duty = disease.duty_on(on)
    return duty is not None and duty.at_once


def _name(disease: Disease) -> str:
    return disease.en if get_language() == "en" else disease.nb
