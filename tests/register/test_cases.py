"""What each kind of evidence makes of a person, alone and together, and what becomes of it when it changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from register.answers import (
    MAPPING,
    PERSONS,
    answer,
    clock,
    make_register,
    register_state,
    send,
)
from register.case_messages import ADA, BLOOD, BO, CLEO, MEASLES, SALMONELLA, STOOL, dose, notified
from varde.register import KnownCase, ListedCase, list_cases, read_case, register_status, replay
from varde.register.intake import take_in
from varde.register.log import Incoming

pytestmark = pytest.mark.django_db

FOUND = answer("R1", "M1", organism=SALMONELLA, person=ADA, municipality="0301", **STOOL)
FORM = notified(onset="2025-12-03", home="4601", place=("137", "Spania", 80007))


def cases(*files: bytes) -> list[ListedCase]:
    """The cases after these messages, each handed in by itself."""
    register = make_register()
    for data in files:
        send(register, data)
    return list_cases()


def only(*files: bytes) -> ListedCase:
    [case] = cases(*files)
    return case


def known(case: ListedCase) -> KnownCase:
    found = read_case(case.number)
    assert isinstance(found, KnownCase)
    return found


def states(case: ListedCase) -> dict[str, str]:
    return {reason.criterion: reason.state for reason in known(case).case.reasons}


# --- each alone, and together ---------------------------------------------------------------------


def test_a_finding_alone_is_a_case_whose_form_is_missing() -> None:
    case = only(FOUND)
    assert (case.disease, case.classification) == ("salmonellosis", "confirmed")
    assert (case.first_day, case.form_missing) == (date(2025, 12, 5), True)
    assert (case.residence, case.infected_in, case.imported) == ("0301", "", "unknown")
    assert states(case)["clinical"] == "presumed"


def test_a_form_alone_is_a_suspected_case() -> None:
    case = only(FORM)
    assert (case.classification, case.form_missing) == ("suspected", False)
    assert (case.first_day, case.onset) == (date(2025, 12, 3), date(2025, 12, 3))
    assert (case.residence, case.infected_in, case.imported) == ("4601", "ES", "yes")


@pytest.mark.parametrize("files", [(FOUND, FORM), (FORM, FOUND)])
def test_together_they_are_one_case_that_says_where_it_is_from(files: tuple[bytes, ...]) -> None:
    case = only(*files)
    assert (case.classification, case.form_missing) == ("confirmed", False)
    assert (case.residence, case.infected_in, case.imported) == ("4601", "ES", "yes")
    expected = {"clinical": "presumed", "culture": "met", "notified": "met"}
    assert states(case) | expected == states(case)
    assert [(one.kind, one.number, one.part) for one in known(case).sources] == [
        (kind, number, part)
        for _, kind, number, part in sorted(
            (one.key, one.kind, one.number, one.part) for one in known(case).sources
        )
    ]
    assert {(one.kind, one.sender, one.number, one.part) for one in known(case).sources} == {
        ("laboratory", "HER:91843", "R1", 1),
        ("notification", "HER:9900501", "N1", 0),
    }


def test_a_dose_alone_is_no_case_and_one_before_a_finding_sets_it_aside() -> None:
    files = [
        answer("R1", "M1", organism="", searches=[MEASLES], person=BO),
        dose(person=BO, given="2025-11-25"),
        notified("Meslinger", person=BO, sampled="2025-12-05"),
    ]
    assert cases(files[1]) == cases(files[0]) == []
    case = only(files[2])
    assert case.classification == "suspected"
    [aside] = known(case).case.set_aside
    assert (aside.why, len(aside.because)) == ("recently-vaccinated", 1)
    assert {one.kind for one in known(case).sources} == {
        "laboratory",
        "vaccination",
        "notification",
    }
    # The dose was never given.
    withdrawn = dose(person=BO, given="2025-11-25", type="C")
    assert only(withdrawn).classification == "confirmed"


@pytest.mark.parametrize(
    ("mark", "missing"), [("", True), ("MSIS-M", True), ("MSIS-UM", False), ("MSIS-AV", None)]
)
def test_a_laboratory_says_whether_a_form_is_wanted(mark: str, missing: bool | None) -> None:
    found = cases(answer(organism=SALMONELLA, person=ADA, mark=mark, **STOOL))
    assert [case.form_missing for case in found] == ([] if missing is None else [missing])


def test_resistance_and_material_make_a_case_and_its_presentation() -> None:
    said: dict[str, Any] = {"organism": "Staphylococcus aureus", "person": ADA}
    assert cases(answer("R1", "M1", **said, **BLOOD, results=[("NPU07422", "S")])) == []
    case = only(answer("R2", "M2", **said, **BLOOD, results=[("NPU07422", "R")]))
    assert (case.disease, case.presentation) == ("mrsa", "infection")


def test_what_grows_every_day_begins_no_case() -> None:
    register = make_register()
    send(register, answer(person=ADA), answer("R2", "M2", organism="", person=ADA))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM register_report WHERE begins")
        assert cursor.fetchone()[0] == 0
    assert list_cases() == []


def test_the_day_of_a_form_is_that_of_the_specimen_else_the_onset_else_when_it_was_made() -> None:
    assert only(notified(sampled="2025-12-06", onset="2025-12-03")).first_day == date(2025, 12, 6)
    assert only(notified(onset="2025-12-03", made=8)).first_day == date(2025, 12, 3)
    # The first version of this form was made on the 7th: what is put right later is of that day.
    assert only(notified(made=9)).first_day == date(2026, 1, 7)
    # It says what it did, and was made later: that moves no case.
    assert only(notified(made=12)).first_day == date(2026, 1, 7)


def test_a_diagnosis_is_known_by_its_words_where_its_code_is_not() -> None:
    assert only(notified("Meslinger", code="103")).disease == "measles"
    register = make_register()
    assert register_status(register)["unknown_diagnoses"] == 0
    send(register, notified("Ullfeber", "N2", code="9", person=BO))
    assert len(list_cases()) == 1
    assert register_status(register)["unknown_diagnoses"] == 1


def test_where_somebody_was_infected_is_kept_apart_from_where_they_live() -> None:
    places = (
        (("030101", "Gamle Oslo", 80021), "0301", "no"),
        (("999", "Brasil", 80007), "BR", "yes"),
        (("1AF", "Afrika", 80022), "1AF", "yes"),
        (("1UK", "Ukjent", 80022), "", "unknown"),
    )
    for made, (place, said, imported) in enumerate(places, 7):
        case = only(notified(place=place, home="4601", made=made))
        assert (case.residence, case.stay) == ("4601", "")
        assert (case.infected_in, case.imported) == (said, imported)


def test_two_forms_that_contradict_each_other_leave_it_unknown() -> None:
    other = notified("Salmonellose", "N2", sampled="2025-12-08", place=("4601", "BERGEN", 80006))
    case = only(FORM, other)
    assert (case.infected_in, case.imported) == ("", "unknown")


# --- who it is about ------------------------------------------------------------------------------


def test_patients_whom_a_laboratory_knows_by_its_own_number_are_cases_too() -> None:
    register = make_register()
    rows = b"id,patient,date,organism\n1,P1,2026-01-05,Salmonella\n2,P1,2026-01-09,Salmonella\n"
    take_in(register, [Incoming("list.csv", rows, MAPPING)], clock)
    other = MAPPING.replace(b'"LIST"', b'"LIST2"')
    take_in(register, [Incoming("list.csv", rows.split(b"2,P1")[0], other)], clock)
    first, second = list_cases()
    assert sorted(len(known(case).sources) for case in (first, second)) == [1, 2]


def test_each_report_about_nobody_is_a_case_by_itself() -> None:
    files = [answer(f"R{n}", f"M{n}", organism=SALMONELLA, mark="MSIS-UM", **STOOL) for n in (1, 2)]
    found = cases(*files, notified(person=None, sampled="2025-12-05"))
    assert sorted(case.classification for case in found) == ["confirmed", "confirmed", "suspected"]
    # The patient becomes known: then it is that person's case.
    named = answer("R1", "M9", organism=SALMONELLA, person=CLEO, made=2, service="M", **STOOL)
    assert len(cases(named)) == 3
    gone = answer("R2", "M8", service="C", made=3)
    assert len(cases(gone)) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(person), COUNT(report) FROM register_case")
        assert cursor.fetchone() == (1, 1)


def test_a_report_that_was_about_another_person_is_another_case() -> None:
    [number] = [case.number for case in cases(FOUND)]
    moved = answer("R1", "M9", organism=SALMONELLA, person=BO, made=2, service="M", **STOOL)
    assert only(moved).number != number
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM register_person p JOIN register_case c ON c.person = p.id"
        )
        assert cursor.fetchone()[0] == 1


def test_a_system_that_is_tested_with_one_patient_makes_no_case() -> None:
    register = make_register()
    rows = [f"{n},P1,2026-01-05,Salmonella".encode() for n in range(1_001)]
    take_in(register, [Incoming("a.csv", b"\n".join([b"id,patient,date,organism", *rows[:1000]]), MAPPING)], clock)  # fmt: skip
    assert len(list_cases()) == 1
    take_in(register, [Incoming("b.csv", b"\n".join([b"id,patient,date,organism", rows[1000]]), MAPPING)], clock)  # fmt: skip
    assert list_cases() == []


# --- what changes ---------------------------------------------------------------------------------


def test_a_correction_a_cancellation_and_a_repetition() -> None:
    form = notified(sampled="2025-12-07")
    assert only(FOUND, form, FOUND, form).classification == "confirmed"
    other = answer("R1", "M2", organism="Escherichia coli", person=ADA, made=2, service="M")
    assert only(other).classification == "suspected"
    again = answer("R1", "M3", organism=SALMONELLA, person=ADA, made=3, service="M", **STOOL)
    assert only(again).classification == "confirmed"
    # An older version, that comes late, says nothing any more.
    assert only(other.replace(b"M2", b"M4")).classification == "confirmed"
    assert only(notified(type="C", made=9)).form_missing
    assert cases(answer("R1", "M5", service="C", made=4)) == []
    assert register_state()["cases"] == []


def test_what_several_laboratories_report_is_one_piece_of_evidence() -> None:
    """The reference laboratory's isolate counts; it was taken from blood, as the local one says."""
    local = answer(
        "R1", "M1", organism="Staphylococcus aureus", person=ADA, municipality="0301", **BLOOD
    )
    reference = answer(
        "X9", "M2", organism="Staphylococcus aureus", person=ADA, her="99999", day="2025-12-06",
        free="Isolat", coded_as=None, results=[("NPU07422", "R"), ("NPU06049", "S")],
    )  # fmt: skip
    assert only(reference).presentation == "unclear"
    case = only(local)
    assert (case.presentation, case.residence) == ("infection", "0301")
    assert case.first_day == date(2025, 12, 5)
    assert len(known(case).case.evidence) == 1
    assert {(one.sender, bool(one.joined_to)) for one in known(case).sources} == {
        ("HER:91843", True),
        ("HER:99999", False),
    }
    # Withdrawn, it gives the other back; the case and its number stay.
    left = only(answer("R1", "M3", service="C", made=2, person=ADA))
    assert (left.presentation, left.number) == ("unclear", case.number)


