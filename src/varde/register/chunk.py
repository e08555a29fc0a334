"""What one chunk of items is: versions of reports, repetitions, or rivals for one message id.

Everything here happens in memory, on what `load` fetched of the register; `rows.py` writes the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from varde.messages.errors import mask_digits
from varde.messages.marks import says_notifiable
from varde.messages.names import MADE
from varde.messages.records import LabReport, Statement
from varde.register import store
from varde.register.projection import Context
from varde.register.versions import (
    ALL_OF_NUMBER,
    PART_OF_NUMBER,
    fingerprint,
    patient_mark,
    scope_in,
    version_key,
)

COUNTING = ("A", "R", "P")
"""States of items that are versions of their report; P: put aside, because the report would hold too much with it."""
TEST = "^"
"""Between a number and the test that is a part of the name of what is reported under it."""
_SHORT = 10
"""In so many letters and digits no identity number hides."""
_HIDDEN_NUMBER = re.compile(r"(?=\d[\d .]{10})(?:\d[ .]?){11}")
Key = tuple[str, str, str]
"""(kind, sender, report number) or (kind, sender, message id)"""


@dataclass(slots=True, eq=False)
class Version:
    """One item that could be read, in memory while its chunk is folded."""

    item: int
    reference: Key
    report: Key
    key: str
    fingerprint: bytes
    service_type: str
    state: str = "A"
    patient: int = 0
    content: Statement | None = None


@dataclass
class Chunk:
    """What a chunk of items needs to know of the register, and what it changes there."""

    rows: dict[Key, store.ReportRow] = field(default_factory=dict)
    stored: dict[int, Version] = field(default_factory=dict)
    """Items that were there before, each as one object however it was found."""
    versions: dict[Key, list[Version]] = field(default_factory=dict)
    references: dict[Key, list[Version]] = field(default_factory=dict)
    changed: dict[Key, bool] = field(default_factory=dict)
    """Reports to look at again → whether a version was taken away or is an addition, so that the
    newest version alone does not tell."""
    demoted: list[Version] = field(default_factory=list)
    moved: list[Version] = field(default_factory=list)
    """Versions that are put aside now and were not before, or the other way round."""

    def known(self, key: Key) -> list[Version]:
        """The versions of a report, and the withdrawals of everything under its number."""
        own = self.versions.get(key, [])
        if TEST not in key[2]:
            return own
        base = base_of(key)
        if base == key or not own or base not in self.versions:
            return own
        return [*own, *(v for v in self.versions[base] if withdraws_number(v))]


def is_notifiable(version: Version) -> bool:
    """Whether a version, which is in memory, says that it is notifiable."""
    return version.content is not None and says_notifiable(version.content)


def base_of(key: Key) -> Key:
    """The report of the number alone, without the test that is a part of some numbers."""
    if TEST not in key[2]:
        return key
    number, sign, _ = key[2].partition(TEST)
    return (*key[:2], number) if sign and number else key


def accession_of(key: Key) -> str:
    """The number under which a laboratory answer stands with those of other tests; empty where its name has no test."""
    base = base_of(key)
    return base[2] if base != key and key[0] == LabReport.kind else ""


def withdraws_number(version: Version) -> bool:
    """Whether it withdraws under its number whatever the test: as a withdrawal in a format that tells no tests apart does."""
    scope = scope_in(version.key)
    whole = not scope and version.service_type == "C" and version.reference[0] == LabReport.kind
    return scope in (ALL_OF_NUMBER, PART_OF_NUMBER) or whole


def read_version(item: int, report: Statement, context: Context) -> Version:
    """The item as a version of its report, with the keys that it is recognised and ordered by."""
    digest = fingerprint(report, context.fingerprint)
    sender = reference_of(report.sender, context, 80)
    return Version(
        item=item,
        reference=(report.kind, sender, reference_of(report.message_id, context)),
        report=(report.kind, sender, reference_of(report.report_id, context)),
        key=version_key(report, digest, context.reference),
        fingerprint=digest,
        service_type=report.service_type,
        patient=patient_mark(report, context.reference),
        content=report,
    )


def reference_of(number: str, context: Context, length: int = 120) -> str:
    """A sender's own number, or key, as the register keeps it: no other number is kept the same.

    One that a reader made may be a hash over an identity number, which anybody could find again by trying:
    it is kept under the register's key. One in which an identity number may hide (eleven digits in a row)
    is masked, and one that is too long is cut; a keyed hash at its end tells it from all others.
    """
    if len(number) <= _SHORT and number.isalnum():
        return number
    if number.startswith(MADE):
        return MADE + context.reference(number.encode()).hex()
    base, sign, test = number.partition(TEST)
    if sign and base and not _HIDDEN_NUMBER.search(test):
        # What is under one number is found by it, also where the number is masked.
        named = f"{reference_of(base, context, length)}{TEST}{store.fit(test, length)}"
        if len(named) <= length and named.endswith(test):
            return named
    kept = store.fit(number, length)
    if kept == number and not (len(number) > 10 and _HIDDEN_NUMBER.search(number)):
        return number
    hash_ = MADE + context.reference(number.encode("utf-8", "surrogatepass")).hex()
    return mask_digits(kept, 11)[: length - len(hash_)] + hash_


def load(fresh: Sequence[Version]) -> Chunk:
    """What the register knows of the reports and message ids of a chunk."""
    chunk = Chunk()
    wanted = {version.report for version in fresh}
    wanted |= {base_of(key) for key in wanted}
    columns = ", ".join(store.REPORT_COLUMNS)
    for row in store.select_in("report", columns, "report_ref", {ref for *_, ref in wanted}):
        if row[1:4] in wanted:
            chunk.rows[row[1:4]] = store.ReportRow._make(row)
    for version in fresh:
        if withdraws_number(version):
            chunk.rows |= _rows_under(version.report)
    wanted |= chunk.rows.keys()
    by_id = {row[0]: key for key, row in chunk.rows.items()}
    references = {version.reference for version in fresh}
    for row in _items("message_ref", {ref for *_, ref in references}):
        if row[1:4] in references:
            chunk.stored[row[0]] = _stored_version(row)
    for row in _items("report", by_id):
        chunk.stored.setdefault(row[0], _stored_version(row)).report = by_id[row[4]]
    for version in chunk.stored.values():
        if version.reference in references:
            chunk.references.setdefault(version.reference, []).append(version)
        if version.state in COUNTING and version.report in wanted:
            chunk.versions.setdefault(version.report, []).append(version)
    return chunk


def load_reports(reports: Sequence[int]) -> Chunk:
    """What the register knows of some reports, by their ids; those that are not there are left out."""
    chunk = Chunk()
    columns = ", ".join(store.REPORT_COLUMNS)
    for row in store.select_in("report", columns, "id", reports):
        chunk.rows[row[1:4]] = store.ReportRow._make(row)
    _load_versions(chunk, chunk.rows | _base_rows(chunk.rows))
    return chunk


def _base_rows(keys: Iterable[Key]) -> dict[Key, store.ReportRow]:
    """The reports of the numbers alone of those that have a test in theirs."""
    wanted = {base_of(key) for key in keys} - set(keys)
    columns = ", ".join(store.REPORT_COLUMNS)
    rows = store.select_in("report", columns, "report_ref", {ref for *_, ref in wanted})
    return {row[1:4]: store.ReportRow._make(row) for row in rows if row[1:4] in wanted}


def _rows_under(key: Key) -> dict[Key, store.ReportRow]:
    """The reports of a number with a test."""
    kind, sender, number = key
    columns = ", ".join(store.REPORT_COLUMNS)
    with store.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM register_report "
            # The index holds those with a number alone.
            "WHERE accession = %s AND NOT (accession = '') AND sender = %s AND kind = %s",
            [number, sender, kind],
        )
        return {row[1:4]: store.ReportRow._make(row) for row in cursor.fetchall()}


def _load_versions(chunk: Chunk, rows: Mapping[Key, store.ReportRow]) -> None:
    """Fetch the versions of reports."""
    by_id = {row.id: key for key, row in rows.items()}
    for item in _items("report", by_id):
        version = chunk.stored.setdefault(item[0], _stored_version(item))
        version.report = by_id[item[4]]
        versions = chunk.versions.setdefault(version.report, [])
        if version.state in COUNTING and version not in versions:
            versions.append(version)


def _items(column: str, values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Stored items that are or were versions of a report."""
    columns = "id, kind, sender, message_ref, report, version_key, fingerprint, service_type, state, patient"
    where = "AND version_key <> '' AND state <> 'D'"
    return store.select_in("item", columns, column, values, where)


