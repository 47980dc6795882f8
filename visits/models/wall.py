"""Which projector shows the board?  A link made by the office, that opens numbers alone, for some days, until it is withdrawn."""

from __future__ import annotations

from django.db import models


class WallLink(models.Model):
    """A link for a wall: of the secret in it only the keyed hash is kept."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    name = models.CharField("放在哪里", max_length=40)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    made_on = models.DateField("生成日期")
    last_day = models.DateField("有效到")
    ended_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "大屏链接"
        verbose_name_plural = "大屏链接"
