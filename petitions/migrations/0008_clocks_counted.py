"""Overdue duties are counted by unit without reading a clock."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_seal_settled'),
        ('petitions', '0007_fewer_indexes'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='clock',
            name='clock_running',
        ),
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('ended', '')), fields=['due', 'id'], include=('department', 'name', 'window', 'shadow'), name='clock_running'),
        ),
    ]
