"""The invented answers to searches: what every wire says is the truth, and the same bytes every time."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import fhirkit
import pytest
from django.db import connection

from register.answers import clock, make_register
from varde.codes import CodeMap, materials, organisms
from varde.messages import LabReport, read
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.synthetic import Searches, TruthSearch
from varde.synthetic.persons import is_synthetic
from varde.synthetic.searches import analyses

COUNT = 300
CODES = CodeMap.load()
PLAN = Searches(COUNT)


def _read(wire: str) -> dict[tuple[str, str], LabReport]:
    """The newest version of every answer, under its sender and number."""
    found: dict[tuple[str, str], LabReport] = {}
    for _, data in PLAN.messages(wire):
        [report] = read(data)
        assert isinstance(report, LabReport), report
        key = report.sender, report.report_id
        if key not in found or found[key].generated < report.generated:
            found[key] = report
    return found


@pytest.fixture(scope="module")
def truth() -> list[TruthSearch]:
    return list(PLAN.truth())


@pytest.mark.parametrize("wire", ["kith", "fhir", "hl7v2"])
def test_every_wire_says_the_truth(wire: str, truth: list[TruthSearch]) -> None:
    reports = _read(wire)
    assert len(reports) == len(truth) == COUNT
    for told in truth:
        report = reports[told.sender, told.report_id]
        found = [
            (CODES.find("organism", [(c.system, c.code, c.text) for c in f.organisms]), f.method)
            for f in report.findings
        ]
        assert found == ([(told.organism, told.method)] if told.said == "positive" else [])
        assert report.negative == (told.said == "negative")
        assert report.status == "F"
        identifier = report.patient.identifier
        number = identifier.value if identifier and identifier.kind != "LOCAL" else ""
        assert number == told.number


def test_all_kinds_of_answers_are_there(truth: list[TruthSearch]) -> None:
    said = Counter(told.said for told in truth)
    assert said["positive"] > 20 and said["negative"] > 200 and said["inconclusive"] > 0
    assert len({told.organism for told in truth if told.said == "positive"}) > 4
    assert len({told.sender for told in truth}) > 4
    assert sum(1 for _ in PLAN.messages()) > COUNT  # some come first without a result
    assert all(is_synthetic(told.number) for told in truth if told.number)


def test_the_same_arguments_give_the_same_bytes() -> None:
    def digest(plan: Searches) -> str:
        made = sha256()
        for name, data in plan.messages():
            made.update(name.encode() + b"\0" + data)
        return made.hexdigest()

    assert digest(Searches(40)) == digest(Searches(40)) != digest(Searches(40, seed=1))


def test_bundles_are_valid_fhir() -> None:
    for _, data in Searches(40).messages("fhir"):
        assert fhirkit.validate(data.decode()) == []


def test_the_file_names_what_is_known() -> None:
    for analysis in analyses():
        assert analysis.organism in organisms() and analysis.material in materials()
        assert 0 < analysis.positive < 1 and analysis.from_age < analysis.to_age


@pytest.mark.django_db
def test_a_register_holds_the_truth(truth: list[TruthSearch]) -> None:
    incoming = [Incoming(name, data) for name, data in PLAN.messages()]
    take_in(make_register(), incoming, clock)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.sender, f.organism, f.method, s.material, CAST(s.collected_on AS TEXT) "
            "FROM register_finding f JOIN register_specimen s ON s.id = f.specimen "
            "JOIN register_report r ON r.id = s.report"
        )
        found = sorted(cursor.fetchall())
    assert found == sorted(
        (told.sender, told.organism, told.method, told.material, str(told.collected))
        for told in truth
        if told.said == "positive"
    )
