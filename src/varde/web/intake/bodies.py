"""What is in the body of a request: one message, or an archive of several; never more than agreed."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from varde.access.clients import Client, ClientRefused, allowances
from varde.web.intake.refusals import IntakeRefused

PIECE = 1 << 16


def take_body(
    request: HttpRequest, client: Client, check: Callable[[], None] = lambda: None
) -> bytes:
    """The body of a client's request, taken from what the client may send: also a request that is refused for its kind
    or its body is one, so that who hammers is told to wait.

    Args:
        client: who has shown who it is; of anybody else nothing is counted.
        check: what the client must be allowed, asked before the body is read.

    Raises:
        ClientRefused: too much, or what `check` says.
        IntakeRefused: as `read_body`, or what `check` says.
    """
    try:
        check()
        body = read_body(request)
    except (ClientRefused, IntakeRefused):
        allowances.spend(client.client_id, client.limits, 0)
        raise
    allowances.spend(client.client_id, client.limits, len(body))
    return body


def read_body(request: HttpRequest, most: int | None = None) -> bytes:
    """The bytes of the body, unpacked when they came packed with gzip.

    Args:
        most: bytes, packed and unpacked; None for what the setting says.

    Raises:
        IntakeRefused: ``empty``, ``cut-short``, ``too-large``, ``unknown-encoding`` or
            ``damaged-encoding``.
    """
    most = settings.VARDE_INTAKE_MAX_BYTES if most is None else most
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > most:
        raise IntakeRefused("too-large", str(most))
    try:
        body = _read(request, most)
    except (UnreadablePostError, OSError):
        raise IntakeRefused("cut-short") from None
    if len(body) < announced:
        raise IntakeRefused("cut-short")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "gzip":
        body = _unzip(body, most)
    elif encoding != "identity":
        raise IntakeRefused("unknown-encoding", encoding[:40])
    if not body:
        raise IntakeRefused("empty")
    return body


def _read(request: HttpRequest, most: int) -> bytes:
    body = io.BytesIO()
    while piece := request.read(PIECE):
        body.write(piece)
        if body.tell() > most:
            raise IntakeRefused("too-large", str(most))
    return body.getvalue()


def _unzip(body: bytes, most: int) -> bytes:
    """What gzip packed, never unpacking more than `most` and a little."""
    unpacked = io.BytesIO()
    rest = body
    try:
        while rest:
            stream = zlib.decompressobj(wbits=31)
            while rest and not stream.eof:
                unpacked.write(stream.decompress(rest, PIECE))
                rest = stream.unconsumed_tail
                if unpacked.tell() > most:
                    raise IntakeRefused("too-large", str(most))
            if not stream.eof:
                raise IntakeRefused("damaged-encoding")
            rest = stream.unused_data
    except zlib.error:
        raise IntakeRefused("damaged-encoding") from None
    return unpacked.getvalue()
