"""The addresses of accounts."""

from __future__ import annotations

from django.urls import path

from accounts.display import set_display
from accounts.views import sessions

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sessions.sign_in, name="sign_in"),
    path("sign-out/", sessions.sign_out, name="sign_out"),
    path("post/", sessions.switch_post, name="switch_post"),
    path("password/", sessions.change_password, name="password"),
    path("display/", set_display, name="display"),
]
