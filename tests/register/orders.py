"""Orders of HL7 version 2 under one number: several specimens, several tests, withdrawals of them."""

from __future__ import annotations

from typing import Any

from messages import hl7v2_builder as hl7
from register.answers import PERSONS

BLOOD = hl7.BLOOD
RESP, RESPF = ("RESP", "Respiratory PCR", "L"), ("RESPF", "Respiratory PCR, final", "L")
ECOLI, AUREUS, FLU = (
    ("112283007", "Escherichia coli", "SCT"),
    ("3092008", "Staphylococcus aureus", "SCT"),
    ("407479009", "Influenza A virus", "SCT"),
)


def oru(
    made: int,
    *found: tuple[str, str, str],
    test: tuple[str, ...] = BLOOD,
    specimen: str | None = "A",
    collected: str | None = "20260105100000",
    status: str = "F",
    number: str = "ACC77",
    person: str | None = PERSONS[0],
    material: tuple[str, str, str] = ("BLD", "Blood", "HL70487"),
    control: str = "",
    placer: str = "",
) -> bytes:
    """An order of a number, in a message of its own, made on a day of January 2026.

    Args:
        placer: the number of the one who ordered, when the laboratory gives none.
    """
    stamp = f"202601{made + 5:02d}120000"
    head = hl7.header(
        f7=stamp, f10=f"{placer or number}-{test[0]}-{specimen}-{made}-{status}-{len(found)}"
    )
    pid = hl7.pid(
        f"{person}^^^NO&2.16.578.1.12.4.1.4.1&ISO^NNNOR" if person else None, f7=None, f8=None
    )
    grown = [
        hl7.obx(test, hl7.comps(*each), f4=str(n), f11=status) for n, each in enumerate(found, 1)
    ]
    spm = [hl7.spm(specimen, material, collected)] if collected or specimen else []
    filler, ordered = (None, placer) if placer else (number, "P1")
    obr = hl7.obr(filler, test, f2=ordered, f7=None, f22=stamp, f25=status)
    return hl7.message(pid, *([f"ORC|{control}"] if control else []), obr, *grown, *spm, head=head)


def cancelled(made: int, specimen: str | None = None, **said: Any) -> bytes:
    return oru(made, status="X", specimen=specimen, collected=None, **said)
