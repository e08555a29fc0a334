"""Retention: only what is due goes, by order, and the register is the same when it is made anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import kith_builder as kith
from operation.sites import at, copy, messages, submission
from register.answers import PERSONS, answer
from varde.access import audit
from varde.access.models import AccessLogEntry, FailedSignIn, UsedId
from varde.followup.models import Contact, Told
from varde.operation import (
    Due,
    Period,
    RetentionInvalid,
    apply_retention,
    find_due,
    shipped_rules,
    site_rules,
)
from varde.operation.retention_rules import DATA, read_rules
from varde.register import (
    Incoming,
    Register,
    open_register,
    quarantine_items,
    read_receipts,
    read_tally,
    replay,
    replay_quarantined,
    using,
)
from varde.register.intake import take_in

BROKEN = b"<Message>"
NOW = datetime(2040, 11, 1, 12, tzinfo=UTC)
"""Long after what the answers of these tests say of 2026."""


def clock() -> datetime:
    return NOW


@pytest.fixture
def site(empty_site: Path, tmp_path: Path) -> Path:
    return copy(empty_site, tmp_path / "site")


def years_ago(years: int, days: int = 0) -> Callable[[], datetime]:
    moment = NOW.replace(year=NOW.year - years) - timedelta(days=days)
    return lambda: moment


def send(register: Register, when: Callable[[], datetime], *data: bytes, name: str = "") -> None:
    take_in(register, [Incoming(name, each, None, "", "", "api") for each in data], when)


def due_of(found: list[Due]) -> dict[tuple[str, str], int]:
    return {(due.rule.key, due.database): due.count for due in found if due.count}


def state(home: Path, alias: str = "default") -> dict[str, list[tuple[object, ...]]]:
    """What the register says, under natural keys."""
    tables = {
        "reports": "SELECT kind, sender, report_ref, version_key, digest FROM register_report",
        "items": "SELECT id, state, kind, sender, message_ref, service_type FROM register_item",
        "receipts": "SELECT message, items, accepted, duplicate, quarantined FROM register_receipt",
        "quarantine": "SELECT id, reason, opened_at, resolved_at FROM register_quarantineentry",
        "messages": "SELECT id, sha256 FROM register_message",
    }
    found = {}
    with using(alias), connections[alias].cursor() as cursor:
        for name, statement in tables.items():
            cursor.execute(statement)
            rows = [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor
            ]
            found[name] = sorted(rows, key=repr)
    return found


# --- rules --------------------------------------------------------------------------------------


def test_every_rule_has_its_words_and_its_source() -> None:
    for rule in shipped_rules():
        for words in (rule.title, rule.basis):
            assert words.nb and words.en and words.nb != words.en
        assert len(rule.source) > 10
    assert next(r for r in shipped_rules() if r.key == "access-log").after is None


def _without(content: dict) -> None:  # type: ignore[type-arg]
    del content["rules"][0]


def _twice(content: dict) -> None:  # type: ignore[type-arg]
    content["rules"].append(content["rules"][0])


def _too_short(content: dict) -> None:  # type: ignore[type-arg]
    content["rules"][2]["after"] = {"days": 89}


def _negative(content: dict) -> None:  # type: ignore[type-arg]
    content["rules"][2]["after"] = {"days": -1, "years": 1}


def _misspelt(content: dict) -> None:  # type: ignore[type-arg]
    content["rules"][2]["afterwards"] = None


@pytest.mark.parametrize("change", [_without, _twice, _too_short, _negative, _misspelt])
def test_rules_that_contradict_themselves_are_refused(change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    content = json.loads(DATA.read_text())
    change(content)
    with pytest.raises(RetentionInvalid):
        read_rules(msgspec.json.encode(content))


def test_a_site_says_its_own_periods(tmp_path: Path) -> None:
    file = tmp_path / "retention.json"
    file.write_text('{"periods": {"unusable-messages": {"years": 3}, "settled-messages": null}}')
    rules = {rule.key: rule.after for rule in site_rules(tmp_path)}
    assert rules["unusable-messages"] == Period(years=3)
    assert rules["settled-messages"] is None
    assert rules["failed-sign-ins"] == Period(days=1)
    assert site_rules(tmp_path / "elsewhere") == shipped_rules()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"periods": {"access-log": {"years": 10}}}', "cannot be changed"),
        ('{"periods": {"messages": {"years": 10}}}', "cannot be changed"),
        ('{"periods": {"unusable-messages": {"days": 89}}}', "at least"),
        ('{"periods": {"unusual-messages": null}}', "unusual-messages"),
        ('{"periods": {"unusable-messages": {"months": 3}}}', "months"),
        ("{", "retention.json"),
    ],
)
def test_a_site_cannot_say_everything(content: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "retention.json").write_text(content)
    with pytest.raises(RetentionInvalid, match=complaint):
        site_rules(tmp_path)


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    years=st.integers(0, 200),
    days=st.integers(0, 1000),
)
def test_a_period_is_calendar_years_and_then_days(moment: datetime, years: int, days: int) -> None:
    before = Period(years=years, days=days).before(moment) + timedelta(days=days)
    assert before.year == moment.year - years and before.time() == moment.time()
    assert (before.month, before.day) in ((moment.month, moment.day), (2, 28))


# --- messages of no use -------------------------------------------------------------------------


def test_nothing_is_due_too_early_and_nothing_is_removed_unasked(site: Path) -> None:
    with at(site):
        register = open_register(site)
        send(register, years_ago(2, -1), BROKEN)
        assert due_of(find_due(site, NOW)) == {}
        assert due_of(find_due(site, NOW + timedelta(days=2))) == {
            ("unusable-messages", "default"): 1
        }
        assert apply_retention(site, clock)[1].removed == 0
        assert len(state(site)["messages"]) == 1


def test_what_is_due_goes_by_order_and_a_replay_changes_nothing(site: Path) -> None:
    with at(site):
        register = open_register(site)
        take_in(register, messages(10), clock)
        send(register, years_ago(3), BROKEN, b"MSH|", b"nothing")
        take_in(register, messages(5, first=200), clock)
        before = state(site)
        found = apply_retention(site, clock)
        assert due_of(found) == {("unusable-messages", "default"): 3}
        after = state(site)
        gone = {11, 12, 13}
        assert after["messages"] == [row for row in before["messages"] if row[0] not in gone]
        assert after["receipts"] == [row for row in before["receipts"] if row[0] not in gone]
        assert after["reports"] == before["reports"]
        for name in ("items", "quarantine"):
            assert after[name] == [row for row in before[name] if row[0] >> 24 not in gone]
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT id, rule, sha256 FROM register_erasure ORDER BY id")
            orders = cursor.fetchall()
        assert [(row[0], row[1]) for row in orders] == [
            (n, "unusable-messages") for n in (11, 12, 13)
        ]
        assert [bytes(row[2]) for row in orders] == [
            row[1] for row in before["messages"] if row[0] in gone
        ]
        entry = AccessLogEntry.objects.latest("id")
        assert (entry.action, entry.object_kind, entry.object_count) == (
            "erased",
            "unusable-messages default",
            3,
        )
        assert entry.actor.startswith("cli:") and audit.verify() is None
        # The register is the same when it is made anew, and when nothing is due any more.
        result = replay(register, clock)
        assert (result.added, result.removed, result.changed) == ([], [], [])
        assert {k: v for k, v in state(site).items() if k != "quarantine"} == {
            k: v for k, v in after.items() if k != "quarantine"
        }
        assert due_of(find_due(site, NOW)) == {}
        assert read_receipts([11, 14]).keys() == {14}
        assert all(item.message not in gone for item in quarantine_items(limit=1000))


def test_a_number_is_not_given_twice(site: Path) -> None:
    with at(site):
        register = open_register(site)
        take_in(register, messages(1), clock)
        send(register, years_ago(3), BROKEN)
        apply_retention(site, clock)
        send(register, clock, BROKEN)
        assert [row[0] for row in state(site)["messages"]] == [1, 3]
        with (
            connections["default"].cursor() as cursor,
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
        ):
            cursor.execute("DELETE FROM register_message WHERE id = 3")


def test_what_was_corrected_goes_after_a_shorter_time(site: Path) -> None:
    """A broken answer, then the same answer whole."""
    whole = answer("R1", "M1")
    with at(site):
        register = open_register(site)
        send(register, years_ago(1, 30), whole.replace(b"<Status ", b"<Stat ", 1))
        send(register, years_ago(1, 30), BROKEN)
        send(register, years_ago(1, 29), whole)
        [broken, *_] = quarantine_items(state="resolved")
        assert broken.message == 1
        assert due_of(find_due(site, NOW)) == {("settled-messages", "default"): 1}
        before = state(site)["reports"]
        apply_retention(site, clock)
        assert [row[0] for row in state(site)["messages"]] == [2, 3]
        replay(register, clock)
        assert state(site)["reports"] == before


def test_messages_that_decide_something_are_kept(site: Path) -> None:
    """A message id used for two contents; a message half of which was used; one that Varde failed on."""
    with at(site):
        register = open_register(site)
        old = years_ago(5)
        rival = answer("R1", "M1", organism="Klebsiella pneumoniae")
        send(register, old, answer("R1", "M1", made=2), rival)
        good, bad = (kith.report(kith.patient(kith.specimen()), own=own) for own in ("R2", "R3"))
        half = kith.message(good + bad.replace("<Status ", "<Stat "), message_id="M9")
        send(register, old, half)
        send(register, old, b"the reader fails on this")
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "UPDATE register_quarantineentry SET reason = 'reader-fault' WHERE id >> 24 = 4"
            )
            cursor.execute("SELECT items, quarantined FROM register_receipt ORDER BY message")
            assert cursor.fetchall() == [(1, 0), (1, 1), (2, 1), (1, 1)]
        assert due_of(find_due(site, NOW)) == {}


def test_messages_that_were_not_read_yet_are_kept(site: Path) -> None:
    from varde.register import log

    with at(site):
        register = open_register(site)
        log.append([Incoming("", BROKEN)], register.sealer, years_ago(5)())
        assert due_of(find_due(site, NOW)) == {}


_MESSAGES = st.lists(
    st.tuples(
        st.integers(1, 3),  # report
        st.integers(1, 3),  # message id
        st.integers(1, 3),  # made
        st.sampled_from(["whole", "cut", "broken", "no status"]),
        st.integers(0, 4),  # years ago
    ),
    max_size=12,
)


@given(sent=_MESSAGES)
@settings(max_examples=5)
def test_whatever_came_a_replay_after_retention_changes_nothing(
    sent: list[tuple[int, int, int, str, int]],
    empty_site: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = copy(empty_site, tmp_path_factory.mktemp("any") / "site")
    with at(home):
        register = open_register(home)
        for report, message, made, how, age in sorted(sent, key=lambda each: -each[4]):
            data = answer(f"R{report}", f"M{message}", made=made, person=PERSONS[0])
            if how == "cut":
                data = data[: len(data) - 30]
            elif how == "no status":
                data = data.replace(b"<Status ", b"<Stat ", 1)
            elif how == "broken":
                data = BROKEN + bytes([65 + report])
            send(register, years_ago(age, 1), data)
        # Receipts tell of the batch that a message came in: all in one from here on.
        replay(register, clock)
        reports, before = state(home)["reports"], len(state(home)["messages"])
        open_before = {item.id for item in quarantine_items(limit=1000)}
        removed = sum(due.removed for due in apply_retention(home, clock))
        after = state(home)
        assert len(after["messages"]) + removed == before
        assert after["reports"] == reports
        result = replay(register, clock)
        assert (result.added, result.removed, result.changed) == ([], [], [])
        again = state(home)
        assert {k: again[k] for k in ("messages", "receipts", "items", "reports")} == {
            k: after[k] for k in ("messages", "receipts", "items", "reports")
        }
        assert {item.id for item in quarantine_items(limit=1000)} <= open_before
        replay_quarantined(register, clock)
        assert state(home)["reports"] == reports


# --- de-identified registers --------------------------------------------------------------------


def test_de_identified_submissions_go_with_all_they_said(filled_site: Path, tmp_path: Path) -> None:
    home = copy(filled_site, tmp_path / "site")
    (home / "retention.json").write_text('{"periods": {"apart-messages": {"years": 10}}}')
    with at(home):
        register = open_register(home, "norm")
        with using("norm"):
            first = submission("norm", "11", "12", "13")
            second = submission("norm", "12", "13", made="2026-08-01T10:30")
            take_in(register, [first], years_ago(11))
            take_in(register, [second], years_ago(9))
        before = state(home, "norm")
        assert len(before["reports"]) == 6
        found = apply_retention(home, clock)
        # The lists of the filled site are older still.
        assert due_of(found)["apart-messages", "norm"] == 3
        after = state(home, "norm")
        assert len(after["reports"]) == 2 and len(after["messages"]) == 1
        assert set(after["reports"]) < set(before["reports"])
        with using("norm"):
            result = replay(register, clock)
            assert (result.added, result.removed, result.changed) == ([], [], [])
            # What has come is not forgotten by what was erased.
            come, _, waiting = read_tally()
        assert (sum(each.number for each in come), waiting) == (4, 0)
        assert {k: v for k, v in state(home, "norm").items() if k != "quarantine"} == {
            k: v for k, v in after.items() if k != "quarantine"
        }
        entries = AccessLogEntry.objects.filter(action="erased")
        assert ("apart-messages norm", 3) in entries.values_list("object_kind", "object_count")


def test_by_default_no_submission_to_a_de_identified_register_is_due(filled_site: Path) -> None:
    with at(filled_site):
        later = NOW.replace(year=NOW.year + 50)
        found = [due for due in find_due(filled_site, later) if due.rule.key == "apart-messages"]
        assert [(due.database, due.before, due.count) for due in found] == [
            ("ravn", None, 0),
            ("norm", None, 0),
        ]


# --- other rows ---------------------------------------------------------------------------------


def test_rows_that_have_run_out_go_and_others_stay(site: Path) -> None:
    old, new = NOW - timedelta(days=2), NOW + timedelta(days=2)
    with at(site):
        audit.record(None, "sign-in-failed")
        for n, moment in enumerate((old, new)):
            FailedSignIn.objects.create(key=str(n), at=moment)
            UsedId.objects.create(digest=str(n), until=moment)
            Session.objects.create(session_key=str(n), expire_date=moment)
        found = apply_retention(site, lambda: NOW)
        assert due_of(found) == {
            ("failed-sign-ins", "default"): 1,
            ("used-ids", "default"): 1,
            ("sessions", "default"): 1,
        }
        assert [row.key for row in FailedSignIn.objects.all()] == ["1"]
        assert [row.digest for row in UsedId.objects.all()] == ["1"]
        assert [row.session_key for row in Session.objects.all()] == ["1"]
        actions = list(AccessLogEntry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["sign-in-failed", "erased", "erased", "erased"]
        much_later = NOW.replace(year=NOW.year + 90)
        assert ("access-log", "default") not in due_of(find_due(site, much_later))


# --- what was done about cases ------------------------------------------------------------------


def test_what_cases_that_ceased_left_and_old_contacts_go_and_are_logged(site: Path) -> None:
    with at(site):
        open_register(site)
        for case, age in ((7, 3), (8, 1)):
            told = years_ago(age)()
            Told.objects.create(
                case=case, disease="measles", facts="{}", standing=False, first_at=told
            )
            Contact.objects.create(
                case=case, sealed=b"x", last_exposure=told.date(), days=21, added_at=told
            )
        assert due_of(find_due(site, NOW)) == {
            ("ceased-cases", "default"): 1,
            ("contact-lists", "default"): 1,
        }
        apply_retention(site, clock)
        assert {one.case for one in Told.objects.all()} == {8}
        assert {one.case for one in Contact.objects.all()} == {8}
        logged = AccessLogEntry.objects.filter(action="erased")
        # The contact of the case that went, went with it.
        assert [(one.object_kind, one.object_count) for one in logged] == [("ceased-cases", 1)]
        assert due_of(find_due(site, NOW)) == {}
