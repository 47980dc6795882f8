"""How is one sending taken only once?  The key of the header and the digest of what was sent, as the pages' forms have them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from rest_framework.request import Request

from accounts.api import actor_of
from petitions.actions.once import answered, once
from petitions.api.errors import RULE
from petitions.errors import BadInput

HEADER = "Idempotency-Key"
REPEATED = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,64}")


class Sending:
    """One POST: who sends it, its key and its body (``body``: what stands for one that is no JSON).

    Raises:
        BadInput: the header is missing or no key.
    """

    def __init__(self, request: Request, body: Mapping[str, object] | None = None) -> None:
        self.by = actor_of(request)
        self.said = cast(Mapping[str, Any], request.data)
        self.key = request.headers.get(HEADER, "")
        if not _KEY.fullmatch(self.key):
            sentence = f"请求头 {HEADER} 要写明这次提交的编号：1到64个可见 ASCII 字符，每次提交换一个。"
            raise BadInput({HEADER: sentence}, rule=RULE)
        self.body: dict[str, object] = {"path": request.path, "body": self.said if body is None else body}

    def before(self) -> dict[str, str] | None:
        """Return the answer that this very sending has had, also where it could not be sent a second time."""
        return answered(self.by, self.key, self.body)

    def run(self, act: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Do ``act`` unless this sending has been done; return its answer.

        Raises:
            KeyReused: the key came before with another body.
        """
        return once(self.by, self.key, self.body, act)[0]


def fresh(answer: Mapping[str, str], name: str = "code") -> str:
    """Return the secret ``name`` of an answer while it may still be told, else empty."""
    return answer.get(name, "") if float(answer.get("until") or 0) > time.time() else ""
