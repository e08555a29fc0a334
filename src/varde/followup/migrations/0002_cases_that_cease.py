"""Cases that cease keep what was done about them: whose they were, what they rested on, and who has them now. Notes are
sealed; contacts have somebody who follows them, and can be handed over; events can be opened again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models
from django.db.models import F


def remember_persons(apps: Any, schema_editor: Any) -> None:
    """Of the cases that stand, whose they are; of those that are one with another, which that is."""
    connection = schema_editor.connection
    told = apps.get_model("followup", "Told")
    if not told.objects.using(connection.alias).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE followup_told SET about = (SELECT p.pseudonym FROM register_case c "
            'JOIN register_person p ON p.id = c.person WHERE c.id = followup_told."case")'
        )
    merged = apps.get_model("followup", "Delivery").objects.using(connection.alias)
    pairs = merged.filter(state="merged", into__isnull=False).exclude(into=F("case"))
    for case, into in set(pairs.values_list("case", "into")):
        told.objects.using(connection.alias).filter(case=case, standing=False).update(heir=into)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("followup", "0001_initial"), ("register", "0010_identities")]

    operations: ClassVar = [
        migrations.AddField("told", "about", models.BinaryField(null=True, max_length=32)),
        migrations.AddField("told", "evidence", models.TextField(default="", db_default="")),
        migrations.AddField("told", "heir", models.BigIntegerField(null=True)),
        migrations.AddField("entry", "sealed", models.BinaryField(null=True)),
        migrations.AddField(
            "contact", "checked", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField(
            "contact", "unit", models.CharField(max_length=40, default="", db_default="")
        ),
        migrations.AddField("contact", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "contact", "ended_by", models.CharField(max_length=64, default="", db_default="")
        ),
        migrations.CreateModel(
            name="EventStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=10)),
                ("by", models.CharField(max_length=64)),
                ("purpose", models.CharField(max_length=40)),
                ("text", models.TextField(default="")),
            ],
            options={"indexes": [models.Index(fields=["event"], name="event_step_event")]},
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("case", models.BigIntegerField()),
                ("unit", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField(null=True)),
                ("taken_by", models.CharField(max_length=64, default="")),
                ("taken_unit", models.CharField(max_length=40, default="")),
                ("contacts", models.IntegerField(default=0)),
            ],
            options={"indexes": [models.Index(fields=["case"], name="handover_case")]},
        ),
        migrations.AddIndex(
            "told",
            models.Index(
                fields=["about"],
                condition=models.Q(("about__isnull", False)),
                name="told_about",
            ),
        ),
        migrations.AddIndex(
            "told",
            models.Index(
                fields=["heir"], condition=models.Q(("heir__isnull", False)), name="told_heir"
            ),
        ),
        migrations.RunPython(remember_persons, migrations.RunPython.noop, elidable=True),
    ]
