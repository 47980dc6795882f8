"""What may an administrator change without a programmer?  Categories, routing, the calendar, local rules."""

from __future__ import annotations

from django.db import models


class Category(models.Model):
    """Content classification (内容分类), two levels, with the codes other systems use for it."""

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    outside_codes = models.JSONField("外部代码", default=dict, blank=True)
    # Words that speak for this category when a clerk types the narrative; comma-free list.
    hints = models.JSONField("提示词", default=list, blank=True)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "内容分类"
        verbose_name_plural = "内容分类"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """category × region → responsible department.  An empty region means anywhere; the nearest region wins."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="routes")
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    note = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        verbose_name = "分派规则"
        verbose_name_plural = "分派规则"
        constraints = [
            models.UniqueConstraint(fields=["category", "region"], nulls_distinct=False, name="one_route_each")
        ]


class CalendarDay(models.Model):
    """A day off in the week or a make-up workday; ordinary weekdays and weekends have no row."""

    day = models.DateField("日期", primary_key=True)
    is_workday = models.BooleanField("工作日")
    name = models.CharField("名称", max_length=40)

    class Meta:
        verbose_name = "节假日安排"
        verbose_name_plural = "节假日安排"
        ordering = ["day"]


class CalendarYear(models.Model):
    """A year whose holidays have been entered; due dates reaching into any other year are provisional."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        verbose_name = "已录入年份"
        verbose_name_plural = "已录入年份"


class LocalRule(models.Model):
    """A local number for a rule, with validity dates.  It may tighten an office's duty, never lengthen it."""

    code = models.CharField("规则", max_length=30)
    value = models.IntegerField("数值")
    working = models.BooleanField("按工作日", default=False)
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "地方规则"
        verbose_name_plural = "地方规则"
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="one_rule_a_day")]


class ReviewBody(models.Model):
    """A body that may review the opinions of another (上一级机关, Art.35-36): there may be several, not just the parent."""

    of = models.ForeignKey("accounts.Department", models.CASCADE, related_name="+")
    body = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    note = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        verbose_name = "复查复核机关"
        verbose_name_plural = "复查复核机关"
        constraints = [models.UniqueConstraint(fields=["of", "body"], name="one_review_body_each")]


class PaperWording(models.Model):
    """What an office puts before and after the standard words of a paper (:mod:`petitions.wording`)."""

    kind = models.CharField("文书", max_length=20, primary_key=True)
    text = models.TextField("文字")

    class Meta:
        verbose_name = "文书文字"
        verbose_name_plural = "文书文字"


class PaperTemplate(models.Model):
    """A template of the office's own for a kind of paper, as it was read from an uploaded file (:mod:`petitions.layout`).

    Its words are never changed: another upload is another version.  ``serial`` counts from 1 for each kind; 0 stands for the
    shipped one.
    """

    kind = models.CharField("文书", max_length=20)
    serial = models.PositiveSmallIntegerField("版本")
    layout = models.JSONField("内容")
    name = models.CharField("文件名", max_length=120)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = "文书模板"
        verbose_name_plural = "文书模板"
        constraints = [models.UniqueConstraint(fields=["kind", "serial"], name="one_template_each_serial")]


class PaperTemplateUse(models.Model):
    """From which day a template is used, by whose decision and why; without a template, the shipped one again."""

    kind = models.CharField("文书", max_length=20)
    template = models.ForeignKey(PaperTemplate, models.PROTECT, null=True, related_name="uses", db_index=False)
    valid_from = models.DateField("自")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("决定时间", auto_now_add=True)
    reason = models.CharField("事由", max_length=200)

    class Meta:
        verbose_name = "文书模板启用"
        verbose_name_plural = "文书模板启用"
        indexes = [models.Index(fields=["kind", "valid_from"], name="template_use_by_day")]


class NoticeWording(models.Model):
    """Other words for a row of the notices' table, or none to be told (:mod:`petitions.notices`)."""

    step = models.CharField("步骤", max_length=30)
    whom = models.CharField("告知谁", max_length=30)
    text = models.CharField("文字", max_length=200)
    off = models.BooleanField("停用", default=False)

    class Meta:
        verbose_name = "通知文字"
        verbose_name_plural = "通知文字"
        constraints = [models.UniqueConstraint(fields=["step", "whom"], name="one_wording_each_notice")]
