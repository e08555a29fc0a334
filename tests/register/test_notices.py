"""What a person should look at: a final answer that became preliminary, and one that changed its patient."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import transaction

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from register import wires
from register.answers import NOW, PERSONS, answer, clock, count, make_register, register_state, send
from register.case_messages import notified
from varde.register import count_notices, list_notices, register_status, see_notice
from varde.register.replay import replay
from varde.register.sender_names import name_senders

pytestmark = pytest.mark.django_db

FINAL, PATIENT = "final-became-preliminary", "patient-changed"
GONE, NUMBER = "findings-gone", "patient-number-gone"
WITHDRAWN = "withdrawn-other-patient"
ADDED = "added-after-withdrawal"
SEVERAL, BESIDE = "several-of-one-number", "stands-beside-another"
EMPTY, TWO = "withdrew-nothing", "two-patients"
TYPHI = "Salmonella Typhi"


def notices(*files: bytes) -> str:
    with transaction.atomic():
        register = make_register()
        for data in files:
            send(register, data)
        [row] = register_state()["reports"]
        transaction.set_rollback(True)
    return str(row[13])


def version(
    message: str,
    made: int,
    service: str = "N",
    status: str = "F",
    person: int = 0,
    organism: str = TYPHI,
) -> bytes:
    return answer("R1", message, made=made, service=service, status=status, organism=organism,
                  person=PERSONS[person] if person < 3 else None)  # fmt: skip


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([version("M1", 1), version("M2", 2, status="P")], FINAL),
        ([version("M1", 1), version("M2", 2, status="S")], FINAL),
        ([version("M1", 1, status="P"), version("M2", 2)], ""),
        ([version("M1", 2), version("M2", 1, status="P")], ""),
        ([version("M1", 1), version("M2", 2, status="P"), version("M3", 3)], ""),
        ([version("M1", 1, "H"), version("M2", 2, status="P")], FINAL),
        # Additional results take nothing away.
        ([version("M1", 1), version("M2", 2, "A", status="P")], ""),
        ([version("M1", 1, "A"), version("M2", 2, status="P")], FINAL),
        # What was withdrawn is known to be gone.
        ([version("M1", 1), version("M2", 2, "C"), version("M3", 3, status="P")], ""),
        ([version("M1", 1), version("M2", 2, status="P"), version("M3", 3, "C")], ""),
        ([version("M1", 1), version("M2", 2, person=1)], PATIENT),
        ([version("M1", 1), version("M2", 2, person=1, status="P")], f"{FINAL},{PATIENT}"),
        # It waits in quarantine, and is no part of the answer.
        ([version("M1", 1), version("M2", 2, "A", person=1)], ""),
        ([version("M1", 1, "A", person=1), version("M2", 2)], PATIENT),
        ([version("M1", 1), version("M2", 2, "C", person=1)], WITHDRAWN),
        ([version("M1", 1), version("M2", 2, "C", person=3)], ""),
        ([version("M1", 1), version("M2", 2, "C"), version("M3", 3, "A")], ADDED),
        ([version("M1", 1), version("M2", 3, "C"), version("M3", 2, "A")], ""),
        ([version("M1", 1), version("M2", 2, "C"), version("M3", 3, "A", person=1)], ""),
        ([version("M1", 1, "C"), version("M2", 2, "A"), version("M3", 3)], ""),
        ([version("M1", 1), version("M2", 2, organism="")], GONE),
        ([version("M1", 1), version("M2", 2, "M", organism="")], GONE),
        ([version("M1", 1, status="P"), version("M2", 2, organism="")], ""),
        ([version("M1", 1), version("M2", 2, "A", organism="")], ""),
        ([version("M1", 1), version("M2", 2, organism=""), version("M3", 3, "A")], ""),
        ([version("M1", 1), version("M2", 2, status="P", organism="")], FINAL),
        ([version("M1", 1), version("M2", 2, "C"), version("M3", 3, person=1)], ""),
        ([version("M1", 1), version("M2", 2, person=3)], NUMBER),
        ([version("M1", 1, person=3), version("M2", 2)], ""),
        ([version("M1", 1, person=1), version("M2", 2)], PATIENT),
    ],
)
def test_what_is_told_of_a_report_in_any_order(files: list[bytes], said: str) -> None:
    for order in permutations(files):
        assert notices(*order) == said


@pytest.mark.parametrize("wire", wires.FORMATS)
def test_it_is_told_whichever_the_format(wire: str) -> None:
    first = wires.write(wire, "R1", "M1", organism=TYPHI, person=PERSONS[0])
    late = wires.write(wire, "R1", "M2", organism=TYPHI, person=PERSONS[1], made=2, status="P")
    assert notices(first, late) == notices(late, first) == f"{FINAL},{PATIENT}"


def test_it_waits_until_somebody_has_looked_and_comes_back_with_a_newer_version() -> None:
    register = make_register()
    send(register, version("M1", 1), version("M2", 2, status="P", person=1))
    send(register, answer("R9", "M9", her="91844"))
    found = list_notices()
    assert {(one.what, one.sender, one.report_ref, one.message_ref) for one in found} == {
        (FINAL, "HER:91843", "R1", "M2"),
        (PATIENT, "HER:91843", "R1", "M2"),
    }
    assert list_notices("HER:91844") == []
    none = dict.fromkeys(
        (FINAL, GONE, PATIENT, NUMBER, WITHDRAWN, ADDED, SEVERAL, BESIDE, EMPTY, TWO), 0
    )
    both = none | {FINAL: 1, PATIENT: 1}
    assert count_notices() == count_notices("HER:91843") == both
    assert register_status()["notices"] == both
    report = found[0].report
    assert not see_notice(report, FINAL, "vakt", "en annen", NOW, sender="HER:91844")
    assert see_notice(report, FINAL, "vakt", f"ringte om {PERSONS[0]}", NOW)
    assert not see_notice(report, FINAL, "vakt", "igjen", NOW)
    assert count_notices() == none | {PATIENT: 1}
    replay(register, clock)
    assert count_notices() == none | {PATIENT: 1}
    [kept] = seen()
    assert PERSONS[0] not in kept
    send(register, version("M3", 3, status="P", person=1))
    assert count_notices() == both
    send(register, version("M4", 4, "C", person=1))
    assert count_notices() == none
    assert not see_notice(report, PATIENT, "vakt", "borte", NOW)


def seen() -> list[str]:
    from varde.register.models import NoticeSeen

    return [one.reason for one in NoticeSeen.objects.all()]


def test_what_was_seen_goes_with_its_report() -> None:
    register = make_register()
    send(register, version("M1", 1), version("M2", 2, status="P"))
    [one] = list_notices()
    see_notice(one.report, FINAL, "vakt", "sett", NOW)
    from varde.register.models import NoticeSeen

    NoticeSeen.objects.update(report_ref="R0")
    replay(register, clock)
    assert count("noticeseen") == 0


def test_a_mark_tells_nobody() -> None:
    from varde.register.models import Item

    send(make_register(), version("M1", 1), version("M2", 2))
    [one, other] = Item.objects.values_list("patient", flat=True)
    assert one == other and str(one) not in PERSONS[0] and one % 2 == 1


def test_a_laboratory_is_not_called_by_the_office_that_notifies_with_its_number() -> None:
    from varde.register.models import Sender

    files = [answer("R1", "M1"), notified(her="91843")]
    for order in permutations(files):
        with transaction.atomic():
            for data in order:
                send(make_register(), data)
            assert Sender.objects.get(key="HER:91843").name == "Fjordby sykehus, Mikrobiologi"
            transaction.set_rollback(True)


def test_a_laboratorys_own_name_counts_before_that_of_a_doctors_office() -> None:
    for order in permutations(
        [(1, "Å legekontor"), (3, "Sykehuset"), (2, "Tall"), (3, "Avdelingen")]
    ):
        with transaction.atomic():
            for rank, name in order:
                name_senders({"HER:1": (rank, name)})
            from varde.register.models import Sender

            assert Sender.objects.get(key="HER:1").name == "Sykehuset"
            transaction.set_rollback(True)


BOTH = ("Salmonella Typhi", "Campylobacter jejuni")


def found(
    wire: str, message: str, made: int, *organisms: str, service: str = "N", status: str = "F"
) -> bytes:
    """A version of one answer that names these organisms."""
    if wire == "kith":
        grown = [kith.culture(name, item=str(n)) for n, name in enumerate(organisms, 1)]
        return kith.message(
            kith.report(kith.patient(kith.specimen(collected="2025-12-05T10:00:00"), *grown), own="R1", status=status, service=service),
            message_id=message, generated=f"2026-01-{made:02}T12:00:00",
        )  # fmt: skip
    if wire == "fhir":
        said = {"N": "final", "M": "corrected", "A": "appended"}[service]
        isolates = tuple(fhir.Isolate(name) for name in organisms)
        return fhir.as_fhir(
            fhir.Answer(message_id=message, report_id="R1", status=said if status == "F" else "preliminary", generated=f"2026-01-{made:02d}T12:00:00+01:00",
                specimens=(fhir.Taken("S1", "2025-12-05T10:00:00+01:00"),), isolates=isolates),
            fhir.Shape(kind="transaction"),
        )  # fmt: skip
    said = "C" if service == "M" else status
    return hl7.message(
        hl7.pid(),
        hl7.obr("R1", f7="20251205100000", f22=f"202601{made:02d}120000", f25=said),
        *(hl7.organism(("", name), sub=str(n), f11=said) for n, name in enumerate(organisms, 1)),
        hl7.spm(collected="20251205100000"),
        head=hl7.header(f7=f"202601{made:02d}120000", f10=message),
    )


@pytest.mark.parametrize("wire", wires.FORMATS)
@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([BOTH, BOTH[1:]], True),
        ([BOTH, BOTH[:1]], True),
        ([BOTH, BOTH], False),
        ([BOTH[:1], BOTH], False),
        ([BOTH, ("Campylobacter jejuni", "Salmonella")], False),
        ([("Salmonella", "Campylobacter"), BOTH], False),
        ([BOTH, BOTH[1:], BOTH[1:]], True),
        ([BOTH, BOTH[1:], BOTH], False),
        ([("Fabelbakterie", *BOTH), BOTH], True),
    ],
)
@pytest.mark.parametrize("service", ["N", "M"])
def test_a_final_answer_that_drops_one_of_several_findings_is_told(
    wire: str, versions: list[tuple[str, ...]], told: bool, service: str
) -> None:
    files = [
        found(wire, f"M{n}", n, *names, service="N" if n == 1 else service)
        for n, names in enumerate(versions, 1)
    ]
    for order in permutations(files):
        said = notices(*order)
        if wire == "hl7v2" and service == "N":
            # A new one of the same specimen is told as one that may be of another, also when it is more precise.
            assert (SEVERAL in said) >= told
        else:
            assert said == (GONE if told else ""), order


@pytest.mark.parametrize("wire", ["kith", "fhir"])
def test_what_was_added_withdrawn_or_preliminary_is_not_dropped(wire: str) -> None:
    assert notices(found(wire, "M1", 1, *BOTH, status="P"), found(wire, "M2", 2, BOTH[1])) == ""
    added = found(wire, "M3", 3, BOTH[0], service="A")
    assert notices(found(wire, "M1", 1, *BOTH), found(wire, "M2", 2, BOTH[1]), added) == ""
    assert notices(found(wire, "M1", 1, BOTH[0]), found(wire, "M2", 2, BOTH[1], service="A")) == ""
    # An addition that a later whole answer does not repeat is dropped with it.
    late = found(wire, "M3", 3, BOTH[0], service="M")
    assert (
        notices(found(wire, "M1", 1, BOTH[0]), found(wire, "M2", 2, BOTH[1], service="A"), late)
        == GONE
    )


def test_two_answers_under_the_number_of_one_requisition_are_told() -> None:
    """Where the number of the report is a copy of the message's, that of the requisition counts; of one specimen nobody can
    be sure that the second answer was not meant to take the place of the first."""
    person = PERSONS[0]

    def about(name: str, message: str, hour: int) -> bytes:
        patient = kith.patient(kith.specimen(), kith.search("Påvist", name), number=person)
        return kith.message(kith.report(patient, own=message, request=kith.element("ServReq", kith.text("Id", "Q1"))),
            message_id=message, generated=f"2026-01-07T{hour:02}:00:00")  # fmt: skip

    for order in permutations(
        [about("Meslingvirus RNA", "M1", 8), about("F-Salmonella PCR", "M2", 9)]
    ):
        assert notices(*order) == SEVERAL


def test_a_number_of_a_specimen_is_the_same_specimen_whatever_its_date() -> None:
    said = {"her": "91844", "person": PERSONS[0], "results": ()}
    first = answer(organism="", searches=["P-Meslingvirus IgM"], day="2025-12-31", **said)
    second = answer("R1", "M2", made=2, status="P", day="2025-11-30", **said)
    assert notices(first, second) == SEVERAL
