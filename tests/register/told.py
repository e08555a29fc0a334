"""Laboratory answers that say who somebody is, a register that links persons, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from messages import kith_builder as kith
from register.answers import KEYS, register_state
from varde.access.keys import Keys
from varde.access.sealing import Sealer
from varde.codes import CodeMap
from varde.identity.vault import Vault
from varde.register.opening import Register
from varde.register.projection import Context

VAULT_KEYS = Keys(pseudonym=bytes(32), storage={"v1": bytes(range(2, 34))})


def linked_register(home: Any = None) -> Register:
    """A register with fixed keys that links persons, on whatever databases the test has."""
    context = Context.make(CodeMap.load(), KEYS, vault=Vault(Sealer(VAULT_KEYS)))
    return Register(home=home, sealer=Sealer(KEYS), context=context)


def told(
    report: str = "R1",
    *,
    family: str = "Fjellvang",
    given: str = "Torhild",
    number: str | None = None,
    kind: str = "FNR",
    born: str | None = "1980-05-17",
    sex: str | None = "2",
    municipality: str | None = "0301",
    postal: str | None = None,
    phone: str | None = None,
    service: str = "N",
    made: int = 1,
    her: str = "91843",
    organism: str = "Escherichia coli",
    free: str | None = None,
    message: str = "",
    also: str | None = None,
    own: str | None = None,
    died: str | None = None,
    taken: str = "2025-12-05",
) -> bytes:
    """One KITH answer about somebody; `made` is the day of January 2026 its version was generated.

    Args:
        also: a D number beside the other.
        own: the laboratory's own number of the person, beside the other.
        died: the day of death; taken: the day of the specimen.
    """
    local = kith.element("AdditionalId", kith.text("Id", own), kith.coded("Type", "LOK"))
    more = kith.element("AdditionalId", kith.text("Id", also), kith.coded("Type", "DNR"))
    home = kith.element(
        "Address",
        kith.coded("Type", "H"),
        kith.text("PostalCode", postal),
        kith.coded("County", municipality),
        kith.element("TeleAddress", V=f"tel:{phone}") if phone else "",
    )
    specimen = kith.specimen(
        collected=f"{taken}T10:00:00", **({"free": free, "coded_as": None} if free else {})
    )
    patient = kith.patient(
        specimen,
        kith.culture(organism, item="1") if service != "C" else "",
        number=number,
        kind=kind,
        born=born,
        sex=sex,
        more=(more if also else "")
        + (local if own else "")
        + home
        + (kith.element("DateOfDeath", V=died) if died else ""),
    )
    name = kith.element("Name", kith.text("FamilyName", family), kith.text("GivenName", given))
    patient = patient.replace("<Name>Prøve, Paula</Name>", name)
    return kith.message(
        kith.report(patient, service=service, own=report, sender=kith.provider(her)),
        message_id=message or f"{her}-{report}-{made}-{service}",
        generated=f"2026-01-{made:02d}T12:00:00",
    )


_LINKED = {
    "reports": "SELECT r.kind, r.sender, r.report_ref, p.pseudonym, n.hash FROM register_report r "
    "LEFT JOIN register_person p ON p.id = r.person LEFT JOIN register_node n ON n.id = r.node",
    "nodes": "SELECT n.hash, n.number, n.rank, n.large, p.pseudonym FROM register_node n "
    "LEFT JOIN register_person p ON p.id = n.person",
    "keys": "SELECT n.hash, k.key FROM register_nodekey k JOIN register_node n ON n.id = k.id / 256",
    "common": "SELECT id FROM register_commonkey",
    "links": "SELECT a.hash, b.hash, l.kind FROM register_nodelink l "
    "JOIN register_node a ON a.id = l.node JOIN register_node b ON b.id = l.other",
    "questions": "SELECT id, one, other, cause, weight, reason, version, why FROM register_question",
    "joined": "SELECT r.sender, r.report_ref, j.reason FROM register_joined j "
    "JOIN register_report r ON r.id = j.id / 1024",
}


def linked_state() -> dict[str, list[str]]:
    """Everything derived, under natural keys: what `register_state` says, and who is the same person."""
    found = {f"register/{name}": [*map(str, rows)] for name, rows in register_state().items()}
    with connection.cursor() as cursor:
        for name, statement in _LINKED.items():
            cursor.execute(statement)
            found[name] = sorted(json.dumps([_plain(v) for v in row]) for row in cursor.fetchall())
    return found


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def unlogged(about: Iterable[bytes]) -> None:
    """In the place of the access log, where a test is not about it."""


def persons() -> dict[str, str]:
    """Report → pseudonym of the person; the sender's key before it, after a slash, where there are several."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.report_ref, p.pseudonym FROM register_report r "
            "LEFT JOIN register_person p ON p.id = r.person"
        )
        return {ref: bytes(name).hex() if name else "" for ref, name in cursor.fetchall()}


def groups(found: dict[str, str]) -> set[frozenset[str]]:
    """Reports of one person, each set once; those about nobody are left out."""
    together: dict[str, set[str]] = {}
    for report, person in found.items():
        if person:
            together.setdefault(person, set()).add(report)
    return {frozenset(one) for one in together.values()}


def numbers(column: str, table: str) -> list[Any]:
    """A column of a table of the register."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM register_{table} ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def only(found: Iterable[Any]) -> Any:
    """The only one."""
    [one] = found
    return one
