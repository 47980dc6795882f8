"""Which unit may see which matter?  One narrow row each, written by the verbs only; scope and trays read it."""

from __future__ import annotations

from django.db import models


class ReachRole(models.TextChoices):
    """Why a unit sees a matter."""

    OFFICE = "office", "受理机关"
    REGISTRY = "registry", "登记机关"
    LEAD = "lead", "主办"
    CO = "co", "协办"
    REVIEW = "review", "复查复核"
    ADVISED = "advised", "收到建议"
    FORMER = "former", "曾经承办"


class Reach(models.Model):
    """A unit that may see a matter, what it has to do with it, and by when."""

    petition = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="reach", db_index=False)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=8, choices=ReachRole)
    tray = models.CharField(max_length=12)  # the named question this row answers for the unit; "" when none
    due = models.DateField(null=True)
    received_on = models.DateField()
    open = models.BooleanField(default=True)

    class Meta:
        verbose_name = "可见范围"
        verbose_name_plural = "可见范围"
        constraints = [models.UniqueConstraint(fields=["petition", "department"], name="one_reach_each")]
        indexes = [
            models.Index(fields=["department", "-received_on", "-petition"], name="reach_newest"),
            models.Index(fields=["department", "tray", "due", "petition"], name="reach_tray"),
            models.Index(
                fields=["department", "due", "petition"], name="reach_open_due", condition=models.Q(open=True)
            ),
        ]
