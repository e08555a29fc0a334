"""All kinds by all doors at once, while every process is killed and started again: the counts are exact.

What hands in, kills and counts is the demo's own (`varde demo --doors`); here its counts are held against plain
SQL on the databases that it leaves, and against the invented country as a whole.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from varde.demo.doors.browser import FormChanged, Page
from varde.demo.doors.errands import Errand, Key, Parcel
from varde.demo.doors.handing_in import fill_in
from varde.demo.doors.invented import LATEST, invent
from varde.demo.doors.showing import Log, Showing, Target
from varde.synthetic import truth
from varde.web.forms.prevalence import find_prescription_faults

KILLS = int(os.environ.get("VARDE_KILLS_OF_DOORS", "4"))
SEED = int(os.environ.get("VARDE_KILL_SEED", "1"))
ISOLATES = 120 + 10 * max(KILLS - 4, 0)
STATEMENTS = {
    "messages": "SELECT COUNT(*) FROM register_message WHERE door <> 'form'",
    "waiting": "SELECT COUNT(*) FROM register_message m WHERE NOT EXISTS "
    "(SELECT 1 FROM register_receipt r WHERE r.message = m.id)",
    "laboratory": "SELECT COUNT(*) FROM register_finding",
    "notification": "SELECT COUNT(*) FROM register_notification",
    "vaccination": "SELECT COUNT(*) FROM register_vaccination",
    "prevalence": "SELECT (SELECT COUNT(*) FROM register_wardprevalence "
    "WHERE present > 0 OR with_infection IS NOT NULL) + (SELECT COUNT(*) FROM register_treatment)",
    "surgery": "SELECT COUNT(*) FROM register_surgery",
}


def counts(path: Path, names: tuple[str, ...] = tuple(STATEMENTS)) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as database:
        return {name: int(database.execute(STATEMENTS[name]).fetchone()[0]) for name in names}


def test_all_kinds_by_all_doors_while_everything_is_killed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "varde.cli", "demo", "--doors", "--json", "--keep"),
            *("--kills", str(KILLS), "--seed", str(SEED), "--isolates", str(ISOLATES)),
        ],
        env=os.environ | {"TMPDIR": str(tmp_path), "VARDE_HOME": str(theirs), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)
    assert told["exact"] and len(told["kills"]) == KILLS
    assert {kill["process"] for kill in told["kills"]} == {"serve", "mllp", "watch"}
    assert not theirs.exists(), "the user's own register is left alone"

    home = Path(told["folder"]) / "home"
    found = counts(home / "varde.sqlite3")
    for register in ("ravn", "norm"):
        held = counts(home / register / "varde.sqlite3", ("messages", "waiting", "laboratory"))
        found[register] = held["laboratory"]
        assert held["waiting"] == 0
        [log] = [log for log in told["logs"] if log["register"] == register]
        assert held["messages"] == log["distinct"] > 0
    [log] = [log for log in told["logs"] if log["register"] == "default"]
    assert found.pop("messages") == log["distinct"] > 0
    assert found.pop("waiting") == 0
    true: Counter[str] = Counter()
    for each in told["doors"]:
        assert each["handed_in"] > 0 and each["truth"] > 0 and each["exact"], each
        true[each["kind"]] += each["truth"]
    assert found == true
    year = datetime.now(UTC).year - 2
    whole = truth(ISOLATES, SEED, date(year, 1, 1), date(year, 12, 31) - LATEST, bad_share=0)
    assert found["laboratory"] == len(list(whole))


@pytest.fixture(scope="module")
def errands() -> list[Errand]:
    return invent(60, 1, date(2026, 11, 25), "FORM:OUS")


def test_every_kind_comes_by_several_doors_and_each_sender_by_one(errands: list[Errand]) -> None:
    assert {errand.way for errand in errands} == {"post", "mllp", "ingest", "watch", "form"}
    doors = Counter(errand.kind for errand in errands)
    assert doors == {
        "laboratory": 4, "notification": 2, "vaccination": 2, "prevalence": 2, "surgery": 2,
        "ravn": 2, "norm": 2,
    }  # fmt: skip
    keys = [key for errand in errands for key in errand.keys]
    assert len(keys) == len(set(keys)), "what is found of a sender would be found for two doors"


def test_one_too_many_or_too_few_is_seen(errands: list[Errand]) -> None:
    true: Counter[Key] = Counter()
    for errand in errands:
        true += errand.truth
    good = [Log(register, 3, 3, 0) for register in ("default", "ravn", "norm")]
    assert Showing(errands, 0, found=true, logs=good).exact
    key = next(iter(errands[0].truth))
    for change in (1, -1):
        wrong = Showing(errands, 0, found=true + Counter(), logs=good)
        wrong.found[key] += change
        assert not wrong.exact
        assert [wrong.is_exact(errand) for errand in errands].count(False) == 1
    # One sender has one too many, another one too few: the sum alone would not tell.
    first, second, *_ = errands[0].truth
    moved = Showing(errands, 0, found=true + Counter({first: 1}) - Counter({second: 1}), logs=good)
    assert moved.found_of(errands[0]) == errands[0].truth.total()
    assert not moved.exact
    nobody = Counter({Key("default", "finding", "HER:1"): 1})
    assert not Showing(errands, 0, found=true + nobody, logs=good).exact
    assert not Showing(errands, 1, found=true, logs=good).exact, "nothing was killed"
    for log in (Log("ravn", 3, 2, 0), Log("ravn", 3, 4, 0), Log("ravn", 3, 3, 1)):
        assert not Showing(errands, 0, found=true, logs=[*good, log]).exact


def test_a_process_is_killed_in_the_midst_of_its_work() -> None:
    errand = Errand(
        "mllp", "", "laboratory", "", [Parcel("", str(n)) for n in range(10)], Counter()
    )
    target = Target("mllp", None, [errand], [0.3, 0.3, 0.9])  # type: ignore[arg-type]
    assert not target.due
    errand.handed_in = 3
    assert target.due
    target.since, target.moments = 3, target.moments[1:]
    assert not target.due, "it has not taken anything in since it was killed"
    errand.handed_in = 4
    assert target.due
    target.since, errand.handed_in, target.moments = 9, 9, [0.9]
    assert target.due, "else the last one could never be"


def test_the_forms_of_wards_are_such_as_the_page_takes() -> None:
    # Of many isolates, so that there are wards with more prescriptions than the form has room for.
    errands = invent(1000, 1, date(2026, 11, 25), "FORM:OUS")
    [wards] = [each for each in errands if each.path == "/nois/piah/"]
    described = []
    for parcel in wards.parcels:
        rows = sum(name.endswith("-atc") for name in parcel.answers)
        described.append(rows)
        assert not find_prescription_faults({k: [v] for k, v in parcel.answers.items()}, rows)
    assert 0 in described and max(described) > 2


PAGE = """
<form action="/sprak/" method="post"><input name="language" value="en"></form>
<form action="/meld/" method="post"><input type="hidden" name="nummer" value="2026-1:a&amp;b">
<select name="sted"><option value=""></option><optgroup label="Land"><option value="1">Norge</option>
<option value="2">Sverige &amp; Finland</option></optgroup></select>
<fieldset><input type="radio" id="k-1" name="kjonn" value="1"><label for="k-1">Mann</label>
<input type="radio" id="k-2" name="kjonn" value="2" checked><label for="k-2">Kvinne</label></fieldset>
<textarea name="ord">to
linjer</textarea><input name="navn" value="før"><input type="file" name="fil">
<button name="flere" value="1">Flere</button></form>
"""


def test_a_form_is_answered_as_it_is_rendered() -> None:
    parcel = Parcel(
        "", "", answers={"sted": "sverige & finland"}, known={"kjonn": ("9", "mann"), "x": ("1",)}
    )
    form = fill_in(PAGE, parcel)
    assert (form.action, form.method) == ("/meld/", "post")
    assert form.encode() == (b"nummer=2026-1%3Aa%26b&sted=2&kjonn=1&ord=to%0Alinjer&navn=f%C3%B8r")
    for answers in ({"sted": "Danmark"}, {"sted": "1", "nytt": "1"}, {"ukjent": "1"}):
        with pytest.raises(FormChanged):
            fill_in(PAGE, Parcel("", "", answers=answers))
    assert Page(PAGE).form_with("nummer").action == "/meld/"
