"""The card "this analysis was made N days ago": only for systems that sign, and logged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from access.a_sender import claims_of, private_key, signed
from access.a_sender import register as register_client
from guidelines.cds_hooks.hook_requests import INSTANCE, Json, collection
from register.answers import answer
from register.case_messages import BLOOD
from varde.access.clients import Client as System
from varde.access.looks import LookAllowances
from varde.access.models import AccessLogEntry
from varde.register import Incoming
from varde.register.intake import take_in
from varde.web.api import earlier_analyses, hooks_earlier
from varde.web.registers import the_register
from web.api.hook_and_fhir import shipped_guideline
from web.known_person import ADA, BO, CLEO, NOW, fill
from web.test_lookup_page import IDENTITY, about

__all__ = ["shipped_guideline"]

SELECT = "/cds-services/varde-tidligere-analyser-order-select"
SIGN = "/cds-services/varde-tidligere-analyser-order-sign"
TODAY = date(2025, 12, 30)
NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1"


@pytest.fixture(autouse=True)
def known(
    db: None, home: Any, new_refusal_log: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(earlier_analyses, "look_allowances", LookAllowances())
    monkeypatch.setattr(hooks_earlier.timezone, "localdate", lambda *_: TODAY)
    fill()
    yield


@pytest.fixture
def system(db: None) -> System:
    return register_client(kinds=("earlier-analyses",))


def request(text: str = "U-Bakterier, dyrkning", number: str = ADA, **context: Any) -> Json:
    draft = {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": text},
    }
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": NUMBER, "value": number}],
    }
    base = {
        "userId": "Practitioner/kari",
        "patientId": "p1",
        "selections": ["ServiceRequest/s1"],
        "draftOrders": collection(draft),
    }
    return {
        "hook": "order-select",
        "hookInstance": INSTANCE,
        "context": base | context,
        "prefetch": {"patient": patient},
    }


def token(system: System, address: str = SELECT, **changes: Any) -> str:
    claims = {"sub": None, "aud": f"http://testserver{address}"} | changes
    return signed(claims_of(system.client_id, **claims))


def call(
    client: Client, sent: Json, bearer: str = "", status: int = 200, address: str = SELECT
) -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}"} if bearer else {}
    answer = client.post(address, json.dumps(sent), content_type="application/json", **headers)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert not IDENTITY.search(answer.content.decode())
    return json.loads(answer.content)


def test_a_system_that_signs_gets_a_card(client: Client, system: System) -> None:
    [card] = call(client, request(), token(system))["cards"]
    assert (
        card["summary"]
        == "Denne analysen ble gjort for 40 dager siden: Escherichia coli påvist (Fjordby sykehus, Mikrobiologi)"
    )
    assert card["indicator"] == "info" and len(card["summary"]) < 140
    assert "svar uten funn" in card["detail"] and "20.11.2025" in card["detail"]
    assert card["source"]["label"] and card["links"][0]["url"] == "http://testserver/oppslag/"
    [(action, page, what, purpose)] = about(ADA)
    assert (action, page, what) == ("view", "cds-hooks", "earlier analysis, Practitioner/kari")
    assert purpose == "Helsehjelp til personen"
    assert AccessLogEntry.objects.get(page="cds-hooks").actor == system.client_id


def test_a_card_is_for_a_clinician_in_bokmaal(client: Client, system: System) -> None:
    """Names as the card's language has them, whatever the caller's; no key of the interface in its words."""
    measles = answer(
        "V1",
        "V1",
        person=BO,
        organism="",
        searches=["P-Meslingvirus IgM"],
        day="2025-12-28",
        **BLOOD,
    )
    take_in(the_register(), [Incoming("f", measles)], lambda: NOW)
    headers = {"HTTP_ACCEPT_LANGUAGE": "en"}
    sent = json.dumps(request("P-Meslingvirus IgM", BO))
    answered = client.post(
        SELECT,
        sent,
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token(system)}",
        **headers,
    )
    [card] = answered.json()["cards"]
    assert "Meslingvirus påvist" in card["summary"] and "Meslingvirus påvist" in card["detail"]
    said = card["summary"] + card["detail"]
    for words in ("Measles", "not-known", "«", "rarely-useful"):
        assert words not in said, words


def test_a_draft_without_address_is_answered(client: Client, system: System) -> None:
    """`fullUrl` is 0..1, and the standard's own examples have none."""
    sent = request()
    for entry in sent["context"]["draftOrders"]["entry"]:
        del entry["fullUrl"]
    assert len(call(client, sent, token(system))["cards"]) == 1


