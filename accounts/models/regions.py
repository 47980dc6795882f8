"""Which places are there?  GB/T 2260 county codes, extended to 12 digits for towns and villages."""

from __future__ import annotations

from django.db import models


class RegionLevel(models.TextChoices):
    """How deep a region lies in the tree."""

    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"
    TOWN = "town", "乡镇街道"
    VILLAGE = "village", "村社区"


class Region(models.Model):
    """A place, from the province down to the village (问题属地 is one of these)."""

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    full_name = models.CharField("全称", max_length=200)
    level = models.CharField("层级", max_length=10, choices=RegionLevel)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "区域"
        verbose_name_plural = "区域"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.full_name
