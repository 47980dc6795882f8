"""Figures are what a plain count over the record gives, whatever happened; their lists are as long as they say."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, time, timedelta
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import QuerySet
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.dates import today
from petitions import figures, jobs, reorganise
from petitions.access import visible_to
from petitions.actions import advance, rate, register, run_night
from petitions.actions.take_over import take_over
from petitions.errors import BadInput, NotSeen, Refused, WrongMoment, WrongPerson
from petitions.figures import CURRENT, FORMULAS, MEASURES, Behind, Cut, counts, days, figure, keep, totals
from petitions.figures.bits import Bit
from petitions.keyset import Turn
from petitions.lifecycle import OPEN_STAGES
from petitions.models import (
    Assignment,
    FigureChange,
    FigureDay,
    FigureFact,
    FigureState,
    FigureTotal,
    Filing,
    Petition,
    Proceeding,
)
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.figures.plain_count import plain_count
from tests.petitions.figures.when import on_day
from tests.petitions.test_take_over import case_at

CAPACITIES = ("office", "body")


def compare_all(cast: Cast, *parts: Cut) -> None:
    """Every measure of every unit, from the totals and from the lists, is what a plain count gives; of narrower ``parts`` too."""
    for capacity in CAPACITIES:
        for unit in (cast.office, cast.bureau, cast.sibling, cast.township):
            _compare(cast, Cut(capacity=capacity, unit=unit.pk), MEASURES)
    for part in parts:
        for capacity, unit in zip(CAPACITIES, (cast.office, cast.bureau), strict=True):
            _compare(cast, replace(part, capacity=capacity, unit=unit.pk), ("filings", "open", "closed"))


def _compare(cast: Cast, cut: Cut, listed: Collection[str]) -> None:
    plain, found = plain_count(today(), cut), counts(cast.triage, cut, MEASURES)[""]
    apart = {"first_settled"} if plain["opened_again"] else set()
    checked = {code: many for code, many in found.items() if code not in apart}
    assert checked == {code: plain[code] for code in checked}, cut
    for code in listed:
        if not MEASURES[code].sum_of:
            assert Behind.of(cast.triage, cut, [code]).count() == found[code], (code, cut)


@pytest.fixture
def closed(make: Makes) -> Petition:
    """A matter that has gone the whole way and was rated."""
    petition = make.confirmed()
    filing = petition.filings.get()
    rate(filing, target="unit", value="0")
    rate(filing, target="office", value="3")
    return petition


def test_a_record_is_marked_by_whatever_is_written_into_it(make: Makes) -> None:
    petition = make.registered().petition
    assert list(FigureChange.objects.values_list("petition_id", "day")) == [(petition.pk, today())]


def test_figures_of_a_matter_that_went_the_whole_way(cast: Cast, make: Makes, closed: Petition) -> None:
    make.handling()
    make.sent("assign")
    figures.refresh()
    assert not FigureChange.objects.exists()
    compare_all(cast)
    unit = counts(cast.triage, Cut(capacity="body", unit=cast.bureau.pk), ("content", "rated", "reply_in_time"))[""]
    assert unit == {"content": 1, "rated": 1, "reply_in_time": 1}
    office = counts(cast.triage, Cut(capacity="office"), ("content", "rated", "discontent"))[""]
    assert office == {"content": 0, "rated": 1, "discontent": 1}


ACTS = (
    "registered",
    "sent",
    "signed",
    "handling",
    "issued",
    "delivered",
    "closed",
    "confirmed",
    "studying",
    "duty",
    "settled",
    "joint",
    "asked",
    "reviewing",
    "review_delivered",
    "channelled",
)


def _pick(rows: QuerySet, which: int):  # type: ignore[no-untyped-def,type-arg]
    """One of ``rows``; nothing to pick from is nothing to do."""
    found = list(rows.order_by("pk"))
    return found[which % max(1, len(found))]


class Walk:
    """Random work of an office, through the verbs."""

    def __init__(self, cast: Cast, make: Makes) -> None:
        self.cast, self.make = cast, make

    def act(self, name: str, which: int) -> None:
        """Make something, or go on with something that is there; what the verbs refuse did not happen."""
        try:
            getattr(self, f"_{name}", self._make(name))(which)
        except BadInput:
            raise  # a wrong word in a walk would leave its act out of every history
        except (Refused, IndexError, Assignment.DoesNotExist, AssertionError):
            return

    def _make(self, name: str) -> Callable[[int], None]:
        return lambda which: getattr(self.make, name)() and None

    def _petition(self, which: int) -> Petition:
        return _pick(Petition.objects.all(), which)

    def _letter(self, which: int) -> None:
        more = ({}, {"region": None}, {"category": self.cast.category.parent})[which]
        self.make.registered(channel="letter", **more)

    def _classify(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state__in=["registered", "triaged"]), which)
        category, region = (self.cast.category, self.cast.category.parent)[which % 2], (self.cast.region, self.cast.region.parent, None)[which]  # fmt: skip
        advance("triage", on=filing, by=self.cast.triage, kind=filing.petition.kind, category=category, region=region)

    def _take_over(self, which: int) -> None:
        case, count = case_at(self.cast, ("handling", "delivered", "closed")[which]), Petition.objects.count()
        papers = [replace(paper, number=f"浦资规答〔2026〕{100 + count}号") for paper in case.papers]
        take_over(replace(case, number=f"{case.number}-{count}", papers=papers), by=self.cast.triage)

    def _come_back(self, which: int) -> None:
        run = _pick(Proceeding.objects.filter(kind="outside"), which)
        advance("come_back", on=run, by=self.cast.triage, reason="法院不予立案")

    def _refuse_review(self, which: int) -> None:
        run = _pick(Proceeding.objects.filter(kind="review", state="applied"), which)
        advance("refuse_review", on=run, by=self.cast.reviewer, ground="late", explanation="超过期限")

    def _reorganise(self, which: int) -> None:
        old, new = (self.cast.bureau, self.cast.sibling)[:: (1, -1)[which % 2]]
        part = reorganise.part_of([self.cast.category], [], [])
        seen = reorganise.plan(old, new, part)
        reorganise.split(old, new, part, by=self.cast.system_admin, reason="职能划转", mark=seen.mark)

    def _repeat(self, which: int) -> None:
        register(entry(self.cast), by=self.cast.registrar, under=self._petition(which))

    def _object(self, which: int) -> None:
        held = _pick(Assignment.objects.filter(state="signed"), which)
        advance("object", on=held, by=self.cast.signer, reason="不是本单位职责")
        held.refresh_from_db()
        advance("uphold_objection", on=held, by=self.cast.triage, reason="同意")

    def _send_again(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state="triaged"), which)
        advance("transfer", on=filing, by=self.cast.triage, department=self.cast.sibling)

    def _reply(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state="registered"), which)
        advance("direct_reply", on=filing, by=self.cast.triage, reply="已答复")

    def _merge(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state="registered"), which)
        others = (
            visible_to(self.cast.triage).filter(stage__in=OPEN_STAGES, merged_into=None).exclude(pk=filing.petition_id)
        )
        advance("merge", on=filing, by=self.cast.triage, into=_pick(others, which + 1))

    def _unmerge(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state="merged", repeat=False), which)
        advance("unmerge", on=filing, by=self.cast.triage, reason="不是同一事项")

    def _split(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(state="merged", repeat=True), which)
        advance("split_off", on=filing, by=self.cast.triage, title="另一件事", reason="不是同一事项")

    def _interview(self, which: int) -> None:
        run = _pick(Proceeding.objects.filter(state="handling"), which)
        advance("interview", on=run, by=self.cast.handler, people="信访人", text="见面谈过", note="接谈")

    def _extend(self, which: int) -> None:
        run = _pick(Proceeding.objects.filter(state="handling", kind="handling"), which)
        advance("extend", on=run, by=self.cast.unit_head, days=10, reason="案情复杂")

    def _refuse_closure(self, which: int) -> None:
        run = _pick(Proceeding.objects.filter(state="closed"), which)
        advance("refuse_closure", on=run, by=self.cast.triage, reason="缺送达回证")

    def _judge(self, which: int) -> None:
        petition = _pick(Petition.objects.filter(stage="confirmed"), which)
        advance("judge_resolved", on=petition, by=self.cast.triage, resolved=which % 2 == 0, ground="回访")

    def _rate(self, which: int) -> None:
        filing = _pick(Filing.objects.filter(petition__rateable=True), which)
        units = filing.petition.assignments.filter(lead=True).exclude(state="returned")
        target = ("unit", "office")[which % 2] if units.exists() else "office"
        rate(filing, target=target, value=("0", "3")[which // 2 % 2])

    def _supervise(self, which: int) -> None:
        advance("supervise", on=self._petition(which), by=self.cast.supervisor, trigger="shirking", demand="请说明")


MORE = (
    "repeat",
    "object",
    "send_again",
    "reply",
    "merge",
    "unmerge",
    "split",
    "interview",
    "extend",
    "refuse_closure",
    "judge",
    "rate",
    "supervise",
    "letter",
    "classify",
    "take_over",
    "come_back",
    "refuse_review",
    "reorganise",
)
days_and_acts = st.lists(
    st.tuples(st.sampled_from(ACTS + MORE * 2), st.integers(0, 2), st.sampled_from((0, 0, 0, 3, 20, 70))),
    min_size=4,
    max_size=12,
)
parts_of_a_cut = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 70), st.integers(0, 70)), min_size=2, max_size=3)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(walk=days_and_acts, refreshed=st.sets(st.integers(0, 11)), parts=parts_of_a_cut)
@example(
    walk=[("letter", 2, 0), ("letter", 0, 3)], refreshed=set(), parts=[(5, 2, 70)]
)  # a topmost category is not "no category yet"
def test_random_histories_give_the_same_figures_from_totals_and_from_a_plain_count(
    cast: Cast, make: Makes, walk: list[tuple[str, int, int]], refreshed: set[int], parts: list[tuple[int, int, int]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        office, day = Walk(cast, make), date(2025, 10, 14)
        FigureState.objects.update(done_to=day.replace(day=1))
        kept: dict[date, dict[str, dict[str, int]]] = {}
        with on_day(day):
            for act in ("registered", "registered", "signed", "handling", "closed", "confirmed"):
                office.act(act, 0)
            figures.rebuild()
        for at, (act, which, wait) in enumerate(walk):
            if wait:
                with on_day(day):
                    figures.refresh()
                    kept[day] = _all(cast)
                day += timedelta(days=wait)
                with on_day(day):
                    run_night()
            with on_day(day):
                office.act(act, which)
                if at in refreshed:
                    figures.refresh()
        with on_day(day):
            figures.refresh()
            compare_all(cast, *(part_of(cast, day, *one) for one in parts))
            assert figures.compare() == 0
            before = _all(cast)
            figures.rebuild()
            assert _all(cast) == before
            for then, numbers in kept.items():
                _as_of_again(cast, then, numbers)
        transaction.set_rollback(True)


def part_of(cast: Cast, day: date, filters: int, back: int, length: int) -> Cut:
    """A part: one or two filters, and a period that ended ``back`` days ago; by each of the three days in turn."""
    narrowed = (
        {"channel": "visit"}, {"category": cast.category.pk}, {"region": cast.region.parent_id}, {"channel": "letter", "category": "T02"},
        {"channel": "visit", "region": cast.region.pk}, {"category": f"{cast.category.pk}.-", "region": cast.region.parent_id}, {},
    )[filters]  # fmt: skip
    basis, last = ("registered", "filed", "closed")[(filters + back) % 3], day - timedelta(days=back)
    return Cut(basis=basis, first=last - timedelta(days=length) if length else None, last=last, **narrowed)


def _all(cast: Cast, day: date = CURRENT) -> dict[str, dict[str, int]]:
    return {
        f"{capacity}{basis}": counts(cast.triage, Cut(capacity=capacity, basis=basis, day=day), MEASURES)[""]
        for capacity in CAPACITIES
        for basis in ("registered", "closed")
    }


def _as_of_again(cast: Cast, then: date, numbers: dict[str, dict[str, int]]) -> None:
    """What was counted at the end of a day is counted for that day later: from facts kept, and from the events alone."""
    keep.make_day(then)
    assert _all(cast, then) == numbers, then
    keys = list(Petition.objects.values_list("pk", flat=True))
    kept = set(
        FigureFact.objects.filter(totals_in_force(then)).values_list(
            "petition_id", "filing_id", "capacity", "bits", "unit_id"
        )
    )
    again = {(f.petition_id, f.filing_id, f.capacity, f.bits, f.unit_id) for f in keep.derived(keys, then).values()}
    assert kept == again, then


def totals_in_force(day: date):  # type: ignore[no-untyped-def]
    """Facts that held at the end of ``day``, as a condition of the ORM."""
    from django.db.models import Q

    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def test_the_end_of_a_month_is_frozen_and_what_comes_later_does_not_change_it(cast: Cast, make: Makes) -> None:
    FigureState.objects.update(done_to=date(2026, 3, 1))
    with on_day(date(2026, 3, 30)):
        figures.rebuild()
        FigureState.objects.update(done_to=date(2026, 3, 1))
        filing = make.registered().filing
    with on_day(date(2026, 4, 2)):  # nobody was at work in between
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
        assert figures.refresh().frozen == 1
        march = Cut("office", day=date(2026, 3, 31))
        assert FigureDay.objects.get().frozen and FigureDay.objects.get().day == march.day
        codes = ("route_waits", "route_in_time", "transferred")
        assert counts(cast.triage, march, codes)[""] == {"route_waits": 1, "route_in_time": 0, "transferred": 0}
        assert counts(cast.triage, Cut("office"), codes)[""] == {"route_waits": 0, "route_in_time": 1, "transferred": 1}
        for code in codes:
            assert Behind.of(cast.triage, march, [code]).count() == counts(cast.triage, march, [code])[""][code]
    with on_day(date(2026, 4, 20)):
        frozen = list(FigureTotal.objects.filter(day=march.day).order_by("pk").values_list("pk", "counts"))
        figures.rebuild()
        figures.refresh()
        assert list(FigureTotal.objects.filter(day=march.day).order_by("pk").values_list("pk", "counts")) == frozen


def test_a_duty_becomes_overdue_although_nothing_happens(cast: Cast, make: Makes) -> None:
    with on_day(date(2026, 3, 2)):
        figures.rebuild()
        make.registered()
        figures.refresh()
        assert counts(cast.triage, Cut("office"), ("overdue", "route_waits"))[""] == {"overdue": 0, "route_waits": 1}
    with on_day(date(2026, 3, 25)):
        figures.refresh()
        assert counts(cast.triage, Cut("office"), ("overdue", "route_overdue"))[""] == {
            "overdue": 1,
            "route_overdue": 1,
        }


def test_combined_filters_and_odd_periods_are_counted_from_the_facts_and_agree_with_the_totals(
    cast: Cast, make: Makes
) -> None:
    for at in range(6):
        with on_day(date(2026, 1, 20) + timedelta(days=9 * at)):
            make.registered(channel=("visit", "letter")[at % 2])
            figures.refresh()
    whole = Cut("office", first=date(2026, 1, 1), last=date(2026, 3, 31))
    parts = [
        Cut("office", first=date(2026, 1, 1), last=date(2026, 2, 10)),
        Cut("office", first=date(2026, 2, 11), last=date(2026, 3, 31)),
    ]
    total = counts(cast.triage, whole, ("filings",))[""]["filings"]
    assert total == 6 == sum(counts(cast.triage, part, ("filings",))[""]["filings"] for part in parts)
    both = replace(whole, channel="visit", category=cast.category.pk)
    assert (
        counts(cast.triage, both, ("filings",))[""]["filings"] == 3 == Behind.of(cast.triage, both, ["filings"]).count()
    )
    town = replace(whole, region=cast.region.pk)
    assert counts(cast.triage, town, ("filings",))[""]["filings"] == Behind.of(cast.triage, town, ["filings"]).count()
    for by in ("month", "unit", "category", "region", "channel"):
        assert sum(one["filings"] for one in counts(cast.triage, whole, ("filings",), by=by).values()) == 6


def test_a_breach_is_found_by_the_comparison_and_mended_by_a_rebuild(cast: Cast, make: Makes) -> None:
    make.registered()
    figures.refresh()
    FigureTotal.objects.filter(cube="unit").update(counts=[7] * len(MEASURES))
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_figures", check=True)
    call_command("rebuild_figures")
    call_command("rebuild_figures", check=True)


def test_whoever_sees_no_matters_counts_none(cast: Cast) -> None:
    for actor in (cast.auditor, cast.system_admin, cast.registrar):
        with pytest.raises(WrongPerson):
            counts(actor, Cut("office"), ("filings",))
    with pytest.raises(NotSeen):
        counts(cast.unit_head, Cut("body", unit=cast.sibling.pk), ("filings",))


def test_a_matter_of_a_sibling_is_in_no_number_of_a_unit(cast: Cast, make: Makes) -> None:
    filing = make.registered().filing
    advance("transfer", on=filing, by=cast.triage, department=cast.sibling)
    make.sent()
    figures.refresh()
    assert counts(cast.unit_head, Cut("body"), ("matters",))[""]["matters"] == 1
    assert counts(cast.triage, Cut("body"), ("matters",))[""]["matters"] == 2
    page = Behind.of(cast.unit_head, Cut("body"), ["matters"]).page(Turn())
    assert [row.responsible_id for row in page.rows] == [cast.bureau.pk]


# --- days that are over ----------------------------------------------------------------------------------------------

MARCH = date(2026, 3, 31)
CODES = ("route_waits", "route_in_time", "transferred")
WAITS, SENT = {"route_waits": 1, "route_in_time": 0, "transferred": 0}, {"route_waits": 0, "route_in_time": 1, "transferred": 1}  # fmt: skip


@pytest.fixture
def late_march(cast: Cast, make: Makes) -> Filing:
    """A filing registered on 30 March, its figures up to date; no month's end is frozen yet."""
    with on_day(date(2026, 3, 30)):
        figures.rebuild()
        FigureState.objects.update(done_to=date(2026, 3, 1))
        filing = make.registered().filing
        figures.refresh()
    return filing


