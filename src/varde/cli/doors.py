"""`varde demo --doors`: what comes by every door while everything is killed, with a bar for each and a table."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from varde.cli.frame import fail, open_home, today
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.demo.doors.showing import Showing

NAMES = {"serve": "service", "mllp": "listener", "watch": "watch"}


def show_doors(isolates: int, kills: int, seed: int, keep: bool, as_json: bool) -> None:
    """Show it in a folder of its own, and end with status 1 unless every count is exact."""
    folder = Path(tempfile.mkdtemp(prefix="varde-doors-"))
    signal.signal(signal.SIGTERM, lambda *_: raise_exit())
    try:
        showing = _show(folder, isolates, kills, seed)
        if as_json:
            print_json(describe(showing, seed, folder if keep else None))
        else:
            _print(showing)
        if not showing.exact:
            raise typer.Exit(1)
    finally:
        if keep:
            console.print(f"Kept, with the logs of all processes: {folder}", soft_wrap=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def raise_exit() -> None:
    """Told to end: what was started is ended too."""
    raise SystemExit(128 + signal.SIGTERM)


def _show(folder: Path, isolates: int, kills: int, seed: int) -> Showing:
    # Nothing of the register that this command would otherwise work on may be touched.
    for name in [n for n in os.environ if n.startswith("VARDE_") or n == "DATABASE_URL"]:
        del os.environ[name]
    os.environ["VARDE_HOME"] = str(folder / "home")
    open_home()
    from django.conf import settings

    if not settings.VARDE_HOME.samefile(folder / "home"):
        fail("another register is open in this process")
    from varde.demo.doors.showing import show

    console.print("Inventing a country, and starting the service, the listener and the watch …")
    with _bars() as tell:
        try:
            return show(folder / "home", isolates, seed, kills, today(), tell)
        except RuntimeError as error:
            fail(str(error))


@contextmanager
def _bars() -> Iterator[Callable[[Showing], None]]:
    """A bar for each door and kind, only where somebody looks at it; a line for each kill."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[again]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks: list[Any] = []
        said = 0

        def tell(showing: Showing) -> None:
            nonlocal said
            if not tasks:
                for e in showing.errands:
                    words = f"{e.door}: {e.kind}"
                    tasks.append(progress.add_task(words, total=len(e.parcels), again=""))
            for task, e in zip(tasks, showing.errands, strict=True):
                again = f"{e.repeated} again" if e.repeated else ""
                progress.update(task, completed=e.handed_in, again=again)
            for kill in showing.kills[said:]:
                said += 1
                console.print(
                    f"{kill.seconds:6.1f} s  SIGKILL {said} of {showing.planned}: the {NAMES[kill.process]}"
                )

        yield tell


def _print(showing: Showing) -> None:
    table = Table(
        *("Door", "Kind", "Format", "Handed in", "Repeated", "Register", "Truth", ""),
        highlight=False,
    )
    for column in table.columns[3:7]:
        column.justify = "right"
    for e in showing.errands:
        found, true = showing.found_of(e), e.truth.total()
        table.add_row(
            *(e.door, e.kind, e.format, str(e.handed_in), str(e.repeated), str(found), str(true)),
            _verdict(showing.is_exact(e), found - true),
        )
    print_rows(table)
    for e in showing.errands:
        if e.went_wrong is not None:
            console.print(f"{e.door}, {e.kind}: {e.went_wrong}", markup=False, style="red")
    for log in showing.logs:
        if not log.exact:
            console.print(
                f"The log of {log.register} holds {log.kept} messages of {log.distinct}; {log.unread} unread."
            )
    if showing.strange:
        console.print(f"{number_of(showing.strange, 'thing')} in the register that nobody sent.")
    killed = Counter(NAMES[kill.process] for kill in showing.kills)
    words = ", ".join(f"{name} {count}" for name, count in killed.items()) or "none"
    verdict = "every count is exact" if showing.exact else "NOT exact"
    console.print(
        f"{number_of(len(showing.kills), 'kill')} ({words}) in {showing.seconds:.0f} seconds: {verdict}."
    )


def _verdict(exact: bool, difference: int) -> str:
    if exact:
        return "exact"
    return f"{difference:+d}" if difference else "differs by sender"


def describe(showing: Showing, seed: int, folder: Path | None) -> dict[str, Any]:
    """The result for scripts."""
    return {
        "exact": showing.exact,
        "seed": seed,
        "seconds": round(showing.seconds, 1),
        "kills": [{"process": k.process, "seconds": k.seconds} for k in showing.kills],
        "doors": [
            {
                "door": e.door,
                "kind": e.kind,
                "format": e.format,
                "handed_in": e.handed_in,
                "repeated": e.repeated,
                "put_off": e.put_off,
                "found": showing.found_of(e),
                "truth": e.truth.total(),
                "exact": showing.is_exact(e),
                "went_wrong": str(e.went_wrong) if e.went_wrong else None,
            }
            for e in showing.errands
        ],
        "logs": [log._asdict() | {"exact": log.exact} for log in showing.logs],
        "strange": showing.strange,
        "folder": str(folder) if folder else None,
    }
