"""Registering senders' machines, finding them, and what the access log says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from access.a_sender import NOW, certificate, key_set, private_key, register
from varde.access import audit
from varde.access.clients import (
    ClientInvalid,
    ClientRefused,
    Limits,
    NewClient,
    add_client,
    check_assertion,
    find_client,
    identify_certificate,
    list_clients,
    make_assertion,
    read_key_set,
    record_issued,
    renew_client,
    rules,
    set_active,
    trusted_certificates,
)
from varde.access.clients.limits import MINUTE
from varde.access.clients.recording import MOST, RefusalLog
from varde.access.clients.store import find_by_certificate
from varde.access.models import AccessLogEntry, ClientCertificate, UsedId

pytestmark = pytest.mark.django_db


def test_a_client_is_found_as_it_was_registered() -> None:
    der, _ = certificate()
    added = register(kinds=("vaccination", "laboratory"), certificates=(der,), bytes_per_day=7)
    assert find_client(added.client_id) == added
    assert added.kinds == ("laboratory", "vaccination")
    assert (added.sender, added.active, added.created) == ("HER:91843", True, NOW)
    assert added.limits == Limits(rules().limits.requests_per_minute, 7)
    assert [key["kid"] for key in added.keys] == [private_key().kid]
    assert list_clients() == (added,)


def test_ids_are_made_up_when_none_is_given_and_never_taken_twice() -> None:
    assert register().client_id != register().client_id
    register(client_id="fjordby.lab-1")
    with pytest.raises(ClientInvalid, match=r"there is a client fjordby\.lab-1 already"):
        register(client_id="fjordby.lab-1")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "the name"),
        ({"name": "x" * 121}, "the name"),
        ({"client_id": "a b"}, "an id has"),
        ({"client_id": "x" * 41}, "an id has"),
        ({"client_id": "blåbær"}, "an id has"),
        ({"sender": ""}, "such as HER:91843"),
        ({"sender": " HER:1"}, "such as HER:91843"),
        ({"sender": "a\nb"}, "such as HER:91843"),
        ({"sender": "x" * 81}, "such as HER:91843"),
        ({"sender": "HER:x"}, "not of the form"),
        ({"sender": "her:91843"}, "not of the form"),
        ({"sender": "ENH:98562615"}, "not of the form"),
        ({"sender": "ENH:985626155"}, "control digit"),
        ({"kinds": ()}, "one or more of laboratory"),
        ({"kinds": ("laboratory", "cheese")}, "one or more of laboratory"),
        ({"requests_per_minute": 0}, "whole number from 1"),
        ({"bytes_per_day": 10**16}, "whole number from 1"),
        ({"keys": ()}, "a key set, a certificate or both"),
    ],
)
def test_what_cannot_be_a_client_is_refused_with_a_reason(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientInvalid, match=said):
        register(**wrong)
    assert list_clients() == ()


@pytest.mark.parametrize("sender", ["HER:1", "RSH:4204", "ENH:985626154", "LIST", "Fjordby lab"])
def test_senders_of_every_form_are_taken(sender: str) -> None:
    assert register(sender=sender).sender == sender


@pytest.mark.parametrize(
    "client_id", ["nobody", "", "a\0b", "x" * 100, "' OR 1=1 --", "\ud800", "fjordby.lab-1\n"]
)
def test_nobody_is_found_under_another_id(client_id: str) -> None:
    register(client_id="fjordby.lab-1")
    with pytest.raises(ClientRefused) as refused:
        find_client(client_id)
    assert refused.value.code == "unknown-client"


def test_new_keys_and_certificates_take_the_place_of_the_old() -> None:
    first, second = certificate()[0], certificate()[0]
    client = register(certificates=(first,))
    other = private_key("EC", "P-256")
    renewed = renew_client(client.client_id, read_key_set(key_set(other)), (second, second))
    assert [key["kid"] for key in renewed.keys] == [other.kid]
    assert identify_certificate(second).client_id == client.client_id
    with pytest.raises(ClientRefused):
        identify_certificate(first)
    with pytest.raises(ClientInvalid, match="a key set, a certificate or both"):
        renew_client(client.client_id, (), ())
    with pytest.raises(ClientInvalid, match="varde client list"):
        renew_client("nobody", renewed.keys, ())


def test_a_certificate_is_one_clients_and_a_failed_change_changes_nothing() -> None:
    mine, theirs = certificate()[0], certificate()[0]
    client = register(certificates=(mine,))
    register(client_id="other", certificates=(theirs,))
    with pytest.raises(ClientInvalid, match="is registered for other"):
        renew_client(client.client_id, (), (theirs,))
    with pytest.raises(ClientInvalid, match="is registered for other"):
        register(client_id="third", certificates=(theirs,))
    assert find_client(client.client_id) == client
    assert {one.client_id for one in list_clients()} == {client.client_id, "other"}


def test_a_certificate_says_who_it_is_while_it_is_valid_and_the_client_is_let_in() -> None:
    der, _ = certificate(30)
    client = register(keys=(), certificates=(der,))
    now = NOW.now(NOW.tzinfo)
    assert identify_certificate(der) == client
    assert trusted_certificates() == (der,)
    for when, code in ((-2, "not-yet-valid"), (40, "expired")):
        with pytest.raises(ClientRefused) as refused:
            find_by_certificate(der, now + timedelta(days=when))
        assert (refused.value.code, refused.value.claimed) == (code, client.client_id)
    set_active(client.client_id, False)
    with pytest.raises(ClientRefused) as refused:
        identify_certificate(der)
    assert refused.value.code == "disabled"
    assert trusted_certificates() == ()
    assert set_active(client.client_id, True).active
    assert identify_certificate(der) == client


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"not a certificate", b"\xff" * 100_000])
def test_bytes_that_are_no_registered_certificate_are_nobodys(der: bytes) -> None:
    with pytest.raises(ClientRefused) as refused:
        identify_certificate(der)
    assert (refused.value.code, refused.value.status) == ("unknown-client", 401)


def test_removing_a_client_removes_its_certificates() -> None:
    client = register(certificates=(certificate()[0],))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_clientcertificate")
        assert cursor.fetchone() == (1,)
    ClientCertificate.objects.get().client.delete()
    assert not ClientCertificate.objects.exists()
    with pytest.raises(ClientInvalid):
        set_active(client.client_id, True)


def test_a_kind_that_is_not_the_clients_is_refused() -> None:
    client = register(kinds=("laboratory", "norm"))
    client.check_kind("norm")
    with pytest.raises(ClientRefused) as refused:
        client.check_kind("vaccination")
    assert (refused.value.code, refused.value.status) == ("not-allowed", 403)
    narrowed = client.within(("varde:intake/laboratory", "varde:intake/surgery"))
    assert narrowed.kinds == ("laboratory",)
    with pytest.raises(ClientRefused):
        narrowed.check_kind("norm")


def test_an_assertion_of_ours_is_one_that_we_take() -> None:
    client = register()
    made = make_assertion(
        client.client_id, private_key().as_dict(private=True), "https://v.example/oauth/token", NOW
    )
    assert check_assertion(made, "https://v.example/oauth/token", NOW) == client


@pytest.mark.parametrize(
    ("jwk", "said"),
    [
        ({}, "cannot be read"),
        ({"kty": "EC"}, "cannot be read"),
        ({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}, "private or symmetric"),
        (private_key().as_dict(private=False), "signed with the private one"),
    ],
)
def test_an_assertion_needs_a_private_key(jwk: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientInvalid, match=said):
        make_assertion("a", jwk, "https://v.example/oauth/token", NOW)


def test_used_ids_are_forgotten_when_they_would_be_refused_anyhow() -> None:
    client = register()
    private = private_key().as_dict(private=True)
    for minutes in range(4):
        moment = NOW + timedelta(minutes=minutes)
        text = make_assertion(client.client_id, private, "https://v.example/t", moment)
        check_assertion(text, "https://v.example/t", moment)
        with pytest.raises(ClientRefused) as refused:
            check_assertion(text, "https://v.example/t", moment + timedelta(seconds=119))
        assert refused.value.code == "replayed"
    assert UsedId.objects.count() <= 3
    with pytest.raises(ClientRefused) as refused:
        check_assertion(text, "https://v.example/t", moment + timedelta(seconds=120))
    assert refused.value.code == "expired"


def test_what_is_kept_of_an_id_does_not_show_it() -> None:
    client = register()
    private = private_key().as_dict(private=True)
    check_assertion(
        make_assertion(client.client_id, private, "https://v/t", NOW), "https://v/t", NOW
    )
    assert client.client_id not in UsedId.objects.get().digest


def test_tokens_are_logged_with_client_and_sender() -> None:
    client = register(kinds=("laboratory", "norm"))
    record_issued(client, ("varde:intake/laboratory", "varde:intake/norm"))
    record_issued(client, ("system/" + "x" * 100,))
    first, second = AccessLogEntry.objects.all()
    assert (first.actor, first.area, first.action) == (
        client.client_id,
        "HER:91843",
        "token-issued",
    )
    assert (first.page, first.object_kind) == ("token", "varde:intake/laboratory +1")
    assert len(second.object_kind) == 64
    assert audit.verify() is None


def test_refusals_are_logged_as_claims_until_they_are_proven() -> None:
    log = RefusalLog(lambda: 0)
    log.record(ClientRefused("unreadable", "assertion"), "token")
    log.record(ClientRefused("bad-signature", "assertion", claimed="lab"), "token")
    log.record(ClientRefused("replayed", "assertion", claimed="lab", proven=True), "intake")
    entries = list(AccessLogEntry.objects.values_list("action", "actor", "page", "object_kind"))
    assert entries == [
        ("token-refused", "", "token", "unreadable"),
        ("token-refused", "", "token", "bad-signature: lab?"),
        ("token-refused", "lab", "intake", "replayed"),
    ]


def test_a_flood_of_refusals_is_counted_and_does_not_fill_the_log() -> None:
    moment = 0
    log = RefusalLog(lambda: moment)
    for _ in range(MOST.amount + 500):
        log.record(ClientRefused("unreadable", "assertion"), "token")
    assert AccessLogEntry.objects.count() == MOST.amount
    moment = MINUTE
    log.record(ClientRefused("expired", "assertion"), "token")
    counts = list(AccessLogEntry.objects.values_list("object_count", flat=True))
    assert counts == [1] * MOST.amount + [501]


def test_the_longest_entry_fits_its_column() -> None:
    client_id = "x" * 40
    register(client_id=client_id)
    add_client(
        NewClient(
            name="n" * 120,
            sender="LIST" + "x" * 60,
            kinds=("norm",),
            keys=read_key_set(key_set(private_key())),
        ),
        NOW,
    )
    log = RefusalLog(lambda: 0)
    log.record(ClientRefused("algorithm-not-allowed", "assertion", claimed=client_id), "token")
    assert len(AccessLogEntry.objects.get().object_kind) <= 64