def test_a_past_day_is_counted_only_once_everything_written_until_then_is_taken_up(
    cast: Cast, late_march: Filing
) -> None:
    day = date(2026, 4, 1)
    with on_day(day, time(23, 59)):
        advance("transfer", on=late_march, by=cast.triage, department=cast.bureau)
    with on_day(day + timedelta(days=1), time(0, 0, 30)):  # the minute's run has not been here yet
        keep.make_day(day)
        assert counts(cast.triage, Cut("office", day=day), CODES)[""] == SENT
        assert figures.compare() == 0


def test_a_past_day_that_cannot_be_counted_yet_waits_and_is_tried_again(
    cast: Cast, late_march: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 4, 1)
    with on_day(day):
        advance("transfer", on=late_march, by=cast.triage, department=cast.bureau)
    with on_day(day + timedelta(days=1)):
        job = days.ask(day, by=cast.triage)
        with monkeypatch.context() as busy:  # another worker holds the figures
            busy.setattr(keep, "refresh", keep.Done)
            assert jobs.run(job.ref) == "waiting"
        job.refresh_from_db()
        assert "稍后自动再算" in job.word and job.ref in jobs.waiting()
        assert not FigureDay.objects.filter(day=day, made_at__isnull=False).exists()
        assert jobs.run(job.ref) == "ended"
        assert counts(cast.triage, Cut("office", day=day), CODES)[""] == SENT


