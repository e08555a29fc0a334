"""Telling those who must act: what classifying and routing cost the intake, and how long it takes from `POST` to an inbox.

The first is measured on the same messages of the invented Norway in one run: without disease files nothing begins a case and
nobody is told; with them, each batch is followed by telling what is new. The two take turns, each in a process and a register of
its own, and the quicker counts.

The second is of the real service: a message that makes a case is posted, and the database asked until its municipality
has it; alone, and while ten others post everyday answers.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.cases import in_process
from benchmarks.ingest import write_messages

MODULE = "benchmarks.followup"

MESSAGES = int(os.environ.get("VARDE_BENCH_MESSAGES", "6000"))
FOLLOWED = int(os.environ.get("VARDE_BENCH_FOLLOWED", "200"))
"""Messages whose way to the inbox is measured, alone and under load."""
ROUNDS = 2
SENDERS = 10
BATCH = 200
PATIENCE = 60.0


def run(messages: int = MESSAGES) -> dict[str, Any]:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        intake = measure_intake(Path(folder), messages)
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        post = in_process("post", home=Path(folder), module=MODULE)
    ratio = intake["ratio"]
    print(
        f"Intake of {messages} KITH messages with cases and telling over without: {ratio['wall']:.2f} wall, "
        f"{ratio['cpu']:.2f} CPU; {intake['cases']} cases, {intake['told']} told"
    )
    alone, loaded = post["alone"], post["loaded"]
    print(
        f"  POST to inbox alone p50 {alone['p50']:.0f} ms, p99 {alone['p99']:.0f} ms; with ten others p50 "
        f"{loaded['p50']:.0f} ms, p99 {loaded['p99']:.0f} ms: p99 ratio {loaded['p99'] / alone['p99']:.1f} "
        f"({post['per_second']:.0f} other messages/s)"
    )
    return {"intake": intake, "post": post}


def measure_intake(folder: Path, messages: int) -> dict[str, Any]:
    """The quickest of some runs with telling, and of some without."""
    inbox = folder / "inbox"
    write_messages(inbox, messages)
    runs: dict[str, list[dict[str, Any]]] = {"with": [], "without": []}
    for number in range(ROUNDS):
        for kind in ("without", "with") if number % 2 else ("with", "without"):
            runs[kind].append(
                in_process(
                    "intake", str(inbox), kind, home=folder / f"{kind}{number}", module=MODULE
                )
            )
    best = {
        kind: {clock: min(each[clock] for each in found) for clock in ("wall", "cpu")}
        for kind, found in runs.items()
    }
    ratio = {clock: best["with"][clock] / best["without"][clock] for clock in ("wall", "cpu")}
    return best | {"ratio": ratio} | {key: runs["with"][0][key] for key in ("cases", "told")}


# --- in a process of its own ----------------------------------------------------------------------


def take_in_all(inbox: Path, kind: str) -> dict[str, Any]:
    """Take everything in, a batch at a time as the door does, and tell what is new after each."""
    from varde.cases import Catalogue, catalogue
    from varde.cli import now, open_home

    register = open_home()
    from msgspec import structs

    from varde.followup.models import Delivery
    from varde.followup.tables import tables
    from varde.followup.telling import tell_new
    from varde.register import Incoming, list_cases
    from varde.register.intake import take_in

    # The invented Norway's cases are some years old: none is too old to be told here.
    everything = structs.replace(tables(), history=())
    if kind == "without":
        nothing = Catalogue({})
        context = replace(register.context, definitions=lambda: nothing)
        register = replace(register, context=context)
    else:
        assert catalogue().resistances  # the files are read before the clock starts
        tell_new(now(), everything)
    files = [
        Incoming(path.name, path.read_bytes())
        for path in sorted(inbox.rglob("*"))
        if path.is_file()
    ]
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(files), BATCH):
        take_in(register, files[start : start + BATCH], now)
        if kind == "with":
            tell_new(now(), everything)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    told = Delivery.objects.count()
    return {"wall": wall, "cpu": cpu, "cases": len(list_cases()), "told": told}


def measure_post() -> dict[str, Any]:
    sys.path.insert(0, "tests")
    from varde.cli import start_django

    start_django()
    from django.db import connection

    from varde.synthetic.persons import number_of
    from web.intake.service import Service, register_sender

    service = Service(Path(os.environ["VARDE_HOME"]), {"DATABASE_URL": ""})
    service.start()
    try:
        sender = register_sender(service, "HER:91843", ("laboratory",), 10_000_000)
        sender.fetch_token()
        born = date(1950, 1, 1)
        persons = [number_of(born + timedelta(days=n), n % 2 == 0, 7) for n in range(2 * FOLLOWED)]
        cases = [_answer(f"S{n}", person, True) for n, person in enumerate(persons)]
        everyday = [
            _answer(f"E{n}", persons[n % len(persons)], False) for n in range(100 * FOLLOWED)
        ]

        def told() -> int:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT COUNT(*) FROM followup_delivery WHERE unit = 'municipality:0301'"
                )
                return int(cursor.fetchone()[0])

        def follow(share: list[bytes]) -> list[float]:
            taken = []
            post = _poster(service.port, sender.token)
            for data in share:
                before, began = told(), time.perf_counter()
                post(data)
                while told() == before:
                    if time.perf_counter() - began > PATIENCE:
                        raise TimeoutError("a case did not reach its inbox")
                    time.sleep(0.0005)
                taken.append((time.perf_counter() - began) * 1000)
            return taken

        _poster(service.port, sender.token)(everyday.pop())
        follow(cases[:3])
        alone = follow(cases[3:FOLLOWED])
        stop, sent = threading.Event(), [0] * SENDERS

        def press(place: int) -> None:
            post = _poster(service.port, sender.token)
            for data in everyday[place::SENDERS]:
                if stop.is_set():
                    return
                post(data)
                sent[place] += 1

        others = [threading.Thread(target=press, args=(place,)) for place in range(SENDERS)]
        began = time.perf_counter()
        for other in others:
            other.start()
        loaded = follow(cases[FOLLOWED:])
        seconds = time.perf_counter() - began
        number = sum(sent)
        stop.set()
        for other in others:
            other.join()
    finally:
        service.stop()
    return {
        "alone": _percentiles(alone),
        "loaded": _percentiles(loaded),
        "per_second": number / seconds,
    }


def _poster(port: int, token: str) -> Callable[[bytes], None]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}"}

    def post(data: bytes) -> None:
        connection.request("POST", "/intake/laboratory", data, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 202), answer.status

    return post


def _answer(report: str, person: str, case: bool) -> bytes:
    from register.answers import answer

    organism = "Salmonella Typhimurium" if case else "Escherichia coli"
    taken: dict[str, Any] = {"free": "Feces", "coded_as": None} if case else {}
    return answer(
        report, f"M{report}", person=person, organism=organism, municipality="0301", **taken
    )


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)]
        for share in (50, 99)
    }


def main() -> None:
    if sys.argv[1] == "intake":
        result = take_in_all(Path(sys.argv[2]), sys.argv[3])
    else:
        result = measure_post()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
