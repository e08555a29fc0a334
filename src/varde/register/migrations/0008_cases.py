"""Cases, the numbers that they are known by, and which reports may begin one."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0007_method")]
    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('person', models.BigIntegerField(null=True)),
                ('report', models.BigIntegerField(null=True)),
                ('disease', models.CharField(max_length=60)),
                ('episode', models.IntegerField()),
                ('classification', models.CharField(max_length=12)),
                ('presentation', models.CharField(max_length=60)),
                ('first_day', models.DateField()),
                ('onset', models.DateField(null=True)),
                ('imported', models.CharField(max_length=8)),
                ('form_missing', models.BooleanField()),
                ('definition', models.DateField()),
                ('sex', models.CharField(max_length=1)),
                ('age', models.SmallIntegerField(null=True)),
                ('residence', models.CharField(max_length=4)),
                ('stay', models.CharField(max_length=4)),
                ('infected_in', models.CharField(max_length=8)),
                ('period', models.CharField(max_length=7)),
                ('known_as', models.TextField()),
                ('trail', models.TextField()),
                ('digest', models.BinaryField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='CaseNumber',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('evidence', models.BinaryField(max_length=16)),
                ('day', models.DateField()),
                ('number', models.BigIntegerField()),
                ('current', models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name='notification',
            name='diagnosis_name',
            field=models.CharField(db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='notification',
            name='infected_in_name',
            field=models.CharField(db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='report',
            name='begins',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('begins', True)), fields=['person', 'id'], name='report_begins'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['person'], name='case_person'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('report__isnull', False)), fields=['report'], name='case_report'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['disease', 'first_day'], name='case_disease'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('known_as', ''), _negated=True), fields=['id'], name='case_known_as'),
        ),
        migrations.AddIndex(
            model_name='casenumber',
            index=models.Index(fields=['number'], name='casenumber_number'),
        ),
        migrations.AddConstraint(
            model_name='casenumber',
            constraint=models.UniqueConstraint(fields=('evidence', 'day', 'number'), name='casenumber_evidence'),
        ),
    ]
