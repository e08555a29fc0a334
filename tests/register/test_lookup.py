"""One person's history: that of a plain rule over all messages, whatever came in whatever order."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages.numbers import make_number
from register import told
from register.answers import PERSONS, answer, make_register, send
from register.case_messages import BLOOD, MEASLES, SALMONELLA, STOOL, dose, notified
from register.plain_history import expected_history, found_history
from register.test_cases_any_order import EXAMPLES, of_one_specimen
from register.test_cases_any_order import answers as any_answers
from varde.codes import organisms
from varde.register import (
    Found,
    History,
    Result,
    by_disease,
    find_carried,
    find_person,
    known_as,
    pseudonyms_of,
    read_history,
    read_number,
    read_places,
)
from varde.register.carried import CarriedInvalid, carried_states, read_states
from varde.register.lookup import MOST

pytestmark = pytest.mark.django_db

ADA, BO, CLEO = PERSONS


def history_of(register, number: str = ADA) -> History:  # type: ignore[no-untyped-def]
    person = find_person(number, register.context.pseudonym)
    assert person is not None
    return read_history(person.ids)


@st.composite
def statements(draw: st.DrawFn) -> bytes:
    """What may be said of one of three persons, or of nobody."""
    which = draw(st.integers(0, 9))
    person = draw(st.sampled_from([ADA, ADA, BO]))
    kind = draw(st.sampled_from("NNNC"))
    if which == 0:
        day = draw(st.sampled_from(["2025-02-01", "2026-01-03"]))
        atc = draw(st.sampled_from(["J07BD52", "J07AM51", "J07XX99"]))
        return dose(atc, draw(st.sampled_from(["V1", "V2"])), person=person, given=day, type=kind)
    if which == 1:
        sampled = draw(st.sampled_from([None, "2025-12-04"]))
        number = draw(st.sampled_from(["N1", "N2"]))
        return notified(number=number, person=person, sampled=sampled, type=kind)
    return draw(st.one_of(any_answers(), of_one_specimen()))


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.lists(statements(), max_size=9), st.integers(1, 4))
def test_it_is_what_a_plain_rule_says(files: list[bytes], batches: int) -> None:
    register = make_register()
    with transaction.atomic():
        for start in range(batches):
            send(register, *files[start::batches])
        for number in (ADA, BO):
            pseudonym = pseudonyms_of(number, register.context.pseudonym)[0]
            expected = expected_history(files, register.context, pseudonym)
            person = find_person(number, register.context.pseudonym)
            history = read_history(person.ids) if person else History(sex="", municipality="")
            assert found_history(history) == expected
            for told in (history.findings, history.answers, history.doses, history.notices):
                days = [one.day for one in told]
                assert days == sorted(days, reverse=True)
        transaction.set_rollback(True)


def test_all_kinds_of_things_stand_in_it() -> None:
    register = make_register()
    send(
        register,
        answer(person=ADA, organism=SALMONELLA, mark="MSIS-M", municipality="0301", **STOOL),
        answer("R2", "M2", person=ADA, organism="", day="2025-12-20"),
        dose(given="2025-02-01"),
        notified("Meslinger", "N2", sampled="2025-06-01"),
        answer("R9", "M9", person=BO),
    )
    history = history_of(register)
    [finding] = history.findings
    assert (finding.organism, finding.material, finding.method) == (
        "salmonella-typhimurium", "stool", "culture",
    )  # fmt: skip
    assert (finding.day, finding.sender, finding.notifiable) == (
        date(2025, 12, 5), "HER:91843", "MSIS-M",
    )  # fmt: skip
    assert [(r.antibiotic, r.sir) for r in finding.results] == [("CIP", "S")]
    assert [a.day for a in history.answers] == [date(2025, 12, 20)]
    assert [d.vaccine for d in history.doses] == ["J07BD52"]
    assert [n.diagnosis for n in history.notices] == ["Meslinger"]
    cases = {case.disease: case.form_missing for case in history.cases}
    assert cases == {"salmonellosis": True, "measles": False}
    assert history.municipality == "0301"
    assert history.count == 6 and not history.more
    assert len(history_of(register, BO).findings) == 1


def test_a_finding_of_two_laboratories_is_told_once_with_the_results_of_both() -> None:
    register = make_register()
    send(register, answer(person=ADA, results=[("NPU06049", "S"), ("NPU06045", "R")]))
    send(
        register,
        answer("X9", "M9", person=ADA, her="99999", results=[("NPU06049", "R"), ("NPU06037", "S")]),
    )
    [finding] = history_of(register).findings
    assert [(r.antibiotic, r.sir, r.sender) for r in finding.results] == [
        ("AMP", "R", ""), ("CIP", "S", ""), ("MEM", "S", "HER:99999"),
    ]  # fmt: skip
    assert finding.also == ("HER:99999",) and finding.disagrees == "CIP S/R"


def test_what_is_withdrawn_is_not_told() -> None:
    register = make_register()
    send(register, answer(person=ADA), answer("R2", "M2", person=ADA, day="2025-11-01"))
    send(register, answer(message="M3", person=ADA, service="C", made=2))
    assert [f.day for f in history_of(register).findings] == [date(2025, 11, 1)]


def test_a_number_that_nobody_has_is_nobody() -> None:
    register = make_register()
    send(register, answer(person=ADA))
    assert find_person(CLEO, register.context.pseudonym) is None


@pytest.mark.parametrize(
    "typed", ["", "1", "abc", "0" * 11, f"{ADA}00", ADA[:-1] + "0", "١" * 11, "9" * 5000]
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


def test_a_number_is_read_with_blanks_in_it() -> None:
    read = read_number(f" {ADA[:6]} {ADA[6:]}\n")
    assert read is not None and read[0] == ADA
    assert read[1].valid and read[1].birth_date is not None


def test_where_a_person_belongs_is_what_was_said_last() -> None:
    register = make_register()
    send(
        register,
        answer(person=ADA, municipality="4601", made=3),
        answer("R2", "M2", person=ADA, municipality="0301", made=5),
        answer("R3", "M3", person=ADA, made=6),
    )
    person = find_person(ADA, register.context.pseudonym)
    assert person is not None
    places = read_places(person.ids)
    assert (places.residence, places.stays, places.hospitals) == ("0301", (), ())


def test_of_too_much_the_newest_is_read_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.register.lookup.MOST", 3)
    register = make_register()
    for number in range(5):
        send(register, answer(f"R{number}", f"M{number}", person=ADA, day=f"2025-12-{number + 10}"))
    history = history_of(register)
    assert history.more and len(history.findings) == 3
    assert MOST == 2_000


def test_it_takes_the_same_number_of_statements_whatever_there_is() -> None:
    register = make_register()
    send(register, answer(person=ADA))
    taken = []
    for number in (2, 30):
        for each in range(number):
            send(register, answer(f"S{number}-{each}", f"S{number}-{each}", person=ADA))
        person = find_person(ADA, register.context.pseudonym)
        assert person is not None
        connection.force_debug_cursor = True
        before = len(connection.queries_log)
        read_history(person.ids)
        taken.append(len(connection.queries_log) - before)
        connection.force_debug_cursor = False
    assert taken[0] == taken[1] <= 10


# --- carried and doses ----------------------------------------------------------------------------


def finding(organism: str, *resistant: str, day: date = date(2025, 1, 1)) -> Found:
    results = tuple(Result(antibiotic=each, sir="R", mic="") for each in resistant)
    return Found(
        key="1.1", day=day, second=0, organism=organism, material="", method="culture",
        sender="HER:1", status="F", notifiable="", results=results,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("organism", "resistant", "told"),
    [
        ("staphylococcus-aureus", ("FOX",), ["mrsa"]),
        ("staphylococcus-aureus", ("PEN",), []),
        ("staphylococcus-epidermidis", ("FOX",), []),
        ("enterococcus-faecium", ("VAN", "AMP"), ["vre"]),
        ("enterococcus-gallinarum", ("VAN",), []),
        ("escherichia-coli", ("CTX",), ["esbl"]),
        ("klebsiella-pneumoniae", ("CAZ", "MEM"), ["esbl", "cpe"]),
        ("pseudomonas-aeruginosa", ("CAZ", "MEM"), []),
        ("", ("FOX",), []),
    ],
)
def test_resistant_bacteria_are_those_of_the_file(
    organism: str, resistant: tuple[str, ...], told: list[str]
) -> None:
    assert organism in organisms() or not organism
    carried = find_carried([finding(organism, *resistant)])
    assert [each.state.key for each in carried] == told


def test_susceptible_and_increased_exposure_tell_of_nothing() -> None:
    one = finding("staphylococcus-aureus")
    for sir in ("S", "I", ""):
        told = Found(
            **{f: getattr(one, f) for f in one.__struct_fields__}
            | {"results": (Result(antibiotic="FOX", sir=sir, mic=""),)}
        )
        assert find_carried([told]) == ()


def test_a_name_that_nobody_has_is_found_in_the_file() -> None:
    text = b'{"version":"1","source":"x","states":[{"key":"a","nb":"a","en":"a","says_nb":"a","says_en":"a","organisms":["nobody"],"groups":[],"resistant_to":[]}]}'
    with pytest.raises(CarriedInvalid, match="nobody"):
        read_states(text)
    assert set(carried_states()) == {"mrsa", "vre", "esbl", "cpe"}


def test_doses_stand_under_each_disease_and_gaps_are_those_of_the_programme() -> None:
    register = make_register()
    send(register, dose("J07BD52", given="2025-02-01"))
    told = {each.disease: len(each.doses) for each in by_disease(history_of(register).doses)}
    assert (told["measles"], told["mumps"], told["rubella"]) == (1, 1, 1)
    assert told["tetanus"] == 0 and "rabies" not in told


def test_measles_by_antibody_and_blood_by_culture_are_told_apart() -> None:
    register = make_register()
    send(register, answer(person=ADA, organism="", searches=[MEASLES]))
    send(register, answer("R2", "M2", person=ADA, organism="Staphylococcus aureus", **BLOOD))
    assert {f.organism: f.method for f in history_of(register).findings} == {
        "measles-virus": "antibody-igm", "staphylococcus-aureus": "culture",
    }  # fmt: skip


# --- several numbers of one person ----------------------------------------------------------------

BORN = date(1980, 5, 17)
FNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))


def test_an_earlier_number_leads_to_whose_it_was() -> None:
    register = told.linked_register()
    send(register, told.told("R1", number=DNR, family="Osei", given="Tor"))
    pseudonym = register.context.pseudonym
    alone = find_person(DNR, pseudonym)
    assert alone is not None and known_as(alone) == (pseudonym("DNR", "", DNR),)
    send(register, told.told("R2", number=FNR, also=DNR, family="Osei", given="Tor"))
    by_old, by_new = find_person(DNR, pseudonym), find_person(FNR, pseudonym)
    assert by_old is not None and by_old == by_new
    assert len(read_history(by_old.ids).findings) == 2
    assert set(known_as(by_old)) == {pseudonym("FNR", "", FNR), pseudonym("DNR", "", DNR)}
