"""Changes of number, splits and deaths taken in from a file: kept, and followed at once.

A CSV file in UTF-8 with a line of headings, separated by comma or semicolon:

- ``what``: ``changed`` (empty means that too), ``split`` or ``died``
- ``old``, ``new``: the numbers (national, D or DUF number); of a death ``old`` alone
- ``day``: when it was so, as 2026-01-31
- ``source``: who says so

The same row again changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple, cast

from varde.linkage import read_number
from varde.messages.records import PersonId
from varde.register import ids, store
from varde.register.casework.changes import changing
from varde.register.identities.deciding import CannotDecide, redo
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.placing import reconsider
from varde.register.identities.stored_changes import Change, What, content_of
from varde.register.opening import Register

MAX_BYTES = 64 << 20
MAX_ROWS = 500_000
MAX_SOURCE = 120
COLUMNS = ("what", "old", "new", "day", "source")
_KINDS = {11: "FNR", 12: "DUF"}

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
]


class Refused(NamedTuple):
    """A row that cannot be used, and why; nothing of what stands in it.

    Attributes:
        line: of the file, from 1.
    """

    line: int
    fault: Fault


class Taken(NamedTuple):
    """What became of a file.

    Attributes:
        added: rows that are new.
        known: rows that were there already.
        moved: reports that are about somebody else now.
    """

    added: int
    known: int
    refused: tuple[Refused, ...]
    moved: int


def read_file(data: bytes, today: date) -> Iterator[Change | Refused]:
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
                yield found if isinstance(found, Change) else Refused(rows.line_num, found)
    except csv.Error:
        yield Refused(rows.line_num, "no-table")


def _read_row(said: dict[str, str], today: date) -> Change | Fault:
    what = said.get("what", "") or "changed"
    if what not in ("changed", "split", "died"):
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
    if what == "died":
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
    read = list(read_file(data, today))
    refused = tuple(one for one in read if isinstance(one, Refused))
    given = {content_of(one): one for one in read if isinstance(one, Change)}
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
            redo(arranged, register.context.renewed())
    repeated = len([one for one in read if isinstance(one, Change)]) - len(fresh)
    return Taken(len(fresh), repeated, refused, len(arranged.moved))


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
    """All numbers of those whom changes are about, under the changes that are kept now."""
    known = knowledge.changes()
    return {
        number
        for change in changes
        if change.later is not None
        for one in (change.earlier, change.later)
        for number in known.of(f"{one.kind}:{one.value}")
    }


def _nodes_with(numbers: Iterable[str], knowledge: Knowledge) -> set[int]:
    """The nodes that have some numbers, in any of the forms that one of them may stand in."""
    keys = {knowledge.key_of(f"n{number}") for number in numbers}
    return {row[0] // ids.NODE_KEYS for row in store.select_in("nodekey", "id", "key", keys)}


def kept_changes() -> int:
    """How many changes are kept."""
    with store.connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM register_numberchange")
        return int(cursor.fetchone()[0])
