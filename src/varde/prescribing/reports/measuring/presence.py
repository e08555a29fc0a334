"""Why a period has no figure: nothing was delivered of it, the reader was not there yet, or there was nobody to count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from varde.prescribing.indicators import Definition, Period
from varde.prescribing.indicators.delivery import Months
from varde.prescribing.reports.measuring.plans import Plan
from varde.prescribing.reports.report import Why

if TYPE_CHECKING:
    from varde.prescribing.reports.measuring.counting import Counting
    from varde.prescribing.reports.measuring.registers import Registers


RESIDENTS: Final = ("bed-days", "residents")


class Presence:
    """One indicator of all readers of a plan.

    Args:
        delivered: whether a period has what the indicator counts (`Deliveries.is_delivered`).
        stands: whether the register has a reader in a period.
        missing: the months in which not all was delivered that the indicator counts; of surveys, which are of days, none.
    """

    def __init__(
        self,
        definition: Definition,
        delivered: Callable[[Definition, Period], bool],
        stands: Callable[[str, Period], bool],
        missing: Months = frozenset(),
    ) -> None:
        self.missing = missing
        self._definition, self._delivered, self._stands = definition, delivered, stands

    def is_delivered(self, period: Period) -> bool:
        """Whether anybody handed in anything of a period."""
        return self._delivered(self._definition, period)

    def why_not(self, unit: str, period: Period, there: bool) -> Why | None:
        """Why a reader has no figure of a period, where that is not for what was counted.

        Args:
            there: whether the reader has rows of the denominator.
        """
        if not self.is_delivered(period):
            return "unknown"
        if there:
            return None
        if not self._stands(unit, period):
            return "absent"
        # A home that is there has residents: without bed days, or a survey of them, it has not told of them.
        return "unknown" if self._definition.denominator.counts in RESIDENTS else None


def presence_of(
    definition: Definition, counting: Counting, plan: Plan, registers: Registers
) -> Presence:
    """As the delivered tables have it."""
    return Presence(
        definition,
        counting.deliveries.is_delivered,
        lambda unit, period: registers.stands(plan.by, plan.role, unit, period),
        counting.deliveries.missing(definition),
    )
