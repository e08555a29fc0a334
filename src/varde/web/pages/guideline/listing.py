"""Recommendations in a list: each with where it belongs and what is given first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.guidelines import Entry, Whom, iterate_regimens, say_whom, write_line, write_plain
from varde.guidelines.model import REGIMEN_KINDS, AnbefalingData, Behandlingsregime, Innhold
from varde.web.pages.guideline.asked import Asked
from varde.web.pages.guideline.weight import AtWeight, at_weight, rules_out

LINES = 3
"""First choices that are shown in a list; a page shows all."""


USUAL_DAYS_LABEL = "Anbefalt behandlingsvarighet"
"""What most of the content calls the duration of a treatment."""


@dataclass(frozen=True, slots=True)
class LineDose:
    """One drug in one line, and what it is at the weight that was asked for."""

    text: str
    at_weight: AtWeight | None


@dataclass(frozen=True, slots=True)
class Line:
    """One regimen in one line: for whom, and the doses that are given together.

    Attributes:
        outside: it is not for the weight that was asked for.
    """

    whom: Whom
    heading: str
    doses: tuple[LineDose, ...]
    outside: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A heading of the content: in the reader's language where it is one of the usual ones.

    Attributes:
        language: of the text, where it differs from the page's; else empty.
    """

    text: str
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


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
    days_label: Label


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


def summarise(data: object, most: int | None = LINES, weight: Decimal | None = None) -> Summary:
    """The first choice: the standard regimens of the first treatment that has any.

    Args:
        most: how many regimens; None for all.
        weight: in kilograms, for doses per kilogram.
    """
    if not isinstance(data, AnbefalingData):
        return Summary((), 0, "", "", Label(""))
    first = next((one for one in iterate_regimens(data) if one.kind == REGIMEN_KINDS[0]), None)
    inner = first.treatment.behandling.data if first else None
    if not inner:
        headings = [one.overskrift for one in data.behandlinger or () if one.overskrift]
        return Summary((), 0, headings[0] if headings else "", "", Label(""))
    regimens = inner.standardbehandlingsregimer or ()
    days = inner.varighetBehandlingAntallDogn
    return Summary(
        lines=tuple(_line(regimen, weight) for regimen in regimens[:most]),
        more=len(regimens) - len(regimens[:most]),
        advice="",
        days=write_plain(days) if days else "",
        days_label=label_days(inner.ledetekstVarighetBehandling or ""),
    )


def _line(regimen: Behandlingsregime, weight: Decimal | None) -> Line:
    return Line(
        whom=say_whom(regimen.limits, get_language() or "nb"),
        heading=regimen.overskrift or "",
        doses=tuple(
            LineDose(write_line(dose), at_weight(regimen, dose, weight))
            for dose in regimen.doseringregimer
        ),
        outside=rules_out(weight, regimen),
    )


def label_days(written: str) -> Label:
    """What a treatment's duration is called; the content's own words stay as they are."""
    text = written.rstrip(": ")
    if not text:
        return Label(_("Duration"))
    if text == USUAL_DAYS_LABEL:
        return Label(_("Recommended duration"))
    return Label(text, "nb")


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
