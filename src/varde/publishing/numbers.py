"""Numbers as people write them: they are what things are called, so `varde.codes` has them."""

from __future__ import annotations

from varde.codes import write_count, write_decimal, write_interval, write_percent

__all__ = ["write_count", "write_decimal", "write_interval", "write_percent"]
