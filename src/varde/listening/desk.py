"""Where what came over a connection is handed in, and its answer made. Called from many threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from django.db import Error as DatabaseTrouble
from django.db import connections

from varde.access.clients import (
    Client,
    ClientRefused,
    OverLimit,
    allowances,
    identify_certificate,
    refusal_log,
)
from varde.listening.acknowledgements import acknowledge, holds_hl7v2, refuse
from varde.register import (
    Door,
    DoorClosed,
    DoorError,
    DoorFull,
    Incoming,
    MessageReceipt,
    Ticket,
    read_receipts,
    using,
)

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")

KIND = "laboratory"
PATIENCE = 30
"""Seconds: whoever sends more than it may is held back so long before it is refused."""


class Answered(NamedTuple):
    """How something is answered.

    Attributes:
        answers: each to go in a frame of its own.
        over: the connection is to be closed after them.
    """

    answers: list[bytes]
    over: bool = False


class HoldBack(Exception):
    """A sender sends faster than it may: its message is to be handed in again after some seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


class Desk:
    """Hands in at a door.

    Args:
        door: of the register.
        sender: who speaks where nobody shows a certificate; empty for the operator, who may speak for
            all.
        seconds: how long a durable message may wait to be read before it is answered without.
    """

    def __init__(self, door: Door, sender: str = "", seconds: float = 30) -> None:
        self._door = door
        self._sender = sender
        self._seconds = seconds

    def greet(self, certificate: bytes) -> bool:
        """Whether the holder of a certificate (DER) may send here."""
        try:
            self._identify(certificate)
        except ClientRefused as refused:
            _logger.warning("a connection was refused", extra=_about(refused.code))
            return False
        except DatabaseTrouble as error:
            _logger.error("a connection was refused", extra=_about(type(error).__name__))
            return False
        return True

    def hand_in(self, data: bytes, certificate: bytes | None) -> Answered:
        """Make something durable and say what became of it.

        Args:
            data: what stood in a frame.
            certificate: of the other end (DER), where it has shown one.

        Raises:
            HoldBack: not now.
        """
        try:
            sender = self._let_in(certificate, len(data))
            if not holds_hl7v2(data):
                # Another format would be taken in, and its sender told nothing that it understands.
                return self._refuse(data, "not-hl7")
            ticket = self._door.submit([Incoming("", data, None, sender, KIND, "mllp")])
            ticket.wait(self._seconds)
        except OverLimit as limit:
            if limit.retry_after is not None and limit.retry_after <= PATIENCE:
                raise HoldBack(limit.retry_after) from None
            return self._refuse(data, "too-much")
        except ClientRefused as refused:
            _logger.warning("a message was refused", extra=_about(refused.code))
            return self.refuse(data, "not-allowed")._replace(over=True)
        except DoorFull:
            return self._refuse(data, "busy")
        except DoorClosed:
            return self._refuse(data, "closing")._replace(over=True)
        except (DoorError, DatabaseTrouble) as error:
            return self._refuse(data, "not-durable", error.__cause__ or error)
        return Answered(acknowledge(data, self._read_receipt(ticket), self._door.clock()))

    def refuse(self, data: bytes, refusal: str) -> Answered:
        """The answer to something that is not kept."""
        return Answered(refuse(data, refusal, self._door.clock()))

    def _refuse(self, data: bytes, refusal: str, error: BaseException | None = None) -> Answered:
        about = _about(refusal)
        if error is not None:
            about["error"] = type(error).__name__
        _logger.warning("a message was refused", extra=about)
        return self.refuse(data, refusal)

    def _let_in(self, certificate: bytes | None, size: int) -> str:
        """The sender that speaks. A certificate is looked up each time: its client may have been shut
        out while it was connected."""
        if certificate is None:
            return self._sender
        client = self._identify(certificate)
        allowances.spend(client.client_id, client.limits, size)
        return client.sender

    def _identify(self, certificate: bytes) -> Client:
        client = ask(lambda: identify_certificate(certificate))
        try:
            client.check_kind(KIND)
        except ClientRefused as refused:
            refusal_log.record(refused, "mllp")
            raise
        return client

    def _read_receipt(self, ticket: Ticket) -> MessageReceipt:
        [logged] = ticket.logged
        waiting = MessageReceipt(logged.message, logged.received_at, False)
        try:
            with using(self._door.register.alias):
                found = ask(lambda: read_receipts([logged.message]))
            return found.get(logged.message, waiting)
        except DatabaseTrouble as error:
            # It is safe, and that is what the sender must know.
            _logger.error("a receipt cannot be read", extra=_about(type(error).__name__))
            return waiting


def ask(task: Callable[[], _Result]) -> _Result:
    """Do something that only reads the database; a connection that was cut meanwhile is made anew once."""
    try:
        return task()
    except DatabaseTrouble:
        connections.close_all()
        return task()


def _about(reason: str) -> dict[str, str]:
    """What may stand beside a line of the log."""
    return {"door": "mllp", "reason": reason}
