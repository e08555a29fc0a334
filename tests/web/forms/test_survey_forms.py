"""The forms of NOIS: a ward with its prescriptions, an operation with its follow-up, and tables as files."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from messages import deidentified_lists
from messages import packed_gallery as packed
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
from varde.web.forms import antibiotics, prevalence, surgery
from varde.web.forms.definitions import definitions
from varde.web.forms.handing_in import Sender
from varde.web.forms.tables import field_of
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


def test_a_fault_of_numbers_names_the_other_question(site: Site) -> None:
    wrong = {"present": "20", "with_infection": "25", "uti/own": "25", "ward": "Medisin 5"}
    said = complaints(send(site, "prevalence", ward("", **wrong)))
    assert said["f-with-infection"].endswith(
        "Kan ikke være mer enn «Til stede klokken åtte om morgenen» (20)."
    )


@pytest.mark.parametrize(
    ("given", "rows", "said"),
    [
        ("2", 1, "2 får antibiotika, men under er det bare beskrevet forskrivninger til 1."),
        ("0", 1, "Det er beskrevet forskrivninger under (1), men ingen får noen."),
        ("2", 0, ""),
        ("1", 2, ""),
        ("", 1, ""),
    ],
)
def test_prescriptions_that_were_not_described_are_asked_for(
    site: Site, given: str, rows: int, said: str
) -> None:
    answers = ward("Medisin 11", on_antibiotics=given)
    for row in range(1, rows + 1):
        answers |= prescription(row, "J01CE02")
    answer = send(site, "prevalence", answers)
    assert answer.status_code == (422 if said else 302)
    if said:
        [(where, told)] = complaints(answer).items()
        assert where == "f-on-antibiotics" and said in told


def test_what_is_too_long_is_told_and_never_cut(site: Site) -> None:
    page = site.sign_in("hospital-infection-control").get(reverse("prevalence")).content.decode()
    assert "maxlength" not in page.partition('class="filled"')[2].partition("</form>")[0]
    wrong = {"ward": "A" * 81, "present": "1234567", "uti/own": "10000000"}
    said = complaints(send(site, "prevalence", ward("", **wrong)))
    assert set(said) == {"f-ward", "f-present", "f-uti-own"}
    assert "helt tall" in said["f-present"] and "lang" in said["f-ward"]
    long = send(site, "notification", {"pasient.fornavn": "A" * 81, "nummer": ""})
    assert "Dette er for langt: høyst 80 tegn." in complaints(long)["f-pasient-fornavn"]


@pytest.mark.parametrize("name", ["ward_type", "specialty", "r1-indication", "institution_name"])
def test_an_identity_number_in_a_text_of_a_survey_is_refused_at_the_field(
    site: Site, name: str
) -> None:
    before = Message.objects.count()
    answers = ward("Medisin 12", **prescription(1, "J01CE02")) | {name: f"x {some_number()}"}
    answer = send(site, "prevalence", answers)
    [(where, said)] = complaints(answer).items()
    assert where == f"f-{name.replace('_', '-')}" and "fødselsnummer" in said
    assert Message.objects.count() == before


def test_infections_that_were_not_counted_are_asked_for(site: Site) -> None:
    few = send(site, "prevalence", ward("Medisin 6", with_infection="3"))
    [said] = complaints(few).values()
    assert "Det er bare telt 1 infeksjoner under." in said
    none = ward("Medisin 6", with_infection="3", **{"uti/own": ""})
    assert send(site, "prevalence", none).status_code == 302  # nobody counted by infection
    nobody = complaints(send(site, "prevalence", ward("Medisin 7", with_infection="0")))
    assert "stemmer ikke med infeksjonene" in nobody["f-with-infection"]


@pytest.mark.parametrize("number", ["974589096", "974 589 096"])
def test_an_organisation_number_is_checked(site: Site, number: str) -> None:
    wrong = complaints(send(site, "prevalence", ward("Medisin 8", institution=number)))
    assert "Organisasjonsnummeret er ikke gyldig" in wrong["f-institution"]
    wrong = complaints(send(site, "surgery", operation("OP-8", hospital=number)))
    assert "Organisasjonsnummeret er ikke gyldig" in wrong["f-hospital"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("fenoksymetylpenicillin (J01CE02)", "J01CE02"),
        ("Fenoksymetylpenicillin", "J01CE02"),
        ("phenoxymethylpenicillin", "J01CE02"),
        ("j01ce02", "j01ce02"),
        ("J01XX99", "J01XX99"),
        ("penicillin", "penicillin"),
    ],
)
def test_an_antibiotic_is_taken_by_name_or_code(written: str, code: str) -> None:
    assert antibiotics.atc_of(written) == code


def test_every_antibiotic_that_is_suggested_is_taken() -> None:
    suggested = antibiotics.suggestions()
    assert len(suggested) > 80 and "fenoksymetylpenicillin (J01CE02)" in suggested
    for each in suggested:
        assert antibiotics.atc_of(each) == each[-8:-1]


def test_an_antibiotic_chosen_by_name_comes_in_and_one_that_is_none_is_asked_about(
    site: Site,
) -> None:
    page = site.sign_in("hospital-infection-control").get(reverse("prevalence")).content.decode()
    assert (
        '<option value="fenoksymetylpenicillin (J01CE02)">' in page and 'list="antibiotics"' in page
    )
    half = ward("Medisin 9") | prescription(1, "penicillin")
    [said] = complaints(send(site, "prevalence", half)).values()
    assert "benzylpenicillin (J01CE01), fenoksymetylpenicillin (J01CE02)" in said
    [said] = complaints(
        send(site, "prevalence", ward("Medisin 9") | prescription(1, "???"))
    ).values()
    assert "J01CE02" in said
    whole = ward("Medisin 9") | prescription(1, "amoksicillin (J01CA04)")
    assert send(site, "prevalence", whole).status_code == 302
    number = prevalence.number_of({name: [text] for name, text in whole.items()}, OUS)
    assert rows_of(f"behandling/{number}-") == [("J01CA04", False)]


def test_what_is_known_of_the_institution_is_filled_in(site: Site) -> None:
    client = site.sign_in("nursing-home-nurse", "ENH:985626154")
    first = client.get(reverse("prevalence"))
    assert value_of(first, "institution") == "985626154"
    sent = ward("Annen etasje", institution_name="Solbakken", municipality="0301")
    del sent["uti/own"]
    assert client.post(reverse("prevalence"), sent).status_code == 302
    again = client.get(reverse("prevalence"))
    assert value_of(again, "institution") == "974589095"
    assert value_of(again, "institution_name") == "Solbakken"
    assert '<option value="0301" selected' in again.content.decode()
    assert value_of(again, "ward") == ""
    other = site.sign_in("nursing-home-nurse", "ENH:974589095").get(reverse("prevalence"))
    assert value_of(other, "institution_name") == ""


def test_a_row_that_is_not_used_need_not_be_filled_in(site: Site) -> None:
    page = site.sign_in("hospital-infection-control").get(reverse("prevalence")).content.decode()
    rows = page.partition('id="rows-heading"')[2]
    assert "(må fylles ut)" not in rows and "(må fylles ut)" in page


def test_words_are_explained_in_both_languages() -> None:
    for each in definitions().values():
        assert each.nb.text.endswith(".") and each.en.text.endswith(".")
    for kind in ("hospital", "nursing-home"):
        counted = [row.key for row in prevalence.counts(kind, NOW.date())]
        assert set(counted) <= definitions().keys()
    assert set(surgery.DEFINED) <= definitions().keys()


def test_a_ward_is_withdrawn_with_its_prescriptions_and_can_come_again(site: Site) -> None:
    client = site.sign_in("hospital-infection-control")
    answers = ward("Medisin 10") | prescription(1, "J01CA04") | prescription(2, "J01CE02")
    url = send(site, "prevalence", answers).url
    number = prevalence.number_of({name: [text] for name, text in answers.items()}, OUS)
    done = client.post(url, {"grunn": "twice"})
    assert done.status_code == 302
    assert [gone for _, gone in rows_of(f"behandling/{number}-")] == [True, True]
    assert [gone for _, gone in rows_of(f"avdeling/{number}")] == [True]
    body = client.get(reverse("prevalence-handed-in")).content.decode()
    assert f'href="{url}"' in body and f'href="{done.url}"' in body
    assert send(site, "prevalence", answers).status_code == 302
    assert [gone for _, gone in rows_of(f"avdeling/{number}")] == [False]


def test_an_operation_is_withdrawn(site: Site) -> None:
    client = site.sign_in("hospital-infection-control")
    url = send(site, "surgery", operation("OP-W")).url
    assert client.post(url, {"grunn": "not"}).status_code == 302
    assert Report.objects.get(sender="FORM:OUS", report_ref="operasjon/OP-W").cancelled
    assert "OP-W" in client.get(reverse("surgery-handed-in")).content.decode()


@pytest.mark.parametrize(
    ("answers", "field", "said"),
    [
        ({"discharged": "01.01.2020"}, "f-discharged", "Kan ikke være før dagen for operasjonen ("),
        (
            {"born": "01.01.2025", "operated": "1.2.2020"},
            "f-operated",
            "Kan ikke være før fødselsdato",
        ),
        ({"procedure": "hofte"}, "f-procedure", "Skriv det som i dette eksemplet: NFB30."),
        ({"reoperated": "ja"}, "f-reoperated", "ingen infeksjon ved utskrivning"),
        ({"at_follow_up": "none"}, "f-follow-up", "Fyll ut dagen for oppfølgingen"),
    ],
)
def test_a_fault_of_an_operation_says_what_it_does_not_fit(
    site: Site, answers: dict[str, str], field: str, said: str
) -> None:
    told = complaints(send(site, "surgery", operation("OP-9", **answers)))
    assert list(told) == [field] and said in told[field]
    assert not re.search(r"\d{4}-\d\d-\d\d|[<>]", told[field])


def test_what_cannot_be_read_always_has_an_example() -> None:
    """Every question whose text must be of a form says which."""
    tables = (prevalence.wards(), prevalence.treatments(), surgery.operations())
    for table in tables:
        for column in table.columns:
            if column.pattern or column.holds == "atc":
                assert field_of(column, NOW.date()).example and field_of(column, NOW.date()).hint


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


def upload(site: Site, name: str, data: bytes, **more: str) -> Any:
    file = SimpleUploadedFile("tabell.csv", data, "text/csv")
    return site.sign_in("hospital-infection-control").post(reverse(name), {"fil": file, **more})


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


@pytest.mark.parametrize(
    ("page", "sender", "said"),
    [
        ("surgery-file", "HER:91843", "Skriv FORM:OUS i kolonnen Avsender."),
        ("surgery-file", "FORM:STO", "Skriv FORM:OUS i kolonnen Avsender."),
    ],
)
def test_a_table_that_cannot_be_used_is_kept_only_when_the_user_insists(
    site: Site, page: str, sender: str, said: str
) -> None:
    before = Message.objects.count()
    answer = upload(site, page, operation_table(sender))
    body = answer.content.decode()
    assert answer.status_code == 422 and Message.objects.count() == before
    assert "Ingenting er tatt inn." in body and said.rpartition(" ")[0] in body
    assert 'name="likevel"' in body
    kept = upload(site, page, operation_table(sender), likevel="1")
    receipt = site.sign_in("hospital-infection-control").get(kept.url).content.decode()
    assert "Det er tatt vare på, men kunne ikke brukes" in receipt
    assert said.rpartition(" ")[0] in receipt
    assert not Report.objects.filter(sender=sender, report_ref="operasjon/T-1").exists() or (
        sender == "FORM:OUS"
    )


@pytest.mark.parametrize("sender", ["FORM:OUS", "HER:91843"])
def test_of_a_table_of_another_kind_that_is_said_first_and_it_is_not_kept(
    site: Site, sender: str
) -> None:
    before = Message.objects.count()
    vaccinations = (
        f"Avsender;Nummer;Fødselsnummer;Vaksinekode;Vaksinasjonsdato\r\n{sender};V1;;X;i går\r\n"
    )
    for page, data, kind in (
        ("prevalence-file", operation_table(sender), "infeksjoner i operasjonsområdet"),
        ("surgery-file", vaccinations.encode(), "vaksinasjoner"),
    ):
        for more in ({}, {"likevel": "1"}):
            answer = upload(site, page, data, **more)
            body = answer.content.decode()
            assert answer.status_code == 422 and 'name="likevel"' not in body
            assert (
                f"Dette er et annet slag tabell: {kind}" in body
                and "Avsender" not in (body.partition('id="faults"')[2].partition("</div>")[0])
            )
    assert Message.objects.count() == before


def test_who_takes_a_table_as_it_is_is_told_who_can_correct_the_rest(site: Site) -> None:
    body = upload(site, "surgery-file", operation_table("HER:91843")).content.decode()
    assert "Send de radene på nytt" in body and "nasjonal smittevernvakt kan også rette dem" in body


def ward_table(*rows: str) -> bytes:
    heading = (
        "PrevalensDato;InstitusjonType;InstitusjonId;Avdeling;AntallPasienterKl8;"
        "AntallPasienterMedInfeksjon;Avsender;Nummer"
    )
    return "\r\n".join((heading, *rows)).encode()


def test_faults_of_a_table_are_told_by_line_before_anything_is_kept(site: Site) -> None:
    before = Message.objects.count()
    day = f"{YESTERDAY:%d.%m.%Y}"
    data = ward_table(
        f"{day};sykehus;1;A;12;1;FORM:OUS;T-11",
        f"{day};sykehus;1;;12;1;FORM:OUS;T-12",
        f"{day};sykehus;1;B;12;13;FORM:OUS;T-13",
        "i går;sykehus;1;C;12;1;FORM:OUS;T-14",
    )
    body = upload(site, "prevalence-file", data).content.decode()
    assert Message.objects.count() == before
    assert "1 av 4 rader kan brukes. Ingenting er tatt inn ennå." in body
    told = re.findall(r"<li><strong>(.*?)</strong> (.*?)</li>", body)
    assert told == [
        ("Linje 3, Avdeling:", "Fyll ut dette."),
        ("Linje 4, AntallPasienterMedInfeksjon:", "13 er mer enn 12."),
        (
            "Linje 5, PrevalensDato:",
            "<code>i går</code>. Skriv en dato som finnes, som dag, måned og år, for eksempel 21.11.2026.",
        ),
    ]
    assert "laboratori" not in body.partition("files-heading")[2].partition("<footer")[0].lower()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"noe helt annet", "Dette er ingen tabell for denne siden."),
        (b"a;b\r\n1;2\r\n", "Dette er ingen tabell for denne siden."),
        (b"PK\x03\x04" + b"x" * 40, "Dette er et regneark eller en pakket fil."),
        (packed.NEW["spreadsheet-file"], "Filen er et regneark: Excel (.xlsx)."),
        (b"%PDF-1.7", "Filen er ingen tabell: PDF."),
        (ward_table().replace(b"Avdeling;", b"Post;"), "Kolonnen «Post» er ikke kjent."),
        (ward_table(), "Tabellen har overskrifter, men ingen rader."),
    ],
)
def test_a_wrong_file_is_told_in_words_of_the_page(site: Site, data: bytes, said: str) -> None:
    before = Message.objects.count()
    answer = upload(site, "prevalence-file", data)
    assert answer.status_code == 422 and said in unescape(answer.content.decode())
    assert Message.objects.count() == before


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
