"""Prints the register under VARDE_HOME as JSON, under natural keys: `python -m register.dump`."""

from __future__ import annotations

import json

from varde.cli import start_django

if __name__ == "__main__":
    start_django()
    from register.answers import register_state

    print(json.dumps(register_state()))
