"""What is owed after the visit?  Follow-up, sponsored cases (领导包案), research."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.privacy import EncryptedTextField
from petitions.matterkey import from_key
from petitions.models import Petition
from petitions.querycode import new_ref
from visits.models.day import Outcome
from visits.models.plan import Visit


class Heard(models.TextChoices):
    """What the petitioner said when asked; never a rating, which only the petitioner gives."""

    CONTENT = "content", "表示满意"
    FAIRLY = "fairly", "表示基本满意"
    NOT = "not", "表示不满意"
    SILENT = "silent", "未表态"


class FollowUp(models.Model):
    """A duty after a visit, with its owner and its day."""

    class Kind(models.TextChoices):
        """What has to be done."""

        CARRY_OUT = "carry_out", "落实交办"
        STUDY = "study", "研究答复"
        REVISIT = "revisit", "回访"
        SECOND = "second", "90日再回访"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    # It comes of what was decided in the room, or of a sponsored case that no reception began.
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="follow_ups")
    sponsorship = models.ForeignKey("visits.Sponsorship", models.PROTECT, null=True, related_name="follow_ups")
    kind = models.CharField("事项", max_length=10, choices=Kind)
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    due = models.DateField("期限")
    done_on = models.DateField("完成日期", null=True)
    done_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    tries = models.PositiveSmallIntegerField("未联系上次数", default=0)
    reached = models.BooleanField("联系上", null=True)
    at_home = models.BooleanField("上门", default=False)
    heard = models.CharField("群众意见", max_length=8, choices=Heard, blank=True)
    words = EncryptedTextField("情况", default="")

    class Meta:
        verbose_name = "跟进"
        verbose_name_plural = "跟进"
        constraints = [
            models.UniqueConstraint(fields=["outcome", "kind"], name="one_duty_of_a_kind"),
            models.UniqueConstraint(fields=["sponsorship", "kind"], name="one_duty_of_a_sponsored_case"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, sponsorship__isnull=False)
                | Q(outcome__isnull=False, sponsorship__isnull=True),
                name="duty_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["unit", "due"], name="follow_up_open", condition=Q(done_on=None))]

    @property
    def petition(self) -> Petition:
        """The matter that it is about."""
        found = self.outcome or self.sponsorship
        assert found is not None  # duty_of_one_thing
        return found.petition


class Pledge(models.Model):
    """One thing that a sponsoring leader takes upon himself (四包, 五包), as this place has settled it, by which document."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    text = models.CharField("内容", max_length=40)
    place = models.PositiveSmallIntegerField("次序", default=1)
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "包案责任"
        verbose_name_plural = "包案责任"
        ordering = ["place", "pk"]


class Sponsorship(models.Model):
    """A matter that a leader answers for (领导包案) until the petition office has verified that it is settled (销号)."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", "包案中"
        REPORTED = "reported", "待核查"
        ENDED = "ended", "已销号"

    class Result(models.TextChoices):
        """How it ended."""

        NONE = "", "—"
        SETTLED = "settled", "已化解"
        PARTLY = "partly", "部分化解"
        NOT_SETTLED = "not_settled", "未化解"
        LEGAL = "legal", "转入司法程序"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    number = models.CharField("包案编号", max_length=24, unique=True)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="+", db_index=False)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    sponsor = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    co_units = models.ManyToManyField("accounts.Department", related_name="+", blank=True)
    officer = models.CharField("包案责任人", max_length=40, blank=True)
    team = models.CharField("工作专班", max_length=120, blank=True, default="")
    # As the office's list was on the day of the charge: a later list rewrites no charge.
    pledges = models.JSONField("包案责任", default=list)
    facts_true = models.BooleanField("反映是否属实", null=True)
    claim_fair = models.BooleanField("诉求是否合理", null=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    crux = EncryptedTextField("症结", default="")
    plan = EncryptedTextField("化解方案", default="")
    measures = models.CharField("措施", max_length=60, blank=True)
    legal_opinion = EncryptedTextField("法律意见", default="")
    taken_on = models.DateField("包案日期")
    due = models.DateField("化解期限")
    result = models.CharField("结果", max_length=12, choices=Result, blank=True, default=Result.NONE)
    report = EncryptedTextField("化解情况", default="")
    agreement = EncryptedTextField("化解协议", default="")
    agreed_on = models.DateField("协议日期", null=True)
    reported_on = models.DateField("报核日期", null=True)
    checked = models.CharField("核查方式", max_length=60, blank=True, default="")
    finding = EncryptedTextField("核查结论", default="")
    ended_on = models.DateField("销号日期", null=True)
    verified_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "领导包案"
        verbose_name_plural = "领导包案"
        constraints = [
            models.UniqueConstraint(fields=["petition"], condition=~Q(state="ended"), name="one_sponsor_at_a_time")
        ]


class Milestone(models.Model):
    """One step of a sponsored case's plan: what, by whom, until when, and by what it is known to be done."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    sponsorship = models.ForeignKey(Sponsorship, models.PROTECT, related_name="milestones")
    what = EncryptedTextField("做什么")
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    person = models.CharField("责任人", max_length=20, blank=True)
    due = models.DateField("期限")
    done_when = EncryptedTextField("完成标准")
    done_on = models.DateField("完成日期", null=True)
    done_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    words = EncryptedTextField("完成情况", default="")

    class Meta:
        verbose_name = "化解步骤"
        verbose_name_plural = "化解步骤"
        ordering = ["due", "pk"]


class SponsorNote(models.Model):
    """What happened in a sponsored case: a milestone, an extension asked for or approved, a handover.  Only ever added."""

    class Kind(models.TextChoices):
        """Of what kind."""

        APPROVED = "approved", "批准包案"
        MILESTONE = "milestone", "进展"
        MET = "met", "约见信访人"
        ASKED = "asked", "申请延期"
        EXTENDED = "extended", "批准延期"
        REFUSED = "refused", "不同意延期"
        HANDOVER = "handover", "交接"
        REPORTED = "reported", "报请核查"
        RETURNED = "returned", "核查退回"
        ENDED = "ended", "销号"

    sponsorship = models.ForeignKey(Sponsorship, models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind)
    on_day = models.DateField("日期")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    until = models.DateField("至", null=True)
    words = EncryptedTextField("内容", default="")

    class Meta:
        verbose_name = "包案记录"
        verbose_name_plural = "包案记录"

    @property
    def said(self) -> str:
        """The words, which are sealed under the matter's key: empty where its file has been destroyed."""
        return from_key(self.sponsorship.petition, self.words, f"sponsor-note:{self.sponsorship.ref}")


class Research(models.Model):
    """What a visit found out about a topic, and what should change; sent, it is a 完善政策建议 of Art.40 like any other."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="research")
    topic = models.CharField("主题", max_length=80)
    findings = models.TextField("调查情况")
    suggestion = models.TextField("政策建议", blank=True)
    to = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    written_on = models.DateField("日期")
    written_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    advice = models.OneToOneField("petitions.Advice", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "调查研究"
        verbose_name_plural = "调查研究"
