"""How does a message leave the house?  E-mail by Django, SMS and chat by one small interface, a file where nothing else is set.

A gateway is one class with one method; settings SMS_BACKEND and CHAT_BACKEND name it.  The file backend writes one JSON
line a message under ``var/outbox`` (readable by the office's own login alone), for a gateway's own program to take.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string


class NotTaken(Exception):
    """The other side did not take a message; it may be tried again.  The words never hold an address."""


@dataclass(frozen=True)
class Message:
    """What leaves the house.

    Attributes:
        to: e-mail address, phone number or chat name.
        text: the whole message; it names no petitioner and, to a petitioner, no matter either.
        reference: stays the same when a message is tried again, so that a gateway can drop what it has already taken.
    """

    to: str
    text: str
    reference: str


class Channel(Protocol):
    """A way out of the house."""

    def send(self, message: Message) -> None:
        """Hand ``message`` over.

        Raises:
            NotTaken: it was not taken; any other exception counts as the same.
        """


class Email:
    """Django's e-mail backend (setting EMAIL_URL)."""

    def send(self, message: Message) -> None:
        """Send one plain-text mail; the subject says no more than that something waits."""
        mail = EmailMessage(
            subject="信访办理系统提醒", body=message.text, to=[message.to],
            headers={"Message-ID": f"<{message.reference}@xinfang.invalid>", "Auto-Submitted": "auto-generated"},
        )  # fmt: skip
        if mail.send() != 1:
            raise NotTaken("邮件服务器没有接收")


class Outbox:
    """A file for each channel, one JSON line a message."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.path = (folder or settings.OUTBOX_DIR) / f"{name}.jsonl"

    def send(self, message: Message) -> None:
        """Append ``message`` as one line, whole or not at all, whoever else writes."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(asdict(message) | {"at": timezone.now().isoformat()}, ensure_ascii=False) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)


def channel(name: str) -> Channel:
    """Return the way out called ``name`` (email, sms, chat)."""
    if name == "email":
        return Email()
    backend = {"sms": settings.SMS_BACKEND, "chat": settings.CHAT_BACKEND}[name]
    made: Channel = import_string(backend)(name)
    return made
