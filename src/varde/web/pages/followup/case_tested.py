"""What the person of a case was tested for in the time of the case, whatever the disease: negatives beside the positive."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from varde.cases import Case, diseases
from varde.register import tested_around
from varde.web import history
from varde.web.registers import laboratory_names


def describe_tested(number: int, case: Case, today: date) -> dict[str, Any]:
    """The rows for the template, the newest first, and the days that they are of."""
    first, last = time_of(case)
    found = tested_around(number, first, last)
    rows, _choices = history.sought_words(found, laboratory_names(), today)
    return {
        "tested": rows[: history.MOST_ROWS],
        "tested_more": max(0, len(rows) - history.MOST_ROWS),
        "tested_from": first,
        "tested_to": min(last, today),
    }


def time_of(case: Case) -> tuple[date, date]:
    """The days that a case is looked at: its window before the first day, and its episode. One of a disease that is had
    once in a life ends with its window."""
    known = diseases().get(case.disease)
    rows = known.definition if known else ()
    definition = next((row for row in rows if row.valid_from == case.definition), None)
    window = definition.window_days if definition else 0
    length = (definition.episode_days if definition else None) or window + 1
    return case.first_day - timedelta(window), case.first_day + timedelta(length - 1)