def test_each_way_in_which_several_laboratories_found_it_is_a_piece_of_evidence() -> None:
    """What grew does not hide how another found it: a criterion may ask for either."""
    agent = "Neisseria meningitidis"
    found = {"organism": "", "searches": [f"{agent} DNA"], "person": ADA, **BLOOD}
    alone = only(answer("R1", "M1", **found))
    both = only(answer("X9", "M2", her="99999", **found))
    assert (both.number, both.classification) == (alone.number, alone.classification)
    assert len(known(both).case.evidence) == 1 and len(known(both).sources) == 2
    grown = answer("Y9", "M3", organism=agent, person=ADA, her="88888", **BLOOD)
    case = only(grown)
    assert (case.number, case.classification) == (alone.number, "confirmed")
    assert len(known(case).case.evidence) == 2 and len(known(case).sources) == 3
    state = register_state()
    assert {row[7] for row in state["joined"]} == {"same-day-and-material:nucleic-acid"}
    replay(make_register(), clock)
    assert register_state() == state


def test_two_that_begin_no_case_by_themselves_may_do_so_together() -> None:
    """Resistance that one of them reports, in a species that the other names."""
    genus = answer(
        "R1", "M1", organism="Staphylococcus", person=ADA, results=[("NPU07422", "R")], **BLOOD
    )
    species = answer(
        "X9", "M2", organism="Staphylococcus aureus", person=ADA, her="99999", results=[], **BLOOD
    )
    assert cases(genus) == []
    assert cases(species) != []
    register = make_register()
    state = register_state()
    replay(register, clock)
    assert register_state() == state
    # A dose, which has nothing to do with it, does not take the case away.
    assert cases(dose(person=ADA, given="2025-06-01")) != []
    assert cases(answer("X9", "M3", service="C", made=2, her="99999", person=ADA)) == []