def test_a_token_for_another_address_is_told_which_to_write(client: Client, system: System) -> None:
    problem = call(client, request(), token(system, aud="http://testserver/oauth/token"), 401)
    assert "adressen som kalles" in problem["detail"] and "/cds-services/" in problem["detail"]
    assert "token_endpoint" not in problem["detail"]


def test_what_is_rarely_of_use_is_a_warning(
    client: Client, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_earlier.timezone, "localdate", lambda *_: date(2025, 11, 22))
    [card] = call(client, request(), token(system))["cards"]
    assert card["indicator"] == "warning" and "for 2 dager siden" in card["summary"]


def test_the_same_before_signing(client: Client, system: System) -> None:
    sent = request() | {"hook": "order-sign"}
    assert len(call(client, sent, token(system, SIGN), address=SIGN)["cards"]) == 1


def test_whoever_does_not_sign_gets_no_card_and_nothing_is_looked_up(
    client: Client, system: System
) -> None:
    assert call(client, request()) == {"cards": []}
    assert call(client, request(number=CLEO)) == {"cards": []}
    assert about(ADA) == [] == about(CLEO)


def test_a_session_counts_for_nothing(client: Client, sign_in: Any) -> None:
    assert call(sign_in("clinician"), request()) == {"cards": []}
    assert about(ADA) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://testserver/cds-services/varde-tidligere-analyser-order-sign"},
        {"aud": "https://elsewhere.example/cds-services/x"},
        {"aud": ["http://testserver" + SELECT, "https://elsewhere.example/"]},
        {"exp": int(time.time()) - 3600},
        {"exp": int(time.time()) + 86_400},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"iss": "nobody"},
    ],
)  # fmt: skip
def test_a_token_that_is_not_right_is_refused(
    changes: dict[str, Any], client: Client, system: System
) -> None:
    call(client, request(), token(system, **changes), 401)
    assert about(ADA) == []


def test_a_token_is_used_once_and_by_its_own_key(client: Client, system: System) -> None:
    once = token(system)
    assert call(client, request(), once)["cards"]
    call(client, request(), once, 401)
    claims = claims_of(system.client_id, aud=f"http://testserver{SELECT}")
    other = private_key("EC", "P-384", 7)
    call(client, request(), signed(claims, other), 401)
    call(client, request(), signed(claims, other, kid=private_key().kid), 401)
    assert len(about(ADA)) == 1


def test_the_address_of_a_key_set_is_passed_over(client: Client, system: System) -> None:
    claims = claims_of(system.client_id, aud=f"http://testserver{SELECT}")
    text = signed(claims, jku="https://elsewhere.example/keys")
    assert call(client, request(), text)["cards"]


def test_a_system_that_may_not_ask_is_refused(client: Client) -> None:
    sender = register_client(kinds=("laboratory",))
    call(client, request(), token(sender), 403)
    assert about(ADA) == []


def test_without_anything_to_say_there_is_no_card(client: Client, system: System) -> None:
    assert call(client, request("P-Kreatinin"), token(system)) == {"cards": []}
    assert call(client, request(selections=[]), token(system)) == {"cards": []}
    assert call(client, request(number="12345678901"), token(system)) == {"cards": []}
    assert about(ADA) == []  # nothing was asked that needs a person
    assert call(client, request("Us-Chlamydia trachomatis DNA"), token(system)) == {"cards": []}
    assert call(client, request(number=CLEO), token(system)) == {"cards": []}
    assert len(about(ADA)) == 1 == len(about(CLEO))


def test_bad_requests_are_refused_before_anybody_is_asked(client: Client, system: System) -> None:
    sent = request()
    del sent["context"]["patientId"]
    assert call(client, sent, token(system), 400)["errors"][0]["path"] == "context.patientId"
    assert about(ADA) == []


