"""The command line: `varde ingest`, `refresh`, `antibiogram`, `status`, `replay`, `serve`, `demo` ...

Results (JSON, CSV, tables) go to standard output, everything else to standard error, so that scripts
can read one and people the other. The exit status is 0 only when all that was asked was done. All
state lives under ``VARDE_HOME`` (default ``./var``).
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.table import Table

from varde.terminal import (
    Format,
    console,
    in_steps,
    name_organisms,
    number_of,
    print_json,
    print_rows,
    print_table,
    progress_bar,
    say_counts,
)

if TYPE_CHECKING:
    from varde.register import IntakeResult, Register

app = typer.Typer(
    help="Varde: from laboratories' files to resistance tables, on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Size(StrEnum):
    """How large an invented Norway: about 4,000, 100,000 and 2,000,000 isolates."""

    small = "small"
    medium = "medium"
    large = "large"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def main() -> None:
    """Entry point: known errors become one sentence that says what to do, and exit status 1."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from varde.access.keys import KeyProblem
    from varde.codes import CodesError
    from varde.resistance import ResistanceError
    from varde.warehouse import WarehouseError

    os.umask(0o077)  # what the register writes is for its owner alone
    try:
        app()
    except (KeyProblem, CodesError, ResistanceError, WarehouseError) as error:
        console.print(f"varde: {error}", markup=False, style="red")
        sys.exit(1)
    except FileNotFoundError as error:
        console.print(f"varde: there is no {error.filename or error}", markup=False, style="red")
        sys.exit(1)
    except OSError as error:
        console.print(f"varde: {error.filename}: {error.strerror}", markup=False, style="red")
        sys.exit(1)
    except (ImproperlyConfigured, DatabaseError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        console.print(f"varde: {reason[0]}", markup=False, style="red")
        sys.exit(1)


def fail(sentence: str) -> NoReturn:
    """Say what is wrong, and end with exit status 1."""
    console.print(f"varde: {sentence}", markup=False, style="red")
    raise typer.Exit(1)


def home() -> Path:
    """The folder of all state."""
    return Path(os.environ.get("VARDE_HOME") or "var").resolve()


def now() -> datetime:
    """The clock of the shell; every room below is told the time."""
    from django.utils import timezone

    return timezone.now()


def today() -> date:
    """The day in Norway."""
    from django.utils import timezone

    return timezone.localdate()


def start_django() -> None:
    """Load Django's settings once; commands that need no database do without."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
    import django

    django.setup()


def open_home() -> Register:
    """The register under ``VARDE_HOME``, made on first use."""
    start_django()
    from varde.register import open_register

    return open_register(home())


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="Column mapping (TOML) for line lists; else the one beside each file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take files into the register: KITH laboratory answers (XML) and isolate lists (CSV).

    Every file is made durable before anything reads it. What cannot be used is put in quarantine
    with a reason; see `varde quarantine`.
    """
    register = open_home()
    result = _take_in(register, paths, mapping)
    if result.resumed.received:
        console.print(f"An interrupted intake was finished: {say_counts(result.resumed)}.")
    for file, reason in result.unreadable:
        shown = str(file).encode(errors="replace").decode()
        console.print(f"Not taken in: {shown}: {reason}", markup=False, style="red")
    if as_json:
        print_json(asdict(result.counts))
    else:
        console.print(f"{say_counts(result.counts)}.")
        if result.counts.quarantined:
            console.print("See why with: varde quarantine")
    if result.unreadable:
        raise typer.Exit(1)


def _take_in(register: Register, paths: list[Path], mapping: Path | None) -> IntakeResult:
    from varde.register import ingest as take_in
    from varde.register import list_files

    with progress_bar("Taking in", sum(1 for _ in list_files(paths))) as advance:
        return take_in(register, paths, now, mapping, advance)


@app.command()
def quarantine(
    as_json: AsJson = False,
    sender: Annotated[str | None, typer.Option(help="Only this laboratory's.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many items in the table.")] = 50,
) -> None:
    """Show what could not be used, why, and what to do."""
    register = open_home()
    from varde.messages import reasons
    from varde.register import quarantine_counts, quarantine_items, read_names, unmapped_codes

    texts = reasons()
    counts = quarantine_counts(sender)
    items = quarantine_items(sender, limit=limit if not as_json else 1_000_000)
    names = read_names((item.message for item in items), register.sealer)
    if as_json:
        print_json(
            {
                "reasons": [{"reason": reason, "count": count} for reason, count in counts],
                "items": [asdict(item) | {"file": names[item.message]} for item in items],
                "unmapped": [asdict(code) for code in unmapped_codes(sender, 1_000_000)],
            }
        )
        return
    table = Table("File", "Laboratory", "Reason", "Where", "What to do", highlight=False)
    for item in items:
        text = texts[item.reason].en
        place = f"{item.place} {item.detail}".strip()
        table.add_row(
            names[item.message],
            item.sender or "?",
            text.title,
            place,
            text.action,
        )
    print_rows(table)
    console.print(f"{number_of(sum(count for _, count in counts), 'item')} in quarantine.")


@app.command()
def refresh(as_json: AsJson = False) -> None:
    """Bring the columns (Parquet) up to date with the register; only months that changed."""
    register = open_home()
    result = _refresh(register)
    if as_json:
        print_json(asdict(result))
    elif result.changed:
        console.print(
            f"Snapshot {result.snapshot}: {number_of(len(result.written), 'month')} written."
        )
    else:
        console.print(f"Snapshot {result.snapshot} is up to date.")


def _refresh(register: Register) -> Any:
    from varde.register import read_register
    from varde.warehouse import refresh as refresh_columns

    with (
        read_register(register.context.codes, today()) as source,
        progress_bar("Writing months", len(source.partitions())) as advance,
    ):
        return refresh_columns(register.warehouse, source, lambda *_: advance(1))


@app.command()
def antibiogram(
    by: Annotated[
        str, typer.Option(help="Columns to break down by, with commas.")
    ] = "organism,antibiotic",
    first_isolates: Annotated[
        str, typer.Option(help="episode:365 (any number of days), patient, or none.")
    ] = "episode:365",
    format: Annotated[Format, typer.Option(help="How to print it.")] = Format.table,
    organism: Annotated[list[str] | None, typer.Option(help="Only these organisms (keys).")] = None,
    material: Annotated[
        list[str] | None, typer.Option(help="Only these groups of material: urine, blood …")
    ] = None,
    county: Annotated[
        list[str] | None, typer.Option(help="Only these counties (03, 46 …).")
    ] = None,
    date_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    date_to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")
    ] = None,
) -> None:
    """Count susceptible, increased exposure and resistant, of the newest snapshot.

    Exact counts, for those who run the register: what leaves it goes through the pages' disclosure
    control instead.
    """
    start_django()
    from varde.codes import counties, materials, organisms
    from varde.resistance import InvalidSelection
    from varde.resistance import antibiogram as count
    from varde.warehouse import open_tables

    columns = [name.strip() for name in by.split(",")]
    known = {
        "organism": (organism, set(organisms())),
        "material": (material, {kind.group for kind in materials().values()}),
        "county": (county, set(counties(today()))),
    }
    for what, (wanted, keys) in known.items():
        for key in wanted or []:
            if key not in keys:
                some = ", ".join(sorted(keys)[:15])
                raise InvalidSelection(f"there is no {what} {key!r}: give keys such as {some}")
    table = count(
        open_tables(home() / "warehouse"),
        columns,
        first_isolates,
        organism=organism,
        material_group=material,
        county=county,
        date_from=date_from.date() if date_from else None,
        date_to=date_to.date() if date_to else None,
    )
    print_table(name_organisms(table), format)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show how the register and its columns stand."""
    register = open_home()
    from varde.register import register_status
    from varde.warehouse import NoSnapshot, read_manifest

    values = register_status(register)
    try:
        manifest = read_manifest(register.warehouse)
        values["snapshot"] = manifest.snapshot
        values["months"] = len(manifest.partitions)
    except NoSnapshot:
        values["snapshot"] = None
        values["months"] = 0
    if as_json:
        print_json(values)
        return
    table = Table("", "", show_header=False, highlight=False)
    for name, value in values.items():
        table.add_row(name.replace("_", " "), "none" if value is None else str(value))
    print_rows(table)
    if values["waiting"]:
        console.print("An intake was interrupted: the next `varde ingest` finishes it.")
    if values["replay_advised"]:
        console.print("Code maps or readers have changed since: `varde replay` applies them.")


@app.command()
def replay(
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Only messages with items in quarantine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the register anew from the log under today's readers and code maps, and say what changed."""
    register = open_home()
    from varde.register import register_status
    from varde.register import replay as fold_all
    from varde.register import replay_quarantined as fold_quarantined

    with progress_bar("Replaying", register_status()["messages"]) as advance:
        result = (fold_quarantined if quarantined else fold_all)(register, now, advance)
    if as_json:
        print_json(asdict(result))
        return
    reason = " and ".join(result.why) or "nothing"
    console.print(
        f"{number_of(result.messages, 'message')} read again: {say_counts(result.counts)}."
    )
    console.print(f"Changed since they were last read: {reason}.")
    console.print(
        f"Reports: {len(result.added)} added, {len(result.removed)} removed, "
        f"{len(result.changed)} changed. Out of quarantine: {result.settled}."
    )
    for what in ("added", "removed", "changed"):
        for sender, reference in getattr(result, what)[:20]:
            console.print(f"  {what}: {sender} {reference}", markup=False)


