"""Which passwords are never taken?  Those that everybody knows because we printed them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

# The password of every invented person of the demo, on its sign-in page and in its documents.
DEMO = "Pujiang-2003"
PUBLISHED = frozenset({DEMO.casefold()})


class NotPublished:
    """A validator of Django's: refuses the demo's password, also with something before or after it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a published password."""
        said = password.casefold()
        if any(word in said for word in PUBLISHED):
            raise ValidationError("这是演示系统公开的密码，人人都知道，请换一个。", code="published")

    def get_help_text(self) -> str:
        """What to do, in words."""
        return "不能用演示系统公开的密码。"
