"""A repeat registered under the wrong matter becomes a matter of its own: with its people, files, code, and the days it always had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from petitions import attachments, repeats
from petitions.actions import Person, Registered, advance, moment, register, run_night
from petitions.actions.drafts import draft_for
from petitions.actions.matter import Matter
from petitions.actions.record import digest_of
from petitions.actions.send import address
from petitions.errors import BadInput, WrongMoment
from petitions.limits import rules_on
from petitions.models import (
    Attachment,
    Clock,
    Event,
    ExternalReference,
    Filing,
    Notice,
    Party,
    Petition,
    Petitioner,
)
from petitions.notices import TELL_ON
from petitions.querycode import code_hash, new_ref
from petitions.workdays import DayKind, Limit, due
from tests.cast import Cast, build_cast
from tests.makes import Makes, entry
from tests.petitions.test_registration import PNG

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
OTHER = Person(name="周桂英", id_kind="414", id_number="E12345678", phone="+8613800000001")


def under(cast: Cast, petition: Petition, **more: Any) -> Registered:
    """A filing of another person, put under ``petition`` by mistake, three days ago."""
    said: dict[str, Any] = {
        "people": [OTHER], "content": "反映村口路灯不亮，请求修好。", "received_on": today() - timedelta(days=3), "backdate_reason": "邮寄在途",
    }  # fmt: skip
    return register(entry(cast, **(said | more)), by=cast.registrar, under=petition)


def split(cast: Cast, filing: Filing) -> Petition:
    advance("split_off", on=filing, by=cast.triage, title="反映路灯不亮", reason="另一件事，另一个人")
    return Petition.objects.latest("pk")


def whole(petition: Petition) -> bool:
    """Whether the record's chain holds."""
    previous = b""
    for event in Event.objects.filter(petition=petition).order_by("seq"):
        previous = digest_of(event, petition.ref, previous)
        if bytes(event.digest) != previous:
            return False
    return bytes(petition.chain_head) == previous


def test_it_is_a_matter_of_its_own_and_says_where_it_came_from(make: Makes, cast: Cast) -> None:
    master = make.sent().petition
    done = under(cast, master)
    made = split(cast, done.filing)
    master.refresh_from_db()
    done.filing.refresh_from_db()
    assert (made.stage, made.title, made.content) == ("registered", "反映路灯不亮", "反映村口路灯不亮，请求修好。")
    assert (done.filing.state, done.filing.petition, done.filing.content) == ("split", master, "")
    first, left = Event.objects.get(petition=made), Event.objects.get(petition=master, step="split_off")
    assert (first.step, first.data["split_from"], first.data["filing"]) == (
        "split_from",
        master.number,
        done.filing.number,
    )
    assert left.data["split_to"] == made.number
    assert whole(made) and whole(master)


def test_its_fifteen_days_run_from_the_receipt_of_the_letter(make: Makes, cast: Cast) -> None:
    done = under(cast, make.sent().petition)
    clock = Clock.objects.get(petition=split(cast, done.filing), ended="")
    expected = due(done.filing.received_on, Limit(15, DayKind.CALENDAR, ""), rules_on(done.filing.received_on).calendar)
    assert (clock.name, clock.start, clock.due) == ("T1", done.filing.received_on, expected.rolled)
    assert "第二十二条" in clock.rule


def test_the_petitioners_code_goes_on_working_and_opens_the_new_matter_alone(
    make: Makes, cast: Cast, signed_in: SignIn
) -> None:
    done = under(cast, make.sent().petition)
    made = split(cast, done.filing)
    found = Filing.objects.get(query_code_hash=code_hash(done.code))
    assert found.petition == made
    assert Notice.objects.filter(petition=made, text__contains="原来的查询码继续有效").count() == 1


