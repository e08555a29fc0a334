"""Who a message is about is in no table of the register, in no receipt and in no line of a log: through every format,
with messages that are taken and with one of each that is refused."""

from __future__ import annotations

import logging

import pytest
from django.db import connection

from messages import fhir_builder as fhir
from messages import gallery
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages import klinikermelding_builder as klinikermelding
from messages.numbers import some_number
from messages.test_described import SECRETS, is_hidden, with_secrets
from messages.vaccination_builder import simple
from register.answers import NOW, make_register
from varde.messages import Failure, read
from varde.register import log
from varde.register.intake import take_in
from varde.register.log import Incoming
from varde.register.validation import validate

NUMBER = some_number()
GOOD = [
    kith.message(kith.report(kith.patient(kith.specimen(), kith.identification("Escherichia coli")))),
    fhir.write(fhir.simple(fhir.organism(), fhir.susceptibility())),
    fhir.write(simple()),
    hl7.message(hl7.pid(), hl7.obr(), hl7.organism(), hl7.test(), hl7.spm(), head=hl7.header(f10="M2", f4="L^9.9.9^ISO")),
    klinikermelding.write(klinikermelding.whose(fodselsnummer=NUMBER)),
]  # fmt: skip
BAD = [data for data, mapping in gallery.EVERY.values() if mapping is None and len(data) < 200_000]
SENT = [with_secrets(data) for data in (*GOOD, *BAD)]


def incoming() -> list[Incoming]:
    return [Incoming("f", data, door="api") for data in SENT]


def tables() -> dict[str, list[bytes]]:
    """Every cell of every table, as bytes; sealed ones are what they are."""
    found: dict[str, list[bytes]] = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            for row in cursor.fetchall():
                cells = (
                    bytes(c) if isinstance(c, bytes | memoryview) else str(c).encode() for c in row
                )
                found.setdefault(name, []).extend(cells)
    return found


def test_the_messages_name_somebody_and_the_readers_see_it() -> None:
    described = 0
    for data in SENT[: len(GOOD)]:
        for record in read(data, None, NOW):
            assert not isinstance(record, Failure), record
            described += record.patient.described is not None  # type: ignore[attr-defined]
    assert described == len(GOOD)


@pytest.mark.django_db
def test_the_register_keeps_nobody_in_clear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    register = make_register()
    counts = take_in(register, incoming(), lambda: NOW)
    assert is_hidden(repr(counts)) and is_hidden(caplog.text)
    found = tables()
    assert len(found["register_item"]) > 100
    for name, cells in found.items():
        for cell in cells:
            for secret in SECRETS:
                assert secret.encode() not in cell, name
                assert secret.encode("utf-16-le") not in cell, name
    [stored] = log.read([1], register.sealer)
    assert any(secret.encode() in stored.data for secret in SECRETS)


@pytest.mark.django_db
def test_a_validation_shows_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    register = make_register()
    told = [receipt for each in incoming() for receipt in validate(register, each, NOW)]
    assert {receipt.state for receipt in told} == {"accepted", "quarantined"}
    assert all(is_hidden(repr(receipt)) for receipt in told)
    assert is_hidden(caplog.text)
