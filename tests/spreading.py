"""How tests are spread over workers: as pytest-xdist spreads groups, without looking through all that is done already.

After each test pytest-xdist counts what a worker has left in all that the worker was ever given. With 15,000 tests, most of
them a group of their own, the process that hands them out would be busy for most of a minute that the workers need.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadGroupScheduling


class Spreading(LoadGroupScheduling):  # type: ignore[misc]
    """Forgets a group when the last of its tests is done."""

    def _reschedule(self, node: Any) -> None:
        given = self.assigned_work[node]
        for name in [name for name, tests in given.items() if all(tests.values())]:
            del given[name]
        super()._reschedule(node)
