"""Cases as they are now, for whoever tells others of them: what hospitals their evidence names, and when it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.casework.drafts import read_trail
from varde.register.casework.questions import ListedCase, read_listed
from varde.register.searches import read_column

_OSLO = ZoneInfo("Europe/Oslo")


class CaseTimes(NamedTuple):
    """When something was first known of a case; None where its evidence has no such time.

    Attributes:
        specimen: the first was taken.
        result: the first answer or form was made.
        intake: the first was received here.
    """

    specimen: datetime | None
    result: datetime | None
    intake: datetime | None


class CurrentCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is now.

    Attributes:
        hospitals: what its evidence names as ward or hospital, as sent, sorted.
        hospitals_by: the same, each with the sender before it.
        residences: municipalities that its reports say that the person lives in, as sent, sorted: of several, `listed`
            has the one that counts.
        discarded_on: the day of the answer that discards it, of several the last; None when it is not discarded.
    """

    listed: ListedCase
    hospitals: tuple[str, ...]
    hospitals_by: tuple[tuple[str, str], ...]
    times: CaseTimes
    discarded_on: date | None = None
    residences: tuple[str, ...] = ()


def current_cases(numbers: Collection[int]) -> dict[int, CurrentCase]:
    """The cases there are of some numbers, in a few statements whatever their number."""
    listed = read_listed(numbers)
    reports: dict[int, set[int]] = {}
    denials: dict[int, set[int]] = {}
    for number, trail in store.select_in("case", "id, trail", "id", sorted(listed)):
        read = read_trail(trail)
        reports[number] = _reports(read.keys())
        denials[number] = _reports(read.denials())
    wanted = sorted({report for ones in reports.values() for report in ones})
    places, taken = _specimens(wanted)
    for report, hospital in store.select_in(
        "notification",
        "id, hospital",
        "id",
        wanted,
        "AND in_hospital = 'yes' AND NOT (hospital = '')",
    ):
        places[report].add(hospital)
    senders: dict[int, str] = {}
    homes: dict[int, str] = {}
    for report, sender, home in store.select_in(
        "report", "id, sender, municipality", "id", sorted({*places, *wanted})
    ):
        senders[report], homes[report] = sender, home
    made = _answers(sorted({*wanted, *(one for ones in denials.values() for one in ones)}))
    came = _receptions(wanted)
    return {
        number: CurrentCase(
            listed=one,
            hospitals=tuple(sorted({word for r in reports[number] for word in places.get(r, ())})),
            hospitals_by=tuple(
                sorted(
                    {
                        (senders.get(r, ""), word)
                        for r in reports[number]
                        for word in places.get(r, ())
                    }
                )
            ),
            times=CaseTimes(
                *(
                    min((known[r] for r in reports[number] if r in known), default=None)
                    for known in (taken, made, came)
                )
            ),
            residences=tuple(sorted({homes.get(r, "") for r in reports[number]} - {""})),
            discarded_on=max(
                (norwegian_day(made[r]) for r in denials[number] if r in made), default=None
            ),
        )
        for number, one in listed.items()
    }


def _reports(keys: Iterable[str]) -> set[int]:
    return {int(key.partition(".")[0]) for key in keys}


def _specimens(reports: list[int]) -> tuple[dict[int, set[str]], dict[int, datetime]]:
    """Of some reports the wards, and when the first specimen was taken."""
    places: dict[int, set[str]] = defaultdict(set)
    taken: dict[int, datetime] = {}
    # Specimens are found by their ids, which are their reports'; SQLite follows the order of a CROSS JOIN.
    for report, ward, day, second in store.select_in(
        "report r CROSS JOIN register_specimen s",
        "r.id, s.ward, CAST(s.collected_on AS TEXT), s.second_of_day",
        "r.id",
        reports,
        f"AND s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS}",
    ):
        if ward:
            places[report].add(ward)
        hours, rest = divmod(min(max(second or 0, 0), 86_399), 3600)
        at = datetime.combine(
            datetime.fromisoformat(day).date(), time(hours, *divmod(rest, 60)), _OSLO
        ).astimezone(UTC)
        taken[report] = min(at, taken.get(report, at))
    return places, taken


def _answers(reports: list[int]) -> dict[int, datetime]:
    """When the standing version of each was made; vaccinations say nothing of it."""
    return {
        report: store.moment(made)
        for report, made in store.select_in(
            "report",
            "id, CAST(generated_at AS TEXT)",
            "id",
            reports,
            "AND kind IN ('laboratory', 'notification')",
        )
    }


