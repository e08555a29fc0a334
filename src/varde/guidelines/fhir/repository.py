"""All resources of one edition, and the earlier and later versions of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType

from varde.guidelines.errors import QuestionError
from varde.guidelines.fhir.activities import list_activities, write_activity
from varde.guidelines.fhir.datatypes import Json
from varde.guidelines.fhir.errors import NotFound
from varde.guidelines.fhir.medications import write_issue, write_medications
from varde.guidelines.fhir.plans import list_states, write_plan
from varde.guidelines.library import Edition, Entry, Library
from varde.guidelines.publication import Publication

TYPES = ("PlanDefinition", "ActivityDefinition", "MedicationKnowledge", "DetectedIssue")
"""The types of resources, in the order of the model: recommendation, dose, drug, contra-indication."""

Resources = Mapping[str, Json]


class Repository:
    """The FHIR view of one edition under one terminology. Everything is worked out once, on demand.

    Args:
        publication: what is served of the day.
    """

    def __init__(self, publication: Publication) -> None:
        self.publication = publication

    def all(self, kind: str) -> Resources:
        """Every resource of a type that was in force, by id.

        Raises:
            NotFound: there is no such type; the message names those there are.
        """
        makers: dict[str, Callable[[], Resources]] = {
            "PlanDefinition": lambda: self._plans,
            "ActivityDefinition": lambda: self._activities,
            "MedicationKnowledge": lambda: self._medications,
            "DetectedIssue": lambda: self._issues,
        }
        if kind not in makers:
            raise NotFound(
                f"there is no type {kind[:60]!r} here: ask for one of {', '.join(TYPES)}"
            )
        return makers[kind]()

    def read(self, kind: str, id_: str) -> Json:
        """One resource as it was on the edition's day, also a retired one.

        Raises:
            NotFound
        """
        found = self.all(kind).get(id_) or self._retired(kind, id_)
        if found is None:
            raise NotFound(f"there is no {kind}/{id_[:64]}, or it was not valid on that day")
        return found

    def history(self, kind: str, id_: str) -> tuple[Json, ...]:
        """Every version of a resource, the newest first.

        A version of a MedicationKnowledge is what contra-indications it had under one terminology;
        only the present one is known.

        Raises:
            NotFound
        """
        if kind == "MedicationKnowledge":
            return (self.read(kind, id_),)
        self.all(kind)
        found = [
            resource
            for entry in _versions(self.publication.edition.library, kind, id_)
            for resource in self._states(kind, id_, entry)
        ]
        if not found:
            raise NotFound(f"there is no {kind}/{id_[:64]}")
        return tuple(reversed(found))

    def version(self, kind: str, id_: str, version: str) -> Json:
        """One version of a resource.

        Raises:
            NotFound: the message names the versions there are.
        """
        versions = self.history(kind, id_)
        for resource in versions:
            if resource["meta"]["versionId"] == version:
                return resource
        known = ", ".join(str(resource["meta"]["versionId"]) for resource in versions)
        raise NotFound(f"{kind}/{id_} has no version {version[:64]}: its versions are {known}")

    def _states(self, kind: str, id_: str, entry: Entry) -> Iterator[Json]:
        """The resources of one version, the oldest first: a PlanDefinition can have several."""
        if kind == "PlanDefinition" and entry.innhold.info_type == "anbefaling":
            for state in list_states(entry, self._latest):
                yield write_plan(entry, state.edition)
        elif (resource := self._write(kind, id_, entry)) is not None:
            yield resource

    @cached_property
    def _latest(self) -> Edition:
        return self.publication.edition.library.edition(date.max)

    def _retired(self, kind: str, id_: str) -> Json | None:
        """What was withdrawn: read by its id, never found by a search."""
        if kind not in ("PlanDefinition", "DetectedIssue"):
            return None
        try:
            entry = self.publication.edition.get(id_)
        except QuestionError:
            return None
        return self._write(kind, id_, entry)

    def _write(self, kind: str, id_: str, entry: Entry) -> Json | None:
        wanted = "kontraindikasjon" if kind == "DetectedIssue" else "anbefaling"
        if entry.innhold.info_type != wanted:
            return None
        if kind == "DetectedIssue":
            return write_issue(entry)
        if kind == "PlanDefinition":
            return write_plan(entry, self.publication.edition)
        for activity in list_activities(entry):
            if activity.id == id_:
                return write_activity(activity, entry)
        return None

    @cached_property
    def _plans(self) -> Resources:
        edition = self.publication.edition
        entries = edition.current("anbefaling")
        return MappingProxyType({one.innhold.id: write_plan(one, edition) for one in entries})

    @cached_property
    def _activities(self) -> Resources:
        return MappingProxyType(
            {
                activity.id: write_activity(activity, entry)
                for entry in self.publication.edition.current("anbefaling")
                for activity in list_activities(entry)
            }
        )

    @cached_property
    def _medications(self) -> Resources:
        return MappingProxyType(
            {str(resource["id"]): resource for resource in write_medications(self.publication)}
        )

    @cached_property
    def _issues(self) -> Resources:
        entries = self.publication.edition.current("kontraindikasjon")
        return MappingProxyType({one.innhold.id: write_issue(one) for one in entries})


def _versions(library: Library, kind: str, id_: str) -> tuple[Entry, ...]:
    """The versions of the object that a resource is made from, the oldest first."""
    if kind != "ActivityDefinition":
        try:
            return library.versions(id_)
        except QuestionError:
            return ()
    for entry in library.entries():
        if any(activity.id == id_ for activity in list_activities(entry)):
            return library.versions(entry.innhold.id)
    return ()
