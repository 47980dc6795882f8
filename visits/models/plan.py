"""Who receives, where, how often, and when?  Places, leaders, their days, rules of frequency, and the visits of a plan."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from petitions.querycode import new_ref
from visits.frequency import LEVELS, PER, WHERE, WHO


class Place(models.Model):
    """Where people are received: a hall, or somewhere at the grass roots (a town, a village, a site)."""

    name = models.CharField("名称", max_length=60)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    hall = models.BooleanField("固定接待场所", default=False)
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField("地址", max_length=120, blank=True)
    rooms = models.CharField("接待室", max_length=400, default="接待室")  # names, one after another, with 、 between
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "接访地点"
        verbose_name_plural = "接访地点"
        ordering = ["-hall", "pk"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="one_place_each_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def room_names(self) -> list[str]:
        """The rooms, by name."""
        return [name.strip() for name in self.rooms.split("、") if name.strip()] or ["接待室"]


class Receiver(models.Model):
    """A leader who receives people: at which level, and whether as a main leader (党政主要领导)."""

    post = models.OneToOneField("accounts.Post", models.PROTECT, related_name="receives")
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    level = models.CharField("层级", max_length=10, choices=list(LEVELS.items()), default="county")
    main = models.BooleanField("主要领导", default=False)
    active = models.BooleanField("参加接访", default=True)

    class Meta:
        verbose_name = "接访领导"
        verbose_name_plural = "接访领导"


class BusyDay(models.Model):
    """A day on which a leader cannot receive, both ends included."""

    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="busy_days")
    first = models.DateField("自")
    last = models.DateField("至")
    reason = models.CharField("事由", max_length=60, blank=True)

    class Meta:
        verbose_name = "领导日程"
        verbose_name_plural = "领导日程"
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="busy_ends_after_start")]


class Recusal(models.Model):
    """A place, a body's matters or one matter that a leader keeps away from (回避): party to it, or near to somebody who is."""

    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="recusals")
    place = models.ForeignKey(Place, models.CASCADE, null=True, blank=True, related_name="+")
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, blank=True, related_name="+")
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField("原因", max_length=120)

    class Meta:
        verbose_name = "回避"
        verbose_name_plural = "回避"


class FrequencyRule(models.Model):
    """How often leaders of a level receive, by which document, from when to when."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    level = models.CharField("层级", max_length=10, choices=list(LEVELS.items()))
    who = models.CharField("谁", max_length=8, choices=list(WHO.items()))
    times = models.PositiveSmallIntegerField("次数", default=1)
    per = models.CharField("周期", max_length=10, choices=list(PER.items()))
    where = models.CharField("方式", max_length=12, choices=list(WHERE.items()), default="any")
    weekday = models.PositiveSmallIntegerField("星期", null=True, blank=True)  # 0 = Monday
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "接访次数规则"
        verbose_name_plural = "接访次数规则"


class HouseNumber(models.Model):
    """A number that this place sets for itself: days of notice, bookings a phone, minutes a party."""

    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")
    code = models.CharField("规则", max_length=20)
    value = models.PositiveSmallIntegerField("数值")
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("自")

    class Meta:
        verbose_name = "本地数值"
        verbose_name_plural = "本地数值"
        constraints = [models.UniqueConstraint(fields=["office", "code", "valid_from"], name="one_number_a_day")]


class Form(models.TextChoices):
    """In which form a leader receives (domain.md §1.3)."""

    RECEPTION = "reception", "定点接访"
    INVITED = "invited", "重点约访"
    THEMATIC = "thematic", "专题接访"
    DOWN_VISIT = "down_visit", "下访"
    DOWN_WITH_CASE = "down_with_case", "带案下访"
    JOINT = "joint", "联合接访"
    BOOKED = "booked", "预约接访"


# Where the leader goes to the people, and where they come to him.
DOWN = frozenset({Form.DOWN_VISIT, Form.DOWN_WITH_CASE})


class Status(models.TextChoices):
    """How far a visit is."""

    DRAFT = "draft", "草稿"
    APPROVED = "approved", "已审定"
    PUBLISHED = "published", "已公示"
    HELD = "held", "已举行"
    CANCELLED = "cancelled", "已取消"
    SWAPPED = "swapped", "已换人"


OPEN = (Status.DRAFT, Status.APPROVED, Status.PUBLISHED)
PUBLIC = (Status.PUBLISHED, Status.HELD, Status.CANCELLED, Status.SWAPPED)


class Visit(models.Model):
    """One leader in one room at one time: a row of the plan, then a notice, then a reception."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    period = models.CharField("计划期", max_length=10)  # 2026, 2026-Q4, 2026-11
    level = models.CharField("层级", max_length=10, choices=list(LEVELS.items()))
    leader = models.ForeignKey("accounts.Post", models.PROTECT, related_name="visits")
    # As they are on the day of the notice: a later change of post rewrites no notice.
    leader_title = models.CharField("职务", max_length=60)
    charge = models.CharField("分管领域", max_length=200, blank=True)
    form = models.CharField("形式", max_length=16, choices=Form, default=Form.RECEPTION)
    topic = models.CharField("主题", max_length=80, blank=True)
    day = models.DateField("日期")
    starts = models.TimeField("开始")
    ends = models.TimeField("结束")
    place = models.ForeignKey(Place, models.PROTECT, related_name="visits")
    room = models.CharField("接待室", max_length=40)
    capacity = models.PositiveSmallIntegerField("可预约批次", default=10)
    units = models.ManyToManyField("accounts.Department", related_name="+", blank=True)
    backup = models.ForeignKey("accounts.Post", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    phone = models.CharField("预约电话", max_length=40, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    published_on = models.DateField("公示日期", null=True)
    lead_days = models.PositiveSmallIntegerField("提前工作日", null=True)
    reason = models.CharField("变更原因", max_length=120, blank=True)
    changed_on = models.DateField("变更日期", null=True)
    urgent = models.BooleanField(
        "紧急变更", default=False
    )  # moved to a day nearer than notice is given, for a reason that is published
    before = models.CharField("变更前", max_length=200, blank=True)  # what a published visit was before it was moved
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by", db_index=False)
    # The visit that the plan had and the public was told of first, however often another leader has stepped in since.
    stands_for = models.ForeignKey("self", models.PROTECT, null=True, related_name="stood_in")
    held_on = models.DateField("举行日期", null=True)
    venue_order = models.TextField("现场秩序安排", blank=True, default="")
    emergency = models.TextField("应急预案", blank=True, default="")
    # The leader has said that he cannot come, and why: the desk finds a substitute.
    absence = models.CharField("来不了的原因", max_length=120, blank=True, default="")
    absent_on = models.DateField("报告日期", null=True)
    # For which day the leader was told ahead, and the list of bookings sent: a visit that is moved is told of anew.
    told_for = models.DateField("已提前通知的日期", null=True)
    listed_for = models.DateField("已报送名单的日期", null=True)
    events_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "接访下访"
        verbose_name_plural = "接访下访"
        indexes = [
            models.Index(fields=["office", "day", "starts"], name="visit_of_office"),
            models.Index(fields=["day", "status"], name="visit_day"),
            models.Index(fields=["leader", "day"], name="visit_of_leader"),
        ]
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="visit_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.leader_title}"
