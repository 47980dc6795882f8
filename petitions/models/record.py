"""What happened, when, by whom?  Events in a chain, clocks, papers, files."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Event(models.Model):
    """What happened and when it was written.  Only ever added; chained per petition by hash."""

    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField("序号")
    step = models.CharField("步骤", max_length=30)
    on = models.CharField("对象", max_length=14)  # petition | filing | assignment | proceeding | ...
    on_id = models.BigIntegerField()
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    delegation = models.ForeignKey("accounts.Delegation", models.PROTECT, null=True, related_name="+", db_index=False)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("记录时间")
    data = models.JSONField("代码与日期", default=dict)
    sealed = models.BinaryField("文字（密文）", null=True)
    digest = models.BinaryField("哈希")

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        constraints = [models.UniqueConstraint(fields=["petition", "seq"], name="one_event_each_seq")]
        indexes = [
            models.Index(fields=["recorded_at"], name="event_recorded"),
            # The few that lengthen a limit are counted by their day; every other event is asked for by its matter.
            models.Index(fields=["occurred_on", "id"], name="event_extended", condition=models.Q(step="extend")),
            models.Index(fields=["petition"], name="event_sponsored", condition=models.Q(step="sponsored")),
        ]


class Clock(models.Model):
    """A running duty or window, with both its due days and how it ended."""

    class Ended(models.TextChoices):
        """How a clock stopped."""

        RUNNING = "", "运行中"
        MET = "met", "按期"
        LATE = "late", "逾期完成"
        CANCELLED = "cancelled", "不再适用"
        REPLACED = "replaced", "重新计算"
        LAPSED = "lapsed", "期满"

    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="clocks")
    filing = models.ForeignKey("petitions.Filing", models.PROTECT, null=True, related_name="clocks", db_index=False)
    assignment = models.ForeignKey(
        "petitions.Assignment", models.PROTECT, null=True, related_name="clocks", db_index=False
    )
    proceeding = models.ForeignKey(
        "petitions.Proceeding", models.PROTECT, null=True, related_name="clocks", db_index=False
    )
    instruction = models.ForeignKey(
        "petitions.Instruction", models.PROTECT, null=True, related_name="clocks", db_index=False
    )
    supervision = models.ForeignKey(
        "petitions.Supervision", models.PROTECT, null=True, related_name="clocks", db_index=False
    )
    mediation = models.ForeignKey(
        "petitions.Mediation", models.PROTECT, null=True, related_name="clocks", db_index=False
    )
    measure = models.ForeignKey("petitions.Measure", models.PROTECT, null=True, related_name="clocks", db_index=False)
    advice = models.ForeignKey("petitions.Advice", models.PROTECT, null=True, related_name="clocks", db_index=False)
    name = models.CharField("时限", max_length=8)
    window = models.BooleanField("信访人的期限", default=False)
    shadow = models.BooleanField("影子时限", default=False)
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    length = models.PositiveSmallIntegerField("长度")
    working = models.BooleanField("工作日", default=False)
    extended = models.PositiveSmallIntegerField("已延长天数", default=0)
    start = models.DateField("起算日")
    raw_due = models.DateField("原始到期日")
    due = models.DateField("顺延后到期日")
    provisional = models.BooleanField("暂定", default=False)
    rule = models.CharField("依据", max_length=120)
    ended_on = models.DateField("结束日期", null=True)
    ended = models.CharField("结束方式", max_length=10, choices=Ended, blank=True, default=Ended.RUNNING)
    lapse_logged_on = models.DateField(null=True)
    warned = models.PositiveSmallIntegerField(default=0)  # highest share of the limit already told, in percent

    class Meta:
        verbose_name = "时限"
        verbose_name_plural = "时限"
        indexes = [
            # The nightly task and the warnings ask for running clocks by due day and by nothing else.
            # What a supervisor counts by (which unit, which duty) stands in it, so that no row is read for it.
            models.Index(
                fields=["due", "id"],
                include=["department", "name", "window", "shadow"],
                name="clock_running",
                condition=models.Q(ended=""),
            ),
        ]


class Pause(models.Model):
    """A stretch that does not count, with its legal basis and approver (only re-review hearings by law, Art.36)."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="pauses")
    start = models.DateField("自")
    end = models.DateField("至", null=True)
    basis = models.CharField("依据", max_length=120)
    approver = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "中止"
        verbose_name_plural = "中止"


class NumberSeries(models.Model):
    """The last serial given per body, kind and year (matters, filings, papers); locked while a number is taken."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)  # "matter", or the code of a paper kind
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "编号序列"
        verbose_name_plural = "编号序列"
        constraints = [models.UniqueConstraint(fields=["office", "kind", "year"], name="one_series_each")]


class Paper(models.Model):
    """A legal paper, fixed when issued: number never reused, contents under the matter's key, hash in clear."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="papers")
    proceeding = models.ForeignKey("petitions.Proceeding", models.PROTECT, null=True, related_name="papers")
    kind = models.CharField("种类", max_length=20)
    number = models.CharField("文号", max_length=60, unique=True)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    # None: issued on paper before, under a number that is not written as ours are.
    serial = models.PositiveIntegerField(null=True)
    title = models.CharField("标题", max_length=160)
    issued_on = models.DateField("日期")
    issued_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    sealed = models.BinaryField("内容（密文）")
    digest = models.BinaryField("内容哈希")
    for_petitioner = models.BooleanField("发给信访人", default=False)
    void_on = models.DateField("作废日期", null=True)
    served_how = models.CharField("送达方式", max_length=10, blank=True)  # hand | post | other
    served_on = models.DateField("送达日期", null=True)
    receipt = models.CharField("签收", max_length=10, blank=True)  # signed | refused
    receiver = models.CharField("签收人", max_length=60, blank=True)
    witness = models.CharField("见证人", max_length=60, blank=True)

    class Meta:
        verbose_name = "文书"
        verbose_name_plural = "文书"
        constraints = [
            models.UniqueConstraint(fields=["department", "kind", "year", "serial"], name="one_paper_each_serial")
        ]


class Attachment(models.Model):
    """A file.  Its type is what its bytes say; its given name is only shown, never used as a path."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, null=True, related_name="attachments")
    filing = models.ForeignKey("petitions.Filing", models.PROTECT, null=True, related_name="attachments")
    draft = models.ForeignKey("petitions.Draft", models.SET_NULL, null=True, related_name="attachments")
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=40, unique=True)
    wrapped_key = models.BinaryField(default=bytes)  # the file's own key: see petitions.attachments
    added_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
