"""One HL7 version 2 file for every reason to refuse one: the smallest that shows it."""

from __future__ import annotations

from messages import hl7v2_builder as hl7
from messages.numbers import some_number

OID = "NO&2.16.578.1.12.4.1.4.1&ISO"
KLEB = ("56415008", "Klebsiella pneumoniae", "SCT")
GOOD = hl7.simple(hl7.organism())


def of(*segments: str, **header: str | None) -> bytes:
    return hl7.message(*segments, head=hl7.header(**header))


def _person(number: str, **fields: str | None) -> bytes:
    return of(hl7.pid(f"{number}^^^{OID}^NNNOR", **fields), hl7.obr(), hl7.organism(), hl7.spm())


def _order(*results: str, **fields: str | None) -> bytes:
    return of(hl7.pid(), hl7.obr(**fields), *results, hl7.spm())


UNREADABLE: dict[str, bytes] = {
    "empty": b"\x0b\x1c\r",
    "too-large": GOOD + b" " * (20 * 1024 * 1024),
    "no-report": b"BHS|^~\\&|LIS\rBTS|0\r",
}
"""The whole file: `read_hl7v2` raises."""

INVALID: dict[str, bytes] = {
    "bad-header": GOOD.replace(b"MSH|^~\\&|", b"MSH|^^~\\|", 1),
    "wrong-message-type": of(hl7.pid(), hl7.obr(), f9="ORM^O01"),
    "test-message": of(hl7.pid(), hl7.obr(), f11="T"),
    "truncated": GOOD[: GOOD.index(b"SCT")],
    "unsupported-encoding": of(hl7.pid(), hl7.obr(), f18="BIG-5").decode().encode("latin-1"),
    "wrong-encoding": of(hl7.pid(), hl7.obr(), f18="UNICODE UTF-8").decode().encode("latin-1"),
    "missing-message-id": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(), f10=None),
    "missing-generated": of(hl7.pid(), hl7.obr(f22=None), hl7.organism(), hl7.spm(), f7=None),
    "missing-sender": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(), f3=None, f4=None),
    "missing-patient": of(hl7.obr(), hl7.organism(), hl7.spm()),
    "not-human": of(hl7.pid(f35="448771007^Dog^SCT"), hl7.obr(), hl7.organism(), hl7.spm()),
    "not-microbiology": _order(hl7.obx(("GLU", "Glucose", "L"), "5", "NM"), f24="CH"),
    "unknown-code": _order(hl7.organism(), f25="?"),
    "bad-date": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(), f7="20261340"),
    "absurd-date": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(collected="19260105")),
    "future-generated": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(), f7="20260203120000"),
    "future-collected": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm(collected="20260205")),
    "missing-collected": of(hl7.pid(), hl7.obr(f7=None), hl7.organism(), hl7.spm(collected=None)),
    "missing-specimen": of(hl7.pid(), hl7.obr(f7=None), hl7.organism()),
    "unknown-specimen": of(hl7.pid(), hl7.obr(), hl7.organism(), hl7.spm("A"), hl7.spm("B")),
    "too-many-specimens": _order(*(hl7.spm(f"S{n}") for n in range(901))),
    "too-many-searches": _order(
        *(
            hl7.search(("260415000", "Not detected", "SCT"), name=("", f"Prøvevirus {n} RNA"))
            for n in range(901)
        )
    ),
    "too-many-findings": _order(*[hl7.organism()] * 901),
    "too-many-susceptibilities": _order(hl7.organism(), *[hl7.test()] * 201),
    "unattached-susceptibility": _order(
        hl7.organism(), hl7.organism(KLEB, "2"), hl7.test(sub=None)
    ),
    "cyclic-reference": of(
        hl7.pid(), hl7.obr("R1", f2=None, f29="^R2"), hl7.obr("R2", f2=None, f29="^R1")
    ),
    "contradictory-susceptibility": _order(hl7.organism(), hl7.test(f8="S")),
    "bad-susceptibility": _order(hl7.organism(), hl7.test(sir="Q")),
    "bad-quantity": _order(hl7.organism(), hl7.mic(hl7.AMPICILLIN, "^1e400", "R")),
    "missing-antibiotic": _order(hl7.organism(), hl7.test(("", "", ""))),
    "invalid-identity-number": _person("12345678901"),
    "contradictory-birth-date": _person(some_number(), f7="19840318"),
    "contradictory-sex": _person(some_number(), f8="M"),
    "born-after-collected": of(hl7.pid(f7="20260106"), hl7.obr(), hl7.organism(), hl7.spm()),
}
"""One message or report: a `Failure` among good ones."""
