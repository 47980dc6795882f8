"""A merger and everyday steps at one moment, in real threads: each step is taken before it or refused, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from petitions import jobs, large_changes, reorganise
from petitions.actions import advance, register
from petitions.errors import Refused
from petitions.jobs import Run
from petitions.models import Assignment, Event, Job, Petition
from petitions.views import jobs as job_pages
from tests.cast import Cast
from tests.makes import Makes, entry
from tests.petitions.test_races import together
from tests.petitions.test_reorganise import homeless

SignIn = Callable[[Actor], Client]
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def merger(cast: Cast) -> Callable[[], Any]:
    seen = reorganise.plan(cast.bureau, cast.sibling)
    return lambda: reorganise.close(
        cast.bureau, cast.sibling, by=cast.system_admin, reason="机构改革方案", mark=seen.mark, seen=seen.seen
    )


def whole() -> None:
    """Every chain ends in its head, and nothing unfinished names a body that is gone."""
    assert homeless() == []
    for petition in Petition.objects.all():
        assert bytes(petition.chain_head) == bytes(Event.objects.filter(petition=petition).latest("seq").digest)


def test_steps_of_the_unit_while_it_is_merged(cast: Cast, make: Makes) -> None:
    runs, held = [make.handling() for _ in range(4)], make.signed()
    works: list[Callable[[], Any]] = [
        *[lambda run=run: advance("interview", on=run, by=cast.handler, text="谈了一次") for run in runs],  # type: ignore[misc]
        lambda: advance("accept", on=held, by=cast.signer, handler=cast.handler.post),
    ]
    results = together(merger(cast), *works)
    assert not isinstance(results[0], BaseException) and results[0] is not None
    assert all(result is not None for result in results)  # none was killed by a deadlock
    whole()
    for run in runs:
        run.refresh_from_db()
        assert run.department == cast.sibling


def test_matters_sent_to_the_unit_while_it_is_merged_arrive_or_are_refused(cast: Cast, make: Makes) -> None:
    for _ in range(3):
        make.handling()
    filings = [make.registered().filing for _ in range(4)]
    sent = [lambda f=f: advance("transfer", on=f, by=cast.triage, department=cast.bureau) for f in filings]
    results = together(*sent, merger(cast))
    assert all(result is not None for result in results)
    whole()
    arrived = Assignment.objects.filter(petition__in=[f.petition_id for f in filings])
    assert arrived.count() == sum(isinstance(result, Event) for result in results[:-1])


def test_registrations_while_the_body_is_merged_are_kept_or_refused(cast: Cast) -> None:
    seen = reorganise.plan(cast.township, cast.sibling)
    results = together(
        *[lambda: register(entry(cast), by=cast.township_registrar)] * 4,
        lambda: reorganise.close(
            cast.township, cast.sibling, by=cast.system_admin, reason="乡镇撤并", mark=seen.mark, seen=seen.seen
        ),
    )
    assert all(result is not None for result in results)
    whole()
    kept = sum(not isinstance(result, Refused) for result in results[:-1])
    assert Petition.objects.filter(office__in=(cast.sibling, cast.township)).count() == kept


def test_two_bodies_merged_into_each_other_at_once_leave_one(cast: Cast, make: Makes) -> None:
    make.handling()
    there, back = reorganise.plan(cast.bureau, cast.sibling), reorganise.plan(cast.sibling, cast.bureau)
    results = together(
        lambda: reorganise.close(cast.bureau, cast.sibling, by=cast.system_admin, reason="方案", mark=there.mark),
        lambda: reorganise.close(cast.sibling, cast.bureau, by=cast.system_admin, reason="方案", mark=back.mark),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    whole()


# --- much work, moved in the background ----------------------------------------------------------------------------------


def begun(cast: Cast) -> Job:
    """A merger of the bureau written down to be made by a worker, as it was previewed a moment ago."""
    seen = reorganise.plan(cast.bureau, cast.sibling)
    job = large_changes.begin(
        cast.bureau, cast.sibling, reorganise.WHOLE, by=cast.system_admin, reason="方案", mark=seen.mark, seen=seen.seen
    )
    assert job is not None
    return job


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def untouched(cast: Cast, moments: list[int]) -> bool:
    """Whether nothing of the merger is there: no event, no end of the body."""
    cast.bureau.refresh_from_db()
    return cast.bureau.valid_to is None and list(Event.objects.values_list("pk", flat=True)) == moments


@pytest.fixture
def many(cast: Cast, make: Makes, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Four matters of the bureau, which are much here; returns all events there are."""
    monkeypatch.setattr(large_changes, "AT_ONCE", 3)
    monkeypatch.setattr(reorganise, "PIECE", 1)
    for _ in range(4):
        make.signed()
    return list(Event.objects.values_list("pk", flat=True))


