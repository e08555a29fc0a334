"""Of whom the dots of a group's report were when its leader saw them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('learning', '0001_initial'),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='ShownDots',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=64)),
                ('year', models.IntegerField()),
                ('indicator', models.CharField(max_length=60)),
                ('members', models.TextField()),
                ('shown_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['group', 'year'], name='shown_dots_report')],
            },
        ),
    ]
