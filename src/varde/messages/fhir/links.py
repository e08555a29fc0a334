"""What the results of a FHIR answer hang on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from varde.messages.answers.notes import Noted
from varde.messages.errors import InvalidContent
from varde.messages.fhir.items import Item
from varde.messages.kith.items import MAX_NESTING

MAX_GROUPS = 500
"""Most groups above a result that are searched for an organism."""


class Nearest(NamedTuple):
    """What an item hangs on.

    Attributes:
        findings: the nearest organism on each way up; never more than two.
        taken_back: on some way up something was cancelled.
        height: how long the longest of these ways is.
    """

    findings: tuple[Item, ...] = ()
    taken_back: bool = False
    height: int = 0


class Links:
    """The ways up from the items of one report, each walked once."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._some_taken_back = any(item.taken_back for item in items)
        self._groups: dict[int, Group] = {}
        self._nearest: dict[int, Nearest | None] = {}
        self._taken_back: dict[int, bool] = {}

    def is_taken_back(self, item: Item, depth: int = 0) -> bool:
        """Whether an item is cancelled, or everything that it hangs on is."""
        if not self._some_taken_back or item.taken_back or not item.parents:
            return item.taken_back
        known = self._taken_back.get(id(item))
        if known is None:
            self._taken_back[id(item)] = False  # what hangs on itself is not cancelled by that
            known = depth < MAX_NESTING and all(
                self.is_taken_back(parent, depth + 1) for parent in item.parents
            )
            self._taken_back[id(item)] = known
        return known

    def nearest(self, item: Item, depth: int = 0) -> Nearest:
        """The organisms that an item hangs on.

        Raises:
            InvalidContent: ``cyclic-reference`` or ``too-deep``.
        """
        if len(item.parents) == 1 and item.parents[0].finding:
            return Nearest((item.parents[0],))  # nearly always
        if id(item) in self._nearest:
            known = self._nearest[id(item)]
            if known is None:
                raise InvalidContent("cyclic-reference", item.at("hasMember"))
            return known
        if depth > MAX_NESTING:
            raise InvalidContent("too-deep", item.at(), f"> {MAX_NESTING}")
        self._nearest[id(item)] = None
        findings: dict[int, Item] = {}
        taken_back, height = False, 0
        for parent in item.parents:
            if parent.finding:
                findings[id(parent)] = parent
            elif self.is_taken_back(parent):
                taken_back = True
            else:
                above = self.nearest(parent, depth + 1)
                findings.update((id(finding), finding) for finding in above.findings)
                taken_back = taken_back or above.taken_back
                height = max(height, above.height + 1)
        if height > MAX_NESTING:
            raise InvalidContent("too-deep", item.at(), f"> {MAX_NESTING}")
        found = Nearest(tuple(findings.values())[:2], taken_back, height)
        self._nearest[id(item)] = found
        return found

    def only_in_group(self, item: Item) -> Item | None:
        """The only organism among the members of the nearest group above that has any.

        None when there are several, when there is none in `MAX_GROUPS`, and for a measured value in a group without any category: that
        may be a CRP.
        """
        seen = {id(item)}
        pending = deque(item.parents)
        while pending and len(seen) < MAX_GROUPS:
            parent = pending.popleft()
            if id(parent) in seen:
                continue
            seen.add(id(parent))
            group = self._members_of(parent)
            if group.organisms:
                fits = item.role == "susceptibility" or group.susceptibilities
                return group.organisms[0] if fits and len(group.organisms) == 1 else None
            pending.extend(parent.parents)
        return None

    def only_detection(self, item: Item) -> Item | None:
        """The positive search that an item hangs on; None when there is none, or several."""
        found: list[Item] = []
        seen = {id(item)}
        pending = list(item.parents)
        while pending and len(seen) <= MAX_GROUPS:
            parent = pending.pop()
            if id(parent) not in seen and not self.is_taken_back(parent):
                seen.add(id(parent))
                is_one = parent.detected is not None and not isinstance(parent.detected, Noted)
                found += [parent] if is_one else []
                pending += [] if is_one else parent.parents
        return found[0] if len(found) == 1 else None

    def _members_of(self, parent: Item) -> Group:
        if not self._groups:
            for item in self._items:
                for own in item.parents:
                    group = self._groups.setdefault(id(own), Group())
                    if item.finding:
                        group.organisms.append(item)
                    group.susceptibilities += item.role == "susceptibility"
        return self._groups[id(parent)]


class Group:
    """The members of one item that matter: organisms, and how many susceptibilities."""

    def __init__(self) -> None:
        self.organisms: list[Item] = []
        self.susceptibilities = 0
