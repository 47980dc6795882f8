"""Notices keep when they were sent or given up, and why a try failed; what stands on the desk needs no sending."""

from __future__ import annotations

from django.db import migrations, models

_CHANNELS = [("desk", "站内"), ("email", "邮件"), ("sms", "短信"), ("chat", "即时通讯")]
_STATES = [("waiting", "待发"), ("sent", "已发"), ("failed", "失败"), ("nowhere", "无处可发")]


class Migration(migrations.Migration):
    dependencies = [("petitions", "0003_search")]
    operations = [
        migrations.AddField("notice", "not_before", models.DateTimeField(null=True, verbose_name="最早发送")),
        migrations.AddField("notice", "ended_at", models.DateTimeField(null=True, verbose_name="发出或放弃")),
        migrations.AddField(
            "notice", "failure", models.CharField(blank=True, default="", max_length=120, verbose_name="失败原因"),
            preserve_default=False,
        ),
        migrations.AlterField("notice", "channel", models.CharField(choices=_CHANNELS, default="desk", max_length=8)),
        migrations.AlterField("notice", "state", models.CharField(choices=_STATES, default="waiting", max_length=8)),
        migrations.RunSQL("UPDATE petitions_notice SET state = 'sent' WHERE channel = 'desk'", migrations.RunSQL.noop),
    ]
