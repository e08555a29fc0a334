"""Files of prescribing as `ingest` and `deliveries correct` take them in, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from varde.cli.frame import fail, home, now
from varde.terminal import console, progress_bar

if TYPE_CHECKING:
    from varde.deliveries import Receipt
    from varde.messages import Reason

BULK = frozenset({".csv", ".tsv", ".txt", ".parquet"})
"""How the names of files end that may be of prescribing."""
BUNDLES = frozenset({".json"})
"""How the names of files end that may be bundles of administered drugs."""
BEGINNING = 64 * 1024
ROWS_A_BYTE = 1 / 90
"""About how many rows there are in a file, for its bar."""


def split_files(
    paths: Iterable[Path], table: str, mapped: bool = False
) -> tuple[list[Path], list[Path]]:
    """Files of prescribing, and the others.

    Args:
        table: what all of them are said to be; empty: each says itself.
        mapped: whether a column mapping is given. A list that has one is of prescribing only when its headings are
            those of a table; without one it is enough that they are like them.
    """
    from varde.messages import find_mapping
    from varde.messages import find_table as find_published
    from varde.messages.lmdi import looks_like_bundle
    from varde.messages.parquet import is_parquet, write_heading
    from varde.prescribing.reading import find_table

    bulk: list[Path] = []
    others: list[Path] = []
    for path in paths:
        found = bool(table)
        if not found and path.suffix.lower() in BULK:
            try:
                with path.open("rb") as file:
                    beginning = file.read(32 * 1024)
                    headed = write_heading(file) if is_parquet(beginning) else beginning
                    is_message = find_published(headed) is not None
                    like = not mapped and find_mapping(path) is None
                    found = not is_message and find_table(file, path.name, like=like) is not None
            except OSError:
                pass  # who takes it in says what is wrong
        if not found and is_bundle(path):
            try:
                with path.open("rb") as file:
                    found = looks_like_bundle(file.read(BEGINNING))
            except OSError:
                pass
        (bulk if found else others).append(path)
    return bulk, others


def is_bundle(path: Path) -> bool:
    """Whether a file that is of prescribing is a bundle, by its name."""
    return path.suffix.lower() in BUNDLES


def take_files(
    files: Iterable[Path], table: str, source: str, series: str, delivered_at: datetime | None
) -> list[Receipt]:
    """Take files of prescribing in, with a bar for each."""
    from varde.deliveries import take, take_bundle

    receipts = []
    for path in files:
        if not table and is_bundle(path):
            # When it was delivered, a bundle says itself.
            bundle = take_bundle(
                home(), path.read_bytes(), source=source, clock=now, name=path.name
            )
            receipts.append(bundle.receipt)
            continue
        with progress_bar(
            f"Reading {path.name}", int(path.stat().st_size * ROWS_A_BYTE)
        ) as advance:
            receipts.append(
                take(
                    home(),
                    table,
                    path,
                    source=source,
                    series=series,
                    delivered_at=delivered_at or now(),
                    clock=now,
                    progress=advance,
                )
            )
    return receipts


def is_of_no_use(receipt: Receipt) -> bool:
    """Whether nothing of a file can be used."""
    return receipt.state == "refused" or (receipt.rejected > 0 and not receipt.accepted)


def tell(receipts: Iterable[Receipt]) -> None:
    """Say what became of files, for people."""
    for receipt in receipts:
        console.print(_sentence(receipt), markup=False, soft_wrap=True)
        if receipt.replaced_of:
            console.print(
                f"  Rows of another source were replaced ({', '.join(one or '–' for one in receipt.replaced_of)}), as they have "
                "the same numbers. If these are other rows, take this delivery back (`varde deliveries remove "
                f"{receipt.delivery}`) and have the sources number apart, as A-1 and B-1.",
                markup=False,
                style="yellow",
                soft_wrap=True,
            )
        for count in receipt.told:
            console.print(
                f"  kept, and to be looked at: {count.of} {title_of(count.reason)} ({count.count})",
                markup=False,
            )
        if receipt.rejected:
            console.print(
                f"  See why with: varde deliveries rejected --delivery {receipt.delivery}",
                markup=False,
            )


def _sentence(receipt: Receipt) -> str:
    name = f"{receipt.name}: " if receipt.name else ""
    if receipt.refusal is not None:
        refusal = receipt.refusal
        where = " ".join(filter(None, (refusal.place, refusal.shown)))
        title, action = title_of(refusal.reason), action_of(refusal.reason)
        of = f" as {receipt.table}" if receipt.table else ""
        return f"{name}nothing of it can be used{of}: {title}{f' ({where})' if where else ''}. {action}"
    if receipt.duplicate:
        return f"{name}{receipt.table}, delivered before ({receipt.delivery}); nothing changed."
    more = [
        f"{count} {what}"
        for count, what in (
            (receipt.repeated, "repeated"),
            (receipt.replaced, "earlier replaced"),
            (receipt.outdated, "replaced by later deliveries"),
            (receipt.closed, "corrected"),
        )
        if count
    ]
    counts = ", ".join([f"{receipt.accepted} accepted", f"{receipt.rejected} rejected", *more])
    return f"{name}{receipt.table} {receipt.delivery}: {counts}."


def title_of(reason: str) -> str:
    """What a reason is called."""
    known = _explain(reason)
    return known.en.title if known else reason


def action_of(reason: str) -> str:
    """What to do about a reason; empty where nobody has said."""
    known = _explain(reason)
    return known.en.action if known else ""


def _explain(reason: str) -> Reason | None:
    """What a reason means: of tables, else of bundles."""
    from varde.messages.lmdi import reasons as reasons_of_bundles
    from varde.prescribing.reading import reasons

    return reasons().get(reason) or reasons_of_bundles().get(reason)


def as_plain(receipt: Receipt) -> dict[str, Any]:
    """A receipt as scripts see it."""
    found: dict[str, Any] = msgspec.to_builtins(receipt)
    return found


def read_moment(text: str) -> datetime | None:
    """A time that was typed; without zone it is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time: write 2026-11-26 or 2026-11-26T12:00+01:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
