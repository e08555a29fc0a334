"""Sets that grow together: which of many things are connected."""

from __future__ import annotations


class Sets:
    """Each of `count` things is at first alone.

    The name of a set is its least member, so that it does not depend on the order of joining.
    """

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def find(self, one: int) -> int:
        """The name of the set that something is in."""
        root = one
        while self._above[root] != root:
            root = self._above[root]
        while self._above[one] != root:
            self._above[one], one = root, self._above[one]
        return root

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        first, second = sorted((self.find(one), self.find(other)))
        self._above[second] = first
