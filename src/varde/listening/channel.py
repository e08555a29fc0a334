"""One connection: its frames in order, each answered before the next is looked at."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec

from varde.listening.desk import Answered, Desk, HoldBack
from varde.listening.framing import ANEW, Frame, Frames, frame
from varde.messages.hl7v2.segments import MAX_BYTES

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")

STEP = 64 << 10


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much one listener takes upon itself.

    Attributes:
        connections: at once; more are turned away.
        frame_bytes: of one message, or batch of messages.
        held_bytes: of messages that have not ended yet, over all connections.
        noise_bytes: outside frames, before a connection is given up.
        idle_seconds: between two messages.
        silent_seconds: without a byte in the midst of one, or before an answer is read.
        frame_seconds: from the beginning of a message to its end.
        handshake_seconds: for TLS.
    """

    connections: int = 256
    frame_bytes: int = MAX_BYTES
    held_bytes: int = 256 << 20
    noise_bytes: int = 16 << 10
    idle_seconds: float = 3600
    silent_seconds: float = 30
    frame_seconds: float = 300
    handshake_seconds: float = 10


class Shared:
    """What the connections of one listener have in common.

    Attributes:
        desk: where messages are handed in.
        held: bytes of messages that have not ended yet.
        waiting: tasks that wait for the other end, with nothing in hand.
        stopping: set when the listener is to stop.
    """

    def __init__(
        self, desk: Desk, bounds: Bounds, work: Callable[[Callable[[], Any]], asyncio.Future[Any]]
    ) -> None:
        self.desk = desk
        self.bounds = bounds
        self.held = 0
        self.waiting: set[asyncio.Task[Any]] = set()
        self.stopping = asyncio.Event()
        self._work = work

    async def work(self, task: Callable[[], _Result]) -> _Result:
        """Run something that waits for the database in a thread."""
        result: _Result = await self._work(task)
        return result

    @contextmanager
    def idle(self) -> Iterator[None]:
        """While the current task waits for the other end, with nothing in hand."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self.waiting.add(task)
        try:
            yield
        finally:
            self.waiting.discard(task)


class Channel:
    """Serves one connection.

    Args:
        certificate: what the other end has shown (DER); None without TLS.
    """

    def __init__(
        self,
        shared: Shared,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        certificate: bytes | None,
    ) -> None:
        self._shared = shared
        self._bounds = shared.bounds
        self._reader = reader
        self._writer = writer
        self._certificate = certificate
        self._frames = Frames(self._bounds.frame_bytes, self._bounds.noise_bytes)
        self._held = 0
        self._since = asyncio.get_running_loop().time()
        """When the frame or what stands outside began, or the last one was answered."""

    async def serve(self) -> None:
        """Take frames and answer them, until the other end closes, breaks the rules or is silent for
        too long, or the listener stops.

        Raises:
            OSError, TimeoutError: the other end is gone, or does not read.
        """
        certificate = self._certificate
        desk = self._shared.desk
        if certificate is not None and not await self._shared.work(lambda: desk.greet(certificate)):
            return
        while not self._shared.stopping.is_set():
            try:
                data = await self._read()
            except TimeoutError:
                await self._give_up()
                return
            if not data:
                if self._frames.inside:
                    _say("a connection ended in the midst of a message", "unfinished")
                return
            if not await self._take(data):
                return

    async def close(self) -> None:
        """Let the other end have what was written, for a while, and close."""
        self._account(0)
        self._writer.close()
        try:
            async with asyncio.timeout(self._bounds.silent_seconds):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    async def _read(self) -> bytes:
        """The next bytes of the stream; none at its end.

        Raises:
            TimeoutError: none came in time.
        """
        bounds = self._bounds
        passed = asyncio.get_running_loop().time() - self._since
        patience = bounds.idle_seconds - passed
        if self._state() != (False, False):
            patience = min(bounds.silent_seconds, bounds.frame_seconds - passed)
        with self._shared.idle():
            async with asyncio.timeout(max(0, patience)):
                return await self._reader.read(STEP)

    async def _take(self, data: bytes) -> bool:
        """Go on with the next bytes.

        Returns:
            Whether to go on.
        """
        frames = self._frames
        before = self._state()
        found = frames.feed(data)
        self._account(frames.held)
        for ended in found:
            if not await self._answer(ended):
                return False
        if frames.broken:
            await self._give_up()
            return False
        if found or self._state() != before:
            self._since = asyncio.get_running_loop().time()
        return True

    def _state(self) -> tuple[bool, bool]:
        """Whether a frame has begun, and whether something stood outside frames."""
        return self._frames.inside, self._frames.noisy

    async def _answer(self, ended: Frame) -> bool:
        """Hand a frame in, and say what became of it.

        Returns:
            Whether to go on.
        """
        desk, shared = self._shared.desk, self._shared
        if ended.fault == ANEW:
            # Its sender has given it up and waits for one answer: that of the message that follows.
            _say("a message was not kept", ended.fault)
            return not shared.stopping.is_set()
        if ended.fault:
            _say("a message was not kept", ended.fault)
            answered = await shared.work(lambda: desk.refuse(ended.data, ended.fault))
        else:
            answered = await self._hand_in(ended.data)
        await self._send(answered)
        return not answered.over and not shared.stopping.is_set()

    async def _hand_in(self, data: bytes) -> Answered:
        desk, shared = self._shared.desk, self._shared
        while True:
            try:
                return await shared.work(lambda: desk.hand_in(data, self._certificate))
            except HoldBack as held:
                try:
                    async with asyncio.timeout(held.seconds):
                        await shared.stopping.wait()
                except TimeoutError:
                    continue
                return await shared.work(lambda: desk.refuse(data, "closing"))

    async def _give_up(self) -> None:
        """Say what was wrong with what came last; then the connection is closed."""
        frames = self._frames
        if not frames.inside and not frames.noisy:
            return
        fault = (
            "not-framed" if not frames.inside else "too-large" if frames.broken else "unfinished"
        )
        _say("a connection was given up", fault)
        head = frames.head
        await self._send(await self._shared.work(lambda: self._shared.desk.refuse(head, fault)))

    async def _send(self, answered: Answered) -> None:
        for answer in answered.answers:
            self._writer.write(frame(answer))
        async with asyncio.timeout(self._bounds.silent_seconds):
            await self._writer.drain()

    def _account(self, held: int) -> None:
        """Count what is held; where all connections hold too much, this one keeps no more of its frame."""
        self._shared.held += held - self._held
        self._held = held
        if held and self._shared.held > self._bounds.held_bytes:
            self._frames.refuse("busy")
            self._shared.held += self._frames.held - held
            self._held = self._frames.held


def _say(event: str, reason: str) -> None:
    _logger.warning(event, extra={"door": "mllp", "reason": reason})
