"""The access log, for those who answer for it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.clients import reasons
from varde.access.gate import page
from varde.access.looks import look_reasons
from varde.access.models import AccessLogEntry
from varde.access.roles import roles
from varde.operation import shipped_rules
from varde.register import APART
from varde.web.menu import PAGES
from varde.web.pages.access_purposes import purpose_words

ACTIONS = {
    "sign-in": _("Signed in"),
    "sign-in-failed": _("Sign-in failed"),
    "sign-out": _("Signed out"),
    "view": _("Opened"),
    "download": _("Downloaded"),
    "change": _("Changed"),
    "hand-in": _("Handed in"),
    "denied": _("Was refused"),
    "token-issued": _("Got an access token"),
    "token-refused": _("Was not let in"),
    "backup": _("Made a backup"),
    "restore": _("Put a backup back"),
    "keys-rotated": _("Changed the storage key"),
    "keys-retired": _("Took storage keys out of use"),
    "erased": _("Erased by a retention rule"),
    "restored": _("Restored the log"),
    "chained": _("Put the earlier lines into the chain"),
    "looks-shown": _("Showed somebody who had looked"),
    "user-added": _("Added a user"),
    "user-changed": _("Gave a user a new role and password"),
    "access-granted": _("Gave a role"),
    "access-ended": _("Took a role back"),
}
OBJECTS = {
    "inbox thread": (_("message in an inbox"), _("messages in an inbox")),
    "receipt given": (_("receipt given in thread"), _("receipts given")),
    "thread done": (_("thread marked as done:"), _("threads marked as done")),
    "thread taken up again": (_("thread taken up again:"), _("threads taken up again")),
    "note": (_("note in thread"), _("notes in threads")),
    "case": (_("case"), _("cases")),
    "case in figures": (_("case in figures"), _("cases in figures")),
    "event": (_("outbreak event"), _("outbreak events")),
    "event closed": (_("outbreak event closed:"), _("outbreak events closed")),
    "event opened again": (
        _("outbreak event opened again:"),
        _("outbreak events opened again"),
    ),
    "contacts of case": (_("contact of case"), _("contacts of case")),
    "contacts of event": (_("contact of event"), _("contacts of event")),
    "contact without number of case": (
        _("contact without number, of case"),
        _("contacts without number, of case"),
    ),
    "contact without number of event": (
        _("contact without number, of event"),
        _("contacts without number, of event"),
    ),
    "contact of case": (_("contact of case"), _("contacts of case")),
    "contact of event": (_("contact of event"), _("contacts of event")),
    "contact due today": (_("contact to be heard of today"), _("contacts to be heard of today")),
    "own cases for event": (_("own case listed for event"), _("own cases listed for event")),
    "lines of event": (_("line of event"), _("lines of event")),
    "line of event": (_("line of event"), _("lines of event")),
    "link stated of case": (_("link stated of case"), _("links stated of case")),
    "link stated to case": (_("link stated to case"), _("links stated to case")),
    "link withdrawn of case": (_("link taken back, of case"), _("links taken back, of case")),
    "prescribing report": (_("prescribing report of"), _("prescribing reports of")),
    "report goal": (_("goal picked from report of"), _("goals picked from report of")),
    "remark on report": (_("error told of in report of"), _("errors told of in report of")),
    "consent given": (
        _("consent to be a dot in the group's report"),
        _("consents to be a dot in the group's report"),
    ),
    "consent withdrawn": (
        _("consent to be a dot taken back"),
        _("consents to be a dot taken back"),
    ),
    "quarantine item": (_("problem in quarantine"), _("problems in quarantine")),
    "identity": (_("who a person is"), _("who persons are")),
    "linkage question": (
        _("question whether two are one person"),
        _("questions whether two are one person"),
    ),
    "linkage decision": (
        _("decision whether two are one person"),
        _("decisions whether two are one person"),
    ),
    "linkage decision undone": (
        _("decision about two persons taken back"),
        _("decisions about two persons taken back"),
    ),
    "antibiogram row": (_("row of a resistance table"), _("rows of a resistance table")),
    "access log entry": (_("line of the access log"), _("lines of the access log")),
    "laboratory": (_("laboratory"), _("laboratories")),
    "notification": (_("notification"), _("notifications")),
    "prevalence": (_("ward of a prevalence survey"), _("wards of a prevalence survey")),
    "surgery": (_("operation"), _("operations")),
    "table": (_("table"), _("tables")),
    "unknown code": (_("unknown code"), _("unknown codes")),
    "code proposed": (_("proposal for a code"), _("proposals for codes")),
    "notice seen": (_("notice of an answer seen"), _("notices of answers seen")),
    "code unmappable": (_("code that stands for nothing"), _("codes that stand for nothing")),
    "code declined": (_("declined proposal"), _("declined proposals")),
    "answer by code confirmed": (
        _("answer, by a code confirmed"),
        _("answers, by a code confirmed"),
    ),
    "answer by code withdrawn": (
        _("answer, by a code taken back"),
        _("answers, by a code taken back"),
    ),
    "raw item": (_("message as it was sent"), _("messages as they were sent")),
    "corrected item": (_("correction handed in"), _("corrections handed in")),
    "item read again": (_("problem read again"), _("problems read again")),
    "closed item": (_("problem closed by hand"), _("problems closed by hand")),
    "reopened item": (_("problem opened again"), _("problems opened again")),
    "receipt": (_("receipt"), _("receipts")),
    "withdrawal": (_("withdrawal"), _("withdrawals")),
    "backup": (_("backup"), _("backups")),
    "messages": (_("message sealed anew"), _("messages sealed anew")),
    "keys": (_("storage key"), _("storage keys")),
    "access log": (_("key of the access log"), _("keys of the access log")),
    "entry beyond the last head that fits": (
        _("line that nothing vouches for"),
        _("lines that nothing vouches for"),
    ),
    "grant": (_("assignment of a role, no."), _("assignments of roles, no.")),
    "earlier findings": (
        _("look at a person's earlier findings"),
        _("looks at a person's earlier findings"),
    ),
    "notification as sent": (
        _("sent form of notification, opened with the person in it"),
        _("sent forms of notification, opened with the person in them"),
    ),
    "notifiable answer dealt with": (
        _("notifiable answer that no code knows, taken off the desk"),
        _("notifiable answers that no code knows, taken off the desk"),
    ),
    "notification form filled in": (
        _("form of notification, filled in with what is known of a person"),
        _("forms of notification, filled in with what is known of a person"),
    ),
    "earlier analysis": (
        _("question whether an analysis was made of a person before"),
        _("questions whether an analysis was made of a person before"),
    ),
}
TITLES = {page.key: page.title for page in PAGES} | {
    "intake": _("Intake"),
    "token": _("Access tokens"),
    "command-line": _("Command line"),
    "earlier-analyses": _("Earlier analyses"),
    "cds-hooks": _("CDS Hooks"),
}
SHOWN = 200


@require_safe
@page("access-log")
def show(request: HttpRequest) -> HttpResponse:
    """The newest entries, and whether the chain is whole."""
    language = request.LANGUAGE_CODE
    entries = [
        {
            "entry": entry,
            "action": ACTIONS.get(entry.action, entry.action),
            "page": TITLES.get(entry.page, entry.page),
            "object": _name_objects(entry, language),
            "role": roles()[entry.role].name.in_language(language) if entry.role in roles() else "",
        }
        for entry in AccessLogEntry.objects.order_by("-id")[:SHOWN]
    ]
    audit.record(request.user, "view", "access-log", "access log entry", len(entries))
    return render(
        request,
        "web/access_log.html",
        {"entries": entries, "seen": audit.glance(settings.VARDE_HOME), "shown": SHOWN},
    )


def say_object(kind: str, count: int = 1) -> str:
    """What was seen, in words; beside it why, where somebody had to say so (`varde.access.looks`)."""
    what, comma, reason = kind.partition(", ")
    words = OBJECTS.get(what, (what, what))[0 if count == 1 else 1]
    because = look_reasons().get(reason)
    if because is not None:
        return f"{words}. {because.in_language(get_language() or 'nb')}"
    return f"{words}{comma}{reason}"


def _name_objects(entry: AccessLogEntry, language: str) -> object:
    """What was seen, in the number it was seen in; of a refused sender why, and who it said it was."""
    if entry.action == "token-refused":
        code, *claim = entry.object_kind.split(": ", 1)
        title = reasons()[code].title.in_language(language) if code in reasons() else code
        return ": ".join([title, *claim])
    # Of a message in quarantine its number in the log is named, and the item's in it; before them, or alone,
    # the register, when it is not that of persons.
    kind, _blank, number = entry.object_kind.rpartition(" ")
    if not kind or (
        "/" not in number and number not in (*APART, "default") and not number.isdigit()
    ):
        kind, number = entry.object_kind, ""
    number = "" if number == "default" else number.upper()
    if kind.partition(", ")[2]:
        return say_object(kind, entry.object_count)
    one, several = OBJECTS.get(kind, (kind, kind))
    if entry.action == "erased":
        one = several = _rule(kind, language)
    words = one if entry.object_count == 1 else several
    if kind in ("raw item", "withdrawal"):
        purpose = purpose_words(entry.purpose, language)
        return f"{words} {number}: {purpose}" if number else f"{words}: {purpose}"
    return f"{words} {number}" if number else words


def _rule(key: str, language: str) -> str:
    """What a rule of retention is about, in the middle of a line."""
    titles = {rule.key: rule.title for rule in shipped_rules()}
    title = titles[key].in_language(language) if key in titles else key
    return title[:1].lower() + title[1:]
