"""Submissions to NORM and RAVN as laboratories might write them: good and bad cells, any dialect."""

from __future__ import annotations

import csv
import hmac
import io
from typing import NamedTuple

from hypothesis import strategies as st

from messages.numbers import some_number

HEADINGS = (
    "Avsender", "Isolatnummer", "År", "Tidspunkt", "Utgave", "Type", "Prøvedato", "Kjønn", "Alder",
    "Kommune", "Prøvemateriale", "Smittested", "Metode",
)  # fmt: skip
OWN = {"norm": ("Mikrobe",), "ravn": ("Virus", "Mutasjoner")}
DRUGS = {
    "norm": ("ampicillin", "CIP", "CIP_MIC", "J01XE01", "J01XE01_ZONE", "gentamicin_mic"),
    "ravn": ("oseltamivir", "J05AX25", "NNRTI", "ganciklovir"),
}
GOOD = {
    "Avsender": "HER:9900101",
    "Isolatnummer": "X-17",
    "År": "2026",
    "Tidspunkt": "2026-07-01T10:30",
    "Utgave": "",
    "Type": "",
    "Prøvedato": "17.03.2026",
    "Kjønn": "K",
    "Alder": "65",
    "Kommune": "4601",
    "Prøvemateriale": "blodkultur",
    "Smittested": "Norge",
    "Metode": "annet",
    "Mikrobe": "Escherichia coli",
    "Virus": "influensavirus A",
    "Mutasjoner": "",
}
"""A row with no fault."""

NUMBER = some_number()


def keyed(data: bytes) -> bytes:
    """The tests' keyed hash."""
    return hmac.digest(b"one key", data, "sha256")


def other_keyed(data: bytes) -> bytes:
    """Another key."""
    return hmac.digest(b"another key", data, "sha256")


class Dialect(NamedTuple):
    """How a file is written."""

    delimiter: str = ";"
    encoding: str = "utf-8"
    end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL


def headings(register: str) -> list[str]:
    """All headings of a register's lists here, drugs last."""
    return [*HEADINGS, *OWN[register], *DRUGS[register]]


def row(register: str, **cells: str) -> dict[str, str]:
    """A row with no fault but these cells."""
    found = {name: GOOD.get(name, "") for name in headings(register)}
    found[DRUGS[register][0]] = "S"
    return found | cells


def write(
    register: str, *rows: dict[str, str], order: list[str] | None = None, dialect: Dialect | None = None
) -> bytes:  # fmt: skip
    """A file of rows, with these headings in this order."""
    names = headings(register) if order is None else order
    lines = [names, *([cells.get(name, "") for name in names] for cells in rows)]
    return write_lines(lines, dialect or Dialect())


