"""Sealed reports (检举控告, Art.30): a table family of their own.  No open table names any of these rows.

In clear stands only what the database must sort and count by; everything said is sealed under the matter's own key.
Numbers are drawn at random within their year, so that neither a gap nor two receipts tell how many there are.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from petitions.querycode import new_ref


class Accusation(models.Model):
    """One sealed report.  ``words`` holds all that was told and done; ``bars`` keeps from it whom it is about."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    number = models.CharField("编号", max_length=30, unique=True)
    slip = models.CharField("回执号", max_length=12, unique=True)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=12)
    received_on = models.DateField("收到日期")
    registered_at = models.DateTimeField("登记时间")
    due = models.DateField("最近的期限", null=True)
    closed_on = models.DateField("了结日期", null=True)
    archived_on = models.DateField("归档日期", null=True)
    keep_until = models.DateField(
        "保管至", null=True
    )  # the last day its file must be there; archived and None: for good
    words = models.BinaryField("内容（密文）")
    bars = ArrayField(models.CharField(max_length=64), default=list)  # keyed hashes: see accusations.access
    auditors = ArrayField(models.CharField(max_length=64), default=list)  # of a destroyed one: who may read of it
    wrapped_key = models.BinaryField(null=True)
    events_count = models.PositiveIntegerField(default=0)
    chain_head = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = "检举控告"
        verbose_name_plural = "检举控告"
        indexes = [models.Index(fields=["-received_on", "-id"], name="accusation_newest")]


class AccusationEvent(models.Model):
    """What happened, chained per report; its words are sealed, and codes and ids alone are clear."""

    accusation = models.ForeignKey(Accusation, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField("序号")
    step = models.CharField("步骤", max_length=30)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("记录时间")
    sealed = models.BinaryField("文字（密文）")
    digest = models.BinaryField("哈希")

    class Meta:
        verbose_name = "检举控告办理记录"
        verbose_name_plural = "检举控告办理记录"
        constraints = [models.UniqueConstraint(fields=["accusation", "seq"], name="one_accusation_event_each")]


class AccusationClock(models.Model):
    """A running duty, with both its due days and how it ended."""

    accusation = models.ForeignKey(Accusation, models.PROTECT, related_name="clocks")
    name = models.CharField("时限", max_length=4)
    length = models.PositiveSmallIntegerField("长度")
    working = models.BooleanField("工作日", default=False)
    start = models.DateField("起算日")
    raw_due = models.DateField("原始到期日")
    due = models.DateField("顺延后到期日")
    provisional = models.BooleanField("暂定", default=False)
    rule = models.CharField("依据", max_length=120)
    ended_on = models.DateField("结束日期", null=True)
    ended = models.CharField("结束方式", max_length=10, blank=True)  # met | late | cancelled

    class Meta:
        verbose_name = "检举控告时限"
        verbose_name_plural = "检举控告时限"


class AccusationPaper(models.Model):
    """A paper, fixed when issued: words under the report's own key, hash in clear."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    accusation = models.ForeignKey(Accusation, models.PROTECT, related_name="papers")
    kind = models.CharField("种类", max_length=10)
    number = models.CharField("文号", max_length=60, unique=True)
    issued_on = models.DateField("日期")
    issued_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    sealed = models.BinaryField("内容（密文）")
    digest = models.BinaryField("内容哈希")

    class Meta:
        verbose_name = "检举控告文书"
        verbose_name_plural = "检举控告文书"


class AccusationFile(models.Model):
    """A file; its name and kind are sealed with the report's own key, as its own key is."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    accusation = models.ForeignKey(Accusation, models.PROTECT, related_name="files")
    stored_as = models.CharField(max_length=40, unique=True)
    sealed_key = models.BinaryField()
    sealed = models.BinaryField()  # JSON: name, media_type, size

    class Meta:
        verbose_name = "检举控告附件"
        verbose_name_plural = "检举控告附件"


class AccusationReading(models.Model):
    """Who looked at what.  Only ever added to; read by the named sealed auditor alone."""

    class Kind(models.TextChoices):
        """What was done that changes nothing."""

        READ = "read", "查看"
        LIST = "list", "查看清单"
        SEARCH = "search", "在名单内查找"
        PRINT = "print", "打印文书"
        SLIP = "slip", "打印回执"
        DOWNLOAD = "download", "下载附件"
        EXPORT = "export", "巡视巡察导出"
        TOTAL = "total", "查看年度数"
        LOG = "log", "查看这份记录"
        REFUSED = "refused", "被拒绝的转送"
        DOOMED = "doomed", "提出销毁"
        DESTROYED = "destroyed", "销毁"

    accusation = models.ForeignKey(Accusation, models.PROTECT, null=True, related_name="readings", db_index=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    at = models.DateTimeField("时间", auto_now_add=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    note = models.CharField("说明", max_length=60, blank=True)  # codes only

    class Meta:
        verbose_name = "检举控告查看记录"
        verbose_name_plural = "检举控告查看记录"


class AccusationChange(models.Model):
    """One hand's proposal to change the list of names; only ever added to."""

    class What(models.TextChoices):
        """What is proposed."""

        ADD = "add", "列入"
        END = "end", "退出"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    what = models.CharField("变更", max_length=4, choices=What)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    duty = models.CharField("职责", max_length=8)  # law.accusations.DUTIES
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True)
    reason = models.CharField("事由", max_length=200)
    by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "名单变更"
        verbose_name_plural = "名单变更"


class AccusationDecision(models.Model):
    """The other hand's answer to a proposal; only ever added to."""

    change = models.OneToOneField(AccusationChange, models.PROTECT, related_name="decision")
    agreed = models.BooleanField("同意")
    by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "名单变更的确认"
        verbose_name_plural = "名单变更的确认"


class AccusationMember(models.Model):
    """A person on the list, as confirmed changes have left it: a person, never a post or a role."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    duty = models.CharField("职责", max_length=8)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True)
    change = models.OneToOneField(AccusationChange, models.PROTECT, related_name="member")

    class Meta:
        verbose_name = "专门受理人员"
        verbose_name_plural = "专门受理人员"


class AccusationExport(models.Model):
    """An export for an inspection body (Art.41), made in the background; forgotten once handed out, or after a day."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, default="waiting")  # waiting | ended | failed
    sealed = models.BinaryField()  # what was asked, and later where the file lies: sealed under the master key

    class Meta:
        verbose_name = "巡视巡察导出"
        verbose_name_plural = "巡视巡察导出"
