"""A filled register, a warehouse and signed-in clients for the pages' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from access.a_sender import register as register_client
from varde.access.clients import Client as Sender
from varde.access.clients import gate
from varde.access.clients.recording import RefusalLog
from varde.access.models import User
from varde.web.intake import token
from web.invented import OTHER, OWN, fill_register, write_warehouse

PEOPLE = {
    "epidemiologist": "",
    "duty-officer": "",
    "laboratory-contact": OWN,
    "sender-contact": OWN,
    "municipal-doctor": "0301",
    "hospital-infection-control": "OUS",
    "clinician": "OUS",
    "general-practitioner": "praksis-1",
    "out-of-hours-doctor": "legevakt-1",
    "peer-group-leader": "gruppe-1",
    "nursing-home-leader": "fjordby-sykehjem",
    "nursing-home-nurse": "fjordby-sykehjem",
    "home-care-staff": "fjordby-hjemmetjeneste",
    "county-coordinator": "46",
    "stewardship-editor": "",
    "researcher": "",
    "administrator": "",
}


@pytest.fixture(scope="session")
def warehouse_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a warehouse, made once."""
    home = tmp_path_factory.mktemp("web-home")
    write_warehouse(home)
    return home


@pytest.fixture
def home(warehouse_home: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """The service's home for one test: the warehouse is there."""
    settings.VARDE_HOME = warehouse_home
    return warehouse_home


@pytest.fixture
def empty_home(tmp_path: Path, settings) -> Path:  # type: ignore[no-untyped-def]
    """A home in which nothing has been made ready yet."""
    settings.VARDE_HOME = tmp_path
    return tmp_path


@pytest.fixture
def register(db: None, home: Path) -> None:
    """A register with a quarantine of two laboratories."""
    fill_register(home)


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Makes a client that is signed in with a role; ``area`` defaults to the role's own."""

    def make(role: str, area: str | None = None) -> Client:
        user = User.objects.create_user(
            f"{role}-{area or ''}",
            display_name=role,
            role=role,
            area=PEOPLE[role] if area is None else area,
        )
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def own(sign_in: Callable[..., Client]) -> Client:
    """The contact of the laboratory that most of the quarantine is about."""
    return sign_in("laboratory-contact", OWN)


@pytest.fixture
def other(sign_in: Callable[..., Client]) -> Client:
    """The contact of the other laboratory."""
    return sign_in("laboratory-contact", OTHER)


@pytest.fixture
def sender(db: None) -> Sender:
    """A laboratory's machine that may send answers and vaccinations."""
    return register_client(kinds=("laboratory", "vaccination"))


@pytest.fixture
def machine() -> Client:
    """Who asks without a browser: no cookies, and the check of forms from elsewhere is on."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def new_refusal_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many refusals are logged does not depend on the tests before."""
    log = RefusalLog()
    monkeypatch.setattr(gate, "refusal_log", log)
    monkeypatch.setattr(token, "refusal_log", log)
