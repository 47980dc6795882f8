"""What does the office report?  A month's circular (通报) and the year's report of Art.41: drafted, edited, frozen when issued."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Report(models.Model):
    """A report.  A draft's numbers are read anew; an issued one is what it was, byte for byte, with its digest."""

    class Kind(models.TextChoices):
        """Of which period."""

        MONTHLY = "monthly", "信访情况通报"
        ANNUAL = "annual", "信访情况年度报告"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("种类", max_length=8, choices=Kind)
    first = models.DateField("自")
    last = models.DateField("至")
    day = models.DateField("数据截至", null=True)  # the numbers are of its end; empty: of the end of the period
    texts = models.JSONField("文字", default=dict)  # a paragraph's code → what an editor wrote for it
    contents = models.JSONField("内容", default=dict)  # of an issued one: reports.contents.Contents as JSON
    made_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField("起草时间", auto_now_add=True)
    as_of = models.DateTimeField("数据时点", null=True)
    number = models.CharField("文号", max_length=60, unique=True, null=True)
    issued_on = models.DateField("印发日期", null=True)
    issued_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    document = models.BinaryField("文件", default=bytes)
    digest = models.CharField("文件摘要", max_length=64, blank=True)
    contents_digest = models.CharField("内容摘要", max_length=64, blank=True)  # reports.verbs.contents_digest

    class Meta:
        verbose_name = "报告"
        verbose_name_plural = "报告"
        ordering = ["-last", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "kind", "first"],
                condition=models.Q(issued_on__isnull=True),
                name="one_draft_each_period",
            )
        ]


class YearTotal(models.Model):
    """How many report-accusations a year brought an office (Art.41): one number, given once by a named recipient."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField("年度")
    count = models.PositiveIntegerField("件数")
    given_on = models.DateField("提供日期")

    class Meta:
        verbose_name = "检举控告年度数"
        verbose_name_plural = "检举控告年度数"
        constraints = [models.UniqueConstraint(fields=["office", "year"], name="one_total_each_year")]
