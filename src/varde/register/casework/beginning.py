"""Which reports may begin a case by themselves.

A case begins with a clinician's form, or with a finding that meets a criterion (`varde.cases.classify`). Of a person
who has neither there is no case, whatever else is known: so nothing else need be looked at, and the many answers with
ordinary organisms cost one look into a table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from varde.cases import Catalogue, Method, Profile
from varde.cases.evidence import Notifiable
from varde.register.kinds.laboratory import LabProjection
from varde.register.projection import Projection, RowProjection

KINDS = ("laboratory", "notification", "vaccination")
"""The kinds of statements that say something about cases."""


def may_begin(kind: str, projection: Projection, definitions: Catalogue) -> bool:
    """Whether a statement may begin a case; a withdrawn one has no rows and never does."""
    if not isinstance(projection, LabProjection):
        return kind == "notification" and isinstance(projection, RowProjection)
    materials = {number: material for number, _, material, *_ in projection.specimens}
    for _, specimen, organism, _, method, markers, results in projection.findings:
        if organism is None or organism not in definitions.agents:
            continue
        if definitions.met_by(
            organism,
            method_of(method),
            materials.get(specimen) or "",
            profile_of(((key, sir) for key, sir, _ in results), definitions, markers),
            mark_of(projection.notifiable),
        ):
            return True
    return False


def method_of(method: str) -> Method:
    """How something was found, as evidence says it."""
    return cast(Method, method or "unknown")


def mark_of(notifiable: str) -> Notifiable:
    """What a laboratory says of the duty, as evidence says it."""
    return cast(Notifiable, notifiable)


def profile_of(
    results: Iterable[tuple[str | None, str]], definitions: Catalogue, markers: str = ""
) -> Profile:
    """The antibiotics of which R and S were reported, and the resistances that the name says, as far as some criterion
    asks about them.

    Args:
        markers: by commas.
    """
    resistant, susceptible = set(), set()
    for key, sir in results:
        if key is not None and sir == "R":
            resistant.add(key)
        elif key is not None and sir == "S":
            susceptible.add(key)
    if markers:
        resistant.update(markers.split(","))
    asked = definitions.resistances
    return Profile(frozenset(resistant & asked), frozenset(susceptible & asked))
