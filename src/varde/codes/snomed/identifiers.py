"""SNOMED CT identifiers (SCTID): are these digits one, and which digits make one.

An identifier is, from the left: item digits, a namespace of seven digits in the long format only, a
partition of two digits, and one check digit after Verhoeff over all the others.

Source: SNOMED CT Release File Specifications, "SCTID data type" and "Check-digit"; J. Verhoeff,
Error Detecting Decimal Codes (1969).
"""

from __future__ import annotations

import re
from typing import Final

SHORT_PARTITIONS: Final = {"00": "concept", "01": "description", "02": "relationship"}
"""Of the international release: no namespace."""

LONG_PARTITIONS: Final = {"10": "concept", "11": "description", "12": "relationship"}
"""Of extensions: the seven digits before the partition are the namespace."""

DIGITS: Final = 10
NAMESPACE_DIGITS: Final = 7
SHORTEST_SHORT, SHORTEST_LONG, LONGEST = 6, 11, 18

SHAPE: Final = re.compile(rf"[1-9][0-9]{{{SHORTEST_SHORT - 1},{LONGEST - 1}}}")


def _multiply(left: int, right: int) -> int:
    """The product in the dihedral group of the pentagon: 0–4 turn it, 5–9 turn it over as well."""
    turn = left + right if left < 5 else left - right
    return turn % 5 + 5 * ((left < 5) == (right >= 5))


PRODUCT: Final = tuple(tuple(_multiply(a, b) for b in range(DIGITS)) for a in range(DIGITS))
INVERSE: Final = tuple(row.index(0) for row in PRODUCT)


def _permutations() -> tuple[tuple[int, ...], ...]:
    """What a digit becomes at each place, counted from the right; it repeats after eight places."""
    step = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    rows = [tuple(range(DIGITS))]
    for _ in range(7):
        rows.append(tuple(step[digit] for digit in rows[-1]))
    return tuple(rows)


PLACE: Final = _permutations()


def check_digit(digits: str) -> str:
    """The Verhoeff check digit that belongs after these digits.

    Raises:
        ValueError: something else than the digits 0–9, or nothing.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r} must be digits only")
    check = 0
    for place, digit in enumerate(reversed(digits), start=1):
        check = PRODUCT[check][PLACE[place % len(PLACE)][int(digit)]]
    return str(INVERSE[check])


def is_sctid(text: str) -> bool:
    """Whether the text is a well-formed SCTID: length, partition and check digit.

    That it is well-formed does not say that the component exists.
    """
    if not SHAPE.fullmatch(text) or check_digit(text[:-1]) != text[-1]:
        return False
    partition = text[-3:-1]
    return partition in SHORT_PARTITIONS or (
        partition in LONG_PARTITIONS and len(text) >= SHORTEST_LONG
    )


def make_sctid(item: int, namespace: str, partition: str) -> str:
    """The SCTID of an item, with its check digit.

    Args:
        item: the item's number within namespace and partition, from 1 (long) or 100 (short).
        namespace: seven digits for a long partition, empty for a short one.
        partition: ``00``–``02`` without namespace, ``10``–``12`` with one.

    Raises:
        ValueError: the parts do not belong together, or make no identifier of 6 to 18 digits.
    """
    wanted = NAMESPACE_DIGITS if partition in LONG_PARTITIONS else 0
    if partition not in SHORT_PARTITIONS | LONG_PARTITIONS:
        raise ValueError(f"partition {partition!r} must be one of 00, 01, 02, 10, 11, 12")
    if not re.fullmatch(rf"[0-9]{{{wanted}}}", namespace):
        raise ValueError(
            f"namespace {namespace!r} must have {wanted} digits with partition {partition}"
        )
    digits = f"{item}{namespace}{partition}"
    sctid = digits + check_digit(digits) if item > 0 else ""
    if not is_sctid(sctid):
        raise ValueError(f"item {item} makes no identifier of 6 to 18 digits")
    return sctid
