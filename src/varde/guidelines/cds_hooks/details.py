"""Details of cards (GitHub-flavoured Markdown): in which dose, why, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from varde.guidelines.advice.advising import Advice, Option, TreatmentAdvice, Warned
from varde.guidelines.advice.conditions import Answer
from varde.guidelines.advice.orders import OrderCheck
from varde.guidelines.cds_hooks.texts import escape, first_sentence
from varde.guidelines.fhir import plain_text
from varde.guidelines.model import REGIMEN_KINDS
from varde.guidelines.rendering import write_number

TOO_YOUNG = "Ingen dosering i retningslinjen for denne alderen"
UNCHECKED = "Bestillingen kunne ikke kontrolleres"
NONE_FREE = (
    "Ingen av behandlingene er uten advarsel for pasienten. "
    "Alle står her, den nærmeste retningslinjen først:"
)


def say_gist(advice: Advice) -> str:
    """What to do, as short as it goes."""
    if advice.youngest is not None:
        return f"{TOO_YOUNG[0].lower()}{TOO_YOUNG[1:]}"
    for treatment in advice.treatments:
        if any(option.preferred for option in treatment.options):
            lines = [" + ".join(dose.short for dose in one.doses) for one in treatment.suggested]
            return " eller ".join(lines)
    if advice.missing:
        return f"mangler {', '.join(advice.missing)}"
    if not advice.options:
        headings = [one.treatment.overskrift or "" for one in advice.treatments]
        return ", ".join(heading for heading in headings if heading) or "uten legemidler"
    if any(treatment.suggested for treatment in advice.treatments):
        return "ingen behandling er uten forsiktighetsregel her, se detaljene"
    return "kontraindikasjon gjelder for det som ellers anbefales"


def describe_advice(advice: Advice, notes: Sequence[str] = ()) -> Iterator[str]:
    """The detail of a recommendation's card.

    Args:
        notes: sentences about what came along and could not be used.
    """
    yield from _note(notes)
    yield from _describe_youth(advice)
    for treatment in advice.treatments:
        if treatment.treatment.overskrift:
            yield f"**{escape(treatment.treatment.overskrift)}**"
            yield ""
        text = treatment.treatment.behandling.tekst
        if text and not treatment.options:
            yield from (_line(one) for one in plain_text(text).splitlines())
            yield ""
        yield from _describe_options(treatment)
    yield from _unsettled(one for option in advice.options for one in option.unsettled)
    yield from _missing(advice.missing)
    yield from _role(advice)


def _line(text: str) -> str:
    dashed = text.startswith("- ")
    return f"- {escape(text[2:])}" if dashed else escape(text)


def _describe_options(treatment: TreatmentAdvice) -> Iterator[str]:
    """The regimens of a treatment, those without warnings first."""
    if treatment.all_warned:
        yield NONE_FREE
        yield ""
    for option in treatment.options:
        yield from _describe_option(option, _rank(option, treatment))
    if treatment.options:
        yield ""


def _describe_youth(advice: Advice) -> Iterator[str]:
    """That the guideline has no dose for somebody so young, and what it says itself."""
    if advice.youngest is None:
        return
    since = write_number(advice.youngest)
    yield f"**{TOO_YOUNG}.** Dosene i «{escape(advice.innhold.tittel)}» begynner ved {since} år."
    yield ""
    own = (advice.innhold.kortIntro, advice.innhold.tekst)
    text = next((" ".join(plain_text(one).split()) for one in own if one), "")
    if text:
        yield f"> {escape(first_sentence(text))}"
        yield ""


def _describe_option(option: Option, rank: str) -> Iterator[str]:
    heading = option.placed.regimen.overskrift
    whom = f" ({escape(heading)})" if heading else ""
    yield f"- **{rank}:** {' + '.join(map(escape, option.lines))}{whom}"
    for dose in option.doses:
        for text in dose.detail:
            yield f"  - {escape(text)}"
        if dose.regime.tekst:
            yield f"  - {escape(' '.join(plain_text(dose.regime.tekst).split()))}"
    for warned in worst_first(option.warnings):
        yield from _describe_warning(warned, "  ")
    if option.missing:
        yield f"  - Avhenger av: {escape(', '.join(option.missing))}."


def _rank(option: Option, treatment: TreatmentAdvice) -> str:
    """What a regimen is called; the first of several equals is no more than they are, and what others
    fell away from is recommended, but no first choice of the guideline's."""
    if option.warnings:
        strict = any(one.is_strict for one in option.warnings)
        return "Frarådes her" if strict else "Med forsiktighet"
    if treatment.by_elimination and option in treatment.suggested:
        return "Anbefalt for denne pasienten"
    if option.preferred and len(treatment.suggested) == 1:
        return "Førstevalg" if option is treatment.first_choice else "Anbefalt for denne pasienten"
    names = dict(zip(REGIMEN_KINDS, ("Standard", "Alternativ", "Overgang til oral"), strict=True))
    name = names[option.placed.kind]
    return f"{name}, hvis aktuelt" if option.applies.answer is Answer.UNKNOWN else name


def _describe_warning(warned: Warned, indent: str) -> Iterator[str]:
    title = warned.listed.tittel or warned.tilstand.display
    yield f"{indent}- **{warned.degree.name}: {escape(title)}.** Grunn: {escape(warned.finding.reason)}."
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


def worst_first(warnings: Iterable[Warned]) -> list[Warned]:
    """Critical ones before those that take care."""
    return sorted(warnings, key=lambda one: not one.is_strict)


def describe_check(check: OrderCheck, notes: Sequence[str] = ()) -> Iterator[str]:
    """The detail of an order's card.

    Args:
        notes: as of `describe_advice`.
    """
    advices = check.advices
    yield f"**{escape(check.drug.name)}**"
    yield ""
    yield from _note(notes)
    if not check.drug.is_known:
        yield "Legemidlet er ikke kjent for Varde, så kontraindikasjoner og dose er ikke vurdert."
        yield ""
        for concern in check.concerns:
            yield f"- Om pasienten: {escape(concern.reason)}."
        yield ""
    for warned in worst_first(check.warnings):
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
        if advice.youngest is not None:
            yield from _describe_youth(advice)
            continue
        heading = "Ved" if all(one.warnings for one in advice.options) else "Anbefalt ved"
        if advice.without_drugs:
            heading = "Anbefalt ved"
        yield f"**{heading} {escape(advice.innhold.tittel)}**"
        yield ""
        for treatment in advice.treatments:
            if treatment.all_warned:
                yield from _describe_options(treatment)
                continue
            for option in treatment.options:
                if not option.warnings:
                    yield from _describe_option(option, _rank(option, treatment))
            if not treatment.options and treatment.treatment.overskrift:
                yield f"- {escape(treatment.treatment.overskrift)}"
        yield ""
        yield from _missing(advice.missing)
    for advice in advices[:1]:
        yield from _role(advice)


def _note(notes: Sequence[str]) -> Iterator[str]:
    """What came along and could not be used: nobody should think that it was."""
    for note in notes:
        yield f"- **{escape(note)}.**"
    if notes:
        yield ""


def _missing(facts: Sequence[str]) -> Iterator[str]:
    if facts:
        yield f"Opplysninger som mangler: {escape(', '.join(facts))}."
        yield ""


def _role(advice: Advice) -> Iterator[str]:
    """Who stands behind the content: what is invented says so on every card."""
    if advice.innhold.bidragsytersrolle:
        yield f"_{escape(advice.innhold.bidragsytersrolle)}_"
