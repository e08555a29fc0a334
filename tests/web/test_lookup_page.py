"""The page of earlier findings: who sees whom, that nobody else is seen, and that every look is in the log before."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from register.answers import answer
from register.case_messages import SALMONELLA, STOOL, notified
from varde.access import audit, looks
from varde.access.looks import LookAllowances, look_reasons
from varde.access.models import AccessLogEntry
from varde.access.roles import roles
from varde.register import Incoming, list_cases, pseudonyms_of
from varde.register.intake import take_in
from varde.register.models import Report, Specimen
from varde.web import history, looking
from varde.web.forms import prefill
from varde.web.registers import the_register
from web.conftest import PEOPLE
from web.known_person import ADA, BO, CLEO, NOW, fill
from web.test_headers import INLINE

LOOK = {"formal": "care", "grunn": "in-treatment"}
SEEING = {
    "epidemiologist": "surveillance",
    "duty-officer": "outbreak",
    "municipal-doctor": "infection-control",
    "hospital-infection-control": "infection-control",
    "clinician": "care",
    "general-practitioner": "care",
    "out-of-hours-doctor": "care",
}
CARE = {role for role, purpose in SEEING.items() if purpose == "care"}
"""Role → a purpose that it may look for."""
SAID = ("actor", "role", "area", "action", "page", "object_kind", "purpose")
IDENTITY = re.compile(r"(?<!\d)\d{11}(?!\d)")


@pytest.fixture
def known(db: None, home, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """A register that knows somebody, and looks that nobody has used up."""
    monkeypatch.setattr(looking, "look_allowances", LookAllowances())
    fill()


def ask(client: Client, number: str = ADA, page: str = "lookup", **sent: str) -> HttpResponse:
    return client.post(reverse(page), {"nummer": number, **(sent or LOOK)})


def about(number: str) -> list[tuple[str, str, str, str]]:
    """What the log has about a person: action, page, what, purpose."""
    pseudonyms = pseudonyms_of(number, the_register().context.pseudonym)
    return [(one.action, one.page, one.what, one.purpose) for one in audit.list_looks(pseudonyms)]


def test_a_clinician_sees_what_is_known(known: None, sign_in: Callable[..., Client]) -> None:
    answer = ask(sign_in("clinician"))
    body = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        "Salmonella Typhimurium",
        "Escherichia coli",
        "MRSA",
        "ciprofloksacin",
        "Skjema mangler",
        "meslinger",
        "kikhoste",
    ):
        assert words.casefold() in body.casefold(), words
    assert body.count("<svg") == 2
    # Two laboratories on one specimen: one line, with the results of both.
    [line] = [
        row for row in re.findall(r"<tr>.*?</tr>", body, re.S) if ">20.11.2025</div></td><th" in row
    ]
    assert "<strong>R</strong>: ciprofloksacin" in line and "meropenem" in line
    assert not INLINE.search(body)


def test_what_was_looked_for_stands_newest_first_to_choose_from(
    known: None, sign_in: Callable[..., Client]
) -> None:
    chlamydia, gonorrhoea = "U-Chlamydia trachomatis DNA", "U-Neisseria gonorrhoeae DNA"
    messages = (
        answer("K1", "K1", person=ADA, organism="", day="2025-12-30", status="P", answered=[(chlamydia, "Svar følger")]),
        answer("K2", "K2", person=ADA, organism="", day="2025-10-01", answered=[(chlamydia, "Ikke påvist"), (gonorrhoea, "Inkonklusiv"), ("MRSA dyrkning", "Ingen vekst")]),
        answer("K3", "K3", person=ADA, organism="", day="2025-09-01", answered=[("Luftveispanel PCR", "Ikke påvist")]),
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data) for data in messages], lambda: NOW)
    body = ask(sign_in("clinician")).content.decode()
    [section] = re.findall(r'<section class="sought">.*?</section>', body, re.S)
    rows = re.findall(r'<tr class="sokt-(\d+)">(.*?)</tr>', section, re.S)
    plain = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for _, row in rows]
    assert "Chlamydia trachomatis nukleinsyrepåvisning, urin under arbeid" in plain[0]
    [mrsa] = [row for row in plain if "(MRSA)" in row]
    assert "ikke påvist" in mrsa and "01.10.2025" in mrsa
    assert sum("uavklart: se svaret" in row for row in plain) == 1
    assert any("Escherichia coli dyrkning" in row and "påvist" in row for row in plain)
    # Each organism can be chosen, and the two rows of one belong to one choice.
    labels = re.findall(r'for="sokt-(\d+)">(.*?) <span', section)
    of_chlamydia = [number for number, row in rows if "Chlamydia" in row]
    assert len(of_chlamydia) == 2 and len(set(of_chlamydia)) == 1
    assert dict(labels)[of_chlamydia[0]] == "Chlamydia trachomatis"
    assert len(labels) == len({number for number, _ in rows})
    # The panel, and the older answer that says nothing, stand apart.
    rest = body.split('id="answers-heading"')[1]
    assert "01.09.2025" in rest and "28.12.2025" in rest and "01.10.2025" not in rest


def test_what_waits_is_said_once_and_only_scientific_names_are_slanted(
    known: None, sign_in: Callable[..., Client]
) -> None:
    messages = (
        answer("K1", "K1", person=CLEO, organism="", day="2025-12-30", answered=[("Influensa A PCR", "Inhibert")]),
        answer("K2", "K2", person=CLEO, organism="", day="2025-12-29", answered=[("U-Bakterier dyrkning", "Blandingsflora")]),
        answer("K3", "K3", person=CLEO, organism="", day="2025-12-28", status="P", answered=[("Oppdiktetvirus dyrkning", "Svar følger")]),
        answer("K4", "K4", person=CLEO, organism="", day="2025-12-27", answered=[("Salmonella dyrkning", "Ingen vekst")]),
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data) for data in messages], lambda: NOW)
    body = ask(sign_in("clinician"), CLEO).content.decode()
    [section] = re.findall(r'<section class="sought">.*?</section>', body, re.S)
    assert "ikke har navn på" not in body
    assert section.count("uavklart: se svaret hos laboratoriet") == 1
    assert "uavklart, for eksempel blandingsflora: se svaret hos laboratoriet" in section
    assert "<i>Salmonella</i>" in section and "<i>Influensavirus" not in section
    rest = body.split('id="answers-heading"')[1]
    assert "under arbeid" in rest and "Ingenting som registeret" not in rest


def test_of_many_organisms_the_last_choice_holds_the_rest(
    known: None, sign_in: Callable[..., Client]
) -> None:
    names = [
        "Chlamydia trachomatis", "Neisseria gonorrhoeae", "Mycoplasma genitalium", "Bordetella pertussis",
        "Legionella pneumophila", "Meslingvirus", "Parotittvirus", "Rubellavirus", "Hepatitt A-virus", "Hepatitt B-virus",
        "Hepatitt C-virus", "Influensa A-virus", "Influensa B-virus", "Rhinovirus", "SARS-CoV-2",
    ]  # fmt: skip
    data = answer(
        "K1", "K1", person=ADA, organism="", day="2025-12-30",
        answered=[(f"{name} DNA", "Ikke påvist") for name in names],
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data)], lambda: NOW)
    body = ask(sign_in("clinician")).content.decode()
    numbers = {int(number) for number in re.findall(r'<tr class="sokt-(\d+)">', body)}
    assert max(numbers) == history.MOST_CHOICES and "Alle andre" in body
    css = (Path(looking.__file__).parent / "static" / "varde.css").read_text("utf-8")
    for number in numbers:
        assert f".sought:has(#sokt-{number}:checked) tbody tr:not(.sokt-{number})" in css


def test_in_english_nothing_is_norwegian(known: None, sign_in: Callable[..., Client]) -> None:
    client = sign_in("clinician")
    client.cookies["django_language"] = "en"
    body = ask(client).content.decode()
    assert '<html lang="en"' in body and "Earlier findings" in body and "ciprofloxacin" in body
    assert "Tidligere funn" not in body and "ciprofloksacin" not in body


def test_a_look_is_in_the_log_before_anything_is_read(
    known: None, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    read = looking.register.read_history

    def watched(persons):  # type: ignore[no-untyped-def]
        seen.append(AccessLogEntry.objects.filter(page="lookup").count())
        return read(persons)

    monkeypatch.setattr(looking.register, "read_history", watched)
    assert ask(sign_in("clinician")).status_code == 200
    assert seen == [1]
    [(action, page, what, purpose)] = about(ADA)
    assert (action, page, what) == ("view", "lookup", "earlier findings, in-treatment")
    assert purpose == "Helsehjelp til personen"


def test_when_the_log_cannot_be_written_nothing_is_shown(
    known: None, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in("clinician")
    client.raise_request_exception = False

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(looking.audit, "record", fail)
    answer = ask(client)
    assert answer.status_code == 500 and b"Salmonella" not in answer.content


@pytest.mark.parametrize("role", sorted(SEEING))
@pytest.mark.parametrize("which", ["own", "other"])
def test_who_sees_whom(role: str, which: str, known: None, sign_in: Callable[..., Client]) -> None:
    """Country roles and care see anybody; others whoever belongs to their place."""
    area = PEOPLE[role]
    if role == "municipal-doctor" and which == "other":
        area = "4601"
    answer = ask(sign_in(role, area), formal=SEEING[role], grunn="answer")
    sees = role in ("epidemiologist", "duty-officer", *CARE) or (
        role == "municipal-doctor" and which == "own"
    )
    assert answer.status_code == (200 if sees else 404)
    assert (b"Salmonella" in answer.content) == sees
    assert about(ADA)[0][0] == ("view" if sees else "denied")


def test_nobody_and_not_for_you_look_the_same_and_are_both_logged(
    known: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("municipal-doctor", "0301")
    answers = [ask(client, number, formal="outbreak") for number in (BO, CLEO)]
    bodies = [
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        for answer in answers
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert bodies[0] == bodies[1] and "Det er ingen ting du kan få se" in bodies[0]
    assert [one[0] for one in about(BO)] == ["denied"]
    assert [one[0] for one in about(CLEO)] == ["view"]


@pytest.mark.parametrize("role", sorted(set(roles()) - SEEING.keys()))
def test_other_roles_see_nobody(role: str, known: None, sign_in: Callable[..., Client]) -> None:
    answer = ask(sign_in(role))
    assert answer.status_code == 403 and b"Salmonella" not in answer.content
    assert about(ADA) == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"formal": "", "grunn": "answer"}, "Si hva du trenger den til."),
        ({"formal": "research", "grunn": "answer"}, "Si hva du trenger den til."),
        ({"formal": "care", "grunn": ""}, "Si hvorfor du slår opp"),
        ({"formal": "care", "grunn": "curious"}, "Si hvorfor du slår opp"),
    ],
)
def test_without_purpose_and_reason_nothing_is_looked_up(
    sent: dict[str, str], words: str, known: None, sign_in: Callable[..., Client]
) -> None:
    answer = ask(sign_in("clinician"), **sent)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert b"Salmonella" not in answer.content and about(ADA) == []


def test_a_number_that_is_none_is_said_and_not_shown_again(
    known: None, sign_in: Callable[..., Client]
) -> None:
    wrong = ADA[:-1] + str((int(ADA[-1]) + 1) % 10)
    answer = ask(sign_in("clinician"), wrong)
    assert answer.status_code == 422 and wrong not in answer.content.decode()


def test_identities_are_in_no_address_title_log_or_cache(
    known: None, sign_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = sign_in("clinician")
    for page in ("lookup", "notification-known"):
        for number in (ADA, CLEO, "12345678901"):
            answer = ask(client, number, page)
            assert answer["Cache-Control"] == "no-store"
            assert "Location" not in answer and not client.cookies.get("nummer")
            title = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.S)
            assert title and not IDENTITY.search(title[1])
    assert not [one for one in caplog.messages if IDENTITY.search(one)]
    for entry in AccessLogEntry.objects.values(*SAID):
        assert not IDENTITY.search(" ".join(map(str, entry.values()))), entry
    assert not any(ADA in str(value) for value in client.session.values())


def test_a_number_in_the_address_is_not_read(known: None, sign_in: Callable[..., Client]) -> None:
    for page, role in (
        ("lookup", "clinician"),
        ("notification-known", "clinician"),
        ("access-request", "administrator"),
    ):
        answer = sign_in(role, page).get(reverse(page), {"nummer": ADA, **LOOK})
        assert (answer.status_code, answer["Location"]) == (302, reverse(page))
    assert about(ADA) == []


def test_a_form_from_elsewhere_is_refused(known: None, sign_in: Callable[..., Client]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in("clinician").cookies
    assert ask(client).status_code == 403
    assert about(ADA) == []


def test_whoever_looks_up_very_many_must_wait(
    known: None, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0]
    monkeypatch.setattr(looking, "look_allowances", LookAllowances(lambda: now[0]))
    client, other = sign_in("clinician"), sign_in("clinician", "another")
    most = looks._file().at_once
    assert {ask(client, CLEO).status_code for _ in range(most)} == {404}
    answer = ask(client)
    assert answer.status_code == 429 and b"Salmonella" not in answer.content
    assert ask(other).status_code == 200
    now[0] = looks.HOUR // looks._file().per_hour
    assert ask(client).status_code == 200


def test_reasons_are_words_in_both_languages() -> None:
    assert len(look_reasons()) >= 4
    for key, reason in look_reasons().items():
        assert key == reason.key and reason.nb != reason.en
        assert len(f"notification form filled in, {key}") <= 64


# --- the form that fills itself -------------------------------------------------------------------


def test_the_form_is_filled_with_what_is_known_and_says_so(
    known: None, sign_in: Callable[..., Client]
) -> None:
    answer = ask(sign_in("municipal-doctor"), page="notification-known", formal="infection-control")
    body = answer.content.decode()
    assert answer.status_code == 200
    values = dict(re.findall(r'name="([\w.]+)" value="([^"]+)" autocomplete', body))
    assert values["pasient.fodselsnummer"] == ADA
    assert values["diagnoseforhold.provedato"] == "05.12.2025"
    assert values["diagnoseforhold.smittestoff"] == "Salmonella Typhimurium"
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", values["pasient.fodselsdato"])
    assert '<option value="Salmonellose" selected>' in body
    assert '<option value="0301" selected' in body
    filled = ("pasient-fodselsnummer", "pasient-fodselsdato", "pasient-kjonn", "pasient-bosted",
              "diagnoseforhold-diagnose", "diagnoseforhold-smittestoff", "diagnoseforhold-provedato",
              "rekvirent-virksomhet")  # fmt: skip
    for name in filled:
        assert f'id="f-{name}-mark"' in body, name
    assert body.count("Fylt ut for deg.") == len(filled)
    assert [one[:3] for one in about(ADA)] == [
        ("view", "notification", "notification form filled in")
    ]
    assert "meslinger" in body  # the dose that the form has no place for


def test_its_words_follow_what_is_known_of_cases(
    known: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("clinician")

    def panel(number: str, **more: str) -> str:
        body = ask(client, number, "notification-known", **LOOK, **more).content.decode()
        return body.split("Fylt ut med det som er kjent")[1].split("</div>")[0]

    salmonella = answer("H1", "H1", person=CLEO, organism=SALMONELLA, mark="MSIS-M", **STOOL)
    take_in(the_register(), [Incoming("f", salmonella)], lambda: NOW)
    waits, nothing = panel(CLEO), panel(BO)
    assert "Salmonellose" in waits and "Skjema mangler." in waits
    assert "Registeret kjenner ikke noe tilfelle" in nothing
    before = {one.number for one in list_cases() if one.form_missing}
    form = notified("Salmonellose", sampled="2025-12-05", home="0301", person=CLEO)
    take_in(the_register(), [Incoming("n", form)], lambda: NOW)
    [case] = before - {one.number for one in list_cases() if one.form_missing}
    came = panel(CLEO)
    assert (
        "Ingen av pasientens tilfeller mangler skjema" in came and "Salmonellose, bekreftet" in came
    )
    assert "kjenner ikke noe tilfelle" not in came
    asked = panel(CLEO, tilfelle=str(case))
    assert "Det mangler ikke skjema for dette tilfellet" in asked and "Skjema mangler." not in asked


def test_the_hospital_of_the_answer_and_who_notified_last_are_filled_in(
    known: None, sign_in: Callable[..., Client]
) -> None:
    ward = answer("H1", "H1", person=CLEO, organism=SALMONELLA, mark="MSIS-M", made=2, **STOOL)
    take_in(the_register(), [Incoming("f", ward)], lambda: NOW)
    report = Report.objects.get(report_ref="H1")
    Specimen.objects.filter(report=report.id).update(ward="974589095")
    client = sign_in("general-practitioner")
    session = client.session
    session["notifier"] = {"rekvirent.navn": ["Kari Lege"], "rekvirent.hprNummer": ["9144900"]}
    session.save()
    body = ask(client, CLEO, "notification-known").content.decode()
    values = dict(re.findall(r'name="([\w.]+)" value="([^"]+)" autocomplete', body))
    assert values["diagnoseforhold.sykehus"] == "Oslo universitetssykehus, Ullevål"
    assert values["rekvirent.navn"] == "Kari Lege" and values["rekvirent.hprNummer"] == "9144900"
    for name in ("diagnoseforhold-sykehus", "rekvirent-navn"):
        assert f'id="f-{name}-mark"' in body, name


def test_a_ward_is_no_hospital_to_fill_in() -> None:
    day = date(2026, 1, 1)
    assert prefill.hospital_name("Infeksjonsmedisin", day) == ""
    assert prefill.hospital_name("974589095", day) == "Oslo universitetssykehus, Ullevål"
    assert prefill.hospital_name("993467049", day) == ""
    trust = "Oslo universitetssykehus HF, Infeksjonsmedisin"
    assert prefill.hospital_name(trust, day) == trust


def test_a_case_of_somebody_else_is_not_filled_in(
    known: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("clinician")
    body = ask(client, BO, "notification-known", **LOOK, tilfelle="1").content.decode()
    assert "Salmonell" not in body.split("<form class=")[0]


@pytest.mark.parametrize("role", ["general-practitioner", "out-of-hours-doctor"])
@pytest.mark.parametrize("page", ["lookup", "notification-known"])
def test_those_who_notify_most_look_up_their_patient_for_care_alone(
    role: str, page: str, known: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(role)
    assert "meld/kjent" in client.get(reverse("notification")).content.decode()
    form = client.get(reverse(page)).content.decode()
    offered = re.findall(
        r'<option value="([a-z-]+)"', form.split('id="look-purpose"')[1].split("</select>")[0]
    )
    assert offered == ["care"]
    assert ask(client, page=page, formal="quality", grunn="answer").status_code == 422
    assert ask(client, page=page, formal="care", grunn="").status_code == 422
    assert about(ADA) == []
    answer = ask(client, page=page)
    assert answer.status_code == 200 and "Salmonella Typhimurium" in answer.content.decode()
    [(action, _where, what, purpose)] = about(ADA)
    assert (action, purpose) == ("view", "Helsehjelp til personen") and what.endswith(
        ", in-treatment"
    )


# --- a person shown who has looked ----------------------------------------------------------------


def test_a_person_is_shown_who_has_looked(known: None, sign_in: Callable[..., Client]) -> None:
    ask(sign_in("clinician"))
    ask(sign_in("municipal-doctor", "4601"), formal="outbreak")
    administrator = sign_in("administrator")
    body = administrator.post(reverse("access-request"), {"nummer": ADA}).content.decode()
    assert "Sykehuslege" in body and "Helsehjelp til personen" in body
    assert "Pasienten er til undersøkelse eller behandling hos oss" in body
    assert "Kommuneoverlege" in body and "Ble avvist" in body
    assert "tidligere funn, vaksinasjoner og tilfeller hos deg" in body and "Bergen" in body
    assert ADA not in body and body.count("<tr>") == 3
    assert "4601" not in body and "earlier findings" not in body
    # It is logged, and stands in the next list.
    again = administrator.post(reverse("access-request"), {"nummer": ADA}).content.decode()
    assert again.count("<tr>") == 4 and "Viste noen hvem som har sett" in again


def test_looks_of_one_day_and_purpose_are_one_line_with_all_of_them_beneath(
    known: None, sign_in: Callable[..., Client]
) -> None:
    clinician = sign_in("clinician")
    for _ in range(3):
        ask(clinician)
    ask(sign_in("clinician", "another"))
    body = (
        sign_in("administrator").post(reverse("access-request"), {"nummer": ADA}).content.decode()
    )
    rows = re.findall(r"<tr>.*?</tr>", body, re.S)[1:]
    assert [row.count("<li>") for row in rows] == [0, 3]
    assert '<details class="looks"><summary>3 ganger' in rows[1]  # closed until it is printed
    sheet = (Path(history.__file__).parent / "static" / "varde.css").read_text(encoding="utf-8")
    opened = re.search(r"@media print \{.*?\.looks::details-content \{([^}]*)\}", sheet, re.S)
    assert opened and "content-visibility: visible" in opened[1]
    assert "behandling hos oss (3)" in rows[1]
    assert re.search(r"<li>\d{2}\.\d{2}\.\d{4} kl\. \d{2}\.\d{2}</li>", rows[1])


def test_the_access_log_says_in_words_what_was_seen_and_why(
    known: None, sign_in: Callable[..., Client]
) -> None:
    ask(sign_in("clinician"))
    body = sign_in("administrator").get(reverse("access-log")).content.decode()
    said = "1 oppslag i en persons tidligere funn. Pasienten er til undersøkelse eller behandling hos oss"
    assert said in body and "Tidligere funn" in body


def test_an_earlier_number_is_asked_too(known: None, sign_in: Callable[..., Client]) -> None:
    ask(sign_in("clinician"), BO)
    administrator = sign_in("administrator")
    sent = {"nummer": CLEO, "tidligere": BO}
    body = administrator.post(reverse("access-request"), sent).content.decode()
    assert body.count("<tr>") == 2
    assert [one[0] for one in about(BO)] == ["view", "looks-shown"]
    assert [one[0] for one in about(CLEO)] == ["looks-shown"]


@pytest.mark.parametrize("role", sorted(set(roles()) - {"administrator"}))
def test_nobody_else_sees_who_has_looked(
    role: str, known: None, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in(role).post(reverse("access-request"), {"nummer": ADA})
    assert answer.status_code == 403 and about(ADA) == []


def test_a_wrong_number_shows_nobody(known: None, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("administrator").post(reverse("access-request"), {"nummer": "123"})
    assert answer.status_code == 422
    assert not AccessLogEntry.objects.filter(action="looks-shown").exists()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal would be a traceback."""
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)
