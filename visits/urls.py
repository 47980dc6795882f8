"""Which address is answered by which room?  Each room adds its own lines."""

from __future__ import annotations

from django.urls import path

from visits.views import plan, tables, visit

app_name = "visits"
plan_rooms = [
    path("visits/", plan.plan, name="plan"),
    path("visits/draft/", plan.draft, name="draft"),
    path("visits/add/", plan.add, name="add"),
    path("visits/approve/", plan.approve_month, name="approve_month"),
    path("visits/publish/", plan.publish_month, name="publish_month"),
]
table_rooms = [
    path("visits/tables/", tables.index, name="tables"),
    path("visits/tables/places/add/", tables.add_place, name="add_place"),
    path("visits/tables/places/<int:pk>/", tables.edit_place, name="edit_place"),
    path("visits/tables/leaders/", tables.receiver, name="receiver"),
    path("visits/tables/busy/", tables.busy, name="busy"),
    path("visits/tables/busy/<int:pk>/drop/", tables.drop_busy, name="drop_busy"),
    path("visits/tables/recusals/", tables.recusal, name="recusal"),
    path("visits/tables/rules/adopt/", tables.adopt, name="adopt"),
    path("visits/tables/rules/add/", tables.add_rule, name="add_rule"),
    path("visits/tables/rules/<int:pk>/end/", tables.end_rule, name="end_rule"),
    path("visits/tables/numbers/", tables.number, name="number"),
]
visit_rooms = [
    path("visits/<slug:ref>/", visit.visit, name="visit"),
    path("visits/<slug:ref>/move/", visit.move, name="move"),
    path("visits/<slug:ref>/substitute/", visit.substitute, name="substitute"),
    path("visits/<slug:ref>/swap/", visit.swap, name="swap"),
    path("visits/<slug:ref>/units/", visit.units, name="units"),
    path("visits/<slug:ref>/cancel/", visit.cancel, name="cancel"),
    path("visits/<slug:ref>/approve/", visit.approve, name="approve"),
    path("visits/<slug:ref>/publish/", visit.make_known, name="publish"),
    path("visits/<slug:ref>/close/", visit.close, name="close"),
]
urlpatterns = [*plan_rooms, *table_rooms, *visit_rooms]
