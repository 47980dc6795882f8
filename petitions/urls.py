"""Which address is answered by which room?  Each room adds its own lines."""

from __future__ import annotations

from django.urls import path

from petitions.views import audit, case, files, home, lists, papers, receipts, registration, steps, trays
from petitions.views.manage import calendar, index, local_rules

app_name = "petitions"
work_rooms = [
    path("tray/to_route/bulk/", trays.bulk_transfer, name="bulk_transfer"),
    path("tray/<slug:tray>/", trays.tray, name="tray"),
    path("notices/", home.notices, name="notices"),
    path("notices/read/", home.read_notices, name="read_notices"),
    path("audit/log/", audit.access_log, name="access_log"),
    path("petitions/<slug:ref>/digest/", home.digest, name="digest"),
    path("petitions/<slug:ref>/", case.case, name="case"),
    path("petitions/<slug:ref>/reveal/", case.reveal, name="reveal"),
    path("petitions/<slug:ref>/step/<slug:step>/<slug:row_ref>/", steps.step, name="step"),
]
counter_rooms = [
    path("register/", registration.page, name="register"),
    path("register/draft/", registration.draft_save, name="draft_save"),
    path("register/draft/<slug:ref>/", registration.draft, name="draft"),
    path("register/draft/<slug:ref>/throw-away/", registration.throw_away, name="throw_away"),
    path("register/look-up/", registration.look_up, name="look_up"),
    path("register/suggest/", registration.suggest, name="suggest"),
    path("register/done/<slug:ref>/", receipts.registered, name="registered"),
    path("register/receipt/<slug:ref>/", receipts.receipt, name="receipt"),
    path("register/reissue/<slug:ref>/", receipts.reissue, name="reissue"),
    path("files/<slug:ref>/", files.attachment, name="attachment"),
    path("papers/<slug:ref>/", papers.paper, name="paper"),
]
list_rooms = [
    path("petitions/", lists.matters, name="list"),
    path("search/", lists.search, name="search"),
]
manage_rooms = [
    path("manage/", index.index, name="manage"),
    path("manage/calendar/", calendar.years, name="manage_calendar"),
    path("manage/calendar/<int:year>/", calendar.year, name="manage_year"),
    path("manage/local-rules/", local_rules.rules, name="manage_local_rules"),
    path("manage/local-rules/add/", local_rules.add, name="manage_add_rule"),
    path("manage/local-rules/<int:pk>/end/", local_rules.end, name="manage_end_rule"),
]
urlpatterns = [*work_rooms, *counter_rooms, *list_rooms, *manage_rooms]
