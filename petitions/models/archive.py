"""What becomes of a matter's file when nothing is left to do?  Archived for a period, then destroyed by two people, or kept."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class RetentionRule(models.Model):
    """A place's own period for files of one ground, with its days; never shorter than the national table's."""

    ground = models.CharField("情形", max_length=12)  # a key of law.archive.GROUNDS
    years = models.PositiveSmallIntegerField("年数", null=True)  # None: for good
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True)

    class Meta:
        verbose_name = "保管期限规则"
        verbose_name_plural = "保管期限规则"


class Destruction(models.Model):
    """A register of files to be destroyed (销毁清册): one person draws it up, another decides; it is kept for good."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed", "待审批"
        REFUSED = "refused", "不予销毁"
        DONE = "done", "已销毁"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    number = models.CharField("清册编号", max_length=60, unique=True)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    reason = models.CharField("鉴定意见", max_length=500)
    proposed_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    proposed_on = models.DateField("提出日期")
    decided_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_on = models.DateField("审批日期", null=True)
    decision = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        verbose_name = "销毁清册"
        verbose_name_plural = "销毁清册"


class ArchiveFile(models.Model):
    """The file of one matter in the archive (案卷); after destruction this row is the tombstone."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.OneToOneField("petitions.Petition", models.PROTECT, related_name="archive_file")
    number = models.CharField("案卷号", max_length=60, unique=True)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    ground = models.CharField("情形", max_length=12)
    years = models.PositiveSmallIntegerField("保管年数", null=True)  # None: for good
    source = models.CharField("期限依据", max_length=200)
    archived_on = models.DateField("归档日期")
    archived_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    keep_until = models.DateField("保管至", null=True)  # the last day it must be there; None: for good
    reminded_on = models.DateField("提醒日期", null=True)
    destruction = models.ForeignKey(Destruction, models.PROTECT, null=True, related_name="files")
    destroyed_on = models.DateField("销毁日期", null=True)

    class Meta:
        verbose_name = "案卷"
        verbose_name_plural = "案卷"
        indexes = [
            models.Index(fields=["department", "-archived_on", "-id"], name="archive_of_office"),
            models.Index(
                fields=["department", "keep_until", "id"], name="archive_ending", condition=models.Q(destroyed_on=None)
            ),
        ]
