"""Reading clinicians' notifications, against decoding the same JSON and doing nothing with it.

Decoding is the floor. Reading does all the rest as well: the format is told from the others, encoding, depth and
keys that stand twice are checked, codes are looked up in their lists, numbers of persons and days are checked,
and records are made. Rounds of both take turns, and the quickest of each counts: a neighbour on the machine
slows single rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

CASES = 6_000
ROUNDS = 9
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)


def run(cases: int = CASES) -> dict[str, Any]:
    """Measure and print; the ratio is throughput of the reader over throughput of the decoder."""
    from varde.synthetic import Notifications

    files = list(Notifications(cases=cases, bad_share=0).messages())
    kinds = {
        "one in a file": [data for name, data in files if name.count("/") == 2],
        "one on a line": [data for name, data in files if name.endswith(".ndjson")],
        "in an array": [
            data for name, data in files if name.count("/") == 1 and name.endswith(".json")
        ],
    }
    print(f"Reading {cases} notifications and their versions")
    ratios = {}
    for kind, data in kinds.items():
        count = _read(data)
        size = sum(map(len, data)) / count
        decoding, reading = _time(_decode, data), _time(_read, data)
        ratios[kind] = decoding / reading
        print(
            f"  {kind:14} {size:5.0f} bytes each: decode {decoding / count * 1e6:5.1f} µs, "
            f"read {reading / count * 1e6:6.1f} µs, ratio {ratios[kind]:.2f}"
        )
    return {"ratio": ratios}


def _time(work: Callable[[Sequence[bytes]], int], data: Sequence[bytes]) -> float:
    """CPU seconds of the quickest of some rounds."""
    took = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work(data)
        took.append(time.process_time() - started)
    return min(took)


def _decode(data: Sequence[bytes]) -> int:
    decoded = 0
    for each in data:
        for line in each.splitlines() if not each.startswith(b"[") else (each,):
            value = msgspec.json.decode(line)
            decoded += len(value) if isinstance(value, list) else 1
    return decoded


def _read(data: Sequence[bytes]) -> int:
    from varde.messages import Failure, read

    records = 0
    for each in data:
        for record in read(each, None, RECEIVED):
            assert not isinstance(record, Failure), record
            records += 1
    return records
