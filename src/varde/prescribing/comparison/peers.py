"""Who is similar to a unit, and from how large an area there are enough of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from varde.prescribing.comparison.disclosure import Lack
from varde.prescribing.comparison.rules import Area, Similar, rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a unit is, as on the period's last day.

    Attributes:
        unit: its number.
        kind, role: "prescriber" with "gp" or "out-of-hours"; "institution" with "nursing-home" or "home-care" …
        municipality, county: where it is; blank where it is in none.
        activity: consultations, contacts or persons in the twelve months; None: unknown.
        elderly, children: of its persons, the part that is 70 and older, and below ten; None: unknown.
        short_stay: of its bed days, the part that is short-stay; None: unknown, or there were none.
    """

    unit: str
    kind: str
    role: str = ""
    municipality: str = ""
    county: str = ""
    activity: float | None = None
    elderly: float | None = None
    children: float | None = None
    short_stay: float | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """Units that one is compared with, the unit itself among them where it has a denominator.

    Attributes:
        area, place: how large an area, and which (a number; blank: the country).
        members: their numbers, in order.
        widened: the areas that were too small, with the reason, from the smallest.
    """

    area: Area
    place: str
    members: tuple[str, ...]
    widened: tuple[tuple[Area, Lack], ...]


@dataclass(frozen=True, slots=True)
class NoPeers:
    """There is nobody to be compared with.

    Attributes:
        reason: ``unknown-profile``: something that makes units similar is not known of this one; ``no-rule``: nothing
            says who is similar to its kind; otherwise why the country is too small.
        widened: as of `Circle`.
    """

    reason: Literal["unknown-profile", "no-rule"] | Lack
    widened: tuple[tuple[Area, Lack], ...] = ()


Signature = tuple[str, ...]


def sign(profile: Profile) -> Signature | NoPeers:
    """What a unit shares with all that are similar to it: kind, role and bands."""
    rule = rules().similar_to(profile.kind, profile.role)
    if rule is None:
        return NoPeers("no-rule")
    bands = [_band(steps, value) for steps, value in _measures(rule, profile) if steps]
    if rule.short_stay:
        bands.append(_band_of_stay(rule.short_stay, profile.short_stay))
    if "" in bands:
        return NoPeers("unknown-profile")
    return (profile.kind, profile.role, *bands)


def _measures(rule: Similar, profile: Profile) -> Iterable[tuple[Sequence[float], float | None]]:
    return (
        (rule.activity, profile.activity),
        (rule.elderly, profile.elderly),
        (rule.children, profile.children),
    )


def _band(steps: Sequence[float], value: float | None) -> str:
    """The number of the band, a step belonging to the band above it; blank where the value is unknown."""
    return "" if value is None else str(bisect_right(steps, value))


def _band_of_stay(steps: Sequence[float], short: float | None) -> str:
    """A home is for one kind of stay when at least so much is: at either edge it is not mixed. Blank: unknown."""
    if short is None:
        return ""
    return "0" if short <= steps[0] else "2" if short >= steps[-1] else "1"


def name_stay(short: float, long: float) -> str | None:
    """What a nursing home is by its bed days: "long-stay", "mixed" or "short-stay"; None where it had none."""
    rule = rules().similar_to("institution", "nursing-home")
    if rule is None or short + long <= 0:
        return None
    return rule.names[int(_band_of_stay(rule.short_stay, short / (short + long)))]


@dataclass(slots=True)
class _Group:
    """The similar of one area: their numbers, and of the denominators the sum and the two largest."""

    members: tuple[str, ...]
    total: float
    largest: tuple[float, ...]

    def lack(self, own: float) -> Lack | None:
        """What is wrong with it for a member with that denominator (0: it is not among them)."""
        rule = rules().comparator
        if len(self.members) - (own > 0) < rule.others:
            return "too-few-units"
        if self.largest[0] > rule.most_of_one * self.total:
            return "one-dominates"
        # The reader subtracts the own: of what is left, nobody may have most either.
        other = self.largest[1] if own == self.largest[0] else self.largest[0]
        return "one-dominates" if other > rule.most_of_one * (self.total - own) else None


class Peers:
    """All units of a period, so that each may be asked who is similar to it."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._profiles: dict[str, Profile] = {}
        self._signatures: dict[str, Signature | NoPeers] = {}
        self._members: dict[tuple[Signature, Area, str], list[str]] = defaultdict(list)
        for profile in profiles:
            if profile.unit in self._profiles:
                raise ValueError("a unit has two profiles")
            self._profiles[profile.unit] = profile
            signature = self._signatures[profile.unit] = sign(profile)
            if not isinstance(signature, NoPeers):
                for area, place in _places(profile):
                    self._members[signature, area, place].append(profile.unit)

    def find(
        self, denominator: Mapping[str, float], start: Area = "country"
    ) -> dict[str, Circle | NoPeers]:
        """For every unit those it is compared with, by the denominators of one indicator.

        Units without a denominator are nobody's peers, but have peers themselves. The circle begins with the area
        `start`, and widens while there are fewer than ten others or one unit has more than half.

        Args:
            denominator: by unit; a unit that is not there has none.
            start: the smallest area to look at.
        """
        groups = {key: _gather(units, denominator) for key, units in sorted(self._members.items())}
        return {
            unit: self._find(unit, denominator.get(unit, 0.0), groups, start)
            for unit in self._profiles
        }

    def _find(
        self,
        unit: str,
        own: float,
        groups: Mapping[tuple[Signature, Area, str], _Group],
        start: Area,
    ) -> Circle | NoPeers:
        signature = self._signatures[unit]
        if isinstance(signature, NoPeers):
            return signature
        areas = rules().comparator.areas
        widened: list[tuple[Area, Lack]] = []
        for area, place in _places(self._profiles[unit]):
            if areas.index(area) < areas.index(start):
                continue
            group = groups[signature, area, place]
            lack = group.lack(own)
            if lack is None:
                return Circle(area, place, group.members, tuple(widened))
            widened.append((area, lack))
        return NoPeers(widened[-1][1], tuple(widened))


def _places(profile: Profile) -> list[tuple[Area, str]]:
    """The areas that a unit is in, from the smallest; what it is in no part of is left out."""
    found: dict[Area, str] = {
        "municipality": profile.municipality,
        "county": profile.county,
        "country": "",
    }
    return [
        (area, found[area]) for area in rules().comparator.areas if found[area] or area == "country"
    ]


def _gather(units: Iterable[str], denominator: Mapping[str, float]) -> _Group:
    members = tuple(sorted(unit for unit in units if denominator.get(unit, 0.0) > 0))
    sizes = np.array([denominator[unit] for unit in members], np.float64)
    return _Group(members, float(sizes.sum()), tuple(np.sort(sizes)[::-1][:2].tolist()))
