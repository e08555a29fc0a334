"""Every place where what a file holds is not of the shape that it should have, not the first one alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import msgspec

Fault = tuple[str, str]
"""Field (``duty[0].group``; empty for the whole), problem."""


def shape_faults(value: Any, kind: Any, place: str = "") -> Iterator[Fault]:
    """What stands in the way of making a value of a type, field by field; nothing when it can be made.

    Args:
        value: as a reader of TOML gives it.
        kind: a Struct, or what a field of one may be.
        place: where the value stands.
    """
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield from list(_inside(value, kind, place)) or [_told(error, place)]


def split_message(error: msgspec.ValidationError) -> Fault:
    """The field that a message of msgspec names, and the rule that is broken there."""
    rule, _, inner = str(error).partition(" - at `")
    return inner.rstrip("`").removeprefix("$").lstrip("."), rule


def _inside(value: Any, kind: Any, place: str) -> Iterator[Fault]:
    """The faults of the parts; none when the fault is of the whole."""
    for one in _alternatives(kind):
        if isinstance(value, dict) and isinstance(one, type) and issubclass(one, msgspec.Struct):
            known = {field.encode_name: field for field in msgspec.structs.fields(one)}
            for name in sorted(value.keys() - known.keys()):
                yield place, f"Object contains unknown field `{name}`"
            for name, field in known.items():
                if name in value:
                    yield from shape_faults(value[name], field.type, _join(place, name))
                elif field.required:
                    yield place, f"Object missing required field `{name}`"
        elif isinstance(value, list) and get_origin(one) in (tuple, frozenset):
            for number, item in enumerate(value):
                yield from shape_faults(item, get_args(one)[0], f"{place}[{number}]")


def _alternatives(kind: Any) -> Iterator[Any]:
    """A type without what is said beside it; of a Struct or None the Struct."""
    if get_origin(kind) is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif type(None) in get_args(kind):
        yield from (one for one in get_args(kind) if one is not type(None))
    else:
        yield kind


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _told(error: msgspec.ValidationError, place: str) -> Fault:
    inner, rule = split_message(error)
    return (
        place + inner if inner.startswith("[") else _join(place, inner) if inner else place
    ), rule
