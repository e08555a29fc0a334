"""The laboratory's own view: what came, how long it took, who is silent, and what a code means."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from messages import kith_builder as kith
from varde.access import audit
from varde.access.models import AccessLogEntry
from varde.codes import read_confirmed
from varde.publishing import Column, ColumnWords, draw_columns
from varde.register import decisions, quarantine_items, replay, unmapped_codes
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.web.expressions import query_of, seal, unseal
from varde.web.pages.laboratory import say_hours
from varde.web.registers import the_register
from varde.web.sender_choice import find_sender
from varde.web.traffic_charts import _thin
from web.invented import OTHER, OWN

SignIn = Callable[..., Client]
PAGE = "laboratory"
FABLE = "Bacillus fabulosus"
WORDS = ColumnWords(title="T", description="D", axis="A", series=("a", "b", "c"))


@pytest.fixture
def site(db: None, empty_home: Path) -> Path:
    """An empty register in a home of its own, into which maps may be written."""
    return empty_home


def receive(at: datetime, *files: bytes) -> None:
    take_in(the_register(), [Incoming("f.xml", data) for data in files], lambda: at)


def report(number: str, at: datetime, her: str = "91843", organism: str = "E. coli") -> bytes:
    """An answer made an hour before `at`, of a specimen taken a day before it."""

    def local(moment: datetime) -> str:
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S")

    patient = kith.patient(
        kith.specimen(collected=local(at - timedelta(hours=25))), kith.culture(organism)
    )
    return kith.message(
        kith.report(patient, own=number, sender=kith.provider(her)),
        message_id=f"M{number}",
        generated=local(at - timedelta(hours=1)),
    )


def text_of(answer: Any) -> str:
    """The words of a page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def code_address(text: str, **more: str) -> str:
    """The page of an organism that nobody knows."""
    kind, code = more.get("slag", "organism"), more.get("kode", "")
    return reverse("laboratory-code") + query_of((kind, more.get("system", ""), code, text))


def say(client: Client, text: str, what: str, **more: str) -> Any:
    given = {"uttrykk": seal(("organism", "", "", text)), "gjor": what} | more
    return client.post(reverse("laboratory-code"), given)


def test_a_laboratory_sees_its_own_numbers_only(site: Path, own: Client) -> None:
    now = timezone.now()
    receive(now, report("A", now), report("B", now), b"<broken", report("C", now, "70001"))
    page = text_of(own.get(reverse(PAGE)))
    assert "Mottatt 2 Tatt inn 2 Duplikat 0 Karantene 0" in page
    assert "Fjordby sykehus, Mikrobiologi" in page
    assert "Hver avsender" not in page
    # Another's, asked for by address, is not shown either.
    assert text_of(own.get(reverse(PAGE), {"avsender": OTHER})).count("Mottatt 2 Tatt inn 2") == 1


def test_a_name_that_several_have_chooses_none() -> None:
    names = {"HER:1": "Fjord lab", "HER:2": "Fjord lab", "HER:3": "Fjell lab", "HER:4": "Fjell"}
    keys = ["", *names, "HER:5"]
    told = {said: find_sender(said, keys, names) for said in ("Fjord lab", "fjell", "FJELL LAB", "lab", "her:5", " ", "()", "Fjord lab (HER:2)", "x" * 999)}  # fmt: skip
    assert told == {"Fjord lab": None, "fjell": "HER:4", "FJELL LAB": "HER:3", "lab": None, "her:5": "HER:5", " ": None, "()": None, "Fjord lab (HER:2)": "HER:2", "x" * 999: None}  # fmt: skip


def test_one_of_many_is_chosen_by_a_part_of_its_name(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now), report("B", now), report("C", now, "70001"))
    client = sign_in("duty-officer")
    for address in (PAGE, "data-quality"):
        body = client.get(reverse(address)).content.decode()
        assert f'<option value="Fjordby sykehus, Mikrobiologi ({OWN})"></option>' in body
        for said in ("her:9", f"Fjordby … ({OWN})", OWN):
            chosen = client.get(reverse(address), {"avsender": said})
            assert (
                f'value="Fjordby sykehus, Mikrobiologi ({OWN})" maxlength'
                in chosen.content.decode()
            ), said
        for said in ("HER", "Ingen slik"):
            refused = client.get(reverse(address), {"avsender": said}).content.decode()
            assert (
                "Ingen avsender har dette i navnet sitt" in refused and f'value="{said}"' in refused
            )