def test_whoever_came_with_it_alone_is_none_of_the_old_matters_people(make: Makes, cast: Cast) -> None:
    master = make.sent().petition
    mine = set(master.petitioners.values_list("pk", flat=True))
    made = split(cast, under(cast, master).filing)
    assert set(master.petitioners.values_list("pk", flat=True)) == mine
    assert [(one.name, one.phone) for one in made.petitioners.all()] == [(OTHER.name, OTHER.phone)]
    assert [one.petition for one in repeats.same_person(cast.registrar, id_number="E12345678")] == [made]


def test_who_brought_both_stays_with_both(make: Makes, cast: Cast) -> None:
    master = register(entry(cast, people=[OTHER]), by=cast.registrar).petition
    made = split(cast, under(cast, master).filing)
    assert master.petitioners.count() == made.petitioners.count() == 1
    assert Party.objects.filter(petitioner__petition=master).count() == 1


def test_files_and_other_numbers_go_along_and_open_with_the_new_key(
    make: Makes, cast: Cast, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    master, draft = make.sent().petition, draft_for(cast.registrar, new_ref())
    attachments.take(SimpleUploadedFile("路灯.png", PNG), by=cast.registrar, draft=draft)
    said = entry(cast, people=[OTHER], references=[("省信访信息系统", "ZJ2026-77")])
    filing = register(said, by=cast.registrar, under=master, draft=draft).filing
    made = split(cast, filing)
    file = Attachment.objects.get()
    assert (file.petition, file.filing) == (made, made.filings.get())
    assert b"".join(attachments.open_plain(file)) == PNG
    assert ExternalReference.objects.get().filing == made.filings.get()


def test_the_superiors_limit_goes_along(make: Makes, cast: Cast) -> None:
    master = make.sent().petition
    said = {"channel": "handed_down", "handed_by": cast.city, "handed_due": today() + timedelta(days=40)}
    filing = under(cast, master, **said).filing
    before = Clock.objects.get(filing=filing, name="T8")
    made = split(cast, filing)
    before.refresh_from_db()
    after = Clock.objects.get(petition=made, name="T8")
    assert (before.ended, after.ended, after.due) == ("cancelled", "", before.due)


def test_an_office_that_had_it_only_through_the_repeat_no_longer_sees_the_old_matter(make: Makes, cast: Cast) -> None:
    """Another window registered it: its reach to the old matter was this filing."""
    master = make.sent().petition
    filing = under(cast, master).filing
    Filing.objects.filter(pk=filing.pk).update(office=cast.township)
    assert cast.township.pk in Matter.of(master).wanted_reach()
    Filing.objects.filter(pk=filing.pk).update(state="split")
    assert cast.township.pk not in Matter.of(master).wanted_reach()


def test_the_filing_that_opened_a_matter_is_not_split_off(make: Makes, cast: Cast) -> None:
    merged = make.registered()
    advance("merge", on=merged.filing, by=cast.triage, into=make.registered().petition)
    with pytest.raises(WrongMoment):
        advance("split_off", on=merged.filing, by=cast.triage, title="x", reason="y")
    filing = under(cast, make.sent().petition).filing
    with pytest.raises(WrongMoment):
        advance("unmerge", on=filing, by=cast.triage, reason="x")
    with pytest.raises(BadInput, match="不是同一事项"):
        advance("split_off", on=filing, by=cast.triage, title="x", reason=" ")


def test_its_page_says_it_and_the_form_offers_a_title(make: Makes, cast: Cast, signed_in: SignIn) -> None:
    master = make.sent().petition
    filing = under(cast, master).filing
    client = signed_in(cast.triage)
    assert f"/step/split_off/{filing.ref}/" in client.get(f"/petitions/{master.ref}/").content.decode()
    form = client.get(f"/petitions/{master.ref}/step/split_off/{filing.ref}/").content.decode()
    assert "反映村口路灯不亮，请求修好" in form
    made = split(cast, filing)
    assert made.number in client.get(f"/petitions/{master.ref}/").content.decode()
    assert master.number in client.get(f"/petitions/{made.ref}/").content.decode()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=7))
