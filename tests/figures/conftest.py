"""Open tables over invented rows of every kind, on DuckDB and on Spark."""

from __future__ import annotations

from resistance.conftest import spark_folder

__all__ = ["spark_folder"]
