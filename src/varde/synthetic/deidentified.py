"""Invented submissions to NORM and RAVN in CSV, and the truth behind them.

Each laboratory sends two files for a year: the first half in July; the rest in February, with rows
that are corrected, cancelled or sent again. Some rows must be refused (one bears an identity number,
of a person who does not exist), and one file has a column that is not published. How the laboratories
write, and how much goes wrong, is data: ``data/deidentified.toml``.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from varde.codes import antibiotics, antivirals, materials, organisms

from .deidentified_isolates import (
    DeidentifiedIsolate,
    Register,
    draw_isolates,
    laboratories_of,
    settings,
    shares_of,
    words,
)
from .draws import pick, uniform
from .persons import Population

SENT = ((7, 10, 0), (2, 1, 1))
"""Month, day and years after the year: when the two files of a year are sent."""

PUBLISHED = (
    "Avsender", "Isolatnummer", "År", "Tidspunkt", "Type", "Prøvedato", "Kjønn", "Alder", "Kommune",
    "Prøvemateriale", "Smittested", "Metode",
)  # fmt: skip
METHODS = {
    "disk-diffusion": "lappediffusjon",
    "broth-dilution": "buljongfortynning",
    "genotypic": "genotypisk",
    "phenotypic": "fenotypisk",
}
STRANGE = "Syntetisk ukjent mikrobe"


class Submission(NamedTuple):
    """One file, and the day it is sent."""

    name: str
    sent: date
    data: bytes


class Refusal(NamedTuple):
    """A row, or a file (line 1), that must be refused, and why."""

    name: str
    line: int
    reason: str


class Deidentified(NamedTuple):
    """A year of a register.

    Attributes:
        submissions: in the order they are sent.
        isolates: what the register must hold when it has taken all of them.
        refusals: what it must have refused, in order.
    """

    submissions: tuple[Submission, ...]
    isolates: tuple[DeidentifiedIsolate, ...]
    refusals: tuple[Refusal, ...]


class _Row(NamedTuple):
    """One row of a file: an isolate, how it is sent, and cells that are wrong on purpose."""

    isolate: DeidentifiedIsolate
    place: str
    service_type: str
    wrong: dict[str, str]
    reason: str


def invent_deidentified(register: Register, isolates: int, seed: int, year: int) -> Deidentified:
    """A year of submissions with this many isolates; the same arguments give the same bytes."""
    found = list(draw_isolates(register, isolates, seed, year))
    parts = _parts(found, register, seed)
    by_laboratory: dict[str, list[int]] = defaultdict(list)
    for index, isolate in enumerate(found):
        by_laboratory[isolate.sender].append(index)
    submissions: list[Submission] = []
    refusals: list[Refusal] = []
    for half in (0, 1):
        for number, laboratory in enumerate(laboratories_of(register)):
            mine = by_laboratory[laboratory.sender]
            chosen = [row for index in mine for row in parts[half].get(index, ())]
            if half == 0 and chosen:
                chosen += _faulty(chosen[0].isolate, seed, number)
            name = f"{register}-{year}-{laboratory.key}-{half + 1}.csv"
            if half == 0 and number == 0:
                secret = _write(register, chosen[:3], year, half, number, "Pasientnavn")
                submissions.append(Submission(f"secret-{name}", _sent(year, half), secret))
                refusals.append(Refusal(f"secret-{name}", 1, "wrong-columns"))
            data = _write(register, chosen, year, half, number)
            submissions.append(Submission(name, _sent(year, half), data))
            refusals += [
                Refusal(name, line, row.reason) for line, row in enumerate(chosen, 2) if row.reason
            ]
    cancelled = {index for index, sent in parts[1].items() if sent[-1].service_type == "C"}
    kept = tuple(isolate for index, isolate in enumerate(found) if index not in cancelled)
    return Deidentified(tuple(submissions), kept, tuple(refusals))


def _sent(year: int, half: int) -> date:
    month, day, later = SENT[half]
    return date(year + later, month, day)


def _parts(
    found: Sequence[DeidentifiedIsolate], register: str, seed: int
) -> tuple[dict[int, list[_Row]], dict[int, list[_Row]]]:
    """The rows of each isolate in the first and in the second file."""
    index = np.arange(len(found))
    fate = uniform(seed, f"{register}/fate", index).tolist()
    places = pick(shares_of(settings()["place"]), uniform(seed, f"{register}/place", index))
    share = settings()["share"]
    first: dict[int, list[_Row]] = {}
    second: dict[int, list[_Row]] = {}
    for number, isolate in enumerate(found):
        place = settings()["place"][int(places[number])]["word"]
        sent = _Row(isolate, place, "", {}, "")
        if isolate.sampled.month > 6:
            second[number] = [sent]
            continue
        first[number] = [sent]
        draw = fate[number]
        if draw < share["cancelled"]:
            second[number] = [sent._replace(service_type="C")]
        elif (draw := draw - share["cancelled"]) < share["changed"] and isolate.results:
            first[number] = [sent._replace(isolate=_mistaken(isolate))]
            second[number] = [sent._replace(service_type="M")]
        elif draw - share["changed"] < share["resent"]:
            second[number] = [sent]
    return first, second


def _mistaken(isolate: DeidentifiedIsolate) -> DeidentifiedIsolate:
    """The isolate with its first result wrong."""
    result, *others = isolate.results
    wrong = result._replace(sir="S" if result.sir == "R" else "R", mic="")
    return isolate._replace(results=(wrong, *others))


def _faulty(isolate: DeidentifiedIsolate, seed: int, number: int) -> list[_Row]:
    """Rows that must be refused."""
    person = Population(seed).people(np.array([number * 1009]))
    drug = isolate.results[0].antibiotic
    wrong = (
        ("unexpected-identity", {"Isolatnummer": f"{int(person.number[0]):011d}"}),
        ("unknown-term", {"organism": STRANGE}),
        ("bad-susceptibility", {drug: "Q"}),
        ("missing-value", {"Prøvemateriale": ""}),
    )
    return [
        _Row(isolate._replace(number=f"{isolate.number}-X{n}"), "", "", cells, reason)
        for n, (reason, cells) in enumerate(wrong)
    ]


def _write(
    register: Register, chosen: Sequence[_Row], year: int, half: int, number: int, extra: str = ""
) -> bytes:
    """One file, with a column that nobody has published when `extra` heads one."""
    style = settings()["style"][number % len(settings()["style"])]
    drugs = sorted({result.antibiotic for row in chosen for result in row.isolate.results})
    measured = sorted({r.antibiotic for row in chosen for r in row.isolate.results if r.mic})
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=style["delimiter"], lineterminator="\r\n")
    own = ("Virus", "Mutasjoner") if register == "ravn" else ("Mikrobe",)
    headings = [_heading(drug, style["drugs"]) for drug in drugs]
    more = [f"{_heading(drug, style['drugs'])}_MIC" for drug in measured]
    writer.writerow([*PUBLISHED, *own, *([extra] if extra else ()), *headings, *more])
    for row in chosen:
        made = _sent(year, 0 if row.isolate.sampled.month <= 6 and not row.service_type else half)
        cells = _cells(row, made, style)
        result = {found.antibiotic: found for found in row.isolate.results}
        writer.writerow(
            [
                *(cells[name] for name in PUBLISHED),
                *(cells[name] for name in ("organism", "mutations")[: len(own)]),
                *(["Syntetisk Person"] if extra else ()),
                *(row.wrong.get(d, result[d].sir if d in result else "") for d in drugs),
                *(result[d].mic if d in result else "" for d in measured),
            ]
        )
    return text.getvalue().encode(style["encoding"])


def _cells(row: _Row, made: date, style: dict[str, Any]) -> dict[str, str]:
    isolate = row.isolate
    found = {
        "Avsender": isolate.sender,
        "Isolatnummer": isolate.number,
        "År": str(isolate.year),
        "Tidspunkt": f"{made.isoformat()}T10:00",
        "Type": row.service_type,
        "Prøvedato": isolate.sampled.strftime(style["date"]),
        "Kjønn": style["sex"][isolate.sex],
        "Alder": str(isolate.age),
        "Kommune": isolate.municipality.lstrip("0"),  # as spreadsheets do
        "Prøvemateriale": materials()[isolate.material].name_nb,
        "Smittested": row.place,
        "Metode": METHODS[isolate.method],
        "organism": words().get(isolate.organism) or organisms()[isolate.organism].name,
        "mutations": "; ".join(isolate.mutations),
    }
    return found | row.wrong


def _heading(drug: str, style: str) -> str:
    found = antibiotics().get(drug) or antivirals()[drug]
    return str(getattr(found, style)) or found.name_nb
