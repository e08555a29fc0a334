"""Commands on those who sign in: `user add`, and `user grant`, `grants`, `revoke` for whom a provider recognises;
`oidc keygen`, `rotate`, `jwks`, `check` on the provider itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table
from typer.core import TyperGroup

from varde.cli.frame import AsJson, fail, home, now, open_home, start_django, today
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.access.models import Grant
    from varde.access.oidc.configuration import Configuration


class AddByDefault(TyperGroup):
    """`varde user NAME …` is `varde user add NAME …`, as long as the name is no command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, or `add`."""
        named = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if named else ["add", *args])


users = typer.Typer(
    cls=AddByDefault,
    help="Who signs in: users with passwords, and roles for those whom the provider recognises.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
oidc = typer.Typer(
    help="The provider that people sign in with, such as HelseID.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Role = Annotated[str, typer.Argument(help="A key of the roles; a wrong one lists them.")]
Area = Annotated[
    str,
    typer.Option(help="What the role is limited to: a laboratory's sender id, a municipality."),
]


@users.command()
def add(
    username: Annotated[str, typer.Argument(help="What is typed to sign in.")],
    role: Annotated[str, typer.Option(help="A key of the roles; a wrong one lists them.")],
    name: Annotated[str, typer.Option(help="Shown on the pages; else the user name.")] = "",
    area: Area = "",
) -> None:
    """Make a user, or give one a new role, area and password (asked for, at least 12 signs)."""
    open_home()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from varde.access.areas import check_area
    from varde.access.models import User
    from varde.access.oidc.identity import read_reference
    from varde.access.roles import roles

    if role not in roles():
        fail(f"there is no role {role!r}: give one of {', '.join(roles())}")
    if wrong := check_area(roles()[role], area, today()):
        fail(wrong)
    if read_reference(username.partition(".")[0]):
        fail(f"{username!r} is what users of the provider are called: give another name")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        validate_password(password)
    except ValidationError as error:
        fail(" ".join(error.messages))
    found = User.objects.filter(username=username).first() or User(username=username)
    from varde.operation import record

    new = found.pk is None
    found.display_name, found.role, found.area = name or username, role, area
    found.set_password(password)
    found.save()
    record("user-added" if new else "user-changed", f"user {username}, {role}", 1)
    console.print(f"{username} can sign in as {role}.")


@users.command()
def grant(
    role: Role,
    area: Area = "",
    name: Annotated[str, typer.Option(help="Shown beside the role's name: a place.")] = "",
    person: Annotated[
        str, typer.Option(metavar="REFERENCE", help="One person, by the reference that they saw.")
    ] = "",
    hpr: Annotated[str, typer.Option(metavar="N", help="Whoever has this HPR number.")] = "",
    organisation: Annotated[
        str, typer.Option(metavar="N", help="Only for this organisation, by its number.")
    ] = "",
    entitlement: Annotated[
        str,
        typer.Option(
            metavar="WORD", help="Everybody of the organisation with this: LE for doctors."
        ),
    ] = "",
    since: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day, 2026-11-30; else today.")
    ] = "",
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day; else none.")] = "",
    as_json: AsJson = False,
) -> None:
    """Give a role to whom the provider recognises. All that is said of them must fit."""
    open_home()
    from varde.access.oidc.grants import GrantInvalid, NewGrant, add_grant
    from varde.access.oidc.identity import read_reference
    from varde.operation import record

    reference = read_reference(person)
    if person and not reference:
        fail("a reference is twenty letters and digits, such as abcd-efgh-ijkl-mnop-qrst")
    new = NewGrant(role, area, name, reference, hpr, organisation, entitlement)
    first = _day(since, "--from") or today()
    try:
        made = add_grant(new, first, _day(until, "--to"), now())
    except GrantInvalid as error:
        fail(str(error))
    record("access-granted", f"grant {made.pk}", 1)
    if as_json:
        print_json(_show(made))
    else:
        print(made.pk)
        console.print(f"Grant {made.pk}: {role} from {first.isoformat()}.")


@users.command()
def grants(
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Also those that hold no more, or not yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The roles that are given to those whom the provider recognises."""
    open_home(make=False)
    from varde.access.oidc.grants import list_grants

    found = list_grants(None if all_of_them else today())
    if as_json:
        print_json([_show(one) for one in found])
        return
    table = Table("Grant", "Role", "Area", "To", "From", "Until", highlight=False)
    for one in found:
        last = one.valid_to.isoformat() if one.valid_to else ""
        to = ", ".join(f"{name} {value}" for name, value in _whom(one).items() if value)
        table.add_row(
            str(one.pk), one.role, one.shown or one.area, to, one.valid_from.isoformat(), last
        )
    print_rows(table)


