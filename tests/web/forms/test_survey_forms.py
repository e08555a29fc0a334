"""The forms of NOIS: a ward with its prescriptions, an operation with its follow-up, and tables as files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from messages import deidentified_lists
from messages.numbers import some_number
from varde.access.models import AccessLogEntry
from varde.messages import Surgery as Operation
from varde.messages import WardPrevalence as Ward
from varde.messages import find_table, published_tables, read, write_surgery
from varde.register.models import (
    InfectionCount,
    Message,
    Report,
    Surgery,
    Treatment,
    WardPrevalence,
)
from varde.web.forms import prevalence, surgery
from varde.web.forms.handing_in import Sender
from varde.web.forms.uploads import LARGEST
from web.forms.pages import Site, complaints, value_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
YESTERDAY = timezone.localdate() - timedelta(days=1)
OUS = Sender("FORM:OUS", "OUS")


def ward(name: str, **more: str) -> dict[str, str]:
    return {
        "rader": "5",
        "surveyed": f"{YESTERDAY:%d.%m.%Y}",
        "institution": "974589095",
        "ward": name,
        "present": "12",
        "with_infection": "1",
        "uti/own": "1",
        **more,
    }


def prescription(row: int, atc: str, kind: str = "Medpro") -> dict[str, str]:
    return {f"r{row}-atc": atc, f"r{row}-classification": kind, f"r{row}-route": "1"}


def operation(number: str, **more: str) -> dict[str, str]:
    return {
        "report_id": number,
        "hospital": "974589095",
        "procedure": "NFB30",
        "operated": f"{YESTERDAY - timedelta(days=40):%d.%m.%Y}",
        **more,
    }


def send(site: Site, name: str, answers: dict[str, Any], **who: str) -> Any:
    client = site.sign_in(who.get("role", "hospital-infection-control"))
    return client.post(reverse(name), answers)


def rows_of(numbers: str) -> list[tuple[str, bool]]:
    """The prescriptions of a ward: antibiotic, or none for one that is withdrawn."""
    reports = Report.objects.filter(report_ref__startswith=numbers).order_by("report_ref")
    drugs = {row.id // 1024: row.sent for row in Treatment.objects.all()}
    return [(drugs.get(report.id, ""), report.cancelled) for report in reports]


def test_a_ward_and_its_prescriptions_come_in(site: Site) -> None:
    answers = ward("Medisin 1") | prescription(2, "J01CA04") | prescription(4, "J01CE02")
    answer = send(site, "prevalence", answers)
    assert answer.status_code == 302
    receipt = site.sign_in("hospital-infection-control").get(answer.url).content.decode()
    assert "Det har kommet inn" in receipt and "<dd>3</dd>" in receipt
    row = WardPrevalence.objects.get(ward="Medisin 1", present=12)
    assert (row.institution_kind, row.surveyed, row.with_infection) == ("hospital", YESTERDAY, 1)
    [counted] = InfectionCount.objects.filter(id__gte=row.id * 1024, id__lt=(row.id + 1) * 1024)
    assert (counted.infection, counted.origin, counted.count) == ("uti", "own", 1)
    last = AccessLogEntry.objects.latest("id")
    assert (last.action, last.page, last.object_count) == ("hand-in", "prevalence", 1)


def test_a_ward_sent_again_replaces_what_was_there_and_withdraws_the_rest(site: Site) -> None:
    answers = ward("Medisin 2") | prescription(1, "J01CA04") | prescription(2, "J01CE02")
    send(site, "prevalence", answers)
    number = prevalence.number_of({name: [text] for name, text in answers.items()}, OUS)
    assert rows_of(f"behandling/{number}-") == [("J01CA04", False), ("J01CE02", False)]
    again = ward(" medisin  2", surveyed=f"{YESTERDAY:%Y-%m-%d}", present="9")
    send(site, "prevalence", again | prescription(3, "J01DB04"))
    assert rows_of(f"behandling/{number}-") == [("J01DB04", False), ("", True)]
    assert WardPrevalence.objects.filter(ward__iexact="medisin 2", present=9).count() == 1


def test_faults_of_ward_counts_and_prescriptions_are_told_at_once(site: Site) -> None:
    before = Message.objects.count()
    wrong = {
        "surveyed": "",
        "institution": "",
        "with_infection": "13",
        "uti/own": "x",
        "r2-atc": "J01",
        "r2-age": "200",
        "r4-indication": "UVI",
    }
    answer = send(site, "prevalence", ward("Medisin 3", **wrong))
    assert answer.status_code == 422 and Message.objects.count() == before
    assert list(complaints(answer)) == [
        *("f-surveyed", "f-institution", "f-with-infection", "f-uti-own"),
        *("f-r2-atc", "f-r2-classification", "f-r2-age", "f-r4-atc", "f-r4-classification"),
    ]
    assert value_of(answer, "r2-atc") == "J01" and value_of(answer, "uti/own") == "x"
    assert (
        "Forskrivning 2, Alder i år: Skriv et helt tall fra 0 til 130." in answer.content.decode()
    )


def test_more_room_is_made_without_losing_what_is_typed(site: Site) -> None:
    before = Message.objects.count()
    answer = send(site, "prevalence", ward("Medisin 4", flere="1") | prescription(5, "J01CA04"))
    assert answer.status_code == 200 and Message.objects.count() == before
    assert value_of(answer, "rader") == "10" and value_of(answer, "r5-atc") == "J01CA04"
    assert 'name="r10-atc"' in answer.content.decode()
    for asked in ("59", "60", "9999", "-1", "x"):
        page = send(site, "prevalence", ward("Medisin 4", flere="1", rader=asked))
        assert int(value_of(page, "rader")) <= prevalence.MOST_ROWS


def test_a_nursing_home_counts_its_own_infections(site: Site) -> None:
    page = site.sign_in("nursing-home-nurse").get(reverse("prevalence")).content.decode()
    assert 'name="uti-catheter/own"' in page and 'name="bsi-primary/own"' not in page
    answers = ward("Første etasje", **{"uti-catheter/own": "1"})
    answer = send(site, "prevalence", answers, role="nursing-home-nurse")
    assert answer.status_code == 302
    assert WardPrevalence.objects.get(ward="Første etasje").institution_kind == "nursing-home"
    assert Report.objects.latest("id").sender == "FORM:FJORDBY-SYKEHJEM"
    assert site.sign_in("nursing-home-nurse").get(reverse("surgery")).status_code == 403


def test_every_question_of_the_ward_is_a_column_that_is_read() -> None:
    """What each field is filled with comes back in the record, so none is lost on the way."""
    for kind in ("hospital", "nursing-home"):
        fields = [f for row in prevalence.counts(kind, NOW.date()) for f in row.fields]
        values = {field.name: [str(n)] for n, field in enumerate(fields, 1)}
        values |= {
            "surveyed": ["24.11.2026"],
            "institution": ["1"],
            "ward": ["A"],
            "present": ["99"],
        }
        [record] = read(prevalence.write_counts(values, kind, OUS, NOW), None, NOW)
        assert isinstance(record, Ward)
        assert [each.count for each in record.infections] == list(range(1, len(fields) + 1))


def test_an_operation_comes_in_and_its_follow_up_replaces_it(site: Site) -> None:
    assert send(site, "surgery", operation("OP-1", patient=some_number())).status_code == 302
    report = Report.objects.get(sender="FORM:OUS", report_ref="operasjon/OP-1")
    assert (report.status, Surgery.objects.get(id=report.id).at_follow_up) == ("P", "")
    follow_up = operation("OP-1", at_follow_up="none", follow_up=f"{YESTERDAY:%d.%m.%Y}")
    assert send(site, "surgery", follow_up).status_code == 302
    report = Report.objects.get(sender="FORM:OUS", report_ref="operasjon/OP-1")
    assert (report.status, Surgery.objects.get(id=report.id).at_follow_up) == ("F", "none")


def test_faults_of_an_operation_are_told_at_once(site: Site) -> None:
    wrong = {
        "report_id": some_number(),
        "hospital": "",
        "procedure": "?",
        "operated": "01.01.2090",
        "patient": "1",
        "asa": "6",
        "at_discharge": "no",
    }
    answer = send(site, "surgery", operation("", **wrong))
    assert answer.status_code == 422
    assert list(complaints(answer)) == [
        *("f-report-id", "f-hospital", "f-procedure", "f-operated", "f-asa"),
        *("f-patient", "f-at-discharge"),
    ]
    answer = send(site, "surgery", operation("OP-2", at_follow_up="none"))
    assert list(complaints(answer)) == ["f-follow-up"]


def test_every_choice_of_the_operation_is_taken() -> None:
    asked = [field for part in surgery.sections(NOW.date()) for field in part.fields]
    good = {"at_follow_up": ["deep"], "follow_up": ["20.10.2026"]}
    for field in asked:
        for choice in (choice for group in field.groups for choice in group.choices):
            values = {name: [text] for name, text in operation("1", operated="01.10.2026").items()}
            values |= good | {field.name: [choice.value]}
            [record] = read(surgery.write(values, OUS, NOW), None, NOW)
            assert isinstance(record, Operation), (field.name, choice)


def upload(site: Site, name: str, data: bytes) -> Any:
    file = SimpleUploadedFile("tabell.csv", data, "text/csv")
    return site.sign_in("hospital-infection-control").post(reverse(name), {"fil": file})


def operation_table(sender: str) -> bytes:
    values = {"sender": sender, "report_id": "T-1", "hospital": "1", "procedure": "NFB30"}
    return write_surgery({**values, "operated": YESTERDAY}, datetime.now(UTC))


def test_a_table_goes_straight_to_the_door(site: Site) -> None:
    answer = upload(site, "surgery-file", operation_table("FORM:OUS"))
    assert answer.status_code == 302
    receipt = site.sign_in("hospital-infection-control").get(answer.url).content.decode()
    assert "Det har kommet inn" in receipt
    assert Report.objects.filter(sender="FORM:OUS", report_ref="operasjon/T-1").count() == 1
    last = AccessLogEntry.objects.latest("id")
    assert (last.action, last.page, last.object_kind) == ("hand-in", "surgery", "table")


@pytest.mark.parametrize("sender", ["HER:91843", "FORM:STO"])
def test_a_table_that_speaks_for_somebody_else_waits_in_quarantine(site: Site, sender: str) -> None:
    answer = upload(site, "surgery-file", operation_table(sender))
    receipt = site.sign_in("hospital-infection-control").get(answer.url).content.decode()
    assert "Det er tatt vare på, men kunne ikke brukes" in receipt
    assert not Report.objects.filter(sender=sender).exists()


def test_a_table_of_another_kind_waits_in_quarantine(site: Site) -> None:
    answer = upload(site, "prevalence-file", operation_table("FORM:OUS"))
    receipt = site.sign_in("hospital-infection-control").get(answer.url).content.decode()
    assert "kunne ikke brukes" in receipt


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x" * (LARGEST + 1), "Filen er for stor"),
        (b"", "Velg en fil"),
        (deidentified_lists.write("norm", deidentified_lists.row("norm")), "avidentifisert"),
    ],
)
def test_what_is_no_table_for_here_is_refused_and_not_kept(
    site: Site, data: bytes, words: str
) -> None:
    before = Message.objects.count()
    for name in ("surgery-file", "prevalence-file"):
        answer = upload(site, name, data)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert Message.objects.count() == before


def test_no_file_at_all_is_told(site: Site) -> None:
    answer = send(site, "surgery-file", {})
    assert answer.status_code == 422 and "Velg en fil" in answer.content.decode()


def test_the_blank_tables_are_those_that_the_reader_knows(site: Site) -> None:
    client = site.sign_in("hospital-infection-control")
    for name, key in (
        ("prevalence-template", "nois-piah-avdeling"),
        ("prevalence-template", "nois-piah-behandling"),
        ("surgery-template", "nois-posi"),
    ):
        answer = client.get(reverse(name, args=[key]))
        assert answer["Content-Disposition"] == f'attachment; filename="{key}.csv"'
        assert find_table(answer.content) == published_tables()[key]
    for key in ("nois-posi", "no-such-table"):
        assert client.get(reverse("prevalence-template", args=[key])).status_code == 404
