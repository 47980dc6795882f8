"""What is answered where there is nothing?  The same refusal as for what is out of scope."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.errors import NotSeen


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(request: Request, rest: str = "") -> Response:
    """An address under /api/ that there is not."""
    raise NotSeen
