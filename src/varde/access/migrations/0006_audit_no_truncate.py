"""PostgreSQL's TRUNCATE removes all rows and asks no trigger of rows for it: refused too, of the access log and its heads."""

from django.db import migrations

TABLES = ("access_accesslogentry", "access_signedhead")


def forbid(apps, schema_editor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return  # others have nothing of the kind
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_append_only()"
        )


def allow(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")


class Migration(migrations.Migration):
    dependencies = [("access", "0005_audit_no_replace")]
    operations = [migrations.RunPython(forbid, allow)]
