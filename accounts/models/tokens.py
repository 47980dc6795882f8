"""By which tokens do other systems act?  Each is bound to one post; only a keyed hash of it is kept."""

from __future__ import annotations

from django.db import models


class ApiToken(models.Model):
    """A key for the REST API.  It acts as its post, and no longer than its post, its person or its delegation."""

    name = models.CharField("系统", max_length=60)  # which program holds it
    prefix = models.CharField("开头", max_length=12, unique=True)  # by which a token is recognised, never accepted
    hash = models.CharField(max_length=64, unique=True)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="tokens")
    delegation = models.ForeignKey("accounts.Delegation", models.PROTECT, null=True, related_name="tokens")
    made_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField("发放时间")
    valid_to = models.DateField("有效至")
    last_used_at = models.DateTimeField("最近使用", null=True)
    revoked_at = models.DateTimeField("收回时间", null=True)

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
