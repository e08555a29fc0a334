"""Invented submissions to NORM and RAVN: the same again, of nobody, and what they say is the truth."""

from __future__ import annotations

import csv
import hmac
import io
import re
from datetime import UTC, datetime, time
from typing import Any

import pytest

from varde.codes import CodeMap, antivirals, materials, organisms
from varde.messages import Code, Failure, LabReport, minimise, read_minimised
from varde.synthetic import Deidentified, DeidentifiedIsolate, invent_deidentified
from varde.synthetic.deidentified import Register
from varde.synthetic.knowledge import rows

MAP = CodeMap.load()
REGISTERS: tuple[Register, ...] = ("norm", "ravn")
RANK = {"N": 0, "M": 1, "C": 2}


def keyed(data: bytes) -> bytes:
    return hmac.digest(b"a key of the tests", data, "sha256")


@pytest.fixture(scope="module", params=REGISTERS)
def invented(request: pytest.FixtureRequest) -> tuple[Register, Deidentified]:
    return request.param, invent_deidentified(request.param, 500, seed=3, year=2026)


def read_all(register: Register, found: Deidentified) -> dict[str, list[LabReport | Failure]]:
    return {
        sent.name: list(
            read_minimised(
                minimise(register, sent.data, keyed),
                datetime.combine(sent.sent, time(12), UTC),
            )
        )
        for sent in found.submissions
    }


def newest(found: dict[str, list[LabReport | Failure]]) -> dict[tuple[str, str], LabReport]:
    """The version of each isolate that counts, without those that were cancelled."""
    current: dict[tuple[str, str], LabReport] = {}
    for record in (r for records in found.values() for r in records):
        if isinstance(record, LabReport):
            key = record.sender, record.report_id
            other = current.get(key)
            if other is None or order(record) >= order(other):
                current[key] = record
    return {key: r for key, r in current.items() if r.service_type != "C"}


def order(report: LabReport) -> tuple[datetime, int]:
    return report.generated, RANK[report.service_type]


def as_read(report: LabReport) -> tuple[Any, ...]:
    """What a report says, its words mapped."""
    (finding,), (specimen,) = report.findings, report.specimens
    results = {
        (mapped("antibiotic", result.antibiotics), result.sir, result.mic)
        for result in finding.susceptibilities
    }
    return (
        f"{specimen.collected.month % 12 + 1}",
        report.patient.sex,
        report.patient.age,
        report.patient.municipality,
        mapped("material", specimen.materials),
        mapped("organism", finding.organisms),
        report.infected_in,
        {result.method for result in finding.susceptibilities},
        finding.mutations,
        results,
        report.protocol,
    )


def as_invented(isolate: DeidentifiedIsolate) -> tuple[Any, ...]:
    return (
        f"{isolate.sampled.month}",
        isolate.sex,
        min(isolate.age, 90),
        isolate.municipality,
        isolate.material,
        isolate.organism,
        isolate.infected_in,
        {isolate.method},
        isolate.mutations,
        {(result.antibiotic, result.sir, result.mic) for result in isolate.results},
        str(isolate.year),
    )


def mapped(kind: str, codes: tuple[Any, ...]) -> str | None:
    return MAP.find(kind, [(code.system, code.code, code.text) for code in codes])


def hashed(register: Register, isolate: DeidentifiedIsolate) -> str:
    within = [isolate.sender, str(isolate.year)] if register == "norm" else [isolate.sender]
    attempt = 0
    while True:
        text = "\x1f".join(["isolate", str(attempt), register, *within, isolate.number])
        found = keyed(text.encode()).hex()[:32]
        if not re.search("[0-9]{11}", found):
            return found
        attempt += 1


def test_what_is_read_of_a_year_is_the_truth(invented: tuple[Register, Deidentified]) -> None:
    register, found = invented
    current = newest(read_all(register, found))
    truth = {(i.sender, hashed(register, i)): as_invented(i) for i in found.isolates}
    assert {key: as_read(report) for key, report in current.items()} == truth


def test_what_must_be_refused_is(invented: tuple[Register, Deidentified]) -> None:
    register, found = invented
    refused = [
        (name, int(record.place.split(",")[0].split()[1]), record.reason)
        for name, records in read_all(register, found).items()
        for record in records
        if isinstance(record, Failure)
    ]
    assert refused == [tuple(refusal) for refusal in found.refusals]
    assert {reason for *_, reason in refused} == {
        "wrong-columns", "unexpected-identity", "unknown-term", "bad-susceptibility", "missing-value",
    }  # fmt: skip


def test_some_rows_are_corrected_and_some_cancelled(
    invented: tuple[Register, Deidentified],
) -> None:
    register, found = invented
    kinds = [
        record.service_type
        for records in read_all(register, found).values()
        for record in records
        if isinstance(record, LabReport)
    ]
    assert kinds.count("M") > 3 and kinds.count("C") > 0
    assert len(found.isolates) == 500 - kinds.count("C")
    assert len(kinds) > 500


def test_the_same_arguments_give_the_same_bytes() -> None:
    one = invent_deidentified("ravn", 40, seed=5, year=2026)
    assert one == invent_deidentified("ravn", 40, seed=5, year=2026)
    assert one != invent_deidentified("ravn", 40, seed=6, year=2026)
    assert invent_deidentified("norm", 0, seed=5, year=2026).isolates == ()


def test_nobody_is_in_it_but_the_invented_person_who_must_be_refused(
    invented: tuple[Register, Deidentified],
) -> None:
    _, found = invented
    for sent in found.submissions:
        text = sent.data.decode("utf-8" if b"\xc3" in sent.data else "cp1252")
        numbers = re.findall(r"(?<!\d)\d{11}(?!\d)", text)
        assert all(number[2] in "89" for number in numbers)  # month + 80
        header, *_ = csv.reader(
            io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in text else ","
        )
        assert ("Pasientnavn" in header) == sent.name.startswith("secret-")


@pytest.mark.parametrize("name", ["ravn_viruses.csv", "ravn_resistance.csv"])
def test_the_tables_are_sourced_and_known(name: str) -> None:
    for row in rows(name):
        assert "assumption" in row["source"]
        assert organisms()[row["virus"]].kind == "virus"
        if "material" in row:
            assert row["material"] in materials()
            assert mapped("organism", (Code(text=row["word"]),)) == row["virus"]
        else:
            assert row["antiviral"] in antivirals()
            assert float(row["resistant"]) + float(row["increased"]) < 100
