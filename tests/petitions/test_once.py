"""One sending is taken once: pressed twice, pressed by eight threads at once, refused and sent again, changed and sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from petitions.actions import register
from petitions.actions.once import forget_before, once
from petitions.errors import BadInput, KeyReused, WrongMoment
from petitions.models import IdempotencyKey, Petition
from tests.cast import Cast
from tests.makes import entry

Answer = dict[str, str]
BODY = {"title": "反映征地补偿", "people": ["王小明", "李䶮"]}


class Counted:
    """An act that counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Answer:
        self.times += 1
        return {"filing": "abc", "code": f"K7M2Q9{self.times}"}


def test_a_second_press_gets_the_first_answer(cast: Cast) -> None:
    act = Counted()
    first, done = once(cast.registrar, "k1", BODY, act)
    again, done_again = once(cast.registrar, "k1", dict(reversed(BODY.items())), act)
    assert (done, done_again, act.times) == (True, False, 1)
    assert first == again == {"filing": "abc", "code": "K7M2Q91"}


def test_the_same_key_with_another_body_is_refused_and_does_nothing(cast: Cast) -> None:
    act = Counted()
    once(cast.registrar, "k1", BODY, act)
    with pytest.raises(KeyReused) as refused:
        once(cast.registrar, "k1", {**BODY, "title": "别的"}, act)
    assert refused.value.status == 422 and refused.value.rule
    assert act.times == 1 and IdempotencyKey.objects.count() == 1


def test_two_posts_may_use_the_same_key(cast: Cast) -> None:
    act = Counted()
    once(cast.registrar, "k1", BODY, act)
    answer, done = once(cast.registrar2, "k1", BODY, act)
    assert done and answer["code"] == "K7M2Q92"


def test_a_refusal_takes_the_key_back(cast: Cast) -> None:
    def refuse() -> Answer:
        Petition.objects.count()
        raise WrongMoment("不行", rule="测试")

    with pytest.raises(WrongMoment):
        once(cast.registrar, "k1", BODY, refuse)
    assert not IdempotencyKey.objects.exists()
    assert once(cast.registrar, "k1", BODY, Counted())[1]


def test_what_a_failed_run_had_written_goes_with_its_key(cast: Cast) -> None:
    def half() -> Answer:
        register(entry(cast), by=cast.registrar)
        raise RuntimeError("the line broke")

    with pytest.raises(RuntimeError):
        once(cast.registrar, "k1", BODY, half)
    assert not Petition.objects.exists() and not IdempotencyKey.objects.exists()


def test_the_kept_answer_holds_no_code_in_clear_and_opens_under_its_own_key_only(cast: Cast) -> None:
    for key in ("k1", "k2"):
        once(cast.registrar, key, BODY, Counted())
    one, other = IdempotencyKey.objects.order_by("key")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM petitions_idempotencykey t")
        assert "K7M2Q9" not in str(cursor.fetchall())
    IdempotencyKey.objects.filter(pk=one.pk).update(result=other.result)
    with pytest.raises(Exception, match="does not open"):
        once(cast.registrar, "k1", BODY, Counted())


@pytest.mark.parametrize("key", ["", "x" * 65, "a\0b"])
def test_what_is_no_key_is_told_and_nothing_is_run(cast: Cast, key: str) -> None:
    act = Counted()
    with pytest.raises(BadInput):
        once(cast.registrar, key, BODY, act)
    assert act.times == 0


def test_bytes_are_a_body_too(cast: Cast) -> None:
    act = Counted()
    once(cast.registrar, "k1", b"a=1&b=2", act)
    assert once(cast.registrar, "k1", b"a=1&b=2", act)[1] is False
    with pytest.raises(KeyReused):
        once(cast.registrar, "k1", b"a=1&b=3", act)


def test_old_keys_are_forgotten_and_young_ones_kept(cast: Cast) -> None:
    once(cast.registrar, "old", BODY, Counted())
    IdempotencyKey.objects.update(made_at=timezone.now() - timedelta(days=8))
    once(cast.registrar, "young", BODY, Counted())
    assert forget_before(timezone.now() - timedelta(days=7)) == 1
    assert IdempotencyKey.objects.get().key == "young"


# --- at the same moment -------------------------------------------------------------------------------------------


def together(work: Callable[[int], Any], number: int = 8) -> list[Any]:
    """Do ``work`` in so many threads at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(number)
    results: list[Any] = [None] * number

    def run(n: int) -> None:
        try:
            barrier.wait(20)
            results[n] = work(n)
        except Exception as refused:
            results[n] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_presses_at_once_register_one_matter_and_hear_one_answer(cast: Cast) -> None:
    def press(_: int) -> tuple[Answer, bool]:
        def run() -> Answer:
            done = register(entry(cast), by=cast.registrar)
            return {"filing": done.filing.ref, "code": done.code}

        return once(cast.registrar, "the-same", BODY, run)

    results = together(press)
    assert Petition.objects.count() == 1
    assert sorted(done for _, done in results) == [False] * 7 + [True]
    assert len({(answer["filing"], answer["code"]) for answer, _ in results}) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_whoever_waits_goes_on_where_the_first_was_refused(cast: Cast) -> None:
    first, lock = [], threading.Lock()

    def press(_: int) -> tuple[Answer, bool]:
        def run() -> Answer:
            with lock:
                first.append(1)
                refuse = len(first) == 1
            if refuse:
                raise WrongMoment("第一次不行", rule="测试")
            return {"filing": register(entry(cast), by=cast.registrar).filing.ref}

        return once(cast.registrar, "the-same", BODY, run)

    results = together(press)
    refused = [result for result in results if isinstance(result, WrongMoment)]
    answers = [result for result in results if isinstance(result, tuple)]
    assert len(refused) == 1 and len(answers) == 7
    assert [done for _, done in answers].count(True) == 1 and Petition.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_key_is_not_seen_before_its_act_is_committed(cast: Cast) -> None:
    with transaction.atomic():
        once(cast.registrar, "k1", BODY, Counted())
        transaction.set_rollback(True)
    assert not IdempotencyKey.objects.exists()
