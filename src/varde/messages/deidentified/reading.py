"""What is kept of a submission to lab reports without a person, and to failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from varde.codes import antibiotics
from varde.messages.deidentified.kept import Column, File, Line, Refused, Row, Seal, decode_line
from varde.messages.deidentified.published import published
from varde.messages.deidentified.vocabulary import ATC, ATC_CODE, code_map, find_mic, find_zone
from varde.messages.reasons import reasons
from varde.messages.records import (
    Code,
    Failure,
    Finding,
    LabReport,
    Patient,
    Sir,
    Specimen,
    Susceptibility,
)
from varde.messages.times import generated_fault, latest_moment, midnight

DISCIPLINE = "MBIO"
MEMORY = 2_000
"""How many different results of one drug are remembered."""


def read_minimised(data: bytes, received: datetime | None = None) -> Iterator[LabReport | Failure]:
    """The rows of a file that `minimise` made, in order.

    A report has no person: its patient has sex, age and municipality at most. Its number is the keyed
    hash of the laboratory's. It was made at the beginning of the day that was kept (a minute later for
    each number of its version), and its specimen at the beginning of the month.

    Args:
        data: the bytes that are kept.
        received: when they arrived; nothing in them can be from more than a day later.

    Nothing is raised for bad bytes: what `minimise` did not make is a `Failure` (``not-minimised``), and
    so is an end that is missing (``truncated``).
    """
    if not data.strip():
        yield Failure(item=0, reason="empty")
        return
    first, *lines = data.split(b"\n")
    file = _decode(first)
    if not isinstance(file, File) or (file.refused and file.refused not in reasons()):
        yield Failure(item=0, reason="not-minimised", place="line 1")
        return
    if file.refused:
        yield _refused_file(file)
        return
    whole = len(lines) > 1 and not lines[-1] and isinstance(_decode(lines[-2]), Seal)
    # What no line end follows is no line, and the seal is no row.
    rows = lines[:-2] if whole else lines[:-1]
    reader = RowReader(file, latest_moment(received))
    for item, row in enumerate(rows):
        yield reader.read(_decode(row), item)
    if not whole:
        place = f"line {len(rows) + 2}"
        yield Failure(item=len(rows), reason="truncated", place=place, kind=file.register)
    elif not rows:
        yield Failure(item=0, reason="empty-list", place="line 1", kind=file.register)


def _decode(line: bytes) -> Line | None:
    try:
        return decode_line(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _refused_file(file: File) -> Failure:
    return Failure(
        item=0,
        reason=file.refused,
        place=file.place,
        message_id=file.original,
        kind=file.register,
    )


class RowReader:
    """Turns the rows of one file into reports; equal cells share one record."""

    def __init__(self, file: File, latest: datetime) -> None:
        self.kind = file.register
        self.latest = latest
        self.width = len(file.results)
        self.drugs = _group(file.results)
        self.headings = {column.name: column.heading for column in published(self.kind).columns}

    def read(self, line: Line | None, item: int) -> LabReport | Failure:
        """One line."""
        if isinstance(line, Refused) and line.reason in reasons():
            return self._refused(line, item)
        if not isinstance(line, Row) or len(line.results) not in (0, self.width):
            return Failure(
                item=item, reason="not-minimised", place=f"line {item + 2}", kind=self.kind
            )
        try:
            return self._report(line, item)
        except ValueError:  # a day that no calendar has, a result that is none
            return Failure(
                item=item, reason="not-minimised", place=f"line {item + 2}", kind=self.kind
            )

    def _refused(self, row: Refused, item: int) -> Failure:
        place = f"line {row.line}, column {row.column}" if row.column else f"line {row.line}"
        return Failure(
            item=item,
            reason=row.reason,
            place=place,
            sender=row.sender,
            message_id=row.isolate,
            report_id=row.isolate,
            kind=self.kind,
        )

    def _report(self, row: Row, item: int) -> LabReport | Failure:
        made = _start_of(row.generated)
        generated = made + timedelta(minutes=row.version)
        collected = _start_of(row.sampled)
        fault = generated_fault(made, self.latest)
        column = "generated"
        if fault is None and collected > self.latest:
            fault, column = ("future-collected", row.sampled), "sampled"
        version = f"{row.generated.replace('-', '')}.{row.version}"
        if fault is not None:
            return Failure(
                item=item,
                reason=fault[0],
                place=f"line {row.line}, column {self.headings[column]}",
                detail=fault[1],
                sender=row.sender,
                message_id=f"{row.isolate}@{version}",
                report_id=row.isolate,
                kind=self.kind,
            )
        specimen = Specimen(number=1, materials=_words(row.material), collected=collected)
        finding = Finding(
            number=1,
            specimen=1,
            organisms=_words(row.organism),
            susceptibilities=self._susceptibilities(row),
            mutations=row.mutations,
        )
        return LabReport(
            sender=row.sender,
            message_id=f"{row.isolate}@{version}",
            report_id=row.isolate,
            service_type=row.service_type,
            generated=generated,
            discipline=DISCIPLINE,
            patient=Patient(sex=row.sex, age=row.age, municipality=row.municipality),
            specimens=(specimen,),
            findings=(finding,),
            infected_in=row.infected_in,
            protocol=str(row.year),
        )

    def _susceptibilities(self, row: Row) -> tuple[Susceptibility, ...]:
        if not row.results:
            return ()
        cells = (*row.results, "")
        found = []
        for drug in self.drugs:
            sir, mic, zone = drug.columns
            key = cells[sir], cells[mic], cells[zone], row.method
            try:
                result = drug.known[key]
            except KeyError:
                result = _result(drug.antibiotics, *key)
                if len(drug.known) < MEMORY:
                    drug.known[key] = result
            if result is not None:
                found.append(result)
        return tuple(found)


class _Drug(NamedTuple):
    """One drug, and where its cells are.

    Attributes:
        columns: of the category, the MIC and the zone; -1 where there is none: the blank after the last.
        known: cells and method → what they say.
    """

    antibiotics: tuple[Code, ...]
    columns: tuple[int, int, int]
    known: dict[tuple[str, str, str, str], Susceptibility | None]


def _group(columns: Sequence[Column]) -> list[_Drug]:
    """The drugs in the order in which they first come."""
    places: dict[str, dict[str, int]] = {}
    for number, column in enumerate(columns):
        places.setdefault(column.drug, {})[column.holds] = number
    return [
        _Drug((_drug_code(name),), (at.get("sir", -1), at.get("mic", -1), at.get("zone", -1)), {})
        for name, at in places.items()
    ]


def _drug_code(name: str) -> Code:
    if ATC_CODE.fullmatch(name):
        return Code(system=ATC, code=name.upper())
    # What is no word is a code: our own, or that of other software, which no text finds.
    word = name not in antibiotics() and code_map().find("antibiotic", [("", "", name)])
    return Code(text=name) if word else Code(code=name)


def _result(
    drugs: tuple[Code, ...], sir: str, mic: str, zone: str, method: str
) -> Susceptibility | None:
    """What the cells of one drug say; None when they are blank.

    Raises:
        ValueError: they say what no result can be.
    """
    if not (sir or mic or zone):
        return None
    if sir not in ("S", "I", "R", "") or (mic and find_mic(mic) != mic):
        raise ValueError
    if zone and find_zone(zone) != zone:
        raise ValueError
    return Susceptibility(
        antibiotics=drugs, sir=cast(Sir, sir), mic=mic, zone=int(zone or 0), method=method
    )


@lru_cache(maxsize=4096)
def _start_of(kept: str) -> datetime:
    """The beginning of what was kept of a date: a day, or a month.

    Raises:
        ValueError: no calendar has it.
    """
    return midnight(date.fromisoformat(kept if len(kept) == 10 else f"{kept}-01"))


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[Code, ...]:
    return (Code(text=text),)
