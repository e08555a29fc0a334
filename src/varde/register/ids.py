"""Composed ids: where a row belongs can be read off its number.

A report's findings have the ids ``report × 1024 + number``, a finding's susceptibilities
``finding × 256 + number``, and so on: rows of one report lie together in the table, need no index to
be found and are removed by a range. 63 bits leave room for 2⁴⁵ reports (18 × 10⁹ a year for 1900
years) and 2³⁹ messages.
"""

from __future__ import annotations

ITEMS = 1 << 24
"""Most items in one message (rows of a line list)."""
PARTS = 1 << 10
"""Most specimens in one report, and most findings; numbers start at 1."""
RESULTS = 1 << 8
"""Most susceptibilities of one finding."""
EXPRESSIONS = 1 << 12
"""Most unmapped expressions kept of one report."""
NODE_KEYS = 1 << 8
"""Most blocking keys of one node."""


def item_id(message: int, position: int) -> int:
    """Id of the item at `position` (from 0) of a message."""
    return message * ITEMS + position


def message_of(item: int) -> tuple[int, int]:
    """Message and position of an item."""
    return divmod(item, ITEMS)


def part_id(report: int, number: int) -> int:
    """Id of a report's specimen or finding `number` (from 1)."""
    return report * PARTS + number


def result_id(finding: int, number: int) -> int:
    """Id of a finding's susceptibility `number` (from 0)."""
    return finding * RESULTS + number


def expression_id(report: int, number: int) -> int:
    """Id of a report's unmapped expression `number` (from 0)."""
    return report * EXPRESSIONS + number


def node_key_id(node: int, number: int) -> int:
    """Id of a node's blocking key `number` (from 0)."""
    return node * NODE_KEYS + number