def test_an_end_of_a_month_that_was_missed_before_an_upgrade_is_frozen_as_it_stood_then(
    cast: Cast, late_march: Filing
) -> None:
    with on_day(
        date(2026, 4, 2)
    ):  # the office was closed over the end of the month; the new version has other measures
        FigureState.objects.update(measures="another")
        advance("transfer", on=late_march, by=cast.triage, department=cast.bureau)
        figures.refresh()
        assert FigureDay.objects.get().day == MARCH and FigureDay.objects.get().frozen
        assert counts(cast.triage, Cut("office", day=MARCH), CODES)[""] == WAITS
        assert counts(cast.triage, Cut("office"), CODES)[""] == SENT
        assert Behind.of(cast.triage, Cut("office", day=MARCH), ["route_waits"]).count() == 1
        assert figures.compare() == 0


def test_a_day_before_a_reorganisation_belongs_to_the_body_that_had_the_matter_then(cast: Cast, make: Makes) -> None:
    with on_day(MARCH):
        make.handling()
    with on_day(date(2026, 4, 2)):
        part = reorganise.part_of([cast.category], [], [])
        seen = reorganise.plan(cast.bureau, cast.sibling, part)
        reorganise.split(cast.bureau, cast.sibling, part, by=cast.system_admin, reason="职能划转", mark=seen.mark)
        figures.refresh()
        keep.make_day(MARCH)  # before facts were kept: from the events
        then, now = (counts(cast.triage, Cut("body", day=day), ("matters",), by="unit") for day in (MARCH, CURRENT))
        assert then == {str(cast.bureau.pk): {"matters": 1}}
        assert now == {str(cast.sibling.pk): {"matters": 1}}


