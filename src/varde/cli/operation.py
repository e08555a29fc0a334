"""Commands of whoever runs Varde: `backup`, `restore`, `keys rotate`, `keys list`, `retention`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.frame import AsJson, fail, home, now, start_django
from varde.terminal import console, number_of, print_json, print_rows, progress_bar

if TYPE_CHECKING:
    from varde.operation import Due, RotationResult

keys = typer.Typer(
    help="The keys that messages are sealed with.", no_args_is_help=True, rich_markup_mode=None
)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    as_json: AsJson = False,
) -> None:
    """Write everything that cannot be made again into one file, while the service goes on.

    The keys are not in it: keep a copy of them somewhere else.
    """
    with _telling():
        from varde.operation import backup as write
        from varde.operation import count_all, record

        total = count_all(home())
        with progress_bar("Writing rows", total) as advance:
            result = write(home(), file, now(), advance)
        record("backup", "backup", 1)
    if as_json:
        print_json(to_builtins(result, enc_hook=str))
        return
    rows = sum(result.rows.values())
    messages = sum(result.messages.values())
    console.print(
        f"{number_of(messages, 'message')} and {number_of(rows, 'row')} in {result.file} "
        f"({result.size:,} bytes).",
        markup=False,
    )
    for database, used in result.keys.items():
        if used:
            console.print(f"To open the register {database}: storage keys {', '.join(used)}.")
    console.print("The keys are not in it. Keep them apart from it.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup back where there is nothing yet: all of it, or nothing.

    Put the folder keys/ back too, and run varde refresh afterwards.
    """
    with _telling():
        from varde.access import audit
        from varde.operation import open_archive, record
        from varde.operation import restore as put_back

        with open_archive(file) as archive:
            total = 2 * archive.manifest.rows
        with progress_bar("Putting back rows", total) as advance:
            result = put_back(home(), file, advance)
        if wrong := audit.what_is_wrong():
            result = replace(result, warnings=(*result.warnings, wrong))
        record("restore", "backup", 1)
    if as_json:
        print_json(to_builtins(result))
    else:
        for database, rows in result.rows.items():
            said = f"{number_of(rows, 'row')} put back" if rows else "as in the backup already"
            console.print(f"Register {database}: {said}.")
        console.print(f"The backup is of {result.made_at}. Now: varde refresh")
    for warning in result.warnings:
        console.print(f"varde: {warning}.", markup=False, style="red", soft_wrap=True)


