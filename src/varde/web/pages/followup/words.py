"""What things are called on the pages of the follow-up, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from varde import codes
from varde.cases import diseases
from varde.followup.site import local_tables
from varde.followup.tables import tables
from varde.followup.units import kind_of, say_unit
from varde.web.templatetags.words import day as say_day
from varde.web.templatetags.words import moment as say_moment

CLASSES: Mapping[str, object] = {
    "confirmed": gettext_lazy("confirmed"),
    "probable": gettext_lazy("probable"),
    "suspected": gettext_lazy("suspected"),
    "discarded": gettext_lazy("discarded"),
}
STATES: Mapping[str, object] = {
    "met": gettext_lazy("met"),
    "unmet": gettext_lazy("not met"),
    "unknown": gettext_lazy("not known"),
    "presumed": gettext_lazy("presumed: nobody has said otherwise"),
}
PRESUMED_FROM_ONSET = gettext_lazy(
    "presumed: the form says when the person fell ill, and nothing of how"
)
IMPORTED: Mapping[str, object] = {
    "yes": gettext_lazy("abroad"),
    "no": gettext_lazy("in Norway"),
    "unknown": gettext_lazy("not known"),
}
RECEIVERS: Mapping[str, object] = {
    "municipality-of-residence": gettext_lazy("municipality of residence"),
    "municipality-of-stay": gettext_lazy("municipality of stay"),
    "hospital-infection-control": gettext_lazy("the hospital's infection control"),
    "national-duty-officer": gettext_lazy("national duty officer"),
    "food-safety-authority": gettext_lazy("food-safety authority"),
    "escalation": gettext_lazy("another has not answered"),
}
_OWN: Mapping[str, tuple[str, ...]] = {
    "municipality": ("municipality-of-residence", "municipality-of-stay"),
    "trust": ("hospital-infection-control",),
    "national": ("national-duty-officer",),
    "food-safety": ("food-safety-authority",),
}
"""Kind of unit → the receivers that it is itself."""
UNIT_KINDS: Mapping[str, object] = {
    "municipality": gettext_lazy("municipal doctor"),
    "trust": gettext_lazy("the hospital's infection control"),
    "national": gettext_lazy("national duty officer"),
    "national-backup": gettext_lazy("the officer behind the one on duty"),
    "food-safety": gettext_lazy("food-safety authority"),
    "state-administrator": gettext_lazy("state administrator"),
    "svalbard": gettext_lazy("governor of Svalbard"),
}
_LAST_LETTERS = str.maketrans("æøå", "\U0010fffd\U0010fffe\U0010ffff")


class Answered(Protocol):
    """What has a time by which it was due, and one at which it was answered."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def receipted_at(self) -> datetime | None: ...


