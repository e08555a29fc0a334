"""A form filled in with what was sent, so that it can be put right: answers from the message itself.

The register keeps less than a form says (no names, no free text), so what was sent is opened: of one thing at
a time, for the place that sent it, which says what for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from varde.messages import Table, read_cells, read_notification_values
from varde.register import AsSent
from varde.web.forms import antibiotics, notification, prevalence
from varde.web.forms.choices import diseases
from varde.web.forms.faults import people_write
from varde.web.forms.fields import Values

Cells = Mapping[str, str]


def notification_answers(sent: AsSent) -> Values:
    """The answers of a clinician's notification; nothing when the form did not write it.

    A disease that the form does not offer stands as another one, in words.
    """
    try:
        values = dict(read_notification_values(sent.data))
    except ValueError:
        return {}
    said = values.get(notification.DISEASE)
    if said and said[0] not in {nb for nb, _en in diseases()}:
        values[notification.OTHER_DISEASE] = values.pop(notification.DISEASE)
    return values


def row_answers(sent: AsSent, table: Table) -> Values:
    """The answers of the row that a statement is, days as people write them; the number has no prefix."""
    cells = _row_of(sent)
    if not cells:
        return {}
    values = {name: [people_write(cell)] for name, cell in cells.items()}
    return values | {"report_id": [sent.number.removeprefix(table.prefix)]}


def prescription_answers(sent: Sequence[AsSent]) -> Values:
    """The answers about prescriptions, in the order of their numbers."""
    values: Values = {}
    for number, each in enumerate(sorted(sent, key=_position), 1):
        cells = dict(_row_of(each))
        if "atc" in cells:
            cells["atc"] = antibiotics.named(cells["atc"])
        prefix = prevalence.row_prefix(number)
        values |= {
            prefix + name: [cells[name]] for name in prevalence.PRESCRIPTION if name in cells
        }
    return values


def _position(sent: AsSent) -> tuple[int, str]:
    last = sent.number.rpartition("-")[2]
    return (int(last) if last.isascii() and last.isdigit() else 0, sent.number)


def _row_of(sent: AsSent) -> Cells:
    rows = read_cells(sent.data, sent.received_at)
    row = rows[sent.position] if sent.position < len(rows) else None
    return row or {}
