"""The clinician's notification: filled in, refused with every fault, kept, and nothing of the patient let out."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from messages.numbers import some_number
from varde.access import audit
from varde.access.models import AccessLogEntry
from varde.access.roles import AreaMissing
from varde.cases import disease_named
from varde.messages import read
from varde.messages.klinikermelding.lists import code_lists
from varde.messages.records import Notification as Stated
from varde.register import Door, open_register
from varde.register.log import read as read_log
from varde.register.models import Message, Notification, Report
from varde.web.forms import notification
from varde.web.forms.choices import diseases, english_words
from varde.web.forms.handing_in import Sender, new_number, read_number, sender_of
from varde.web.intake import doors
from web.forms.pages import Site, complaints, hidden, value_of

NUMBER = some_number()
DISEASE, SAMPLED = "diagnoseforhold.diagnose", "diagnoseforhold.provedato"
UNNUMBERED = {
    "pasient.fodselsnummer": "",
    "pasient.fornavn": "Ingeborg-Vilde",
    "pasient.etternavn": "Østensdatter",
    "pasient.fodselsdato": "17.3.1984",
    "pasient.kjonn": "2",
}
"""A patient without a number, such as a tourist."""
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
YESTERDAY = f"{timezone.localdate() - timedelta(days=1):%d.%m.%Y}"


def good(**more: Any) -> dict[str, Any]:
    return {
        "pasient.fodselsnummer": NUMBER,
        "pasient.bosted": "0301",
        DISEASE: "Salmonellose",
        SAMPLED: YESTERDAY,
        **more,
    }


def send(site: Site, answers: dict[str, Any], role: str = "clinician") -> Any:
    client = site.sign_in(role)
    number = hidden(client, "notification", "nummer")
    return client.post(reverse("notification"), {"nummer": number, **answers})


def test_the_form_opens_for_those_who_notify_and_is_kept_by_no_cache(site: Site) -> None:
    for role in ("clinician", "general-practitioner", "municipal-doctor"):
        answer = site.sign_in(role).get(reverse("notification"))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
    assert '<option value="0301" selected' in answer.content.decode()  # the doctor's municipality
    assert site.sign_in("laboratory-contact").get(reverse("notification")).status_code == 403
    assert site.sign_in("clinician", "").get(reverse("notification")).status_code == 403


def test_every_fault_is_beside_its_field_and_nothing_typed_is_lost(site: Site) -> None:
    before = Message.objects.count()
    typed = {
        "pasient.fodselsnummer": NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10),
        "pasient.fodselsdato": "31.02.1980",
        "diagnoseforhold.innsykningsdato": "01.01.2090",
        "diagnoseforhold.indikasjon": "77",
        "diagnoseforhold.underliggendeSykdom": ["04", "55"],
        "diagnoseforhold.annenKlinikk": "<b>hoste</b>",
        SAMPLED: "i går",
    }
    answer = send(site, typed)
    assert answer.status_code == 422 and Message.objects.count() == before
    assert set(complaints(answer)) == {
        "f-pasient-fodselsnummer",
        "f-pasient-fodselsdato",
        "f-diagnoseforhold-diagnose",
        "f-diagnoseforhold-innsykningsdato",
        "f-diagnoseforhold-indikasjon",
        "f-diagnoseforhold-underliggendeSykdom",
        "f-diagnoseforhold-provedato",
    }
    for name in ("pasient.fodselsnummer", "pasient.fodselsdato", SAMPLED):
        assert value_of(answer, name) == typed[name]
    body = answer.content.decode()
    assert 'value="04" checked' in body and "&lt;b&gt;hoste&lt;/b&gt;</textarea>" in body
    assert 'id="faults" tabindex="-1" autofocus' in body
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"pasient.fodselsnummer": ""}, "f-pasient-fodselsnummer"),
        ({**UNNUMBERED, "pasient.fodselsdato": ""}, "f-pasient-fodselsdato"),
        ({**UNNUMBERED, "pasient.kjonn": ""}, "f-pasient-kjonn"),
        ({**UNNUMBERED, "pasient.fornavn": ""}, "f-pasient-fornavn"),
        ({**UNNUMBERED, "pasient.etternavn": " "}, "f-pasient-etternavn"),
        ({"pasient.fodselsdato": "18.03.1984"}, "f-pasient-fodselsdato"),
        ({"pasient.kjonn": "1"}, "f-pasient-kjonn"),
        ({DISEASE: ""}, "f-diagnoseforhold-diagnose"),
        ({DISEASE: "Forkjølelse"}, "f-diagnoseforhold-diagnose"),
        ({DISEASE: "Influensa"}, "f-diagnoseforhold-diagnose"),
        ({DISEASE: "Salmonellose og annet"}, "f-diagnoseforhold-diagnose"),
        ({DISEASE: "99999"}, "f-diagnoseforhold-diagnose"),
        ({SAMPLED: "17.03.1983"}, "f-pasient-fodselsdato"),
        (
            {"diagnoseforhold.innsykningsdato": YESTERDAY, "diagnoseforhold.dodsdato": "1.1.2020"},
            "f-diagnoseforhold-dodsdato",
        ),
        ({DISEASE: "713", "diagnoseforhold.smittestoff": "2000"}, "f-diagnoseforhold-smittestoff"),
        ({"rekvirent.hprNummer": "12"}, "f-rekvirent-hprNummer"),
    ],
)
def test_one_fault_is_one_complaint(site: Site, answers: dict[str, str], field: str) -> None:
    answer = send(site, good(**answers))
    assert answer.status_code == 422
    assert list(complaints(answer)) == [field]


@pytest.mark.parametrize(
    "disease", ["Medfødt syfilis", "salmonellose", "CRS", "Salmonella-enteritt", "713"]
)
def test_a_disease_by_another_name_or_code_is_one_of_the_list(disease: str) -> None:
    known = disease_named(disease) is not None
    assert bool(notification.find_disease_fault({DISEASE: [disease]})) is not known


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            {
                **UNNUMBERED,
                "pasient.fodselsdato": "1.2.1980",
                "diagnoseforhold.dodsdato": "20.11.1970",
            },
            "Dødsdato: Kan ikke være før fødselsdato (01.02.1980).",
        ),
        (
            {"diagnoseforhold.dodsdato": "20.11.1970"},
            "Dødsdato: Kan ikke være før fødselsdatoen i fødselsnummeret (17.03.1984).",
        ),
        (
            {
                "diagnoseforhold.innsykningsdato": "03.02.2025",
                "diagnoseforhold.dodsdato": "1.2.2025",
            },
            "Dødsdato: Kan ikke være før dato for første symptomer (03.02.2025).",
        ),
        (
            {"rekvirent.hprNummer": "12"},
            "HPR-nummer: Dette kan ikke leses. Skriv det som i dette eksemplet: 9876543.",
        ),
        (
            {"pasient.fodselsdato": "17.3.84"},
            "Fødselsdato: Skriv årstallet med fire sifre, for eksempel 21.11.1945.",
        ),
    ],
)
def test_a_fault_names_the_other_answer_and_says_how_to_write(
    site: Site, answers: dict[str, str], said: str
) -> None:
    assert list(complaints(send(site, good(**answers))).values()) == [said]


def test_a_year_of_two_digits_is_understood_where_its_century_is_certain(site: Site) -> None:
    short = f"{timezone.localdate() - timedelta(days=1):%d.%m.%y}"
    answer = send(site, good(**{SAMPLED: short, DISEASE: ""}))
    assert list(complaints(answer)) == ["f-diagnoseforhold-diagnose"]
    assert value_of(answer, SAMPLED) == YESTERDAY


def withdraw(client: Any, url: str, reason: str = "wrong") -> Any:
    return client.post(url, {"grunn": reason})


def test_a_notification_is_withdrawn_with_a_reason(site: Site) -> None:
    client = site.sign_in("clinician")
    url = send(site, good()).url
    report = Report.objects.latest("id")
    page = client.get(url).content.decode()
    assert "Trekk det tilbake" in page
    assert withdraw(client, url, "").status_code == 422
    assert not Report.objects.get(id=report.id).cancelled
    done = withdraw(client, url)
    assert done.status_code == 302 and Report.objects.get(id=report.id).cancelled
    for each in (url, done.url):
        page = client.get(each).content.decode()
        assert "Det er trukket tilbake" in page and 'name="grunn"' not in page
    last = AccessLogEntry.objects.filter(action="hand-in").latest("id")
    assert (last.object_kind, last.purpose) == (
        "withdrawal",
        "Trukket tilbake: gjaldt feil pasient, avdeling eller operasjon",
    )
    assert withdraw(client, url).status_code == 422  # there is nothing left
    assert withdraw(site.sign_in("clinician", "STO"), url).status_code == 404


def test_what_a_place_has_handed_in_is_listed_newest_first(site: Site) -> None:
    client = site.sign_in("general-practitioner", "praksis-9")
    page = reverse("notification-handed-in")
    assert "Ingenting er levert" in client.get(page).content.decode()
    urls = []
    for _ in range(2):
        number = hidden(client, "notification", "nummer")
        urls.append(client.post(reverse("notification"), good(nummer=number)).url)
    withdraw(client, urls[0])
    body = client.get(page).content.decode()
    assert body.index(f'href="{urls[1]}"') < body.index(f'href="{urls[0]}"')
    for said in ("Trukket tilbake", "Tilbaketrekking av noe", "Kom inn"):
        assert body.count(said) == 1, said
    assert NUMBER not in body
    assert urls[0] not in site.sign_in("clinician").get(page).content.decode()
    assert page in client.get(reverse("notification")).content.decode()


def test_the_names_of_a_patient_without_number_stay_in_the_sealed_message(site: Site) -> None:
    answer = send(site, good(**UNNUMBERED))
    assert answer.status_code == 302
    message = int(answer.url.rstrip("/").rpartition("/")[2])
    [kept] = read_log([message], open_register(site.home).sealer)
    assert "Ingeborg-Vilde" in kept.data.decode()
    page = site.sign_in("clinician").get(answer.url).content.decode()
    connection.cursor().execute("PRAGMA wal_checkpoint")
    stored = b"".join(file.read_bytes() for file in site.home.rglob("varde.sqlite3*"))
    for name in ("Ingeborg-Vilde", "Østensdatter"):
        assert name not in page and name.encode() not in stored


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            {DISEASE: "Botulisme", "annen-sykdom": "Pest"},
            "Annen sykdom: Det er også valgt en sykdom i listen. Tøm den ene: en melding gjelder én sykdom.",
        ),
        (
            {"diagnoseforhold.underliggendeSykdom": ["98", "04"]},
            "Underliggende sykdommer: «Ingen underliggende sykdom» går ikke sammen med et annet svar.",
        ),
        (
            {"diagnoseforhold.erInnlagtPaaSykehus": "2", "diagnoseforhold.sykehus": "Fjordby"},
            "Hvilket sykehus: Svaret over er nei. Tøm dette feltet, eller endre svaret til ja.",
        ),
        (
            {
                "diagnoseforhold.erInnlagtPaaSykehjem": "2",
                "diagnoseforhold.sykehjemNavn": "Fjordly",
            },
            "Hvilket sykehjem: Svaret over er nei. Tøm dette feltet, eller endre svaret til ja.",
        ),
        (
            {
                "diagnoseforhold.utfallAvSykdommen": "frisk",
                "diagnoseforhold.dodsdato": YESTERDAY,
            },
            "Utfall: Det står en dødsdato, og den går ikke sammen med dette utfallet.",
        ),
        (
            {SAMPLED: ""},
            "Dato for første symptomer: Fyll inn dato for første symptomer, for prøven eller for dødsfallet: "
            "minst én av dem.",
        ),
    ],
)
def test_answers_that_contradict_each_other_are_told_in_words(
    site: Site, answers: dict[str, Any], said: str
) -> None:
    before = Message.objects.count()
    assert list(complaints(send(site, good(**answers))).values()) == [said]
    assert Message.objects.count() == before


@pytest.mark.parametrize(
    "name",
    [
        field.name
        for part in notification.sections(NOW.date())
        for field in part.fields
        if field.kind in ("text", "words") and not field.identity
    ],
)
def test_an_identity_number_in_a_free_text_is_refused_at_the_field(site: Site, name: str) -> None:
    before = Message.objects.count()
    answer = send(
        site, good(**{DISEASE: "", "annen-sykdom": "Pest", name: f"ved {NUMBER[:6]} {NUMBER[6:]}"})
    )
    assert answer.status_code == 422 and Message.objects.count() == before
    [(where, said)] = complaints(answer).items()
    assert where == "f-" + name.replace(".", "-")
    assert "fødselsnummer" in said or name == "rekvirent.hprNummer"


def test_what_has_no_whole_list_is_suggested_and_sent_in_bokmal(site: Site) -> None:
    client = site.sign_in("clinician")
    body = client.get(reverse("notification")).content.decode()
    for said in ('list="agents"', '<option value="Salmonella enterica">', '<option value="Frisk">'):
        assert said in body
    values = {DISEASE: ["Malaria"], "pasient.kjonn": ["2"]}
    words = {
        "diagnoseforhold.utfallAvSykdommen": ["still ill"],
        "antattSmittemate.smittemate": ["Air or droplets"],
    }
    data = notification.write(values | words, Sender("FORM:OUS", "OUS"), "N1", NOW)
    [record] = read(data, None, NOW)
    assert isinstance(record, Stated) and record.outcome and record.transmission
    assert (record.outcome.text, record.transmission.code) == ("Fortsatt syk", "70")


def test_a_notification_comes_in_and_has_a_receipt(site: Site) -> None:
    more = {
        "diagnoseforhold.smittestoff": "Salmonella Enteritidis",
        "diagnoseforhold.underliggendeSykdom": ["04", "07"],
        "smitteforhold.smittested": "80007:137",
        "rekvirent.hprNummer": "9999999",
    }
    answer = send(site, good(**more), "general-practitioner")
    assert answer.status_code == 302 and NUMBER not in answer.url
    client = site.sign_in("general-practitioner")
    receipt = client.get(answer.url)
    assert receipt.status_code == 200 and "Det har kommet inn" in receipt.content.decode()
    assert NUMBER not in receipt.content.decode()
    report = Report.objects.filter(sender="FORM:PRAKSIS-1").latest("id")
    row = Notification.objects.get(id=report.id)
    assert (row.diagnosis, row.agent) == ("Salmonellose", "Salmonella Enteritidis")
    assert (row.underlying, row.infected_in, report.municipality) == ("04,07", "137", "0301")
    assert report.person is not None


def test_the_message_that_is_kept_says_what_was_filled_in(site: Site) -> None:
    url = send(site, good(**{"rekvirent.hprNummer": "9999999"})).url
    message = int(url.rstrip("/").rpartition("/")[2])
    [kept] = read_log([message], open_register(site.home).sealer)
    [record] = read(kept.data, None, kept.received_at)
    assert isinstance(record, Stated)
    assert record.patient.identifier is not None and record.patient.identifier.value == NUMBER
    assert (record.sender, record.requester) == ("FORM:OUS", "HPR:9999999")
    assert record.diagnosis.text == "Salmonellose"
    assert (kept.submitter, kept.kind) == ("FORM:OUS", "notification")


def test_the_identity_number_is_nowhere_but_in_the_sealed_message(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    faulty = send(site, good(**{SAMPLED: "x"}))
    taken = send(site, good())
    client = site.sign_in("clinician")
    assert (
        faulty.status_code == 422 and NUMBER in faulty.content.decode()
    )  # only on the page itself
    assert NUMBER not in str(dict(client.session)) + str(client.cookies) + caplog.text + taken.url
    entries = list(AccessLogEntry.objects.values_list())
    assert NUMBER not in str(entries)
    connection.cursor().execute("PRAGMA wal_checkpoint")
    stored = b"".join(file.read_bytes() for file in site.home.rglob("varde.sqlite3*"))
    assert len(stored) > 10_000 and NUMBER.encode() not in stored


def test_handing_in_is_in_the_access_log(site: Site) -> None:
    send(site, good())
    last = AccessLogEntry.objects.latest("id")
    assert (last.action, last.page, last.object_kind) == ("hand-in", "notification", "notification")
    assert (last.object_count, last.role) == (1, "clinician") and "MSIS" in last.purpose
    assert audit.verify() is None


def test_the_same_form_sent_again_put_right_replaces_the_first(site: Site) -> None:
    client = site.sign_in("clinician")
    number = hidden(client, "notification", "nummer")
    before = Report.objects.count()
    for disease in ("Gonoré", "Syfilis"):
        client.post(reverse("notification"), good(**{"nummer": number, DISEASE: disease}))
    assert Report.objects.count() == before + 1
    report = Report.objects.latest("id")
    assert report.report_ref == number.partition(":")[0]
    assert Notification.objects.get(id=report.id).diagnosis == "Syfilis"


def test_nobody_takes_the_number_of_somebody_elses_notification(site: Site) -> None:
    number = hidden(site.sign_in("clinician"), "notification", "nummer")
    client = site.sign_in("general-practitioner")
    client.post(reverse("notification"), good(nummer=number))
    assert Report.objects.latest("id").report_ref != number.partition(":")[0]


def test_a_number_is_read_back_by_its_user_alone() -> None:
    anna, kari = SimpleNamespace(pk=1), SimpleNamespace(pk=2)
    signed = new_number(anna)
    assert signed.startswith(f"{read_number(anna, signed)}:")
    assert read_number(kari, signed) is None and read_number(anna, signed + "x") is None


def test_a_receipt_is_for_the_place_that_sent(site: Site) -> None:
    url = send(site, good()).url
    assert site.sign_in("clinician").get(url).status_code == 200
    assert site.sign_in("clinician", "STO").get(url).status_code == 404
    for wrong in ("x", "1-x", "999999", "1-2-3-4-5"):
        address = reverse("notification-receipt", args=[wrong])
        assert site.sign_in("clinician").get(address).status_code == 404, wrong


def test_when_the_door_is_closed_nothing_typed_is_lost(site: Site) -> None:
    client = site.sign_in("clinician")
    usual = doors.door("notification")
    closed = Door(usual.register, usual.clock)
    assert closed.close(10)
    doors._all()._open["default"] = closed
    try:
        answer = send(site, good())
    finally:
        doors._all()._open["default"] = usual
    assert answer.status_code == 503
    assert value_of(answer, "pasient.fodselsnummer") == NUMBER
    assert "Ingenting på siden er tapt" in answer.content.decode()
    assert client.get(reverse("notification")).status_code == 200


@pytest.mark.parametrize(
    ("role", "area", "key"),
    [
        ("clinician", "OUS", "FORM:OUS"),
        ("general-practitioner", "praksis 1, Ås", "FORM:PRAKSIS-1-AS"),
        ("general-practitioner", "ENH:985626154", "ENH:985626154"),
        ("clinician", "HER:91843", "HER:91843"),
        ("clinician", "RSH:4204", "FORM:RSH-4204"),
        ("municipal-doctor", "0301", "FORM:0301"),
        ("clinician", "å" * 90, "FORM:" + "A" * 40),
    ],
)
def test_the_sender_of_a_place_is_one_that_the_reader_takes(role: str, area: str, key: str) -> None:
    sender = sender_of(SimpleNamespace(role=role, area=area, display_name=""))
    assert sender.key == key
    data = notification.write({DISEASE: ["Malaria"], "pasient.kjonn": ["1"]}, sender, "N1", NOW)
    [record] = read(data, None, NOW)
    assert isinstance(record, Stated) and record.sender == key


@pytest.mark.parametrize(
    ("role", "area"), [("clinician", ""), ("clinician", "…"), ("epidemiologist", "X"), ("x", "X")]
)
def test_who_speaks_for_no_place_sends_nothing(role: str, area: str) -> None:
    with pytest.raises(AreaMissing):
        sender_of(SimpleNamespace(role=role, area=area, display_name=""))


def test_every_answer_that_is_offered_is_taken() -> None:
    sender = Sender("FORM:OUS", "OUS")
    asked = [field for part in notification.sections(NOW.date()) for field in part.fields]
    offered = 0
    for field in asked:
        for choice in (choice for group in field.groups for choice in group.choices):
            values = {DISEASE: ["Malaria"], "pasient.kjonn": ["2"], field.name: [choice.value]}
            [record] = read(notification.write(values, sender, "N1", NOW), None, NOW)
            assert isinstance(record, Stated), (field.name, choice)
            offered += 1
    assert offered > 900  # 357 municipalities stand in two of the lists


def test_words_stand_where_not_all_codes_are_known() -> None:
    values = {
        "annen-sykdom": ["Apekopper"],
        "pasient.kjonn": ["2"],
        "antattSmittemate.smittemate": ["Mat"],
        "diagnoseforhold.utfallAvSykdommen": ["frisk"],
    }
    data = notification.write(values, Sender("FORM:OUS", "OUS"), "N1", NOW)
    [record] = read(data, None, NOW)
    assert isinstance(record, Stated) and record.transmission and record.outcome
    assert (record.diagnosis.code, record.diagnosis.text) == ("", "Apekopper")
    assert (record.transmission.text, record.outcome.text) == ("Mat", "Frisk")


def test_every_answer_has_english_words() -> None:
    with translation.override("en"):
        parts = notification.sections(NOW.date())
    left = {
        str(choice.words)
        for part in parts
        for field in part.fields
        for group in field.groups
        for choice in group.choices
        if choice.language and not choice.value.startswith("80006:") and len(choice.value) != 4
    }
    assert left == set()
    for number, words in english_words().items():
        assert set(words) <= set(code_lists()[number].texts), number
    assert len({nb for nb, _ in diseases()}) == len(diseases()) == len({en for _, en in diseases()})


@pytest.mark.parametrize(
    "sign", ["\v", "\x07", "\x1f", "\x00", "\u2028", "\x85", "\u202e", "\ufeff"]
)
def test_signs_that_nobody_sees_stop_no_notification(site: Site, sign: str) -> None:
    before = Message.objects.count()
    said = {
        "diagnoseforhold.annenKlinikk": f"Hoste{sign}i to uker",
        "rekvirent.virksomhet": f"Fjordby{sign}legekontor",
    }
    answer = send(site, good(**said))
    assert answer.status_code == 302, complaints(answer)
    assert Message.objects.count() == before + 1
    sealer = open_register(site.home).sealer
    [(_, data, *_)] = read_log([Message.objects.order_by("-id")[0].id], sealer)
    text = data.decode()
    assert sign not in text and ("Hoste\\ni to uker" in text or "Hostei to uker" in text)


def test_a_number_is_found_whatever_stands_between_its_digits(site: Site) -> None:
    typed = f"Mor har {NUMBER[:6]}\x07{NUMBER[6:]}"
    answer = send(site, good(**{"diagnoseforhold.annenKlinikk": typed}))
    assert list(complaints(answer)) == ["f-diagnoseforhold-annenKlinikk"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pasient.bosted", "abc"),
        ("pasient.bosted", "9999"),
        ("pasient.bosted", "0301 "),
        ("smitteforhold.smittested", "bogus"),
        ("smitteforhold.smittested", "80007:999"),
    ],
)
def test_an_answer_that_is_not_on_its_list_is_said_at_its_field(
    site: Site, name: str, value: str
) -> None:
    answer = send(site, good(**{name: value}))
    if value.strip() == "0301":
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert list(complaints(answer)) == [f"f-{name.replace('.', '-')}"]
