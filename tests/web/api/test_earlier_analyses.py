"""POST /analyser/tidligere: who may ask, what is answered, and what stands in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import reverse

from access.a_sender import register as register_client
from register.answers import answer
from varde.access import looks
from varde.access.clients import Client as Machine
from varde.access.looks import LookAllowances
from varde.access.models import AccessLogEntry
from varde.register import Incoming
from varde.register.intake import take_in
from varde.web import looking
from varde.web.api import earlier_analyses
from varde.web.registers import the_register
from web.asking import token_for
from web.known_person import ADA, BO, CLEO, NOW, fill
from web.test_lookup_page import IDENTITY, about

ADDRESS = "/analyser/tidligere"
CULTURE = {"analysis": {"text": "U-Bakterier, dyrkning"}, "specimen": {"text": "Urin"}}
SALMONELLA = {"analysis": {"text": "Fæ-Salmonella dyrkning"}}
TODAY = date(2025, 12, 30)


@pytest.fixture(autouse=True)
def known(
    db: None, home: Any, new_refusal_log: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A register that knows somebody, on the last days of 2025."""
    fresh = LookAllowances()
    for module in (looking, earlier_analyses):
        monkeypatch.setattr(module, "look_allowances", fresh)
    monkeypatch.setattr(earlier_analyses.timezone, "localdate", lambda *_: TODAY)
    fill()
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.fixture
def asking(db: None) -> Machine:
    """A machine that may ask."""
    return register_client(kinds=("earlier-analyses",))


def question(number: str = ADA, **changes: Any) -> dict[str, Any]:
    return (
        {"number": number, "purpose": "care", "on_behalf_of": "HPR:9144900"} | SALMONELLA | changes
    )


def by_machine(
    machine: Client,
    client: Machine,
    sent: Any,
    status: int = 200,
    scope: str = "varde:ask/earlier-analyses",
) -> dict[str, Any]:
    token = token_for(machine, client, scope=scope)
    return post(machine, sent, status, HTTP_AUTHORIZATION=f"Bearer {token}")


def post(client: Client, sent: Any, status: int = 200, **headers: str) -> dict[str, Any]:
    body = sent if isinstance(sent, bytes) else json.dumps(sent)
    answer = client.post(
        ADDRESS, body, content_type=headers.pop("type", "application/json"), **headers
    )  # type: ignore[arg-type]
    assert answer.status_code == status, answer.content
    kind = "application/json" if status == 200 else "application/problem+json"
    assert answer["Content-Type"] == kind and answer["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer
    assert not IDENTITY.search(answer.content.decode())
    found: dict[str, Any] = json.loads(answer.content)
    if status != 200:
        assert found["status"] == status and found["detail"] != found["detail_en"]
    return found


def test_a_machine_is_told_what_was_found_and_when(machine: Client, asking: Machine) -> None:
    found = by_machine(machine, asking, question())
    assert (found["done"], found["days"], found["findings"]) == ("yes", 25, 1)
    assert found["found"]["taken"] == "2025-12-05"
    assert found["found"]["organism"] == {
        "key": "salmonella-typhimurium",
        "name": "Salmonella Typhimurium",
    }
    assert found["found"]["laboratory"]["key"] == "HER:91843"
    assert found["found"]["sir"] == {"ciprofloksacin": "S"}
    assert found["repeat"] == "not-known" and found["why"] is None
    assert "ikke at den ikke er gjort" in found["keeps"]
    assert found["latest"]["answer"] == "found" and found["latest"]["taken"] == "2025-12-05"


def test_a_machine_is_told_what_was_looked_for_and_not_found(
    machine: Client, asking: Machine
) -> None:
    data = answer(
        "K1", "K1", person=ADA, organism="", day="2025-12-25",
        answered=[("U-Chlamydia trachomatis DNA", "Ikke påvist"), ("Luftveispanel PCR", "Ikke påvist")],
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data)], lambda: NOW)
    asked = {"analysis": {"text": "Us-Chlamydia trachomatis DNA"}}
    found = by_machine(machine, asking, question(**asked))
    assert (found["done"], found["days"], found["found"]) == ("yes", 5, None)
    latest = found["latest"]
    assert (latest["answer"], latest["preliminary"]) == ("not-found", False)
    assert latest["organism"]["key"] == "chlamydia-trachomatis"
    assert latest["text"] == (
        "Chlamydia trachomatis, nukleinsyrepåvisning i urin: ikke påvist for 5 dager siden "
        "(Fjordby sykehus, Mikrobiologi)"
    )
    # The panel says nothing of gonorrhoea, and nothing says that nobody looked for it.
    other = question(analysis={"text": "Us-Neisseria gonorrhoeae DNA"})
    assert by_machine(machine, asking, other)["done"] == "not-known"
    in_urine = question(analysis={"text": "U-Neisseria gonorrhoeae DNA"})
    assert by_machine(machine, asking, in_urine)["done"] == "possibly"
    assert len(about(ADA)) == 3


