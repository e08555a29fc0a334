"""The object that every type shares, its versions, and which type holds what."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from varde.guidelines.model.codes import Koder
from varde.guidelines.model.contraindications import KontraindikasjonData
from varde.guidelines.model.treatments import AnbefalingData, NoData, PicoData
from varde.guidelines.timestamps import Timestamp

ID = re.compile(r"[0-9]{4}-[0-9]{4}-[a-f0-9-]+", re.ASCII)
_ADDRESS = re.compile(r"(https?://|/)[^\s<>\"]*", re.ASCII | re.IGNORECASE)

InfoType = Literal[
    "retningslinje", "kapittel", "anbefaling", "kontraindikasjon", "pico", "referanse"
]
Relation = Literal["root", "forelder", "barn", "publikasjon"]
Data = TypeVar("Data")


class TekniskeData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What kind of object it is, and its ids in the systems it came through."""

    infoId: str | UnsetType = UNSET
    infoType: InfoType
    subType: str | UnsetType = UNSET
    HapiId: str | UnsetType = UNSET


class Attachment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file that goes with an object."""

    title: str | UnsetType = UNSET
    fileUri: str | UnsetType = UNSET
    fileType: str | UnsetType = UNSET


class Link(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where an object belongs: its root, parents and children, or its publication."""

    rel: Relation
    type: str | UnsetType = UNSET
    tittel: str | UnsetType = UNSET
    href: str | UnsetType = UNSET
    strukturId: str | UnsetType = UNSET

    @property
    def target(self) -> str:
        """The id that the address ends in; empty where there is none."""
        found = ID.findall(self.href or "")
        return found[-1] if found else ""


class InnholdVarde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Varde's own about a served object: which version it is.

    Attributes:
        gyldigFra: the first day of this version.
        gyldigTil: the first day of the next one, when there is one.
        hash: SHA-256 of the version's file.
        terminologi: how contra-indications were matched.
    """

    gyldigFra: date
    gyldigTil: date | UnsetType = UNSET
    hash: str
    terminologi: str | UnsetType = UNSET


class Innhold(Struct, Generic[Data], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One object ("infobit") with the core attributes that all types share."""

    id: str
    gruppeId: str | UnsetType = UNSET
    tittel: str
    kortTittel: str | UnsetType = UNSET
    intro: str | UnsetType = UNSET
    kortIntro: str | UnsetType = UNSET
    tekst: str | UnsetType = UNSET
    forstPublisert: Timestamp | UnsetType = UNSET
    sistOppdatert: Timestamp | UnsetType = UNSET
    sistFagligOppdatert: Timestamp | UnsetType = UNSET
    tema: tuple[str, ...] | UnsetType = UNSET
    koder: Koder | UnsetType = UNSET
    maalgruppe: tuple[str, ...] | UnsetType = UNSET
    eier: tuple[str, ...] | UnsetType = UNSET
    status: Literal["Gjeldende", "Utgått"]
    language: str | UnsetType = UNSET
    bidragsyter: tuple[str, ...] | UnsetType = UNSET
    bidragsytersrolle: str | UnsetType = UNSET
    arkivreferanse: str | UnsetType = UNSET
    dokumentType: str | UnsetType = UNSET
    sistImportertTilHapi: Timestamp | UnsetType = UNSET
    url: str | UnsetType = UNSET
    data: Data | UnsetType = UNSET
    tekniskeData: TekniskeData
    attachments: tuple[Attachment, ...] | UnsetType = UNSET
    links: tuple[Link, ...] | UnsetType = UNSET
    varde: InnholdVarde | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise ValueError(f"id {self.id!r} must match {ID.pattern}")
        if not self.tittel.strip():
            raise ValueError("tittel is empty")
        if self.url and not _ADDRESS.fullmatch(self.url):
            raise ValueError(f"url {self.url[:60]!r} must be an http(s) address, or begin with /")

    @property
    def info_type(self) -> InfoType:
        """The type of object."""
        return self.tekniskeData.infoType

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the objects it hangs below, in order."""
        return tuple(link.target for link in self.links or () if link.rel == "forelder")


class Kilde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where content is from (Varde's own).

    Attributes:
        kilde: the source.
        sikkerhet: read in the source, inferred from it, or general knowledge without a page.
        gjelder: which part of the content it is for.
        dato: the source's own date.
    """

    kilde: str
    sikkerhet: Literal["kilde", "slutning", "allmennkunnskap"]
    gjelder: str | UnsetType = UNSET
    dato: date | UnsetType = UNSET


class Version(Struct, Generic[Data], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one object: what a content file holds.

    Attributes:
        gyldigFra: the first day it holds; it holds until the next version of the same id.
    """

    gyldigFra: date
    kilder: tuple[Kilde, ...] | UnsetType = UNSET
    innhold: Innhold[Data]


OBJECT_TYPES: dict[InfoType, Any] = {
    "retningslinje": Innhold[NoData],
    "kapittel": Innhold[NoData],
    "anbefaling": Innhold[AnbefalingData],
    "kontraindikasjon": Innhold[KontraindikasjonData],
    "pico": Innhold[PicoData],
    "referanse": Innhold[NoData],
}
"""Each type of object with what its `data` holds, for msgspec."""

NEEDS_DATA: frozenset[InfoType] = frozenset({"anbefaling", "kontraindikasjon"})
"""Types that say nothing without their `data`."""


class _OnlyType(Struct):
    infoType: InfoType


class _OnlyTechnical(Struct):
    tekniskeData: _OnlyType


def info_type_of(innhold: bytes | msgspec.Raw) -> InfoType:
    """The type of an object, read before the rest of it.

    Raises:
        msgspec.ValidationError: it does not say, or says a type that the model does not have.
    """
    return msgspec.json.decode(innhold, type=_OnlyTechnical).tekniskeData.infoType
