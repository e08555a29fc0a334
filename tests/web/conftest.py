"""A filled register, a warehouse and signed-in clients for the pages' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from varde.access.models import User
from web.invented import OTHER, OWN, fill_register, write_warehouse

PEOPLE = {
    "epidemiologist": "",
    "duty-officer": "",
    "laboratory-contact": OWN,
    "municipal-doctor": "0301",
    "hospital-infection-control": "OUS",
    "clinician": "OUS",
    "general-practitioner": "praksis-1",
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
