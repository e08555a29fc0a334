"""Cross-sender duplicates: what two laboratories report of one specimen is one finding, with the reason kept.

A local laboratory sends its isolate on to a reference laboratory, and both report. Their numbers differ, so
what joins them is the specimen itself: the same person, the same day, the same kind of material, the same
organism (subspecies ignored, as for episodes), however it was found. Findings without person, organism or material are never
joined, and neither are two findings of one laboratory: those are its own to tell apart.

Which finding counts is decided by content alone (what grew before what was found otherwise, then sender and
number of the report), so that the order in which the reports came does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from varde.codes import materials, organisms
from varde.register import ids, store
from varde.register.store import connection

ISOLATE_METHODS = ("", "culture")
"""Of an isolate: it grew, or nothing says how it was found."""

REASON = "same-day-and-material"
"""Same person, Norwegian calendar day, group of material and episode key of the organism."""


class _Found(NamedTuple):
    """A finding of a person whom several laboratories know."""

    finding: int
    person: int
    sender: str
    report_ref: str
    day: str
    period: str
    method: str
    group: str
    organism: str

    @property
    def is_isolate(self) -> bool:
        """Whether it may be counted as an isolate; nothing says otherwise."""
        return self.method in ISOLATE_METHODS


def join(persons: Iterable[int]) -> None:
    """Work out anew which findings of these persons are one; the months in which that changed are
    touched. Inside the caller's transaction, after the reports are written."""
    affected = sorted(set(persons))
    if not affected:
        return
    before = {
        finding: (counted, person, reason)
        for finding, counted, person, reason in store.select_in(
            "joined", "id, counted, person, reason", "person", affected
        )
    }
    several = _known_to_several(affected)
    if not before and not several:
        return
    found = _findings(several)
    after = {finding: (counted, person, REASON) for finding, counted, person in joined_pairs(found)}
    if after == before:
        return
    periods = {each.finding: each.period for each in found}
    changed = {
        finding for finding in {*before, *after} if before.get(finding) != after.get(finding)
    }
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_joined WHERE id = %s",
            [(finding,) for finding in sorted(changed & before.keys())],
        )
    store.insert(
        "joined",
        ("id", "counted", "person", "reason"),
        [(finding, *after[finding]) for finding in sorted(changed & after.keys())],
    )
    # A finding that is gone has had its month touched by whatever removed it.
    store.touch_periods({periods[finding] for finding in changed if finding in periods})


def joined_pairs(found: Sequence[_Found]) -> list[tuple[int, int, int]]:
    """(finding, the finding that counts in its place, person) for each that does not count by itself.

    Of the findings that are one, an isolate counts before what was found otherwise, then the one of the
    sender that comes first in the alphabet, of that sender's the first by report and number. Only findings of *other* senders join it.
    """
    same: dict[tuple[Any, ...], list[_Found]] = defaultdict(list)
    for each in found:
        same[each.person, each.day, each.group, each.organism].append(each)
    pairs: list[tuple[int, int, int]] = []
    for group in same.values():
        first = min(
            group,
            key=lambda each: (not each.is_isolate, each.sender, each.report_ref, each.finding),
        )
        pairs.extend(
            (each.finding, first.finding, each.person)
            for each in group
            if each.sender != first.sender
        )
    return pairs


def _known_to_several(persons: Sequence[int]) -> list[int]:
    """Those of whom more than one laboratory has answered."""
    end = "AND kind = 'laboratory' GROUP BY person HAVING COUNT(DISTINCT sender) > 1"
    return [row[0] for row in store.select_in("report", "person", "person", persons, end)]


def _findings(persons: Sequence[int]) -> list[_Found]:
    groups = {key: material.group for key, material in materials().items()}
    episode_keys = {key: organism.episode_key for key, organism in organisms().items()}
    statement = f"""
        SELECT f.id, r.person, r.sender, r.report_ref, CAST(s.collected_on AS TEXT), s.period,
               f.method, s.material, f.organism
        FROM register_report r
        JOIN register_specimen s
          ON s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS}
        JOIN register_finding f
          ON f.id >= r.id * {ids.PARTS} AND f.id < (r.id + 1) * {ids.PARTS} AND f.specimen = s.id
        WHERE r.kind = 'laboratory' AND f.organism IS NOT NULL AND s.material IS NOT NULL
          AND r.person IN
    """
    found: list[_Found] = []
    with connection.cursor() as cursor:
        for start in range(0, len(persons), store.CHUNK):
            chunk = persons[start : start + store.CHUNK]
            cursor.execute(f"{statement} ({', '.join(['%s'] * len(chunk))})", list(chunk))
            found.extend(
                _Found._make((*known, groups[material], episode_keys[organism]))
                for *known, material, organism in cursor.fetchall()
                if episode_keys[organism]
            )
    return found
