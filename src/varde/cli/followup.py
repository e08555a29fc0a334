"""Commands on what is done about cases: `followup run`, `followup times`, `inbox`, `event`. They show nobody's identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.frame import AsJson, fail, now, open_home, today
from varde.terminal import console, number_of, print_json, print_rows

app = typer.Typer(
    help="What is done about cases: tell what has changed, remind, escalate; how long it took.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
event = typer.Typer(
    help="Outbreaks that somebody reported: open and close them, join cases to them, list them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Number = Annotated[int, typer.Argument(metavar="EVENT", help="The event's number.")]
CaseNumber = Annotated[int, typer.Argument(metavar="CASE", help="The case's number.")]


class Kind(StrEnum):
    """What kind of place an outbreak is from."""

    food = "food"
    institution = "institution"
    hospital = "hospital"
    other = "other"


class By(StrEnum):
    """What times are grouped by."""

    disease = "disease"
    municipality = "municipality"
    month = "month"
    unit = "unit"
    laboratory = "laboratory"


@app.command()
def run(as_json: AsJson = False) -> None:
    """Tell units what has changed, remind those who have not answered, and tell others in their place.

    For cron, every few minutes: running it twice does nothing twice. The service does the same after each batch.
    """
    register = open_home(make=False)
    from varde.followup.running import run as follow

    done = follow(now(), register)
    if as_json:
        print_json(to_builtins(done))
        return
    console.print(
        f"{number_of(done.cases, 'changed case')} looked at; {number_of(done.reminders, 'reminder')}, "
        f"{number_of(done.escalated, 'step')} of escalation, "
        f"{number_of(done.forms, 'missing form')} told of."
    )


@app.command()
def times(
    by: Annotated[
        By, typer.Option(help="Group by disease, municipality, month, unit or laboratory.")
    ] = By.disease,
    date_from: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Earliest day in an inbox."),
    ] = None,
    date_to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Latest day in an inbox."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How long it took from specimen to result, intake, inbox and receipt: median and 90th percentile, in hours."""
    open_home(make=False)
    from varde.followup.times import PARTS, read_times

    last = date_to.date() if date_to else today()
    first = date_from.date() if date_from else last - timedelta(days=365)
    found = read_times(first, last, today(), by.value)
    if as_json:
        print_json(to_builtins(found))
        return
    table = Table(by.value, "cases", *PARTS, highlight=False)
    for row in (found.whole, *found.rows):
        cells = (
            ""
            if (spread := row.parts[part]).median is None
            else f"{spread.median:.1f}; {spread.ninth:.1f}"
            for part in PARTS
        )
        name = "all" if row is found.whole else row.key or "unknown"
        table.add_row(name, str(row.cases), *cells)
    print_rows(table)
    console.print("Hours: half within; nine of ten within.")


@app.command("tables")
def show_tables(as_json: AsJson = False) -> None:
    """Check what this site says of its units in followup.json: telephones, deputies, nursing homes; and what is missing."""
    open_home(make=False)
    from pathlib import Path

    from django.conf import settings

    from varde.codes import municipalities, trusts
    from varde.followup.site import SITE, local_tables, read_site_file
    from varde.followup.tables import TablesInvalid

    try:
        said = read_site_file(Path(settings.VARDE_HOME) / SITE)
    except TablesInvalid as problem:
        fail(str(problem))
    on, known = today(), local_tables()
    units = [f"municipality:{one}" for one in sorted(municipalities(on))]
    units += [f"trust:{one}" for one in sorted(trusts(on))]
    silent = [unit for unit in units if not known.telephone(unit, on)]
    alone = [unit for unit in units if not known.deputy(unit, on)]
    if as_json:
        missing = {"without_telephone": silent, "without_deputy": alone}
        print_json({**to_builtins(said), **missing})
        return
    console.print(
        f"{SITE}: {number_of(len(said.telephones), 'telephone')}, "
        f"{number_of(len(said.deputies), 'row')} of deputies, "
        f"{number_of(len(said.institutions), 'institution')}."
    )
    console.print(
        f"Of {len(units)} municipalities and trusts, {len(silent)} have no telephone and {len(alone)} no deputy."
    )