@app.command()
def user(
    username: Annotated[str, typer.Argument(help="What is typed to sign in.")],
    role: Annotated[str, typer.Option(help="A key of the roles; a wrong one lists them.")],
    name: Annotated[str, typer.Option(help="Shown on the pages; else the user name.")] = "",
    area: Annotated[
        str,
        typer.Option(help="What the role is limited to: a laboratory's sender id, a municipality."),
    ] = "",
) -> None:
    """Make a user, or give one a new role, area and password (asked for, at least 12 signs)."""
    open_home()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from varde.access.models import User
    from varde.access.roles import roles
    from varde.codes import municipalities

    if role not in roles():
        fail(f"there is no role {role!r}: give one of {', '.join(roles())}")
    kind = roles()[role].area_kind
    if kind not in ("country", "none") and not area:
        fail(f"the role {role} is limited to a {kind}: say which with --area")
    if kind == "municipality" and area not in municipalities(today()):
        fail(f"there is no municipality {area!r}: give its number, such as 0301")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        validate_password(password)
    except ValidationError as error:
        fail(" ".join(error.messages))
    found = User.objects.filter(username=username).first() or User(username=username)
    found.display_name, found.role, found.area = name or username, role, area
    found.set_password(password)
    found.save()
    console.print(f"{username} can sign in as {role}.")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the pages."""
    open_home()
    _serve(host, port)


def _serve(host: str, port: int) -> None:
    from varde.web.serving import PortTaken
    from varde.web.serving import serve as serve_pages

    os.environ["VARDE_HOME"] = str(home())
    console.print(f"Varde will be at http://{host}:{port}/  (stop with Ctrl+C)")
    try:
        serve_pages(host, port)
    except PortTaken as error:
        fail(str(error))


@app.command()
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the data.")] = False,
    size: Annotated[Size, typer.Option(help="How many isolates.")] = Size.small,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Make an invented Norway, take it in, refresh, and serve it with demo users."""
    register = open_home()
    from varde.demo import NotTheDemos, check_register, make_users, write_inbox
    from varde.synthetic import SIZES

    try:
        check_register(home())
    except NotTheDemos as error:
        fail(str(error))
    console.print(f"An invented Norway with about {SIZES[size.value]} isolates")
    with progress_bar("Writing files", SIZES[size.value]) as advance:
        inbox = write_inbox(home(), size.value, today(), in_steps(advance))
    counts = _take_in(register, [inbox], None).counts
    console.print(f"{say_counts(counts)}.")
    result = _refresh(register)
    console.print(f"Snapshot {result.snapshot}: {number_of(len(result.written), 'month')} written.")
    users = make_users()
    console.print("\nSign in as one of these; everything here is invented:")
    table = Table("User", "Password", "Who", highlight=False)
    for user in users:
        table.add_row(user.username, user.password, user.display_name)
    console.print(table)
    if not no_serve:
        _serve("127.0.0.1", port)


if __name__ == "__main__":
    main()
