"""Invented vaccinations: the same in both formats, valid to two foreign validators, and true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import fhirkit
import pytest
from fhir.resources.R4B.bundle import Bundle
from msgspec.structs import replace

from varde.codes import CodeMap, municipalities, vaccines
from varde.codes.map_rows import read_systems
from varde.messages import Failure, detect, read
from varde.messages.records import Statement, Vaccination
from varde.synthetic import Vaccinations, VaccinationSummary
from varde.synthetic.persons import is_synthetic
from varde.synthetic.vaccinations import FAULTS, TruthVaccination, sites, vaccine_kinds

PLAN = Vaccinations(doses=300, bad_share=0.15)
RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)
FORMS = ("bundles", "tables")


@cache
def written(form: str) -> tuple[tuple[str, bytes], ...]:
    return tuple(getattr(PLAN, form)())


@cache
def truth() -> tuple[TruthVaccination, ...]:
    return tuple(PLAN.truth())


@cache
def summary() -> VaccinationSummary:
    return PLAN.summary()


@cache
def records(form: str) -> tuple[Statement | Failure, ...]:
    return tuple(r for _, data in written(form) for r in read(data, None, RECEIVED))


def standing(found: Iterable[Statement | Failure]) -> dict[tuple[str, str], Vaccination]:
    """The newest version of every dose, unless it withdraws it: a plain register."""
    newest: dict[tuple[str, str], Vaccination] = {}
    for record in found:
        if isinstance(record, Vaccination):
            key = record.sender, record.report_id
            if key not in newest or newest[key].generated < record.generated:
                newest[key] = record
    return {key: record for key, record in newest.items() if record.service_type != "C"}


def as_truth(record: Vaccination, person: int, known: CodeMap) -> TruthVaccination:
    patient = record.patient
    assert patient.birth_date is not None
    said = [(code.system, code.code, code.text) for code in record.vaccines]
    return TruthVaccination(
        sender=record.sender,
        report_id=record.report_id,
        person=person,
        number=patient.identifier.value if patient.identifier else "",
        sex=patient.sex,
        born=patient.birth_date,
        municipality=patient.municipality,
        vaccine=known.find("vaccine", said) or "",
        given=record.given,
        dose=record.dose,
        batch=record.batch,
        programme=record.programme.text if record.programme else "",
        given_at=record.given_at,
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_register_of_either_format_ends_with_the_truth(form: str) -> None:
    known = CodeMap.load()
    true = {(dose.sender, dose.report_id): dose for dose in truth()}
    found = standing(records(form))
    assert found.keys() == true.keys()
    for key, record in found.items():
        assert as_truth(record, true[key].person, known) == true[key]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_faulty_is_refused_for_its_reason(form: str) -> None:
    failures = Counter(r.reason for r in records(form) if isinstance(r, Failure))
    assert failures == summary().quarantined
    assert set(failures) == set(FAULTS)
    assert all(r.report_id and r.sender for r in records(form) if isinstance(r, Failure))
    assert len(records(form)) == summary().sent


def test_the_summary_adds_up() -> None:
    assert (
        summary().doses
        == PLAN.doses
        == summary().standing + summary().withdrawn + summary().refused
    )
    assert summary().withdrawn > 2 and summary().refused > 10 and summary().unmapped > 0
    assert summary().sent > summary().doses


def test_every_version_is_equal_in_both_formats() -> None:
    """But for the id of the message, the name that the system of a code has, withdrawn content, and names and addresses
    of persons, for which the table has no columns."""

    def versions(form: str) -> dict[tuple[str, str, datetime], Any]:
        return {
            (r.sender, r.report_id, r.generated): content(r)
            for r in records(form)
            if isinstance(r, Vaccination)
        }

    def content(r: Vaccination) -> Any:
        names = [(read_systems().get(c.system, c.system), c.code, c.text) for c in r.vaccines]
        if r.service_type == "C":
            return "C"
        return (
            r.sender_name, r.service_type, replace(r.patient, described=None), names, r.given, r.dose, r.batch, r.programme, r.given_at
        )  # fmt: skip

    assert versions("bundles") == versions("tables")
    assert {r.service_type for r in records("tables") if isinstance(r, Vaccination)} == {
        "N",
        "M",
        "C",
    }


def test_two_foreign_validators_accept_every_bundle() -> None:
    for name, data in written("bundles"):
        assert [str(issue) for issue in fhirkit.validate(data)] == [], name
        Bundle.model_validate_json(data)


def test_codes_that_the_validators_do_not_look_at() -> None:
    for _, data in written("bundles"):
        for entry in json.loads(data)["entry"]:
            made = entry["resource"]
            if made["resourceType"] == "Immunization":
                assert made["status"] in ("completed", "entered-in-error", "not-done")
            if made["resourceType"] == "Patient":
                assert made["gender"] in ("male", "female")
            assert entry["request"]["method"] == "POST"
            assert entry["request"]["url"] == made["resourceType"]


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others() -> None:
    small = Vaccinations(doses=60)
    for form in FORMS:
        assert list(getattr(small, form)()) == list(getattr(small, form)())
        other = getattr(Vaccinations(doses=60, seed=7), form)()
        assert dict(other) != dict(getattr(small, form)())
    more = [story for story, _ in zip(Vaccinations(doses=200).stories(), range(60), strict=False)]
    assert more == list(small.stories())


def test_nobody_and_nothing_is_real() -> None:
    numbers = [dose.number for dose in truth()]
    assert all(is_synthetic(number) for number in numbers if number)
    assert 0 < numbers.count("") < 60
    assert all(site.name.startswith("Syntetisk") for site in sites().values())
    assert all(9900301 <= site.her <= 9900399 for site in sites().values())
    assert all(detect(data) == "fhir" for _, data in written("bundles"))
    assert all(detect(data) == "table" for _, data in written("tables"))


def test_ages_and_places_fit() -> None:
    known = municipalities(date(2025, 1, 1))
    limits: dict[str, list[tuple[int, int]]] = {}
    for kind in vaccine_kinds():
        limits.setdefault(kind.atc, []).append((kind.from_days, kind.to_days))
    wrong = 0
    for dose in truth():
        assert dose.born < dose.given <= PLAN.end and dose.given_at in known
        days = (dose.given - dose.born).days
        wrong += not any(
            low <= days <= high for low, high in limits.get(dose.vaccine, [(0, 10**6)])
        )
    assert wrong < 0.02 * PLAN.doses
    assert len({dose.vaccine for dose in truth()}) >= 15


def test_what_is_drawn_has_a_code_or_name_that_the_map_knows_unless_it_is_meant_not_to() -> None:
    known = CodeMap.load()
    strange = []
    for kind in vaccine_kinds():
        said = [("SYSVAK", kind.sysvak, ""), ("ATC", kind.atc, ""), ("", "", kind.product)]
        found = known.find("vaccine", said)
        if found is None:
            strange.append(kind.sysvak or kind.product)
        else:
            assert kind.atc in ("", found) and found in vaccines()
    assert strange == ["Twinrix vokssen", "Ukjent"]