def test_a_specimen_without_finding_is_possibly_it(machine: Client, asking: Machine) -> None:
    found = by_machine(machine, asking, question(**CULTURE))
    # The newest finding in urine is of the 20th of November; the 28th of December nothing was found.
    assert found["done"] == "yes" and found["found"]["taken"] == "2025-11-20"
    assert found["without_finding"]["days"] == 2
    assert found["repeat"] == "may-be-useful" and found["why"] and found["source"]


def test_nobody_and_nothing_are_answered_alike(machine: Client, asking: Machine) -> None:
    nobody = by_machine(machine, asking, question(CLEO))
    nothing = by_machine(machine, asking, question(BO))
    assert nobody == nothing and nobody["done"] == "not-known"


def test_each_question_is_in_the_log_with_whoever_asks(machine: Client, asking: Machine) -> None:
    by_machine(machine, asking, question())
    by_machine(machine, asking, question(CLEO))
    [(action, page, what, purpose)] = about(ADA)
    assert (action, page, what) == ("view", "earlier-analyses", "earlier analysis, HPR:9144900")
    assert purpose == "Helsehjelp til personen"
    assert len(about(CLEO)) == 1
    entry = AccessLogEntry.objects.filter(page="earlier-analyses").first()
    assert entry is not None and (entry.actor, entry.area) == (asking.client_id, "HER:91843")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"number": "12345678901"}, 422, "no-number"),
        ({"purpose": "quality"}, 403, "no-purpose"),
        ({"purpose": ""}, 403, "no-purpose"),
        ({"on_behalf_of": ""}, 422, "nobody-asks"),
        ({"on_behalf_of": ADA}, 422, "nobody-asks"),
        ({"on_behalf_of": "x" * 41}, 422, "nobody-asks"),
        ({"analysis": {"text": "P-Kreatinin"}}, 422, "unknown-analysis"),
        ({"analysis": {}}, 422, "unknown-analysis"),
        ({"organism": "nobody"}, 400, "bad-question"),
        ({"method": "guess"}, 400, "bad-question"),
        ({"extra": 1}, 400, "bad-question"),
        ({"number": 1}, 400, "bad-question"),
    ],
)  # fmt: skip
def test_bad_questions_say_what_is_wrong(
    changes: dict[str, Any], status: int, code: str, machine: Client, asking: Machine
) -> None:
    assert by_machine(machine, asking, question(**changes), status)["code"] == code
    assert about(ADA) == []


