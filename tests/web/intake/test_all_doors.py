"""All kinds by all doors at once, while every process is killed and started again: the counts are exact.

Laboratory answers come as KITH over HTTP, as FHIR at ``POST /fhir``, as HL7 v2 over MLLP and as files given to
`varde ingest`; notifications and vaccinations over HTTP; surveys and de-identified submissions through a
watched folder. Each sender repeats what it has no answer for, as senders do.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from varde.messages import read
from varde.synthetic import Vaccinations, invent_deidentified, invent_surveys, messages, truth
from varde.synthetic.klinikermelding import Notifications
from varde.synthetic.laboratories import laboratories
from web.intake.service import Sender, Service, register_senders

KILLS = int(os.environ.get("VARDE_KILLS_OF_DOORS", "4"))
ISOLATES = 120
CASES, DOSES = 20, 25
SEED = int(os.environ.get("VARDE_KILL_SEED", "1"))
STATEMENTS = {
    "messages": "SELECT COUNT(*) FROM register_message",
    "waiting": "SELECT COUNT(*) FROM register_message m WHERE NOT EXISTS "
    "(SELECT 1 FROM register_receipt r WHERE r.message = m.id)",
    "answers": "SELECT COUNT(*) FROM register_report WHERE kind = 'laboratory' AND NOT cancelled",
    "findings": "SELECT COUNT(*) FROM register_finding",
    "notifications": "SELECT COUNT(*) FROM register_notification",
    "vaccinations": "SELECT COUNT(*) FROM register_vaccination",
    "operations": "SELECT COUNT(*) FROM register_surgery",
    "treatments": "SELECT COUNT(*) FROM register_treatment",
}


class Process:
    """A command of `varde` that is started again whenever it is killed."""

    def __init__(self, service: Service, *arguments: str) -> None:
        self.command = [sys.executable, "-m", "varde.cli", *arguments]
        self.service = service
        self.start()

    def start(self) -> None:
        with (self.service.home.parent / "commands.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.service.environ(), stdout=log, stderr=log
            )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def patiently(hand_in: Callable[[], bool]) -> None:
    """Again and again until it is acknowledged."""
    for _ in range(600):
        try:
            if hand_in():
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    raise AssertionError("nobody took it in within a minute")


def over_http(sender: Sender, path: str, data: bytes) -> None:
    def hand_in() -> bool:
        answer = sender.post(path, data)
        if answer.status == 401:  # the token was for a service with another key, or has run out
            sender.until = 0
        return answer.status in (200, 202, 422)

    patiently(hand_in)


def over_mllp(port: int, data: bytes) -> None:
    def hand_in() -> bool:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"\x0b" + data + b"\x1c\r")
            answer = b""
            while b"\x1c\r" not in answer:
                piece = connection.recv(4096)
                if not piece:
                    return False
                answer += piece
        return b"MSA|AA|" in answer or b"MSA|AE|" in answer

    patiently(hand_in)


def by_wire() -> dict[str, list[bytes]]:
    """The invented country's answers, each laboratory with a wire of its own."""
    labs = [lab.key for lab in laboratories()]
    found: dict[str, list[bytes]] = {"kith": [], "fhir": [], "hl7v2": [], "file": []}
    wires = {lab: list(found)[place % 4] for place, lab in enumerate(labs)}
    for wire in ("kith", "fhir", "hl7v2"):
        for name, data in messages(ISOLATES, bad_share=0, lists=False, wire=wire):
            mine = wires[name.partition("/")[0]]
            if mine == wire or (mine == "file" and wire == "kith"):
                found[mine].append(data)
    return found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_all_kinds_by_all_doors_while_everything_is_killed(tmp_path: Path) -> None:
    answers = by_wire()
    notifications = [data for _, data in Notifications(cases=CASES).messages()]
    vaccinations = Vaccinations(doses=DOSES)
    surveys = invent_surveys(wards=4, operations=12, seed=3, year=2025)
    apart = {register: invent_deidentified(register, 30, 3, 2025) for register in ("norm", "ravn")}

    inbox, watched = tmp_path / "inbox", tmp_path / "watched"
    for folder in (inbox, watched / "norm", watched / "ravn"):
        folder.mkdir(parents=True)
    for number, data in enumerate(answers["file"]):
        (inbox / f"{number}.xml").write_bytes(data)
    files: dict[str, bytes] = {}
    for number, submission in enumerate(surveys.submissions):
        files[f"{number}-{submission.name}"] = submission.data
    for number, (_, data) in enumerate(vaccinations.tables()):
        files[f"{number}-vaccinations.csv"] = data
    for register, made in apart.items():
        for number, submission in enumerate(made.submissions):
            files[f"{register}/{number}-{submission.name}"] = submission.data

    service = Service(tmp_path / "home")
    service.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mllp = Process(service, "mllp", "--port", str(port))
    watch = Process(service, "watch", str(watched), "--interval", "0.2")
    try:
        over = [*answers["kith"], *answers["fhir"], *notifications]
        over += [data for _, data in vaccinations.bundles()]
        named = {sender_of(data) for data in over}
        senders = register_senders(service, named)
        work: list[Callable[[], None]] = [
            lambda: [
                over_http(senders[sender_of(d)], "/intake/laboratory", d) for d in answers["kith"]
            ],
            lambda: [over_http(senders[sender_of(d)], "/fhir", d) for d in answers["fhir"]],
            lambda: [
                over_http(senders[sender_of(d)], "/intake/notification", d) for d in notifications
            ],
            lambda: [
                over_http(senders[sender_of(d)], "/fhir", d) for _, d in vaccinations.bundles()
            ],
            lambda: [over_mllp(port, data) for data in answers["hl7v2"]],
            lambda: drop(watched, files),
            lambda: patiently(lambda: ingest(service, inbox)),
        ]  # type: ignore[list-item]
        failed: list[BaseException] = []

        def guarded(each: Callable[[], None]) -> None:
            try:
                each()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=guarded, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        chance = random.Random(SEED)
        for number in range(KILLS):
            time.sleep(chance.uniform(0.5, 2.5))
            if number % 3 == 0:
                service.stop(signal.SIGKILL)
                service.start()
            else:
                process = (mllp, watch)[number % 3 - 1]
                process.kill()
                process.start()
        for thread in threads:
            thread.join(300)
        assert not failed, failed
        patiently(lambda: not left(watched))
        # Told to stop before it has begun, a process ends at once.
        assert {mllp.stop(), watch.stop()} <= {0, -signal.SIGTERM}
    finally:
        service.stop()
        for process in (mllp, watch):
            process.process.kill()

    true = list(truth(ISOLATES, bad_share=0, lists=False))
    found = counts(tmp_path / "home" / "varde.sqlite3")
    sent = {
        *over,
        *answers["hl7v2"],
        *answers["file"],
        *(d for n, d in files.items() if "/" not in n),
    }
    assert found["messages"] == len(sent)
    assert found["waiting"] == 0
    assert found["findings"] == len(true)
    assert found["notifications"] == len(list(Notifications(cases=CASES).truth()))
    assert found["vaccinations"] == len(list(vaccinations.truth()))
    assert found["operations"] == len(surveys.operations)
    assert found["treatments"] == len(surveys.treatments)
    for register, made in apart.items():
        held = counts(tmp_path / "home" / register / "varde.sqlite3")
        assert held["findings"] == len(made.isolates)
        assert held["messages"] == len({s.data for s in made.submissions})


def sender_of(data: bytes) -> str:
    """The sender a message names first."""
    return next(record.sender for record in read(data) if record.sender)


def drop(folder: Path, files: dict[str, bytes]) -> None:
    """Put files into the watched folder, as a program does that writes and then renames."""
    for name, data in files.items():
        place = folder / name
        unfinished = place.with_name(f".{place.name}.part")
        unfinished.write_bytes(data)
        unfinished.rename(place)
        time.sleep(0.05)


def left(folder: Path) -> list[Path]:
    """Files that are not put away."""
    away = (".done", ".quarantined")
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part in away for part in file.parts) and file.name != ".lock"
    ]


def ingest(service: Service, inbox: Path) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "ingest", "--json", str(inbox)],
        env=service.environ(), capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode == 0 and json.loads(done.stdout)["quarantined"] == 0


def counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as database:
        return {name: int(database.execute(s).fetchone()[0]) for name, s in STATEMENTS.items()}
