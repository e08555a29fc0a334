"""Links that people state between a case and where its infection is from."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0013_stay")]
    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("of_case", models.BigIntegerField()),
                ("disease", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("to_case", models.BigIntegerField(null=True)),
                ("to_event", models.BigIntegerField(null=True)),
                ("basis", models.CharField(max_length=8)),
                ("contact", models.BigIntegerField(null=True)),
                ("stated_by", models.CharField(max_length=64)),
                ("stated_at", models.DateTimeField()),
                ("purpose", models.CharField(max_length=40)),
                ("withdrawn_by", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["of_case"], name="link_of_case"),
                    models.Index(fields=["to_case"], name="link_to_case"),
                    models.Index(fields=["to_event"], name="link_to_event"),
                    models.Index(fields=["contact"], name="link_contact"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkAnchor",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("link", models.BigIntegerField()),
                ("side", models.CharField(max_length=2)),
                ("place", models.IntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("sender", models.CharField(max_length=80)),
                ("report_ref", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["link"], name="linkanchor_link"),
                    models.Index(fields=["report_ref"], name="linkanchor_report"),
                ],
            },
        ),
    ]
