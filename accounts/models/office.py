"""What is this database, and whose office is it?  Two tables of one row each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Kind(models.TextChoices):
    """What a database is for; decided once, before its first row."""

    DEMO = "demo", "演示"
    OFFICE = "office", "正式"


class DatabaseMark(models.Model):
    """Says for good whether invented or real people live here.  Neither row nor table can be changed or emptied."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    kind = models.CharField("用途", max_length=10, choices=Kind)
    made_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "数据库用途"
        verbose_name_plural = "数据库用途"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_mark"),
            models.CheckConstraint(condition=Q(kind__in=["demo", "office"]), name="mark_is_demo_or_office"),
        ]


class Office(models.Model):
    """The office itself (本机关): its name and letterhead, and how far its first day has come."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField("机关名称", max_length=80, blank=True)
    letterhead = models.CharField("发文机关标志", max_length=80, blank=True)
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, blank=True, related_name="+")
    preset = models.CharField("地方规则", max_length=20, blank=True)
    staffed_at = models.DateTimeField("单位人员录入时间", null=True, blank=True)
    finished_at = models.DateTimeField("启用时间", null=True, blank=True)
    # Rows of the sheet that has been looked at and not yet taken over (accounts.roster); empty otherwise.
    pending = models.JSONField(default=dict, blank=True)
    # The one-time code of the first-run pages, as a keyed hash, and the browser that it opened them to.
    code_hash = models.BinaryField(default=b"")
    code_tries = models.PositiveSmallIntegerField(default=0)
    opened_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "本机关"
        verbose_name_plural = "本机关"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_office")]
