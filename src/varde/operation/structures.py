"""Structures made ready before threads share them.

msgspec works out how a `msgspec.Struct` is read when it is first read, and tells other threads that it is done before
it is: a thread that reads the same structure in that moment meets one without types, and the process ends (SIGSEGV;
msgspec 0.22.0, `json_decode_struct_map_inner`). Whoever starts threads works it out for all of them first.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


def prepare_structures() -> int:
    """Work out how every structure of the loaded modules is read. To be called while one thread runs.

    Returns:
        How many there are.
    """
    structures = list(_below(msgspec.Struct))
    for structure in structures:
        msgspec.json.Decoder(structure)
    return len(structures)


def _below(structure: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for below in structure.__subclasses__():
        yield below
        yield from _below(below)