def test_an_end_of_a_month_before_facts_were_kept_is_frozen_from_the_events(cast: Cast, make: Makes) -> None:
    FigureState.objects.update(done_to=date(2026, 3, 1))
    with on_day(date(2026, 3, 30)):
        filing = make.registered().filing
    with on_day(date(2026, 4, 2)):
        advance("transfer", on=filing, by=cast.triage, department=cast.bureau)
        figures.refresh()
        assert FigureDay.objects.get().frozen
        assert counts(cast.triage, Cut("office", day=MARCH), CODES)[""] == WAITS
        assert figures.compare() == 0


def test_what_is_committed_after_its_day_was_frozen_shows_in_the_next_one(cast: Cast, late_march: Filing) -> None:
    with on_day(date(2026, 4, 1)):
        figures.refresh()
    with on_day(MARCH):  # written on the last evening, seen only afterwards
        advance("transfer", on=late_march, by=cast.triage, department=cast.bureau)
    with on_day(date(2026, 4, 1)):
        figures.refresh()
        march = Cut("office", day=MARCH)
        assert counts(cast.triage, march, CODES)[""] == WAITS
        assert Behind.of(cast.triage, march, ["transferred"]).count() == 0
        assert counts(cast.triage, Cut("office"), CODES)[""] == SENT
        assert figures.compare() == 0