def test_national_roles_see_all_together_or_the_one_they_choose(
    site: Path, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(now, report("A", now), report("B", now), b"<broken", report("C", now, "70001"))
    for role in ("duty-officer", "epidemiologist"):
        client = sign_in(role)
        page = text_of(client.get(reverse(PAGE)))
        assert "Mottatt 4 Tatt inn 3 Duplikat 0 Karantene 1" in page
        assert "Hver avsender" in page and OWN in page and "Ukjent avsender" in page
        chosen = text_of(client.get(reverse(PAGE), {"avsender": OTHER}))
        assert "Mottatt 1 Tatt inn 1" in chosen and "Hvor lang tid svar tar" in chosen
        assert "Mottatt 4" in text_of(client.get(reverse(PAGE), {"avsender": "HER:none"}))


def test_charts_have_a_table_beside_them(site: Path, own: Client) -> None:
    now = timezone.now()
    receive(now - timedelta(days=3), report("A", now - timedelta(days=3)))
    receive(now, report("B", now))
    body = own.get(reverse(PAGE)).content.decode()
    for name in ("by-hour", "by-day", "delays", "shares"):
        assert f'id="{name}-title"' in body and f'id="{name}-narrow-title"' in body
    page = text_of(own.get(reverse(PAGE)))
    assert "Tallene time for time" in page and "Tallene dag for dag" in page
    local = timezone.localtime(now - timedelta(days=3))
    assert f"{local.day}.{local.month}. 1 0 0" in page
    assert "2 prøver fra laboratoriesvar" in page
    assert "Fra prøven er tatt til svaret er laget 24,0 timer 24,0 timer" in page
    assert "Fra svaret er laget til det er mottatt her 1,0 timer 1,0 timer" in page


def test_the_page_speaks_english_too(site: Path, own: Client) -> None:
    now = timezone.now()
    receive(now, report("A", now))
    own.cookies["django_language"] = "en"
    page = text_of(own.get(reverse(PAGE)))
    assert "Received 1 Taken in 1 Duplicate 0 Quarantine 0" in page
    assert "Specimen taken to answer made 24.0 hours" in page


def test_an_empty_view_says_so(site: Path, own: Client) -> None:
    assert "Ingenting er mottatt ennå." in text_of(own.get(reverse(PAGE)))


def test_a_silence_is_told_to_who_can_do_something(
    site: Path, own: Client, sign_in: SignIn
) -> None:
    """Hourly for four weeks, then nothing for two days."""
    now = timezone.now()
    for hour in range(48, 28 * 24, 3):
        at = now - timedelta(hours=hour)
        receive(at, report(f"R{hour}", at))
    receive(now, report("OTHER", now, "70001"))
    page = text_of(own.get(reverse(PAGE)))
    assert "Det kommer ikke lenger noe: laboratoriesvar" in page
    assert "Sjekk om systemet deres fortsatt sender." in page
    national = text_of(sign_in("duty-officer").get(reverse(PAGE)))
    assert "Taus: Fjordby sykehus, Mikrobiologi, laboratoriesvar" in national
    assert "Spør avsenderen" in national
    receive(now, report("AGAIN", now))
    assert "Det kommer ikke lenger noe" not in text_of(own.get(reverse(PAGE)))


def test_unknown_codes_stand_with_a_suggestion_that_is_not_used(site: Path, own: Client) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="E.koli"), report("B", now, "70001", "Hemmeligheten"))
    page = text_of(own.get(reverse(PAGE)))
    assert "E.koli" in page and "Escherichia coli" in page and "Hemmeligheten" not in page
    assert [code.text for code in unmapped_codes()] == ["E.koli", "Hemmeligheten"]


