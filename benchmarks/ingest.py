"""End-to-end intake of KITH messages to durable SQLite, against parsing the same bytes alone.

Parse-only is the floor: the least that any intake of these bytes must do. The intake does all the
rest as well: reads the files, seals and logs the bytes, commits with ``synchronous=FULL``, recognises
duplicates, folds into persons, specimens, findings and susceptibilities, and commits again.

Each of the two runs in a process of its own, so that peak memory is its own. The intake's is taken at
every quarter of the messages: it rises while SQLite fills its page cache (64 MB), then levels off.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MESSAGES = 20_000


def run(messages: int = MESSAGES) -> dict[str, Any]:
    """Measure and print; the ratio is throughput of the intake over throughput of the parser."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        inbox = Path(folder) / "inbox"
        size = write_messages(inbox, messages)
        parse = _in_process("parse", inbox, Path(folder))
        intake = _in_process("intake", inbox, Path(folder))
    ratio = {clock: parse[clock] / intake[clock] for clock in ("wall", "cpu")}
    per_second = {name: messages / run["wall"] for name, run in (("p", parse), ("i", intake))}
    print(f"Intake of {messages} KITH messages ({size / messages / 1000:.1f} kB each)")
    print(f"  parse only          {per_second['p']:8.0f} messages/s   {parse['peak']:6.0f} MB")
    print(f"  durable end to end  {per_second['i']:8.0f} messages/s   {intake['peak']:6.0f} MB")
    print(
        f"  throughput ratio    {ratio['wall']:8.2f} wall, {ratio['cpu']:.2f} CPU (aim: at least 0.33)"
    )
    quarters = ", ".join(f"{peak:.0f}" for peak in intake["quarters"])
    print(f"  peak memory         {quarters} MB after each quarter of the messages")
    return {"ratio": ratio, "parse": parse, "intake": intake}


def write_messages(inbox: Path, messages: int) -> int:
    """Write that many XML files of the invented Norway; the total of their bytes."""
    from varde.synthetic import messages as make

    total = written = 0
    for name, data in make(isolates=messages * 2, lists=False, bad_share=0):
        folder = inbox / f"{written // 1000:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{written:07d}-{Path(name).name}").write_bytes(data)
        total += len(data)
        written += 1
        if written == messages:
            return total
    raise RuntimeError(f"the invented Norway wrote only {written} messages")


def _in_process(what: str, inbox: Path, folder: Path) -> dict[str, Any]:
    environment = os.environ | {"VARDE_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "benchmarks.ingest", what, str(inbox)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parse(files: list[Path]) -> dict[str, Any]:
    from varde.messages import LabReport, read

    contents = [file.read_bytes() for file in files]
    wall, cpu = time.perf_counter(), time.process_time()
    reports = 0
    for data in contents:
        reports += sum(isinstance(record, LabReport) for record in read(data))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert reports, "nothing was read"
    return {"wall": wall, "cpu": cpu, "peak": _peak()}


def _intake(files: list[Path], inbox: Path) -> dict[str, Any]:
    from varde.cli import now, open_home

    register = open_home()
    from varde.register import ingest

    quarters: list[float] = []
    taken = 0

    def watch(count: int) -> None:
        nonlocal taken
        taken += count
        if taken * 4 >= len(files) * (len(quarters) + 1):
            quarters.append(_peak())

    wall, cpu = time.perf_counter(), time.process_time()
    counts = ingest(register, [inbox], now, progress=watch).counts
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert counts.received == len(files), counts
    return {"wall": wall, "cpu": cpu, "quarters": quarters, "peak": _peak()}


def main() -> None:
    what, inbox = sys.argv[1:]
    files = sorted(Path(inbox).rglob("*.xml"))
    result = _parse(files) if what == "parse" else _intake(files, Path(inbox))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
