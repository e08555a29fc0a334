"""Who belongs where in a period's reports: settled when the first of them are kept, and not moved by what is told later."""

from __future__ import annotations

import io
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

from varde.learning.models import SettledRegister
from varde.learning.sealed_rows import alone, bind_register, open_sealer
from varde.prescribing import layouts


def settle_register(day: date, table: str, rows: pa.Table) -> None:
    """Settle who belongs where in reports whose period ends on a day; what is settled already stands.

    Args:
        table: the key of a delivered table. rows: all of it.

    Raises:
        KeyProblem: the keys cannot be read.
    """
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


def forget_register(day: date) -> None:
    """The next reports that are kept settle it anew: by what is known then."""
    SettledRegister.objects.filter(day=day).delete()
