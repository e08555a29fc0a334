"""What the pages of the surveys have in common: who fills in, tables as files, and templates for them."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from varde.access import audit
from varde.messages import published_tables, write_template
from varde.messages.deidentified import find_register
from varde.register import DoorError
from varde.web.forms.handing_in import Sender, hand_in
from varde.web.forms.uploads import was_too_large

FILE = "fil"
"""Name of the file in what is sent."""


def take_file(request: HttpRequest, kind: str, sender: Sender, receipt: str) -> HttpResponse | str:
    """Hand in a table that was sent as a file.

    Args:
        receipt: the name of the address of its receipt.

    Returns:
        The way to the receipt; or why nothing was taken in, in words.
    """
    file = request.FILES.get(FILE)
    if was_too_large(request):
        return _("The file is too large: at most 5 MB can be sent here. Nothing was taken in.")
    if not isinstance(file, UploadedFile) or not file.size:
        return _("Choose a file with something in it.")
    data = file.read()
    if find_register(data) is not None:
        return _("This table belongs to a de-identified register. Nothing was taken in.")
    try:
        kept = hand_in(kind, [data], sender)
    except DoorError:
        return _("Varde could not keep the file. Wait a moment and send it again.")
    audit.record(request.user, "hand-in", kind, "table", 1)
    return redirect(receipt, numbers=str(kept.messages[0]))


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
