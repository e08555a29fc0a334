"""Isolate lists in CSV (one row an isolate, one column an antibiotic) to lab reports.

Every row becomes one report with one specimen and one finding, or none where nothing grew (`words.json`). A bad row is a `Failure`; the rows
after it go on, also when it cannot be split into cells (`varde.messages.rows`). The isolate id is the
report's id, and a new version of a row replaces the old one when a version column says which is
newer. Without such a column `generated` is the collection date: two different rows with one isolate
id then contradict each other, and the register says so.

Equal cells share one `Code` and one `Susceptibility`: a list repeats few distinct values.
"""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import cast

from varde.messages.errors import InvalidContent, MessageError, UnreadableMessage
from varde.messages.identifiers import NO_IDENTITY, Identity, identify
from varde.messages.isolate_list.cells import (
    Parse,
    cell_parser,
    find_antibiotics,
    find_columns,
    parse_moment,
)
from varde.messages.isolate_list.mapping import Mapping
from varde.messages.isolate_list.words import folded, list_words
from varde.messages.names import MADE, Names, failure_of
from varde.messages.records import (
    Code,
    Failure,
    Finding,
    LabReport,
    LookedFor,
    Patient,
    PersonId,
    Sex,
    Specimen,
    Susceptibility,
)
from varde.messages.rows import Row, Rows
from varde.messages.text import first_letter, is_disguised_utf8, place_in
from varde.messages.times import (
    collection_fault,
    generated_fault,
    latest_moment,
    norwegian_day,
)

MAX_BYTES = 500 * 1024 * 1024
MAX_AGE = 130
NOTHING_GREW = (LookedFor(specimen=1, method="culture", answer="not-found"),)


def read_isolate_list(
    data: bytes, mapping: Mapping, received: datetime | None = None
) -> Iterator[LabReport | Failure]:
    """The rows of a list, in order; blank lines are left out.

    Args:
        data: the bytes of the list.
        mapping: what its columns are.
        received: when it arrived; nothing in it can be from more than a day later.

    Raises:
        UnreadableMessage: ``empty``, ``too-large``, ``wrong-encoding`` or ``wrong-columns``.
    """
    check_encoding(data, mapping.encoding)
    source = io.TextIOWrapper(io.BytesIO(data), mapping.encoding, newline="")
    rows = Rows(source, mapping.delimiter)
    reader = RowReader(_read_heading(rows), mapping, latest_moment(received))
    heading = rows.line
    item = -1
    for item, row in enumerate(rows.read(reader.width)):
        if isinstance(row, MessageError):
            yield _failure(row, item, mapping.sender, reader.isolate_of(rows.first_cells()))
            continue
        try:
            yield reader.read(row, rows.line)
        except MessageError as error:
            # A row with too few or too many cells may have lost its order: its first cell is sure.
            sure = row if len(row) == reader.width else row[:1]
            yield _failure(error, item, mapping.sender, reader.isolate_of(sure))
    if item < 0:
        yield _failure(InvalidContent("empty-list", f"line {heading}"), 0, mapping.sender)


