"""Who came, and what became of it?  Bookings, parties received, and an outcome for each pair of party and matter."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.privacy import EncryptedTextField
from petitions.querycode import new_ref
from visits.models.plan import Visit


class BookingState(models.TextChoices):
    """Where a booking stands."""

    BOOKED = "booked", "已预约"
    WAITING = "waiting", "候补"
    CANCELLED = "cancelled", "已取消"
    ARRIVED = "arrived", "已签到"
    ABSENT = "absent", "未到"


class Why(models.TextChoices):
    """Why the party of a booking is to be told by telephone."""

    CANCELLED = "cancelled", "接访取消"
    MOVED = "moved", "改了时间地点"
    SWAPPED = "swapped", "换了接访领导"
    PROMOTED = "promoted", "候补补上"


LIVE = (BookingState.BOOKED, BookingState.WAITING)


class Booking(models.Model):
    """A party that asked to be heard.  Who they are is kept for the day alone: absent or cancelled, their words are wiped."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="bookings")
    state = models.CharField("状态", max_length=10, choices=BookingState, default=BookingState.BOOKED)
    slot = models.TimeField("时段", null=True)  # none while on the waiting list
    people = models.PositiveSmallIntegerField("人数", default=1)
    name = EncryptedTextField("姓名", default="")
    phone = EncryptedTextField("电话", default="")
    representatives = EncryptedTextField("代表", default="")
    matter = EncryptedTextField("反映事项", default="")
    filed_number = EncryptedTextField("已登记事项编号", default="")
    needs = models.CharField("特殊需要", max_length=80, blank=True)
    field = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    # Equal for one telephone on one day and for nothing else; emptied when the day is over.
    day_key = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64, db_index=True)
    # Of the key the form was sent with: the same sending again, after a crash, opens the booking anew; emptied with the day.
    sent_key = models.CharField(max_length=64, blank=True, default="")
    # Equal for one telephone as long as it has a booking to come; emptied when that is over or given back.
    phone_key = models.CharField(max_length=64, blank=True, default="")
    public = models.BooleanField("网上预约", default=False)
    # What the party does not know yet; who told it, and when.
    to_tell = models.CharField("要告知的", max_length=10, choices=Why, blank=True, default="")
    told_at = models.DateTimeField("告知时间", null=True)
    told_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField("预约时间")

    class Meta:
        verbose_name = "预约"
        verbose_name_plural = "预约"
        constraints = [
            models.UniqueConstraint(
                fields=["day_key"],
                condition=Q(state__in=["booked", "waiting"]) & ~Q(day_key=""),
                name="one_booking_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["visit", "state"], name="booking_of_visit"),
            models.Index(fields=["visit"], name="booking_to_tell", condition=Q(told_at=None) & ~Q(to_tell="")),
            models.Index(fields=["phone_key"], name="booking_of_phone", condition=~Q(phone_key="")),
        ]


class Reception(models.Model):
    """A party met: from the number it took to the record of what was said.  Its people stand with its matters."""

    class State(models.TextChoices):
        """Where the party is."""

        WAITING = "waiting", "候访"
        IN_ROOM = "in_room", "接谈中"
        DONE = "done", "已接谈"
        LEFT = "left", "先行离开"

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="receptions")
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="reception")
    day = models.DateField("日期")
    place = models.ForeignKey("visits.Place", models.PROTECT, related_name="+", db_index=False)
    queue_number = models.PositiveSmallIntegerField("号")
    code = models.CharField("接访编号", max_length=24, unique=True, null=True)  # JF2026-000123, given with the record
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    people = models.PositiveSmallIntegerField("人数", default=1)
    name = EncryptedTextField("姓名", default="")
    phone = EncryptedTextField("电话", default="")
    matter = EncryptedTextField("反映事项", default="")
    representatives = EncryptedTextField("代表", default="")
    filed_number = EncryptedTextField("已登记事项编号", default="")
    needs = models.CharField("特殊需要", max_length=80, blank=True)
    field = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    slot = models.TimeField("预约时段", null=True)
    arrived_at = models.DateTimeField("到达")
    called_at = models.DateTimeField("叫号", null=True)
    ended_at = models.DateTimeField("结束", null=True)
    origin = EncryptedTextField("发生地和原因", default="")
    opinion = EncryptedTextField("接访领导意见", default="")
    recorder = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "接访登记"
        verbose_name_plural = "接访登记"
        constraints = [models.UniqueConstraint(fields=["place", "day", "queue_number"], name="one_queue_number_a_day")]
        indexes = [models.Index(fields=["visit", "state"], name="reception_of_visit")]


class Kind(models.TextChoices):
    """What became of a matter in the room (domain.md §3.3)."""

    RESOLVED = "resolved", "当场解决"
    EXPLAINED = "explained", "解释答复"
    ASSIGNED = "assigned", "交办"
    SPONSORED = "sponsored", "领导包案"
    STUDIED = "studied", "另行研究"


class Purpose(models.TextChoices):
    """Why a matter was brought to a visit."""

    BROUGHT = "brought", "群众反映"
    INVITED = "invited", "约访"
    CARRIED = "carried", "带案"


class Outcome(models.Model):
    """One pair of a party received and a matter: why it was there, and what became of it."""

    reception = models.ForeignKey(Reception, models.PROTECT, related_name="outcomes")
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    purpose = models.CharField("目的", max_length=10, choices=Purpose, default=Purpose.BROUGHT)
    new = models.BooleanField("当场登记", default=False)
    kind = models.CharField("结果", max_length=10, choices=Kind)
    unit = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    due = models.DateField("期限", null=True)
    paper = models.CharField("文号", max_length=60, blank=True)
    recorded_on = models.DateField("记录日期")

    class Meta:
        verbose_name = "接访结果"
        verbose_name_plural = "接访结果"
        constraints = [models.UniqueConstraint(fields=["reception", "petition"], name="one_outcome_each_pair")]


class Consent(models.TextChoices):
    """Whether the petitioner wishes to be visited or heard about a matter that is brought along (domain.md §3.4)."""

    ASKED = "", "待征求意见"
    AGREED = "agreed", "本人同意"
    DECLINED = "declined", "本人不愿意"


class Carried(models.Model):
    """A matter chosen to be brought to a visit; a person decides, with the reasons that were shown, and the petitioner is asked."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="carried")
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    reasons = models.JSONField("理由", default=list)
    chosen_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    consent = models.CharField("本人意见", max_length=8, choices=Consent, blank=True, default=Consent.ASKED)
    asked_on = models.DateField("征求日期", null=True)

    class Meta:
        verbose_name = "带案"
        verbose_name_plural = "带案"
        constraints = [models.UniqueConstraint(fields=["visit", "petition"], name="carried_once")]


class Brief(models.Model):
    """What the responsible unit says beforehand about a matter that a visit will meet: what it found, by which law, what may be promised.

    It is asked for with a day, and stays empty until the unit has written it (``written_on``).
    """

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="briefs")
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    asked_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    asked_on = models.DateField("要求日期")
    due = models.DateField("期限")
    checked = EncryptedTextField("预审情况", default="")
    basis = EncryptedTextField("法律政策依据", default="")
    promise = EncryptedTextField("可以答应的", default="")
    written_on = models.DateField("完成日期", null=True)
    written_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "接访预审"
        verbose_name_plural = "接访预审"
        constraints = [models.UniqueConstraint(fields=["visit", "petition"], name="one_brief_each_matter")]
        indexes = [models.Index(fields=["unit", "due"], name="brief_open", condition=Q(written_on=None))]
