"""A disk that forgets: what SQLite has written and synced, recorded, so that the power can be cut at any moment.

The library that Python's `sqlite3` uses is asked for its default VFS (https://sqlite.org/vfs.html), and the
writes, truncations, deletions and syncs of its files are noted on their way. A power cut then is arithmetic:
what was synced is there; of what was written after the last sync, each write may have reached the disk, or
not, or some sectors of it.
"""

from __future__ import annotations

import ctypes
import random
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

SECTOR = 512
_POINTERS = 17
"""Methods of a file (sqlite3_io_methods, version 3), after the version number."""


class Event(NamedTuple):
    """One thing that happened to a file, or ("mark", …) something that was told to somebody."""

    what: str
    name: str
    offset: int = 0
    data: bytes = b""


class _Methods(ctypes.Structure):
    _fields_ = (("version", ctypes.c_int), ("methods", ctypes.c_void_p * 18))


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 14),
    )


_OPEN = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(_File), ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
)  # fmt: skip
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_CLOSE = 0
_AT = {"write": 2, "truncate": 3, "sync": 4}
"""Place of a method in sqlite3_io_methods: xClose, xRead, xWrite, xTruncate, xSync …"""


class Recorder:
    """Notes everything SQLite does to the files below a folder, from when it is made."""

    def __init__(self, folder: Path) -> None:
        self.events: list[Event] = []
        self._folder = str(folder)
        self._names: dict[int, str] = {}
        self._tables: dict[int, Any] = {}
        self._kept: list[Any] = []
        library = ctypes.CDLL(_library())
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        library.sqlite3_vfs_register.argtypes = [ctypes.POINTER(_Vfs), ctypes.c_int]
        usual = library.sqlite3_vfs_find(None).contents
        self._open, self._delete = _OPEN(usual.open), _DELETE(usual.delete)
        ours = _Vfs()
        ctypes.memmove(ctypes.byref(ours), ctypes.byref(usual), ctypes.sizeof(_Vfs))
        ours.name = b"recorded"
        opened, deleted = _OPEN(self._on_open), _DELETE(self._on_delete)
        ours.open = ctypes.cast(opened, ctypes.c_void_p)
        ours.delete = ctypes.cast(deleted, ctypes.c_void_p)
        self._kept += [library, ours, opened, deleted]
        assert library.sqlite3_vfs_register(ctypes.byref(ours), 1) == 0

    def mark(self, name: str) -> None:
        """Note that somebody was told something."""
        self.events.append(Event("mark", name))

    def _on_open(self, vfs: Any, name: int | None, file: Any, flags: int, out: Any) -> int:
        # The name goes on as the pointer it is: SQLite keeps it, and what stands behind its end.
        result: int = self._open(vfs, name, file, flags, out)
        path = ctypes.string_at(name).decode() if name else ""
        if result == 0 and path.startswith(self._folder):
            address = ctypes.addressof(file.contents)
            self._names[address] = path
            file.contents.methods = self._table(file.contents.methods)
        return result

    def _on_delete(self, vfs: Any, name: bytes, sync: int) -> int:
        result: int = self._delete(vfs, name, sync)
        if result == 0 and name.decode().startswith(self._folder):
            self.events.append(Event("delete", name.decode()))
        return result

    def _table(self, usual: Any) -> Any:
        """The file's methods, with those that change the disk noted on their way."""
        address = ctypes.addressof(usual.contents)
        if address not in self._tables:
            table = _Methods()
            ctypes.memmove(ctypes.byref(table), usual, ctypes.sizeof(_Methods))
            write = _WRITE(usual.contents.methods[_AT["write"]])
            truncate = _TRUNCATE(usual.contents.methods[_AT["truncate"]])
            sync = _SYNC(usual.contents.methods[_AT["sync"]])

            def on_write(file: int, data: int, size: int, offset: int) -> int:
                result: int = write(file, data, size, offset)
                if result == 0:
                    content = ctypes.string_at(data, size)
                    self.events.append(Event("write", self._names[file], offset, content))
                return result

            def on_truncate(file: int, size: int) -> int:
                result: int = truncate(file, size)
                self.events.append(Event("truncate", self._names[file], size))
                return result

            def on_sync(file: int, flags: int) -> int:
                result: int = sync(file, flags)
                if result == 0:
                    self.events.append(Event("sync", self._names[file]))
                return result

            ours = (_WRITE(on_write), _TRUNCATE(on_truncate), _SYNC(on_sync))
            for name, method in zip(_AT, ours, strict=True):
                table.methods[_AT[name]] = ctypes.cast(method, ctypes.c_void_p).value
            self._kept += [write, truncate, sync, *ours, table]
            self._tables[address] = ctypes.pointer(table)
        return self._tables[address]


def cut(events: list[Event], chance: random.Random) -> dict[str, bytes]:
    """The files as a disk may hold them when the power fails after `events`."""
    synced: dict[str, bytearray] = {}
    pending: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.what == "sync":
            for earlier in pending.pop(event.name, []):
                _apply(earlier, synced)
            synced.setdefault(event.name, bytearray())
        elif event.what == "delete":
            pending.pop(event.name, None)
            synced.pop(event.name, None)
        elif event.what != "mark":
            pending[event.name].append(event)
    for waiting in pending.values():
        for event in waiting:
            fate = chance.random()
            if fate < 0.4:
                _apply(event, synced)
            elif fate < 0.7 and event.what == "write":
                sectors = range(0, len(event.data), SECTOR)
                for start in sectors:
                    if chance.random() < 0.5:
                        piece = event.data[start : start + SECTOR]
                        _apply(event._replace(offset=event.offset + start, data=piece), synced)
    return {name: bytes(content) for name, content in synced.items()}


def _apply(event: Event, files: dict[str, bytearray]) -> None:
    content = files.setdefault(event.name, bytearray())
    if event.what == "truncate":
        del content[event.offset :]
        return
    missing = event.offset + len(event.data) - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    content[event.offset : event.offset + len(event.data)] = event.data


def _library() -> str:
    """The SQLite that this Python has loaded."""
    sqlite3.connect(":memory:").close()
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.split(maxsplit=5)[-1]
        if "libsqlite3" in path:
            return path
    raise RuntimeError("this Python does not use a shared SQLite: its writes cannot be recorded")


def run_in_a_process(
    module: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python -m module`: the recorder changes the SQLite of its whole process."""
    import os

    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
