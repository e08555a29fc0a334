"""What an event may be from: exposures with who fell ill, relative risks, and samples with their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.access import audit
from varde.access.purposes import purpose_of
from varde.followup import exposures
from varde.followup.events import EventProblem
from varde.followup.exposures import Counts, SaidExposure, SaidSample
from varde.followup.models import Event, EventExposure, EventSample
from varde.publishing import write_decimal
from varde.web.pages.followup import words
from varde.web.pages.followup.event_gate import number_of, read_day, require_lead
from varde.web.templatetags.words import decimal, interval

COUNTS = ("spist-syk", "spist-frisk", "ikke-syk", "ikke-frisk")
LEAST_CHANCE, MANY_DIGITS = 0.001, 0.1
"""A probability below the first is not written out; one below the second has three decimals, else two."""
FIELDS = ("hva", "hvor", "dag", "laboratorium", "svar", "svardag", *COUNTS)


def keep_exposure(request: HttpRequest, event: Event) -> None:
    """Keep what is said of an exposure, a new one or one that there is."""
    purpose, said = require_lead(request, event, "outbreak"), request.POST
    kept = exposures.keep_exposure(
        event.id,
        SaidExposure(
            said.get("hva", ""), said.get("hvor", ""), _day(said.get("dag", "")), _counts(request)
        ),
        request.user.get_username(),
        timezone.now(),
        number_of(said.get("eksponering", "")),
    )
    _log(request, f"exposure {kept.id} of event {event.id}", purpose)


def keep_sample(request: HttpRequest, event: Event) -> None:
    """Keep what is said of a sample, a new one or one that there is."""
    purpose, said = require_lead(request, event, "outbreak"), request.POST
    kept = exposures.keep_sample(
        event.id,
        SaidSample(
            said.get("hva", ""),
            read_day(said.get("dag", ""), "when"),
            said.get("laboratorium", ""),
            said.get("svar", ""),
            _day(said.get("svardag", "")),
        ),
        request.user.get_username(),
        timezone.now(),
        number_of(said.get("prove", "")),
    )
    _log(request, f"sample {kept.id} of event {event.id}", purpose)


def remove(request: HttpRequest, event: Event) -> None:
    """Remove an exposure or a sample."""
    purpose = require_lead(request, event, "outbreak")
    if exposure := number_of(request.POST.get("eksponering", "")):
        if exposures.remove_exposure(event.id, exposure):
            _log(request, f"exposure {exposure} of event {event.id} removed", purpose)
    elif sample := number_of(request.POST.get("prove", "")):
        if exposures.remove_sample(event.id, sample):
            _log(request, f"sample {sample} of event {event.id} removed", purpose)
    else:
        raise Http404


def ask_removal(request: HttpRequest, event: Event) -> dict[str, Any] | None:
    """What somebody wants to remove, for the question whether they are sure; None where they said so, or it is gone.

    Raises:
        AccessRefused: the event is not theirs to lead.
    """
    if request.POST.get("sikker") == "ja":
        return None
    require_lead(request, event, "outbreak")
    for field, there in (
        ("eksponering", exposures.exposures_of(event.id)),
        ("prove", exposures.samples_of(event.id)),
    ):
        number = number_of(request.POST.get(field, ""))
        for one in there:
            if one.id == number:
                return {"field": field, "number": number, "what": one.what}
    return None


def _log(request: HttpRequest, what: str, purpose: str) -> None:
    audit.record(request.user, "change", "events", what, 1, purpose_of(purpose))


def _day(text: str) -> date | None:
    return read_day(text, "when") if text.strip() else None


def _counts(request: HttpRequest) -> Counts | None:
    typed = [request.POST.get(name, "").strip() for name in COUNTS]
    if not any(typed):
        return None
    if not all(one.isascii() and one.isdigit() and len(one) < 8 for one in typed):
        raise EventProblem("counts", "these are no four numbers")
    return Counts(*map(int, typed))


def describe_exposures(request: HttpRequest, event: Event, trouble: str) -> dict[str, Any]:
    """Exposures with their relative risks, the least likely by chance first, and samples, in the reader's words, each
    with the form to change it.

    Args:
        trouble: what could not be kept; what was typed stands in its form then.
    """
    there = sorted(exposures.exposures_of(event.id), key=_by_chance)
    samples = exposures.samples_of(event.id)
    return {
        "exposures": [
            _describe(one) | _form(request, "eksponering", _known_exposure(one), one.id, trouble)
            for one in there
        ],
        "new_exposure": _form(request, "eksponering", {}, 0, trouble),
        "samples": [
            {"sample": one} | _form(request, "prove", _known_sample(one), one.id, trouble)
            for one in samples
        ],
        "new_sample": _form(request, "prove", {}, 0, trouble),
    }


def _form(
    request: HttpRequest, action: str, known: Mapping[str, Any], number: int, trouble: str
) -> dict[str, Any]:
    """What stands in a form: what was typed where that could not be kept, else what is known."""
    sent = request.POST
    mine = (
        bool(trouble) and sent.get("gjor") == action and number_of(sent.get(action, "")) == number
    )
    form = {name.replace("-", "_"): sent.get(name, "") for name in FIELDS} if mine else dict(known)
    return {"form": form | {"number": number, "end": number or "ny"}, "typing": mine}


def _known_exposure(one: EventExposure) -> dict[str, Any]:
    counts = exposures.counts_of(one)
    return {
        "hva": one.what,
        "hvor": one.place,
        "dag": _typed(one.day),
        **(
            dict(zip((name.replace("-", "_") for name in COUNTS), counts, strict=True))
            if counts
            else {}
        ),
    }


def _known_sample(one: EventSample) -> dict[str, Any]:
    return {
        "hva": one.what,
        "dag": _typed(one.taken),
        "laboratorium": one.laboratory,
        "svar": one.answer,
        "svardag": _typed(one.answered),
    }


def _typed(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _by_chance(one: EventExposure) -> tuple[bool, float, int]:
    counts = exposures.counts_of(one)
    chance = exposures.chance(counts) if counts else None
    return (chance is None, chance or 0.0, one.id)


def _describe(one: EventExposure) -> dict[str, Any]:
    counts = exposures.counts_of(one)
    described: dict[str, Any] = {"exposure": one, "counted": counts is not None}
    if counts is None:
        return described
    risk = exposures.weigh(counts)
    return described | {
        "ate": _rate(risk.ate, counts.ate_ill, counts.ate_ill + counts.ate_well),
        "others": _rate(risk.others, counts.not_ill, counts.not_ill + counts.not_well),
        "ratio": _("cannot be worked out") if risk.ratio is None else decimal(risk.ratio),
        "interval": ""
        if risk.low is None or risk.high is None
        else _("95 % interval {interval}").format(interval=interval(risk.low, risk.high)),
        "difference": _difference(exposures.difference(counts)),
        "chance": _chance(exposures.chance(counts)),
    }


def _difference(share: float | None) -> str:
    if share is None:
        return "–"
    points = round(100 * share)
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return _("{points} percentage points").format(points=f"{sign}{abs(points)}")


def _chance(probability: float | None) -> str:
    if probability is None:
        return "–"
    if probability < LEAST_CHANCE:
        return f"< {write_decimal(LEAST_CHANCE, 3, words.language())}"
    places = 3 if probability < MANY_DIGITS else 2
    return write_decimal(probability, places, words.language())


def _rate(rate: float | None, ill: int, all_of_them: int) -> str:
    if rate is None:
        return _("nobody was asked")
    share = f"{rate:.0%}" if words.language() == "en" else f"{100 * rate:.0f} %"
    return _("{share} ({ill} of {all})").format(share=share, ill=ill, all=all_of_them)
