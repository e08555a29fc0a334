"""Sites on disk, for what commits and for what reads the database past Django."""

from operation.conftest import empty_site

__all__ = ["empty_site"]
