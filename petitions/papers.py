"""How is a legal paper filled, numbered and fixed?  Its words are rendered once, at issue, and never again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from accounts import letterhead
from accounts.actor import Actor
from accounts.models import Department, Post, User
from accounts.privacy import seal_with, unseal_with
from petitions import lifecycle, numbers, paper_templates, wording
from petitions.matterkey import key_of
from petitions.models import Paper, Petition, Proceeding


def issue(
    code: str,
    *,
    petition: Petition,
    body: Department,
    by: Post,
    on_day: date,
    words: Mapping[str, Any],
    proceeding: Proceeding | None = None,
    deputy: User | None = None,
) -> Paper:
    """Number, fill, fix and save a paper, and return it.

    Args:
        code: a kind of ``lifecycle.PAPERS``.
        body: the department that issues it; an inner office may not ([S:DOC1]).
        words: what its template ``papers/body/<code>.html`` needs beyond petition, body, number and day.
        deputy: who signs in the post ``by`` that was lent to him (代签): the paper names both.
    """
    kind = lifecycle.PAPERS[code]
    serial = numbers.take(body.pk, code, on_day.year)
    number = numbers.paper_number(body.paper_prefix or body.short_name, kind.mark, on_day.year, serial)
    context = {"petition": petition, "body": body, "number": number, "day": on_day, "kind": kind, **_named(petition)}
    context["mark"] = letterhead.mark_of(body)
    context["signed"] = signature(by, deputy) if deputy is not None else ""
    around = wording.of_paper(code, _fields(petition, body, number, on_day))
    html = paper_templates.html_of(code, context | dict(words) | {"around": around}, on_day=on_day)
    paper = Paper(
        petition=petition, proceeding=proceeding, kind=code, number=number, department=body, year=on_day.year,
        serial=serial, title=kind.title, issued_on=on_day, issued_by=by, for_petitioner=kind.to_petitioner,
        digest=hashlib.sha256(html.encode()).digest(),
    )  # fmt: skip
    key = key_of(petition)
    if key is None:
        raise ValueError("a matter whose key is destroyed issues no papers")
    paper.sealed = seal_with(key, html, _aad(paper))
    paper.save(force_insert=True)
    return paper


def signature(post: Post, deputy: User | None = None) -> str:
    """Who signs: the person of ``post``, and where the post was lent who signs for him (代签)."""
    return f"{post.user.name}（{deputy.name}代签）" if deputy is not None else post.user.name


def signed_by(by: Actor) -> str:
    """Who acts, as a paper names it."""
    return signature(by.post, by.user if by.delegation else None)


def bring_in(
    code: str,
    *,
    petition: Petition,
    body: Department,
    by: Post,
    number: str,
    serial: tuple[int, int] | None,
    issued_on: date,
    proceeding: Proceeding | None = None,
    served_on: date | None = None,
    served_how: str = "",
) -> Paper:
    """Return a paper that was issued before this system kept the matter, unsaved: its words are on paper, its number counts.

    Args:
        serial: (year, serial) where ``number`` is one of ours, which is then written as ours are.
    """
    kind = lifecycle.PAPERS[code]
    if serial is not None:
        number = numbers.paper_number(body.paper_prefix or body.short_name, kind.mark, *serial)
    html = render_to_string(
        "papers/body/on_paper.html",
        {"kind": kind, "body": body, "number": number, "day": issued_on, **_named(petition)},
    )
    paper = Paper(
        petition=petition, proceeding=proceeding, kind=code, number=number, department=body,
        year=serial[0] if serial else issued_on.year, serial=serial[1] if serial else None, title=kind.title,
        issued_on=issued_on, issued_by=by, for_petitioner=kind.to_petitioner, served_on=served_on,
        served_how=served_how if served_on else "", digest=hashlib.sha256(html.encode()).digest(),
    )  # fmt: skip
    key = key_of(petition)
    assert key is not None
    paper.sealed = seal_with(key, html, _aad(paper))
    return paper


def _fields(petition: Petition, body: Department, number: str, on_day: date) -> dict[str, str]:
    """What an office's own words round a paper may name (``wording.FIELDS``)."""
    return {
        "【编号】": petition.number, "【标题】": petition.title, "【收到日期】": _spoken(petition.received_on), "【机关】": body.name,
        "【电话】": body.phone, "【地址】": body.address, "【文号】": number, "【日期】": _spoken(on_day),
    }  # fmt: skip


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _named(petition: Petition) -> dict[str, str]:
    """How a paper calls the petitioner: by number where the unit is not to be told the name (domain.md §2.9)."""
    if petition.hide_name:
        return {"addressee": f"信访人（{petition.number}）", "petitioner": "（信访人要求不透露姓名）"}
    return {"addressee": petition.lead_name, "petitioner": petition.lead_name}


def html_of(paper: Paper) -> str:
    """Return the words of a paper as they were fixed (safe HTML: rendered by our own template with escaping).

    Raises:
        PaperAltered: the words are no longer those that were issued.
        PaperErased: the matter's key has been destroyed.
    """
    key = key_of(paper.petition)
    if key is None:
        raise PaperErased(paper.number)
    html = unseal_with(key, paper.sealed, _aad(paper))
    if hashlib.sha256(html.encode()).digest() != bytes(paper.digest):
        raise PaperAltered(paper.number)
    return html


def _aad(paper: Paper) -> bytes:
    return f"paper:{paper.ref}:{paper.number}".encode()


class PaperAltered(Exception):
    """The stored words do not match the hash taken at issue."""


class PaperErased(Exception):
    """The matter has been destroyed; its number and title remain."""
