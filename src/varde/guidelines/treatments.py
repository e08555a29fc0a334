"""Walking through a recommendation's treatments: every regimen and dose, with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET

from varde.guidelines.model import (
    REGIMEN_KINDS,
    AnbefalingData,
    BehandlingMedOverskrift,
    Behandlingsregime,
    Doseringsregime,
)

HEADINGS = {
    "standardbehandlingsregimer": "Standardbehandling",
    "alternativebehandlingsregimer": "Behandlingsalternativer",
    "overgangtiloralbehandlingsregimer": "Overgang til oral behandling",
}
"""The headings of the published pages where the content gives none of its own."""


@dataclass(frozen=True, slots=True)
class PlacedRegimen:
    """A regimen and where it stands.

    Attributes:
        kind: one of `REGIMEN_KINDS`.
        place: positions of treatment and regimen, counted from 0.
    """

    treatment: BehandlingMedOverskrift
    kind: str
    regimen: Behandlingsregime
    place: tuple[int, int]

    @property
    def heading(self) -> str:
        """The heading that the regimen stands under."""
        data = self.treatment.behandling.data
        if self.kind == REGIMEN_KINDS[0] and data and data.overskriftBehandlingsregime:
            return data.overskriftBehandlingsregime
        return HEADINGS[self.kind]


def iterate_regimens(data: AnbefalingData) -> Iterator[PlacedRegimen]:
    """Every regimen: treatments in their order, in each the standard, alternative and oral ones."""
    for number, one in enumerate(data.behandlinger or ()):
        inner = one.behandling.data
        for kind in REGIMEN_KINDS if inner else ():
            regimens = getattr(inner, kind)
            for position, regimen in enumerate(() if regimens is UNSET else regimens):
                yield PlacedRegimen(one, kind, regimen, (number, position))


def iterate_doses(data: AnbefalingData) -> Iterator[Doseringsregime]:
    """Every dosing regimen, in the order of the page."""
    for placed in iterate_regimens(data):
        yield from placed.regimen.doseringregimer
