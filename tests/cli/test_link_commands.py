"""`varde link` and `varde person`: questions, decisions and their undoing, one person shown, changes of number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from messages.numbers import make_number
from register.answers import clock
from register.told import groups, persons, told
from varde.access.audit import list_looks
from varde.access.models import AccessLogEntry, User
from varde.cli import app
from varde.register import Incoming, find_person, known_as, open_register
from varde.register.identities.nodes import mark_of, of_persons
from varde.register.intake import take_in

pytestmark = pytest.mark.django_db
BORN = date(1980, 5, 17)
FNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial)))
DNR = next(n for serial in range(100, 200, 2) if (n := make_number(BORN, serial, day=40)))
MAN = next(n for serial in range(101, 201, 2) if (n := make_number(date(1951, 3, 2), serial)))
Run = Callable[..., Any]
PASSWORD = "fjell og fjord 7"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Run:
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    settings.VARDE_HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    about: dict[str, Any] = {"municipality": None, "sex": None}
    files = [told("R1", **about), told("R2", her="91844", given="T", **about)]
    take_in(open_register(tmp_path), [Incoming("f.xml", data) for data in files], clock)
    User.objects.create_user("ida", password=PASSWORD, role="epidemiologist")
    User.objects.create_user("kai", password=PASSWORD, role="municipal-doctor", area="0301")

    def invoke(*arguments: str, code: int = 0, typed: str = PASSWORD) -> str:
        result = CliRunner().invoke(app, list(arguments), input=f"{typed}\n")
        assert result.exit_code == code, result.output
        return str(result.stdout)

    return invoke


def test_a_question_is_decided_and_the_decision_undone(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    assert "Fjellvang" not in json.dumps(asked)
    assert {field["field"] for field in asked["fields"]} >= {"family", "given", "born"}
    who = ("--by", "ida", "--purpose", "surveillance", "--reason", "same telephone")
    run("link", "decide", str(asked["number"]), "same", *who)
    assert len(groups(persons())) == 1
    assert json.loads(run("link", "review", "--json")) == []
    run("link", "undo", "1", *who)
    assert len(groups(persons())) == 2
    run("link", "undo", "1", *who, code=1)
    assert json.loads(run("link", "status", "--json"))["questions"] == 1
    assert "Fjellvang" not in run("link", "review")


WHO = ("--by", "ida", "--purpose", "surveillance")
WHY = (*WHO, "--reason", "x")


def looks_at(pseudonyms: Iterable[bytes]) -> list[str]:
    """What somebody is shown of changes that were made about them."""
    return [one.what for one in list_looks(pseudonyms) if one.action == "change"]


def everybody() -> dict[str, str]:
    """Report → pseudonym of the person, in hexadecimal digits."""
    return persons()


def person_of(report: str) -> str:
    """The number of the person whom a report is about."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person FROM register_report WHERE report_ref = %s", [report])
        return str(cursor.fetchone()[0])


def seen(person: str) -> tuple[str, str]:
    """The mark of how a person is described now, as `varde person show` gives it."""
    return "--seen", mark_of(of_persons([int(person)]))


def test_a_decision_and_its_undoing_are_in_the_log_about_both(run: Run) -> None:
    two = {bytes.fromhex(one) for one in everybody().values()}
    assert len(two) == 2
    [asked] = json.loads(run("link", "review", "--json"))
    run("link", "decide", str(asked["number"]), "same", *WHY)
    for one in two:
        assert looks_at([one]) == ["linkage decision"]
    run("link", "undo", "1", *WHO)
    for one in two:
        assert looks_at([one]) == ["linkage decision", "linkage decision undone"]


