"""Which dots of a group's report may be seen now, when others were seen before: whoever has seen two versions of a report
knows whose dots came or went between them, and who gave consent or took it back may be known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone

from varde.learning.models import ShownDots
from varde.learning.sealed_rows import alone

Doctors = frozenset[str]
FEWEST = 5
"""So many dots at least are shown, and so many at least come or go between any two versions."""


def choose_dots(agreed: Doctors, seen: Sequence[Doctors]) -> Doctors:
    """Of whom the dots are: of all who agree, where no version that was seen differs from that by a few; else of those of
    the largest version seen of whom all agree still; else of nobody.

    Args:
        agreed: those who agree now, and have a figure.
        seen: of whom the dots were in each version seen before.
    """
    if len(agreed) >= FEWEST and all(_is_far(agreed, one) for one in seen):
        return agreed
    still = [one for one in seen if one <= agreed]
    return max(still, key=lambda one: (len(one), sorted(one)), default=frozenset())


def _is_far(one: Doctors, other: Doctors) -> bool:
    return all(len(some) == 0 or len(some) >= FEWEST for some in (one - other, other - one))


def show_dots(
    group: str,
    year: int,
    agreed: Mapping[str, Doctors],
    may_know: Callable[[str, Doctors], bool],
) -> Mapping[str, Doctors]:
    """Of whom the dots are that a group's leader sees now, by indicator; what is shown for the first time is noted.

    Args:
        agreed: by indicator, those who agree now and have a figure of it.
        may_know: whether the leader may have seen the dots of all these, given the indicator.
    """
    found: dict[str, Doctors] = {}
    with alone():
        seen: dict[str, list[Doctors]] = defaultdict(list)
        for row in ShownDots.objects.filter(group=group, year=year).order_by("pk"):
            seen[row.indicator].append(frozenset(row.members.split()))
        for key, some in agreed.items():
            chosen = choose_dots(some, seen[key])
            found[key] = chosen if may_know(key, chosen.union(*seen[key])) else frozenset()
        ShownDots.objects.bulk_create(
            ShownDots(
                group=group,
                year=year,
                indicator=key,
                members=" ".join(sorted(some)),
                shown_at=timezone.now(),
            )
            for key, some in found.items()
            if some and some not in seen[key]
        )
    return found
