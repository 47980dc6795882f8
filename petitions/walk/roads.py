"""How does one message go through the office?  From the counter to a closed, rated matter, or by one of the shorter roads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from accounts.models import Role
from petitions.demo.names import face
from petitions.walk.browser import Browser, Form, Page, PageRefused
from petitions.walk.desk import Desk
from petitions.walk.messages import Message

LONGEST_ANSWER = 5_000  # characters: what the field takes
CHANNELS = ("visit", "letter", "phone", "online")


@dataclass
class Walked:
    """One message's way: how far it came, and by which road.

    ``suggested``: what the page suggested as category; ``routed``: whether the table named the body.
    """

    message: Message
    road: str
    ref: str = ""
    number: str = ""
    code: str = ""
    tail: str = ""
    unit: int = 0
    suggested: str = ""
    placed: bool = False
    routed: bool = False
    similar: int = 0
    reached: str = "unregistered"
    refused: str = ""


def road_of(message: Message, nth: int) -> str:
    """Which road a message takes: one with a reply is handled whole, the others take turns."""
    if message.reply:
        return "handled"
    turns = ("handled", "direct_reply", "handled", "redirected", "objected", "handled", "not_accepted")
    return turns[nth % len(turns)]


def walk(message: Message, nth: int, desk: Desk) -> Walked:
    """Take one message through the pages; a refusal ends its way, and its words are kept."""
    walked = Walked(message, road_of(message, nth))
    try:
        _register(walked, nth, desk)
        ROADS[walked.road](walked, desk)
    except PageRefused as refused:
        walked.refused = f"{walked.reached} → {refused.words}"
    return walked


# --- the counter -------------------------------------------------------------------------------------------------


def _register(walked: Walked, nth: int, desk: Desk) -> None:
    """The clerk types the narrative, takes the first suggestions, and registers."""
    message = walked.message
    person = face(Random(f"{message.source}{message.id}"))  # noqa: S311 (invented people)
    counter = desk.at(desk.county.office.pk, Role.REGISTRAR)
    form = counter.open("/register/").form("idempotency_key")
    form.fields |= {
        "channel": CHANNELS[nth % len(CHANNELS)], "content": message.text, "title": message.title[:120],
        "p-0-name": person.name, "p-0-id_number": person.id_number, "p-0-phone": person.phone,
    }  # fmt: skip
    _take_suggestions(walked, counter, form)
    page = counter.send(form)
    if "/register/done/" not in page.url:
        raise PageRefused(page.status, page.words)
    walked.code = re.search(r"data-code>([^<]+)<", page.text).group(1)  # type: ignore[union-attr]
    walked.tail = person.id_number[-4:]
    walked.ref = page.link(r"/petitions/\w{16}/").split("/")[2]
    walked.number = re.search(r"[^\s>]+\d{4}-\d{6}", page.text).group(0)  # type: ignore[union-attr]
    walked.reached = "registered"


def _take_suggestions(walked: Walked, counter: Browser, form: Form) -> None:
    """One key each: the first category and the first place that the panel names."""
    panel = counter.part("/register/suggest/", form)
    for name in ("category", "region"):
        found = re.search(rf'value="take:{name}=(\w+)"', panel.text)
        if found:
            form.fields[name] = found.group(1)
    walked.suggested = form.fields.get("category", "")
    walked.placed = bool(form.fields.get("region"))
    walked.similar = panel.text.count("beside-item")


# --- steps -------------------------------------------------------------------------------------------------------


def _step(browser: Browser, walked: Walked, code: str, **values: str) -> Page:
    """Open the case, follow the step's own button, fill in its form, send it."""
    case = browser.open(f"/petitions/{walked.ref}/")
    where = case.link(rf"/petitions/{walked.ref}/step/{code}/\w+/")
    if not where:
        raise PageRefused(case.status, f"the case page offers no step {code}: {case.words}")
    form = browser.open(where).form("seen")
    page = browser.send(form, **values)
    walked.reached = code
    return page


def _triage_values(browser: Browser, walked: Walked, code: str) -> dict[str, str]:
    """Category and body as the form suggests them, else the last category (其他) and a body in turn."""
    case = browser.open(f"/petitions/{walked.ref}/")
    where = case.link(rf"/petitions/{walked.ref}/step/{code}/\w+/")
    form = browser.open(where).form("seen")
    values = {}
    if not form.fields.get("category"):
        values["category"] = form.offered["category"][-1]
    walked.routed = bool(form.fields.get("department"))
    body = form.fields.get("department") or form.offered["department"][1 + len(walked.message.text) % 20]
    walked.unit = int(body)
    return values | {"department": body}


