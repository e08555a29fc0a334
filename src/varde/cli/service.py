"""Commands that serve the pages and show a demo: `serve`, `demo`."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from varde.cli.doors import show_doors
from varde.cli.frame import AsJson, fail, home, now, open_home
from varde.cli.register import refresh_all
from varde.terminal import console, in_steps, number_of, progress_bar, say_counts


class Size(StrEnum):
    """How large an invented Norway: about 4,000, 100,000 and 2,000,000 isolates."""

    small = "small"
    medium = "medium"
    large = "large"


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


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the data.")] = False,
    size: Annotated[Size, typer.Option(help="How many isolates.")] = Size.small,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    doors: Annotated[
        bool,
        typer.Option(
            "--doors",
            help="Instead: hand in all kinds by all doors at once, in a temporary folder, while the processes "
            "are killed and started again; then count. The options below belong to it.",
        ),
    ] = False,
    kills: Annotated[int, typer.Option(min=0, max=10_000, help="How often to kill one.")] = 6,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31, help="Another one: another country, other moments.")
    ] = 1,
    isolates: Annotated[
        int,
        typer.Option(min=60, max=100_000, help="How many to report; other kinds in proportion."),
    ] = 1000,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the folder there, with logs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an invented Norway, take it in, refresh, and serve it with demo users."""
    if doors:
        show_doors(isolates, kills, seed, keep, as_json)
        return
    if keep or as_json:
        fail("--keep and --json belong to --doors")
    register = open_home()
    from varde.demo.country import (
        NotTheDemos,
        check_register,
        load_terminology,
        make_users,
        take_in_as_it_came,
        write_inbox,
    )
    from varde.demo.day import live
    from varde.demo.day_steps import say, steps
    from varde.demo.followup import add_cases
    from varde.demo.prescribing import deliver, make
    from varde.register import list_files
    from varde.synthetic import SIZES
    from varde.web.serving import PortTaken, check_port

    try:
        check_register(home())
        if not no_serve:
            check_port("127.0.0.1", port)  # before the minute of work, not after it
    except (NotTheDemos, PortTaken) as error:
        fail(str(error))
    console.print(f"An invented Norway with about {SIZES[size.value]} isolates")
    with progress_bar("Writing files", SIZES[size.value]) as advance:
        inbox = write_inbox(home(), size.value, now(), in_steps(advance))
    with progress_bar("Taking in", sum(1 for _ in list_files([inbox]))) as advance:
        counts = take_in_as_it_came(register, inbox, now(), advance)
    console.print(f"{say_counts(counts)}.")
    add_cases(register, now())
    users = make_users()
    live(register, now())
    result = refresh_all(register)["persons"]
    console.print(f"Snapshot {result.snapshot}: {number_of(len(result.written), 'month')} written.")
    if load_terminology(home()):
        console.print("Invented terminology loaded: the guideline's contra-indications show why.")
    with progress_bar("Prescribing", 100) as advance:
        rows = deliver(home(), now(), _in_percent(advance))
    with progress_bar("Making reports", 100) as advance:
        made = make(home(), now(), _in_percent(advance))
    console.print(f"Prescribing: {rows} rows taken in, {number_of(made, 'report')} made.")
    console.print("\nSign in as one of these; everything here is invented:")
    table = Table("User", "Password", "Who", highlight=False)
    for user in users:
        table.add_row(user.username, user.password, user.display_name)
    console.print(table)
    console.print("\nA day in eight steps:")
    for line in say(steps(register, now()), f"http://127.0.0.1:{port}"):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not no_serve:
        _serve("127.0.0.1", port)


def _in_percent(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    """Turn "this far of so many" into hundredths for a bar."""
    step = in_steps(advance)
    return lambda done, total: step(100 * done // total, 100)
