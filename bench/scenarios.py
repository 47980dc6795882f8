"""What is measured?  Each scenario is a request as a browser sends it; beside it the lean app's counterpart, if it has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.driver import Load, request
from petitions.walk.messages import NoMessages, read

FORM = "application/x-www-form-urlencoded"
STORY = (
    "本人住在前吴村，去年修路占了承包地三分，说好的补偿款至今没有发放。多次到村里和镇上询问，答复都是再等等。"
    "现场照片和收据都在，邻居可以作证。请求查明款项去向，按标准发放，并给出书面答复。全家靠这笔钱过日子，盼望尽快处理。"
)
COLS = "title.number.name.stage.category.responsible.region.channel.handler.co_units.heads.outcome.rating_unit.due"
MESSAGES = 200
LEAN_BODY = (
    '{"title": "前吴村补偿款问题%d", "body": "'
    + STORY
    + '", "department": 1, "category": 1, "name": "王伟", "phone": "19900000000"}'
)


@dataclass(frozen=True)
class Scenario:
    """One thing measured; ``ours`` is None where it cannot be, and ``why`` says so."""

    name: str
    ours: Load | None
    lean: Load | None = None
    why: str = ""


def _get(path: str, cookie: str, find: str) -> Load:
    return Load(lambda _: request("GET", path, cookie=cookie), find=find.encode())


def _each(paths: Sequence[str], cookie: str, find: str) -> Load:
    """One path after the other."""
    made = [request("GET", path, cookie=cookie) for path in paths]
    return Load(lambda number: made[number % len(made)], find=find.encode())


def reading(found: dict[str, Any], lean_rows: int) -> list[Scenario]:
    """Everything that only reads."""
    cookies, row = found["cookies"], "/petitions/"
    triage, busy = cookies["triage"], cookies["busy"]
    page = _get("/page", "", "/case/")
    detail = Load(
        lambda number: request("GET", f"/detail?id={1 + number * 7919 % lean_rows}"), find="转办至承办单位".encode()
    )
    narrowed = f"/petitions/?stage=handling&responsible={found['busy']}"
    searched = [
        ("search_number", found["numbers"]),
        ("search_phone", found["phones"]),
        ("search_initials", found["initials"]),
    ]
    return [
        Scenario("list", _get("/petitions/", triage, row), page),
        Scenario("list_narrowed", _get(narrowed, triage, row), page),
        Scenario("list_unit", _get("/petitions/", busy, row), page),
        Scenario("list_quiet", _get("/petitions/", cookies["quiet"], row), page),
        Scenario("list_by_due", _get("/petitions/?sort=due", triage, row)),
        Scenario("list_by_closed", _get("/petitions/?sort=closed", triage, row)),
        Scenario("list_unit_by_due", _get("/petitions/?sort=due", busy, row)),
        Scenario("list_every_column", _get(f"/petitions/?cols={COLS}", triage, row)),
        Scenario("list_page_200", _get(f"/petitions/?after={found['after_200']}", triage, row), page),
        Scenario("case", _each([f"/petitions/{ref}/" for ref in found["refs"]], triage, "timeline"), detail),
        Scenario("tray", _get("/tray/handling/", busy, row), page),
        *(
            Scenario(name, _each([f"/search/?q={quote(each)}" for each in given], triage, row))
            for name, given in searched
        ),
        *(
            Scenario(f"search_words_{share}", _get(f"/search/?q={quote(word)}", triage, row))
            for share, word in (("2%", "低保"), ("0.5%", "危房改造"), ("0.01%", "蚕桑"))
        ),
        Scenario("search_words_in_unit", _get(f"/search/?q={quote('危房改造')}", busy, "search")),
        *(
            Scenario(f"figures_{who}", _get("/figures/", cookies[who], "/figures/list/"))
            for who in ("triage", "supervisor", "leader", "unit_head")
        ),
        Scenario("figures_year", _get(f"/figures/?{found['year']}", triage, "/figures/list/")),
        Scenario(
            "figures_two_filters", _get(f"/figures/?{found['year']}&{found['narrowed']}", triage, "/figures/list/")
        ),
        _past_day(found["day"], triage),
        drafting(found),
        Scenario("home_leader", _get("/", cookies["leader"], "分管领域已超期")),
        Scenario("home_supervisor", _get("/", cookies["supervisor"], "哪里出了问题")),
        Scenario(
            "figures_list",
            _get(f"/figures/list/?capacity=office&of=reply_in_time&{found['year']}", triage, "/petitions/"),
        ),
        Scenario("visits_where", _get("/visits/where/", triage, "安排下访")),
        Scenario("visits_figures", _get("/visits/figures/", cookies["supervisor"], "/visits/figures/planned/")),
        Scenario("register_page", _get("/register/", cookies["registrar"], "<form"), page),
    ]


def _past_day(day: str, cookie: str) -> Scenario:
    """The page of the last end of a month that was frozen, narrowed to nothing."""
    if not day:
        return Scenario("figures_past_day", None, why="no past day is kept")
    return Scenario("figures_past_day", _get(f"/figures/?day={day}", cookie, "日终的数字"))


def drafting(found: dict[str, Any]) -> Scenario:
    """The draft of this year's annual report, its numbers read anew."""
    return Scenario(
        "report_draft", _get(f"/reports/{found['report']}/", found["cookies"]["triage"], "转送、交办、督办")
    )


