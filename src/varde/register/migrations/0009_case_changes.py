"""The outbox of cases that became others."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0008_cases")]
    operations = [
        migrations.CreateModel(
            name='CaseChange',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
                ('disease', models.CharField(max_length=60)),
                ('what', models.CharField(max_length=8)),
                ('other', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
