"""Which other systems are told of changes, and what is on its way to them?"""

from __future__ import annotations

import uuid

from django.db import models

from accounts.privacy import EncryptedTextField


class Webhook(models.Model):
    """An address that is told when a matter's stage changes."""

    name = models.CharField("系统", max_length=60)
    url = models.CharField("地址", max_length=300)
    secret = EncryptedTextField("密钥")  # in clear only while a message is signed
    stages = models.JSONField("哪些阶段", default=list)  # codes of lifecycle.STAGES; empty = all
    active = models.BooleanField("启用", default=True)
    made_at = models.DateTimeField("新增时间", auto_now_add=True)

    class Meta:
        verbose_name = "变动推送"
        verbose_name_plural = "变动推送"

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One change that one system must be told; written in the step's own transaction, sent by a worker later."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "待送"
        SENT = "sent", "已送到"
        FAILED = "failed", "没有送到"

    ref = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # told at every try
    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+", db_index=False)
    stage = models.CharField("阶段", max_length=16)
    step = models.CharField("步骤", max_length=30)
    at = models.DateTimeField("时间")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    not_before = models.DateTimeField("最早再送", null=True)  # set after a failure
    ended_at = models.DateTimeField("送到或放弃", null=True)
    failure = models.CharField("原因", max_length=120, blank=True)  # of the last try

    class Meta:
        verbose_name = "推送"
        verbose_name_plural = "推送"
        indexes = [
            models.Index(fields=["id"], name="delivery_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["-ended_at"], name="delivery_failed", condition=models.Q(state="failed")),
            models.Index(fields=["ended_at"], name="delivery_sent", condition=models.Q(state="sent")),
        ]
