"""What came of the demo's receptions?  Duties carried out and open, people asked at home, a report with its suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from petitions.actions import moment
from visits.actions.after import carry_out, revisit, suggest, write_research
from visits.demo.teller import Teller, at_ten
from visits.models import FollowUp, Outcome, Visit


def follow_up(teller: Teller, held: Sequence[Visit]) -> None:
    """Of the first reception everybody was asked but one who could not be reached, and the assignment was carried out."""
    for outcome in Outcome.objects.filter(reception__visit=held[0]).order_by("pk"):
        with moment.at(at_ten(held[0].day + timedelta(days=10))):
            _of(teller, outcome)


def _of(teller: Teller, outcome: Outcome) -> None:
    asked = outcome.follow_ups.get(kind=FollowUp.Kind.REVISIT)
    if outcome.kind == "assigned":
        assert outcome.unit is not None
        duty = outcome.follow_ups.get(kind=FollowUp.Kind.CARRY_OUT)
        carry_out(duty, by=teller.hand_in(outcome.unit), words="补偿款已核对到户，正在公示，公示期满即发放。")
    elif outcome.kind == "resolved":
        revisit(asked, by=teller.supervisor, reached=True, at_home=True, heard="content", settled=True,
                words="路灯修好了，晚上走路亮堂了。")  # fmt: skip
    else:
        revisit(asked, by=teller.supervisor, reached=False)


def research(teller: Teller, visit: Visit) -> None:
    """The down-visit's report; its suggestion went out and waits for the body's answer."""
    outcome = Outcome.objects.filter(reception__visit=visit, kind="assigned").order_by("pk")[0]
    assert outcome.unit is not None
    with moment.at(at_ten(visit.day + timedelta(days=5))):
        row = write_research(
            visit, by=teller.triage, topic="老旧小区管养责任",
            findings="走访三个老旧小区：没有物业，化粪池、路灯、雨水管由谁管养说法不一，同一问题反复反映。",
            suggestion="明确无物业小区公共设施的管养责任单位和经费来源，向居民公布。", to=outcome.unit,
        )  # fmt: skip
        suggest(row, by=teller.head, petition=outcome.petition, basis="三个小区反映的是同一个问题：没有人负责管养。")
