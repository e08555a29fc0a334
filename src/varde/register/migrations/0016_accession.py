"""The number (of an accession) under which an answer stands with those of other tests, filled from the names that have one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """What stands before the first ``^`` of a laboratory answer's name, as `varde.register.chunk.accession_of` says it."""
    at = "INSTR" if schema_editor.connection.vendor == "sqlite" else "STRPOS"
    schema_editor.execute(
        f"UPDATE register_report SET accession = SUBSTR(report_ref, 1, {at}(report_ref, '^') - 1) "
        f"WHERE kind = 'laboratory' AND {at}(report_ref, '^') > 1"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("register", "0015_looked_for")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="report",
            name="accession",
            field=models.CharField(db_default="", default="", max_length=120),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("accession", ""), _negated=True),
                fields=["accession", "sender"],
                name="report_accession",
            ),
        ),
    ]
