"""How do files come in and go out by the API?  With a draft that a registration takes over, as on the page; logged, in scope."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import file_digest
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import api_view, content_negotiation_class, parser_classes
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access_log import log
from accounts.actor import Actor
from accounts.api import actor_of
from accounts.models import AccessKind
from petitions import access, attachments, filekinds, lifecycle
from petitions.actions import drafts
from petitions.actions.register import may_register
from petitions.api import shapes
from petitions.api.bodies import only, plain
from petitions.api.document import KEY, READ, WRITE, operation
from petitions.api.errors import RULE, TooLarge
from petitions.api.sending import REPEATED, Sending
from petitions.dossier import dossier_of
from petitions.errors import BadInput, WrongPerson
from petitions.querycode import is_ref, new_ref
from petitions.views.answers import petition_for
from petitions.views.case_parts import files as files_of
from petitions.views.files import file_for, handed_out

MORE = 64 * 1024  # bytes of a multipart body beside the file itself
_UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": f"{filekinds.SHOWN_AS}; known by its content."},
        "draft": {
            "type": "string", "pattern": "^[0-9A-Za-z]{16}$",
            "description": "What the first file's answer named; without it a new draft is begun.",
        },
    },
}  # fmt: skip


@operation("list_files", status=200, shape=shapes.Files, refuses=READ, summary="事项的附件")
@api_view(["GET"])
def of_matter(request: Request, ref: str) -> Response:
    """The files of one matter; their own names only for those who may know the petitioner's. The reading is logged."""
    actor = actor_of(request)
    only(request.query_params)
    petition = petition_for(actor, ref)
    log(actor, AccessKind.READ, f"petition:{ref}", data={"page": "files"})
    rows = files_of(dossier_of(petition), named=access.sees_name(actor, petition))
    return Response(shapes.Files({"ref": ref, "files": [line(one) for one in rows]}).data)


def line(one: Mapping[str, Any]) -> dict[str, Any]:
    """One file, as `case_parts.files` found it."""
    row = one["row"]
    return {"ref": row.ref, "name": one["name"], "media_type": row.media_type, "size": row.size}


class AnyAnswer(DefaultContentNegotiation):
    """A file is answered as what it is, whatever the caller would rather have; a refusal is JSON."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the one for refusals."""
        return renderers[0], renderers[0].media_type


_KINDS: dict[Any, Any] = {(200, kind): OpenApiTypes.BINARY for kind in filekinds.KINDS}


@operation("read_file", status=200, shape=OpenApiTypes.BINARY, refuses=(*(code for code in READ if code != 406), 403, 409),
           kinds=_KINDS, summary="下载附件")  # fmt: skip
@api_view(["GET"])
@content_negotiation_class(AnyAnswer)
def file(request: Request, ref: str) -> HttpResponseBase:
    """The bytes of a file of a matter in scope, or of the post's own draft; each download is logged."""
    actor = actor_of(request)
    only(request.query_params)
    return handed_out(actor, file_for(actor, ref))


class OneFile(MultiPartParser):
    """Reads ``multipart/form-data``; refuses what is larger than a file may be before it is read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return fields and files.

        Raises:
            TooLarge, ParseError (400).
        """
        said = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        most = settings.ATTACHMENT_MB * 2**20 + MORE
        if said.isdecimal() and int(said) > most:
            raise TooLarge(most)
        return super().parse(stream, media_type, parser_context)


@operation("upload_file", status=201, shape=shapes.Uploaded, refuses=WRITE, request={"multipart/form-data": _UPLOAD},
           parameters=[KEY], summary="上传附件，随后登记")  # fmt: skip
@api_view(["POST"])
@parser_classes([OneFile])
def upload(request: Request) -> Response:
    """Keep one file with a draft, once for each Idempotency-Key; `POST /api/filings/` with that draft takes it over."""
    only(request.query_params)
    actor = actor_of(request)
    if not may_register(actor):
        raise WrongPerson("登记来件不是您这个岗位的职责。", rule=f"《{lifecycle.TEXT}》第二十一条")
    given, draft = _said(request)
    body = {
        "name": given.name, "draft": draft, "sha256": file_digest(given, "sha256").hexdigest(),
    }  # fmt: skip
    sending = Sending(request, body)
    if (before := sending.before()) is not None:
        return _uploaded(before, {REPEATED: "true"})
    return _uploaded(sending.run(lambda: _keep(actor, given, draft or new_ref())))


def _said(request: Request) -> tuple[UploadedFile, str]:
    """The file and the draft's name.

    Raises:
        BadInput: no file or several, no name of a draft, or something else besides.
    """
    said = request.data if isinstance(request.data, QueryDict) else QueryDict()  # without a body there is nothing of it
    only(said, "file", "draft")
    files, names = request.FILES.getlist("file"), said.getlist("draft")
    wrong = {}
    if len(files) != 1 or len(request.FILES) != 1 or len(said.getlist("file")) != 1:
        wrong["file"] = "请上传一个文件。"
    if len(names) > 1 or not all(isinstance(name, str) and is_ref(name) for name in names):
        wrong["draft"] = "这里要填上一个文件的回答里的 draft。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    plain(files[0].name or "")
    return files[0], names[0] if names else ""


def _keep(actor: Actor, given: UploadedFile, draft: str) -> dict[str, str]:
    """Take the file as the page does; what the page calls ``files`` is ``file`` here."""
    try:
        row = attachments.take(given, by=actor, draft=drafts.draft_for(actor, draft))
    except BadInput as refused:
        told = {("file" if name == "files" else name): sentence for name, sentence in refused.fields.items()}
        raise BadInput(told, rule=refused.rule) from None
    return {
        "draft": draft, "ref": row.ref, "name": row.name, "media_type": row.media_type, "size": str(row.size),
    }  # fmt: skip


def _uploaded(answer: Mapping[str, str], headers: dict[str, str] | None = None) -> Response:
    file = {**answer, "size": int(answer["size"])}
    return Response(shapes.Uploaded({"draft": answer["draft"], "file": file}).data, status=201, headers=headers)
