"""The day a page of the guideline is about, and what to answer when it cannot be shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from varde.guidelines import ContentError, Edition, Entry, Publication
from varde.guidelines.model import InfoType
from varde.web import guideline

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
View = Callable[..., HttpResponse]

log = logging.getLogger(__name__)


class InvalidDay(Exception):
    """What was given as a day is none."""


class UnknownObject(Exception):
    """No object of the guideline has this address."""


class NotYetValid(Exception):
    """The object is there, but its first version begins after the day.

    Args:
        entry: the first version.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        super().__init__(f"{entry.slug} is valid from {entry.first_day}")


@dataclass(frozen=True)
class Asked:
    """The day that is asked about.

    Attributes:
        other: whether it is another day than today, which pages then say and links keep.
    """

    day: date
    other: bool
    publication: Publication

    @property
    def edition(self) -> Edition:
        """The guideline as it stood that day."""
        return self.publication.edition

    @property
    def suffix(self) -> str:
        """What links carry on."""
        return f"?dato={self.day}" if self.other else ""

    def address(self, entry: Entry) -> str:
        """The page of a recommendation or chapter, on the same day."""
        kind = "chapter" if entry.innhold.info_type == "kapittel" else "recommendation"
        return reverse(f"guideline-{kind}", args=(entry.slug,)) + self.suffix

    def find(self, info_type: InfoType, slug: str) -> Entry:
        """The version of the object in this folder that was valid that day.

        Raises:
            UnknownObject, NotYetValid.
        """
        library = self.edition.library
        id_ = library.id_of_slug(info_type, slug)
        if id_ is None:
            raise UnknownObject(slug)
        first = library.versions(id_)[0]
        if first.first_day > self.edition.begins:
            raise NotYetValid(first)
        return self.edition.get(id_)


def ask(text: str) -> Asked:
    """The day as it was written in an address; today for nothing.

    Raises:
        InvalidDay: it is written in another way than 2024-06-27, or is no day of the calendar.
    """
    now = guideline.today()
    if not text.strip():
        day = now
    else:
        try:
            if not DAY.fullmatch(text.strip()):
                raise ValueError(text)
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise InvalidDay(text) from None
    return Asked(day, day != now, guideline.publication_on(day if day != now else None))


def on_a_day(view: View) -> View:
    """A page that gets an `Asked` after the request, and answers calmly when there is nothing to show."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, **place: Any) -> HttpResponse:
        given = request.GET.get("dato", "")
        try:
            return view(request, ask(given), **place)
        except InvalidDay:
            return _say(request, "invalid-day", 422, {"written": given[:40]})
        except UnknownObject:
            return _say(request, "unknown", 404, {})
        except NotYetValid as missing:
            return _say(request, "not-yet-valid", 404, _describe(missing.entry, given))
        except ContentError:
            log.exception("the guideline's content cannot be read")
            return _say(request, "unreadable", 503, {})

    return answer


def _say(request: HttpRequest, reason: str, status: int, context: dict[str, Any]) -> HttpResponse:
    context |= {"reason": reason, "here_without_day": request.path}
    return render(request, "web/guideline_missing.html", context, status=status)


def _describe(first: Entry, given: str) -> dict[str, Any]:
    return {
        "title": first.innhold.tittel,
        "first_day": first.first_day,
        "first_day_written": first.first_day.isoformat(),
        "asked_day": ask(given).day,
        "valid_today": first.first_day <= guideline.today(),
    }
