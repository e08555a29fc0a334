"""Some reports looked at again under today's code maps, without reading the whole log.

A report's rows are a function of its versions and the maps (`kinds.project`). When it is known which
reports a change of the maps can touch, making those anew gives what a replay of everything gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from varde.access.sealing import Sealer
from varde.register import ids, store
from varde.register.chunk import Chunk, Version, load_reports
from varde.register.fold import open_contents
from varde.register.kinds import project
from varde.register.lost_findings import needs_contents
from varde.register.projection import Context
from varde.register.putting_aside import correct_receipts, put_aside, write_put_aside
from varde.register.requisitions import may_be_apart
from varde.register.rows import Projections, write_reports
from varde.register.standing import resolve
from varde.register.store import connection
from varde.register.versions import may_be_several

BATCH = 500


def project_again(
    reports: Sequence[int],
    context: Context,
    sealer: Sealer,
    now: datetime | None,
    cases: bool = True,
) -> int:
    """Make reports anew from their versions in the log. Inside the caller's transaction, which has
    `store.lock`.

    A report whose messages today's readers read otherwise is left as it is: only a replay can tell what
    becomes of it.

    Args:
        reports: their ids; those that are not there are passed over.
        cases: as of `write_reports`.
        now: for what is put in quarantine, or comes out of it; None for kinds that have no additions.

    Returns:
        How many of them mean something else now.
    """
    changed = 0
    for start in range(0, len(reports), BATCH):
        chunk = load_reports(reports[start : start + BATCH])
        digests = {key: bytes(row.digest) for key, row in chunk.rows.items()}
        projections = _project(chunk, context, sealer)
        unmapped = _count_unmapped([row.id for row in chunk.rows.values()])
        aside = put_aside(chunk, projections)
        write_reports(chunk, projections, context, cases)
        if now is not None:
            write_put_aside(aside, chunk, (), now)
        moved: Counter[int] = Counter()
        for each in chunk.moved:
            moved[ids.message_of(each.item)[0]] += 1 if each.state == "P" else -1
        correct_receipts(moved)
        changed += sum(bytes(chunk.rows[key].digest) != digests[key] for key in projections)
        fewer: Counter[int] = Counter()
        for key, (version, projection) in projections.items():
            if version is not None and projection is not None:
                message = ids.message_of(version.item)[0]
                fewer[message] += unmapped[chunk.rows[key].id] - len(projection.unmapped)
        _correct_receipts(fewer)
    return changed


def _project(chunk: Chunk, context: Context, sealer: Sealer) -> Projections:
    """For each report its version as it stands, and what that means."""
    needed = {key: _needed(chunk.known(key)) for key in chunk.rows if chunk.versions.get(key)}
    open_contents((v for versions in needed.values() for v in versions), sealer)
    projections: Projections = {}
    for key, versions in needed.items():
        contents = [(v.key, v.content) for v in versions if v.content is not None]
        standing = resolve(contents) if len(contents) == len(versions) else None
        if standing is not None:
            current = next(v for v in versions if v.key == standing[0])
            current.content = standing[1]
            projections[key] = (current, project(standing[1], context))
    return projections


def _needed(versions: Sequence[Version]) -> Sequence[Version]:
    """The versions that decide how a report stands: all when there are additions or several things, else the newest."""
    answers = [version.key for version in versions if version.service_type != "A"]
    several = may_be_several(answers) or may_be_apart(versions)
    if len(answers) < len(versions) or several or needs_contents(versions):
        return versions
    return [max(versions, key=lambda version: version.key)]


def _count_unmapped(reports: Sequence[int]) -> Counter[int]:
    """How many expressions that nobody knows each report has."""
    counts: Counter[int] = Counter()
    with connection.cursor() as cursor:
        for report in reports:
            cursor.execute(
                "SELECT COUNT(*) FROM register_unmapped WHERE id >= %s AND id < %s",
                [ids.expression_id(report, 0), ids.expression_id(report + 1, 0)],
            )
            counts[report] = int(cursor.fetchone()[0])
    return counts


def _correct_receipts(fewer: Counter[int]) -> None:
    """Take what is known now off the receipts of the messages."""
    least = "GREATEST" if store.is_postgres() else "MAX"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE register_receipt SET unmapped = {least}(unmapped - %s, 0) WHERE message = %s",
            [(number, message) for message, number in sorted(fewer.items()) if number],
        )
