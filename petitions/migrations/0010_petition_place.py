"""What happened at the same written place; the index is built while the office works."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("petitions", "0009_word_counts"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="petition",
            index=models.Index(
                fields=["place", "-received_on", "-id"], name="petition_place", condition=~models.Q(place="")
            ),
        ),
    ]
