"""The antibiotic model: what the Norwegian Directorate of Health publishes, as immutable typed objects.

Names of fields are those of the published model (the antibiotic model of Helsedirektoratet's content
API); what is Varde's own stands below a field ``varde`` and nowhere else. A field that is absent is
`UNSET` and stays absent when it is written; an empty list stays an empty list.

Rules are checked when an object is made: a wrong one is never there to be used.
"""

from varde.guidelines.model.codes import (
    CODE_SYSTEMS,
    SNOMED,
    Enhet,
    Kode,
    Koder,
    Kodet,
)
from varde.guidelines.model.contraindications import (
    KontraindikasjonData,
    ListetKontraindikasjon,
    ListetVarde,
    Steg,
    Treff,
)
from varde.guidelines.model.objects import (
    ID,
    NEEDS_DATA,
    OBJECT_TYPES,
    Attachment,
    Data,
    InfoType,
    Innhold,
    InnholdVarde,
    Kilde,
    Link,
    Relation,
    TekniskeData,
    Version,
    info_type_of,
)
from varde.guidelines.model.treatments import (
    REGIMEN_KINDS,
    AnbefalingData,
    AnbefalingVarde,
    Behandling,
    BehandlingData,
    BehandlingMedOverskrift,
    Behandlingsregime,
    BehandlingsregimeVarde,
    Dosering,
    Doseringsregime,
    DoseringsregimeData,
    DoseringsregimeVarde,
    Gjelder,
    Grense,
    NoData,
    NokkelInfo,
    PicoData,
)

__all__ = [
    "CODE_SYSTEMS",
    "ID",
    "NEEDS_DATA",
    "OBJECT_TYPES",
    "REGIMEN_KINDS",
    "SNOMED",
    "AnbefalingData",
    "AnbefalingVarde",
    "Attachment",
    "Behandling",
    "BehandlingData",
    "BehandlingMedOverskrift",
    "Behandlingsregime",
    "BehandlingsregimeVarde",
    "Data",
    "Dosering",
    "Doseringsregime",
    "DoseringsregimeData",
    "DoseringsregimeVarde",
    "Enhet",
    "Gjelder",
    "Grense",
    "InfoType",
    "Innhold",
    "InnholdVarde",
    "Kilde",
    "Kode",
    "Koder",
    "Kodet",
    "KontraindikasjonData",
    "Link",
    "ListetKontraindikasjon",
    "ListetVarde",
    "NoData",
    "NokkelInfo",
    "PicoData",
    "Relation",
    "Steg",
    "TekniskeData",
    "Treff",
    "Version",
    "info_type_of",
]
