"""The antibiotic model: what the Norwegian Directorate of Health publishes, as immutable typed objects.

Names of fields are those of the published model (the antibiotic model of Helsedirektoratet's content
API); what is Varde's own stands below a field ``varde`` and nowhere else. A field that is absent is
`UNSET` and stays absent when it is written; an empty list stays an empty list.

Rules are checked when an object is made: a wrong one is never there to be used.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from varde.guidelines.amounts import Amount
from varde.guidelines.timestamps import Timestamp

SNOMED = "http://snomed.info/sct"
ID = re.compile(r"[0-9]{4}-[0-9]{4}-[a-f0-9-]+", re.ASCII)
_ADDRESS = re.compile(r"(https?://|/)[^\s<>\"]*", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.+/ -]*[A-Za-z0-9+])?", re.ASCII)

InfoType = Literal[
    "retningslinje", "kapittel", "anbefaling", "kontraindikasjon", "pico", "referanse"
]
Relation = Literal["root", "forelder", "barn", "publikasjon"]
Data = TypeVar("Data")


class Kode(Struct, frozen=True, forbid_unknown_fields=True):
    """A coded concept with its term, so that a reader needs no terminology server."""

    system: str
    code: str
    display: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"{self.code!r} is no code")
        if not self.display.strip():
            raise ValueError(f"code {self.code} has no term: term and code stand together")


class Koder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an object is about: codes by code system (the core attribute ``koder``)."""

    snomed_ct: tuple[str, ...] | UnsetType = field(name="SNOMED-CT", default=UNSET)
    icd_10: tuple[str, ...] | UnsetType = field(name="ICD-10", default=UNSET)
    icpc_2: tuple[str, ...] | UnsetType = field(name="ICPC-2", default=UNSET)
    lis_spesialitet: tuple[str, ...] | UnsetType = field(name="lis-spesialitet", default=UNSET)
    lis_laeringsmaal: tuple[str, ...] | UnsetType = field(name="lis-laeringsmaal", default=UNSET)

    def __post_init__(self) -> None:
        for system, attribute in CODE_SYSTEMS.items():
            for code in getattr(self, attribute) or ():
                if not _CODE.fullmatch(code):
                    raise ValueError(f"{system}: {code!r} is no code")

    def of(self, system: str) -> tuple[str, ...]:
        """The codes of one system, by its published name ("ICPC-2")."""
        return getattr(self, CODE_SYSTEMS[system]) or ()


CODE_SYSTEMS = {
    "SNOMED-CT": "snomed_ct",
    "ICD-10": "icd_10",
    "ICPC-2": "icpc_2",
    "lis-spesialitet": "lis_spesialitet",
    "lis-laeringsmaal": "lis_laeringsmaal",
}
"""The published name of each code system, and the attribute of `Koder` that holds it."""


class Enhet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A unit of strength: its term, and its code where the content gives it."""

    system: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    display: str

    def __post_init__(self) -> None:
        if not self.display.strip():
            raise ValueError("a unit has a term")


class Kodet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something said in codes: a drug, a route, a condition, an active ingredient."""

    koder: tuple[Kode, ...]
    tekst: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not self.koder:
            raise ValueError("a coded field has at least one code with term; else leave it out")


# --- contra-indications -----------------------------------------------------------------------------


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


