"""What do the steps of a sealed report change beyond its state, its clocks and its paper?  One function for each row of the law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.models import Department, Post, User
from petitions.accusations import access, archive, clocks, files, intake, papers, roll
from petitions.accusations.accused import Roster, lines_of, names_in, plain_name, units_of
from petitions.accusations.door import EFFECTS, NEVER, SHORT, Forbidden, Work, advance, clean, effect
from petitions.actions.entered import CONTENT_LIMIT
from petitions.errors import BadInput, WrongMoment, WrongPerson
from petitions.law.accusations import BY_OWN_RULES, LEADERS, REMITS
from petitions.models import AccusationPaper

LAID = "《信访工作条例》第三十条第二款"


@effect("examine")
def _examine(
    work: Work, *, accused: list[str], units: list[Department], remit: str, accused_unit: str = "", major: bool = False,
    cadre: bool | None = None, note: str = "",
) -> None:  # fmt: skip
    if remit not in REMITS:
        raise BadInput({"remit": "请选择归谁管。"})
    if cadre is None:
        raise BadInput({"cadre": "请选择反映的是不是干部问题。"}, rule="第三十条第二款")
    work.known |= {"remit": remit, "major": bool(major), "cadre": cadre, "examined_by": work.by.user.pk}
    _say_about(work, accused, units, accused_unit)
    work.said |= {
        "remit": REMITS[remit], "major": bool(major), "cadre": "反映干部问题" if cadre else "不属干部", "note": clean("note", note),
    }  # fmt: skip


def _say_about(work: Work, accused: list[str], units: list[Department], accused_unit: str) -> None:
    """Set whom the report is about; somebody must be left on the list who sees it then, and the office is none of theirs."""
    names = [clean("accused", name, limit=SHORT) for name in accused if name.strip()]
    outside = clean("accused_unit", accused_unit, limit=SHORT)
    if not (names or units or outside):
        raise BadInput({"accused": "请写明被反映的人或者单位；写不明的，写“不明”。"})
    work.known |= {"accused": names, "accused_units": [unit.pk for unit in units], "accused_unit": outside}
    if not access.recipients_for(work.known):
        raise BadInput({"units": intake.NOBODY_LEFT}, rule=intake.RULE)
    work.said |= {"accused": names, "units": [unit.name for unit in units], "accused_unit": outside}
    work.row.office = intake.office_for(work.known, work.row.office)


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


# --- what leaves the room ------------------------------------------------------------------------------------------------


def _hand_over(work: Work, excerpt: str | None, **said: str) -> None:
    """What the paper says: where the reporter is not to be named, an excerpt stands in place of words that name him.

    Args:
        excerpt: None leaves the one there is; empty takes it back.

    Raises:
        BadInput: something of a reporter who is not to be named would stand in it.
    """
    files_of, later, known = files.of_reporter(work.row, work.key), intake.said_later(work.known), work.known
    hidden = known["hide_reporter"]
    if hidden and excerpt is not None:
        _set_excerpt(known, clean("excerpt", excerpt, limit=CONTENT_LIMIT), len(later))
    instead = known.get("excerpt") if hidden else None
    beside = later[known.get("excerpt_of", len(later)) :] if instead else later
    work.on_paper |= {"files": len(files_of) if hidden else files_of, "added": beside}
    if not hidden:
        return
    for name, words in [("excerpt", "\n".join([instead or known["content"], *beside])), *said.items()]:
        if hit := intake.reporter_in(known, words):
            raise BadInput(
                {name: f"这里写有检举控告人的{hit}，而本人要求不透露身份：请摘录情况，代替原文和补充。"}, rule=NEVER
            )


def _set_excerpt(known: dict[str, Any], excerpt: str, later: int) -> None:
    """It stands for the account and what had been added when it was written; what is added after that goes along beside it."""
    if not excerpt:
        known.pop("excerpt", None)
        known.pop("excerpt_of", None)
    elif excerpt != known.get("excerpt"):
        known |= {"excerpt": excerpt, "excerpt_of": later}


@effect("transfer")
def _transfer(
    work: Work, *, body: Department | None = None, outside: str = "", note: str = "", excerpt: str | None = None
) -> None:
    name, note = _checked_body(work, body, outside), clean("note", note)
    _hand_over(work, excerpt, note=note)
    work.trace = {"to": name, "on": work.day.isoformat()}
    work.known.setdefault("sent", []).append(work.trace)
    work.known.pop("taken_over", None)
    if work.known["remit"] in BY_OWN_RULES:
        work.starts = ("S4",)
    work.said |= {"to": name, "note": note}


@effect("inform")
def _inform(
    work: Work, *, body: Department | None = None, outside: str = "", note: str = "", excerpt: str | None = None
) -> None:
    name, note = _checked_body(work, body, outside), clean("note", note)
    _hand_over(work, excerpt, note=note)
    _note_told(work, kind="inform", to=name)
    work.said |= {"to": name, "note": note}


def _note_told(work: Work, **line: Any) -> None:
    work.trace = {**line, "on": work.day.isoformat()}
    work.known.setdefault("told", []).append(work.trace)


@effect("report", "report_on")
def _report(work: Work, *, leader: Post, proposal: str, excerpt: str | None = None) -> None:
    duties = [duty for duty in LEADERS if leader in roll.leaders_for(duty)]
    if not duties:
        raise BadInput({"leader": "请选择名单上登记的党委主要负责同志或者分管组织（人事）工作的负责同志。"}, rule=LAID)
    why = access.why_not_to_leader(work.known, leader)
    if why:
        raise Forbidden("leader", why)
    proposal = clean("proposal", proposal, "请写明呈报的建议。")
    _hand_over(work, excerpt, proposal=proposal)
    _note_told(work, kind="report", duties=duties)
    if work.step.code == "report":
        _clocks_of_report(work)
    title = leader.title or leader.get_role_display()
    work.said |= {"to": f"{leader.user.name}同志（{title}）", "note": proposal}


def _clocks_of_report(work: Work) -> None:
    """What the discipline inspection receives must still be transferred (Art.22 ¶2): laying it before a leader ends nothing."""
    if work.known["remit"] == "discipline":
        work.stops, work.starts = (), ()
    elif clocks.runs(work.row, "S4"):
        work.starts = ()


# --- what comes back -----------------------------------------------------------------------------------------------------


@effect("taken_over")
def _taken_over(work: Work, *, note: str = "") -> None:
    if work.known.get("taken_over"):
        raise WrongMoment("已经记录过对方接收。", rule="第三十条第一款")
    work.known["taken_over"] = True
    if clocks.runs(work.row, "S4"):
        work.starts = ()
    work.said["note"] = clean("note", note)


@effect("urge")
def _urge(work: Work, *, note: str) -> None:
    if not clocks.runs(work.row, "S4"):
        raise WrongMoment("现在没有在等的办理结果。", rule="第三十条第一款")
    work.said["note"] = clean("note", note, "请写明问了谁、答复是什么。")


@effect("returned")
def _returned(work: Work, *, reason: str) -> None:
    work.known.pop("taken_over", None)
    work.said["note"] = clean("reason", reason, "请写明对方退回的理由。")


@effect("result")
def _result(work: Work, *, result: str) -> None:
    if work.known.get("remit") == "discipline" and work.row.state != "transferred":
        raise WrongMoment("属于纪检监察机关受理的，先转送有关纪检监察机关，再记录办理结果。", rule="第二十二条第二款")
    if work.row.state == "transferred" and work.known.get("sent", [{}])[-1].get("paper") in work.known.get("void", {}):
        raise WrongMoment("转送函已经作废：先记录退回，再重新转送。", rule="第三十条（文书管理）")
    work.known["result"] = work.said["note"] = clean("result", result, "请写明反馈的办理结果。")
    if not intake.real_name(work.known):
        work.starts = ()  # nobody is there to be answered


# --- the answer, one for each who reported under his name -------------------------------------------------------------------


@effect("answer")
def _answer(work: Work, *, how: str, answer: str, reporter: int | None = None) -> None:
    if not intake.real_name(work.known):
        raise WrongMoment("没有可以答复的人（匿名，或者没有留电话和住址）。", rule="第三十条")
    left = intake.unanswered(work.known)
    chosen = left[0] if reporter is None and len(left) == 1 else reporter
    if chosen not in left:
        raise BadInput({"reporter": "请选择答复的是哪一位。"}, rule="第三十条第一款")
    if how not in HOW:
        raise BadInput({"how": "请选择答复方式。"})
    text = clean("answer", answer, "请写明答复了什么。")
    if how == "letter" and _accused_in(work.known, text):
        raise BadInput({"answer": "书面答复可能被别人拆看：不要写被反映的人和单位。"}, rule=NEVER)
    work.trace = {"reporter": chosen, "how": how, "on": work.day.isoformat()}
    work.known.setdefault("answers", []).append(work.trace)
    if len(left) > 1:
        work.to, work.stops = work.row.state, ()
    name = work.known["reporters"][chosen]["name"]
    work.said |= {"how": HOW[how], "note": text, "reporter": name, "by_paper": how == "letter"}


HOW = {"talk": "当面", "phone": "电话", "letter": "书面"}


def _accused_in(known: dict[str, Any], text: str) -> bool:
    """Whether an accused person or body is named in ``text``, however they were written down."""
    roster, plain = Roster(), plain_name(text)
    names = [name for line in lines_of(known) for name in names_in(line)]
    names += [*units_of(known), *(one.name for one in roster.alike(known))]
    bodies = [about.body for about in roster.about(known) if access.closes(about) or not about.by_person]
    return any(name in plain for name in names) or any(roster.named_in(text, body) for body in bodies)


@effect("serve")
def _serve(work: Work, *, paper: str, receipt: str, receiver: str = "", witness: str = "") -> None:
    found, served = _paper(work, paper), work.known.setdefault("served", {})
    if found.kind != "reply":
        raise BadInput({"paper": "这里只记录答复函的送达。"}, rule="第三十条第一款")
    if found.number in served:
        raise WrongMoment("这份答复函已经记录过送达。", rule="第三十条第一款")
    if receipt not in RECEIPTS:
        raise BadInput({"receipt": "请选择签收、拒收或者邮寄。"})
    receiver = clean("receiver", receiver, "请写明签收人。" if receipt == "signed" else "", SHORT)
    witness = clean("witness", witness, "拒收的，要记明见证人。" if receipt == "refused" else "", SHORT)
    served[found.number] = {"on": work.day.isoformat(), "receipt": receipt, "receiver": receiver, "witness": witness}
    said = {"signed": f"{receiver}签收", "refused": f"拒收，见证人{witness}", "posted": "已邮寄"}[receipt]
    work.said |= {"paper": found.number, "note": said}


RECEIPTS = {"signed": "本人或者委托人签收", "refused": "拒收", "posted": "邮寄（按回执）"}


@effect("void")
def _void(work: Work, *, paper: str, reason: str) -> None:
    found = _paper(work, paper)
    if why := papers.why_not_void(found, work.known):
        raise WrongMoment(why, rule="第三十条（文书管理）")
    work.said |= {"paper": found.number, "note": clean("reason", reason, "请写明作废的理由。")}
    work.known.setdefault("void", {})[found.number] = work.day.isoformat()
    if found.kind == "reply":
        _take_answer_back(work, found.number)


def _take_answer_back(work: Work, number: str) -> None:
    """A reply that is void answered nobody: its person is answered anew, under the first due day."""
    work.known["answers"] = [one for one in work.known.get("answers", []) if one.get("paper") != number]
    work.to, work.resumes = "resulted", ("S3",)


def _paper(work: Work, number: str) -> AccusationPaper:
    found = work.row.papers.filter(number=number).first()
    if found is None or number in work.known.get("void", {}):
        raise BadInput({"paper": "没有这份文书，或者已经作废。"})
    return found


@effect("add_material")
def _add_material(work: Work, *, origin: str, words: str = "", uploads: Sequence[UploadedFile] = ()) -> None:
    if origin not in ORIGINS:
        raise BadInput({"origin": "请选择材料是谁提供的。"})
    words = clean("words", words, limit=CONTENT_LIMIT)
    if not (words or uploads):
        raise BadInput({"words": "请写明情况，或者选择文件。"})
    added = files.add(work.row, uploads, key=work.key, origin=origin, day=work.day, written=work.written)
    if words:
        work.known.setdefault("added", []).append({"origin": origin, "on": work.day.isoformat(), "words": words})
    work.said |= {"note": "；".join(filter(None, [ORIGINS[origin], f"{len(added)}个文件" if added else "", words]))}


ORIGINS = {files.FROM_REPORTER: "检举控告人补充", "body": "接收机关、负责同志反馈", "room": "专门受理人员收集"}


# --- the end ---------------------------------------------------------------------------------------------------------------


def _check_told(work: Work) -> None:
    """What Art.30 ¶2 asks for has been done: both leaders of a grave one, the organisation department of a cadre's.

    A leader who is himself accused is not waited for.

    Raises:
        WrongMoment: something of it is missing.
    """
    known, void = work.known, work.known.get("void", {})
    done = [one for one in known.get("told", []) if one.get("paper") not in void]
    reached = {duty for one in done for duty in one.get("duties", [])}
    for duty in LEADERS if known.get("major") else ():
        posts = roll.leaders_for(duty)
        if duty not in reached and not (posts and all(access.why_not_to_leader(known, post) for post in posts)):
            nobody = "" if posts else "名单上还没有登记他是谁，请先按程序增补。"
            raise WrongMoment(f"重大情况还没有向{LEADERS[duty]}报送。{nobody}", rule=LAID)
    to_them = known.get("remit") == "organisation" and any(
        one.get("paper") not in void for one in known.get("sent", [])
    )
    if known.get("cadre") and not to_them and not any(one["kind"] == "inform" for one in done):
        raise WrongMoment("反映干部问题的，先按照干部管理权限通报组织（人事）部门。", rule=LAID)


def _check_answered(work: Work, name: str, words: str) -> None:
    """Whoever reported under his name is answered, or it is written down why he could not be."""
    before = work.row.state == "answered" and "answers" not in work.known  # answered when one answer was for all
    if intake.unanswered(work.known) and not words and not before:
        why = "实名检举控告的，先逐一答复本人；确实联系不上的，在这里写明联系经过。"
        raise BadInput({name: why}, rule="第三十条第一款")


@effect("close")
def _close(work: Work, *, note: str = "") -> None:
    note = clean("note", note)
    _check_told(work)
    _check_answered(work, "note", note)
    work.said["note"] = note


@effect("file_away")
def _file_away(work: Work, *, reason: str, note: str = "") -> None:
    if work.known.get("examined_by") == work.by.user.pk:
        raise WrongPerson("存查由甄别人以外的另一名专门受理人员决定。", rule="第三十条（内部核对）")
    reason, note = clean("reason", reason, "请写明为什么没有可查的线索。"), clean("note", note)
    _check_told(work)
    _check_answered(work, "note", note)
    work.said["note"] = "；".join(filter(None, [reason, note]))


@effect("recuse")
def _recuse(work: Work, *, reason: str = "") -> None:
    known = work.known | {"recused": sorted({*work.known.get("recused", []), work.by.user.pk})}
    if not access.recipients_for(known):
        raise WrongMoment("名单上没有别人可以接着办：请先按程序增补专门受理人员。", rule="第二十八条")
    work.known["recused"] = known["recused"]
    work.said["note"] = clean("reason", reason)


__all__ = ["EFFECTS", "HOW", "ORIGINS", "RECEIPTS", "Work", "advance", "archive"]
