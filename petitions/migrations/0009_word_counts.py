"""How common each word is, for weighing what two texts share; filled by the task `petitions.count_words`."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("petitions", "0008_clocks_counted"),
    ]

    operations = [
        migrations.CreateModel(
            name="WordCount",
            fields=[
                ("word", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("matters", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "用字统计",
                "verbose_name_plural": "用字统计",
            },
        ),
    ]
