"""MLLP frames: whatever packets a stream comes in, the same frames come out."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.listening.framing import ANEW, HEAD, PARTS, Frame, Frames, frame

MOST = 12
NOISE = 5
BYTES = st.lists(
    st.sampled_from(
        [b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"\x0bab\x1c\r", b"a", b"\n", b"abcdefgh",
         b"\x0bMSH|", b"MS", b"H", b"|", b"\x0b\xef\xbb\xbfBHS", b"\x0bM\x00S\x00H\x00|\x00"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip
BEGINS = ["MSH", "FHS", "BHS"]


def plain_frames(stream: bytes, most: int, noise: int) -> tuple[list[Frame], bool]:
    """The frames of a whole stream, byte by byte; and whether it was given up.

    A stream is given up at the byte outside frames that is one too many, and in a frame at the byte of its
    content that is beyond four times what it may hold. A byte 1C is content when it is not followed by 0D. A
    byte 0B begins anew when HL7 follows it, and is content otherwise.
    """
    found: list[Frame] = []
    outside = 0
    at = 0
    while at < len(stream):
        if stream[at] != 0x0B:
            outside += stream[at : at + 1] not in (b"\r", b"\n", b" ", b"\t", b"\x00")
            if outside > noise:
                return found, True
            at += 1
            continue
        at += 1
        outside = 0
        content = b""
        while stream[at : at + 2] != b"\x1c\r":
            if at >= len(stream) or stream[at:] in PARTS:
                return found, False
            if begins_anew(stream, at):
                half = _framed(content, most).data[:HEAD]
                found += [Frame(half, ANEW)] if half else []
                content = b""
                at += 1
                continue
            content += stream[at : at + 1]
            if len(content) > 4 * most:
                return found, True
            at += 1
        found.append(_framed(content, most))
        at += 2
    return found, False


def begins_anew(stream: bytes, at: int) -> bool:
    """Whether HL7 follows a start byte there: its first three letters and a sign, in some encoding."""
    if stream[at] != 0x0B:
        return False
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        text = stream[at + 1 : at + 15].decode(codec, "replace").removeprefix("\ufeff")
        if text[:3] in BEGINS and text[3:4] in tuple("|!#^~&:;/*") and len(text) > 3:
            return True
    return False


def _framed(content: bytes, most: int) -> Frame:
    """A start byte that was sent twice is none of the message's."""
    fault = "too-large" if len(content) > most else ""
    content = content[:HEAD] if fault else content
    while content[:1] == b"\x0b":
        content = content[1:]
    return Frame(content, fault)


