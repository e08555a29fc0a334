"""One laboratory number over several specimens, tests and formats: versions of one thing replace each other, different
things stand side by side, and where nobody can tell, somebody is told."""

from __future__ import annotations

import os
import random
from importlib import import_module
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import hl7v2_builder as hl7
from register import wires
from register.answers import PERSONS, answer, clock, make_register, register_state, send
from register.orders import AUREUS, BLOOD, ECOLI, FLU, RESP, RESPF, cancelled, oru
from register.plain_rule import expected_notices, expected_reports, found_notices, found_reports
from register.test_any_order import run, split
from varde.register.replay import replay
from varde.register.versions import (
    BESIDE,
    FINAL_BECAME_PRELIMINARY,
    FINDINGS_GONE,
    SEVERAL,
    TWO_PATIENTS,
    WITHDREW_NOTHING,
)

pytestmark = pytest.mark.django_db


NO_GROWTH = b"OBX|1|CWE|%s^^LN||264868006^No growth^SCT||||||%s\rSPM"


def stands(*files: bytes) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """The organisms found, each with its report and specimen's number; and what is told. In two orders."""
    found = []
    for order in (files, files[::-1]):
        state = run([[data] for data in order])
        organisms = sorted((row[1], str(row[3]), row[4]) for row in state["findings"])
        found.append((organisms, {key[2]: said for key, said in found_notices(state).items()}))
    assert all(each == found[0] for each in found)
    context = make_register().context
    assert found_reports(state) == expected_reports(files, context)
    assert found_notices(state) == expected_notices(files, context)
    return found[0]


def test_two_bottles_under_one_number_stand_side_by_side() -> None:
    found, told = stands(oru(1, ECOLI), oru(1, AUREUS, specimen="B"))
    assert found == [("ACC77", "1", "escherichia-coli"), ("ACC77", "2", "staphylococcus-aureus")]
    assert told == {}


def test_in_messages_of_their_own_they_are_what_they_are_in_one() -> None:
    apart = run([[oru(1, ECOLI), oru(1, AUREUS, specimen="B")]])
    stamp = "20260106120000"
    both = hl7.message(
        hl7.pid(f"{PERSONS[0]}^^^NO&2.16.578.1.12.4.1.4.1&ISO^NNNOR", f7=None, f8=None),
        hl7.obr("ACC77", BLOOD, f7=None, f22=stamp), hl7.obx(BLOOD, hl7.comps(*ECOLI), f4="1"),
        hl7.spm("A", ("BLD", "Blood", "HL70487")),
        hl7.obr("ACC77", BLOOD, f7=None, f22=stamp), hl7.obx(BLOOD, hl7.comps(*AUREUS), f4="1"),
        hl7.spm("B", ("BLD", "Blood", "HL70487")),
        head=hl7.header(f7=stamp, f10="BOTH"),
    )  # fmt: skip
    together = run([[both]])
    for table in ("specimens", "findings", "susceptibilities", "joined"):
        assert apart[table] == together[table]
    assert [row[10] for row in apart["reports"]] == [row[10] for row in together["reports"]]


def test_a_later_version_of_one_bottle_leaves_the_other() -> None:
    found, told = stands(
        oru(1, ECOLI, status="P"), oru(2, AUREUS, specimen="B"), oru(3, ECOLI, AUREUS)
    )
    assert [row[1:] for row in found] == [
        ("1", "escherichia-coli"), ("1", "staphylococcus-aureus"), ("2", "staphylococcus-aureus")
    ]  # fmt: skip
    assert told == {}


def test_a_bottle_that_is_preliminary_is_no_final_answer_that_became_so() -> None:
    assert stands(oru(1, ECOLI), oru(2, AUREUS, specimen="B", status="P"))[1] == {}
    told = stands(oru(1, ECOLI), oru(2, AUREUS, specimen="B"), oru(3, ECOLI, status="P"))[1]
    assert told == {"ACC77": FINAL_BECAME_PRELIMINARY}
    told = stands(oru(1, ECOLI), oru(2, AUREUS, specimen="B"), oru(3))[1]
    assert told == {"ACC77": FINDINGS_GONE}


