"""One input for every reason to refuse a vaccination: the smallest that shows it."""

from __future__ import annotations

from messages import fhir_builder as fhir
from messages.fhir_builder import write
from messages.numbers import some_number
from messages.vaccination_builder import immunization, location, row, rows, simple

GOOD = write(simple())


def _person(number: str | None = None, **more: object) -> bytes:
    person = fhir.patient(number, **more)
    return write(fhir.bundle(immunization(), person, fhir.organization()))


def _other(resource: fhir.Json) -> bytes:
    return write(fhir.bundle(immunization(), resource, fhir.organization()))


FHIR: dict[str, bytes] = {
    "missing-message-id": write(simple() | {"identifier": {"value": " "}}),
    "missing-report-id": write(simple(identifier=None)),
    "missing-generated": write(simple(recorded="") | {"timestamp": ""}),
    "future-generated": write(simple(recorded="2026-02-03T12:00:00+01:00")),
    "missing-sender": write(simple(performer=None)),
    "missing-patient": write(simple(patient=None)),
    "several-patients": _other(
        fhir.patient(identifier=[{"system": fhir.FNR, "value": some_number(male=m)} for m in (True, False)])
    ),
    "not-human": write(simple(patient={"reference": "Group/herd"})),
    "unknown-code": write(simple(status="given")),
    "bad-field": write(simple(vaccineCode=[{"text": "MMR"}])),
    "bad-date": write(simple(occurrenceDateTime="2026-02")),
    "absurd-date": write(simple(occurrenceDateTime="1899-12-31")),
    "future-date": write(simple(occurrenceDateTime="2026-01-09")),
    "dangling-reference": write(simple(patient={"reference": "Patient/other"})),
    "wrong-resource": write(simple(patient={"reference": "Organization/org"})),
    "duplicate-resource": write(simple(location(), location("0301"), location={"reference": "Location/loc"})),
    "invalid-identity-number": _person("12345678901"),
    "contradictory-birth-date": _person(some_number(), birthDate="1984-03-18"),
    "contradictory-sex": _person(some_number(male=True), gender="female"),
    "born-after-vaccination": _person(birthDate="2026-01-06", gender="male"),
    "not-vaccinated": write(simple(status="not-done")),
    "missing-vaccine": write(simple(vaccineCode={"coding": [{"system": "x"}]})),
    "missing-vaccination-date": write(simple(occurrenceDateTime="", occurrenceString="i fjor")),
}  # fmt: skip
"""Reason → a bundle whose only Immunization is refused for it."""

TABLE: dict[str, bytes] = {
    "not-vaccinated": rows(row(Hendelsetype="Ikke vaksinert")),
    "missing-vaccine": rows(row(Vaksinekode="", ATC="", Preparat="")),
    "missing-patient": rows(row(Fødselsnummer="", Fødselsdato="2020-01-05")),
    "born-after-vaccination": rows(row(Fødselsnummer="", Fødselsdato="2026-01-06", Kjønn="K")),
    "future-date": rows(row(Vaksinasjonsdato="2026-01-09")),
    "absurd-date": rows(row(Vaksinasjonsdato="1899-12-31")),
    "bad-date": rows(row(Vaksinasjonsdato="05/01/2026")),
    "missing-value": rows(row(Vaksinasjonsdato="")),
    "missing-generated": rows(row(Type="M", Tidspunkt="")),
    "future-generated": rows(row(Tidspunkt="2026-02-03T12:00:00")),
    "invalid-identity-number": rows(row(Fødselsnummer="12345678901")),
    "contradictory-sex": rows(row(Kjønn="M")),
    "contradictory-birth-date": rows(row(Fødselsdato="1984-03-18")),
    "bad-value": rows(row(Vaksinekode="M52")),
    "unexpected-identity": rows(row(Preparat="12345678901")),
    "too-large": rows(row(Batchnummer="A" * 41)),
    "wrong-cell-count": rows(row() + ";;"),
    "malformed-list": rows(row(Preparat='"Priorix')),
    "empty-list": rows(),
}
"""Reason → a table whose only row is refused for it."""

NEW: dict[str, bytes] = {
    reason: FHIR[reason]
    for reason in (
        "born-after-vaccination",
        "not-vaccinated",
        "missing-vaccine",
        "missing-vaccination-date",
    )
}
"""The reasons that only vaccinations give."""
