"""One input for every reason to refuse something: the smallest that shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from messages import (
    fhir_gallery,
    hl7v2_gallery,
    klinikermelding_gallery,
    packed_gallery,
    table_gallery,
    vaccination_gallery,
)
from messages import kith_builder as kith
from messages.numbers import some_number

MAPPING = b"""
sender = "LAB-A"
[columns]
isolate_id = "id"
collected = "date"
organism = "organism"
patient = "patient"
age = "age"
sex = "sex"
order = "order"
[antibiotics]
columns = ["AMP", "CIP"]
"""
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)
"""When everything here arrived."""

HEADER = "id,date,organism,patient,age,sex,order,AMP,CIP\n"


def rows(*lines: str) -> bytes:
    return (HEADER + "\n".join(lines) + "\n").encode()


VALID_ROW = "17,2026-01-05,Escherichia coli,P1,65,F,3,R,S"
ANIMAL = kith.element("Animal", kith.text("Name", "Rosa"))
REPORT_ALONE = kith.report()


def _report_without_patient(inside: str = "") -> str:
    return kith.element(
        "ServReport", kith.coded("ServType", "N"), kith.coded("Status", "F"),
        kith.coded("MsgDescr", "MBIO"), kith.text("ServProvId", "R1"), inside, kith.provider(),
    )  # fmt: skip


def _person(**more: str | None) -> bytes:
    return kith.message(kith.report(kith.patient(kith.specimen(), **more)))  # type: ignore[arg-type]


def _nested(depth: int) -> str:
    item = kith.culture("Vekst")
    for _ in range(depth):
        item = kith.culture("Vekst", nested=[item])
    return item


FINDING = kith.identification("Escherichia coli", item="F1")
OTHER = kith.identification("Klebsiella pneumoniae", item="F2")

UNREADABLE: dict[str, bytes] = {
    "empty": b" \r\n",
    "too-large": kith.simple() + b" " * (20 * 1024 * 1024),
    "unsupported-encoding": kith.message(kith.report(), encoding="ebcdic-cp-no"),
    "wrong-encoding": kith.simple(kith.culture("Påvist")).decode().encode("iso-8859-1"),
    "forbidden-xml": kith.message(
        kith.report(), prolog='<?xml version="1.0"?>\n<!DOCTYPE Message [<!ENTITY a "b">]>\n'
    ),
    "truncated": kith.simple(FINDING)[:-200],
    "not-well-formed": kith.simple().replace(b"</Patient>", b"</Patent>"),
    "too-deep": kith.simple(_nested(60)),
    "unknown-format": b"\x01 something else",
    "unknown-namespace": b'<Message xmlns="http://www.kith.no/xmlstds/labsvar/2005-01-01"/>',
    "no-report": kith.message(),
    "mapping-missing": rows(VALID_ROW),
}

INVALID: dict[str, bytes] = {
    "missing-message-id": kith.message(REPORT_ALONE, message_id=None),
    "missing-generated": kith.message(REPORT_ALONE, generated=None),
    "future-generated": kith.message(REPORT_ALONE, generated="2026-02-03T12:00:00"),
    "missing-sender": kith.message(
        kith.report(sender=kith.provider(None, institution="MIK", kind="LAV"))
    ),
    "missing-patient": kith.message(_report_without_patient()),
    "not-human": kith.message(_report_without_patient(ANIMAL)),
    "several-patients": kith.message(
        kith.report(kith.patient(kith.specimen(), kith.patient(FINDING)))
    ),
    "not-microbiology": kith.message(kith.report(discipline="CLIN")),
    "unknown-code": kith.message(kith.report(status="X")),
    "bad-date": kith.message(REPORT_ALONE, generated="2026-13-40"),
    "absurd-date": kith.message(kith.report(kith.patient(kith.specimen(collected="1926-01-05")))),
    "future-collected": kith.message(
        kith.report(kith.patient(kith.specimen(collected="2026-02-05T10:00:00")))
    ),
    "missing-collected": kith.message(kith.report(kith.patient(kith.specimen(collected=None)))),
    "missing-specimen": kith.message(kith.report(kith.patient(FINDING))),
    "unknown-specimen": kith.message(
        kith.report(
            kith.patient(
                kith.specimen("A"),
                kith.specimen("B"),
                kith.identification("Escherichia coli", specimen="C"),
            )
        )
    ),
    "too-many-specimens": kith.message(kith.report(kith.patient(kith.specimen() * 2001))),
    "too-many-searches": kith.simple(
        *(kith.search("Ikke påvist", f"Prøvevirus {n} RNA") for n in range(901))
    ),
    "too-many-findings": kith.simple(kith.identification("Escherichia coli") * 901),
    "too-many-susceptibilities": kith.simple(FINDING, kith.susceptibility(refers="F1") * 201),
    "unattached-susceptibility": kith.simple(FINDING, OTHER, kith.susceptibility()),
    "duplicate-result-id": kith.simple(FINDING, FINDING, kith.susceptibility(refers="F1")),
    "cyclic-reference": kith.simple(
        kith.culture("Vekst", item="A", refers="B"),
        kith.culture("Vekst", item="B", refers="A"),
        kith.susceptibility(refers="A"),
    ),
    "contradictory-link": kith.simple(
        kith.identification("Escherichia coli", nested=[kith.susceptibility(refers="F2")]), OTHER
    ),
    "contradictory-susceptibility": kith.simple(
        FINDING, kith.susceptibility(sir="R", words="Sensitiv")
    ),
    "contradictory-result": kith.simple(
        kith.search("Påvist", codes=[(kith.OID + "8340", "2", "Ikke påvist")])
    ),
    "missing-antibiotic": kith.simple(
        FINDING, kith.result(heading="RSB", codes=[(kith.SIR, "S", "")])
    ),
    "invalid-identity-number": _person(number="12345678901"),
    "contradictory-birth-date": _person(number=some_number(), born="1984-03-18"),
    "contradictory-sex": _person(number=some_number(male=True), sex="2"),
    "born-after-collected": _person(born="2026-01-06"),
}

LISTS: dict[str, tuple[bytes, bytes]] = {
    "invalid-mapping": (rows(VALID_ROW), b'sender = "LAB-A"\ncolums = {}\n'),
    "wrong-columns": (b"a,b,c\n1,2,3\n", MAPPING),
    "malformed-list": (rows(VALID_ROW, '18,"2026-01-05'), MAPPING),
    "empty-list": (rows(""), MAPPING),
    "wrong-cell-count": (rows("17,2026-01-05"), MAPPING),
    "missing-isolate-id": (rows(VALID_ROW.replace("17,", ",", 1)), MAPPING),
    "missing-organism": (rows(VALID_ROW.replace("Escherichia coli", "")), MAPPING),
    "bad-susceptibility": (rows(VALID_ROW[:-1] + "Q"), MAPPING),
    "bad-value": (rows(VALID_ROW.replace("65", "old")), MAPPING),
}
"""Reason → list and mapping file."""

NEW_IN_HL7V2 = ("bad-header", "wrong-message-type", "test-message")

EVERY: dict[str, tuple[bytes, bytes | None]] = {
    **{reason: (data, None) for reason, data in {**UNREADABLE, **INVALID}.items()},
    **LISTS,
    **{reason: (fhir_gallery.EVERY[reason], None) for reason in fhir_gallery.NEW},
    **{reason: (hl7v2_gallery.INVALID[reason], None) for reason in NEW_IN_HL7V2},
    **{reason: (data, None) for reason, data in table_gallery.NEW.items()},
    **{reason: (data, None) for reason, data in klinikermelding_gallery.NEW.items()},
    **{reason: (data, None) for reason, data in packed_gallery.NEW.items()},
    **{reason: (data, None) for reason, data in vaccination_gallery.NEW.items()},
}
