"""An invented register for the pages' tests: a warehouse of isolates, and a quarantine.

Everything goes in through the rooms' own doors, so that the pages are tested against what they will
meet. The numbers are small, seeded, and chosen so that every status of a row occurs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from messages import kith_builder as kith
from varde.register import ingest, open_register
from varde.warehouse import ISOLATES, SUSCEPTIBILITIES, refresh

OWN, OTHER = "HER:91843", "HER:70001"

# Share resistant, and how many of a hundred isolates are tested.
PANEL = {
    "AMP": (0.36, 100),
    "MEC": (0.05, 100),
    "NIT": (0.015, 100),
    "TMP": (0.22, 100),
    "SXT": (0.21, 98),
    "CIP": (0.09, 97),
    "CTX": (0.055, 96),
    "CAZ": (0.06, 96),
    "GEN": (0.045, 90),
    "TZP": (0.03, 80),
    "MEM": (0.0005, 90),
}
RARE = {"FOS": 12, "COL": 3}  # so few that a share, or even the number, is not shown
SPECIES = (
    ("escherichia-coli", "Escherichia coli", 900),
    ("klebsiella-pneumoniae", "Klebsiella pneumoniae", 200),
    ("proteus-mirabilis", "Proteus mirabilis", 60),
    ("citrobacter-freundii", "Citrobacter freundii", 3),
)
COUNTIES = ("03", "46", "50", "32")


class Invented:
    """Eighteen months of isolates; implements `varde.warehouse.Source`."""

    code_map_version = "invented-codes-1"

    def __init__(self, seed: int = 7) -> None:
        self.rows: dict[str, list[dict[str, object]]] = {}
        self.results: dict[str, list[dict[str, object]]] = {}
        self._draw = random.Random(seed)
        number = 0
        for key, name, count in SPECIES:
            rare = {
                code: self._draw.sample(range(count), few)
                for code, few in RARE.items()
                if count > 500
            }
            for index in range(count):
                number += 1
                tested = [code for code, chosen in rare.items() if index in chosen]
                self._add(number, key, name, tested)
        self._add(number + 1, None, "", [])

    def _add(self, number: int, key: str | None, name: str, rare: list[str]) -> None:
        draw = self._draw
        day = date(2025, 1, 1) + timedelta(days=draw.randrange(540))
        month = f"{day:%Y-%m}"
        material = draw.choice(("urine", "urine", "urine", "blood", "wound"))
        self.rows.setdefault(month, []).append(
            {
                "isolate_id": number,
                "person_id": number if draw.random() > 0.15 else max(1, number - 1),
                "organism": key,
                "episode_key": name,
                "material": material,
                "material_group": material,
                "laboratory": OWN,
                "collected": day,
                "year": day.year,
                "county": draw.choice(COUNTIES),
                "municipality": "0301",
                "age": draw.randrange(100),
                "sex": draw.choice("FM"),
                "ward": "",
                "status": "F",
                "tie": 0,
            }
        )
        results = self.results.setdefault(month, [])
        for code, (share, tested) in PANEL.items():
            if draw.random() * 100 < tested:
                drawn = draw.random()
                sir = "R" if drawn < share else "I" if drawn < share + 0.02 else "S"
                results.append({"isolate_id": number, "antibiotic": code, "sir": sir, "mic": ""})
        for code in rare:
            results.append({"isolate_id": number, "antibiotic": code, "sir": "S", "mic": ""})
        if number % 100 == 0:
            results.append({"isolate_id": number, "antibiotic": None, "sir": "S", "mic": ""})

    def partitions(self) -> Mapping[str, int]:
        return dict.fromkeys(sorted(self.rows), 1)

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        yield from pa.Table.from_pylist(self.rows[partition], ISOLATES).to_batches()

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        yield from pa.Table.from_pylist(self.results[partition], SUSCEPTIBILITIES).to_batches()

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        return iter(())


def write_warehouse(home: Path) -> None:
    """Make the warehouse under `home`."""
    refresh(home / "warehouse", Invented())


def bad_answers() -> dict[str, bytes]:
    """Files that cannot be used, from two laboratories, and one whose sender cannot be read."""
    other = kith.provider(her="70001")
    return {
        "HER_91843/2026-11/own-without-date.xml": kith.message(
            kith.report(
                kith.patient(kith.specimen(collected=None), kith.culture("E. coli")), own="R-OWN-1"
            ),
            message_id="OWN-1",
        ),
        "HER_91843/2026-11/own-bad-service.xml": kith.message(
            kith.report(service="X", own="R-OWN-2"), message_id="OWN-2"
        ),
        "other-bad-service.xml": kith.message(
            kith.report(service="X", sender=other), message_id="OTHER-1"
        ),
        "cut.xml": kith.message(kith.report())[:200],
    }


def good_answer(sender: str | None = None, antibiotic: str = "Oppdiktomycin") -> bytes:
    """An answer that is taken in, with an antibiotic that no code map knows."""
    finding = kith.identification(
        "Escherichia coli",
        nested=[kith.susceptibility(antibiotic=(kith.LOCAL, "XX9", antibiotic), sir="R")],
    )
    return kith.message(
        kith.report(kith.patient(kith.specimen(), finding), own=f"R-{antibiotic}", sender=sender),
        message_id=f"GOOD-{antibiotic}",
    )


def fill_register(home: Path) -> None:
    """Take the bad answers, and one good from each laboratory, into the register."""
    folder = home / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        **bad_answers(),
        "good.xml": good_answer(),
        "good-other.xml": good_answer(kith.provider(her="70001"), "Fremmedomycin"),
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    ingest(open_register(home), [folder], lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