def test_discovery_lists_them_and_feedback_is_taken(client: Client) -> None:
    services = client.get("/cds-services").json()["services"]
    own = [one for one in services if one["id"].startswith("varde-tidligere")]
    assert [one["hook"] for one in own] == ["order-select", "order-sign"]
    assert all("JWT" in one["usageRequirements"] for one in own)
    feedback = {"feedback": [{"card": INSTANCE, "outcome": "accepted"}]}
    answer = client.post(
        f"{SELECT}/feedback", json.dumps(feedback), content_type="application/json"
    )
    assert answer.status_code == 200


def searched(
    said: str,
    day: str,
    status: str = "F",
    number: int = 1,
    name: str = "U-Chlamydia trachomatis DNA",
) -> None:
    data = answer(
        f"K{number}", f"K{number}", person=ADA, organism="", status=status, day=day,
        answered=[(name, said)], municipality="0301",
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data)], lambda: NOW)


def test_what_was_looked_for_and_not_found_is_a_card(client: Client, system: System) -> None:
    searched("Ikke påvist", "2025-12-25")
    [card] = call(client, request("Us-Chlamydia trachomatis DNA"), token(system))["cards"]
    assert (
        card["summary"]
        == "Chlamydia trachomatis, nukleinsyrepåvisning i urin: ikke påvist for 5 dager siden (Fjordby sykehus, Mikrobiologi)"
    )
    assert card["indicator"] == "info" and "25.12.2025" in card["detail"]
    assert "når svaret sier det" in card["detail"] and len(about(ADA)) == 1


def test_what_is_on_its_way_is_a_warning_and_an_old_negative_no_card(
    client: Client, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched("Ikke påvist", "2025-12-20")
    searched("Svar følger", "2025-12-28", "P", 2)
    [card] = call(client, request("Us-Chlamydia trachomatis DNA"), token(system))["cards"]
    assert "under arbeid, prøven tatt for 2 dager siden" in card["summary"]
    assert card["indicator"] == "warning"
    monkeypatch.setattr(hooks_earlier.timezone, "localdate", lambda *_: date(2026, 6, 1))
    assert call(client, request("Us-Chlamydia trachomatis DNA"), token(system)) == {"cards": []}


def test_a_finding_stands_in_the_card_of_a_newer_search(client: Client, system: System) -> None:
    searched("Påvist", "2025-12-01")
    searched("Ikke påvist", "2025-12-29", number=2)
    [card] = call(client, request("Us-Chlamydia trachomatis DNA"), token(system))["cards"]
    assert "ikke påvist for 1 dag siden" in card["summary"]
    assert "01.12.2025: Chlamydia trachomatis påvist" in card["detail"]


def test_an_order_for_several_has_a_card_for_each(client: Client, system: System) -> None:
    searched("Ikke påvist", "2025-12-25", name="Klamydia/gonoré PCR")
    cards = call(client, request("Klamydia/gonoré PCR"), token(system))["cards"]
    assert [card["summary"].split(",")[0] for card in cards] == [
        "Chlamydia trachomatis", "Neisseria gonorrhoeae",
    ]  # fmt: skip
    assert len({card["uuid"] for card in cards}) == 2 and len(about(ADA)) == 1


def test_a_culture_under_way_is_not_without_finding(client: Client, system: System) -> None:
    searched("Svar følger", "2025-12-29", "P", name="Oppdiktetvirus dyrkning")
    sent = request("U-Neisseria gonorrhoeae DNA")
    [card] = call(client, sent, token(system))["cards"]
    assert "svaret er under arbeid" in card["summary"] and "under arbeid" in card["detail"]
    assert "uten funn" not in card["summary"] + card["detail"]


def test_what_waits_for_a_person_is_never_found(client: Client, system: System) -> None:
    searched("Inhibert", "2025-12-25", name="Influensa A PCR")
    [card] = call(client, request("Influensa A PCR"), token(system))["cards"]
    assert "uavklart, se svaret" in card["summary"]
    assert "påvist " not in card["summary"] + card["detail"]
