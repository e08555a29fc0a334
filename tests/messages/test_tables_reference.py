"""`read` agrees with a plain reader of tables, row by row, on good and bad cells alike."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import table_reference as plain
from messages.numbers import some_number
from messages.table_rows import KEYS, RECEIVED, ROWS, lines, raw_columns
from varde.messages import Failure, read
from varde.messages.records import Statement, Surgery, WardPrevalence
from varde.messages.times import OSLO

EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "60"))

DAYS = ["2026-01-05", "05.01.2026", "6.1.2026", "2026-01-21", " 2026-02-01 ", "1984-03-17"]
BAD_DAYS = ["2026-02-03", "2031-01-01", "1950-06-01", "1880-01-01", "2200-01-01", "2026-02-30", "05/01/2026", "i går"]  # fmt: skip
MOMENTS = ["2026-01-12T10:00", "2026-01-12 10:00:30", "12.01.2026 9:05", "2026-01-12T10:00:00+03:00"]  # fmt: skip
GOOD: dict[str, list[str]] = {
    "text": ["a", "Post 2 «øst»", "æøå", "x;y", 'si "ja"', "12345", "1234567890", "12-345-678-901"],
    "date": DAYS,
    "moment": [*MOMENTS, *DAYS],
    "integer": ["0", "1", "2", " 3 ", "004"],
    "yes-no": ["ja", "NEI", "j", "0", "1"],
    "municipality": ["4601", "301", "Bergen", " oslo "],
    "person": [some_number(), some_number(date(1950, 1, 9), male=True)],
    "atc": ["J01CA08", "j01xe01"],
    "sender": ["HER:91843", "her: 7", "ENH:985626154", "RSH:4204", "form:OUS", "FORM:PRAKSIS-1"],
}
WRONG: dict[str, list[str]] = {
    "text": [
        some_number(),
        f"({some_number()[:6]} {some_number()[6:]})",
        "12345678901",
        "a 985626154001",
        "x" * 201,
    ],
    "date": BAD_DAYS,
    "moment": [*BAD_DAYS, "2026-02-02T00:00:01+00:00", "2026-01-12T", "kl. 10"],
    "integer": ["-1", "10000", "1" * 40, "1,5", "¹", "٣", "1 000"],
    "yes-no": ["kanskje", "2", "jada"],
    "municipality": ["46010", "Herøy", "Atlantis", "-1"],
    "person": ["12345678901", some_number()[:10], "x", some_number() + "1"],
    "atc": ["J01", "J01CA", "J01CA088", "JO1CA08"],
    "sender": ["LAB-A", "ENH:985626155", "HER:", "HER:12345678901", "FORM:-A", some_number()],
    "code": ["?", "10", "Annet og mer"],
}
SPECIAL = {
    "procedure": (["NFB40", "jka21", "MCA 10", "AAA00"], ["NFB", "12345", "NFB4O"]),
    "present": (["24", "9999"], ["-1", "10000"]),
    "service_type": (["N", "m", "annullert"], ["H", "A", "slettet"]),
}


def good_cells(column: dict[str, Any]) -> list[str]:
    """Ways to fill in a column, its code list in all its words."""
    if column["name"] in SPECIAL:
        return SPECIAL[column["name"]][0]
    if "about" in column:
        return ["", "0", "1"] if "only" not in column["about"] else ["", "", "0", "1"]
    words = [w for choice in column.get("codes", []) for w in (choice["code"], *choice.get("aliases", []))]  # fmt: skip
    return [*words, *(word.upper() for word in words)] or GOOD[column.get("holds", "text")]


def wrong_cells(column: dict[str, Any]) -> list[str]:
    if column["name"] in SPECIAL:
        return SPECIAL[column["name"]][1]
    return WRONG[column.get("holds", "text")] + ["  "] * bool(column.get("required"))


def some_table(key: str, dice: random.Random) -> bytes:
    """A table with some of the columns in any order, and rows most of which are right."""
    columns = raw_columns(key)
    shown = [c for c in columns if c.get("required") or dice.random() < 0.5]
    dice.shuffle(shown)
    headings = [dice.choice([c["heading"], *c.get("aliases", [])]) for c in shown]
    rows = []
    for _ in range(dice.randint(1, 4)):
        row = [some_cell(key, column, dice) for column in shown]
        if dice.random() < 0.3:
            at = dice.randrange(len(shown))
            row[at] = dice.choice(wrong_cells(shown[at]))
        rows.append(row)
    return lines([headings, *rows]).encode()


def some_cell(key: str, column: dict[str, Any], dice: random.Random) -> str:
    """The usual cell of a column, a blank one where that is allowed, or another that is right."""
    usual = ROWS[key].get(column["heading"], "")
    if column.get("required"):
        return dice.choice([usual or good_cells(column)[0], *good_cells(column)])
    return dice.choice([usual, "", dice.choice(good_cells(column))])


@pytest.mark.parametrize("key", KEYS)
def test_the_readers_agree(key: str) -> None:
    seen = {"good": 0, "bad": 0}

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, 2**32))
    def agree(seed: int) -> None:
        data = some_table(key, random.Random(seed))
        expected = plain.read_rows(data, key, RECEIVED)
        found = list(read(data, None, RECEIVED))
        assert len(found) == len(expected)
        for record, row in zip(found, expected, strict=True):
            if isinstance(record, Failure):
                seen["bad"] += 1
                assert record.reason in row
                assert isinstance(row, set)
            else:
                seen["good"] += 1
                assert isinstance(row, dict), row
                compare(record, row)

    agree()
    assert min(seen.values()) > EXAMPLES // 10, seen


def compare(record: Statement, row: dict[str, Any]) -> None:
    """Every field of a record is what the plain reader saw."""
    assert record.sender == row["sender"]
    assert record.sender_name == (row["sender_name"] or "")
    assert record.report_id.partition("/")[2] == row["report_id"]
    assert record.service_type == (row["service_type"] or "N")
    moment = row["generated"]
    if moment is None:
        moment = plain.to_moment((row.get("surveyed") or row["operated"]).isoformat())
        assert record.message_id == record.report_id
    elif row["message_id"]:
        assert record.message_id.partition("/")[2] == row["message_id"]
    assert record.generated == moment
    if isinstance(record, Surgery):
        compare_surgery(record, row)
    else:
        assert isinstance(record, WardPrevalence)
        compare_ward(record, row)


def compare_ward(record: WardPrevalence, row: dict[str, Any]) -> None:
    assert (record.institution.code, record.institution.text) == (row["institution"], row["institution_name"] or "")  # fmt: skip
    for name in ("institution_kind", "surveyed"):
        assert getattr(record, name) == row[name]
    for name in ("ward", "ward_type", "specialty", "municipality"):
        assert getattr(record, name) == (row[name] or "")
    if record.treatments:
        (given_,) = record.treatments
        assert (given_.drugs[0].code, given_.drugs[0].text) == (row["atc"], row["substance"] or "")
        for name in ("indication", "classification", "route", "sex"):
            assert getattr(given_, name) == (row[name] or "")
        assert given_.age == row["age"] and record.present == 0
        return
    for name in ("present", "with_infection", "on_antibiotics"):
        assert getattr(record, name) == row[name]
    counted = {
        (c["about"]["infection"], c["about"]["origin"]): row[c["name"]]
        for c in raw_columns("nois-piah-avdeling")
        if "about" in c and row[c["name"]] is not None
        and c["about"].get("only", row["institution_kind"]) == row["institution_kind"]
    }  # fmt: skip
    assert {(i.infection, i.origin): i.count for i in record.infections} == counted
    assert len(record.infections) == len(counted)


def compare_surgery(record: Surgery, row: dict[str, Any]) -> None:
    assert (record.patient.identifier and record.patient.identifier.value) == row["patient"]
    assert record.patient.birth_date == row["born"] and record.patient.sex == (row["sex"] or "")
    assert record.patient.age == row["age"]
    assert record.patient.municipality == (row["municipality"] or "")
    assert (record.hospital.code, record.hospital.text) == (row["hospital"], row["hospital_name"] or "")  # fmt: skip
    assert record.procedure.code == row["procedure"].replace(" ", "").upper()
    assert record.procedure.text == (row["procedure_name"] or "")
    for name in ("department", "at_discharge", "at_follow_up"):
        assert getattr(record, name) == (row[name] or "")
    for name in ("operated", "discharged", "urgent", "asa", "wound_class", "minutes", "prophylaxis", "implant", "infected", "follow_up", "reoperated", "died"):  # fmt: skip
        assert getattr(record, name) == row[name], name
    thirty = row["follow_up"] and row["follow_up"] - row["operated"] >= timedelta(days=30)
    infected = row["at_follow_up"] in ("superficial", "deep", "organ")
    final = row["died"] or infected or (row["at_follow_up"] and thirty)
    assert record.status == ("F" if final else "P")


def test_the_plain_reader_knows_norwegian_time() -> None:
    assert plain.to_moment("2026-07-01T10:00").utcoffset() == timedelta(hours=2)
    assert plain.to_moment("01.01.2026").astimezone(OSLO).date() == date(2026, 1, 1)
