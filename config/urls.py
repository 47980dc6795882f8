"""Which app answers which address?"""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

from config import authority, celery
from petitions.views.home import home

# Whoever answers addresses also gives work to the worker: it must know the office's queue, in every thread.
assert celery.app.main == "office"

urlpatterns = [
    path("", home, name="home"),
    path("ca/", authority.page, name="ca"),
    path("ca/office-ca.crt", authority.certificate, name="ca_file"),
    path("q/", include("petitions.public_urls")),
    path("v/", include("visits.public_urls")),
    path("api/", include("petitions.api.urls")),
    *[path("", include(f"{app}.urls")) for app in ("accounts", "petitions", "visits") if find_spec(f"{app}.urls")],
]
