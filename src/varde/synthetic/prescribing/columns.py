"""Columns of invented numbers and names, made whole and not cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varde.prescribing import layouts
from varde.synthetic.draws import Ints, bits

FIRST_ORGANISATION = 1_000_000
"""Organisation numbers of the invented country are this one with two more digits and a check digit: they begin with 1. Those
that the register gives out begin with 8 or 9."""

FIRST_HPR = 990_000_001
"""Numbers of invented doctors have nine digits; those of the register of health personnel have fewer."""

_WEIGHTS = np.array((3, 2, 7, 6, 5, 4, 3, 2), np.int64)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def generator(seed: int, purpose: str, *index: int) -> np.random.Generator:
    """A source of chance that depends on nothing but its arguments, so that any month can be made alone."""
    text = "/".join([str(seed), "prescribing", purpose, *map(str, index)])
    return np.random.default_rng(int.from_bytes(blake2b(text.encode(), digest_size=16).digest()))


def organisation_numbers(count: int) -> NDArray[np.int64]:
    """The first invented organisation numbers, each with its check digit (modulus 11)."""
    stems = np.arange(FIRST_ORGANISATION * 10, FIRST_ORGANISATION * 10 + count + count // 5 + 20)
    digits = stems[:, None] // 10 ** np.arange(7, -1, -1) % 10
    check = (11 - digits @ _WEIGHTS % 11) % 11
    found = (stems * 10 + check)[check < 10]
    return found[:count]


def decimal_text(numbers: NDArray[Any], width: int, prefix: str = "") -> pa.Array:
    """The numbers in `width` digits, with leading zeros, behind a prefix."""
    left = numbers.astype(np.int64)
    begin = len(prefix)
    signs = np.empty((len(left), begin + width), np.uint8)
    signs[:, :begin] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    for place in range(begin + width - 1, begin - 1, -1):
        left, digit = np.divmod(left, 10)
        signs[:, place] = digit + 48
    return _of_signs(signs)


def pseudonyms(seed: int, persons: Ints) -> pa.Array:
    """What the source calls the persons: 17 signs, a letter first, so that none can be a national number."""
    mixed = bits(seed, "prescribing/pseudonym", persons)
    signs = np.empty((len(mixed), 17), np.uint8)
    signs[:, 0] = ord("p")
    octets = mixed.astype(">u8").view(np.uint8).reshape(-1, 8)
    signs[:, 1::2] = _HEX[octets >> 4]
    signs[:, 2::2] = _HEX[octets & 15]
    return _of_signs(signs)


def _of_signs(signs: NDArray[np.uint8]) -> pa.Array:
    rows, width = signs.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(signs.tobytes()))


def chosen(words: Sequence[str | None], positions: NDArray[Any]) -> pa.Array:
    """The word at each position; a position of -1 is a blank."""
    index = pa.array(positions.astype(np.int32), mask=positions < 0)
    return pa.array(words, pa.string()).take(index)


def decimals(scaled: NDArray[Any], places: int) -> pa.Array:
    """Decimals of whole numbers of their last place: 1500 with three places is 1.5."""
    whole = np.empty((len(scaled), 2), np.int64)
    whole[:, 0] = scaled
    whole[:, 1] = whole[:, 0] >> 63
    kind = pa.decimal128(12, places)
    return pa.Array.from_buffers(kind, len(scaled), [None, pa.py_buffer(whole.tobytes())])


def dates(days: NDArray[Any], known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Days since 1970-01-01 as dates; blank where not known."""
    column = pa.array(days.astype(np.int32), mask=None if known is None else ~known)
    return column.cast(pa.date32())


def table(key: str, columns: Mapping[str, Any]) -> pa.Table:
    """A table of a layout: exactly its columns, in its order and of its types.

    Raises:
        AssertionError: the columns are not those of the layout.
        pyarrow.ArrowInvalid: a column's values are not of its type.
    """
    schema = layouts()[key].schema
    assert set(columns) == set(schema.names), set(columns) ^ set(schema.names)  # noqa: S101
    arrays = []
    for field in schema:
        values = columns[field.name]
        if not isinstance(values, pa.Array | pa.ChunkedArray):
            values = pa.array(values, field.type)
        arrays.append(values if values.type == field.type else values.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)
