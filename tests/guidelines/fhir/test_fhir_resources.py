"""Every resource that the shipped content gives: valid to two foreign validators, whole, and exact.

The validators are fhirkit (R4) and fhir.resources (R4B). Neither looks at required value sets, so those that
are used are checked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

import fhirkit
import pytest

from guidelines.invented_documents import chapter, code, dose, guideline, recommendation
from guidelines.shipped import TODAY, invented_terminology, publication_of, shipped
from guidelines.stored import library
from varde.guidelines import Amount
from varde.guidelines.fhir import (
    CANONICAL,
    ID,
    TYPES,
    NotFound,
    Repository,
    encode_fhir,
    export_bundle,
    list_activities,
    search,
    write_capability,
    write_dosage,
    write_history,
    write_outcome,
)
from varde.guidelines.fhir.dosage import write_timing
from varde.guidelines.model import Doseringsregime, Enhet, Kode
from varde.guidelines.publication import Publication
from varde.guidelines.units import unit_named

Json = dict[str, Any]
BASE = "https://varde.test/fhir"


@cache
def view(day: date = TODAY, terminology: bool = True) -> Repository:
    return Repository(publication_of(day, terminology))


def everything(repository: Repository) -> Iterator[Json]:
    for kind in TYPES:
        yield from repository.all(kind).values()


def complaints(resource: Json) -> list[str]:
    content = encode_fhir(resource)
    kind = resource["resourceType"]
    found = [str(issue) for issue in fhirkit.validate(content)]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    try:
        model.model_validate_json(content)
    except ValueError as error:
        found.append(str(error))
    return found


@pytest.mark.parametrize("day", shipped().change_days, ids=str)
def test_every_resource_of_every_edition_is_valid(day: date) -> None:
    for resource in everything(view(day, terminology=day == shipped().change_days[-1])):
        assert complaints(resource) == [], resource["id"]


def test_bundles_metadata_and_outcomes_are_valid() -> None:
    repository = view()
    [plan, *_] = repository.all("PlanDefinition").values()
    for kind in TYPES:
        assert complaints(search(repository, kind, [], BASE)) == []
        some = next(iter(repository.all(kind)))
        assert complaints(write_history(repository.history(kind, some), kind, some, BASE)) == []
    assert complaints(write_capability(BASE, date(2024, 6, 27))) == []
    assert complaints(write_outcome(NotFound("there is none"))) == []
    assert plan["resourceType"] == "PlanDefinition"


def test_the_view_is_not_empty_and_counts_agree_with_the_model() -> None:
    repository = view()
    edition = repository.publication.edition
    assert len(repository.all("PlanDefinition")) == len(edition.current("anbefaling")) > 30
    assert len(repository.all("DetectedIssue")) == len(edition.current("kontraindikasjon"))
    doses = [one for entry in edition.current("anbefaling") for one in list_activities(entry)]
    assert len(repository.all("ActivityDefinition")) == len(doses) > 100


def test_ids_are_legal_and_stay_when_a_new_version_changes_the_dose() -> None:
    for resource in everything(view()):
        assert ID.fullmatch(resource["id"])
        assert ID.fullmatch(resource["meta"]["versionId"])
    id_ = shipped().id_of_slug("anbefaling", "pneumoni")
    assert id_
    before, after = (
        {one.id for one in list_activities(entry)} for entry in shipped().versions(id_)[-2:]
    )
    assert before & after


def walk(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_every_reference_and_canonical_address_leads_to_a_resource() -> None:
    repository = view()
    known = {
        f"{one['url']}|{one['version']}": one for one in everything(repository) if "url" in one
    }
    for resource in everything(repository):
        for inner in walk(resource):
            if "definitionCanonical" in inner:
                assert inner["definitionCanonical"] in known
            if inner.get("resource", "") and str(inner["resource"]).startswith(CANONICAL):
                assert inner["resource"] in known
            if "reference" in inner and "display" in inner and isinstance(inner["reference"], str):
                kind, _, id_ = inner["reference"].partition("/")
                assert repository.read(kind, id_)


REQUIRED = {
    "groupingBehavior": {"visual-group", "logical-group", "sentence-group"},
    "selectionBehavior": {
        "any", "all", "all-or-none", "exactly-one", "at-most-one", "one-or-more",
    },
    "periodUnit": {"s", "min", "h", "d", "wk", "mo", "a"},
    "intent": {
        "proposal", "plan", "directive", "order", "original-order", "reflex-order",
        "filler-order", "instance-order", "option",
    },
}  # fmt: skip
STATUSES = {
    "PlanDefinition": {"draft", "active", "retired", "unknown"},
    "ActivityDefinition": {"draft", "active", "retired", "unknown"},
    "MedicationKnowledge": {"active", "inactive", "entered-in-error"},
    "DetectedIssue": {
        "registered", "preliminary", "final", "amended", "corrected", "cancelled",
        "entered-in-error", "unknown",
    },
}  # fmt: skip
ARTIFACTS = {
    "documentation", "justification", "citation", "predecessor", "successor", "derived-from",
    "depends-on", "composed-of",
}  # fmt: skip


def test_codes_of_required_value_sets() -> None:
    for resource in everything(view()):
        assert resource["status"] in STATUSES[resource["resourceType"]]
        for inner in walk(resource):
            for name, codes in REQUIRED.items():
                assert inner.get(name) is None or inner[name] in codes
            for condition in inner.get("condition", ()):
                assert condition["kind"] in {"applicability", "start", "stop"}
        for artifact in resource.get("relatedArtifact", ()):
            assert artifact["type"] in ARTIFACTS


def test_nothing_is_empty() -> None:
    """R4 has no empty arrays, objects or texts."""
    for resource in everything(view()):
        for inner in walk(resource):
            for name, value in inner.items():
                assert value not in ("", [], {}, None), (resource["id"], name)


# --- every dose equals the model's ----------------------------------------------------------------


def read_amount_of(dosage: Json) -> tuple[Amount | None, str]:
    for one in dosage.get("doseAndRate", ()):
        if "doseQuantity" in one:
            quantity = one["doseQuantity"]
            return Amount(Decimal(quantity["value"])), quantity["unit"]
        low, high = one["doseRange"]["low"], one["doseRange"]["high"]
        assert low["unit"] == high["unit"]
        return Amount(Decimal(low["value"]), Decimal(high["value"])), low["unit"]
    return None, ""


def read_timing_of(dosage: Json) -> tuple[Amount | None, Amount | None]:
    repeat = dosage.get("timing", {}).get("repeat", {})
    frequency = days = None
    if "frequency" in repeat:
        assert repeat["periodUnit"] == "d"
        low = Decimal(repeat["frequency"]) / Decimal(repeat["period"])
        high = Decimal(repeat.get("frequencyMax", 0)) / Decimal(repeat["period"])
        frequency = Amount(low, high or None)
    if "boundsDuration" in repeat:
        days = Amount(Decimal(repeat["boundsDuration"]["value"]))
    if "boundsRange" in repeat:
        bounds = repeat["boundsRange"]
        days = Amount(Decimal(bounds["low"]["value"]), Decimal(bounds["high"]["value"]))
    return frequency, days


def given(value: Any) -> Any:
    return value if isinstance(value, (Amount, Kode)) else None


def unit_of(value: Any) -> str:
    return unit_named(value.display).name if isinstance(value, Kode | Enhet) else ""


def check_dosage(regime: Doseringsregime, dosages: list[Json]) -> None:
    data = regime.data
    dosing = data.dosering or None
    expected = []
    if dosing and dosing.eventuellLadningsdose:
        expected.append(
            (
                (
                    given(dosing.eventuellLadningsdose),
                    unit_of(dosing.styrkeEnhetEventuellLadningsdose),
                ),
                (
                    given(data.frekvensEventuellladningsdosePerDogn),
                    given(data.varighetEventuellLadningsdoseAntallDogn),
                ),
            )
        )
    expected.append(
        (
            (given(dosing.dose), unit_of(dosing.styrkeEnhetDosering)) if dosing else (None, ""),
            (
                given(data.frekvensdoseringsregimePerDogn),
                given(data.varighetDoseringsregimeAntallDogn),
            ),
        )
    )
    found = [(read_amount_of(one), read_timing_of(one)) for one in dosages]
    assert found == expected
    most = data.varde.maksEnkeltdose if data.varde else None
    caps = [
        one["maxDosePerAdministration"]["value"]
        for one in dosages
        if "maxDosePerAdministration" in one
    ]
    if most and dosing and any(unit.endswith("/kg") for (_, unit), _ in expected):
        assert set(caps) == {most.low}
    else:
        assert caps == []


def test_every_dose_in_the_view_equals_the_models_after_a_trip_through_json() -> None:
    repository = view()
    count = 0
    for entry in repository.publication.edition.current("anbefaling"):
        for activity in list_activities(entry):
            resource = repository.read("ActivityDefinition", activity.id)
            back = json.loads(encode_fhir(resource), parse_float=Decimal)
            check_dosage(activity.dose, back["dosage"])
            count += 1
    assert count > 100


@pytest.mark.parametrize(
    ("frequency", "rhythm"),
    [
        ("3", {"frequency": 3, "period": 1}),
        ("0.5", {"frequency": 1, "period": 2}),
        ("1.5", {"frequency": 3, "period": 2}),
    ],
)
def test_frequencies_are_whole_numbers_in_whole_days(frequency: str, rhythm: Json) -> None:
    timing = write_timing(Amount(Decimal(frequency)), Amount(Decimal(7)))
    assert timing
    assert {name: timing["repeat"][name] for name in rhythm} == rhythm


def test_a_frequency_that_no_whole_numbers_make_is_said_in_words() -> None:
    timing = write_timing(Amount(Decimal("0.123456")), Amount(Decimal(7)))
    assert timing
    assert "frequency" not in timing["repeat"]
    assert "ganger daglig" in timing["code"]["text"]


def test_a_dose_per_kilogram_is_calculated_and_has_its_highest() -> None:
    repository = view()
    found = [
        one
        for one in repository.all("ActivityDefinition").values()
        for dosage in one["dosage"]
        if "maxDosePerAdministration" in dosage
    ]
    assert found
    for resource in found:
        for dosage in resource["dosage"]:
            [one] = dosage["doseAndRate"]
            assert one["type"]["coding"][0]["code"] == "calculated"


def test_the_dosage_of_a_loading_dose_comes_in_sequence() -> None:
    loaded = [
        activity.dose
        for entry in view().publication.edition.current("anbefaling")
        for activity in list_activities(entry)
        if activity.dose.data.dosering and activity.dose.data.dosering.eventuellLadningsdose
    ]
    assert loaded
    for regime in loaded:
        assert [one["sequence"] for one in write_dosage(regime)] == [1, 2]


# --- contra-indications and versions --------------------------------------------------------------


def test_a_drug_has_the_contra_indications_that_are_listed_under_its_regimens() -> None:
    repository = view()
    [drug] = [
        one
        for one in repository.all("MedicationKnowledge").values()
        if one["ingredient"][0]["itemCodeableConcept"]["text"] == "nitrofurantoin"
    ]
    issues = [
        repository.read("DetectedIssue", one["reference"].partition("/")[2])
        for one in drug["contraindication"]
    ]
    said = {evidence["code"][0]["text"] for issue in issues for evidence in issue["evidence"]}
    assert "Nedsatt nyrefunksjon" in said
    assert all("patient" not in issue for issue in issues)


def test_contra_indications_are_there_without_terminology_too() -> None:
    with_, without = (
        {
            id_: {one["reference"] for one in drug.get("contraindication", ())}
            for id_, drug in view(TODAY, terminology).all("MedicationKnowledge").items()
        }
        for terminology in (True, False)
    )
    assert with_ == without


def test_versions_are_read_one_by_one_and_as_history() -> None:
    repository = view()
    id_ = shipped().id_of_slug("anbefaling", "pneumoni")
    assert id_
    history = repository.history("PlanDefinition", id_)
    numbers = [int(one["version"]) for one in history]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) >= 2
    first = repository.version("PlanDefinition", id_, "1")
    assert first["effectivePeriod"]["end"]
    with pytest.raises(NotFound, match="its versions are"):
        repository.version("PlanDefinition", id_, "99")


def test_an_activity_has_the_versions_of_its_recommendation() -> None:
    repository = view()
    id_ = shipped().id_of_slug("anbefaling", "pneumoni")
    assert id_
    entries = shipped().versions(id_)
    [both] = [
        one.id
        for one in list_activities(entries[-1])[:1]
        if one.id in {other.id for other in list_activities(entries[0])}
    ]
    titles = [one["title"] for one in repository.history("ActivityDefinition", both)]
    assert titles[0].endswith("i 5 døgn")
    assert titles[-1].endswith("i 7 døgn")


def test_a_view_of_an_earlier_day_has_what_held_then() -> None:
    id_ = shipped().id_of_slug("anbefaling", "pneumoni")
    assert id_
    before = view(date(2024, 6, 26), terminology=False).read("PlanDefinition", id_)
    after = view().read("PlanDefinition", id_)
    assert int(before["version"]) < int(after["version"])
    with pytest.raises(NotFound):
        view(date(2000, 1, 1), terminology=False).read("PlanDefinition", id_)


@pytest.mark.parametrize(
    ("kind", "id_"),
    [("Patient", "1"), ("PlanDefinition", "x"), ("ActivityDefinition", "x"), ("DetectedIssue", "")],
)
def test_what_is_not_there(kind: str, id_: str) -> None:
    for ask in (view().read, view().history):
        with pytest.raises(NotFound):
            ask(kind, id_)


def test_a_type_is_not_found_by_the_id_of_another() -> None:
    plan = next(iter(view().all("PlanDefinition")))
    with pytest.raises(NotFound):
        view().read("DetectedIssue", plan)


def test_the_terminology_is_part_of_a_drugs_version() -> None:
    edition = shipped().edition(TODAY)
    one = Repository(Publication(edition, invented_terminology(), "x"))
    same = Repository(Publication(edition, invented_terminology(), "x"))
    versions = [
        {id_: drug["meta"]["versionId"] for id_, drug in view_.all("MedicationKnowledge").items()}
        for view_ in (one, same)
    ]
    assert versions[0] == versions[1]


def test_the_whole_guideline_of_a_day_is_one_bundle() -> None:
    content = export_bundle(shipped(), TODAY, invented_terminology())
    assert fhirkit.validate(content) == []
    entries = json.loads(content, parse_float=Decimal)["entry"]
    resources = list(everything(view()))
    assert len(entries) == len(resources)
    assert {one["fullUrl"] for one in entries} == {
        f"{CANONICAL}/{one['resourceType']}/{one['id']}" for one in resources
    }
    assert fhirkit.validate(export_bundle(shipped(), date(1990, 1, 1))) == []


def test_one_version_of_a_resource_is_one_body_on_every_day() -> None:
    bodies: dict[tuple[str, str, str], bytes] = {}
    versions: dict[tuple[str, str, bytes], str] = {}
    for terminology in (False, True):
        for day in shipped().change_days:
            for resource in everything(view(day, terminology)):
                body = encode_fhir(resource)
                kind, id_ = resource["resourceType"], resource["id"]
                version = resource["meta"]["versionId"]
                assert bodies.setdefault((kind, id_, version), body) == body, (kind, id_, version)
                assert versions.setdefault((kind, id_, body), version) == version
    assert {kind for kind, _, _ in bodies} == set(TYPES)


def test_a_later_day_never_has_an_older_drug() -> None:
    last: dict[str, str] = {}
    for day in shipped().change_days:
        for id_, drug in view(day, terminology=False).all("MedicationKnowledge").items():
            assert drug["meta"]["lastUpdated"] >= last.get(id_, "")
            assert drug["meta"]["lastUpdated"][:10] <= day.isoformat()
            last[id_] = drug["meta"]["lastUpdated"]


def test_what_changes_around_a_recommendation_makes_a_version_of_its_own() -> None:
    named = {**chapter(), "tittel": "Luftveier, nytt navn"}
    read = library(
        ("2021-01-01", guideline()),
        ("2021-01-01", chapter()),
        ("2021-01-01", recommendation("1", "Pneumoni", [dose(code("1", "A"))])),
        ("2022-01-01", named),
        ("2023-01-01", chapter()),
        ("2024-01-01", recommendation("1", "Pneumoni", [dose(code("2", "B"))])),
    )
    id_ = read.edition(TODAY).current("anbefaling")[0].innhold.id
    found = {
        day.year: Repository(Publication(read.edition(day))).read("PlanDefinition", id_)
        for day in read.change_days
    }
    assert {year: plan["meta"]["versionId"] for year, plan in found.items()} == {
        2021: "1", 2022: "1.1", 2023: "1.2", 2024: "2",
    }  # fmt: skip
    assert [plan["version"] for plan in found.values()] == ["1", "1", "1", "2"]
    assert found[2022]["meta"]["lastUpdated"].startswith("2022-01-01")
    assert found[2022]["topic"] == [{"text": "Luftveier, nytt navn"}]
    repository = Repository(Publication(read.edition(TODAY)))
    history = repository.history("PlanDefinition", id_)
    assert [plan["meta"]["versionId"] for plan in history] == ["2", "1.2", "1.1", "1"]
    assert repository.version("PlanDefinition", id_, "1.1") == found[2022]


def test_invented_content_is_marked_as_such_everywhere() -> None:
    for resource in everything(view()):
        [tag] = resource["meta"]["tag"]
        assert tag["code"] == "demonstration" and tag["system"].startswith(CANONICAL)
        assert "ikke til klinisk bruk" in resource["text"]["div"]
    real = recommendation("1", "Pneumoni", [dose(code("1", "A"))])
    real["id"] = "0001-0003-1"
    edition = library(("2021-01-01", guideline()), ("2021-01-01", chapter()), ("2021-01-01", real))
    marked = Repository(Publication(edition.edition(TODAY)))
    for kind in ("PlanDefinition", "ActivityDefinition", "MedicationKnowledge"):
        for resource in marked.all(kind).values():
            assert "tag" not in resource["meta"]
            assert "klinisk bruk" not in resource["text"]["div"]


def test_invented_codes_are_told_from_real_ones() -> None:
    counted: dict[bool, int] = {True: 0, False: 0}
    for resource in everything(view()):
        for inner in walk(resource):
            for one in inner.get("coding", ()):
                if one["system"] != "http://snomed.info/sct":
                    assert "version" not in one
                    continue
                invented = one["code"][-10:-3] == "9999999"
                assert one.get("version", "").startswith("http://snomed.info/xsct/") == invented
                counted[invented] += 1
    assert counted[True] and counted[False]
