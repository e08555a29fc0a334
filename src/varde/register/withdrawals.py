"""What is told of a number as a whole: withdrawals that withdrew nothing, and answers about two patients.

In HL7 version 2 a withdrawal is of the test that it names (OBR-4), or of everything under the number where it names none.
One that names a test which was never answered may be of an order that was cancelled before anybody worked on it, which is
ordinary; or of an answer that was sent under another name, and then that answer still stands. Nobody can tell. So it
withdraws nothing, and is told (`WITHDREW_NOTHING`) as long as it is so: no version of its own report was made before it, and
under its number stands an answer that found something, was made before it, and is not certainly about somebody else. An answer that
was made after it stands by its own word.

One that has no number of the laboratory's, only that of the one who ordered, is of the answers that have that number
alone. Of an answer that was sent with the laboratory's number it cannot be told that it is meant. So it is told whenever
there was nothing to withdraw, whatever else stands.

Answers of two tests under one number stand side by side, each about its own patient. When these are certainly two, the one
that was made last is told of (`TWO_PATIENTS`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from varde.messages.records import LabReport
from varde.register import ids, store
from varde.register.chunk import COUNTING, Chunk, Key, base_of
from varde.register.store import connection
from varde.register.under_one_number import write_told
from varde.register.versions import (
    ALL_OF_REPORT,
    MADE,
    PART,
    PATIENT_CHANGED,
    TWO_PATIENTS,
    WITHDREW_NOTHING,
    differ,
    names_order,
    scope_in,
)

_COLUMNS = "id, kind, sender, report_ref, item, version_key, cancelled, notices"


class _Report(NamedTuple):
    """A report, as far as it matters here."""

    id: int
    kind: str
    sender: str
    report_ref: str
    item: int
    version_key: str
    cancelled: bool
    notices: str

    @property
    def key(self) -> Key:
        return (self.kind, self.sender, self.report_ref)


def tell_withdrawals(keys: Iterable[Key], chunk: Chunk) -> None:
    """Tell anew which withdrawals under the numbers of these reports withdrew nothing, and which answers stand beside one
    about another patient. After the reports are written, in the caller's transaction."""
    keys = [key for key in keys if key[0] == LabReport.kind]
    found = _under({base_of(key) for key in keys})
    _tell_patients(found, chunk)
    by_order = _by_order(keys, found, chunk)
    empty = [each for each in found if _is_of_test(each)]
    asked = [each for each in found if each in empty or WITHDREW_NOTHING in each.notices]
    asked += [each for each in by_order if each not in asked]
    if not asked:
        return
    answered = _answered([*empty, *(each for each in by_order if each not in empty)], chunk)
    answered |= {each.id for each in by_order if _hit(each, found, chunk)}
    empty = [each for each in empty if each.id not in answered]
    concerned = {base_of(each.key) for each in empty}
    standing: dict[Key, list[_Report]] = defaultdict(list)
    for each in found:
        if not each.cancelled and base_of(each.key) in concerned and _has_findings(each.id):
            standing[base_of(each.key)].append(each)
    marks = _marks([*empty, *(each for found in standing.values() for each in found)], chunk)
    told = {each.id for each in by_order if each.id not in answered} | {
        each.id
        for each in empty
        if any(
            other.version_key[MADE] <= each.version_key[MADE]
            and not differ(marks.get(each.item, 0), marks.get(other.item, 0))
            for other in standing[base_of(each.key)]
        )
    }
    write_told(asked, WITHDREW_NOTHING, told, chunk)


def stands_under(keys: Collection[Key]) -> Mapping[Key, tuple[str, ...]]:
    """What stands under the number of each of some reports, beside themselves: the sender's own numbers, sorted."""
    under: dict[Key, list[_Report]] = defaultdict(list)
    for each in _under({base_of(key) for key in keys}):
        if not each.cancelled:
            under[base_of(each.key)].append(each)
    return {
        key: tuple(sorted(o.report_ref for o in under[base_of(key)] if o.key != key))
        for key in keys
    }


