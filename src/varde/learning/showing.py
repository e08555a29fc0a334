"""A group's report as its leader may see it: a dot for each member who agrees now, and for no other.

Who agrees changes after a report is made, so dots are drawn anew, each from the member's own report as it is kept.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from varde.learning.consents import consenting
from varde.learning.groups import members_of
from varde.learning.keeping import open_row
from varde.learning.models import KeptReport
from varde.learning.sealed_rows import open_sealer
from varde.learning.versions import show_dots
from varde.prescribing.comparison import rules
from varde.prescribing.reports import Report, redraw_dots

FEWEST_SILENT = rules().comparator.others + 1
"""Where the group's own figure is shown and some have not agreed, at least so many: less the others' dots the group's
figure is theirs, and the leader may be one of them."""


def show_agreed(report: Report) -> Report:
    """A peer group's report with the dots of those members who agree now, as far as no other version that was seen gives a
    few of them away (`versions`); with none where they are too few, or where the group's own figure would tell of the few
    who are not among them.

    Raises:
        DeliveriesError: who the members are cannot be read.
        KeyProblem: a report does not open.
    """
    members = members_of(report.unit, report.until)
    agreed = consenting(members)
    values = _read_values(report, agreed)
    told = {row.indicator for row in report.table.rows if row.cells[0].value is not None}
    wanted = {one.indicator: frozenset(values.get(one.indicator, {})) for one in report.panels}

    def may_know(key: str, known: frozenset[str]) -> bool:
        """Whether the group's figure less all dots that were ever seen is of nobody, or of enough others. Who agrees and
        has no figure of one's own is in no dot."""
        others = members - known - (agreed - wanted[key])
        return key not in told or not 0 < len(others) < FEWEST_SILENT

    shown = show_dots(report.unit, report.until.year, wanted, may_know)
    return redraw_dots(
        report, {key: [values[key][one] for one in sorted(some)] for key, some in shown.items()}
    )


def _read_values(report: Report, agreed: frozenset[str]) -> dict[str, dict[str, float]]:
    """By indicator, the figure of each who agrees, from the own report as it is kept."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    if not agreed:
        return found
    sealer = open_sealer()
    rows = KeptReport.objects.filter(
        kind="rak", variant="year", unit__in=sorted(agreed), year=report.until.year
    )
    for row in rows:
        own = msgspec.json.decode(open_row(row, sealer), type=Report)
        if own.until == report.until:
            for line in own.table.rows:
                if line.cells[0].value is not None:
                    found[line.indicator][row.unit] = line.cells[0].value
    return found
