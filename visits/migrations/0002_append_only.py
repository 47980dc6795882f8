"""What happened to a visit is only ever added to."""

from __future__ import annotations

from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial")]
    operations = [append_only("visits_visitevent"), append_only("visits_sponsornote")]
