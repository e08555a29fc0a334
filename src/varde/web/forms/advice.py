"""What to do about something that was handed in on a page, for the people who fill in forms and tables.

The words of `reasons.json` are for laboratories and who builds their systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.messages import Table, published_tables
from varde.register import ItemReceipt
from varde.web.fault_words import detail_words
from varde.web.forms.faults import say_fault
from varde.web.forms.fields import Field
from varde.web.forms.handing_in import Sender
from varde.web.forms.tables import field_of
from varde.web.names import MESSAGE_KINDS

_COLUMN = re.compile(r"line \d+, column (?P<heading>.+)", re.DOTALL)

NO_TABLE = frozenset(
    {
        *("unknown-format", "mapping-missing", "no-report", "malformed-json", "not-well-formed"),
        *("truncated", "unknown-namespace", "wrong-bundle", "damaged-archive", "nested-archive"),
        *("encrypted-archive", "archive-too-large", "bad-header", "several-documents"),
        *("spreadsheet-file", "document-file", "mail-file"),
    }
)
"""What a file that is no table at all is refused for: all of it is one thing to whoever chose the file."""


def advise(problem: ItemReceipt, kind: str, sender: Sender) -> str:
    """What is wrong and what to do, in the words of the page that it was handed in on."""
    if problem.reason in NO_TABLE:
        return _(
            "This is no table for this page. Fill in the blank table that is on the page, and save it as CSV."
        )
    language = get_language() or "nb"
    found = detail_words(problem.reason, problem.detail, language, problem.place)
    if problem.reason == "wrong-columns":
        return f"{found}. " + _("Use the headings of the blank table, and no others.")
    if problem.reason in ("contradictory-values", "wrong-cell-count"):
        return f"{found}."
    if problem.reason == "wrong-kind":
        return say_other_kind(problem.detail)
    if problem.reason == "foreign-sender":
        return _("In the column Avsender, write %(key)s.") % {"key": sender.key}
    return _words().get(problem.reason) or say_fault(problem, field_at(problem.place, kind))


def say_other_kind(kind: str) -> str:
    """That something is of another kind than what the page takes."""
    other = str(MESSAGE_KINDS.get(kind, kind))
    return _("This is another kind of table: %(other)s. It does not belong on this page.") % {
        "other": other[:1].lower() + other[1:]
    }


def field_at(place: str, kind: str) -> Field | None:
    """The question of the column that a place names, in a table of a kind; None where it names none."""
    found = _COLUMN.fullmatch(place)
    if found is None:
        return None
    today = timezone.localdate()
    for table in _tables(kind):
        for column in table.columns:
            if found["heading"] in (column.heading, *column.aliases):
                return field_of(column, today)
    return None


def _tables(kind: str) -> Iterator[Table]:
    return (table for table in published_tables().values() if table.kind == kind)


def _words() -> Mapping[str, str]:
    return {
        "empty": _("The file is empty."),
        "empty-list": _("The table has headings, but no rows."),
        "wrong-encoding": _("Save the table as CSV in UTF-8, and send it again."),
        "unsupported-encoding": _("Save the table as CSV in UTF-8, and send it again."),
        "malformed-list": _("A quotation mark is missing or misplaced in this row."),
        "missing-generated": _("Fill in when this version of the row was made."),
        "message-id-reused": _(
            "Another row with the same number says something else, and nothing says which is newer: "
            "fill in the column Tidspunkt."
        ),
    }
