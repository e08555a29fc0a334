"""What was sent is opened again, put right and sent: it stays one thing in the register, with a new version."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messages.numbers import some_number
from varde.access import audit
from varde.access.models import AccessLogEntry
from varde.messages import read, read_cells, read_notification_values
from varde.register import AsSent, open_register, pseudonyms_of
from varde.register.log import read as read_log
from varde.register.models import Item, Message, Notification, Report, Surgery, Treatment
from varde.web.forms import notification, surgery
from varde.web.forms.handing_in import Sender
from varde.web.forms.refilling import notification_answers, row_answers
from varde.web.look_words import say_what
from varde.web.registers import the_register
from web.forms.pages import Site, hidden, value_of

NUMBER = some_number()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = timezone.localdate()
YESTERDAY = f"{TODAY - timedelta(days=1):%d.%m.%Y}"
DISEASE = "diagnoseforhold.diagnose"
SITUATION = "antattSmittemate.smittesituasjon"
NOTIFIED = {
    "pasient.fodselsnummer": NUMBER,
    "pasient.bosted": "0301",
    DISEASE: "Salmonellose",
    "diagnoseforhold.provedato": YESTERDAY,
    "diagnoseforhold.underliggendeSykdom": ["04", "07"],
    "diagnoseforhold.sykehus": "Fjordby sykehus",
    "smitteforhold.smittested": "80007:137",
    SITUATION: "Spiste på\r\nen stand",
    "rekvirent.navn": "Lege Legesen",
}


def notify(client: Client, **more: Any) -> str:
    number = hidden(client, "notification", "nummer")
    answer = client.post(reverse("notification"), {**NOTIFIED, **more, "nummer": number})
    assert answer.status_code == 302
    return str(answer.url)


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def open_again(client: Client, kind: str, number: str, purpose: str = "wrong") -> Any:
    return client.post(reverse(f"{kind}-correct"), {"nummer": number, "formal": purpose})


def from_receipt(client: Client, url: str, kind: str) -> Any:
    return open_again(client, kind, field_of(client.get(url).content.decode(), "nummer"))


def service_type(url: str) -> str:
    message = int(url.rstrip("/").rpartition("/")[2].split("-")[0])
    return Item.objects.filter(id__gte=message * 2**20).order_by("id")[0].service_type


def test_a_notification_put_right_stays_one_notification(site: Site) -> None:
    client = site.sign_in("clinician", "Rettesykehuset")
    url = notify(client)
    before = Report.objects.filter(kind="notification").count()
    page = from_receipt(client, url, "notification")
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    body = unescape(page.content.decode())
    assert "Det du sender nå, erstatter alt sammen" in body
    for name in ("pasient.fodselsnummer", "diagnoseforhold.sykehus", "rekvirent.navn"):
        assert value_of(page, name) == NOTIFIED[name]
    assert (
        '<option value="80007:137" selected>' in body and "Spiste på\r\nen stand</textarea>" in body
    )
    assert body.count(" checked>") == 2
    entry = AccessLogEntry.objects.latest("id")
    assert (entry.action, entry.page, entry.object_count) == ("view", "notification", 1)
    # A look at the person it is about, for which there is a purpose of its own.
    assert entry.object_kind == "notification as sent" and entry.about and entry.purpose
    assert NUMBER not in str(list(AccessLogEntry.objects.values_list()))
    answers = {**NOTIFIED, DISEASE: "Shigellose", "nummer": field_of(body, "nummer")}
    wrong = client.post(reverse("notification"), {**answers, DISEASE: ""})
    assert "Rett en melding" in wrong.content.decode()  # also with faults
    done = client.post(reverse("notification"), answers)
    assert done.status_code == 302
    assert Report.objects.filter(kind="notification").count() == before
    report = Report.objects.filter(sender="FORM:RETTESYKEHUSET").get()
    assert Notification.objects.get(id=report.id).diagnosis == "Shigellose"
    message = int(done.url.rstrip("/").rpartition("/")[2])
    [kept] = read_log([message], open_register(site.home).sealer)
    [record] = read(kept.data, None, kept.received_at)
    assert (record.service_type, record.report_id) == ("M", report.report_ref)
    old, new = (client.get(each).content.decode() for each in (url, done.url))
    assert f'<dt>Erstatter</dt><dd><a class="ds-link" href="{url}">' in new
    assert "Det er erstattet av en nyere utgave" in old and f'href="{done.url}"' in old
    listed = client.get(reverse("notification-handed-in")).content.decode()
    assert listed.count(">Erstattet<") == 1
    assert re.findall(r'href="([^"]+)#rett"', listed) == [done.url] and 'id="rett"' in new
    assert f"Shigellose, {YESTERDAY}" in listed and f"Shigellose, {YESTERDAY}" in new


def test_what_was_sent_is_opened_by_its_own_place_for_a_purpose_and_while_it_stands(
    site: Site,
) -> None:
    client = site.sign_in("clinician", "Rettesykehuset 2")
    url = notify(client)
    number = field_of(client.get(url).content.decode(), "nummer")
    seen = AccessLogEntry.objects.filter(object_kind__startswith="raw item").count()
    for who, purpose in (
        (client, ""),
        (client, "curiosity"),
        (site.sign_in("clinician", "STO"), "wrong"),
        (site.sign_in("general-practitioner"), "wrong"),
    ):
        page = open_again(who, "notification", number, purpose)
        assert page.status_code == 422 and NUMBER not in page.content.decode()
        assert 'id="faults" tabindex="-1" autofocus' in page.content.decode()
    assert client.get(reverse("notification-correct")).status_code == 405
    client.post(url, {"grunn": "twice"})
    assert open_again(client, "notification", number).status_code == 422
    assert 'id="rett"' not in client.get(url).content.decode()
    assert AccessLogEntry.objects.filter(object_kind__startswith="raw item").count() == seen


def test_whoever_opens_a_sent_form_has_looked_at_the_person(site: Site) -> None:
    client = site.sign_in("general-practitioner", "praksis-innsyn")
    number = field_of(client.get(notify(client)).content.decode(), "nummer")
    pseudonym = the_register().context.pseudonym
    before = list(audit.list_looks(pseudonyms_of(NUMBER, pseudonym)))  # others may have looked
    assert open_again(client, "notification", number).status_code == 200
    [look] = [
        each
        for each in audit.list_looks(pseudonyms_of(NUMBER, pseudonym))
        if each.sequence not in {earlier.sequence for earlier in before}
    ]
    assert (look.actor, look.action) == ("general-practitioner-praksis-innsyn", "view")
    assert say_what(look.what) == "et meldeskjema om deg som var sendt"
    assert look.purpose == "Helsehjelp til personen"


def operation(number: str, **more: str) -> dict[str, str]:
    return {
        "report_id": number,
        "hospital": "974589095",
        "procedure": "NFB30",
        "operated": f"{TODAY - timedelta(days=40):%d.%m.%Y}",
        "patient": NUMBER,
        "asa": "2",
        "urgent": "nei",
        **more,
    }


def test_a_follow_up_is_fetched_by_the_number_of_the_operation(site: Site) -> None:
    client = site.sign_in("hospital-infection-control", "Rettesykehuset 3")
    assert client.post(reverse("surgery"), operation("OP-1")).status_code == 302
    assert "Følg opp eller rett" in client.get(reverse("surgery")).content.decode()
    page = open_again(client, "surgery", " OP-1 ", "more")
    for name, value in operation("OP-1").items():
        if name not in ("asa", "urgent"):
            assert value_of(page, name) == value
    body = page.content.decode()
    assert '<option value="2" selected>' in body and 'value="nei" checked' in body
    follow_up = {"follow_up": YESTERDAY, "at_follow_up": "none", "retter": field_of(body, "retter")}
    done = client.post(reverse("surgery"), operation("OP-1", **follow_up))
    assert done.status_code == 302
    [report] = Report.objects.filter(sender="FORM:RETTESYKEHUSET-3")
    assert Surgery.objects.get(id=report.id).at_follow_up == "none"
    shown = client.get(done.url).content.decode()
    assert f"NFB30, Hofteprotese, total, {operation('')['operated']}" in shown
    unknown = open_again(client, "surgery", "OP-9")
    assert unknown.status_code == 422 and 'value="OP-9"' in unknown.content.decode()


def test_an_operation_sent_under_a_wrong_number_is_put_right(site: Site) -> None:
    client = site.sign_in("hospital-infection-control", "Rettesykehuset 4")
    client.post(reverse("surgery"), operation("OP-X"))
    signed = field_of(open_again(client, "surgery", "OP-X").content.decode(), "retter")
    done = client.post(reverse("surgery"), operation("OP-2", retter=signed))
    assert done.status_code == 302 and done.url.count("-") == 1
    reports = Report.objects.filter(sender="FORM:RETTESYKEHUSET-4")
    assert {each.report_ref: each.cancelled for each in reports} == {
        "operasjon/OP-X": True,
        "operasjon/OP-2": False,
    }
    # What another person signed, and what is signed by nobody, withdraws nothing.
    other = site.sign_in("hospital-infection-control", "Rettesykehuset 5")
    for each in (signed, "OP-2"):
        other.post(reverse("surgery"), operation("OP-3", retter=each))
    assert not Report.objects.get(report_ref="operasjon/OP-2").cancelled


def test_a_ward_put_right_keeps_its_prescriptions_and_may_change_its_day(site: Site) -> None:
    client = site.sign_in("hospital-infection-control", "Rettesykehuset 6")
    ward = {
        "rader": "5",
        "surveyed": YESTERDAY,
        "institution": "974589095",
        "ward": "Medisin 9",
        "present": "12",
        "with_infection": "1",
        "uti/own": "1",
        "r1-atc": "J01CE02",
        "r1-classification": "Medpro",
        "r3-atc": "J01CA04",
        "r3-classification": "Kirpro1",
    }
    url = client.post(reverse("prevalence"), ward).url
    page = from_receipt(client, url, "prevalence")
    assert (value_of(page, "ward"), value_of(page, "uti/own")) == ("Medisin 9", "1")
    assert value_of(page, "r1-atc").endswith("(J01CE02)")
    assert value_of(page, "r2-atc").endswith("(J01CA04)")
    body = page.content.decode()
    before = f"{TODAY - timedelta(days=2):%d.%m.%Y}"
    more = client.post(
        reverse("prevalence"), {**ward, "flere": "1", "retter": field_of(body, "retter")}
    )
    again = {**ward, "surveyed": before, "retter": field_of(more.content.decode(), "retter")}
    done = client.post(reverse("prevalence"), again)
    assert done.status_code == 302 and done.url.count("-") == 3
    standing = Report.objects.filter(sender="FORM:RETTESYKEHUSET-6", cancelled=False)
    assert sorted(each.report_ref.partition("/")[0] for each in standing) == [
        *("avdeling", "behandling", "behandling")
    ]
    assert Treatment.objects.filter(id__in=[each.id * 1024 + 1 for each in standing]).count() == 2
    assert f"Medisin 9, {before}" in client.get(done.url).content.decode()


def test_every_answer_of_the_notification_comes_back_as_it_was_given() -> None:
    """Written, opened again and written: the message says the same."""
    sender = Sender("FORM:OUS", "OUS")
    for part in notification.sections(NOW.date()):
        for field in part.fields:
            choices = [c.value for group in field.groups for c in group.choices]
            said = {"text": "Ord", "words": "to\nlinjer", "day": "1.2.2026"}.get(field.kind)
            for value in choices or [said or ""]:
                values = {DISEASE: ["Malaria"], field.name: [value]}
                if field.name == notification.OTHER_DISEASE:
                    del values[DISEASE]
                data = notification.write(values, sender, "N1", NOW)
                assert notification_answers(AsSent("N1", data, 1, 0, NOW)) == values, field.name


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"melding": 1}', b"\xff", b"a;b\n1;2\n"])
def test_what_no_form_wrote_gives_no_answers(data: bytes) -> None:
    sent = AsSent("N1", data, 1, 0, NOW)
    assert notification_answers(sent) == {} == row_answers(sent, surgery.operations())
    assert not any(read_cells(data))
    if data:
        with pytest.raises(ValueError):
            read_notification_values(data)


def test_more_than_fifty_are_on_several_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.web.pages.receipts.MOST_SHOWN", 2)
    client = site.sign_in("general-practitioner", "praksis-50")
    urls = [notify(client) for _ in range(5)]
    address, seen = reverse("notification-handed-in"), []
    for _ in range(3):
        body = client.get(address).content.decode()
        seen.append([url for url in urls if f'href="{url}"' in body])
        older = re.search(r'href="(\?eldre_enn=\d+)"', body)
        address = reverse("notification-handed-in") + (older[1] if older else "")
    assert seen == [urls[3:], urls[1:3], urls[:1]] and older is None
    assert client.get(reverse("notification-handed-in") + "?eldre_enn=x").status_code == 200


def test_the_register_is_not_written_when_something_is_opened(site: Site) -> None:
    client = site.sign_in("clinician", "Rettesykehuset 7")
    number = field_of(client.get(notify(client)).content.decode(), "nummer")
    before = Message.objects.count()
    assert open_again(client, "notification", number).status_code == 200
    assert Message.objects.count() == before
