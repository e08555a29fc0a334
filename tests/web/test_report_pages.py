"""Reports on pages: each reader's own and nobody else's, with the figures of the document, and what is done about it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from learning.some_reports import (
    DOCTOR,
    GROUP,
    OTHER,
    UNIT,
    a_bare_report,
    a_report,
    a_small_groups_report,
    write_prescribers,
)
from varde import learning
from varde.access import audit
from varde.access.models import AccessLogEntry
from varde.learning.models import Consent, Goal, Remark
from varde.prescribing.reports import Kind, Report, compose, kinds, open_with, redraw_dots
from varde.synthetic.reports import invent_findings

READERS: dict[str, tuple[Kind, str, str]] = {
    "general-practitioner": ("rak", "year", DOCTOR),
    "out-of-hours-doctor": ("legevakt", "doctor", DOCTOR),
    "nursing-home-leader": ("rask", "mixed", "190000001"),
    "nursing-home-nurse": ("rask", "long-stay", "190000001"),
    "home-care-staff": ("home-care", "district", "100000954"),
    "peer-group-leader": ("peer-group", "meeting", GROUP),
    "county-coordinator": ("county", "year", "46"),
}


@pytest.fixture(autouse=True)
def own_keys(empty_home: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without deliveries, with keys of its own."""
    for name in ("VARDE_PSEUDONYM_KEY", "VARDE_STORAGE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return empty_home


def plain(body: bytes) -> str:
    """What a page says, without its marks."""
    page = re.sub(r'<span lang="nb">(.*?)</span>', r"\1", body.decode())
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def squeeze(words: str) -> str:
    return re.sub(r"\s+", " ", words)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("role", READERS)
def test_each_role_lands_on_its_own_report_with_all_that_it_says(
    role: str, language: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    report = a_report(kind, variant, unit)
    learning.keep_reports([report, a_report(kind, variant, "other", seed=8)])
    client = sign_in(role, unit)
    client.cookies["django_language"] = language
    answer = client.get(reverse("report"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store" and not answer.has_header("ETag")
    said = plain(answer.content)
    # Nobody has agreed to be a dot, so that nothing is said of dots either.
    shown = said_of(redraw_dots(report, {}), language)
    for words in shown:
        assert squeeze(words) in said, words
    assert not [words for words in set(said_of(report, language)) - set(shown) if words in said]


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("role", READERS)
def test_no_two_parts_of_a_page_have_the_same_name_and_norwegian_is_marked(
    role: str, language: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    report = a_report(kind, variant, unit)
    learning.keep_reports([report])
    client = sign_in(role, unit)
    client.cookies["django_language"] = language
    states = [client.get(reverse("report")), client.post(reverse("report-goal", args=[2025]))]
    goal(client, report)
    states.append(client.get(reverse("report")))
    for answer in states:
        body = answer.content.decode()
        headings = [plain(one.encode()) for one in re.findall(r"<h2[^>]*>(.*?)</h2>", body)]
        assert len(headings) == len(set(headings)) > 5, headings
        cited = [panel.advice.cited for panel in report.panels if panel.advice]
        assert cited and all(f'<span lang="nb">{html.escape(one)}</span>' in body for one in cited)
        assert "95 %" not in body or language == "nb"


def said_of(report: Report, language: str) -> list[str]:
    """All words of a report but those that are the charts' alone."""
    words = [report.title, report.subtitle, report.lead, report.made_of]
    for panel in report.panels:
        words += [panel.title, panel.headline, panel.message, panel.place, panel.unit]
        words += [*panel.notes, panel.good_words]
        for mark in panel.marks:
            words += [mark.name, mark.figure.shown, mark.figure.interval]
        for point in panel.trend:
            words += [point.name, point.figure.shown]
        if panel.advice:
            words += [panel.advice.text, panel.advice.source]
        if panel.resistance:
            words.append(panel.resistance.said)
    for row in report.table.rows:
        words += [row.title, *(cell.shown for cell in row.cells)]
    for choice in report.choices:
        words += [part.own.shown for part in choice.parts]
    for section in report.sections:
        words += [section.title, *section.lines]
    words.append(report.definitions_title)
    for one in report.definitions:
        words += [one.name, one.value]
    words += report.table.notes
    return [word.en if language == "en" else word.nb for word in words]


def test_page_and_document_say_the_same(sign_in: Callable[..., Client]) -> None:
    pypdf = pytest.importorskip("pypdf", reason="the reader of PDF is not installed")
    report = a_report()
    learning.keep_reports([report])
    client = sign_in("general-practitioner", DOCTOR)
    page = plain(client.get(reverse("report-year", args=[2025])).content)
    answer = client.get(reverse("report-document", args=[2025]) + "?sprak=nb")
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    again = client.get(reverse("report-document", args=[2025]) + "?sprak=nb")
    assert again.content == answer.content and not answer.has_header("ETag")
    read = pypdf.PdfReader(io.BytesIO(answer.content))
    assert len(read.pages) == 2
    text = re.sub(r"-\s", "-", squeeze(" ".join(one.extract_text() for one in read.pages)))
    for panel in report.panels:
        for mark in panel.marks:
            shown = squeeze(mark.figure.shown.nb)
            assert shown in text and shown in page
        for words in (panel.headline.nb, panel.message.nb):
            assert squeeze(words) in text and squeeze(words) in page
    english = client.get(reverse("report-document", args=[2025]) + "?sprak=en")
    assert english.content != answer.content
    assert 'filename="rak-year-2025-en.pdf"' in english["Content-Disposition"]


@pytest.mark.parametrize("role", READERS)
def test_anothers_number_is_not_there_and_the_attempt_is_logged(
    role: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    learning.keep_reports([a_report(kind, variant, unit), a_report(kind, variant, "999", seed=9)])
    client = sign_in(role, unit)
    for number, name in enumerate(("report-year-of", "report-document-of"), 1):
        answer = client.get(reverse(name, args=[2025, "999"]))
        assert answer.status_code == 404
        assert AccessLogEntry.objects.filter(action="denied", page="report").count() == number
    for number, name in enumerate(("report-goal", "report-remark"), 3):
        answer = client.post(reverse(name, args=[2025]), {"enhet": "999", "feil": "x"})
        assert answer.status_code == 404
        assert AccessLogEntry.objects.filter(action="denied").count() == number
    assert not Goal.objects.exists() and not Remark.objects.exists()
    assert client.get(reverse("report-year-of", args=[2025, unit])).status_code == 200
    assert client.get(reverse("report-year", args=[2019])).status_code == 404
    assert audit.verify() is None


def test_the_same_number_in_another_role_is_another_reader(sign_in: Callable[..., Client]) -> None:
    learning.keep_reports([a_report("rak", "year", DOCTOR)])
    assert sign_in("general-practitioner", DOCTOR).get("/rapport/2025/").status_code == 200
    other = sign_in("out-of-hours-doctor", DOCTOR)
    assert other.get("/rapport/2025/").status_code == 404
    assert other.get("/rapport/2025/?utgave=year").status_code == 404


def test_looks_and_downloads_are_logged_with_their_purpose(sign_in: Callable[..., Client]) -> None:
    learning.keep_reports([a_report()])
    client = sign_in("general-practitioner", DOCTOR)
    client.get("/rapport/")
    client.get("/rapport/2025/rapport.pdf")
    logged = AccessLogEntry.objects.values_list(
        "action", "page", "object_kind", "object_count", "purpose", "area"
    )
    assert list(logged) == [
        ("view", "report", "prescribing report 2025", 1, "quality", DOCTOR),
        ("download", "report", "prescribing report 2025", 1, "quality", DOCTOR),
    ]
    body = sign_in("administrator").get(reverse("access-log")).content.decode()
    assert "forskrivningsrapport for 2025" in body


def test_before_there_is_a_report_the_page_says_so(sign_in: Callable[..., Client]) -> None:
    answer = sign_in("nursing-home-nurse", "190000001").get("/rapport/")
    assert answer.status_code == 200 and "ingen rapport" in plain(answer.content)


def test_an_institutions_number_may_have_its_kind_before_it(
    sign_in: Callable[..., Client],
) -> None:
    learning.keep_reports([a_report("rask", "mixed", "190000001")])
    assert sign_in("nursing-home-leader", "ENH:190000001").get("/rapport/2025/").status_code == 200


def test_years_are_chosen_and_no_number_of_a_doctor_is_in_an_address(
    sign_in: Callable[..., Client],
) -> None:
    learning.keep_reports([a_report(year=year) for year in (2023, 2024, 2025)])
    learning.keep_reports([a_report("rak", "follow-up")])
    client = sign_in("general-practitioner", DOCTOR)
    body = client.get("/rapport/").content.decode()
    for year in (2023, 2024, 2025):
        assert f'href="/rapport/{year}/"' in body
    links = re.findall(r'(?:href|action)="([^"]*)"', body)
    assert not [link for link in links if DOCTOR in link]
    assert 'href="/rapport/2025/?utgave=follow-up"' in body
    half = client.get("/rapport/2025/?utgave=follow-up")
    assert half.status_code == 200
    assert client.get("/rapport/2025/?utgave=doctor").status_code == 404


def test_a_follow_ups_figures_stand_by_its_two_half_years(
    sign_in: Callable[..., Client],
) -> None:
    report = a_report("rak", "follow-up")
    learning.keep_reports([report])
    client = sign_in("general-practitioner", DOCTOR)
    body = squeeze(client.get("/rapport/2025/?utgave=follow-up").content.decode())
    assert "per kvartal" not in body and "Tallene tre og tre måneder" in body
    # A name in a chart may stand on two lines.
    text = squeeze(re.sub(r"<[^>]+>", " ", body))
    found = re.findall(r"(samme måneder |samme månedene )?året før", text, re.IGNORECASE)
    assert len(found) > len(report.panels) and all(found), found
    panel = report.panels[0]
    own, before = (mark.figure.shown.nb for mark in panel.marks[:2])
    rows = re.findall(r'<th scope="row">([^<]*)</th><td class="number">([^<]*)</td>', body)
    rows = [row for row in rows if row[0].endswith((" 2024", " 2025"))][:6]
    assert rows == [
        *((point.name.nb, squeeze(point.figure.shown.nb)) for point in panel.trend[:2]),
        ("Samme måneder året før, juli–desember 2024", squeeze(before)),
        *((point.name.nb, squeeze(point.figure.shown.nb)) for point in panel.trend[2:]),
        ("Etter kurset, juli–desember 2025", squeeze(own)),
    ]


def test_an_out_of_hours_doctor_reads_the_units_report_too(
    own_keys: Path, sign_in: Callable[..., Client]
) -> None:
    write_prescribers(own_keys, [DOCTOR], role="out-of-hours", group="")
    own, unit = a_report("legevakt", "doctor"), a_report("legevakt", "unit", UNIT, seed=5)
    learning.keep_reports([own, unit])
    client = sign_in("out-of-hours-doctor", DOCTOR)
    address = f"/rapport/2025/{UNIT}/?utgave=unit"
    assert f'href="{address}"' in client.get("/rapport/").content.decode()
    answer = client.get(address)
    assert squeeze(unit.panels[0].headline.nb) in plain(answer.content)
    assert AccessLogEntry.objects.order_by("-id")[0].area == UNIT
    document = client.get(f"/rapport/2025/{UNIT}/rapport.pdf?utgave=unit")
    assert document.status_code == 200
    # One who works elsewhere.
    stranger = sign_in("out-of-hours-doctor", OTHER)
    assert stranger.get(address).status_code == 404
    # The unit's goal is the unit's.
    goal(client, unit, enhet=UNIT, utgave="unit")
    assert Goal.objects.get().unit == UNIT


def goal(client: Client, report: Report, **changes: str) -> object:
    given = {
        "utgave": report.variant,
        "indikator": report.panels[0].indicator,
        "mal": "12,5 %",
        "dato": f"{timezone.localdate() + timedelta(days=90):%d.%m.%Y}",
        "hindring": "Travle dager",
        "likevel": "ja",
    }
    return client.post(reverse("report-goal", args=[report.until.year]), given | changes)


@pytest.mark.parametrize("role", READERS)
def test_a_goal_is_picked_and_the_next_report_opens_with_it(
    role: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    report = a_report(kind, variant, unit, year=2024)
    learning.keep_reports([report])
    client = sign_in(role, unit)
    answer = goal(client, report)
    assert answer.status_code == 302  # type: ignore[attr-defined]
    shown = client.get(answer.url)  # type: ignore[attr-defined]
    said = plain(shown.content)
    title = report.panels[0].title.nb
    assert re.search(rf"«{re.escape(title)}» på (høyst|minst) 12,5", said)
    assert "Travle dager" in said and "Målet er lagret" in said
    picked = learning.goal_for(kind, unit, 2025)
    assert picked is not None
    found = invent_findings(kind, variant, 2025, Random(3)) | {"goal": picked}
    following = msgspec.structs.replace(compose(kind, variant, **found, advice={}), unit=unit)
    learning.keep_reports([following])
    assert following.goal is not None
    opened = plain(client.get("/rapport/").content)
    assert squeeze(following.goal.said.nb) in opened
    assert opened.index(squeeze(following.goal.said.nb)) < opened.index(
        squeeze(following.panels[0].headline.nb)
    )


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("role", READERS)
def test_what_has_no_figure_is_said_and_no_empty_chart_is_drawn(
    role: str, language: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    report = a_bare_report(kind, variant, unit)
    learning.keep_reports([report])
    client = sign_in(role, unit)
    client.cookies["django_language"] = language
    body = client.get("/rapport/").content
    said = plain(body)
    assert "report-chart" not in body.decode().split("<main")[1].replace("report-charts", "")
    for panel in report.panels:
        for words in (panel.headline, panel.description, panel.trend_description):
            assert squeeze(getattr(words, language)) in said
    # So too where a goal is picked.
    blind = "ikke noe eget tall nå" if language == "nb" else "no own figure now"
    assert said.count(blind) == len([one for one in report.panels if one.good != "none"])


def test_a_small_groups_report_says_once_why_its_own_figures_are_not_there(
    own_keys: Path, sign_in: Callable[..., Client]
) -> None:
    write_prescribers(own_keys, DOCTORS[:4])
    learning.keep_reports([a_small_groups_report()])
    body = plain(sign_in("peer-group-leader", GROUP).get("/rapport/").content)
    assert body.count("Gruppens samlede tall vises ikke: minst ti leger") == 1
    assert "Ingen prikker er vist" in body and "vises ikke: ingen kvartaler har tall" in body


DONE = [
    ("general-practitioner", "rak", "year", DOCTOR),
    ("out-of-hours-doctor", "legevakt", "doctor", DOCTOR),
    ("out-of-hours-doctor", "legevakt", "unit", UNIT),
    ("nursing-home-leader", "rask", "mixed", "190000001"),
    ("home-care-staff", "home-care", "district", "100000954"),
    ("county-coordinator", "county", "year", "46"),
]


@pytest.mark.parametrize(("role", "kind", "variant", "unit"), DONE)
def test_a_goal_opens_a_report_that_was_made_already_on_the_page_and_in_the_document(
    role: str,
    kind: Kind,
    variant: str,
    unit: str,
    own_keys: Path,
    sign_in: Callable[..., Client],
) -> None:
    """Nobody need make the report anew: sign in, read, pick a goal; the next year's opens with it, page and PDF alike."""
    pypdf = pytest.importorskip("pypdf", reason="the reader of PDF is not installed")
    area = DOCTOR if variant == "unit" else unit
    write_prescribers(own_keys, [DOCTOR], role="out-of-hours", group="")
    first = a_report(kind, variant, unit, year=2024)
    later = a_report(kind, variant, unit, year=2025, seed=4)
    learning.keep_reports([first, later])
    client = sign_in(role, area)
    tail = f"{unit}/" if variant == "unit" else ""
    address = f"/rapport/2025/{tail}?utgave={variant}"
    assert "Målet du valgte" not in plain(client.get(address).content)
    [panel, *_] = [one for one in first.panels if one.good != "none"]
    more = {"enhet": unit} if tail else {}
    answer = goal(client, first, indikator=panel.indicator, **more)
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
    assert Goal.objects.get().unit == unit
    for language in ("nb", "en"):
        client.cookies["django_language"] = language
        page = plain(client.get(address).content)
        begins = "Målet du valgte" if language == "nb" else "The goal you picked"
        assert begins in page
        own = getattr(later.panels[0].headline, language)
        assert page.index(begins) < page.index(squeeze(own))
        document = client.get(f"/rapport/2025/{tail}rapport.pdf?utgave={variant}&sprak={language}")
        text = squeeze(
            " ".join(
                one.extract_text() for one in pypdf.PdfReader(io.BytesIO(document.content)).pages
            )
        )
        picked = learning.goal_for(kind, unit, 2025)
        opened = open_with(later, picked)
        assert opened.goal is not None
        said = squeeze(getattr(opened.goal.said, language))
        assert said in page and said.replace(" ", "") in text.replace(" ", "")
    assert learning.read_report(kind, unit, 2025, variant) == later  # what is kept is as it was


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"indikator": ""}, "indikator"),
        ({"indikator": "ab1"}, "indikator"),
        ({"mal": "mye"}, "mal-tall"),
        ({"mal": "101"}, "mal-tall"),
        ({"mal": "1e400"}, "mal-tall"),
        ({"mal": "٣"}, "mal-tall"),
        ({"dato": "i morgen"}, "dato"),
        ({"dato": "01.01.2020"}, "dato"),
        ({"dato": "31.02.2027"}, "dato"),
        ({"hindring": "Gjelder 01010750160"}, "hindring"),
        ({"hindring": "x" * 1001}, "hindring"),
    ],
)
def test_what_is_wrong_with_a_goal_is_told_beside_it_and_nothing_is_lost(
    changes: dict[str, str], field: str, sign_in: Callable[..., Client]
) -> None:
    report = a_report()
    learning.keep_reports([report])
    answer = goal(sign_in("general-practitioner", DOCTOR), report, **changes)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    body = answer.content.decode()  # type: ignore[attr-defined]
    assert body.count('class="ds-link" href="#') >= 1 and f'href="#{field}"' in body
    assert f'id="{field}"' in body and not Goal.objects.exists()
    kept = {"mal": "12,5 %", "hindring": "Travle dager"} | changes
    kept.pop("indikator", "")
    for value in kept.values():
        assert html.escape(value) in body


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(("far", "asks"), [(1.2, True), (1.0, True), (0.8, False)])
def test_a_goal_no_better_than_the_figure_is_asked_about_before_it_is_kept(
    far: float, asks: bool, language: str, sign_in: Callable[..., Client]
) -> None:
    report = a_report()
    learning.keep_reports([report])
    client = sign_in("general-practitioner", DOCTOR)
    client.cookies["django_language"] = language
    own = report.panels[0].marks[0].figure  # of which lower is better
    assert report.panels[0].good == "lower" and own.value is not None
    amount = f"{own.value * far + 0.0005:.3f}"
    answer = goal(client, report, mal=amount, likevel="")
    if not asks:
        assert answer.status_code == 302 and Goal.objects.count() == 1  # type: ignore[attr-defined]
        return
    assert answer.status_code == 422 and not Goal.objects.exists()  # type: ignore[attr-defined]
    body = answer.content.decode()  # type: ignore[attr-defined]
    said = plain(answer.content)  # type: ignore[attr-defined]
    words = (
        "ikke bedre enn tallet er nå" if language == "nb" else "no better than the figure is now"
    )
    assert words in said and squeeze(getattr(own.shown, language)) in said
    assert f'value="{amount}"' in body and "Travle dager" in body and 'name="likevel"' in body
    assert "må rettes" not in said and "must be put right" not in said
    assert goal(client, report, mal=amount).status_code == 302  # type: ignore[attr-defined]
    assert Goal.objects.count() == 1


def test_an_empty_form_is_answered_with_all_that_is_missing(
    sign_in: Callable[..., Client],
) -> None:
    learning.keep_reports([a_report()])
    client = sign_in("general-practitioner", DOCTOR)
    answer = client.post(reverse("report-goal", args=[2025]))
    assert answer.status_code == 422
    for field in ("indikator", "mal-tall", "dato"):
        assert f'href="#{field}"' in answer.content.decode()


def test_an_error_is_reported_to_the_operator(sign_in: Callable[..., Client]) -> None:
    learning.keep_reports([a_report()])
    client = sign_in("general-practitioner", DOCTOR)
    address = reverse("report-remark", args=[2025])
    for text in ("", "x" * 1001, "Pasient 01010750160"):
        answer = client.post(address, {"feil": text, "utgave": "year"})
        assert answer.status_code == 422 and 'href="#feil"' in answer.content.decode()
    answer = client.post(address, {"feil": "AB3 er for høy", "utgave": "year"})
    assert answer.status_code == 302
    assert "Takk" in plain(client.get(answer.url).content)
    [remark] = learning.list_remarks()
    assert (remark.text, remark.unit, remark.kind) == ("AB3 er for høy", DOCTOR, "rak")


DOCTORS = [f"99000{number:02}" for number in range(1, 11)]


def test_the_leader_sees_dots_of_those_who_agree_alone(
    own_keys: Path, sign_in: Callable[..., Client]
) -> None:
    write_prescribers(own_keys, DOCTORS)
    learning.keep_reports([a_report(unit=one, seed=n) for n, one in enumerate(DOCTORS)])
    learning.keep_reports([a_small_groups_report()])
    leader = sign_in("peer-group-leader", GROUP)
    assert "Ingen prikker er vist" in plain(leader.get("/rapport/").content)
    clients = [sign_in("general-practitioner", doctor) for doctor in DOCTORS[:6]]
    for client in clients:
        assert "Ingen av tallene dine" in plain(client.get("/rapport/").content)
        client.post(reverse("report-consent", args=[2025]), {"samtykke": "ja"})
        assert "prikk uten navn" in plain(client.get("/rapport/").content)
    body = leader.get("/rapport/").content
    assert "de 6 ligger mellom" in plain(body)
    for doctor in DOCTORS:
        assert doctor not in body.decode()
        assert leader.get(f"/rapport/2025/{doctor}/").status_code == 404
    clients[0].post(reverse("report-consent", args=[2025]), {"samtykke": "nei"})
    # Five beside the six that were seen would tell whose the sixth was.
    assert "Ingen prikker er vist" in plain(leader.get("/rapport/").content)
    assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 5


def test_consent_is_asked_of_doctors_in_a_group_alone(
    own_keys: Path, sign_in: Callable[..., Client]
) -> None:
    learning.keep_reports([a_report(), a_report("county", "year", "46")])
    alone = sign_in("general-practitioner", DOCTOR)
    assert 'id="samtykke"' not in alone.get("/rapport/").content.decode()
    write_prescribers(own_keys, [DOCTOR])
    assert 'id="samtykke"' in alone.get("/rapport/").content.decode()
    county = sign_in("county-coordinator", "46")
    assert 'id="samtykke"' not in county.get("/rapport/").content.decode()
    address = reverse("report-consent", args=[2025])
    assert county.post(address, {"samtykke": "ja"}).status_code == 404
    assert alone.post(address, {"samtykke": "kanskje"}).status_code == 404
    assert not Consent.objects.exists()


def test_advice_and_resistance_lead_to_the_pages_of_the_house(
    sign_in: Callable[..., Client],
) -> None:
    report = a_report()
    learning.keep_reports([report, a_report("rask", "mixed", "190000001")])
    doctor = sign_in("general-practitioner", DOCTOR)
    body = doctor.get("/rapport/").content.decode()
    links = re.findall(r'href="(/antibiotika/[^"]+\?dato=2025-12-31)"', body)
    assert len(links) == sum(panel.advice is not None for panel in report.panels) > 0
    for link in links:
        assert doctor.get(link).status_code == 200
    assert '<p class="report-resistance">' in body and 'href="/resistens/">Se resistens' in body
    home = sign_in("nursing-home-leader", "190000001").get("/rapport/").content.decode()
    assert "Se resistens" not in home  # its role has no such page


WHO_READS_TOO = {
    "nursing-home-leader": ("sykehjemmets ledere og sykepleiere", "leaders and nurses"),
    "nursing-home-nurse": ("sykehjemmets ledere og sykepleiere", "leaders and nurses"),
    "home-care-staff": ("de ansatte i hjemmetjenesten", "staff of the home-care service"),
    "peer-group-leader": ("den som leder gruppen", "whoever leads the group"),
    "county-coordinator": ("fylkeskoordinatorene i fylket", "the county's coordinators"),
}
ALONE = ("For deg selv:", "For yourself:")


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("role", READERS)
def test_whoever_writes_of_what_stands_in_the_way_is_told_who_reads_it(
    role: str, language: str, sign_in: Callable[..., Client]
) -> None:
    kind, variant, unit = READERS[role]
    learning.keep_reports([a_report(kind, variant, unit)])
    client = sign_in(role, unit)
    client.cookies["django_language"] = language
    said = plain(client.get(reverse("report")).content)
    at = language == "en"
    assert WHO_READS_TOO.get(role, ALONE)[at] in said
    assert (ALONE[at] in said) == (role not in WHO_READS_TOO)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_what_is_written_into_a_units_report_is_read_by_its_doctors(
    language: str, own_keys: Path, sign_in: Callable[..., Client]
) -> None:
    write_prescribers(own_keys, [DOCTOR, OTHER], role="out-of-hours", group="")
    unit = a_report("legevakt", "unit", UNIT)
    learning.keep_reports([a_report("legevakt", "doctor"), unit])
    client = sign_in("out-of-hours-doctor", DOCTOR)
    client.cookies["django_language"] = language
    address = f"/rapport/2025/{UNIT}/?utgave=unit"
    said = plain(client.get(address).content)
    told = ("legene som arbeider på legevakten", "the doctors who work at the unit")
    assert told[language == "en"] in said and ALONE[language == "en"] not in said
    assert ALONE[language == "en"] in plain(client.get("/rapport/2025/?utgave=doctor").content)
    # So it is: another of them reads it.
    goal(client, unit, enhet=UNIT, utgave="unit")
    other = plain(sign_in("out-of-hours-doctor", OTHER).get(address).content)
    assert "Travle dager" in other


def test_every_kind_has_readers() -> None:
    assert {kind for kind, _variant, _unit in READERS.values()} == set(kinds())


def test_an_address_of_a_form_alone_leads_to_the_report(sign_in: Callable[..., Client]) -> None:
    learning.keep_reports([a_report()])
    client = sign_in("general-practitioner", DOCTOR)
    for name, place in (
        ("report-goal", "mal"),
        ("report-remark", "feilmelding"),
        ("report-consent", "samtykke"),
    ):
        answer = client.get(reverse(name, args=[2025]))
        assert (answer.status_code, answer.url) == (302, f"/rapport/2025/?utgave=year#{place}")
