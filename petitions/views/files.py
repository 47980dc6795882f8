"""How is a file handed out?  To whom the matter is visible, logged, as a download that no browser takes for a page."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access_log import log
from accounts.actor import Actor
from accounts.decorators import signed_in
from accounts.models import AccessKind
from petitions import access, attachments
from petitions.errors import NotSeen
from petitions.models import Attachment
from petitions.views.answers import actor_of, keep_away, refusals
from petitions.views.case_parts import plain_name


@never_cache
@signed_in
@refusals
@require_safe
def attachment(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand out a file of a matter in scope, or of one's own draft; ``?view=1`` shows pictures and PDF in a sandbox."""
    actor = actor_of(request)
    found = file_for(actor, ref)
    shown = request.GET.get("view") == "1" and found.media_type in attachments.INLINE
    return handed_out(actor, found, shown=shown)  # type: ignore[return-value]


def file_for(actor: Actor, ref: str) -> Attachment:
    """Return a file of a matter in scope, or of the post's own draft.

    Raises:
        NotSeen.
        WrongPerson: who has been recused and is not to know the petitioner.
    """
    mine = Q(petition__in=access.visible_to(actor)) | Q(petition=None, draft__post=actor.post)
    found = Attachment.objects.select_related("petition", "draft").filter(mine, ref=ref).first()
    if found is None:
        raise NotSeen
    if found.petition is not None:
        keep_away(actor, found.petition)
    return found


def handed_out(actor: Actor, found: Attachment, *, shown: bool = False) -> StreamingHttpResponse:
    """Return the file's bytes as an answer, and log that they were handed out; ``shown``: to be looked at, not kept.

    Raises:
        WrongMoment: it cannot be opened.
    """
    log(actor, AccessKind.DOWNLOAD, f"attachment:{found.ref}")
    pieces = attachments.open_plain(found)
    first = next(pieces, b"")  # a file that cannot be opened is refused before anything is sent
    response = StreamingHttpResponse(_all(first, pieces), content_type=found.media_type)
    response["Content-Length"] = str(found.size)
    named = found.petition is None or access.sees_name(actor, found.petition)
    response["Content-Disposition"] = (
        content_disposition_header(not shown, found.name if named else plain_name(found)) or "attachment"
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
