"""What is on somebody's desk?  Drafts, notices, and the keys that stop a double click."""

from __future__ import annotations

from django.db import models

from accounts.privacy import EncryptedTextField
from petitions.querycode import new_ref


class Draft(models.Model):
    """A registration page that is not finished; its fields are encrypted as a whole."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存时间", auto_now=True)
    title = EncryptedTextField("标题", blank=True, default="")  # how what was typed begins: a report's too
    fields = EncryptedTextField("内容", default="")  # JSON of the form's fields
    registered = models.ForeignKey("petitions.Filing", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "草稿"
        verbose_name_plural = "草稿"
        indexes = [models.Index(fields=["post", "-saved_at"], name="draft_of_post")]


class Notice(models.Model):
    """Something somebody must be told; written in the step's own transaction, sent by a worker later."""

    class Channel(models.TextChoices):
        """By which road."""

        DESK = "desk", "站内"
        EMAIL = "email", "邮件"
        SMS = "sms", "短信"
        CHAT = "chat", "即时通讯"

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "待发"
        SENT = "sent", "已发"
        FAILED = "failed", "失败"
        NOWHERE = "nowhere", "无处可发"  # no number or address is on file

    post = models.ForeignKey("accounts.Post", models.CASCADE, null=True, related_name="+", db_index=False)
    filing = models.ForeignKey("petitions.Filing", models.CASCADE, null=True, related_name="+", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.CASCADE, null=True, related_name="+")
    # Whose telephone of a joint matter it goes to; none: the one who leads the filing.
    petitioner = models.ForeignKey("petitions.Petitioner", models.CASCADE, null=True, related_name="+")
    step = models.CharField(max_length=30)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.DESK)
    text = models.CharField("内容", max_length=300)
    made_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读", null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField("最早发送", null=True)  # set after a failure: when it is tried again
    ended_at = models.DateTimeField("发出或放弃", null=True)
    failure = models.CharField("失败原因", max_length=120, blank=True)  # of the last try; never an address

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["post", "-made_at"], name="notice_of_post"),
            models.Index(fields=["post"], name="notice_unread", condition=models.Q(read_at=None, channel="desk")),
            models.Index(fields=["id"], name="notice_waiting", condition=models.Q(state="waiting")),
        ]


class IdempotencyKey(models.Model):
    """The first answer to a key; a second press gets the same answer and changes nothing."""

    actor = models.CharField(max_length=60)  # "post:12", or "visit:<random>" for the public pages
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    result = models.TextField(blank=True)  # sealed: it may hold a fresh query code
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "防重复提交"
        verbose_name_plural = "防重复提交"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_answer_each_key")]
        indexes = [models.Index(fields=["made_at"], name="idempotency_age")]


class Job(models.Model):
    """Long work in the background: how far it is, whether to stop, and the report of every row that failed."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    kind = models.CharField("种类", max_length=30)
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("开始时间", auto_now_add=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    total = models.PositiveIntegerField("总数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    cancelled = models.BooleanField("已取消", default=False)
    state = models.CharField("状态", max_length=10, default="waiting")  # see petitions.jobs
    settings = models.JSONField("参数", default=dict)
    counts = models.JSONField("结果", default=dict)
    word = models.CharField("说明", max_length=200, blank=True)
    # Whose turn it is: a worker that has not been heard of for a minute has lost it (petitions.jobs).
    runner = models.CharField(max_length=16, blank=True)
    beat_at = models.DateTimeField(null=True)
    losses = models.PositiveSmallIntegerField(default=0)  # workers that went away over it

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        indexes = [models.Index(fields=["id"], name="job_to_do", condition=models.Q(state__in=["waiting", "running"]))]


class JobProblem(models.Model):
    """A row that long work could not take, with the reason."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="problems", db_index=False)
    row = models.PositiveIntegerField("行")
    reason = models.CharField("原因", max_length=300)

    class Meta:
        verbose_name = "未成的行"
        verbose_name_plural = "未成的行"
        indexes = [models.Index(fields=["job", "row", "id"], name="problem_of_job")]


class ImportMapping(models.Model):
    """How the columns of a list were matched last time; found again by the columns' names."""

    headers = models.JSONField("列", unique=True)
    columns = models.JSONField("对应", default=dict)
    source = models.CharField("来源", max_length=40)

    class Meta:
        verbose_name = "导入对应"
        verbose_name_plural = "导入对应"
