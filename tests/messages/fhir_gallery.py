"""One FHIR bundle for every reason to refuse one: the smallest that shows it."""

from __future__ import annotations

from messages import fhir_builder as fhir
from messages.fhir_builder import (
    Json,
    bundle,
    concept,
    organism,
    report,
    simple,
    susceptibility,
    write,
)
from messages.numbers import some_number

FINDING = organism("f1")
OTHER = organism("f2", "Klebsiella pneumoniae")
TWO = concept((fhir.NLK, "NPU06049", ""))


def whole(**more: object) -> Json:
    """A small bundle whose report has these fields."""
    return simple(FINDING, **more)


def _changed(place: str, value: object) -> bytes:
    """The small bundle with one field of one resource changed: ``Observation.code``."""
    kind, _, name = place.partition(".")
    made = whole()
    for entry in made["entry"]:
        if entry["resource"]["resourceType"] == kind:
            entry["resource"][name] = value
    return write(made)


def _person(**more: object) -> bytes:
    number = str(more.pop("number", "")) or None
    parts = [report(), fhir.patient(number, **more), fhir.organization(), fhir.specimen()]
    return write(bundle(*parts))


def _without(kind: str) -> bytes:
    made = whole()
    made["entry"] = [e for e in made["entry"] if e["resource"]["resourceType"] != kind]
    return write(made)


def _measured(**quantity: object) -> bytes:
    return write(simple(FINDING, susceptibility("a", derivedFrom=[fhir.ref(FINDING)],
                                                valueQuantity=quantity)))  # fmt: skip


def _ring() -> bytes:
    one = fhir.culture("c1", hasMember=[{"reference": "Observation/c2"}])
    two = fhir.culture(
        "c2", hasMember=[{"reference": "Observation/c1"}, {"reference": "Observation/a"}]
    )
    return write(simple(one, two, susceptibility("a")))


GOOD = write(whole())
NEST = b'{"x":' * 70 + b"1" + b"}" * 70

UNREADABLE: dict[str, bytes] = {
    "empty": b"\xef\xbb\xbf \r\n",
    "too-large": GOOD + b" " * (20 * 1024 * 1024),
    "unsupported-encoding": GOOD.decode().encode("utf-32"),
    "wrong-encoding": GOOD.replace(b"Urin", "Sår".encode("latin-1")),
    "truncated": GOOD[:-200],
    "malformed-json": GOOD.replace(b'"entry": [', b'"entry": [,'),
    "several-documents": GOOD + b"\n" + GOOD,
    "wrong-bundle": write(whole() | {"type": "searchset"}),
    "too-deep": GOOD.replace(b'"entry"', b'"x": ' + NEST + b', "entry"'),
    "no-report": write(bundle(fhir.patient())),
    "duplicate-key": GOOD.replace(b'"type": "coll', b'"type": "batch", "type": "coll'),
    "bad-field": write(whole() | {"identifier": [{"value": "M1"}]}),
}

INVALID: dict[str, bytes] = {
    "missing-message-id": write(whole() | {"identifier": {"value": " "}}),
    "missing-report-id": _changed("DiagnosticReport.identifier", [{"system": "x"}]),
    "missing-generated": write(whole(issued="") | {"timestamp": ""}),
    "future-generated": write(whole(issued="2026-02-03T12:00:00+01:00")),
    "missing-sender": _changed("Organization.identifier", [{"value": "MIK"}]),
    "missing-patient": write(whole(subject=None)),
    "not-human": write(whole(subject={"reference": "Group/herd"})),
    "several-patients": _changed("Observation.subject", {"reference": "Patient/other"}),
    "not-microbiology": write(
        bundle(report(category=[concept(("", "CH", ""))]), fhir.patient(), fhir.organization(), fhir.specimen())
    ),
    "unknown-code": write(whole(status="ferdig")),
    "bad-field": _changed("Observation.code", [TWO]),
    "bad-date": write(whole(issued="2026-13-40")),
    "absurd-date": _changed("Specimen.collection", {"collectedDateTime": "1926-01-05"}),
    "future-collected": _changed("Specimen.collection", {"collectedDateTime": "2026-02-05"}),
    "missing-collected": _changed("Specimen.collection", {}),
    "missing-specimen": write(whole(specimen=[])),
    "too-many-specimens": write(
        bundle(
            report(specimen=[fhir.ref(f"Specimen/s{n}") for n in range(901)]),
            fhir.patient(), fhir.organization(), *(fhir.specimen(f"s{n}") for n in range(901)),
        )
    ),
    "too-many-searches": write(simple(*(fhir.search(f"f{n}", "Ikke påvist", {"text": f"Prøvevirus {n} RNA"}) for n in range(901)))),
    "too-many-findings": write(simple(*(organism(f"f{n}") for n in range(901)))),
    "too-many-susceptibilities": write(
        simple(organism("f1", component=[{k: v for k, v in susceptibility().items() if k in ("code", "interpretation")}] * 201))
    ),
    "unattached-susceptibility": write(simple(FINDING, OTHER, susceptibility())),
    "cyclic-reference": _ring(),
    "contradictory-link": write(
        simple(FINDING, OTHER, susceptibility(derivedFrom=[fhir.ref(FINDING), fhir.ref(OTHER)]))
    ),
    "contradictory-susceptibility": write(
        simple(FINDING, susceptibility(sir="R", valueCodeableConcept={"text": "Sensitiv"}))
    ),
    "missing-antibiotic": write(simple(FINDING, susceptibility(code={}))),
    "invalid-identity-number": _person(number="12345678901"),
    "contradictory-birth-date": _person(number=some_number(), birthDate="1984-03-18"),
    "contradictory-sex": _person(number=some_number(male=True), gender="female"),
    "born-after-collected": _person(birthDate="2026-01-06"),
    "dangling-reference": _without("Observation"),
    "wrong-resource": write(whole(specimen=[{"reference": "Patient/pat"}])),
    "duplicate-resource": write(
        simple(FINDING, organism("f1", "Proteus mirabilis"), susceptibility(), listed=1)
    ),
    "several-values": _changed("Observation.valueString", "Escherichia coli"),
    "bad-susceptibility": write(simple(FINDING, susceptibility(sir="Q"))),
    "bad-quantity": _measured(value=-1, unit="mg/L"),
}  # fmt: skip

NEW = (
    "malformed-json", "several-documents", "wrong-bundle", "bad-field", "missing-report-id",
    "dangling-reference", "wrong-resource", "duplicate-resource", "several-values", "bad-quantity",
)  # fmt: skip
"""The reasons that only FHIR bundles give."""

EVERY: dict[str, bytes] = {**UNREADABLE, **INVALID}
