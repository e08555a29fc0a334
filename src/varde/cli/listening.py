"""Commands that wait for what arrives: `mllp`, `watch`."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Annotated

import typer

from varde.cli.frame import fail, now, open_home, today
from varde.terminal import console, number_of

SENDER = re.compile(r"(?:HER|RSH):[0-9]{1,10}|ENH:[0-9]{9}|HL7:[^\s].*", re.ASCII)
"""Whom a message over MLLP can be from, as its reader says it."""


def mllp(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    sender: Annotated[
        str,
        typer.Option(help="Sender key (HER:91843) of all that comes; others in it are refused."),
    ] = "",
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The listener's certificate (PEM).")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its private key (PEM).")
    ] = None,
    client_ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Who vouches for clients' certificates (PEM); else those of registered clients.",
        ),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Without TLS on an address that other machines reach."),
    ] = False,
) -> None:
    """Listen for HL7 version 2 laboratory answers (ORU^R01) over MLLP, with TLS or on this machine.

    A message is acknowledged when it is durable. With TLS a client shows the certificate it is
    registered with; see `varde client`.
    """
    secured = tls_cert is not None or tls_key is not None
    if secured and (tls_cert is None or tls_key is None):
        fail("TLS needs both --tls-cert and --tls-key")
    if client_ca and not secured:
        fail("--client-ca is for TLS: give --tls-cert and --tls-key too")
    if secured and (sender or insecure):
        fail("with TLS the certificate says who sends: leave out --sender and --insecure")
    if insecure and not sender:
        fail("--insecure needs --sender: nothing else says who sends")
    if sender and not (len(sender) <= 80 and sender.isprintable() and SENDER.fullmatch(sender)):
        # Whatever else came would be refused, message for message, as another sender's.
        fail("the sender must be a key such as HER:91843, ENH:985626154 or HL7:name")
    register = open_home(waits=True)
    from varde.access import audit
    from varde.followup.running import Follower
    from varde.listening import (
        AddressProblem,
        CertificateProblem,
        Desk,
        Listener,
        bind,
        listen,
        make_context,
    )
    from varde.operation import prepare_structures
    from varde.register import Door

    try:
        context = make_context(tls_cert, tls_key, client_ca) if tls_cert and tls_key else None
        bound = bind(host, port, exposed=context is not None or insecure)
    except (AddressProblem, CertificateProblem) as error:
        fail(str(error))
    audit.keep_signed()
    prepare_structures()
    door = Door(register, now, after=Follower(lambda: register))
    listener = Listener(Desk(door, sender), context, own=client_ca is None)
    address, number = bound.getsockname()[:2]
    listen(
        listener,
        bound,
        lambda: console.print(
            f"Listening at {address}, port {number} (stop with Ctrl+C)", highlight=False
        ),
    )
    if not door.close():
        fail("some messages are durable and not read yet: the next start finishes them")


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where others put files.")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="Column mapping (TOML) for line lists; else the one beside each file."),
    ] = None,
    interval: Annotated[
        float, typer.Option(min=0.1, max=86_400, help="Seconds between two looks.")
    ] = 5,
    once: Annotated[
        bool, typer.Option("--once", help="Take in what is finished now, and end.")
    ] = False,
) -> None:
    """Take files into the register as they come into a folder, and put them away with receipts.

    A file is finished when it looks the same twice; one that still gets its content is called *.tmp,
    *.part or begins with a full stop. What is in the register moves to FOLDER/.done, or to
    FOLDER/.quarantined when something in it waits for a person. As of `varde ingest`, the exit status of --once is 1 when a
    file could not be taken in; what is in quarantine is taken in.
    """
    if not folder.is_dir():
        fail(f"there is no folder {folder}")
    given = mapping.read_bytes() if mapping else None
    register = open_home(waits=True)
    from varde.listening import Doors, FolderBusy, Watch

    doors = Doors(register, now)

    def tell(name: str, what: str) -> None:
        console.print(f"Not taken in: {name}: {what}", markup=False, style="red", soft_wrap=True)

    watching = Watch(folder, doors.take_files, today, tell, given)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watching.stop.set())
    console.print(f"Watching {folder} (stop with Ctrl+C)", markup=False, highlight=False)
    well = True
    try:
        if once:
            watching.look()
            watching.stop.wait(interval)
            well = watching.look() and not watching.problems
        else:
            watching.run(interval)
    except FolderBusy as error:
        fail(str(error))
    finally:
        watching.close()
        doors.close()
    console.print(f"{number_of(watching.taken, 'file')} taken in.")
    if watching.quarantined:
        console.print(
            f"{number_of(watching.quarantined, 'file')} with something in quarantine: varde quarantine"
        )
    if not well:
        raise typer.Exit(1)
