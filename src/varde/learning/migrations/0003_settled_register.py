"""Who belonged where when the first reports of a period were kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('learning', '0002_shown_dots'),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='SettledRegister',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('table', models.CharField(max_length=24)),
                ('key_id', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('settled_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'table'), name='register_settled_once')],
            },
        ),
    ]
