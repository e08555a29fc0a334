"""One test for several organisms that its name says, such as "Klamydia/gonoré PCR": the names of its parts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

LONGEST = 100
"""Characters; a longer name is a remark."""


class _Words(NamedTuple):
    between: re.Pattern[str]
    organisms: Mapping[str, tuple[str, ...]]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("looked_for.json").read_text("utf-8")
    )["combined"]
    return _Words(
        re.compile("|".join(map(re.escape, raw["between"])), re.I),
        {name: tuple(parts) for name, parts in raw["words"].items()},
    )


@lru_cache(maxsize=4096)
def parts_of(name: str) -> tuple[str, ...]:
    """The organisms that the name of a test says, in its order; empty for a name that says one or none.

    Of "Influensa A/B" the parts are "Influensa A" and "Influensa B". Whether each part names an organism, the caller asks a
    code map: where one does not, the name is no combined one.

    Args:
        name: without words of method and specimen.
    """
    if len(name) > LONGEST:
        return ()
    found: list[str] = []
    before: list[str] = []
    for said in map(str.strip, _words().between.split(name)):
        if not said:
            return ()
        # "A/B": a letter stands for the words before it with that letter in the place of theirs.
        if len(said) == 1 and len(before) > 1 and len(before[-1]) == 1:
            said = " ".join([*before[:-1], said])
        before = said.split()
        found += _words().organisms.get(said.casefold(), (said,))
    once = tuple(dict.fromkeys(found))
    return once if len(once) > 1 else ()
