"""Which address of the API is answered by which room?"""

from __future__ import annotations

from django.urls import path, re_path

from petitions.api import files, filings, matters, nowhere, steps

app_name = "api"
urlpatterns = [
    path("petitions/", matters.matters, name="list"),
    path("petitions/<slug:ref>/", matters.matter, name="case"),
    path("petitions/<slug:ref>/steps/", steps.steps, name="steps"),
    path("petitions/<slug:ref>/steps/<slug:step>/", steps.step, name="step"),
    path("petitions/<slug:ref>/files/", files.of_matter, name="files"),
    path("files/", files.upload, name="upload"),
    path("files/<slug:ref>/", files.file, name="file"),
    path("filings/", filings.filings, name="filings"),
    re_path(r"^(?P<rest>[\s\S]*)$", nowhere.nowhere, name="nowhere"),
]
