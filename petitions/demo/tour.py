"""Whom may a visitor of the demo be, and what is there to see?  Sign-in names, and petitions to look up as a petitioner."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from petitions import querycode
from petitions.demo.county import PASSWORD, sign_ins
from petitions.demo.filing import demo_code
from petitions.demo.guard import NotADemo, demo_only
from petitions.demo.stories import STORIES
from petitions.models import Filing, Petition

_LOOK_AMONG = 200  # the first so many invented filings
_WANTED = (
    ("handling", "办理中，看办到哪一步"),
    ("delivered", "已送达，看处理意见书"),
    ("confirmed", "已办结，可以评价"),
)


def table() -> str:
    """All of it as text for a terminal, in columns; Chinese characters are two columns wide."""
    known = set(User.objects.values_list("username", flat=True))
    people = [(who, name, what) for who, name, what in sign_ins() if name in known]
    lines = ["演示帐号 / demo sign-ins（密码 / password：" + PASSWORD + "）", *_columns(people)]
    samples = public_samples()
    if samples:
        lines += ["", "信访人查询 / as a petitioner, at /q/（查询码 + 手机号后四位）", *_columns(samples)]
    return "\n".join(lines)


def on_sign_in_page(request: HttpRequest) -> dict[str, object]:
    """Context for the sign-in page of a demo: who may sign in.  Nothing anywhere else, and nothing in a real office."""
    if request.path != reverse("accounts:sign_in"):
        return {}
    try:
        demo_only()
    except NotADemo:
        return {}
    names = dict(User.objects.filter(username__in=[name for _, name, _ in sign_ins()]).values_list("username", "name"))
    people = [{"username": key, "name": names[key], "post": who} for who, key, _ in sign_ins() if key in names]
    return {"demo_people": people, "demo_password": PASSWORD}


def public_samples() -> list[tuple[str, str, str]]:
    """Return (query code, last four digits of the phone, what to see) of up to three matters."""
    codes = {querycode.code_hash(code): code for code in map(demo_code, range(_LOOK_AMONG))}
    found = Filing.objects.filter(query_code_hash__in=codes, repeat=False).select_related("petition").order_by("pk")
    rows = []
    for stage, words in _WANTED:
        some = found.filter(petition__stage=stage)
        one = (some.filter(petition__ratings=None) if stage == "confirmed" else some).last()
        party = one and one.parties.select_related("petitioner").filter(role="lead").first()
        if one and party:
            code = querycode.grouped(codes[one.query_code_hash])
            rows.append((code, party.petitioner.phone[-4:], f"{one.petition.number} {words}"))
    return rows


def told_first() -> dict[str, Petition]:
    """Return the first matter of each story by the story's name: where to look for a state (nothing on other data)."""
    codes = {querycode.code_hash(demo_code(number)): story.name for number, story in enumerate(STORIES)}
    found = Filing.objects.filter(query_code_hash__in=codes, repeat=False).select_related("petition")
    return {codes[filing.query_code_hash]: filing.petition for filing in found}


def stories() -> str:
    """One line for each story: its name, the number and the reference of its first matter, and its stage."""
    first = told_first()
    rows = [
        (s.name, first[s.name].number, f"{first[s.name].ref}  {first[s.name].stage}")
        for s in STORIES
        if s.name in first
    ]
    return "\n".join(_columns(rows))


def _columns(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    wide = [max(_width(row[place]) for row in rows) for place in range(2)] if rows else []
    return [
        "  "
        + "  ".join(cell + " " * (wide[place] - _width(cell) if place < 2 else 0) for place, cell in enumerate(row))
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)
