"""Rows as every database writes and reads them: msgpack, each after its length.

SQLite and PostgreSQL differ in how they keep times, days, truth values and JSON. In a stream they are
alike, byte for byte, so that the SHA-256 of a table is the same wherever the table lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

import msgspec
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from varde.operation.errors import ArchiveInvalid
from varde.operation.manifest import Column, ColumnKind

LENGTH_BYTES = 4
LARGEST_ROW = 1 << 30
"""What both databases hold in one row at most."""
Row = tuple[Any, ...]

_KINDS: dict[type[models.Field], ColumnKind] = {
    models.BooleanField: "boolean",
    models.BinaryField: "bytes",
    models.DateTimeField: "moment",
    models.DateField: "day",
    models.JSONField: "json",
    models.CharField: "text",
    models.TextField: "text",
    models.IntegerField: "integer",
    models.ForeignKey: "integer",
}
"""First fit wins: a time is a kind of day to Django."""


class Source(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def columns_of(model: type[models.Model]) -> tuple[Column, ...]:
    """The columns of a table, in the order of its model."""
    return tuple(Column(field.column, _kind(field)) for field in model._meta.concrete_fields)


def _kind(field: models.Field) -> ColumnKind:
    for known, kind in _KINDS.items():
        if isinstance(field, known):
            return kind
    raise TypeError(f"no backup knows columns such as {field.model.__name__}.{field.name}")


def encode_row(row: Sequence[Any], columns: Sequence[Column]) -> bytes:
    """A row as a database's driver gives it, as a stream keeps it."""
    values = [
        None if value is None else _PACK[column.kind](value)
        for value, column in zip(row, columns, strict=True)
    ]
    data = _encode(values)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def read_rows(stream: Source, columns: Sequence[Column]) -> Iterator[Row]:
    """The rows of a stream, as `encode_row` wrote them.

    Raises:
        ArchiveInvalid: it is cut short, or a row does not fit the columns.
    """
    while head := _read(stream, LENGTH_BYTES):
        length = int.from_bytes(head, "big")
        data = _read(stream, length) if len(head) == LENGTH_BYTES else b""
        if length > LARGEST_ROW or len(data) < length or not data:
            raise ArchiveInvalid("the backup is damaged: a row is cut short")
        try:
            values = _decode(data)
            row = tuple(
                None if value is None else _UNPACK[column.kind](value)
                for value, column in zip(values, columns, strict=True)
            )
        except (msgspec.MsgspecError, TypeError, ValueError):
            raise ArchiveInvalid("the backup is damaged: a row does not fit its table") from None
        yield row


def _read(stream: Source, length: int) -> bytes:
    """Exactly `length` bytes, fewer only at the end."""
    pieces = []
    while length > 0 and (piece := stream.read(min(length, 1 << 20))):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def adapt(connection: BaseDatabaseWrapper, columns: Sequence[Column]) -> Callable[[Row], Row]:
    """Function that turns a row of a stream into one that this database's driver takes."""
    ops = connection.ops
    ways: list[Callable[[Any], Any] | None] = [
        ops.adapt_datetimefield_value
        if column.kind == "moment"
        else ops.adapt_datefield_value
        if column.kind == "day"
        else None
        for column in columns
    ]

    def adapted(row: Row) -> Row:
        return tuple(
            way(value) if way is not None and value is not None else value
            for value, way in zip(row, ways, strict=True)
        )

    return adapted


def _pack_moment(value: datetime) -> datetime:
    """In UTC; SQLite's times do not say that they are."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _pack_json(value: str) -> str:
    """The same text for the same content: PostgreSQL orders keys in its own way."""
    return msgspec.json.encode(msgspec.json.decode(value), order="sorted").decode()


def _same(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return check


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode
_PACK: dict[ColumnKind, Callable[[Any], Any]] = {
    "integer": int,
    "boolean": bool,
    "text": str,
    "bytes": bytes,
    "moment": _pack_moment,
    "day": lambda value: value.isoformat(),
    "json": _pack_json,
}
_UNPACK: dict[ColumnKind, Callable[[Any], Any]] = {
    "integer": _same(int),
    "boolean": _same(bool),
    "text": _same(str),
    "bytes": _same(bytes),
    "moment": _same(datetime),
    "day": date.fromisoformat,
    "json": _same(str),
}