def test_who_is_parted_and_joined_sees_it_by_their_number(run: Run, tmp_path: Path) -> None:
    register = open_register(tmp_path)
    other = {"family": "Dahl", "given": "Nils", "born": None, "sex": None}
    # Nobody whom the others of this register are alike: of two descriptions either is the first.
    named = {"family": "Nygård", "given": "Siri"}
    files = [
        told("R3", number=FNR, **named),
        told("R4", number=FNR, also=DNR, her="91844", phone="22334455", **named),
    ]
    files += [told("R5", number=MAN, **other)]
    take_in(register, [Incoming("f.xml", data) for data in files], clock)

    def seen_by(number: str) -> list[str]:
        known = find_person(number, register.context.pseudonym)
        assert known is not None
        return looks_at(known_as(known))

    one, another = person_of("R3"), person_of("R5")
    run("link", "join", one, another, *WHY)
    assert person_of("R3") == person_of("R5")
    run("link", "undo", "1", *WHO)
    assert [seen_by(number) for number in (FNR, MAN)] == [
        ["linkage decision", "linkage decision undone"]
    ] * 2
    before = everybody()
    parted = json.loads(run("link", "apart", one, "1", *seen(one), *WHY, "--json"))
    assert parted["verdict"] == "different"
    now = {bytes.fromhex(everybody()[report]) for report in ("R3", "R4")}
    assert len(now) == 2
    for each in now:
        assert looks_at([each])[-1] == "linkage decision"
    undone = json.loads(run("link", "undo", str(parted["decision"]), *WHO, "--json"))
    assert undone["undoes"] == parted["decision"] and undone["verdict"] == "undone"
    for each in now:
        assert looks_at([each])[-1] == "linkage decision undone"
    assert everybody() == before


NOTHING = (
    ("decide", "9" * 30, "same"),
    ("undo", "99"),
    ("apart", "99", "1", "--seen", "0"),
    ("apart", "1", "1,99", "--seen", "0"),
    ("apart", "1", "1,,٣", "--seen", "0"),
    ("apart", "1", "1", "--seen", ""),
    ("join", "1", "1"),
    ("join", "1", "1" * 30),
)


def test_a_person_described_otherwise_by_now_is_not_parted(run: Run, tmp_path: Path) -> None:
    """The numbers of the descriptions are others then: what was shown is said by its mark."""
    named = {"family": "Nygård", "given": "Siri", "number": FNR}
    register = open_register(tmp_path)
    files = [told("R3", **named), told("R4", her="91844", phone="22334455", **named)]
    take_in(register, [Incoming("f.xml", data) for data in files], clock)
    one = person_of("R3")
    who = ("--by", "ida", "--purpose", "surveillance")
    mark = json.loads(run("person", "show", one, *who, "--json"))["mark"]
    assert ("--seen", mark) == seen(one)
    take_in(
        register, [Incoming("f.xml", told("R6", her="91845", phone="22334456", **named))], clock
    )
    before = everybody()
    run("link", "apart", one, "1", "--seen", mark, *WHY, code=1)
    assert everybody() == before
    run("link", "apart", one, "1", *seen(one), *WHY)
    assert everybody() != before


def test_what_is_not_there_is_told_and_changes_nothing(run: Run) -> None:
    before = everybody()
    for arguments in NOTHING:
        assert "Traceback" not in run("link", *arguments, *WHY, code=1)
    assert everybody() == before
    assert not AccessLogEntry.objects.filter(action="change").exists()


def test_the_same_is_not_done_twice(run: Run) -> None:
    one, other = person_of("R1"), person_of("R2")
    run("link", "join", one, other, *WHY)
    joined = person_of("R1")
    assert person_of("R2") == joined
    run("link", "join", one, other, *WHY, code=1)
    made = AccessLogEntry.objects.filter(action="change").count()
    mark = seen(joined)
    run("link", "apart", joined, "1", *mark, *WHY)
    run("link", "apart", joined, "1", *mark, *WHY, code=1)
    assert AccessLogEntry.objects.filter(action="change").count() == made + 2
    run("link", "undo", "2", *WHO)
    run("link", "undo", "2", *WHO, code=1)
    assert len(groups(persons())) == 1
    run("link", "undo", "1", *WHO)
    assert len(groups(persons())) == 2


