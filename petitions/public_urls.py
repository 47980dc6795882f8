"""The petitioner's addresses; no sign-in behind any of them."""

from __future__ import annotations

from django.urls import path

from petitions.views import public

app_name = "public"
urlpatterns = [
    path("", public.query, name="query"),
    path("status/", public.status, name="status"),
    path("rate/", public.rating, name="rate"),
    path("apply/", public.apply, name="apply"),
    path("leave/", public.leave, name="leave"),
    path("papers/<slug:ref>/", public.paper, name="paper"),
]
