"""Probes and metrics: each thing that may be wrong is named, to those who may know; figures are right."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.http import HttpResponse
from django.test import Client as Browser
from prometheus_client.parser import text_string_to_metric_families

from operation.sites import ALIASES, NOW, at, clock, copy, database_file, fill, messages
from varde.operation import Check, check_readiness, read_figures, state_of, was_made
from varde.register import Door, Incoming, log, oldest_waiting, open_register, read_tally, replay
from varde.register.intake import resume
from varde.web import measuring, probing
from varde.web.intake import doors as front_doors

TOKEN = "t" * 40


@pytest.fixture
def site(filled_site: Path, tmp_path: Path) -> Iterator[Path]:
    with at(copy(filled_site, tmp_path / "site")) as home:
        yield home


def wrong(home: Path, **more: Any) -> dict[str, str]:
    """What is not ready, and why."""
    arguments = {"doors": list, "now": NOW, "least_free": 0} | more
    return {
        check.name: check.detail for check in check_readiness(home, **arguments) if not check.ok
    }


# --- readiness ----------------------------------------------------------------------------------


def test_a_site_that_is_well_is_ready(site: Path) -> None:
    door = Door(open_register(site), clock)
    checks = check_readiness(site, lambda: [door], NOW, 0)
    door.close()
    assert [check.name for check in checks] == [
        *(f"{what} {alias}" for alias in ALIASES for what in ("database", "keys", "clock")),
        "database identity",
        "keys identity",
        "intake default",
        "disk",
    ]
    assert all(check.ok and not check.detail for check in checks)


def test_a_site_without_de_identified_registers_is_ready(site: Path) -> None:
    for alias in ("ravn", "norm"):
        connections[alias].close()
        shutil.rmtree(site / alias)
    assert wrong(site) == {}
    assert not (site / "norm").exists(), "asking made a database"


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    with at(tmp_path / "home") as home:
        assert wrong(home) == {
            "database default": "there is no register yet: varde serve and varde ingest make one"
        }


@pytest.mark.parametrize("left", [None, b""])
def test_a_database_that_was_there_and_is_gone_is_told_as_such(
    left: bytes | None, site: Path
) -> None:
    """Also where somebody's question has made an empty file in its place."""
    for alias in ("default", "norm"):
        connections[alias].close()
        database_file(site, alias).rename(site / f"{alias}.away")
        if left is not None:
            database_file(site, alias).write_bytes(left)
    found = wrong(site)
    assert set(found) == {"database default", "database norm"}
    for alias in ("default", "norm"):
        told = found[f"database {alias}"]
        assert "was here and is gone" in told and str(database_file(site, alias)) in told
        assert "varde status" not in told
    for alias in ("default", "norm"):
        connections[alias].close()
        (site / f"{alias}.away").rename(database_file(site, alias))
    assert wrong(site) == {}


@pytest.mark.parametrize("sign", ["keys", ".migrate.lock", "this process"])
def test_each_sign_of_an_earlier_database_is_enough(sign: str, site: Path) -> None:
    if sign == "this process":
        assert state_of(site, "default") == "there"
    connections["default"].close()
    database_file(site).unlink()
    if sign != "keys":
        shutil.rmtree(site / "keys")
    if sign != ".migrate.lock":
        (site / ".migrate.lock").unlink(missing_ok=True)
    else:
        (site / ".migrate.lock").write_text("made\n")
    assert state_of(site, "default") == "gone"
    assert was_made(site, "default") == (sign == ".migrate.lock")


def test_a_database_that_does_not_answer_is_named(site: Path) -> None:
    connections["norm"].close()
    database_file(site, "norm").write_bytes(b"this is no database")
    assert wrong(site) == {"database norm": "it does not answer (DatabaseError)"}


def test_tables_of_an_older_version_are_named(site: Path) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'register' AND name > '0003'")
    assert "older version" in wrong(site)["database default"]


def test_keys_that_do_not_open_the_newest_message_are_named(site: Path) -> None:
    (site / "keys" / "storage.keys").write_text("k1:" + "44" * 32)
    assert "does not open with storage key k1" in wrong(site)["keys default"]
    (site / "ravn" / "keys" / "storage.keys").unlink()
    assert "storage.keys" in wrong(site)["keys ravn"]
    (site / "norm" / "keys" / "pseudonym.key").write_text("44" * 32)
    assert "not those" in wrong(site)["keys norm"]
    assert not (site / "ravn" / "keys" / "storage.keys").exists(), "a probe makes no keys"


def test_a_closed_door_a_full_disk_and_a_clock_that_is_behind_are_named(site: Path) -> None:
    door = Door(open_register(site), clock)
    door.close()
    found = wrong(site, doors=lambda: [door], now=NOW - timedelta(minutes=2), least_free=1 << 62)
    assert set(found) == {
        "intake default",
        "disk",
        *(f"clock {alias}" for alias in ALIASES),
    }
    assert wrong(site, now=NOW - timedelta(seconds=30)) == {}


