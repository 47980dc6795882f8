"""What is filed under a matter, and what stands beside it, is found by an index of its own: few matters are either."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("petitions", "0040_report_acts"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(
                condition=models.Q(merged_into__isnull=False), fields=["merged_into"], name="petition_merged"
            ),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(
                condition=models.Q(related_to__isnull=False), fields=["related_to"], name="petition_related"
            ),
        ),
    ]
