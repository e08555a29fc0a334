"""What the log is told of the intake and of work that takes a while: how much, of what, and how long.

Words of the system and numbers alone: never anything that somebody sent. The key of a sender stands there when
it is that of whoever was let in at a door, which is an organisation; what a message says of itself does not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from varde.register.fold import Counts
from varde.register.log import Incoming

_logger = logging.getLogger(__name__)


def tell_taken_in(
    database: str, batch: Sequence[Incoming], counts: Sequence[Counts] | None, began: float
) -> None:
    """Tell of something that was handed in.

    Args:
        database: of its register.
        counts: what became of its items; None while they are kept and wait to be read.
        began: when it was handed in, by `time.perf_counter`.
    """
    if not batch or not _logger.isEnabledFor(logging.INFO):
        return
    first = batch[0]
    about: dict[str, Any] = {
        "register": database,
        "door": first.door,
        "sender": first.submitter,
        "messages": len(batch),
    }
    if len(batch) > 1 and len({each.kind for each in batch}) > 1:
        about["kind"] = "several"
    elif first.kind:
        about["kind"] = first.kind
    if counts is not None:
        first_counts, *others = counts
        total = first_counts
        if others:
            total = Counts()
            for each in counts:
                total.add(each)
        about["accepted"] = total.accepted
        about["duplicate"] = total.duplicate
        about["quarantined"] = total.quarantined
        if total.unmapped:
            about["unmapped"] = total.unmapped
        if total.reasons:
            about["reasons"] = dict(total.reasons.most_common())
    about["milliseconds"] = round((time.perf_counter() - began) * 1000)
    event = "taken in" if counts is not None else "kept, to be read later"
    # As `_logger.info` does it, but without looking up who calls: there is a line for every hand-in.
    _logger.handle(
        _logger.makeRecord(_logger.name, logging.INFO, __file__, 0, event, (), None, extra=about)
    )


def tell_decided(verdict: str, kind: str, concept: str, changed: int) -> None:
    """Tell that somebody said what a code means, or took it back; not who, nor what the sender wrote.

    Args:
        verdict: as in `varde.register.confirming.Verdict`.
        kind: what the code is of, such as "organism".
        concept: the key of what it is said to mean; empty for nothing.
        changed: how many answers stand otherwise after it.
    """
    about: dict[str, Any] = {"state": verdict, "kind": kind, "changed": changed}
    if concept:
        about["concept"] = concept
    _logger.info("a code was decided on", extra=about)


@contextmanager
def work(logger: logging.Logger, what: str, **about: Any) -> Iterator[dict[str, Any]]:
    """Tell when something begins, and when it is done or has failed.

    Args:
        what: one word, such as "replay".
        about: fields of `varde.web.log_lines` that hold from the beginning.

    Yields:
        Fields to be told at the end: put into it what came of it.
    """
    found: dict[str, Any] = {}
    began = time.perf_counter()
    logger.info("%s has begun", what, extra=about)
    try:
        yield found
    except BaseException as error:
        spent = time.perf_counter() - began
        told = about | {"error": type(error).__name__, "seconds": spent}
        logger.error("%s has failed", what, extra=told)
        raise
    logger.info("%s is done", what, extra=about | found | {"seconds": time.perf_counter() - began})