def test_a_frozen_day_is_read_by_the_measures_it_was_counted_in(cast: Cast, late_march: Filing) -> None:
    with on_day(date(2026, 4, 1)):
        figures.refresh()
    row = FigureDay.objects.get()
    assert row.measures == list(MEASURES)
    FigureDay.objects.update(measures=["gone_since", *(code for code in MEASURES if code != "resolved")])
    for total in FigureTotal.objects.filter(day=MARCH):
        at = list(MEASURES).index("resolved")
        FigureTotal.objects.filter(pk=total.pk).update(counts=[99, *total.counts[:at], *total.counts[at + 1 :]])
    march = Cut("office", day=MARCH)
    assert counts(cast.triage, march, CODES)[""] == WAITS
    assert counts(cast.triage, march, ("filings", "resolved"))[""] == {"filings": 1}  # it never counted the other
    assert totals.differences(MARCH) == 0
    with pytest.raises(WrongMoment):
        Behind.of(cast.triage, march, ["resolved"])


def test_an_indicator_that_a_past_day_does_not_know_is_a_dash(cast: Cast, late_march: Filing) -> None:
    with on_day(date(2026, 4, 1)):
        figures.refresh()
    FigureDay.objects.update(measures=[code for code in MEASURES if not code.startswith("stock")])
    assert figure(cast.triage, "stock_cleared", Cut("office", day=MARCH)).value is None


