"""Contra-indications, and why one is listed under a dosing regimen."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from varde.guidelines.model.codes import Kode, Kodet


class Steg(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step of a path through the terminology."""

    fra: Kode
    relasjon: Kode
    til: Kode


class Treff(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a contra-indication is listed under a dosing regimen (Varde's own).

    Attributes:
        metode: ``snomed`` when worked out in the terminology, ``innhold`` when the content says so
            itself, because no terminology is loaded or it does not hold the drug.
        virkestoff: the contra-indication's ingredient that was met.
        vei: from the drug to that ingredient; one step for each relationship, empty where they are
            one and the same.
        forklaring: the same in words.
    """

    metode: Literal["snomed", "innhold"]
    virkestoff: Kode
    vei: tuple[Steg, ...]
    forklaring: str


class KontraindikasjonData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A condition and the active ingredients to be careful with in it."""

    tilstand: Kodet
    virkestoff: Kodet


class ListetVarde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Varde's own about a listed contra-indication.

    Attributes:
        treff: why it is listed: the nearest match.
        andreTreff: further active ingredients of a combination that are met too.
    """

    id: str | UnsetType = UNSET
    treff: Treff
    andreTreff: tuple[Treff, ...] | UnsetType = UNSET

    @property
    def matches(self) -> tuple[Treff, ...]:
        """Every match, the nearest first."""
        return (self.treff, *(self.andreTreff or ()))


class ListetKontraindikasjon(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contra-indication as it is listed under a dosing regimen."""

    tittel: str | UnsetType = UNSET
    tekst: str | UnsetType = UNSET
    data: KontraindikasjonData
    varde: ListetVarde | UnsetType = UNSET
