"""What happened to a visit, when, by whom?  Only ever added; sealed with the rest of the record."""

from __future__ import annotations

from django.db import models

from accounts.privacy import EncryptedTextField
from visits.models.plan import Visit


class VisitEvent(models.Model):
    """One change of a visit, its bookings or its parties.  Codes and dates in clear; words encrypted."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField("序号")
    step = models.CharField("步骤", max_length=20)
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField("时间")
    data = models.JSONField("代码与日期", default=dict)
    words = EncryptedTextField("文字", default="")

    class Meta:
        verbose_name = "接访记录"
        verbose_name_plural = "接访记录"
        constraints = [models.UniqueConstraint(fields=["visit", "seq"], name="one_visit_event_each_seq")]
