"""Who gets where: nobody without signing in, each role where its data says, each area its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from access.tampering import disarm
from varde.access import audit
from varde.access.models import AccessLogEntry, User
from varde.access.roles import roles
from varde.web.menu import PAGES

OPEN = {
    "start",
    "sign-in",
    "about",
    "health",
    "guideline",
    "guideline-chapter",
    "guideline-recommendation",
    "guideline-versions",
    "smart-configuration",
    "fhir-smart-configuration",
    "earlier-analyses-description",
    "healthz",
    "readyz",
    "metrics",  # to those on this machine, as the test's client is
}
OPEN_BELOW = {"api"}
"""Namespaces of addresses that are for everybody, and have tests of their own."""
PLACES = {
    "guideline-chapter": ("nedre-luftveier",),
    "guideline-recommendation": ("pneumoni",),
    "guideline-versions": ("pneumoni",),
    "quarantine-item": (1,),
    "persons-question": (1,),
    **dict.fromkeys(("case", "case-whose", "case-contacts", "event", "event-contacts"), (1,)),
    **dict.fromkeys(("inbox-act", "desk-act", "event-lines", "event-lines-csv"), (1,)),
    "quarantine-item-apart": ("norm", 1),
    "notification-receipt": ("1",),
    "prevalence-receipt": ("1",),
    "prevalence-template": ("nois-piah-avdeling",),
    "surgery-receipt": ("1",),
    "surgery-template": ("nois-posi",),
    **dict.fromkeys(("report-year", "report-document", "report-goal"), (2025,)),
    **dict.fromkeys(("report-remark", "report-consent"), (2025,)),
    **dict.fromkeys(("report-year-of", "report-document-of"), (2025, "990000001")),
    "intake": ("laboratory",),
    "intake-validate": ("laboratory",),
    "intake-receipt": ("laboratory", 1),
}
"""What the addresses with a place in them are tried with."""
POST_ONLY = {
    *("sign-out", "language", "oauth-token", "prevalence-file", "surgery-file"),
    *("notification-correct", "prevalence-correct", "surgery-correct"),
    *("inbox-act", "desk-act", "desk-unknown"),
    *(
        "earlier-analyses",
        "intake",
        "intake-validate",
        "fhir-intake",
        "fhir-intake-slash",
        "administrations",
        "administrations-validate",
        "administrations-validate-openly",
        "sign-out-provider",
    ),
}
MACHINES = {"intake-receipt"}
"""Addresses for senders' machines, which sign in in a way of their own."""
NOWHERE = {"intake-unknown", "sign-in-provider", "sign-in-return", "sign-in-role"}
"""Addresses that say that there is nothing there: the provider's, where the site has none."""


def every_address() -> list[str]:
    """The name of every address there is, found in the resolver: a new page is tested unasked."""
    names = []
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, "every address needs a name"
            names.append(pattern.name)
        else:
            assert pattern.namespace in OPEN_BELOW, "whose addresses are these?"
    return names


@pytest.mark.django_db(databases=["default", "norm", "ravn"])
@pytest.mark.parametrize("name", every_address())
def test_without_signing_in_no_address_shows_register_data(name: str, client: Client, home) -> None:  # type: ignore[no-untyped-def]
    answer = client.get(reverse(name, args=PLACES.get(name, ())))
    if name in POST_ONLY:
        assert answer.status_code == 405
    elif name in MACHINES:
        assert answer.status_code == 401
    elif name in NOWHERE:
        assert answer.status_code == 404
    elif name in OPEN:
        # Whether the service is ready depends on what other tests have opened here.
        assert answer.status_code in ((200, 503) if name == "readyz" else (200,))
        body = answer.content.decode()
        assert (
            "Escherichia" not in body and "HER:" not in body and '<table class="antib' not in body
        )
    else:
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("sign-in") + "?next=")


