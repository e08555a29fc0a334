"""Writes what a chunk of items changes: reports and their parts, persons, items, quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from varde.messages.errors import mask_digits
from varde.messages.records import Failure
from varde.register import ids, store
from varde.register.chunk import COUNTING, Chunk, Key, Version, safe_reference
from varde.register.projection import Projection

REUSED = "message-id-reused"
Projections = dict[Key, tuple[Version | None, Projection | None]]
"""Reports that may have changed → their current version and what it means; (None, None) when no
version is left."""


def write_reports(chunk: Chunk, projections: Projections) -> None:
    """Write what changed: persons, reports and their parts, months to refresh."""
    gone = [
        chunk.rows[key] for key, (v, _) in projections.items() if v is None and key in chunk.rows
    ]
    changed = [
        (key, version, projection)
        for key, (version, projection) in projections.items()
        if version is not None and projection is not None
    ]
    persons = store.find_persons({p.pseudonym for _, _, p in changed if p.pseudonym is not None})
    next_report = store.next_id("report")
    reports: list[tuple[Any, ...]] = []
    rewritten: list[tuple[int, Projection]] = []
    replaced: list[int] = []
    orphans: set[int] = set()
    periods: set[str] = set()
    for key, version, projection in changed:
        old = chunk.rows.get(key)
        report_id = old[0] if old else next_report
        next_report += old is None
        row = _report_row(report_id, key, version, projection, persons)
        reports.append(row)
        chunk.rows[key] = row
        if old and bytes(old[14]) == projection.digest:
            continue
        rewritten.append((report_id, projection))
        periods.update(projection.periods)
        if old:
            replaced.append(report_id)
            periods.update(filter(None, old[13].split(",")))
            if old[10] is not None and old[10] != row[10]:
                orphans.add(old[10])
    for row in gone:
        periods.update(filter(None, row[13].split(",")))
        orphans.update([row[10]] if row[10] is not None else [])
    store.remove_parts(replaced + [row[0] for row in gone])
    store.remove_reports([row[0] for row in gone])
    store.write_reports(reports)
    _write_parts(rewritten)
    store.remove_orphans(orphans)
    store.touch_periods(periods)


def _report_row(
    report_id: int,
    key: Key,
    version: Version,
    projection: Projection,
    persons: dict[bytes, int],
) -> tuple[Any, ...]:
    content = version.content
    if content is None:
        raise AssertionError("a version is only written while its content is in memory")
    person = persons[projection.pseudonym] if projection.pseudonym is not None else None
    return (
        report_id,
        *key,
        version.item,
        version.key,
        content.service_type == "C",
        content.status,
        content.notifiable,
        content.negative,
        store.stamp(content.generated),
        person,
        projection.sex,
        projection.municipality,
        ",".join(projection.periods),
        projection.digest,
    )


def _write_parts(projections: Sequence[tuple[int, Projection]]) -> None:
    """Write specimens, findings, susceptibilities and unmapped expressions of reports."""
    specimens: list[tuple[Any, ...]] = []
    findings: list[tuple[Any, ...]] = []
    results: list[tuple[Any, ...]] = []
    expressions: list[tuple[Any, ...]] = []
    for report, projection in projections:
        base = ids.part_id(report, 0)
        for number, reference, material, day, second, period, age, ward in projection.specimens:
            specimens.append(
                (
                    base + number,
                    report,
                    reference,
                    material,
                    store.day(day),
                    second,
                    period,
                    age,
                    ward,
                )
            )
        for number, specimen, organism, tie, susceptibilities in projection.findings:
            findings.append((base + number, base + specimen, organism, tie))
            first = ids.result_id(base + number, 0)
            results.extend((first + n, *row) for n, row in enumerate(susceptibilities))
        first = ids.expression_id(report, 0)
        expressions.extend((first + n, *row) for n, row in enumerate(projection.unmapped))
    store.insert("specimen", _SPECIMEN, specimens)
    store.insert("finding", ("id", "specimen", "organism", "tie"), findings)
    store.insert("susceptibility", ("id", "antibiotic", "sir", "mic"), results)
    store.insert("unmapped", ("id", "kind", "system", "code", "text"), expressions)


_SPECIMEN = (
    "id",
    "report",
    "reference",
    "material",
    "collected_on",
    "second_of_day",
    "period",
    "age",
    "ward",
)
_ITEM = (
    "id",
    "state",
    "sender",
    "message_ref",
    "report",
    "version_key",
    "fingerprint",
    "service_type",
)


def write_items(
    fresh: Sequence[Version],
    failures: Sequence[tuple[int, Failure]],
    chunk: Chunk,
    folded_at: datetime,
) -> None:
    """Write what became of each item, and the quarantine."""
    new = {version.item for version in fresh}
    demoted = [version for version in chunk.demoted if version.item not in new]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_item SET state = 'Q' WHERE id = %s", [(v.item,) for v in demoted]
        )
    rows = [_item_row(version, chunk) for version in fresh]
    rows.extend(
        (
            item,
            "Q",
            safe_reference(failure.sender)[:80],
            safe_reference(failure.message_id),
            0,
            "",
            b"",
            "",
        )
        for item, failure in failures
    )
    store.insert("item", _ITEM, rows)
    now = store.stamp(folded_at)
    entries: list[tuple[Any, ...]] = [
        (
            item,
            safe_reference(failure.sender)[:80],
            failure.reason,
            store.fit(mask_digits(failure.place), 200),
            store.fit(mask_digits(failure.detail), 200),
            safe_reference(failure.message_id),
            safe_reference(failure.report_id),
            now,
        )
        for item, failure in failures
    ]
    for version in [*(v for v in fresh if v.state == "Q"), *demoted]:
        sender, reference = version.reference
        place = f"answer {ids.message_of(version.item)[1] + 1}"
        number = version.report[1] if version.report[0] else ""
        entries.append((version.item, sender, REUSED, place, reference, reference, number, now))
    store.open_quarantine(entries)


def _item_row(version: Version, chunk: Chunk) -> tuple[Any, ...]:
    row = chunk.rows.get(version.report)
    return (
        version.item,
        version.state,
        *version.reference,
        row[0] if row else 0,
        version.key,
        version.fingerprint,
        version.service_type,
    )


def settle_corrected(fresh: Sequence[Version], folded_at: datetime) -> None:
    """Close what waits in quarantine when the corrected message has come.

    That is a later, usable one of the same sender with the same message id or number of the answer;
    where the sender could not be read (a message cut short), both must be the same. A message id used
    for two contents stays: only the laboratory can say which was meant.
    """
    usable = [version for version in fresh if version.state in COUNTING]
    if not usable or not store.exists_open_quarantine():
        return
    latest: dict[tuple[str, Key], int] = {}
    for version in usable:
        for name, key in (("message", version.reference), ("report", version.report)):
            latest[name, key] = max(latest.get((name, key), 0), version.item)
    both: dict[Key, int] = {}
    for version in usable:
        key = (version.reference[1], version.report[1])
        both[key] = max(both.get(key, 0), version.item)
    settled: set[int] = set()
    where = f"AND resolved_at IS NULL AND reason <> '{REUSED}'"
    for name in ("message", "report"):
        wanted = {key[1] for kind, key in latest if kind == name and key[1]}
        columns = "id, sender, message_ref, report_ref"
        for item, sender, message, report in store.select_in(
            "quarantineentry", columns, f"{name}_ref", wanted, where
        ):
            reference = message if name == "message" else report
            later = latest.get((name, (sender, reference)), 0)
            if item < (later if sender else both.get((message, report), 0)):
                settled.add(item)
    store.close_quarantine(settled, folded_at)
