"""Run every benchmark and print its ratios; `python -m benchmarks ingest` runs one."""

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
    for name in sys.argv[1:] or ALL:
        ALL[name]()
        print()


if __name__ == "__main__":
    main()
