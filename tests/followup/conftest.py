"""The register that several threads and processes can open."""

from register.conftest import register

__all__ = ["register"]
