"""How an organism was found. Those taken in before have no method until a replay reads them again."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0006_joined")]
    operations = [
        migrations.AddField(
            model_name='finding',
            name='method',
            field=models.CharField(db_default='', default='', max_length=16),
        ),
    ]
