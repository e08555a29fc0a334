"""Commands on who is the same person: `link review|decide|undo|status`, `person show|changes`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.frame import AsJson, fail, now, open_home, today
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.access.models import User
    from varde.access.roles import Right

link = typer.Typer(
    help="Who is the same person: what a person must be asked, and what people decided.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
person = typer.Typer(
    help="One person, opened from the identity vault for a purpose; changes of persons' numbers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

By = Annotated[
    str,
    typer.Option(
        "--by", help="The user who does it; their role must allow it. The password is asked for."
    ),
]
Purpose = Annotated[str, typer.Option(help="What it is for: a purpose of that role. It is logged.")]


class Answer(StrEnum):
    """What a person can decide about two descriptions."""

    same = "same"
    different = "different"


@link.command()
def review(
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=0, help="At most this many; 0 for all.")] = 50,
) -> None:
    """List what a person must be asked: are two persons one? The least sure first, and nothing of who they are."""
    open_home(make=False)
    from varde.register import list_questions

    found = list_questions(limit or None)
    if as_json:
        print_json(
            [
                to_builtins(one)
                | {"fields": [to_builtins(f) | {"words": f.words("en")} for f in one.fields]}
                for one in found
            ]
        )
        return
    table = Table(
        "Question", "Persons", "Why", "Bits", "What speaks for and against", highlight=False
    )
    for one in found:
        said = ", ".join(f"{f.name('en')} {f.weight:+.0f}" for f in one.fields if f.weight)
        persons = " and ".join(str(number) for number in one.persons)
        table.add_row(str(one.number), persons, one.cause, f"{one.weight:+.1f}", said)
    print_rows(table)
    console.print(f"{number_of(len(found), 'question')}.")
    if any(one.cause == "death" for one in found):
        console.print(
            "Days of death: varde person show. A wrong one is taken back with a row not-died "
            "(varde person changes), or the descriptions are taken apart (varde link apart).",
            soft_wrap=True,
        )


@link.command()
def decide(
    question: Annotated[int, typer.Argument(metavar="QUESTION", help="Its number.")],
    answer: Annotated[Answer, typer.Argument(help="Whether the two are one person.")],
    by: By,
    purpose: Purpose,
    reason: Annotated[str, typer.Option(help="Why, in your own words; without names or numbers.")],
    as_json: AsJson = False,
) -> None:
    """Decide a question. Everything that hangs on the two persons follows at once; `varde link undo` takes it back."""
    register = open_home(make=False)
    from varde.register import CannotDecide, decide_question, log_decision

    user = _let(by, "decide-linkage", purpose)
    try:
        number = decide_question(
            register,
            question,
            same=answer is Answer.same,
            by=user.username,
            purpose=purpose,
            reason=reason,
            at=now(),
            log=log_decision(user, "linkage decision", purpose, "command-line"),
        )
    except CannotDecide as error:
        fail(str(error))
    _say(number, answer.value, as_json)


@link.command()
def undo(
    ruling: Annotated[int, typer.Argument(metavar="DECISION", help="Its number.")],
    by: By,
    purpose: Purpose,
    reason: Annotated[str, typer.Option(help="Why, in your own words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take a decision back: everything is as if it had not been made."""
    register = open_home(make=False)
    from varde.register import CannotDecide, log_decision, undo_decision

    user = _let(by, "decide-linkage", purpose)
    try:
        number = undo_decision(
            register,
            ruling,
            by=user.username,
            purpose=purpose,
            reason=reason,
            at=now(),
            log=log_decision(user, "linkage decision undone", purpose, "command-line"),
        )
    except CannotDecide as error:
        fail(str(error))
    if as_json:
        print_json({"decision": number, "verdict": "undone", "undoes": ruling})
    else:
        console.print(f"Decision {ruling} is undone.")


