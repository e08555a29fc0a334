"""The first day of a contact's exposure, where it was more than one."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("followup", "0004_events_in_full")]

    operations: ClassVar = [
        migrations.AddField("contact", "first_exposure", models.DateField(null=True)),
    ]
