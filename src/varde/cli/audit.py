"""Commands on the access log: `audit verify`, `audit sign`, `audit list`, `audit person`, `audit key`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.frame import AsJson, fail, home, now, start_django
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.access.audit import Look, Report
    from varde.access.models import User

app = typer.Typer(
    help="The access log: whether it is whole, and who has seen whom.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Language(StrEnum):
    """Of what a person is shown."""

    nb = "nb"
    en = "en"


@app.command()
def verify(
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="HEADFILE", help="A copy of the heads that lay elsewhere."),
    ] = None,
    public_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A public key (PEM) that signed; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """See that no entry was changed, removed, put in between or cut off; exit status 1 when one was, 3 when all is
    whole and somebody has recorded, since the last time, that a backup was put back.

    Changes nothing but the note of it that the page of the log goes on from, and needs no private key: it works on a
    copy of the database.
    """
    with _telling():
        from varde.access import audit

        heads = source or audit.place_of(home())
        if source is not None and not source.exists():
            fail(f"there is no {source}")
        trusted = (
            audit.read_public_keys(public_key) if public_key else audit.own_public_keys(home())
        )
        if heads.exists() and heads.stat().st_size and not trusted:
            fail("there is no public key to verify the heads with: give one with --public-key")
        seen = audit.last_seen(home()) if source is None else None
        report = audit.verify_log(heads, trusted, copy=source is not None, seen=seen)
        if source is None:
            audit.remember(home(), report, now())
    if as_json:
        print_json({"whole": report.whole, "first_bad": report.first_bad, **to_builtins(report)})
    else:
        _say_report(report)
    if not report.whole:
        raise typer.Exit(1)
    if report.restored:
        raise typer.Exit(3)


def _say_report(report: Report) -> None:
    console.print(
        f"{number_of(report.entries, 'entry') if report.entries == 1 else f'{report.entries} entries'}, "
        f"{number_of(report.heads, 'head')}; signed up to entry {report.signed}."
    )
    for note in report.notes:
        console.print(f"To know: {note}.", markup=False, soft_wrap=True)
    if report.restored:
        console.print(
            "varde: it was recorded that a backup was put back: entries that were signed may be gone. See that it was so.",
            style="red",
            soft_wrap=True,
        )
    for fault in report.faults:
        console.print(f"varde: {fault.text}.", markup=False, style="red", soft_wrap=True)
    if report.more:
        console.print(f"varde: and {report.more} more.", markup=False, style="red")
    if report.whole:
        console.print(f"The access log is whole. Its newest hash: {report.digest}", markup=False)


@app.command()
def sign(
    restored: Annotated[
        bool,
        typer.Option("--restored", help="Record that a backup was put back, and go on from it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sign the newest entry of the access log, in the file of heads outside the database."""
    with _telling():
        from varde.access import audit
        from varde.operation import this_operator

        head = audit.sign_restored(this_operator()) if restored else audit.sign()
    if as_json:
        print_json(to_builtins(head) if head else None)
    elif head is None:
        console.print("There is no entry to sign yet.")
    else:
        console.print(
            f"Head {head.number}: entry {head.sequence} has the hash {head.hash}, signed by the key "
            f"{head.key_id}, in {audit.place_of(home())}.",
            markup=False,
            soft_wrap=True,
        )


