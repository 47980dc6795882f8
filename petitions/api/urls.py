"""Which address of the API is answered by which room?"""

from __future__ import annotations

from django.urls import path, re_path

from petitions.api import filings, matters, nowhere, steps

app_name = "api"
urlpatterns = [
    path("petitions/", matters.matters, name="list"),
    path("petitions/<slug:ref>/", matters.matter, name="case"),
    path("petitions/<slug:ref>/steps/", steps.steps, name="steps"),
    path("petitions/<slug:ref>/steps/<slug:step>/", steps.step, name="step"),
    path("filings/", filings.filings, name="filings"),
    re_path(r"^(?P<rest>[\s\S]*)$", nowhere.nowhere, name="nowhere"),
]
