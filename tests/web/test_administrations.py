"""`/fhirmottak/v1/…`: who is let in, what becomes of bundles and envelopes, and what is answered."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import HttpResponse
from django.test import Client as Browser

from access.a_sender import register
from foreign_node import run_node
from messages import lmdi_builder as lmdi
from messages.lmdi_builder import OTHER, SENDER, TOWN, bundle, write
from varde.access.clients import Client, Limits
from varde.access.clients import allowances as all_allowances
from varde.deliveries import list_deliveries, open_tables
from varde.messages.lmdi import OwnCertificate, reasons, seal_envelope
from varde.synthetic.lmdi import make_certificate
from varde.web.intake import administrations
from web.asking import token_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_refusal_log", "no_keys")]

ADDRESS = "/fhirmottak/v1/LegemiddelregisterBundle"
VALIDATE = "/fhirmottak/v1/validate"
OPEN = "/fhirmottak/v1/validateLegemiddelregisterBundle"
Json = dict[str, Any]


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VARDE_PSEUDONYM_KEY", "VARDE_STORAGE_KEYS"):
        monkeypatch.delenv(name, raising=False)


@cache
def own(name: str) -> tuple[OwnCertificate, bytes]:
    return make_certificate(TOWN, name, datetime.now(UTC) - timedelta(days=1))


def a_client(sender: str = SENDER, **more: Any) -> Client:
    der = own("sender")[0].certificate.public_bytes(Encoding.DER)
    return register(kinds=("administrations",), sender=sender, certificates=(der,), **more)


def post(
    machine: Browser, client: Client | None, data: bytes, address: str = ADDRESS, **headers: str
) -> HttpResponse:
    told = dict(headers)
    if client is not None:
        token = token_for(machine, client, scope="varde:intake/administrations")
        told["Authorization"] = f"Bearer {token}"
    return machine.post(address, data, content_type="application/fhir+json", headers=told)


def issues(answer: HttpResponse, status: int) -> list[Json]:
    found = json.loads(answer.content)
    assert answer.status_code == status, found
    assert answer["Content-Type"].startswith("application/fhir+json")
    assert answer["Cache-Control"] == "no-store" and found["resourceType"] == "OperationOutcome"
    return found["issue"]


def codes(answer: HttpResponse, status: int) -> list[str]:
    return [each["details"]["coding"][0]["code"] for each in issues(answer, status)]


def rows(home: Path) -> int:
    with open_tables(home) as tables:
        return int(tables.fetch(tables["administrations"]).num_rows)


def sealed(content: bytes, sender: str = TOWN) -> bytes:
    now = datetime.now(UTC)
    return seal_envelope(
        content,
        message_id="m1",
        sender=sender,
        since=now - timedelta(days=1),
        until=now,
        generated_at=now,
        receiver=own("receiver")[0].certificate,
        signer=own("sender")[0],
    )


def receive_envelopes(home: Path) -> None:
    folder = home / "keys" / "lmdi"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2026.pem").write_bytes(own("receiver")[1])


def test_a_bundle_is_taken_in_and_answered_entry_by_entry(
    machine: Browser, empty_home: Path
) -> None:
    client = a_client()
    found = issues(post(machine, client, write(bundle())), 200)
    assert [each["severity"] for each in found] == ["information"] * 10
    assert [each["expression"] for each in found] == [
        [f"Bundle.entry[{number}].resource"] for number in range(10)
    ]
    assert rows(empty_home) == 3
    assert {each.source for each in list_deliveries(empty_home)} == {SENDER}
    again = post(machine, client, gzip.compress(write(bundle())), **{"Content-Encoding": "gzip"})
    assert codes(again, 200) == ["accepted"] * 10 and rows(empty_home) == 3


def test_a_bad_entry_is_told_and_the_others_are_kept(machine: Browser, empty_home: Path) -> None:
    made = bundle([lmdi.given("d1", "1"), lmdi.given("d2", "2", dosage={})])
    found = issues(post(machine, a_client(), write(made)), 400)
    bad = [each for each in found if each["severity"] == "error"]
    assert len(bad) == 1 and len(found) == 9 and rows(empty_home) == 1
    assert bad[0]["details"]["coding"][0]["code"] == "lmdi-no-dose"
    assert bad[0]["expression"] == ["Bundle.entry[8].resource.dosage.dose"]
    assert "dosage.dose" in bad[0]["diagnostics"] and bad[0]["details"]["text"] == "Dose mangler"


def test_a_deletion_is_answered_as_one(machine: Browser, empty_home: Path) -> None:
    client = a_client()
    post(machine, client, write(bundle()))
    later = bundle(
        [lmdi.given("d1", "1", status="entered-in-error")], timestamp="2026-03-03T05:30:00+01:00"
    )
    assert codes(post(machine, client, write(later)), 200)[-1] == "deleted"
    assert rows(empty_home) == 2


def test_a_sender_speaks_for_its_own(machine: Browser, empty_home: Path) -> None:
    answer = post(machine, a_client("ENH:" + OTHER), write(bundle()))
    assert codes(answer, 400).count("foreign-sender") == 5 and rows(empty_home) == 0


def test_what_is_no_bundle_is_kept_and_refused(machine: Browser, empty_home: Path) -> None:
    client = a_client()
    assert codes(post(machine, client, write(bundle(type="batch"))), 400) == ["lmdi-bundle"]
    assert codes(post(machine, client, b"{"), 400) == ["truncated"]
    assert [each.state for each in list_deliveries(empty_home)] == ["refused", "refused"]
    assert codes(post(machine, client, b""), 400) == ["empty"]


@pytest.mark.parametrize(
    ("body", "code", "advice"),
    [
        (b"{", "truncated", ("JSON-dokument med en FHIR Bundle", "JSON document with a FHIR")),
        (b"[]", "wrong-bundle", ("Bundle av typen transaction", "Bundle of type transaction")),
    ],
)
def test_who_sends_no_bundle_is_told_of_bundles(
    machine: Browser, empty_home: Path, body: bytes, code: str, advice: tuple[str, str]
) -> None:
    [issue] = issues(post(machine, a_client(), body), 400)
    said = json.dumps(issue, ensure_ascii=False)
    assert code in said and all(words in said for words in advice)
    texts = json.dumps([msgspec.to_builtins(reasons()[code])], ensure_ascii=False)
    assert not any(word in said + texts for word in ("HL7 v2", "0B", "svarene", "answers"))


def test_who_may_not(machine: Browser, empty_home: Path) -> None:
    assert codes(post(machine, None, write(bundle())), 401) == ["no-credentials"]
    laboratory = register()
    token = token_for(machine, laboratory)
    answer = machine.post(
        ADDRESS,
        write(bundle()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert codes(answer, 403) == ["not-allowed"]
    assert codes(machine.get(ADDRESS), 405) == ["wrong-method"]
    assert not (empty_home / "deliveries").exists()


def test_a_kind_of_bulk_has_no_door_at_the_register(machine: Browser, empty_home: Path) -> None:
    answer = post(machine, a_client(), write(bundle()), "/intake/administrations")
    assert answer.status_code == 404 and json.loads(answer.content)["code"] == "unknown-kind"


# --- envelopes ------------------------------------------------------------------------------------


def test_an_envelope_is_opened_and_taken_in(machine: Browser, empty_home: Path) -> None:
    receive_envelopes(empty_home)
    client = a_client()
    assert codes(post(machine, client, sealed(write(bundle()))), 200) == ["accepted"] * 10
    assert rows(empty_home) == 3
    # The same bundle in another envelope is the same delivery.
    post(machine, client, sealed(write(bundle())))
    assert len([each for each in list_deliveries(empty_home) if each.format == "lmdi"]) == 1


@pytest.mark.parametrize("address", [ADDRESS, VALIDATE])
def test_envelopes_that_do_not_open(machine: Browser, empty_home: Path, address: str) -> None:
    client = a_client()
    data = sealed(write(bundle()))
    assert codes(post(machine, client, data, address), 400) == ["envelope-receiver"]
    receive_envelopes(empty_home)
    other = sealed(write(bundle()), OTHER)
    assert codes(post(machine, client, other, address), 400) == ["envelope-sender"]
    stranger = register(kinds=("administrations",), sender=SENDER)
    assert codes(post(machine, stranger, data, address), 400) == ["envelope-signer"]
    assert list_deliveries(empty_home) == []


# --- validating -----------------------------------------------------------------------------------


def test_validating_an_envelope_keeps_nothing(machine: Browser, empty_home: Path) -> None:
    receive_envelopes(empty_home)
    answer = post(machine, a_client(), sealed(write(bundle())), VALIDATE)
    assert codes(answer, 200) == ["accepted"] * 10
    assert issues(answer, 200)[0]["details"]["text"] == "Gyldig"
    assert codes(post(machine, None, b"{}", VALIDATE), 401) == ["no-credentials"]
    assert not (empty_home / "deliveries").exists()


def test_anybody_may_validate_a_bundle(machine: Browser, empty_home: Path) -> None:
    assert codes(post(machine, None, write(bundle()), OPEN), 200) == ["accepted"] * 10
    wrong = bundle([lmdi.given("d1", "1", status="x")])
    assert codes(post(machine, None, write(wrong), OPEN), 400)[-1] == "lmdi-status"
    assert codes(post(machine, None, b"[]", OPEN), 400) == ["wrong-bundle"]
    assert not (empty_home / "deliveries").exists()


def test_what_anybody_may_validate_has_limits(
    machine: Browser, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = write(bundle()) + b" " * administrations.OPEN_BYTES
    assert codes(post(machine, None, large, OPEN), 413) == ["too-large"]
    packed = gzip.compress(large)
    assert codes(post(machine, None, packed, OPEN, **{"Content-Encoding": "gzip"}), 413) == [
        "too-large"
    ]
    monkeypatch.setattr(all_allowances, "_levels", {})
    monkeypatch.setattr(administrations, "OPEN_LIMITS", Limits(2, 10**9))
    statuses = [post(machine, None, write(bundle()), OPEN).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_disk_that_is_full_is_said(
    machine: Browser, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "no space left")

    monkeypatch.setattr(administrations, "take_bundle", full)
    answer = post(machine, a_client(), write(bundle()))
    assert codes(answer, 503) == ["not-durable"] and answer["Retry-After"]


# --- judged by others -----------------------------------------------------------------------------


def test_what_is_answered_is_sound_fhir(machine: Browser, empty_home: Path) -> None:
    """By Medplum's validator: structure, types, invariants, and the codes that R4 requires."""
    client = a_client()
    answers = {
        "accepted": post(machine, client, write(bundle())),
        "deleted": post(
            machine, client, write(bundle([lmdi.given("d1", "1", status="entered-in-error")]))
        ),
        "refused": post(machine, client, write(bundle([lmdi.given("d1", "1", dosage={})]))),
        "unreadable": post(machine, client, b"{"),
        "unknown": post(machine, None, b"{}"),
        "method": machine.get(ADDRESS),
    }
    lines = [
        json.dumps({"name": name, "resource": json.loads(answer.content)})
        for name, answer in answers.items()
    ]
    found = run_node("validate.mjs", "\n".join(lines).encode())
    assert {name: each["issues"] for name, each in found.items()} == {name: [] for name in answers}
    assert all(each["bound"] > 1 for each in found.values())