@keys.command()
def rotate(
    retire: Annotated[
        bool,
        typer.Option("--retire", help="Take older keys out of use when nothing needs them."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new storage key and seal every message anew with it, while the service goes on.

    An interrupted run is finished by the next. Older keys are kept, for backups from before.
    """
    results = []
    with _telling():
        from varde.operation import HELD, count_older, exists, need_register, record
        from varde.operation import rotate as change

        need_register(home())
        well = _change_audit_keys()
        for database in HELD:
            if not exists(database):
                continue
            with progress_bar(f"Sealing {database}", count_older(home(), database)) as advance:
                result = change(home(), database, retire, advance)
            record("keys-rotated", f"messages {database}", result.sealed)
            results.append(result)
    if as_json:
        print_json(to_builtins(results))
    else:
        for result in results:
            _say_rotation(result)
    if not well or any(result.remaining for result in results):
        raise typer.Exit(1)


@keys.command()
def retire(as_json: AsJson = False) -> None:
    """Take older storage keys out of use where nothing needs them any more. No key is made.

    They go to keys/retired/: backups from before still need them.
    """
    with _telling():
        from varde.operation import HELD, exists, need_register, record, retire_keys

        need_register(home())
        found = {name: retire_keys(home(), name) for name in HELD if exists(name)}
        for database, retired in found.items():
            if retired:
                record("keys-retired", f"keys {database}", len(retired))
    if as_json:
        print_json(found)
        return
    for database, retired in found.items():
        said = f"out of use, in keys/retired: {', '.join(retired)}" if retired else "nothing to do"
        console.print(f"Register {database}: {said}.")


@keys.command("list")
def list_all(as_json: AsJson = False) -> None:
    """The keys of each register by their check values, and how many messages each sealed."""
    with _telling():
        from varde.operation import list_keys

        states = list_keys(home())
    if as_json:
        print_json(to_builtins(states))
        return
    table = Table("Register", "Key", "Check value", "Messages", "Where", highlight=False)
    for state in states:
        table.add_row(state.database, "pseudonym", state.pseudonym_check, "", "")
        retired = dict(state.retired)
        for key_id, check, messages in state.storage:
            out_of_use = retired.pop(key_id, "") if not check else ""
            where = state.source if check else "retired, and needed" if out_of_use else "missing"
            table.add_row(state.database, key_id, check or out_of_use, str(messages), where)
        for key_id, check in retired.items():
            table.add_row(state.database, key_id, check, "0", "retired")
    print_rows(table)


def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Remove what is due.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what has been kept long enough, by which rule and why; with --apply, remove it."""
    with _telling():
        from varde.operation import apply_retention, find_due

        found = apply_retention(home(), now) if apply else find_due(home(), now())
    if as_json:
        print_json([_show_due(due) for due in found])
        return
    table = Table("What", "Register", "Kept", "Due", "Removed", "Why", highlight=False)
    for rule, each in groupby(found, key=lambda due: due.rule):
        registers = list(each)
        table.add_row(
            rule.title.en,
            "\n".join(due.database for due in registers),
            _say_period(registers[0]),
            "\n".join("" if due.before is None else str(due.count) for due in registers),
            "\n".join(
                str(due.removed) if apply and due.before is not None else "" for due in registers
            ),
            rule.basis.en,
        )
    print_rows(table)
    waiting = sum(due.count - due.removed for due in found)
    if waiting and not apply:
        console.print(f"{number_of(waiting, 'row')} due. Remove with: varde retention --apply")


def _say_period(due: Due) -> str:
    after = due.rule.after
    if after is None:
        return "for ever"
    parts = [
        number_of(count, unit)
        for count, unit in ((after.years, "year"), (after.days, "day"))
        if count
    ]
    return " ".join(parts) or "until it runs out"


def _show_due(due: Due) -> dict[str, Any]:
    return {
        "rule": due.rule.key,
        "register": due.database,
        "after": to_builtins(due.rule.after),
        "before": due.before,
        "due": due.count,
        "removed": due.removed,
        "title": to_builtins(due.rule.title),
        "basis": to_builtins(due.rule.basis),
        "source": due.rule.source,
    }


def _say_rotation(result: RotationResult) -> None:
    if result.from_environment and not result.sealed:
        variable = "VARDE_STORAGE_KEYS"
        if result.database != "default":
            variable = f"VARDE_{result.database.upper()}_STORAGE_KEYS"
        console.print(
            f"Register {result.database}: the keys come from {variable}. Put a new one first, as "
            f"id:hex (openssl rand -hex 32 makes one) and a comma, restart what runs, and come again.",
            markup=False,
        )
        return
    how = "a new key" if result.new else "the key that was first already"
    console.print(
        f"Register {result.database}: {number_of(result.sealed, 'message')} sealed anew with "
        f"{result.key_id}, {how}."
    )
    if result.unreadable:
        shown = ", ".join(map(str, result.unreadable[:20]))
        console.print(
            f"varde: {number_of(len(result.unreadable), 'message')} of the register {result.database} "
            f"cannot be opened or are not what they were, and are left as they are: {shown}. Look for "
            "them in a backup.",
            markup=False,
            style="red",
        )
    elif result.remaining:
        console.print(
            f"varde: {number_of(result.remaining, 'message')} came under an older key meanwhile: "
            "something that runs does not see the new one. Restart it, and run this again.",
            markup=False,
            style="red",
        )
    if result.retired:
        console.print(f"Out of use, in keys/retired: {', '.join(result.retired)}.")


def _change_audit_keys() -> bool:
    """The access log's own keys: one that signs its heads, one that persons are hashed under. What is in the way is
    told; the storage keys are changed all the same."""
    from varde.access import audit
    from varde.operation import record

    try:
        signs, hashes = audit.change_keys()
    except (audit.AuditError, OSError) as error:
        console.print(f"varde: {error}", markup=False, style="red", soft_wrap=True)
        return False
    record("keys-rotated", "access log", 1)
    if signs:
        console.print(
            "Access log: a new key signs now. Give its public key (varde audit key) to those who verify."
        )
    else:
        console.print(f"Access log: the keys that sign come from {audit.SIGNING}.")
    if not hashes:
        console.print(f"Access log: the keys of persons come from {audit.PERSONS}.")
    return True


@contextmanager
def _telling() -> Iterator[None]:
    """With Django loaded, turn what cannot be done into one sentence."""
    start_django()
    from varde.operation import OperationError

    try:
        yield
    except OperationError as error:
        fail(str(error))