def inbox(
    unit: Annotated[
        str,
        typer.Argument(
            metavar="UNIT", help="municipality:0301, trust:993467049, national or food-safety."
        ),
    ],
    show_all: Annotated[
        bool, typer.Option("--all", help="Also what is done, moved or over.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what a unit has been told and what it has done about it, the most urgent first."""
    open_home(make=False)
    from varde.followup.inbox import list_inbox
    from varde.followup.units import is_unit

    if not is_unit(unit, today()):
        fail(f"there is no unit {unit!r}: give one such as municipality:0301 or national")
    _log_look("inbox thread")
    found = list_inbox(unit, now(), today(), "all" if show_all else "open")
    if as_json:
        print_json(to_builtins(found))
        return
    table = Table(
        *("thread", "about", "disease", "class", "due", "state", "reading", "at once", "reason"),
        highlight=False,
    )
    for one in found:
        about = f"event {one.event}" if one.event else f"{one.kind} {one.case}"
        due = one.due_at.astimezone().strftime("%Y-%m-%d %H:%M")
        due += " overdue" if one.overdue else ""
        cells = (str(one.id), about, one.disease, one.classification, due, one.state, one.reading)
        table.add_row(*cells, "yes" if one.at_once else "", one.reason)
    print_rows(table)
    console.print(f"{number_of(len(found), 'thread')}.")


def _log_look(what: str) -> None:
    from varde.access import audit
    from varde.operation import this_operator

    audit.record(this_operator(), "view", "command-line", what, 1)


# --- events ---------------------------------------------------------------------------------------


@contextmanager
def _problems_told() -> Iterator[None]:
    """What cannot be kept of an event is said in a sentence."""
    from django.core.exceptions import ObjectDoesNotExist

    from varde.followup.events import EventProblem

    try:
        yield
    except EventProblem as problem:
        fail(str(problem))
    except ObjectDoesNotExist:
        fail("there is no such event: see varde event list")


def _by(what: str) -> str:
    """The operator's name; what is done is in the access log."""
    from varde.access import audit
    from varde.operation import this_operator

    operator = this_operator()
    audit.record(operator, "change", "command-line", what, 1)
    return str(operator.username)


def _operator() -> str:
    from varde.operation import this_operator

    return str(this_operator().username)


@contextmanager
def _membership(case: int, what: str) -> Iterator[Callable[[bool], bool]]:
    """That a case was joined to an event or left it is logged with what is done, for outbreak, about the person where
    anybody knows who it is."""
    from varde.access import audit
    from varde.access.purposes import purpose_of
    from varde.followup.threads import alone
    from varde.operation import this_operator
    from varde.register import pseudonym_of

    def tell(done: bool) -> bool:
        if done:
            about, purpose = pseudonym_of(case), purpose_of("outbreak")
            operator, page = this_operator(), "command-line"
            if about is None:
                audit.record(operator, "change", page, what, 1, purpose)
            else:
                audit.record(operator, "change", page, what, 1, purpose=purpose, about=about)
        return done

    with alone():
        yield tell


@event.command("open")
def open_one(
    kind: Annotated[Kind, typer.Option(help="What kind of place it is from.")],
    place: Annotated[str, typer.Option(help="Where, in words.")],
    description: Annotated[str, typer.Option(help="What has happened; nobody's name or number.")],
    first_day: Annotated[
        datetime, typer.Option("--first-day", formats=["%Y-%m-%d"], help="The first day.")
    ],
    disease: Annotated[str, typer.Option(help="The disease's key; none: not known yet.")] = "",
    unit: Annotated[str, typer.Option(help="Whose event it is.")] = "national",
    as_json: AsJson = False,
) -> None:
    """Open an event; those whom the tables name are told at once."""
    open_home(make=False)
    from varde.followup.events import Opening, open_event
    from varde.followup.units import is_unit

    if not is_unit(unit, today()):
        fail(f"there is no unit {unit!r}: give one such as municipality:0301 or national")
    said = Opening(
        kind=kind.value,
        disease=disease,
        unit=unit,
        place=place,
        first_day=first_day.date(),
        description=description,
    )
    with _problems_told():
        number = open_event(said, _by("event"), now())
    if as_json:
        print_json({"event": number})
    else:
        console.print(f"Event {number} is open.")


@event.command()
def close(
    number: Number,
    conclusion: Annotated[str, typer.Option(help="What was found; nobody's name or number.")],
) -> None:
    """Close an event with a conclusion."""
    open_home(make=False)
    from varde.followup.due_contacts import count_ongoing
    from varde.followup.events import close_event

    with _problems_told():
        done = close_event(number, conclusion, _by(f"event closed {number}"), now())
    console.print(f"Event {number} is closed." if done else f"Event {number} was closed before.")
    ongoing = count_ongoing(number, today())
    if done and ongoing.followed:
        console.print(
            f"Contacts who are followed on: {ongoing.followed}, of whom {ongoing.ill} have symptoms."
        )


@event.command()
def disease(
    number: Number,
    key: Annotated[str, typer.Argument(metavar="DISEASE", help="Its key; '': nobody knows.")],
) -> None:
    """Say of which disease an open event is: what its cases are evidence of is worked out anew."""
    register = open_home(make=False)
    from varde.followup.event_disease import say_disease

    with _problems_told():
        what = f"disease of event {number}: {key or 'not known'}"
        done = say_disease(number, key, _by(what), now(), register=register)
    console.print("That is kept." if done else "That was said before.")


@event.command()
def join(number: Number, case: CaseNumber) -> None:
    """Join a case to an event."""
    register = open_home(make=False)
    from varde.followup.events import join as join_case

    with _problems_told(), _membership(case, f"case {case} joined to event {number}") as told:
        done = told(join_case(number, case, _operator(), now(), register=register))
    console.print(f"Case {case} is in event {number}." if done else "It was in it before.")


@event.command()
def leave(number: Number, case: CaseNumber) -> None:
    """Take a case out of an event; that it was in it stays known."""
    register = open_home(make=False)
    from varde.followup.events import leave as leave_event

    with _membership(case, f"case {case} left event {number}") as told:
        done = told(leave_event(number, case, _operator(), now(), register=register))
    console.print(f"Case {case} is out of event {number}." if done else "It was not in it.")


@event.command("list")
def list_all(
    show_all: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List events with their cases' numbers."""
    open_home(make=False)
    from varde.followup.events import cases_in, list_events

    rows: list[dict[str, Any]] = []
    for one in list_events(None, today(), closed=show_all):
        opened: datetime = one.opened_at
        first: date = one.first_day
        rows.append(
            {
                "event": one.id,
                "kind": one.kind,
                "disease": one.disease,
                "unit": one.unit,
                "place": one.place,
                "first_day": first.isoformat(),
                "opened_at": opened.isoformat(),
                "closed_at": one.closed_at.isoformat() if one.closed_at else None,
                "conclusion": one.conclusion,
                "cases": [case.number for case in cases_in(one.id)],
            }
        )
    if as_json:
        print_json(rows)
        return
    table = Table("event", "kind", "disease", "unit", "place", "first day", "cases", "state")
    for row in rows:
        cells = (row["kind"], row["disease"], row["unit"], row["place"], row["first_day"])
        state = "closed" if row["closed_at"] else "open"
        table.add_row(str(row["event"]), *cells, str(len(row["cases"])), state)
    print_rows(table)
    console.print(f"{number_of(len(rows), 'event')}.")