def test_whatever_is_put_under_and_split_off_nobody_is_lost_and_no_number_comes_twice(
    acts: list[tuple[bool, int]],
) -> None:
    with transaction.atomic():
        cast, codes = build_cast(), []
        master = Makes(cast).sent().petition
        for puts, which in acts:
            live = list(Filing.objects.filter(petition=master, state="merged").order_by("pk"))
            if puts or not live:
                people = [Person(name=f"周桂{which}", phone=f"+861380000000{which}")]
                codes.append(under(cast, master, people=people).code)
            else:
                split(cast, live[which % len(live)])
        master.refresh_from_db()
        assert whole(master) and all(whole(one) for one in Petition.objects.exclude(pk=master.pk))
        numbers = list(Filing.objects.values_list("number", flat=True))
        assert len(numbers) == len(set(numbers))
        for code in codes:
            filing = Filing.objects.get(query_code_hash=code_hash(code))
            assert filing.state != "split" and filing.parties.exists()
        assert not Petitioner.objects.filter(parties=None).exists()
        split_off = Filing.objects.filter(petition=master, state="split")
        assert (
            Petition.objects.count() == 1 + split_off.count()
            and not Party.objects.filter(filing__in=split_off).exists()
        )
        transaction.set_rollback(True)


# --- no further (Art.36) -------------------------------------------------------------------------------------------------


def test_the_opinion_is_read_from_the_record(make: Makes, cast: Cast) -> None:
    earlier = make.ended_by_rereview("金政复核〔2025〕7号")
    filing = make.registered().filing
    advance("no_further", on=filing, by=cast.triage, earlier=earlier, explanation="同一事实和理由")
    said = Event.objects.get(petition=filing.petition, step="no_further").data
    assert (said["opinion_number"], said["opinion_date"], said["earlier"]) == (
        "金政复核〔2025〕7号",
        "2025-05-06",
        earlier.number,
    )


def test_the_opinion_that_the_end_of_a_road_has_left_is_found(make: Makes) -> None:
    run = make.rereview_delivered()
    paper = run.petition.papers.get(kind="rereview_opinion")
    word = repeats.last_word(run.petition)
    assert word is not None and (word.number, word.issued_on) == (paper.number, paper.issued_on)


