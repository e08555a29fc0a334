"""Who belongs where in a period's reports: settled with the first of them, and not moved by what is told later.

Of a doctor who was moved in the register afterwards, the figures would be the difference between two reports of one group.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils import timezone

from varde.learning.models import SettledRegister
from varde.learning.sealed_rows import alone, bind_register, open_sealer
from varde.prescribing import layouts
from varde.prescribing.indicators import Who
from varde.prescribing.indicators.engine import fetch, lend

if TYPE_CHECKING:
    import ibis

SETTLED: Final = frozenset(("prescribers", "institutions"))
"""The delivered tables that say who belongs where."""
UNIT: Final = "out-of-hours"
"""The kind of institutions whose reports are of several doctors. What others are may be mended at any time."""


def settle_registers(day: date, tables: Mapping[str, ibis.Table], *, anew: bool = False) -> None:
    """Settle who belongs where in reports whose period ends on a day; what is settled already stands.

    Args:
        tables: as delivered, by the keys of their layouts.
        anew: it does not stand, but is settled by what is known now.

    Raises:
        KeyProblem: the keys cannot be read.
    """
    if anew:
        SettledRegister.objects.filter(day=day).delete()
    for key in SETTLED & tables.keys():
        _settle(day, key, fetch(tables[key]))


def _settle(day: date, table: str, rows: pa.Table) -> None:
    if SettledRegister.objects.filter(day=day, table=table).exists():
        return
    buffer = io.BytesIO()
    pq.write_table(rows, buffer, compression="zstd")
    with alone():
        seal = open_sealer().current()
        row = SettledRegister(day=day, table=table, key_id=seal.key_id, settled_at=timezone.now())
        row.sealed = seal.close(buffer.getvalue(), bind_register(row))
        if not SettledRegister.objects.filter(day=day, table=table).exists():
            row.save()


def settled_register(day: date, table: str) -> pa.Table | None:
    """A table as reports of a period ending on a day are made by it; None where nothing is settled.

    Raises:
        KeyProblem: it does not open.
    """
    row = SettledRegister.objects.filter(day=day, table=table).first()
    if row is None:
        return None
    content = open_sealer().open(row.sealed, bind_register(row), row.key_id)
    schema = layouts()[table].schema
    kept = pq.read_table(io.BytesIO(content))
    # A column that the layout has had since is blank.
    return pa.concat_tables([schema.empty_table(), kept], promote_options="permissive").select(
        schema.names
    )


def settled_tables(day: date, tables: Mapping[str, ibis.Table]) -> Mapping[str, ibis.Table]:
    """The tables with who belongs where as it was settled for reports of a period ending on a day; of institutions, with
    what out-of-hours units there were.

    Raises:
        KeyProblem: what was settled does not open.
    """
    found = dict(tables)
    for key in SETTLED & tables.keys():
        settled = settled_register(day, key)
        if settled is not None:
            if key == "institutions":
                settled = _with_units_of(settled, fetch(tables[key]))
            found[key] = lend(tables[key], settled)
    return found


def _with_units_of(settled: pa.Table, now: pa.Table) -> pa.Table:
    """Institutions as they are now, but those that are or were out-of-hours units as they were settled."""
    units = pa.chunked_array(
        [
            chunk
            for rows in (settled, now)
            for chunk in rows.filter(pc.equal(rows["kind"], UNIT))["institution"]
            .cast(pa.string())
            .chunks
        ],
        pa.string(),
    )
    then = settled.filter(pc.is_in(settled["institution"], units))
    others = now.filter(pc.invert(pc.is_in(now["institution"], units)))
    return pa.concat_tables([then, others], promote_options="permissive")


def count_moved(day: date, tables: Mapping[str, ibis.Table]) -> int:
    """How many doctors the delivered register has elsewhere now than in the reports of a period ending on a day.

    Raises:
        KeyProblem: what was settled does not open.
    """
    settled = settled_register(day, "prescribers")
    if settled is None or "prescribers" not in tables:
        return 0
    delivered = tables["prescribers"]
    now, then = (
        {
            post: (row["unit"], row["municipality"], row["peer_group"])
            for post, row in Who({"prescribers": rows}).memberships(day).items()
        }
        for rows in (delivered, lend(delivered, settled))
    )
    return len({doctor for (doctor, _), _ in now.items() ^ then.items()})
