"""How is a registration kept until it is finished?  All its fields as one encrypted text, seen by its own post alone."""

from __future__ import annotations

import json

from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts.actor import Actor
from petitions.errors import BadInput, NotSeen, WrongMoment
from petitions.models import Draft
from petitions.querycode import is_ref

# What never belongs into a draft: keys of one sending, and the names of pressed buttons.
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "idempotency_key", "do", "add_row", "accept"})
LONGEST = 400_000  # characters of all fields together


def open_draft(by: Actor, ref: str) -> Draft:
    """Return the post's own unfinished draft.

    Raises:
        NotSeen: there is none, or it is another post's.
        WrongMoment: it has been registered; ``draft.registered`` would say as what.
    """
    if not is_ref(ref):
        raise NotSeen
    draft = Draft.objects.filter(ref=ref, post=by.post).select_related("registered").first()
    if draft is None:
        raise NotSeen
    if draft.registered is not None:
        raise WrongMoment(f"这份草稿已经登记为{draft.registered.number}。", rule="一份草稿只登记一次")
    return draft


def draft_for(by: Actor, ref: str) -> Draft:
    """Return the draft that a page was given the name ``ref`` for, made at its first use.

    Raises:
        NotSeen: the name belongs to another post.
        BadInput: it is no name of ours.
    """
    if not is_ref(ref):
        raise BadInput({"draft": "草稿编号不对，请重新打开登记页。"})
    try:
        with transaction.atomic():
            Draft.objects.get_or_create(ref=ref, defaults={"post": by.post})
    except IntegrityError:
        pass  # made by another request of the same page in this very moment
    return open_draft(by, ref)


def save(by: Actor, ref: str, data: QueryDict) -> Draft:
    """Keep everything typed so far.

    Raises:
        NotSeen, WrongMoment: see `open_draft`.
        BadInput: more than a draft may hold.
    """
    fields = {name: values for name, values in data.lists() if name not in _NOT_KEPT}
    text = json.dumps(fields, ensure_ascii=False)
    if len(text) > LONGEST:
        raise BadInput({"content": "内容太长，草稿放不下；较长的材料请作为附件上传。"})
    draft = draft_for(by, ref)
    draft.fields = text.replace("\\u0000", "")
    draft.title = (data.get("title") or data.get("content") or "").replace("\0", "").strip()[:60]
    draft.save(update_fields=["fields", "title", "saved_at"])
    return draft


def typed_in(draft: Draft) -> QueryDict:
    """Return what a draft holds, as if it had just been posted."""
    data = QueryDict(mutable=True)
    for name, values in json.loads(draft.fields or "{}").items():
        data.setlist(name, values)
    data["draft"] = draft.ref
    return data


def throw_away(by: Actor, ref: str) -> None:
    """Delete an unfinished draft; its files go with the nightly sweep."""
    open_draft(by, ref).delete()


__all__ = ["draft_for", "open_draft", "save", "throw_away", "typed_in"]