@pytest.mark.parametrize(
    "second",
    [
        {"specimen": None, "collected": "20260105101500"},
        {"specimen": None, "material": ("UR", "Urine", "HL70487")},
        {"specimen": "B", "collected": "20260105101500"},
    ],
)
def test_what_may_be_another_specimen_stands_beside_and_is_told(second: dict[str, Any]) -> None:
    found, told = stands(oru(1, ECOLI, specimen=None), oru(2, AUREUS, **second))
    assert len(found) == 2 and told == {"ACC77": SEVERAL}


def test_what_nothing_tells_apart_is_the_same() -> None:
    """Also when the number of the specimen comes with the final answer alone."""
    found, told = stands(oru(1, ECOLI, specimen=None, status="P"), oru(2, ECOLI, AUREUS))
    assert [row[2] for row in found] == ["escherichia-coli", "staphylococcus-aureus"]
    assert told == {}


def test_a_new_final_answer_that_names_another_organism_is_told() -> None:
    found, told = stands(oru(1, ECOLI), oru(2, AUREUS))
    assert [row[2] for row in found] == ["staphylococcus-aureus"] and told == {"ACC77": SEVERAL}
    assert stands(oru(1, ECOLI), oru(2, ECOLI, AUREUS))[1] == {}


def test_a_correction_that_leaves_out_what_was_found_is_told_as_in_other_formats() -> None:
    gone = {"ACC77": FINDINGS_GONE}
    for first in (oru(1, ECOLI, AUREUS), oru(1, ECOLI)):
        assert stands(first, oru(2, AUREUS, status="C"))[1] == gone
    assert stands(oru(1, ECOLI, AUREUS), oru(2, ECOLI, AUREUS, status="C"))[1] == {}
    assert stands(oru(1, ECOLI), oru(2, ECOLI, AUREUS, status="C"))[1] == {}
    # A preliminary answer; one that is named more precisely; one that stands in another specimen, or came again.
    assert stands(oru(1, ECOLI, AUREUS, status="P"), oru(2, AUREUS, status="C"))[1] == {}
    genus = ("65119002", "Staphylococcus", "SCT")
    assert stands(oru(1, ECOLI, genus), oru(2, ECOLI, AUREUS, status="C"))[1] == {}
    other = oru(1, ECOLI, specimen="B")
    assert stands(oru(1, ECOLI, AUREUS), other, oru(2, AUREUS, status="C"))[1] == {}
    assert (
        stands(oru(1, ECOLI, AUREUS), oru(1, FLU, specimen="B"), oru(2, AUREUS, status="C"))[1]
        == gone
    )
    again = oru(3, ECOLI, AUREUS, status="C")
    assert stands(oru(1, ECOLI, AUREUS), oru(2, AUREUS, status="C"), again)[1] == {}


def test_a_correction_of_the_only_thing_there_is_takes_its_place() -> None:
    moved = oru(2, ECOLI, specimen=None, collected="20260105110000", status="C")
    found, told = stands(oru(1, ECOLI, specimen=None), moved)
    assert len(found) == 1 and told == {}
    found, told = stands(oru(1, ECOLI, specimen="B"), oru(1, AUREUS, specimen="C"), moved)
    assert len(found) == 3 and told == {"ACC77": SEVERAL}


def test_a_withdrawal_is_of_the_specimen_that_it_names() -> None:
    both = oru(1, ECOLI), oru(1, AUREUS, specimen="B")
    assert [row[2] for row in stands(*both, cancelled(2, "B"))[0]] == ["escherichia-coli"]
    assert stands(*both, cancelled(2))[0] == []
    assert stands(*both, cancelled(2, "A"), cancelled(3, "B"))[0] == []
    assert len(stands(*both, cancelled(2, "C"))[0]) == 2
    assert stands(oru(1, ECOLI, specimen=None), cancelled(2, "B"))[0] == []


def test_a_withdrawal_of_a_specimen_that_was_never_answered_is_told() -> None:
    assert stands(oru(1, ECOLI), cancelled(2, "C"))[1] == {"ACC77": SEVERAL}
    both = oru(1, ECOLI), oru(1, AUREUS, specimen="B")
    assert stands(*both, cancelled(2, "C"), cancelled(3, "A"))[1] == {"ACC77": SEVERAL}
    # Nothing was found; it was answered and is withdrawn already; it was withdrawn before.
    assert stands(oru(1), cancelled(2, "C"))[1] == {}
    assert stands(*both, cancelled(2, "B"), cancelled(3, "B"))[1] == {}
    assert stands(cancelled(1, "C"), oru(2, ECOLI))[1] == {}


