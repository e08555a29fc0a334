"""Resistances that stand in names, reports of one number, longer notices. Those taken in before have none until a
replay reads them again."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("register", "0011_sender_rank")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="finding",
            name="markers",
            field=models.CharField(db_default="", default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="report",
            name="notices",
            field=models.CharField(db_default="", default="", max_length=120),
        ),
    ]
