"""What does a night find?  Planted bursts with the very cases behind them, once; nothing of a person is read on the way."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Region
from petitions import likeness, near_texts, rarity
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.models import Advice, Category, Paper, Pattern, PatternCase, PatternNight, Petition
from petitions.patterns import night, reading, topics, verbs
from petitions.patterns.cells import Days as Days_
from petitions.patterns.growth import LEAST, WINDOW
from tests.cast import Cast
from tests.makes import Makes
from tests.visits.conftest import Days, next_workday
from visits.actions.plan import add_about
from visits.models import Form, Visit

SignIn = Callable[[Actor], Client]
_numbers = count(1)
HOURS = "夜间施工噪声扰民"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "tdb2020c_hot.jsonl.gz"


def plant(cast: Cast, on: date, many: int, **changes: Any) -> list[Petition]:
    """``many`` matters received on a day, as plain rows."""
    first: dict[str, Any] = {
        "title": "反映承包地征收", "content": "", "category": cast.category, "region": cast.region, "office": cast.office,
        "received_on": on, "registered_at": timezone.now(), "stage": "registered", "lead_name": "王小明",
        "responsible": cast.bureau,
    }  # fmt: skip
    rows = [Petition(number=f"T{next(_numbers):06}", **(first | changes)) for _ in range(many)]
    return Petition.objects.bulk_create(rows)


def past(cast: Cast, each: int = 1, **changes: Any) -> None:
    """``each`` in every stretch before, and as many in last year's same days, a day apart."""
    for stretch in range(1, 8):
        plant(cast, today() - timedelta(days=WINDOW * stretch + 5), each, **changes)
    for days in (364, 364 + WINDOW - 10):
        plant(cast, today() - timedelta(days=days), each, **changes)
    plant(cast, today() - timedelta(days=500), each, **changes)


@pytest.fixture
def burst(cast: Cast) -> list[Petition]:
    past(cast)
    return plant(cast, today() - timedelta(days=3), 14)


@pytest.fixture
def found(burst: list[Petition]) -> Pattern:
    assert night.run_night() == 1
    return Pattern.objects.get()


# --- what is found -------------------------------------------------------------------------------------------------


def test_a_planted_burst_is_one_warning_in_the_narrowest_cell_with_its_very_cases(
    cast: Cast, burst: list[Petition], found: Pattern
) -> None:
    assert (found.kind, found.category, found.unit) == ("growth", cast.category, cast.bureau)
    assert found.region == Region.objects.get(code="330726101000") and found.count == 14
    cases = PatternCase.objects.filter(pattern=found)
    assert set(cases.filter(part="now").values_list("petition", flat=True)) == {row.pk for row in burst}
    assert Counter(cases.values_list("part", flat=True)) == {"now": 14, "before": 6, "season": 2}
    assert found.numbers["before"] == [1] * 6 and found.numbers["season"] == 2


def test_every_warning_is_reached_page_by_page_and_back(cast: Cast, found: Pattern, signed_in: SignIn) -> None:
    """As many on one day as on several, so that the day alone does not tell them apart."""
    days = (today(), today() - timedelta(days=1), today() - timedelta(days=1), today() - timedelta(days=9))
    more = [
        Pattern.objects.create(kind="growth", first=day, last=day, count=5, numbers=found.numbers, raised_on=day)
        for day in days * 30
    ]
    client, seen, address = signed_in(cast.head), list[str](), "/patterns/?state=new"
    while address:
        context = client.get(address).context
        seen += [line["row"].ref for line in context["lines"]]
        assert context["page"].count == 121
        address = f"/patterns/?state=new&after={context['page'].after}" if context["page"].after else ""
    every = sorted([found, *more], key=lambda row: (row.raised_on, row.pk), reverse=True)
    assert seen == [row.ref for row in every]
    back = client.get(f"/patterns/?state=new&before={context['page'].before}").context
    at = seen.index(context["lines"][0]["row"].ref)
    assert [line["row"].ref for line in back["lines"]] == seen[at - len(back["lines"]) : at] and len(back["lines"]) > 1


