"""Where does one problem grow?  A pattern that was noticed, the cases it was seen in, and what people did about it.

A pattern is of a problem, a place, a body or a project.  No row here says anything of a person.
"""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Pattern(models.Model):
    """A warning: one kind of problem grew beyond its own past within some days; raised once."""

    class Kind(models.TextChoices):
        """How it was found."""

        TOPIC = "topic", "内容相近"
        PLACE = "place", "同一地点或项目"
        GROWTH = "growth", "数量增长"

    class State(models.TextChoices):
        """Where it stands."""

        NEW = "new", "待研判"
        SEEN = "seen", "已研判"
        TURNED = "turned", "已转化"
        ASIDE = "aside", "已搁置"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField("类型", max_length=8, choices=Kind)
    category = models.ForeignKey("petitions.Category", models.PROTECT, null=True, related_name="+", db_index=False)
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.CharField("地点或项目", max_length=120, blank=True)
    first = models.DateField("自")
    last = models.DateField("至")
    count = models.PositiveIntegerField("件数")
    numbers = models.JSONField("数据", default=dict)  # growth.Growth.numbers
    state = models.CharField("状态", max_length=8, choices=State, default=State.NEW)
    raised_on = models.DateField("提示日期")

    class Meta:
        verbose_name = "苗头预警"
        verbose_name_plural = "苗头预警"
        indexes = [models.Index(fields=["state", "-raised_on", "-id"], name="pattern_by_state"),
                   models.Index(fields=["last"], name="pattern_last")]  # fmt: skip


class PatternCase(models.Model):
    """A matter that a pattern was seen in: in its own days, in the weeks before, or a year earlier.

    What is marked is how it stood on the day the pattern was noticed.
    """

    class Part(models.TextChoices):
        """In which days."""

        NOW = "now", "本期"
        BEFORE = "before", "此前"
        SEASON = "season", "去年同期"

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="cases", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    part = models.CharField(max_length=6, choices=Part)
    joint = models.BooleanField("集体", default=False)
    dissatisfied = models.BooleanField("不满意", default=False)
    overdue = models.BooleanField("曾超期", default=False)

    class Meta:
        verbose_name = "预警所依据的事项"
        verbose_name_plural = "预警所依据的事项"
        constraints = [models.UniqueConstraint(fields=["pattern", "part", "petition"], name="one_case_each_part")]


class PatternStep(models.Model):
    """What a person did about a pattern.  Only ever added."""

    class Step(models.TextChoices):
        """What was done."""

        LOOK = "look", "研判"
        ASIDE = "aside", "搁置"
        AGAIN = "again", "重新研判"
        ADVICE = "advice", "转为完善政策建议"
        VISIT = "visit", "转为接访下访"

    pattern = models.ForeignKey(Pattern, models.CASCADE, related_name="steps")
    step = models.CharField("步骤", max_length=8, choices=Step)
    on_day = models.DateField("日期")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField("说明", max_length=200, blank=True)
    target = models.CharField("转为", max_length=16, blank=True)  # the ref of what it was turned into

    class Meta:
        verbose_name = "预警处置"
        verbose_name_plural = "预警处置"


class PatternNight(models.Model):
    """How far a night's search is: the steps of a day that are done, so that a killed worker does none twice."""

    day = models.DateField(unique=True)
    done = models.JSONField(default=list)

    class Meta:
        verbose_name = "预警计算"
        verbose_name_plural = "预警计算"
