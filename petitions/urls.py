"""Which address is answered by which room?  Each room adds its own lines."""

from __future__ import annotations

from django.urls import path

from petitions.views import (
    audit,
    case,
    files,
    home,
    imports,
    jobs,
    lists,
    near,
    papers,
    receipts,
    registration,
    steps,
    trays,
)
from petitions.views.manage import (
    calendar,
    categories,
    delegations,
    index,
    local_rules,
    notices,
    people,
    posts,
    regions,
    routing,
    templates,
)

app_name = "petitions"
work_rooms = [
    path("tray/to_route/bulk/", trays.bulk_transfer, name="bulk_transfer"),
    path("tray/<slug:tray>/", trays.tray, name="tray"),
    path("notices/", home.notices, name="notices"),
    path("notices/read/", home.read_notices, name="read_notices"),
    path("audit/log/", audit.access_log, name="access_log"),
    path("petitions/<slug:ref>/digest/", home.digest, name="digest"),
    path("petitions/<slug:ref>/", case.case, name="case"),
    path("petitions/<slug:ref>/near/", near.near, name="near"),
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
long_rooms = [
    path("import/", imports.upload, name="import"),
    path("import/<slug:ref>/", imports.plan, name="import_plan"),
    path("jobs/<slug:ref>/", jobs.job, name="job"),
    path("jobs/<slug:ref>/cancel/", jobs.cancel, name="cancel_job"),
    path("jobs/<slug:ref>/again/", jobs.again, name="run_job_again"),
    path("jobs/<slug:ref>/problems/", jobs.problems, name="job_problems"),
]
manage_rooms = [
    path("manage/", index.index, name="manage"),
    path("manage/calendar/", calendar.years, name="manage_calendar"),
    path("manage/calendar/<int:year>/", calendar.year, name="manage_year"),
    path("manage/people/", people.people, name="manage_people"),
    path("manage/people/add/", people.add, name="manage_add_person"),
    path("manage/people/<int:pk>/", people.person, name="manage_person"),
    path("manage/people/<int:pk>/edit/", people.edit, name="manage_person_edit"),
    path("manage/people/<int:pk>/leave/", people.leave, name="manage_person_leave"),
    path("manage/people/<int:pk>/back/", people.come_back, name="manage_person_back"),
    path("manage/posts/", posts.posts, name="manage_posts"),
    path("manage/posts/of/<int:pk>/", posts.holder, name="manage_holder"),
    path("manage/posts/of/<int:pk>/give/", posts.give, name="manage_give_post"),
    path("manage/posts/<int:pk>/end/", posts.end, name="manage_end_post"),
    path("manage/posts/<int:pk>/charge/", posts.charge, name="manage_charge"),
    path("manage/sign-ins/", posts.sign_ins, name="manage_signins"),
    path("manage/sign-ins/<int:pk>/password/", posts.issue, name="manage_issue_password"),
    path("manage/sign-ins/<int:pk>/unlock/", posts.unlock, name="manage_unlock"),
    path("manage/delegations/", delegations.delegations, name="manage_delegations"),
    path("manage/delegations/lend/", delegations.lend, name="manage_lend"),
    path("manage/delegations/<int:pk>/end/", delegations.take_back, name="manage_take_back"),
    path("delegation/", delegations.own, name="lend_own"),
    path("delegation/<int:pk>/end/", delegations.take_back_own, name="take_back_own"),
    path("manage/regions/", regions.regions, name="manage_regions"),
    path("manage/regions/<slug:code>/", regions.region, name="manage_region"),
    path("manage/regions/<slug:code>/add/", regions.add, name="manage_region_add"),
    path("manage/regions/<slug:code>/rename/", regions.rename, name="manage_region_rename"),
    path("manage/regions/<slug:code>/use/", regions.use, name="manage_region_use"),
    path("manage/categories/", categories.categories, name="manage_categories"),
    path("manage/categories/add/", categories.add, name="manage_add_category"),
    path("manage/categories/<slug:code>/", categories.category, name="manage_category"),
    path("manage/categories/<slug:code>/use/", categories.use, name="manage_category_use"),
    path("manage/routing/", routing.table, name="manage_routing"),
    path("manage/routing/put/", routing.put, name="manage_set_route"),
    path("manage/routing/<int:pk>/drop/", routing.drop, name="manage_drop_route"),
    path("manage/templates/", templates.templates, name="manage_templates"),
    path("manage/templates/<slug:kind>/", templates.template, name="manage_template"),
    path("manage/templates/<slug:kind>/look/", templates.look, name="manage_template_look"),
    path("manage/notices/", notices.table, name="manage_notices"),
    path("manage/notices/again/", notices.again, name="manage_send_again"),
    path("manage/notices/<slug:step>/<slug:told>/", notices.notice, name="manage_notice"),
    path("manage/local-rules/", local_rules.rules, name="manage_local_rules"),
    path("manage/local-rules/add/", local_rules.add, name="manage_add_rule"),
    path("manage/local-rules/<int:pk>/end/", local_rules.end, name="manage_end_rule"),
]
urlpatterns = [*work_rooms, *counter_rooms, *list_rooms, *long_rooms, *manage_rooms]