def test_a_comparison_changes_nothing_and_says_when_the_measures_are_others(cast: Cast, make: Makes) -> None:
    figures.rebuild()
    make.registered()
    assert figures.compare() == 0
    assert FigureChange.objects.count() == 1 and not FigureFact.objects.exists()
    FigureState.objects.update(measures="another")
    with pytest.raises(CommandError, match="measures"):
        call_command("rebuild_figures", check=True)
    assert FigureState.objects.get().measures == "another"


def test_a_frozen_day_that_is_not_what_its_facts_add_up_to_is_found(cast: Cast, late_march: Filing) -> None:
    with on_day(date(2026, 4, 1)):
        figures.refresh()
        assert figures.compare() == 0
        FigureTotal.objects.filter(day=MARCH, cube="unit", basis="filed").update(counts=[7] * len(MEASURES))
        said: list[str] = []
        assert figures.compare(said.append) > 0
        assert any(str(MARCH) in line for line in said)


def test_a_stock_is_of_claims_and_not_of_suggestions(cast: Cast, make: Makes) -> None:
    with on_day(date(2025, 12, 20)):
        make.registered()
        make.registered(kind="suggestion")
    with on_day(date(2026, 1, 5)):
        figures.refresh()
        found = counts(cast.triage, Cut("office"), ("stock", "stock_claims"))[""]
        assert found == {"stock": 2, "stock_claims": 1}
        assert figure(cast.triage, "stock_cleared", Cut("office")).below == 1


