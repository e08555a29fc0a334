"""The room's tables: kept reports, goals, consents, remarks."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies: ClassVar = [
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('variant', models.CharField(max_length=16)),
                ('unit', models.CharField(max_length=64)),
                ('year', models.IntegerField()),
                ('said_at', models.DateTimeField()),
                ('said_by', models.CharField(max_length=64)),
                ('key_id', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('settled_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=64)),
                ('given_at', models.DateTimeField()),
                ('given_by', models.CharField(max_length=64)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(default='', max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('unit',), name='consent_holds_once')],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('unit', models.CharField(max_length=64)),
                ('year', models.IntegerField()),
                ('indicator', models.CharField(max_length=60)),
                ('target', models.CharField(max_length=32)),
                ('by', models.DateField()),
                ('picked_at', models.DateTimeField()),
                ('picked_by', models.CharField(max_length=64)),
                ('key_id', models.CharField(default='', max_length=64)),
                ('sealed', models.BinaryField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'unit', 'year'], name='goal_reader')],
            },
        ),
        migrations.CreateModel(
            name='KeptReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('variant', models.CharField(max_length=16)),
                ('unit', models.CharField(max_length=64)),
                ('year', models.IntegerField()),
                ('key_id', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'unit', 'year', 'variant'), name='kept_report_once')],
            },
        ),
    ]
