"""The named system user with its own post, and the tables that are only ever added to."""

from __future__ import annotations

from datetime import date

from django.db import migrations

from accounts.append_only import append_only

SINCE = date(2019, 1, 1)


def add_system(apps, schema_editor):
    department = apps.get_model("accounts", "Department").objects.create(
        code="system", name="自动程序", short_name="系统", kind="system", valid_from=SINCE
    )
    department.path = f"/{department.pk}/"
    department.save(update_fields=["path"])
    user = apps.get_model("accounts", "User").objects.create(username="system", name="自动程序", password="!")
    apps.get_model("accounts", "Post").objects.create(
        user=user, department=department, role="system", title="自动程序", valid_from=SINCE
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunPython(add_system, migrations.RunPython.noop),
        append_only("accounts_accesslog"),
        append_only("accounts_seal"),
        append_only("accounts_sealedrow"),
    ]
