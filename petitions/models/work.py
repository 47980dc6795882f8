"""Who has it, and what are they doing with it?  Assignments, proceedings, instructions, supervisions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from petitions.querycode import new_ref


class Mode(models.TextChoices):
    """On what footing a unit holds a matter."""

    TRANSFER = "transfer", "转送"
    ASSIGN = "assign", "交办"
    DIRECT = "direct", "直接受理"
    CO = "co", "协办"
    LEGAL = "legal", "转政法"


class Assignment(models.Model):
    """A unit's hold on a matter.  T3, T4 and T8 hang here."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="assignments")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    sender = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    sender_post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField("方式", max_length=10, choices=Mode)
    lead = models.BooleanField("主办", default=True)
    state = models.CharField("状态", max_length=14)
    sent_on = models.DateField("发出日期")
    limit_on = models.DateField("指定办理期限", null=True)
    demand = models.CharField("交办要求", max_length=500, blank=True)
    received_on = models.DateField("签收日期", null=True)
    decided_on = models.DateField("决定日期", null=True)
    handler = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    objected_on = models.DateField("提出异议日期", null=True)
    reminded_on = models.DateField("最近催办日期", null=True)
    suggested = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "承办关系"
        verbose_name_plural = "承办关系"
        constraints = [
            # Exactly one lead (首位主办) at a time; ended assignments do not count.
            models.UniqueConstraint(
                fields=["petition"],
                condition=Q(lead=True) & ~Q(state__in=["returned", "recalled"]),
                name="one_lead_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["petition", "department"],
                condition=~Q(state__in=["returned", "recalled"]),
                name="one_hold_each_unit",
            ),
        ]
        indexes = [
            # What came back from a unit, for the pressure at a place.
            models.Index(fields=["petition"], name="assignment_returned", condition=Q(state="returned")),
            # What was sent in a period, for reports and the ledger of it.
            models.Index(
                fields=["sent_on", "id"], name="assignment_sent", condition=Q(mode__in=["transfer", "assign"])
            ),
        ]


class ProceedingKind(models.TextChoices):
    """What kind of run it is."""

    HANDLING = "handling", "办理"
    OUTSIDE = "outside", "其他法定途径"
    REVIEW = "review", "复查"
    REREVIEW = "rereview", "复核"
    EXECUTION = "execution", "执行跟踪"
    STUDY = "study", "建议研究"
    DUTY = "duty", "履行职责"


class PetitionerView(models.TextChoices):
    """What the petitioner said on receiving the opinion (信访人意见)."""

    AGREES = "0", "同意"
    DISAGREES = "1", "不同意"
    NONE = "9", "无明确意见"


class Proceeding(models.Model):
    """One run of handling, review, re-review, execution or an outside route.  T5 to T7 hang here."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="proceedings")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="proceedings")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("种类", max_length=10, choices=ProceedingKind)
    state = models.CharField("状态", max_length=20)
    # What this run is about: the run under review, or the one that is to be done anew.
    after = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by", db_index=False)
    simplified = models.BooleanField("简易办理", default=False)
    started_on = models.DateField("受理日期")
    handler = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    drafter = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    checker = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    # The draft until it is issued; then the paper holds the words for good.
    facts = models.TextField("查明事实", blank=True)
    basis = models.TextField("法律政策依据", blank=True)
    conclusion = models.CharField("复查复核结论", max_length=8, blank=True)  # a key of law.review.CONCLUSIONS
    decided = models.JSONField(
        "逐项意见", default=dict
    )  # claim serial → Support, as issued (or as the review changes it)
    redo_days = models.PositiveSmallIntegerField("重新办理期限", null=True)
    outside_number = models.CharField("上级机关文号", max_length=60, blank=True)
    extended_days = models.PositiveSmallIntegerField("已延长天数", default=0)
    issued_on = models.DateField("作出日期", null=True)
    delivered_on = models.DateField("送达日期", null=True)
    petitioner_view = models.CharField("信访人意见", max_length=1, choices=PetitionerView, blank=True)
    # Routes 1-5 of Art.31: which procedure, before whom, by when, told when, with what result.
    outside_body = models.CharField("受理机关", max_length=80, blank=True)
    outside_procedure = models.CharField("法定程序", max_length=120, blank=True)
    outside_limit = models.CharField("该程序期限", max_length=120, blank=True)
    told_on = models.DateField("告知日期", null=True)
    reward = models.CharField(
        "奖励", max_length=200, blank=True
    )  # of an adopted suggestion (Art.29 ¶2), until the reply says it
    outside_result = models.CharField("该程序结果", max_length=500, blank=True)
    outside_on = models.DateField("结果日期", null=True)

    class Meta:
        verbose_name = "办理程序"
        verbose_name_plural = "办理程序"


class Instruction(models.Model):
    """A leader's written instruction (批示), or a submission waiting for one; it must be answered."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="instructions")
    leader = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField("呈报日期", null=True)
    written_on = models.DateField("批示日期", null=True)
    text = models.TextField("批示内容", blank=True)
    answer_due = models.DateField("回复期限", null=True)
    answered_on = models.DateField("回复日期", null=True)
    answer = models.TextField("落实情况", blank=True)
    state = models.CharField("状态", max_length=10)

    class Meta:
        verbose_name = "领导批示"
        verbose_name_plural = "领导批示"
        indexes = [models.Index(fields=["leader", "state"], name="instruction_of_leader")]