def _receptions(reports: list[int]) -> dict[int, datetime]:
    """When each was first received."""
    first: dict[int, int] = {}
    for report, item in store.select_in(
        "item", "report, MIN(id)", "report", reports, "AND state = 'A' GROUP BY report"
    ):
        first[report] = ids.message_of(item)[0]
    came = {
        message: store.moment(at)
        for message, at in store.select_in(
            "message", "id, CAST(received_at AS TEXT)", "id", sorted(set(first.values()))
        )
    }
    return {report: came[message] for report, message in first.items() if message in came}


class PieceOfEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What one piece of evidence says, for people.

    Attributes:
        key: as a case names it.
        kind: laboratory, notification or vaccination.
        sender: its key.
        made: when the standing version was made.
        day: the specimen was taken, the dose was given; None where nothing says.
        organism, method, material: of a finding: keys; empty where not known.
        not_found: of a specimen in which nothing of a disease was found, what was not: organism and method.
        undecided: the same of what is unclear in it, or still to come.
        vaccine: of a dose: its key; empty where not known.
    """

    key: str
    kind: str
    sender: str
    made: datetime
    day: date | None = None
    organism: str = ""
    method: str = ""
    material: str = ""
    vaccine: str = ""
    not_found: tuple[tuple[str, str], ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()


def describe_evidence(keys: Collection[str]) -> dict[str, PieceOfEvidence]:
    """What pieces of evidence say, by the keys under which a case names them; those that are gone are left out."""
    parts = {key: tuple(map(int, key.split("."))) for key in keys}
    reports = sorted({report for report, _ in parts.values()})
    known = {
        row[0]: row[1:]
        for row in store.select_in(
            "report", "id, kind, sender, CAST(generated_at AS TEXT)", "id", reports
        )
    }
    findings = [ids.part_id(report, part) for report, part in parts.values() if part > 0]
    absent = {
        (row[0] // ids.PARTS, -(row[0] % ids.PARTS)): row[1:]
        for row in store.select_in(
            "specimen",
            "id, material, CAST(collected_on AS TEXT), looked_for",
            "id",
            [ids.part_id(report, -part) for report, part in parts.values() if part < 0],
        )
    }
    found = {
        row[0]: row[1:]
        for row in store.select_in(
            "finding f JOIN register_specimen s ON s.id = f.specimen",
            "f.id, f.organism, f.method, s.material, CAST(s.collected_on AS TEXT)",
            "f.id",
            findings,
        )
    }
    doses = {
        row[0]: row[1:]
        for row in store.select_in("vaccination", "id, vaccine, CAST(given AS TEXT)", "id", reports)
    }
    samples = dict(
        store.select_in(
            "notification",
            "id, CAST(COALESCE(sampled, onset) AS TEXT)",
            "id",
            reports,
            "AND (sampled IS NOT NULL OR onset IS NOT NULL)",
        )
    )
    described = {}
    for key, (report, part) in parts.items():
        if report not in known:
            continue
        kind, sender, made = known[report]
        organism, method, material, day = found.get(
            ids.part_id(report, part) if part > 0 else 0, ("", "", "", samples.get(report))
        )
        looked_for = ""
        if (report, part) in absent:
            material, day, looked_for = absent[report, part]
        vaccine, given = doses.get(report, ("", day))
        described[key] = PieceOfEvidence(
            key=key,
            kind=kind,
            sender=sender,
            made=store.moment(made),
            day=date.fromisoformat(given) if given else None,
            organism=organism or "",
            method=method or "",
            material=material or "",
            vaccine=vaccine or "",
            not_found=tuple(
                (one.organism, one.method)
                for one in read_column(looked_for)
                if one.answer == "not-found" and one.known and not one.markers
            ),
            undecided=tuple(
                (one.organism, one.method)
                for one in read_column(looked_for)
                if one.answer in ("inconclusive", "pending") and one.known and not one.markers
            ),
        )
    return described


def cases_beside(number: int) -> list[ListedCase]:
    """The other cases of the person whose case this is, the oldest first; none where nobody knows whose it is."""
    rows = store.select_in(
        "case",
        "id",
        "person",
        [row[0] for row in store.select_in("case", "person", "id", [number]) if row[0] is not None],
        "AND id <> %s",
        [number],
    )
    found = read_listed([row[0] for row in rows])
    return sorted(found.values(), key=lambda one: (one.first_day, one.number))
