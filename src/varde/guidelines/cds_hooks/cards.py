"""Cards: what the guideline says to a patient or an order, for a reader in a hurry.

The summary says what to do; the detail (GitHub-flavoured Markdown) says in which dose, why, and what
could not be judged because a fact is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from varde.guidelines.advice.advising import Advice
from varde.guidelines.advice.facts import uri_of
from varde.guidelines.advice.orders import OrderCheck
from varde.guidelines.cds_hooks.details import (
    TOO_YOUNG,
    UNCHECKED,
    describe_advice,
    describe_check,
    say_gist,
    worst_first,
)
from varde.guidelines.cds_hooks.services import override_reasons
from varde.guidelines.cds_hooks.suggestions import Asked, suggest
from varde.guidelines.cds_hooks.texts import make_plain, shorten
from varde.guidelines.fhir import CANONICAL
from varde.guidelines.publication import Publication

Json = dict[str, Any]

DEFAULT_SOURCE = "Antibiotikaretningslinjen i Varde"


def write_advice(
    asked: Asked, publication: Publication, advice: Advice, notes: Sequence[str] = ()
) -> Json:
    """The card of a recommendation.

    Args:
        notes: sentences about what came along and could not be used.
    """
    card: Json = _card(
        asked,
        ("advice", advice.innhold.id),
        summary=f"{advice.innhold.tittel}: {say_gist(advice)}",
        indicator="info",
        detail=_paragraphs(describe_advice(advice, notes)),
        source=_source(asked, publication, advice),
    )
    suggestions = suggest(asked, card["uuid"], [advice])
    if any(one.all_warned for one in advice.treatments):
        _add_override_reasons(card)
    return _with_suggestions(card, suggestions, asked, [advice])


def write_check(
    asked: Asked,
    publication: Publication,
    check: OrderCheck,
    reference: str,
    notes: Sequence[str] = (),
    unread: Sequence[str] = (),
) -> Json | None:
    """The card of an order; None when there is nothing to say to it.

    Args:
        reference: ``MedicationRequest/id`` of the order.
        notes: as of `write_advice`.
        unread: allergies that nobody can read.
    """
    advices = check.advices
    spoken = _speak(check, unread)
    if spoken is None:
        return None
    summary, indicator = spoken
    about = list(advices[:1])
    card = _card(
        asked,
        ("order", reference),
        summary=summary,
        indicator=indicator,
        detail=_paragraphs(describe_check(check, notes)),
        source=_source(asked, publication, *about),
    )
    # What may be a matter of a missing fact alone is nothing to replace an order for.
    replaces = bool(check.warnings or check.recommended is False or check.deviations)
    suggestions = _replacements(asked, card["uuid"], check, reference) if replaces else []
    warned = any(one.all_warned for advice in advices for one in advice.treatments)
    if check.warnings or (suggestions and warned):
        _add_override_reasons(card)
    return _with_suggestions(card, suggestions, asked, advices)


def _replacements(asked: Asked, card: str, check: OrderCheck, reference: str) -> list[Json]:
    """What to order instead, from the recommendation that has the drug, else from the others.

    A drug that a contra-indication speaks against is not replaced by itself; for one in another dose
    than recommended, the recommended dose of the same drug comes first.
    """
    without = check.same if check.warnings else ()
    first = None if check.warnings or not check.deviations else check.closest
    having = [one for one in check.advices if any(own in check.same for own in one.options)]
    others = check.advices if check.warnings or not having else ()
    for advices in (having, others):
        found = suggest(asked, card, advices, reference, without=without, first=first)
        if found:
            return found
    return []


def _add_override_reasons(card: Json) -> None:
    card["overrideReasons"] = [
        {
            "code": one.code,
            "system": f"{CANONICAL}/CodeSystem/override-reasons",
            "display": one.display,
        }
        for one in override_reasons()
    ]


def _speak(check: OrderCheck, unread: Sequence[str]) -> tuple[str, str] | None:
    """Summary and indicator of an order's card; None for an order that is as recommended."""
    name = check.drug.name
    if not check.drug.is_known:
        if check.concerns or check.advices:
            return f"{UNCHECKED}: {name}", "info"
        return None
    warnings = worst_first(check.warnings)
    suspected = worst_first(one for one in check.unsettled if one.finding.suspected)
    # What may be to avoid is said before what certainly takes care.
    doubt = bool(suspected) and suspected[0].is_strict
    if warnings and (warnings[0].is_strict or not doubt):
        first = warnings[0]
        said = f"{name}: {first.degree.name.lower()} – {first.tilstand.display}"
        return said, first.indicator
    if suspected:
        return f"{name}: {suspected[0].tilstand.display} kan ikke utelukkes", "warning"
    if check.too_young:
        return f"{name}: {TOO_YOUNG[0].lower()}{TOO_YOUNG[1:]}", "info"
    titles = ", ".join(advice.innhold.tittel for advice in check.advices)
    if check.recommended is False:
        return f"{name} er ikke blant det som anbefales ved {titles}", "warning"
    if check.deviations:
        return f"{name}: {' '.join(check.deviations)}", "warning"
    serious = [one for one in check.unsettled if one.indicator == "critical"]
    if serious:
        return f"{name}: {serious[0].tilstand.display} kan ikke utelukkes", "info"
    if unread and check.drug.is_antibacterial:
        return f"{name}: allergi som ikke kan tolkes, {', '.join(unread)}", "info"
    return None


# --- what every card has ------------------------------------------------------------------------


def _card(
    asked: Asked,
    name: tuple[str, ...],
    summary: str,
    indicator: str,
    detail: str,
    source: Json,
) -> Json:
    return {
        "uuid": asked.make_id(*name),
        "summary": shorten(make_plain(summary)),
        "indicator": indicator,
        "detail": detail,
        "source": source,
    }


def _with_suggestions(
    card: Json, suggestions: list[Json], asked: Asked, advices: Iterable[Advice]
) -> Json:
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "at-most-one"
    links = [
        {
            "label": make_plain(f"Les «{one.innhold.tittel}»"),
            "url": page_of(asked, one),
            "type": "absolute",
        }
        for one in advices
    ]
    if links:
        card["links"] = links
    return card


def page_of(asked: Asked, advice: Advice) -> str:
    """The public page of a recommendation."""
    return f"{asked.origin}/antibiotika/{advice.entry.slug}/"


def _source(asked: Asked, publication: Publication, *advices: Advice) -> Json:
    if not advices:
        return {"label": DEFAULT_SOURCE, "url": f"{asked.origin}/antibiotika/"}
    advice = advices[0]
    roots = publication.edition.roots(advice.innhold.id)
    source: Json = {
        "label": roots[0].innhold.tittel if roots else DEFAULT_SOURCE,
        "url": page_of(asked, advice),
    }
    topic = {"system": uri_of(advice.diagnosis.system), "code": advice.diagnosis.code}
    if advice.diagnosis.display:
        topic["display"] = advice.diagnosis.display
    source["topic"] = topic
    return source


def _paragraphs(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()
