"""Answers that stand under one number of a sender, each with another test, and may be meant to be one.

Whether they are cannot be told from what is sent, so both stand, and somebody is told of the one that would be in the
way (`BESIDE`), as long as it is so:

- a preliminary or partial answer that found something, when a final one of another test was made after it under the same
  number: some laboratories call the test otherwise in the final answer ("RESP", "RESPF"), and then both are counted;
- an answer of one test that found something, when the whole of the number stands beside it, with findings: the same
  answer has come in a format that tells tests apart (HL7 v2) and in one that does not (KITH, FHIR). Or when the whole is
  final and found nothing; or, the other way round, the final answers of all tests found nothing, and the whole did;
- a preliminary or partial culture that grew something, when a final one was made after it, of which one is general (it
  has the number alone) and the other is called what no list knows: it may be the same culture in other words. LOINC's
  codes of other cultures are known to be of other things.

It is asked of persons, whose answers lie together: of an answer about nobody known it is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from varde.messages.hl7v2.names import LOINC_CODE
from varde.register import ids, store
from varde.register.chunk import TEST, Chunk, Key, base_of
from varde.register.searches import read_column
from varde.register.store import connection
from varde.register.versions import BESIDE, MADE, PART, has_findings, scope_in

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

    @property
    def key(self) -> Key:
        return (self.kind, self.sender, self.report_ref)


def tell_beside(persons: Iterable[int], chunk: Chunk) -> None:
    """Tell anew which answers of these persons stand beside another that may be meant to take their place. After the
    reports are written, in the caller's transaction."""
    wanted = frozenset(persons)
    if not wanted:
        return
    where = f"AND kind = 'laboratory' AND (NOT (accession = '') OR notices LIKE '%%{BESIDE}%%')"
    concerned = [
        Answer._make(row) for row in store.select_in("report", _COLUMNS, "person", wanted, where)
    ]
    if not concerned:
        return
    names = {base_of(each.key) for each in concerned}
    with_test = [each for each in concerned if each.key not in names]
    whole = [
        Answer._make(row)
        for row in store.select_in("report", _COLUMNS, "report_ref", {ref for *_, ref in names})
        if row[2:5] in names
    ]
    told = stand_beside(with_test, whole)
    pairs = overtaken_cultures(with_test, whole)
    methods = _methods_of({answer.id for pair in pairs for answer in pair})
    told |= {
        one.id
        for one, other in pairs
        if all(map(_may_be_culture, map(methods.get, (one.id, other.id))))
    }
    theirs = {answer.id: answer for answer in (*concerned, *whole) if answer.person in wanted}
    write_told(theirs.values(), BESIDE, told, chunk)


class Told(Protocol):
    """A report, as far as it is told of."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> Key: ...
    @property
    def notices(self) -> str: ...


def write_told(reports: Iterable[Told], what: str, told: Collection[int], chunk: Chunk) -> None:
    """Write of some reports whether this is told of them; `told` are the ids of those of which it is."""
    changed = []
    for report in reports:
        notices = with_told(report.notices, what, report.id in told)
        if notices != report.notices:
            changed.append((notices, report.id))
            if report.key in chunk.rows:
                chunk.rows[report.key] = chunk.rows[report.key]._replace(notices=notices)
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE register_report SET notices = %s WHERE id = %s", changed)


def with_told(notices: str, what: str, told: bool) -> str:
    """What is said of a report, with this or without it."""
    said = [each for each in notices.split(",") if each and each != what]
    return ",".join([*said, what] if told else said)


def stand_beside(with_test: Sequence[Answer], whole: Sequence[Answer]) -> set[int]:
    """The answers (ids) of one test that somebody should look at.

    Args:
        with_test: all answers of some persons that have a test in their number.
        whole: those of the numbers alone.
    """
    groups: dict[tuple[int, tuple[str, str, str]], list[Answer]] = defaultdict(list)
    for each in with_test:
        if scope_in(each.version_key) and not each.cancelled:
            groups[each.person, base_of(each.key)].append(each)
    in_two_formats = {
        (each.person, each.key): has_findings(each.version_key)
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


def overtaken_cultures(
    with_test: Sequence[Answer], whole: Sequence[Answer]
) -> list[tuple[Answer, Answer]]:
    """Answers that are not final and found something, each with a final one that was made after it, where one of them has
    the number alone (a general culture) and the other a test that no list knows. Whether they are cultures is not asked.

    Args:
        with_test, whole: as of `stand_beside`.
    """
    general = defaultdict(list)
    for each in whole:
        if not each.cancelled and scope_in(each.version_key) == PART:
            general[each.person, each.key].append(each)
    pairs = []
    for one in with_test:
        if one.cancelled or not scope_in(one.version_key) or _is_known(one.report_ref):
            continue
        for other in general.get((one.person, base_of(one.key)), ()):
            first, last = sorted((one, other), key=lambda each: each.version_key[MADE])
            overtaken = first.version_key[MADE] < last.version_key[MADE] and first.status != "F"
            if overtaken and has_findings(first.version_key) and last.status == "F":
                pairs.append((first, last))
    return pairs


def _is_known(report_ref: str) -> bool:
    """Whether the test is called by a code of LOINC's: a culture that is not general by it is of something else."""
    return LOINC_CODE.fullmatch(report_ref.partition(TEST)[2]) is not None


def _may_be_culture(methods: Collection[str] | None) -> bool:
    """Whether nothing says that an answer came by other methods alone."""
    return not methods or bool({"culture", ""} & set(methods))


def _methods_of(reports: Collection[int]) -> Mapping[int, set[str]]:
    """By what methods reports found and looked for something."""
    found: dict[int, set[str]] = defaultdict(set)
    for report, column in store.select_in("specimen", "report, looked_for", "report", reports):
        found[report].update(word.method for word in read_column(column))
    with connection.cursor() as cursor:
        for report in reports:
            cursor.execute(
                "SELECT DISTINCT method FROM register_finding WHERE id >= %s AND id < %s",
                [ids.part_id(report, 0), ids.part_id(report + 1, 0)],
            )
            found[report].update(row[0] for row in cursor.fetchall())
    return found
