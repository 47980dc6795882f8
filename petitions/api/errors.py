"""How does the API say no?  Every refusal in one shape: ``code``, ``message`` in Chinese, ``rule``, ``fields``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions as rest
from rest_framework import serializers
from rest_framework.response import Response

from petitions.errors import BadInput, KeyReused, NotSeen, Refused, Stale, WrongMoment, WrongPerson
from petitions.views.answers import since

_CODES: Mapping[type[Refused], str] = {
    NotSeen: "not_seen", WrongPerson: "wrong_person", WrongMoment: "wrong_moment", Stale: "stale",
    BadInput: "bad_input", KeyReused: "key_reused",
}  # fmt: skip
_REST: tuple[tuple[type[rest.APIException], str, str], ...] = (
    (rest.NotAuthenticated, "unauthenticated", "请在请求头 Authorization 中写明令牌。"),
    (rest.AuthenticationFailed, "unauthenticated", "令牌无效：没有这个令牌，或者已到期、已收回、岗位已无人在任。"),
    (rest.PermissionDenied, "wrong_person", "这不是您这个岗位的职责。"),
    (rest.Throttled, "throttled", "请求太频繁，请稍后再试。"),
    (rest.MethodNotAllowed, "method_not_allowed", "这个地址不接受这种请求方法。"),
    (rest.NotAcceptable, "not_acceptable", "只能返回 application/json。"),
    (
        rest.UnsupportedMediaType,
        "unsupported_media_type",
        "请求内容要用 application/json；上传文件用 multipart/form-data。",
    ),
    (rest.ParseError, "bad_request", "请求内容不合格式。"),
)
RULE = "接口约定"
# Every code there is, for the document.
CODES = (*_CODES.values(), "unauthenticated", "throttled", "method_not_allowed", "not_acceptable",
         "unsupported_media_type", "bad_request", "too_large")  # fmt: skip


class TooLarge(Refused):
    """A body that no form of ours could fill (413)."""

    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"请求内容过大，最多{most // 1024}KB；更长的材料请作为附件上传。", rule=RULE)


class ErrorSerializer(serializers.Serializer[dict[str, Any]]):
    """A refusal; nothing has been changed."""

    code = serializers.ChoiceField(sorted(set(CODES)), help_text="What kind of refusal, for programs.")
    message = serializers.CharField(help_text="What happened and what to do, in Chinese, for people.")
    rule = serializers.CharField(allow_blank=True, help_text="The article or house rule that refused.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(),
        help_text="What is wrong with which field; empty where the refusal is about no field.",
    )


def body(code: str, message: str, rule: str = RULE, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a refusal's one shape."""
    return {"code": code, "message": message, "rule": rule, "fields": dict(fields or {})}


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to a refusal (REST_FRAMEWORK's EXCEPTION_HANDLER); ``None``: it is a fault of ours, 500."""
    if isinstance(error, TooLarge):
        return Response(body("too_large", error.message, error.rule), status=error.status)
    if isinstance(error, Refused):
        return Response(_refused(error), status=error.status)
    if isinstance(error, Http404):
        return Response(_refused(NotSeen()), status=404)
    if isinstance(error, SuspiciousOperation):
        return Response(body("bad_request", "请求不合规范。"), status=400)
    if isinstance(error, rest.APIException):
        return _of_framework(error)
    return None


def _refused(error: Refused) -> dict[str, Any]:
    code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
    fields = error.fields if isinstance(error, BadInput) else {}
    said = body(code, error.message, error.rule, fields)
    if isinstance(error, Stale):  # who acted meanwhile, as the page says it
        said["fields"] = {"seen": "；".join(f"{one.who}{one.what}" for one in since(error))}
    return said


def _of_framework(error: rest.APIException) -> Response:
    code, message = next(
        ((code, message) for kind, code, message in _REST if isinstance(error, kind)), ("bad_request", "请求不合规范。")
    )
    headers: dict[str, str] = {}
    if auth := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(body(code, message), status=error.status_code, headers=headers)
