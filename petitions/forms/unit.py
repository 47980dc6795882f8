"""What is a unit asked for?  The forms of the steps on an assignment (Art.22, 23, 24, 28, 31)."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.rendering import Group
from petitions.access import unit_of
from petitions.forms.base import StepForm
from petitions.forms.fields import Day, DepartmentField, Line, PostField, Words, handlers_of
from petitions.models import Claim, Route


class ObjectForm(StepForm):
    """提出异议 (Art.23)."""

    reason = Words(label="异议理由", help_text="详细说明为什么不属于本单位职权范围（第二十三条）。")
    suggested = DepartmentField(label="建议由谁办理", required=False, help_text="供转送、交办机关核实时参考。")
    NOTE = ""

    def build(self) -> None:
        """Offer every competent body but the unit itself."""
        self.fields["suggested"].offer([self.held.department_id])  # type: ignore[attr-defined]


class RoutesForm(StepForm):
    """A road for each claim (Art.31): route 1-6, and for 1-5 the procedure, the body and its limit."""

    CHOICES = Route.choices
    FIRST: int | None = Route.PETITION
    DATE = "决定日期"

    def build(self) -> None:
        """Add four fields a claim, in a group that quotes it."""
        self.claims = list(self.petition.claims.all())
        for claim in self.claims:
            self._add_claim(claim)
        self.GROUPS = (*(_group(claim) for claim in self.claims), *self.more_groups())

    def more_groups(self) -> tuple[Group, ...]:
        """Groups after the claims'."""
        return ()

    def _add_claim(self, claim: Claim) -> None:
        number = claim.serial
        self.fields[f"route_{number}"] = forms.TypedChoiceField(
            label="办理途径", coerce=int, choices=self._offered(), initial=self.FIRST,
            help_text="第三十一条；第1至4项导入相应程序，第5项由本单位履行职责并答复，第6项由本单位办理并出具处理意见书。",
        )  # fmt: skip
        self.fields[f"procedure_{number}"] = Line(
            label="法定程序", required=False, limit=120, help_text="如：行政复议、劳动仲裁、民事诉讼。"
        )
        self.fields[f"body_{number}"] = Line(label="受理机关", required=False, limit=80)
        self.fields[f"limit_{number}"] = Line(label="该程序的期限", required=False, limit=120)

    def _offered(self) -> list[tuple[Any, str]]:
        roads: list[tuple[Any, str]] = [(value, f"{value}. {label}") for value, label in self.CHOICES]
        return roads if self.FIRST else [("", "请选择"), *roads]

    def clean(self) -> dict[str, Any]:
        """A claim that goes elsewhere says where."""
        for claim in self.claims:
            route = self.cleaned_data.get(f"route_{claim.serial}")
            if route == Route.DUTY:  # the unit does that itself
                self._need(claim.serial, "procedure", "请填写履行哪项法定职责、依据哪部法律。")
            elif route and route != Route.PETITION:
                self._need(claim.serial, "procedure", "请填写法定程序。")
                self._need(claim.serial, "body", "请填写受理机关。")
                self._need(claim.serial, "limit", "请填写该程序的期限；法律没有规定的，写“按该程序规定”。")
        return self.cleaned_data

    def _need(self, number: int, name: str, message: str) -> None:
        if not self.cleaned_data.get(f"{name}_{number}"):
            self.add_error(f"{name}_{number}", message)

    def changes(self) -> dict[str, Any]:
        """Routes and outside procedures by the claims' serial numbers."""
        said = self.cleaned_data
        routes = {claim.serial: said[f"route_{claim.serial}"] or Route.PETITION for claim in self.claims}
        outside = {
            number: {name: said[f"{name}_{number}"] for name in ("procedure", "body", "limit")}
            for number, route in routes.items()
            if route != Route.PETITION
        }
        return {"routes": routes, "outside": outside}


def _group(claim: Claim) -> Group:
    text = claim.text if len(claim.text) <= 60 else f"{claim.text[:60]}…"
    names = tuple(f"{name}_{claim.serial}" for name in ("route", "procedure", "body", "limit"))
    return Group(f"诉求{claim.serial}：{text}", names)


class AcceptForm(RoutesForm):
    """受理 (Art.23, 31)."""

    DATE = "受理日期"
    NOTE_HINT = "可不填；会写进受理告知书。"
    simplified = forms.BooleanField(
        label="简易办理", required=False,
        help_text="事实清楚、责任明确、争议不大、易于解决的初次事项，自受理之日起10个工作日内办结；不能延长。",
    )  # fmt: skip
    handler = PostField(
        label="承办人",
        required=False,
        help_text="可以现在确定，也可以以后确定；与事项有直接利害关系的应当回避（第二十八条）。",
    )

    def build(self) -> None:
        """Offer the unit's handlers."""
        super().build()
        self.fields["handler"].offer(handlers_of(unit_of(self.actor), self.petition))  # type: ignore[attr-defined]

    def begin_with(self) -> dict[str, Any]:
        """The handler already named, if any."""
        return {"handler": self.held.handler_id}

    def more_groups(self) -> tuple[Group, ...]:
        """How it will be handled."""
        return (Group("怎样办理", ("handler", "simplified")),)

    def changes(self) -> dict[str, Any]:
        """With the handler and the simplified tick."""
        said = self.cleaned_data
        return super().changes() | {"simplified": said["simplified"], "handler": said["handler"]}


class ChannelForm(RoutesForm):
    """导入法定途径: every claim belongs to another legal procedure."""

    CHOICES = [choice for choice in Route.choices if choice[0] != Route.PETITION]
    FIRST = None
    NOTE_HINT = "可不填；会写进告知书。"


class ExtendReportForm(StepForm):
    """延长交办期限: by the body that set it."""

    NOTE = ""
    limit_on = Day(label="新的反馈期限", help_text="晚于原来的期限；办理的60日不因此改变（第三十四条）。")
    reason = Words(label="责任单位的理由", rows=3, help_text="何时提出、为什么需要延长。")


class HandlerForm(StepForm):
    """确定承办人 (Art.28)."""

    handler = PostField(label="承办人", help_text="本单位在岗的承办人；与事项有直接利害关系的应当回避（第二十八条）。")

    def begin_with(self) -> dict[str, Any]:
        """The present handler."""
        return {"handler": self.held.handler_id}

    def build(self) -> None:
        """Offer the unit's handlers."""
        self.fields["handler"].offer(handlers_of(unit_of(self.actor), self.petition))  # type: ignore[attr-defined]


class CoUnitForm(StepForm):
    """增加协办单位 (Art.24)."""

    department = DepartmentField(label="协办单位", help_text="主办单位汇总意见、统一答复（第二十四条）。")
    demand = Words(label="协办事项", limit=500, help_text="请协办单位提供什么意见或材料。")
    limit_on = Day(label="回复期限", required=False)

    def build(self) -> None:
        """Offer bodies that do not hold the matter yet."""
        held = self.petition.assignments.exclude(state="returned").values_list("department_id", flat=True)
        self.fields["department"].offer(held)  # type: ignore[attr-defined]
