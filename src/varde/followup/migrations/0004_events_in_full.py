"""Why cases were joined to an event, what they may have it from, and samples of that."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


def _why() -> models.CharField:
    return models.CharField(max_length=200, default="", db_default="")


def _id() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("followup", "0003_contacts_as_evidence")]

    operations: ClassVar = [
        migrations.AddField("eventcase", "joined_why", _why()),
        migrations.AddField("eventcase", "left_why", _why()),
        migrations.CreateModel(
            "EventExposure",
            [
                ("id", _id()),
                ("event", models.BigIntegerField()),
                ("what", models.CharField(max_length=120)),
                ("place", models.CharField(max_length=120)),
                ("day", models.DateField(null=True)),
                ("ate_ill", models.IntegerField(null=True)),
                ("ate_well", models.IntegerField(null=True)),
                ("not_ill", models.IntegerField(null=True)),
                ("not_well", models.IntegerField(null=True)),
                ("said_at", models.DateTimeField()),
                ("said_by", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["event"], name="event_exposure_event")],
            },
        ),
        migrations.CreateModel(
            "ExposureAnswer",
            [
                ("id", _id()),
                ("exposure", models.BigIntegerField()),
                ("case", models.BigIntegerField()),
                ("answer", models.CharField(max_length=3)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["exposure"], name="exposure_answer_exposure"),
                    models.Index(fields=["case"], name="exposure_answer_case"),
                ],
            },
        ),
        migrations.CreateModel(
            "EventSample",
            [
                ("id", _id()),
                ("event", models.BigIntegerField()),
                ("what", models.CharField(max_length=120)),
                ("taken", models.DateField()),
                ("laboratory", models.CharField(max_length=120)),
                ("answer", models.CharField(max_length=400)),
                ("answered", models.DateField(null=True)),
                ("said_at", models.DateTimeField()),
                ("said_by", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["event"], name="event_sample_event")],
            },
        ),
    ]
