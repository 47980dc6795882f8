"""What has somebody asked to be reminded of?  A private note about one matter, for one day; no part of the matter's record."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Reminder(models.Model):
    """A day and some words, encrypted under the matter's key; seen by the person in that post alone."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="+", db_index=False)
    on_day = models.DateField("日期")
    sealed = models.BinaryField("文字（密文）")
    made_at = models.DateTimeField("设置时间", auto_now_add=True)
    told_on = models.DateField("提醒日期", null=True)

    class Meta:
        verbose_name = "自设提醒"
        verbose_name_plural = "自设提醒"
        indexes = [
            models.Index(fields=["post", "on_day", "id"], name="reminder_of_post"),
            models.Index(fields=["on_day", "id"], name="reminder_to_tell", condition=models.Q(told_on=None)),
        ]