def check_encoding(data: bytes, encoding: str) -> None:
    """Refuse bytes that are not text in the encoding of the mapping file.

    In a single-byte encoding nearly all bytes are text. But words with other letters than A to Z
    that are all valid UTF-8 are UTF-8: in Latin-1 they would be signs that no word holds.

    Raises:
        UnreadableMessage: ``empty``, ``too-large`` or ``wrong-encoding``; its detail is the byte
            that does not fit, or an arrow to the encoding that the list seems to be in.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    if not data.strip():
        raise UnreadableMessage("empty")
    if data.startswith(codecs.BOM_UTF8) and encoding != "utf-8-sig":
        raise UnreadableMessage("wrong-encoding", "line 1", f"{encoding} → utf-8-sig")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"{encoding}: {data[error.start]:02X}"
        line = place_in(data, error.start).partition(",")[0]
        raise UnreadableMessage("wrong-encoding", line, found) from None
    if not encoding.startswith("utf") and is_disguised_utf8(data):
        line = place_in(data, first_letter(data)).partition(",")[0]
        raise UnreadableMessage("wrong-encoding", line, f"{encoding} → utf-8")


def _read_heading(rows: Rows) -> Row:
    header = [name.strip() for name in rows.read_heading()]
    counts = Counter(header)
    repeated = [name for name, count in counts.items() if count > 1]
    if not header or repeated:
        heading = f"repeated: {min(repeated)}" if repeated else ""
        raise UnreadableMessage("wrong-columns", f"line {rows.line}", heading)
    return header


def _failure(error: MessageError, item: int, sender: str, message_id: str = "") -> Failure:
    return failure_of(error, item, Names(sender, message_id, message_id), LabReport.kind)


class RowReader:
    """Turns rows of one list into reports, with its column numbers worked out beforehand."""

    def __init__(self, header: Sequence[str], mapping: Mapping, latest: datetime) -> None:
        self.latest = latest
        self.latest_day = norwegian_day(latest)
        self.mapping = mapping
        self.width = len(header)
        self.column = find_columns(header, mapping)
        self.antibiotics = find_antibiotics(header, mapping)
        self.codes: dict[tuple[str, str], tuple[Code, ...]] = {}
        self.dates: dict[str, datetime] = {}
        self.cells: list[tuple[int, str, dict[str, Susceptibility | None], Parse]] = [
            (index, header[index], {}, cell_parser(name, mapping))
            for index, name in self.antibiotics
        ]

    def read(self, row: Row, line: int) -> LabReport:
        """One row.

        Raises:
            InvalidContent: the place is the line and the column.
        """
        if len(row) != self.width:
            detail = f"{len(row)} ≠ {self.width}"
            raise InvalidContent("wrong-cell-count", f"line {line}", detail)
        collected = self._collected(row, line)
        report_id = self._report_id(row, line)
        organisms = self._coded(row, "organism", self.mapping.organism_system)
        if not organisms:
            raise InvalidContent("missing-organism", self._place(line, "organism"))
        generated, version = self._generated(row, line, collected)
        fault = collection_fault(collected, generated, self.latest)
        if fault is not None:
            raise InvalidContent(fault[0], self._place(line, "collected"), fault[1])
        results = self._susceptibilities(row, line)
        negative = all(folded(c.text or c.code) in list_words().negative for c in organisms)
        if negative and results:
            # Nothing grew, and what grew was tested: one of them is a slip.
            place = self._place(line, "organism")
            raise InvalidContent("bad-value", place, self._text(row, "organism"))
        finding = Finding(
            number=1,
            specimen=1,
            organisms=organisms,
            quantity=self._text(row, "quantity"),
            order=self._order(row, line),
            susceptibilities=results,
            method="culture",
        )
        specimen = Specimen(
            number=1,
            specimen_id=self._text(row, "specimen_id"),
            materials=self._materials(row),
            collected=collected,
            ward=self._text(row, "ward"),
        )
        return LabReport(
            sender=self.mapping.sender,
            sender_name=self.mapping.sender_name,
            message_id=report_id + version,
            report_id=report_id,
            generated=generated,
            discipline=self.mapping.discipline,
            patient=self._patient(row, line, collected),
            specimens=(specimen,),
            negative=negative,
            findings=() if negative else (finding,),
            looked_for=NOTHING_GREW if negative else (),
        )

    def isolate_of(self, row: Row) -> str:
        """The isolate id of a row that failed, from the cells that are sure; else empty."""
        index = self.column.get("isolate_id", self.width)
        return row[index].strip() if index < len(row) and "\0" not in row[index] else ""

    def _text(self, row: Row, field: str) -> str:
        index = self.column.get(field)
        return "" if index is None else row[index].strip()

    def _place(self, line: int, field: str) -> str:
        column = self.mapping.columns.get(field, field)
        return f"line {line}, column {column}"

    def _collected(self, row: Row, line: int) -> datetime:
        cell = row[self.column["collected"]]
        known = self.dates.get(cell)
        if known is not None:
            return known
        if not cell.strip():
            raise InvalidContent("missing-collected", self._place(line, "collected"))
        moment = parse_moment(cell.strip(), self.mapping.date_format)
        if moment is None:
            raise InvalidContent("bad-date", self._place(line, "collected"), cell)
        if len(self.dates) < 100_000:
            self.dates[cell] = moment
        return moment

    def _report_id(self, row: Row, line: int) -> str:
        if "isolate_id" not in self.column:
            said = "\x1f".join(row).encode("utf-8", "surrogatepass")
            return MADE + sha256(said).hexdigest()[:32]
        isolate = self._text(row, "isolate_id")
        if not isolate:
            raise InvalidContent("missing-isolate-id", self._place(line, "isolate_id"))
        return isolate

    def _generated(self, row: Row, line: int, collected: datetime) -> tuple[datetime, str]:
        """When the row was made, and what to add to the message id so that versions differ."""
        if "version" not in self.column:
            return collected, ""
        written = self._text(row, "version")
        moment = parse_moment(written, self.mapping.version_format)
        if moment is None:
            raise InvalidContent("bad-date", self._place(line, "version"), written)
        fault = generated_fault(moment, self.latest)
        if fault is not None:
            raise InvalidContent(fault[0], self._place(line, "version"), fault[1])
        return moment, f"@{moment:%Y%m%dT%H%M%S}"

    def _coded(self, row: Row, field: str, system: str) -> tuple[Code, ...]:
        """The alternatives of a name column and a code column together, shared between rows."""
        key = self._text(row, field), self._text(row, f"{field}_code")
        known = self.codes.get(key)
        if known is None:
            name, code = key
            made = []
            if code:
                made.append(Code(system=system, code=code, text=name))
            if name:
                made.append(Code(text=name))
            known = tuple(made)
            if len(self.codes) < 100_000:
                self.codes[key] = known
        return known

    def _materials(self, row: Row) -> tuple[Code, ...]:
        found = self._coded(row, "material", self.mapping.material_system)
        if found or not self.mapping.material_constant:
            return found
        return (Code(text=self.mapping.material_constant),)

    def _order(self, row: Row, line: int) -> int:
        field = "order" if "order" in self.column else "isolate_id"
        written = self._text(row, field)
        if written.isascii() and written.isdigit() and len(written) <= 18:
            return int(written)
        if field == "order" and written:
            raise InvalidContent("bad-value", self._place(line, "order"), written)
        return 0

    def _susceptibilities(self, row: Row, line: int) -> tuple[Susceptibility, ...]:
        found = []
        for index, heading, known, parse in self.cells:
            cell = row[index]
            if cell == "":
                continue
            try:
                value = known[cell]
            except KeyError:
                try:
                    value = parse(cell.strip())
                except ValueError:
                    place = f"line {line}, column {heading}"
                    raise InvalidContent("bad-susceptibility", place, cell) from None
                if len(known) < 1000:
                    known[cell] = value
            if value is not None:
                found.append(value)
        return tuple(found)

    def _patient(self, row: Row, line: int, collected: datetime) -> Patient:
        birth_date = self._birth_date(row, line)
        sex = self._sex(row, line)
        identifier, known = self._identity(row, line)
        if known.contradicts(birth_date):
            raise InvalidContent("contradictory-birth-date", self._place(line, "birth_date"))
        if sex and known.sex and sex != known.sex:
            raise InvalidContent("contradictory-sex", self._place(line, "sex"))
        birth_date = birth_date or known.birth_date
        if birth_date is not None and norwegian_day(collected) < birth_date:
            raise InvalidContent("born-after-collected", self._place(line, "collected"))
        return Patient(
            identifier=identifier,
            sex=sex or known.sex,
            birth_date=birth_date,
            age=self._age(row, line),
            municipality=self._municipality(row, line),
        )

    def _identity(self, row: Row, line: int) -> tuple[PersonId | None, Identity]:
        value = "".join(self._text(row, "patient").split())
        if not value:
            return None, NO_IDENTITY
        identity = identify(self.mapping.patient_kind, value, self.latest_day)
        if not identity.valid:
            raise InvalidContent(
                "invalid-identity-number", self._place(line, "patient"), f"• × {len(value)}"
            )
        issuer = self.mapping.sender if identity.kind in ("LOCAL", "HNR") else ""
        person = PersonId(kind=identity.kind, value=value, issuer=issuer)
        return person, identity

    def _birth_date(self, row: Row, line: int) -> date | None:
        written = self._text(row, "birth_date")
        if not written:
            return None
        moment = parse_moment(written, self.mapping.birth_format)
        if moment is None:
            raise InvalidContent("bad-date", self._place(line, "birth_date"), written)
        return norwegian_day(moment)

    def _sex(self, row: Row, line: int) -> Sex:
        written = self._text(row, "sex")
        sex = self.mapping.sex.get(written.lower()) if self.mapping.sex else _plain_sex(written)
        if sex is None:
            if written:
                raise InvalidContent("bad-value", self._place(line, "sex"), written)
            return ""
        return cast(Sex, sex)

    def _age(self, row: Row, line: int) -> int | None:
        written = self._text(row, "age")
        if not written:
            return None
        if not (written.isascii() and written.isdigit() and len(written) < 4):
            raise InvalidContent("bad-value", self._place(line, "age"), written)
        if int(written) > MAX_AGE:
            raise InvalidContent("bad-value", self._place(line, "age"), written)
        return int(written)

    def _municipality(self, row: Row, line: int) -> str:
        written = self._text(row, "municipality")
        if not written:
            return ""
        if len(written) > 4 or not (written.isascii() and written.isdigit()):
            raise InvalidContent("bad-value", self._place(line, "municipality"), written)
        return written.zfill(4)  # spreadsheets drop the leading zero


def _plain_sex(written: str) -> str | None:
    return {"f": "F", "m": "M"}.get(written.lower())