def test_nobody_without_the_right_or_the_password_decides_anything(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    run("link", "decide", str(asked["number"]), "same", *WHY)
    joined = everybody()
    commands: list[tuple[str, ...]] = [
        ("decide", str(asked["number"]), "different"),
        ("undo", "1"),
        ("apart", person_of("R1"), "1", *seen(person_of("R1"))),
        ("join", person_of("R1"), "99"),
    ]
    made = AccessLogEntry.objects.filter(action="change").count()
    kai = ("--by", "kai", "--purpose", "infection-control", "--reason", "x")
    care = ("--by", "ida", "--purpose", "care", "--reason", "x")
    for arguments in commands:
        run("link", *arguments, *kai, code=1)
        run("link", *arguments, *WHY, code=1, typed="feil")
    run("link", *commands[0], *care, code=1)
    assert everybody() == joined
    assert AccessLogEntry.objects.filter(action="change").count() == made
    assert AccessLogEntry.objects.filter(action="denied").count() == len(commands) + 1
    failed = AccessLogEntry.objects.filter(action="sign-in-failed").count()
    assert failed == len(commands)


def test_of_two_who_answer_at_once_the_second_is_told(run: Run, tmp_path: Path) -> None:
    """The second has seen the question, which the first answers before they do."""
    [asked] = json.loads(run("link", "review", "--json"))
    number = str(asked["number"])
    run("link", "decide", number, "same", *WHY)
    after = everybody()
    result = CliRunner().invoke(
        app, ["link", "decide", number, "different", *WHY], input=f"{PASSWORD}\n"
    )
    assert result.exit_code == 1
    assert "answered by decision 1" in result.output
    assert everybody() == after


def test_who_may_not_decide_is_refused_and_logged(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    for by, purpose in (("kai", "infection-control"), ("ida", "care"), ("nobody", "surveillance")):
        who = ("--by", by, "--purpose", purpose, "--reason", "x")
        run("link", "decide", str(asked["number"]), "same", *who, code=1)
    assert len(groups(persons())) == 2
    assert AccessLogEntry.objects.filter(action="denied").count() == 2


def test_nobody_does_it_in_the_name_of_another(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    who = ("--by", "ida", "--purpose", "surveillance")
    run("link", "decide", str(asked["number"]), "same", *who, "--reason", "x", code=1, typed="x")
    run("link", "undo", "1", *who, code=1, typed="x")
    shown = run("person", "show", str(asked["persons"][0]), *who, code=1, typed="x")
    assert "Fjellvang" not in shown
    assert len(groups(persons())) == 2
    assert AccessLogEntry.objects.filter(action="sign-in-failed").count() == 3


def test_a_person_is_shown_for_a_purpose_and_logged_first(run: Run) -> None:
    [asked] = json.loads(run("link", "review", "--json"))
    number = str(asked["persons"][0])
    run("person", "show", number, "--by", "kai", "--purpose", "infection-control", code=1)
    shown = json.loads(
        run("person", "show", number, "--by", "ida", "--purpose", "surveillance", "--json")
    )
    assert shown["descriptions"][0]["family"] == "Fjellvang"
    entry = AccessLogEntry.objects.latest("id")
    assert (entry.actor, entry.action, entry.object_kind) == ("ida", "view", "identity")
    assert entry.about and entry.purpose == "surveillance"
    run("person", "show", "99", "--by", "ida", "--purpose", "surveillance", code=1)


def test_changes_of_number_are_taken_in_and_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "changes.csv"
    file.write_text(
        f"what,old,new,day,source\nchanged,{DNR},{FNR},2025-12-01,Folkeregisteret\n,1,2,x,y\n"
    )
    found = json.loads(run("person", "changes", str(file), "--json", code=1))
    assert (found["added"], found["known"]) == (1, 0)
    assert found["refused"] == [{"line": 3, "fault": "day-invalid"}]


def test_of_a_death_that_one_description_contradicts_it_is_said_what_to_do(
    run: Run, tmp_path: Path
) -> None:
    someone = told("R6", number=MAN, family="Dahl", given="Nils", born=None, sex=None)
    take_in(open_register(tmp_path), [Incoming("f.xml", someone)], clock)
    file = tmp_path / "changes.csv"
    file.write_text(f"what,old,new,day,source\ndied,{MAN},,2025-06-01,Folkeregisteret\n")
    run("person", "changes", str(file))
    asked = json.loads(run("link", "review", "--json"))[0]
    assert asked["cause"] == "death"

    def told_by(*arguments: str) -> str:
        return CliRunner().invoke(app, list(arguments), input=f"{PASSWORD}\n").output

    listed = told_by("link", "review")
    assert "not-died" in listed and "2025" not in listed
    who = ("--by", "ida", "--purpose", "surveillance")
    number = str(asked["number"])
    assert "not-died" in told_by("link", "decide", number, "different", *who, "--reason", "x")
    person = str(asked["persons"][0])
    assert json.loads(run("person", "show", person, *who, "--json"))["deaths"] == ["2025-06-01"]
    assert "died: 2025-06-01" in told_by("person", "show", person, *who)
    file.write_text(f"what,old,new,day,source\nnot-died,{MAN},,2025-06-01,Folkeregisteret\n")
    run("person", "changes", str(file))
    assert all(one["cause"] != "death" for one in json.loads(run("link", "review", "--json")))
