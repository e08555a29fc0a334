"""Recommendations in a list: each with where it belongs and what is given first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from varde.guidelines import Entry, Whom, iterate_regimens, say_whom, write_line, write_plain
from varde.guidelines.model import REGIMEN_KINDS, AnbefalingData, Behandlingsregime, Innhold
from varde.web.pages.guideline.asked import Asked

LINES = 3
"""First choices that are shown in a list; a page shows all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One regimen in one line: for whom, and the doses that are given together."""

    whom: Whom
    heading: str
    doses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recommendation says first.

    Attributes:
        lines: the regimens of the first treatment with drugs.
        more: how many regimens of the same kind are left out.
        advice: what to do where no drug is given first.
        days: duration of the treatment in days; empty where it is not one number or interval.
        days_label: what the content calls it.
    """

    lines: tuple[Line, ...]
    more: int
    advice: str
    days: str
    days_label: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One recommendation in a list.

    Attributes:
        plain: its short title, often what patients call it; empty where the title says it already.
    """

    title: str
    plain: str
    address: str
    chapters: str
    codes: tuple[tuple[str, str], ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Group:
    """A chapter, or what hangs directly below a guideline, with its recommendations."""

    title: str
    address: str
    entries: tuple[tuple[str, str], ...]


def summarise(data: object, most: int | None = LINES) -> Summary:
    """The first choice: the standard regimens of the first treatment that has any.

    Args:
        most: how many regimens; None for all.
    """
    if not isinstance(data, AnbefalingData):
        return Summary((), 0, "", "", "")
    first = next((one for one in iterate_regimens(data) if one.kind == REGIMEN_KINDS[0]), None)
    inner = first.treatment.behandling.data if first else None
    if not inner:
        headings = [one.overskrift for one in data.behandlinger or () if one.overskrift]
        return Summary((), 0, headings[0] if headings else "", "", "")
    regimens = inner.standardbehandlingsregimer or ()
    days = inner.varighetBehandlingAntallDogn
    return Summary(
        lines=tuple(_line(regimen) for regimen in regimens[:most]),
        more=len(regimens) - len(regimens[:most]),
        advice="",
        days=write_plain(days) if days else "",
        days_label=inner.ledetekstVarighetBehandling or "",
    )


def _line(regimen: Behandlingsregime) -> Line:
    return Line(
        whom=say_whom(regimen.limits, get_language() or "nb"),
        heading=regimen.overskrift or "",
        doses=tuple(write_line(dose) for dose in regimen.doseringregimer),
    )


def list_entry(entry: Entry, asked: Asked, met: tuple[str, str] | None = None) -> Listed:
    """A recommendation for a list.

    Args:
        met: the code it was found by, shown instead of all its codes.
    """
    innhold = entry.innhold
    parents = asked.edition.parents(innhold.id)
    return Listed(
        title=innhold.tittel,
        plain=plain_title(innhold),
        address=asked.address(entry),
        chapters=" · ".join(parent.innhold.tittel for parent in parents),
        codes=(met,) if met else codes_of(entry),
        summary=summarise(innhold.data),
    )


def plain_title(innhold: Innhold[Any]) -> str:
    """The short title, where it says something that the title does not."""
    short = innhold.kortTittel or ""
    return "" if short.casefold() in innhold.tittel.casefold() else short


def codes_of(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Diagnosis codes of an object: (system, code), primary care first."""
    koder = entry.innhold.koder
    return tuple(
        (system, code)
        for system in ("ICPC-2", "ICD-10")
        for code in (koder.of(system) if koder else ())
    )


def list_guidelines(asked: Asked) -> tuple[tuple[Entry, tuple[Group, ...]], ...]:
    """Every guideline with its organ systems and their recommendations."""
    return tuple(
        (guideline, tuple(_groups(guideline, asked)))
        for guideline in asked.edition.current("retningslinje")
    )


def _groups(above: Entry, asked: Asked) -> Iterator[Group]:
    own = recommendations_below(above, asked)
    if own:
        is_chapter = above.innhold.info_type == "kapittel"
        yield Group(
            title=above.innhold.tittel if is_chapter else "",
            address=asked.address(above) if is_chapter else "",
            entries=tuple((one.innhold.tittel, asked.address(one)) for one in own),
        )
    for child in asked.edition.children(above.innhold.id):
        if child.innhold.info_type == "kapittel":
            yield from _groups(child, asked)


def recommendations_below(above: Entry, asked: Asked) -> tuple[Entry, ...]:
    """The recommendations that hang directly below a chapter or guideline."""
    children: Iterable[Entry] = asked.edition.children(above.innhold.id)
    return tuple(child for child in children if child.innhold.info_type == "anbefaling")
