"""Which other systems are told when a matter's stage changes?  The security administrator's verbs."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import BadInput
from accounts.manage import changed, check_manages
from petitions import lifecycle, posting
from petitions.models import Delivery, Webhook

FAILED = "webhook:failed"  # what the log calls sending again
TEST = "webhook.test"  # the type of a message that is only a test


def target_of(row: Webhook) -> str:
    """How the log names one."""
    return f"webhook:{row.pk}"


def facts(row: Webhook) -> dict[str, object]:
    """Return its fields by their names on the page; never the secret."""
    stages = [lifecycle.STAGES.get(code, code) for code in row.stages]
    return {"系统": row.name, "地址": row.url, "阶段": stages or "全部", "启用": row.active}


def add(*, by: Actor, name: str, url: str, stages: Sequence[str], reason: str = "") -> tuple[Webhook, str]:
    """Tell another system from now on; return the row and the secret, shown this once.

    Raises:
        WrongPerson, BadInput: an address that cannot be told.
    """
    check_manages(by, "webhooks")
    _check(url, stages)
    secret = _new_secret()
    with transaction.atomic():
        row = Webhook.objects.create(name=name, url=url, stages=list(stages), secret=secret)
        changed(by, target_of(row), "新增推送", after=facts(row), reason=reason)
    return row, secret


def edit(
    row: Webhook, *, by: Actor, name: str, url: str, stages: Sequence[str], active: bool, reason: str = ""
) -> Webhook:
    """Change whom it tells and of what, or stop it; what waits while it is stopped goes when it is started again.

    Raises:
        WrongPerson, BadInput.
    """
    check_manages(by, "webhooks")
    _check(url, stages)
    with transaction.atomic():
        fresh = Webhook.objects.select_for_update().get(pk=row.pk)
        before = facts(fresh)
        fresh.name, fresh.url, fresh.stages, fresh.active = name, url, list(stages), active
        fresh.save(update_fields=["name", "url", "stages", "active"])
        changed(by, target_of(fresh), "修改推送", before=before, after=facts(fresh), reason=reason)
    return fresh


def new_secret(row: Webhook, *, by: Actor, reason: str) -> str:
    """Give it another secret and return that, shown this once; the old one signs nothing from now on.

    Raises:
        WrongPerson.
    """
    check_manages(by, "webhooks")
    secret = _new_secret()
    with transaction.atomic():
        fresh = Webhook.objects.select_for_update().get(pk=row.pk)
        fresh.secret = secret
        fresh.save(update_fields=["secret"])
        changed(by, target_of(fresh), "更换密钥", reason=reason)
    return secret


def send_again(by: Actor) -> int:
    """Let everything that was given up wait once more, and return how much: after the other system was mended.

    Raises:
        WrongPerson.
    """
    check_manages(by, "webhooks")
    with transaction.atomic():
        failed = Delivery.objects.filter(state=Delivery.State.FAILED)
        many = failed.update(state=Delivery.State.WAITING, tries=0, not_before=None, ended_at=None)
        if many:
            changed(by, FAILED, "再送没有送到的推送", after={"条数": many})
    return many


@dataclass(frozen=True)
class Answered:
    """What the other system said to a test: whether it took it, and the words for the page."""

    taken: bool
    words: str


def test_message() -> bytes:
    """Return what a test says: that it is one, and when; it is about no matter."""
    said = {"type": TEST, "test": True, "time": timezone.now().isoformat(timespec="seconds")}
    return json.dumps(said, ensure_ascii=False).encode()


def send_test(row: Webhook, *, by: Actor) -> Answered:
    """Send one message that is signed like a real one and marked as a test, at once and only once; also while stopped.

    No row is locked while the other side thinks; what it said is written down afterwards.

    Raises:
        WrongPerson.
    """
    check_manages(by, "webhooks")
    body = test_message()
    headers = posting.signed(row.secret, str(uuid.uuid4()), int(time.time()), body)
    try:
        said = Answered(taken=True, words=f"对方回答 {posting.post(row.url, body, headers)}，收到了")
    except posting.NotDelivered as refused:
        said = Answered(taken=False, words=str(refused))
    changed(by, target_of(row), "发测试消息", after={"结果": said.words})
    return said


def _new_secret() -> str:
    return posting.SECRET_MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def _check(url: str, stages: Sequence[str]) -> None:
    if wrong := posting.fault(url):
        raise BadInput({"url": wrong}, rule="推送地址")
    if unknown := [code for code in stages if code not in lifecycle.STAGES]:
        raise BadInput({"stages": f"没有{unknown[0]}这个阶段。"})
