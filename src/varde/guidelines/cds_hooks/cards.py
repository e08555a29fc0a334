"""Cards: what the guideline says to a patient or an order, for a reader in a hurry.

The summary says what to do; the detail (GitHub-flavoured Markdown) says in which dose, why, and what
could not be judged because a fact is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from varde.guidelines.advice.advising import Advice, Option, Warned
from varde.guidelines.advice.conditions import Answer
from varde.guidelines.advice.facts import uri_of
from varde.guidelines.advice.orders import OrderCheck
from varde.guidelines.cds_hooks.services import override_reasons
from varde.guidelines.cds_hooks.suggestions import Asked, suggest
from varde.guidelines.fhir import CANONICAL, plain_text
from varde.guidelines.model import REGIMEN_KINDS
from varde.guidelines.publication import Publication

Json = dict[str, Any]

LONGEST = 139
"""Characters of a summary: the standard says fewer than 140."""
DEFAULT_SOURCE = "Antibiotikaretningslinjen i Varde"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def write_advice(asked: Asked, publication: Publication, advice: Advice) -> Json:
    """The card of a recommendation."""
    card: Json = _card(
        asked,
        ("advice", advice.innhold.id),
        summary=f"{advice.innhold.tittel}: {_gist(advice)}",
        indicator="info",
        detail=_paragraphs(_describe(advice)),
        source=_source(asked, publication, advice),
    )
    return _with_suggestions(card, suggest(asked, card["uuid"], [advice]), asked, [advice])


def write_check(
    asked: Asked,
    publication: Publication,
    check: OrderCheck,
    advices: Sequence[Advice],
    reference: str,
) -> Json | None:
    """The card of an order; None when there is nothing to say to it.

    Args:
        reference: ``MedicationRequest/id`` of the order.
    """
    spoken = _speak(check, advices)
    if spoken is None:
        return None
    summary, indicator, body = spoken
    about = list(advices[:1])
    card = _card(
        asked,
        ("order", reference),
        summary=summary,
        indicator=indicator,
        detail=_paragraphs(body),
        source=_source(asked, publication, *about),
    )
    # What may be a matter of a missing fact alone is nothing to replace an order for.
    replaces = bool(check.warnings or check.recommended is False or check.deviations)
    suggestions = suggest(asked, card["uuid"], advices, reference) if replaces else []
    if check.warnings:
        card["overrideReasons"] = [
            {
                "code": one.code,
                "system": f"{CANONICAL}/CodeSystem/override-reasons",
                "display": one.display,
            }
            for one in override_reasons()
        ]
    return _with_suggestions(card, suggestions, asked, advices)


def _speak(check: OrderCheck, advices: Sequence[Advice]) -> tuple[str, str, Iterable[str]] | None:
    """Summary, indicator and detail of an order's card; None for an order that is as recommended."""
    name = check.drug.name
    warnings = sorted(check.warnings, key=lambda one: one.indicator)
    if warnings:
        first = warnings[0]
        said = f"{name}: kontraindikasjon – {first.tilstand.display}"
        return said, first.indicator, _describe_check(check, advices)
    suspected = [one for one in check.unsettled if one.finding.suspected]
    if suspected:
        said = f"{name}: {suspected[0].tilstand.display} kan ikke utelukkes"
        return said, "warning", _describe_check(check, advices)
    titles = ", ".join(advice.innhold.tittel for advice in advices)
    if check.recommended is False:
        said = f"{name} er ikke blant det som anbefales ved {titles}"
        return said, "warning", _describe_check(check, advices)
    if check.deviations:
        said = f"{name}: {' '.join(check.deviations)}"
        return said, "warning", _describe_check(check, advices)
    serious = [one for one in check.unsettled if one.indicator == "critical"]
    if serious:
        said = f"{name}: {serious[0].tilstand.display} kan ikke utelukkes"
        return said, "info", _describe_check(check, advices)
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
        "summary": shorten(summary),
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
        {"label": f"Les «{one.innhold.tittel}»", "url": page_of(asked, one), "type": "absolute"}
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


def shorten(text: str) -> str:
    """At most `LONGEST` characters, cut after a whole word where it is cut."""
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    return f"{cut.rpartition(' ')[0] or cut} …"[:LONGEST]


def escape(text: str) -> str:
    """Text that Markdown takes as it stands."""
    return _MARKDOWN.sub(r"\\\1", text)