ENTRIES: Mapping[str, object] = {
    "told": gettext_lazy("Told"),
    "told-again": gettext_lazy("Told again: it is yours once more"),
    "changed": gettext_lazy("Changed"),
    "moved": gettext_lazy("Moved: it is not yours any more"),
    "gone": gettext_lazy(
        "No case any more: what it rested on was withdrawn or is judged otherwise"
    ),
    "merged": gettext_lazy("One with another case now"),
    "settled": gettext_lazy("Settled"),
    "reminded": gettext_lazy("Reminded: no receipt"),
    "escalated": gettext_lazy("Told too, because there is no receipt:"),
    "nobody-left": gettext_lazy("Nobody more to tell: the duty officer calls"),
    "unanswered": gettext_lazy("Told here because another has not answered"),
    "seen": gettext_lazy("Opened"),
    "receipted": gettext_lazy("Receipt given"),
    "done": gettext_lazy("Marked as done"),
    "reopened": gettext_lazy("Taken up again"),
    "note": gettext_lazy("Note"),
    "took-over": gettext_lazy("Took over contacts, notes and events"),
    "followed": gettext_lazy("Another case has taken over contacts, notes and events"),
    "handover-asked": gettext_lazy("Asked to take over contacts"),
    "handover-taken": gettext_lazy("Contacts were taken over"),
}
KINDS: Mapping[str, object] = {
    "case": gettext_lazy("case"),
    "form": gettext_lazy("form missing"),
    "event": gettext_lazy("event"),
}
EVENT_KINDS: Mapping[str, object] = {
    "food": gettext_lazy("Food or water"),
    "institution": gettext_lazy("Institution"),
    "hospital": gettext_lazy("Hospital"),
    "other": gettext_lazy("Other"),
}
DAY_STATES: Mapping[str, object] = {
    "well": gettext_lazy("well"),
    "symptoms": gettext_lazy("symptoms"),
    "tested": gettext_lazy("tested"),
    "not-reached": gettext_lazy("not reached"),
}
FIELDS: Mapping[str, object] = {
    "disease": gettext_lazy("disease"),
    "classification": gettext_lazy("class"),
    "presentation": gettext_lazy("picture"),
    "first_day": gettext_lazy("first day"),
    "onset": gettext_lazy("onset"),
    "imported": gettext_lazy("infected"),
    "form_missing": gettext_lazy("clinician's form missing"),
    "infected_in": gettext_lazy("place of infection"),
    "discarded_on": gettext_lazy("discarded by the answer of"),
}
METHODS: Mapping[str, object] = {
    "culture": gettext_lazy("culture"),
    "nucleic-acid": gettext_lazy("nucleic acid"),
    "antigen": gettext_lazy("antigen"),
    "antibody": gettext_lazy("antibody"),
    "antibody-igm": gettext_lazy("antibody, IgM"),
    "antibody-igg": gettext_lazy("antibody, IgG"),
    "antibody-blot": gettext_lazy("antibody, blot"),
    "antibody-rise": gettext_lazy("antibody, rising"),
    "microscopy": gettext_lazy("microscopy"),
    "histology": gettext_lazy("histology"),
    "toxin": gettext_lazy("toxin"),
}
SEX: Mapping[str, object] = {"F": gettext_lazy("woman"), "M": gettext_lazy("man")}
CHILDREN: Mapping[str, object] = {"F": gettext_lazy("girl"), "M": gettext_lazy("boy")}
GROWN = 18
"""Years from which somebody is a woman or a man."""


def language() -> str:
    """The reader's language."""
    return get_language() or "nb"


def sex_words(sex: str, age: int | None) -> str:
    """What somebody of a sex and an age is called; empty when nothing says the sex."""
    words = CHILDREN if age is not None and age < GROWN else SEX
    return str(words.get(sex, ""))


def state_words(state: str, has_evidence: bool) -> str:
    """What a criterion came to; what is presumed by a form, and not for want of one, is said as that."""
    from_onset = state == "presumed" and has_evidence
    return str(PRESUMED_FROM_ONSET if from_onset else STATES[state])


def disease_words(key: str) -> str:
    """What a disease is called; for none: that nobody knows."""
    found = diseases().get(key)
    if found is None:
        return key or _("Not known yet")
    return found.en if language() == "en" else found.nb


def agent_words(disease: str) -> str:
    """Of what an event is; for one of no disease yet, that the agent is unknown."""
    return disease_words(disease) if disease else _("Outbreak, unknown agent")


def unit_words(unit: str, on: date) -> str:
    """What a unit is called."""
    return say_unit(unit, on, language())


def phone_words(unit: str, on: date) -> str:
    """Where a unit is reached; that nobody has said where, when the tables and the site have not."""
    return local_tables().telephone(unit, on) or _("telephone not known")


def reason_words(reason: str) -> str:
    """Why a unit is told in another's place."""
    words = tables().reasons.get(reason)
    return words.in_language(language()) if words else reason


