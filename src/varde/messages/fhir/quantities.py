"""Measured values of FHIR answers, exactly as sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from varde.messages.errors import InvalidContent
from varde.messages.fhir.resources import Quantity
from varde.messages.fhir.words import fhir_words

PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
POWER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?[eE][+-]?[0-9]{1,2}")


def read_quantity(quantity: Quantity, at: Callable[[str], str]) -> tuple[str, str]:
    """The value with its comparator (``"<=0.250"``) and the unit in lower case; empty without value.

    The digits are those of the message: 0.250 stays 0.250. A power of ten is written out.

    Args:
        quantity: the measured value.
        at: what makes the place of a field, for errors.

    Raises:
        InvalidContent: ``bad-field`` when the value is no number, ``bad-quantity`` when it is
            negative or beyond what any laboratory measures, ``unknown-code`` for its comparator.
    """
    sign = fhir_words().comparators.get(quantity.comparator.strip())
    if sign is None:
        raise InvalidContent("unknown-code", at("valueQuantity.comparator"), quantity.comparator)
    unit = (quantity.code or quantity.unit).strip().casefold()
    written = bytes(quantity.value).decode("utf-8")
    if not written:
        return "", unit
    if written[0] not in "-0123456789":
        raise InvalidContent("bad-field", at("valueQuantity.value"), f"{_kind(written)} ≠ decimal")
    if PLAIN.fullmatch(written):
        return sign + written, unit
    if POWER.fullmatch(written):
        number = format(Decimal(written), "f")
        if PLAIN.fullmatch(number):
            return sign + number, unit
    raise InvalidContent(
        "bad-quantity", at("valueQuantity.value"), f"{written[:40]} {unit}".strip()
    )


def _kind(written: str) -> str:
    return {'"': "str", "{": "object", "[": "array", "n": "null"}.get(written[0], "bool")
