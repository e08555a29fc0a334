"""Everybody's cases at once: a re-classification under today's disease files, and the end of a replay.

A few hundred persons are in memory at a time, all in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from varde.cases import Catalogue
from varde.register import ids
from varde.register.casework.beginning import mark_of, method_of, profile_of
from varde.register.casework.evidence import diagnosed, gather
from varde.register.casework.findings import read_asked, read_findings
from varde.register.casework.link_evidence import add_links
from varde.register.casework.pieces import Dossier, Whose
from varde.register.casework.work import BATCH, Standing, Written, changed, read_standing, write
from varde.register.projection import Context
from varde.register.store import connection

REPORTS = 5_000
"""Reports that are looked at together."""


class Worked(NamedTuple):
    """Some persons that were worked out.

    Attributes:
        whose: all of them.
        dossiers: their evidence.
        written: what has changed of their cases.
    """

    whose: Sequence[Whose]
    dossiers: Mapping[Whose, Dossier]
    written: Sequence[Written]


Before = Callable[[Sequence[Standing]], None]
"""Is told which cases are about to be written anew, while they are there still."""


def work_out_everybody(
    context: Context,
    since: date | None = None,
    only: Collection[str] | None = None,
    before: Before | None = None,
) -> Iterator[Worked]:
    """Work out everybody's cases anew, some persons at a time. Inside the caller's transaction, which has
    `store.lock`.

    Args:
        since: only those of whom something is known from this day on.
        only: diseases; None for all.
    """
    definitions = context.definitions()
    for persons, reports in _pages():
        dossiers = gather(persons, reports, definitions)
        add_links(dossiers, definitions)
        standing = list(read_standing(persons, reports))
        whose = [*(Whose(one, None) for one in persons), *(Whose(None, one) for one in reports)]
        if since is not None:
            whose = [one for one in whose if _is_recent(dossiers.get(one), since)]
            chosen = set(whose)
            dossiers = {one: dossier for one, dossier in dossiers.items() if one in chosen}
            standing = [one for one in standing if one.whose in chosen]
        groups = changed(dossiers, standing, definitions, only)
        if before:
            before([one for group in groups for one in group.before])
        yield Worked(whose, dossiers, write(groups, context.reference))


def count_everybody() -> int:
    """How many are worked out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COUNT(*) FROM (SELECT person FROM register_report WHERE begins AND person "
            "IS NOT NULL UNION SELECT person FROM register_joined UNION SELECT person FROM "
            "register_case WHERE person IS NOT NULL) AS known) + (SELECT COUNT(*) FROM (SELECT id FROM "
            "register_report WHERE begins AND person IS NULL UNION SELECT report FROM register_case "
            "WHERE report IS NOT NULL) AS nobody)"
        )
        return int(cursor.fetchone()[0])


def _pages() -> Iterator[tuple[list[int], list[int]]]:
    """Everybody who has a case, or may have one: persons, then reports about nobody known."""
    tables = (("report", "person", "AND begins"), ("joined", "person", ""), ("case", "person", ""))
    for page in _numbers(tables):
        yield page, []
    for page in _numbers(
        (("report", "id", "AND begins AND person IS NULL"), ("case", "report", ""))
    ):
        yield [], page


def _numbers(tables: Sequence[tuple[str, str, str]]) -> Iterator[list[int]]:
    """The numbers that stand in a column of any of the tables, each once, in order."""
    last = 0
    while True:
        found: set[int] = set()
        with connection.cursor() as cursor:
            for table, column, where in tables:
                cursor.execute(
                    f"SELECT DISTINCT {column} FROM register_{table} WHERE {column} > %s {where} "
                    f"ORDER BY {column} LIMIT {BATCH}",
                    [last],
                )
                found.update(row[0] for row in cursor.fetchall())
        page = sorted(found)[:BATCH]
        if not page:
            return
        yield page
        last = page[-1]


def _is_recent(dossier: Dossier | None, since: date) -> bool:
    """Whether something is known from a day on; cases whose evidence is gone are looked at always."""
    return dossier is None or any(
        piece.day >= since for piece in dossier.pieces.values() if piece.kind != "vaccinated"
    )


# --- which reports may begin a case ---------------------------------------------------------------


def tell_beginnings(definitions: Catalogue) -> int:
    """Look again at every report whether it may begin a case; how many are told otherwise than before."""
    told = 0
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, kind, begins, cancelled, notifiable FROM register_report "
                "WHERE id > %s AND kind IN ('laboratory', 'notification') "
                f"ORDER BY id LIMIT {REPORTS}",
                [last],
            )
            rows = cursor.fetchall()
            if not rows:
                return told
            last = rows[-1][0]
            marks = {row[0]: row[4] for row in rows if row[1] == "laboratory" and not row[3]}
            begins = {row[0] for row in rows if row[1] == "notification" and not row[3]}
            begins |= _answers_that_begin(marks, definitions)
            others = [(row[0] in begins, row[0]) for row in rows if (row[0] in begins) != row[2]]
            cursor.executemany("UPDATE register_report SET begins = %s WHERE id = %s", others)
        told += len(others)


def diagnosed_otherwise(definitions: Catalogue) -> list[int]:
    """The notifications whose diagnosis waits for a meaning, or has a confirmed one, though the disease files know it;
    and those that no file knows and that do not wait."""
    span = f"u.id >= n.id * {ids.EXPRESSIONS} AND u.id < (n.id + 1) * {ids.EXPRESSIONS}"
    noted = " OR ".join(
        f"EXISTS (SELECT 1 FROM register_{table} u WHERE {span})"
        for table in ("unmapped", "confirmed")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n.id, n.diagnosis, n.diagnosis_name, {noted} FROM register_notification n ORDER BY n.id"
        )
        return [
            report
            for report, code, words, waits in cursor.fetchall()
            if (diagnosed(definitions, code, words, "") is None) != bool(waits)
        ]


def _answers_that_begin(marks: Mapping[int, str], definitions: Catalogue) -> set[int]:
    """The answers that may begin a case, of those whose mark is given."""
    found = [one for one in read_findings(list(marks)) if one.organism in definitions.agents]
    categories = read_asked([one.id for one in found], definitions)
    return {
        one.id // ids.PARTS
        for one in found
        if definitions.met_by(
            one.organism,
            method_of(one.method),
            one.material,
            profile_of(categories.get(one.id, {}).items(), definitions, one.markers),
            mark_of(marks[one.id // ids.PARTS]),
        )
    }
