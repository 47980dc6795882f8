"""Who works here, in which post, and who may sign for whom?"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class Role(models.TextChoices):
    """What a post may do (domain.md §2.2); the lifecycle table names these."""

    REGISTRAR = "registrar", "窗口登记"
    TRIAGE = "triage", "受理甄别"
    OFFICE_HEAD = "office_head", "信访部门负责人"
    SUPERVISOR = "supervisor", "督查"
    CONFERENCE = "conference", "联席办"
    SIGNER = "signer", "单位签收"
    HANDLER = "handler", "承办人"
    UNIT_LEADER = "unit_leader", "单位分管领导"
    UNIT_HEAD = "unit_head", "单位主要负责人"
    REVIEWER = "reviewer", "复查"
    REREVIEWER = "rereviewer", "复核"
    LEADER = "leader", "县领导"
    AUDITOR = "auditor", "审计"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    SYSTEM = "system", "自动程序"


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create and return a user; without a password nobody can sign in as it."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of that sign-in name (used by Django's authentication)."""
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who signs in.  What the person may do depends on the post, never on the user."""

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("办公电话", max_length=40, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField("须改密码", default=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    """Named questions about posts."""

    def in_force(self, day: date) -> PostQuerySet:
        """Posts that are held on ``day``."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


class Post(models.Model):
    """A user's role in a department; one person may hold several and works in one at a time."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="posts")
    role = models.CharField("岗位", max_length=20, choices=Role)
    title = models.CharField("职务", max_length=40, blank=True)
    valid_from = models.DateField("任职日期")
    valid_to = models.DateField("离任日期", null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        verbose_name_plural = "岗位"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department", "role"], condition=Q(valid_to=None), name="one_open_post_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department.short_name} {self.title or self.get_role_display()} {self.user.name}"


class LeaderField(models.Model):
    """A department in a leader's charge (分管领域); the leader sees the matters of its subtree."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="fields")
    department = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "分管领域"
        verbose_name_plural = "分管领域"
        constraints = [models.UniqueConstraint(fields=["post", "department"], name="one_field_each")]


class Delegation(models.Model):
    """A post's powers lent to another person for some days (代签); every act done so names both."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="delegations")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="delegations")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至")
    reason = models.CharField("事由", max_length=200)

    class Meta:
        verbose_name = "代签"
        verbose_name_plural = "代签"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from")), name="delegation_ends_after_start"
            ),
        ]
