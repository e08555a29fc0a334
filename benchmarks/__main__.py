"""Run every benchmark and print its ratios; `python -m benchmarks ingest` runs one."""

from __future__ import annotations

import sys

from benchmarks import antibiogram, api, ingest, intake, notifications, snomed

ALL = {
    "ingest": ingest.run,
    "intake": intake.run,
    "notifications": notifications.run,
    "antibiogram": antibiogram.run,
    "snomed": snomed.run,
    "api": api.run,
}


def main() -> None:
    for name in sys.argv[1:] or ALL:
        ALL[name]()
        print()


if __name__ == "__main__":
    main()
