"""The register's rules as one would say them: over all messages at once, without a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from varde import messages as wire
from varde.messages import Failure, LabReport
from varde.messages.records import Statement
from varde.register.kinds import project
from varde.register.projection import Context
from varde.register.versions import fingerprint, merge, version_key

Key = tuple[str, str, str]


def expected_reports(files: Iterable[bytes], context: Context) -> set[tuple[str, ...]]:
    """(kind, sender, number, version, cancelled, digest) of every statement that stands."""
    versions: dict[Key, dict[bytes, tuple[str, Statement]]] = defaultdict(dict)
    for data in files:
        for record in wire.read(data):
            if isinstance(record, Failure):
                continue
            digest = fingerprint(record, context.fingerprint)
            # One message id, two contents: only the newest of them counts.
            rivals = versions[record.kind, record.sender, record.message_id]
            rivals[digest] = (version_key(record, digest), record)
    by_report: dict[Key, dict[str, Statement]] = defaultdict(dict)
    for rivals in versions.values():
        key, record = max(rivals.values(), key=lambda rival: rival[0])
        by_report[record.kind, record.sender, record.report_id][key] = record
    expected = set()
    for name, known in by_report.items():
        base, record = _standing(known)
        cancelled = str(int(record.service_type == "C"))
        expected.add((*name, base, cancelled, project(record, context).digest.hex()))
    return expected


def found_reports(state: dict[str, Any]) -> set[tuple[str, ...]]:
    """The same of a register's state (`answers.register_state`)."""
    return {(row[11], row[0], row[1], row[2], row[3], row[10]) for row in state["reports"]}


def _standing(known: dict[str, Statement]) -> tuple[str, Statement]:
    keys = sorted(known)
    bases = [key for key in keys if known[key].service_type != "A"] or keys[:1]
    base = bases[-1]
    record = known[base]
    for key in keys:
        addition = known[key]
        if key > base and addition.service_type == "A":
            assert isinstance(record, LabReport) and isinstance(addition, LabReport)
            record = merge(record, addition)
    return base, record