def say_length(seconds: float) -> str:
    """A length of time in its largest unit: minutes, hours, days."""
    minutes = int(abs(seconds) // 60)
    if minutes < 60:
        return _("1 minute") if minutes == 1 else _("%(n)s minutes") % {"n": minutes}
    if minutes < 48 * 60:
        hours = minutes // 60
        return _("1 hour") if hours == 1 else _("%(n)s hours") % {"n": hours}
    return _("%(n)s days") % {"n": minutes // (24 * 60)}


def say_due(due: datetime, now: datetime) -> str:
    """When something was to be known, in words."""
    seconds = (due - now).total_seconds()
    if abs(seconds) < 60:
        return _("now")
    length = say_length(seconds)
    if seconds > 0:
        return _("in %(length)s") % {"length": length}
    return _("%(length)s ago") % {"length": length}


def place_words(number: str, on: date) -> str:
    """What a municipality is called, or a place whose number stands for one; else that nobody knows the number."""
    if not number:
        return ""
    current = codes.successor(number, on)
    known = codes.municipalities(on).get(current or "")
    if known:
        return known.name
    place = tables().place(number, on)
    if place:
        return place.name.in_language(language())
    return _("unknown municipality ({number})").format(number=number)


def told_as(receiver: str, reason: str, unit: str) -> str:
    """As what a unit was told: by what the unit is, whoever it stands in for."""
    kind = kind_of(unit)
    if receiver == "escalation" or receiver in _OWN.get(kind, ()):
        return str(RECEIVERS.get(receiver, receiver))
    if receiver in RECEIVERS and reason.partition("-")[0] in ("residence", "stay", "hospital"):
        return _("in the place of {receiver}").format(receiver=RECEIVERS[receiver])
    return str(UNIT_KINDS.get(kind, unit))


def say_answer(one: Answered, now: datetime, overdue: bool) -> str:
    """Until when an answer is waited for; of one that was given, when, and when it was due."""
    due = say_moment(one.due_at)
    if one.receipted_at is not None:
        return _("receipt given {at} (it was due {due})").format(
            at=say_moment(one.receipted_at), due=due
        )
    if overdue:
        return _("was due {length} ago ({due})").format(
            length=say_length((now - one.due_at).total_seconds()), due=due
        )
    said = _("now") if one.due_at <= now else say_due(one.due_at, now)
    return f"{said} ({due})"


def sort_key(name: str) -> str:
    """Names in the order of the Norwegian alphabet, whose last letters are æ, ø and å."""
    return name.casefold().translate(_LAST_LETTERS)


def infected_words(place: str, on: date) -> str:
    """Where somebody was infected, as a case says it."""
    if place in codes.countries():
        country = codes.countries()[place]
        return country.name_en if language() == "en" else country.name_nb
    if place == "abroad":
        return str(IMPORTED["yes"])
    return place_words(place, on)


def change_words(field: str, value: Any, on: date) -> str:
    """A field's value before or after a change."""
    if value in (None, "", False):
        return "–"
    if field == "classification":
        return str(CLASSES.get(value, value))
    if field == "imported":
        return str(IMPORTED.get(value, value))
    if field == "infected_in":
        return infected_words(str(value), on)
    if field == "disease":
        return disease_words(str(value))
    if field == "form_missing":
        return _("yes")
    if field in ("first_day", "onset", "discarded_on"):
        return say_day(date.fromisoformat(str(value)))
    return str(value)


def describe_change(detail: Mapping[str, Any], on: date) -> list[str]:
    """What changed, a phrase for each field; of the person only that they are known by another number."""
    unsaid = {
        "person": _("the person is known by another number now: see who it is"),
        "residences": _("the reports say different places of residence: see the case"),
    }
    return [said for name, said in unsaid.items() if name in detail] + [
        f"{FIELDS[field]}: {change_words(field, before, on)} → {change_words(field, after, on)}"
        for field, (before, after) in (
            (name, value) for name, value in detail.items() if name in FIELDS
        )
    ]


_WITH_UNIT = ("escalated", "unanswered", "handover-asked", "handover-taken")


def describe_detail(what: str, detail: Mapping[str, Any]) -> list[str]:
    """What stands in an entry that is no change: the number of a case, a unit."""
    if what in ("merged", "followed") and "into" in detail:
        return [_("case {number}").format(number=detail["into"])]
    if what == "took-over" and "from" in detail:
        return [_("from case {number}").format(number=detail["from"])]
    if what in _WITH_UNIT and "unit" in detail:
        return [unit_words(str(detail["unit"]), timezone.localdate())]
    return []


def say_when(at: datetime | None) -> str:
    """A time, or a dash for none."""
    return say_moment(at) if at else "–"


def say_known(at: datetime | None) -> str:
    """A time as its sender knew it: midnight to the second is a day without an hour. Empty for none."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return say_day(at) if (local.hour, local.minute, local.second) == (0, 0, 0) else say_moment(at)


def say_cases(when: str, number: int) -> str:
    """How many cases there were at a time, for a column of a chart."""
    if number == 1:
        return _("{when}: 1 case").format(when=when)
    return _("{when}: {number} cases").format(when=when, number=number)
