"""One answer, two formats: the same content as KITH 1.4 and as ORU^R01 gives the same report.

What HL7 version 2 has no field for is named in `UNSAID`.
"""

from __future__ import annotations

import msgspec
import pytest

from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages.numbers import some_number
from varde.messages import LabReport, read
from varde.messages.hl7v2.reports import read_hl7v2

UNSAID = {
    "sender_name": "MSH-4 holds one name; KITH holds the institution's and the department's",
    "discipline": "OBR-24 is a code of table 0074 (MB), MsgDescr one of list 8202 (MBIO)",
    "scope": "an accession number may be of several specimens, each in a message of its own",
    "notifiable": "no field says whether a report is notifiable (list 8269)",
}
NUMBER = some_number()
OID = "2.16.578.1.12.4.1.4.1"
KITH_AMP = (kith.NLK, "NPU06045", "Ampicillin")
KITH_CIP = (kith.NLK, "NPU06049", "Us-Ciprofloksacin")
AMP, CIP = ("NPU06045", "Ampicillin", kith.NLK), ("NPU06049", "Us-Ciprofloksacin", kith.NLK)
LOCAL = ("CIP", "Cipro", kith.LOCAL)
SECOND = ("KLPN", "Klebsiella pneumoniae", kith.LOCAL)


def of_kith(
    *items: str, service: str = "N", status: str = "F", mark: str = "MSIS-M", **patient: str | None
) -> bytes:
    person = {"number": NUMBER, "sex": "2", "born": "1984-03-17", "municipality": "4601"} | patient
    inside = kith.patient(kith.specimen(), *items, **person)  # type: ignore[arg-type]
    return kith.message(kith.report(inside, service=service, status=status, comments=[mark]))


def person(number: str | None = f"{NUMBER}^^^NO&{OID}&ISO^NNNOR", **fields: str | None) -> str:
    return hl7.pid(number, **({"f8": "F", "f11": "^^^^^NOR^H^^4601"} | fields))


def of_hl7(*segments: str, who: str | None = None, **order: str | None) -> bytes:
    root = hl7.obr("R1", ("NPU06073", "U-Bakterier dyrkning", kith.NLK), **order)
    material = hl7.spm(material=("U", "Urin", kith.MATERIAL))
    return hl7.message(who or person(), root, *segments[:1], material, *segments[1:])


def growth(*results: str) -> str:
    return "\r".join(results)


def panel(sub: str, *results: str) -> str:
    order = hl7.obr(f"R1.{sub}", hl7.PANEL, **hl7.child(sub=sub, name=("IDENT",)))
    return "\r".join([order, *results])


def found(text: str, sub: str = "1", *codes: str) -> str:
    return hl7.obx(("IDENT", "Identifikasjon", "L"), hl7.comps(*(codes or ("", text))), f4=sub)


CASES: dict[str, tuple[bytes, bytes]] = {
    "one organism, nested tests": (
        of_kith(
            kith.identification(
                "Escherichia coli",
                nested=[
                    kith.quantity(">100.000 pr.ml."),
                    kith.susceptibility(KITH_AMP, sir="R", said="<= 8"),
                    kith.susceptibility(KITH_CIP, said="0,25"),
                ],
            )
        ),
        of_hl7(
            growth(
                found("Escherichia coli"),
                hl7.obx(("KVANT", "Mengde", "L"), ">100.000 pr.ml.", "ST", f4="1"),
                hl7.mic(AMP, "<=^8", "R"), hl7.mic(CIP, "0.25", "S", kind="NM"),
            )
        ),
    ),
    "two organisms, tests by reference": (
        of_kith(
            kith.culture("Vekst"),
            kith.identification("Escherichia coli", item="A"),
            kith.result(
                (kith.LOCAL, "", "Identifikasjon"), codes=[(kith.LOCAL, "KLPN", SECOND[1])], item="B"
            ),
            kith.susceptibility(KITH_AMP, sir="S", refers="A"),
            kith.susceptibility(KITH_AMP, sir="R", refers="B"),
            kith.result(KITH_CIP, (kith.LOCAL, "CIP", "Cipro"), number=("<=", "0.5", "mg/L"), refers="B"),
        ),
        of_hl7(
            growth(
                hl7.obx(("NPU06073", "U-Bakterier dyrkning", "N"), "^Vekst"),
                found("Escherichia coli"), found("", "2", *SECOND),
            ),
            panel("1", hl7.obx(AMP, "S", "ST")),
            panel("2", hl7.obx(AMP, "R^^X", "CE"), hl7.mic((*CIP, *LOCAL), "<=^0.5")),
        ),
    ),
    "a zone": (
        of_kith(
            kith.identification(
                "Staphylococcus aureus",
                nested=[kith.result(KITH_AMP, number=("", "22", "mm"), heading="RSB")],
            )
        ),
        of_hl7(growth(found("Staphylococcus aureus"), hl7.mic(AMP, "22", kind="NM", unit="mm"))),
    ),
    "nothing found": (
        of_kith(kith.culture("Ingen vekst"), mark="MSIS-AV"),
        of_hl7(hl7.obx(("NPU06073", "U-Bakterier dyrkning", "N"), "^Ingen vekst")),
    ),
    "preliminary": (
        of_kith(kith.culture("Vekst"), status="P"),
        of_hl7(hl7.obx(("NPU06073", "U-Bakterier dyrkning", "N"), "^Vekst", f11="P"), f25="P"),
    ),
    "modified": (
        of_kith(kith.identification("Escherichia coli"), service="M"),
        of_hl7(found("Escherichia coli"), f25="C"),
    ),
    "cancelled": (of_kith(kith.culture("Vekst"), service="C"), of_hl7(f25="X")),
    "no identifier": (
        of_kith(kith.identification("Escherichia coli"), number=None, born=None, municipality=None),
        of_hl7(found("Escherichia coli"), who=person(None, f7=None, f11=None)),
    ),
    "a local identifier": (
        of_kith(kith.identification("Escherichia coli"), number="4711", kind="LOK", sex="9"),
        of_hl7(found("Escherichia coli"), who=person("4711^^^^MR", f8="U")),
    ),
}  # fmt: skip


def said(record: object) -> LabReport:
    assert isinstance(record, LabReport), record
    assert not record.withdraws or record.scope
    return msgspec.structs.replace(record, **dict.fromkeys(UNSAID, ""), withdraws=())


@pytest.mark.parametrize("case", CASES)
def test_both_formats_give_one_report(case: str) -> None:
    in_kith, in_hl7 = CASES[case]
    (one,), (two,) = read(in_kith), read_hl7v2(in_hl7)
    assert said(one) == said(two)


def test_what_is_not_compared_differs() -> None:
    in_kith, in_hl7 = CASES["one organism, nested tests"]
    (one,), (two,) = read(in_kith), read_hl7v2(in_hl7)
    assert all(getattr(one, name) != getattr(two, name) for name in UNSAID)