def test_a_withdrawal_of_a_test_that_was_never_answered_is_told() -> None:
    """It withdraws nothing; whichever of them comes first."""
    found, told = stands(oru(1, FLU, test=RESP), cancelled(2, test=RESPF))
    assert len(found) == 1 and told == {"ACC77^RESPF": WITHDREW_NOTHING}
    assert stands(oru(1, FLU, test=RESP), cancelled(2))[1] == {"ACC77": WITHDREW_NOTHING}
    assert stands(oru(1, ECOLI), cancelled(2, "A", test=RESP))[1] == {
        "ACC77^RESP": WITHDREW_NOTHING
    }
    nameless = oru(1, ECOLI, person=None)
    assert stands(nameless, cancelled(2, test=RESP, person=None))[1] == {
        "ACC77^RESP": WITHDREW_NOTHING
    }


def test_a_withdrawal_that_hit_something_or_had_nothing_to_hit_is_not_told() -> None:
    flu, gone = oru(1, FLU, test=RESP), cancelled(3, test=RESPF)
    # Its own answer; nothing found; another's; sent again after it; another number; all of it withdrawn.
    assert stands(flu, oru(2, test=RESPF), gone)[1] == {}
    assert stands(oru(1, test=RESP), gone)[1] == {}
    assert stands(oru(1, FLU, test=RESP, person=PERSONS[1]), gone)[1] == {}
    assert stands(oru(4, FLU, test=RESP), gone)[1] == {}
    assert stands(oru(1, FLU, test=RESP, number="ACC78"), gone)[1] == {}
    assert stands(flu, gone, cancelled(4, test=("", "", "")))[1] == {}
    assert stands(flu, gone, cancelled(4, test=RESP))[1] == {}
    assert stands(flu, gone, oru(4, FLU, test=RESPF))[1] == {}


def test_a_withdrawal_of_a_specimen_without_a_test_is_of_the_specimen_in_every_test() -> None:
    bare = cancelled(3, "A", test=("", "", ""))
    assert stands(oru(1, ECOLI), oru(1, FLU, test=RESP), bare) == ([], {})
    # Of another specimen that stands, or of one that may be it, somebody is told; so when it hits nothing.
    found, told = stands(oru(1, FLU, test=RESP), oru(1, AUREUS, specimen="B"), bare)
    assert [row[0] for row in found] == ["ACC77"] and told == {"ACC77": SEVERAL}
    found, told = stands(oru(1, FLU, test=RESP), oru(1, AUREUS, specimen=None), bare)
    assert [row[0] for row in found] == ["ACC77"] and told == {"ACC77": SEVERAL}
    assert stands(oru(1, FLU, test=RESP, specimen="B"), bare)[1] == {"ACC77^RESP": SEVERAL}
    again = oru(4, FLU, test=RESP)
    assert len(stands(oru(1, ECOLI), oru(1, FLU, test=RESP), bare, again)[0]) == 1


def test_a_withdrawal_by_the_number_of_the_one_who_ordered_is_told_when_it_hits_nothing() -> None:
    flu = oru(1, FLU, test=RESP)
    for test, name in ((RESP, "P1^RESP"), (BLOOD, "P1"), (("", "", ""), "P1")):
        gone = cancelled(3, test=test, placer="P1")
        assert stands(flu, gone)[1] == {name: WITHDREW_NOTHING}
        assert stands(gone)[1] == {name: WITHDREW_NOTHING}
    # A laboratory that gives no numbers of its own.
    own = oru(1, FLU, test=RESP, placer="P1")
    for test in (RESP, ("", "", "")):
        assert stands(own, cancelled(3, test=test, placer="P1")) == ([], {})
        assert (
            stands(oru(4, FLU, test=RESP, placer="P1"), cancelled(3, test=RESP, placer="P1"))[1]
            == {}
        )


def test_a_final_answer_of_another_specimen_is_told_beside_a_preliminary_one() -> None:
    """Its number may be another in the final answer. Not of one that had a preliminary answer of its own."""
    early, final = oru(1, ECOLI, status="P"), oru(3, AUREUS, specimen="B")
    found, told = stands(early, final)
    assert len(found) == 2 and told == {"ACC77": SEVERAL}
    assert stands(early, oru(2, AUREUS, specimen="B", status="P"), final)[1] == {}
    assert stands(early, final, oru(4, ECOLI))[1] == {}
    assert stands(early, final, cancelled(4, "A"))[1] == {}
    assert stands(oru(1, status="P"), final)[1] == {}


