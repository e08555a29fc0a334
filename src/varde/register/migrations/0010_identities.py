"""Who is the same person: descriptions by their hashes, what is asked and what is decided about them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0009_case_changes")]
    operations = [
        migrations.CreateModel(
            name='CommonKey',
            fields=[('id', models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('hash', models.BinaryField(max_length=16, unique=True)),
                ('number', models.BinaryField(max_length=32, null=True)),
                ('rank', models.SmallIntegerField()),
                ('person', models.BigIntegerField()),
                ('large', models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name='NodeKey',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('key', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='NodeLink',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('node', models.BigIntegerField()),
                ('other', models.BigIntegerField()),
                ('kind', models.SmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='NumberChange',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.BinaryField(max_length=16, unique=True)),
                ('what', models.CharField(max_length=8)),
                ('earlier', models.BinaryField(max_length=16)),
                ('later', models.BinaryField(max_length=16)),
                ('day', models.DateField()),
                ('source', models.CharField(max_length=120)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('one', models.BinaryField(max_length=16)),
                ('other', models.BinaryField(max_length=16)),
                ('cause', models.CharField(max_length=12)),
                ('weight', models.IntegerField()),
                ('reason', models.CharField(max_length=24)),
                ('version', models.CharField(max_length=24)),
                ('why', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('one', models.BinaryField(max_length=16)),
                ('other', models.BinaryField(max_length=16)),
                ('verdict', models.CharField(max_length=10)),
                ('undoes', models.BigIntegerField(null=True)),
                ('decided_by', models.CharField(max_length=64)),
                ('purpose', models.CharField(max_length=40)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('weight', models.IntegerField(null=True)),
                ('version', models.CharField(max_length=24)),
            ],
        ),
        migrations.AddField(
            model_name='report',
            name='node',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='node',
            index=models.Index(fields=['person'], name='node_person'),
        ),
        migrations.AddIndex(
            model_name='node',
            index=models.Index(condition=models.Q(('number__isnull', False)), fields=['number'], name='node_number'),
        ),
        migrations.AddIndex(
            model_name='node',
            index=models.Index(condition=models.Q(('large', True)), fields=['id'], name='node_large'),
        ),
        migrations.AddIndex(
            model_name='nodekey',
            index=models.Index(fields=['key'], name='nodekey_key'),
        ),
        migrations.AddIndex(
            model_name='nodelink',
            index=models.Index(fields=['node'], name='nodelink_node'),
        ),
        migrations.AddIndex(
            model_name='numberchange',
            index=models.Index(fields=['earlier'], name='numberchange_earlier'),
        ),
        migrations.AddIndex(
            model_name='numberchange',
            index=models.Index(fields=['later'], name='numberchange_later'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(fields=['one'], name='question_one'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(fields=['other'], name='question_other'),
        ),
        migrations.AddIndex(
            model_name='ruling',
            index=models.Index(fields=['one'], name='ruling_one'),
        ),
        migrations.AddIndex(
            model_name='ruling',
            index=models.Index(fields=['other'], name='ruling_other'),
        ),
    ]
