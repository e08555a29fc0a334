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
from varde.prescribing.reports import Report, redraw_dots

FEWEST_SILENT = 3
"""Where some have not agreed, at least so many: the group's own figure and the others' dots together would come too
near to telling the figure of one, or, to a member, of another."""


def show_agreed(report: Report) -> Report:
    """A peer group's report with the dots of those members who agree now; with none where they are too few, or where
    those who have not agreed are one or two.

    Raises:
        DeliveriesError: who the members are cannot be read.
        KeyProblem: a report does not open.
    """
    members = members_of(report.unit, report.until)
    agreed = consenting(members)
    found: dict[str, list[float]] = defaultdict(list)
    if len(members) - len(agreed) not in range(1, FEWEST_SILENT):
        sealer = open_sealer()
        rows = KeptReport.objects.filter(
            kind="rak", variant="year", unit__in=sorted(agreed), year=report.until.year
        )
        for row in rows:
            own = msgspec.json.decode(open_row(row, sealer), type=Report)
            if own.until == report.until:
                for line in own.table.rows:
                    if line.cells[0].value is not None:
                        found[line.indicator].append(line.cells[0].value)
    return redraw_dots(report, found)
