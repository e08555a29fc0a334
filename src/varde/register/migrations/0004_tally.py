"""How many have come, counted as they come; and what waits in quarantine, found without looking at the rest."""

from __future__ import annotations

from django.db import migrations, models

ITEMS = 1 << 24


def count(apps, schema_editor) -> None:
    """Count once what is there already."""
    for name, source in (
        ("'messages/' || door || '/' || kind", "register_message"),
        (
            "'items/' || m.door || '/' || i.kind || '/' || i.state",
            f"register_item i JOIN register_message m ON m.id = i.id / {ITEMS}",
        ),
        ("'folded'", "register_receipt"),
    ):
        schema_editor.execute(
            f"INSERT INTO register_tally (name, count) SELECT {name}, COUNT(*) FROM {source} "
            "GROUP BY 1 HAVING COUNT(*) > 0"
        )


def forget(apps, schema_editor) -> None:
    schema_editor.execute("DELETE FROM register_tally")


class Migration(migrations.Migration):
    dependencies = [("register", "0003_every_kind")]
    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('name', models.CharField(max_length=48, primary_key=True, serialize=False)),
                ('count', models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name='quarantineentry',
            index=models.Index(condition=models.Q(('resolved_at__isnull', True)), fields=['reason'], name='quarantine_open'),
        ),
        migrations.RunPython(count, forget),
    ]