def _tell_patients(found: Sequence[_Report], chunk: Chunk) -> None:
    """Tell anew which of the answers under some numbers are about another patient than one that was made before them."""
    under: dict[Key, list[_Report]] = defaultdict(list)
    for each in sorted(found, key=lambda each: each.version_key):
        if not each.cancelled:
            under[base_of(each.key)].append(each)
    beside = [reports for reports in under.values() if len(reports) > 1]
    marks = _marks([each for reports in beside for each in reports], chunk)
    told = {
        each.id
        for reports in beside
        for n, each in enumerate(reports)
        if PATIENT_CHANGED not in each.notices
        and any(differ(marks.get(o.item, 0), marks.get(each.item, 0)) for o in reports[:n])
    }
    write_told(
        [e for e in found if e.id in told or TWO_PATIENTS in e.notices], TWO_PATIENTS, told, chunk
    )


def _by_order(keys: Iterable[Key], found: Sequence[_Report], chunk: Chunk) -> list[_Report]:
    """The withdrawals that have the number of the one who ordered alone: of the numbers that any test stands under, and of
    these reports."""
    known = {each.key for each in found}
    alone = {
        key
        for key in keys
        if key not in known and (row := chunk.rows.get(key)) and names_order(row.version_key)
    }
    more = _select("report_ref", alone, "") if alone else []
    return [each for each in (*found, *more) if each.cancelled and names_order(each.version_key)]


def _under(names: Collection[Key]) -> list[_Report]:
    """The laboratory answers under those of some numbers that any test stands under: of the tests, and of the number alone."""
    tests = _select("accession", names, "AND NOT (accession = '')")
    named = {base_of(each.key) for each in tests}
    return [*tests, *_select("report_ref", named, "")]


def _select(column: str, names: Collection[Key], where: str) -> list[_Report]:
    numbers = sorted({number for *_, number in names})
    where = f"{where} AND kind = '{LabReport.kind}'"
    rows = store.select_in("report", _COLUMNS, column, numbers, where)
    return [each for each in map(_Report._make, rows) if base_of(each.key) in names]


def _is_of_test(report: _Report) -> bool:
    """Whether it is withdrawn by a withdrawal that names a test or a specimen, and so not by one of the whole number."""
    return report.cancelled and scope_in(report.version_key) in (PART, ALL_OF_REPORT)


def _hit(withdrawal: _Report, found: Sequence[_Report], chunk: Chunk) -> bool:
    """Whether a withdrawal whatever the test had anything to withdraw of other tests."""
    if _is_of_test(withdrawal):
        return False
    tests = [
        each._replace(version_key=withdrawal.version_key)
        for each in found
        if base_of(each.key) == withdrawal.key and each.id != withdrawal.id
    ]
    return bool(_answered(tests, chunk))


def _answered(reports: Sequence[_Report], chunk: Chunk) -> set[int]:
    """Those (ids) that had a version which was no withdrawal, before the one that counts."""
    found = set()
    others = {}
    for each in reports:
        versions = chunk.versions.get(each.key)
        if versions is None:
            others[each.id] = each.version_key
        elif any(v.service_type != "C" and v.key < each.version_key for v in versions):
            found.add(each.id)
    states = ", ".join(f"'{state}'" for state in COUNTING)
    where = f"AND version_key <> '' AND service_type <> 'C' AND state IN ({states})"
    for report, key in store.select_in("item", "report, version_key", "report", others, where):
        if key < others[report]:
            found.add(report)
    return found


def _marks(reports: Sequence[_Report], chunk: Chunk) -> dict[int, int]:
    """Item → whom it is about (`patient_mark`); those of this chunk are not written yet."""
    found = {}
    others = set()
    for each in reports:
        known = [v for v in chunk.versions.get(each.key, ()) if v.item == each.item]
        if known:
            found[each.item] = known[0].patient
        else:
            others.add(each.item)
    return found | dict(store.select_in("item", "id, patient", "id", others))


def _has_findings(report: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM register_finding WHERE id >= %s AND id < %s)",
            [ids.part_id(report, 0), ids.part_id(report + 1, 0)],
        )
        return bool(cursor.fetchone()[0])
