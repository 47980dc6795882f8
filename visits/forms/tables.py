"""What is typed about the tables of the plan?"""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Post
from petitions.forms.fields import Day, DepartmentField, Line, PostField, RegionField
from visits import access
from visits.book import NUMBERS
from visits.forms.fields import MatterField, PlaceField, ReceiverField
from visits.frequency import LEVELS, PER, SETS, WEEKDAYS, WHERE, WHO
from visits.models import Place
from visits.pledges import SETS as PLEDGES


class PlaceForm(forms.Form):
    """A place."""

    name = Line(label="名称", limit=60)
    hall = forms.BooleanField(label="固定接待场所（群众来这里），不勾为下访地点", required=False)
    region = RegionField(label="属地", required=False, help_text="下访地点必选，用来看那里的问题多少。")
    address = Line(label="地址", limit=120, required=False)
    rooms = Line(label="接待室", limit=400, required=False, help_text="多间用顿号隔开，例如：1号室、2号室。")
    active = forms.BooleanField(label="在用", required=False, initial=True)

    def __init__(self, *args: Any, place: Place | None = None, **kwargs: Any) -> None:
        names = ("name", "hall", "region", "address", "rooms", "active")
        kwargs["initial"] = {name: getattr(place, name) for name in names} if place else {"active": True}
        super().__init__(*args, **kwargs)
        self.fields["region"].offer()  # type: ignore[attr-defined]


class ReceiverForm(forms.Form):
    """A leader who receives."""

    post = PostField(label="领导", help_text="县领导；乡镇、部门的负责人和班子成员，按本级的规则接访。")
    level = forms.ChoiceField(label="层级", choices=list(LEVELS.items()), initial="county")
    main = forms.BooleanField(label="党政主要领导", required=False)
    active = forms.BooleanField(label="参加接访", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].offer(Post.objects.filter(role__in=access.RECEIVES))  # type: ignore[attr-defined]


class BusyForm(forms.Form):
    """Days on which a leader cannot receive."""

    post = ReceiverField(label="领导")
    first = Day(label="自")
    last = Day(label="至")
    reason = Line(label="事由", limit=60, required=False)

    def __init__(self, *args: Any, office_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].offer_of(office_id)  # type: ignore[attr-defined]


class OwnBusyForm(forms.Form):
    """A leader's own days."""

    first = Day(label="自")
    last = Day(label="至")
    reason = Line(label="事由", limit=60, required=False)


class RecusalForm(forms.Form):
    """What a leader keeps away from."""

    post = ReceiverField(label="领导")
    place = PlaceField(label="回避的地点", required=False)
    department = DepartmentField(label="或者：回避的单位", required=False)
    petition = MatterField(label="或者：只回避一件事项，填编号", required=False)
    reason = Line(label="原因", limit=120, help_text="例如：曾在该单位任职、亲属在该镇工作。")

    def __init__(self, *args: Any, office_id: int, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petition"].actor = actor  # type: ignore[attr-defined]
        self.fields["post"].offer_of(office_id)  # type: ignore[attr-defined]
        self.fields["place"].offer(office_id)  # type: ignore[attr-defined]
        self.fields["department"].offer()  # type: ignore[attr-defined]


_UNSAID = "次数没有出处，要填本地文件"


class AdoptForm(forms.Form):
    """A shipped set of rules."""

    code = forms.ChoiceField(
        label="采用哪一套",
        choices=[(one.code, f"{one.name}：{one.source or _UNSAID}") for one in SETS.values()],
        widget=forms.RadioSelect,
        help_text="这一套涉及的层级，原有的规则到施行日的前一天为止；别的层级不变。",
    )
    valid_from = Day(label="自", initial=today)
    source = Line(label="本地文件", required=False, help_text="本地有文件的写文号；不写用出处原名。")


class RuleForm(forms.Form):
    """A rule of this place's own."""

    level = forms.ChoiceField(label="层级", choices=list(LEVELS.items()), initial="county")
    who = forms.ChoiceField(label="谁", choices=list(WHO.items()))
    per = forms.ChoiceField(label="周期", choices=list(PER.items()), initial="month")
    times = forms.IntegerField(label="次数", min_value=1, max_value=31, initial=1)
    where = forms.ChoiceField(label="方式", choices=list(WHERE.items()))
    weekday = forms.TypedChoiceField(
        label="一般在", choices=[("", "不固定"), *enumerate(WEEKDAYS)], required=False, coerce=int, empty_value=None
    )
    source = Line(label="依据")
    valid_from = Day(label="自", initial=today)
    valid_to = Day(label="至", required=False)


class EndForm(forms.Form):
    """Until when a rule holds."""

    on_day = Day(label="适用到", initial=today)


class AdoptPledgesForm(forms.Form):
    """A shipped list of what a sponsoring leader takes upon himself."""

    code = forms.ChoiceField(
        label="采用哪一套", choices=[(one.code, f"{one.name}：{'、'.join(one.items)}") for one in PLEDGES.values()],
        widget=forms.RadioSelect,
    )  # fmt: skip
    valid_from = Day(label="自", initial=today)
    source = Line(label="本地文件", required=False, help_text="本地有文件的写文号；不写用出处原名。")


class PledgeForm(forms.Form):
    """One more thing of this place's own."""

    text = Line(label="内容", limit=40, help_text="例如：包回访。")
    source = Line(label="依据")
    valid_from = Day(label="自", initial=today)


class NumberForm(forms.Form):
    """One of the place's own numbers."""

    code = forms.ChoiceField(label="哪一项", choices=[(code, label) for code, (_, label) in NUMBERS.items()])
    value = forms.IntegerField(label="数值", min_value=0, max_value=500)
    source = Line(label="依据")
    valid_from = Day(label="自", initial=today)
