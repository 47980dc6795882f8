"""How do other systems hear of changes?  Rows in the verb's own transaction, signed, tried again, given up in writing."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import BadInput, WrongPerson
from accounts.models import AccessLog
from config.embedded import ROOT
from petitions import posting, webhooks
from petitions.actions import advance
from petitions.actions.push import forget_sent, payload, push_waiting
from petitions.errors import Refused
from petitions.models import Delivery, Petition, Webhook
from petitions.tasks import push
from tests.api.caller import Caller, entry, token_for
from tests.cast import Cast
from tests.makes import Makes
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


def hook(cast: Cast, url: str, *stages: str) -> tuple[Webhook, str]:
    return webhooks.add(by=cast.security_admin, name="办公系统", url=url, stages=stages, reason="对接")


# --- what is written ---------------------------------------------------------------------------------------------


def test_each_change_of_stage_is_one_row_and_what_changes_none_is_none(
    cast: Cast, make: Makes, receiver: Receiver
) -> None:
    hook(cast, receiver.url)
    petition = make.confirmed()
    told = [(row.step, row.stage) for row in Delivery.objects.order_by("pk")]
    assert told == [
        ("register", "registered"), ("transfer", "sent"), ("sign_for", "review"), ("accept", "handling"),
        ("sign", "issued"), ("deliver", "delivered"), ("close", "closed"), ("confirm_closure", "confirmed"),
    ]  # fmt: skip
    assert {row.petition_id for row in Delivery.objects.all()} == {petition.pk}


def test_only_the_stages_that_were_asked_for_and_only_while_active(cast: Cast, make: Makes, receiver: Receiver) -> None:
    row, _ = hook(cast, receiver.url, "closed", "confirmed")
    make.confirmed()
    assert [one.stage for one in Delivery.objects.order_by("pk")] == ["closed", "confirmed"]
    webhooks.edit(row, by=cast.security_admin, name=row.name, url=row.url, stages=[], active=False)
    make.sent()
    assert Delivery.objects.count() == 2


def test_a_repeat_and_a_refused_step_tell_nothing(cast: Cast, make: Makes, receiver: Receiver) -> None:
    done = make.registered()
    hook(cast, receiver.url)
    Caller(token_for(cast, cast.registrar)).post("filings/", entry(under=done.petition.ref))
    with pytest.raises(Refused):
        advance("sign_for", on=make.handling().assignment, by=cast.triage)
    assert not Delivery.objects.filter(petition=done.petition).exists()


def test_what_is_undone_is_not_told(cast: Cast, make: Makes, receiver: Receiver) -> None:
    hook(cast, receiver.url)
    with suppress(RuntimeError), transaction.atomic():
        make.registered()
        raise RuntimeError
    assert not Delivery.objects.exists()


def test_every_verb_that_derives_a_stage_tells_of_it() -> None:
    sources = {path: path.read_text() for path in (ROOT / "petitions" / "actions").glob("*.py")}
    assert [path.name for path, text in sources.items() if ".derive()" in text and "hooks.tell" not in text] == []


# --- what is sent ------------------------------------------------------------------------------------------------


def test_it_is_signed_and_says_where_the_matter_stands_and_nothing_of_whom_or_what(
    cast: Cast, make: Makes, receiver: Receiver
) -> None:
    _, secret = hook(cast, receiver.url, "sent")
    petition = make.sent().petition
    assert push() == {"sent": 1, "again": 0, "failed": 0}
    ((headers, body),) = receiver.told
    said = json.loads(body)
    assert set(said) == {"type", "ref", "number", "stage", "step", "time"}
    assert (said["ref"], said["number"], said["stage"], said["step"]) == (
        petition.ref,
        petition.number,
        "sent",
        "transfer",
    )
    text = body.decode()
    assert not [word for word in ("王小明", petition.title, "1990000", "征收") if word in text]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert Delivery.objects.get().state == "sent"
    assert push_waiting().sent == 0


def test_what_is_not_taken_waits_longer_each_time_and_is_given_up(
    cast: Cast, make: Makes, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_TRIES = 4
    hook(cast, receiver.url, "registered")
    make.registered()
    receiver.status = 503
    waits = []
    for _ in range(3):
        assert push_waiting().again == 1
        assert push_waiting().again == 0, "not before its time"
        row = Delivery.objects.get()
        assert row.not_before is not None
        waits.append(round((row.not_before - timezone.now()).total_seconds() / 60))
        Delivery.objects.update(not_before=None)
    assert waits == [1, 2, 4]
    assert push_waiting().failed == 1
    row = Delivery.objects.get()
    assert (row.state, row.tries, row.failure) == ("failed", 4, "对方回答 503")
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 1
    receiver.status = 200
    assert webhooks.send_again(cast.security_admin) == 1
    assert push_waiting().sent == 1


def test_a_system_that_is_down_does_not_keep_the_others_waiting(cast: Cast, make: Makes, receiver: Receiver) -> None:
    hook(cast, "http://127.0.0.1:9/", "registered")
    hook(cast, receiver.url, "registered")
    for _ in range(3):
        make.registered()
    done = push_waiting()
    assert (done.sent, done.again) == (3, 1)
    assert sorted(Delivery.objects.filter(state="waiting").values_list("tries", flat=True)) == [0, 0, 1]


def test_a_stopped_system_is_left_in_peace(cast: Cast, make: Makes, receiver: Receiver) -> None:
    row, _ = hook(cast, receiver.url, "registered")
    make.registered()
    more = {"name": row.name, "url": row.url, "stages": row.stages, "by": cast.security_admin}
    webhooks.edit(row, active=False, **more)  # type: ignore[arg-type]
    assert push_waiting().sent == 0
    webhooks.edit(row, active=True, **more)  # type: ignore[arg-type]
    assert push_waiting().sent == 1


def test_what_was_delivered_long_ago_is_forgotten(cast: Cast, make: Makes, receiver: Receiver) -> None:
    hook(cast, receiver.url, "registered")
    make.registered()
    push_waiting()
    assert forget_sent(timezone.now()) == 0
    assert forget_sent(timezone.now() + timedelta(days=31)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_row_once(cast: Cast, make: Makes, receiver: Receiver) -> None:
    hook(cast, receiver.url, "registered")
    for _ in range(6):
        make.registered()
    sent: list[int] = []

    def work() -> None:
        sent.append(push_waiting().sent)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 6
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == len(receiver.told) == 6


# --- where it is not sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://oa.example.cn/", "http://10.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "oa.example.cn",
        "https://user:pw@oa.example.cn/", "https://oa.example.cn/#a", "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/", "https://[fe80::1]/", "https://[fd00:ec2::254]/", "https://[::ffff:169.254.169.254]/",
        "https://0.0.0.0/", "https://224.0.0.1/", "https://255.255.255.255/", "https://oa.example.cn/ a",
        "https://oa.example.cn/\r\nX: y", "https://oa.example.cn:99999/", "https://oa.example.cn:0/", "https://办公.cn/",
        "http://127.0.0.1.example.cn/", "http://localhost.example.cn/", "https://a\\b/", "gopher://127.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_told_is_not_taken(cast: Cast, url: str) -> None:
    with pytest.raises(BadInput):
        hook(cast, url)
    with pytest.raises(posting.NotDelivered):
        posting.post(url, b"{}", {})
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://oa.example.cn/hook", "https://10.1.2.3:8443/a?b=c", "http://127.0.0.1:8000/", "http://[::1]/"]
)
def test_the_offices_own_network_may_be_told(cast: Cast, url: str) -> None:
    hook(cast, url)


@pytest.mark.parametrize("found", ["169.254.169.254", "100.100.100.200", "fe80::1", "0.0.0.0"])
def test_a_name_that_turns_out_to_mean_a_barred_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("10.0.0.1", found)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: pytest.fail("it was connected to"))
    with pytest.raises(posting.NotDelivered, match="不能推送"):
        posting.post("https://oa.example.cn/", b"{}", {})


def test_plain_http_to_a_name_that_is_not_this_machine_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
    with pytest.raises(posting.NotDelivered):
        posting.post("http://localhost/", b"{}", {})
    assert posting.allowed(ipaddress.ip_address("127.0.0.1"), loopback_only=True)


def test_a_redirection_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers_more = 302, {"Location": receiver.url}
    with pytest.raises(posting.NotDelivered, match="没有照办"):
        posting.post(receiver.url, b"{}", {})
    assert len(receiver.told) == 1


def test_an_answer_that_drips_or_is_no_http_has_an_end() -> None:
    for drip in (b"", b"H", b"nonsense\r\n", b"x" * 5000):
        with _answering(drip) as port, pytest.raises(posting.NotDelivered):
            posting.post(f"http://127.0.0.1:{port}/", b"{}", {}, seconds=0.3)


class _answering:  # noqa: N801  (used as a context manager's name)
    """A line that says ``words`` and then nothing, without hanging up."""

    def __init__(self, words: bytes) -> None:
        self.words, self.line = words, socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()
        return int(self.line.getsockname()[1])

    def _answer(self) -> None:
        self.call, _ = self.line.accept()
        self.call.sendall(self.words)

    def __exit__(self, *error: Any) -> None:
        self.thread.join()
        self.call.close()
        self.line.close()


def test_a_machine_without_a_certificate_is_not_told(receiver: Receiver) -> None:
    with pytest.raises(posting.NotDelivered):
        posting.post(receiver.url.replace("http:", "https:"), b"{}", {}, seconds=2)
    assert not receiver.told


# --- who keeps it ------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_kept_sealed_and_changed_in_writing(cast: Cast, receiver: Receiver) -> None:
    row, secret = hook(cast, receiver.url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM petitions_webhook")
        assert secret.encode() not in bytes(cursor.fetchone()[0])
    other = webhooks.new_secret(row, by=cast.security_admin, reason="泄露")
    assert other != secret
    log = AccessLog.objects.filter(target=f"webhook:{row.pk}").order_by("pk")
    assert [one.data["what"] for one in log] == ["新增推送", "更换密钥"]
    assert secret not in str([one.data for one in log])


def test_it_is_the_security_administrators(cast: Cast, receiver: Receiver) -> None:
    row, _ = hook(cast, receiver.url)
    with pytest.raises(WrongPerson):
        webhooks.add(by=cast.system_admin, name="x", url=receiver.url, stages=[])
    with pytest.raises(WrongPerson):
        webhooks.send_again(cast.audit_admin)
    with pytest.raises(BadInput):
        webhooks.edit(row, by=cast.security_admin, name="x", url=row.url, stages=["nonsense"], active=True)


def test_the_page_of_failures_says_why_and_never_which_matter(
    cast: Cast, make: Makes, signed_in: SignIn, settings: Any
) -> None:
    settings.WEBHOOK_TRIES = 1
    hook(cast, "http://127.0.0.1:9/", "registered")
    petition = make.registered().petition
    push_waiting()
    client = signed_in(cast.security_admin)
    page = client.get("/manage/webhooks/failures/").content.decode()
    assert "连接不上" in page and "登记" in page
    assert petition.number not in page and petition.ref not in page
    assert client.post("/manage/webhooks/again/").status_code == 302
    assert Delivery.objects.get().state == "waiting"


def test_the_pages_add_change_and_stop_it(cast: Cast, signed_in: SignIn, receiver: Receiver) -> None:
    client = signed_in(cast.security_admin)
    said = {"name": "热线", "url": receiver.url, "stages": ["closed"], "reason": "对接"}
    page = client.post("/manage/webhooks/add/", said).content.decode()
    row = Webhook.objects.get()
    assert page.split("data-secret>")[1].split("<")[0] == row.secret
    assert client.post("/manage/webhooks/add/", said | {"url": "http://oa.example.cn/"}).status_code == 422
    assert client.post(f"/manage/webhooks/{row.pk}/", said | {"reason": "停用"}).status_code == 302
    row.refresh_from_db()
    assert row.active is False
    assert row.secret not in client.get(f"/manage/webhooks/{row.pk}/").content.decode()
    page = client.post(f"/manage/webhooks/{row.pk}/secret/", {"reason": "泄露"}).content.decode()
    assert Webhook.objects.get().secret in page


def test_a_test_is_signed_like_a_real_message_and_says_that_it_is_one(cast: Cast, receiver: Receiver) -> None:
    row, secret = hook(cast, receiver.url)
    assert webhooks.send_test(row, by=cast.security_admin) == webhooks.Answered(True, "对方回答 204，收到了")
    ((headers, body),) = receiver.told
    said = json.loads(body)
    assert (said["type"], said["test"]) == ("webhook.test", True)
    assert set(said) == {"type", "test", "time"}
    mark = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), mark, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(right).decode()}"
    log = AccessLog.objects.filter(target=f"webhook:{row.pk}").order_by("pk").last()
    assert log is not None and log.data["after"] == {"结果": "对方回答 204，收到了"}
    assert not Delivery.objects.exists()  # it is no change of a matter


def test_the_page_says_what_the_other_system_answered_to_a_test(
    cast: Cast, signed_in: SignIn, receiver: Receiver
) -> None:
    row, _ = hook(cast, receiver.url)
    client = signed_in(cast.security_admin)
    page = client.post(f"/manage/webhooks/{row.pk}/test/", follow=True).content.decode()
    assert "测试消息已送到：对方回答 204，收到了" in page
    receiver.status = 503
    page = client.post(f"/manage/webhooks/{row.pk}/test/", follow=True).content.decode()
    assert "测试消息没有送到：对方回答 503" in page
    assert len(receiver.told) == 2
    with pytest.raises(WrongPerson):
        webhooks.send_test(row, by=cast.system_admin)
    assert len(receiver.told) == 2


def test_the_body_is_the_same_at_every_try(cast: Cast, make: Makes, receiver: Receiver) -> None:
    hook(cast, receiver.url, "registered")
    petition = make.registered().petition
    row = Delivery.objects.get()
    first = payload(row)
    advance("triage", on=petition.filings.get(), by=cast.triage, kind="claim", category=cast.category, region=cast.region,
            place="", purpose="settle")  # fmt: skip
    assert Petition.objects.get(pk=petition.pk).stage == "triaged"
    assert payload(Delivery.objects.get(pk=row.pk)) == first
