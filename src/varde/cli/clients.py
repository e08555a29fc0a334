"""Commands on senders' machines: `varde client add`, `renew`, `list`, `disable`, `enable`, `keygen`, `assertion`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import DecodeError
from msgspec.json import decode, encode, format
from rich.table import Table

from varde.cli.frame import AsJson, fail, now, open_home, start_django
from varde.terminal import console, number_of, print_json, print_rows

if TYPE_CHECKING:
    from varde.access.clients import Client

app = typer.Typer(
    help="Senders' machines: who may send what, with which keys.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ClientId = Annotated[str, typer.Argument(metavar="ID", help="The client's id.")]
KeySet = Annotated[
    Path | None, typer.Option("--jwks", metavar="FILE", help="Its public keys: a JWK Set.")
]
Certificates = Annotated[
    list[Path] | None,
    typer.Option(
        "--cert",
        metavar="FILE",
        help="A certificate it connects with, PEM or DER; may be repeated.",
    ),
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="For people: whose machine it is.")],
    sender: Annotated[str, typer.Option(help="The one sender key it speaks for: HER:91843.")],
    kind: Annotated[list[str], typer.Option(help="What it may send, or ask; may be repeated.")],
    jwks: KeySet = None,
    cert: Certificates = None,
    client_id: Annotated[str, typer.Option("--id", help="Its id; else one is made up.")] = "",
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Its own limit.")] = None,
    bytes_per_day: Annotated[int | None, typer.Option(min=1, help="Its own limit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a machine that sends, with its public keys, certificates or both."""
    with _telling():
        from varde.access.clients import NewClient, add_client

        keys, certificates = _read_files(jwks, cert)
        client = add_client(
            NewClient(
                name=name,
                sender=sender,
                kinds=tuple(kind),
                keys=keys,
                certificates=certificates,
                client_id=client_id,
                requests_per_minute=requests_per_minute,
                bytes_per_day=bytes_per_day,
            ),
            now(),
        )
    if as_json:
        print_json(_show(client))
    else:
        print(client.client_id)
        console.print(f"{client.name} may send {', '.join(client.kinds)} for {client.sender}.")


@app.command()
def renew(client_id: ClientId, jwks: KeySet = None, cert: Certificates = None) -> None:
    """Put new keys and certificates in the place of all that a client has."""
    with _telling():
        from varde.access.clients import renew_client

        client = renew_client(client_id, *_read_files(jwks, cert))
    keys, certificates = len(client.keys), len(client.fingerprints)
    console.print(
        f"{client_id} now has {number_of(keys, 'key')} and {number_of(certificates, 'certificate')}."
    )


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Every client: what it may send, for whom, with which keys and certificates."""
    with _telling():
        from varde.access.clients import list_clients

        open_home(make=False)
        clients = list_clients()
    if as_json:
        print_json([_show(client) for client in clients])
        return
    table = Table(
        "Id", "Name", "Sender", "Kinds", "Keys", "Certificates", "Active", highlight=False
    )
    for client in clients:
        table.add_row(
            client.client_id,
            client.name,
            client.sender,
            ", ".join(client.kinds),
            "\n".join(key["kid"] for key in client.keys),
            "\n".join(f"{fingerprint[:16]}…" for fingerprint in client.fingerprints),
            "yes" if client.active else "no",
        )
    print_rows(table)


@app.command()
def disable(client_id: ClientId) -> None:
    """Shut a client out, at once: tokens that it has are refused too."""
    _set_active(client_id, False)
    console.print(f"{client_id} is shut out.")


@app.command()
def enable(client_id: ClientId) -> None:
    """Let a client in again."""
    _set_active(client_id, True)
    console.print(f"{client_id} is let in.")


@app.command()
def keygen(
    private: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the private key goes, for its owner alone.")
    ] = Path("sender-private.jwk.json"),
    public: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the public key set goes: give it to add.")
    ] = Path("sender-public.jwks.json"),
) -> None:
    """Make an ES384 key pair for a sender's test. No file is written over."""
    with _telling():
        from varde.access.clients import make_pair

        pair = make_pair()
        for path in (private, public):
            if path.exists():
                fail(f"there is a file {path} already: choose another name")
        _write_new(private, encode(pair.private), 0o600)
        _write_new(public, format(encode(pair.public)) + b"\n", 0o644)
    print(pair.kid)
    console.print(f"Private key in {private}, public key set in {public}.", markup=False)


@app.command()
def assertion(
    client_id: ClientId,
    key: Annotated[Path, typer.Option(metavar="FILE", help="The private key: a JWK.")],
    audience: Annotated[str, typer.Option(metavar="URL", help="Address of the token endpoint.")],
) -> None:
    """Print a client assertion, good for one token within a minute: to try the service out."""
    with _telling():
        from varde.access.clients import make_assertion

        try:
            jwk = decode(key.read_bytes(), type=dict[str, Any])
        except DecodeError:
            fail(f"{key} is no JWK")
        print(make_assertion(client_id, jwk, audience, now()))


@contextmanager
def _telling() -> Iterator[None]:
    """With Django loaded, turn what cannot be a client into one sentence."""
    start_django()
    from varde.access.clients import ClientError

    try:
        yield
    except ClientError as error:
        fail(str(error))


def _read_files(
    jwks: Path | None, cert: list[Path] | None
) -> tuple[tuple[dict[str, str], ...], tuple[bytes, ...]]:
    """Keys and certificates of files; and the register is opened, which makes the tables."""
    from varde.access.clients import read_certificate, read_key_set

    keys = read_key_set(jwks.read_bytes()) if jwks else ()
    certificates = tuple(read_certificate(path.read_bytes()) for path in cert or ())
    open_home()
    return keys, certificates


def _set_active(client_id: str, active: bool) -> None:
    with _telling():
        from varde.access.clients import set_active

        open_home(make=False)
        set_active(client_id, active)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """A new file with exactly this mode, whatever the umask; never in the place of another."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(content)


def _show(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "sender": client.sender,
        "kinds": list(client.kinds),
        "keys": [key["kid"] for key in client.keys],
        "certificates": list(client.fingerprints),
        "active": client.active,
        "created": client.created.isoformat(),
        "requests_per_minute": client.limits.requests_per_minute,
        "bytes_per_day": client.limits.bytes_per_day,
    }
