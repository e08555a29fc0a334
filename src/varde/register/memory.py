"""What a process that takes in messages holds in memory, as Python's search for garbage sees it.

Whoever folds has loaded code maps, disease files, weights and some thousand classes: hundreds of thousands of objects
that stay. And a batch of messages in memory is many more, none of which is garbage before the batch is done. Python
looks through all of them every few hundred messages, and finds nothing.
"""

from __future__ import annotations

import gc
from functools import cache

YOUNG = 50_000
"""Objects that may come to be, above those that are gone, before the young ones are looked through (Python: 700).
Garbage that only this search finds, which are a few objects that refer to each other, waits so much longer: some
megabytes."""


@cache
def begin() -> None:
    """Search less often for garbage. Once in a process, before it folds for the first time."""
    _search_less()


@cache
def settle() -> None:
    """Leave what is loaded by now out of every later search for garbage. Once in a process.

    For every process that folds, be it a command, a worker of the service, or what listens: the fold calls it when it
    is done for the first time, because only then everything that it needs is loaded. What is young is looked through
    before; looking through all takes as long as reading a thousand messages, and finds what starting left behind.
    """
    gc.collect(1)
    gc.freeze()
    _search_less()


def _search_less() -> None:
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
