"""Template filters: numbers, days and names in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from varde.publishing import write_count, write_decimal, write_interval

register = template.Library()
_TELEPHONE = re.compile(r"\+?[0-9](?:[ .()-]{0,2}[0-9]){2,14}(?![0-9])")
"""Three to fifteen digits: the longest number that there is (ITU-T E.164), and the short ones."""


def _language() -> str:
    return get_language() or "nb"


@register.filter
def count(value: int) -> str:
    """1234 as "1 234"."""
    return write_count(value, _language())


@register.filter
def decimal(value: float) -> str:
    """4.25 as "4,3"; the unit stands in the column's heading."""
    return write_decimal(value, 1, _language())


@register.filter
def interval(low: float, high: float) -> str:
    """Two percentages as "2,1–7,9"."""
    return write_interval(low, high, 1, _language())


@register.filter
def day(value: date | datetime) -> str:
    """22.11.2026 in Norwegian, 22 Nov 2026 in English."""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    if _language() == "en":
        return f"{local.day} {local:%b %Y}"
    return f"{local:%d.%m.%Y}"


@register.filter
def dial(text: str) -> str:
    """The first telephone number in what was written, as an address of one has it (RFC 3966): "998 87 766 (mor)" as
    "99887766"; empty where there is none."""
    found = _TELEPHONE.search(text)
    return re.sub(r"[^0-9+]", "", found[0]) if found else ""


@register.filter
def moment(value: datetime) -> str:
    """22.11.2026 kl. 14.05 in Norwegian, 22 Nov 2026, 14:05 in English."""
    local = timezone.localtime(value)
    if _language() == "en":
        return f"{day(value)}, {local:%H:%M}"
    return f"{day(value)} kl. {local:%H.%M}"