def test_a_municipality_that_was_split_lies_where_all_its_parts_do() -> None:
    """1507 became 1508 and 1580, both of the county 15."""
    cases(answer("R1", "M1", organism=SALMONELLA, person=PERSONS[0], municipality="1507", **STOOL))
    on = date(2026, 1, 1)
    asked = ("15", "1507", "1508", "1580", "03")
    assert [len(list_cases(area=area, on=on)) for area in asked] == [1, 1, 0, 0, 0]


def test_cases_are_found_by_disease_class_days_and_area() -> None:
    first, second, third = PERSONS
    files = [
        answer("R1", "M1", organism=SALMONELLA, person=first, municipality="0301", **STOOL),
        answer("R2", "M2", organism=SALMONELLA, person=second, municipality="1201", **STOOL),
        notified("Meslinger", person=third, onset="2025-11-03", home="4601"),
    ]
    cases(*files)
    on = date(2026, 1, 1)

    def found(**asked: Any) -> list[str]:
        return sorted(case.residence for case in list_cases(on=on, **asked))

    assert found() == ["0301", "1201", "4601"]
    assert found(disease="measles") == ["4601"]
    assert found(classification="confirmed") == ["0301", "1201"]
    assert found(first=date(2025, 12, 1)) == ["0301", "1201"]
    assert found(last=date(2025, 12, 1)) == ["4601"]
    # Bergen was 1201 before 2020, and lies in the county 46.
    assert found(area="46") == ["1201", "4601"]
    assert found(area="4601") == ["1201", "4601"]
    assert found(area="03") == ["0301"]
    assert found(area="99") == []
    assert len(list_cases(limit=1)) == 1
