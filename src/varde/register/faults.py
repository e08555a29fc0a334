"""A message that makes the fold itself fail is set aside, so that the others go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from django.db import DataError, IntegrityError

from varde.register.fold import Counts
from varde.register.log import Stored

_logger = logging.getLogger(__name__)

FAULTS = (
    DataError,
    IntegrityError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a message can set off in the fold, as opposed to what is wrong with the database or the keys."""
Folding = Callable[[Sequence[Stored], Collection[int]], dict[int, Counts]]
"""Folds some messages; of those whose numbers are the second argument only that they cannot be."""


def fold_around_faults(
    batch: Sequence[Stored], folding: Folding
) -> tuple[dict[int, Counts], list[int]]:
    """Fold a batch. When that fails, its halves by themselves, and a message that fails alone is put in quarantine
    (`fold.FAULT`).

    Returns:
        What became of the items of each message, and the messages that were set aside.
    """
    try:
        return folding(batch, ()), []
    except FAULTS:
        if len(batch) > 1:
            half = len(batch) // 2
            first, aside = fold_around_faults(batch[:half], folding)
            second, more = fold_around_faults(batch[half:], folding)
            return first | second, [*aside, *more]
        message = batch[0].message
        _logger.exception("message %d cannot be folded and is put in quarantine", message)
        return folding(batch, [message]), [message]
