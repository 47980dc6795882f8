"""From which address does a request come?  The line's own, or, behind our own proxies, the one that they name."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of whoever asks; empty if there is none.

    With PROXIES_IN_FRONT = n the n-th entry from the right of X-Forwarded-For counts: what stands further left was
    written by the visitor.  A header that is too short or holds no address is not believed.
    """
    line = str(request.META.get("REMOTE_ADDR") or "")
    if not settings.PROXIES_IN_FRONT:
        return line
    named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(named) < settings.PROXIES_IN_FRONT:
        return line
    try:
        return str(ip_address(named[-settings.PROXIES_IN_FRONT]))
    except ValueError:
        return line
