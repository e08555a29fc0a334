"""One list of today's contacts: whom to call, what to do, marked as done there; each look is logged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from register.case_messages import ADA, BO
from varde.followup.models import Contact, ContactDay, Event
from varde.web.templatetags.words import dial
from web.test_followup_pages import (
    DAY,
    PURPOSE,
    SignIn,
    about_somebody,
    cases,
    open_event,
    page,
)

pytestmark = pytest.mark.django_db
__all__ = ["cases"]


def contact(**more: str) -> dict[str, str]:
    usual = {
        "gjor": "ny",
        "navn": "Åse Prøvesen",
        "telefon": "12345678",
        "nummer": BO,
        "relasjon": "husstand",
        "eksponert": DAY.isoformat(),
    }
    return usual | more


def test_todays_contacts_are_called_and_done_in_one_list(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    measles = cases["measles"]
    address = f"/sak/{measles}/kontakter/"
    client.post(address, PURPOSE)
    client.post(address, contact())
    client.post(address, contact(navn="Ola Prøvesen", nummer=""))
    body = page(client, address)
    assert (
        "MMR-vaksine, til" in body
        and "regnet fra første eksponering" in body
        and "ikke gjennomgått" in body
    )
    Contact.objects.filter(about=None).update(added_at=timezone.now() - timedelta(days=2))
    assert "Kontakter å ringe i dag: 2" in page(client, "/innboks/")
    assert "Åse" not in page(client, "/kontakter/")
    assert client.post("/kontakter/", {"gjor": "apne", "formal": "care"}).status_code == 422
    client.post("/kontakter/", PURPOSE)
    before = len(about_somebody())
    body = page(client, "/kontakter/")
    assert about_somebody()[before:] == [
        ("contacts", f"contact of case {measles}", "infection-control")
    ]
    assert body.index("Forsinket siden") < body.index("Ola") < body.index("Åse")
    assert "Ring for første gang" in body and "12345678" in body and BO not in body
    one = Contact.objects.exclude(about=None).get().id
    done = {"gjor": "dag", "kontakt": one, "status": "symptoms"}
    assert client.post("/kontakter/", done | {"status": "fine"}).status_code == 422
    assert client.post("/kontakter/", done).status_code == 302
    assert ContactDay.objects.get().day == timezone.localdate()
    ill = page(client, "/kontakter/")
    assert ill.index("isoler, test, vurder i dag") < ill.index("Åse") < ill.index("Ola")
    assert 'href="/meld/"' in ill.split("<main")[1] and 'href="tel:12345678"' in ill
    assert 'href="tel:12345678"' in page(client, address)
    assert client.post("/kontakter/", done | {"status": "tested"}).status_code == 302
    assert "Åse" not in page(client, "/kontakter/")
    assert client.post("/kontakter/", done).status_code == 404
    other = sign_in("municipal-doctor", "4601")
    other.post("/kontakter/", PURPOSE)
    assert "Ingen venter på en telefon" in page(other, "/kontakter/")
    assert sign_in("epidemiologist").get("/kontakter/").status_code == 403


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("998 87 766", "99887766"),
        ("+47 998 87 766 (mor)", "+4799887766"),
        ("12345678 / 87654321", "12345678"),
        ("12345678 87654321", "12345678"),
        ("vet ikke", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_is_an_address_to_call(written: str, address: str) -> None:
    assert dial(written) == address


def test_a_case_that_cannot_be_a_contacts_is_refused_and_why_and_the_follow_up_goes_on(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("duty-officer")
    address = f"/sak/{cases['botulism']}/kontakter/"
    client.post(address, PURPOSE)
    client.post(address, contact(nummer=""))
    one = Contact.objects.get().id
    for case, said in (
        (cases["measles"], "av en annen sykdom"),
        (cases["salmonellosis"], "av en annen sykdom"),
        (cases["botulism"], "tilfellet denne er kontakt til"),
        (999_999, "ikke noe tilfelle"),
        ("abc", "ikke noe tilfelle"),
    ):
        refused = client.post(address, {"gjor": "tilfelle", "kontakt": one, "sak": case})
        assert refused.status_code == 422 and said in refused.content.decode(), case
    assert Contact.objects.get().became is None
    client.post("/kontakter/", PURPOSE)
    assert "Åse" in page(client, "/kontakter/")


def test_nobody_is_a_contact_of_their_own_case(cases: dict[str, int], sign_in: SignIn) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    refused = client.post(address, contact(nummer=ADA))
    assert refused.status_code == 422 and "ingen er sin egen kontakt" in refused.content.decode()
    assert not Contact.objects.exists()
    assert client.post(address, contact()).status_code == 302
    one = Contact.objects.get().id
    own = {"gjor": "rett", "kontakt": one, f"navn-{one}": "Åse", f"nummer-{one}": ADA}
    own |= {f"eksponert-{one}": DAY.isoformat()}
    assert client.post(address, own).status_code == 422
    assert client.post(address, own | {f"nummer-{one}": BO}).status_code == 302


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        ("", DAY, ""),
        (DAY, DAY, ""),
        (DAY - timedelta(days=4), DAY, ""),
        (DAY + timedelta(days=1), DAY, "kan ikke være etter siste"),
        (DAY - timedelta(days=400), DAY, "høyst et år"),
        (timezone.localdate() + timedelta(days=1), DAY, "ikke har vært"),
        ("40.11.2026", DAY, "høyst et år"),
    ],
)
def test_the_first_exposure_may_be_said(
    first: object, last: object, fault: str, cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    sent = contact(**{"eksponert-forst": str(first), "eksponert": str(last)})
    answered = client.post(address, sent)
    assert answered.status_code == (422 if fault else 302)
    if fault:
        assert not Contact.objects.exists()
        return
    kept = Contact.objects.get()
    own = first if first not in ("", last) else None
    assert (kept.first_exposure, kept.last_exposure) == (own, last)
    body = page(client, address)
    assert ("<dt>Første eksponering</dt>" in body) == (own is not None)
    assert ("MMR-vaksine, til" in body) == (own is None)  # four days earlier it is too late


def test_days_that_are_over_with_nothing_said_are_no_finished_follow_up(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    long_ago = timezone.localdate() - timedelta(days=23)
    client.post(address, contact(eksponert=long_ago.isoformat()))
    one = Contact.objects.get()
    last = long_ago + timedelta(days=one.days)
    assert last < timezone.localdate()
    assert "ingenting er sagt om den siste" in page(client, address)
    ContactDay.objects.create(contact=one.id, day=last, status="well", by="x", at=timezone.now())
    body = page(client, address)
    assert "Oppfølgingen er over" in body and "ingenting er sagt om den siste" not in body


def test_signs_that_nobody_sees_are_not_kept_of_a_contact(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "0301")
    address = f"/sak/{cases['measles']}/kontakter/"
    client.post(address, PURPOSE)
    sent = contact(navn="Å\x07se\x0b\u202ePrøve\u200bsen", relasjon="hus\x00\tstand\u2028nær")
    assert client.post(address, sent).status_code == 302
    body = page(client, address)
    assert "Åse Prøvesen" in body and "hus stand nær" in body
    # A number is no less one for a sign between its digits.
    hidden = contact(navn=f"Ola {BO[:6]}\x07{BO[6:]}", nummer="")
    assert client.post(address, hidden).status_code == 422


def test_closing_an_event_asks_about_contacts_who_are_followed_still(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "4601")
    address = open_event(client).url
    client.post(f"{address}kontakter/", PURPOSE | {"formal": "outbreak"})
    for name in ("Åse Prøvesen", "Ola Prøvesen"):
        sent = contact(navn=name, nummer="", eksponert=timezone.localdate().isoformat())
        assert client.post(f"{address}kontakter/", sent).status_code == 302
    ill = Contact.objects.order_by("id")[0].id
    day = {"gjor": "dag", "kontakt": ill, "dag": timezone.localdate().isoformat()}
    assert client.post(f"{address}kontakter/", day | {"status": "symptoms"}).status_code == 302
    close = {"gjor": "avslutt", "konklusjon": "Over", "formal": "outbreak"}
    assert client.post(address, close | {"konklusjon": ""}).status_code == 422
    asked = client.post(address, close)
    body = asked.content.decode()
    assert asked.status_code == 422 and 'value="Over"' in body
    assert "2 kontakter i hendelsen følges fortsatt" in body
    assert "1 har symptomer som ingenting er gjort med" in body
    assert Event.objects.get().closed_at is None
    assert client.post(address, close | {"folges-videre": "ja"}).status_code == 302
    assert Event.objects.get().closed_at is not None
    client.post("/kontakter/", PURPOSE)
    body = page(client, "/kontakter/")
    assert "Åse" in body and "Ola" in body and body.index("isoler, test") < body.index("Åse")
    done = {"gjor": "dag", "kontakt": ill, "status": "tested"}
    assert client.post("/kontakter/", done).status_code == 302
    assert "Åse" not in page(client, "/kontakter/")


def test_an_event_whose_contacts_are_done_is_closed_without_a_question(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("municipal-doctor", "4601")
    address = open_event(client).url
    client.post(f"{address}kontakter/", PURPOSE | {"formal": "outbreak"})
    client.post(f"{address}kontakter/", contact(nummer=""))
    one = Contact.objects.get().id
    client.post(f"{address}kontakter/", {"gjor": "avslutt", "kontakt": one})
    close = {"gjor": "avslutt", "konklusjon": "Over", "formal": "outbreak"}
    assert client.post(address, close).status_code == 302
    assert Event.objects.get().closed_at is not None