def typing(found: dict[str, Any], folder: Path) -> Scenario:
    """The panel beside the narrative, asked again while real messages are typed: a third of each, two thirds, the whole."""
    try:
        messages = [one for one in read(folder, MESSAGES * 2) if len(one.text) >= 30][:MESSAGES]
    except NoMessages as none:
        return Scenario("suggest_real", None, why=str(none))
    typed = [one.text[: len(one.text) * share // 3][:2_000] for one in messages for share in (1, 2, 3)]
    return _typed("suggest_real", typed, found["cookies"]["registrar"])


def typing_planted(found: dict[str, Any], texts: Sequence[str]) -> Scenario:
    """The same while messages are typed of which near copies were planted: two thirds of each, and the whole."""
    if not texts:
        return Scenario("suggest_planted", None, why="no messages: nothing is planted")
    typed = [text[: len(text) * share // 3] for text in texts for share in (2, 3)]
    return _typed("suggest_planted", typed, found["cookies"]["registrar"])


def _typed(name: str, typed: Sequence[str], cookie: str) -> Scenario:
    bodies = [
        request("POST", "/register/suggest/", cookie=cookie, kind=FORM,
                body=urlencode({"csrfmiddlewaretoken": "a" * 32, "content": text}).encode())
        for text in typed
    ]  # fmt: skip
    return Scenario(name, Load(lambda number: bodies[number % len(bodies)], find="建议".encode()))


def looking_up(found: dict[str, Any]) -> list[Scenario]:
    """The panel beside a person's row, asked for while the row is filled: a common name, an ID number, a telephone."""
    known = (("name", found["names"]), ("id_number", found["id_numbers"]), ("phone", found["phones_seen"]))
    return [_looked_up(name, values, found["cookies"]["registrar"]) for name, values in known]


def _looked_up(name: str, values: Sequence[str], cookie: str) -> Scenario:
    row = {"csrfmiddlewaretoken": "a" * 32, "p-TOTAL_FORMS": 1, "p-INITIAL_FORMS": 0}
    bodies = [
        request("POST", "/register/look-up/", cookie=cookie, body=urlencode(row | {f"p-0-{name}": value}).encode(), kind=FORM)
        for value in values
    ]  # fmt: skip
    if not bodies:
        return Scenario(f"look_up_{name}", None, why="nobody in the filled database has one")
    return Scenario(f"look_up_{name}", Load(lambda number: bodies[number % len(bodies)], find=b"beside-item"))


def registering(found: dict[str, Any]) -> Scenario:
    """The counter's page is filled in and sent."""
    cookie = found["cookies"]["registrar"]

    def body(number: int) -> bytes:
        mark = f"{number:016d}"
        fields = {
            "csrfmiddlewaretoken": "a" * 32, "channel": "visit", "content": STORY, "kind": "claim", "purpose": "settle",
            "draft": mark, "idempotency_key": f"bench-{mark}", "p-TOTAL_FORMS": 1, "p-INITIAL_FORMS": 0,
            "p-0-name": "王桂英", "p-0-role": "lead", "p-0-phone": f"198{number % 10**8:08d}", "p-0-address": "前吴村1号",
        }  # fmt: skip
        return request("POST", "/register/", cookie=cookie, body=urlencode(fields).encode(), kind=FORM)

    lean = Load(
        lambda number: request("POST", "/create", body=(LEAN_BODY % number).encode(), kind="application/json"), 201
    )
    return Scenario("register", Load(body, 302), lean)


def stepping(step: str, waiting: dict[str, Any], each: int) -> Scenario:
    """A step is taken on what waits for it: on each matter once, so that a run is a number of requests."""
    todo: list[tuple[str, dict[str, str]]] = waiting["todo"]
    taken: Callable[[], tuple[str, dict[str, str]]] = iter(todo).__next__

    def body(number: int) -> bytes:
        path, said = taken()
        fields = {"csrfmiddlewaretoken": "a" * 32, "idempotency_key": f"{step}-{number:016d}", **said}
        return request("POST", path, cookie=waiting["cookie"], body=urlencode(fields).encode(), kind=FORM)

    if len(todo) < 6 * each:
        return Scenario(f"step_{step}", None, why=f"only {len(todo)} matters wait for it, {6 * each} are needed")
    return Scenario(f"step_{step}", Load(body, 302, count=each))
