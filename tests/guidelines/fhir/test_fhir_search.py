"""Searching: parameters, pages, links, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from guidelines.fhir.test_fhir_resources import view
from guidelines.shipped import shipped
from varde.guidelines.fhir import InvalidSearch, NotFound, search

Json = dict[str, Any]
BASE = "https://varde.test/fhir"


def find(kind: str, *parameters: str, strict: bool = False) -> Json:
    pairs = [(name, value) for name, _, value in (one.partition("=") for one in parameters)]
    return search(view(), kind, pairs, BASE, strict)


def titles(kind: str, *parameters: str) -> set[str]:
    bundle = find(kind, "_count=100", *parameters)
    return {entry["resource"].get("title", "") for entry in bundle.get("entry", ())}


ICPC = "urn:oid:2.16.578.1.12.4.1.1.7170"


@pytest.mark.parametrize(
    ("parameter", "there", "not_there"),
    [
        ("context=icpc-2|R81", "Pneumoni", "Akutt bronkitt"),
        ("context=ICPC-2|R81", "Pneumoni", "Akutt bronkitt"),
        (f"context={ICPC}|R81", "Pneumoni", "Akutt bronkitt"),
        ("context=http://hl7.org/fhir/sid/icpc-2|r81", "Pneumoni", "Akutt bronkitt"),
        ("context=R81", "Pneumoni", "Akutt bronkitt"),
        ("context=R78,R81", "Akutt bronkitt", "Impetigo"),
        ("code=icpc-2|R81", "Pneumoni", "Akutt bronkitt"),
        ("context=icd-10|J18.9", "Pneumoni", "Akutt bronkitt"),
        ("title=pneu", "Pneumoni", "Atypisk pneumoni"),
        ("title:contains=pneu", "Atypisk pneumoni", "Impetigo"),
        ("title:exact=Pneumoni", "Pneumoni", "Atypisk pneumoni"),
        ("date=2024-06-27", "Pneumoni", "Akutt bronkitt"),
        ("date=ge2024", "Pneumoni", "Akutt bronkitt"),
        ("date=lt2024-06-27", "Akutt bronkitt", "Pneumoni"),
        ("date=2024-06", "Pneumoni", "Akutt bronkitt"),
        ("date=ne2024-06", "Akutt bronkitt", "Pneumoni"),
        ("effective=sa2024-06-26", "Pneumoni", "Akutt bronkitt"),
        ("effective=eb2022", "Akutt bronkitt", "Pneumoni"),
        ("_lastUpdated=gt2020-01-01T00:00:00Z", "Pneumoni", ""),
        ("status=active", "Pneumoni", ""),
    ],
)
def test_recommendations_are_found(parameter: str, there: str, not_there: str) -> None:
    found = titles("PlanDefinition", parameter)
    assert there in found
    assert not_there not in found


@pytest.mark.parametrize(
    "parameters",
    [
        ("context=icd-10|R81",),
        ("context=|R81",),
        ("context=icpc-2|R81", "context=icpc-2|R78"),
        ("status=retired",),
        ("date=gt2030",),
        ("_id=none",),
    ],
)
def test_what_nothing_has_gives_an_empty_bundle(parameters: tuple[str, ...]) -> None:
    bundle = find("PlanDefinition", *parameters)
    assert bundle["total"] == 0
    assert "entry" not in bundle
    assert [link["relation"] for link in bundle["link"]] == ["self", "first"]


def test_a_plan_leads_to_its_doses_by_their_address() -> None:
    id_ = shipped().id_of_slug("anbefaling", "pneumoni")
    [entry] = find("PlanDefinition", f"_id={id_}")["entry"]
    [first, *_] = entry["resource"]["action"][0]["action"][0]["action"][0]["action"]
    address = first["definitionCanonical"]
    [dose] = find("ActivityDefinition", f"url={address}")["entry"]
    assert dose["resource"]["title"] == first["title"]
    plans = find("PlanDefinition", f"definition={dose['resource']['url']}")
    assert plans["total"] == 1


def test_drugs_and_contra_indications_are_found_by_code() -> None:
    nitrofurantoin = "http://snomed.info/sct|21219999999105"
    [drug] = find("MedicationKnowledge", f"ingredient-code={nitrofurantoin}")["entry"]
    code = drug["resource"]["code"]["coding"][0]["code"]
    assert find("MedicationKnowledge", f"code={code}")["total"] == 1
    assert find("ActivityDefinition", f"code={code}", "_summary=count")["total"] > 1
    issues = find("DetectedIssue", f"implicated-code={nitrofurantoin}")
    assert issues["total"] >= 3
    kidney = find("DetectedIssue", f"implicated-code={nitrofurantoin}", "evidence-code=236423003")
    [issue] = kidney["entry"]
    by_issue = find("MedicationKnowledge", f"contraindication={issue['resource']['id']}")
    assert by_issue["total"] >= 1


@pytest.mark.parametrize("context", ["icpc-2|R81", f"{ICPC}|R81", "icd-10|J18.9", "R81"])
def test_doses_are_found_by_diagnosis(context: str) -> None:
    found = find("ActivityDefinition", f"context={context}", "_count=100")
    assert 0 < found["total"] < find("ActivityDefinition")["total"]
    assert any("Fenoksymetylpenicillin" in entry["resource"]["title"] for entry in found["entry"])
    plans = {
        entry["resource"]["id"] for entry in find("PlanDefinition", f"context={context}")["entry"]
    }
    for entry in found["entry"]:
        [made_from] = entry["resource"]["relatedArtifact"]
        assert made_from["resource"].partition("|")[0].rpartition("/")[2] in plans


@pytest.mark.parametrize("kind", ["DetectedIssue", "MedicationKnowledge"])
def test_a_code_filters(kind: str) -> None:
    everything = find(kind)["total"]
    for none in ("http://snomed.info/sct|1", "nothing", "icpc-2|R81"):
        assert find(kind, f"code={none}", strict=True)["total"] == 0
    nitrofurantoin = "http://snomed.info/sct|21219999999105"
    if kind == "DetectedIssue":
        assert 0 < find(kind, f"code={nitrofurantoin}")["total"] < everything
        assert 0 < find(kind, "code=236423003")["total"] < everything
        assert find(kind, "code=kontraindikasjon")["total"] == everything
    else:
        [drug] = find(kind, f"ingredient-code={nitrofurantoin}")["entry"]
        code = drug["resource"]["code"]["coding"][0]["code"]
        [same] = find(kind, f"code=http://snomed.info/sct|{code}", strict=True)["entry"]
        assert same == drug


def test_pages_follow_one_another_and_hold_everything_once() -> None:
    seen: list[str] = []
    url = f"{BASE}/ActivityDefinition?_count=40"
    pages = 0
    while url:
        parameters = parse_qsl(urlsplit(url).query)
        bundle = search(view(), "ActivityDefinition", parameters, BASE)
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        assert links["self"] == url
        assert ("previous" in links) == (pages > 0)
        url, pages = links.get("next", ""), pages + 1
    assert len(seen) == len(set(seen)) == bundle["total"]
    assert pages > 1


def test_the_self_link_has_only_what_counted() -> None:
    bundle = find("PlanDefinition", "context=R81", "colour=red", "_format=json")
    [self_] = [link["url"] for link in bundle["link"] if link["relation"] == "self"]
    assert self_ == f"{BASE}/PlanDefinition?context=R81&_count=20"


def test_counting_gives_no_resources() -> None:
    for parameter in ("_summary=count", "_count=0"):
        bundle = find("PlanDefinition", parameter)
        assert bundle["total"] > 30
        assert "entry" not in bundle


def test_a_page_is_never_larger_than_a_hundred() -> None:
    assert len(find("ActivityDefinition", "_count=5000")["entry"]) == 100


@pytest.mark.parametrize(
    "parameter",
    [
        "_count=many",
        "_count=-1",
        "_offset=x",
        "date=yesterday",
        "date=2024-13",
        "date=2024-02-30",
        "date=ap2024",
        "_lastUpdated=2024-01-01T99:00:00Z",
        "context:not=R81",
        "title:missing=true",
    ],
)
def test_values_that_cannot_be_understood_are_refused(parameter: str) -> None:
    with pytest.raises(InvalidSearch):
        find("PlanDefinition", parameter)


def test_unknown_parameters_are_refused_in_strict_handling_only() -> None:
    assert find("PlanDefinition", "colour=red")["total"] > 30
    with pytest.raises(InvalidSearch, match="colour"):
        find("PlanDefinition", "colour=red", strict=True)
    find("PlanDefinition", "_format=json", "gyldigDato=2024-01-01", "_count=1", strict=True)


def test_an_unknown_type_is_not_found() -> None:
    with pytest.raises(NotFound, match="PlanDefinition"):
        find("Patient")
