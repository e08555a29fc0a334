"""The guideline's API against a bare WSGI function, in requests for each second of server CPU.

The bare function is the floor: the same server with the same settings (`varde.web.serving`), the same
bytes and headers, and nothing else. Both run as child processes on loopback; a third drives them over
connections that are kept open. CPU is that of the server with all its threads and children, read from
``/proc``, so that the load generator on the same machine does not count.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

CONNECTIONS = 4
REQUESTS = 20_000
ROUNDS = 5
UNCACHED = 100
WARM_UP = 500
BY_CODE = "/anbefalinger?kodeverk=ICPC-2&kode=R81"
SECONDS = 30.0
"""No single measurement takes longer."""

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Load:
    """What was measured of one address.

    Attributes:
        rate: requests for each second of server CPU.
        wall: requests for each second of the clock.
        p50, p99: milliseconds a caller waits.
        status: of every answer.
        size: bytes of one answer, with its headers.
    """

    rate: float
    wall: float
    p50: float
    p99: float
    status: int
    size: int


def run(requests: int = REQUESTS) -> dict[str, Any]:
    """Measure and print; the ratio is the rate of Varde over the rate of the bare function.

    The two are driven by turns, and each figure is the median of its rounds: what else the machine does
    comes and goes, and must not fall on one of them alone.
    """
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as folder:
        rounds = list(_measure(Path(folder), requests // ROUNDS))
    ratio = {
        name: median(one[name].rate / one["bare"].rate for one in rounds) for name in rounds[0]
    }
    loads = {name: _middle([one[name] for one in rounds]) for name in rounds[0]}
    print(f"The guideline's API, {CONNECTIONS} connections; requests per second of server CPU")
    for name, load in loads.items():
        print(
            f"  {name:<18}{load.rate:8.0f}/s CPU  ratio {ratio[name]:5.2f}   "
            f"{load.wall:7.0f}/s wall  p50 {load.p50:5.2f} ms  p99 {load.p99:5.2f} ms   "
            f"{load.status}, {load.size} bytes"
        )
    print(
        "  aim: one recommendation at least 0.50 of the bare function. It is one that was answered before:"
    )
    print("  what is not remembered goes through Django, once for each address and day")
    return {"ratio": ratio, "loads": loads}


def _middle(loads: list[Load]) -> Load:
    return Load(
        rate=median(one.rate for one in loads),
        wall=median(one.wall for one in loads),
        p50=median(one.p50 for one in loads),
        p99=median(one.p99 for one in loads),
        status=loads[0].status,
        size=loads[0].size,
    )


def _measure(folder: Path, requests: int) -> Iterator[dict[str, Load]]:
    sample = folder / "answer.json"
    with _serve("varde.web.wsgi:application", {"VARDE_HOME": str(folder / "home")}) as varde:
        address = _first_recommendation(varde)
        etag = _keep_sample(varde, address, sample)
        with _serve("benchmarks.api:bare", {"VARDE_BENCH_ANSWER": str(sample)}) as bare:
            for server in (bare, varde):
                _load(server.port, [address], WARM_UP, "")
            for number in range(ROUNDS):
                days = [f"{address}?gyldigDato={day}" for day in _days(number)]
                yield {
                    "bare": _drive(bare, [address], requests),
                    "one recommendation": _drive(varde, [address], requests),
                    "304 of the same": _drive(varde, [address], requests, etag),
                    "a list by code": _drive(varde, [BY_CODE], requests),
                    "not remembered": _drive(varde, days, len(days)),
                }


def _days(number: int) -> list[date]:
    """Days that no other round asks about, so that no answer is remembered."""
    first = date(2100, 1, 1) + timedelta(days=number * UNCACHED)
    return [first + timedelta(days=step) for step in range(UNCACHED)]


def _keep_sample(server: Server, address: str, sample: Path) -> str:
    """Write down what the server answers, for the bare function to give; its ETag."""
    status, headers, body = _fetch(server.port, address)
    assert status == 200, status
    kept = [pair for pair in headers if pair[0] not in ("date", "server")]
    sample.write_text(json.dumps({"headers": kept, "body": body.decode()}), "utf-8")
    return next(value for name, value in headers if name == "etag")


# --- the servers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running server: its process and its port on loopback."""

    process: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU that it and its children have used."""
        return sum(_cpu_of(process) for process in _family(self.process))


@contextmanager
def _serve(application: str, environment: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.api", "serve", application, str(port)]
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _family(process: int) -> list[int]:
    """A process and all below it."""
    above: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        above.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for one in found:
        found += above.get(one, [])
    return found


def _cpu_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _first_recommendation(server: Server) -> str:
    _, _, body = _fetch(server.port, "/anbefalinger?kodeverk=ICPC-2&kode=R81&full=false")
    return f"/anbefalinger/{json.loads(body)[0]['id']}"


def bare(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The floor: a function that returns the same bytes with the same headers."""
    headers, body = _answer()
    start_response("200 OK", headers)
    return [body]


