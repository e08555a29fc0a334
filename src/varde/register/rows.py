"""Writes what a chunk of items changes: reports and their parts, persons, items, quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from varde.messages.marks import says_notifiable
from varde.messages.masking import mask_found, mask_place
from varde.messages.records import Failure
from varde.register import ids, store
from varde.register.beside import Beside
from varde.register.casework.beginning import KINDS, may_begin
from varde.register.casework.strangers import (
    find_strangers,
    handed_over,
    let_go,
    read_replaced,
)
from varde.register.casework.work import work_out
from varde.register.chunk import Chunk, Key, Version, accession_of, is_notifiable
from varde.register.identities.arranging import Arranged
from varde.register.identities.placing import Placed, Wanted, place, place_by_deaths
from varde.register.joining import join
from varde.register.kinds import TABLES
from varde.register.lost_findings import loses_findings
from varde.register.projection import Context, Projection, Tables
from varde.register.standing import Completed
from varde.register.store import connection
from varde.register.under_one_number import tell_beside
from varde.register.versions import notices_of
from varde.register.withdrawals import tell_withdrawals

REUSED = "message-id-reused"
Projections = dict[Key, tuple[Version | None, Projection | None]]
"""Reports that may have changed → their current version and what it means; (None, None) when no
version is left."""


def write_reports(
    chunk: Chunk,
    projections: Projections,
    context: Context,
    cases: bool = True,
    before_cases: Callable[[], None] | None = None,
) -> None:
    """Write what changed: persons, reports and their parts, months to refresh, cases.

    Args:
        before_cases: what is to be written before cases are worked out: the versions that have come.
        cases: whether cases are worked out; else whoever asks does so afterwards, for everybody.
    """
    gone = [
        chunk.rows[key] for key, (v, _) in projections.items() if v is None and key in chunk.rows
    ]
    changed = [
        (key, version, projection)
        for key, (version, projection) in projections.items()
        if version is not None and projection is not None
    ]
    replaced_rows = [*(chunk.rows[key] for key, _, _ in changed if key in chunk.rows), *gone]
    described_anew = read_replaced(chunk, projections) if cases and store.has_persons() else []
    handed = handed_over(chunk, projections) if described_anew else {}
    placed = _place(changed, replaced_rows, context)
    strangers = find_strangers(described_anew, placed.persons, chunk, projections, context)
    first_new = next_report = store.next_id("report")
    reports: list[store.ReportRow] = []
    rewritten: list[tuple[int, Projection]] = []
    replaced: dict[str, list[int]] = defaultdict(list)
    orphans: set[int] = set()
    periods: set[str] = set()
    persons_of_answers: set[int] = set()
    of_cases = _Concerned()
    for key, version, projection in changed:
        old = chunk.rows.get(key)
        report_id = old.id if old else next_report
        next_report += old is None
        notices = _notices(chunk.known(key), version, context)
        row = _report_row(report_id, key, version, projection, placed, context, notices)
        reports.append(row)
        of_cases.add(row)
        of_cases.add(old)
        chunk.rows[key] = row
        if key[0] == "laboratory":
            # Also when it means what it did: when it was made decides which of two findings counts.
            persons_of_answers.update(
                person for person in (row.person, old.person if old else None) if person is not None
            )
        if old and old.person != row.person:
            orphans.update([old.person] if old.person is not None else [])
            periods.update(projection.periods)
        if old and bytes(old.digest) == projection.digest and old.periods == row.periods:
            continue
        rewritten.append((report_id, projection))
        periods.update(projection.periods)
        if old:
            replaced[key[0]].append(report_id)
            periods.update(filter(None, old.periods.split(",")))
    for row in gone:
        of_cases.add(row)
        replaced[row.kind].append(row.id)
        periods.update(filter(None, row.periods.split(",")))
        orphans.update([row.person] if row.person is not None else [])
        persons_of_answers.update([row.person] if row.person is not None else [])
    orphans |= placed.left
    for kind, numbers in replaced.items():
        store.remove_parts(numbers, (*TABLES[kind], "unmapped", "confirmed"))
    store.remove_reports([row.id for row in gone])
    store.write_reports(reports, first_new)
    _write_parts(rewritten)
    by_deaths = _place_by_deaths(placed, replaced_rows, context)
    orphans |= by_deaths.left
    for moved in (*placed.moved, *by_deaths.moved):
        both = {moved.earlier, moved.person}
        periods.update(filter(None, moved.periods.split(",")))
        if moved.kind == "laboratory":
            persons_of_answers |= both
        if moved.kind in KINDS:
            of_cases.persons |= both
    join(persons_of_answers, {report for report, _ in rewritten})
    if store.has_persons():
        tell_beside(persons_of_answers, chunk)
        tell_withdrawals({*projections, *chunk.changed}, chunk)
    if before_cases is not None:
        before_cases()
    for key in chunk.changed.keys() - projections.keys():
        if key[0] == "notification":
            # An earlier version than the one that stands says that the form was made before.
            of_cases.add(chunk.rows.get(key))
    if cases and store.has_persons():
        let_go(strangers, handed, context.definitions().diseases, context.reference)
        work_out(of_cases.persons, of_cases.reports, context)
    store.remove_orphans(orphans)
    store.touch_periods(periods)


def _place(
    changed: Sequence[tuple[Key, Version, Projection]],
    replaced: Sequence[store.ReportRow],
    context: Context,
) -> Placed:
    """Whom reports are about: by linking, and by number alone where nobody is linked."""
    if context.knowledge is None or not store.has_persons():
        numbers = {key: p.pseudonym for key, _, p in changed if p.pseudonym is not None}
        persons = store.find_persons(set(numbers.values()))
        return Placed({}, {key: persons[number] for key, number in numbers.items()}, [], set())
    wanted = [Wanted(key, p.who, p.pseudonym) for key, _, p in changed]
    return place(wanted, replaced, context.knowledge)


def _place_by_deaths(
    placed: Placed, replaced: Sequence[store.ReportRow], context: Context
) -> Arranged:
    """What days of death change of that, now that it is written when somebody was seen."""
    if context.knowledge is None or not store.has_persons():
        return Arranged({}, [], set())
    return place_by_deaths(placed, replaced, context.knowledge)


def _notices(versions: Sequence[Version], standing: Version, context: Context) -> str:
    """What a person should look at in a report, as its versions say."""
    if len(versions) < 2:
        return ""  # as of nearly all: nothing was said before it
    said = standing.content
    lost = loses_findings(versions, standing, context.codes)
    if isinstance(said, Beside | Completed):
        return notices_of(versions, standing.key, said.lineages, said.doubtful, lost)
    return notices_of(versions, standing.key, lost=lost)


class _Concerned:
    """Those whose cases may be others now: persons, and reports about nobody known."""

    def __init__(self) -> None:
        self.persons: set[int] = set()
        self.reports: set[int] = set()

    def add(self, row: store.ReportRow | None) -> None:
        """Take in a report that is new, or was there before."""
        if row is None or row.kind not in KINDS:
            return
        if row.person is not None:
            self.persons.add(row.person)
        elif row.begins:
            self.reports.add(row.id)


def _report_row(
    report_id: int,
    key: Key,
    version: Version,
    projection: Projection,
    placed: Placed,
    context: Context,
    notices: str,
) -> store.ReportRow:
    content = version.content
    if content is None:
        raise AssertionError("a version is only written while its content is in memory")
    return store.ReportRow(
        report_id,
        *key,
        version.item,
        version.key,
        content.service_type == "C",
        projection.status or content.status,
        projection.notifiable,
        projection.negative,
        store.stamp(content.generated),
        placed.persons.get(key),
        projection.sex,
        projection.municipality,
        ",".join(projection.periods),
        projection.digest,
        store.has_persons() and may_begin(key[0], projection, context.definitions()),
        placed.nodes.get(key),
        notices,
        accession_of(key),
    )


def _write_parts(projections: Sequence[tuple[int, Projection]]) -> None:
    """Write the parts of reports, each in the tables of its kind, and the expressions that no map knows."""
    tables: Tables = defaultdict(list)
    for report, projection in projections:
        projection.write(report, tables)
        first = ids.expression_id(report, 0)
        for name in ("unmapped", "confirmed"):
            rows = getattr(projection, name)
            tables[name].extend((first + n, *row) for n, row in enumerate(rows))
    store.write_parts(tables)


_ITEM = (
    "id",
    "state",
    "kind",
    "sender",
    "message_ref",
    "report",
    "version_key",
    "fingerprint",
    "service_type",
    "patient",
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
            failure.kind,
            failure.sender,
            failure.message_id,
            0,
            "",
            b"",
            "",
            0,
        )
        for item, failure in failures
    )
    store.insert("item", _ITEM, rows)
    now = store.stamp(folded_at)
    entries: list[tuple[Any, ...]] = [
        (
            item,
            failure.kind,
            failure.sender,
            failure.reason,
            store.fit(mask_place(failure.place), 200),
            store.fit(mask_found(failure.reason, failure.detail), 200),
            failure.message_id,
            failure.report_id,
            now,
            says_notifiable(failure),
        )
        for item, failure in failures
    ]
    for version in [*(v for v in fresh if v.state == "Q"), *demoted]:
        kind, sender, reference = version.reference
        place = f"answer {ids.message_of(version.item)[1] + 1}"
        number = version.report[2] if version.report[0] else ""
        shown = mask_found(REUSED, reference)
        entries.append(
            (
                version.item,
                kind,
                sender,
                REUSED,
                place,
                shown,
                reference,
                number,
                now,
                is_notifiable(version),
            )
        )
    store.open_quarantine(entries)


def _item_row(version: Version, chunk: Chunk) -> tuple[Any, ...]:
    row = chunk.rows.get(version.report)
    return (
        version.item,
        version.state,
        *version.reference,
        row.id if row else 0,
        version.key,
        version.fingerprint,
        version.service_type,
        version.patient,
    )


def settle_corrected(fresh: Sequence[Version], folded_at: datetime) -> None:
    """Close what waits in quarantine when the corrected message has come.

    That is a later, usable one of the same sender and kind with the same message id or number of the
    answer; where the sender could not be read (a message cut short), both must be the same, and where
    the kind could not be seen, any will do. A message id used for two contents stays: only the
    laboratory can say which was meant. What is put aside (`putting_aside`) stays as long as it is.
    """
    usable = [version for version in fresh if version.state in ("A", "R")]
    if not usable or not store.exists_open_quarantine():
        return
    columns = "id, kind, sender, message_ref, report_ref"
    where = (
        f"AND resolved_at IS NULL AND reason <> '{REUSED}' AND NOT EXISTS (SELECT 1 FROM register_item i "
        "WHERE i.id = register_quarantineentry.id AND i.state = 'P')"
    )
    wanted = {
        "message": {version.reference[2] for version in usable} - {""},
        "report": {version.report[2] for version in usable} - {""},
    }
    waiting = {
        name: list(store.select_in("quarantineentry", columns, f"{name}_ref", numbers, where))
        for name, numbers in wanted.items()
    }
    messages = {message for _, _, _, message, _ in waiting["message"]}
    answers = {answer for *_, answer in waiting["report"]}
    latest: dict[tuple[str, ...], int] = defaultdict(int)
    for version in usable:
        kind, sender, message = version.reference
        report = version.report[2]
        if message not in messages and report not in answers:
            continue
        for key in (
            ("message", kind, sender, message),
            ("message", "", sender, message),
            ("report", kind, sender, report),
            ("report", "", sender, report),
            ("both", kind, message, report),
            ("both", "", message, report),
        ):
            latest[key] = max(latest[key], version.item)
    settled: set[int] = set()
    for name, entries in waiting.items():
        for item, kind, sender, message, report in entries:
            reference = message if name == "message" else report
            key = (name, kind, sender, reference) if sender else ("both", kind, message, report)
            if item < latest.get(key, 0):
                settled.add(item)
    store.close_quarantine(settled, folded_at)