def test_a_laboratory_proposes_and_somebody_nationally_confirms(
    site: Path, own: Client, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(
        now,
        report("A", now, organism="Bacillus fabulosus"),
        report("B", now, "70001", "Bacillus  FABULOSUS"),
    )
    expression = ("organism", "", "", "Bacillus fabulosus")
    seen = text_of(own.get(code_address("Bacillus fabulosus")))
    assert "Du foreslår, og noen nasjonalt bekrefter" in seen
    assert say(own, "Bacillus fabulosus", "confirm", mening="bacillus").status_code == 403
    assert say(own, "Bacillus fabulosus", "propose", mening="no-such").status_code == 422
    assert say(own, "Bacillus fabulosus", "propose", mening="bacillus").status_code == 302
    assert [d.verdict for d in decisions([expression]).values()] == ["proposed"]
    assert read_confirmed(site / "maps") == []

    officer = sign_in("duty-officer")
    form = officer.get(code_address("Bacillus fabulosus"))
    assert "Foreslått Bacillus Fjordby sykehus, Mikrobiologi" in text_of(form)
    # The proposal is offered first, and chosen.
    [first, *_] = re.findall(r'<input[^>]*name="mening"[^>]*>', form.content.decode())
    assert 'value="bacillus"' in first and "checked" in first
    assert "Foreslått av avsenderen: Bacillus" in text_of(officer.get(reverse(PAGE)))
    done = say(officer, "Bacillus fabulosus", "confirm", mening="annen", annen="bacillus-cereus")
    assert "Svar som ble endret: 2." in text_of(officer.get(done.url))
    assert [row.concept for row in read_confirmed(site / "maps")] == ["bacillus-cereus"]
    assert unmapped_codes() == []
    # What comes later is understood, by every process that has the register open.
    receive(now, report("C", now, organism="Bacillus fabulosus"))
    assert unmapped_codes() == []

    back = say(officer, "Bacillus fabulosus", "withdraw")
    assert "Svar som ble endret: 3." in text_of(officer.get(back.url))
    assert sum(code.count for code in unmapped_codes()) == 3
    logged = list(
        AccessLogEntry.objects.filter(action="change").values_list("object_kind", "object_count")
    )
    assert logged == [
        ("code proposed", 1),
        ("answer by code confirmed", 2),
        ("answer by code withdrawn", 3),
    ]
    assert audit.verify() is None


def test_a_code_that_stands_for_nothing_leaves_the_list(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Se kommentar nedenfor"))
    client = sign_in("epidemiologist")
    assert "Se kommentar nedenfor" in text_of(client.get(reverse(PAGE)))
    assert say(client, "Se kommentar nedenfor", "unmappable").status_code == 302
    page = text_of(client.get(reverse(PAGE)))
    assert "Se kommentar nedenfor – Mikrobe Står ikke for noe som telles Epidemiolog" in page
    assert page.count("Se kommentar nedenfor") == 1
    assert [code.text for code in unmapped_codes()] == ["Se kommentar nedenfor"]


def test_codes_of_others_and_codes_that_nobody_sends_are_not_there(
    site: Path, own: Client, other: Client, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Bacillus fabulosus"))
    assert own.get(code_address("Bacillus fabulosus")).status_code == 200
    assert other.get(code_address("Bacillus fabulosus")).status_code == 404
    assert say(other, "Bacillus fabulosus", "propose", mening="bacillus").status_code == 404
    assert sign_in("duty-officer").get(code_address("Something else")).status_code == 404
    assert sign_in("clinician").get(code_address("Bacillus fabulosus")).status_code == 403
    assert decisions([("organism", "", "", "Bacillus fabulosus")]) == {}


def test_a_confirmation_that_cannot_hold_says_why(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Isolat 123456789"), report("B", now, organism="Fabel"))
    client = sign_in("duty-officer")
    hidden = next(code.text for code in unmapped_codes() if "•" in code.text)
    answer = say(client, hidden, "confirm", mening="bacillus")
    assert answer.status_code == 422 and "Sifre i den er skjult" in text_of(answer)
    assert "Velg hva den betyr." in text_of(say(client, "Fabel", "confirm"))
    assert say(client, "Fabel", "no-such-thing").status_code == 422
    (site / "maps").mkdir(exist_ok=True)
    (site / "maps" / "own.csv").write_text("not,a,map\n")
    assert "kodekart går ikke sammen" in text_of(say(client, "Fabel", "confirm", mening="bacillus"))


def test_a_resistance_in_the_words_is_said_to_be_kept(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(
        now, report("A", now, organism="Staf. aureuss (MRSA)"), report("B", now, organism="Fabel")
    )
    client = sign_in("duty-officer")
    page = text_of(client.get(code_address("Staf. aureuss (MRSA)")))
    assert "Resistens i ordene MRSA : beholdes" in page.replace("MRSA:", "MRSA :")
    assert "Resistens i ordene" not in text_of(client.get(code_address("Fabel")))


def test_what_hides_a_number_says_beforehand_that_nobody_can_confirm_it(
    site: Path, sign_in: SignIn
) -> None:
    """Alone the number is hidden: what waits is seen by those who must find out."""
    now = timezone.now()
    receive(now, report("A", now, organism="Mulig positiv, født 17.03.1984"))
    client = sign_in("duty-officer")
    [code] = client.get(reverse(PAGE)).context["codes"]
    page = text_of(client.get(reverse("laboratory-code") + code["address"]))
    assert "Mulig positiv, født •" in page and "1984" not in page
    assert "Sifre i den er skjult" in page and 'value="confirm"' not in page
    assert "nøyaktig denne teksten" not in page


def test_a_code_without_words_from_several_is_warned_of(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()

    def wordless(her: str) -> bytes:
        found = kith.result(
            (kith.NLK, "NPU06073", "U-Bakterier dyrkning"), codes=[(kith.LOCAL, "QQ7", "")]
        )
        return kith.message(
            kith.report(
                kith.patient(kith.specimen(), found), own=f"W{her}", sender=kith.provider(her)
            ),
            message_id=f"W{her}",
        )

    receive(now, wordless("91843"), wordless("70001"))
    [code] = unmapped_codes()
    assert code.text == ""
    address = code_address("", system=code.system, kode=code.code)
    assert "uten ord" in text_of(sign_in("duty-officer").get(address))


def test_the_quarantine_can_be_narrowed_to_one_laboratory(
    register: None, sign_in: SignIn, own: Client
) -> None:
    officer = sign_in("duty-officer")
    body = officer.get(reverse("quarantine"), {"avsender": OTHER}).content.decode()
    assert body.count('class="problem"') == 1 and "OTHER-1" in body
    assert f"avsender={OTHER.replace(':', '%3A')}" in body
    assert (
        own.get(reverse("quarantine"), {"avsender": OTHER})
        .content.decode()
        .count('class="problem"')
        == 2
    )


def item_of(message_ref: str) -> str:
    [item] = [item for item in quarantine_items(state=None) if item.message_ref == message_ref]
    return reverse("quarantine-item", args=[item.id])


def test_what_was_sent_is_shown_to_the_sender_alone_for_a_purpose_and_logged(
    register: None, own: Client, other: Client, sign_in: SignIn
) -> None:
    address = item_of("OWN-1")
    page = own.get(address)
    assert page.status_code == 200 and "01815000389" not in page.content.decode()
    assert own.post(address, {"gjor": "open"}).status_code == 422  # for no purpose
    raw = own.post(address, {"gjor": "open", "formal": "correct"}).content.decode()
    assert "&lt;Message" in raw and "OWN-1" in raw
    assert "At du åpnet den, står i tilgangsloggen." in raw
    entry = AccessLogEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.action, entry.object_count) == ("view", 1)
    assert re.fullmatch(r"raw item \d+/1", entry.object_kind)
    assert entry.purpose == "Rette meldingen og levere den på nytt"
    # Neither another laboratory, nor a national role without the right.
    assert other.get(address).status_code == 404
    assert other.post(address, {"gjor": "open", "formal": "correct"}).status_code == 404
    epidemiologist = sign_in("epidemiologist")
    assert "Åpne meldingen" not in epidemiologist.get(address).content.decode()
    assert epidemiologist.post(address, {"gjor": "open", "formal": "cause"}).status_code == 403
    officer = sign_in("duty-officer")
    assert (
        "&lt;Message"
        in officer.post(address, {"gjor": "open", "formal": "answer"}).content.decode()
    )
    shown = text_of(sign_in("administrator").get(reverse("access-log")))
    assert "melding slik den ble sendt" in shown and "Svare den som sendte den" in shown


def test_an_entry_is_closed_by_hand_with_a_reason_and_opened_again(
    register: None, own: Client, home: Path
) -> None:
    address = item_of("OWN-1")
    assert own.post(address, {"gjor": "close"}).status_code == 422
    told = own.post(
        address, {"gjor": "close", "grunn": "test", "merknad": "Ring oss, 01815 000389"}
    )
    assert told.status_code == 422 and "Her kan det stå et fødselsnummer" in text_of(told)
    assert 'value="Ring oss, 01815 000389"' in told.content.decode()
    assert 'id="trouble" tabindex="-1" autofocus' in told.content.decode()
    note = "Ring oss"
    assert own.post(address, {"gjor": "close", "grunn": "test", "merknad": note}).status_code == 302
    page = text_of(own.get(address))
    assert "Lukket for hånd" in page and "Var en test" in page
    assert "Ring oss" in page and "01815000389" not in page
    replay(the_register(), timezone.now)
    assert "Lukket for hånd" in text_of(own.get(address))
    assert own.post(address, {"gjor": "reopen"}).status_code == 302
    assert "Åpne meldingen" in text_of(own.get(address))
    changes = AccessLogEntry.objects.filter(action="change").values_list("object_kind", flat=True)
    assert [kind.rsplit(" ", 1)[0] for kind in changes] == ["closed item", "reopened item"]


def test_a_message_is_read_again_when_asked_to(register: None, own: Client) -> None:
    address = item_of("OWN-1")
    done = own.post(address, {"gjor": "read-again"})
    assert "Lest på nytt, med samme utfall." in text_of(own.get(done.url))


def test_nonsense_in_addresses_and_forms_is_no_fault(register: None, own: Client) -> None:
    assert own.get(reverse("quarantine-item", args=[10**15])).status_code == 404
    assert own.post(item_of("OWN-1"), {"gjor": "no-such-thing"}).status_code == 404
    assert own.get(item_of("OWN-1") + "?melding=x&lest=" + "9" * 400).status_code == 200
    assert own.get(code_address("x" * 500) + "&endret=-1").status_code == 404
    assert own.get(reverse("laboratory-code")).status_code == 404


def test_a_message_in_the_log_belongs_to_who_sent_it(
    register: None, own: Client, other: Client
) -> None:
    """The number of another's message in the address shows nothing of what became of it."""
    mine = own.get(item_of("OTHER-1"))
    assert mine.status_code == 404
    page = other.get(item_of("OTHER-1") + "?melding=1")
    assert "Rettelsen" not in text_of(page)


def test_a_laboratory_learns_what_became_of_its_proposal_and_it_can_be_found_again(
    site: Path, own: Client, other: Client, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism=FABLE), report("B", now, organism="Fabel"))
    receive(now, report("C", now, "70001", "Hemmelig"))
    say(own, FABLE, "propose", mening="bacillus")
    say(other, "Hemmelig", "propose", mening="bacillus")
    officer = sign_in("duty-officer")
    say(officer, FABLE, "confirm", mening="bacillus-cereus")
    say(officer, "Fabel", "unmappable")
    mine = text_of(own.get(reverse(PAGE)))
    assert f"{FABLE} – Mikrobe Bekreftet Bacillus cereus Nasjonal smittevernvakt" in mine
    assert "Fabel – Mikrobe Står ikke for noe som telles" in mine and "Hemmelig" not in mine
    answer = own.get(code_address(FABLE))
    assert answer.status_code == 200
    assert "Svar den er bekreftet for 1" in text_of(answer)
    assert "Foreslått Bacillus Fjordby sykehus, Mikrobiologi" in text_of(answer)
    assert "Trekk tilbake" not in text_of(answer)
    assert other.get(code_address(FABLE)).status_code == 404
    # National roles find all of it, and take it back from the page.
    page = officer.get(reverse(PAGE))
    assert "Hemmelig – Mikrobe Foreslått Bacillus" in text_of(page)
    [address] = re.findall(r'href="(/laboratorium/kode/[^"]*)">' + FABLE, page.content.decode())
    assert "Trekk tilbake" in text_of(officer.get(html.unescape(address)))
    say(officer, FABLE, "withdraw")
    assert f"{FABLE} – Mikrobe Trukket tilbake" in text_of(own.get(reverse(PAGE)))
    assert [each["verdict"] for each in described(own, FABLE)] == [
        "Trukket tilbake",
        "Bekreftet",
        "Foreslått",
    ]


def described(client: Client, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(code_address(text)).context["history"]
    return found


def test_another_laboratorys_proposal_is_not_told(site: Path, own: Client, other: Client) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism=FABLE), report("B", now, "70001", FABLE))
    say(other, FABLE, "propose", mening="bacillus")
    assert described(own, FABLE) == []
    assert "Foreslått" not in text_of(own.get(reverse(PAGE)))
    assert "Foreslått" in text_of(other.get(reverse(PAGE)))


def offered(answer: Any) -> list[str]:
    """The keys that can be chosen, in the order of the page."""
    keys = re.findall(r'name="mening"[^>]*value="([^"]+)"', answer.content.decode())
    return [key for key in keys if key != "annen"]


def test_what_it_means_is_searched_for_without_scripts(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Fabel"))
    client = sign_in("duty-officer")
    found = say(client, "Fabel", "find", annen="kleb pneu")
    assert found.status_code == 200 and offered(found) == ["klebsiella-pneumoniae"]
    body = found.content.decode()
    # One that is found alone stands after the field, gets the focus, and is chosen by nobody.
    assert "funnet ved søket ditt" in text_of(found) and " checked" not in body
    assert body.index('id="annen"') < body.index('id="found" tabindex="-1" autofocus')
    assert body.index('id="found"') < body.index('value="klebsiella-pneumoniae"')
    several = say(client, "Fabel", "find", annen="Candida")
    assert several.status_code == 200
    # Typed, not searched for: one name is enough, several must be chosen from.
    assert offered(say(client, "Fabel", "find", annen="klebsiela pneumonie"))[0] == (
        "klebsiella-pneumoniae"
    )
    unclear = say(client, "Fabel", "confirm", mening="annen", annen="staphylococcus s")
    assert unclear.status_code == 422 and len(offered(unclear)) > 2
    assert "Velg ett av dem som ble funnet" in text_of(unclear)
    assert "<title>Feil: " in unclear.content.decode()
    assert 'id="faults" tabindex="-1" autofocus' in unclear.content.decode()
    assert unclear.content.decode().count("autofocus") == 1
    assert "Ingenting heter noe som ligner" in text_of(say(client, "Fabel", "find", annen="qqqq"))
    # One thing typed and another chosen is not understood as either.
    assert say(client, "Fabel", "confirm", mening="bacillus", annen="Yersinia").status_code == 422
    assert decisions([("organism", "", "", "Fabel")]) == {}
    done = say(client, "Fabel", "confirm", mening="annen", annen="Candida albicans")
    assert done.status_code == 302
    assert [row.concept for row in read_confirmed(site / "maps")] == ["candida-albicans"]


def test_nobody_confirms_that_nobody_knows(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Ukjent organisme nr. 7"))
    client = sign_in("duty-officer")
    page = client.get(code_address("Ukjent organisme nr. 7"))
    assert "(unknown name)" not in page.content.decode() and offered(page) == []
    answer = say(client, "Ukjent organisme nr. 7", "confirm", mening="unknown-organism")
    assert answer.status_code == 422 and "Det sier bare at ingen vet" in text_of(answer)


def test_names_are_norwegian_where_there_are_norwegian_ones(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Fabel"))
    client = sign_in("duty-officer")
    names = re.findall(
        r'<option value="([^"]+)">', client.get(code_address("Fabel")).content.decode()
    )
    assert {"Gjærsopp", "Gramnegative staver", "Escherichia coli", "Salmonella"} <= set(names)
    assert not {"Yeast", "Gram-negative rods", "(unknown name)"} & set(names)
    assert len(names) == len(set(names)) > 400
    client.cookies["django_language"] = "en"
    assert 'value="Yeast"' in client.get(code_address("Fabel")).content.decode()


def test_what_came_is_told_by_hour_and_kind_and_nothing_is_drawn_of_nothing(
    site: Path, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(now - timedelta(days=3), report("A", now - timedelta(days=3)))
    client = sign_in("duty-officer")
    page = client.get(reverse(PAGE))
    hours = page.content.decode().partition('id="hours-heading"')[2].partition("</section>")[0]
    assert "Ingenting kom." in hours and "<svg" not in hours and "Etter time og slag" not in hours
    receive(now, report("B", now), b"<broken", b"<broken too")
    page = client.get(reverse(PAGE))
    assert "Etter time og slag" in text_of(page)
    table = page.context["hour_kinds"]
    assert table["names"] == ["Laboratoriesvar", "Uvisst hva det er"]
    [row] = table["rows"]
    assert [items for _name, items in row["cells"]] == [1, 2] and row["unfinished"]


@pytest.mark.parametrize(
    ("hours", "said"), [(5, "5 timer"), (47, "47 timer"), (48, "2 døgn"), (700, "29 døgn")]
)
def test_a_silence_is_told_in_days_from_two_days_on(hours: int, said: str) -> None:
    with translation.override("nb"):
        assert say_hours(hours) == said


def test_one_kind_can_be_looked_at_by_hour_and_day(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now), b"<broken", b"<broken too")
    client = sign_in("duty-officer")
    everything = client.get(reverse(PAGE)).context
    assert [row["values"] for row in everything["days"]["rows"]] == [(1, 0, 2)]
    assert len(everything["kind_choices"]) == 3
    page = client.get(reverse(PAGE), {"slag": "laboratory"})
    assert [row["values"] for row in page.context["hours"]["rows"]] == [(1, 0, 0)]
    assert [row["values"] for row in page.context["days"]["rows"]] == [(1, 0, 0)]
    assert "Laboratoriesvar per time" in text_of(page) and "Mottatt 3" in text_of(page)
    unread = client.get(reverse(PAGE), {"slag": "ulest"}).context
    assert [row["values"] for row in unread["days"]["rows"]] == [(0, 0, 2)]
    nonsense = client.get(reverse(PAGE), {"slag": "x", "side": "9" * 9}).context
    assert nonsense["days"]["rows"][0]["values"] == (1, 0, 2) and nonsense["number"] == 1


def test_the_rhythm_is_told_in_the_same_words_everywhere(site: Path, sign_in: SignIn) -> None:
    now = timezone.now()
    receive(now, report("A", now))
    client = sign_in("duty-officer")
    words = "Kjent for kort tid til å bedømmes"
    together = client.get(reverse(PAGE))
    [row] = together.context["senders"]
    [kind] = client.get(reverse(PAGE), {"avsender": OWN}).context["kinds"]
    assert row["rhythm"] == kind["rhythm"] and row["rhythm"]["text"] == words
    assert words in text_of(together)


@pytest.mark.parametrize(("width", "number"), [(760.0, 56), (340.0, 56), (340.0, 48)])
def test_labels_under_a_chart_never_touch(width: float, number: int) -> None:
    every = 7 if number == 56 else 6
    columns = [
        Column(label="28.12." if place % every == 5 else "", told="", values=(1, 0, 0))
        for place in range(number)
    ]
    drawn = draw_columns(_thin(columns, width), WORDS, name="x", width=width)
    places = [
        (float(x), anchor)
        for x, anchor in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="(\w+)"[^>]*>28', drawn)
    ]
    assert len(places) >= 4
    wide = 6 * 6.0
    spans = sorted(
        (x - wide, x) if anchor == "end" else (x - wide / 2, x + wide / 2) for x, anchor in places
    )
    assert all(left[1] < right[0] for left, right in itertools.pairwise(spans))


# A sender that is no laboratory.

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "messages"
MUNICIPAL = {
    "notification": ("klinikermelding.json", b'"2026-01-07T10:00:00+01:00"', b'"never"'),
    "vaccination": ("vaksinasjoner.csv", b";2026-01-05;", b";2026-01-32;"),
    "prevalence": ("nois-piah-avdeling.csv", b";2026-01-21T15:00;", b";2026-01-32T15:00;"),
    "surgery": ("nois-posi.csv", b";2026-01-12T10:00;", b";2026-01-32T10:00;"),
}
"""Kind → an example, and what makes an item of it unusable. No laboratory sends these."""
NAMED = {
    "notification": "Kliniske meldinger",
    "vaccination": "Vaksinasjoner",
    "prevalence": "Prevalensundersøkelser",
    "surgery": "Infeksjoner i operasjonsområdet",
}


def receive_kinds(at: datetime) -> None:
    """An example of each of the kinds, and the same with a fault."""
    files = []
    for kind, (name, good, bad) in MUNICIPAL.items():
        data = (EXAMPLES / name).read_bytes()
        assert good in data
        files += [
            Incoming(name, data, kind=kind),
            Incoming(f"bad-{name}", data.replace(good, bad, 1), kind=kind),
        ]
    take_in(the_register(), files, lambda: at)


def test_the_contact_of_another_sender_has_the_view_of_a_laboratory_contact(
    site: Path, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive_kinds(now)
    receive(now, report("B", now, "70001"))
    client = sign_in("sender-contact", "HER:91843")
    answer = client.get(reverse(PAGE))
    page = text_of(answer)
    assert {row["key"] for row in answer.context["kinds"]} == set(MUNICIPAL)
    assert "avsenderen" in page and "laboratoriet" not in page.partition("Koder Varde")[0]
    for row in answer.context["kinds"]:
        assert row["name"] == NAMED[row["key"]] and str(row["name"]) in page
        assert row["quarantined"] == 1 and row["today"] >= 2
    assert answer.context["waiting"] == 4
    # Each kind has charts of its own, and all of them stand in the table by hour.
    assert answer.context["hour_kinds"]["names"] == [NAMED[kind] for kind in MUNICIPAL]
    for kind, name in NAMED.items():
        chosen = client.get(reverse(PAGE), {"slag": kind})
        assert f"{name} per time" in text_of(chosen) and "<svg" in chosen.content.decode()
        [row] = chosen.context["days"]["rows"]
        assert row["values"][2] == 1
    waiting = quarantine_items("HER:91843")
    assert {item.kind for item in waiting} == set(MUNICIPAL)
    listed = text_of(client.get(reverse("quarantine")))
    for item in waiting:
        assert item.reason == "bad-date"
        shown = client.get(reverse("quarantine-item", args=(item.id,)))
        assert shown.status_code == 200 and "Ugyldig dato" in text_of(shown)
    assert listed.count("Ugyldig dato") >= 4
    # Nobody else's.
    assert "70001" not in page
    stranger = sign_in("sender-contact", "HER:70001")
    assert {row["key"] for row in stranger.get(reverse(PAGE)).context["kinds"]} == {"laboratory"}
    for item in waiting:
        assert stranger.get(reverse("quarantine-item", args=(item.id,))).status_code == 404


def test_a_contact_without_sender_sees_nothing(site: Path, sign_in: SignIn) -> None:
    receive_kinds(timezone.now())
    client = sign_in("sender-contact", "")
    for page in (PAGE, "quarantine"):
        assert client.get(reverse(page)).status_code == 403


def test_an_address_says_nothing_of_what_was_written(site: Path) -> None:
    expression = ("organism", "2.16.578.1.12.4.1.1.8212", "KARI", "Kari Nordmann E.coli")
    query = query_of(expression)
    assert "Kari" not in query and query == query_of(expression)
    assert unseal(seal(expression)) == expression
    for wrong in ("", "x", seal(expression)[:-2], seal(expression)[:-1] + "é", "A" * 9_000):
        assert unseal(wrong) is None


def test_free_text_with_hidden_digits_is_shown_to_those_alone_who_wrote_it(
    site: Path, own: Client, sign_in: SignIn
) -> None:
    now = timezone.now()
    receive(now, report("A", now, organism="Kari Nordmann født 010180 E.coli"))
    written = "Kari Nordmann"
    assert written in text_of(own.get(reverse(PAGE)))
    officer = sign_in("duty-officer")
    for address in (reverse(PAGE), reverse("quarantine")):
        page = text_of(officer.get(address))
        assert written not in page
    assert "(fritekst med tall, skjult)" in text_of(officer.get(reverse(PAGE)))
    # Whom to ask stands on its page; those who wrote it see it, and no such note.
    [code] = officer.get(reverse(PAGE)).context["codes"]
    address = reverse("laboratory-code") + code["address"]
    asked = text_of(officer.get(address))
    assert written not in asked and "bare de som skrev den, ser den: " in asked
    mine = text_of(own.get(address))
    assert written in mine and "bare de som skrev den" not in mine
