"""A recommendation's versions, and what changed from any of them to any other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varde.guidelines import Change, Entry, compare, encode
from varde.guidelines.documents import DEMONSTRATION
from varde.guidelines.model import Innhold
from varde.web.pages.guideline.asked import Asked, on_a_day
from varde.web.pages.guideline.recommendation import certainty

_STEP = re.compile(r"\.(\w[\w-]*)|\[(\d+)\]")
DAYS = frozenset(
    {
        "varighetBehandlingAntallDogn",
        "varighetDoseringsregimeAntallDogn",
        "varighetEventuellLadningsdoseAntallDogn",
    }
)
TIMES = frozenset({"frekvensdoseringsregimePerDogn", "frekvensEventuellladningsdosePerDogn"})
UNITS = {
    "dose": "styrkeEnhetDosering",
    "eventuellLadningsdose": "styrkeEnhetEventuellLadningsdose",
}
"""Doses, and the field beside each that holds its unit."""
BOOKKEEPING = frozenset(
    {
        "forstPublisert",
        "sistOppdatert",
        "sistFagligOppdatert",
        "tekniskeData",
        "url",
        "gruppeId",
        "sistImportertTilHapi",
        "arkivreferanse",
    }
)
"""What says when an object was worked on, and not what to do: shown last."""


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number that is another one now, in one or more places: "7 → 5 døgn".

    Attributes:
        labels: where, each in the reader's words.
    """

    old: str
    new: str
    unit: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed: numbers of treatments first, then texts, last the bookkeeping."""

    numbers: tuple[NumberChange, ...]
    others: tuple[Change, ...]
    bookkeeping: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.numbers or self.others or self.bookkeeping)


@on_a_day
def show(request: HttpRequest, asked: Asked, slug: str) -> HttpResponse:
    """The versions; and two of them side by side, the last two unless others are chosen."""
    entry = asked.find("anbefaling", slug)
    versions = asked.edition.library.versions(entry.innhold.id)
    older, newer = _choose(request, versions)
    return render(
        request,
        "web/guideline_versions.html",
        {
            "asked": asked,
            "entry": entry,
            "innhold": entry.innhold,
            "is_demonstration": entry.innhold.id.startswith(DEMONSTRATION),
            "address": asked.address(entry),
            "versions": [
                (one, [(source, certainty(source)) for source in one.sources])
                for one in reversed(versions)
            ],
            "older": older,
            "newer": newer,
            "differences": sort_changes(older.innhold, newer.innhold) if older and newer else None,
        },
    )


def _choose(request: HttpRequest, versions: Sequence[Entry]) -> tuple[Entry | None, Entry | None]:
    """The two that are compared, the older one first; none where there is only one."""
    if len(versions) < 2:
        return None, None
    by_day = {one.first_day.isoformat(): one for one in versions}
    older = by_day.get(request.GET.get("fra", ""), versions[-2])
    newer = by_day.get(request.GET.get("til", ""), versions[-1])
    return (newer, older) if newer.first_day < older.first_day else (older, newer)


def sort_changes(old: Innhold[Any], new: Innhold[Any]) -> Differences:
    """Every change, what matters most to the one who treats first."""
    after = msgspec.json.decode(encode(new))
    changes = compare(old, new)
    changed = {change.path for change in changes}
    numbers: dict[tuple[str, str, str], list[str]] = {}
    others, bookkeeping = [], []
    for change in changes:
        unit = _unit(change.path, changed, after)
        if change.path.removeprefix("$.").split(".")[0] in BOOKKEEPING:
            bookkeeping.append(change)
        elif unit and change.old is not None and change.new is not None:
            numbers.setdefault((change.old, change.new, unit), []).append(change.label)
        else:
            others.append(change)
    return Differences(
        numbers=tuple(NumberChange(*key, tuple(labels)) for key, labels in numbers.items()),
        others=tuple(sorted(others, key=lambda change: not change.path.startswith("$.data"))),
        bookkeeping=tuple(bookkeeping),
    )


def _unit(path: str, changed: Set[str], after: Any) -> str:
    """The unit of a number of a treatment; empty for anything else."""
    *place, name = (key or int(number) for key, number in _STEP.findall(path))
    if name in DAYS:
        return _("days")
    if name in TIMES:
        return _("times a day")
    if name == "maksEnkeltdose":
        return "mg"
    if name in UNITS:
        unit = UNITS[str(name)]
        # With another unit the two numbers cannot stand side by side.
        if f"{path.rpartition('.')[0]}.{unit}" in changed:
            return ""
        return _look_up(after, (*place, unit, "display"))
    return ""


def _look_up(value: Any, path: Iterable[str | int]) -> str:
    try:
        return str(reduce(lambda inner, key: inner[key], path, value))
    except (KeyError, IndexError, TypeError):
        return ""
