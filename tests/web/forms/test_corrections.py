"""A correction from the quarantine page goes through the door that everything comes in by."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messages import kith_builder as kith
from messages.table_rows import WARD, table
from register.answers import MAPPING
from varde.access.models import AccessLogEntry
from varde.register import quarantine_items
from varde.register.intake import take_in
from varde.register.log import Incoming, read
from varde.register.raw import MOST_SIGNS
from varde.web.intake import doors
from varde.web.registers import the_register
from web.forms.pages import Site


def receive(data: bytes, mapping: bytes | None = None) -> None:
    take_in(the_register(), [Incoming("f", data, mapping)], timezone.now)


def address_of(message_ref: str) -> str:
    item = next(item for item in quarantine_items(state=None) if item.message_ref == message_ref)
    return reverse("quarantine-item", args=[item.id])


def is_open(message_ref: str) -> bool:
    return any(item.message_ref == message_ref for item in quarantine_items())


def bad(number: str, her: str = "91843") -> bytes:
    patient = kith.patient(kith.specimen(collected=None), kith.culture("E. coli"))
    return kith.message(
        kith.report(patient, own=f"R{number}", sender=kith.provider(her)), message_id=number
    )


def mend(text: str) -> str:
    """The message with the day that was missing."""
    good = kith.specimen()
    day = re.search(r"<CollectedSample>.*?</CollectedSample>", good)
    assert day is not None
    return text.replace("<AnalysedSubject>", f"<AnalysedSubject>{day[0]}", 1)


def opened(client: Client, address: str) -> str:
    """The text of the message, as the form has it."""
    body = client.post(address, {"gjor": "open", "formal": "correct"}).content.decode()
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", body, re.S)
    assert found is not None
    return unescape(found[1])


def hand_in(client: Client, address: str, text: str) -> Any:
    """As a browser does: line breaks in two signs."""
    return client.post(address, {"gjor": "send", "text": text.replace("\n", "\r\n")})


def newest() -> Any:
    register = the_register()
    return list(read(range(1, 10_000), register.sealer))[-1]


def test_a_corrected_message_settles_its_problem(site: Site) -> None:
    receive(bad("C1"))
    client, address = site.sign_in("laboratory-contact"), address_of("C1")
    text = opened(client, address)
    assert text.encode() == bad("C1")
    done = hand_in(client, address, mend(text))
    assert done.status_code == 302
    assert "Rettelsen er tatt inn, og problemet er løst." in client.get(done.url).content.decode()
    assert not is_open("C1")
    stored = newest()
    assert (stored.submitter, stored.data) == ("HER:91843", mend(text).encode())
    assert stored.kind == "laboratory"
    entry = AccessLogEntry.objects.order_by("-id").exclude(action="view").first()
    assert entry is not None and entry.object_kind.startswith("corrected item ")


def test_a_row_of_a_parquet_table_is_put_right_as_the_csv_that_it_is_read_as(site: Site) -> None:
    rows = [
        WARD | {"Nummer": "P1"},
        WARD | {"Nummer": "P2", "AntallBeboereKl8": "mange", "Avdeling": "A;B"},
        WARD | {"Nummer": "P3"},
    ]
    data = io.BytesIO()
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in WARD}), data)
    receive(data.getvalue())
    [item] = [each for each in quarantine_items() if each.reason == "bad-value"]
    client = site.sign_in("laboratory-contact")
    address = reverse("quarantine-item", args=[item.id])
    text = opened(client, address)
    assert text == table(rows[1]).replace("\r\n", "\n")
    done = hand_in(client, address, text.replace("mange", "24"))
    assert "Rettelsen er tatt inn, og problemet er løst." in client.get(done.url).content.decode()
    assert newest().data == table(rows[1] | {"AntallBeboereKl8": "24"}).encode()


def test_a_correction_that_changes_nothing_is_not_kept(site: Site) -> None:
    receive(bad("C2"))
    client, address = site.sign_in("laboratory-contact"), address_of("C2")
    before = newest().message
    done = hand_in(client, address, opened(client, address))
    assert done.status_code == 422
    assert "Ingenting er endret, så ingenting ble levert." in done.content.decode()
    empty = hand_in(client, address, " \n ")
    assert empty.status_code == 422 and "Meldingen er tom." in empty.content.decode()
    assert newest().message == before


def test_what_is_still_wrong_is_shown_with_its_line_before_anything_is_kept(site: Site) -> None:
    receive(bad("C7"))
    client, address = site.sign_in("laboratory-contact"), address_of("C7")
    before = newest().message
    text = mend(opened(client, address)).replace('<Status V="F"/>', '\n<Status V="Q"/>\n')
    done = hand_in(client, address, text)
    body = unescape(done.content.decode())
    assert done.status_code == 422 and newest().message == before
    assert "Dette er fortsatt galt, og ingenting er levert" in body and "<code>Q</code>" in body
    assert re.search(r'class="marked".*?<code><Status V="Q"/></code>', body, re.S)
    assert 'name="likevel"' in body and '<Status V="Q"/>' in body.partition("<textarea")[2]
    hei = hand_in(client, address, "hei")
    assert "Ukjent filtype" in hei.content.decode() and newest().message == before


def test_what_was_handed_in_anyway_and_what_it_corrects_lead_to_each_other(site: Site) -> None:
    receive(bad("C8"))
    client, address = site.sign_in("laboratory-contact"), address_of("C8")
    answer = {"gjor": "send", "text": "hei", "likevel": "1"}
    done = client.post(address, answer)
    body = client.get(done.url).content.decode()
    assert "kan heller ikke brukes" in body and is_open("C8")
    new = reverse("quarantine-item", args=[quarantine_items(limit=1)[0].id])
    assert f'href="{new}"' in body
    assert f'href="{new}"' in client.get(address).content.decode()  # also later, without a receipt
    assert f'href="{address}"' in client.get(new).content.decode()
    other = site.sign_in("laboratory-contact", "HER:70001")
    assert other.get(new).status_code == 404


def test_a_message_in_another_encoding_than_it_says_is_mended_without_a_change(site: Site) -> None:
    good = kith.message(
        kith.report(
            kith.patient(kith.specimen(free="Sårsekret"), kith.culture("E. coli")), own="R9"
        ),
        message_id="C9",
    )
    receive(good.decode().encode("cp1252"))
    client = site.sign_in("laboratory-contact")
    item = next(item for item in quarantine_items() if item.reason == "wrong-encoding")
    address = reverse("quarantine-item", args=[item.id])
    page = client.get(address).content.decode()
    assert "skrevet i UTF-8" in page and re.search("den betyr [æøå] i Windows-1252", page)
    body = client.post(address, {"gjor": "open", "formal": "correct"}).content.decode()
    assert 'name="skriv" value="1" checked' in body and 'class="marked"' in body
    text = opened(client, address)
    assert "Ingenting er endret" in hand_in(client, address, text).content.decode()
    done = client.post(address, {"gjor": "send", "text": text, "skriv": "1"})
    assert done.status_code == 302 and newest().data == good
    assert next(i for i in quarantine_items(state=None) if i.id == item.id).state == "resolved"


def test_nobody_speaks_for_another_laboratory(site: Site) -> None:
    receive(bad("C3"))
    client, address = site.sign_in("laboratory-contact"), address_of("C3")
    foreign = mend(opened(client, address)).replace("91843", "70001")
    told = hand_in(client, address, foreign)
    assert told.status_code == 422 and "Annen avsender" in told.content.decode()
    done = client.post(address, {"gjor": "send", "text": foreign, "likevel": "1"})
    assert "kan heller ikke brukes" in client.get(done.url).content.decode()
    assert quarantine_items(limit=1)[0].reason == "foreign-sender"
    assert is_open("C3")


def test_the_duty_officer_corrects_for_the_sender(site: Site) -> None:
    receive(bad("C4", "70001"))
    client, address = site.sign_in("duty-officer", ""), address_of("C4")
    done = hand_in(client, address, mend(opened(client, address)))
    assert "problemet er løst" in client.get(done.url).content.decode()
    assert newest().submitter == "HER:70001"


def test_of_a_list_the_row_alone_is_shown_and_sent_with_its_mapping(site: Site) -> None:
    rows = (
        "id;patient;date;organism;AMP\r\n"
        "10;P1;2026-01-05;Escherichia coli;R\r\n"
        '11;P2;;"Klebsiella\r\npneumoniae æ";S\r\n'
        "12;P3;2026-01-05;Escherichia coli;R\r\n"
    ).encode("cp1252")
    mapping = MAPPING.replace(
        b'sender = "LIST"', b'sender = "HER:91843"\nencoding = "cp1252"\ndelimiter = ";"'
    )
    receive(rows, mapping)
    client, address = site.sign_in("laboratory-contact"), address_of("11")
    text = opened(client, address)
    assert text == 'id;patient;date;organism;AMP\n11;P2;;"Klebsiella\npneumoniae æ";S\n'
    wrong_sign = hand_in(client, address, text.replace("P2;;", "P2;2026-01-06;").replace("æ", "ǂ"))
    assert wrong_sign.status_code == 422 and "Tegnet ǂ" in unescape(wrong_sign.content.decode())
    hand_in(client, address, text.replace("P2;;", "P2;2026-01-06;"))
    assert not is_open("11")
    stored = newest()
    assert stored.mapping == mapping
    assert stored.data.startswith(b"id;patient;date;organism;AMP\r\n11;P2;2026-01-06;")
    assert b"\xe6" in stored.data


def test_a_large_message_is_not_shown(site: Site) -> None:
    large = bad("C5").replace(b"</Message>", b"<!--" + b"x" * MOST_SIGNS + b"--></Message>")
    receive(large)
    client, address = site.sign_in("laboratory-contact"), address_of("C5")
    body = client.post(address, {"gjor": "open", "formal": "cause"}).content.decode()
    assert "for stor til å vises her" in body and "<textarea" not in body
    assert hand_in(client, address, "<Message/>").status_code == 422


def test_when_the_intake_is_closed_the_text_is_not_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(bad("C6"))
    client, address = site.sign_in("laboratory-contact"), address_of("C6")
    text = mend(opened(client, address))
    monkeypatch.setattr(doors._all(), "_closed", True)
    answer = hand_in(client, address, text)
    assert answer.status_code == 503
    assert "Mottaket er opptatt" in answer.content.decode()
    assert "CollectedDate" in answer.content.decode()
    assert is_open("C6")