@link.command()
def apart(
    number: Annotated[int, typer.Argument(metavar="PERSON", help="Their number in the register.")],
    descriptions: Annotated[
        str,
        typer.Argument(help="Those that are of somebody else, as in `varde person show`: 2,3."),
    ],
    by: By,
    purpose: Purpose,
    reason: Annotated[str, typer.Option(help="Why, in your own words; without names or numbers.")],
    seen: Annotated[
        str,
        typer.Option(
            metavar="MARK", help="What `varde person show` gave: nothing is decided if it is old."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Decide that some descriptions of a person are somebody else's, whatever joined them."""
    register = open_home(make=False)
    from varde.register import CannotDecide, log_decision, part_person

    if not seen:
        fail("give the mark that `varde person show` gave: --seen MARK")
    places = [each.strip() for each in descriptions.split(",")]
    if not all(each.isascii() and each.isdigit() and len(each) < 6 for each in places):
        fail("say which descriptions, by their numbers: 2,3")
    user = _let(by, "decide-linkage", purpose)
    try:
        ruling = part_person(
            register,
            number,
            [int(each) for each in places],
            by=user.username,
            purpose=purpose,
            reason=reason,
            at=now(),
            log=log_decision(user, "linkage decision", purpose, "command-line"),
            mark=seen,
        )
    except CannotDecide as error:
        fail(str(error))
    _say(ruling, "different", as_json)


@link.command()
def join(
    one: Annotated[int, typer.Argument(metavar="PERSON", help="Their number in the register.")],
    other: Annotated[int, typer.Argument(metavar="PERSON", help="The other's.")],
    by: By,
    purpose: Purpose,
    reason: Annotated[str, typer.Option(help="Why, in your own words; without names or numbers.")],
    as_json: AsJson = False,
) -> None:
    """Decide that two persons are one, whatever speaks against it."""
    register = open_home(make=False)
    from varde.register import CannotDecide, join_persons, log_decision

    user = _let(by, "decide-linkage", purpose)
    try:
        ruling = join_persons(
            register,
            one,
            other,
            by=user.username,
            purpose=purpose,
            reason=reason,
            at=now(),
            log=log_decision(user, "linkage decision", purpose, "command-line"),
        )
    except CannotDecide as error:
        fail(str(error))
    _say(ruling, "same", as_json)


@link.command()
def status(as_json: AsJson = False) -> None:
    """Show how linking stands: descriptions, persons, questions, decisions, changes of number."""
    open_home(make=False)
    from varde.register import count_identities

    found = count_identities()
    if as_json:
        print_json(found)
        return
    table = Table("What", "How many", highlight=False)
    for name, count in found.items():
        table.add_row(name.replace("_", " "), str(count))
    print_rows(table)


@person.command()
def show(
    number: Annotated[
        int, typer.Argument(metavar="PERSON", help="The person's number in the register.")
    ],
    by: By,
    purpose: Purpose,
    as_json: AsJson = False,
) -> None:
    """Show who one person is, as current reports say. The look is logged before anything is shown."""
    register = open_home(make=False)
    from varde.access.decisions import AccessRefused
    from varde.cli.signing import sign_in
    from varde.register import open_person, read_deaths_of

    user = sign_in(by)
    try:
        found = open_person(register, user, number, purpose, "command-line")
    except AccessRefused as error:
        fail(error.refused.reason("en"))
    if found is None:
        fail(f"there is no person {number}")
    rows = [{"description": at} | _tell(one) for at, one in enumerate(found.descriptions, 1)]
    deaths = read_deaths_of([number], register.context.knowledge)
    days = [str(one.day) if one.day else "day not said" for one in deaths]
    if as_json:
        print_json({"person": number, "descriptions": rows, "deaths": days, "mark": found.mark})
        return
    table = Table(*rows[0], highlight=False)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    print_rows(table)
    if days:  # also of lists of numbers, which no description tells of
        console.print(f"Said to have died: {', '.join(days)}.")
    console.print(f"Mark: {found.mark}")


@person.command()
def changes(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns what, old, new, day, source.")
    ],
    as_json: AsJson = False,
) -> None:
    """Take in changes of persons' numbers, splits and deaths. Persons follow at once; the same file twice is harmless."""
    register = open_home(make=False)
    from varde.register import take_changes
    from varde.register.identities.number_changes import FAULTS

    taken = take_changes(register, file.read_bytes(), now(), today())
    if as_json:
        told = taken._asdict()
        told["refused"] = [one._asdict() for one in taken.refused]
        print_json(told)
    else:
        for one in taken.refused:
            console.print(f"Line {one.line}: {FAULTS[one.fault]}", markup=False, style="red")
        console.print(
            f"{number_of(taken.added, 'row')} taken in, {taken.known} known already, "
            f"{len(taken.refused)} refused; {number_of(taken.moved, 'report')} moved."
        )
    if taken.refused:
        raise typer.Exit(1)


def _say(decision: int, verdict: str, as_json: bool) -> None:
    """What was decided, and how it is taken back."""
    if as_json:
        print_json({"decision": decision, "verdict": verdict})
    else:
        console.print(f"Decision {decision}: {verdict}. Undo it with: varde link undo {decision}")


def _let(name: str, right: Right, purpose: str) -> User:
    """The user, who types the password, if they may do it for that; a refusal is logged."""
    from varde.access import audit
    from varde.access.decisions import Refused, allows
    from varde.cli.signing import sign_in

    user = sign_in(name)
    decision = allows(user, right, None, purpose)
    if isinstance(decision, Refused):
        audit.record(user, "denied", "command-line")
        fail(decision.reason("en"))
    return user


def _tell(description: Any) -> dict[str, Any]:
    """A description in words."""
    born: date | None = description.born
    return {
        "numbers": " ".join(f"{one.kind} {one.value}" for one in description.numbers),
        "family": description.family,
        "given": description.given,
        "born": str(born or description.birth_year or ""),
        "sex": description.sex,
        "municipality": description.municipality,
        "postal_code": description.postal_code,
        "phone": description.phone,
        "died": str(description.died or ("yes" if description.dead else "")),
    }
