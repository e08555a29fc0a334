"""Varde: what should be given, what has happened, what still works, what is prescribed.

Each subpackage is a room; its docstring says its one line. `docs/architecture.md` draws the house.
"""

__version__ = "0.1.0"
