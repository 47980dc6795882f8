"""Which bodies are there, and who stands under whom?  A tree held as a path, so that a subtree is one LIKE."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q


class DepartmentKind(models.TextChoices):
    """What a body is; decides which posts it has and what may be sent to it."""

    LEADERSHIP = "leadership", "县委县政府领导"
    PETITION_OFFICE = "petition_office", "信访部门"
    CONFERENCE = "conference", "信访工作联席会议办公室"
    REVIEW = "review", "复查复核机构"
    COMMISSION = "commission", "党委部门"
    BUREAU = "bureau", "政府部门"
    COURT = "court", "人民法院"
    PROCURATORATE = "procuratorate", "人民检察院"
    DISCIPLINE = "discipline", "纪检监察机关"
    POLITICAL_LEGAL = "political_legal", "政法委员会"
    TOWNSHIP = "township", "乡镇"
    STREET = "street", "街道"
    VILLAGE = "village", "村社区"
    INNER = "inner", "内设机构"
    SUPERIOR = "superior", "上级机关"
    SYSTEM = "system", "系统"


# Bodies that may decide on a claim and sign an opinion; an inner office may not ([S:DOC1], domain.md §1.1).
COMPETENT_KINDS = frozenset(
    {
        DepartmentKind.COMMISSION,
        DepartmentKind.BUREAU,
        DepartmentKind.TOWNSHIP,
        DepartmentKind.STREET,
        DepartmentKind.POLITICAL_LEGAL,
        DepartmentKind.PETITION_OFFICE,
    }
)


class Level(models.TextChoices):
    """The level of government that a body belongs to."""

    CENTRAL = "central", "中央"
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"
    TOWN = "town", "乡镇"


class DepartmentQuerySet(models.QuerySet["Department"]):
    """Named questions about departments."""

    def in_force(self, day: date) -> DepartmentQuerySet:
        """Departments that exist on ``day``."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))

    def under(self, department: Department) -> DepartmentQuerySet:
        """``department`` and everything below it."""
        return self.filter(path__startswith=department.path)


class Department(models.Model):
    """A body (机关、单位): registers, receives, handles, reviews or supervises matters."""

    code = models.CharField("单位代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=80)
    short_name = models.CharField("简称", max_length=30)
    kind = models.CharField("类型", max_length=20, choices=DepartmentKind)
    level = models.CharField("层级", max_length=10, choices=Level, default=Level.COUNTY)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # "/1/12/40/": ids from the root down to this one; kept by `accounts.tree.place`.
    path = models.CharField("路径", max_length=200, default="", editable=False)
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, blank=True, related_name="departments")
    paper_prefix = models.CharField("发文代字", max_length=12, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    address = models.CharField("地址", max_length=120, blank=True)
    opening_hours = models.CharField("接待时间", max_length=80, blank=True)
    outside_codes = models.JSONField("外部代码", default=dict, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("撤销日期", null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    # Who has what this body had: the successor, or the successor's own where that is gone too.  Whoever sees the heir's
    # matters sees this one's: the record of what was closed before stays under the name it was closed under.
    heir = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        ordering = ["code"]
        indexes = [
            # text_pattern_ops: LIKE 'path%' must use the index whatever the locale.
            models.Index(fields=["path"], name="department_path_like", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def answers_for_it(self) -> int:
        """The id of the body that answers today for what is this one's: itself, or its heir."""
        return self.heir_id or self.pk

    @property
    def is_petition_office(self) -> bool:
        """Whether Art.22 (route within 15 days) and not Art.23 (notify) governs what is filed here."""
        return self.kind == DepartmentKind.PETITION_OFFICE


class FormerName(models.Model):
    """A name that a body bore until a day; what happened until then is shown under it."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="former_names")
    name = models.CharField("名称", max_length=80)
    short_name = models.CharField("简称", max_length=30)
    paper_prefix = models.CharField("发文代字", max_length=12, blank=True)
    until = models.DateField("用至")

    class Meta:
        verbose_name = "曾用名"
        verbose_name_plural = "曾用名"
        ordering = ["until", "pk"]
