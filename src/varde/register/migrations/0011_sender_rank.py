"""Whose word for a sender's name counts, what of a report a person should look at, and what a confirmed diagnosis means."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0010_identities")]
    operations = [
        migrations.AddField(
            model_name="sender",
            name="rank",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="item",
            name="patient",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="report",
            name="notices",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("notices", ""), _negated=True),
                fields=["sender"],
                name="report_notices",
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="disease",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
        migrations.CreateModel(
            name="NoticeSeen",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=16)),
                ("sender", models.CharField(max_length=80)),
                ("report_ref", models.CharField(max_length=120)),
                ("what", models.CharField(max_length=40)),
                ("version_key", models.CharField(max_length=80)),
                ("seen_by", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=200)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["report_ref", "sender"], name="noticeseen_report")
                ],
            },
        ),
    ]
