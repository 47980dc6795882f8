"""Which address is answered by which room?  Each room adds its own lines."""

from __future__ import annotations

from django.urls import path

from visits.views import (
    after,
    chosen,
    counter,
    figures,
    matter,
    pack,
    plan,
    research,
    room,
    sponsored,
    tables,
    visit,
    walls,
)

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
    path("visits/tables/pledges/adopt/", tables.adopt_pledges, name="adopt_pledges"),
    path("visits/tables/pledges/add/", tables.add_pledge, name="add_pledge"),
    path("visits/tables/pledges/<int:pk>/end/", tables.end_pledge, name="end_pledge"),
    path("visits/tables/numbers/", tables.number, name="number"),
]
day_rooms = [
    path("visits/walls/", walls.walls, name="walls"),
    path("visits/walls/add/", walls.make, name="make_wall"),
    path("visits/walls/<int:pk>/withdraw/", walls.withdraw, name="withdraw_wall"),
    path("visits/day/", room.board, name="board"),
    path("visits/bookings/<slug:ref>/arrive/", counter.arrive, name="arrive"),
    path("visits/bookings/<slug:ref>/give-back/", counter.give_back, name="give_back"),
    path("visits/bookings/<slug:ref>/told/", counter.told, name="told"),
    path("visits/bookings/<slug:ref>/new-code/", counter.new_code, name="new_code"),
    path("visits/receptions/<slug:ref>/record/", room.record, name="record"),
    path("visits/receptions/<slug:ref>/room/", room.to_room, name="to_room"),
    path("visits/receptions/<slug:ref>/leave/", room.leave, name="leave"),
    path("visits/receptions/<slug:ref>/back/", room.back, name="back"),
]
after_rooms = [
    path("visits/where/", chosen.where, name="where"),
    path("visits/figures/", figures.figures, name="figures"),
    path("visits/figures/sheet/", figures.spreadsheet, name="figures_sheet"),
    path("visits/figures/<slug:code>/", figures.listed, name="figure"),
    path("visits/follow-ups/", after.follow_ups, name="follow_ups"),
    path("visits/follow-ups/<slug:ref>/", after.follow_up, name="follow_up"),
    path("visits/briefs/<slug:ref>/", pack.brief, name="brief"),
    path("visits/sponsored/", sponsored.sponsored, name="sponsored"),
    path("visits/sponsored/add/", sponsored.put_up, name="put_up"),
    path("visits/sponsored/<slug:ref>/", sponsored.sponsorship, name="sponsorship"),
    path("visits/sponsored/<slug:ref>/plan/", sponsored.plan_case, name="plan_case"),
    path("visits/sponsored/<slug:ref>/milestone/", sponsored.milestone, name="milestone"),
    path("visits/sponsored/<slug:ref>/more-time/", sponsored.more_time, name="more_time"),
    path("visits/sponsored/<slug:ref>/decide/", sponsored.decide, name="decide"),
    path("visits/sponsored/<slug:ref>/hand-over/", sponsored.hand_over, name="hand_over"),
    path("visits/sponsored/<slug:ref>/report/", sponsored.report_case, name="report_case"),
    path("visits/sponsored/<slug:ref>/verify/", sponsored.verify, name="verify"),
    path("visits/research/<slug:ref>/", research.report, name="report"),
    path("visits/research/<slug:ref>/suggest/", research.suggest, name="suggest"),
]
visit_rooms = [
    path("petitions/<slug:ref>/visits/", matter.of_matter, name="of_matter"),
    path("visits/<slug:ref>/", visit.visit, name="visit"),
    path("visits/<slug:ref>/move/", visit.move, name="move"),
    path("visits/<slug:ref>/substitute/", visit.substitute, name="substitute"),
    path("visits/<slug:ref>/swap/", visit.swap, name="swap"),
    path("visits/<slug:ref>/units/", visit.units, name="units"),
    path("visits/<slug:ref>/cannot-come/", visit.cannot_come, name="cannot_come"),
    path("visits/<slug:ref>/cancel/", visit.cancel, name="cancel"),
    path("visits/<slug:ref>/approve/", visit.approve, name="approve"),
    path("visits/<slug:ref>/publish/", visit.make_known, name="publish"),
    path("visits/<slug:ref>/close/", visit.close, name="close"),
    path("visits/<slug:ref>/pack/", pack.pack, name="pack"),
    path("visits/<slug:ref>/pack/ask/", pack.ask, name="ask_brief"),
    path("visits/<slug:ref>/pack/order/", pack.order, name="order"),
    path("visits/<slug:ref>/book/", counter.book, name="book"),
    path("visits/<slug:ref>/walk-in/", counter.walk_in, name="walk_in"),
    path("visits/<slug:ref>/room/", room.room, name="room"),
    path("visits/<slug:ref>/call/", room.call, name="call"),
    path("visits/<slug:ref>/carry/", chosen.carry, name="carry"),
    path("visits/<slug:ref>/carried/<int:pk>/", chosen.consent, name="consent"),
    path("visits/<slug:ref>/carried/<int:pk>/drop/", chosen.take_out, name="take_out"),
    path("visits/<slug:ref>/research/", research.research, name="research"),
]
urlpatterns = [*plan_rooms, *table_rooms, *day_rooms, *after_rooms, *visit_rooms]
