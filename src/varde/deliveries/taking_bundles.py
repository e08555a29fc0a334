"""Taking a bundle of administered drugs in: two deliveries, each in one step, the bundle's own first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from varde.deliveries.bundles import FORMAT, SERIES, dated, write_institutions
from varde.deliveries.manifest import Refusal
from varde.deliveries.taking import Receipt, take
from varde.messages.lmdi import Outcome


class BundleReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a bundle.

    Attributes:
        receipt: of the delivery that keeps its bytes.
        outcomes: one for each entry.
    """

    receipt: Receipt
    outcomes: tuple[Outcome, ...] = ()

    @property
    def refusal(self) -> Refusal | None:
        """Why nothing of it can be used; then there are no outcomes."""
        return self.receipt.refusal


def take_bundle(
    home: Path, data: bytes, *, source: str, clock: Callable[[], datetime], name: str = ""
) -> BundleReceipt:
    """Take a bundle of administered drugs in. When this returns, it survives a power cut.

    Of two bundles that say something of one administration the one that was made later holds, whichever came first.

    Args:
        source: who sends it: the key of a sender, which may speak for its own organisations alone.
        clock: the time now.

    Raises:
        KeyProblem, DeliveriesError, OSError: see `take`.
    """
    moment, read = dated(data, source, clock())
    series = f"{SERIES}|{source}"  # the same bytes of another sender are another delivery
    receipt = take(
        home,
        "administrations",
        data,
        source=source,
        delivered_at=moment,
        clock=clock,
        name=name,
        series=series,
        format=FORMAT,
    )
    if read is None or receipt.state == "refused":
        return BundleReceipt(receipt=receipt)
    if read.institutions:
        take(
            home,
            "institutions",
            write_institutions(read.institutions),
            source=source,
            delivered_at=moment,
            clock=clock,
            # Once a month the same is said anew, so that what was said before and again holds over what was between.
            series=f"{series}|{moment:%Y-%m}",
        )
    return BundleReceipt(receipt=receipt, outcomes=read.outcomes)
