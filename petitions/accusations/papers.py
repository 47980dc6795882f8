"""How is a paper of a sealed report filled, numbered and fixed?  Its number begins with its report's: it is of no shared series."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts import letterhead
from accounts.models import Department, Post
from accounts.privacy import seal_with, unseal_with
from petitions import docx, paper_templates
from petitions.accusations import words
from petitions.errors import WrongMoment
from petitions.law.accusations import BY_OWN_RULES, PAPERS
from petitions.models import Accusation, AccusationPaper


def issue(
    row: Accusation, kind: str, *, by: Post, on_day: date, key: bytes, told: Mapping[str, Any], said: Mapping[str, Any]
) -> AccusationPaper:
    """Number, fill, fix and save a paper, and return it; the caller holds the report's lock.

    Args:
        told: all that is known of the report; ``said``: what its template needs beyond that.
    """
    law = PAPERS[kind]
    nth = row.papers.filter(kind=kind).count() + 1
    number = f"{row.number}{law.mark}{nth}"
    context = {
        "row": row, "body": row.office, "mark": letterhead.mark_of(row.office), "number": number, "day": on_day,
        "kind": law, "told": told, "units": Department.objects.filter(pk__in=told.get("accused_units", [])),
        "by_own_rules": told.get("remit") in BY_OWN_RULES, **said,
    }  # fmt: skip
    html = paper_templates.html_of(paper_templates.sealed_code(kind), context, on_day=on_day)
    paper = AccusationPaper(
        accusation=row, kind=kind, number=number, issued_on=on_day, issued_by=by,
        digest=hashlib.sha256(html.encode()).digest(),
    )  # fmt: skip
    paper.sealed = seal_with(key, html, _aad(paper))
    paper.save(force_insert=True)
    return paper


def why_not_void(paper: AccusationPaper, told: Mapping[str, Any]) -> str:
    """Return why ``paper`` cannot be made void any more; ``""`` where it can.  What the report's end rests on stands.

    Args:
        told: all that is known of its report.
    """
    if paper.number in told.get("void", {}):
        return "没有这份文书，或者已经作废。"
    if paper.kind == "letter" and told.get("result"):
        return "已经有办理结果：转送函不能再作废。"
    if paper.number in told.get("served", {}):
        return "已经送达的答复函不能作废。"
    return ""


def html_of(paper: AccusationPaper) -> str:
    """Return the words of a paper as they were fixed.

    Raises:
        WrongMoment: they are no longer those that were issued, or their key has been destroyed.
    """
    html = unseal_with(words.key_of(paper.accusation), paper.sealed, _aad(paper))
    if hashlib.sha256(html.encode()).digest() != bytes(paper.digest):
        raise WrongMoment("文书内容与签发时不一致，请立即报告。", rule="文书固定")
    return html


def docx_of(paper: AccusationPaper, void_on: date | None = None) -> bytes:
    """Return a paper as a file that an office can edit: the very words that were fixed, no author, and since when it is void.

    Raises:
        WrongMoment: see `html_of`.
    """
    return docx.of(html_of(paper), title=PAPERS[paper.kind].title, issued_on=paper.issued_on, void_on=void_on)


def _aad(paper: AccusationPaper) -> bytes:
    return f"accusation-paper:{paper.ref}:{paper.number}".encode()
