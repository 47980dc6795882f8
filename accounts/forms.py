"""What is typed to sign in and to change a password?"""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User


class SignInForm(forms.Form):
    """Name and password; nothing here says which of the two was wrong."""

    username = forms.CharField(
        label="帐号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """The old password and the new one, twice."""

    old = forms.CharField(
        label="现在的密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label="新密码", strip=False, help_text="至少10个字符，不能全是数字，不要用常见的密码。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label="再输一次新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user

    def clean_old(self) -> str:
        """The old password must be right."""
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError("现在的密码不对。")
        return old

    def clean_new(self) -> str:
        """The new one must be strong, and new."""
        new: str = self.cleaned_data["new"]
        if self.user.check_password(new):
            raise ValidationError("新密码不能与现在的相同。")
        validate_password(new, self.user)
        return new

    def clean_again(self) -> str:
        """Both must be the same."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new", again):
            raise ValidationError("两次输入的新密码不一样。")
        return again