class ListetKontraindikasjon(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contra-indication as it is listed under a dosing regimen."""

    tittel: str | UnsetType = UNSET
    tekst: str | UnsetType = UNSET
    data: KontraindikasjonData
    varde: ListetVarde | UnsetType = UNSET


# --- treatments ---------------------------------------------------------------------------------


class Grense(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From and including `fra`, up to but not including `til`."""

    fra: Amount | UnsetType = UNSET
    til: Amount | UnsetType = UNSET

    def __post_init__(self) -> None:
        ends = [end for end in (self.fra, self.til) if isinstance(end, Amount)]
        if not ends:
            raise ValueError("a limit has fra, til, or both")
        if any(end.is_interval for end in ends):
            raise ValueError("the ends of a limit are single numbers")
        if len(ends) == 2 and ends[0].low >= ends[1].low:
            raise ValueError(f"fra {ends[0].low} must be below til {ends[1].low}")


class Gjelder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a regimen is for (Varde's own); every part that is given must hold.

    Attributes:
        alderAar, vektKg: limits on age in years and weight in kilograms.
        tilstander: the person has at least one of these.
        ikkeTilstander: the person has none of these.
    """

    alderAar: Grense | UnsetType = UNSET
    vektKg: Grense | UnsetType = UNSET
    kjonn: Literal["kvinne", "mann"] | UnsetType = UNSET
    tilstander: tuple[Kode, ...] | UnsetType = UNSET
    ikkeTilstander: tuple[Kode, ...] | UnsetType = UNSET


class Dosering(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dose and, where there is one, a loading dose, each with its unit."""

    dose: Amount | UnsetType = UNSET
    styrkeEnhetDosering: Enhet | UnsetType = UNSET
    eventuellLadningsdose: Amount | UnsetType = UNSET
    styrkeEnhetEventuellLadningsdose: Enhet | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.dose is UNSET) != (self.styrkeEnhetDosering is UNSET):
            raise ValueError("dose and styrkeEnhetDosering stand together")
        if (self.eventuellLadningsdose is UNSET) != (
            self.styrkeEnhetEventuellLadningsdose is UNSET
        ):
            raise ValueError(
                "eventuellLadningsdose and styrkeEnhetEventuellLadningsdose stand together"
            )


class DoseringsregimeVarde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Varde's own about a dosing regimen.

    Attributes:
        virkestoff: the active ingredients, for where no terminology is loaded.
        maksEnkeltdose: the highest single dose in mg, whatever the weight.
        visning: the dose in one line; worked out when the object is served.
        kobling: by what contra-indications were looked for; worked out when the object is served.
            ``ingen``: nobody knows what is in the drug, so that none is listed says nothing.
    """

    virkestoff: Kodet | UnsetType = UNSET
    maksEnkeltdose: Amount | UnsetType = UNSET
    visning: str | UnsetType = UNSET
    kobling: Literal["snomed", "innhold", "ingen"] | UnsetType = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.maksEnkeltdose, Amount) and self.maksEnkeltdose.is_interval:
            raise ValueError("maksEnkeltdose is a single number")


class DoseringsregimeData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one drug is taken."""

    legemiddeldoseringsregime: Kodet
    administrasjonsvei: Kodet | UnsetType = UNSET
    dosering: Dosering | UnsetType = UNSET
    frekvensdoseringsregimePerDogn: Amount | UnsetType = UNSET
    varighetDoseringsregimeAntallDogn: Amount | UnsetType = UNSET
    frekvensEventuellladningsdosePerDogn: Amount | UnsetType = UNSET
    varighetEventuellLadningsdoseAntallDogn: Amount | UnsetType = UNSET
    kontraindikasjoner: tuple[ListetKontraindikasjon, ...] | UnsetType = UNSET
    varde: DoseringsregimeVarde | UnsetType = UNSET

    def __post_init__(self) -> None:
        load = isinstance(self.dosering, Dosering) and self.dosering.eventuellLadningsdose
        for name in (
            "frekvensEventuellladningsdosePerDogn",
            "varighetEventuellLadningsdoseAntallDogn",
        ):
            if getattr(self, name) is not UNSET and not load:
                raise ValueError(f"{name} without a loading dose")
        for name in ("frekvensdoseringsregimePerDogn", "varighetDoseringsregimeAntallDogn"):
            amount = getattr(self, name)
            if isinstance(amount, Amount) and amount.low <= 0:
                raise ValueError(f"{name} must be more than 0")


class Doseringsregime(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The use of one drug in a regimen."""

    tekst: str | UnsetType = UNSET
    koder: Koder | UnsetType = UNSET
    data: DoseringsregimeData


class BehandlingsregimeVarde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Varde's own about a regimen."""

    gjelderFor: Gjelder | UnsetType = UNSET


class Behandlingsregime(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One or more drugs that are given together."""

    overskrift: str | UnsetType = UNSET
    doseringregimer: tuple[Doseringsregime, ...]
    varde: BehandlingsregimeVarde | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not self.doseringregimer:
            raise ValueError("a regimen has at least one doseringregime")

    @property
    def limits(self) -> Gjelder | UnsetType:
        """Whom it is for; `UNSET` where the content does not say."""
        return self.varde.gjelderFor if self.varde else UNSET


class BehandlingData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A treatment's regimens by category, each multiple."""

    ledetekstVarighetBehandling: str | UnsetType = UNSET
    varighetBehandlingAntallDogn: Amount | UnsetType = UNSET
    overskriftBehandlingsregime: str | UnsetType = UNSET
    standardbehandlingsregimer: tuple[Behandlingsregime, ...] | UnsetType = UNSET
    alternativebehandlingsregimer: tuple[Behandlingsregime, ...] | UnsetType = UNSET
    overgangtiloralbehandlingsregimer: tuple[Behandlingsregime, ...] | UnsetType = UNSET


REGIMEN_KINDS = (
    "standardbehandlingsregimer",
    "alternativebehandlingsregimer",
    "overgangtiloralbehandlingsregimer",
)
"""The three categories of regimens, in the order they are shown."""


class Behandling(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to do: drugs, or a course of action without any."""

    tekst: str | UnsetType = UNSET
    data: BehandlingData | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not self.tekst and not self.data:
            raise ValueError("a treatment has tekst, regimens, or both")


class BehandlingMedOverskrift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A treatment under its heading."""

    overskrift: str | UnsetType = UNSET
    behandling: Behandling


class NokkelInfo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a recommendation was weighed on (HTML)."""

    fordelerogulemper: str | UnsetType = UNSET
    kvalitetdokumentasjon: str | UnsetType = UNSET
    verdierogpreferanser: str | UnsetType = UNSET
    ressurshensyn: str | UnsetType = UNSET


class AnbefalingVarde(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Varde's own about a recommendation.

    Attributes:
        sokeord: other words that people search by.
        forstFor: diagnosis codes for which this recommendation stands before others that have them
            too: the general one before the special.
    """

    sokeord: tuple[str, ...] | UnsetType = UNSET
    forstFor: tuple[str, ...] | UnsetType = UNSET


class AnbefalingData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recommendation: strength, practice, reasons and treatments."""

    styrke: Literal["sterk", "svak"] | UnsetType = UNSET
    praktisk: str | UnsetType = UNSET
    rasjonale: str | UnsetType = UNSET
    nokkelInfo: NokkelInfo | UnsetType = UNSET
    behandlinger: tuple[BehandlingMedOverskrift, ...] | UnsetType = UNSET
    varde: AnbefalingVarde | UnsetType = UNSET


class PicoData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question to the evidence: population, intervention, comparison, outcomes."""

    populasjon: str | UnsetType = UNSET
    intervensjon: str | UnsetType = UNSET
    sammenligning: str | UnsetType = UNSET
    utfall: tuple[str, ...] | UnsetType = UNSET


class NoData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For types of objects that have the core attributes alone."""


# --- the object every type shares ---------------------------------------------------------------


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
