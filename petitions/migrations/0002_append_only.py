"""Events are only ever added to."""

from __future__ import annotations

from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("petitions", "0001_initial")]
    operations = [append_only("petitions_event")]