def at_piece(monkeypatch: pytest.MonkeyPatch, piece: int, act: Callable[[], Any]) -> list[tuple[int, int]]:
    """Do ``act`` when so many matters have moved; returns what was to be seen of the work after each piece."""
    seen, tell = list[tuple[int, int]](), Run.step

    def step(run: Run, done: int, **more: Any) -> None:
        tell(run, done, **more)
        seen.append((done, run.job.total))
        if done == piece and len(seen) == piece + 1:
            act()

    monkeypatch.setattr(Run, "step", step)
    return seen


def test_a_merger_of_much_work_is_seen_stopped_and_then_made_whole(
    cast: Cast, many: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(cast)
    seen = at_piece(monkeypatch, 2, lambda: jobs.cancel(job))
    assert jobs.run(job.ref) == "cancelled"
    assert seen == [(0, 0), (1, 4), (2, 4)]
    stopped = fresh(job)
    assert (stopped.done, stopped.word) == (0, "已停下，没有作任何变更。")
    assert untouched(cast, many)
    jobs.again(stopped)
    assert jobs.run(job.ref) == "ended"
    assert fresh(job).counts == {"moved": 4} and fresh(job).done == 4
    whole()
    cast.bureau.refresh_from_db()
    assert cast.bureau.successor == cast.sibling
    assert Event.objects.filter(step="reorganised").count() == 4


def test_a_merger_whose_worker_is_gone_is_made_by_the_next_from_the_beginning(
    cast: Cast, many: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(cast)
    with monkeypatch.context() as patch:
        at_piece(patch, 3, lambda: Job.objects.filter(pk=job.pk).update(runner="another", state="waiting"))
        assert jobs.run(job.ref) == "lost"
    assert untouched(cast, many)
    assert jobs.run(job.ref) == "ended"
    Job.objects.filter(pk=job.pk).update(state="waiting")  # made, and its worker died before it could say so
    assert jobs.run(job.ref) == "ended"
    assert Event.objects.filter(step="reorganised").count() == 4


def test_a_merger_that_waited_too_long_is_refused_with_what_has_changed(
    cast: Cast, make: Makes, many: list[int]
) -> None:
    job = begun(cast)
    make.signed()
    now = list(Event.objects.values_list("pk", flat=True))
    assert jobs.run(job.ref) == "failed"
    assert "没有作任何变更，请重新预览。" in fresh(job).word and "4件 → 5件" in fresh(job).word
    assert untouched(cast, now)


def test_the_page_begins_it_in_the_background_and_refuses_a_stale_look(
    cast: Cast, make: Makes, many: list[int], signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_pages, "wake", lambda ref: None)
    browser, address = signed_in(cast.system_admin), f"/manage/departments/{cast.bureau.pk}/close/"
    said = {"successor": cast.sibling.pk, "reason": "机构改革方案"}
    page = browser.post(address, said)
    assert "在后台执行" in page.content.decode()
    seen = {name: page.context["form"].data[name] for name in ("mark", "seen")}
    make.signed()
    stale = browser.post(address, said | seen | {"do": "keep"})
    assert stale.status_code == 409 and "4件 → 5件" in stale.content.decode()
    assert not Job.objects.exists()
    again = {name: stale.context["form"].data[name] for name in ("mark", "seen")}
    assert browser.post(address, said | again | {"do": "keep"}).status_code == 302
    job = Job.objects.get()
    assert jobs.run(job.ref) == "ended"
    shown = browser.get(f"/jobs/{job.ref}/").content.decode()
    assert "5件在办事项转到浦江县住房和城乡建设局" in shown and f"/manage/departments/{cast.bureau.pk}/" in shown
    whole()
