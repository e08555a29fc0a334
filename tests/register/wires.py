"""One version of one answer, in any of the wire formats that laboratories send."""

from __future__ import annotations

from collections.abc import Sequence

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from register import answers

FORMATS = ("kith", "fhir", "hl7v2")
_FHIR = {"N": "final", "M": "amended", "C": "cancelled", "A": "appended"}
_HL7 = {"N": "F", "M": "C", "C": "X", "A": "F"}
_NPU = fhir.NLK


def write(
    wire: str,
    report: str,
    message: str,
    *,
    service: str = "N",
    status: str = "F",
    made: int = 1,
    organism: str = "Escherichia coli",
    results: Sequence[tuple[str, str]] = (),
    person: str | None = None,
    day: str = "2025-12-05",
    her: str = "91843",
) -> bytes:
    """The answer on that wire; `made` is the day of January 2026 its version was generated. What a format
    has no word for (a historic copy in FHIR, say) is written as what it has."""
    if wire == "kith":
        return answers.answer(
            report, message, service=service, status=status, made=made, organism=organism,
            results=results, person=person, day=day, her=her,
        )  # fmt: skip
    if wire == "fhir":
        said = _FHIR.get(service, "final")
        if said == "final" and status != "F":
            said = {"P": "preliminary", "S": "partial"}[status]
        return fhir.as_fhir(
            fhir.Answer(
                message_id=message,
                report_id=report,
                status=said,
                generated=f"2026-01-{made:02d}T12:00:00+01:00",
                her=her,
                number=person,
                specimens=(fhir.Taken("S1", f"{day}T10:00:00+01:00"),),
                isolates=(
                    fhir.Isolate(
                        organism,
                        drugs=tuple(fhir.Drug(((_NPU, code, ""),), sir) for code, sir in results),
                    ),
                ),
            ),
            fhir.Shape(kind="transaction"),
        )
    stamp = f"202601{made:02d}120000"
    said = _HL7.get(service, "F")
    if said == "F" and status != "F":
        said = {"P": "P", "S": "A"}[status]
    collected = day.replace("-", "") + "100000"
    head = hl7.header(f4=f"FJORDBY^2.16.578.1.12.4.1.2.{her}^ISO", f7=stamp, f10=message)
    number = f"{person}^^^NO&2.16.578.1.12.4.1.4.1&ISO^NNNOR" if person else None
    return hl7.message(
        hl7.pid(number, f7=None, f8=None),
        hl7.obr(report, f7=collected, f22=stamp, f25=said),
        hl7.organism(("", organism), f11=said),
        *(hl7.test((code, "", _NPU), sir, f11=said) for code, sir in results),
        hl7.spm(collected=collected),
        head=head,
    )
