"""An edition as it is served: links worked out, doses in a line, contra-indications listed with reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET

from varde.guidelines.library import Edition, Entry
from varde.guidelines.matching import (
    Terminology,
    list_contraindications,
    say_coupling,
    say_terminology,
)
from varde.guidelines.model import (
    REGIMEN_KINDS,
    AnbefalingData,
    Behandling,
    BehandlingData,
    BehandlingMedOverskrift,
    Behandlingsregime,
    Doseringsregime,
    DoseringsregimeVarde,
    Innhold,
    InnholdVarde,
    Link,
    Relation,
)
from varde.guidelines.rendering import write_line


class Publication:
    """What is served of one edition under one terminology.

    Args:
        edition: what was valid on the day.
        terminology: what ingredients are looked up in; None when none is loaded.
        release: the terminology's name, said in the answers.
        asked: the day when it was asked for by name; links then keep it.
    """

    def __init__(
        self,
        edition: Edition,
        terminology: Terminology | None = None,
        release: str | None = None,
        asked: date | None = None,
    ) -> None:
        self.edition = edition
        self.terminology = terminology
        self.matching = say_terminology(terminology, release)
        self._suffix = f"?gyldigDato={asked}" if asked else ""
        self._contraindications = edition.current("kontraindikasjon")
        self._served: dict[str, Innhold[Any]] = {}

    def get(self, id_: str) -> Innhold[Any]:
        """One object as served.

        Raises:
            InvalidId, NoSuchObject.
        """
        if id_ not in self._served:
            self._served[id_] = self.serve(self.edition.get(id_))
        return self._served[id_]

    def serve(self, entry: Entry) -> Innhold[Any]:
        """A version as served: of this edition, or an earlier or later one of its object."""
        innhold = entry.innhold
        data = innhold.data
        is_treatment = False
        if isinstance(data, AnbefalingData):
            data, is_treatment = map_regimens(data, self._complete_dose), True
        return msgspec.structs.replace(
            innhold,
            data=data,
            links=self._links(entry),
            varde=InnholdVarde(
                gyldigFra=entry.first_day,
                gyldigTil=entry.end or UNSET,
                hash=entry.stored.digest,
                terminologi=self.matching if is_treatment else UNSET,
            ),
        )

    def _links(self, entry: Entry) -> tuple[Link, ...]:
        id_ = entry.innhold.id
        parents = self.edition.parents_of(entry)
        return (
            *(self._link("root", root) for root in self.edition.roots_of(entry)),
            *(self._link("forelder", parent) for parent in parents),
            *(self._link("barn", child) for child in self.edition.children(id_)),
            *(link for link in entry.innhold.links or () if link.rel == "publikasjon"),
        )

    def _link(self, relation: Relation, entry: Entry) -> Link:
        return Link(
            rel=relation,
            type=entry.innhold.info_type,
            tittel=entry.innhold.tittel,
            href=f"/innhold/{entry.innhold.id}{self._suffix}",
            strukturId=entry.innhold.id,
        )

    def _complete_dose(self, dose: Doseringsregime) -> Doseringsregime:
        listed = list_contraindications(dose, self._contraindications, self.terminology)
        own = dose.data.varde or DoseringsregimeVarde()
        return msgspec.structs.replace(
            dose,
            data=msgspec.structs.replace(
                dose.data,
                kontraindikasjoner=listed,
                varde=msgspec.structs.replace(
                    own,
                    visning=write_line(dose),
                    kobling=say_coupling(dose, self.terminology),
                ),
            ),
        )


def map_regimens(
    data: AnbefalingData, change: Callable[[Doseringsregime], Doseringsregime]
) -> AnbefalingData:
    """The same recommendation with every dosing regimen changed by a function."""

    def of_regimen(regimen: Behandlingsregime) -> Behandlingsregime:
        return msgspec.structs.replace(
            regimen, doseringregimer=tuple(change(dose) for dose in regimen.doseringregimer)
        )

    def of_data(inner: BehandlingData) -> BehandlingData:
        changed = {
            kind: tuple(of_regimen(regimen) for regimen in getattr(inner, kind))
            for kind in REGIMEN_KINDS
            if getattr(inner, kind) is not UNSET
        }
        return msgspec.structs.replace(inner, **changed)

    def of_treatment(one: BehandlingMedOverskrift) -> BehandlingMedOverskrift:
        treatment = one.behandling
        if not treatment.data:
            return one
        changed: Behandling = msgspec.structs.replace(treatment, data=of_data(treatment.data))
        return msgspec.structs.replace(one, behandling=changed)

    if not data.behandlinger:
        return data
    return msgspec.structs.replace(
        data, behandlinger=tuple(of_treatment(one) for one in data.behandlinger)
    )
