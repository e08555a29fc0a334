"""What persons at a site confirmed about expressions that no map knows, and when a site's maps change.

``maps/confirmed.csv`` in a site's home has the columns of the other maps, but each of its rows is one
whole expression (system, code and text together) and is asked last, when nothing else maps: a
confirmation never overrules what the maps know, and gives a meaning to nothing but what the person saw.
The pages write the file; a person may edit it.
"""

from __future__ import annotations

import csv
import io
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from varde.codes.code_map import CONFIRMED, CodeMap
from varde.codes.errors import CodeFileError
from varde.codes.map_rows import MAP_COLUMNS, read_cells

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One expression and what a person said it means.

    Attributes:
        kind, system, code, text: as the queue of unknown codes shows it.
        concept: a key of the kind's concepts.
        source: who said so.
    """

    kind: str
    system: str
    code: str
    text: str
    concept: str
    source: str
    valid_from: date


def read_confirmed(folder: Path) -> list[Confirmation]:
    """The confirmations of a site, in the order of the file; none when there is no file.

    Raises:
        CodeFileError: the file breaks a rule.
    """
    path = folder / CONFIRMED
    if not path.exists():
        return []
    return [
        Confirmation(kind, system, code, text, concept, source, day)
        for kind, system, code, text, concept, source, day in read_cells(path)
    ]


def write_confirmed(folder: Path, rows: Iterable[Confirmation]) -> CodeMap:
    """Replace the confirmations of a site in one step, and give the map as it then is.

    All the site's maps are read with the new file first: what they would refuse is not written.

    Raises:
        CodeFileError: a row breaks a rule or contradicts another; nothing was changed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = _write(rows)
    with tempfile.TemporaryDirectory(prefix="varde-maps-") as name:
        trial = Path(name)
        for file in folder.glob("*.csv"):
            shutil.copyfile(file, trial / file.name)
        (trial / CONFIRMED).write_bytes(content)
        found = CodeMap.load(trial)
    _replace(folder / CONFIRMED, content)
    return found


def _write(rows: Iterable[Confirmation]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MAP_COLUMNS)
    for row in rows:
        writer.writerow(
            (
                row.kind,
                row.system,
                row.code,
                row.text,
                row.concept,
                row.source,
                row.valid_from.isoformat(),
            )
        )
    return text.getvalue().encode()


def restore(folder: Path, content: bytes | None) -> None:
    """Put the file of confirmations back as it was; None: there was none."""
    if content is None:
        (folder / CONFIRMED).unlink(missing_ok=True)
    else:
        _replace(folder / CONFIRMED, content)


def keep(folder: Path) -> bytes | None:
    """The file of confirmations as it is, for `restore`; None when there is none."""
    path = folder / CONFIRMED
    return path.read_bytes() if path.exists() else None


def _replace(path: Path, content: bytes) -> None:
    """Write beside it, make that durable, then put it in its place: a reader sees the one or the other."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class SiteMaps:
    """A site's map files, read anew when one of them has changed.

    Processes that run for months hold one of these, and ask it for each batch. Files that cannot be used
    are told of once; until they are changed again, the map before them holds.

    Args:
        folder: ``maps`` in the site's home; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: tuple[Signature, CodeMap] | None = None

    def read(self) -> CodeMap:
        """The map as the files are now.

        Raises:
            CodeFileError: a file that has changed breaks a rule, or contradicts another one.
        """
        with self._lock:
            signature = self._sign()
            known = self._known
            if known is None or known[0] != signature:
                if known is not None:
                    self._known = (signature, known[1])
                found = CodeMap.load(self.folder if self.folder.is_dir() else None)
                self._known = (signature, found)
                return found
            return known[1]

    def adopt(self, found: CodeMap) -> None:
        """Take a map for that of the files as they are now: for whoever has just written them, alone."""
        with self._lock:
            self._known = (self._sign(), found)

    def _sign(self) -> Signature:
        """What differs when a file was changed, replaced, added or removed."""
        found = []
        for file in sorted(self.folder.glob("*.csv")):
            try:
                state = file.stat()
            except FileNotFoundError:  # removed since it was listed
                continue
            except OSError as error:
                raise CodeFileError(file, 0, f"cannot be read: {error.strerror}") from error
            found.append((file.name, state.st_mtime_ns, state.st_size, state.st_ino))
        return tuple(found)
