"""Findings that are one say in what they disagree. Those joined before say nothing until a replay."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0005_laboratories")]
    operations = [
        migrations.AddField(
            model_name='joined',
            name='place',
            field=models.SmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='joined',
            name='disagrees',
            field=models.TextField(db_default='', default=''),
        ),
    ]
