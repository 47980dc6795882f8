"""A draft's title is kept encrypted like the rest of it; a registration made in error ends by an outcome of its own."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import accounts.privacy


def seal_titles(apps: Any, schema_editor: Any) -> None:
    """Seal the titles of the drafts that are there: few, because they go when they are registered or grow old."""
    drafts = apps.get_model("petitions", "Draft").objects
    for draft in drafts.exclude(title_in_clear="").only("title_in_clear").iterator(500):
        drafts.filter(pk=draft.pk).update(title=draft.title_in_clear, title_in_clear="")


class Migration(migrations.Migration):
    dependencies = [("petitions", "0036_sealed_apart")]

    operations = [
        migrations.RenameField("draft", "title", "title_in_clear"),
        migrations.AddField(
            "draft", "title", accounts.privacy.EncryptedTextField(blank=True, default="", verbose_name="标题")
        ),
        migrations.RunPython(seal_titles, migrations.RunPython.noop),
        migrations.RemoveField("draft", "title_in_clear"),
        migrations.AlterField(
            "petition",
            "outcome",
            models.CharField(
                blank=True,
                max_length=16,
                verbose_name="办结方式",
                choices=[
                    ("opinion", "作出处理意见"),
                    ("channelled", "依法导入其他程序"),
                    ("legal", "转政法机关"),
                    ("redirected", "告知引导"),
                    ("not_accepted", "不予受理"),
                    ("no_further", "不再受理"),
                    ("merged", "并件"),
                    ("filed", "存"),
                    ("direct_reply", "直接回复"),
                    ("taken_back", "上级收回"),
                    ("suggestion", "建议已回复"),
                    ("duty", "依法履职答复"),
                    ("settled", "调解和解"),
                    ("withdrawn", "撤回"),
                    ("mistaken", "登记有误"),
                ],
            ),
        ),
    ]
