"""Recommendations: treatments, regimens, dosing regimens, and whom a regimen is for."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.model.codes import Enhet, Kode, Koder, Kodet
from varde.guidelines.model.contraindications import ListetKontraindikasjon


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
