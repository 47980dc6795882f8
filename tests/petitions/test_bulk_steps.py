"""Any sensible step on many matters: each row through the one door, each refusal with its rule, nothing forced, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import AccessLog
from petitions import bulk_steps, jobs, lifecycle
from petitions.actions import advance
from petitions.forms.steps import STEP_FORMS
from petitions.models import Assignment, Event, Job, Paper, Petition, Proceeding, RoutingRule
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def sent(*petitions: Petition, **more: object) -> dict[str, object]:
    """What the form carries."""
    rows = " ".join(f"{one.ref}:{Petition.objects.get(pk=one.pk).events_count}" for one in petitions)
    return {"rows": rows, "occurred_on": today().isoformat(), **more}


@pytest.mark.parametrize("code", bulk_steps.BULKS)
def test_what_is_asked_once_for_all_is_a_field_of_the_steps_own_form(code: str) -> None:
    bulk, step = bulk_steps.BULKS[code], lifecycle.STEPS[code]
    assert code in STEP_FORMS and step.on in {"petition", *bulk_steps._MODELS}
    known = set(STEP_FORMS[code].base_fields) | {"occurred_on", "late_reason", "note"}  # type: ignore[attr-defined]
    assert set(bulk.fields) <= known and set(bulk.free) <= set(bulk.fields)


def test_many_are_signed_for_in_one_go(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    one, two = make.sent().petition, make.sent().petition
    client = signed_in(cast.signer)
    bar = client.get("/tray/to_sign/").content.decode()
    assert 'formaction="/bulk/sign_for/"' in bar
    page = client.get("/bulk/sign_for/", {"pick": [one.ref, two.ref]}).content.decode()
    assert "批量签收 2 件" in page and one.number in page
    report = client.post("/bulk/sign_for/", sent(one, two)).content.decode()
    assert "已办 2 件" in report
    assert set(Assignment.objects.values_list("state", flat=True)) == {"signed"}


def test_a_refused_row_stops_no_other_and_says_its_rule(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    gone, stale, fine = (make.sent() for _ in range(3))
    said = sent(gone.petition, stale.petition, fine.petition)
    advance("sign_for", on=gone, by=cast.unit_head)
    advance("remind", on=stale, by=cast.triage)
    said["rows"] = str(said["rows"]) + " 0000000000000000:1"
    report = signed_in(cast.signer).post("/bulk/sign_for/", said).content.decode()
    assert "已办 1 件，3 件没有办成" in report
    assert "现在是“待受理”，不能“签收”" in report or "已签收" in report
    assert "已催办" in report  # the stale row says what happened, and is not forced
    assert "没有找到" in report
    assert list(Assignment.objects.filter(state="sent")) == [stale]


def test_what_one_may_not_do_is_no_step_for_many_either(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.sent()
    said = sent(held.petition)
    assert signed_in(cast.handler).post("/bulk/sign_for/", said).status_code == 403
    assert signed_in(cast.sibling_signer).post("/bulk/sign_for/", said).status_code == 404
    assert signed_in(cast.signer).post("/bulk/draft/", said).status_code == 404
    assert signed_in(cast.signer).post("/bulk/sign_for/", {}).status_code == 422
    assert signed_in(cast.signer).post("/bulk/sign_for/", {"rows": "x " * 5}).status_code == 422
    report = signed_in(cast.police_signer)
    assert report.get("/bulk/sign_for/", {"pick": [held.petition.ref]}).status_code == 404


def test_assign_takes_the_bodies_of_the_routing_table_and_says_where_there_is_none(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    RoutingRule.objects.create(category=cast.category, department=cast.bureau)
    routed, bare = make.registered().petition, make.registered(category=None, title="无分类", content="无").petition
    limit = (today() + timedelta(days=40)).isoformat()
    client = signed_in(cast.triage)
    assert client.post("/bulk/assign/", sent(routed, bare)).status_code == 422  # no limit was set
    report = client.post("/bulk/assign/", sent(routed, bare, limit_on=limit, demand="办结后报告")).content.decode()
    held = Assignment.objects.get()
    assert (held.petition, held.department, held.limit_on) == (routed, cast.bureau, today() + timedelta(days=40))
    assert Paper.objects.get(kind="assign_letter").number in report
    assert "已办 1 件，1 件没有办成" in report and bare.number in report


def test_each_offered_step_is_taken(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run, closed, delivered = make.handling(), make.closed(), make.delivered()
    signed_in(cast.unit_head).post("/bulk/assign_handler/", sent(run.petition, handler=str(cast.handler.post.pk)))
    assert Event.objects.filter(petition=run.petition, step="assign_handler").exists()
    signed_in(cast.triage).post("/bulk/confirm_closure/", sent(closed.petition, note="已核"))
    signed_in(cast.handler).post("/bulk/close/", sent(delivered.petition))
    signed_in(cast.supervisor).post("/bulk/remind/", sent(run.petition, demand="请抓紧"))
    closed.refresh_from_db()
    delivered.refresh_from_db()
    assert (closed.state, delivered.state) == ("confirmed", "closed")
    assert Paper.objects.filter(petition=run.petition, kind="reminder").count() == 1


def test_pressed_twice_a_row_is_taken_once_and_says_so_twice(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    run = make.handling()
    said = sent(run.petition, demand="请抓紧", idempotency_key="k" * 24)
    client = signed_in(cast.supervisor)
    for _ in range(2):
        assert "已办 1 件" in client.post("/bulk/remind/", said).content.decode()
    assert Event.objects.filter(step="remind").count() == 1


# --- in the background -------------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row is taken at once; more go to the background."""
    monkeypatch.setattr(bulk_steps, "AT_ONCE", 1)


