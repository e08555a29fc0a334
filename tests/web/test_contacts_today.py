"""One list of today's contacts: whom to call, what to do, marked as done there; each look is logged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from register.case_messages import BO
from varde.followup.models import Contact, ContactDay
from varde.web.templatetags.words import dial
from web.test_followup_pages import DAY, PURPOSE, SignIn, about_somebody, cases, page

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
    assert "MMR-vaksine, til" in body and "ikke gjennomgått" in body
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


def test_a_contact_whose_case_is_no_link_is_told_so_when_it_is_kept(
    cases: dict[str, int], sign_in: SignIn
) -> None:
    client = sign_in("duty-officer")
    address = f"/sak/{cases['botulism']}/kontakter/"
    client.post(address, PURPOSE)
    client.post(address, contact(nummer=""))
    one = Contact.objects.get().id
    kept = client.post(address, {"gjor": "tilfelle", "kontakt": one, "sak": cases["measles"]})
    body = page(client, kept.url.partition("#")[0])
    assert body.count("av hver sin sykdom") == 2  # on saving, and with the contact
    assert page(client, address).count("av hver sin sykdom") == 1
