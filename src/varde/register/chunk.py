"""What one chunk of items is: versions of reports, repetitions, or rivals for one message id.

Everything here happens in memory, on what `load` fetched of the register; `rows.py` writes the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from varde.messages.errors import mask_digits
from varde.messages.names import MADE
from varde.messages.records import Statement
from varde.register import store
from varde.register.projection import Context
from varde.register.versions import fingerprint, patient_mark, version_key

COUNTING = ("A", "R", "P")
"""States of items that are versions of their report; P: put aside, because the report would hold too much with it."""
_HIDDEN_NUMBER = re.compile(r"(?:\d[ .]?){11}")
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


def read_version(item: int, report: Statement, context: Context) -> Version:
    """The item as a version of its report, with the keys that it is recognised and ordered by."""
    digest = fingerprint(report, context.fingerprint)
    sender = reference_of(report.sender, context, 80)
    return Version(
        item=item,
        reference=(report.kind, sender, reference_of(report.message_id, context)),
        report=(report.kind, sender, reference_of(report.report_id, context)),
        key=version_key(report, digest),
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
    if number.startswith(MADE):
        return MADE + context.reference(number.encode()).hex()
    kept = store.fit(number, length)
    if kept == number and not (len(number) > 10 and _HIDDEN_NUMBER.search(number)):
        return number
    hash_ = MADE + context.reference(number.encode("utf-8", "surrogatepass")).hex()
    return mask_digits(kept, 11)[: length - len(hash_)] + hash_


def load(fresh: Sequence[Version]) -> Chunk:
    """What the register knows of the reports and message ids of a chunk."""
    chunk = Chunk()
    wanted = {version.report for version in fresh}
    columns = ", ".join(store.REPORT_COLUMNS)
    for row in store.select_in("report", columns, "report_ref", {ref for *_, ref in wanted}):
        if row[1:4] in wanted:
            chunk.rows[row[1:4]] = store.ReportRow._make(row)
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
    by_id = {row.id: key for key, row in chunk.rows.items()}
    for item in _items("report", by_id):
        version = chunk.stored[item[0]] = _stored_version(item)
        version.report = by_id[item[4]]
        if version.state in COUNTING:
            chunk.versions.setdefault(version.report, []).append(version)
    return chunk


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
    if any(other.key == version.key for other in versions):
        version.state = "R"
    versions.append(version)
    special = any(v.service_type == "A" for v in versions)
    chunk.changed[version.report] = chunk.changed.get(version.report, False) or special


def _demote(rival: Version, chunk: Chunk) -> None:
    """Take away an accepted version whose message id a newer version has."""
    if rival.report[0] == "":
        _load_report(rival, chunk)
    rival.state = "Q"
    chunk.demoted.append(rival)
    versions = chunk.versions[rival.report]
    versions.remove(rival)
    chunk.changed[rival.report] = True


def _load_report(rival: Version, chunk: Chunk) -> None:
    """Fetch the report of a version that this chunk did not ask for."""
    columns = ", ".join(store.REPORT_COLUMNS)
    [row] = store.select_in("report", columns, "id", [int(rival.report[2])])
    key = row[1:4]
    chunk.rows[key] = store.ReportRow._make(row)
    versions = chunk.versions.setdefault(key, [])
    for item in _items("report", [row[0]]):
        version = chunk.stored.setdefault(item[0], _stored_version(item))
        version.report = key
        if version.state in COUNTING:
            versions.append(version)
