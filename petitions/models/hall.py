"""What stands in the reception hall?  The public notice board, the day's tickets, the devices that petitioners touch."""

from __future__ import annotations

from django.db import models


class BoardEntry(models.Model):
    """One entry of what Art.18 wants to be made public, with the days on which it holds."""

    class Kind(models.TextChoices):
        """Which question of the petitioner's it answers, in the order of the board."""

        PLACE = "place", "到哪里、什么时间来"
        PHONE = "phone", "打电话"
        LETTER = "letter", "写信"
        ONLINE = "online", "上网"
        LEADERS = "leaders", "领导接待安排"
        PROCEDURE = "procedure", "办理程序补充说明"
        LAW = "law", "办事依据"
        EASE = "ease", "方便群众的事项"

    kind = models.CharField("栏目", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=60)
    text = models.CharField("内容", max_length=600, blank=True)
    place = models.PositiveSmallIntegerField("次序", default=10)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "公示内容"
        verbose_name_plural = "公示内容"
        ordering = ["place", "pk"]


class Ticket(models.Model):
    """A place in today's queue: a number and nothing about who holds it.  Gone the next night."""

    class State(models.TextChoices):
        """Where its holder is."""

        WAITING = "waiting", "等候"
        CALLED = "called", "已叫到"
        DONE = "done", "已接待"
        MISSED = "missed", "过号"

    office = models.ForeignKey("accounts.Department", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    number = models.PositiveSmallIntegerField("号")
    window = models.CharField("窗口", max_length=6, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    called_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "排队号"
        verbose_name_plural = "排队号"
        constraints = [models.UniqueConstraint(fields=["office", "day", "number"], name="one_ticket_each_number")]


class HallDevice(models.Model):
    """A locked-down device in the hall, bound to an office by a token of its own; no staff session is on it."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    name = models.CharField("名称", max_length=40)
    # A code is typed once on the device, which is then given a token; of both only the keyed hash is kept.
    code_hash = models.CharField(max_length=64, blank=True)
    code_made_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    opened_at = models.DateTimeField("启用时间", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "大厅设备"
        verbose_name_plural = "大厅设备"
