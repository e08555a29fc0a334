"""The access log as a gap-free chain that the database itself keeps from being changed, and its signed heads.

Entries from before are put into the chain in their order. That is said by an entry "chained": how many they were,
whether the chain that they had was whole, and the newest hash of that chain (as what was seen), which a site may have
written down.
"""

from __future__ import annotations

import hashlib
from datetime import UTC

import msgspec
from django.db import migrations, models
from django.utils import timezone

TABLES = ("access_accesslogentry", "access_signedhead")
START = "0" * 64
FIELDS = ("actor", "role", "area", "action", "page", "object_kind", "object_count", "purpose")
BATCH = 1000
encode = msgspec.json.encode


def chain(apps, schema_editor) -> None:
    connection = schema_editor.connection
    model = apps.get_model("access", "AccessLogEntry")
    entries = model.objects.using(connection.alias)
    if not entries.exists():
        return
    earlier, digest, count, broken = START, START, 0, 0
    last = None
    while True:
        after = {} if last is None else {"id__gt": last}
        batch = list(entries.filter(**after).order_by("id")[:BATCH])
        if not batch:
            break
        changed = []
        for entry in batch:
            count += 1
            if entry.digest != earlier_digest(earlier, entry) and not broken:
                broken = count
            earlier = entry.digest
            digest = digest_of(digest, count, entry)
            changed.append((count, digest, entry.id))
        last = batch[-1].id
        with connection.cursor() as cursor:
            # Numbers only ever become smaller, in order: none is taken.
            cursor.executemany(
                "UPDATE access_accesslogentry SET id = %s, digest = %s WHERE id = %s", changed
            )
    added = model(
        id=count + 1,
        at=timezone.now(),
        action="chained",
        page=f"broken at {broken}" if broken else "whole",
        object_kind=earlier,
        object_count=count,
    )
    added.digest = digest_of(digest, count + 1, added)
    added.save(using=connection.alias, force_insert=True)


def earlier_digest(previous, entry) -> str:
    """As entries were hashed before."""
    content = [entry.at.timestamp(), *(getattr(entry, field) for field in FIELDS)]
    return hashlib.sha256(previous.encode() + encode(content)).hexdigest()


def digest_of(previous, number, entry) -> str:
    """Form 1 of the encoding, of an entry about nobody."""
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    content = ("varde.audit/1", previous, number, at, *(getattr(entry, f) for f in FIELDS), "", "")
    return hashlib.sha256(encode(content)).hexdigest()


def unchain(apps, schema_editor) -> None:
    if apps.get_model("access", "AccessLogEntry").objects.using(
        schema_editor.connection.alias
    ).exists():
        raise RuntimeError("the chain of the access log cannot be taken back: it has entries")


def forbid(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION access_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the access log is append-only'; END $$"
        )
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if vendor == "sqlite":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
                )
            elif vendor == "postgresql":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION access_append_only()"
                )


def allow(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            on = f" ON {table}" if vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb.lower()}{on}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION access_append_only()")


class Migration(migrations.Migration):
    dependencies = [("access", "0002_clients")]
    operations = [
        migrations.CreateModel(
            name='SignedHead',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('line', models.TextField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='accesslogentry',
            name='about_key',
            field=models.CharField(blank=True, default='', max_length=16),
        ),
        migrations.AddField(
            model_name='accesslogentry',
            name='about',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='accesslogentry',
            name='version',
            field=models.SmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='accesslogentry',
            name='digest',
            field=models.CharField(max_length=64),
        ),
        migrations.RunPython(chain, unchain),
        migrations.AddIndex(
            model_name='accesslogentry',
            index=models.Index(condition=models.Q(('about', ''), _negated=True), fields=['about'], name='access_log_about'),
        ),
        migrations.RunPython(forbid, allow),
    ]