class Supervision(models.Model):
    """A supervision (督办) of a unit's duty, with the evidence that opened it."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="supervisions")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    trigger = models.CharField("情形", max_length=30)
    form = models.CharField("方式", max_length=10, default="system")
    evidence = models.JSONField("依据", default=dict)
    opened_on = models.DateField("开始日期")
    answered_on = models.DateField("反馈日期", null=True)
    ended_on = models.DateField("结束日期", null=True)
    state = models.CharField("状态", max_length=10)

    class Meta:
        verbose_name = "督办"
        verbose_name_plural = "督办"
        indexes = [
            models.Index(fields=["department", "state"], name="supervision_of_unit"),
            models.Index(fields=["opened_on", "id"], name="supervision_opened"),
        ]


class Recusal(models.Model):
    """Somebody with a direct interest is to keep away from a matter (回避, Art.28 ¶3): asked, then granted or refused."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="recusal_rows")
    # The post in which the person meets the matter; the person is kept away in every post.
    person = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    # The body whose head decides: the person's own, or for a head the one above.
    decider = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    asked_on = models.DateField("提出日期")
    decided_on = models.DateField("决定日期", null=True)
    hides_name = models.BooleanField("不得知悉信访人", default=False)
    state = models.CharField("状态", max_length=10)

    class Meta:
        verbose_name = "回避"
        verbose_name_plural = "回避"
        indexes = [models.Index(fields=["person"], name="recusal_of_person", condition=Q(state="granted"))]


class Rating(models.Model):
    """The petitioner's own verdict on one of two targets.  Only the public page writes it, never a staff session."""

    class Target(models.TextChoices):
        """Who is rated."""

        OFFICE = "office", "信访部门"
        UNIT = "unit", "责任单位"

    class Value(models.TextChoices):
        """评价 (domain.md §6.2)."""

        SATISFIED = "0", "满意"
        FAIRLY = "1", "基本满意"
        DISSATISFIED = "3", "不满意"

    filing = models.ForeignKey("petitions.Filing", models.PROTECT, related_name="ratings")
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="ratings")
    target = models.CharField("评价对象", max_length=8, choices=Target)
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    value = models.CharField("评价", max_length=1, choices=Value)
    comment = models.CharField("意见", max_length=500, blank=True)
    rated_at = models.DateTimeField("评价时间")
    flagged = models.BooleanField("重发查询码24小时内", default=False)

    class Meta:
        verbose_name = "评价"
        verbose_name_plural = "评价"
        constraints = [models.UniqueConstraint(fields=["petition", "target"], name="one_rating_each_target")]
        indexes = [
            # With what somebody was dissatisfied, for the pressure at a place.
            models.Index(fields=["petition"], name="rating_dissatisfied", condition=Q(value="3")),
        ]
