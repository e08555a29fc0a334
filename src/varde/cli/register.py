"""Commands on the register: `ingest`, `quarantine`, `refresh`, `status`, `replay`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from varde.cli import circles, delivered_files
from varde.cli.frame import AsJson, RegisterName, fail, now, open_home, today
from varde.terminal import console, number_of, print_json, print_rows, progress_bar, say_counts

if TYPE_CHECKING:
    from varde.deliveries import Receipt
    from varde.register import IntakeResult, Register


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="Column mapping (TOML) for line lists; else the one beside each file."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(help="What all of it is handed in as; else each file says itself."),
    ] = "",
    table: Annotated[
        str,
        typer.Option(
            "--table", metavar="KEY", help="All of it is prescribing, of this table (its key)."
        ),
    ] = "",
    source: Annotated[str, typer.Option(help="Of prescribing: who delivers it.")] = "",
    series: Annotated[str, typer.Option(help="Of prescribing: whose pseudonyms it has.")] = "",
    delivered_at: Annotated[
        str,
        typer.Option("--delivered-at", help="Of prescribing: when it was delivered; else now."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Take files into the register: laboratory answers, notifications, vaccinations, surveys; and files of prescribing.

    De-identified submissions to RAVN and NORM go to registers of their own, and prescribing to a folder of its own
    (`varde deliveries`), known by its headings or by its name (dispensings-2026.csv). Every file is made durable before anything reads it. What cannot be used is put in quarantine
    with a reason; see `varde quarantine`.
    """
    register = open_home()
    from varde.access.clients import kinds

    if kind and kind not in kinds():
        fail(f"there is no kind {kind!r}: give one of {', '.join(kinds())}")
    problems: list[tuple[Path, str]] = []
    receipts, paths = _take_prescribing(
        paths, None if kind else table, mapping is not None, source, series, delivered_at, problems
    )
    result = take_in_files(register, paths, mapping, kind)
    result.unreadable.extend(problems)
    if result.resumed.received:
        console.print(f"An interrupted intake was finished: {say_counts(result.resumed)}.")
    for file, reason in result.unreadable:
        shown = str(file).encode(errors="replace").decode()
        console.print(f"Not taken in: {shown}: {reason}", markup=False, style="red")
    found = circles.find_circles(receipts)
    if as_json:
        more = (
            {"deliveries": [delivered_files.as_plain(each) for each in receipts]}
            if receipts
            else {}
        )
        more |= {"circles": circles.as_plain(found)} if found else {}
        print_json(asdict(result.counts) | more)
    else:
        delivered_files.tell(receipts)
        circles.tell_circles(found)
        if paths or not receipts:
            console.print(f"{say_counts(result.counts)}.")
        if result.counts.quarantined:
            console.print("See why with: varde quarantine")
    if result.unreadable or any(map(delivered_files.is_of_no_use, receipts)):
        raise typer.Exit(1)


def _take_prescribing(
    paths: list[Path],
    table: str | None,
    mapped: bool,
    source: str,
    series: str,
    delivered_at: str,
    problems: list[tuple[Path, str]],
) -> tuple[list[Receipt], list[Path]]:
    """Take in the files that are of prescribing; the others are left.

    Args:
        table: what all of them are said to be; empty: each says itself; None: none of them is.
        mapped: see `varde.cli.delivered_files.split_files`.
        problems: is told what is passed over and why, where any is of prescribing.
    """
    from varde.prescribing import layouts
    from varde.register import list_files

    if table is None:
        return [], paths
    if table and table not in layouts():
        fail(f"there is no table {table!r}: give one of {', '.join(layouts())}")
    moment = delivered_files.read_moment(delivered_at)
    passed: list[tuple[Path, str]] = []
    found = [each.path for each in list_files(paths, passed)]
    bulk, others = delivered_files.split_files(found, table, mapped)
    if not bulk:
        return [], paths
    problems += passed
    if not source:  # who sends a bundle decides whose drugs it may tell of, and which bundle it is
        bundles = [] if table else [each for each in bulk if delivered_files.is_bundle(each)]
        bulk = [each for each in bulk if each not in bundles]
        what = "a bundle of administered drugs: say who sends it, with --source ENH:NUMBER"
        problems += [(each, what) for each in bundles]
    receipts = delivered_files.take_files(bulk, table, source, series, moment)
    return receipts, others


