"""Definitions: what ships holds, what is wrong is said, and the version of the day is the one that is given."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from varde.codes import CodeFileError
from varde.guidelines import SHIPPED, read_library
from varde.messages import published_tables
from varde.prescribing import layouts
from varde.prescribing.indicators import (
    InvalidPeriod,
    Period,
    UnknownIndicator,
    Where,
    catalogue,
    check_files,
    read_catalogue,
    read_definition,
    read_period,
)
from varde.prescribing.indicators.allowed import find_allowed
from varde.prescribing.indicators.catalogue import FOLDER
from varde.prescribing.indicators.shapes import SHAPES

LIBRARY = read_library(SHIPPED)
AB3 = (FOLDER / "ab3.toml").read_text("utf-8")
HOME = (FOLDER / "home-ddd.toml").read_text("utf-8")


def read(folder: Path, text: str, name: str = "ab3") -> None:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    read_definition(path, LIBRARY)


def test_skil_is_as_skil_says() -> None:
    found = catalogue().on(date(2026, 12, 31))
    infections = ["R01-R05", "R07-R29", "R71-R72", "R74-R78", "R80-R83", "H01", "H71", "H72", "H74"]
    for id_, ages in (("ab3", ()), ("ab3-0-9", ("0-9",)), ("ab3-10-65", ("10-65",))):
        one = found[id_]
        assert one.denominator.where.diagnoses == tuple(infections)
        assert set(one.denominator.where.billing) == {"2ad", "2ae", "11ad", "11ak"}
        nights = {"2ak", "2aek"}
        assert set(one.denominator.where.billing_out_of_hours) - nights == {
            *one.denominator.where.billing
        }
        assert one.numerator.where == one.denominator.where
        assert one.denominator.where.ages == ages
        assert one.numerator.contact is not None
        assert one.numerator.contact.where.atc == ("J01",)
    assert set(found["ab1"].denominator.where.billing) == {
        *("2ad", "11ad", "11ak", "2ae", "1bd", "1be", "1i")
    }
    assert found["ab4"].denominator == found["ab3"].numerator
    assert found["ab2"].numerator.counts == "contacts"


def test_a_proportion_counts_a_part_of_its_denominator() -> None:
    for one in catalogue().on(date(2026, 12, 31)).values():
        if one.kind == "proportion":
            assert one.numerator.table == one.denominator.table, one.id
        assert one.text.nb and one.text.en
        assert one.text.nb != one.text.en


def test_what_could_not_be_looked_up_is_marked() -> None:
    found = catalogue().on(date(2026, 12, 31))
    assert all(found[id_].uncertain for id_ in ("children-airways", "airways-penicillin-v"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"J01"', '"J0"', "no beginning of an ATC code"),
        ('"J01"', '"J01ZZ"', "no drug has an ATC code that begins with J01ZZ"),
        ('"R01-R05"', '"R05-R01"', "ends before it begins"),
        ('"R01-R05"', '"R1"', "no code or range of ICPC-2"),
        ('"akutt-sinusitt"', '"akutt-forvirring"', "no recommendation akutt-forvirring"),
        ('"2ad"', '"twoad"', "no billing code"),
        ('kind = "proportion"', 'kind = "share"', "Invalid enum value"),
        ('direction = "lower"', 'direction = "down"', "Invalid enum value"),
        ("per = 100", "per = 17", "it is shown per 1, 100 or 1000"),
        ("next_review = 2027-11-26", "next_review = 2026-11-26", "next review"),
        ('id = "ab3"', 'id = "ab4"', "is not the file's name"),
        ('counts = "rows"', 'counts = "hours"', "has no hours to count"),
        ('topic = "airways"', 'topic = "airways"\nquery = "SELECT 1"', "unknown field"),
        ('table = "dispensings"', 'table = "consultations"', "joins dispensings with"),
        ("[numerator.where]", "[numerator.where]\nstay = ['long']", "cannot be asked for stay"),
        ("[numerator.where]", "[numerator.where]\nages = ['9-0']", "ends before it begins"),
        ("[numerator.where]", "[numerator.where]\nages = ['10-200']", "nobody is older than 120"),
        ("[numerator.where]", "[numerator.where]\nages = ['0-9', '121+']", "older than 120"),
        ("[numerator.where]", "[numerator.where]\nages = ['0-9', '65-10']", "65-10 ends before"),
        ('atc = ["J01"]', 'atc = ["J01"]\natc_not = ["J01"]', "atc_not: no drug is left"),
        ('atc = ["J01"]', 'atc = ["J01CE"]\natc_not = ["J01C"]', "atc_not: no drug is left"),
        ('atc = ["J01"]', 'atc = ["P01AB"]\natc_not = ["P01"]', "atc_not: no drug is left"),
        (
            'title.nb = "Antibiotika ved luftveisinfeksjon"',
            'title.nb = " "',
            "title.nb: it is empty",
        ),
        ('title.en = "Antibiotics for airway infection"', 'title.en = ""', "title.en: it is empty"),
        ("sources = [", 'sources = [\n"",', r"sources\[0\]: it is empty"),
        (
            "[numerator]",
            '[[revisions]]\non = 2026-11-26\ntext = ""\n[numerator]',
            r"\[1\].text: .*empty",
        ),
        ("version = 2020-01-01", "version = 2027-11-26", "not after the first day of this version"),
        ("per = 100", "per = 100\nddd_version = 2025", "ddd_version is said where"),
        ("on = 2026-11-26", "on = 2026-11-27", "revisions are not in order"),
        ('billing = ["2ad", "2ae", "11ad", "11ak"]\n', "", "stand beside those of other"),
        ('"2aek"', '"aek2"', "no billing code"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in AB3
    with pytest.raises(CodeFileError, match=said):
        read(tmp_path, AB3.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"J01"',
            '"J0"',
            "numerator.contact.where.atc: 'J0' is no beginning of an ATC code: write",
        ),
        ("per = 100", "per = 17", "per: it is shown per 1, 100 or 1000, not 17: give one of"),
        ("per = 100", 'per = "100"', "per: Expected `int`, got `str`: write a whole number"),
        (
            'kind = "proportion"',
            'kind = "share"',
            "kind: .*: give one of density, proportion, rate",
        ),
        (
            "[numerator.where]",
            "[numerator.where]\nroute = ['x']",
            r"numerator.where.route\[0\]: .*of I, O, P",
        ),
        ('direction = "lower"', "", "direction: .* required field `direction`: add it"),
        ("reviewed = 2026-11-26", "reviewed = 'x'", "reviewed: .*: write a day without"),
        (
            "[numerator.where]",
            "[numerator.where",
            "line 3[0-9], column 17: it is no TOML: .*: correct",
        ),
        (
            'table = "dispensings"\n',
            'table = "dispensings"\nrows = 1\n',
            "numerator.contact.rows: .*: take it away, or give one of table, where$",
        ),
    ],
)
def test_place_and_what_to_do_are_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in AB3
    with pytest.raises(CodeFileError, match=rf"^ab3\.toml: {said}"):
        read(tmp_path, AB3.replace(old, new))


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    """Every file, and of each all that it has the shape to be asked for."""
    written = {
        "ab3": AB3.replace('"J01"', '"J0"').replace("per = 100", "per = 17"),
        "ab3@2020-01-01": AB3,
        "ab3@2020-01-02": AB3.replace("version = 2020-01-01", "version = 2020-01-02"),
        "home-ddd": HOME.replace("per = 100", "per = '100'"),
        "other": HOME,
    }
    for name, text in written.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    checked = check_files(tmp_path, LIBRARY)
    assert {path.stem: [one.place for one in found] for path, found in checked.wrong.items()} == {
        "ab3": ["per", "numerator.contact.where.atc"],
        "home-ddd": ["per"],
        "other": ["id"],
    }
    assert all(one.text and one.advice for found in checked.wrong.values() for one in found)
    held = checked.catalogue.versions
    assert [one.version.day for one in held["ab3"]] == [1, 2] and set(held) == {"ab3"}
    (tmp_path / "ab3.toml").write_text(AB3, "utf-8")
    [twice] = check_files(tmp_path, LIBRARY).wrong[tmp_path / "ab3@2020-01-01.toml"]
    assert "two versions of that day" in twice.text
    with pytest.raises(CodeFileError, match=r"^ab3@2020-01-01\.toml: version: "):
        read_catalogue(tmp_path, LIBRARY)


def test_a_file_in_another_encoding_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    before = AB3.replace("legen skrev", "lægen skrev")
    assert "lægen" in before.splitlines()[4]
    (tmp_path / "ab3.toml").write_bytes(before.encode("latin-1"))
    (tmp_path / "home-ddd.toml").write_text(HOME, "utf-8")
    with pytest.raises(
        CodeFileError, match=r"^ab3\.toml: line 5: it is not written in UTF-8: .*0xe6"
    ):
        read_definition(tmp_path / "ab3.toml", LIBRARY)
    checked = check_files(tmp_path, LIBRARY)
    [problem] = checked.wrong[tmp_path / "ab3.toml"]
    assert "save the file as UTF-8" in problem.advice
    assert set(checked.catalogue.versions) == {"home-ddd"}
    (tmp_path / "ab3.toml").write_bytes(before.encode("utf-16"))
    assert "UTF-8" in str(check_files(tmp_path, LIBRARY).wrong[tmp_path / "ab3.toml"][0])
    (tmp_path / "ab3.toml").write_bytes(before.encode("utf-8-sig"))
    assert not check_files(tmp_path, LIBRARY).wrong


def test_what_is_no_file_and_a_folder_without_any_are_told(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CodeFileError, match=f"^{folder.name}: there is no definition"):
            check_files(folder, LIBRARY)
        with pytest.raises(CodeFileError, match="there is no definition in this folder"):
            read_catalogue(folder, LIBRARY)
    (tmp_path / "ab3.toml").mkdir()
    [problem] = check_files(tmp_path, LIBRARY).wrong[tmp_path / "ab3.toml"]
    assert "cannot be read" in problem.text


def test_the_diagnosis_is_of_the_contact_where_there_is_one(tmp_path: Path) -> None:
    text = (FOLDER / "concordance-contact.toml").read_text("utf-8")
    assert 'diagnosis = "contact"' in text
    with pytest.raises(CodeFileError, match="the diagnosis is the contact's"):
        wrong = text.replace('diagnosis = "contact"', 'diagnosis = "reimbursement"')
        read(tmp_path, wrong, "concordance-contact")


def test_daily_doses_need_their_version(tmp_path: Path) -> None:
    with pytest.raises(CodeFileError, match="ddd_version"):
        read(tmp_path, HOME.replace("ddd_version = 2025\n", ""), "home-ddd")


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "home-ddd",
            '["nursing-home"',
            '["sykehjem"',
            "numerator.where.institution_kinds: no row of",
        ),
        (
            "home-ddd",
            '["nursing-home"',
            '["nursing-home", "sykehjem"',
            "no row of sales has 'sykehjem'",
        ),
        ("given-home-ddd", '["nursing-home"', '["Nursing-home"', "no row of administrations has"),
        (
            "residents-on-antibiotics",
            '["nursing-home"',
            '["home-care"',
            "no row of wards has 'home-",
        ),
        (
            "prescriptions-methenamine",
            '["nursing-home"',
            '["practice"',
            "give one of hospital, nursing-",
        ),
        (
            "prescriptions-methenamine",
            "told = true",
            'told = true\nclassifications = ["Medpro", "prophylaxis"]',
            "no row of treatments has 'prophylaxis': give one of Helsetjenesteassosiert infeksjon, ",
        ),
        ("prescriptions-methenamine", '"J01XX05"', '"J05AH02"', "no antibiotic of the surveys has"),
        (
            "home-ddd",
            "[denominator.where]",
            "[denominator.where]\nstay = ['medium']",
            "long, short",
        ),
        ("home-parenteral-share", '"P"', '"IV"', "give one of I, O, P, R, T, U"),
        (
            "j01-per-shift-hours",
            'setting = "out-of-hours"',
            'setting = "ooh"',
            "give one of gp, out-of-hours",
        ),
    ],
)
def test_what_no_row_can_have_is_told(
    tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(CodeFileError, match=said):
        read(tmp_path, text.replace(old, new), name)


def test_what_some_row_can_have_is_asked_for(tmp_path: Path) -> None:
    for kind in layouts()["institutions"].column("kind").codes:
        read(tmp_path, HOME.replace('["nursing-home"', f'["{kind}"'), "home-ddd")
    survey = (FOLDER / "prescriptions-methenamine.toml").read_text("utf-8")
    for one in published_tables()["nois-piah-behandling"].column("classification").codes:
        asked = survey.replace("told = true", f"told = true\nclassifications = ['{one.code}']", 1)
        read(tmp_path, asked, "prescriptions-methenamine")


def test_every_closed_list_of_a_definition_is_that_of_its_layout() -> None:
    """What the type of a condition lets through is what rows have, and the other way round."""
    for table, shape in SHAPES.items():
        for name in shape.conditions:
            allowed = find_allowed(table, name)
            typed = get_args(get_type_hints(Where)[name])
            inner = {word for one in typed for word in get_args(one)} or set(typed)
            if allowed and name not in ("institution_kinds", "classifications"):
                assert inner - {""} == set(allowed.values), (table, name)


@pytest.mark.parametrize("year", [1800, 2017, 2026, 2099])
def test_daily_doses_of_a_year_that_nobody_knows_are_refused(tmp_path: Path, year: int) -> None:
    """The tables of daily doses begin with the doses before the change of 2019, and end with the index of 2025."""
    with pytest.raises(CodeFileError, match=f"{year} are not known here: give a year from 2018 to"):
        read(tmp_path, HOME.replace("ddd_version = 2025", f"ddd_version = {year}"), "home-ddd")


@pytest.mark.parametrize("year", [2018, 2022, 2025])
def test_daily_doses_of_the_years_between_are_known(tmp_path: Path, year: int) -> None:
    read(tmp_path, HOME.replace("ddd_version = 2025", f"ddd_version = {year}"), "home-ddd")


def test_a_review_to_come_is_told_to_who_writes_and_hinders_no_reader(tmp_path: Path) -> None:
    (tmp_path / "ab3.toml").write_text(AB3, "utf-8")
    reviewed = date(2026, 11, 26)
    assert not check_files(tmp_path, LIBRARY, reviewed).wrong
    assert not check_files(tmp_path, LIBRARY).wrong
    [problem] = check_files(tmp_path, LIBRARY, date(2026, 11, 25)).wrong[tmp_path / "ab3.toml"]
    assert problem.place == "reviewed" and "2026-11-25 at the latest" in problem.advice
    (tmp_path / "ab3.toml").write_text(AB3.replace('"J01"', '"J0"'), "utf-8")
    both = check_files(tmp_path, LIBRARY, date(2026, 11, 25)).wrong[tmp_path / "ab3.toml"]
    assert [one.place for one in both] == ["numerator.contact.where.atc", "reviewed"]
    # What is decided today may hold from next year on.
    read(tmp_path, AB3.replace("version = 2020-01-01", "version = 2027-01-01"))


def test_what_is_left_of_some_drugs_is_no_mistake(tmp_path: Path) -> None:
    for left in ('["J01"]\natc_not = ["J01CE", "J02"]', '["P01AB", "J01A"]\natc_not = ["J01"]'):
        read(tmp_path, AB3.replace('["J01"]', left))


def test_the_version_of_the_day_holds(tmp_path: Path) -> None:
    (tmp_path / "ab3.toml").write_text(AB3, "utf-8")
    later = AB3.replace("version = 2020-01-01", "version = 2026-06-01").replace(
        "per = 100", "per = 1000"
    )
    later = later.replace('"proportion"', '"rate"')
    (tmp_path / "ab3@2026-06-01.toml").write_text(later, "utf-8")
    found = read_catalogue(tmp_path, LIBRARY)
    assert found.get("ab3", date(2026, 5, 31)).per == 100
    assert found.get("ab3", date(2026, 6, 1)).per == 1000
    with pytest.raises(UnknownIndicator, match="its definition holds from 2020-01-01 on"):
        found.get("ab3", date(2019, 12, 31))
    with pytest.raises(UnknownIndicator, match="none at all on 2019-12-31: definitions hold from"):
        found.get("ab9", date(2019, 12, 31))
    with pytest.raises(UnknownIndicator, match=r"no indicator .ab9.: give one of ab3$"):
        found.get("ab9", date(2026, 1, 1))
    assert found.overdue(date(2027, 11, 26)) == ()
    assert [one.id for one in found.overdue(date(2027, 11, 27))] == ["ab3"]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-07..2026-06", date(2025, 7, 1), date(2026, 6, 30)),
    ],
)
def test_periods_are_read(text: str, since: date, until: date) -> None:
    assert read_period(text) == Period(since, until)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-00", "2026-06..2025-01", "2026..x", "x..y"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidPeriod):
        read_period(text)


@pytest.mark.parametrize("text", ["2025-07..", "..2026-06", "2025..", ".."])
def test_a_span_has_two_ends(text: str) -> None:
    with pytest.raises(InvalidPeriod, match=r"a span is written with both, as 2025-07\.\.2026-06"):
        read_period(text)


@pytest.mark.parametrize("text", ["2026-01..2025-01", "2026..2025", "2026-02..2026-01"])
def test_a_span_that_is_turned_round_is_told_as_such(text: str) -> None:
    with pytest.raises(InvalidPeriod, match="ends before it begins") as raised:
        read_period(text)
    assert text in str(raised.value) and "whole months" not in str(raised.value)
    with pytest.raises(InvalidPeriod, match="ends before it begins"):
        Period(date(2026, 1, 1), date(2025, 1, 31))


def test_a_period_is_whole_months() -> None:
    with pytest.raises(InvalidPeriod):
        Period(date(2026, 1, 2), date(2026, 1, 31))
    assert len(Period(date(2025, 11, 1), date(2026, 2, 28)).months) == 4