@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff", b"[" * 10_000, b" " * 20_000])
def test_what_is_no_question_is_refused(sent: bytes, machine: Client, asking: Machine) -> None:
    by_machine(machine, asking, sent, 400)


def test_another_content_type_is_refused(machine: Client, asking: Machine) -> None:
    token = token_for(machine, asking, scope="varde:ask/earlier-analyses")
    post(machine, question(), 415, HTTP_AUTHORIZATION=f"Bearer {token}", type="text/plain")


def test_nobody_is_answered_who_does_not_say_who_it_is(machine: Client) -> None:
    assert post(machine, question(), 401)["code"] == "no-credentials"
    assert post(machine, question(), 401, HTTP_AUTHORIZATION="Bearer x")["code"] == "unreadable"


def test_a_machine_that_only_sends_may_not_ask(machine: Client) -> None:
    sender = register_client(kinds=("laboratory",))
    assert (
        by_machine(machine, sender, question(), 403, "varde:intake/laboratory")["code"]
        == "not-allowed"
    )
    both = register_client(kinds=("laboratory", "earlier-analyses"))
    assert (
        by_machine(machine, both, question(), 403, "varde:intake/laboratory")["code"]
        == "not-allowed"
    )
    assert by_machine(machine, both, question())["done"] == "yes"
    assert len(about(ADA)) == 1


def test_a_machine_that_only_asks_may_not_send(machine: Client, asking: Machine) -> None:
    token = token_for(machine, asking, scope="varde:ask/earlier-analyses")
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert machine.post("/intake/laboratory", b"x", "text/plain", **headers).status_code == 403  # type: ignore[arg-type]
    assert (
        machine.post("/intake/earlier-analyses", b"x", "text/plain", **headers).status_code == 404
    )  # type: ignore[arg-type]


def test_one_user_of_a_machine_may_not_go_through_a_list(
    machine: Client, asking: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = LookAllowances(lambda: 0)
    monkeypatch.setattr(earlier_analyses, "look_allowances", spent)
    for _ in range(looks._file().at_once):
        spent.spend(f"{asking.client_id}|HPR:9144900")
    refused = by_machine(machine, asking, question(), 429)
    assert refused["code"] == "too-many-looks"
    assert by_machine(machine, asking, question(on_behalf_of="HPR:1"))["done"] == "yes"


# --- whoever is signed in -------------------------------------------------------------------------


def test_whoever_is_signed_in_may_ask_with_a_reason(sign_in: Callable[..., Client]) -> None:
    for number, role in enumerate(("clinician", "general-practitioner", "out-of-hours-doctor"), 1):
        client = sign_in(role)
        assert post(client, question(reason="answer"))["done"] == "yes"
        assert post(client, question(), 422)["code"] == "no-reason"
        assert [one[2] for one in about(ADA)] == ["earlier analysis, answer"] * number


def test_area_and_role_hold_here_too(sign_in: Callable[..., Client]) -> None:
    away = question(purpose="infection-control")
    assert post(sign_in("municipal-doctor", "4601"), away)["done"] == "not-known"
    assert post(sign_in("municipal-doctor"), away)["done"] == "yes"
    assert [one[0] for one in about(ADA)] == ["denied", "view"]
    for role in ("nursing-home-nurse", "researcher", "laboratory-contact", "administrator"):
        assert post(sign_in(role), question(), 403)["code"] == "no-purpose"


def test_a_session_alone_is_not_enough_from_another_site(sign_in: Callable[..., Client]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in("clinician").cookies
    assert post(client, question(reason="answer"), 403)["code"] == "not-from-here"
    assert about(ADA) == []
    client.get(reverse("lookup"))
    token = client.cookies["varde_csrf"].value
    found = post(client, question(reason="answer"), HTTP_X_CSRFTOKEN=token)
    assert found["done"] == "yes"


def test_other_methods_are_refused(client: Client) -> None:
    answer = client.get(ADDRESS)
    assert answer.status_code == 405 and answer["Allow"] == "POST"


def test_the_description_is_true_of_what_is_read_and_answered(
    client: Client, machine: Client, asking: Machine
) -> None:
    described = client.get("/analyser/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operation = described["paths"]["/analyser/tidligere"]["post"]

    def check(schema: dict[str, Any], value: Any) -> None:
        whole = {**schema, "components": described["components"]}
        jsonschema_rs.Draft202012Validator(whole).validate(value)

    read = operation["requestBody"]["content"]["application/json"]["schema"]
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    for sent in (question(), question(CLEO), question(**CULTURE)):
        check(read, sent)
        check(answered, by_machine(machine, asking, sent))
    refused = by_machine(machine, asking, question(number="1"), 422)
    problem = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]
    check(problem, refused)
    assert refused["code"] in operation["responses"]["422"]["description"]