def test_without_an_opinion_or_by_another_person_it_is_refused_with_its_article(make: Makes, cast: Cast) -> None:
    filing = make.registered().filing
    for earlier, words in (
        (make.registered().petition, "没有送达的复核意见"), (make.ended_by_rereview(people=[OTHER]), "不是同一信访人"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=words) as refused:
            advance("no_further", on=filing, by=cast.triage, earlier=earlier, explanation="同")
        assert "第三十六条" in refused.value.rule
    with pytest.raises(BadInput, match="没有找到"):
        advance("no_further", on=filing, by=cast.triage, earlier=filing.petition, explanation="同")


def test_an_opinion_that_orders_a_redo_ends_no_road(make: Makes) -> None:
    earlier = make.ended_by_rereview()
    earlier.proceedings.update(conclusion="redo")
    assert repeats.last_word(earlier) is None
    earlier.proceedings.update(conclusion="uphold", state="reviewing")
    assert repeats.last_word(earlier) is None


def test_the_form_offers_the_opinions_of_the_same_people_and_says_when_there_are_none(
    make: Makes, cast: Cast, signed_in: SignIn
) -> None:
    filing = make.registered().filing
    client, url = signed_in(cast.triage), f"/petitions/{filing.petition.ref}/step/no_further/{filing.ref}/"
    assert "没有查到同一信访人的复核意见" in client.get(url).content.decode()
    earlier = make.ended_by_rereview()
    make.ended_by_rereview("金政复核〔2025〕9号", people=[OTHER])
    page = client.get(url).content.decode()
    assert "金政复核〔2025〕1号（2025年5月6日）" in page and earlier.number in page and "〔2025〕9号" not in page
    assert date(2025, 5, 6) == repeats.last_words(cast.triage, filing.petition)[0].issued_on


def test_who_is_known_by_name_alone_is_to_be_looked_at_before_anything_is_refused(
    make: Makes, cast: Cast, signed_in: SignIn
) -> None:
    nameless = {"people": [Person(name="楼金水")]}
    filing, earlier = make.registered(**nameless).filing, make.ended_by_rereview(**nameless)
    url = f"/petitions/{filing.petition.ref}/step/no_further/{filing.ref}/"
    assert "只有姓名相同，请先核实是同一人" in signed_in(cast.triage).get(url).content.decode()
    advance("no_further", on=filing, by=cast.triage, earlier=earlier, explanation="同一事实和理由")
    assert Event.objects.get(petition=filing.petition, step="no_further").data["same_by"] == "姓名"
    known = make.registered().filing
    advance(
        "no_further", on=known, by=cast.triage, earlier=make.ended_by_rereview("金政复核〔2025〕3号"), explanation="同"
    )
    assert Event.objects.get(petition=known.petition, step="no_further").data["same_by"] != "姓名"


# --- after the end of the road, and who is told (Art.20, 35, 36) ----------------------------------------------------------


def test_what_has_lapsed_or_ended_waits_with_the_unit_in_a_tray_of_its_own_with_a_day_that_is_no_law(
    make: Makes, cast: Cast, signed_in: SignIn
) -> None:
    run = make.delivered()
    with moment.at(datetime.combine(today() + timedelta(days=45), time(3), SHANGHAI)):
        run_night()
    ended = make.rereview_delivered()
    for petition, stage in ((run.petition, "lapsed"), (ended.petition, "exhausted")):
        petition.refresh_from_db()
        clock = Clock.objects.get(petition=petition, name="TN", ended="")
        assert (petition.stage, petition.due, clock.length, clock.working) == (stage, clock.due, 10, True)
        assert "地方规则" in clock.rule and clock.department_id == cast.bureau.pk
    page = signed_in(cast.handler).get("/tray/to_end/").content.decode()
    assert run.petition.number in page and ended.petition.number in page
    assert Notice.objects.filter(petition=run.petition, step="lapse", post=cast.handler.post).exists()
    run.refresh_from_db()
    advance("close", on=run, by=cast.handler)
    assert not Clock.objects.filter(petition=run.petition, name="TN", ended="").exists()


def joint(cast: Cast) -> Registered:
    """Six people; two speak for the others, one of them without a number, and one speaks by the leader's telephone."""
    people = [
        Person(name="王小明", phone="+8613900000001"),
        Person(name="李四", phone="+8613900000002", role="companion", representative=True),
        Person(name="张三丰", role="companion", representative=True),
        Person(name="赵六", phone="+8613900000001", role="companion", representative=True),
        Person(name="周七", phone="+8613900000004", role="companion"),
    ]
    return register(entry(cast, people=people, head_count=6), by=cast.registrar)


def test_representatives_who_left_a_number_are_told_too_and_asked_to_pass_it_on(cast: Cast) -> None:
    done = joint(cast)
    advance("direct_reply", on=done.filing, by=cast.triage, reply="已答复")
    told = Notice.objects.filter(petition=done.petition, step="direct_reply", channel="sms").order_by("pk")
    assert [address(one) for one in told] == ["+8613900000001", "+8613900000002"]
    assert [one.text.endswith(TELL_ON) for one in told] == [False, True]


def test_of_a_single_persons_matter_nobody_else_is_told(make: Makes, cast: Cast) -> None:
    done = make.registered()
    advance("direct_reply", on=done.filing, by=cast.triage, reply="已答复")
    assert Notice.objects.filter(petition=done.petition, step="direct_reply", channel="sms").count() == 1
