"""The guideline's pages: found in two actions, right for the day, and calm when there is nothing to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import varde.synthetic
from varde.access.roles import roles
from varde.codes.snomed import load_release
from varde.web import guideline
from varde.web.pages.guideline.history import sort_changes
from varde.web.pages.guideline.listing import Label, label_days
from varde.web.pages.guideline.regimens import first_sentence
from varde.web.pages.guideline.weight import InvalidWeight, read_weight
from web.invented_guideline import write_guideline
from web.test_headers import INLINE

TODAY = date(2026, 11, 25)
RELEASE = Path(varde.synthetic.__file__).parent / "data" / "SnomedCT_InventedDemo_20261101"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been read yet, and the day is known."""
    monkeypatch.setattr(guideline, "_kept", guideline._Kept())
    monkeypatch.setattr(guideline, "today", lambda: TODAY)


@pytest.fixture
def invented(fresh: None, tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """The invented guideline alone; the folder it lies in."""
    settings.VARDE_HOME = tmp_path
    settings.VARDE_DEMO_CONTENT = False
    return write_guideline(tmp_path / "guidelines")


@pytest.fixture
def shipped(fresh: None, tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """The guideline that comes with Varde, and a home without anything."""
    settings.VARDE_HOME = tmp_path
    return tmp_path


def read(client: Client, address: str, status: int = 200) -> str:
    """A page as text: tags gone, blanks once."""
    return as_text(fetch(client, address, status))


def fetch(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body: str = answer.content.decode()
    assert not INLINE.search(body)
    return body


def in_box(body: str) -> str:
    """The box of the first choice."""
    return body.partition('<section class="first-choice"')[2].partition("</section>")[0]


def as_text(body: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


# --- finding ------------------------------------------------------------------------------------


def test_the_search_box_is_the_first_thing_to_use(invented: Path, client: Client) -> None:
    main = fetch(client, "/antibiotika/").partition("<main")[2]
    first = re.search(r"<(a|button|input|select|summary)\b[^>]*>", main)
    assert first and 'name="sok"' in first[0] and "autofocus" in first[0]


def test_without_a_search_the_organ_systems_are_there(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/")
    assert as_text(body).index("Nedre luftveier") < as_text(body).index("Urinveier")
    assert 'href="/antibiotika/pneumoni/"' in body
    assert 'href="/antibiotika/kapittel/luftveier/"' in body
    assert "Bittsår" not in body  # from 2027
    assert "ikke til klinisk bruk" in body


@pytest.mark.parametrize(
    "question", ["pneu", "PNEUMONI", "lungebetennelse", "r81", "J18.9", "fenoksymetyl", "luftveier"]
)
def test_a_hit_shows_the_first_choice_itself(question: str, invented: Path, client: Client) -> None:
    body = fetch(client, f"/antibiotika/?sok={question}")
    text = as_text(body)
    assert "Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn" in text
    assert "Nedre luftveier" in text and ("R81" in text or "J18" in text)
    assert 'href="/antibiotika/pneumoni/"' in body
    assert re.search(rf'role="status">\d+ treff på {re.escape(question)}<', body)


def test_codes_are_found_by_their_english_names_too(invented: Path, client: Client) -> None:
    assert "Pneumoni" in read(client, "/antibiotika/?sok=pneumonia")


def test_a_hit_without_medicine_says_what_to_do(invented: Path, client: Client) -> None:
    assert "Se an" in read(client, "/antibiotika/?sok=bronkitt")


def test_no_hit_says_what_to_do_and_shows_the_organ_systems(invented: Path, client: Client) -> None:
    text = read(client, "/antibiotika/?sok=<b>finnes-ikke")
    assert "Ingenting passer med «<b>finnes-ikke»" in text
    assert "en kode som R81" in text and "Nedre luftveier" in text


def test_a_chapter_shows_its_recommendations_with_first_choice(
    invented: Path, client: Client
) -> None:
    text = read(client, "/antibiotika/kapittel/luftveier/")
    assert "Pneumoni" in text and "1 g x 4 i 5 døgn" in text and "Cystitt" not in text


def test_what_is_misspelt_is_asked_about(shipped: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/?sok=lungebetenelse")
    assert "Mente du lungebetennelse" in as_text(body)
    assert 'href="/antibiotika/?sok=lungebetennelse"' in body
    dated = fetch(client, "/antibiotika/?sok=lungebetenelse&dato=2024-01-01")
    assert 'href="/antibiotika/?sok=lungebetennelse&amp;dato=2024-01-01"' in dated
    assert "Mente du" not in read(client, "/antibiotika/?sok=lungebetennelse")


def test_words_that_nothing_fits_are_told(shipped: Path, client: Client) -> None:
    text = read(client, "/antibiotika/?sok=pneumoni+<i>zzz")
    assert "Ingenting passer med «zzz»: treffene er på de andre ordene." in text
    assert "Atypisk pneumoni" in text


def test_a_code_with_a_word_beside_it_is_found(shipped: Path, client: Client) -> None:
    text = read(client, "/antibiotika/?sok=U71+gravid")
    assert text.index("Akutt cystitt hos gravide") < text.index("Akutt cystitt hos menn")


# --- one recommendation -------------------------------------------------------------------------


def test_a_recommendation_shows_all_of_its_treatment_in_order(
    invented: Path, client: Client
) -> None:
    text = read(client, "/antibiotika/pneumoni/").partition("Se hva som er endret")[2]
    expected = (
        "Vurder alvorlighet",
        "Bruk CRB-65",
        "Antibiotikabehandling",
        "Varighet 5 døgn",
        "Standardbehandling",
        "Voksne og barn fra 40 kg",
        "Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn",
        "Fra 5 til under 40 kg",
        "10–20 mg/kg x 4 i 5 døgn",
        "Høyeste enkeltdose 650 mg",
        "Behandlingsalternativer",
        "Ved penicillinallergi",
        "Fra 8 år",
        "penicillin straksreaksjon",
        "ikke gravid",
        "200 mg x 1 ladningsdose etterfulgt av 100 mg x 1 i 5 døgn",
        "Tas med rikelig drikke.",
        "Overgang til oral behandling",
        "Amoksicillin peroralt 500 mg x 3 i 3 døgn",
        "Praktisk",
        "Ny vurdering etter tre døgn.",
        "Begrunnelse",
        "Pneumokokker er vanligste årsak.",
        "Nøkkelinformasjon",
        "Kortere kur gir mindre resistens.",
        "Fem eller sju døgn",
        "Klinisk helbredelse, Tilbakefall",
        "Oppdiktet referanse om varighet",
        "lest i kilden",
        "slutning",
        "ICPC-2: R81 Lungebetennelse",
        "Antibiotika i allmennpraksis",
    )
    place = 0
    for words in expected:
        found = text.find(words, place)
        assert found >= 0, f"{words!r} is not there, or not in its place"
        place = found


def test_contra_indications_stand_under_each_dose_with_the_reason(
    invented: Path, client: Client
) -> None:
    body = fetch(client, "/antibiotika/pneumoni/")
    first = body.partition('<li class="regimen">')[2].partition('<li class="regimen">')[0]
    text = as_text(first)
    assert (
        "Forsiktig ved: Nedsatt nyrefunksjon Vurder lavere dose ved svært nedsatt nyrefunksjon. "
        "Penicillin straksreaksjon Gi ikke penicillin. "
    ) in text
    assert "Gi ikke penicillin." in text
    assert "Hvorfor vises denne? På virkestoffet Fenoksymetylpenicillin" in text
    assert "Gravid" not in text
    doxycycline = as_text(body.partition("Ved penicillinallergi")[2])
    assert "Skal ikke brukes etter uke 15" in doxycycline


def test_the_same_contra_indications_are_printed_once(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/pneumoni/")
    assert body.count('<details class="cautions">') == 3
    assert body.count('<details class="cautions again">') == 1
    assert "Det samme som for Fenoksymetylpenicillin over." in as_text(body)


def test_the_path_through_the_terminology_is_shown(shipped: Path, client: Client) -> None:
    load_release([RELEASE], shipped / "snomed")
    text = as_text(fetch(client, "/antibiotika/pneumoni/"))
    assert "SNOMED CT fører fra legemidlet til fenoksymetylpenicillin" in text
    assert "har virkestoff" in text


def test_html_of_the_content_is_cleaned(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/cystitt/")
    assert "<p>Hyppig vannlating.</p>" in body
    assert "steal" not in body


def test_without_a_heading_the_limits_say_for_whom(invented: Path, client: Client) -> None:
    assert "Kvinner, 15–65 år, ikke gravid" in read(client, "/antibiotika/cystitt/")


def test_the_content_is_marked_as_norwegian_on_english_pages(
    invented: Path, client: Client
) -> None:
    client.cookies["django_language"] = "en"
    body = fetch(client, "/antibiotika/pneumoni/")
    assert '<html lang="en"' in body and '<h1 class="ds-heading" data-size="lg" lang="nb">' in body
    assert re.search(r'<p class="dose" lang="nb"><b>Fenoksymetylpenicillin', body)
    assert "Adults and children from 40 kg" in as_text(body)


def test_every_shipped_recommendation_has_its_page(shipped: Path, client: Client) -> None:
    entries = guideline.publication_on(None).edition.current("anbefaling")
    assert len(entries) > 20
    for entry in entries:
        for name in ("guideline-recommendation", "guideline-versions"):
            text = read(client, reverse(name, args=(entry.slug,)))
            assert entry.innhold.tittel in text
            assert "ikke til klinisk bruk" in text


def test_what_is_to_be_avoided_looks_otherwise_than_what_asks_for_care(
    shipped: Path, client: Client
) -> None:
    body = fetch(client, "/antibiotika/pneumoni/")
    first = body.partition('<details class="cautions')[2].partition("</summary>")[0]
    tags = dict(
        re.findall(r'<span class="ds-tag" data-color="(\w+)"[^>]*>(Penicillin \w+)<', first)
    )
    assert tags == {"danger": "Penicillin straksreaksjon", "warning": "Penicillin bivirkning"}
    assert "Gi ikke noe penicillin etter en sikker straksreaksjon" in as_text(first)


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<p>Gi ikke noe. Ikke heller <b>dette</b>.</p>", "Gi ikke noe."),
        ("<p>Inntil 1,2 g, f.eks. morgen. Ellers ikke.</p>", "Inntil 1,2 g, f.eks. morgen."),
        ("<p>Uten punktum</p><p>Mer.</p>", "Uten punktum"),
        ("<ul><li>Ett &amp; to</li></ul>", "- Ett & to"),
        ("", ""),
    ],
)
def test_the_first_sentence(html: str, sentence: str) -> None:
    assert first_sentence(html) == sentence


def test_many_cautions_are_named_alone(shipped: Path, client: Client) -> None:
    summaries = [
        summary
        for entry in guideline.publication_on(None).edition.current("anbefaling")
        for summary in re.findall(
            r'<summary><span class="cautions-lead">.*?</summary>',
            fetch(client, reverse("guideline-recommendation", args=(entry.slug,))),
        )
    ]
    assert {one.count("ds-tag") > 2 for one in summaries} == {True, False}
    assert all((one.count("ds-tag") > 2) != ('class="said"' in one) for one in summaries)


def test_the_banner_is_not_repeated(shipped: Path, client: Client) -> None:
    for entry in guideline.publication_on(None).edition.current("anbefaling"):
        text = read(client, reverse("guideline-recommendation", args=(entry.slug,)))
        assert "Demonstrasjonsinnhold laget for Varde. Ikke til klinisk bruk." not in text
        assert "Demonstrasjonsinnhold, ikke til klinisk bruk." in text
    assert "Gjelder lungebetennelse" in read(client, "/antibiotika/pneumoni/")


def test_the_footer_speaks_of_the_guideline(invented: Path, client: Client) -> None:
    for place in ("", "pneumoni/", "pneumoni/versjoner/", "kapittel/luftveier/"):
        foot = read(client, f"/antibiotika/{place}").partition("Varde er fri programvare.")[2]
        assert "Retningslinjen" in foot and "laboratorienes" not in foot
    assert "Retningslinjen" in fetch(client, "/antibiotika/finnes-ikke/", 404)
    assert "laboratorienes" in read(client, "/").partition("Varde er fri programvare.")[2]


def test_usual_headings_are_translated_and_the_content_is_not(
    invented: Path, client: Client
) -> None:
    client.cookies["django_language"] = "en"
    body = fetch(client, "/antibiotika/pneumoni/")
    text = as_text(body)
    assert "The clinical content is in Norwegian only." in text
    for heading in ("Standard treatment", "Alternatives", "Switch to oral treatment"):
        assert f'<h3 class="category">{heading}</h3>' in body
    assert "Standardbehandling" not in text
    client.cookies["django_language"] = "nb"
    norwegian = read(client, "/antibiotika/pneumoni/")
    assert "Standardbehandling" in norwegian and "bare på norsk" not in norwegian


def test_what_the_content_calls_the_duration_is_kept_unless_it_is_usual() -> None:
    with translation.override("en"):
        assert label_days("Anbefalt behandlingsvarighet:") == Label("Recommended duration")
        assert label_days("") == Label("Duration")
        assert label_days("Engangsdose") == Label("Engangsdose", "nb")


# --- by weight ----------------------------------------------------------------------------------


def test_doses_by_weight_are_worked_out_and_capped(invented: Path, client: Client) -> None:
    text = read(client, "/antibiotika/pneumoni/?vekt=18,5")
    assert "185–370 mg x 4 i 5 døgn 10–20 mg/kg × 18,5 kg = 185–370 mg." in text
    capped = read(client, "/antibiotika/pneumoni/?vekt=35")
    assert "350–650 mg x 4" in capped and "høyeste enkeltdose 650 mg" in capped


@pytest.mark.parametrize(("weight", "outside"), [("4.9", 2), ("5", 1), ("39,999", 1), ("40", 1)])
def test_no_dose_outside_the_limits_of_weight(
    weight: str, outside: int, invented: Path, client: Client
) -> None:
    body = fetch(client, f"/antibiotika/pneumoni/?vekt={weight}")
    box, below = in_box(body), body.partition('id="treatments"')[2]
    assert box.count("Gjelder ikke for denne vekten") == outside
    assert below.count("Gjelder ikke for denne vekten") == outside
    assert ("mg/kg × " in body) == (outside == 1 and weight != "40")


@pytest.mark.parametrize("weight", ["abc", "0", "-3", "18,5,5", "1e3", "999", "nan", "١٨"])
def test_what_is_no_weight_is_told(weight: str, invented: Path, client: Client) -> None:
    body = fetch(client, f"/antibiotika/pneumoni/?vekt={weight}", 422)
    alert = body.partition('<div id="weight-error" role="alert">')[2].partition("</div>")[0]
    assert 'class="ds-validation-message"' in alert and "Skriv vekten i kilo" in alert
    assert re.search(r'<input[^>]*aria-describedby="weight-error[^>]*aria-invalid="true"', body)
    assert "Skriv vekten i kilo" not in fetch(client, "/antibiotika/pneumoni/?vekt=18")
    with pytest.raises(InvalidWeight):
        read_weight(weight)


def test_a_weight_is_asked_for_only_where_it_matters(invented: Path, client: Client) -> None:
    assert 'name="vekt"' in fetch(client, "/antibiotika/pneumoni/")
    assert 'name="vekt"' not in fetch(client, "/antibiotika/cystitt/")


def test_the_dose_at_a_weight_stands_in_the_box_of_the_first_choice(
    invented: Path, client: Client
) -> None:
    body = fetch(client, "/antibiotika/pneumoni/?vekt=18,5")
    said = as_text(in_box(body))
    assert "10–20 mg/kg x 4 i 5 døgn 185–370 mg x 4 i 5 døgn 10–20 mg/kg × 18,5 kg" in said
    # Ruled out by the weight: dimmed and told, never hidden.
    assert "Voksne og barn fra 40 kg Gjelder ikke for denne vekten" in said
    assert "Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn" in said
    assert in_box(body).count('class="outside"') == 1
    assert body.count('class="regimen outside"') == 1
    # The field follows the box at once.
    after = body.partition('<section class="first-choice"')[2].partition("</section>")[2]
    assert after.lstrip().startswith('<form class="weigh')


# --- as it was on a day -------------------------------------------------------------------------


def test_the_guideline_is_shown_as_it_was(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/pneumoni/?dato=2023-01-01")
    text = as_text(body)
    assert "1 g x 4 i 7 døgn" in text and "i 5 døgn" not in text
    assert "Slik var retningslinjen 01.01.2023." in text
    assert "Versjon 1, gjelder fra 07.09.2022 til 27.06.2024" in text
    own = re.findall(r'href="(/antibiotika/[^"]*)"', body.partition("<main")[2])
    kept = [address for address in own if address.endswith("?dato=2023-01-01")]
    assert len(kept) == len(own) - 1  # all but the one that leads back to today
    assert 'name="dato" value="2023-01-01"' in body


def test_the_last_day_of_a_version_is_the_day_before_the_next(
    invented: Path, client: Client
) -> None:
    assert "i 7 døgn" in read(client, "/antibiotika/?sok=R81&dato=2024-06-26")
    assert "i 5 døgn" in read(client, "/antibiotika/?sok=R81&dato=2024-06-27")


def test_today_is_no_other_day(invented: Path, client: Client) -> None:
    for given in ("", TODAY.isoformat()):
        body = fetch(client, f"/antibiotika/pneumoni/?dato={given}").partition("<main")[2]
        assert "Slik var retningslinjen" not in body and "?dato=" not in body


@pytest.mark.parametrize(
    "written", ["i går", "2024-02-30", "2024-6-1", "20240601", "0000-01-01", "٢٠٢٤-٠١-٠١", "9" * 99]
)
@pytest.mark.parametrize("place", ["", "pneumoni/", "pneumoni/versjoner/", "kapittel/luftveier/"])
def test_what_is_no_day_is_told(written: str, place: str, invented: Path, client: Client) -> None:
    text = read(client, f"/antibiotika/{place}?dato={written}", 422)
    assert "er ingen dato" in text and "2024-06-27" in text


def test_days_far_off_are_answered(invented: Path, client: Client) -> None:
    assert "Det fantes ingen retningslinje denne dagen" in read(
        client, "/antibiotika/?dato=0001-01-01"
    )
    assert "Bittsår" in read(client, "/antibiotika/?dato=9999-12-31")


def test_what_is_not_valid_yet_says_from_when(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/bittsar/", 404)
    assert "Bittsår gjelder fra 01.01.2027" in as_text(body)
    assert 'href="/antibiotika/bittsar/?dato=2027-01-01"' in body
    text = read(client, "/antibiotika/bittsar/?dato=2027-01-01")
    assert "Fenoksymetylpenicillin peroralt 1 g x 4 i 7 døgn sammen med" not in text
    assert "sammen med Metronidazol peroralt 400 mg x 3 i 7 døgn" in text
    early = fetch(client, "/antibiotika/pneumoni/?dato=2020-01-01", 404)
    assert "gjelder fra 07.09.2022" in as_text(early)
    assert 'href="/antibiotika/pneumoni/"' in early


def test_an_unknown_page_offers_the_search(invented: Path, client: Client) -> None:
    for place in ("finnes-ikke/", "finnes-ikke/versjoner/", "kapittel/finnes-ikke/", "luftveier/"):
        body = fetch(client, f"/antibiotika/{place}", 404)
        assert 'name="sok"' in body


# --- versions -----------------------------------------------------------------------------------


def test_the_change_of_duration_is_the_first_thing_said(invented: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/pneumoni/versjoner/")
    text = as_text(body.partition('class="differences"')[2])
    assert text.index("fra 7 → til 5 døgn") < text.index("Andre endringer")
    assert "<del>7</del>" in body and "<ins>5</ins>" in body
    assert "Gi fenoksymetylpenicillin i fjernet: sju lagt til: fem døgn." in text
    assert "Antibiotikabehandling, varighet av behandling i døgn" in text
    assert "Doksysyklin (Ved penicillinallergi), varighet i døgn" in text
    assert "Fenoksymetylpenicillin (Voksne og barn fra 40 kg), varighet i døgn" in text
    assert 'href="/antibiotika/pneumoni/?dato=2022-09-07"' in body
    assert "Nasjonal retningslinje, pneumoni" in text


def test_any_two_versions_are_compared_the_older_first(invented: Path, client: Client) -> None:
    usual = fetch(client, "/antibiotika/pneumoni/versjoner/")
    turned = fetch(client, "/antibiotika/pneumoni/versjoner/?fra=2024-06-27&til=2022-09-07")
    assert "Fra 07.09.2022 til 27.06.2024" in usual and "<del>7</del>" in turned
    same = read(client, "/antibiotika/pneumoni/versjoner/?fra=2024-06-27")
    assert "De to sier det samme." in same
    assert "<del>7</del>" in fetch(client, "/antibiotika/pneumoni/versjoner/?fra=x&til=y")


def test_one_version_alone_has_nothing_to_compare(invented: Path, client: Client) -> None:
    assert "ingenting å sammenligne med" in read(client, "/antibiotika/cystitt/versjoner/")


def test_a_dose_with_another_unit_is_no_change_of_a_number(invented: Path) -> None:
    library = guideline.current().library
    id_ = library.id_of_slug("anbefaling", "pneumoni")
    old, new = (entry.innhold for entry in library.versions(id_ or ""))
    found = sort_changes(old, new)
    assert [(one.old, one.new, one.unit) for one in found.numbers] == [("7", "5", "døgn")]
    assert [change.path for change in found.bookkeeping] == ["$.sistFagligOppdatert"]
    other = library.versions(library.id_of_slug("anbefaling", "cystitt") or "")[0].innhold
    numbers = sort_changes(new, other).numbers
    assert all(one.unit != "" for one in numbers)


# --- the frame ----------------------------------------------------------------------------------


def test_visitors_find_the_guideline_at_once(shipped: Path, client: Client) -> None:
    body = fetch(client, "/")
    assert '<a href="/antibiotika/"' in body.partition("<main")[0]
    main = body.partition("<main")[2]
    assert 'action="/antibiotika/"' in main and main.index('name="sok"') < main.index("<a ")


@pytest.mark.parametrize("role", sorted(roles()))
def test_every_role_has_the_guideline_in_the_menu(
    role: str, shipped: Path, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(role)
    assert '<a href="/antibiotika/"' in fetch(client, "/om/").partition("<main")[0]
    body = fetch(client, "/antibiotika/pneumoni/")
    assert '<a href="/antibiotika/" aria-current="true">' in body
    assert client.get("/antibiotika/")["Cache-Control"] == "no-store"


def test_links_to_the_data_lead_somewhere(shipped: Path, client: Client) -> None:
    body = fetch(client, "/antibiotika/pneumoni/")
    links = re.findall(r'<a href="(/(?:innhold|fhir)/[^"]*)">', body)
    for link in links:
        assert client.get(unescape(link)).status_code == 200, link


def test_without_content_the_page_says_so(
    fresh: None, tmp_path: Path, settings, client: Client
) -> None:  # type: ignore[no-untyped-def]
    settings.VARDE_HOME = tmp_path
    settings.VARDE_DEMO_CONTENT = False
    assert "Ingen retningslinje er lagt inn" in read(client, "/antibiotika/")


def test_content_that_cannot_be_read_is_our_fault(invented: Path, client: Client) -> None:
    (invented / "published.json").write_text("{", encoding="utf-8")
    assert "kan ikke leses akkurat nå" in read(client, "/antibiotika/", 503)
