"""What do the steps of a sealed report change beyond its state, its clocks and its paper?  One function for each row of the law."""

from __future__ import annotations

from accounts.dates import today as today_of
from accounts.models import Department, Post, Role, User
from petitions.accusations import access, archive, intake
from petitions.accusations.accused import plain_name
from petitions.accusations.door import EFFECTS, NEVER, SHORT, Forbidden, Work, advance, clean, effect
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.law.accusations import REMITS


@effect("examine")
def _examine(
    work: Work, *, accused: list[str], units: list[Department], remit: str, accused_unit: str = "", major: bool = False,
    note: str = "",
) -> None:  # fmt: skip
    if remit not in REMITS:
        raise BadInput({"remit": "请选择归谁管。"})
    work.known |= {"remit": remit, "major": bool(major), "examined_by": work.by.user.pk}
    _say_about(work, accused, units, accused_unit)
    work.said |= {"remit": REMITS[remit], "major": bool(major), "note": clean("note", note)}


def _say_about(work: Work, accused: list[str], units: list[Department], accused_unit: str) -> None:
    """Set whom the report is about; somebody must be left on the list who sees it then."""
    names = [clean("accused", name, limit=SHORT) for name in accused if name.strip()]
    outside = clean("accused_unit", accused_unit, limit=SHORT)
    if not (names or units or outside):
        raise BadInput({"accused": "请写明被反映的人或者单位；写不明的，写“不明”。"})
    work.known |= {"accused": names, "accused_units": [unit.pk for unit in units], "accused_unit": outside}
    if not access.recipients_for(work.known):
        raise BadInput({"units": intake.NOBODY_LEFT}, rule=intake.RULE)
    work.said |= {"accused": names, "units": [unit.name for unit in units], "accused_unit": outside}


@effect("amend_about")
def _amend_about(
    work: Work, *, accused: list[str], units: list[Department], reason: str, accused_unit: str = ""
) -> None:
    _say_about(work, accused, units, accused_unit)
    about = "、".join(filter(None, [*work.said["accused"], *work.said["units"], work.said["accused_unit"]]))
    work.said |= {"about": about, "note": clean("reason", reason, "请写明根据什么更正。")}


@effect("namesake")
def _namesake(work: Work, *, holder: User, reason: str) -> None:
    """A post is held by another person of an accused name: stated by a recipient, and kept in the record."""
    if holder.pk not in access.namesakes(work.known):
        raise BadInput({"holder": "请选择与被反映的人同名的任职人员。"})
    work.known.setdefault("namesakes", []).append({"user": holder.pk, "by": work.by.user.pk})
    if not access.recipients_for(work.known):
        raise BadInput({"holder": intake.NOBODY_LEFT}, rule=intake.RULE)
    work.said |= {"holder": holder.name, "note": clean("reason", reason, "请写明怎样核实是另一个人。")}


def _checked_body(work: Work, body: Department | None, outside: str) -> str:
    """Return the name of the body that something of the report goes to, if it may."""
    name = clean("outside", outside, limit=SHORT)
    if (body is None) == (not name):
        raise BadInput({"body": "请选择接收机关；不在名单里的，写在下面一栏。只填一处。"})
    why = access.why_not_to(work.known, body) if body else access.why_not_to_words(work.known, name)
    if why:
        raise Forbidden("body" if body else "outside", why)
    return body.name if body else name


@effect("transfer")
def _transfer(work: Work, *, body: Department | None = None, outside: str = "", note: str = "") -> None:
    name = _checked_body(work, body, outside)
    work.known.setdefault("sent", []).append({"to": name, "on": work.day.isoformat()})
    work.said |= {"to": name, "note": clean("note", note)}


@effect("inform")
def _inform(work: Work, *, body: Department | None = None, outside: str = "", note: str = "") -> None:
    work.said |= {"to": _checked_body(work, body, outside), "note": clean("note", note)}


@effect("report", "report_on")
def _report(work: Work, *, leader: Post, proposal: str) -> None:
    if leader.role != Role.LEADER or not Post.objects.in_force(today_of()).filter(pk=leader.pk).exists():
        raise BadInput({"leader": "请选择在任的主要负责同志或者分管负责同志。"})
    why = access.why_not_to_leader(work.known, leader)
    if why:
        raise Forbidden("leader", why)
    duty = leader.title or leader.get_role_display()
    work.said |= {"to": f"{leader.user.name}同志（{duty}）", "note": clean("proposal", proposal, "请写明呈报的建议。")}


@effect("taken_over")
def _taken_over(work: Work, *, note: str = "") -> None:
    if not work.row.clocks.filter(name="S2", ended="").exists():
        raise WrongMoment("已经记录过对方接收。", rule="第二十三条")
    work.said["note"] = clean("note", note)


@effect("returned")
def _returned(work: Work, *, reason: str) -> None:
    work.said["note"] = clean("reason", reason, "请写明对方退回的理由。")


@effect("result")
def _result(work: Work, *, result: str) -> None:
    work.known["result"] = work.said["note"] = clean("result", result, "请写明反馈的办理结果。")
    if not intake.real_name(work.known):
        work.starts = ()  # nobody is there to be answered


@effect("answer")
def _answer(work: Work, *, how: str, answer: str) -> None:
    if not intake.real_name(work.known):
        raise WrongMoment("没有可以答复的人（匿名，或者没有留电话和住址）。", rule="第三十条")
    if how not in HOW:
        raise BadInput({"how": "请选择答复方式。"})
    text = clean("answer", answer, "请写明答复了什么。")
    if how == "letter":
        named = next((name for name in work.known["accused"] if plain_name(name) in plain_name(text)), "")
        if named:
            raise BadInput({"answer": "书面答复可能被别人拆看：不要写被反映人的姓名。"}, rule=NEVER)
    reporter = next(one["name"] for one in work.known["reporters"] if one["name"])
    work.said |= {"how": HOW[how], "note": text, "reporter": reporter, "by_paper": how == "letter"}


HOW = {"talk": "当面", "phone": "电话", "letter": "书面"}


@effect("close")
def _close(work: Work, *, note: str = "") -> None:
    if work.row.state == "resulted" and intake.real_name(work.known):
        text = clean("note", note)
        if not text:
            raise BadInput(
                {"note": "实名检举控告的，先答复本人；确实联系不上的，在这里写明联系经过。"}, rule="第三十条第一款"
            )
    work.said["note"] = clean("note", note)


@effect("file_away")
def _file_away(work: Work, *, reason: str) -> None:
    if work.known.get("examined_by") == work.by.user.pk:
        raise WrongPerson("存查由甄别人以外的另一名专门受理人员决定。", rule="第三十条（内部核对）")
    work.said["note"] = clean("reason", reason, "请写明为什么没有可查的线索。")


@effect("recuse")
def _recuse(work: Work, *, reason: str = "") -> None:
    known = work.known | {"recused": sorted({*work.known.get("recused", []), work.by.user.pk})}
    if not access.recipients_for(known):
        raise WrongMoment("名单上没有别人可以接着办：请先按程序增补专门受理人员。", rule="第二十八条")
    work.known["recused"] = known["recused"]
    work.said["note"] = clean("reason", reason)


__all__ = ["EFFECTS", "HOW", "Work", "advance", "archive"]
