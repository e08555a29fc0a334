"""One running service for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from web.intake.service import Sender, Service, register_sender


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    running = Service(folder / "home")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def laboratory(service: Service) -> Sender:
    return register_sender(service, "HER:91843")


@pytest.fixture(scope="module")
def other(service: Service) -> Sender:
    return register_sender(service, "HER:99999", ("laboratory",))
