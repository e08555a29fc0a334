"""A reader of prescribing files as plain as can be: line by line, cell by cell, sharing nothing with the fast one."""

from __future__ import annotations

import csv
import datetime
import re
from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from varde.messages import identify
from varde.prescribing import Column, Layout, layouts

EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)


class Refused(Exception):
    """The file as a whole."""


class Fault(Exception):
    """A cell."""


class PlainResult(NamedTuple):
    """Row → values by column; row → (column, reason)."""

    accepted: dict[int, dict[str, Any]]
    rejected: dict[int, list[tuple[str, str]]]


def split_lines(text: str) -> list[str]:
    """Lines as an editor shows them; the end of the last one is no line."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[:-1] if lines[-1] == "" else lines


def split(line: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else [""]


def plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "").replace("-", "")


def read_plainly(data: bytes, key: str, latest: datetime.date | None = None) -> PlainResult:
    layout = layouts()[key]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("wrong-encoding") from None
    if not data:
        raise Refused("empty")
    lines = split_lines(text)
    at = next((n for n, line in enumerate(lines) if line.strip()), None)
    if at is None:
        raise Refused("empty")
    best = max((";", ",", "\t"), key=lambda sign: len(split(lines[at], sign) or [""]))
    names = [name.strip() for name in split(lines[at], best) or [lines[at]]]
    columns = find_columns(layout, names)
    accepted: dict[int, dict[str, Any]] = {}
    rejected: dict[int, list[tuple[str, str]]] = {}
    for number, line in enumerate(lines[at + 1 :], start=at + 2):
        cells = split(line, best)
        if cells is None:
            rejected[number] = [("", "open-quotation")]
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) != len(names):
            rejected[number] = [("", "wrong-cell-count")]
        else:
            row, faults = read_row(layout, columns, cells, latest)
            if faults:
                rejected[number] = faults
            else:
                accepted[number] = row
    if not accepted and not rejected:
        raise Refused("no-rows")
    return PlainResult(accepted, rejected)


def find_columns(layout: Layout, names: list[str]) -> list[Column | None]:
    known = {plain(column.name): column for column in layout.columns}
    if any(name and plain(name) not in known for name in names):
        raise Refused("unknown-column")
    found = [known[plain(name)] if name else None for name in names]
    named = [column.name for column in found if column]
    if len(named) != len(set(named)):
        raise Refused("repeated-column")
    if any(column.required and column not in found for column in layout.columns):
        raise Refused("missing-column")
    return found


def read_row(
    layout: Layout, columns: list[Column | None], cells: list[str], latest: datetime.date | None
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    row: dict[str, Any] = {column.name: None for column in layout.columns}
    faults = []
    for column, cell in zip(columns, cells, strict=True):
        cell = cell.strip()
        if column is None:
            if cell:
                faults.append(("", "wrong-cell-count"))
            continue
        try:
            if cell:
                row[column.name] = read_cell(layout, column, cell, latest)
            elif column.required:
                raise Fault("missing-value")
        except Fault as fault:
            faults.append((column.name, str(fault)))
    for low, high in (("since", "until"), ("age_low", "age_high")):
        if row.get(low) is not None and row.get(high) is not None and row[high] < row[low]:
            faults.append((high, f"{high.replace('_', '-')}-before-start"))
    for other in ("part_of", "successor"):
        if row.get(other) is not None and row[other] == row.get("institution"):
            faults.append((other, "itself"))
    written, given, age = (row.get(name) for name in ("prescribed_on", "dispensed_on", "age"))
    if written and given and written > given:
        faults.append(("prescribed_on", "prescribed-after-dispensed"))
    if written and given and age is not None:
        born = (given.year - age - 1, given.month, given.day)  # later than this
        if (written.year, written.month, written.day) <= born:
            faults.append(("prescribed_on", "prescribed-before-birth"))
    return row, faults


def read_cell(layout: Layout, column: Column, cell: str, latest: datetime.date | None) -> Any:
    holds = column.holds
    if holds in ("date", "month"):
        day = read_day(cell) if holds == "date" else read_month(cell)
        if not EARLIEST <= day <= LATEST:
            raise Fault("absurd-date")
        if latest and layout.personal and column.name == layout.dated_by and day > latest:
            raise Fault("future-date")
        return day
    if holds == "integer":
        if not re.fullmatch("-?[0-9]{1,9}", cell):
            raise Fault("no-integer")
        return bounded(column, int(cell))
    if holds == "decimal":
        if not re.fullmatch(r"-?[0-9]{1,12}([.,][0-9]{1,30})?", cell):
            raise Fault("no-number")
        number = Decimal(cell.replace(",", "."))
        if number != round(number, column.places):
            raise Fault("too-many-decimals")
        return bounded(column, number)
    if holds == "yes-no":
        words = {"ja": True, "j": True, "yes": True, "y": True, "true": True, "1": True}
        words |= {"nei": False, "n": False, "no": False, "false": False, "0": False}
        if cell.casefold() not in words:
            raise Fault("no-yes-or-no")
        return words[cell.casefold()]
    if holds == "code":
        for code in column.codes:
            if code.casefold() == cell.casefold():
                return code
        raise Fault("not-in-list")
    if holds == "codes":
        return read_codes(column, cell)
    if holds == "atc":
        if not re.fullmatch("[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", cell.upper()):
            raise Fault("no-atc")
        return cell.upper()
    if holds == "hpr":
        if not re.fullmatch("0*[1-9][0-9]{0,8}", cell):
            raise Fault("no-hpr-number")
        return cell.lstrip("0")
    if holds == "organisation":
        number = cell.replace(" ", "").replace("\u00a0", "")
        if not re.fullmatch("[0-9]{9}", number):
            raise Fault("no-organisation-number")
        total = sum(int(a) * b for a, b in zip(number, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True))
        if total % 11:
            raise Fault("wrong-check-digit")
        return number
    if holds == "municipality":
        if not re.fullmatch("[0-9]{3,4}", cell):
            raise Fault("no-municipality")
        return cell.rjust(4, "0")
    return read_text(layout, column, cell)


def read_text(layout: Layout, column: Column, cell: str) -> str:
    if len(cell) > column.longest:
        raise Fault("too-long")
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in cell):
        raise Fault("control-character")
    digits = re.sub("[ .\u00a0-]", "", cell)
    national = re.fullmatch("[0-9]{11}", digits) and identify("FNR", digits).valid
    if column.holds == "pseudonym":
        if national:
            raise Refused("identity-numbers")
        return cell
    if column.name in layout.identified_by and not column.pattern:
        return cell
    if national:
        raise Fault("identity-number")
    if not column.pattern:
        return cell
    return fitted(column, cell)


def fitted(column: Column, cell: str) -> str:
    for written in (cell, cell.upper(), cell.lower()):
        if re.fullmatch(column.pattern, written):
            return written
    raise Fault("wrong-form")


def read_codes(column: Column, cell: str) -> str:
    codes: list[str] = []
    for code in cell.replace(",", " ").replace("\u00a0", " ").split(" "):
        if code:
            code = fitted(column, code)
            codes += [] if code in codes else [code]
    if not codes:
        raise Fault("wrong-form")
    if len(" ".join(codes)) > column.longest:
        raise Fault("too-long")
    return " ".join(codes)


def read_day(cell: str) -> datetime.date:
    for form, order in (
        (r"(\d{4})-(\d{2})-(\d{2})", (0, 1, 2)),
        (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", (2, 1, 0)),
    ):
        if found := re.fullmatch(form, cell, re.ASCII):
            try:
                return datetime.date(*(int(found.groups()[place]) for place in order))
            except ValueError:
                break
    raise Fault("no-date")


def read_month(cell: str) -> datetime.date:
    written = cell
    if re.fullmatch(r"\d{4}-\d{2}", cell, re.ASCII):
        written = f"{cell}-01"
    elif re.fullmatch(r"\d{1,2}\.\d{4}", cell, re.ASCII):
        written = f"1.{cell}"
    try:
        day = read_day(written)
    except Fault:
        raise Fault("no-month") from None
    if day.day != 1:
        raise Fault("no-month")
    return day


def bounded(column: Column, number: Any) -> Any:
    if column.least is not None and number < column.least:
        raise Fault("out-of-bounds")
    if column.most is not None and number > column.most:
        raise Fault("out-of-bounds")
    return number


def find_plain_duplicates(
    layout: Layout, accepted: dict[int, dict[str, Any]]
) -> tuple[set[int], set[int]]:
    """Rows that contradict another of their key, and repetitions of an earlier row."""
    by_key: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, row in accepted.items():
        by_key[tuple(row[name] for name in layout.identified_by)].append(number)
    wrong: set[int] = set()
    repeated: set[int] = set()
    for numbers in by_key.values():
        alike = all(accepted[number] == accepted[numbers[0]] for number in numbers)
        if not alike:
            wrong.update(numbers)
        else:
            repeated.update(numbers[1:])
    return wrong, repeated
