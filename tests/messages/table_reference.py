"""A second, plain reader of the NOIS tables, written from their description: slow and obvious.

Only for whole CSV in UTF-8 with semicolons. `read` must agree with it.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from messages.numbers import control_digits
from messages.table_rows import raw_columns

OSLO = ZoneInfo("Europe/Oslo")
SENDERS = (
    r"HER:\d{1,10}",
    r"RSH:\d{1,10}",
    r"ENH:\d{9}",
    r"FORM:[A-Z0-9]([A-Z0-9-]{0,38}[A-Z0-9])?",
)
NAMES = {"bergen": "4601", "oslo": "0301"}
"""The municipalities that the tests call by name."""


class Bad(Exception):
    """A cell, or a row, that must be refused, with the reason."""


def bad(reason: str) -> None:
    raise Bad(reason)


def read_cell(written: str, column: dict[str, Any], last: datetime) -> Any:
    """One cell."""
    cell = written.strip()
    holds = column.get("holds", "text")
    if cell == "":
        if column.get("required"):
            bad("missing-value")
        return "" if holds in ("text", "code", "municipality", "atc", "sender") else None
    return globals()["read_" + holds.replace("-", "_")](cell, column, last)


def read_text(cell: str, column: dict[str, Any], last: datetime) -> str:
    if len(cell) > column.get("longest", 200):
        bad("too-large")
    for at in range(len(cell)):
        for size in (11, 12):
            piece = cell[at : at + size]
            digits = piece if size == 11 else piece[:6] + piece[7:]
            apart = size == 11 or piece[6:7] in (" ", ".", "-", "\u00a0")
            if len(digits) == 11 and digits.isdecimal() and apart:
                bad("unexpected-identity")
    if "pattern" in column and not re.fullmatch(column["pattern"], cell):
        bad("bad-value")
    return cell


def read_sender(cell: str, column: dict[str, Any], last: datetime) -> str:
    key = cell.replace(" ", "").upper()
    if not any(re.fullmatch(pattern, key, re.ASCII) for pattern in SENDERS):
        bad("bad-value")
    if key.startswith("ENH:"):
        total = sum(int(d) * w for d, w in zip(key[4:12], (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
        check = 0 if total % 11 == 0 else 11 - total % 11
        if check != int(key[-1]):
            bad("bad-value")
    return key


def read_moment(cell: str, column: dict[str, Any], last: datetime) -> datetime:
    moment = to_moment(cell)
    day = moment.astimezone(OSLO).date()
    if day.year < 1970 or day.year > 2099:
        bad("absurd-date")
    if moment > last:
        bad("future-generated")
    return moment


def to_moment(cell: str) -> datetime:
    norwegian = re.fullmatch(
        r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?", cell
    )
    try:
        if norwegian:
            day, month, year, *clock = (int(part or 0) for part in norwegian.groups())
            return datetime(year, month, day, *clock, tzinfo=OSLO)
        if len(cell) != 10 and len(cell) < 16:
            bad("bad-date")
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise Bad("bad-date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=OSLO)


def read_date(cell: str, column: dict[str, Any], last: datetime) -> date:
    day = to_moment(cell).astimezone(OSLO).date()
    if day < date.fromisoformat(column.get("earliest", "1970-01-01")) or day.year > 2099:
        bad("absurd-date")
    if day > last.astimezone(OSLO).date():
        bad("future-date")
    return day


def read_integer(cell: str, column: dict[str, Any], last: datetime) -> int:
    if not re.fullmatch(r"-?\d{1,9}", cell, re.ASCII):
        bad("bad-value")
    if not column["least"] <= int(cell) <= column["most"]:
        bad("bad-value")
    return int(cell)


def read_yes_no(cell: str, column: dict[str, Any], last: datetime) -> bool:
    if cell.lower() in ("ja", "j", "yes", "1"):
        return True
    if cell.lower() not in ("nei", "n", "no", "0"):
        bad("bad-value")
    return False


def read_code(cell: str, column: dict[str, Any], last: datetime) -> str:
    for choice in column["codes"]:
        for word in (choice["code"], *choice.get("aliases", [])):
            if word.lower() == cell.lower():
                return str(choice["code"])
    raise Bad("bad-value")


def read_atc(cell: str, column: dict[str, Any], last: datetime) -> str:
    if not re.fullmatch(r"[A-Z]\d\d[A-Z][A-Z]\d\d", cell.upper(), re.ASCII):
        bad("bad-value")
    return cell.upper()


def read_municipality(cell: str, column: dict[str, Any], last: datetime) -> str:
    if re.fullmatch(r"\d{1,4}", cell, re.ASCII):
        return "0" * (4 - len(cell)) + cell
    if cell.lower() not in NAMES:
        bad("bad-value")
    return NAMES[cell.lower()]


def read_person(cell: str, column: dict[str, Any], last: datetime) -> str:
    number = cell.replace(" ", "")
    if not re.fullmatch(r"\d{11}", number, re.ASCII) or born(number) is None:
        bad("invalid-identity-number")
    if control_digits(number[:9]) != number[9:]:
        bad("invalid-identity-number")
    return number


def born(number: str) -> date | None:
    """The birth date of the invented numbers of the tests: all in the 1900s, month + 80."""
    try:
        return date(1900 + int(number[4:6]), int(number[2:4]) - 80, int(number[:2]))
    except ValueError:
        return None


def read_rows(data: bytes, key: str, received: datetime) -> list[dict[str, Any] | set[str]]:
    """For every row what its cells are, or the reasons of which any may be given to refuse it: that
    of its first bad cell, else all that is wrong between cells."""
    text = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=";"))
    by_heading = {column["heading"]: column for column in raw_columns(key)}
    for column in raw_columns(key):
        by_heading.update(dict.fromkeys(column.get("aliases", []), column))
    columns = [by_heading[heading] for heading in text[0]]
    found: list[dict[str, Any] | set[str]] = []
    for cells in text[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            found.append(read_row(cells, columns, key, received))
        except Bad as error:
            found.append({str(error)})
    return found


def read_row(
    cells: list[str], columns: list[dict[str, Any]], key: str, at: datetime
) -> dict[str, Any] | set[str]:
    """One row."""
    if len(cells) != len(columns):
        bad("wrong-cell-count")
    last = at + timedelta(days=1)
    row: dict[str, Any] = dict.fromkeys((c["name"] for c in raw_columns(key)), None)
    for cell, column in zip(cells, columns, strict=True):
        row[column["name"]] = read_cell(cell, column, last)
    wrong = set()
    if row["generated"] is None and (row["service_type"] or "N") != "N":
        wrong.add("missing-generated")
    if key == "nois-piah-avdeling" and not ward_is_possible(row):
        wrong.add("contradictory-values")
    if key == "nois-posi":
        wrong |= faults_of_surgery(row)
    return wrong or row


def ward_is_possible(row: dict[str, Any]) -> bool:
    """Whether all counts of one ward can be true together."""
    kind = row["institution_kind"]
    counting = [c for c in raw_columns("nois-piah-avdeling") if "about" in c]
    asked = [row[c["name"]] for c in counting if c["about"].get("only", kind) == kind]
    foreign = [row[c["name"]] for c in counting if c["about"].get("only", kind) != kind]
    counts = [count for count in asked if count is not None]
    people = [row["with_infection"] or 0, row["on_antibiotics"] or 0]
    return not (
        any(foreign)
        or max(counts + people) > row["present"]
        or (row["with_infection"] == 0 and sum(counts) > 0)
        or (None not in asked and sum(counts) < (row["with_infection"] or 0))
    )


def faults_of_surgery(row: dict[str, Any]) -> set[str]:
    """What cannot be true of one operation."""
    wrong = set()
    number = row["patient"]
    if number:
        birth, sex = born(number), "M" if int(number[8]) % 2 else "F"
        if row["born"] and row["born"] != birth:
            wrong.add("contradictory-birth-date")
        if row["sex"] and row["sex"] != sex:
            wrong.add("contradictory-sex")
        row["born"], row["sex"] = row["born"] or birth, row["sex"] or sex
    days = [row[name] for name in ("discharged", "infected", "follow_up", "died") if row[name]]
    infected = any(
        row[name] in ("superficial", "deep", "organ") for name in ("at_discharge", "at_follow_up")
    )
    if (
        any(day < row["operated"] for day in days)
        or (row["born"] and row["born"] > row["operated"])
        or (row["at_follow_up"] and not row["follow_up"])
        or (not infected and (row["infected"] or row["reoperated"]))
    ):
        wrong.add("contradictory-values")
    return wrong