_loaded: list[tuple[list[tuple[str, str]], bytes]] = []


def _answer() -> tuple[list[tuple[str, str]], bytes]:
    if not _loaded:
        found = json.loads(Path(os.environ["VARDE_BENCH_ANSWER"]).read_text("utf-8"))
        headers = [(name, value) for name, value in found["headers"]]
        _loaded.append((headers, found["body"].encode()))
    return _loaded[0]


def _run_server(application: str, port: int) -> None:
    """Serve an application with exactly the settings that the service is served with."""
    import granian

    from varde.web import serving

    server = granian.Granian

    def with_application(_: str, **settings: Any) -> Any:
        return server(application, **settings)

    granian.Granian = with_application  # type: ignore[assignment, misc]
    serving.serve("127.0.0.1", port)


# --- the load -----------------------------------------------------------------------------------------


def _drive(server: Server, addresses: list[str], requests: int, etag: str = "") -> Load:
    before = server.cpu()
    found = _load(server.port, addresses, requests, etag)
    cpu = server.cpu() - before
    return Load(
        rate=found["requests"] / max(cpu, 1 / TICKS),
        wall=found["requests"] / found["seconds"],
        p50=found["p50"],
        p99=found["p99"],
        status=found["status"],
        size=found["size"],
    )


def _load(port: int, addresses: list[str], requests: int, etag: str) -> dict[str, Any]:
    asked = json.dumps({"port": port, "addresses": addresses, "requests": requests, "etag": etag})
    command = [sys.executable, "-m", "benchmarks.api", "load", asked]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS * 3)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _request(address: str, etag: str = "") -> bytes:
    lines = [f"GET {address} HTTP/1.1", "Host: localhost", "Accept: application/json"]
    if etag:
        lines.append(f"If-None-Match: {etag}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _fetch(port: int, address: str) -> tuple[int, list[tuple[str, str]], bytes]:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_request(address))
        head, body = _receive(connection)
    lines = head.decode().split("\r\n")
    headers = [
        (name.lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines[1:])
    ]
    return int(lines[0].split()[1]), headers, body


def _receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """One whole answer: its head and its body."""
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    if not head.startswith(b"HTTP/1.1 304"):
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : (lower + b"\r\n").index(b"\r\n", start)])
    while len(body) < length:
        body += _more(connection)
    return head, body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data


def _run_load(port: int, addresses: list[str], requests: int, etag: str) -> dict[str, Any]:
    """Requests over several connections, one outstanding on each; bounded in number and time."""
    from selectors import EVENT_READ, DefaultSelector

    messages = [_request(address, etag) for address in addresses]
    selector = DefaultSelector()
    waits: list[float] = []
    sent, statuses, size = 0, set[int](), 0
    begun = time.perf_counter()
    since: dict[int, float] = {}
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, EVENT_READ, connection)
        since[connection.fileno()] = time.perf_counter()
        connection.sendall(messages[sent % len(messages)])
        sent += 1
    while len(waits) < requests and time.perf_counter() - begun < SECONDS:
        for key, _ in selector.select(timeout=5):
            head, body = _receive(key.data)
            now = time.perf_counter()
            waits.append(now - since[key.fd])
            statuses.add(int(head[9:12]))
            size = len(head) + 4 + len(body)
            if sent < requests:
                since[key.fd] = time.perf_counter()
                key.data.sendall(messages[sent % len(messages)])
                sent += 1
            elif len(waits) >= requests:
                break
    seconds = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    waits.sort()
    assert len(statuses) == 1, statuses
    return {
        "requests": len(waits),
        "seconds": seconds,
        "p50": waits[len(waits) // 2] * 1000,
        "p99": waits[len(waits) * 99 // 100] * 1000,
        "status": statuses.pop(),
        "size": size,
    }


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "serve":
        _run_server(rest[0], int(rest[1]))
    else:
        print(json.dumps(_run_load(**json.loads(rest[0]))))


if __name__ == "__main__":
    main()