def write_lines(lines: list[list[str]], dialect: Dialect) -> bytes:
    """A file of cells."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=dialect.delimiter, lineterminator=dialect.end, quoting=dialect.quoting  # type: ignore[arg-type]
    )  # fmt: skip
    writer.writerows(lines)
    text = out.getvalue()
    if dialect.encoding == "cp1252":
        text = text.replace("≥", ">=")  # which it has no sign for
    return text.encode(dialect.encoding)


DIALECTS = st.builds(
    Dialect,
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)

SECRET = "Syntetisk Person"
"""A name: what free text may hold, and nothing that is kept may."""

_FREE = ["Kjell Q. " + SECRET, SECRET, "se vedlegg, " + SECRET, "?", "-", "x" * 201]
CELLS: dict[str, list[str]] = {
    "Avsender": ["HER:9900101", "her: 9900102", "ENH:985626154", "RSH:4000743"],
    "Isolatnummer": ["QZ-1", "QZ-2", "QZ 3", "qz-1", "B.2026/77-Q", "Qæ-9"],
    "År": ["2026", "2025", " 2026 "],
    "Tidspunkt": [
        "2026-07-01T10:30",
        "2026-07-01",
        "01.07.2026 10:30",
        "2026-07-01T23:30:00+00:00",
    ],
    "Utgave": ["", "0", "2", "999"],
    "Type": ["", "N", "m", "annullert", "endret"],
    "Prøvedato": ["17.03.2026", "2026-03-17", "2026-01-01", "31.12.2025", "1.7.2026"],
    "Kjønn": ["", "K", "k", "M", "mann", "female", "U", "ukjent"],
    "Alder": ["", "0", "7", "89", "90", "105", "90+", "07"],
    "Kommune": ["", "4601", "301", "Bergen", "OSLO"],
    "Prøvemateriale": ["blodkultur", "urin", "  urin ", "Nasofarynksprøve"],
    "Smittested": ["", "Norge", "th", "Thailand", "utlandet", "Afrika", "4601", "ukjent", "Abroad"],
    "Metode": ["", "annet", "genotypisk", "PCR"],
    "Mikrobe": ["Escherichia coli", "E. coli", "S.  aureus", "Candida albicans"],
    "Virus": ["influensavirus A", "HIV-1", "hbv", "CMV", "HSV-1"],
    "Mutasjoner": [
        "",
        "H275Y",
        "RT:M184V/I, K103N;PA:I38T",
        "rtM204V rtM204V",
        "UL97-L595S",
        "T69ins",
    ],
}
"""Cells that have no fault."""

RESULTS = ["", "S", "I", "R", "s", "Resistent", "Sensitiv, økt eksponering", "se kommentar"]
MICS = ["", "0.25", "0,25", "<=0.5", "≥ 8", ">256", "1 mg/L"]
ZONES = ["", "6", "22", "99"]

WRONG: dict[str, list[str]] = {
    "Avsender": ["", "Laboratorium Nord", "HER:x", "ENH:985626155"],
    "Isolatnummer": ["", NUMBER, f"{NUMBER[:6]} {NUMBER[6:]}", "20260317001", "q" * 81],
    "År": ["", "26", "1999", "20260"],
    "Tidspunkt": ["", "i dag", "2026-13-01", "1969-01-01", "2101-01-01"],
    "Utgave": ["x", "-1", "1000"],
    "Type": ["slettet"],
    "Prøvedato": ["", "32.01.2026", "17/03/2026", "2026-07-05", NUMBER],
    "Kjønn": ["mannlig person"],
    "Alder": ["gammel", "131", "-1", "89+", "65 år"],
    "Kommune": ["Ingensteder", "12345"],
    "Prøvemateriale": ["", *_FREE],
    "Smittested": _FREE,
    "Metode": _FREE,
    "Mikrobe": ["", "HIV-1", "ukjent mikrobe", *_FREE],
    "Virus": ["", "Escherichia coli", *_FREE],
    "Mutasjoner": ["mutert " + SECRET, "K103N " + NUMBER, "XX:K103N", "103", "K12345N"],
}
"""Cells that refuse their row."""

WRONG_RESULTS = ["Q", "0.5", SECRET, NUMBER, "x" * 61]


def _cells(name: str, wrong: bool) -> st.SearchStrategy[str]:
    if name in CELLS:
        good, bad = CELLS[name], WRONG[name]
    elif name.lower().endswith("_mic"):
        good, bad = MICS, ["S", "<", "0.5.5", SECRET, "123456"]
    elif name.endswith("_ZONE"):
        good, bad = ZONES, ["5", "100", "22 mm", SECRET]
    else:
        good, bad = RESULTS, WRONG_RESULTS
    return st.sampled_from(bad) if wrong else st.sampled_from(good)


@st.composite
def rows_of(draw: st.DrawFn, register: str) -> dict[str, str]:
    """A good row with up to seven other cells, up to two of them wrong."""
    changed = draw(st.lists(st.sampled_from(headings(register)), max_size=7, unique=True))
    faults = draw(st.sampled_from([0, 0, 1, 2]))
    cells = {name: draw(_cells(name, number < faults)) for number, name in enumerate(changed)}
    return row(register, **cells)


@st.composite
def submissions(draw: st.DrawFn) -> tuple[str, list[dict[str, str]], list[str], Dialect]:
    """A register, its rows, the order of the headings, and how they are written."""
    register = draw(st.sampled_from(["norm", "ravn"]))
    rows = draw(st.lists(rows_of(register), min_size=1, max_size=3))
    names = headings(register)
    first = draw(st.integers(0, len(names) - 1))
    return register, rows, [*names[first:], *names[:first]], draw(DIALECTS)