def test_what_was_derived_twice_for_a_day_is_taken_out_by_the_migration_and_the_day_counted_again(
    cast: Cast, make: Makes
) -> None:
    upgrade = import_module("petitions.migrations.0038_figure_days")
    with on_day(MARCH):
        make.registered()
    with on_day(date(2026, 4, 2)):
        figures.refresh()
        keep.make_day(MARCH)
        with connection.cursor() as cursor:  # a table of the same name that is found first, without the new key
            cursor.execute("CREATE TEMP TABLE petitions_figurefact AS TABLE petitions_figurefact")
            cursor.execute(
                "INSERT INTO petitions_figurefact SELECT * FROM petitions_figurefact WHERE valid_to IS NOT NULL"
            )
            cursor.execute("UPDATE petitions_figurefact SET id = -row FROM (SELECT ctid AS at, row_number() OVER () AS row FROM petitions_figurefact) n WHERE ctid = at")  # fmt: skip
            FigureDay.objects.update(measures=[])
            cursor.execute(upgrade.NAMED)
            assert FigureDay.objects.get().measures == upgrade.MEASURES.split() == list(MEASURES)[:47]
            cursor.execute(upgrade.ONCE)
            cursor.execute("SELECT count(*) FROM petitions_figurefact WHERE valid_to IS NOT NULL")
            assert cursor.fetchone() == (1,)
            cursor.execute("DROP TABLE petitions_figurefact")
        assert not days.ready(MARCH) and not FigureTotal.objects.filter(day=MARCH).exists()
        keep.make_day(MARCH)
        assert FigureFact.objects.exclude(valid_to=None).count() == 1
        assert counts(cast.triage, Cut("office", day=MARCH), ("filings",))[""] == {"filings": 1}


