"""A proportion's numerator is part of its denominator: what is not is told, and what is right is not refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from prescribing.plain_indicators import Plain
from varde.codes import CodeFileError
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.indicators import Contact, Part, Where, catalogue, read_definition
from varde.prescribing.indicators.catalogue import FOLDER
from varde.prescribing.indicators.inclusion import check_inclusion

LIBRARY = read_library(SHIPPED)
DAY = date(2026, 6, 1)


def mend(folder: Path, name: str, part: str, old: str, new: str) -> None:
    """Read a shipped definition that is changed in one of its parts alone."""
    whole = (FOLDER / f"{name}.toml").read_text("utf-8")
    head, top, rest = whole.partition("\n[numerator]\n")
    above, middle, below = rest.partition("\n[denominator]\n")
    if part == "numerator":
        assert old in above
        above = above.replace(old, new, 1)
    else:
        assert old in below
        below = below.replace(old, new, 1)
    (folder / f"{name}.toml").write_text(head + top + above + middle + below, "utf-8")
    read_definition(folder / f"{name}.toml", LIBRARY)


@pytest.mark.parametrize(
    ("name", "part", "old", "new", "said"),
    [
        (
            "airways-penicillin-v",
            "numerator",
            '"10-79"',
            '"0-79"',
            "where.ages: it counts the age 0,",
        ),
        (
            "airways-penicillin-v",
            "numerator",
            'ages = ["10-79"]',
            "",
            "where.ages: it counts the age 0",
        ),
        ("airways-penicillin-v", "denominator", '"10-79"', '"10-40", "50+"', "counts the age 41,"),
        (
            "urinary-fluoroquinolones",
            "numerator",
            '"F"',
            '"M"',
            "where.sex: it counts M, which its",
        ),
        (
            "urinary-fluoroquinolones",
            "numerator",
            'sex = "F"',
            "",
            "where.sex: it counts M, which its",
        ),
        (
            "penicillin-v-share",
            "denominator",
            '"J01"',
            '"J02"',
            "where.atc: it counts J01CE02, which",
        ),
        ("penicillin-v-share", "numerator", 'atc = ["J01CE02"]', "", "drugs of every ATC code"),
        ("macrolides-share", "denominator", '"J01XX05"', '"J01FA09"', "it counts J01FA09, which"),
        (
            "quinolones-share",
            "numerator",
            '"J01MA"',
            '"J01"',
            "where.atc: it counts J01XX05, which",
        ),
        (
            "quinolones-share",
            "numerator",
            '"J01MA"',
            '"J01MA", "P01AB"',
            "it counts P01AB01, which its",
        ),
        ("ab2", "numerator", '["yes"]', '["yes", "no"]', ""),
        (
            "ab2",
            "denominator",
            '["yes", "no"]',
            '["no"]',
            "where.wait_and_see: it counts yes, which",
        ),
        (
            "ab2",
            "numerator",
            'wait_and_see = ["yes"]',
            "",
            "rows of which wait_and_see is not known",
        ),
        ("ab2", "denominator", 'counts = "rows"', 'counts = "patients"', "contacts are no part of"),
        ("ab3", "numerator", '"R07-R29"', '"R07-R30"', "where.diagnoses: it counts R30, which its"),
        ("ab3", "denominator", '"H01",', "", "where.diagnoses: it counts H01, which its"),
        ("ab3", "numerator", '["2ad", "2ae"', '["1bd", "2ae"', r"it counts 1bd \(gp\), which its"),
        ("ab3", "denominator", '"2aek", ', "", r"it counts 2aek \(out-of-hours\), which its"),
        (
            "ab4",
            "denominator",
            '["J01"]',
            '["J02"]',
            "contact.where.atc: it counts J01CE02",
        ),
        (
            "residents-on-antibiotics",
            "numerator",
            "answered = true",
            "",
            "wards that told no number",
        ),
        (
            "residents-on-antibiotics",
            "numerator",
            '["nursing-home"]',
            '["hospital"]',
            "counts hospital,",
        ),
        ("residents-on-antibiotics", "denominator", '"residents"', '"on-antibiotics"', ""),
        ("residents-on-antibiotics", "numerator", '"on-antibiotics"', '"residents"', ""),
        (
            "concordance",
            "numerator",
            '"alternative"',
            '"combined"',
            "concordance: it counts combined,",
        ),
        (
            "concordance-contact",
            "denominator",
            '"alternative", ',
            "",
            "it counts alternative, which",
        ),
        (
            "course-longer",
            "denominator",
            '"within", "longer"',
            '"within"',
            "it counts longer, which its",
        ),
        ("course-longer", "numerator", "sums = true, ", "", "put together in another way"),
        (
            "cystitis-choice-pivmecillinam",
            "numerator",
            '"U71"',
            '"U71", "U70"',
            "it counts U70, which",
        ),
    ],
)
def test_what_counts_above_alone_is_told(
    tmp_path: Path, name: str, part: str, old: str, new: str, said: str
) -> None:
    if not said:
        mend(tmp_path, name, part, old, new)
        return
    with pytest.raises(CodeFileError, match=rf"^{name}\.toml: numerator.*{said}"):
        mend(tmp_path, name, part, old, new)


def test_a_contact_that_the_denominator_asks_for_is_asked_for_above() -> None:
    contact = Contact(table="consultations", where=Where(diagnoses=("U71",)))
    rows = Part(table="dispensings", counts="rows")
    with_contact = Part(table="dispensings", counts="rows", contact=contact)
    assert "with a contact" in str(*check_inclusion(rows, with_contact))
    assert not [*check_inclusion(with_contact, rows)]
    assert not [*check_inclusion(with_contact, with_contact)]


def test_what_the_contact_says_of_the_same_person_is_known() -> None:
    women = Where(sex="F")
    contact = Contact(table="consultations", where=women)
    above = Part(table="dispensings", counts="rows", contact=contact)
    assert not [*check_inclusion(above, Part(table="dispensings", counts="rows", where=women))]


def test_another_table_and_another_count_are_no_part() -> None:
    above = Part(table="dispensings", counts="rows")
    lists = Part(table="list-populations", counts="persons")
    assert "dispensings are no part of list-populations" in str(*check_inclusion(above, lists))
    contacts = Part(table="dispensings", counts="contacts")
    assert "rows are no part of contacts" in str(*check_inclusion(above, contacts))
    assert not [*check_inclusion(contacts, above)]


def test_a_course_is_of_a_drug_that_the_guideline_names() -> None:
    one = catalogue().get("course-within", DAY).numerator
    named = catalogue().get("concordance-contact", DAY).denominator.where.concordance
    assert named and one.where.course

    def below(*chosen: Any) -> list[Any]:
        where = Where(concordance=type(named)(chosen=chosen, diagnosis="contact"))
        whole = Part(table="dispensings", counts="rows", where=where, contact=one.contact)
        return [*check_inclusion(one, whole)]

    assert not below("first", "alternative", "combined", "unnamed")
    assert below("first", "alternative")


def test_ratios_of_other_kinds_need_no_part(tmp_path: Path) -> None:
    """A rate or a density is of one thing over another."""
    mend(tmp_path, "home-broad-spectrum-share", "denominator", '["J01"]', '["J01CE02"]')


ATC = (
    "A07AA09",
    "N02BE01",
    "J01AA02",
    "J01CA04",
    "J01CE01",
    "J01CE02",
    "J01XX01",
    "J01XX05",
    "J02AC01",
    "P01AB01",
)
BEGINNINGS = ("J01", "J01C", "J01CE", "J01CE02", "J01XX", "J01XX05", "J02", "P01AB01")
BANDS = ("0-9", "10-79", "5-20", "21-120", "66+", "0+")
ICPC = ("R80", "R80-R83", "U71", "R74-R81")
ICD = ("J15", "J15.7", "N30")


def some(dice: Random, values: tuple[str, ...]) -> tuple[str, ...]:
    """None of them as often as not."""
    return tuple(dice.sample(values, dice.choice((0, 0, 0, 1, 2, 3)) % (len(values) + 1)))


def invent_dispensed(dice: Random) -> Where:
    return Where(
        atc=some(dice, BEGINNINGS),
        atc_not=some(dice, BEGINNINGS),
        ages=some(dice, BANDS),
        sex=dice.choice(("", "", "F", "M")),
        wait_and_see=some(dice, ("yes", "no")),
        reimbursement_icpc=some(dice, ICPC),
        reimbursement_icd=some(dice, ICD),
    )


def invent_held(dice: Random) -> Where:
    billing = some(dice, ("2ad", "11ad", "2ak"))
    return Where(
        ages=some(dice, BANDS),
        sex=dice.choice(("", "", "F", "M")),
        setting=dice.choice(("", "", "gp", "out-of-hours")),
        diagnoses=some(dice, ICPC),
        billing=billing,
        billing_out_of_hours=some(dice, ("2ad", "11ad", "2ak")) if billing else (),
    )


def invent_bought(dice: Random) -> Where:
    return Where(
        atc=some(dice, BEGINNINGS),
        route=some(dice, ("O", "P", "R", "T", "I", "U")),
        institution_kinds=some(dice, ("hospital", "nursing-home")),
    )


def rows_of(table: str) -> Iterator[dict[str, Any]]:
    """Rows of every sort that these conditions tell apart."""
    ages = (0, 7, 15, 30, 70, 120)
    match table:
        case "dispensings":
            codes = [(None, None), ("ICPC-2", "-90"), *(("ICPC-2", f"R{n}") for n in range(73, 85))]
            codes += [
                ("ICPC-2", "U71"),
                ("ICD-10", "J15.7"),
                ("ICD-10", "J151"),
                ("ICD-10", "N300"),
            ]
            values = product(ATC, ages, "FM", (True, False, None), codes)
            for atc, age, sex, told, (system, code) in values:
                yield {"atc": atc, "age": age, "sex": sex, "wait_and_see": told} | {
                    "reimbursement_system": system,
                    "reimbursement_code": code,
                }
        case "consultations":
            codes = ["", "A01", "U71", *(f"R{number}" for number in range(73, 85))]
            settings = ("gp", "out-of-hours")
            bills = ("", "1bd", "2ad", "11ad", "2ak")
            for age, sex, setting, code, bill in product(ages, "FM", settings, codes, bills):
                yield {"age": age, "sex": sex, "setting": setting, "diagnoses": code} | {
                    "billing": bill
                }
        case _:
            homes = ("1", "2", "3", "4")
            for atc, route, home in product(ATC, "OPRTIU", homes):
                yield {"atc": atc, "route": route, "institution": home, "month": DAY}


INVENT = {"dispensings": invent_dispensed, "consultations": invent_held, "sales": invent_bought}


@pytest.mark.parametrize("table", INVENT)
def test_what_is_told_is_what_rows_do(table: str) -> None:
    """Of conditions by chance: something is told exactly where a row counts above and not below."""
    kinds = {"1": "hospital", "2": "nursing-home", "3": "practice"}
    known = [
        {"institution": number, "since": date(2000, 1, 1), "kind": kind}
        for number, kind in kinds.items()
    ]
    plain = Plain({"institutions": known}, LIBRARY)
    dice, rows = Random(6), list(rows_of(table))
    told = []
    for _ in range(150):
        below = INVENT[table](dice)
        above = INVENT[table](dice) if dice.random() < 0.5 else narrow(dice, below, table)
        counted = [row for row in rows if plain.holds(table, above, row, DAY)]
        if not counted:
            continue  # nothing is left above: of that nothing is claimed
        outside = not all(plain.holds(table, below, row, DAY) for row in counted)
        parts = [Part(table=table, counts="rows", where=one) for one in (above, below)]  # type: ignore[arg-type]
        found = [*check_inclusion(*parts)]
        assert bool(found) == outside, (above, below, found)
        told.append(outside)
    assert 20 < sum(told) < len(told) - 20


def narrow(dice: Random, below: Where, table: str) -> Where:
    """The same with one more condition, or one taken away."""
    other = INVENT[table](dice)
    names = [name for name in (*other.asked, *below.asked) if not name.startswith("billing")]
    if not names:
        return below
    name = dice.choice(names)
    fields = {key: getattr(below, key) for key in below.__struct_fields__}
    if name not in below.asked:
        return Where(**fields | {name: getattr(other, name)})
    asked = getattr(below, name)
    less = asked[:1] if dice.random() < 0.7 else type(asked)()
    return Where(**fields | {name: less})
