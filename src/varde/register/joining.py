"""Cross-sender duplicates: what two laboratories report of one specimen is counted once, with the reason kept.

It is isolates that are counted as such: what was found otherwise than by growing it is joined, too, but is never counted
among them, and its results never stand for an isolate's. The rule is `sameness`; here it is applied to the persons whose answers changed, and what it says is written to
`register_joined`. Nothing is taken away: both answers stand, and a correction or cancellation of one gives the
other back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from varde.codes import organisms
from varde.register import ids, store
from varde.register.sameness import Found, Joined, Results, choose, find_joined
from varde.register.store import connection

IS_ISOLATE = "f.method IN ('', 'culture')"
"""Of a finding `f`: it grew, or nothing says how it was found. A piece of genome or an antibody is no isolate: it must
not become somebody's first, nor be counted among the tested."""

_COLUMNS = ("id", *Joined._fields[1:])
_MADE = 21
"""Characters of a version key that say when it was made; those after it are no matter of time."""


def join(persons: Iterable[int], reports: Collection[int]) -> None:
    """Work out anew which findings of these persons are one; the months in which that changes what is
    counted are touched. Inside the caller's transaction, after the reports are written.

    Args:
        reports: the ids of the answers that changed, whose own months the caller touches.
    """
    affected = sorted(set(persons))
    if not affected:
        return
    before = {
        row[0]: Joined._make(row)
        for row in store.select_in("joined", ", ".join(_COLUMNS), "person", affected)
    }
    several = _known_to_several(affected)
    if not before and not several:
        return
    after = {each.finding: each for each in _joined(several)}
    changed = {
        finding for finding in {*before, *after} if before.get(finding) != after.get(finding)
    }
    _write(before, after, changed)
    touched = changed | {finding for finding in after if finding // ids.PARTS in reports}
    _touch(before, after, sorted(touched))


def joined_counts() -> dict[str, int]:
    """How many findings are not counted by themselves, by the reason (as of `sameness.Joined`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason, COUNT(*) FROM register_joined GROUP BY reason ORDER BY reason"
        )
        return {str(reason): int(number) for reason, number in cursor.fetchall()}


def _joined(persons: Sequence[int]) -> list[Joined]:
    sets = find_joined(_findings(persons))
    results: Results = read_categories([each.finding for one in sets for each in one])
    return [joined for one in sets for joined in choose(one, results)]


def _write(before: Mapping[int, Joined], after: Mapping[int, Joined], changed: set[int]) -> None:
    if changed & before.keys():
        with connection.cursor() as cursor:
            cursor.executemany(
                "DELETE FROM register_joined WHERE id = %s",
                [(finding,) for finding in sorted(changed & before.keys())],
            )
    rows = [after[finding] for finding in sorted(changed & after.keys())]
    store.insert("joined", _COLUMNS, rows)


def _touch(
    before: Mapping[int, Joined], after: Mapping[int, Joined], findings: Sequence[int]
) -> None:
    """Touch the months of findings and of what counts in their place.

    The results of a finding may stand in the month of the one that counts, so that the latter's month changes
    with the former's answer, also when the two are joined as before. What is gone has had its month touched
    by whatever removed it.
    """
    touched = set(findings)
    for joined in (before, after):
        touched.update(joined[finding].counted for finding in findings if finding in joined)
    table = "finding f CROSS JOIN register_specimen s"
    months = store.select_in(table, "s.period", "f.id", sorted(touched), "AND s.id = f.specimen")
    store.touch_periods({str(month) for (month,) in months})


def _known_to_several(persons: Sequence[int]) -> list[int]:
    """Those of whom more than one laboratory has answered."""
    end = "AND kind = 'laboratory' GROUP BY person HAVING COUNT(DISTINCT sender) > 1"
    return [row[0] for row in store.select_in("report", "person", "person", persons, end)]


def _findings(persons: Sequence[int]) -> list[Found]:
    known = {key for key, organism in organisms().items() if organism.episode_key}
    # SQLite follows the order of a CROSS JOIN, and would otherwise look at all findings there are.
    statement = f"""
        SELECT f.id, r.person, r.sender, r.report_ref, f.id - r.id * {ids.PARTS}, CAST(s.collected_on AS TEXT),
               s.reference, s.material, f.organism, r.status, SUBSTR(r.version_key, 1, {_MADE}), f.method
        FROM register_report r CROSS JOIN register_specimen s CROSS JOIN register_finding f
        WHERE s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS}
          AND f.id >= r.id * {ids.PARTS} AND f.id < (r.id + 1) * {ids.PARTS} AND +f.specimen = s.id
          AND r.kind = 'laboratory' AND f.organism IS NOT NULL
          AND r.person IN
    """
    found: list[Found] = []
    with connection.cursor() as cursor:
        for start in range(0, len(persons), store.CHUNK):
            chunk = persons[start : start + store.CHUNK]
            cursor.execute(f"{statement} ({', '.join(['%s'] * len(chunk))})", list(chunk))
            found.extend(
                Found(
                    finding,
                    person,
                    sender,
                    report_ref,
                    position,
                    date.fromisoformat(day).toordinal(),
                    None if number is None else bytes(number),
                    *rest,
                )
                for finding, person, sender, report_ref, position, day, number, *rest in cursor
                if rest[1] in known
            )
    return found


def read_categories(
    findings: Sequence[int], antibiotics: Sequence[str] | None = None
) -> dict[int, dict[str, str]]:
    """The categories (S, I, R) of findings by antibiotic; of some antibiotics alone, or of all that are known."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    among = "IS NOT NULL" if antibiotics is None else f"IN ({', '.join(['%s'] * len(antibiotics))})"
    where = (
        f"AND u.id >= f.id * {ids.RESULTS} AND u.id < (f.id + 1) * {ids.RESULTS} "
        f"AND u.antibiotic {among} AND u.sir <> ''"
    )
    for finding, antibiotic, sir in store.select_in(
        "finding f CROSS JOIN register_susceptibility u",
        "f.id, u.antibiotic, u.sir",
        "f.id",
        findings,
        where,
        antibiotics or (),
    ):
        found[finding][antibiotic] = sir
    return found
