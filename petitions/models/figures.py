"""What are figures counted from?  Narrow facts derived from the record, totals kept in steps, and the days that are frozen.

None of these rows is a source: all of them can be made again from the record (`manage.py rebuild_figures`).
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models

CURRENT = date(9999, 12, 31)  # the day of totals that go on; every other day is frozen


class FigureFact(models.Model):
    """What one filing came to, for one unit that answers for it, in one capacity; true from a day until another.

    ``capacity``: ``office`` (the petition office with which it was filed) or ``body`` (the body that decides).
    """

    petition = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="+", db_index=False)
    filing = models.ForeignKey("petitions.Filing", models.CASCADE, related_name="+", db_index=False)
    capacity = models.CharField(max_length=6)
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    filed_on = models.DateField()
    registered_on = models.DateField()
    closed_on = models.DateField(null=True)
    region = models.CharField(max_length=12, blank=True)
    category = models.CharField(max_length=12, blank=True)
    channel = models.CharField(max_length=12)
    bits = models.BigIntegerField()  # petitions.figures.bits
    notify_days = models.IntegerField(null=True)
    reply_days = models.IntegerField(null=True)
    turns_on = models.DateField(null=True)  # the next day on which it reads differently although nothing happens
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # the first day on which it no longer held

    class Meta:
        verbose_name = "指标事实"
        verbose_name_plural = "指标事实"
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "filing", "capacity"], name="one_fact_in_force", condition=models.Q(valid_to=None)
            ),
            models.UniqueConstraint(
                fields=["petition", "filing", "capacity", "valid_from", "valid_to"],
                name="one_fact_of_a_span",
                condition=models.Q(valid_to__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "registered_on"], name="fact_registered", condition=models.Q(valid_to=None)),
            models.Index(fields=["unit", "filed_on"], name="fact_filed", condition=models.Q(valid_to=None)),
            models.Index(fields=["unit", "closed_on"], name="fact_closed", condition=models.Q(valid_to=None, closed_on__isnull=False)),
            # A list of everything is walked in its order, and counted without reading a row.
            models.Index(fields=["capacity", "registered_on", "filing"], include=["bits", "unit"], name="fact_walk_registered", condition=models.Q(valid_to=None)),
            models.Index(fields=["capacity", "closed_on", "filing"], include=["bits", "unit"], name="fact_walk_closed", condition=models.Q(valid_to=None, closed_on__isnull=False)),
            models.Index(fields=["turns_on"], name="fact_turns", condition=models.Q(valid_to=None, turns_on__isnull=False)),
            models.Index(fields=["valid_to"], name="fact_past", condition=models.Q(valid_to__isnull=False)),
            models.Index(fields=["petition"], name="fact_of_petition"),
        ]  # fmt: skip


class FigureTotal(models.Model):
    """How many facts of a month and a unit fulfil each measure (of a frozen day: `FigureDay.measures`, in its order).

    ``cube``: by what it is split beside month, unit and capacity; ``value``: of that.  ``day``: `CURRENT`, or the day
    at whose end it stood so.
    """

    day = models.DateField(default=CURRENT)
    cube = models.CharField(max_length=8)
    basis = models.CharField(max_length=10)  # filed | registered | closed
    capacity = models.CharField(max_length=6)
    month = models.DateField()
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=12, blank=True)
    counts = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = "指标合计"
        verbose_name_plural = "指标合计"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "cube", "basis", "capacity", "month", "unit", "value"], name="one_total_each"
            )
        ]


class FigureChange(models.Model):
    """Something was written into a matter's record on a day, and its facts do not know yet.  Written by a trigger."""

    petition_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        verbose_name = "指标待更新"
        verbose_name_plural = "指标待更新"
        indexes = [models.Index(fields=["day", "id"], name="figure_change_day")]


class FigureState(models.Model):
    """One row: whoever brings figures up to date holds it.

    Attributes:
        done_to: every month end before this day is frozen.
        measures: the digest of the measures that the totals are in; another one means that they are counted anew.
        since: the first day whose facts were kept from day to day; empty until they were first counted.
        fresh_at: when the figures were last brought up to date.
    """

    done_to = models.DateField()
    measures = models.CharField(max_length=16, blank=True)
    since = models.DateField(null=True)
    fresh_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "指标状态"
        verbose_name_plural = "指标状态"


class FigureDay(models.Model):
    """A day whose figures stand as they were at its end; a month's end by itself, another on request.

    Attributes:
        measures: the codes of the measures that its totals hold, in their order: they are read by it, whatever is counted today.
    """

    day = models.DateField("日期", unique=True)
    frozen = models.BooleanField("月末快照", default=False)
    made_at = models.DateTimeField("生成时间", null=True)  # empty: it is being counted
    measures = ArrayField(models.CharField(max_length=30), verbose_name="数字", default=list)

    class Meta:
        verbose_name = "历史时点"
        verbose_name_plural = "历史时点"


class FigureChoice(models.Model):
    """Which of two readings of an indicator an administrator chose, from when."""

    indicator = models.CharField("指标", max_length=30)
    formula = models.CharField("算法", max_length=30)
    chosen_at = models.DateTimeField("选定时间")
    chosen_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "指标算法选择"
        verbose_name_plural = "指标算法选择"
