"""Concentrations as laboratories write them."""

from __future__ import annotations

import re

MIC = re.compile(
    r"(<=|>=|=<|=>|≤|≥|<|>|=)?\s*([0-9]{1,5}(?:[.,][0-9]{1,5})?)(?:\s*(?:mg/l|µg/ml))?", re.I
)
MEASURED = re.compile(
    r"(?:<=|>=|=<|=>|≤|≥|<|>|=)?\s*[+-]?(?:nan|inf(?:inity)?|[.,]?[0-9][0-9.,/ e+-]*)"
    r"(?:\s*(?:mg/l|[uµμ]g/ml))?",
    re.I,
)
"""What is written as a measurement, also one that nothing measures: NaN, 1e400, 2-4."""

WRITTEN = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">=", "=": ""}


def is_measured(text: str) -> bool:
    """Whether a text is written as a measurement, readable or not."""
    return MEASURED.fullmatch(text) is not None


def parse_mic(text: str) -> str:
    """A minimum inhibitory concentration as ``<=0.5`` or ``0.125``; empty when it is none."""
    match = MIC.fullmatch(text)
    if match is None:
        return ""
    sign = match.group(1) or ""
    return WRITTEN.get(sign, sign) + match.group(2).replace(",", ".")
