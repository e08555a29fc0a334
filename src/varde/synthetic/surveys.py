"""Invented submissions of the NOIS surveys in CSV, and the truth behind them.

Hospitals and nursing homes count their wards twice a year; hospitals follow operations for 30 days.
A round's tables are sent two weeks after it, corrections a month later. Operations are sent after
each half-year, their follow-up two months later. One file in each batch comes twice. Rows that
must be refused are wrong on purpose, and most are mended. What takes part, how it writes and what goes
wrong is data: ``data/surveys.toml``.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from .deidentified import Refusal, Submission
from .survey_operations import TruthOperation, invent_operations
from .survey_settings import Plan, institutions, styles
from .survey_wards import TruthTreatment, TruthWard, invent_wards


class Surveys(NamedTuple):
    """A year of the surveys.

    Attributes:
        submissions: in the order they are sent; one file of each batch stands twice.
        wards, treatments, operations: what a register must hold when it has taken all of them.
        refusals: the rows it must have refused, once for each file.
    """

    submissions: tuple[Submission, ...]
    wards: tuple[TruthWard, ...]
    treatments: tuple[TruthTreatment, ...]
    operations: tuple[TruthOperation, ...]
    refusals: tuple[Refusal, ...]


def invent_surveys(wards: int, operations: int, seed: int, year: int) -> Surveys:
    """A year of submissions; the same arguments give the same bytes.

    Args:
        wards: how many wards are counted in each of the two rounds.
        operations: how many operations are followed.
    """
    ward_plans, true_wards, treatment_plans, true_treatments = invent_wards(wards, seed, year)
    operation_plans, true_operations = invent_operations(operations, seed, year)
    found: list[tuple[Submission, list[Refusal]]] = []
    for table, plans in (
        ("avdelinger", ward_plans),
        ("behandlinger", treatment_plans),
        ("operasjoner", operation_plans),
    ):
        found += _write_all(table, plans, seed)
    found.sort(key=lambda each: (each[0].sent, each[0].name))
    return Surveys(
        submissions=tuple(_sent_twice([submission for submission, _ in found])),
        wards=tuple(true_wards),
        treatments=tuple(true_treatments),
        operations=tuple(true_operations),
        refusals=tuple(refusal for _, refusals in found for refusal in refusals),
    )


def _write_all(
    table: str, plans: Iterable[Plan], seed: int
) -> Iterable[tuple[Submission, list[Refusal]]]:
    files: dict[tuple[date, int], list[Plan]] = defaultdict(list)
    for plan in plans:
        files[plan.sent, plan.institution].append(plan)
    for (sent, number), rows in sorted(files.items()):
        institution = institutions()[number]
        name = f"nois-{table}-{institution['her']}-{sent:%Y%m%d}.csv"
        data = _write(rows, styles()[institution["style"]])
        refused = [
            Refusal(name, line, row.reason) for line, row in enumerate(rows, 2) if row.reason
        ]
        yield Submission(name, sent, data), refused


def _write(rows: Sequence[Plan], style: dict[str, Any]) -> bytes:
    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=style["delimiter"], lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([row.cells.get(heading, "") for heading in headings] for row in rows)
    encoded: bytes = text.getvalue().encode(style["encoding"])
    return encoded


def _sent_twice(submissions: Sequence[Submission]) -> Iterable[Submission]:
    """The first file of every day comes once more, a week later, as files do."""
    again: dict[date, Submission] = {}
    for submission in submissions:
        again.setdefault(submission.sent, submission)
    repeated = [each._replace(sent=each.sent + timedelta(days=7)) for each in again.values()]
    return sorted([*submissions, *repeated], key=lambda each: (each.sent, each.name))
