"""Where the person of a notification stays, when that is not at home."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0012_named_resistance")]
    operations = [
        migrations.AddField(
            model_name="notification",
            name="stay",
            field=models.CharField(db_default="", default="", max_length=4),
        ),
    ]