def _paragraphs(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()


# --- details --------------------------------------------------------------------------------------


def _gist(advice: Advice) -> str:
    """What to do, as short as it goes."""
    for treatment in advice.treatments:
        if any(option.preferred for option in treatment.options):
            lines = [" + ".join(dose.short for dose in one.doses) for one in treatment.suggested]
            return " eller ".join(lines)
    if advice.missing:
        return f"mangler {', '.join(advice.missing)}"
    if not advice.options:
        headings = [one.treatment.overskrift or "" for one in advice.treatments]
        return ", ".join(heading for heading in headings if heading) or "uten legemidler"
    return "kontraindikasjon gjelder for det som ellers anbefales"


def _describe(advice: Advice) -> Iterator[str]:
    for treatment in advice.treatments:
        if treatment.treatment.overskrift:
            yield f"**{escape(treatment.treatment.overskrift)}**"
            yield ""
        text = treatment.treatment.behandling.tekst
        if text and not treatment.options:
            yield from (_line(one) for one in plain_text(text).splitlines())
            yield ""
        equals = len(treatment.suggested) > 1
        for option in treatment.options:
            yield from _describe_option(option, equals)
        if treatment.options:
            yield ""
    yield from _unsettled(one for option in advice.options for one in option.unsettled)
    yield from _missing(advice.missing)
    yield from _role(advice)


def _line(text: str) -> str:
    dashed = text.startswith("- ")
    return f"- {escape(text[2:])}" if dashed else escape(text)


def _describe_option(option: Option, equals: bool) -> Iterator[str]:
    heading = option.placed.regimen.overskrift
    whom = f" ({escape(heading)})" if heading else ""
    yield f"- **{_rank(option, equals)}:** {' + '.join(map(escape, option.lines))}{whom}"
    for dose in option.doses:
        for text in dose.detail:
            yield f"  - {escape(text)}"
        if dose.regime.tekst:
            yield f"  - {escape(' '.join(plain_text(dose.regime.tekst).split()))}"
    for warned in option.warnings:
        yield from _describe_warning(warned, "  ")
    if option.missing:
        yield f"  - Avhenger av: {escape(', '.join(option.missing))}."


def _rank(option: Option, equals: bool) -> str:
    """What a regimen is called; the first of several equals is no more than they are."""
    if option.warnings:
        return "Frarådes her"
    if option.preferred and not equals:
        return "Førstevalg"
    names = dict(zip(REGIMEN_KINDS, ("Standard", "Alternativ", "Overgang til oral"), strict=True))
    name = names[option.placed.kind]
    return f"{name}, hvis aktuelt" if option.applies.answer is Answer.UNKNOWN else name


def _describe_warning(warned: Warned, indent: str) -> Iterator[str]:
    title = warned.listed.tittel or warned.tilstand.display
    yield f"{indent}- **Kontraindikasjon: {escape(title)}.** Grunn: {escape(warned.finding.reason)}."
    if warned.listed.tekst:
        yield f"{indent}  - {escape(' '.join(plain_text(warned.listed.tekst).split()))}"
    if warned.path:
        yield f"{indent}  - Kobling: {escape(warned.path)}"


def _unsettled(warned: Iterable[Warned]) -> Iterator[str]:
    """Contra-indications that may apply, each once with the drugs that meet it."""
    drugs: dict[str, dict[str, None]] = {}
    for one in warned:
        said = f"{one.tilstand.display} – {one.finding.reason}"
        drugs.setdefault(said, {})[one.drug] = None
    if drugs:
        yield "Kontraindikasjoner som ikke kan avgjøres:"
        yield ""
        for said, names in drugs.items():
            yield f"- {escape(said)} (gjelder {escape(', '.join(names))})"
        yield ""


def _describe_check(check: OrderCheck, advices: Sequence[Advice]) -> Iterator[str]:
    yield f"**{escape(check.drug.name)}**"
    yield ""
    for warned in sorted(check.warnings, key=lambda one: one.indicator):
        yield from _describe_warning(warned, "")
    if check.drug.note and (check.warnings or check.unsettled):
        yield f"- {escape(check.drug.note)}"
    if check.recommended is False:
        titles = ", ".join(advice.innhold.tittel for advice in advices)
        yield f"- Legemidlet er ikke blant det som anbefales for pasienten ved {escape(titles)}."
    for deviation in check.deviations:
        yield f"- {escape(deviation)}"
    yield ""
    yield from _unsettled(check.unsettled)
    for advice in advices:
        yield f"**Anbefalt ved {escape(advice.innhold.tittel)}**"
        yield ""
        for treatment in advice.treatments:
            equals = len(treatment.suggested) > 1
            for option in treatment.options:
                if not option.warnings:
                    yield from _describe_option(option, equals)
            if not treatment.options and treatment.treatment.overskrift:
                yield f"- {escape(treatment.treatment.overskrift)}"
        yield ""
        yield from _missing(advice.missing)
    for advice in advices[:1]:
        yield from _role(advice)


def _missing(facts: Sequence[str]) -> Iterator[str]:
    if facts:
        yield f"Opplysninger som mangler: {escape(', '.join(facts))}."
        yield ""


def _role(advice: Advice) -> Iterator[str]:
    """Who stands behind the content: what is invented says so on every card."""
    if advice.innhold.bidragsytersrolle:
        yield f"_{escape(advice.innhold.bidragsytersrolle)}_"
