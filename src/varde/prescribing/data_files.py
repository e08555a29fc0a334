"""A data file of this room as what it should hold, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from varde.codes import CodeFileError

_Content = TypeVar("_Content")


def read_data(
    path: Path, kind: type[_Content], check: Callable[[_Content], Iterable[str]]
) -> _Content:
    """A TOML file as a structure.

    Args:
        check: says what is wrong with it beyond its shape.

    Raises:
        CodeFileError: the file is not what it should be.
    """
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), kind)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise CodeFileError(path, 0, str(error)) from None
    for problem in check(found):
        raise CodeFileError(path, 0, problem)
    return found