def _transfer(walked: Walked, desk: Desk) -> None:
    triage = desk.at(desk.county.office.pk, Role.TRIAGE)
    _step(triage, walked, "transfer", **_triage_values(triage, walked, "transfer"))


def _reply(walked: Walked) -> str:
    return (walked.message.reply or "经核实，您反映的情况已转交业务科室办理，处理结果将另行书面告知。")[:LONGEST_ANSWER]


def handled(walked: Walked, desk: Desk) -> None:
    """转送 → 签收 → 受理 → 接谈 → 起草 → 核稿 → 签发 → 送达 → 办结 → 审核认定 → 评价."""
    _transfer(walked, desk)
    _unit_handles(walked, desk)


def _unit_handles(walked: Walked, desk: Desk) -> None:
    signer, handler = desk.at(walked.unit, Role.SIGNER), desk.at(walked.unit, Role.HANDLER)
    _step(signer, walked, "sign_for")
    _step(signer, walked, "accept", route_1="6")
    _assign(signer, walked)
    _step(handler, walked, "interview", text="听取信访人陈述，核对所附材料，实地查看。")
    answer = _reply(walked)
    _step(handler, walked, "draft", facts=walked.message.text[:19_000] or walked.message.title,
          basis="《信访工作条例》及本单位职责规定。", support_1="explain", answer_1=answer)  # fmt: skip
    _step(desk.at(walked.unit, Role.UNIT_LEADER), walked, "check")
    _step(desk.at(walked.unit, Role.UNIT_HEAD), walked, "sign")
    _step(handler, walked, "deliver", how="hand", receipt="signed", receiver="本人", view="0")
    _step(handler, walked, "close")
    _step(desk.at(desk.county.office.pk, Role.TRIAGE), walked, "confirm_closure")
    _rate(walked, desk)


def _assign(signer: Browser, walked: Walked) -> None:
    """The first handler whom the form offers."""
    case = signer.open(f"/petitions/{walked.ref}/")
    where = case.link(rf"/petitions/{walked.ref}/step/assign_handler/\w+/")
    form = signer.open(where).form("seen")
    signer.send(form, handler=form.offered["handler"][1])
    walked.reached = "assign_handler"


def objected(walked: Walked, desk: Desk) -> None:
    """The unit objects, the sender refuses with reasons, and the unit handles after all."""
    _transfer(walked, desk)
    signer = desk.at(walked.unit, Role.SIGNER)
    _step(signer, walked, "sign_for")
    _step(signer, walked, "object", reason="所反映的事项涉及多个部门，请核实主要责任单位。")
    triage = desk.at(desk.county.office.pk, Role.TRIAGE)
    _step(triage, walked, "refuse_objection", reason="经核实，主要事项属于你单位职权范围。")
    _step(signer, walked, "accept", route_1="6")


def direct_reply(walked: Walked, desk: Desk) -> None:
    """The office answers by itself."""
    _step(desk.at(desk.county.office.pk, Role.TRIAGE), walked, "direct_reply", reply=_reply(walked))
    _rate(walked, desk)


def redirected(walked: Walked, desk: Desk) -> None:
    """The office tells where to go."""
    _step(
        desk.at(desk.county.office.pk, Role.TRIAGE),
        walked,
        "redirect",
        body="有权处理的上级机关",
        how="可以到其接待场所提出。",
    )


def not_accepted(walked: Walked, desk: Desk) -> None:
    """The office does not accept: it is no body's remit here, and the petitioner is told where to go."""
    browser = desk.at(desk.county.office.pk, Role.TRIAGE)
    case = browser.open(f"/petitions/{walked.ref}/")
    form = browser.open(case.link(rf"/petitions/{walked.ref}/step/not_accept/\w+/")).form("seen")
    browser.send(form, ground="out_of_remit", explanation="可以依照法定程序向有权机关提出。")
    walked.reached = "not_accept"


def _rate(walked: Walked, desk: Desk) -> None:
    """The petitioner looks with the code, and gives a verdict on whoever may be rated."""
    visitor = desk.visitor()
    form = visitor.open("/q/").form("code")
    page = visitor.send(form, code=walked.code, tail=walked.tail)
    verdicts = [name for name in ("office-value", "unit-value") if f'name="{name}"' in page.text]
    if verdicts:
        visitor.send(page.form(verdicts[0]), **dict.fromkeys(verdicts, "0"))
        walked.reached = "rated"


ROADS: dict[str, Callable[[Walked, Desk], None]] = {
    "handled": handled, "objected": objected, "direct_reply": direct_reply,
    "redirected": redirected, "not_accepted": not_accepted,
}  # fmt: skip
