"""Where somebody stays: said by a form, or by the hospital where a form says that they lie; in any order, and through a replay."""

from __future__ import annotations

import hashlib
import json
from itertools import permutations
from typing import Any

import pytest

from followup.test_routing import DAY, facts
from followup.test_telling import LATER
from register.answers import answer, make_register, send
from register.case_messages import ADA, BLOOD, MEASLES, notified
from varde.cases import diseases
from varde.followup.models import Delivery, Told
from varde.followup.routing import route
from varde.followup.tables import tables
from varde.followup.telling import tell_new
from varde.followup.unknown_hospitals import list_unknown_hospitals, recognise, take_back
from varde.followup.wards import is_only_a_ward
from varde.register import current_cases, list_cases, list_hospital_words
from varde.register.replay import replay
from varde.register.settings import write_setting

pytestmark = pytest.mark.django_db


def form(number: str, *, stay: str = "", hospital: str = "", **more: Any) -> bytes:
    said = json.loads(notified("Meslinger", number, onset="2025-12-05", home="0301", **more))
    if stay:
        said["pasient"]["oppholdskommune"] = {"verdi": stay, "oid": 80006}
    if hospital:
        said["diagnoseforhold"] |= {
            "erInnlagtPaaSykehus": {"verdi": "1", "oid": 80017},
            "sykehus": {"navn": hospital},
        }
    return json.dumps(said).encode()


def kept() -> tuple[str, str]:
    [case] = list_cases()
    return case.residence, case.stay


@pytest.mark.parametrize(
    ("said", "stay"),
    [
        ({"stay": "4601"}, "4601"),
        ({"stay": "9999"}, ""),
        ({"hospital": "Haukeland universitetssjukehus, Akuttmottak"}, "4601"),
        ({"hospital": "Haukeland", "stay": "1103"}, "1103"),
        ({"hospital": "Bygg 9"}, ""),
        ({}, ""),
    ],
)
def test_a_form_says_where_somebody_stays(said: dict[str, str], stay: str) -> None:
    send(make_register(), form("N1", **said))
    assert kept() == ("0301", stay)


def test_the_ward_of_an_answer_is_no_stay() -> None:
    """It may be whoever asked for the test: it leads to the hospital's infection control alone."""
    said = answer(
        organism="", searches=[MEASLES], person=ADA, day="2025-12-06", mark="MSIS-M", **BLOOD
    )
    house = (
        b'<ResponsibleHcp><Relation V="REK"/><HCP><Inst><Name>Haukeland</Name></Inst></HCP>'
        b"</ResponsibleHcp></Patient>"
    )
    send(make_register(), said.replace(b"</Patient>", house))
    [case] = list_cases()
    assert current_cases([case.number])[case.number].hospitals == ("Haukeland",)
    assert [case.stay for case in list_cases()] == [""]


def test_order_and_replay_do_not_count_and_the_municipality_of_stay_is_told() -> None:
    messages = [
        form("N1", hospital="Ullevål, Akuttmottak"),
        form("N2", stay="4601", her="9900502"),
        answer(organism="", searches=[MEASLES], person=ADA, day="2025-12-06", **BLOOD),
    ]
    register = make_register()
    send(register, *messages)
    assert kept() == ("0301", "4601")
    before = list_cases()
    replay(register, lambda: LATER)
    assert list_cases() == before
    tell_new(LATER)
    units = dict(Delivery.objects.values_list("unit", "receiver"))
    assert units["municipality:4601"] == "municipality-of-stay"
    assert units["municipality:0301"] == "municipality-of-residence"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_gives_the_same_stay(order: tuple[int, ...]) -> None:
    messages = [
        form("N1", hospital="Ullevål, Akuttmottak"),
        form("N2", stay="4601", her="9900502"),
        form("N3", her="9900503"),
    ]
    register = make_register()
    for one in order:
        send(register, messages[one])
    assert kept() == ("0301", "4601")


def test_svalbard_is_a_place_where_somebody_is_told() -> None:
    found = {
        one.unit: one.receiver for one in route(facts(residence="2100"), diseases(), tables(), DAY)
    }
    assert found["svalbard"] == "municipality-of-residence"
    assert not any(
        "unknown" in one.reason for one in route(facts(residence="2100"), diseases(), tables(), DAY)
    )


