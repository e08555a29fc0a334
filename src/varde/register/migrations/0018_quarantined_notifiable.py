"""Whether what waits in quarantine says that it is notifiable: of what waits already, a replay finds out."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("register", "0017_no_truncate")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="quarantineentry",
            name="marked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="quarantineentry",
            index=models.Index(
                condition=models.Q(("marked", True), ("resolved_at__isnull", True)),
                fields=["id"],
                name="quarantine_notifiable",
            ),
        ),
    ]
