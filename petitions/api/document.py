"""What does openapi.yaml say that is not in the code of one operation?  Refusals, the key header, the token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from petitions.api.errors import ErrorSerializer

_WHY: Mapping[int, str] = {
    400: "The request is not well formed.",
    401: "No token, or one that is over.",
    403: "The matter is in scope, but this is not the post's duty.",
    404: "There is no such thing, or it is out of scope: the two cannot be told apart.",
    405: "The address does not take this method.",
    406: "Only application/json is answered.",
    409: "The wrong moment, or somebody has acted since it was read.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "What was sent cannot be taken; or the key came before with another body.",
    429: "Too many requests; Retry-After says when.",
}
READ = (400, 401, 404, 405, 406, 422, 429)
WRITE = (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429)
KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, pattern="^[!-~]{1,64}$",
    description="One for each sending, 1 to 64 visible ASCII characters. The same key and body get the first answer again; "
    "the same key with another body is refused. Kept for seven days.",
)  # fmt: skip


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """``Authorization: Bearer xf_…``."""

    target_class = "accounts.api.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token made on 管理 · 接口令牌."}


def openapi() -> str:
    """Return openapi.yaml, made from the code.

    Raises:
        RuntimeError: something in the code could not be described.
    """
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    if GENERATOR_STATS:
        raise RuntimeError("the API does not describe itself: run `manage.py spectacular --validate`")
    text: bytes = OpenApiYamlRenderer().render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return text.decode()


def operation(
    name: str, *, status: int, shape: Any, refuses: tuple[int, ...], kinds: Mapping[Any, Any] | None = None, **more: Any
) -> Callable[[Any], Any]:
    """Describe one operation: its answer, and each status by which it refuses.

    ``kinds``: where it answers with something else than JSON, its answer by (status, media type).
    """
    refusals = {code: OpenApiResponse(ErrorSerializer, _WHY[code]) for code in refuses}
    return extend_schema(
        operation_id=name, responses={**(kinds or {status: shape}), **refusals}, tags=["petitions"], **more
    )
