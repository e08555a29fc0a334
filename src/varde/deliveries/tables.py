"""The tables of prescribing as Ibis expressions over one state, on the engine of choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from varde.deliveries.folder import folder_of
from varde.deliveries.manifest import whole_manifest
from varde.prescribing import layouts
from varde.warehouse import Engine, OnEngine, connect_engine, view_files

if TYPE_CHECKING:
    import ibis


class OpenTables(OnEngine, Mapping[str, "ibis.Table"]):
    """All tables by the key of their layout, with the columns of `Layout.kept`; those without rows are empty.

    Not for several threads at once: open them in each. They stay readable while a file is taken in; when the next
    one is, files that nothing needs any more go. A removal takes them at once.

    Attributes:
        number: of the state: when it has grown, open anew to see what is new.
        connection: the Ibis backend, for those who need the engine itself.
    """

    def __init__(self, home: Path, engine: Engine) -> None:
        folder = folder_of(home)
        manifest = whole_manifest(folder)
        self.number = manifest.number
        self.engine: Engine = engine
        self.connection: Any = connect_engine(engine)
        self._paths = {
            key: [folder.absolute() / path for path in manifest.current(key)] for key in layouts()
        }
        self._opened: dict[str, ibis.Table] = {}

    def __getitem__(self, key: str) -> ibis.Table:
        if key not in self._opened:
            paths, schema = self._paths[key], layouts()[key].kept
            self._opened[key] = view_files(self.connection, self.engine, key, paths, schema)
        return self._opened[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def open_tables(home: Path, engine: Engine = "duckdb") -> OpenTables:
    """Open the tables as they are now.

    Args:
        home: the folder of all state; where nothing was delivered, all tables are empty.

    Raises:
        ManifestUnreadable, FilesMissing: see there.
        varde.warehouse.UnknownEngine, varde.warehouse.EngineMissing: see there.
    """
    return OpenTables(home, engine)