@pytest.mark.django_db(databases=["default", "norm"])
@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 50, "9" * 5000, "-1"])
def test_a_number_that_nothing_has_is_not_there(
    number: str, register: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("duty-officer")
    for address in (f"/karantene/{number}/", f"/karantene/norm/{number}/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("role", sorted(roles()))
def test_every_task_is_one_click_from_the_start_page(
    role: str, register: None, sign_in: Callable[..., Client]
) -> None:
    body = sign_in(role).get(reverse("start")).content.decode()
    for page in PAGES:
        assert (f'href="{page.address}"' in body) == (page.key in roles()[role].pages)


def test_a_laboratory_sees_its_own_problems_only(
    register: None, own: Client, other: Client
) -> None:
    mine = own.get(reverse("quarantine")).content.decode()
    theirs = other.get(reverse("quarantine")).content.decode()
    assert mine.count('class="problem"') == 2
    assert theirs.count('class="problem"') == 1
    assert "Oppdiktomycin" in mine and "Fremmedomycin" not in mine
    assert "Fremmedomycin" in theirs and "Oppdiktomycin" not in theirs


def test_the_duty_officer_sees_every_laboratorys(
    register: None, sign_in: Callable[..., Client]
) -> None:
    body = sign_in("duty-officer").get(reverse("quarantine")).content.decode()
    assert body.count('class="problem"') == 4
    assert "Oppdiktomycin" in body and "Fremmedomycin" in body
    assert "Ukjent avsender" in body


def test_a_laboratory_contact_without_laboratory_sees_nothing(
    register: None, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("laboratory-contact", "")
    assert client.get(reverse("quarantine")).status_code == 403
    assert client.get(reverse("start")).status_code == 200


def test_a_user_whose_role_is_gone_sees_nothing(register: None, client: Client) -> None:
    client.force_login(User.objects.create_user("old", display_name="Old", role="no-such-role"))
    assert client.get(reverse("start")).status_code == 200
    for page in PAGES:
        assert client.get(page.address).status_code == 403


def test_views_downloads_and_refusals_are_logged(
    register: None, own: Client, sign_in: Callable[..., Client]
) -> None:
    own.get(reverse("quarantine"))
    own.get(reverse("resistance-csv"))
    own.get(reverse("access-log"))
    logged = list(AccessLogEntry.objects.values_list("action", "page", "role", "object_count"))
    assert logged[0] == ("view", "quarantine", "laboratory-contact", 2)
    assert logged[1][:3] == ("download", "resistance", "laboratory-contact")
    assert logged[2] == ("denied", "access-log", "laboratory-contact", 0)
    assert audit.verify() is None


def test_one_line_is_one_line(register: None, sign_in: Callable[..., Client]) -> None:
    administrator = sign_in("administrator")
    audit.record(None, "view", "quarantine", "quarantine item", 1)
    audit.record(None, "view", "quarantine", "quarantine item", 2)
    body = administrator.get(reverse("access-log")).content.decode()
    assert "1 problem i karantene<" in body and "2 problemer i karantene<" in body
    assert ">Åpnet<" in body


WORDS = [
    ("view", "surgery", "receipt", 1, "", "1 kvittering<", "1 receipt<"),
    ("view", "surgery", "receipt", 2, "", "2 kvitteringer<", "2 receipts<"),
    (
        "keys-retired",
        "command-line",
        "keys default",
        1,
        "",
        "1 nøkkel til lageret<",
        "1 storage key<",
    ),
    (
        "keys-rotated",
        "command-line",
        "messages norm",
        7,
        "",
        "forseglet på nytt NORM<",
        "anew NORM<",
    ),
    ("backup", "command-line", "backup", 1, "", "1 sikkerhetskopi<", "1 backup<"),
    (
        *("view", "quarantine", "raw item 7/1", 1, "Rette meldingen og levere den på nytt"),
        *(
            "7/1: Rette meldingen og levere den på nytt",
            "7/1: Correct the message and hand it in again",
        ),
    ),
    (
        *("view", "notification", "raw item 8/1", 1, "Rette noe som var feil i det som ble sendt"),
        *("8/1: Noe i det var feil", "8/1: Something in it was wrong"),
    ),
    (
        *("hand-in", "surgery", "withdrawal", 1, "Trukket tilbake: var sendt to ganger"),
        *("1 tilbaketrekking: Det ble sendt to ganger", "1 withdrawal: It was sent twice"),
    ),
    (
        *("erased", "command-line", "failed-sign-ins", 3, ""),
        *("3 mislykkede innlogginger (", "3 failed sign-ins ("),
    ),
]


@pytest.mark.parametrize(("action", "page", "kind", "count", "purpose", "nb", "en"), WORDS)
def test_a_line_of_the_log_is_in_the_readers_language(
    register: None,
    sign_in: Callable[..., Client],
    action: str,
    page: str,
    kind: str,
    count: int,
    purpose: str,
    nb: str,
    en: str,
) -> None:
    administrator = sign_in("administrator")
    audit.record(None, action, page, kind, count, purpose)
    for language, said in (("nb", nb), ("en", en)):
        administrator.cookies["django_language"] = language
        body = administrator.get(reverse("access-log")).content.decode()
        assert said in body


def test_the_access_log_shows_that_it_was_changed(
    register: None, sign_in: Callable[..., Client], own: Client
) -> None:
    own.get(reverse("quarantine"))
    administrator = sign_in("administrator")
    assert "Loggen er hel" in administrator.get(reverse("access-log")).content.decode()
    from django.db import connection

    disarm()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_accesslogentry SET actor = 'somebody else'")
    assert "Loggen er endret" in administrator.get(reverse("access-log")).content.decode()
