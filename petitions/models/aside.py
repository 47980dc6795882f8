"""What runs beside the stage of a matter?  Hearings, mediations, withdrawals, urgent reports: each with a state of its own."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class Hearing(models.Model):
    """A hearing (听证) at handling, review or re-review; only at re-review does its time not count (Art.36)."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="hearings")
    proceeding = models.ForeignKey("petitions.Proceeding", models.PROTECT, related_name="hearings", db_index=False)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=12)
    called_on = models.DateField("通知日期")
    hold_on = models.DateField("举行日期")
    place = models.CharField("地点", max_length=120)
    chair = models.CharField("主持人", max_length=60)
    public = models.BooleanField("结论依法公示", default=False)
    ended_on = models.DateField("结束日期", null=True)

    class Meta:
        verbose_name = "听证"
        verbose_name_plural = "听证"


class Mediation(models.Model):
    """A mediation (调解) or a settlement between the parties (和解); it begins with both consents and ends with either's no."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="mediations")
    proceeding = models.ForeignKey("petitions.Proceeding", models.PROTECT, related_name="mediations", db_index=False)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    between_them = models.BooleanField("自愿和解", default=False)
    state = models.CharField("状态", max_length=12)
    mediator = models.CharField("调解人", max_length=60)
    started_on = models.DateField("开始日期")
    agreed_on = models.DateField("达成协议日期", null=True)
    perform_by = models.DateField("履行期限", null=True)
    confirmed_on = models.DateField("司法确认日期", null=True)
    ended_on = models.DateField("结束日期", null=True)

    class Meta:
        verbose_name = "调解和解"
        verbose_name_plural = "调解和解"


class Withdrawal(models.Model):
    """A petitioner's wish to withdraw, until another than who wrote it down has asked him; it bars nothing afterwards."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="withdrawals")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    recorded_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=12)
    asked_on = models.DateField("表示日期")
    how = models.CharField("方式", max_length=10)  # written | recorded
    decided_on = models.DateField("核实日期", null=True)

    class Meta:
        verbose_name = "撤回"
        verbose_name_plural = "撤回"


class UrgentReport(models.Model):
    """A report of a major or urgent matter (Art.25), beside whatever else happens to it."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="urgent_reports")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=12)
    reported_on = models.DateField("报告日期")
    ended_on = models.DateField("结束日期", null=True)

    class Meta:
        verbose_name = "重大紧急报告"
        verbose_name_plural = "重大紧急报告"


class Dispute(models.Model):
    """A dispute about who is to accept a matter (Art.24): before the common superior, else before the joint conference."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="disputes")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    between = models.CharField("争议单位", max_length=200)
    state = models.CharField("状态", max_length=12)
    asked_on = models.DateField("提请日期")
    body = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_on = models.DateField("确定日期", null=True)

    class Meta:
        verbose_name = "受理争议"
        verbose_name_plural = "受理争议"
        indexes = [
            # What waits for the conference; there are never many.
            models.Index(fields=["asked_on"], name="dispute_waiting", condition=models.Q(state="conference")),
        ]
