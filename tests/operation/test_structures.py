"""Structures are ready before threads share them: what is not prepared ends the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RACE = """
import sys, threading, types
import msgspec
from varde.operation.structures import prepare_structures

sys.setswitchinterval(1e-6)
DATA = b'{"f0":[{"f1":[{"f2":[{"f3":[{"f4":[{"f5":{"a":1}}]}]}]}]}],"f14":[{"f1":null}]}'

def fresh(number):
    names = {}
    for depth in range(6):
        kind = f"list[C{depth - 1}]" if depth else "dict[str, int]"
        fields = [(f"f{place}", f"{kind} | None", None) for place in range(15)]
        names[f"C{depth}"] = msgspec.defstruct(f"C{depth}", fields, module=f"fresh{number}")
    module = types.ModuleType(f"fresh{number}")
    module.__dict__.update(names)
    sys.modules[module.__name__] = module
    return names["C5"]

def read(kind, together):
    together.wait()
    msgspec.json.decode(DATA, type=kind)

for number in range(int(sys.argv[1])):
    kind, together = fresh(number), threading.Barrier(8)
    prepare_structures()
    threads = [threading.Thread(target=read, args=(kind, together)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

SERVICE = """
import os
from varde.cli import start_django
start_django(make=True)
import msgspec, pkgutil
from importlib import import_module
import varde.operation
prepare = varde.operation.prepare_structures
counts = []
varde.operation.prepare_structures = lambda: counts.append(prepare())
import_module("varde.web.rsgi")
assert len(counts) == 1, counts
import varde.operation.structures as structures
ready = set(structures._below(msgspec.Struct))
assert len(ready) == counts[0], "the service defined more structures after it prepared them"
for module in pkgutil.walk_packages(varde.__path__, "varde."):
    room = module.name.split(".")[1]
    if room not in {"cli", "demo", "synthetic", "listening"}:
        import_module(module.name)
late = {each.__module__ for each in set(structures._below(msgspec.Struct)) - ready}
# Read by commands alone.
others = (
    "varde.listening", "varde.prescribing.comparison", "varde.prescribing.institutions",
    "varde.prescribing.reports.measuring", "varde.synthetic", "varde.web.report_making",
)
assert all(module.startswith(others) for module in late), late
os._exit(0)
"""


def _run(program: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_prepared_structures_are_read_by_many_threads_at_once(tmp_path: Path) -> None:
    done = _run(RACE, "120", home=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_service_prepares_all_that_its_pages_and_doors_read(tmp_path: Path) -> None:
    done = _run(SERVICE, home=tmp_path)
    assert done.returncode == 0, done.stderr
