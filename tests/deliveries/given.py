"""Small files as sources deliver them, and what of the tables is looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from varde.deliveries import Receipt, open_tables, take

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
IDENTITY = "01010750160"
"""A number of the tax administration's form whose control digits are right."""


def clock() -> datetime:
    return NOW


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def bed_days(*rows: tuple[str, str, str], heading: str = "") -> bytes:
    """Rows of one institution: month, stay, bed days."""
    lines = [heading or "institution;month;stay;bed_days"]
    lines += [f"974760673;{';'.join(row)}" for row in rows]
    return ("\n".join(lines) + "\n").encode()


def dispensings(*rows: dict[str, str]) -> bytes:
    usual = {
        "dispensing_id": "D1",
        "dispensed_on": "2026-01-05",
        "prescriber": "1234567",
        "patient": "p-1",
        "age": "42",
        "sex": "F",
        "atc": "J01CE02",
        "ddd": "2,5",
        "ddd_version": "2026",
    }
    lines = [";".join(usual)] + [";".join((usual | row).values()) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def deliver(home: Path, content: bytes | Path | BinaryIO, on: int = 1, **said: Any) -> Receipt:
    said = {"table": "", "source": "FHI"} | said
    return take(
        home, said.pop("table"), content, delivered_at=day(on), clock=clock, **said
    )  # fmt: skip


def rows_of(home: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in an order of their own."""
    with open_tables(home) as tables:
        rows = tables.fetch(tables[table]).to_pylist()
    return sorted(rows, key=str)


def held(home: Path) -> dict[tuple[str, str], str]:
    """Month and stay → bed days."""
    return {
        (f"{row['month']:%Y-%m}", row["stay"]): str(row["bed_days"])
        for row in rows_of(home, "bed-days")
    }
