"""Who looked at what?  The access log, read only, for auditors; it holds refs and codes, never a name or a narrative."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.dates import day_of
from accounts.decorators import signed_in
from accounts.models import AccessKind, AccessLog, Role
from petitions.errors import WrongPerson
from petitions.keyset import Mark, pack, unpack
from petitions.views.answers import actor_of, refusals

SIZE = 50
ORDER = "access"


@require_safe
@signed_in
@refusals
def access_log(request: HttpRequest) -> HttpResponse:
    """One page of the log, the newest first, of one kind if asked."""
    actor = actor_of(request)
    if actor.role not in (Role.AUDITOR, Role.AUDIT_ADMIN):
        raise WrongPerson("访问记录只供审计人员查看。", rule="三员分立")
    kind = request.GET.get("kind", "")
    rows = AccessLog.objects.select_related("user", "post__department").order_by("-pk")
    if kind in AccessKind.values:
        rows = rows.filter(kind=kind)
    mark = unpack(request.GET.get("after", ""), ORDER)
    if mark is not None:
        rows = rows.filter(pk__lt=mark.pk)
    found = list(rows[: SIZE + 1])
    after = pack(Mark(day_of(found[SIZE - 1].at), found[SIZE - 1].pk), ORDER) if len(found) > SIZE else ""
    context = {"rows": found[:SIZE], "page": {"after": after, "before": ""}, "kinds": AccessKind.choices, "kind": kind}
    return render(request, "petitions/access_log.html", context)