# --- what is frozen of the rules themselves --------------------------------------------------------------------------


def test_a_bit_keeps_its_number_for_good() -> None:
    assert {bit.name: int(bit).bit_length() - 1 for bit in Bit} == {name: at for at, name in enumerate(BITS)}


def test_measures_are_only_added_at_the_end() -> None:
    """Until everything has been made anew after an upgrade, what goes on is read by the place."""
    assert list(MEASURES)[: len(KNOWN)] == KNOWN


def test_a_formula_that_figures_were_given_by_never_changes() -> None:
    """Another reckoning is another row, with a code and a version of its own; here it is added, and nothing altered."""
    assert {code: (one.version, one.digest) for code, one in FORMULAS.items()} == GIVEN


BITS = (
    "MATTER", "REPEAT", "CLAIM", "JOINT", "CLOSED", "ROUTE_IN_TIME", "ROUTE_LATE", "ROUTE_OVERDUE", "ROUTE_WAITS", "NOTIFY_IN_TIME",
    "NOTIFY_LATE", "NOTIFY_OVERDUE", "NOTIFY_WAITS", "REPLY_IN_TIME", "REPLY_LATE", "REPLY_OVERDUE", "REPLY_WAITS", "RATEABLE", "RATED",
    "CONTENT", "DISCONTENT", "UNRATED", "AGAIN", "AGAIN_AFTER", "CONTACTED", "LONG", "RESOLVED", "SPONSORED", "STOCK", "TRANSFERRED",
    "ASSIGNED", "SUPERVISED", "EXTENDED", "OPINION", "OVERDUE", "NOTIFIED", "REPLIED",
)  # fmt: skip
KNOWN = ["filings", "repeats", "matters", "claims", "suggestions", "joint", "closed", "open", "overdue", "route_in_time", "route_late", "route_overdue", "route_waits", "notify_in_time", "notify_late", "notify_overdue", "notify_waits", "reply_in_time", "reply_late", "reply_overdue", "reply_waits", "rateable", "rated", "content", "discontent", "unrated", "first_closed", "first_settled", "matters_closed", "closed_again", "again", "contacted", "long", "long_resolved", "sponsored", "sponsored_resolved", "resolved", "stock", "stock_closed", "transferred", "assigned", "supervised", "extended", "notify_days", "notified", "reply_days", "replied", "stock_claims", "stock_claims_closed"]  # fmt: skip
GIVEN = {
    "filings": (1, "a89508cd1ab4"),
    "matters": (1, "25da1a48a6dc"),
    "open": (1, "3eb3ee148d15"),
    "overdue": (1, "0cd2ef74a842"),
    "closed": (1, "54cb82926152"),
    "route_in_time": (1, "7a50a539b985"),
    "notify_in_time": (1, "849da4c0946a"),
    "reply_due": (1, "be483fa6393e"),
    "reply_all": (1, "69e886853862"),
    "content_of_rated": (1, "1031db2ceb40"),
    "content_with_unrated": (1, "794171adb48a"),
    "rated": (1, "4d6563cbcb29"),
    "rated_content_apart": (1, "7b4adbad8802"),
    "rated_content_product": (1, "82cca65ffed0"),
    "settled_first": (1, "8cda80664d02"),
    "repeats_of_filings": (1, "ed904b3bfa2b"),
    "repeats_of_closed": (1, "e4e2ded156b6"),
    "long_resolved": (1, "7ed4600ed9cb"),
    "contacted": (1, "28966ade7aec"),
    "notify_days": (1, "58520f43542b"),
    "reply_days": (1, "e9f1fe9bf944"),
    "sponsored_resolved": (1, "2e4cdf31885f"),
    "stock_cleared": (1, "27f7caef2c5a"),
    "stock_claims_cleared": (2, "3248bb6849ee"),
    "inflow": (1, "a732dab1e6a0"),
    "unsettled": (1, "0ac30dc653e7"),
}  # fmt: skip
