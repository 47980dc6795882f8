"""What is typed on the first-run pages?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.founding import ADMINS, Named
from accounts.models import Office, Role
from accounts.rendering import Group, GroupedForm
from accounts.roster.sheet import MOST_BYTES
from petitions.forms.fields import Line
from petitions.presets import PRESETS


class CodeForm(forms.Form):
    """The code that the machine's terminal shows."""

    code = Line(
        label="启用码", limit=40, help_text="在服务器上运行 make office 时显示，例如 k7mp-3xqw-9fhe。只能用一次。"
    )


class OfficeForm(GroupedForm, forms.Form):
    """What the petition office is called, and how it is reached."""

    GROUPS = (
        Group("名称", ("name", "short_name", "letterhead", "paper_prefix")),
        Group("联系方式", ("phone", "address", "opening_hours"), hint="写进告知书和查询页，群众看得到；以后可以改。"),
    )
    name = Line(label="机关全称", limit=80, help_text="例如：某某县信访局。")
    short_name = Line(label="简称", limit=30, help_text="列表里显示，例如：县信访局。")
    letterhead = Line(label="发文机关标志", limit=80, help_text="红头文书顶部的字，一般就是机关全称。")
    paper_prefix = Line(
        label="发文代字", limit=12,
        help_text="编号和文号开头的字，例如填“某信”：信访件编号 某信2026-000001，文号 某信信访受字〔2026〕1号。",
    )  # fmt: skip
    phone = Line(label="联系电话", limit=40, required=False)
    address = Line(label="接待地址", limit=120, required=False)
    opening_hours = Line(label="接待时间", limit=80, required=False, help_text="例如：工作日 8:30—11:30，14:00—17:00。")

    def clean_paper_prefix(self) -> str:
        """Numbers begin with it and are read out: no digits, marks or blanks."""
        text: str = self.cleaned_data["paper_prefix"]
        if not text.isalpha():
            raise ValidationError("只用汉字，不带数字、标点和空格。")
        return text

    def named(self) -> Named:
        """What the verb is told."""
        return Named(**self.cleaned_data)

    @staticmethod
    def now(office: Office) -> dict[str, Any]:
        """What has been typed before; else a proposal from the county's name."""
        body = office.department
        if body is None:
            county = office.region.name if office.region else ""
            return {"name": f"{county}信访局", "short_name": "信访局", "letterhead": f"{county}信访局"}
        return {
            "name": body.name, "short_name": body.short_name, "letterhead": office.letterhead, "paper_prefix": body.paper_prefix,
            "phone": body.phone, "address": body.address, "opening_hours": body.opening_hours,
        }  # fmt: skip


class PresetForm(forms.Form):
    """Which limits the place begins with."""

    preset = forms.ChoiceField(
        label="地方规则", widget=forms.RadioSelect, choices=[(row.code, row.label) for row in PRESETS.values()]
    )
    checked = forms.BooleanField(label="已核实所选的地方性法规仍然有效", required=False)

    def clean(self) -> dict[str, Any]:
        """A regulation that may be out of force is taken only by somebody who says that he looked."""
        said: dict[str, Any] = super().clean() or {}
        preset = PRESETS.get(said.get("preset", ""))
        if preset is not None and preset.warning and not said.get("checked"):
            self.add_error("checked", "请先核实：到省人大或者司法行政部门的法规库查这部条例是否仍然有效，再勾选。")
        return said


class SheetForm(forms.Form):
    """The filled spreadsheet."""

    sheet = forms.FileField(
        label="填好的表格", help_text=f"由模板另存的 xlsx 文件，最多{MOST_BYTES // 2**20}MB。上传后先检查，不会马上写入。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择填好的表格。", "empty": "这个文件是空的。"},
    )  # fmt: skip


_DUTIES = {
    Role.SYSTEM_ADMIN: "管单位、人员、分类、节假日、模板；不能授予岗位，看不到信访事项。",
    Role.SECURITY_ADMIN: "授予岗位、发初始密码、解除锁定；不能改基础数据，看不到信访事项。",
    Role.AUDIT_ADMIN: "只看前两位做过什么和谁看过什么；什么都不能改。",
}


class AdministratorsForm(GroupedForm, forms.Form):
    """Three people, each with a name and a sign-in name."""

    GROUPS = tuple(
        Group(role.label, (f"{role}_name", f"{role}_username"), hint=_DUTIES[role], side_by_side=True)
        for role in ADMINS
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in ADMINS:
            self.fields[f"{role}_name"] = Line(label="姓名", limit=40)
            self.fields[f"{role}_username"] = Line(label="登录名", limit=40, help_text="小写字母、数字，字母开头。")

    def people(self) -> dict[str, tuple[str, str]]:
        """What the verb is told."""
        said = self.cleaned_data
        return {role: (said[f"{role}_name"], said[f"{role}_username"]) for role in ADMINS}
