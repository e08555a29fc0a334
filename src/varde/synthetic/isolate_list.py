"""Isolate lists in CSV, one row an isolate, and the mapping file that says what its columns are.

How each laboratory writes its list is data: ``data/lists.toml``. Every row carries the word
SYNTETISK in a column that the mapping leaves out.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from varde.codes import antibiotics, materials

from .chains import Delivery
from .isolates import Isolate
from .kith import organism_code, wrong_digit
from .knowledge import rows, unmapped_codes
from .laboratories import Laboratory

MARKING = "merking"
SEX_WORDS = {"F": "K", "M": "M"}


def isolate_id(report_id: str, number: int) -> str:
    """The number of one isolate in a list; what the reader takes for the report's id."""
    return f"{report_id}-{number}"


def write_list(laboratory: Laboratory, deliveries: Sequence[Delivery]) -> bytes:
    """One list with a row for every isolate of these deliveries.

    Raises:
        UnicodeEncodeError: never for the names in `varde.codes`, which both lists can write.
    """
    style = _styles()[laboratory.key]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=style["delimiter"], lineterminator="\r\n")
    writer.writerow([*style["columns"].values(), MARKING, *_headings(style["antibiotics"])])
    for delivery in deliveries:
        for number, isolate in enumerate(delivery.version.isolates, 1):
            writer.writerow(_row(delivery, number, isolate, style))
    return text.getvalue().encode(style["encoding"])


@cache
def mapping_file(laboratory: Laboratory) -> bytes:
    """The mapping file that belongs beside the laboratory's lists."""
    style = _styles()[laboratory.key]
    columns = "".join(f'{field} = "{name}"\n' for field, name in style["columns"].items())
    names = ", ".join(f'"{name}"' for name in _headings(style["antibiotics"]))
    system = 'system = "WHONET"\n' if style["antibiotics"] == "code" else ""
    absent = f'not_tested = ["{style["not_tested"]}"]\n' if style["not_tested"] else ""
    version = f'version_format = "{style["version"]}"\n' if style["version"] else ""
    return (
        "# Syntetisk: oppdiktet laboratorium.\n"
        f'sender = "{laboratory.sender}"\nsender_name = "{laboratory.name}"\n'
        f'encoding = "{style["encoding"]}"\ndelimiter = "{style["delimiter"]}"\n\n'
        f'[columns]\n{columns}ignore = ["{MARKING}"]\n\n'
        '[patient]\nkind = "FNR"\n\n'
        f'[date]\nformat = "{style["date"]}"\n{version}\n'
        '[sex]\nK = "F"\nM = "M"\n\n'
        f"[antibiotics]\ncolumns = [{names}]\n{system}{absent}"
    ).encode()


@cache
def _styles() -> dict[str, dict[str, Any]]:
    text = files("varde.synthetic").joinpath("data/lists.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _tested() -> tuple[str, ...]:
    """Every antibiotic that is drawn, in a fixed order."""
    return tuple(sorted({row["antibiotic"] for row in rows("resistance.csv")}))


@cache
def _headings(style: str) -> tuple[str, ...]:
    """The antibiotic columns: codes or Norwegian names, then those that no map knows."""
    known = [code if style == "code" else antibiotics()[code].name_nb for code in _tested()]
    return (*known, *(strange.code for strange in unmapped_codes("antibiotic")))


def _row(delivery: Delivery, number: int, isolate: Isolate, style: dict[str, Any]) -> list[str]:
    values = {field: FIELDS[field](delivery, number, isolate, style) for field in style["columns"]}
    values.update(_fault(delivery))
    found = {result.antibiotic: result.sir for result in isolate.results}
    if isolate.extra:
        found[isolate.extra.code] = "S"
    strange = [code.code for code in unmapped_codes("antibiotic")]
    cells = [found.get(code, style["not_tested"]) for code in (*_tested(), *strange)]
    return [*values.values(), "SYNTETISK", *cells]


def _fault(delivery: Delivery) -> dict[str, str]:
    """The cells of a row that are wrong on purpose."""
    fault, patient = delivery.version.fault, delivery.report.patient
    if fault == "missing-collected":
        return {"collected": ""}
    if fault == "contradictory-sex":
        return {"sex": SEX_WORDS["M" if patient.sex == "F" else "F"]}
    if fault == "invalid-identity-number":
        return {"patient": wrong_digit(patient.number)}
    return {}


def _organism(delivery: Delivery, number: int, isolate: Isolate, style: dict[str, Any]) -> str:
    if isolate.unmapped:
        return isolate.unmapped.text
    return organism_code(isolate.organism)[1]


def _code(delivery: Delivery, number: int, isolate: Isolate, style: dict[str, Any]) -> str:
    if isolate.unmapped:
        return isolate.unmapped.code
    return organism_code(isolate.organism)[0]


def _material(delivery: Delivery, number: int, isolate: Isolate, style: dict[str, Any]) -> str:
    report = delivery.report
    return report.unmapped.text if report.unmapped else materials()[report.material].name_nb


FIELDS: dict[str, Callable[[Delivery, int, Isolate, dict[str, Any]], str]] = {
    "isolate_id": lambda d, n, i, s: isolate_id(d.report.report_id, n),
    "version": lambda d, n, i, s: d.version.generated.strftime(s["version"]),
    "patient": lambda d, n, i, s: d.report.patient.number,
    "sex": lambda d, n, i, s: SEX_WORDS[d.report.patient.sex],
    # Spreadsheets drop the leading zero of a municipality's number.
    "municipality": lambda d, n, i, s: d.report.patient.municipality.lstrip("0"),
    "collected": lambda d, n, i, s: d.report.collected.strftime(s["date"]),
    "organism": _organism,
    "organism_code": _code,
    "material": _material,
    "ward": lambda d, n, i, s: d.report.ward,
}
