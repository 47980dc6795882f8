"""Under which names does a post find its lists again?  A view is a name for an address, and no more."""

from __future__ import annotations

from django.db import models

from petitions.querycode import new_ref


class SavedView(models.Model):
    """A named address of a list: its filters, columns, order and size; kept by a post, shown to its unit where shared."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    page = models.CharField("列表", max_length=30)  # "matters", "tray:overdue"
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=1000, blank=True)
    unit = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField("保存时间", auto_now_add=True)

    class Meta:
        verbose_name = "视图"
        verbose_name_plural = "视图"
        constraints = [models.UniqueConstraint(fields=["post", "page", "name"], name="one_view_each_name")]
        indexes = [
            models.Index(fields=["unit", "page"], name="view_of_unit", condition=models.Q(unit__isnull=False)),
        ]


class DefaultView(models.Model):
    """Which view a post's list opens with where its address says nothing."""

    post = models.ForeignKey("accounts.Post", models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=30)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="chosen_by")

    class Meta:
        verbose_name = "默认视图"
        verbose_name_plural = "默认视图"
        constraints = [models.UniqueConstraint(fields=["post", "page"], name="one_default_each_list")]
