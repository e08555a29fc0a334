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
from varde.prescribing.comparison import rules
from varde.prescribing.reports import Report, hide_own, redraw_dots

FEWEST_SILENT = rules().comparator.others + 1
"""Where the group's own figure is shown and some have not agreed, at least so many: less the others' dots the group's
figure is theirs, and the leader may be one of them."""


def show_agreed(report: Report) -> Report:
    """A peer group's report with the dots of those members who agree now; with none where they are too few, or where the
    group's own figure would tell of the few who have not agreed. Its own figures that stand there by consent of all are
    hidden where not all agree any more.

    Raises:
        DeliveriesError: who the members are cannot be read.
        KeyProblem: a report does not open.
    """
    members = members_of(report.unit, report.until)
    agreed = consenting(members)
    found: dict[str, list[float]] = defaultdict(list)
    silent = len(members) - len(agreed)
    if silent or not members:
        report = hide_own(report, report.by_consent)
    told = {row.indicator for row in report.table.rows if row.cells[0].value is not None}
    kept = told if 0 < silent < FEWEST_SILENT else set()
    if agreed:
        sealer = open_sealer()
        rows = KeptReport.objects.filter(
            kind="rak", variant="year", unit__in=sorted(agreed), year=report.until.year
        )
        for row in rows:
            own = msgspec.json.decode(open_row(row, sealer), type=Report)
            if own.until == report.until:
                for line in own.table.rows:
                    if line.indicator not in kept and line.cells[0].value is not None:
                        found[line.indicator].append(line.cells[0].value)
    return redraw_dots(report, found)