def in_packets(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    return [stream[a:b] for a, b in pairwise(places)]


@given(BYTES, st.lists(st.integers(0, 200), max_size=20))
def test_any_packets_give_the_frames_of_the_plain_reference(stream: bytes, cuts: list[int]) -> None:
    frames = Frames(MOST, NOISE)
    found = [ended for packet in in_packets(stream, cuts) for ended in frames.feed(packet)]
    assert (found, frames.broken) == plain_frames(stream, MOST, NOISE)


@given(BYTES)
def test_bytes_one_by_one_give_the_same_frames(stream: bytes) -> None:
    frames = Frames(MOST, NOISE)
    found = [ended for at in range(len(stream)) for ended in frames.feed(stream[at : at + 1])]
    assert (found, frames.broken) == plain_frames(stream, MOST, NOISE)


@given(st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\x1c\r", b"")), max_size=6))
def test_what_is_framed_comes_out(messages: list[bytes]) -> None:
    messages = [message.rstrip(b"\x1c") for message in messages]
    frames = Frames(100, 0)
    assert frames.feed(b"\r\n".join(map(frame, messages))) == [
        Frame(m.lstrip(b"\x0b")) for m in messages
    ]
    assert not (frames.inside or frames.noisy or frames.broken)


def test_a_large_frame_is_not_kept() -> None:
    frames = Frames(1_000_000, 100)
    frames.feed(b"\x0bMSH|")
    for _ in range(20):
        assert frames.feed(b"x" * 65_536) == []
        assert frames.held <= 1_000_000 + 65_536
    assert frames.held == HEAD
    [ended] = frames.feed(b"\x1c\r")
    assert ended.fault == "too-large" and ended.data.startswith(b"MSH|xxx")
    assert frames.feed(b"\x0bnext\x1c\r") == [Frame(b"next")]


def test_a_frame_that_never_ends_breaks_the_stream_in_little_memory() -> None:
    frames = Frames(10_000, 100)
    frames.feed(b"\x0b")
    for _ in range(100):
        frames.feed(b"x" * 1_000)
        assert frames.held <= 11_000
    assert frames.broken
    assert frames.feed(b"\x1c\r\x0bnext\x1c\r") == []


def test_a_frame_can_be_refused_while_it_comes() -> None:
    frames = Frames(10_000, 100)
    frames.refuse("busy")  # there is none yet
    frames.feed(b"\x0b" + b"x" * 9_000)
    frames.refuse("busy")
    assert frames.held == HEAD and frames.head == b"x" * HEAD
    frames.feed(b"y" * 9_000)
    assert frames.feed(b"\x1c\r") == [Frame(b"x" * HEAD, "busy")]
    assert frames.feed(b"\x0bz\x1c\r") == [Frame(b"z")]


@pytest.mark.parametrize("filler", [b"\r\n" * 1000, b"\x00" * 1000, b" \t"])
def test_fillers_between_frames_are_nothing(filler: bytes) -> None:
    frames = Frames(100, 0)
    assert frames.feed(filler + frame(b"a") + filler + frame(b"b")) == [Frame(b"a"), Frame(b"b")]
    assert not frames.noisy


def test_noise_is_passed_over_until_it_is_too_much() -> None:
    frames = Frames(100, 3)
    assert frames.feed(b"abc" + frame(b"1") + b"abc" + frame(b"2")) == [Frame(b"1"), Frame(b"2")]
    assert frames.feed(b"ab") == [] and frames.noisy and not frames.broken
    assert frames.feed(b"cd" + frame(b"3")) == [] and frames.broken


def test_a_long_stream_takes_time_in_proportion() -> None:
    """A million end bytes that are no ends, in packets of any size."""
    dice = random.Random(3)
    stream = b"\x0b" + b"\x1c" * 1_000_000 + b"\x1c\r"
    frames = Frames(2_000_000, 0)
    at, found = 0, []
    while at < len(stream):
        size = dice.randint(1, 4096)
        found += frames.feed(stream[at : at + size])
        at += size
    assert [len(ended.data) for ended in found] == [1_000_000]


HALF, WHOLE = b"MSH|^~\\&|LIS\rPID|1", b"MSH|^~\\&|LIS\rPID|1\rOBR|1\r"


@pytest.mark.parametrize("codec", ["ascii", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_message_that_begins_anew_is_taken_whole(codec: str) -> None:
    half, whole = HALF.decode().encode(codec), WHOLE.decode().encode(codec)
    stream = b"\x0b" + half + frame(whole) + frame(b"next")
    wanted = [Frame(half, ANEW), Frame(whole), Frame(b"next")]
    frames = Frames(1000, 0)
    assert frames.feed(stream) == wanted
    for size in range(1, 12):
        cut = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [ended for packet in cut for ended in frames.feed(packet)] == wanted


def test_a_start_byte_in_the_midst_of_a_text_is_content() -> None:
    for text in (b"MSH|\x0b", b"MSH|a\x0bMSHALL|\x0b|", b"MSH|\x0b\x0bMS"):
        assert Frames(1000, 0).feed(frame(text)) == [Frame(text)]


def test_a_frame_that_was_too_large_can_begin_anew() -> None:
    frames = Frames(10_000, 0)
    assert frames.feed(b"\x0bMSH|" + b"x" * 20_000) == []
    [half, whole] = frames.feed(frame(WHOLE))
    assert (half.fault, len(half.data), whole) == (ANEW, HEAD, Frame(WHOLE))
    frames.feed(b"\x0b" + HALF)
    frames.refuse("busy")
    assert frames.feed(frame(WHOLE)) == [Frame(HALF, ANEW), Frame(WHOLE)]
