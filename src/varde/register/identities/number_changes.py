"""Changes of number, splits and deaths taken in from a file: kept, and followed at once.

A CSV file in UTF-8 with a line of headings, separated by comma or semicolon:

- ``what``: ``changed`` (empty means that too), ``split``, ``died``; ``not-died`` takes a death of that day back
- ``old``, ``new``: the numbers (national, D or DUF number); of a death ``old`` alone
- ``day``: when it was so, as 2026-01-31
- ``source``: who says so

The same row again changes nothing. Rows that contradict each other (a D number that became two national numbers, two
days of one death) are kept, have no effect, and are told as refused: which of them is right, nobody knows yet. Which
came first does not matter, and a ``split`` of the wrong one gives the right one its effect.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, cast, get_args

from varde.linkage import Known, read_number
from varde.messages.records import PersonId
from varde.register import ids, store
from varde.register.casework.changes import changing
from varde.register.identities.deciding import CannotDecide, redo
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.placing import reconsider
from varde.register.identities.stored_changes import (
    Change,
    What,
    content_of,
    name_of,
    read_deaths,
)
from varde.register.opening import Register

MAX_BYTES = 64 << 20
MAX_ROWS = 500_000
MAX_SOURCE = 120
COLUMNS = ("what", "old", "new", "day", "source")
_KINDS = {11: "FNR", 12: "DUF"}
DEATHS = frozenset({"died", "not-died"})

Fault = Literal[
    "no-table",
    "too-large",
    "what-unknown",
    "old-invalid",
    "new-invalid",
    "new-missing",
    "new-unexpected",
    "same-number",
    "day-invalid",
    "source-missing",
    "contradicts-change",
    "contradicts-death",
]


FAULTS: dict[Fault, str] = {
    "no-table": "this is no table with the columns old, day and source",
    "too-large": "the file is larger than can be taken in at once",
    "what-unknown": "what is neither changed, split, died nor not-died",
    "old-invalid": "the old number is no valid national, D or DUF number of that day",
    "new-invalid": "the new number is no valid national, D or DUF number of that day",
    "new-missing": "the new number is missing",
    "new-unexpected": "a death has no new number",
    "same-number": "the old number and the new one are the same",
    "day-invalid": "the day is no day (2026-01-31), or one that has not come yet",
    "source-missing": "nobody is named who says so",
    "contradicts-change": "kept, without effect: by another row the number became another person's; "
    "take the wrong one back with split",
    "contradicts-death": "kept: by another row the person died on another day",
}
"""What is wrong, in words."""


class Refused(NamedTuple):
    """A row that cannot be used, or has no effect, and why; nothing of what stands in it.

    Attributes:
        line: of the file, from 1.
    """

    line: int
    fault: Fault


class Taken(NamedTuple):
    """What became of a file.

    Attributes:
        added: rows that are new, those that others contradict among them.
        known: rows that were there already.
        moved: reports that are about somebody else now.
    """

    added: int
    known: int
    refused: tuple[Refused, ...]
    moved: int


class Line(NamedTuple):
    """A row that can be read, and where it stands: its line, from 1."""

    line: int
    change: Change


def read_file(data: bytes, today: date) -> Iterator[Line | Refused]:
    """The rows of a file, each as what it says or as what is wrong with it. Bounded work for any bytes."""
    if len(data) > MAX_BYTES:
        yield Refused(1, "too-large")
        return
    text = data.decode("utf-8-sig", "replace")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    try:
        headings = [name.strip().lower() for name in next(rows, [])]
        if not {"old", "day", "source"} <= set(headings):
            yield Refused(1, "no-table")
            return
        for count, row in enumerate(rows):
            if count >= MAX_ROWS:
                yield Refused(rows.line_num, "too-large")
                return
            if any(cell.strip() for cell in row):
                said = dict(zip(headings, (cell.strip() for cell in row), strict=False))
                found = _read_row(said, today)
                line = rows.line_num
                yield Line(line, found) if isinstance(found, Change) else Refused(line, found)
    except csv.Error:
        yield Refused(rows.line_num, "no-table")


def _read_row(said: dict[str, str], today: date) -> Change | Fault:
    what = said.get("what", "") or "changed"
    if what not in get_args(What):
        return "what-unknown"
    try:
        day = date.fromisoformat(said.get("day", ""))
    except ValueError:
        return "day-invalid"
    if day > today or day.year < 1900:
        return "day-invalid"
    earlier = _read_number(said.get("old", ""), day)
    if earlier is None:
        return "old-invalid"
    later = None
    if what in DEATHS:
        if said.get("new", ""):
            return "new-unexpected"
    else:
        if not said.get("new", ""):
            return "new-missing"
        later = _read_number(said["new"], day)
        if later is None:
            return "new-invalid"
        if later == earlier:
            return "same-number"
    source = said.get("source", "")
    if not source:
        return "source-missing"
    return Change(
        what=cast(What, what), earlier=earlier, later=later, day=day, source=source[:MAX_SOURCE]
    )


def _read_number(text: str, day: date) -> PersonId | None:
    value = "".join(text.split())
    kind = _KINDS.get(len(value))
    if kind is None or not (value.isascii() and value.isdigit()):
        return None
    found = read_number(kind, value, day)
    return PersonId(kind=found.kind, value=value) if found.valid else None


def take_changes(register: Register, data: bytes, at: datetime, today: date) -> Taken:
    """Take a file in, and let persons follow. One transaction: all rows that can be used, or none.

    Raises:
        CannotDecide: the register is about nobody.
    """
    knowledge = register.context.knowledge
    if knowledge is None:
        raise CannotDecide("this register is about nobody")
    said = list(read_file(data, today))
    refused = tuple(one for one in said if isinstance(one, Refused))
    lines = [one.line for one in said if isinstance(one, Line)]
    read = [one.change for one in said if isinstance(one, Line)]
    given = {content_of(one): one for one in read}
    with store.using(register.alias), store.alone():
        named = {knowledge.change_hash(content): content for content in given}
        known = {bytes(row[0]) for row in store.select_in("numberchange", "entry", "entry", named)}
        fresh = {hash_: content for hash_, content in named.items() if hash_ not in known}
        changes = [given[content] for content in fresh.values()]
        before = _numbers(changes, knowledge)
        knowledge.vault.put("change", fresh)
        _write(fresh, given, knowledge, at)
        touched = _nodes_with(before | _numbers(changes, knowledge), knowledge)
        arranged = reconsider(touched, knowledge)
        with changing(at):
            redo(arranged, register.context.renewed(), apart=True)
        refused += tuple(_contradicting(read, lines, knowledge))
    in_order = tuple(sorted(refused))
    return Taken(len(fresh), len(read) - len(fresh), in_order, len(arranged.moved))


def _contradicting(
    changes: Sequence[Change], lines: Sequence[int], knowledge: Knowledge
) -> Iterator[Refused]:
    """The rows that are contradicted by others, of this file or kept from before, and so have no effect."""
    known = knowledge.changes()
    for line, change in zip(lines, changes, strict=True):
        if change.what == "died" and len(read_deaths(knowledge, change.earlier)) > 1:
            yield Refused(line, "contradicts-death")
        if change.what == "changed" and change.later is not None:
            one, other = name_of(change.earlier), name_of(change.later)
            if other in known.known(one).doubted:
                yield Refused(line, "contradicts-change")


def _write(
    fresh: dict[bytes, bytes], given: dict[bytes, Change], knowledge: Knowledge, at: datetime
) -> None:
    first = store.next_id("numberchange")
    rows = []
    for number, (hash_, content) in enumerate(sorted(fresh.items()), first):
        change = given[content]
        later = knowledge.number_hash(change.later) if change.later else b""
        earlier = knowledge.number_hash(change.earlier)
        source = store.fit(change.source, MAX_SOURCE)
        row = (number, hash_, change.what, earlier, later, store.day(change.day), source)
        rows.append((*row, store.stamp(at)))
    store.insert("numberchange", store.columns_of("numberchange"), rows)


def _numbers(changes: Iterable[Change], knowledge: Knowledge) -> set[str]:
    """All numbers of those whom changes and deaths are about, under the changes that are kept now."""
    known = knowledge.changes()
    return {
        number
        for change in changes
        for one in (change.earlier, change.later)
        if one is not None
        for number in _reached(known.known(name_of(one)))
    }


def _reached(known: Known) -> frozenset[str]:
    return known.joined | known.doubted | known.parted


def _nodes_with(numbers: Iterable[str], knowledge: Knowledge) -> set[int]:
    """The nodes that have some numbers, in any of the forms that one of them may stand in."""
    keys = {knowledge.key_of(f"n{number}") for number in numbers}
    return {row[0] // ids.NODE_KEYS for row in store.select_in("nodekey", "id", "key", keys)}


def kept_changes() -> int:
    """How many changes are kept."""
    with store.connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM register_numberchange")
        return int(cursor.fetchone()[0])