def take_in_files(
    register: Register, paths: list[Path], mapping: Path | None, kind: str = ""
) -> IntakeResult:
    from varde.followup.running import Follower
    from varde.register import ingest as take_in
    from varde.register import list_files

    with progress_bar("Taking in", sum(1 for _ in list_files(paths))) as advance:
        result = take_in(register, paths, now, mapping, advance, kind)
    Follower(lambda: register)(now())
    return result


def quarantine(
    as_json: AsJson = False,
    sender: Annotated[str | None, typer.Option(help="Only this laboratory's.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many items in the table.")] = 50,
    of: RegisterName = "persons",
) -> None:
    """Show what could not be used, why, and what to do."""
    register = open_home(of, make=False)
    from varde.messages import reason_at
    from varde.register import (
        quarantine_counts,
        quarantine_items,
        read_names,
        unmapped_codes,
        using,
    )

    with using(register.alias):
        counts = quarantine_counts(sender)
        items = quarantine_items(sender, limit=limit if not as_json else 1_000_000)
        names = read_names((item.message for item in items), register.sealer)
        unmapped = unmapped_codes(sender, 1_000_000) if as_json else []
    if as_json:
        print_json(
            {
                "reasons": [{"reason": reason, "count": count} for reason, count in counts],
                "items": [asdict(item) | {"file": names[item.message]} for item in items],
                "unmapped": [asdict(code) for code in unmapped],
            }
        )
        return
    table = Table(
        *("Id", "Received", "File", "Message id", "Laboratory", "Reason", "Where", "What to do"),
        highlight=False,
    )
    for item in items:
        reason = reason_at(item.reason, register.alias)
        title, action = (reason.en.title, reason.en.action) if reason else (item.reason, "")
        place = f"{item.place} {item.detail}".strip()
        table.add_row(
            str(item.id),
            f"{item.received_at:%Y-%m-%d %H:%M}",
            names[item.message],
            item.message_ref or "–",
            item.sender or "?",
            title,
            place,
            action,
        )
    print_rows(table)
    console.print(f"{number_of(sum(count for _, count in counts), 'item')} in quarantine.")


def refresh(as_json: AsJson = False) -> None:
    """Bring the columns (Parquet) up to date with the register; only months that changed."""
    results = refresh_all(open_home(make=False))
    if as_json:
        persons = results.pop("persons")
        apart = {name: asdict(result) for name, result in results.items()}
        print_json(asdict(persons) | {"apart": apart})
        return
    for name, result in results.items():
        which = "" if name == "persons" else f" of {name.upper()}"
        if result.changed:
            written = number_of(len(result.written), "month")
            console.print(f"Snapshot {result.snapshot}{which}: {written} written.")
        else:
            console.print(f"Snapshot {result.snapshot}{which} is up to date.")


def refresh_all(register: Register) -> dict[str, Any]:
    """Bring the columns of the register of persons up to date, then those of each de-identified one that there
    is; each has a folder of its own."""
    from varde.operation import exists
    from varde.register import APART

    results = {"persons": refresh_warehouse(register)}
    for name in APART:
        if exists(name):
            results[name] = refresh_warehouse(open_home(name, make=False))
    return results


def refresh_warehouse(register: Register) -> Any:
    from varde.register import read_register, using
    from varde.warehouse import refresh as refresh_columns

    with (
        using(register.alias),
        read_register(register.context.codes, today()) as source,
        progress_bar("Writing months", len(source.partitions())) as advance,
    ):
        return refresh_columns(register.warehouse, source, lambda *_: advance(1))