def test_two_patients_under_one_number_are_told() -> None:
    found, told = stands(oru(1, FLU, test=RESP), oru(2, ECOLI, person=PERSONS[1]))
    assert len(found) == 2 and told == {"ACC77": TWO_PATIENTS}
    found, told = stands(oru(1, ECOLI), oru(2, FLU, test=RESP, person=PERSONS[1]))
    assert len(found) == 2 and told == {"ACC77^RESP": TWO_PATIENTS}
    gone = cancelled(3, test=RESP, person=PERSONS[1])
    assert stands(oru(1, ECOLI), oru(2, FLU, test=RESP, person=PERSONS[1]), gone)[1] == {}
    assert stands(oru(1, ECOLI), oru(2, FLU, test=RESP, person=None))[1] == {}


def test_what_stands_under_a_number_is_found_by_an_index() -> None:
    register = make_register()
    send(register, oru(1, FLU, test=RESP), oru(1, FLU, test=RESP, number="ACC78"), answer("R1"))
    asked: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if sql.startswith("SELECT") and "WHERE accession" in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        send(register, cancelled(3, test=("", "", "")))
    assert asked
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgres:  # which reads a small table from end to end
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in asked:
            cursor.execute(f"EXPLAIN {'' if postgres else 'QUERY PLAN '}{sql}", params)
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "report_accession" in plan, (sql, plan)


