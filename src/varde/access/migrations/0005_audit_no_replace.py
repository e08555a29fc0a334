"""SQLite's INSERT OR REPLACE removes a row and asks no trigger for it: refused too, of the access log and its heads."""

from django.db import migrations

KEYS = {"access_accesslogentry": "id", "access_signedhead": "number"}


def forbid(apps, schema_editor) -> None:
    if schema_editor.connection.vendor != "sqlite":
        return  # others have nothing of the kind
    for table, key in KEYS.items():
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
            "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
        )


def allow(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for table in KEYS:
            schema_editor.execute(f"DROP TRIGGER {table}_no_replace")


class Migration(migrations.Migration):
    dependencies = [("access", "0004_grants")]
    operations = [migrations.RunPython(forbid, allow)]
