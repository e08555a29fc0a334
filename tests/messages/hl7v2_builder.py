"""Writes small HL7 version 2 messages for the tests. All persons are invented (month + 80)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Value = str | Sequence["Value"]
"""Text, or a list of parts: of repetitions, then components, then subcomponents, by the level."""

STANDARD = "|^~\\&"
SIR = "HL70078"
CULTURE = ("630-4", "Bacteria identified in Urine by Culture", "LN")
BLOOD = ("600-7", "Bacteria identified in Blood by Culture", "LN")
PCR = ("54243-1", "Bordetella pertussis DNA [Presence] in Throat by NAA with probe detection", "LN")
PANEL = ("29576-6", "Bacterial susceptibility panel", "LN")
ECOLI = ("112283007", "Escherichia coli", "SCT")
AUREUS = ("3092008", "Staphylococcus aureus", "SCT")
AMPICILLIN = ("18864-9", "Ampicillin [Susceptibility]", "LN")
CIPROFLOXACIN = ("18906-8", "Ciprofloxacin [Susceptibility]", "LN")

INTERPRETATIONS = (
    "<", ">", "A", "AA", "AC", "B", "CAR", "Carrier", "D", "DET", "E", "EX", "EXP", "H", "H*",
    "H>", "HH", "HM", "HU", "HX", "I", "IE", "IND", "L", "L*", "L<", "LL", "LU", "LX", "MS",
    "N", "NCL", "ND", "NEG", "NR", "NS", "null", "OBX", "POS", "QCF", "R", "RR", "S", "SDD",
    "SYN-R", "SYN-S", "TOX", "U", "UNE", "VS", "W", "WR",
)  # fmt: skip
"""HL7 table 0078 and ObservationInterpretation, all versions together."""


def escape(text: str, signs: str = STANDARD) -> str:
    """A text written so that none of its characters is structure."""
    field, component, repetition, mark, sub = signs[:5]
    names = {field: "F", component: "S", repetition: "R", mark: "E", sub: "T"}
    return "".join(f"{mark}{names[c]}{mark}" if c in names else c for c in text)


def subs(*parts: str) -> str:
    return "&".join(parts)


def comps(*parts: str) -> str:
    return "^".join(parts).rstrip("^")


def segment(name: str, **fields: str | None) -> str:
    """A segment; fields are named f1, f2 and so on."""
    numbered = {int(key[1:]): value for key, value in fields.items() if value}
    last = max(numbered, default=0)
    return "|".join([name, *(numbered.get(n, "") for n in range(1, last + 1))])


def header(**fields: str | None) -> str:
    """MSH; fields are named by their number in HL7 (f3 is the sending application)."""
    given = {
        "f3": "LIS",
        "f4": "FJORDBY^2.16.578.1.12.4.1.2.91843^ISO",
        "f5": "VARDE",
        "f6": "NIPH",
        "f7": "20260107120000",
        "f9": "ORU^R01^ORU_R01",
        "f10": "M1",
        "f11": "P",
        "f12": "2.5.1",
    } | fields
    return segment(
        "MSH", **{f"f{int(key[1:]) - 1}": value for key, value in given.items()}
    ).replace("MSH|", "MSH|^~\\&", 1)


def pid(number: str | None = "4711^^^FJORDBY^MR", **fields: str | None) -> str:
    given = {"f1": "1", "f3": number, "f5": "Prøve^Paula", "f7": "19840317", "f8": "F"}
    return segment("PID", **(given | fields))


def obr(filler: str | None = "R1", test: Sequence[str] = CULTURE, **fields: str | None) -> str:
    given = {
        "f1": "1", "f2": "P1", "f3": filler, "f4": comps(*test), "f7": "20260105100000",
        "f24": "MB", "f25": "F",
    }  # fmt: skip
    return segment("OBR", **(given | fields))


def obx(name: Sequence[str], value: str | None, kind: str = "CWE", **fields: str | None) -> str:
    given = {"f1": "1", "f2": kind, "f3": comps(*name), "f5": value, "f11": "F"}
    return segment("OBX", **(given | fields))


def organism(what: Sequence[str] = ECOLI, sub: str | None = "1", **fields: str | None) -> str:
    return obx(CULTURE, comps(*what), f4=sub, **fields)


def test(
    drug: Sequence[str] = AMPICILLIN, sir: str = "R", sub: str | None = "1", **fields: str | None
) -> str:
    return obx(drug, comps(sir, "", SIR) if sir else None, f4=sub, **fields)


def search(
    said: Sequence[str] = ("260373001", "Detected", "SCT"),
    sub: str | None = None,
    name: Sequence[str] = PCR,
    **fields: str | None,
) -> str:
    return obx(name, comps(*said), f4=sub, **fields)


def mic(
    drug: Sequence[str],
    value: str,
    sir: str | None = None,
    sub: str | None = "1",
    kind: str = "SN",
    unit: str | None = "mg/L",
    **fields: str | None,
) -> str:
    return obx(drug, value, kind, f4=sub, f6=unit, f8=sir, **fields)


def spm(
    number: str | None = "S1",
    material: Sequence[str] = ("U", "Urin", "8351"),
    collected: str | None = "20260105100000",
    **fields: str | None,
) -> str:
    given = {
        "f1": "1",
        "f2": f"^{number}" if number else None,
        "f4": comps(*material),
        "f17": collected,
    }
    return segment("SPM", **(given | fields))


def child(
    parent: str = "R1",
    sub: str = "1",
    name: Sequence[str] = CULTURE,
    said: str = "",
    **more: str | None,
) -> dict[str, str | None]:
    """The fields of an OBR that is a child: OBR-26 and OBR-29."""
    return {
        "f26": comps(subs(*name), sub, said),
        "f29": comps("P1", parent),
        **more,
    }


def message(
    *segments: str | Iterable[str],
    head: str | None = None,
    end: str = "\r",
    codec: str = "utf-8",
    signs: str = STANDARD,
) -> bytes:
    """One message. With other `signs` the standard separators are replaced, in text too."""
    lines = [header() if head is None else head]
    for part in segments:
        lines.extend([part] if isinstance(part, str) else part)
    text = "\r".join(lines) + "\r"
    if signs != STANDARD:
        text = text.translate(str.maketrans(STANDARD, signs[:5]))
    return text.replace("\r", end).encode(codec)


def simple(*results: str, **order: str | None) -> bytes:
    """One message with one patient, one culture order with these results and one specimen."""
    return message(pid(), obr(**order), *results, spm())


def batch(*messages: bytes, count: int | None = None) -> bytes:
    stated = len(messages) if count is None else count
    return b"".join(
        [b"FHS|^~\\&|LIS\rBHS|^~\\&|LIS\r", *messages, f"BTS|{stated}\rFTS|1\r".encode()]
    )


def framed(data: bytes) -> bytes:
    return b"\x0b" + data + b"\x1c\r"
