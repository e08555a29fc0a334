"""Contacts are found among cases by the register's pseudonym of their number."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("followup", "0002_cases_that_cease"), ("register", "0014_link")]

    operations: ClassVar = [
        migrations.AddField("contact", "about", models.BinaryField(null=True, max_length=32)),
        migrations.AddIndex(
            "contact",
            models.Index(
                fields=["about"], condition=models.Q(about__isnull=False), name="contact_about"
            ),
        ),
    ]
