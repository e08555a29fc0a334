"""What was looked for in a specimen, whatever came of it. Those taken in before have nothing until a replay reads them again."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("register", "0014_link")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="specimen",
            name="looked_for",
            field=models.TextField(db_default="", default=""),
        ),
    ]