def test_a_hospital_that_nobody_knows_waits_until_somebody_says_which_it_is() -> None:
    send(make_register(), form("N1", hospital="Bygg 9, Infeksjonsposten"))
    tell_new(LATER)
    assert not Delivery.objects.filter(unit__startswith="trust:").exists()
    [waiting] = list_unknown_hospitals(LATER, LATER.date())
    assert waiting.word == "Bygg 9, Infeksjonsposten" and waiting.at_once
    who, day = waiting.sender, LATER.date()
    for sender, word, of in (
        (who, waiting.word, "999999999"),
        (who, "Et annet ord", "974557746"),
        ("HER:1", waiting.word, "974557746"),
    ):
        with pytest.raises(KeyError):
            recognise(sender, word, of, "vakt", LATER, day)
    assert recognise(who, waiting.word, "974557746", "vakt", LATER, day) == 1
    thread = Delivery.objects.get(unit="trust:983974724")
    assert thread.receiver == "hospital-infection-control"
    assert list_unknown_hospitals(LATER, LATER.date()) == []
    # What comes later is known at once.
    send(make_register(), form("N2", hospital="Bygg 9 Infeksjonsposten", person=None))
    tell_new(LATER)
    assert Delivery.objects.filter(unit="trust:983974724").count() == 2


def test_a_word_that_names_no_hospital_does_not_wait() -> None:
    send(make_register(), form("N1", hospital="Hjemme"))
    tell_new(LATER)
    [waiting] = list_unknown_hospitals(LATER, LATER.date())
    assert recognise(waiting.sender, "Hjemme", "", "vakt", LATER, LATER.date()) == 0
    assert list_unknown_hospitals(LATER, LATER.date()) == []
    assert Told.objects.count() == 1


def test_what_is_said_of_a_ward_holds_for_the_sender_that_wrote_it_and_can_be_taken_back() -> None:
    ward = "Infeksjonsmedisin"
    register = make_register()
    send(register, form("N1", hospital=ward, her="9900502"))
    send(register, form("N2", hospital=ward, her="9900503", person=None))
    tell_new(LATER)
    one, other = list_unknown_hospitals(LATER, LATER.date())
    assert one.only_a_ward and one.sender != other.sender and one.name == other.name
    oslo = Delivery.objects.filter(unit="trust:993467049")
    recognise(one.sender, ward, "993467049", "vakt", LATER, LATER.date())
    assert [thread.case for thread in oslo] == list(one.cases)
    # The other sender's word still waits.
    assert list_unknown_hospitals(LATER, LATER.date()) == [other]
    assert take_back(one.sender, one.name, LATER, LATER.date()) == 1
    assert oslo.get().state == "moved" and list_hospital_words() == []
    assert len(list_unknown_hospitals(LATER, LATER.date())) == 2
    with pytest.raises(KeyError):
        take_back(one.sender, one.name, LATER, LATER.date())


def test_what_was_said_before_senders_counted_holds_for_nobody() -> None:
    said = '["infeksjonsmedisin","993467049","vakt","2025-12-01"]'
    digest = hashlib.blake2b(b"infeksjonsmedisin", digest_size=15).hexdigest()
    write_setting(f"hospital:{digest}", said)
    send(make_register(), form("N1", hospital="Infeksjonsmedisin"))
    tell_new(LATER)
    assert not Delivery.objects.filter(unit__startswith="trust:").exists()
    assert len(list_unknown_hospitals(LATER, LATER.date())) == 1
    # A thread that was told then goes when it is taken back.
    thread = Delivery.objects.all()[0]
    thread.pk, thread.unit, thread.receiver = (
        None,
        "trust:993467049",
        "hospital-infection-control",
    )
    thread.save()
    assert take_back("", "infeksjonsmedisin", LATER, LATER.date()) == 1
    assert Delivery.objects.get(unit="trust:993467049").state == "moved"
    assert list_hospital_words() == []


@pytest.mark.parametrize(
    ("word", "ward"),
    [
        ("Medisinsk avdeling", True),
        ("Infeksjonsmedisin 4B", False),
        ("Post 3, lungeavdelingen", True),
        ("Bygg 9", False),
        ("Haukeland, medisinsk avd.", False),
        ("", False),
    ],
)
def test_a_kind_of_ward_is_told_from_a_house(word: str, ward: bool) -> None:
    assert is_only_a_ward(word) is ward
