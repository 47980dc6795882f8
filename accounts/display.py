"""How does a visitor of the public pages want to read them? Large type and high contrast, kept in two cookies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

_CHOICES = {"type": ("normal", "large"), "contrast": ("normal", "high")}
_YEAR = 365 * 24 * 3600


@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Keep the posted ``type`` and ``contrast`` for a year and go back to ``next`` (a path of this site, else ``/``).

    Unknown values are ignored. No account, no personal data: the cookies hold one word each.
    """
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    for name, allowed in _CHOICES.items():
        value = request.POST.get(name)
        if value in allowed:
            response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return response
