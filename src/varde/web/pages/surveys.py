"""What the pages of the surveys have in common: who fills in, tables as files, and templates for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.access import audit
from varde.access.roles import roles
from varde.messages import FileKind, find_kind, find_table, published_tables, write_template
from varde.messages.deidentified import find_register
from varde.register import DoorError, ItemReceipt
from varde.web.fault_words import line_of
from varde.web.forms.advice import NO_TABLE, advise, field_at, say_other_kind
from varde.web.forms.handing_in import Sender, check, hand_in
from varde.web.forms.uploads import is_packed, was_too_large

FILE = "fil"
"""Name of the file in what is sent."""
INSIST = "likevel"
"""Name of the answer that a table is to be handed in although some of it cannot be used."""
MOST_FAULTS = 50
OF_ALL = frozenset({"foreign-sender", "wrong-kind", "wrong-columns", *NO_TABLE})
"""What is wrong with a whole table, though each of its rows is refused for it."""
SAID = frozenset({"contradictory-values", "wrong-cell-count", "unexpected-identity"})
"""Reasons whose words hold the value already."""


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row, or with the whole table where there is no line.

    Attributes:
        column: the heading of the cell, where one is at fault.
        value: what stands there, identifiers masked.
    """

    line: int | None
    column: str
    value: str
    text: str


@dataclass(frozen=True)
class Refused:
    """Why a file was not taken in.

    Attributes:
        text: in a sentence.
        faults: row by row, at most `MOST_FAULTS`.
        left: how many more there are.
        insist: whether it can be handed in as it is, if the user says so.
    """

    text: str
    faults: tuple[RowFault, ...] = ()
    left: int = 0
    insist: bool = False

    @property
    def who(self) -> str:
        """The roles that can correct what then waits in quarantine, whatever place it is of."""
        language = get_language() or "nb"
        names = [
            role.name.in_language(language)
            for role in roles().values()
            if role.area_kind == "country" and "correct" in role.may
        ]
        return ", ".join(name[:1].lower() + name[1:] for name in names)


def take_file(
    request: HttpRequest, kind: str, sender: Sender, receipt: str
) -> HttpResponse | Refused:
    """Hand in a table that was sent as a file, when all of it can be used or the user insists.

    Args:
        receipt: the name of the address of its receipt.

    Returns:
        The way to the receipt; or why nothing was kept.
    """
    file = request.FILES.get(FILE)
    if was_too_large(request):
        return Refused(
            _("The file is too large: at most 5 MB can be sent here. Nothing was taken in.")
        )
    if not isinstance(file, UploadedFile) or not file.size:
        return Refused(_("Choose a file with something in it."))
    data = file.read()
    if find_register(data) is not None:
        return Refused(_("This table belongs to a de-identified register. Nothing was taken in."))
    if (foreign := find_kind(data)) is not None:
        return Refused(_say_foreign(foreign))
    if is_packed(data):
        return Refused(
            _(
                "This is a spreadsheet or a packed file. Open it, save the table as CSV, and send that."
            )
        )
    table = find_table(data)
    if table is not None and table.kind != kind:
        # Nothing of it can ever be used here, so it is not offered to take it as it is.
        text = _("Nothing was taken in.")
        return Refused(text, (RowFault(None, "", "", say_other_kind(table.kind)),))
    if not request.POST.get(INSIST):
        refused = _look_at(data, kind, sender)
        if refused is not None:
            return refused
    try:
        kept = hand_in(kind, [data], sender)
    except DoorError:
        return Refused(_("Varde could not keep the file. Wait a moment and send it again."))
    audit.record(request.user, "hand-in", kind, "table", 1)
    return redirect(receipt, numbers=str(kept.messages[0]))


def _say_foreign(kind: FileKind) -> str:
    """What a file is that holds no table as such, and what to do."""
    if kind.reason == "spreadsheet-file":
        text = _(
            "The file is a spreadsheet: %(kind)s. Open it, save the table as CSV, and send that."
        )
    else:
        text = _(
            "The file is no table: %(kind)s. Nothing was taken in. Save the table as CSV, and send that."
        )
    return text % {"kind": kind.name}


def _look_at(data: bytes, kind: str, sender: Sender) -> Refused | None:
    """What is wrong with a table before any of it is kept; None for nothing."""
    items = check(kind, data, sender, timezone.now())
    wrong = [item for item in items if item.state == "quarantined"]
    if not wrong:
        return None
    if len({(item.reason, item.detail) for item in wrong}) == 1 and wrong[0].reason in OF_ALL:
        return Refused(_("Nothing was taken in."), (_row(wrong[0], kind, sender, True),), 0, True)
    text = _("%(good)s of %(all)s rows can be used. Nothing was taken in yet.") % {
        "good": len(items) - len(wrong),
        "all": len(items),
    }
    shown = tuple(_row(item, kind, sender) for item in wrong[:MOST_FAULTS])
    return Refused(text, shown, max(len(wrong) - MOST_FAULTS, 0), True)


def _row(item: ItemReceipt, kind: str, sender: Sender, whole: bool = False) -> RowFault:
    field = field_at(item.place, kind)
    heading = item.place.partition(", column ")[2] if field is not None else ""
    line = None if whole else line_of(item.place)
    shown = item.detail if heading and item.reason not in SAID else ""
    return RowFault(line, heading, shown, advise(item, kind, sender))


def send_template(key: str, kind: str) -> HttpResponse:
    """A blank table to fill in.

    Raises:
        Http404: there is no such table of that kind.
    """
    table = published_tables().get(key)
    if table is None or table.kind != kind:
        raise Http404
    response = HttpResponse(write_template(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}.csv"'
    return response
