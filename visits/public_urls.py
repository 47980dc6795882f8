"""The public's addresses of visits; no sign-in behind any of them."""

from __future__ import annotations

from django.urls import path

from visits.views import booking, public, walls

app_name = "notices"
urlpatterns = [
    path("", public.notices, name="all"),
    path("visits.ics", public.calendar, name="calendar"),
    path("booked/", booking.booked, name="booked"),
    path("wall/<slug:token>/", walls.wall, name="wall"),
    path("booking/", booking.booking, name="booking"),
    path("sponsored/", public.sponsored, name="sponsored"),
    path("<slug:ref>/", public.notice, name="notice"),
    path("<slug:ref>/poster/", public.poster, name="poster"),
    path("<slug:ref>/book/", booking.book, name="book"),
]
