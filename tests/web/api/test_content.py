"""Objects over HTTP: as they stood on a day, in pages, in three formats."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from varde.guidelines import encode
from varde.web import guideline
from web.api.invented_content import (
    CHAPTER,
    FUTURE,
    GUIDELINE,
    NOBODY,
    PICO,
    PNEUMONIA,
    PREGNANT,
    REFERENCE,
    WITHDRAWN,
)

INLINE = re.compile(r"<style|\sstyle=|<script|\son[a-z]+=|javascript:|<img", re.IGNORECASE)


def links(answer: Any) -> dict[str, str]:
    """The addresses of the header Link, by their relation."""
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer["Link"])
    return {relation: address for address, relation in found}


def days_of(served: dict[str, Any]) -> str:
    treatment = served["data"]["behandlinger"][0]["behandling"]
    return str(treatment["data"]["varighetBehandlingAntallDogn"])


def test_an_object_is_the_publication_s_own_bytes(client: Client) -> None:
    answer = client.get(f"/innhold/{PNEUMONIA}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.content == encode(guideline.publication_on(None).get(PNEUMONIA))


def test_html_of_the_content_is_verbatim_in_json(client: Client) -> None:
    served = client.get(f"/anbefalinger/{PNEUMONIA}").json()
    assert "<script>" in served["data"]["praktisk"]


@pytest.mark.parametrize(
    ("day", "duration"), [("2022-09-07", "7"), ("2024-06-26", "7"), ("2024-06-27", "5"), ("", "5")]
)
def test_a_day_decides_the_version(client: Client, day: str, duration: str) -> None:
    query = {"gyldigDato": day} if day else {}
    assert days_of(client.get(f"/anbefalinger/{PNEUMONIA}", query).json()) == duration
    coded = {"kodeverk": "ICPC-2", "kode": "R81", **query}
    assert days_of(client.get("/anbefalinger", coded).json()[0]) == duration


def test_links_keep_the_day_that_was_asked_for(client: Client) -> None:
    served = client.get(f"/innhold/{PNEUMONIA}?gyldigDato=2023-01-01").json()
    assert {link["href"].partition("?")[2] for link in served["links"]} == {"gyldigDato=2023-01-01"}
    served = client.get(f"/innhold/{PNEUMONIA}").json()
    assert not any("?" in link["href"] for link in served["links"])


@pytest.mark.parametrize(
    ("address", "id_"),
    [
        ("retningslinjer", GUIDELINE),
        ("kapitler", CHAPTER),
        ("anbefalinger", PNEUMONIA),
        ("kontraindikasjoner", PREGNANT),
    ],
)
def test_each_type_has_its_addresses(client: Client, address: str, id_: str) -> None:
    one = client.get(f"/{address}/{id_}")
    assert one.content == client.get(f"/innhold/{id_}").content
    listed = client.get(f"/{address}", {"antall": "200"}).json()
    short = dict(one.json())
    short.pop("data", None)
    assert short in listed
    assert len({object_["tekniskeData"]["infoType"] for object_ in listed}) == 1


@pytest.mark.parametrize(
    ("address", "id_", "there"),
    [
        ("anbefalinger", CHAPTER, f"/kapitler/{CHAPTER}"),
        ("kapitler", PNEUMONIA, f"/anbefalinger/{PNEUMONIA}"),
        ("retningslinjer", PICO, f"/innhold/{PICO}"),
        ("kontraindikasjoner", REFERENCE, f"/innhold/{REFERENCE}"),
        ("publikasjoner", CHAPTER, f"/kapitler/{CHAPTER}"),
    ],
)
def test_an_id_of_another_type_says_where_it_is(
    client: Client, address: str, id_: str, there: str
) -> None:
    answer = client.get(f"/{address}/{id_}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problemer/annen-type"
    assert there in answer.json()["detail"]
    assert client.get(there).status_code == 200


def test_what_is_not_there_says_why(client: Client) -> None:
    answer = client.get(f"/innhold/{NOBODY}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problemer/finnes-ikke")
    answer = client.get(f"/anbefalinger/{FUTURE}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problemer/ikke-gyldig-enna")
    assert "2090-01-01" in answer.json()["detail"]
    assert client.get(f"/anbefalinger/{FUTURE}?gyldigDato=2090-01-01").status_code == 200
    answer = client.get(f"/innhold/{PNEUMONIA}?gyldigDato=2022-09-06")
    assert answer.json()["type"] == "/problemer/ikke-gyldig-enna"


def test_what_is_withdrawn_is_answered_and_not_listed(client: Client) -> None:
    assert client.get(f"/innhold/{WITHDRAWN}").json()["status"] == "Utgått"
    ids = [one["id"] for one in client.get("/anbefalinger", {"antall": "200"}).json()]
    assert WITHDRAWN not in ids and PNEUMONIA in ids
    earlier = client.get("/anbefalinger", {"antall": "200", "gyldigDato": "2022-12-31"}).json()
    assert WITHDRAWN in [one["id"] for one in earlier]


def test_before_all_content_lists_are_empty(client: Client) -> None:
    answer = client.get("/innhold?gyldigDato=1950-01-01")
    assert (answer.status_code, answer.json(), answer["X-Total-Count"]) == (200, [], "0")


# --- lists ------------------------------------------------------------------------------------------


def test_lists_are_short_and_recommendations_by_code_are_full(client: Client) -> None:
    assert not any("data" in one for one in client.get("/anbefalinger").json())
    assert not any("data" in one for one in client.get("/innhold?kodeverk=ICPC-2&kode=R81").json())
    assert all("data" in one for one in client.get("/anbefalinger?full=true").json())
    by_code = client.get("/anbefalinger?kodeverk=ICPC-2&kode=R81").json()
    assert [one["id"] for one in by_code] == [PNEUMONIA] and "data" in by_code[0]
    assert "data" not in client.get("/anbefalinger?kodeverk=ICPC-2&kode=R81&full=false").json()[0]
    assert "data" not in client.get(f"/anbefalinger/{PNEUMONIA}?full=false").json()


def test_codes_are_found_in_their_class_and_unknown_ones_find_nothing(client: Client) -> None:
    found = client.get("/innhold?kodeverk=ICD-10&kode=J18.9").json()
    assert [one["id"] for one in found] == [PNEUMONIA]
    assert client.get("/innhold?kodeverk=ICD-10&kode=Z99").json() == []


@pytest.mark.parametrize(
    "query", ["infoTyper=pico,referanse", "infoTyper=pico&infoTyper=referanse,pico"]
)
def test_types_are_chosen_with_commas_or_again(client: Client, query: str) -> None:
    found = client.get(f"/innhold?{query}").json()
    assert {one["id"] for one in found} == {PICO, REFERENCE}
    coded = client.get(f"/innhold?{query}&kodeverk=ICPC-2&kode=R81").json()
    assert coded == []


def test_pages_hold_everything_once_and_links_lead_through_them(client: Client) -> None:
    address, seen = "/innhold?kodeverk=ICPC-2&kode=A99&antall=25", []
    while address:
        answer = client.get(address)
        assert answer["X-Total-Count"] == "60"
        seen += [one["tittel"] for one in answer.json()]
        address = links(answer).get("next", "")
    assert seen == [f"Oppdiktet tilstand {number:02}" for number in range(60)]
    last = client.get(links(client.get("/innhold?antall=7"))["last"])
    assert set(links(last)) == {"first", "last", "prev"}
    query = parse_qs(urlsplit(links(last)["first"]).query)
    assert query == {"antall": ["7"], "side": ["1"]}


def test_links_keep_what_was_asked_and_let_nothing_in(client: Client) -> None:
    answer = client.get("/innhold", {"kodeverk": "ICD-10", "kode": "A+B /C", "antall": "1"})
    assert "\n" not in answer["Link"] and ">" not in links(answer)["first"]
    again = client.get(links(answer)["first"])
    assert links(again)["first"] == links(answer)["first"]


def test_without_saying_a_page_holds_fifty(client: Client) -> None:
    assert len(client.get("/anbefalinger").json()) == 50


def test_a_page_beyond_the_last_is_not_there(client: Client) -> None:
    answer = client.get("/anbefalinger?side=3")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problemer/side-finnes-ikke")
    assert client.get("/anbefalinger?side=2").status_code == 200
    assert client.get("/anbefalinger?kodeverk=ICPC-2&kode=X&side=1").status_code == 200


# --- versions ---------------------------------------------------------------------------------------


def test_every_version_is_listed_with_its_period(client: Client) -> None:
    versions = client.get(f"/innhold/{PNEUMONIA}/versjoner").json()
    periods = [(one["nummer"], one["gyldigFra"], one.get("gyldigTil")) for one in versions]
    assert periods == [(1, "2022-09-07", "2024-06-27"), (2, "2024-06-27", None)]
    for one in versions:
        served = client.get(one["href"]).json()
        assert served["varde"]["hash"] == one["hash"]
        assert served["varde"]["gyldigFra"] == one["gyldigFra"]
    known = client.get(f"/innhold/{PNEUMONIA}/versjoner?gyldigDato=2023-01-01").json()
    assert [one["nummer"] for one in known] == [1]
    assert len(client.get(f"/innhold/{FUTURE}/versjoner").json()) == 1
    early = client.get(f"/innhold/{PNEUMONIA}/versjoner?gyldigDato=2020-01-01")
    assert early.json()["type"] == "/problemer/ikke-gyldig-enna"


def test_a_version_is_answered_as_on_a_day_it_was_valid(client: Client) -> None:
    address = f"/innhold/{PNEUMONIA}/versjoner/2022-09-07"
    on_first = client.get(f"/innhold/{PNEUMONIA}?gyldigDato=2022-09-07")
    assert client.get(address).content == on_first.content
    on_last = client.get(f"/innhold/{PNEUMONIA}?gyldigDato=2024-06-26")
    assert client.get(f"{address}?gyldigDato=2024-06-26").content == on_last.content
    for day in ("2022-09-06", "2024-06-27"):
        answer = client.get(f"{address}?gyldigDato={day}")
        assert answer.json()["type"] == "/problemer/versjon-finnes-ikke"


def test_a_version_that_is_not_there_names_those_that_are(client: Client) -> None:
    answer = client.get(f"/innhold/{PNEUMONIA}/versjoner/2023-01-01")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problemer/versjon-finnes-ikke")
    assert "2022-09-07, 2024-06-27" in answer.json()["detail"]
    answer = client.get(f"/innhold/{PNEUMONIA}/versjoner/i-fjor")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problemer/ugyldig-dato")


# --- the tree -----------------------------------------------------------------------------------------


def test_a_publication_is_a_tree_from_its_root(client: Client) -> None:
    tree = client.get(f"/publikasjoner/{GUIDELINE}").json()["rot"]
    assert tree["infobit"]["id"] == GUIDELINE
    chapters = [branch["infobit"]["id"] for branch in tree["barn"]]
    assert CHAPTER in chapters
    chapter = tree["barn"][chapters.index(CHAPTER)]
    pneumonia = next(one for one in chapter["barn"] if one["infobit"]["id"] == PNEUMONIA)
    assert {one["infobit"]["id"] for one in pneumonia["barn"]} == {PICO, REFERENCE}
    assert "data" not in pneumonia["infobit"] and pneumonia["barn"][0]["barn"] == []
    full = client.get(f"/publikasjoner/{GUIDELINE}?full=true").json()
    assert "behandlinger" in json.dumps(full)


def test_a_tree_is_of_its_day(client: Client) -> None:
    def ids(answer: Any) -> set[str]:
        return set(re.findall(r'"infobit":\{"id":"([^"]+)"', answer.content.decode()))

    assert WITHDRAWN not in ids(client.get(f"/publikasjoner/{GUIDELINE}"))
    assert WITHDRAWN in ids(client.get(f"/publikasjoner/{GUIDELINE}?gyldigDato=2022-01-01"))
    assert PNEUMONIA not in ids(client.get(f"/publikasjoner/{GUIDELINE}?gyldigDato=2022-01-01"))


# --- formats ------------------------------------------------------------------------------------------

EVERY = (
    "/innhold",
    "/innhold?full=true&antall=200",
    "/innhold?kodeverk=ICD-10&kode=Z99",
    f"/innhold/{PNEUMONIA}",
    f"/innhold/{PICO}",
    f"/innhold/{WITHDRAWN}",
    f"/innhold/{PNEUMONIA}/versjoner",
    f"/innhold/{PNEUMONIA}/versjoner/2022-09-07",
    "/retningslinjer",
    f"/retningslinjer/{GUIDELINE}",
    f"/kapitler/{CHAPTER}",
    "/anbefalinger?kodeverk=ICPC-2&kode=R81",
    f"/kontraindikasjoner/{PREGNANT}",
    f"/publikasjoner/{GUIDELINE}",
    "/problemer",
    "/problemer/ugyldig-dato",
)


@pytest.mark.parametrize("address", EVERY)
def test_html_is_a_norwegian_document_that_keeps_the_policy(client: Client, address: str) -> None:
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    body = answer.content.decode()
    assert '<html lang="nb">' in body and "<title>" in body and body.count("<main>") == 1
    assert not INLINE.search(body)


@pytest.mark.parametrize("address", EVERY)
def test_markdown_holds_no_html(client: Client, address: str) -> None:
    answer = client.get(address, headers={"accept": "text/markdown"})
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    body = answer.content.decode()
    assert body.startswith("# ") and body.endswith("\n")
    assert not re.search(r"(?<!\\)<", body)


def test_a_recommendation_shows_what_a_reader_needs(client: Client) -> None:
    body = client.get(f"/anbefalinger/{PNEUMONIA}?format=markdown").content.decode()
    for text in (
        r"# Pneumoni \<alvorlig\>",
        "Demonstrasjonsinnhold",
        "Sterk anbefaling",
        "### Standardbehandling",
        "### Behandlingsalternativer",
        "Gjelder: Kvinner, fra 40 kg",
        "**Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn**",
        "10–20 mg/kg x 4 i 5 døgn",
        "Høyeste enkeltdose: 1,3 g",
        "**Gravid** (Doksysyklin)",
        "Ikke etter uke 15.",
        "Innholdet oppgir selv virkestoffet Doksysyklin",
        "## Praktisk",
        "## Begrunnelse",
        "ICPC-2: R81",
        "Versjon 2, gjelder fra 27.06.2024",
        "Oppdiktet bok, 27.06.2024, gjelder alt, lest i kilden",
        "allmennkunnskap",
    ):
        assert text in body, text


def test_format_counts_more_than_accept(client: Client) -> None:
    address = f"/innhold/{PNEUMONIA}"
    html = client.get(address, headers={"accept": "text/html, application/json;q=0.5"})
    assert html["Content-Type"].startswith("text/html")
    json_ = client.get(f"{address}?format=json", headers={"accept": "text/html"})
    assert json_["Content-Type"] == "application/json"
    for answer in (html, json_):
        assert "Accept" in answer["Vary"]


def test_a_format_that_is_not_there_is_refused(client: Client) -> None:
    answer = client.get("/innhold", headers={"accept": "image/png"})
    assert (answer.status_code, answer.json()["type"]) == (
        406,
        "/problemer/format-ikke-tilgjengelig",
    )


# --- ETag ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", EVERY)
def test_the_same_bytes_are_sent_once(client: Client, address: str) -> None:
    answer = client.get(address)
    etag = answer["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    for given in (etag, f"W/{etag}", f'"other", {etag}', f'W/"x",W/{etag}', "*"):
        again = client.get(address, headers={"if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == etag and again["Cache-Control"] == "public, max-age=60"
        assert "Accept" in again["Vary"] and again["Access-Control-Allow-Origin"] == "*"
    for given in ('"other"', etag.strip('"'), "", f'"{etag[1:8]}"'):
        assert client.get(address, headers={"if-none-match": given}).status_code == 200


def test_each_format_and_day_has_an_etag_of_its_own(client: Client) -> None:
    address = f"/innhold/{PNEUMONIA}"
    tags = {client.get(f"{address}?format={name}")["ETag"] for name in ("json", "markdown", "html")}
    tags.add(client.get(f"{address}?gyldigDato=2023-01-01")["ETag"])
    assert len(tags) == 4


def test_today_is_the_day_in_norway(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guideline, "today", lambda: date(2090, 1, 1))
    assert client.get(f"/anbefalinger/{FUTURE}").status_code == 200
