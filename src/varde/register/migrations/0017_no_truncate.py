"""PostgreSQL's TRUNCATE removes all rows and asks no trigger of rows for it: refused too, of what arrived and what was erased by order."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

TABLES = ("register_message", "register_mapping", "register_erasure")


def forbid(apps: Any, schema_editor: Any) -> None:
    """A trigger of statements for each."""
    if schema_editor.connection.vendor != "postgresql":
        return  # others have nothing of the kind
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION register_append_only()"
        )


def allow(apps: Any, schema_editor: Any) -> None:
    """Without them."""
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("register", "0016_accession")]
    operations: ClassVar = [migrations.RunPython(forbid, allow)]