def test_the_migration_gives_the_numbers_that_the_register_gives() -> None:
    send(make_register(), oru(1, FLU, test=RESP), oru(1, ECOLI), answer("R1^2"), answer("^3", "M3"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT report_ref, accession FROM register_report")
        given = dict(cursor.fetchall())
        cursor.execute("UPDATE register_report SET accession = ''")
        fill = import_module("varde.register.migrations.0016_accession").fill
        fill(None, SimpleNamespace(connection=connection, execute=cursor.execute))
        cursor.execute("SELECT report_ref, accession FROM register_report")
        assert dict(cursor.fetchall()) == given
    assert given == {"ACC77^RESP": "ACC77", "ACC77": "", "R1^2": "R1", "^3": ""}


@pytest.mark.parametrize("wire", ["kith", "fhir"])
def test_a_withdrawal_in_a_format_without_tests_is_of_everything_under_the_number(
    wire: str,
) -> None:
    said = {"service": "C", "person": PERSONS[0], "day": "2025-12-31"}
    flu = oru(1, FLU, test=RESP)
    assert stands(flu, oru(1, ECOLI), wires.write(wire, "ACC77", "K1", made=8, **said))[0] == []
    found, _ = stands(flu, wires.write(wire, "ACC77", "K1", made=1, **said))
    assert [row[0] for row in found] == ["ACC77^RESP"]


def test_a_contradiction_between_two_formats_is_told() -> None:
    nothing = answer("ACC77", "K1", person=PERSONS[0], organism="")
    assert stands(oru(2, FLU, test=RESP), nothing)[1] == {"ACC77^RESP": BESIDE}
    something = answer("ACC77", "K1", person=PERSONS[0])
    assert stands(oru(2, test=RESP), something)[1] == {"ACC77^RESP": BESIDE}
    told = stands(oru(2, test=RESP), oru(2, FLU, test=RESPF), something)[1]
    assert told == {"ACC77^RESPF": BESIDE}
    assert stands(oru(2, test=RESP), nothing)[1] == {}


def test_a_withdrawal_without_a_test_is_of_everything_under_the_number() -> None:
    bare = cancelled(3, test=("", "", ""))
    flu = oru(1, FLU, test=RESP)
    for whole in (bare, cancelled(3, test=("", "", ""), control="CA")):
        assert stands(oru(1, ECOLI), flu, whole)[0] == []
    found, _ = stands(flu, bare, oru(4, FLU, test=RESPF), oru(1, FLU, test=RESP, number="ACC78"))
    assert [row[0] for row in found] == ["ACC77^RESPF", "ACC78^RESP"]


def test_also_where_the_number_is_masked() -> None:
    long = "26000123456"
    files = [oru(1, FLU, test=RESP, number=long), cancelled(2, test=("", "", ""), number=long)]
    for order in permutations(files):
        assert run([[data] for data in order])["findings"] == []


def test_a_reused_message_id_takes_the_withdrawal_back() -> None:
    bare = cancelled(3, test=("", "", ""))
    again = oru(4, ECOLI, number="ACC99").replace(b"ACC99-600-7-A-4-F-1", b"ACC77--None-3-X-0")
    files = [oru(1, FLU, test=RESP), bare, again]
    assert bare.split(b"|")[9] == again.split(b"|")[9]
    states = [run([[data] for data in order]) for order in permutations(files)]
    assert all(len(state["findings"]) == 2 for state in states)
    assert all(found_reports(state) == found_reports(states[0]) for state in states)


def test_a_final_answer_under_another_test_is_told_of_and_the_words_of_its_stage_are_no_test() -> (
    None
):
    found, told = stands(oru(1, FLU, test=RESP, status="P"), oru(2, FLU, test=RESPF))
    assert len(found) == 2 and told == {"ACC77^RESP": BESIDE}
    assert stands(oru(1, FLU, test=RESP), oru(2, FLU, test=RESPF))[1] == {}
    assert stands(oru(1, test=RESP, status="P"), oru(2, FLU, test=RESPF))[1] == {}
    first = ("", "Respiratory PCR prelim", "L")
    found, told = stands(
        oru(1, FLU, test=first, status="P"), oru(2, FLU, test=("", "Respiratory PCR (final)", "L"))
    )
    assert [row[0] for row in found] == ["ACC77^respiratory pcr"] and told == {}


def test_the_same_answer_in_two_formats_is_told() -> None:
    kith = answer("ACC77", "K1", person=PERSONS[0], organism="", searches=["Influensa A-virus PCR"])
    found, told = stands(kith, oru(2, FLU, test=RESP))
    assert len(found) == 2 and told == {"ACC77^RESP": BESIDE}
    more = answer("ACC77", "K1", person=PERSONS[0], searches=["Influensa A-virus PCR"])
    found, told = stands(more, oru(8, ECOLI))
    assert len(found) == 1 and told == {"ACC77": SEVERAL}
    assert stands(answer("ACC77", "K1", person=PERSONS[0]), oru(8, ECOLI))[1] == {}


def test_what_another_format_does_not_name_any_more_is_told() -> None:
    said: dict[str, Any] = {"person": PERSONS[0], "day": "2025-12-31", "made": 8}
    both = oru(1, ECOLI), oru(1, AUREUS, specimen="B")
    for wire in ("kith", "fhir"):
        klebsiella = wires.write(
            wire, "ACC77", "K1", service="M", organism="Klebsiella pneumoniae", **said
        )
        assert stands(*both, klebsiella)[1] == {"ACC77": FINDINGS_GONE}
        coli = wires.write(wire, "ACC77", "K1", **said)
        assert stands(*both, coli)[1] == {"ACC77": FINDINGS_GONE}
        assert stands(both[0], coli)[1] == {}
        assert stands(oru(1, AUREUS, status="P"), coli)[1] == {}
        assert stands(oru(1, AUREUS), oru(2, ECOLI, status="C"), coli)[1] == {}
        assert stands(oru(1, AUREUS), cancelled(2), coli)[1] == {}
        assert stands(coli, oru(9, AUREUS))[1] == {"ACC77": FINDINGS_GONE}


def test_what_a_final_answer_did_not_look_for_is_told() -> None:
    """Found in the preliminary one, and in no word of the final."""

    def said(made: int, status: str, *asked: tuple[str, str], service: str = "N") -> bytes:
        return answer("R1", f"K{made}", organism="", status=status, made=made, answered=asked,
                      service=service, person=PERSONS[0])  # fmt: skip

    measles, rubella = "Meslingvirus RNA", "Rubellavirus RNA"
    first, last = said(1, "P", (measles, "Påvist")), said(3, "F", (rubella, "Ikke påvist"))
    assert stands(first, last)[1] == {"R1": FINDINGS_GONE}
    assert stands(first, last, said(2, "P", (measles, "Ikke påvist")))[1] == {}
    assert stands(first, last, said(2, "F", service="C"))[1] == {}
    assert stands(first, said(3, "F", (rubella, "Ikke påvist"), (measles, "Ikke påvist")))[1] == {}
    assert stands(first, last, said(4, "F", (measles, "Påvist"), service="A"))[1] == {}


def test_a_replay_and_a_late_piece_give_the_same() -> None:
    register = make_register()
    files = [oru(1, ECOLI), oru(3, AUREUS, specimen="B"), oru(1, FLU, test=RESP, status="P"),
             oru(4, FLU, test=RESPF), cancelled(2, test=("", "", ""))]  # fmt: skip
    for data in files:
        send(register, data)
    before = register_state()
    assert [row[1] for row in before["findings"]] == ["ACC77", "ACC77^RESPF"]
    result = replay(register, clock)
    assert register_state() == before and not (result.added or result.changed or result.removed)


STOOL = ("STL", "Stool", "HL70487")
SALMONELLA = ("20955-1", "Salmonella sp identified in Stool by Organism specific culture", "LN")
CAMPYLOBACTER = (
    "6331-3",
    "Campylobacter sp identified in Stool by Organism specific culture",
    "LN",
)
ENTERICA = ("27268008", "Salmonella", "SCT")
MYCOBACTERIUM = ("533-0", "Mycobacterium sp identified in Blood by Organism specific culture", "LN")
TUBERCULOSIS = ("113861009", "Mycobacterium tuberculosis", "SCT")
FUNGUS = ("601-5", "Fungus identified in Blood by Culture", "LN")
AEROBIC = ("634-6", "Bacteria identified in Specimen by Aerobe culture", "LN")
ANAEROBIC = ("635-3", "Bacteria identified in Specimen by Anaerobe culture", "LN")


@pytest.mark.parametrize(
    ("one", "organism", "other", "status"),
    [
        (SALMONELLA, ENTERICA, CAMPYLOBACTER, "F"),
        (MYCOBACTERIUM, TUBERCULOSIS, BLOOD, "F"),
        (MYCOBACTERIUM, TUBERCULOSIS, BLOOD, "C"),
        (BLOOD, ECOLI, FUNGUS, "F"),
        (AEROBIC, AUREUS, ANAEROBIC, "F"),
        (BLOOD, ECOLI, MYCOBACTERIUM, "P"),
        (BLOOD, AUREUS, ("MRSAC", "MRSA screen culture", "L"), "F"),
    ],
)
@pytest.mark.parametrize("specimen", ["A", None])
def test_cultures_for_different_things_stand_side_by_side(
    one: Any, organism: Any, other: Any, status: str, specimen: str | None
) -> None:
    grown = oru(1, organism, test=one, specimen=specimen, material=STOOL)
    nothing = oru(3, test=other, specimen=specimen, material=STOOL, status=status)
    nothing = nothing.replace(b"\rSPM", b"\r" + NO_GROWTH % (other[0].encode(), status.encode()))
    found, told = stands(grown, nothing)
    assert len(found) == 1 and told == {}


def test_a_general_culture_under_another_code_is_the_same() -> None:
    found, told = stands(
        oru(1, ECOLI, status="P", test=("BCP", "Blood culture preliminary", "L")),
        oru(2, ECOLI, AUREUS),
    )
    assert [row[0] for row in found] == ["ACC77", "ACC77"] and told == {}


BACTEC, VIRTUO = (("", f"Blood culture {word}", "L") for word in ("Bactec plus", "Virtuo"))


def test_a_final_culture_in_other_words_is_told_of() -> None:
    """The words are in no list, so it may be the same culture."""
    for first, then, name in (
        (BLOOD, BACTEC, "ACC77"),
        (BACTEC, BLOOD, "ACC77^blood culture bactec plus"),
        (BACTEC, VIRTUO, "ACC77^blood culture bactec plus"),
    ):
        early = oru(1, ECOLI, test=first, status="P")
        for grown in ([ECOLI], []):
            assert stands(early, oru(2, *grown, test=then))[1] == {name: BESIDE}
        assert stands(early, oru(2, ECOLI, test=then), cancelled(3, test=first))[1] == {}
        assert stands(oru(1, test=first, status="P"), oru(2, ECOLI, test=then))[1] == {}


@pytest.mark.parametrize(
    ("first", "then"),
    [(BLOOD, RESP), (RESP, BLOOD), (BLOOD, FUNGUS), (BLOOD, BLOOD)],
)
def test_a_final_answer_that_is_known_to_be_something_else_is_not_told_of(
    first: Any, then: Any
) -> None:
    assert stands(oru(1, ECOLI, test=first, status="P"), oru(2, FLU, test=then))[1] == {}


SCREENS = [
    ("6463-4", "Bacteria identified", "LN", code, f"{word} screen culture", "L")
    for code, word in (("MRSAC", "MRSA"), ("ESBLC", "ESBL"))
]


def test_two_screens_under_one_general_code_are_two() -> None:
    """By what the laboratory calls them beside it; whichever of its names comes first, and with or without it."""
    mrsa, esbl = SCREENS
    for one, other in ((mrsa, esbl), (mrsa[3:] + mrsa[:3], esbl[3:]), (mrsa[3:], esbl)):
        found, told = stands(oru(1, AUREUS, test=one), oru(2, test=other))
        assert [row[0] for row in found] == ["ACC77^MRSAC"] and told == {}
        assert len(stands(oru(1, AUREUS, test=one), oru(2, AUREUS, test=mrsa))[0]) == 1
    one, other = (("6463-4", each[4], "LN") for each in SCREENS)
    found, told = stands(oru(1, AUREUS, test=one), oru(2, ECOLI, test=other))
    assert [row[0] for row in found] == [
        "ACC77^esbl screen culture",
        "ACC77^mrsa screen culture",
    ] and told == {}


def test_two_tests_under_one_code_of_a_method_are_two() -> None:
    """By the words beside it; a code of anything else is the name of its test, whatever words it has."""
    flu, rsv = (("PCR", f"{word} PCR", "L") for word in ("Influensa A", "RSV"))
    found, told = stands(oru(1, FLU, test=flu), oru(2, test=rsv))
    assert [row[0] for row in found] == ["ACC77^influensa a pcr"] and told == {}
    early = oru(1, FLU, test=("PCR", "Influensa A PCR (prelim)", "L"), status="P")
    assert len(stands(early, oru(2, FLU, test=flu))[0]) == 1
    named = [("RESP", f"{word} PCR", "L") for word in ("Respiratory", "Resp.")]
    assert len(stands(oru(1, FLU, test=named[0]), oru(2, FLU, test=named[1]))[0]) == 1


# Any of it, in any order

ORUS = st.builds(
    oru,
    st.integers(1, 4),
    st.sampled_from([ECOLI, AUREUS, FLU]),
    test=st.sampled_from([BLOOD, BLOOD, BACTEC, FUNGUS, RESP, RESPF, ("", "", "")]),
    specimen=st.sampled_from(["A", "B", None]),
    collected=st.sampled_from(["20260105100000", "20260105101500"]),
    status=st.sampled_from(["P", "F", "F", "C"]),
    person=st.sampled_from([*PERSONS[:1] * 4, PERSONS[1], None]),
    material=st.sampled_from([("BLD", "Blood", "HL70487"), ("UR", "Urine", "HL70487")]),
)
CANCELLED = st.builds(
    cancelled,
    st.integers(1, 4),
    st.sampled_from(["A", "B", None, None]),
    test=st.sampled_from([BLOOD, RESP, ("", "", ""), ("", "", "")]),
    placer=st.sampled_from(["", "", "", "P1"]),
)
OTHERS = st.builds(
    wires.write,
    st.sampled_from(["kith", "fhir"]),
    st.just("ACC77"),
    st.sampled_from(["K1", "K2", "K3"]),
    service=st.sampled_from(["N", "N", "M", "C", "A"]),
    status=st.sampled_from(["P", "F"]),
    made=st.integers(6, 9),
    organism=st.sampled_from(["Escherichia coli", "Staphylococcus aureus"]),
    person=st.just(PERSONS[0]),
    day=st.just("2025-12-31"),
)


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "7")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(ORUS | ORUS | ORUS | CANCELLED | OTHERS, min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_any_order_duplication_and_cut_give_the_same(
    files: list[bytes], chance: random.Random
) -> None:
    once = run([[data] for data in files])
    shuffled = files + chance.choices(files, k=chance.randint(0, 4))
    chance.shuffle(shuffled)
    assert run(split(shuffled, chance)) == once
    context = make_register().context
    assert found_reports(once) == expected_reports(files, context)
    assert found_notices(once) == expected_notices(files, context)
    with transaction.atomic():
        register = make_register()
        send(register, *files)
        replay(register, clock)
        assert register_state() == once
        transaction.set_rollback(True)
