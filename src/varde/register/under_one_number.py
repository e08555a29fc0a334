"""Answers that stand under one number of a sender, each with another test, and may be meant to be one.

Whether they are cannot be told from what is sent, so both stand, and somebody is told of the one that would be in the
way (`BESIDE`), as long as it is so:

- a preliminary or partial answer that found something, when a final one of another test was made after it under the same
  number: some laboratories call the test otherwise in the final answer ("RESP", "RESPF"), and then both are counted;
- an answer of one test that found something, when the whole of the number stands beside it, with findings: the same
  answer has come in a format that tells tests apart (HL7 v2) and in one that does not (KITH, FHIR). Or when the whole is
  final and found nothing; or, the other way round, the final answers of all tests found nothing, and the whole did.

It is asked of persons, whose answers lie together: of an answer about nobody known it is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from varde.register import store
from varde.register.chunk import TEST, Chunk, base_of
from varde.register.store import connection
from varde.register.versions import BESIDE, MADE, has_findings, scope_in

_COLUMNS = "id, person, kind, sender, report_ref, version_key, status, cancelled, notices"


class Answer(NamedTuple):
    """A laboratory answer of somebody, as far as it matters here."""

    id: int
    person: int
    kind: str
    sender: str
    report_ref: str
    version_key: str
    status: str
    cancelled: bool
    notices: str


def tell_beside(persons: Iterable[int], chunk: Chunk) -> None:
    """Tell anew which answers of these persons stand beside another that may be meant to take their place. After the
    reports are written, in the caller's transaction."""
    wanted = sorted(set(persons))
    if not wanted:
        return
    where = (
        f"AND kind = 'laboratory' AND (report_ref LIKE '%%{TEST}%%' OR notices LIKE '%%{BESIDE}%%')"
    )
    with_test = [
        Answer._make(row) for row in store.select_in("report", _COLUMNS, "person", wanted, where)
    ]
    if not with_test:
        return
    names = {base_of((a.kind, a.sender, a.report_ref)) for a in with_test}
    whole = [
        Answer._make(row)
        for row in store.select_in("report", _COLUMNS, "report_ref", {ref for *_, ref in names})
        if row[2:5] in names
    ]
    changed = []
    told = stand_beside(with_test, whole)
    for answer in with_test:
        notices = with_beside(answer.notices, answer.id in told)
        if notices != answer.notices:
            changed.append((notices, answer.id))
            key = (answer.kind, answer.sender, answer.report_ref)
            if key in chunk.rows:
                chunk.rows[key] = chunk.rows[key]._replace(notices=notices)
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE register_report SET notices = %s WHERE id = %s", changed)


def with_beside(notices: str, told: bool) -> str:
    """What is said of a report, with this or without it."""
    said = [what for what in notices.split(",") if what and what != BESIDE]
    return ",".join([*said, BESIDE] if told else said)


def stand_beside(with_test: Sequence[Answer], whole: Sequence[Answer]) -> set[int]:
    """The answers (ids) of one test that somebody should look at.

    Args:
        with_test: all answers of some persons that have a test in their number.
        whole: those of the numbers alone.
    """
    groups: dict[tuple[int, tuple[str, str, str]], list[Answer]] = defaultdict(list)
    for each in with_test:
        if scope_in(each.version_key) and not each.cancelled:
            groups[each.person, base_of((each.kind, each.sender, each.report_ref))].append(each)
    in_two_formats = {
        (each.person, (each.kind, each.sender, each.report_ref)): has_findings(each.version_key)
        for each in whole
        if not each.cancelled
        and not scope_in(each.version_key)
        and (each.status == "F" or has_findings(each.version_key))
    }
    told: set[int] = set()
    for name, answers in groups.items():
        final = [each.version_key[MADE] for each in answers if each.status == "F"]
        found_nothing = not any(has_findings(each.version_key) for each in answers)
        for each in answers:
            if not has_findings(each.version_key):
                if found_nothing and each.status == "F" and in_two_formats.get(name):
                    told.add(each.id)
                continue
            overtaken = each.status != "F" and any(at > each.version_key[MADE] for at in final)
            if overtaken or name in in_two_formats:
                told.add(each.id)
    return told