@users.command()
def revoke(number: Annotated[int, typer.Argument(help="The grant's number.")]) -> None:
    """End a grant, at once: whoever is signed in under it is out."""
    open_home(make=False)
    from varde.access.oidc.grants import GrantInvalid, end_grant
    from varde.operation import record

    try:
        end_grant(number, today())
    except GrantInvalid as error:
        fail(str(error))
    record("access-ended", f"grant {number}", 1)
    console.print(f"Grant {number} holds no more.")


@oidc.command()
def keygen(
    following: Annotated[
        bool,
        typer.Option("--next", help="A second key, to be taken into use later by rotate."),
    ] = False,
) -> None:
    """Make the key with which Varde says to the provider who it is, in VARDE_HOME/keys."""
    from varde.access.oidc.keys import make_key, public_set, read_keys, write_keys

    path = home() / "keys" / "oidc.jwks.json"
    keys = list(read_keys(path)) if path.exists() else []
    if keys and not following:
        fail(f"there is a key already in {path}: give --next to make the one after it")
    if len(keys) > 1:
        fail("there is a next key already: varde oidc rotate takes it into use")
    keys.append(make_key())
    write_keys(path, keys)
    print(keys[-1]["kid"])
    console.print(
        f"{number_of(len(public_set(keys)['keys']), 'key')} in {path}. Give the provider what "
        "varde oidc jwks prints.",
        markup=False,
    )


@oidc.command()
def rotate() -> None:
    """Take the next key into use, once the provider has it; the one before is removed."""
    from varde.access.oidc.keys import read_keys, write_keys

    path = home() / "keys" / "oidc.jwks.json"
    keys = read_keys(path)
    if len(keys) < 2:
        fail("there is no next key: varde oidc keygen --next makes one")
    write_keys(path, keys[1:])
    print(keys[1]["kid"])
    console.print("The next key signs from now on. The provider can forget the one before.")


@oidc.command()
def jwks() -> None:
    """Print the public keys, as the provider is given them: a JWK Set."""
    from varde.access.oidc.keys import public_set, read_keys

    print_json(public_set(read_keys(home() / "keys" / "oidc.jwks.json")))


@oidc.command()
def check(as_json: AsJson = False) -> None:
    """Ask the provider what it has, and say whether people could sign in with it."""
    start_django()
    from varde.access.oidc.keys import read_keys
    from varde.access.oidc.provider import current_provider
    from varde.access.oidc.refusals import SignInRefused

    provider = current_provider()
    if provider is None:
        fail("no provider is set: VARDE_OIDC_ISSUER is empty")
    ours: Configuration = provider.configuration
    signs = read_keys(ours.keys)[0]["kid"]
    try:
        metadata, keys = provider.metadata(), provider.keys_for("")
    except SignInRefused as refused:
        fail(f"{ours.issuer}: {refused}")
    found = {
        "issuer": ours.issuer,
        "client_id": ours.client_id,
        "key": signs,
        "keys": [key["kid"] for key in keys],
        "pushed_requests": bool(metadata.pushed_authorization_request_endpoint),
        "dpop": metadata.wants_dpop,
        "userinfo": bool(metadata.userinfo_endpoint),
        "logout": bool(metadata.end_session_endpoint),
        "return_address": "/logg-inn/ekstern/retur/",
        "logout_address": "/logg-ut/ekstern/",
    }
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        console.print(f"{name}: {value}", markup=False, highlight=False)


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"{option} is no day: write it as 2026-11-30")


def _whom(grant: Grant) -> dict[str, str]:
    from varde.access.oidc.identity import show_reference

    return {
        "person": show_reference(grant.person),
        "hpr": grant.hpr,
        "organisation": grant.organisation,
        "entitlement": grant.entitlement,
    }


def _show(grant: Grant) -> dict[str, Any]:
    return {
        "grant": grant.pk,
        "role": grant.role,
        "area": grant.area,
        "name": grant.shown,
        **_whom(grant),
        "from": to_builtins(grant.valid_from),
        "to": to_builtins(grant.valid_to),
    }
