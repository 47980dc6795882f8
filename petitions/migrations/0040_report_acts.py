"""What was done in a period, and key matters, have indexes; what the page of an issued report shows has a digest beside its file's."""

import hashlib
import json

from django.db import migrations, models


def seal(apps, schema_editor):
    """Give the reports that were issued before the digest of what they show today; there are a few each year."""
    for row in apps.get_model("petitions", "Report").objects.filter(issued_on__isnull=False).defer("document"):
        shown = [row.number, str(row.issued_on), str(row.day), row.contents]
        text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        row.contents_digest = hashlib.sha256(text.encode()).hexdigest()
        row.save(update_fields=["contents_digest"])


class Migration(migrations.Migration):
    dependencies = [
        ("petitions", "0039_reply_reward"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="contents_digest",
            field=models.CharField(blank=True, max_length=64, verbose_name="内容摘要"),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("mode__in", ["transfer", "assign"])),
                fields=["sent_on", "id"],
                name="assignment_sent",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("step", "extend")), fields=["occurred_on", "id"], name="event_extended"
            ),
        ),
        migrations.AddIndex(
            model_name="supervision",
            index=models.Index(fields=["opened_on", "id"], name="supervision_opened"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("step", "sponsored")), fields=["petition"], name="event_sponsored"),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(
                condition=models.Q(("urgent", True)), fields=["-received_on", "-id"], name="petition_urgent"
            ),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(
                condition=models.Q(("head_count__gte", 30)), fields=["-received_on", "-id"], name="petition_many"
            ),
        ),
    ]