# --- who may see it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "inside"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "127.8.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, True),
        ({"REMOTE_ADDR": "192.0.2.7"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"REMOTE_ADDR": "unix:"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": ""}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"}, False),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, True),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"bearer  {TOKEN}"}, True),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, False),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, False),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer å"}, False),
        (
            {
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_X_FORWARDED_FOR": "192.0.2.7",
                "HTTP_AUTHORIZATION": f"Bearer {TOKEN}",
            },
            True,
        ),
    ],
)
def test_only_this_machine_and_whoever_has_the_token_look_inside(
    environ: dict[str, str], inside: bool, site: Path, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(front_doors, "_all", cache(front_doors._all.__wrapped__))
    settings.VARDE_METRICS_TOKEN = TOKEN
    settings.VARDE_DISK_FREE_MB = 1 << 40
    browser = Browser(**environ)
    metrics, ready = browser.get("/metrics"), browser.get("/readyz")
    assert metrics.status_code == (200 if inside else 401)
    assert (b"varde_messages_total" in metrics.content) is inside
    assert ready.status_code == 503
    assert ready.json()["status"] == "not ready"
    assert ("checks" in ready.json()) is inside
    if not inside:
        assert metrics["WWW-Authenticate"] == "Bearer"
        assert ready.json() == {"status": "not ready"}


def test_without_a_token_none_is_right(site: Path, settings: Any) -> None:
    settings.VARDE_METRICS_TOKEN = ""
    browser = Browser(REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer ")
    assert browser.get("/metrics").status_code == 401


def test_settings_are_checked_when_the_service_starts() -> None:
    assert probing.read_token("") == "" and probing.read_token(TOKEN) == TOKEN
    with pytest.raises(ImproperlyConfigured, match="32 characters"):
        probing.read_token("short")
    assert probing.read_megabytes("") == 1024 and probing.read_megabytes("5") == 5
    with pytest.raises(ImproperlyConfigured, match="MiB"):
        probing.read_megabytes("1 GB")


@pytest.mark.parametrize("address", ["/healthz", "/helse/"])
def test_life_asks_no_database(address: str, settings: Any, django_db_blocker: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    with django_db_blocker.block():
        answer = Browser().get(address)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert Browser().post(address, secure=True).status_code == 405


def test_probes_are_not_sent_to_https(site: Path, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.VARDE_DISK_FREE_MB = 0
    assert Browser().get("/readyz").status_code == 200
    assert Browser().get("/metrics").status_code == 200


# --- metrics ------------------------------------------------------------------------------------


def metrics(home: Path, doors: Callable[[], list[Door]] = list) -> dict[tuple[str, ...], float]:
    """(name, label=value, …) → value, read by Prometheus's own parser."""
    text = measuring.write_metrics(doors).decode()
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_has_come_is_told_by_door_kind_and_state(site: Path) -> None:
    found = metrics(site)
    api = ("door=api", "kind=laboratory", "register=default")
    assert found["varde_messages_total", *api] == 30
    assert found["varde_messages_total", "door=file", "kind=", "register=default"] == 1
    assert found["varde_items_total", *api, "state=accepted"] == 24
    cut = ("door=api", "kind=laboratory", "register=default", "state=quarantined")
    assert found["varde_items_total", *cut] == 6
    # All that a de-identified register takes is of one kind, and called after it.
    for name in ("norm", "ravn"):
        labels = {
            key[1:] for key in found if f"register={name}" in key and "messages_total" in key[0]
        }
        assert {part for each in labels for part in each if part.startswith("kind=")} == {
            f"kind={name}"
        }
    assert found["varde_register_up", "register=norm"] == 1
    assert found["varde_newest_message_timestamp_seconds", "register=default"] == NOW.timestamp()
    waiting = sum(v for k, v in found.items() if k[:1] == ("varde_quarantine_open",))
    assert waiting == 6 + len(ALIASES)


def test_figures_survive_a_restart_a_replay_and_what_is_sent_again(site: Path) -> None:
    register = open_register(site)
    before = read_tally()
    replay(register, clock)
    assert read_tally() == before
    fill(register, messages(10))
    again = read_tally()
    assert again == before, "the same bytes again are no new message"
    fill(register, messages(1, first=800))
    messages_now, items_now, waiting = read_tally()
    assert sum(each.number for each in messages_now) == 32 and waiting == 0
    assert sum(each.number for each in items_now) == sum(each.number for each in before[1]) + 1


def test_what_waits_to_be_read_is_seen_and_how_long(site: Path) -> None:
    register = open_register(site)
    early, late = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    for moment, number in ((early, 900), (late, 901)):
        log.append(messages(1, first=number), register.sealer, moment)
    figures = read_figures("default")
    assert (figures.unfolded, figures.oldest_unfolded) == (2, early)
    found = metrics(site)
    assert found["varde_messages_unfolded", "register=default"] == 2
    assert found["varde_oldest_unfolded_seconds", "register=default"] >= 3 * 3600
    resume(register, clock)
    assert read_figures("default").unfolded == 0
    assert oldest_waiting(0) is None


def test_what_a_replay_folds_for_the_first_time_is_counted(site: Path) -> None:
    register = open_register(site)
    before = sum(each.number for each in read_tally()[1])
    log.append(messages(1, first=900), register.sealer, NOW)
    replay(register, clock)
    _, items, waiting = read_tally()
    assert (sum(each.number for each in items), waiting) == (before + 1, 0)


def test_a_register_that_was_there_before_is_counted_once(site: Path) -> None:
    from importlib import import_module

    from django.apps import apps

    before = read_tally()
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM register_tally")
    with connections["default"].schema_editor() as editor:
        import_module("varde.register.migrations.0004_tally").count(apps, editor)
    assert read_tally() == before


def test_the_queue_of_a_door_is_told(site: Path) -> None:
    register = open_register(site)
    door = Door(register, clock)
    found = metrics(site, lambda: [door])
    assert found["varde_door_open", "register=default"] == 1
    assert found["varde_door_waiting_messages", "register=default"] == 0
    door.close()
    assert metrics(site, lambda: [door])["varde_door_open", "register=default"] == 0


def test_a_database_that_does_not_answer_is_told_and_the_rest_too(site: Path) -> None:
    connections["norm"].close()
    database_file(site, "norm").write_bytes(b"this is no database")
    before = metrics(site)
    found = metrics(site)
    assert found["varde_register_up", "register=default"] == 1
    assert found["varde_register_up", "register=norm"] == 0
    faults = "varde_database_errors_total", "register=norm", "type=DatabaseError"
    assert found[faults] > before[faults] > 0


def test_every_register_is_told_of_whatever_its_state(site: Path) -> None:
    metrics(site)
    for alias in ("default", "norm"):
        connections[alias].close()
        database_file(site, alias).rename(site / f"{alias}.away")
    shutil.rmtree(site / "norm")
    (site / "norm").mkdir()
    shutil.rmtree(site / "ravn")
    never = [alias for alias in ALIASES if state_of(site, alias) == "never"]
    found = metrics(site)
    up = {alias: found["varde_register_up", f"register={alias}"] for alias in ALIASES}
    assert up["default"] == up["norm"] == 0, "this process has seen both"
    assert never == [] and up["ravn"] == 0
    faults = "varde_database_errors_total", "register=default", "type=DatabaseGone"
    assert metrics(site)[faults] == found[faults] + 1 >= 2


def test_a_register_that_was_never_made_is_no_alarm(tmp_path: Path) -> None:
    with at(tmp_path / "home") as home:
        found = metrics(home)
    for alias in ALIASES:
        assert found["varde_register_up", f"register={alias}"] == -1
        assert (
            "varde_database_errors_total",
            f"register={alias}",
            "type=OperationalError",
        ) in found
    assert not list(home.iterdir()), "asking made something"


def test_what_is_lacking_is_logged_once_for_as_long_as_it_lacks(
    site: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.VARDE_DISK_FREE_MB = 0
    browser = Browser()
    browser.get("/readyz")
    caplog.clear()
    with caplog.at_level("INFO", "varde.web.pages.health"):
        for enough in (True, False, False, True):
            settings.VARDE_DISK_FREE_MB = 0 if enough else 1 << 40
            browser.get("/readyz")
    told = [record for record in caplog.records if record.name.startswith("varde")]
    assert [(r.getMessage(), getattr(r, "checks", None)) for r in told] == [
        ("the service is not ready", ["disk"]),
        ("the service is ready again", None),
    ]


def test_a_fault_is_counted_once(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def count() -> float:
        return sum(v for k, v in metrics(site).items() if k[0] == "varde_database_errors_total")

    from varde.web.pages import start

    def ask_what_is_not_there(*_: object) -> HttpResponse:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT * FROM nothing")
        raise AssertionError

    def be_unreachable(*_: object) -> HttpResponse:
        raise DatabaseError("no route")

    browser = Browser(raise_request_exception=False)
    before = count()
    for failing in (ask_what_is_not_there, be_unreachable):
        monkeypatch.setattr(start, "render", failing)
        assert browser.get("/").status_code == 500
    assert count() == before + 2


def test_answers_are_timed_by_the_name_of_their_address(site: Path) -> None:
    browser = Browser()
    browser.get("/om/")
    browser.get("/01815000389/")
    browser.generic("BREW", "/om/")
    found = metrics(site)
    name = "varde_request_seconds_count"
    assert found[name, "method=GET", "route=about", "status=2xx"] >= 1
    assert found[name, "method=GET", "route=none", "status=4xx"] >= 1
    assert found[name, "method=other", "route=about", "status=4xx"] >= 1
    text = measuring.write_metrics(list).decode()
    assert "01815000389" not in text
    assert not re.findall(r'route="[^"]*\d{6}', text)
    for process in ("process_resident_memory_bytes", "python_info", "varde_build_info"):
        assert process in text


def test_a_check_is_a_word_and_a_sentence() -> None:
    assert Check("disk", True).detail == ""
    assert Incoming("", b"").door == "file"
