"""What came when: counted as it comes, the same as counting the items would give."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.answers import NOW, answer, clock, make_register, send
from varde.register import replay, replay_quarantined
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.register.traffic import (
    HourCount,
    active_hours,
    count_days,
    count_hours,
    count_senders,
    day_of,
    first_message,
    hour_of,
    last_received,
    sender_names,
    senders,
    start_of,
)

pytestmark = pytest.mark.django_db
the_register = cache(make_register)
"""It holds no state but the code map, which takes long to read."""
EVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC))
STATES = {"A": "accepted", "D": "duplicate", "R": "duplicate", "Q": "quarantined"}


def send_at(at: datetime, *files: bytes) -> None:
    take_in(the_register(), [Incoming("f.xml", data) for data in files], lambda: at)


def counted_again(sender: str | None = None) -> Counter[tuple[int, str, str]]:
    """The same, slow and obvious: every item and when its message came."""
    found: Counter[tuple[int, str, str]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(m.received_at AS TEXT), i.sender, i.kind, i.state FROM register_item i "
            "JOIN register_message m ON m.id = i.id / 16777216"
        )
        for received, who, kind, state in cursor.fetchall():
            at = datetime.fromisoformat(received)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            if sender in (None, who):
                found[hour_of(at), kind, STATES[state]] += 1
    return found


def counted(sender: str | None = None) -> Counter[tuple[int, str, str]]:
    return Counter({row[:3]: row.items for row in count_hours(*EVER, sender)})


def test_what_came_is_counted_by_hour_kind_and_state() -> None:
    send_at(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), answer(), answer(report="R2", message="M2"))
    send_at(
        datetime(2026, 3, 29, 0, 10, tzinfo=UTC), answer() + b"\n", b"<broken", b"not a message"
    )
    send_at(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), answer(report="R3", message="M3", her="70001"))
    first = hour_of(datetime(2026, 3, 28, 23, tzinfo=UTC))
    assert count_hours(*EVER) == [
        HourCount(first, "laboratory", "accepted", 2),
        HourCount(first + 1, "", "quarantined", 2),
        HourCount(first + 1, "laboratory", "duplicate", 1),
        HourCount(first + 2, "laboratory", "accepted", 1),
    ]
    assert counted() == counted_again()
    for sender in ("HER:91843", "HER:70001", "", "HER:none"):
        assert counted(sender) == counted_again(sender)
    assert senders() == ["", "HER:70001", "HER:91843"]
    assert count_senders(*EVER)["HER:91843"] == {"accepted": 2, "duplicate": 1, "quarantined": 0}
    # 00:30 and 01:10 in Norway are Sunday; the clock then goes from 02 to 03.
    assert count_days(count_hours(*EVER)) == {
        date(2026, 3, 29): {"accepted": 3, "duplicate": 1, "quarantined": 2}
    }
    assert start_of(first) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert day_of(first) == date(2026, 3, 29)


def test_a_period_is_of_whole_hours_its_end_not_in_it() -> None:
    for hour in range(4):
        send_at(
            datetime(2026, 5, 4, 8 + hour, 59, tzinfo=UTC),
            answer(report=f"R{hour}", message=f"M{hour}"),
        )
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    assert [row.hour - hour_of(at) for row in count_hours(at, at + timedelta(hours=2))] == [0, 1]
    assert count_hours(at + timedelta(days=1), at + timedelta(days=2)) == []
    assert first_message(at) == 2
    assert first_message(at, "HER:91843") == 2
    assert first_message(at + timedelta(days=1)) is None


def test_the_last_of_each_kind_and_the_hours_before_it() -> None:
    for day, minute in ((1, 5), (1, 50), (3, 20)):
        send_at(
            datetime(2026, 6, day, 7, minute, tzinfo=UTC),
            answer(report=f"R{day}{minute}", message=f"M{day}{minute}"),
        )
    [last] = last_received("HER:91843")
    assert (last.kind, last.at) == ("laboratory", datetime(2026, 6, 3, 7, 20, tzinfo=UTC))
    assert active_hours(last, 24) == [last.hour]
    assert active_hours(last, 7 * 24) == [last.hour - 48, last.hour]
    assert last_received("HER:nobody") == []
    assert last_received() == [last]
    assert sender_names() == {"HER:91843": "Fjordby sykehus, Mikrobiologi"}


def test_an_empty_register_has_no_traffic() -> None:
    assert senders() == [] and last_received() == [] and count_hours(*EVER) == []
    assert count_senders(*EVER) == {} and first_message(NOW) is None


def test_neither_a_replay_nor_reading_again_counts_twice() -> None:
    register = make_register()
    send(register, answer(), b"<broken", answer(report="R2", message="M2"))
    before = counted()
    replay(register, clock)
    replay_quarantined(register, clock)
    send(register, answer())  # the very same bytes are no new message
    assert counted() == before == counted_again()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.sampled_from(["91843", "70001"]),
            st.integers(1, 4),
            st.sampled_from(["N", "C", "X"]),
        ),
        max_size=8,
    )
)
def test_any_messages_are_counted_as_their_items_are(
    messages: list[tuple[int, str, int, str]],
) -> None:
    with transaction.atomic():
        for number, (hour, her, report, service) in enumerate(messages):
            send_at(
                NOW + timedelta(hours=hour),
                answer(report=f"R{report}", message=f"M{number}", her=her, service=service),
            )
        assert counted() == counted_again()
        assert counted("HER:70001") == counted_again("HER:70001")
        transaction.set_rollback(True)
