"""Commands that wait for what arrives: `mllp`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli.frame import fail, now, open_home
from varde.terminal import console


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
    if len(sender) > 80 or not sender.isprintable():
        fail("the sender must be a key such as HER:91843")
    register = open_home()
    from varde.listening import (
        AddressProblem,
        CertificateProblem,
        Desk,
        Listener,
        bind,
        listen,
        make_context,
    )
    from varde.register import Door

    try:
        context = make_context(tls_cert, tls_key, client_ca) if tls_cert and tls_key else None
        bound = bind(host, port, exposed=context is not None or insecure)
    except (AddressProblem, CertificateProblem) as error:
        fail(str(error))
    door = Door(register, now)
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
