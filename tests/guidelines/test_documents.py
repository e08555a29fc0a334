"""Objects as documents for people: what they show, and that nothing dangerous passes."""

from __future__ import annotations

import json
import re
from datetime import date
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.guidelines import SHIPPED, Library, Publication, read_library
from varde.guidelines.documents import (
    TAGS,
    clean_html,
    write_article,
    write_markdown,
    write_page,
)
from varde.guidelines.files import StoredVersion, read_version

INLINE = re.compile(r"<style|\sstyle=|<script|\son[a-z]+=|javascript:|<img|<svg", re.IGNORECASE)


class Elements(HTMLParser):
    """The elements of a text, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<p>Hei <strong>du</strong></p>", "<p>Hei <strong>du</strong></p>"),
        ('<p onclick="x()" style="color:red" class="a" id="b">a</p>', "<p>a</p>"),
        ("<script>x()</script>a", "a"),
        ("<style>p{}</style>a", "a"),
        ("<div><span>a</span></div>", "a"),
        ("<!-- a --><p>b</p>", "<p>b</p>"),
        ('<img src="x" onerror="x()">a', "a"),
        ('<iframe src="//x"></iframe>a', "a"),
        ("<svg><script>x()</script></svg>a", "a"),
        ("5 < 7 & 8 > 2", "5 &lt; 7 &amp; 8 &gt; 2"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<h1>a</h1>", "a"),
        ("10<sup>9</sup>", "10<sup>9</sup>"),
        (
            '<a href="https://x.example/?a=1&amp;b=2" target="_blank">a</a>',
            '<a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer">a</a>',
        ),
        ('<a href="/innhold/1">a</a>', '<a href="/innhold/1" rel="noopener noreferrer">a</a>'),
        ('<a href="javascript:x()">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href=" JaVaScRiPt:x()">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="data:text/html,x">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<td colspan="2" bgcolor="red">a</td>', "a"),
        (
            '<table><tr><td colspan="2" bgcolor="red">a</td></tr></table>',
            '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
        ),
    ],
)
def test_only_elements_that_carry_meaning_pass(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned


pieces = st.sampled_from(
    [
        *(f"<{tag}>" for tag in ("p", "b", "script", "svg", "math", "style", "a", "table", "div")),
        *(f"</{tag}>" for tag in ("p", "b", "script", "svg", "math", "style", "a", "table")),
        '<a href="',
        "javascript:",
        "onclick=",
        '"',
        "'",
        ">",
        "<",
        "<!--",
        "-->",
        "&lt;script&gt;",
        "<img src=x onerror=y>",
        "\x00",
        "tekst ",
    ]
)


@given(st.lists(pieces | st.text(max_size=5), max_size=20).map("".join))
def test_nothing_else_passes_whatever_is_written(html: str) -> None:
    cleaned = clean_html(html)
    for tag, attributes in Elements(cleaned).found:
        assert tag in TAGS
        assert set(attributes) <= {"href", "title", "rel", "scope", "colspan", "rowspan", "start"}
        address = re.sub(r"[\x00-\x20]", "", attributes.get("href") or "").lower()
        assert not address.startswith(("javascript:", "data:", "vbscript:"))
    assert {tag for tag, _ in Elements(clean_html(cleaned)).found} <= TAGS


# --- documents ------------------------------------------------------------------------------------------

SNOMED = "http://snomed.info/sct"
CHAPTER = "0099-0041-aa"
HOSTILE = '<p onclick="x()">Tegn: < & *stjerne* _strek_ [lenke](x) `kode`</p><script>x()</script>'


def _kode(display: str) -> dict[str, str]:
    return {"system": SNOMED, "code": "1", "display": display}


def _publish(*objects: dict[str, Any], day: date = date(2024, 1, 1)) -> Publication:
    stored = []
    for number, innhold in enumerate(objects):
        content = json.dumps(
            {
                "gyldigFra": "2022-09-07",
                "kilder": [{"kilde": "Bok <1>", "sikkerhet": "slutning"}],
                "innhold": {"status": "Gjeldende", **innhold},
            }
        ).encode()
        name = f"x/{number}/2022-09-07.json"
        stored.append(StoredVersion(read_version(content, name), name, "0f", published=True))
    return Publication(Library(stored).edition(day))


def _recommendation(**data: Any) -> Publication:
    return _publish(
        {"id": "0099-0016-aa", "tittel": "R", "tekniskeData": {"infoType": "retningslinje"}},
        {
            "id": CHAPTER,
            "tittel": "K",
            "tekniskeData": {"infoType": "kapittel"},
            "links": [{"rel": "forelder", "href": "/innhold/0099-0016-aa"}],
        },
        {
            "id": "0099-0003-aa",
            "tittel": "A <b> & *c*",
            "intro": "Kort",
            "tekst": HOSTILE,
            "tekniskeData": {"infoType": "anbefaling"},
            "links": [{"rel": "forelder", "href": f"/innhold/{CHAPTER}"}],
            "data": data,
        },
    )


def _article(publication: Publication, id_: str = "0099-0003-aa") -> str:
    return write_article(publication.get(id_), publication.edition.get(id_))


def _dose(**more: Any) -> dict[str, Any]:
    return {
        "data": {
            "legemiddeldoseringsregime": {"koder": [_kode("Penicillin <x>")]},
            "dosering": {"dose": "1200", "styrkeEnhetDosering": _kode("mg")},
            "frekvensdoseringsregimePerDogn": "4",
            **more,
        }
    }


def test_an_article_keeps_the_policy_and_escapes_text() -> None:
    body = _article(_recommendation(praktisk=HOSTILE, rasjonale=HOSTILE))
    assert not INLINE.search(body)
    assert "<h1>A &lt;b&gt; &amp; *c*</h1>" in body
    assert "<p>Kort</p>" in body and "Demonstrasjonsinnhold" in body
    assert "Bok &lt;1&gt;, sluttet ut fra kilden" in body


def test_regimens_stand_under_the_headings_of_their_kind() -> None:
    regimen = {"doseringregimer": [_dose()]}
    inner = {
        "ledetekstVarighetBehandling": "Varighet:",
        "varighetBehandlingAntallDogn": {"lav": "5", "hoy": "7"},
        "standardbehandlingsregimer": [{**regimen, "overskrift": "Voksne"}, regimen],
        "overgangtiloralbehandlingsregimer": [regimen],
    }
    body = _article(
        _recommendation(
            behandlinger=[
                {"overskrift": "Først", "behandling": {"tekst": "Vent"}},
                {"behandling": {"data": inner}},
            ]
        )
    )
    order = [
        "<h2>Først</h2>",
        "<p>Vent</p>",
        "<h2>Behandling</h2>",
        "<strong>Varighet:</strong> 5–7 døgn",
        "<h3>Standardbehandling</h3>",
        "<h4>Voksne</h4>",
        "<h3>Overgang til oral behandling</h3>",
    ]
    places = [body.index(text) for text in order]
    assert places == sorted(places) and body.count("<h3>Standardbehandling</h3>") == 1
    assert body.count("<strong>Penicillin &lt;x&gt; 1,2 g x 4</strong>") == 3


def test_what_is_listed_under_a_dose_is_shown_with_its_reason() -> None:
    listed = {
        "tekst": "<p>Unngå.</p>",
        "data": {"tilstand": {"koder": [_kode("Gravid")]}, "virkestoff": {"koder": [_kode("Y")]}},
        "varde": {
            "treff": {
                "metode": "innhold",
                "virkestoff": _kode("Y"),
                "vei": [],
                "forklaring": "Fordi <det>.",
            }
        },
    }
    regimen = {"doseringregimer": [_dose(kontraindikasjoner=[listed])]}
    inner = {"alternativebehandlingsregimer": [regimen]}
    body = _article(_recommendation(behandlinger=[{"behandling": {"data": inner}}]))
    assert "<p><strong>Gravid</strong> (Y)</p>\n<p>Unngå.</p>" in body
    assert "<em>Hvorfor: Fordi &lt;det&gt;.</em>" in body


def test_other_sources_carry_no_demonstration_warning() -> None:
    real = {"id": "0006-0041-aa", "tittel": "K", "tekniskeData": {"infoType": "kapittel"}}
    assert "Demonstrasjonsinnhold" not in _article(_publish(real), "0006-0041-aa")


def test_what_is_withdrawn_says_so() -> None:
    old = {
        "id": "0006-0041-aa",
        "tittel": "K",
        "status": "Utgått",
        "tekniskeData": {"infoType": "kapittel"},
    }
    assert "gjelder ikke lenger" in _article(_publish(old), "0006-0041-aa")


def test_a_page_is_a_whole_document() -> None:
    page = write_page("A <b>", "<p>x</p>")
    assert page.startswith("<!DOCTYPE html>") and '<html lang="nb">' in page
    assert "<title>A &lt;b&gt;</title>" in page and page.endswith("</html>\n")


# --- Markdown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>A</h1><p>b</p>", "# A\n\nb\n"),
        ("<p>a <strong>b</strong>. C</p>", "a **b**. C\n"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c\n"),
        ("<p>&lt;script&gt;</p>", "\\<script\\>\n"),
        ("<p>1. mai</p>", "1\\. mai\n"),
        ("<p># a</p>", "\\# a\n"),
        ("<p>- a</p>", "\\- a\n"),
        ("<p>---</p>", "\\---\n"),
        ("<p>a * b _c_ `d` [e](f) \\g | h &amp; ~i~</p>",
         "a \\* b \\_c\\_ \\`d\\` \\[e\\](f) \\\\g \\| h \\& \\~i\\~\n"),
        ("<p>&amp;lt;</p>", "\\&lt;\n"),
        ('<p><a href="/a">b</a></p>', "[b](/a)\n"),
        ('<p><a href="/a) [x](javascript:y">b</a></p>', "[b](/a%29%20[x]%28javascript:y)\n"),
        ("<p>100–200 mg/kg x 4</p>", "100–200 mg/kg x 4\n"),
    ],
)  # fmt: skip
def test_markdown_says_the_same(html: str, markdown: str) -> None:
    assert write_markdown(html) == markdown


@given(st.text(max_size=60))
def test_no_text_becomes_html_in_markdown(text: str) -> None:
    written = write_markdown(f"<p>{escape(text)}</p>")
    assert not re.search(r"(?<!\\)(?:\\\\)*<", written)


def test_markdown_of_an_article_keeps_its_words() -> None:
    written = write_markdown(_article(_recommendation(praktisk=HOSTILE)))
    assert "\\*stjerne\\*" in written and "\\[lenke\\](x)" in written and "x()" not in written


def test_shipped_content_is_shown_whole() -> None:
    library = read_library(SHIPPED)
    for entry in library.entries():
        publication = Publication(library.edition(entry.first_day))
        body = write_article(publication.get(entry.innhold.id), entry)
        assert not INLINE.search(body)
        levels = [int(level) for level in re.findall(r"<h(\d)>", body)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert not re.search(r"(?<!\\)<", write_markdown(body))
