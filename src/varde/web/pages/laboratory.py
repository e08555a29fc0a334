"""What a laboratory has sent: today, by hour and by day, how long answers take, and what is not understood.

A laboratory contact sees its own; national roles see everybody's, or one laboratory's that they choose.
One register's at a time. Of a de-identified one neither how long answers take is shown (of the days of
sampling the months are kept), nor unknown codes (a row with a word that Varde does not know is refused).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.roles import AreaMissing, may_do, sender_scope
from varde.register import Expression, LastReceived, Silence, UnmappedCode
from varde.web import traffic_charts
from varde.web.decisions import describe_decisions
from varde.web.expressions import query_of, shown
from varde.web.names import CODE_KINDS, MESSAGE_KINDS, concept_name
from varde.web.pages.followup.unknown_positives import describe_unknown
from varde.web.pages.noticed import describe_noticed, see
from varde.web.registers import (
    asked_register,
    has_come,
    laboratory_names,
    named,
    register_choices,
    the_register,
)
from varde.web.sender_choice import LONGEST, find_sender, label_of, labels_of

DAYS = 56
HOURS = 48
HOURS_IN_DAYS = 48
"""So many hours of silence, and more, are told in days."""
MOST_CODES = 10
ALL_CODES = 100
MOST_DECISIONS = 10
ALL_DECISIONS = 500
SENDERS_A_PAGE = 15
UNREAD = "ulest"
"""How an address says that it means what could not be read so far that its kind is known."""


@require_http_methods(["GET", "HEAD", "POST"])
@page("laboratory")
def show(request: HttpRequest) -> HttpResponse:
    """One laboratory's view, or the country's; or that somebody has looked at what it tells."""
    own = scope_of(request)
    if request.method == "POST":
        return see(request, own)
    database = asked_register(request)
    apart = database if database in register.APART else ""
    names = laboratory_names()
    context: dict[str, Any] = {
        "apart": apart,
        "registers": register_choices(database),
        "national": own is None,
        "sender": own,
        "sender_name": names.get(own, own) if own else "",
    }
    seen = 1 if own else 0
    if has_come(database):
        with register.using(database):
            everybody = _by_name(register.senders(), names)
            asked = request.GET.get("avsender", "") if own is None else ""
            sender = own if own is not None else find_sender(asked, everybody, names)
            context |= _read(request, sender, everybody, names, apart)
            context["no_such_sender"] = bool(asked.strip()) and sender is None
            context["asked_label"] = label_of(sender, names) if sender else asked[:LONGEST]
            context |= _decided(request, sender, names, apart)
            seen = 1 if sender else len(everybody)
    audit.record(request.user, "view", "laboratory", named("laboratory", database), seen)
    return render(request, "web/laboratory.html", context)


def _read(
    request: HttpRequest,
    sender: str | None,
    everybody: Sequence[str],
    names: Mapping[str, str],
    apart: str,
) -> dict[str, Any]:
    """What has come to the register in use, from one sender or from everybody."""
    now = timezone.now()
    last = register.last_received(sender)
    silences = {(each.sender, each.kind): _listen(each, now) for each in last}
    # All that comes to a de-identified register is of one kind, and called after it.
    kinds = {each: MESSAGE_KINDS[apart or each] for each in MESSAGE_KINDS}
    context: dict[str, Any] = {
        "sender": sender,
        "sender_name": names.get(sender, sender) if sender else "",
        "choices": labels_of(everybody, names),
        "silent": [
            {
                "who": names.get(each.sender, each.sender),
                "kind": str(kinds[each.kind]) if apart else str(kinds[each.kind]).lower(),
                "last": each.at,
                "silence": silences[each.sender, each.kind],
                "ago": say_hours(silences[each.sender, each.kind].hours),
            }
            for each in last
            if silences[each.sender, each.kind].verdict == "silent" and each.kind
        ],
        "may_say": may_do(request.user, "confirm-codes") or may_do(request.user, "propose-codes"),
        **({} if apart else _shown_codes(request, sender)),
        "unknown": []
        if apart or sender is None
        else describe_unknown(now, names, sender, is_own=scope_of(request) is not None),
        **({} if apart else describe_noticed(request, sender, names)),
        "waiting": sum(register.waiting_entries(sender).values()),
        "known_at_all": bool(last),
        **_traffic(request, sender, last, silences, now, kinds),
    }
    if sender is None:
        context |= _page_of(request, _overview(names, last, silences, now, apart))
    elif not apart:
        context |= traffic_charts.delays(sender, now)
    return context


def _by_name(keys: Iterable[str], names: Mapping[str, str]) -> list[str]:
    return sorted(keys, key=lambda key: (names.get(key, key).casefold(), key))


def scope_of(request: HttpRequest) -> str | None:
    """Whose the user may see: a sender's key, or None for everybody's.

    Raises:
        PermissionDenied: nobody's.
    """
    try:
        return sender_scope(request.user)
    except AreaMissing:
        raise PermissionDenied from None


def _listen(last: LastReceived, now: datetime) -> Silence:
    """Whether nothing has come for longer than is usual."""
    rules = register.rules_on(timezone.localdate(now))
    active = register.active_hours(last, rules.weeks * 7 * 24)
    return register.judge(active, now, rules)


def say_hours(hours: float) -> str:
    """How long ago something was: in whole hours, and from two days on in whole days."""
    if hours < HOURS_IN_DAYS:
        return _("%(n)s hours") % {"n": int(hours)}
    return _("%(n)s days") % {"n": int(hours // 24)}


def describe_rhythm(silences: Iterable[Silence]) -> dict[str, Any]:
    """What the rhythm of a sender says, of one kind or of several: the gravest first, in the same words
    wherever it is told.

    Returns:
        "text"; "silent"; and "due": when a warning is due unless something comes, or None.
    """
    found = {each.verdict: each for each in silences}
    if "silent" in found:
        return {"text": _("Silent"), "silent": True, "due": None}
    if "heard" in found:
        return {"text": _("As usual"), "silent": False, "due": found["heard"].due}
    if "rare" in found:
        return {"text": _("Comes too seldom to be judged"), "silent": False, "due": None}
    if "new" in found:
        return {"text": _("Known for too short a time to be judged"), "silent": False, "due": None}
    return {"text": "–", "silent": False, "due": None}


def _decided(
    request: HttpRequest, sender: str | None, names: Mapping[str, str], apart: str
) -> dict[str, Any]:
    """What was decided about codes; nothing in a de-identified register, which takes no unknown ones."""
    if apart:
        return {}
    whole = request.GET.get("avgjort") == "alle"
    most = ALL_DECISIONS if whole else MOST_DECISIONS
    found = register.standing_decisions(sender, most + 1)
    return {
        "decided": describe_decisions(found[:most], names, scope_of(request) is not None),
        "all_decided": _address(request, avgjort="alle") if len(found) > most and not whole else "",
    }


def _address(request: HttpRequest, **changed: str) -> str:
    """This page as it is asked for, with something changed; what is changed to nothing is left out."""
    kept = {key: request.GET[key] for key in ("register", "avsender", "slag") if key in request.GET}
    return "?" + urlencode({key: value for key, value in (kept | changed).items() if value})


def _page_of(request: HttpRequest, senders: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One page of the senders; the first is folded away until somebody asks."""
    asked = request.GET.get("side", "")
    last = max(1, -(-len(senders) // SENDERS_A_PAGE))
    number = min(int(asked), last) if asked.isdecimal() and 0 < len(asked) < 7 and int(asked) else 1
    start = (number - 1) * SENDERS_A_PAGE

    def to(page: int) -> str:
        return _address(request, side=str(page)) + "#senders" if 1 <= page <= last else ""

    return {
        "senders": senders[start : start + SENDERS_A_PAGE],
        "sender_count": len(senders),
        "senders_open": bool(asked),
        "previous": to(number - 1),
        "next": to(number + 1),
        "number": number,
        "pages": last,
    }


def _traffic(
    request: HttpRequest,
    sender: str | None,
    last: Sequence[LastReceived],
    silences: Mapping[tuple[str, str], Silence],
    now: datetime,
    kinds: Mapping[str, object],
) -> dict[str, Any]:
    """Numbers and charts of the last eight weeks."""
    today = timezone.localdate(now)
    first = timezone.make_aware(
        datetime.combine(today - timedelta(days=DAYS - 1), datetime.min.time())
    )
    counts = register.count_hours(first, now + timedelta(hours=1), sender)
    days = register.count_days(counts)
    this_day = days.get(today, dict.fromkeys(("accepted", "duplicate", "quarantined"), 0))
    by_kind: dict[str, dict[str, Any]] = {}
    for each in last:
        row = by_kind.setdefault(each.kind, {"today": 0, "week": 0, "all": 0, "quarantined": 0})
        if sender is not None:
            heard = [silences[each.sender, each.kind]] if each.kind else []
            row["rhythm"] = describe_rhythm(heard)
        row["last"] = max(each.at, row.get("last", each.at))
    for count in counts:
        row = by_kind.setdefault(count.kind, {"today": 0, "week": 0, "all": 0, "quarantined": 0})
        day = register.day_of(count.hour)
        row["all"] += count.items
        row["week"] += count.items * ((today - day).days < 7)
        row["today"] += count.items * (day == today)
        row["quarantined"] += count.items * (count.state == "quarantined")
    asked = request.GET.get("slag", "")
    kind = next((each for each in by_kind if asked and asked == (each or UNREAD)), None)
    chosen = [count for count in counts if kind is None or count.kind == kind]
    named = str(kinds[kind]) if kind is not None else ""
    return {
        "chosen_kind": named,
        "kind_choices": [
            {"name": _("All kinds"), "address": _address(request, slag=""), "chosen": kind is None},
            *(
                {
                    "name": kinds[each],
                    "address": _address(request, slag=each or UNREAD),
                    "chosen": kind == each,
                }
                for each in kinds
                if each in by_kind
            ),
        ]
        if len(by_kind) > 1
        else [],
        "today": {**this_day, "received": sum(this_day.values())},
        "last_at": max((each.at for each in last), default=None),
        "kinds": [
            {"key": kind, "name": kinds[kind], **by_kind[kind]} for kind in kinds if kind in by_kind
        ],
        "hours": traffic_charts.hours(chosen, now, HOURS, named),
        "hour_kinds": traffic_charts.hours_by_kind(chosen, now, HOURS, kinds),
        "days": traffic_charts.days(register.count_days(chosen), today, DAYS, named),
    }


def _overview(
    names: Mapping[str, str],
    last: Sequence[LastReceived],
    silences: Mapping[tuple[str, str], Silence],
    now: datetime,
    apart: str,
) -> list[dict[str, Any]]:
    """A row for each sender: what it sent today and in a week, what waits, and whether it is silent."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), datetime.min.time()))
    after = now + timedelta(hours=1)
    today = register.count_senders(midnight, after)
    week = register.count_senders(midnight - timedelta(days=6), after)
    waiting = register.waiting_entries()
    kept = {"register": apart} if apart else {}
    rows = []
    for sender in _by_name({each.sender for each in last}, names):
        its = [each for each in last if each.sender == sender]
        rows.append(
            {
                "name": names.get(sender, sender) or _("Unknown sender"),
                "key": sender,
                "address": "?" + urlencode(kept | {"avsender": sender}) if sender else "",
                "last": max(each.at for each in its),
                "today": sum(today.get(sender, {}).values()),
                "week": sum(week.get(sender, {}).values()),
                "waiting": waiting.get(sender, 0),
                "rhythm": describe_rhythm(silences[sender, each.kind] for each in its if each.kind),
            }
        )
    return rows


def _shown_codes(request: HttpRequest, sender: str | None) -> dict[str, Any]:
    """The most frequent of the unknown codes, or all of them when that is asked for."""
    whole = request.GET.get("koder") == "alle"
    found = _codes(sender, scope_of(request) is not None)
    more = len(found) > MOST_CODES and not whole
    return {
        "codes": found if whole else found[:MOST_CODES],
        "all_codes": _address(request, koder="alle") if more else "",
    }


def _codes(sender: str | None, is_own: bool) -> list[dict[str, Any]]:
    """The unknown codes that nobody has said anything final about, each with the likeliest meaning."""
    codes = the_register().context.renewed().codes
    definitions = the_register().context.definitions()
    found = register.unmapped_codes(sender=sender, limit=ALL_CODES)
    said = register.decisions(expression_of(code) for code in found)
    rows = []
    for code in found:
        decision = said.get(expression_of(code))
        if decision is not None and decision.verdict == "unmappable":
            continue
        [best] = register.suggest_meanings(
            codes, definitions, code.kind, code.code, code.text, limit=1
        ) or [None]
        rows.append(
            {
                "code": show_code(code, is_own),
                "kind": CODE_KINDS.get(code.kind, code.kind),
                "address": query_of(expression_of(code)),
                "suggestion": concept_name(code.kind, best.concept) if best else "",
                "proposed": concept_name(code.kind, decision.concept)
                if decision is not None
                and decision.verdict == "proposed"
                and sender in (None, decision.sender)
                else "",
            }
        )
    return rows


def expression_of(code: UnmappedCode) -> Expression:
    """The expression that a row of the queue is about."""
    return (code.kind, code.system, code.code, code.text)


def code_query(code: UnmappedCode) -> str:
    """The part of an address that says which expression is meant."""
    return query_of(expression_of(code))


def show_code(code: UnmappedCode, is_own: bool) -> UnmappedCode:
    """A row of the queue as a reader sees it."""
    return replace(code, text=shown(code.text, is_own))
