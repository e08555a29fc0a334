"""One running service for all tests of FHIR over HTTP, its senders, and the bundles that they send.

Modules that use it are marked with `GROUP`, so that one worker runs them. All persons are invented.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from messages import fhir_builder as fhir
from messages.fhir_builder import Json
from messages.numbers import some_number
from messages.vaccination_builder import immunization
from varde.access.clients import make_pair
from web.intake.service import Sender, Service

Wish = tuple[str, tuple[str, ...], int]
"""Sender key, kinds, requests a minute."""

WISHES: dict[str, Wish] = {
    "laboratory": ("HER:91843", ("laboratory", "vaccination"), 100_000),
    "nurse": ("HER:91843", ("vaccination",), 100_000),
    "other": ("HER:99999", ("laboratory",), 100_000),
    "slow": ("HER:70001", ("laboratory",), 1),
}
GROUP = pytest.mark.xdist_group("fhir-intake")
RUNNING = pytest.StashKey[tuple[Service, dict[str, Sender]]]()

REGISTER = """
import json, sys
from varde.cli import now, open_home
open_home()
from varde.access.clients import NewClient, add_client, read_key_set
for name, (sender, kinds, rate, keys) in json.load(sys.stdin).items():
    add_client(
        NewClient(
            client_id=name, name=name, sender=sender, kinds=tuple(kinds),
            keys=read_key_set(json.dumps(keys).encode()), requests_per_minute=rate,
        ),
        now(),
    )
"""


def run_service(
    config: pytest.Config, folders: pytest.TempPathFactory
) -> tuple[Service, dict[str, Sender]]:
    """The service and the senders of `WISHES`; started once, stopped when the tests are done."""
    if RUNNING not in config.stash:
        service = Service(folders.mktemp("fhir") / "home")
        config.add_cleanup(service.stop)
        service.start()
        config.stash[RUNNING] = service, register_senders(service, WISHES)
    return config.stash[RUNNING]


def register_senders(service: Service, wishes: Mapping[str, Wish]) -> dict[str, Sender]:
    """Register one machine for each wish. One process does it: starting one takes longer than all else."""
    pairs = {name: make_pair() for name in wishes}
    told = {name: (*wish, pairs[name].public) for name, wish in wishes.items()}
    done = subprocess.run(
        [sys.executable, "-c", REGISTER],
        input=json.dumps(told),
        env=service.environ(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {
        name: Sender(service, name, pairs[name].private, kinds)
        for name, (_, kinds, _) in wishes.items()
    }


def report(number: str, **more: Any) -> Json:
    return fhir.report(fhir.organism(), id=f"rep-{number}", identifier=[{"value": number}], **more)


def dose(number: str, **more: Any) -> Json:
    return immunization(id=f"imm-{number}", identifier=[{"value": number}], **more)


def whole(name: str, *statements: Json, kind: str = "transaction", her: str = "91843") -> Json:
    """A bundle of statements about one person, with everything that they refer to: five resources."""
    others = [
        fhir.patient(some_number(), gender="female"),
        fhir.organization(her),
        fhir.specimen(),
        fhir.organism(hasMember=[fhir.ref(fhir.susceptibility())]),
        fhir.susceptibility(),
    ]
    made = fhir.bundle(*statements, *others, type=kind, identifier={"value": name})
    if kind in ("transaction", "batch"):
        for entry in made["entry"]:
            entry["request"] = {"method": "POST", "url": entry["resource"]["resourceType"]}
    return made
