"""Which address is answered by which room?  Each room adds its own lines."""

from __future__ import annotations

from django.urls import path

from petitions.views import case, lists, steps

app_name = "petitions"
work_rooms = [
    path("petitions/<slug:ref>/", case.case, name="case"),
    path("petitions/<slug:ref>/reveal/", case.reveal, name="reveal"),
    path("petitions/<slug:ref>/step/<slug:step>/<slug:row_ref>/", steps.step, name="step"),
]
list_rooms = [
    path("petitions/", lists.matters, name="list"),
    path("search/", lists.search, name="search"),
]
urlpatterns = [*work_rooms, *list_rooms]
