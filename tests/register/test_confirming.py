"""What a person confirms about a code holds for everything that waits, and nothing else changes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import kith_builder as kith
from register.answers import (
    KEYS,
    NOW,
    PERSONS,
    answer,
    clock,
    count,
    make_register,
    register_state,
    send,
)
from varde.access.sealing import Sealer
from varde.codes import SiteMaps
from varde.codes.confirmed import read_confirmed
from varde.register import read_receipts, register_status, replay, unmapped_codes
from varde.register.confirming import (
    CannotConfirm,
    confirm,
    decisions,
    decisions_on,
    newest_decisions,
    say,
    senders_of,
    standing_decisions,
    withdraw,
)
from varde.register.opening import Register, write_versions
from varde.register.projection import Context, Expression
from varde.register.settings import read_setting
from varde.web.log_lines import JsonLines

pytestmark = pytest.mark.django_db

FABLE = "Bacillus fabulosus"


def open_site(home: Path) -> Register:
    """A register that reads the maps of a site."""
    site = SiteMaps(home / "maps")
    context = Context.make(site.read(), KEYS, site)
    register = Register(home=home, sealer=Sealer(KEYS), context=context)
    write_versions(context.codes.version)
    return register


def waiting(text: str) -> Expression:
    [found] = [code for code in unmapped_codes() if code.text == text]
    return (found.kind, found.system, found.code, found.text)


def organisms() -> dict[str, str]:
    """The organism of each report with one finding."""
    return {row[1]: row[4] for row in register_state()["findings"]}


def test_what_is_decided_is_told_in_the_log_without_words_of_the_sender_or_who_said_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE))
    expression = waiting(FABLE)
    caplog.set_level("INFO", "varde.register.events")
    caplog.clear()
    say(expression, "proposed", "bacillus", "HER:91843", "kari", clock())
    confirm(register, expression, "bacillus-cereus", "ola", clock())
    withdraw(register, expression, "ola", clock())
    with pytest.raises(CannotConfirm):
        withdraw(register, expression, "ola", clock())
    told = [each for each in caplog.records if each.getMessage() == "a code was decided on"]
    assert [(each.state, each.kind, each.concept, each.changed) for each in told] == [
        ("proposed", "organism", "bacillus", 0),
        ("confirmed", "organism", "bacillus-cereus", 1),
        ("withdrawn", "organism", "bacillus-cereus", 1),
    ]
    written = "".join(JsonLines().format(each) for each in told)
    assert '"concept":"bacillus-cereus"' in written
    for word in ("fabulosus", "kari", "ola", "91843"):
        assert word not in written


def test_a_confirmation_holds_for_all_that_waits_and_all_that_comes(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(
        register,
        answer(organism=FABLE),
        answer(report="R2", message="M2", organism=FABLE.upper(), her="70001"),
        answer(report="R3", message="M3"),
    )
    expression = waiting(FABLE)
    assert [(key, answers) for key, _, answers in senders_of(expression)] == [
        ("HER:70001", 1),
        ("HER:91843", 1),
    ]

    assert confirm(register, expression, "bacillus-cereus", "vakt", NOW) == 2

    assert unmapped_codes() == []
    assert organisms() == {
        "R1": "bacillus-cereus",
        "R2": "bacillus-cereus",
        "R3": "escherichia-coli",
    }
    # The register that was opened before the confirmation uses it for what comes after.
    send(register, answer(report="R4", message="M4", organism=FABLE))
    assert organisms()["R4"] == "bacillus-cereus"
    [row] = read_confirmed(tmp_path / "maps")
    assert (row.concept, row.valid_from.isoformat()) == ("bacillus-cereus", "2026-11-01")
    assert "vakt" in row.source
    assert not register_status(register)["replay_advised"]
    assert sorted(receipt.unmapped for receipt in read_receipts(range(1, 9)).values()) == [0] * 4


def test_a_confirmation_is_taken_back(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE), answer(report="R2", message="M2"))
    before = register_state()
    version = read_setting("code_map")
    expression = waiting(FABLE)
    confirm(register, expression, "bacillus-cereus", "vakt", NOW)
    send(register, answer(report="R3", message="M3", organism=FABLE))
    assert withdraw(register, expression, "vakt", NOW) == 2
    after = register_state()
    assert [row for row in after["findings"] if row[1] != "R3"] == before["findings"]
    assert unmapped_codes()[0].count == 2
    assert read_confirmed(tmp_path / "maps") == []
    # The maps hold what they held: an empty file of confirmations is another version all the same.
    assert read_setting("code_map") != version
    assert not register_status(register)["replay_advised"]
    assert [d.verdict for d in newest_decisions()] == ["withdrawn", "confirmed"]
    assert [d.changed for d in newest_decisions()] == [2, 1]
    with pytest.raises(CannotConfirm, match="no answer has"):
        withdraw(register, expression, "vakt", NOW)


def test_a_confirmation_never_overrules_a_map(tmp_path: Path) -> None:
    """The same words where the code is known: the map decides, as before."""
    register = open_site(tmp_path)
    known = kith.message(
        kith.report(
            kith.patient(
                kith.specimen(),
                kith.result(
                    (kith.NLK, "NPU06073", "U-Bakterier dyrkning"),
                    codes=[(kith.LOCAL, "ESCOLI", FABLE)],
                ),
            ),
            own="KNOWN",
        ),
        message_id="K1",
    )
    send(register, known, answer(organism=FABLE))
    assert organisms()["KNOWN"] == "escherichia-coli"
    confirm(register, waiting(FABLE), "bacillus-cereus", "vakt", NOW)
    assert organisms() == {"KNOWN": "escherichia-coli", "R1": "bacillus-cereus"}


@pytest.mark.parametrize(
    ("expression", "concept", "why"),
    [
        (("organism", "", "", FABLE), "no-such-organism", "unknown-concept"),
        (("sir", "", "", FABLE), "S", "unknown-concept"),
        (("organism", "", "", "Something else"), "bacillus-cereus", "not-waiting"),
        (("organism", "", "", "Isolat ••••••"), "bacillus-cereus", "masked"),
        (("organism", "", "", "x" * 200), "bacillus-cereus", "too-long"),
    ],
)
def test_what_cannot_be_confirmed_changes_nothing(
    tmp_path: Path, expression: Expression, concept: str, why: str
) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE))
    before = register_state()
    with pytest.raises(CannotConfirm) as caught:
        confirm(register, expression, concept, "vakt", NOW)
    assert caught.value.why == why
    assert register_state() == before
    assert not (tmp_path / "maps" / "confirmed.csv").exists()
    assert newest_decisions() == []


def test_a_map_file_that_is_broken_stops_the_confirmation_and_not_the_intake(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE))
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "own.csv").write_text("not,a,map\n")
    with pytest.raises(CannotConfirm, match="do not go together"):
        confirm(register, waiting(FABLE), "bacillus-cereus", "vakt", NOW)
    assert not (tmp_path / "maps" / "confirmed.csv").exists()
    send(register, answer(report="R2", message="M2", organism=FABLE))
    assert count("report") == 2
    assert caplog.text.count("a code map cannot be read") == 1


def test_a_confirmation_that_fails_half_way_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE), answer(report="R2", message="M2", organism="Unheard of"))
    confirm(register, waiting("Unheard of"), "bacillus-cereus", "vakt", NOW)
    before = (tmp_path / "maps" / "confirmed.csv").read_bytes(), register_state()
    monkeypatch.setattr("varde.register.confirming.write_setting", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        confirm(register, waiting(FABLE), "bacillus-cereus", "vakt", NOW)
    assert ((tmp_path / "maps" / "confirmed.csv").read_bytes(), register_state()) == before


def test_proposals_and_the_unmappable_are_noted_and_change_nothing(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE))
    before = register_state()
    expression = waiting(FABLE)
    assert decisions([expression]) == {}
    say(expression, "proposed", "bacillus-cereus", "HER:91843", "lab", NOW)
    found = decisions([expression, ("organism", "", "", "other")])
    assert [(d.verdict, d.concept, d.sender) for d in found.values()] == [
        ("proposed", "bacillus-cereus", "HER:91843")
    ]
    say(expression, "unmappable", "", "", "vakt", NOW)
    assert decisions([expression])[expression].verdict == "unmappable"
    assert register_state() == before
    replay(register, clock)
    assert decisions([expression])[expression].verdict == "unmappable"


def test_an_ordinary_register_has_no_maps_to_write(tmp_path: Path) -> None:
    register = make_register(tmp_path)
    send(register, answer(organism=FABLE))
    with pytest.raises(CannotConfirm, match="do not go together"):
        confirm(register, waiting(FABLE), "bacillus-cereus", "vakt", NOW)
    assert not (tmp_path / "maps" / "confirmed.csv").exists()


WORDS = ("Escherichia coli", "Ukjent A", "ukjent  a", "Ukjent B")
VERSIONS = st.builds(
    answer,
    report=st.sampled_from(["R1", "R2", "R3"]),
    message=st.sampled_from(["M1", "M2", "M3", "M4", "M5"]),
    service=st.sampled_from(["N", "N", "M", "C", "A", "H"]),
    made=st.integers(1, 4),
    organism=st.sampled_from(WORDS),
    results=st.lists(
        st.tuples(st.sampled_from(["NPU06049", "XX1", "XX2"]), st.sampled_from("SIR")),
        max_size=2,
        unique_by=lambda pair: pair[0],
    ),
    person=st.sampled_from([*PERSONS[:2], None]),
    her=st.sampled_from(["91843", "91844"]),
)
STEPS = st.one_of(
    VERSIONS.map(lambda data: ("send", data)),
    st.tuples(st.just("confirm"), st.integers(0, 5)),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
)
CONCEPTS = {"organism": "bacillus-cereus", "antibiotic": "CIP", "material": "urine"}


@settings(
    max_examples=int(os.environ.get("VARDE_EXAMPLES", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEPS, min_size=2, max_size=9))
def test_applying_a_confirmation_equals_a_replay_of_everything(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        register = open_site(Path(folder))
        for step, what in steps:
            if step == "send":
                send(register, what)
                continue
            if step == "confirm":
                codes = unmapped_codes()
                if not codes:
                    continue
                code = codes[what % len(codes)]
                expression = (code.kind, code.system, code.code, code.text)
                confirm(register, expression, CONCEPTS[code.kind], "vakt", NOW)
            else:
                rows = read_confirmed(Path(folder) / "maps")
                if not rows:
                    continue
                row = rows[what % len(rows)]
                withdraw(register, (row.kind, row.system, row.code, row.text), "vakt", NOW)
            assert register_state() == replayed(register)
        transaction.set_rollback(True)


def replayed(register: Register) -> dict[str, Any]:
    """The register after a replay of everything, which is then forgotten."""
    with transaction.atomic():
        replay(register, clock)
        state = register_state()
        transaction.set_rollback(True)
    return state


def test_what_holds_is_listed_for_everybody_and_for_one_laboratory(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(
        register,
        answer(organism=FABLE),
        answer(report="R2", message="M2", organism=FABLE.upper(), her="70001"),
        answer(report="R3", message="M3", organism="Fabel", her="70001"),
    )
    ours, other = ("organism", "", "", FABLE), ("organism", "", "", "Fabel")
    say(ours, "proposed", "bacillus", "HER:91843", "lab", NOW)
    say(other, "proposed", "bacillus", "HER:70001", "lab2", NOW)
    confirm(register, waiting(FABLE), "bacillus-cereus", "vakt", NOW)

    def told(sender: str | None) -> list[tuple[str, str, int]]:
        return [(d.expression[3], d.verdict, d.changed) for d in standing_decisions(sender)]

    confirmed, proposed = (FABLE, "confirmed", 2), ("Fabel", "proposed", 0)
    assert told(None) == [confirmed, proposed]
    assert standing_decisions(limit=1)[0].verdict == "confirmed"
    assert told("HER:91843") == [confirmed]
    # It stands in the other's answers too, in capitals.
    assert told("HER:70001") == [confirmed, proposed]
    assert told("HER:1") == []
    assert senders_of(ours) == []
    assert [row[::2] for row in senders_of(ours, confirmed=True)] == [
        ("HER:70001", 1),
        ("HER:91843", 1),
    ]
    say(ours, "proposed", "bacillus", "HER:70001", "lab2", NOW)
    assert told("HER:91843") == [confirmed]
    assert [d.verdict for d in decisions_on(ours)] == ["proposed", "confirmed", "proposed"]
    assert [d.verdict for d in decisions_on(ours, "HER:91843")] == ["confirmed", "proposed"]


def test_what_says_that_nobody_knows_is_no_meaning(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    send(register, answer(organism=FABLE))
    with pytest.raises(CannotConfirm, match="nobody knows"):
        confirm(register, waiting(FABLE), "unknown-organism", "vakt", NOW)
    assert read_confirmed(tmp_path / "maps") == [] and newest_decisions() == []


@pytest.mark.parametrize(
    ("name", "said", "others"),
    [
        ("HBsAg", "250 IU/mL", ["0,01 IU/mL", "251 IU/mL", "2,50 IU/mL", "25 0 IU/mL"]),
        (
            "Influensa A PCR",
            "H1 ikke påvist. H5 påvist.",
            ["H5 ikke påvist. H1 påvist.", "H1 ikke påvist. H7 påvist."],
        ),
        ("Meslingvirus RNA", "Mulig positiv, Ct 31,2", ["Mulig positiv, Ct 39,9", "Mulig positiv, Ct 3,12"]),
    ],
)  # fmt: skip
def test_one_answer_is_never_confirmed_for_another_with_other_numbers(
    tmp_path: Path, name: str, said: str, others: list[str]
) -> None:
    register = open_site(tmp_path)
    send(register, answer("R1", "M1", organism="", answered=[(name, said)]))
    expression = waiting(f"{name}: {said}")
    assert confirm(register, expression, "bacillus-cereus", "vakt", NOW) == 1
    for number, other in enumerate((said, *others), 2):
        send(register, answer(f"R{number}", f"M{number}", organism="", answered=[(name, other)]))
    assert [c for c in organisms().values() if c == "bacillus-cereus"] == ["bacillus-cereus"] * 2
    assert {code.text for code in unmapped_codes()} == {f"{name}: {other}" for other in others}


def test_what_hides_a_number_waits_and_is_confirmed_for_nobody(tmp_path: Path) -> None:
    register = open_site(tmp_path)
    said = "Mulig positiv, født 17.03.1984"
    send(register, answer(organism="", answered=[("Meslingvirus RNA", said)]))
    [found] = unmapped_codes()
    assert "1984" not in found.text
    with pytest.raises(CannotConfirm) as caught:
        confirm(register, waiting(found.text), "measles-virus", "vakt", NOW)
    assert caught.value.why == "masked"


def test_what_was_confirmed_of_hidden_numbers_holds_for_nothing_any_more(tmp_path: Path) -> None:
    """Before the numbers stood in the open one confirmation held for all of them. Its row stands, and is idle."""
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "confirmed.csv").write_text(
        "kind,system,code,text,concept,source,valid_from\n"
        "organism,,,HBsAg: # IU/mL,hepatitis-b-virus,before,2026-01-01\n"
        "organism,,,HBsAg: Grenseverdi,hepatitis-b-virus,before,2026-01-01\n"
    )
    register = open_site(tmp_path)
    send(register, answer("R1", "M1", organism="", answered=[("HBsAg", "0,01 IU/mL")]))
    send(register, answer("R2", "M2", organism="", answered=[("HBsAg", "Grenseverdi")]))
    assert organisms()["R2"] == "hepatitis-b-virus" != organisms()["R1"]
    assert [code.text for code in unmapped_codes()] == ["HBsAg: 0,01 IU/mL"]
    assert withdraw(register, ("organism", "", "", "HBsAg: # IU/mL"), "vakt", NOW) == 0