def status(as_json: AsJson = False, of: RegisterName = "persons") -> None:
    """Show how a register stands, and the columns made from it: from that of persons alone."""
    register = open_home(of, make=False)
    from varde.register import APART, register_status, using
    from varde.warehouse import NoSnapshot, read_manifest

    with using(register.alias):
        values = register_status(register)
    values |= {"snapshot": None, "months": 0}
    if register.alias not in APART:
        with suppress(NoSnapshot):
            manifest = read_manifest(register.warehouse)
            values |= {"snapshot": manifest.snapshot, "months": len(manifest.partitions)}
    if as_json:
        print_json(values)
        return
    table = Table("", "", show_header=False, highlight=False)
    for name, value in values.items():
        if isinstance(value, dict):
            value = ", ".join(f"{number} {what}" for what, number in value.items()) or None
        table.add_row(name.replace("_", " "), "none" if value is None else str(value))
    print_rows(table)
    command = f"varde replay --register {of}" if register.alias in APART else "varde replay"
    if values["waiting"]:
        finishing = command if register.alias in APART else "varde ingest"
        console.print(f"An intake was interrupted: the next `{finishing}` finishes it.")
    if values["replay_advised"]:
        console.print(f"Code maps, readers or rules have changed since: `{command}` applies them.")
    if values["reclassify_advised"]:
        console.print("Case definitions have changed since: `varde reclassify` applies them.")


def replay(
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Only messages with items in quarantine.")
    ] = False,
    as_json: AsJson = False,
    of: RegisterName = "persons",
) -> None:
    """Make a register anew from its log under today's readers and code maps, and say what changed."""
    register = open_home(of, make=False)
    from varde.register import register_status, using
    from varde.register import replay as fold_all
    from varde.register import replay_quarantined as fold_quarantined

    with (
        using(register.alias),
        progress_bar("Replaying", register_status()["messages"]) as advance,
    ):
        result = (fold_quarantined if quarantined else fold_all)(register, now, advance)
        waiting = register_status()["quarantined"]
    if as_json:
        print_json(asdict(result))
        return
    reason = " and ".join(result.why) or "nothing"
    counts = result.counts
    console.print(
        f"{number_of(result.messages, 'message')} read again, with {number_of(counts.received, 'item')}: "
        f"{counts.accepted} accepted, {number_of(counts.duplicate, 'duplicate')}, {counts.quarantined} "
        f"not usable as sent; {number_of(counts.unmapped, 'unmapped code')}."
    )
    console.print(_say_quarantine(counts.quarantined, waiting, quarantined))
    console.print(f"Changed since they were last read: {reason}.")
    console.print(
        f"Reports: {len(result.added)} added, {len(result.removed)} removed, "
        f"{len(result.changed)} changed. Out of quarantine: {result.settled}."
    )
    if result.set_aside:
        console.print(
            f"{number_of(result.set_aside, 'message')} set aside, because of a fault in Varde itself: "
            "see `varde quarantine`."
        )
    cases = (result.cases_added, result.cases_removed, result.cases_changed)
    added, removed, others = map(len, cases)
    if added + removed + others:
        console.print(f"Cases: {added} added, {removed} removed, {others} changed.")
    for what in ("added", "removed", "changed"):
        for sender, reference in getattr(result, what)[:20]:
            console.print(f"  {what}: {sender} {reference}", markup=False)


def _say_quarantine(found: int, waiting: int, some: bool) -> str:
    """What waits in quarantine after a replay, as `varde status` counts it, beside what was found in it.

    Args:
        found: items that could not be used when everything, or what waits (`some`), was read again.
    """
    said = f"In quarantine now: {number_of(waiting, 'item')}"
    settled = found - waiting
    if some or settled <= 0:
        return f"{said}."
    return f"{said}; corrected or closed since they came: {settled}."
