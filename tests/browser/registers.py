"""The registers that the browser looks at: isolates as the other pages have them, and rows of every other kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from figures.random_registers import invent
from figures.register_rows import isolate, result, source, write
from varde.warehouse import refresh
from warehouse.memory_source import MemorySource
from web.invented import OTHER, OWN, Invented

SIZE = 400


class Registers(Invented):
    """Invented isolates beside invented rows of every other kind."""

    def __init__(self) -> None:
        super().__init__()
        rows = invent(5, SIZE)
        for finding in rows["findings"]:
            finding["laboratory"] = {"HER:1": OWN, "HER:2": OTHER}[finding["laboratory"]]
        self.others_too: MemorySource = source(**rows)

    def partitions(self) -> Mapping[str, int]:
        return dict.fromkeys(sorted({*self.rows, *self.others_too.partitions()}), 1)

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        return super().isolates(partition) if partition in self.rows else iter(())

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        return super().susceptibilities(partition) if partition in self.results else iter(())

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        return self.others_too.others(table, partition)


def write_registers(home: Path) -> None:
    """The warehouses of the register of persons, of NORM and of RAVN."""
    refresh(home / "warehouse", Registers())
    for name, organism, drug in (
        ("norm", "escherichia-coli", "CIP"),
        ("ravn", "influenza-a-virus", "OSEL"),
    ):
        isolates = [isolate(number, person_id=None, organism=organism) for number in range(1, 61)]
        results = [result(number, drug, "R" if number < 9 else "S") for number in range(1, 61)]
        write(home / name / "warehouse", isolates=isolates, susceptibilities=results)