def test_a_warning_is_raised_once_whatever_became_of_it(cast: Cast, found: Pattern) -> None:
    for days in range(1, 15):
        assert night.run_night(today() + timedelta(days=days)) == 0
    verbs.set_aside(found, by=cast.supervisor, reason="集中咨询")
    assert night.run_night(today() + timedelta(days=20)) == 0
    assert Pattern.objects.count() == 1


def test_a_night_that_is_run_again_does_no_step_twice(cast: Cast, found: Pattern) -> None:
    Pattern.objects.all().delete()
    assert night.run_night() == 0
    assert night.GROWTH in PatternNight.objects.get(day=today()).done


@pytest.mark.parametrize("many", [1, LEAST - 1])
def test_fewer_than_five_are_never_a_warning(cast: Cast, many: int) -> None:
    past(cast, 0)
    plant(cast, today() - timedelta(days=500), 1, category=None)
    plant(cast, today() - timedelta(days=3), many)
    assert night.run_night() == 0


def test_what_came_as_often_last_year_is_no_warning(cast: Cast) -> None:
    past(cast)
    plant(cast, today() - timedelta(days=366), 14)
    plant(cast, today() - timedelta(days=3), 14)
    assert night.run_night() == 0


def test_matters_merged_into_one_are_counted_once(cast: Cast) -> None:
    past(cast)
    (head,) = plant(cast, today() - timedelta(days=3), 1)
    plant(cast, today() - timedelta(days=3), 13, merged_into=head)
    assert night.run_night() == 0


def test_a_written_place_is_a_project_of_its_own_across_categories(cast: Cast) -> None:
    other = Category.objects.create(code="T0301", name="住房保障", parent=Category.objects.get(code="T02"))
    past(cast)
    for category in (cast.category, other, None):
        plant(
            cast, today() - timedelta(days=2), 4, place="滨江花园二期", category=category, region=None, responsible=None
        )
    assert night.run_night() == 1
    row = Pattern.objects.get()
    assert (row.kind, row.place, row.count, row.region, row.category) == ("place", "滨江花园二期", 12, None, None)


def test_the_same_name_in_two_towns_is_two_places(cast: Cast) -> None:
    """Three in each are no burst; seven in one of them are, and the other town's three are none of its cases."""
    past(cast)
    other = _town(cast)
    plant(cast, today() - timedelta(days=2), 3, place="中心路", region=other, category=None, responsible=None)
    plant(cast, today() - timedelta(days=2), 3, place="中心路", category=None, responsible=None)
    assert night.run_night() == 0
    PatternNight.objects.all().delete()
    mine = plant(cast, today() - timedelta(days=2), 4, place="中心路", category=None, responsible=None)
    assert night.run_night() == 1
    row = Pattern.objects.get()
    assert (row.kind, row.place, row.count) == ("place", "中心路", 7)
    assert row.region is not None and row.region.code[:9] == cast.region.code[:9]
    held = set(row.cases.filter(part="now").values_list("petition", flat=True))
    assert {one.pk for one in mine} < held and not Petition.objects.filter(pk__in=held, region=other).exists()


def test_a_place_whose_cases_are_of_one_category_is_a_warning_of_that_category(cast: Cast) -> None:
    past(cast)
    plant(cast, today() - timedelta(days=2), 9, place="中心路", responsible=None)
    assert night.run_night() == 1
    row = Pattern.objects.get()
    assert (row.kind, row.place, row.category) == ("place", "中心路", cast.category)


def test_a_project_is_one_however_its_place_is_written(cast: Cast) -> None:
    past(cast)
    for place in ("滨江安置房", "檀溪镇滨江安置房3幢", "檀溪镇寺前村滨江安置房 工地", "滨江安置房东侧"):
        plant(cast, today() - timedelta(days=2), 3, place=place, category=None, responsible=None)
    assert night.run_night() == 1
    row = Pattern.objects.get()
    assert (row.kind, row.place, row.count) == ("place", "滨江安置房", 12)
    assert row.cases.filter(part="now").count() == 12


