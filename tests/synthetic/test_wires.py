"""The invented answers in FHIR and HL7 v2 say what they say in KITH, and are valid in foreign eyes."""

from __future__ import annotations

from typing import Any

import fhirkit
import pytest

from varde.codes import CodeMap
from varde.messages import LabReport, read
from varde.synthetic import messages

ISOLATES = 400
CODES = CodeMap.load()


def _concepts(kind: str, alternatives: Any) -> str | None:
    return CODES.find(kind, [(code.system, code.code, code.text) for code in alternatives])


def described_of(report: LabReport) -> dict[str, Any]:
    """What is said of the patient; the issuers of local numbers differ from format to format."""
    found = report.patient.described
    if found is None:
        return {}
    fields = {name: getattr(found, name) for name in found.__struct_fields__}
    return fields | {"numbers": [(each.kind, each.value) for each in found.numbers]}


def _said(wire: str) -> dict[tuple[str, str], Any]:
    """What every answer means, under its sender and message id."""
    said = {}
    for _, data in messages(ISOLATES, bad_share=0, lists=False, wire=wire):
        [report] = read(data)
        assert isinstance(report, LabReport), report
        [specimen] = report.specimens or [None]
        findings = [
            (
                _concepts("organism", finding.organisms),
                [
                    (_concepts("antibiotic", r.antibiotics), r.sir, r.mic)
                    for r in finding.susceptibilities
                ],
            )
            for finding in report.findings
        ]
        taken = (
            (_concepts("material", specimen.materials), specimen.collected) if specimen else None
        )
        identifier = report.patient.identifier
        number = identifier.value if identifier and identifier.kind != "LOCAL" else ""
        said[report.sender, report.message_id] = (
            report.report_id, report.service_type, report.status, report.generated, number,
            report.patient.sex, report.patient.municipality, taken, findings,
            described_of(report),
        )  # fmt: skip
    return said


@pytest.fixture(scope="module")
def kith() -> dict[tuple[str, str], Any]:
    return _said("kith")


@pytest.mark.parametrize("wire", ["fhir", "hl7v2"])
def test_every_answer_means_the_same(wire: str, kith: dict[tuple[str, str], Any]) -> None:
    assert _said(wire) == kith


def test_bundles_are_valid_fhir() -> None:
    made = [data for _, data in messages(60, bad_share=0, lists=False, wire="fhir")]
    for data in made:
        assert fhirkit.validate(data.decode()) == []


def test_bad_messages_are_for_kith_alone() -> None:
    with pytest.raises(ValueError, match="bad_share"):
        messages(10, wire="fhir")
