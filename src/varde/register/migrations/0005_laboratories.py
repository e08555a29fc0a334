"""What a laboratory sees of its own: what came when, entries closed by hand, decisions about codes."""

from __future__ import annotations

from django.db import migrations, models

ITEMS = 1 << 24


def count(apps, schema_editor) -> None:
    """Count once what is there already, by what it is now."""
    hour = (
        "CAST(FLOOR(EXTRACT(EPOCH FROM m.received_at) / 3600) AS INTEGER)"
        if schema_editor.connection.vendor == "postgresql"
        else "CAST(strftime('%s', m.received_at) AS INTEGER) / 3600"
    )
    schema_editor.execute(
        "INSERT INTO register_traffic (sender, kind, hour, state, items, first_message, last_at) "
        f"SELECT i.sender, i.kind, {hour}, i.state, COUNT(*), MIN(m.id), MAX(m.received_at) "
        f"FROM register_item i JOIN register_message m ON m.id = i.id / {ITEMS} GROUP BY 1, 2, 3, 4",
        params=None,
    )


def forget(apps, schema_editor) -> None:
    schema_editor.execute("DELETE FROM register_traffic")


class Migration(migrations.Migration):
    dependencies = [("register", "0004_tally")]
    operations = [
        migrations.CreateModel(
            name='CodeDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('system', models.CharField(max_length=80)),
                ('code', models.CharField(max_length=120)),
                ('text', models.CharField(max_length=200)),
                ('concept', models.CharField(max_length=80)),
                ('verdict', models.CharField(max_length=12)),
                ('sender', models.CharField(max_length=80)),
                ('decided_by', models.CharField(max_length=64)),
                ('decided_at', models.DateTimeField()),
                ('changed', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Confirmed',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('system', models.CharField(max_length=80)),
                ('code', models.CharField(max_length=120)),
                ('text', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Traffic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(max_length=80)),
                ('kind', models.CharField(max_length=16)),
                ('hour', models.IntegerField()),
                ('state', models.CharField(max_length=1)),
                ('items', models.IntegerField()),
                ('first_message', models.BigIntegerField()),
                ('last_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='quarantineentry',
            name='closed_by',
            field=models.CharField(db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='quarantineentry',
            name='closed_reason',
            field=models.CharField(db_default='', default='', max_length=200),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['sender', 'kind', 'id'], name='item_sender'),
        ),
        migrations.AddConstraint(
            model_name='traffic',
            constraint=models.UniqueConstraint(fields=('sender', 'kind', 'hour', 'state'), name='traffic_hour'),
        ),
        migrations.RunPython(count, forget),
    ]