def begun(client: Client, path: str, said: dict[str, Any]) -> Job:
    answer = client.post(path, said)
    assert answer.status_code == 302
    return Job.objects.get(ref=answer["Location"].rstrip("/").rsplit("/", 1)[1])


def test_many_rows_are_taken_in_the_background_with_a_report(
    cast: Cast, make: Makes, signed_in: SignIn, few: None
) -> None:
    rows = [make.sent() for _ in range(4)]
    said = sent(*(row.petition for row in rows), note="统一签收", idempotency_key="j" * 24)
    client = signed_in(cast.signer)
    job = begun(client, "/bulk/sign_for/", said)
    assert begun(client, "/bulk/sign_for/", said).pk == job.pk  # pressed twice: one job
    assert "统一签收" not in str(job.settings)
    advance("sign_for", on=rows[1], by=cast.unit_head)
    assert jobs.run(job.ref) == "ended"
    job.refresh_from_db()
    assert (job.done, job.counts) == (4, {"taken": 3, "refused": 1})
    problem = job.problems.get()
    assert problem.row == 2 and rows[1].petition.number in problem.reason
    assert "已办" in client.get(f"/jobs/{job.ref}/").content.decode()


def test_a_worker_that_is_lost_half_way_takes_no_row_twice(
    cast: Cast, make: Makes, signed_in: SignIn, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [make.handling() for _ in range(3)]
    job = begun(signed_in(cast.supervisor), "/bulk/remind/", sent(*(row.petition for row in rows), demand="请抓紧"))
    real = jobs.Run.step

    def lost(run: jobs.Run, done: int, **more: Any) -> None:
        if done == 2:
            raise RuntimeError("the power failed")
        real(run, done, **more)

    with monkeypatch.context() as patch:
        patch.setattr(jobs.Run, "step", lost)
        assert jobs.run(job.ref) == "failed"
    assert Event.objects.filter(step="remind").count() == 1  # the second row's own step was undone with its count
    job.refresh_from_db()
    jobs.again(job)
    assert jobs.run(job.ref) == "ended"
    assert Event.objects.filter(step="remind").count() == 3
    assert Proceeding.objects.filter(state="handling").count() == 3


def test_many_acceptances_are_issued_numbered_without_a_gap_and_printed_in_one_go(
    cast: Cast, make: Makes, signed_in: SignIn, few: None
) -> None:
    held = [make.signed() for _ in range(4)]
    client = signed_in(cast.signer)
    assert 'formaction="/bulk/accept/"' in client.get("/tray/to_accept/").content.decode()
    said = sent(*(one.petition for one in held), handler=str(cast.handler.post.pk))
    job = begun(client, "/bulk/accept/", said)
    advance("object", on=held[2], by=cast.unit_head, reason="不属于本局职权")
    assert jobs.run(job.ref) == "ended"
    issued = Paper.objects.filter(kind="accept_notice").order_by("serial")
    assert [paper.serial for paper in issued] == [1, 2, 3]
    page = client.get(f"/jobs/{job.ref}/").content.decode()
    assert f"/jobs/{job.ref}/papers/" in page and held[2].petition.number in page
    sheets = client.get(f"/jobs/{job.ref}/papers/").content.decode()
    assert sheets.count("<article") == 3 and sheets.count("<main") == 1
    assert all(paper.number in sheets for paper in issued)
    assert AccessLog.objects.filter(kind="print", target__startswith="paper:").count() == 3
    assert signed_in(cast.unit_head).get(f"/jobs/{job.ref}/papers/").status_code == 404


def test_a_term_is_extended_for_many_with_one_reason(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    one, two = make.handling().petition, make.handling().petition
    report = signed_in(cast.unit_head).post("/bulk/extend/", sent(one, two, days="10", reason="需要统一测绘"))
    assert "已办 2 件" in report.content.decode()
    assert Paper.objects.filter(kind="extension_notice").count() == 2


def test_everything_that_a_list_shows_is_picked(
    cast: Cast, make: Makes, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make.sent()
    make.handling()
    client = signed_in(cast.signer)
    for place in ({"page": "tray:to_sign"}, {"page": "matters", "query": "stage=sent"}):
        page = client.get("/bulk/sign_for/", {"all": "1", **place})
        assert page.context["count"] == 3
    assert client.get("/bulk/sign_for/", {"all": "1", "page": "tray:to_route"}).status_code == 404
    monkeypatch.setattr(bulk_steps, "MOST", 2)
    assert client.get("/bulk/sign_for/", {"all": "1", "page": "tray:to_sign"}).status_code == 422
