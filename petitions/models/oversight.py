"""What follows from a supervision?  Measures of the joint conference, and the three suggestions with their answers."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Measure(models.Model):
    """A measure against a body (Art.39): proposed by the petition office, chosen and recorded by the joint conference."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="measures")
    supervision = models.ForeignKey("petitions.Supervision", models.PROTECT, related_name="measures", db_index=False)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("措施", max_length=10)  # law.oversight.MEASURES
    state = models.CharField("状态", max_length=12)
    proposed_on = models.DateField("提请日期")
    decided_on = models.DateField("决定日期", null=True)
    rectify_by = models.DateField("整改期限", null=True)
    ended_on = models.DateField("结束日期", null=True)

    # What counts as a measure of the conference, wherever measures are listed, counted or narrowed to.
    TAKEN = models.Q(decided_on__isnull=False) & ~models.Q(state="rejected")

    class Meta:
        verbose_name = "联席会议措施"
        verbose_name_plural = "联席会议措施"
        indexes = [
            # What waits for the conference, or for a body to put right; what has ended is asked by matter alone.
            models.Index(
                fields=["proposed_on"],
                name="measure_open",
                condition=models.Q(state__in=["proposed", "decided", "answered"]),
            ),
        ]


class Advice(models.Model):
    """One of the three suggestions of Art.40 to a body, and its written answer."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="advices")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("建议", max_length=10)  # law.oversight.ADVICE
    state = models.CharField("状态", max_length=12)
    sent_on = models.DateField("提出日期")
    answered_on = models.DateField("反馈日期", null=True)
    adopted = models.CharField("采纳情况", max_length=8, blank=True)  # law.oversight.ADOPTED

    class Meta:
        verbose_name = "三项建议"
        verbose_name_plural = "三项建议"
        indexes = [
            models.Index(fields=["sent_on", "kind"], name="advice_by_year")
        ]  # the annual report counts them (Art.41)
