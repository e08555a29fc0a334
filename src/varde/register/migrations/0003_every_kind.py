"""Every kind of statement, who handed a message in, and a log that can be sealed anew and erased by order."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations, models

earlier = import_module("varde.register.migrations.0002_append_only")

FIXED = ("id", "received_at", "sha256", "mapping", "submitter", "kind", "door", "size")
"""What nobody may change in the log. The seal may be renewed under another key."""


def forbid(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        columns = ", ".join(FIXED)
        refuse = "SELECT RAISE(ABORT, 'the message log is append-only')"
        statements = (
            "CREATE TRIGGER register_message_no_update BEFORE UPDATE OF "
            f"{columns} ON register_message BEGIN {refuse}; END",
            "CREATE TRIGGER register_message_no_delete BEFORE DELETE ON register_message "
            "WHEN NOT EXISTS (SELECT 1 FROM register_erasure e WHERE e.id = OLD.id) "
            f"BEGIN {refuse}; END",
            f"CREATE TRIGGER register_mapping_no_update BEFORE UPDATE ON register_mapping BEGIN {refuse}; END",
            f"CREATE TRIGGER register_mapping_no_delete BEFORE DELETE ON register_mapping BEGIN {refuse}; END",
            f"CREATE TRIGGER register_erasure_no_update BEFORE UPDATE ON register_erasure BEGIN {refuse}; END",
            f"CREATE TRIGGER register_erasure_no_delete BEFORE DELETE ON register_erasure BEGIN {refuse}; END",
        )
    else:
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FIXED)
        refuse = "EXECUTE FUNCTION register_append_only()"
        statements = (
            "CREATE FUNCTION register_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the message log is append-only'; END $$",
            "CREATE FUNCTION register_erase_by_order() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF NOT EXISTS (SELECT 1 FROM register_erasure e WHERE e.id = OLD.id) THEN "
            "RAISE EXCEPTION 'the message log is append-only'; END IF; RETURN OLD; END $$",
            "CREATE TRIGGER register_message_no_update BEFORE UPDATE ON register_message "
            f"FOR EACH ROW WHEN ({changed}) {refuse}",
            "CREATE TRIGGER register_message_no_delete BEFORE DELETE ON register_message "
            "FOR EACH ROW EXECUTE FUNCTION register_erase_by_order()",
            *(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW {refuse}"
                for table in ("register_mapping", "register_erasure")
                for verb in ("UPDATE", "DELETE")
            ),
        )
    for statement in statements:
        schema_editor.execute(statement)


def allow(apps, schema_editor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in ("register_message", "register_mapping", "register_erasure"):
        for verb in ("update", "delete"):
            on = f" ON {table}" if postgres else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")
    if postgres:
        schema_editor.execute("DROP FUNCTION register_append_only()")
        schema_editor.execute("DROP FUNCTION register_erase_by_order()")


class Migration(migrations.Migration):
    dependencies = [("register", "0002_append_only")]
    operations = [
        migrations.RunPython(earlier.allow, earlier.forbid),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=40)),
                ('ordered_at', models.DateTimeField()),
                ('sha256', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='InfectionCount',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('infection', models.CharField(max_length=60)),
                ('origin', models.CharField(max_length=40)),
                ('count', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Joined',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('counted', models.BigIntegerField()),
                ('person', models.BigIntegerField()),
                ('reason', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('diagnosis', models.CharField(max_length=60)),
                ('agent', models.CharField(max_length=60)),
                ('onset', models.DateField(null=True)),
                ('sampled', models.DateField(null=True)),
                ('age', models.SmallIntegerField(null=True)),
                ('born_in', models.CharField(max_length=60)),
                ('occupation', models.CharField(max_length=60)),
                ('workplace', models.CharField(max_length=60)),
                ('indication', models.CharField(max_length=60)),
                ('clinical_picture', models.CharField(max_length=60)),
                ('underlying', models.CharField(max_length=200)),
                ('in_hospital', models.CharField(max_length=8)),
                ('hospital', models.CharField(max_length=80)),
                ('in_nursing_home', models.CharField(max_length=8)),
                ('outcome', models.CharField(max_length=60)),
                ('died', models.DateField(null=True)),
                ('sequelae', models.CharField(max_length=60)),
                ('transmission', models.CharField(max_length=60)),
                ('infected_in', models.CharField(max_length=60)),
                ('travel_reason', models.CharField(max_length=60)),
                ('returned', models.DateField(null=True)),
                ('close_contact', models.CharField(max_length=8)),
                ('exposure', models.CharField(max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='Surgery',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('hospital', models.CharField(max_length=80)),
                ('department', models.CharField(max_length=80)),
                ('procedure', models.CharField(max_length=20)),
                ('procedure_group', models.CharField(max_length=40)),
                ('operated', models.DateField()),
                ('discharged', models.DateField(null=True)),
                ('age', models.SmallIntegerField(null=True)),
                ('urgent', models.BooleanField(null=True)),
                ('asa', models.SmallIntegerField(null=True)),
                ('wound_class', models.SmallIntegerField(null=True)),
                ('minutes', models.IntegerField(null=True)),
                ('prophylaxis', models.BooleanField(null=True)),
                ('implant', models.BooleanField(null=True)),
                ('at_discharge', models.CharField(max_length=12)),
                ('at_follow_up', models.CharField(max_length=12)),
                ('infected', models.DateField(null=True)),
                ('follow_up', models.DateField(null=True)),
                ('reoperated', models.BooleanField(null=True)),
                ('died', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Treatment',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('antibiotic', models.CharField(max_length=8, null=True)),
                ('sent', models.CharField(max_length=60)),
                ('indication', models.CharField(max_length=80)),
                ('classification', models.CharField(max_length=60)),
                ('route', models.CharField(max_length=40)),
                ('age', models.SmallIntegerField(null=True)),
                ('sex', models.CharField(max_length=1)),
            ],
        ),
        migrations.CreateModel(
            name='Vaccination',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('vaccine', models.CharField(max_length=20, null=True)),
                ('sent', models.CharField(max_length=60)),
                ('given', models.DateField()),
                ('age', models.SmallIntegerField(null=True)),
                ('dose', models.SmallIntegerField(null=True)),
                ('batch', models.CharField(max_length=40)),
                ('programme', models.CharField(max_length=60)),
                ('given_at', models.CharField(max_length=4)),
            ],
        ),
        migrations.CreateModel(
            name='WardPrevalence',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('institution', models.CharField(max_length=80)),
                ('institution_kind', models.CharField(max_length=16)),
                ('ward', models.CharField(max_length=80)),
                ('ward_type', models.CharField(max_length=80)),
                ('specialty', models.CharField(max_length=40)),
                ('surveyed', models.DateField()),
                ('present', models.IntegerField()),
                ('with_infection', models.IntegerField(null=True)),
                ('on_antibiotics', models.IntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_content',
        ),
        migrations.RemoveConstraint(
            model_name='report',
            name='report_reference',
        ),
        migrations.AddField(
            model_name='item',
            name='kind',
            field=models.CharField(default='laboratory', max_length=16),
        ),
        migrations.AddField(
            model_name='message',
            name='door',
            field=models.CharField(default='file', max_length=8),
        ),
        migrations.AddField(
            model_name='message',
            name='kind',
            field=models.CharField(default='', max_length=16),
        ),
        migrations.AddField(
            model_name='message',
            name='submitter',
            field=models.CharField(default='', max_length=80),
        ),
        migrations.AddField(
            model_name='quarantineentry',
            name='kind',
            field=models.CharField(default='laboratory', max_length=16),
        ),
        migrations.AddField(
            model_name='report',
            name='kind',
            field=models.CharField(default='laboratory', max_length=16),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('sha256', 'mapping', 'submitter', 'kind'), name='message_content'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('report_ref', 'sender', 'kind'), name='report_reference'),
        ),
        migrations.AddIndex(
            model_name='joined',
            index=models.Index(fields=['person'], name='joined_person'),
        ),
        migrations.AddIndex(
            model_name='joined',
            index=models.Index(fields=['counted'], name='joined_counted'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['diagnosis'], name='notification_diagnosis'),
        ),
    
        migrations.RunPython(forbid, allow),
    ]
