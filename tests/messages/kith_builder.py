"""Writes small KITH svarrapport messages for the tests. All persons are invented (month + 80)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = {
    "1.3": "http://www.kith.no/xmlstds/labsvar/2008-12-01",
    "1.4": "http://www.kith.no/xmlstds/labsvar/2012-02-15",
}
OID = "2.16.578.1.12.4.1.1."
NLK, LOCAL, SIR, MATERIAL = OID + "7280", OID + "8212", OID + "8271", OID + "8351"


def element(name: str, *content: str, **attributes: str) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    inner = "".join(content)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def text(name: str, value: str | None) -> str:
    return "" if value is None else element(name, escape(value))


def coded(name: str, value: str | None) -> str:
    return "" if value is None else element(name, V=value)


def investigation(*ids: tuple[str, str, str]) -> str:
    """Ids as (system, code, text)."""
    made = []
    for system, code, words in ids:
        attributes = {"S": system, "V": code, "DN": words}
        made.append(element("Id", **{key: val for key, val in attributes.items() if val}))
    return element("Investigation", *made) if made else ""


def result(
    *ids: tuple[str, str, str],
    said: str | None = None,
    codes: Iterable[tuple[str, str, str]] = (),
    heading: str | None = "LR",
    number: tuple[str, str, str] | None = None,
    item: str | None = None,
    refers: str | None = None,
    specimen: str | None = None,
    service: str | None = None,
    status: str | None = None,
    nested: Iterable[str] = (),
) -> str:
    """One ResultItem; `number` is (comparator, value, unit)."""
    parts = [coded("Heading", heading), text("TextResultValue", said)]
    parts += [
        element(
            "TextCode",
            **{k: v for k, v in zip("SVD", code, strict=True) if v and k != "D"},
            **({"DN": code[2]} if code[2] else {}),
        )
        for code in codes
    ]
    first = element("TextResult", *parts) if any(parts[1:]) or heading else ""
    if number is not None:
        sign, value, unit = number
        first = element(
            "NumResult",
            coded("ArithmeticComp", sign or None),
            element("NumResultValue", V=value, U=unit),
        )
    return element(
        "ResultItem",
        first,
        coded("ServType", service),
        investigation(*ids),
        text("IdResultItem", item),
        text("RefIdResultItem", refers),
        coded("StatusInvestigation", status),
        text("RefAnalysedSubject", specimen),
        *nested,
    )


def culture(said: str | None, **more: object) -> str:
    return result((NLK, "NPU06073", "U-Bakterier dyrkning"), said=said, **more)  # type: ignore[arg-type]


def identification(said: str, **more: object) -> str:
    return result((LOCAL, "", "Identifikasjon"), said=said, **more)  # type: ignore[arg-type]


def search(said: str | None, name: str = "P-Meslingvirus IgM", **more: object) -> str:
    return result((LOCAL, "M", name), said=said, **more)  # type: ignore[arg-type]


def quantity(said: str, **more: object) -> str:
    return result((LOCAL, "KVANT", "Mengde"), said=said, heading=None, **more)  # type: ignore[arg-type]


def susceptibility(
    antibiotic: tuple[str, str, str] = (NLK, "NPU06049", "Us-Ciprofloksacin"),
    sir: str | None = "S",
    words: str = "",
    said: str | None = None,
    **more: object,
) -> str:
    codes = [(SIR, sir, words)] if sir is not None else []
    return result(antibiotic, codes=codes, said=said, heading="RSB", **more)  # type: ignore[arg-type]


def specimen(
    number: str = "S1",
    collected: str | None = "2026-01-05T10:00:00",
    coded_as: str | None = "U",
    free: str | None = None,
    nested: str = "",
) -> str:
    date = element("CollectedSample", coded("CollectedDate", collected)) if collected else ""
    material = element("TypeCoded", V=coded_as, S=MATERIAL, DN="Urin") if coded_as else ""
    return element(
        "AnalysedSubject",
        date,
        text("Type", free),
        material,
        text("IdByServProvider", number),
        nested,
    )


def patient(
    *content: str,
    number: str | None = None,
    kind: str = "FNR",
    sex: str | None = None,
    born: str | None = None,
    municipality: str | None = None,
    more: str = "",
) -> str:
    address = element("Address", coded("Type", "H"), coded("County", municipality))
    return element(
        "Patient",
        coded("Sex", sex),
        coded("DateOfBirth", born),
        text("Name", "Prøve, Paula"),
        text("OffId", number),
        coded("TypeOffId", kind if number else None),
        more,
        address if municipality else "",
        *content,
    )


def provider(her: str | None = "91843", institution: str = "13", kind: str = "HER") -> str:
    department = element(
        "Dept", text("Name", "Mikrobiologi"), text("Id", her), coded("TypeId", "HER")
    )
    return element(
        "ServProvider",
        element(
            "HCP",
            element(
                "Inst",
                text("Name", "Fjordby sykehus"),
                text("Id", institution),
                coded("TypeId", kind),
                department if her else "",
            ),
        ),
    )


def report(
    person: str | None = None,
    *,
    service: str | None = "N",
    status: str | None = "F",
    discipline: str | None = "MBIO",
    own: str | None = "R1",
    request: str = "",
    comments: Iterable[str] = (),
    sender: str | None = None,
) -> str:
    return element(
        "ServReport",
        coded("ServType", service),
        coded("IssueDate", "2026-01-07T09:00:00"),
        coded("Status", status),
        coded("MsgDescr", discipline),
        text("ServProvId", own),
        *(element("CodedComment", V=code, S=OID + "8269") for code in comments),
        request,
        patient(specimen()) if person is None else person,
        provider() if sender is None else sender,
    )


def message(
    *reports: str,
    version: str = "1.4",
    message_id: str | None = "M1",
    generated: str | None = "2026-01-07T12:00:00",
    encoding: str = "utf-8",
    prolog: str | None = None,
) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n' if prolog is None else prolog
    body = element(
        "Message",
        element("Type", V="SVAR_LAB"),
        text("MIGversion", "v" + version),
        coded("GenDate", generated),
        text("MsgId", message_id),
        *reports,
        xmlns=NAMESPACE[version],
    )
    codec = "utf-8" if encoding not in ("iso-8859-1", "utf-16", "windows-1252") else encoding
    return (declaration + body.replace("><", ">\n<")).encode(codec)


def simple(*items: str, version: str = "1.4", **more: str) -> bytes:
    """One message with one report, one urine specimen and these result items."""
    return message(report(patient(specimen(), *items, **more)), version=version)
