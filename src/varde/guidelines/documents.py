"""One object as a document for people: HTML, and Markdown made from the same HTML.

HTML that stands in the content is kept as it is in JSON and cleaned here, where it is shown: only
elements that carry meaning pass, without styles, scripts or handlers, so that a page holds to a content
security policy that allows nothing inline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote

import nh3
from markdownify import MarkdownConverter
from msgspec import UnsetType

from varde.guidelines.amounts import Amount
from varde.guidelines.library import Entry
from varde.guidelines.model import (
    CODE_SYSTEMS,
    AnbefalingData,
    BehandlingMedOverskrift,
    Behandlingsregime,
    Doseringsregime,
    Innhold,
    Kode,
    KontraindikasjonData,
    ListetKontraindikasjon,
    PicoData,
)
from varde.guidelines.rendering import write_days, write_dose, write_line, write_terms
from varde.guidelines.treatments import PlacedRegimen, iterate_regimens
from varde.guidelines.whom import say_whom

UNCOUPLED = (
    "Kontraindikasjoner kan ikke kobles: verken innholdet eller terminologien sier hvilke virkestoff "
    "legemiddelet har."
)
"""Said under a dose for which nothing can be listed, so that nothing is not read as none."""

DEMONSTRATION = "0099-"
"""Ids of the demonstration content begin with this."""

WARNING = (
    "Demonstrasjonsinnhold. Det er ikke en gjeldende retningslinje og skal ikke brukes til å "
    "behandle noen. Den gjeldende retningslinjen er Helsedirektoratets."
)

TAGS = frozenset(
    {
        *("p", "br", "h2", "h3", "h4", "h5", "h6", "blockquote"),
        *("ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("strong", "em", "b", "i", "sub", "sup", "abbr", "a"),
    }
)
"""Elements that carry meaning; of any other only the text is kept."""

_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}
_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={"script", "style", "template", "iframe", "object", "svg", "math"},
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)
_BLOCK = re.compile(r"<(p|h[2-6]|ul|ol|dl|table|blockquote)\b")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&])")
_LINE_MARK = re.compile(r"^(\s*)(#{1,6}|=+|-+|\+)(?=\s|$)", re.MULTILINE)
_NUMBER_MARK = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")

_STRENGTH = {"sterk": "Sterk anbefaling", "svak": "Svak anbefaling"}
_WEIGHED = {
    "fordelerogulemper": "Fordeler og ulemper",
    "kvalitetdokumentasjon": "Kvalitet på dokumentasjonen",
    "verdierogpreferanser": "Verdier og preferanser",
    "ressurshensyn": "Ressurshensyn",
}
_CERTAINTY = {
    "kilde": "lest i kilden",
    "slutning": "sluttet ut fra kilden",
    "allmennkunnskap": "allmennkunnskap, uten side å vise til",
}


def clean_html(html: str) -> str:
    """HTML of the content with nothing left but elements that carry meaning.

    Scripts and styles go with all that is in them; of other elements the text stays. Links go to web
    pages, mail and telephone alone.
    """
    return _CLEANER.clean(html)


def write_article(served: Innhold[Any], entry: Entry) -> str:
    """An object as the HTML of one article, without the page around it.

    Args:
        served: the object as `Publication` serves it.
        entry: its version.
    """
    parts = [
        f"<h1>{escape(served.tittel)}</h1>",
        *_warn(served),
        *_rich(served.intro),
        *_rich(served.tekst),
        *_body(served),
        *_about(served, entry),
    ]
    return f"<article>\n{_lines(parts)}\n</article>"


def write_page(title: str, body: str) -> str:
    """A whole HTML document around a body: Norwegian, no styles, no scripts."""
    return (
        '<!DOCTYPE html>\n<html lang="nb">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def write_markdown(body: str) -> str:
    """The same as Markdown (CommonMark with tables), with a line end.

    Args:
        body: HTML as `write_article` gives it.
    """
    text = _Markdown(heading_style="atx", bullets="-").convert(body)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


class _Markdown(MarkdownConverter):
    """Escapes what Markdown would read as marks: a text may hold "<", "*" or a line that begins "1."."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _MARKDOWN.sub(r"\\\1", text)
        for mark in (_LINE_MARK, _NUMBER_MARK):
            text = mark.sub(r"\1\\\2", text)
        return text

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A link whose address cannot end the link early and begin another."""
        if el.get("href"):
            el["href"] = quote(el["href"], safe="/:?#[]@!$&'*+,;=%~")
        return str(super().convert_a(el, text, parent_tags))  # type: ignore[misc]


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _rich(html: str | UnsetType) -> Iterator[str]:
    """Cleaned HTML; text without an element around it becomes a paragraph."""
    if html:
        cleaned = clean_html(html).strip()
        if cleaned:
            yield cleaned if _BLOCK.search(cleaned) else f"<p>{cleaned}</p>"


def _inline(html: str | UnsetType) -> str:
    return _lines(_rich(html))


def _warn(served: Innhold[Any]) -> Iterator[str]:
    if served.id.startswith(DEMONSTRATION):
        yield f"<blockquote><p><strong>{WARNING}</strong></p></blockquote>"
    if served.status == "Utgått":
        yield "<p><strong>Utgått: innholdet gjelder ikke lenger.</strong></p>"


def _body(served: Innhold[Any]) -> Iterator[str]:
    data = served.data
    if isinstance(data, AnbefalingData):
        yield from _recommendation(data)
    elif isinstance(data, KontraindikasjonData):
        yield f"<p><strong>Tilstand:</strong> {_codes(data.tilstand.koder)}</p>"
        yield f"<p><strong>Virkestoff:</strong> {_codes(data.virkestoff.koder)}</p>"
    elif isinstance(data, PicoData):
        yield from _section("Populasjon", data.populasjon)
        yield from _section("Intervensjon", data.intervensjon)
        yield from _section("Sammenligning", data.sammenligning)
        if data.utfall:
            yield "<h2>Utfall</h2>"
            yield _list(escape(outcome) for outcome in data.utfall)
    below = [link for link in served.links or () if link.rel == "barn"]
    if below:
        yield f"<h2>{'Grunnlag' if isinstance(data, AnbefalingData) else 'Innhold'}</h2>"
        yield _list(_anchor(link.href or "", link.tittel or "") for link in below)


def _section(heading: str, html: str | UnsetType, level: int = 2) -> Iterator[str]:
    text = _inline(html)
    if text:
        yield f"<h{level}>{escape(heading)}</h{level}>"
        yield text


def _recommendation(data: AnbefalingData) -> Iterator[str]:
    if data.styrke:
        yield f"<p><strong>{_STRENGTH[data.styrke]}</strong></p>"
    placed = list(iterate_regimens(data))
    for number, one in enumerate(data.behandlinger or ()):
        yield from _treatment(one, [regimen for regimen in placed if regimen.place[0] == number])
    yield from _section("Praktisk", data.praktisk)
    yield from _section("Begrunnelse", data.rasjonale)
    for name, heading in _WEIGHED.items():
        if data.nokkelInfo:
            yield from _section(heading, getattr(data.nokkelInfo, name), 3)


def _treatment(one: BehandlingMedOverskrift, placed: list[PlacedRegimen]) -> Iterator[str]:
    yield f"<h2>{escape(one.overskrift or 'Behandling')}</h2>"
    yield from _rich(one.behandling.tekst)
    data = one.behandling.data
    if data and isinstance(data.varighetBehandlingAntallDogn, Amount):
        lead = (data.ledetekstVarighetBehandling or "Behandlingsvarighet").rstrip(": ")
        days = write_days(data.varighetBehandlingAntallDogn).removeprefix("i ")
        yield f"<p><strong>{escape(lead)}:</strong> {escape(days)}</p>"
    kind = ""
    for regimen in placed:
        if regimen.kind != kind:
            kind = regimen.kind
            yield f"<h3>{escape(regimen.heading)}</h3>"
        yield from _regimen(regimen.regimen)


def _regimen(regimen: Behandlingsregime) -> Iterator[str]:
    if regimen.overskrift:
        yield f"<h4>{escape(regimen.overskrift)}</h4>"
    if regimen.varde and regimen.varde.gjelderFor:
        yield f"<p>Gjelder: {escape(str(say_whom(regimen.limits)))}</p>"
    yield _list(_dose(dose) for dose in regimen.doseringregimer)


def _dose(dose: Doseringsregime) -> str:
    parts = [f"<p><strong>{escape(write_line(dose))}</strong></p>", *_rich(dose.tekst)]
    most = dose.data.varde.maksEnkeltdose if dose.data.varde else None
    if isinstance(most, Amount):
        parts.append(f"<p>Høyeste enkeltdose: {escape(write_dose(most, 'mg'))}</p>")
    listed = dose.data.kontraindikasjoner
    if listed:
        parts.append("<p>Forsiktighet:</p>")
        parts.append(_list(_contraindication(one) for one in listed))
    if dose.data.varde and dose.data.varde.kobling == "ingen":
        parts.append(f"<p><strong>{UNCOUPLED}</strong></p>")
    return _lines(parts)


def _contraindication(one: ListetKontraindikasjon) -> str:
    condition = escape(write_terms(one.data.tilstand))
    drugs = escape(write_terms(one.data.virkestoff))
    parts = [f"<p><strong>{condition}</strong> ({drugs})</p>", *_rich(one.tekst)]
    if one.varde:
        why = " ".join(match.forklaring for match in one.varde.matches)
        parts.append(f"<p><em>Hvorfor: {escape(why)}</em></p>")
    return _lines(parts)


def _about(served: Innhold[Any], entry: Entry) -> Iterator[str]:
    yield "<h2>Om innholdet</h2>"
    facts = [
        f"Versjon {entry.number}, gjelder fra {_day(entry.first_day)}"
        + (f" til {_day(entry.end)}" if entry.end else ""),
        f"Id: {escape(served.id)}",
        f"Innholdets SHA-256: {entry.stored.digest}",
    ]
    if served.sistFagligOppdatert:
        facts.append(f"Sist faglig oppdatert: {_day(served.sistFagligOppdatert.day)}")
    if served.koder:
        facts += [
            f"{escape(system)}: {escape(', '.join(codes))}"
            for system in CODE_SYSTEMS
            if (codes := served.koder.of(system))
        ]
    facts += [
        f"Hører til: {_anchor(link.href or '', link.tittel or '')}"
        for link in served.links or ()
        if link.rel == "forelder"
    ]
    if served.varde and served.varde.terminologi:
        facts.append(escape(served.varde.terminologi))
    yield _list(facts)
    if entry.sources:
        yield "<h2>Kilder</h2>"
        yield _list(
            escape(
                ", ".join(
                    (
                        source.kilde,
                        *([_day(source.dato)] if source.dato else []),
                        *([f"gjelder {source.gjelder}"] if source.gjelder else []),
                        _CERTAINTY[source.sikkerhet],
                    )
                )
            )
            for source in entry.sources
        )


def _day(day: date) -> str:
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def _codes(codes: Iterable[Kode]) -> str:
    return escape(", ".join(f"{code.display} ({code.code})" for code in codes))


def _anchor(href: str, text: str) -> str:
    return f'<a href="{escape(href)}">{escape(text)}</a>'


def _list(items: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{item}</li>" for item in items) + "\n</ul>"
