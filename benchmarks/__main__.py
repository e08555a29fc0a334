"""Run every benchmark and print its ratios; `python -m benchmarks ingest` runs one, `--help` names them all."""

from __future__ import annotations

import sys

from benchmarks import (
    antibiogram,
    api,
    audit,
    cases,
    followup,
    indicators,
    ingest,
    intake,
    linkage,
    lookup,
    notifications,
    reports,
    snomed,
)

ALL = {
    "ingest": ingest.run,
    "intake": intake.run,
    "cases": cases.run,
    "followup": followup.run,
    "notifications": notifications.run,
    "linkage": linkage.run,
    "lookup": lookup.run,
    "antibiogram": antibiogram.run,
    "indicators": indicators.run,
    "snomed": snomed.run,
    "api": api.run,
    "audit": audit.run,
    "reports": reports.run,
}


def main() -> None:
    asked = sys.argv[1:]
    if strange := [name for name in asked if name not in ALL]:
        print(f"python -m benchmarks [NAME …], of {', '.join(ALL)}; all when none is named.")
        print("How much data each has is said by the environment, VARDE_BENCH_…: see its file.")
        sys.exit(0 if strange in (["--help"], ["-h"]) else 2)
    for name in asked or ALL:
        ALL[name]()
        print()


if __name__ == "__main__":
    main()