@app.command("list")
def list_day(
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="A day in Norway; else today."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The entries of one day, for whoever inspects the log. That it was read is logged too."""
    with _telling():
        from django.utils import timezone

        from varde.access import audit
        from varde.access.models import AccessLogEntry
        from varde.operation import this_operator

        chosen: date = day.date() if day else timezone.localdate()
        zone = timezone.get_default_timezone()
        begins = datetime.combine(chosen, time(), zone)
        ends = datetime.combine(chosen + timedelta(days=1), time(), zone)
        entries = AccessLogEntry.objects.filter(at__gte=begins, at__lt=ends).order_by("id")
        names = [field.attname for field in AccessLogEntry._meta.concrete_fields]
        found = [dict(zip(names, row, strict=True)) for row in entries.values_list(*names)]
        audit.record(this_operator(), "view", "command-line", "access log entry", len(found))
    if as_json:
        print_json([row | {"at": row["at"].isoformat()} for row in found])
        return
    table = Table("No", "Time", "User", "Role", "Did", "Page", "What", "Purpose", highlight=False)
    for row in found:
        what = f"{row['object_count']} {row['object_kind']}" if row["object_kind"] else ""
        shown = (row["actor"], row["role"], row["action"], row["page"], what, row["purpose"])
        table.add_row(str(row["id"]), f"{row['at'].astimezone(zone):%H:%M:%S}", *shown)
    print_rows(table)


_WORDS = {
    Language.nb: ("Tid", "Hvem", "Rolle", "Gjorde", "Formål"),
    Language.en: ("Time", "Who", "Role", "Did", "Purpose"),
}
_NOBODY = {
    Language.nb: "Ingen har sett opplysninger om personen.",
    Language.en: "Nobody has seen what is known of the person.",
}


@app.command()
def person(
    user: Annotated[
        str, typer.Option(help="Who shows it: a user whose role may. The password is asked for.")
    ],
    number: Annotated[
        str,
        typer.Option(
            metavar="-", help="- alone: the person's numbers are read from standard input."
        ),
    ] = "-",
    language: Annotated[Language, typer.Option(help="Of the words.")] = Language.nb,
    as_json: AsJson = False,
) -> None:
    """Who has seen a person, when, as which role and for which purpose: for that person.

    The number (or several, one a line: an earlier D-number too) comes by standard input, never on the
    command line. That it was asked, and about whom, is logged too.
    """
    if number != "-":
        fail("a number is never given on the command line: --number - reads it from standard input")
    with _telling():
        from varde.access import audit
        from varde.access.purposes import purpose_of

        shown_by = _let(user)
        asked = _pseudonyms(sys.stdin.read())
        known = [pseudonym for names, _logged_by in asked for pseudonym in names]
        looks = list(audit.list_looks(known, language.value))
        purpose = purpose_of("access-request")
        about = [logged_by for _names, logged_by in asked]
        audit.record_looks(
            shown_by, "looks-shown", "command-line", "access log entry", purpose, about
        )
    if as_json:
        print_json(
            [
                to_builtins(look, builtin_types=(datetime,)) | {"at": look.at.isoformat()}
                for look in looks
            ]
        )
        return
    _say_looks(looks, language)


def _say_looks(looks: list[Look], language: Language) -> None:
    from django.utils import timezone, translation

    from varde.web.pages.access_log import ACTIONS

    if not looks:
        console.print(_NOBODY[language])
        return
    zone = timezone.get_default_timezone()
    table = Table(*_WORDS[language], highlight=False)
    with translation.override(language.value):
        for look in looks:
            did = str(ACTIONS.get(look.action, look.action))
            at = f"{look.at.astimezone(zone):%Y-%m-%d %H:%M}"
            role = f"{look.role_name}, {look.area}" if look.area else look.role_name
            table.add_row(at, look.name or look.actor, role, did, look.purpose)
    print_rows(table)


def _let(username: str) -> User:
    """The user, who types the password and whose role may show a person who has seen them."""
    from varde.access import audit
    from varde.access.roles import may_do
    from varde.cli.signing import sign_in

    found = sign_in(username)
    if not may_do(found, "show-lookups"):
        audit.record(found, "denied", "command-line", "access log entry")
        fail("your role is not allowed to show who has seen a person")
    return found


def _pseudonyms(text: str) -> list[tuple[tuple[bytes, ...], bytes]]:
    """What the log may name each of the numbers by, and does now; they stand one a line."""
    from varde.access.keys import load_keys
    from varde.access.pseudonyms import make_pseudonymiser
    from varde.register import named_in_log

    pseudonymise = make_pseudonymiser(load_keys(home(), make=False), "register")
    numbers = ["".join(line.split()) for line in text.splitlines() if line.strip()]
    if not numbers:
        fail("no number came by standard input")
    found = []
    for number in dict.fromkeys(numbers):
        if not (number.isascii() and number.isdigit() and len(number) in (11, 12)):
            fail("that is no number of a person: eleven digits, or twelve of DUF")
        found.append(named_in_log(number, pseudonymise))
    return found


@app.command()
def key(as_json: AsJson = False) -> None:
    """Print the public key (PEM) that the heads are verified with: keep it where nobody here can change it."""
    with _telling():
        from varde.access import audit

        found = audit.own_public_keys(home())
        if not found:
            fail("there is no key yet: varde audit sign makes one")
        [(key_id, public), *_] = found.items()
    pem = audit.write_pem(public)
    if as_json:
        print_json({"key_id": key_id, "public_key": public.hex(), "pem": pem})
        return
    sys.stdout.write(pem)
    console.print(f"Key {key_id}.")


@contextmanager
def _telling() -> Iterator[None]:
    """With Django loaded and a register there, turn what cannot be done into one sentence."""
    start_django()
    from varde.access.audit import AuditError
    from varde.operation import OperationError, need_register

    try:
        need_register(home())
        yield
    except (OperationError, AuditError) as error:
        fail(str(error))
