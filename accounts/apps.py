"""Django's entry to the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, posts, departments, regions, sign-in, access log."""

    name = "accounts"
    verbose_name = "机构与人员"
