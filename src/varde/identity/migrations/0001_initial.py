"""The vault's table."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('hash', models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('key_id', models.CharField(max_length=16)),
                ('sealed', models.BinaryField()),
            ],
        ),
    ]