def _stored_version(row: tuple[Any, ...]) -> Version:
    item, kind, sender, reference, report, key, digest, service_type, state, patient = row
    return Version(
        item=item,
        reference=(kind, sender, reference),
        # Named by its id until somebody needs it: see `_load_report`.
        report=("", "", str(report)),
        key=key,
        fingerprint=bytes(digest),
        service_type=service_type,
        state=state,
        patient=patient,
    )


def take(version: Version, chunk: Chunk) -> None:
    """Decide what one new item is, given everything known before it."""
    same_id = chunk.references.setdefault(version.reference, [])
    rival = None
    if same_id:
        if any(other.fingerprint == version.fingerprint for other in same_id):
            version.state = "D"
            return
        rival = next((other for other in same_id if other.state in COUNTING), None)
    same_id.append(version)
    if rival is not None and rival.key > version.key:
        version.state = "Q"
        return
    if rival is not None:
        _demote(rival, chunk)
    versions = chunk.versions.setdefault(version.report, [])
    if versions and any(other.key == version.key for other in versions):
        version.state = "R"
    versions.append(version)
    special = "A" in [v.service_type for v in versions]
    chunk.changed[version.report] = chunk.changed.get(version.report, False) or special
    if withdraws_number(version):
        _change_under(version.report, chunk, False)


def _change_under(base: Key, chunk: Chunk, special: bool) -> None:
    """Look again at the reports under a number; `special` as of `Chunk.changed`."""
    for key in chunk.versions:
        if key != base and base_of(key) == base and chunk.versions[key]:
            chunk.changed[key] = chunk.changed.get(key, False) or special


def _demote(rival: Version, chunk: Chunk) -> None:
    """Take away an accepted version whose message id a newer version has."""
    if rival.report[0] == "":
        _load_report(rival, chunk)
    rival.state = "Q"
    chunk.demoted.append(rival)
    versions = chunk.versions[rival.report]
    versions.remove(rival)
    chunk.changed[rival.report] = True
    if withdraws_number(rival):
        rows = _rows_under(rival.report)
        chunk.rows = rows | chunk.rows
        _load_versions(chunk, {key: row for key, row in rows.items() if key not in chunk.versions})
        _change_under(rival.report, chunk, True)


def _load_report(rival: Version, chunk: Chunk) -> None:
    """Fetch the report of a version that this chunk did not ask for."""
    columns = ", ".join(store.REPORT_COLUMNS)
    [row] = store.select_in("report", columns, "id", [int(rival.report[2])])
    key = row[1:4]
    own = {key: store.ReportRow._make(row)}
    rows = own | {base: row for base, row in _base_rows(own).items() if base not in chunk.versions}
    chunk.rows |= rows
    _load_versions(chunk, rows)