@pytest.mark.parametrize(
    ("place", "project"),
    [
        ("滨江安置房", "滨江安置房"), ("浦江县檀溪镇滨江安置房3幢", "滨江安置房"), ("城北供水工程", "城北供水工程"), ("中心路", ""),
        ("寺前村1号", ""), ("工程", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_written_place_names_its_project_without_what_it_lies_in(place: str, project: str) -> None:
    assert likeness.project_in(place) == project


def _town(cast: Cast) -> Region:
    """Another town of the county, with nothing in it."""
    code = f"{cast.region.code[:6]}199"
    above = Region.objects.filter(level="county").first()
    return Region.objects.create(code=f"{code}000", name="杭坪镇", level="town", parent=above)


# --- hot topics ----------------------------------------------------------------------------------------------------

NEAR = (
    "阳光花园三期地下车库连日渗水，宏达置业推诿不修，请求督促。", "我家住阳光花园三期，地下车库渗水严重，宏达置业一直不来修。",
    "阳光花园三期车库渗水，车辆被泡，找宏达置业无人处理。", "反映宏达置业开发的阳光花园三期地下车库渗水问题。",
    "阳光花园三期地下车库又渗水了，物业说是宏达置业的责任。", "阳光花园三期业主反映地下车库渗水，要求宏达置业维修。",
)  # fmt: skip
FAR = ("村里的路灯坏了半年，晚上出行不便。", "公交车班次太少，老人赶集要走很远。", "孩子上学要跨区，请求就近入学。",
       "农贸市场卫生差，污水横流。", "医保报销手续繁琐，跑了三趟。", "果园被野猪糟蹋，请求补偿。")  # fmt: skip


def test_near_texts_of_one_town_are_one_topic_named_by_the_project(cast: Cast) -> None:
    past(cast, category=None)
    mine = [
        row
        for text in NEAR
        for row in plant(cast, today() - timedelta(days=4), 1, title="反映问题", content=text, category=None)
    ]
    for text in FAR:
        plant(cast, today() - timedelta(days=4), 1, title=text[:8], content=text, category=None)
    plant(cast, today() - timedelta(days=600), 300, title="反映其他问题", category=None)
    rarity.count()
    assert night.run_night() == 1
    row = Pattern.objects.get()
    assert row.kind == "topic" and "阳光花园" in row.place
    now = PatternCase.objects.filter(pattern=row, part="now")
    assert set(now.values_list("petition", flat=True)) == {one.pk for one in mine}
    assert row.numbers["before"] == [0] * 6


def test_a_topic_that_was_always_there_is_not_hot(cast: Cast) -> None:
    past(cast, category=None)
    for weeks in range(7):
        for text in NEAR:
            plant(cast, today() - timedelta(days=4 + WINDOW * weeks), 1, title="反映问题", content=text, category=None)
    rarity.count()
    assert night.run_night() == 0


def test_a_topic_whose_past_the_index_of_words_cannot_find_is_not_hot(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large record its words are held by too many matters to be asked for: that is no past of noughts."""
    for bound in ("OF_EACH", "OF_RUN"):
        monkeypatch.setattr(near_texts, bound, 5)
    past(cast, category=None)
    for weeks in range(7):
        for text in NEAR:
            plant(cast, today() - timedelta(days=4 + WINDOW * weeks), 1, title="反映问题", content=text, category=None)
    rarity.count()
    assert night.run_night() == 0


# --- nothing of a person -------------------------------------------------------------------------------------------

# Tables that hold people, and columns of matters and filings that say who brought them or how often.
_PERSON = re.compile(
    r"petitions_petitioner|petitions_party\b|petitions_filing|lead_name|hide_name|head_count|id_hash|phone|name_initials"
    r"|id_number|address|birth_date|visits_reception|visits_booking"
)


def test_no_statement_of_a_night_or_of_its_pages_numbers_reads_anything_of_a_person(
    cast: Cast, burst: list[Petition]
) -> None:
    for text in NEAR:
        plant(cast, today() - timedelta(days=4), 1, title="反映问题", content=text)
    rarity.count()
    with CaptureQueriesContext(connection) as asked:
        assert night.run_night() == 2
        for row in Pattern.objects.all():
            reading.parts_of(cast.supervisor, row)
            reading.name_of(row)
    # A body's own telephone and address are no person's.
    said = [re.sub(r'"accounts_department"\."\w+"', "", query["sql"]) for query in asked.captured_queries]
    assert len(said) > 20
    assert [sql for sql in said if _PERSON.search(sql)] == []


def test_a_night_reads_no_table_that_is_not_named_here(cast: Cast, burst: list[Petition]) -> None:
    """Sealed reports have tables of their own: none of them, nor any other that is added, enters unseen."""
    with CaptureQueriesContext(connection) as asked:
        night.run_night()
    tables = {name for query in asked.captured_queries for name in re.findall(r'(?:FROM|JOIN) "?(\w+)"?', query["sql"])}
    allowed = {"petitions_petition", "petitions_pattern", "petitions_patterncase", "petitions_patternnight", "petitions_clock",
               "petitions_rating", "petitions_wordcount", "accounts_region", "unnest"}  # fmt: skip
    assert {name for name in tables if name.startswith(("petitions_", "accounts_", "visits_"))} <= allowed


def test_the_days_of_a_night_are_bounded_and_lie_on_the_index_of_days(cast: Cast, burst: list[Petition]) -> None:
    with CaptureQueriesContext(connection) as asked:
        night.run_night()
    reads = [q["sql"] for q in asked.captured_queries if "GROUP BY" in q["sql"] and "petitions_petition" in q["sql"]]
    assert reads and all("received_on" in sql for sql in reads)


# --- who sees it, and what is done ---------------------------------------------------------------------------------


def test_every_number_is_as_long_as_its_list(cast: Cast, found: Pattern) -> None:
    for part in reading.parts_of(cast.head, found):
        assert part.count == reading.cases_of(cast.head, found, part.code).count()
        for share in part.shares:
            if share.count is not None:
                assert share.count == reading.cases_of(cast.head, found, part.code, share.mark).count()


def test_a_marked_group_smaller_than_five_is_not_told_and_not_listed(
    cast: Cast, found: Pattern, signed_in: SignIn
) -> None:
    PatternCase.objects.filter(
        pk__in=list(PatternCase.objects.filter(part="now").values_list("pk", flat=True)[:3])
    ).update(joint=True)
    client = signed_in(cast.supervisor)
    page = client.get(f"/patterns/{found.ref}/").content.decode()
    assert "不足5件" in page
    assert client.get(f"/patterns/{found.ref}/?part=now&mark=joint").status_code == 404


def test_a_unit_head_sees_it_when_every_case_of_it_is_in_scope(cast: Cast, found: Pattern) -> None:
    assert not reading.visible_to(cast.unit_head).exists()
    for row in Petition.objects.all():
        row.reach.create(department=cast.bureau, role="lead", tray="", received_on=row.received_on, open=True)
    assert reading.visible_to(cast.unit_head).get() == found
    assert not reading.visible_to(cast.sibling_head).exists()
    with pytest.raises(WrongPerson):
        verbs.look(found, by=cast.unit_head)
    with pytest.raises(NotSeen):
        verbs.look(found, by=cast.sibling_head)


def test_it_is_set_aside_with_a_reason_and_taken_up_again(cast: Cast, found: Pattern) -> None:
    with pytest.raises(BadInput):
        verbs.set_aside(found, by=cast.head, reason=" ")
    verbs.set_aside(found, by=cast.head, reason="同一通知引起的咨询")
    with pytest.raises(WrongMoment):
        verbs.look(found, by=cast.head)
    verbs.take_again(found, by=cast.head)
    found.refresh_from_db()
    assert found.state == "seen" and [step.step for step in found.steps.order_by("pk")] == ["aside", "again"]


def test_it_becomes_a_suggestion_to_better_a_policy_with_its_numbers(
    cast: Cast, make: Makes, found: Pattern, signed_in: SignIn
) -> None:
    matter = make.registered().petition
    PatternCase.objects.create(pattern=found, petition=matter, part="now")
    client, path = signed_in(cast.supervisor), f"/patterns/{found.ref}/suggest/"
    assert "14件" in client.get(path).content.decode()
    said = {
        "matter": matter.pk,
        "department": cast.bureau.pk,
        "facts": "十四件",
        "suggestion": "修订补偿标准",
        "basis": "土地管理法",
    }
    assert client.post(path, {**said, "idempotency_key": "k1"}).status_code == 302
    assert client.post(path, {**said, "idempotency_key": "k1"}).status_code == 302
    advice = Advice.objects.get()
    assert (advice.kind, advice.department, advice.petition) == ("policy", cast.bureau, matter)
    assert Paper.objects.filter(petition=matter, kind="advice_policy").count() == 1
    found.refresh_from_db()
    assert found.state == "turned" and found.steps.get().target == advice.ref


def test_a_suggestion_with_a_matter_that_is_none_of_its_cases_is_refused(
    cast: Cast, make: Makes, found: Pattern
) -> None:
    with pytest.raises(NotSeen):
        verbs.to_suggestion(
            found,
            by=cast.head,
            on=make.registered().petition,
            department=cast.bureau,
            facts="1",
            suggestion="2",
            basis="3",
        )
    assert not Advice.objects.exists()


def test_it_becomes_a_visit_about_it(cast: Cast, found: Pattern, signed_in: SignIn) -> None:
    days = Days(cast)
    path = f"/visits/add/?pattern={found.ref}"
    page = signed_in(cast.head).get(path).content.decode()
    assert "檀溪镇" in page and "土地征收" in page
    visit = add_about(
        cast.head, found, leader=cast.leader.post, day=next_workday(12), starts=Visit._meta.get_field("starts").to_python("09:00"),
        ends=Visit._meta.get_field("ends").to_python("11:00"), place=days.town, form=Form.THEMATIC, topic=reading.name_of(found),
    )  # fmt: skip
    found.refresh_from_db()
    assert found.state == "turned" and found.steps.get().target == visit.ref
    assert f"/visits/{visit.ref}/" in signed_in(cast.head).get(f"/patterns/{found.ref}/").content.decode()
    assert signed_in(cast.head).get("/visits/add/?pattern=nothing").status_code == 404


# --- real messages -------------------------------------------------------------------------------------------------


def _messages() -> Iterator[dict[str, Any]]:
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason=f"no real messages at {DATA.name}: hot topics are not tried on them")
def test_in_real_messages_the_topics_known_to_be_hot_are_found(cast: Cast) -> None:
    """3,061 messages of two years, made for finding hot topics: the three loudest of half a year are found, few others."""
    rows = list(_messages())
    plain = {"category": None, "region": None, "responsible": None, "stage": "registered", "office": cast.office}
    Petition.objects.bulk_create(
        Petition(number=f"R{n:06}", title=one["title"][:120], content=one["detail"] or "", registered_at=timezone.now(),
                 received_on=date.fromisoformat(one["time"][:10]), **plain) for n, one in enumerate(rows)
    )  # fmt: skip
    rarity.count()
    found = []
    for end in (date(2019, 8, 31), date(2019, 9, 28), date(2019, 12, 10)):
        found += topics.gather(topics._texts(Days_(end - timedelta(days=WINDOW - 1), end), ""))
    said = [" ".join(text.text for text in topic.matters) for topic in found]
    for known in ("伊景园滨河苑", "魅力之城", "丽发新城"):
        assert any(words.count(known) >= LEAST for words in said), known
    assert len(found) <= 15
