"""What is answered, and to whom, when not all goes well at the door."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.a_sender import certificate
from listening.conftest import answer
from messages import hl7v2_builder as hl7
from messages.test_fuzz import damage
from register.answers import clock, make_register
from varde.access.clients import NewClient, add_client
from varde.listening import Desk, Listener, bind
from varde.listening.acknowledgements import acknowledge, refuse
from varde.listening.desk import Answered, HoldBack
from varde.register import Door, ItemReceipt, MessageReceipt

AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
BHS = b"BHS|^~\\&|LIS||||||||17\r"


@pytest.fixture
def closed() -> Iterator[Door]:
    """A door that is closed."""
    door = Door(make_register(), clock)
    assert door.close()
    yield door


def receipt(*states: str, folded: bool = True) -> MessageReceipt:
    items = tuple(
        ItemReceipt(position, "quarantined", "laboratory", "M", state, f"OBR[{position}]-4")
        if "-" in state
        else ItemReceipt(position, "accepted", "laboratory", "M")
        for position, state in enumerate(states, 1)
    )
    return MessageReceipt(7, AT, folded, items=items)


def codes(answers: list[bytes]) -> list[list[str]]:
    """Code and control id, or place of the fault, of each segment that says one."""
    lines = [line.split("|") for made in answers for line in made.decode().split("\r")]
    return [line[1:3] for line in lines if line[0] in ("MSA", "ERR", "BTS")]


def test_items_are_told_to_the_message_they_are_of() -> None:
    two = hl7.message(
        hl7.pid(), hl7.obr("R1"), hl7.organism(), hl7.spm(), hl7.obr("R2"), hl7.organism(),
        head=hl7.header(f10="M2"),
    )  # fmt: skip
    data = BHS + answer("1") + two + answer("3") + b"BTS|3\r"
    made = acknowledge(data, receipt("ok", "ok", "bad-date", "ok"), AT)
    assert len(made) == 1 and made[0].startswith(b"BHS|^~\\&|||LIS|") and b"|17\r" in made[0]
    assert codes(made) == [["AA", "M1"], ["AE", "M2"], ["", "OBR^3^4"], ["AA", "M3"], ["3"]]


def test_what_is_wrong_with_a_batch_is_told_of_the_batch() -> None:
    made = acknowledge(BHS + answer("1") + b"BTS|2\r", receipt("ok", "not-there"), AT)
    assert codes(made) == [["AA", "M1"], ["1", "not-there OBR[2]-4 "]]
    silent = answer("1", f15="NE", f16="NE")
    assert acknowledge(BHS + silent + b"BTS|1\r", receipt("ok"), AT) == []


def test_several_messages_without_an_envelope_are_answered_together() -> None:
    made = acknowledge(answer("1") + answer("2"), receipt("ok", "bad-date"), AT)
    assert codes(made) == [["AA", "M1"], ["AE", "M2"], ["", "OBR^2^4"], ["2"]]


def test_what_is_durable_and_not_read_yet_is_accepted() -> None:
    assert codes(acknowledge(answer("1"), receipt(folded=False), AT)) == [["AA", "M1"]]
    asked = answer("1", f15="AL", f16="NE")
    assert codes(acknowledge(asked, receipt(folded=False), AT)) == [["CA", "M1"]]


def test_a_reason_that_nobody_has_words_for_is_told_as_it_is() -> None:
    [made] = acknowledge(answer("1"), receipt("unheard-of"), AT)
    assert b"|unheard-of^unheard-of^L|" in made


def test_each_message_of_a_batch_is_refused() -> None:
    made = refuse(BHS + answer("1") + answer("2", f15="AL") + b"BTS|2\r", "busy", AT)
    assert [line for line in codes(made) if len(line) == 2 and line[0]] == [
        ["AR", "M1"], ["CR", "M2"]
    ]  # fmt: skip
    assert refuse(answer("1", f15="NE", f16="NE"), "busy", AT) == []


def test_ids_of_answers_are_never_the_same() -> None:
    made = [acknowledge(answer("1"), receipt("ok"), AT)[0] for _ in range(50)]
    assert len({line.split(b"|")[9] for line in made}) == 50


BATCH = BHS + answer("1") + answer("2", f15="AL", f16="ER") + answer("3", f12="2.3") + b"BTS|3\r"


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_whatever_came_is_answered_in_whole_segments(seed: int, items: int) -> None:
    data = damage(BATCH, random.Random(seed))
    states = ["bad-date", "ok"] * items
    for made in (acknowledge(data, receipt(*states), AT), refuse(data, "busy", AT)):
        for each in made:
            assert each.endswith(b"\r") and b"\x1c\r" not in each
            assert each[:3] in (b"MSH", b"BHS")


@given(
    st.binary(max_size=60), st.sampled_from([b"", b"MSH|", b"BHS|^~", b"FHS\x00", b"\xff\xfeM\x00"])
)
def test_any_bytes_are_answered(data: bytes, start: bytes) -> None:
    assert len(acknowledge(start + data, receipt("bad-date"), AT)) <= 2
    assert len(refuse(start + data, "not-framed", AT)) <= 1


# The desk


def test_a_closed_door_is_told_and_ends_the_connection(closed: Door) -> None:
    answered = Desk(closed).hand_in(answer("1"), None)
    assert answered.over and codes(answered.answers)[0] == ["AR", "M1"]
    assert b"the service is stopping" in answered.answers[0]


@pytest.mark.django_db
def test_a_client_that_sends_too_fast_is_held_back_or_refused(closed: Door) -> None:
    desk = Desk(closed)
    for limit, name in ((4, "fast"), (1, "slow")):
        made, _ = certificate(name=name)
        new = NewClient(
            client_id=name, name=name, sender="HER:1", kinds=("laboratory",), certificates=(made,),
            requests_per_minute=limit,
        )  # fmt: skip
        add_client(new, AT)
        for _ in range(limit):
            assert b"is stopping" in desk.hand_in(answer("1"), made).answers[0]
        if limit == 4:
            with pytest.raises(HoldBack) as caught:
                desk.hand_in(answer("1"), made)
            assert 10 < caught.value.seconds <= 15
        else:
            refused = desk.hand_in(answer("1"), made)
            assert not refused.over and b"more than this sender may send now" in refused.answers[0]


def test_who_is_held_back_waits_and_is_answered(closed: Door) -> None:
    class Slow(Desk):
        times = 0

        def hand_in(self, data: bytes, certificate: bytes | None) -> Answered:
            self.times += 1
            if self.times <= 2:
                raise HoldBack(0 if self.times == 1 else 1)
            return super().hand_in(data, certificate)

    bound = bind("127.0.0.1", 0, exposed=False)
    ready = threading.Event()
    desk = Slow(closed)
    listener = Listener(desk)

    async def run() -> None:
        task = asyncio.create_task(listener.run(bound, ready.set))
        while desk.times < 3:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        listener.stop()
        await task

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    address = bound.getsockname()
    thread.start()
    ready.wait(10)
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(hl7.framed(answer("1")))
        assert b"MSA|AR|M1|" in client.recv(65536)
        assert client.recv(1) == b""
    thread.join()
    assert desk.times == 3
