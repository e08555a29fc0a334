"""A source held in memory: what the register is to the warehouse, as plain lists of dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from varde.warehouse import ISOLATES, SUSCEPTIBILITIES, TABLES

Rows = Sequence[Mapping[str, Any]]


@dataclass
class MemorySource:
    """Months → (version, isolates, susceptibilities)."""

    months: dict[str, tuple[int, Rows, Rows]] = field(default_factory=dict)
    code_map_version: str = "codes-1"
    batch_rows: int = 3
    more: dict[str, dict[str, Rows]] = field(default_factory=dict)
    """Table → month → rows, of the tables beside isolates and results."""

    def partitions(self) -> Mapping[str, int]:
        return {month: version for month, (version, _, _) in self.months.items()}

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        return self._batches(self.months[partition][1], ISOLATES)

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        return self._batches(self.months[partition][2], SUSCEPTIBILITIES)

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        return self._batches(self.more.get(table, {}).get(partition, ()), TABLES[table])

    def _batches(self, rows: Rows, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        table = pa.Table.from_pylist([dict(row) for row in rows], schema)
        yield from table.to_batches(max_chunksize=self.batch_rows)

    @classmethod
    def of(cls, isolates: Rows, susceptibilities: Rows) -> MemorySource:
        """Everything at version 1, each isolate in the month it was taken."""
        month_of = {row["isolate_id"]: month(row["collected"]) for row in isolates}
        return cls(
            {
                name: (
                    1,
                    [row for row in isolates if month_of[row["isolate_id"]] == name],
                    [row for row in susceptibilities if month_of[row["isolate_id"]] == name],
                )
                for name in sorted(set(month_of.values()))
            }
        )


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def isolate(isolate_id: int, **values: Any) -> dict[str, Any]:
    """An isolate in the schema ISOLATES; what is not given is ordinary."""
    row: dict[str, Any] = {
        "isolate_id": isolate_id,
        "person_id": isolate_id,
        "organism": "escherichia-coli",
        "episode_key": "Escherichia coli",
        "material": "urine",
        "material_group": "urine",
        "laboratory": "HER:1",
        "collected": date(2026, 1, 15),
        "county": "03",
        "municipality": "0301",
        "age": 40,
        "sex": "F",
        "ward": "",
        "status": "F",
        "tie": 0,
    }
    row.update(values)
    row.setdefault("year", row["collected"].year)
    return row


def result(isolate_id: int, antibiotic: str | None = "CIP", sir: str = "S") -> dict[str, Any]:
    """A result in the schema SUSCEPTIBILITIES."""
    return {"isolate_id": isolate_id, "antibiotic": antibiotic, "sir": sir, "mic": ""}
